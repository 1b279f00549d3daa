package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"example.com/shiftswfi/store/graph/graphtest"
)

func TestTeamsEnable(t *testing.T) {
	t.Parallel()
	const (
		has      = "team  enabled  Europe/Berlin\n"
		hadIt    = "team  unchanged  it has the integration already\n"
		failed   = "team  failed\n"
		fabrikam = "FABRIKAM"
	)
	type members = map[string]any
	for name, row := range map[string]struct {
		schedule members // nil: it has no Shifts
		holds    string  // the integration that it has
		flags    string
		config   graphtest.Config
		faults   []graphtest.Fault
		scopes   []string

		stdout string
		stderr string // a part of it; empty: exit code 0
		puts   int
		after  members // what differs from before
	}{
		"every setting stays": {
			schedule: members{"startDayOfWeek": "Monday", "swapShiftsRequestsEnabled": true, "timeClockSettings": members{"approvedLocation": nil}},
			stdout:   has, puts: 1, after: members{"workforceIntegrationIds": []string{"CONTOSO"}},
		},
		"answered with 204": {
			schedule: members{}, config: graphtest.Config{PutStatus: http.StatusNoContent},
			stdout: has, puts: 1, after: members{"workforceIntegrationIds": []string{"CONTOSO"}},
		},
		"a time zone of Windows stays": {
			schedule: members{"timeZone": "Pacific Standard Time"},
			stdout:   "team  enabled  America/Los_Angeles\n", puts: 1, after: members{"workforceIntegrationIds": []string{"CONTOSO"}},
		},
		"a time zone that nobody knows": {
			schedule: members{"timeZone": "Mars/Olympus"}, flags: "--time-zone UTC",
			stdout: failed, stderr: `the time zone "Mars/Olympus" is neither in the IANA database nor one of Windows, and no rule could be decided in it; choose another in the settings of Shifts`,
		},
		"no time zone": {
			schedule: members{"timeZone": ""}, stdout: failed, stderr: "has no time zone; give it one with --time-zone or in the settings of Shifts",
		},
		"a time zone at last": {
			schedule: members{"timeZone": ""}, flags: "--time-zone Asia/Tokyo",
			stdout: "team  enabled  Asia/Tokyo\n", puts: 1, after: members{"timeZone": "Asia/Tokyo", "workforceIntegrationIds": []string{"CONTOSO"}},
		},
		"Shifts was off": {
			schedule: members{"enabled": false},
			stdout:   has, puts: 1, after: members{"enabled": true, "workforceIntegrationIds": []string{"CONTOSO"}},
		},
		"it has the integration":      {schedule: members{}, holds: "CONTOSO", flags: "--replace", stdout: hadIt},
		"it has, but Shifts is off":   {schedule: members{"enabled": false}, holds: "CONTOSO", stdout: has, puts: 1, after: members{"enabled": true}},
		"it has, but that had failed": {schedule: members{"provisionStatus": "Failed", "provisionStatusCode": "X"}, holds: "CONTOSO", stdout: has, puts: 1, after: members{"provisionStatus": "Completed", "provisionStatusCode": nil}},
		"it has, but that is not done": {
			schedule: members{"provisionStatus": "running"}, holds: "CONTOSO", flags: "--wait 1ms", stdout: failed, stderr: "Shifts has not set up the schedule within 1ms",
		},
		"it has another": {
			schedule: members{}, holds: fabrikam,
			stdout: failed, stderr: "the schedule has the workforce integration FABRIKAM, and it can have only one; put yours in its place with --replace",
		},
		"it has another first": {
			schedule: members{}, holds: "FABRIKAM CONTOSO", stdout: failed, stderr: "the workforce integration FABRIKAM, CONTOSO, and it can have only one",
		},
		"another is replaced": {
			schedule: members{}, holds: fabrikam, flags: "--replace", stdout: has, puts: 1, after: members{"workforceIntegrationIds": []string{"CONTOSO"}},
		},
		"no Shifts": {
			stdout: failed, stderr: "answered 404 Not Found: Sorry, the team was not found, or you may not have access to it " +
				"(request-id 7f0c4e2a-0000-4000-8000-00000000c0de); if the team has no Shifts yet, --time-zone sets it up; check the id and the tenant",
		},
		"it takes its time": {
			schedule: members{}, config: graphtest.Config{Provision: func(string) (int, string) { return 3, "" }},
			stdout: has, puts: 1, after: members{"workforceIntegrationIds": []string{"CONTOSO"}},
		},
		"it takes too long": {
			schedule: members{}, flags: "--wait 1ms", config: graphtest.Config{Provision: func(string) (int, string) { return 1 << 30, "" }},
			stdout: failed, stderr: "it has the integration, but Shifts has not set up the schedule within 1ms; it goes on by itself: look later with wfi teams list, or wait longer with --wait",
			puts: 1, after: members{"workforceIntegrationIds": []string{"CONTOSO"}, "provisionStatus": "Running"},
		},
		"nobody waits": {
			schedule: members{}, flags: "--wait 0s", config: graphtest.Config{Provision: func(string) (int, string) { return 1 << 30, "" }},
			stdout: has, puts: 1, after: members{"workforceIntegrationIds": []string{"CONTOSO"}, "provisionStatus": "Running"},
		},
		"Shifts fails": {
			schedule: members{}, config: graphtest.Config{Provision: func(string) (int, string) { return 1, "NoOwner" }},
			stdout: failed, stderr: "team team: it has the integration, but: Shifts could not provision the schedule and gave the code NoOwner; open Shifts for this team as one of its owners",
			puts: 1, after: members{"workforceIntegrationIds": []string{"CONTOSO"}, "provisionStatus": "Failed", "provisionStatusCode": "NoOwner"},
		},
		"Graph is busy": {
			schedule: members{}, faults: []graphtest.Fault{{Method: "PUT", Status: 429, RetryAfter: "0", Times: 2}, {Path: "/schedule", Status: 429, Times: 1}},
			stdout: has, puts: 3, after: members{"workforceIntegrationIds": []string{"CONTOSO"}},
		},
		"Graph stays busy": {
			schedule: members{}, faults: []graphtest.Fault{{Method: "PUT", Status: 429, Times: 4}},
			stdout: failed, stderr: "answered 429 Too Many Requests (request-id 7f0c4e2a-0000-4000-8000-00000000c0de); wait a few minutes, then run it again", puts: 4,
		},
		"the answer is lost": {
			schedule: members{}, faults: []graphtest.Fault{{Method: "PUT", Done: true}},
			stdout: has, puts: 2, after: members{"workforceIntegrationIds": []string{"CONTOSO"}},
		},
		"changed meanwhile": {
			schedule: members{}, faults: []graphtest.Fault{{Method: "PUT", Status: 409}, {Method: "PUT", Status: 412}},
			stdout: has, puts: 3, after: members{"workforceIntegrationIds": []string{"CONTOSO"}},
		},
		"another command got there first": {
			schedule: members{}, faults: []graphtest.Fault{{Method: "PUT", Status: 412, Done: true}},
			stdout: hadIt, puts: 1, after: members{"workforceIntegrationIds": []string{"CONTOSO"}},
		},
		"changed again and again": {
			schedule: members{}, faults: []graphtest.Fault{{Method: "PUT", Status: 409, Times: 3}},
			stdout: failed, stderr: "answered 409 Conflict (request-id 7f0c4e2a-0000-4000-8000-00000000c0de); look at what is there now, then run it again", puts: 3,
		},
		"accepted without effect": {
			schedule: members{}, faults: []graphtest.Fault{{Method: "PUT", Status: 200}},
			flags: "--wait 1ms", stdout: failed, stderr: "the integration was accepted, but the schedule does not have it", puts: 1,
		},
		"may not be changed": {
			schedule: members{}, scopes: []string{"Schedule.Read.All", "WorkforceIntegration.Read.All"},
			stdout: failed, stderr: "permission Schedule.ReadWrite.All in Microsoft Entra; a Global Administrator", puts: 1,
		},
		"may not be read": {
			schedule: members{}, scopes: []string{"WorkforceIntegration.Read.All"},
			stdout: failed, stderr: "permission Schedule.Read.All in Microsoft Entra; a Global Administrator",
		},
		"integrations may not be read": {
			schedule: members{}, scopes: []string{"Schedule.ReadWrite.All"}, stdout: has, puts: 1, after: members{"workforceIntegrationIds": []string{"CONTOSO"}},
		},
		"no such integration": {
			schedule: members{}, flags: "--integration WFI_9", stderr: "wfi: the tenant has no workforce integration WFI_9: wfi integration list shows those that it has\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newTenant(t, row.config)
			ids := s.ids()
			s.graph.AddTeam("team", "Store 4")
			if row.schedule != nil {
				row.schedule["workforceIntegrationIds"] = strings.Fields(ids.Replace(row.holds))
				s.graph.SetSchedule("team", row.schedule)
			}
			want := s.graph.Schedule("team")
			for name, value := range row.after {
				if list, ok := value.([]string); ok {
					value = []string{ids.Replace(list[0])}
				}
				want[name] = value
			}
			s.graph.SetScopes(row.scopes...)
			for _, fault := range row.faults {
				s.graph.Inject(fault)
			}
			args := []string{"teams", "enable", "team", "--integration", "CONTOSO", "--poll", "1ms"}
			code, stdout, stderr := s.wfi(append(args, strings.Fields(row.flags)...)...)
			assert.Equal(t, row.stdout, stdout)
			if row.stderr == "" {
				assert.Empty(t, stderr)
				assert.Zero(t, code)
			} else {
				assert.Contains(t, stderr, row.stderr)
				assert.Equal(t, exitFailure, code)
				assert.Equal(t, 1, strings.Count(stderr, "\n"), "one sentence")
			}
			assert.Equal(t, row.puts, s.puts())
			assert.Equal(t, want, s.graph.Schedule("team"))
		})
	}
}

func TestTeamsEnableSetsUpShifts(t *testing.T) {
	t.Parallel()
	s := newTenant(t, graphtest.Config{Provision: func(string) (int, string) { return 1, "" }})
	s.graph.AddTeam("team", "Store 4")
	code, stdout, stderr := s.wfi("teams", "enable", "team", "nobody", "--integration", "CONTOSO", "--poll", "1ms", "--time-zone", "W. Europe Standard Time")
	assert.Equal(t, exitFailure, code)
	assert.Equal(t, "team    enabled  Europe/Berlin\nnobody  failed\n", stdout)
	assert.Contains(t, stderr, "1 of 2 teams failed\n  nobody: could not set the workforce integrations of the team: Microsoft Graph answered 404 Not Found")
	schedule := s.graph.Schedule("team")
	assert.Equal(t, "Europe/Berlin", schedule["timeZone"], "as Graph asks for it")
	assert.Equal(t, true, schedule["enabled"])
	assert.Equal(t, []string{s.contoso}, schedule["workforceIntegrationIds"])
}

func TestTeamsEnableDryRun(t *testing.T) {
	t.Parallel()
	s := newTenant(t, graphtest.Config{})
	s.graph.SetSchedule("one", map[string]any{"enabled": false, "startDayOfWeek": "Monday"})
	s.graph.SetSchedule("two", map[string]any{"workforceIntegrationIds": []string{s.contoso}, "provisionStatus": "running"})
	s.graph.AddTeam("three", "Store 3")
	args := []string{"teams", "enable", "--dry-run", "--all", "--integration", "CONTOSO"}
	code, stdout, stderr := s.wfi(args...)
	assert.Zero(t, code)
	assert.Empty(t, stderr)
	assert.Equal(t, `two    two      unchanged  it has the integration already
three  Store 3  skipped    it has no Shifts, or may not be seen
PUT GRAPH/v1.0/teams/one/schedule
{
  "enabled": true,
  "isActivitiesIncludedWhenCopyingShiftsEnabled": false,
  "offerShiftRequestsEnabled": false,
  "openShiftsEnabled": false,
  "startDayOfWeek": "Monday",
  "swapShiftsRequestsEnabled": false,
  "timeClockEnabled": false,
  "timeOffRequestsEnabled": false,
  "timeZone": "Europe/Berlin",
  "workforceIntegrationIds": [
    "CONTOSO"
  ]
}
`, stdout)
	_, stdout, _ = s.wfi(append(args, "--json")...)
	assert.Contains(t, stdout, `"result": "planned",
    "request": {
      "method": "PUT",
      "url": "GRAPH/v1.0/teams/one/schedule",`)
	assert.Zero(t, s.puts())
}

func TestTeamsEnableInactive(t *testing.T) {
	t.Parallel()
	s := newTenant(t, graphtest.Config{})
	s.graph.SetSchedule("team", nil)
	code, _, stderr := s.wfi("teams", "enable", "team", "--integration", "FABRIKAM")
	assert.Zero(t, code)
	assert.Equal(t, "note: the integration is not active; Shifts calls no endpoint of it before wfi integration update --active\n", stderr)
}

func TestTeamsEnableAgain(t *testing.T) {
	t.Parallel()
	s := newTenant(t, graphtest.Config{})
	s.graph.SetSchedule("team", nil)
	args := []string{"teams", "enable", "team", "--integration", "CONTOSO"}
	s.wfi(args...)
	before := len(s.graph.Requests())
	_, stdout, _ := s.wfi(args...)
	assert.Equal(t, "team  unchanged  it has the integration already\n", stdout)
	assert.Len(t, s.graph.Requests()[before:], 2, "the integration and the schedule are read once")
}
