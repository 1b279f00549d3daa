package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"example.com/shiftswfi/eligibility"
)

// exportCmd is wfi export.
type exportCmd struct {
	storeFlags
	Team string `arg:"" help:"Id of the team."`
}

// Help is shown by wfi export --help.
func (exportCmd) Help() string {
	return `Prints the team file of a team as the store has it now.

Example:

    wfi export --redis redis://127.0.0.1:6379/0 $TEAM > team.json`
}

// Run prints the file.
func (c *exportCmd) Run(ctx context.Context, p *process) error {
	source, err := c.open(p)
	if err != nil {
		return err
	}
	defer source.Close()
	file, err := source.Export(ctx, c.Team)
	if errors.Is(err, eligibility.ErrTeamNotFound) {
		return fmt.Errorf("the store has no team %s: load it with wfi load", c.Team)
	}
	if err != nil {
		return err
	}
	document, err := json.MarshalIndent(file, "", "  ")
	if err != nil {
		return err
	}
	_, err = p.stdout.Write(append(document, '\n'))
	return err
}
