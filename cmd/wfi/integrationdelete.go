package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"example.com/shiftswfi/store/graph"
)

// integrationDeleteCmd is wfi integration delete.
type integrationDeleteCmd struct {
	Yes bool `short:"y" help:"Do not ask."`
	changeFlags
	graphFlags `group:"Microsoft Graph:"`
	ID         string `arg:"" help:"Id of the workforce integration."`
}

// Help is shown by wfi integration delete --help.
func (integrationDeleteCmd) Help() string {
	return `Looks at the schedules of all teams first, says which of them still use the integration, and asks. Needs the permission WorkforceIntegration.ReadWrite.All, and for the look at the teams Team.ReadBasic.All and Schedule.Read.All.

Examples:

    wfi integration delete WFI_5b2c8a10-7d3e-4f61-9a0b-3c2d1e0f4a5b

    wfi integration delete $WFI --yes --json | jq .teams`
}

// An integrationUse is what is known of the teams that use an integration.
type integrationUse struct {
	Teams   []graph.Team `json:"teams"`   // they use it
	Unknown []unread     `json:"unknown"` // they may
}

// unread is a team whose schedule could not be read, or all teams, without id.
type unread struct {
	graph.Team
	Reason string `json:"reason"`
}

// integrationDeletion is what --json prints.
type integrationDeletion struct {
	ID          string          `json:"id"`
	DisplayName string          `json:"displayName"`
	Deleted     bool            `json:"deleted"`
	Request     *plannedRequest `json:"request,omitempty"` // of --dry-run
	integrationUse
}

// Run says what would lose the integration, asks and deletes.
func (c *integrationDeleteCmd) Run(ctx context.Context, p *process) error {
	if !c.Yes && !c.DryRun && !p.terminal {
		return misuse{errors.New("nobody can be asked without a terminal: give --yes to delete, or --dry-run to see what would lose it")}
	}
	client, err := c.client(p)
	if err != nil {
		return err
	}
	integration, err := client.Integration(ctx, c.ID)
	if err != nil {
		return err
	}
	result := integrationDeletion{ID: integration.ID, DisplayName: integration.DisplayName}
	if result.integrationUse, err = usedBy(ctx, client, integration.ID, p.progress("Looking at the schedules of teams")); err != nil {
		return err
	}
	result.tell(p)
	if c.DryRun {
		request := c.planned(http.MethodDelete, nil, "teamwork", "workforceIntegrations", integration.ID)
		if result.Request = &request; c.JSON {
			return printJSON(p.stdout, result)
		}
		return request.print(p.stdout, false)
	}
	if !c.Yes {
		agreed, err := p.confirm(ctx, fmt.Sprintf("Delete %s (%s)?", oneLine(result.ID), oneLine(result.DisplayName)))
		if err != nil {
			return err
		}
		if !agreed {
			return errors.New("nothing is deleted")
		}
	}
	// After a lost answer the try that follows finds nothing any more.
	if err := client.DeleteIntegration(ctx, integration.ID); err != nil && !errors.Is(err, graph.ErrNotFound) {
		return err
	}
	if result.Deleted = true; c.JSON {
		return printJSON(p.stdout, result)
	}
	_, err = fmt.Fprintf(p.stdout, "Deleted %s (%s). The endpoint's configuration can go, too.\n", oneLine(result.ID), oneLine(result.DisplayName))
	return err
}

// usedBy finds the teams that use an integration. That a team may not be looked
// at, or none of them, is no error.
func usedBy(ctx context.Context, client *graph.Client, id string, report func(done, total int)) (integrationUse, error) {
	used := integrationUse{Teams: []graph.Team{}, Unknown: []unread{}}
	teams, err := client.Teams(ctx)
	if errors.Is(err, graph.ErrForbidden) {
		used.Unknown = append(used.Unknown, unread{Reason: reason(err)})
		return used, nil
	}
	if err != nil {
		return used, err
	}
	schedules, err := readSchedules(ctx, client, teams, report)
	if err != nil {
		return used, err
	}
	for _, team := range schedules {
		switch {
		case errors.Is(team.Err, graph.ErrNotFound): // it has no Shifts
		case team.Err != nil:
			used.Unknown = append(used.Unknown, unread{team.Team, reason(team.Err)})
		case hasIntegration(team.Schedule, id):
			used.Teams = append(used.Teams, team.Team)
		}
	}
	return used, nil
}

// reason is why a team could not be looked at, and what can be done about it.
// It is the same text for all teams with the same cause.
func reason(err error) string {
	why := err.Error()
	if e := (*graph.Error)(nil); errors.As(err, &e) && e.Status != 0 {
		why = fmt.Sprintf("Microsoft Graph answered %d %s", e.Status, http.StatusText(e.Status))
	}
	if advice := graph.Advice(err); advice != "" {
		why += "; " + advice
	}
	return why
}

// tell says on standard error what is known of the teams.
func (u integrationUse) tell(p *process) {
	if len(u.Teams) == 0 && len(u.Unknown) == 0 {
		fmt.Fprintln(p.stderr, "No team uses it.")
	}
	if len(u.Teams) > 0 {
		fmt.Fprintf(p.stderr, "Teams that use it, and whose changes nobody would decide: %d\n", len(u.Teams))
		for _, team := range u.Teams {
			fmt.Fprintf(p.stderr, "  %s  %s\n", oneLine(team.ID), oneLine(team.DisplayName))
		}
	}
	// One cause is said once, however many teams it keeps from being read.
	var reasons []string
	byReason := map[string][]string{}
	for _, team := range u.Unknown {
		name := "all teams"
		if team.ID != "" {
			name = oneLine(team.ID) + "  " + oneLine(team.DisplayName)
		}
		if byReason[team.Reason] == nil {
			reasons = append(reasons, team.Reason)
		}
		byReason[team.Reason] = append(byReason[team.Reason], name)
	}
	for _, why := range reasons {
		fmt.Fprintf(p.stderr, "Could not be looked at (%s):\n  %s\n", why, strings.Join(byReason[why], "\n  "))
	}
}
