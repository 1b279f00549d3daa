package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"golang.org/x/sync/errgroup"

	"example.com/shiftswfi/store/graph"
)

// teamsCmd is wfi teams.
type teamsCmd struct {
	Enable  teamsEnableCmd  `cmd:"" help:"Give teams the workforce integration."`
	Disable teamsDisableCmd `cmd:"" help:"Take the workforce integration away from teams."`
	List    teamsListCmd    `cmd:"" help:"List teams with the state of their schedules."`
}

const (
	// teamsAtOnce is how many teams are changed at a time.
	teamsAtOnce = 4

	// changeAttempts is how often a schedule is read and changed if somebody
	// else changes it in between.
	changeAttempts = 3

	maxTeamList = 16 << 20 // bytes of a list of team ids
)

// teamsFlags are those of the commands that change teams.
type teamsFlags struct {
	Integration string `required:"" placeholder:"ID" help:"Id of the workforce integration; wfi integration list shows it."`
	From        string `placeholder:"FILE" help:"Take the ids of the teams from a file, one a line, or from standard input if it is -."`
	All         bool   `help:"All teams of the tenant that have Shifts. Asks first."`
	Yes         bool   `short:"y" help:"Do not ask."`

	Wait time.Duration `default:"2m" placeholder:"TIME" help:"How long to wait until each schedule has become as it should be (default ${default}). 0s: do not look."`
	Poll time.Duration `default:"2s" placeholder:"TIME" help:"How long to pause before looking again (default ${default})."`

	changeFlags
	graphFlags `group:"Microsoft Graph:"`
	Teams      []string `arg:"" optional:"" name:"team" help:"Ids of the teams."`
}

// Validate checks what the parser cannot.
func (f *teamsFlags) Validate() error {
	if f.Wait < 0 || f.Poll <= 0 {
		return errors.New("expected a --wait of 0s or more, and a --poll of more")
	}
	given := 0
	for _, is := range []bool{len(f.Teams) > 0, f.From != "", f.All} {
		if is {
			given++
		}
	}
	if given != 1 {
		return errors.New("expected ids of teams, --from FILE or --all, and only one of these")
	}
	return nil
}

// teams are those that the flags name. If they are all, the person at the
// terminal has agreed to the question, which has a %d for their number.
func (f *teamsFlags) teams(ctx context.Context, p *process, client *graph.Client, question string) ([]graph.Team, error) {
	if f.All {
		teams, err := client.Teams(ctx)
		if err != nil || f.Yes || f.DryRun {
			return teams, err
		}
		if !p.terminal {
			return nil, misuse{errors.New("--all: nobody is there to be asked: give --yes, too")}
		}
		agreed, err := p.confirm(ctx, fmt.Sprintf(question, len(teams)))
		if err == nil && !agreed {
			err = errors.New("nothing is changed")
		}
		return teams, err
	}
	ids := f.Teams
	if f.From != "" {
		var err error
		if ids, err = readTeamIDs(ctx, p, f.From); err != nil {
			return nil, err
		}
	}
	return teamsOf(ids), nil
}

// teamsOf makes teams of ids, each once.
func teamsOf(ids []string) []graph.Team {
	var teams []graph.Team
	seen := map[string]bool{}
	for _, id := range ids {
		if key := strings.ToLower(id); !seen[key] {
			seen[key] = true
			teams = append(teams, graph.Team{ID: id})
		}
	}
	return teams
}

// readTeamIDs reads a file with an id a line. Empty lines and those that begin
// with # do not count.
func readTeamIDs(ctx context.Context, p *process, file string) ([]string, error) {
	var data []byte
	var err error
	if file == "-" {
		data, err = readInput(ctx, p.stdin, maxTeamList)
	} else if data, err = readFile(file, maxTeamList); err != nil {
		err = fmt.Errorf("read %s: %w", file, err)
	}
	if err != nil {
		return nil, err
	}
	var ids []string
	lines := bufio.NewScanner(bytes.NewReader(data))
	for lines.Scan() {
		if id := strings.TrimSpace(lines.Text()); id != "" && !strings.HasPrefix(id, "#") {
			ids = append(ids, id)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read %s: a line is no team id: %w", file, err)
	}
	if len(ids) == 0 {
		return nil, fmt.Errorf("%s names no team: expected an id a line", file)
	}
	return ids, nil
}

// The results of a command for a team.
const (
	teamEnabled   = "enabled"
	teamDisabled  = "disabled"
	teamUnchanged = "unchanged" // nothing was to be done
	teamPlanned   = "planned"   // by --dry-run
	teamSkipped   = "skipped"   // of all teams, it has no Shifts
	teamFailed    = "failed"
	teamUntried   = "untried" // after an error that every team would have met
)

// A teamOutcome is what became of a team.
type teamOutcome struct {
	ID      string          `json:"id"`
	Name    string          `json:"displayName,omitempty"` // known of all teams only
	Result  string          `json:"result"`
	Detail  string          `json:"detail,omitempty"`
	Request *plannedRequest `json:"request,omitempty"`
	Error   string          `json:"error,omitempty"`
	Advice  string          `json:"advice,omitempty"`

	err error
}

// change changes teams, a few at a time, and shows how far it has come. A
// schedule that somebody else changes meanwhile is read and changed again. The
// outcomes are in the order of the teams.
func (f *teamsFlags) change(ctx context.Context, p *process, teams []graph.Team, one func(team string) (teamOutcome, error)) []teamOutcome {
	outcomes := make([]teamOutcome, len(teams))
	progress := p.progress("teams")
	progress(0, len(teams))
	var mu sync.Mutex
	done, stop := 0, false
	var group errgroup.Group
	group.SetLimit(teamsAtOnce)
	for i, team := range teams {
		mu.Lock()
		stopped := stop
		mu.Unlock()
		outcomes[i] = teamOutcome{ID: team.ID, Name: team.DisplayName, Result: teamUntried}
		if stopped || ctx.Err() != nil {
			continue
		}
		group.Go(func() error {
			err := f.changeOne(ctx, &outcomes[i], one)
			mu.Lock()
			defer mu.Unlock()
			stop = stop || concernsAll(err)
			done++
			progress(done, len(teams))
			return nil // the other teams go on
		})
	}
	_ = group.Wait() // the outcomes have the errors
	progress(len(teams), len(teams))
	return outcomes
}

// changeOne changes a team and completes its outcome.
func (f *teamsFlags) changeOne(ctx context.Context, outcome *teamOutcome, one func(team string) (teamOutcome, error)) error {
	var became teamOutcome
	var err error
	for range changeAttempts {
		if became, err = one(outcome.ID); !errors.Is(err, graph.ErrConflict) {
			break
		}
	}
	outcome.Result, outcome.Detail, outcome.Request = became.Result, became.Detail, became.Request
	if err == nil {
		return nil
	}
	if f.All && errors.Is(err, graph.ErrNotFound) {
		outcome.Result, outcome.Detail = teamSkipped, "it has no Shifts, or may not be seen"
		return nil
	}
	if ctx.Err() != nil {
		err = errors.New("interrupted; run it again: a team that is done is left as it is")
	}
	outcome.Result, outcome.Detail, outcome.Request = teamFailed, "", nil
	outcome.Error, outcome.Advice, outcome.err = err.Error(), graph.Advice(err), err
	return err
}

// await reads the schedule of a team until it is settled, or --wait is over. It
// gives the last reading; the error is [errWaited] if that is not settled.
func (f *teamsFlags) await(ctx context.Context, client *graph.Client, team string, settled func(*graph.Schedule) bool) (*graph.Schedule, error) {
	over := time.After(f.Wait)
	for {
		schedule, err := client.Schedule(ctx, team)
		if err != nil {
			return nil, err
		}
		if settled(schedule) {
			return schedule, nil
		}
		select {
		case <-ctx.Done():
			return schedule, ctx.Err()
		case <-over:
			return schedule, errWaited
		case <-time.After(f.Poll):
		}
	}
}

// report prints the outcomes. Its error says which teams failed, and why.
func (f *teamsFlags) report(p *process, outcomes []teamOutcome) error {
	var err error
	if f.JSON {
		err = printJSON(p.stdout, outcomes)
	} else {
		err = printOutcomes(p.stdout, outcomes)
	}
	if err != nil {
		return err
	}
	return failures(outcomes)
}

func printOutcomes(w io.Writer, outcomes []teamOutcome) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, o := range outcomes {
		if o.Request == nil {
			row := []string{oneLine(o.ID), oneLine(o.Name), o.Result, oneLine(o.Detail)}
			row = slices.DeleteFunc(row, func(text string) bool { return text == "" })
			fmt.Fprintln(table, strings.Join(row, "\t"))
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, o := range outcomes {
		if o.Request != nil {
			if err := o.Request.print(w, false); err != nil {
				return err
			}
		}
	}
	return nil
}

// failures is the error of the teams that failed, nil if none did. What to do
// about it stands once for those that it is the same for.
func failures(outcomes []teamOutcome) error {
	var failed []teamOutcome
	untried := 0
	for _, o := range outcomes {
		switch o.Result {
		case teamFailed:
			failed = append(failed, o)
		case teamUntried:
			untried++
		}
	}
	switch {
	case len(failed)+untried == 0:
		return nil
	case len(outcomes) == 1 && len(failed) == 1:
		return fmt.Errorf("team %s: %w", oneLine(failed[0].ID), failed[0].err)
	}
	var text strings.Builder
	fmt.Fprintf(&text, "%d of %d teams failed", len(failed), len(outcomes))
	if untried > 0 {
		fmt.Fprintf(&text, ", and %d were not tried", untried)
	}
	slices.SortStableFunc(failed, func(a, b teamOutcome) int { return strings.Compare(a.Advice, b.Advice) })
	for i, o := range failed {
		fmt.Fprintf(&text, "\n  %s: %s", oneLine(o.ID), o.Error)
		if o.Advice != "" && (i+1 == len(failed) || failed[i+1].Advice != o.Advice) {
			fmt.Fprintf(&text, "\n    -> %s", o.Advice)
		}
	}
	return errors.New(text.String())
}
