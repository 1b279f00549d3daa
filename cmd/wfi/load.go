package main

import (
	"context"
	"errors"
	"fmt"

	"example.com/shiftswfi/eligibility"
	"example.com/shiftswfi/store"
)

// maxTeamFile bounds a team file: some ten times the largest team that Shifts
// allows.
const maxTeamFile = 512 << 20

// storeFlags say which store a command works on.
type storeFlags struct {
	Redis  string `placeholder:"URL" help:"The store: redis://, rediss://, unix://, redis+sentinel:// or redis+cluster://. Without it the configuration counts."`
	Config string `short:"c" placeholder:"FILE" help:"The configuration that names the store. Without it the variables WFI_CONFIG and WFI_REDIS count."`
}

// open connects to the store, which must be one that other processes see.
func (f storeFlags) open(p *process) (*store.Redis, error) {
	address := f.Redis
	if address == "" {
		address, _ = lookupEnv(p.environ, "WFI_REDIS")
	}
	file := f.Config
	if file == "" {
		file, _ = lookupEnv(p.environ, "WFI_CONFIG")
	}
	if address == "" && file != "" {
		config, err := LoadConfig(ConfigFlags{Config: file}, p.environ)
		if err != nil {
			return nil, err
		}
		address = string(config.Redis)
	}
	if address == "" {
		return nil, errors.New("no store is named: give --redis URL (the embedded store of a server cannot be reached from outside it; use serve --load)")
	}
	return store.Open(store.Config{URL: address})
}

// loadCmd is wfi load.
type loadCmd struct {
	storeFlags
	Missing bool     `help:"Leave teams that the store has already as they are."`
	JSON    bool     `name:"json" help:"Print JSON."`
	Files   []string `arg:"" name:"file" help:"Team files."`
}

// Help is shown by wfi load --help.
func (loadCmd) Help() string {
	return `Puts teams into the store, each whole or not at all. A team that is there already is replaced. Nothing is stored of any file unless all can be read.

Example:

    wfi load --redis redis://127.0.0.1:6379/0 team.json`
}

// loaded is what is said of a team that was loaded.
type loaded struct {
	File     string                `json:"file"`
	Team     string                `json:"team"`
	Name     string                `json:"name"`
	Entities int                   `json:"entities"`
	Warnings []eligibility.Warning `json:"warnings"`
}

// Run loads the files.
func (c *loadCmd) Run(ctx context.Context, p *process) error {
	teams, err := readTeamFiles(c.Files)
	if err != nil {
		return err
	}
	target, err := c.open(p)
	if err != nil {
		return err
	}
	defer target.Close()
	report := []loaded{}
	for i, team := range teams {
		if c.Missing {
			_, err := target.Team(ctx, team.ID)
			if err == nil {
				continue
			}
			if !errors.Is(err, eligibility.ErrTeamNotFound) {
				return err
			}
		}
		if err := target.Import(ctx, team); err != nil {
			return fmt.Errorf("%s: %w; the files before it are stored, it and those after it are not", c.Files[i], err)
		}
		l := describeLoaded(c.Files[i], team)
		report = append(report, l)
		if !c.JSON {
			fmt.Fprintf(p.stdout, "%s: team %s (%s), %d entities\n", l.File, printable(l.Team), printable(l.Name), l.Entities)
			for _, w := range l.Warnings {
				fmt.Fprintf(p.stdout, "  %s: %s\n", printable(w.Path), w.Message)
			}
		}
	}
	if c.JSON {
		return printJSON(p.stdout, report)
	}
	return nil
}

func describeLoaded(file string, team *eligibility.Team) loaded {
	l := loaded{
		File: file, Team: team.ID, Name: team.DisplayName,
		Entities: len(team.File().Entities), Warnings: team.Warnings(),
	}
	if l.Warnings == nil {
		l.Warnings = []eligibility.Warning{}
	}
	return l
}

// readTeamFiles reads all files, or none: the error then names every problem
// of the first file that has any.
func readTeamFiles(files []string) ([]*eligibility.Team, error) {
	teams := make([]*eligibility.Team, len(files))
	for i, file := range files {
		team, err := readTeamFile(file)
		if err != nil {
			return nil, err
		}
		teams[i] = team
	}
	return teams, nil
}

func readTeamFile(path string) (*eligibility.Team, error) {
	data, err := readFile(path, maxTeamFile)
	if err != nil {
		return nil, fmt.Errorf("read team file %s: %w", path, err)
	}
	team, err := eligibility.ParseTeam(data)
	if err != nil {
		return nil, fmt.Errorf("team file %s is refused, nothing is stored:\n%w", path, err)
	}
	return team, nil
}
