package graph

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// The permissions of schedules and teams, delegated and application
// (Microsoft Graph reference, Get schedule, Create or replace schedule, List
// teams).
const (
	readSchedules  = "Schedule.Read.All"
	writeSchedules = "Schedule.ReadWrite.All"
	readTeams      = "Team.ReadBasic.All"
)

// Schedule is the schedule of a team, as far as it is looked at.
type Schedule struct {
	ID                        string   `json:"id"`
	Enabled                   bool     `json:"enabled"`
	TimeZone                  string   `json:"timeZone"` // as Graph has it; see Zone
	StartDayOfWeek            string   `json:"startDayOfWeek"`
	ProvisionStatus           string   `json:"provisionStatus"` // notStarted, running, completed or failed, in any letter case
	ProvisionStatusCode       string   `json:"provisionStatusCode"`
	WorkforceIntegrationIDs   []string `json:"workforceIntegrationIds"`
	OpenShiftsEnabled         bool     `json:"openShiftsEnabled"`
	SwapShiftsRequestsEnabled bool     `json:"swapShiftsRequestsEnabled"`
	OfferShiftRequestsEnabled bool     `json:"offerShiftRequestsEnabled"`
	TimeOffRequestsEnabled    bool     `json:"timeOffRequestsEnabled"`

	// Raw is the whole of Graph's reply.
	Raw json.RawMessage `json:"-"`
}

// Provisioned tells that Shifts has finished setting up the schedule.
func (s *Schedule) Provisioned() bool { return strings.EqualFold(s.ProvisionStatus, "completed") }

// readOnly are the members of a reply that are not the caller's to set.
var readOnly = []string{"id", "provisionStatus", "provisionStatusCode"}

// Body is the request that gives the schedule these integrations, none if ids
// is empty: Enabled and TimeZone as they stand in s, and every other setting
// as it was read, since a PUT replaces the schedule as a whole.
func (s *Schedule) Body(ids []string) ([]byte, error) {
	if s.TimeZone == "" {
		return nil, errors.New("the schedule has no time zone, which Microsoft Graph demands")
	}
	settings := map[string]json.RawMessage{} // verbatim
	if s.Raw != nil && json.Unmarshal(s.Raw, &settings) != nil {
		return nil, errors.New("the schedule as it was read is no JSON object")
	}
	body := map[string]any{}
	for name, value := range settings {
		if string(value) != "null" && !strings.Contains(name, "@odata.") && !slices.Contains(readOnly, name) {
			body[name] = value
		}
	}
	body["enabled"], body["timeZone"] = s.Enabled, s.TimeZone
	body["workforceIntegrationIds"] = append([]string{}, ids...)
	return json.Marshal(body)
}

// Schedule reads the schedule of a team. [ErrNotFound] also stands for a team
// that has none.
func (c *Client) Schedule(ctx context.Context, team string) (*Schedule, error) {
	var raw json.RawMessage
	call := scheduleCall("read the schedule of the team", http.MethodGet, team)
	if err := c.do(ctx, call, &raw); err != nil {
		return nil, err
	}
	schedule := &Schedule{Raw: raw}
	if json.Unmarshal(raw, schedule) != nil {
		return nil, call.failed(errNotJSON)
	}
	return schedule, nil
}

// SetScheduleIntegrations sends what [Schedule.Body] makes. Shifts sets the
// schedule up in the background if it was not: [Schedule.Provisioned] tells.
// Of several integrations Shifts takes the first.
func (c *Client) SetScheduleIntegrations(ctx context.Context, team string, schedule *Schedule, ids []string) error {
	call := scheduleCall("set the workforce integrations of the team", http.MethodPut, team)
	var err error
	if call.body, err = schedule.Body(ids); err != nil {
		return call.failed(err)
	}
	return c.do(ctx, call, nil)
}

// ProvisionError says that Shifts could not set up a schedule.
type ProvisionError struct {
	Team string
	Code string // provisionStatusCode; may be empty
}

func (e *ProvisionError) Error() string { return ExplainProvision(e.Code) }

// ExplainProvision makes a sentence of a provisionStatusCode. Microsoft
// documents none of the codes, so it names the code and what can be tried.
func ExplainProvision(code string) string {
	gave := "gave no code"
	if code = (call{}).clean(code); code != "" {
		gave = "gave the code " + code
	}
	return "Shifts could not provision the schedule and " + gave +
		"; open Shifts for this team as one of its owners, which shows what is missing " +
		"(a licence with Shifts, an owner, a team that is not archived), and try again"
}

// Team is a team of the tenant.
type Team struct {
	ID          string `json:"id"`
	DisplayName string `json:"displayName"`
}

// Teams lists all teams of the tenant, with and without Shifts.
func (c *Client) Teams(ctx context.Context) ([]Team, error) {
	return list[Team](ctx, c, call{
		operation: "list the teams", permission: readTeams, method: http.MethodGet,
		path: []string{"teams"}, query: url.Values{"$select": {"id,displayName"}},
	})
}

func scheduleCall(operation, method, team string, below ...string) call {
	permission := writeSchedules
	if method == http.MethodGet {
		permission = readSchedules
	}
	return call{
		operation: operation, permission: permission, method: method,
		path: append([]string{"teams", team, "schedule"}, below...),
	}
}
