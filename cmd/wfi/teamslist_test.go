package main

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/store/graph/graphtest"
)

// stores is a tenant whose teams are each in another state.
func stores(t *testing.T) *tenant {
	s := newTenant(t, graphtest.Config{PageSize: 2})
	s.graph.AddTeam("1", "Store\n1")
	s.graph.SetSchedule("1", map[string]any{"workforceIntegrationIds": []string{s.contoso}, "timeZone": "W. Europe Standard Time"})
	s.graph.AddTeam("2", "Store 2")
	s.graph.SetSchedule("2", map[string]any{"enabled": false, "provisionStatus": "Failed", "provisionStatusCode": "NoOwner", "timeZone": "Mars/Olympus"})
	s.graph.AddTeam("3", "Store 3")
	s.graph.AddTeam("4", "Store 4")
	s.graph.SetSchedule("4", nil)
	s.graph.AddTeam("5", "Store 5")
	s.graph.SetSchedule("5", map[string]any{"workforceIntegrationIds": []string{s.fabrikam, "WFI_gone"}, "provisionStatus": "Running"})
	s.graph.Inject(graphtest.Fault{Path: "/teams/4/", Status: 403, Times: 1000})
	return s
}

func TestTeamsList(t *testing.T) {
	t.Parallel()
	s := stores(t)
	code, stdout, stderr := s.wfi("teams", "list")
	assert.Zero(t, code)
	assert.Empty(t, stderr)
	assert.Equal(t, columns(`
TEAM | NAME    | SHIFTS    | TIME ZONE                                                        | SET UP          | INTEGRATION
1    | Store 1 | on        | W. Europe Standard Time (Europe/Berlin)                          | completed       | Contoso (CONTOSO)
2    | Store 2 | off       | Mars/Olympus (unknown: choose another in the settings of Shifts) | failed: NoOwner | -
3    | Store 3 | none      | -                                                                | -               | -
4    | Store 4 | no access | -                                                                | -               | -
5    | Store 5 | on        | Europe/Berlin                                                    | running         | Fabrikam (FABRIKAM), WFI_gone
`), columns(stdout))
	assert.Zero(t, s.puts())

	code, stdout, stderr = s.wfi("teams", "list", "--integration", "CONTOSO")
	assert.Zero(t, code)
	assert.Contains(t, stdout, "\n1 ")
	assert.NotContains(t, stdout, "Store 5")
	assert.Equal(t, "note: the schedules of 1 teams may not be read; they may have the integration, too\n", stderr)

	_, stdout, _ = s.wfi("teams", "list", "--integration", "WFI_none")
	assert.Equal(t, "No teams.\n", stdout)
	_, stdout, _ = s.wfi("teams", "list", "--integration", "WFI_none", "--json")
	assert.Equal(t, "[]\n", stdout)
}

func TestTeamsListJSON(t *testing.T) {
	t.Parallel()
	s := stores(t)
	code, stdout, _ := s.wfi("teams", "list", "--json", "5", "3", "4", "5")
	assert.Zero(t, code)
	var teams []map[string]any
	require.NoError(t, json.Unmarshal([]byte(stdout), &teams))
	require.Len(t, teams, 3)
	assert.Equal(t, map[string]any{
		"id": "5", "shifts": "on", "timeZone": "Europe/Berlin", "ianaTimeZone": "Europe/Berlin", "provisionStatus": "Running",
		"integrations": []any{map[string]any{"id": "FABRIKAM", "displayName": "Fabrikam"}, map[string]any{"id": "WFI_gone"}},
	}, teams[0])
	assert.Equal(t, map[string]any{"id": "3", "shifts": "none", "integrations": []any{}}, teams[1])
	assert.Equal(t, "no access", teams[2]["shifts"])
	assert.Contains(t, teams[2]["advice"], "Schedule.Read.All")
}

func TestTeamsListFails(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		scopes []string
		fault  graphtest.Fault
		token  graphtest.Credential
		stdout string // a part of it; empty: nothing
		stderr string // a part of it; empty: exit code 0
	}{
		"teams may not be listed": {
			scopes: []string{"Schedule.Read.All", "WorkforceIntegration.Read.All"}, stderr: "permission Team.ReadBasic.All",
		},
		"no schedule may be read": {
			scopes: []string{"Team.ReadBasic.All", "WorkforceIntegration.Read.All"}, stdout: "no access",
			stderr: "wfi: 5 of 5 schedules could not be read; team 1: could not read the schedule of the team: Microsoft Graph answered 403",
		},
		"integrations may not be read": {scopes: []string{"Team.ReadBasic.All", "Schedule.Read.All"}, stdout: "completed        CONTOSO\n"},
		"a schedule cannot be read": {
			fault: graphtest.Fault{Path: "/teams/1/", Status: 503, Times: 4}, stdout: "1     Store 1  unknown",
			stderr: "1 of 5 schedules could not be read; team 1: could not read the schedule of the team: Microsoft Graph answered 503 Service Unavailable",
		},
		"Graph goes away": {fault: graphtest.Fault{Path: "/schedule", Times: 1000}, stderr: "check the network"},
		"no token":        {token: graphtest.Credential{Token: "another-tenants-token"}, stderr: "check that the tenant and the cloud"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := stores(t)
			s.graph.SetScopes(row.scopes...)
			s.credential = row.token
			if row.fault.Path != "" {
				s.graph.Inject(row.fault)
			}
			code, stdout, stderr := s.wfi("teams", "list")
			assert.Contains(t, stdout, row.stdout)
			assert.Equal(t, row.stdout == "", stdout == "")
			assert.Contains(t, stderr, row.stderr)
			assert.Equal(t, row.stderr == "", code == exitSuccess)
		})
	}
}

// columns is a table with its columns apart by a bar, however wide they are.
func columns(table string) string {
	lines := strings.Split(strings.TrimSpace(table), "\n")
	for i, line := range lines {
		lines[i] = wide.ReplaceAllString(strings.TrimSpace(line), "|")
	}
	return strings.Join(lines, "\n")
}

var wide = regexp.MustCompile(` +\| +|  +`)
