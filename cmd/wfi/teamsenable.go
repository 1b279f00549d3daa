package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"example.com/shiftswfi/store/graph"
)

// teamsEnableCmd is wfi teams enable.
type teamsEnableCmd struct {
	teamsFlags
	TimeZone string `placeholder:"ZONE" help:"Set up Shifts, in this time zone, for teams that have no schedule yet, such as Europe/Berlin."`
	Replace  bool   `help:"Take the place of another integration. A schedule has one at most."`
}

// Help is shown by wfi teams enable --help.
func (teamsEnableCmd) Help() string {
	return `Reads the schedule of each team, sends it back with the workforce integration and every other setting as it was, and waits until Shifts has set it up. A team that has the integration already is left alone, so that the command can be run again; one that has another is only changed with --replace. A team that fails does not keep the others from being enabled; the exit code is then 1.

Needs the permissions Schedule.ReadWrite.All and, to look whether there is such an integration, WorkforceIntegration.Read.All; --all needs Team.ReadBasic.All.

Examples:

    wfi teams enable $TEAM --integration WFI_5b2c8a10-7d3e-4f61-9a0b-3c2d1e0f4a5b

    wfi teams enable --from teams.txt --integration $WFI --dry-run

    wfi teams enable --all --yes --integration $WFI --json | jq '.[] | select(.result == "failed")'`
}

// Validate checks what the parser cannot.
func (c *teamsEnableCmd) Validate() error {
	if c.TimeZone != "" {
		if c.All {
			return errors.New("--time-zone sets up Shifts for teams that have none: name these teams instead of --all")
		}
		if _, err := graph.Zone(c.TimeZone); err != nil {
			return fmt.Errorf("--time-zone: %w; expected a name such as Europe/Berlin", err)
		}
	}
	return c.teamsFlags.Validate()
}

// Run enables the teams.
func (c *teamsEnableCmd) Run(ctx context.Context, p *process) error {
	client, err := c.client(p)
	if err != nil {
		return err
	}
	integration, err := client.Integration(ctx, c.Integration)
	switch {
	case errors.Is(err, graph.ErrNotFound):
		return fmt.Errorf("the tenant has no workforce integration %s: wfi integration list shows those that it has", oneLine(c.Integration))
	case errors.Is(err, graph.ErrForbidden):
		// Teams can be enabled without the permission to look.
	case err != nil:
		return err
	default:
		c.Integration = integration.ID // as the schedules have it, however it was typed
	}
	if err == nil && !integration.IsActive {
		fmt.Fprintln(p.stderr, "note: the integration is not active; Shifts calls no endpoint of it before wfi integration update --active")
	}
	teams, err := c.teams(ctx, p, client, "Give the integration to all teams with Shifts among the %d of the tenant?")
	if err != nil {
		return err
	}
	return c.report(p, c.change(ctx, p, teams, func(team string) (teamOutcome, error) { return c.enable(ctx, client, team) }))
}

// enable enables one team.
func (c *teamsEnableCmd) enable(ctx context.Context, client *graph.Client, team string) (teamOutcome, error) {
	schedule, err := c.schedule(ctx, client, team)
	if err != nil {
		return teamOutcome{}, err
	}
	zone, err := graph.Zone(schedule.TimeZone)
	if err != nil {
		return teamOutcome{}, fmt.Errorf("%w, and no rule could be decided in it; choose another in the settings of Shifts", err)
	}
	has := c.isFirstOf(schedule)
	if others := schedule.WorkforceIntegrationIDs; !has && len(others) > 0 && !c.Replace {
		return teamOutcome{}, fmt.Errorf("the schedule has the workforce integration %s, and it can have only one; put yours in its place with --replace",
			oneLine(strings.Join(others, ", ")))
	}
	hadFailed := hasFailed(schedule)
	outcome := teamOutcome{Result: teamEnabled, Detail: zone}
	switch {
	case has && schedule.Enabled && !hadFailed:
		outcome = teamOutcome{Result: teamUnchanged, Detail: "it has the integration already"}
		if schedule.Provisioned() || c.DryRun {
			return outcome, nil
		}
	default:
		schedule.Enabled = true
		ids := []string{c.Integration}
		if c.DryRun {
			return c.plan(team, schedule, ids)
		}
		if err := client.SetScheduleIntegrations(ctx, team, schedule, ids); err != nil {
			return teamOutcome{}, err
		}
	}
	return outcome, c.awaitEnabled(ctx, client, team, hadFailed)
}

// schedule reads the schedule of a team, or makes one if there is none and
// --time-zone allows it.
func (c *teamsEnableCmd) schedule(ctx context.Context, client *graph.Client, team string) (*graph.Schedule, error) {
	// Not what Windows calls it: the reference of Microsoft Graph asks for
	// names of the IANA database.
	zone, _ := graph.Zone(c.TimeZone) // Validate has looked
	schedule, err := client.Schedule(ctx, team)
	switch {
	case errors.Is(err, graph.ErrNotFound) && zone != "":
		return &graph.Schedule{TimeZone: zone}, nil
	case errors.Is(err, graph.ErrNotFound):
		return nil, fmt.Errorf("%w; if the team has no Shifts yet, --time-zone sets it up", err)
	case err != nil:
		return nil, err
	case schedule.TimeZone == "" && zone == "":
		return nil, errors.New("the schedule has no time zone; give it one with --time-zone or in the settings of Shifts")
	case schedule.TimeZone == "":
		schedule.TimeZone = zone
	}
	return schedule, nil
}

// isFirstOf tells that Shifts takes the integration for the schedule: of
// several it takes the first.
func (c *teamsEnableCmd) isFirstOf(schedule *graph.Schedule) bool {
	return len(schedule.WorkforceIntegrationIDs) > 0 && strings.EqualFold(schedule.WorkforceIntegrationIDs[0], c.Integration)
}

func hasFailed(schedule *graph.Schedule) bool {
	return strings.EqualFold(schedule.ProvisionStatus, "failed")
}

// oldReadings is how many readings of a schedule that had failed before may say
// so still, although Shifts is at it again.
const oldReadings = 5

// awaitEnabled waits until Shifts has set up the schedule with the integration.
func (c *teamsEnableCmd) awaitEnabled(ctx context.Context, client *graph.Client, team string, hadFailed bool) error {
	if c.Wait == 0 {
		return nil
	}
	readings := 0
	schedule, err := c.await(ctx, client, team, func(schedule *graph.Schedule) bool {
		readings++
		hadFailed = hadFailed && hasFailed(schedule)
		if hasFailed(schedule) && (!hadFailed || readings > oldReadings) {
			return true
		}
		return schedule.Provisioned() && c.isFirstOf(schedule)
	})
	switch {
	case err != nil && !errors.Is(err, errWaited):
		return fmt.Errorf("the integration was accepted, but: %w", err)
	case !c.isFirstOf(schedule):
		return errors.New("the integration was accepted, but the schedule does not have it; somebody else may have changed it: look with wfi teams list")
	case hasFailed(schedule):
		return fmt.Errorf("it has the integration, but: %w", &graph.ProvisionError{Team: team, Code: schedule.ProvisionStatusCode})
	case err != nil:
		return fmt.Errorf("it has the integration, but Shifts has not set up the schedule within %v; it goes on by itself: look later with wfi teams list, or wait longer with --wait", c.Wait)
	}
	return nil
}

// plan is the outcome of --dry-run.
func (f *teamsFlags) plan(team string, schedule *graph.Schedule, ids []string) (teamOutcome, error) {
	body, err := schedule.Body(ids)
	if err != nil {
		return teamOutcome{}, err
	}
	return teamOutcome{Result: teamPlanned, Request: new(f.planned(http.MethodPut, body, "teams", team, "schedule"))}, nil
}
