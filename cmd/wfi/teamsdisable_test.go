package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"example.com/shiftswfi/store/graph/graphtest"
)

func TestTeamsDisable(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		holds    string
		timeZone string
		fault    graphtest.Fault
		flags    string

		stdout string
		stderr string // a part of it; empty: exit code 0
		puts   int
		left   string
	}{
		"its only one":     {holds: "CONTOSO", stdout: "team  disabled\n", puts: 1},
		"the first of two": {holds: "CONTOSO FABRIKAM", stdout: "team  disabled\n", puts: 1, left: "FABRIKAM"},
		"another":          {holds: "FABRIKAM", stdout: "team  unchanged  it does not have the integration\n", left: "FABRIKAM"},
		"none":             {stdout: "team  unchanged  it does not have the integration\n"},
		"one that is gone": {holds: "WFI_gone", flags: "--integration WFI_gone", stdout: "team  disabled\n", puts: 1},
		"a time zone that nobody knows": {
			holds: "CONTOSO", timeZone: "Mars/Olympus", stdout: "team  disabled\n", puts: 1,
		},
		"no time zone": {
			holds: "CONTOSO", timeZone: " ", stdout: "team  failed\n", left: "CONTOSO",
			stderr: "the schedule has no time zone, and cannot be changed without; choose one in the settings of Shifts",
		},
		"changed meanwhile": {holds: "CONTOSO", fault: graphtest.Fault{Method: "PUT", Status: 412}, stdout: "team  disabled\n", puts: 2},
		"accepted without effect": {
			holds: "CONTOSO", fault: graphtest.Fault{Method: "PUT", Status: 200}, stdout: "team  failed\n", puts: 1, left: "CONTOSO",
			flags: "--wait 1ms", stderr: "the request was accepted, but the schedule still has the integration",
		},
		"no permission": {
			holds: "CONTOSO", fault: graphtest.Fault{Method: "PUT", Status: 403}, stdout: "team  failed\n", puts: 1, left: "CONTOSO",
			stderr: "permission Schedule.ReadWrite.All",
		},
		"no such team": {
			flags: "nobody", stdout: "team    unchanged  it does not have the integration\nnobody  failed\n", stderr: "1 of 2 teams failed\n  nobody: could not read the schedule",
		},
		"a rehearsal": {
			holds: "CONTOSO", flags: "--dry-run --json", left: "CONTOSO",
			stdout: `"workforceIntegrationIds": []`,
		},
		"all": {holds: "CONTOSO", flags: "--all --yes", stdout: "team  team  disabled\n", puts: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newTenant(t, graphtest.Config{})
			ids := s.ids()
			schedule := map[string]any{"enabled": false, "startDayOfWeek": "Monday", "workforceIntegrationIds": strings.Fields(ids.Replace(row.holds))}
			if row.timeZone != "" {
				schedule["timeZone"] = strings.TrimSpace(row.timeZone)
			}
			s.graph.SetSchedule("team", schedule)
			want := s.graph.Schedule("team")
			want["workforceIntegrationIds"] = strings.Fields(ids.Replace(row.left))
			if row.fault.Method != "" {
				s.graph.Inject(row.fault)
			}
			args := []string{"teams", "disable", "--integration", "CONTOSO"}
			if !strings.Contains(row.flags, "--all") {
				args = append(args, "team")
			}
			code, stdout, stderr := s.wfi(append(args, strings.Fields(row.flags)...)...)
			assert.Contains(t, stdout, row.stdout)
			if row.stderr == "" {
				assert.Empty(t, stderr)
				assert.Zero(t, code)
			} else {
				assert.Contains(t, stderr, row.stderr)
				assert.Equal(t, exitFailure, code)
			}
			assert.Equal(t, row.puts, s.puts())
			assert.Equal(t, want, s.graph.Schedule("team"), "all else stays")
		})
	}
}
