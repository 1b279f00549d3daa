package graphtest

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// team is a team and what Shifts has of it.
type team struct {
	id, name string
	schedule map[string]any // nil: it has no Shifts
	lists    map[string][]json.RawMessage

	provisioning bool
	reads        int    // that find the schedule running
	code         string // that it fails with then
}

// settings are what a PUT replaces, with what they are if it does not name
// them.
var settings = map[string]any{
	"startDayOfWeek": "sunday", "openShiftsEnabled": false, "swapShiftsRequestsEnabled": false,
	"offerShiftRequestsEnabled": false, "timeOffRequestsEnabled": false, "timeClockEnabled": false,
	"timeClockSettings": nil, "isActivitiesIncludedWhenCopyingShiftsEnabled": false,
}

// lists are the collections of a schedule, and the member that their filter
// looks into, for those that have one.
var lists = map[string]string{
	"shifts": "Shift", "openShifts": "OpenShift", "timesOff": "TimeOff", "timeOffReasons": "", "schedulingGroups": "",
	"swapShiftsChangeRequests": "", "offerShiftRequests": "", "openShiftChangeRequests": "", "timeOffRequests": "",
}

// AddTeam adds a team without Shifts.
func (s *Server) AddTeam(id, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.teams = append(s.teams, &team{id: id, name: name, lists: map[string][]json.RawMessage{}})
}

// SetSchedule gives a team a schedule with these members, completed if they do
// not say otherwise. It adds the team if need be.
func (s *Server) SetSchedule(id string, members map[string]any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	team := s.teamOrNew(id)
	team.schedule = map[string]any{
		"id": id, "enabled": true, "timeZone": "Europe/Berlin", "provisionStatus": "Completed", "provisionStatusCode": nil,
		"workforceIntegrationIds": []string{},
	}
	maps.Copy(team.schedule, settings)
	maps.Copy(team.schedule, members)
}

// Schedule is a copy of a team's schedule, nil if it has none.
func (s *Server) Schedule(id string) map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	if team := s.team(id); team != nil {
		return maps.Clone(team.schedule)
	}
	return nil
}

// SetEntities replaces a list of a team's schedule, as "shifts", by entities
// in JSON. It adds the team if need be.
func (s *Server) SetEntities(id, list string, entities ...string) {
	s.t.Helper()
	if _, ok := lists[list]; !ok {
		s.t.Fatalf("graphtest: a schedule has no list %q", list)
	}
	items := make([]json.RawMessage, len(entities))
	for i, entity := range entities {
		if items[i] = json.RawMessage(entity); !json.Valid(items[i]) {
			s.t.Fatalf("graphtest: not JSON: %s", entity)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.teamOrNew(id).lists[list] = items
}

// team needs the lock.
func (s *Server) team(id string) *team {
	i := slices.IndexFunc(s.teams, func(t *team) bool { return t.id == id })
	if i < 0 {
		return nil
	}
	return s.teams[i]
}

// teamOrNew needs the lock.
func (s *Server) teamOrNew(id string) *team {
	if team := s.team(id); team != nil {
		return team
	}
	s.teams = append(s.teams, &team{id: id, name: id, lists: map[string][]json.RawMessage{}})
	return s.teams[len(s.teams)-1]
}

func noTeam() answer {
	return refuseNested(http.StatusNotFound, "NotFound", "Sorry, the team was not found, or you may not have access to it.")
}

func (s *Server) listTeams(call call) answer {
	for name, values := range call.URL.Query() {
		if name == "$select" && values[0] != "id,displayName" || name != "$select" && name != "$skiptoken" && name != "$top" {
			return invalid("The query option '%s' is not supported here.", name)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	items := make([]any, len(s.teams))
	for i, team := range s.teams {
		items[i] = map[string]any{"id": team.id, "displayName": team.name}
	}
	return s.page(call, items)
}

func (s *Server) getSchedule(call call) answer {
	if call.URL.RawQuery != "" {
		return invalid("This method does not support OData query parameters.")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	team := s.team(call.PathValue("team"))
	if team == nil || team.schedule == nil {
		return noTeam()
	}
	if team.provisioning {
		switch team.reads--; {
		case team.reads >= 0:
		case team.code != "":
			team.provisioning = false
			team.schedule["provisionStatus"], team.schedule["provisionStatusCode"] = "Failed", team.code
		default:
			team.provisioning = false
			team.schedule["provisionStatus"] = "Completed"
		}
	}
	return answer{http.StatusOK, maps.Clone(team.schedule)}
}

func (s *Server) putSchedule(call call) answer {
	var sent struct {
		Enabled      *bool
		TimeZone     *string
		Integrations []string `json:"workforceIntegrationIds"`
	}
	text, _ := json.Marshal(call.body) // as it was decoded
	if json.Unmarshal(text, &sent) != nil || sent.Enabled == nil || sent.TimeZone == nil || *sent.TimeZone == "" {
		return invalid("The properties 'enabled' and 'timeZone' are required.")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	team := s.team(call.PathValue("team"))
	if team == nil {
		return noTeam()
	}
	for _, id := range sent.Integrations {
		if s.integration(id) == nil {
			return invalid("The workforce integration '%s' does not exist.", id)
		}
	}
	replaced := maps.Clone(settings)
	for name, value := range call.body {
		if _, ok := settings[name]; !ok && !slices.Contains([]string{"enabled", "timeZone", "workforceIntegrationIds"}, name) {
			return invalid("The property '%s' cannot be set.", name)
		}
		var decoded any
		_ = json.Unmarshal(value, &decoded) // it is a part of what was decoded
		replaced[name] = decoded
	}
	// A schedule has one integration at most: the first wins.
	replaced["workforceIntegrationIds"] = append([]string{}, sent.Integrations[:min(1, len(sent.Integrations))]...)
	replaced["id"], replaced["enabled"], replaced["timeZone"] = team.id, *sent.Enabled, *sent.TimeZone
	replaced["provisionStatus"], replaced["provisionStatusCode"] = "Completed", nil
	if s.config.Provision != nil {
		team.reads, team.code = s.config.Provision(team.id)
		team.provisioning = true
		replaced["provisionStatus"] = "Running"
	}
	team.schedule = replaced
	if status := cmp.Or(s.config.PutStatus, http.StatusOK); status != http.StatusOK {
		return answer{status: status}
	}
	return answer{http.StatusOK, maps.Clone(replaced)}
}

func (s *Server) listEntities(call call) answer {
	list := call.PathValue("list")
	for name := range call.URL.Query() {
		if !slices.Contains([]string{"$filter", "$top", "$skiptoken"}, name) {
			return invalid("The query option '%s' is not supported here.", name)
		}
	}
	keep, problem := parseFilter(call.URL.Query().Get("$filter"), list, lists[list])
	if problem != "" {
		return invalid("%s", problem)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	entities, refused := s.entities(call)
	if refused != nil {
		return *refused
	}
	items := []any{}
	for _, entity := range entities {
		if keep(entity) {
			items = append(items, entity)
		}
	}
	return s.page(call, items)
}

func (s *Server) getEntity(call call) answer {
	if call.URL.RawQuery != "" {
		return invalid("This method does not support OData query parameters.")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	entities, refused := s.entities(call)
	if refused != nil {
		return *refused
	}
	for _, raw := range entities {
		var entity map[string]any
		if json.Unmarshal(raw, &entity) == nil && entity["id"] == call.PathValue("id") {
			return answer{http.StatusOK, entity}
		}
	}
	return refuseNested(http.StatusNotFound, "NotFound", "The requested entity was not found.")
}

// entities is the list of a schedule that a call names, or why there is none.
// It needs the lock.
func (s *Server) entities(call call) ([]json.RawMessage, *answer) {
	list := call.PathValue("list")
	if _, ok := lists[list]; !ok {
		return nil, new(invalid("Resource not found for the segment '%s'.", list))
	}
	team := s.team(call.PathValue("team"))
	if team == nil || team.schedule == nil {
		return nil, new(noTeam())
	}
	if !strings.EqualFold(team.schedule["provisionStatus"].(string), "completed") {
		// How Graph says it is documented nowhere.
		return nil, new(refuseNested(http.StatusConflict, "Conflict", "The schedule is not provisioned."))
	}
	return team.lists[list], nil
}
