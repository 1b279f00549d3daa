package main

import (
	"context"
	"errors"
	"slices"
	"strings"

	"example.com/shiftswfi/store/graph"
)

// teamsDisableCmd is wfi teams disable.
type teamsDisableCmd struct {
	teamsFlags
}

// Help is shown by wfi teams disable --help.
func (teamsDisableCmd) Help() string {
	return `Reads the schedule of each team and, if the integration is there, sends it back without it and with every other setting as it was. Shifts then no longer asks the endpoint about these teams. A team that does not have the integration is left alone. The exit code is 1 if any team failed.

Needs the permission Schedule.ReadWrite.All; --all needs Team.ReadBasic.All.

Examples:

    wfi teams disable $TEAM --integration WFI_5b2c8a10-7d3e-4f61-9a0b-3c2d1e0f4a5b

    wfi teams list --integration $WFI --json | jq -r '.[].id' | wfi teams disable --from - --integration $WFI`
}

// Run disables the teams.
func (c *teamsDisableCmd) Run(ctx context.Context, p *process) error {
	client, err := c.client(p)
	if err != nil {
		return err
	}
	teams, err := c.teams(ctx, p, client, "Take the integration away from those of the %d teams of the tenant that have it?")
	if err != nil {
		return err
	}
	return c.report(p, c.change(ctx, p, teams, func(team string) (teamOutcome, error) { return c.disable(ctx, client, team) }))
}

// disable disables one team.
func (c *teamsDisableCmd) disable(ctx context.Context, client *graph.Client, team string) (teamOutcome, error) {
	schedule, err := client.Schedule(ctx, team)
	if err != nil {
		return teamOutcome{}, err
	}
	if !hasIntegration(schedule, c.Integration) {
		return teamOutcome{Result: teamUnchanged, Detail: "it does not have the integration"}, nil
	}
	if schedule.TimeZone == "" {
		return teamOutcome{}, errors.New("the schedule has no time zone, and cannot be changed without; choose one in the settings of Shifts")
	}
	others := slices.DeleteFunc(slices.Clone(schedule.WorkforceIntegrationIDs), func(id string) bool { return strings.EqualFold(id, c.Integration) })
	if c.DryRun {
		return c.plan(team, schedule, others)
	}
	if err := client.SetScheduleIntegrations(ctx, team, schedule, others); err != nil {
		return teamOutcome{}, err
	}
	return teamOutcome{Result: teamDisabled}, c.awaitDisabled(ctx, client, team)
}

// awaitDisabled waits until the schedule is without the integration. That an
// empty list takes it away is documented nowhere.
func (c *teamsDisableCmd) awaitDisabled(ctx context.Context, client *graph.Client, team string) error {
	if c.Wait == 0 {
		return nil
	}
	_, err := c.await(ctx, client, team, func(schedule *graph.Schedule) bool {
		return !hasIntegration(schedule, c.Integration)
	})
	if errors.Is(err, errWaited) {
		return errors.New("the request was accepted, but the schedule still has the integration; look again later with wfi teams list")
	}
	return err
}
