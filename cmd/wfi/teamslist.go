package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"example.com/shiftswfi/store/graph"
)

// teamsListCmd is wfi teams list.
type teamsListCmd struct {
	Integration string `placeholder:"ID" help:"Only teams whose schedules have this workforce integration."`
	JSON        bool   `name:"json" help:"Print JSON."`
	graphFlags  `group:"Microsoft Graph:"`
	Teams       []string `arg:"" optional:"" name:"team" help:"Ids of the teams. Without any it is all teams of the tenant."`
}

// Help is shown by wfi teams list --help.
func (teamsListCmd) Help() string {
	return `Reads the schedule of each team and prints whether it is on, in which time zone, how far Shifts has set it up, and which workforce integrations it has; with several Shifts takes the first. A team that has no Shifts, or whose schedule may not be read, is listed as such.

Needs the permissions Schedule.Read.All, Team.ReadBasic.All unless teams are named, and WorkforceIntegration.Read.All for the names of integrations.

Examples:

    wfi teams list

    wfi teams list --integration WFI_5b2c8a10-7d3e-4f61-9a0b-3c2d1e0f4a5b --json | jq -r '.[].id'`
}

// The states of Shifts in a team.
const (
	shiftsOn      = "on"
	shiftsOff     = "off"
	shiftsNone    = "none"      // the team has no schedule, or is not there
	shiftsHidden  = "no access" // to its schedule
	shiftsUnknown = "unknown"   // reading it failed
)

// A listedTeam is a team as it is printed.
type listedTeam struct {
	ID                  string              `json:"id"`
	Name                string              `json:"displayName,omitempty"` // known of all teams only
	Shifts              string              `json:"shifts"`
	TimeZone            string              `json:"timeZone,omitempty"`     // as Graph has it
	IANATimeZone        string              `json:"ianaTimeZone,omitempty"` // what wfi makes of it; empty: nothing
	ProvisionStatus     string              `json:"provisionStatus,omitempty"`
	ProvisionStatusCode string              `json:"provisionStatusCode,omitempty"`
	Integrations        []listedIntegration `json:"integrations"`
	Error               string              `json:"error,omitempty"`
	Advice              string              `json:"advice,omitempty"`
}

// A listedIntegration is an integration of a schedule.
type listedIntegration struct {
	ID   string `json:"id"`
	Name string `json:"displayName,omitempty"` // empty if it is not known
}

// Run prints the teams.
func (c *teamsListCmd) Run(ctx context.Context, p *process) error {
	client, err := c.client(p)
	if err != nil {
		return err
	}
	teams := teamsOf(c.Teams)
	if len(teams) == 0 {
		if teams, err = client.Teams(ctx); err != nil {
			return err
		}
	}
	names, err := integrationNames(ctx, client)
	if err != nil {
		return err
	}
	schedules, err := readSchedules(ctx, client, teams, p.progress("teams"))
	if err != nil {
		return err
	}
	listed := []listedTeam{}
	for _, schedule := range schedules {
		if c.Integration == "" || schedule.Schedule != nil && hasIntegration(schedule.Schedule, c.Integration) {
			listed = append(listed, describeTeam(schedule, names))
		}
	}
	if c.JSON {
		err = printJSON(p.stdout, listed)
	} else {
		err = printTeams(p.stdout, listed)
	}
	return cmp.Or(err, c.unreadable(p, schedules))
}

// integrationNames are the names of the integrations by id in lower case, none if they may
// not be read: the ids are what counts.
func integrationNames(ctx context.Context, client *graph.Client) (map[string]string, error) {
	integrations, err := client.Integrations(ctx)
	if errors.Is(err, graph.ErrForbidden) {
		return nil, nil
	}
	names := map[string]string{}
	for _, integration := range integrations {
		names[strings.ToLower(integration.ID)] = integration.DisplayName
	}
	return names, err
}

func describeTeam(team teamSchedule, names map[string]string) listedTeam {
	listed := listedTeam{ID: team.ID, Name: team.DisplayName, Integrations: []listedIntegration{}}
	switch schedule := team.Schedule; {
	case errors.Is(team.Err, graph.ErrNotFound):
		listed.Shifts = shiftsNone
	case team.Err != nil:
		listed.Shifts = shiftsUnknown
		if errors.Is(team.Err, graph.ErrForbidden) {
			listed.Shifts = shiftsHidden
		}
		listed.Error, listed.Advice = team.Err.Error(), graph.Advice(team.Err)
	default:
		listed.Shifts = shiftsOff
		if schedule.Enabled {
			listed.Shifts = shiftsOn
		}
		listed.TimeZone = schedule.TimeZone
		listed.IANATimeZone, _ = graph.Zone(schedule.TimeZone)
		listed.ProvisionStatus, listed.ProvisionStatusCode = schedule.ProvisionStatus, schedule.ProvisionStatusCode
		for _, id := range schedule.WorkforceIntegrationIDs {
			listed.Integrations = append(listed.Integrations, listedIntegration{ID: id, Name: names[strings.ToLower(id)]})
		}
	}
	return listed
}

func printTeams(w io.Writer, teams []listedTeam) error {
	if len(teams) == 0 {
		_, err := fmt.Fprintln(w, "No teams.")
		return err
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "TEAM\tNAME\tSHIFTS\tTIME ZONE\tSET UP\tINTEGRATION")
	for _, team := range teams {
		columns := []string{team.ID, team.Name, team.Shifts, team.zone(), team.provision(), team.integrations()}
		for i := range columns {
			columns[i] = cmp.Or(oneLine(columns[i]), "-")
		}
		fmt.Fprintln(table, strings.Join(columns, "\t"))
	}
	return table.Flush()
}

func (t listedTeam) zone() string {
	switch t.TimeZone {
	case "", t.IANATimeZone:
		return t.TimeZone
	}
	return fmt.Sprintf("%s (%s)", t.TimeZone, cmp.Or(t.IANATimeZone, "unknown: choose another in the settings of Shifts"))
}

func (t listedTeam) provision() string {
	text := strings.ToLower(t.ProvisionStatus)
	if t.ProvisionStatusCode != "" {
		text += ": " + t.ProvisionStatusCode
	}
	return text
}

func (t listedTeam) integrations() string {
	var texts []string
	for _, integration := range t.Integrations {
		text := integration.ID
		if integration.Name != "" {
			text = fmt.Sprintf("%s (%s)", integration.Name, integration.ID)
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, ", ")
}

// unreadable is the error of the teams whose schedules could not be read. That
// they may not be read is none, unless it holds for all.
func (c *teamsListCmd) unreadable(p *process, schedules []teamSchedule) error {
	var failed, hidden []teamSchedule
	for _, schedule := range schedules {
		switch {
		case errors.Is(schedule.Err, graph.ErrForbidden):
			hidden = append(hidden, schedule)
		case schedule.Err != nil && !errors.Is(schedule.Err, graph.ErrNotFound):
			failed = append(failed, schedule)
		}
	}
	if len(hidden) == len(schedules) {
		failed = hidden
	} else if len(hidden) > 0 && c.Integration != "" {
		fmt.Fprintf(p.stderr, "note: the schedules of %d teams may not be read; they may have the integration, too\n", len(hidden))
	}
	if len(failed) == 0 {
		return nil
	}
	return fmt.Errorf("%d of %d schedules could not be read; team %s: %w",
		len(failed), len(schedules), oneLine(failed[0].ID), failed[0].Err)
}
