package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/eligibility"
	"example.com/shiftswfi/store/graph/graphtest"
	"example.com/shiftswfi/store/redistest"
)

// What has moved out of the window is not listed, and is there all the same,
// with what only the store knows of it.
func TestPullFollowsWhatLeavesTheWindow(t *testing.T) {
	t.Parallel()
	redis := redistest.Server(t).URL()
	shifts := inShifts(t, graphtest.Config{}, pullTeam)
	code, _, stderr := pull(t, shifts, redis, pullTeam)
	require.Zero(t, code, stderr)
	changeStored(t, redis, func(document string) string {
		return strings.Replace(document, `"id": "SHFT_1",`, `"id": "SHFT_1", "requires": ["forklift"],`, 1)
	})
	shifts.SetEntities(pullTeam, "shifts", strings.ReplaceAll(listedShift("SHFT_1", "u-1", "pink"), "2026-12", "2027-12"))

	failing := inShifts(t, graphtest.Config{}, pullTeam)
	failing.SetEntities(pullTeam, "shifts")
	failing.Inject(graphtest.Fault{Path: "/schedule/shifts/SHFT_1", Status: http.StatusForbidden})
	code, _, stderr = pull(t, failing, redis, pullTeam)
	assert.Equal(t, exitFailure, code, "not known to be gone")
	assert.Contains(t, stderr, "Schedule.Read.All")

	code, stdout, stderr := pull(t, shifts, redis, pullTeam, "--verbose")
	require.Zero(t, code, stderr)
	assert.Equal(t, "team "+pullTeam+`: changed
  shifts: 0 new, 1 changed, 1 gone
    changed shifts SHFT_1
    gone shifts SHFT_2
`, stdout)
	_, document, _ := wfi(t, "export", "--redis", redis, pullTeam)
	assert.Contains(t, document, "forklift")
	assert.Contains(t, document, "2027-12-09T08:00:00Z")

	code, stdout, stderr = pull(t, shifts, redis, pullTeam)
	require.Zero(t, code, stderr)
	assert.Contains(t, stdout, "nothing has changed")
}

// Most of a team does not go unless somebody says so.
func TestPullRefusesToEmptyATeam(t *testing.T) {
	t.Parallel()
	redis := redistest.Server(t).URL()
	shifts := inShifts(t, graphtest.Config{}, pullTeam, otherTeam)
	var many []string
	for i := range 60 {
		many = append(many, listedShift(fmt.Sprintf("SHFT_%d", i), "u-1", "pink"))
	}
	shifts.SetEntities(pullTeam, "shifts", many...)
	code, _, stderr := pull(t, shifts, redis, pullTeam, otherTeam)
	require.Zero(t, code, stderr)
	_, before, _ := wfi(t, "export", "--redis", redis, pullTeam)

	for _, team := range []string{pullTeam, otherTeam} {
		shifts.SetEntities(team, "shifts")
	}
	code, stdout, stderr := pull(t, shifts, redis, pullTeam, otherTeam)
	assert.Equal(t, exitFailure, code)
	assert.Contains(t, stderr, "Shifts no longer lists 60 of the 60 shifts that are known in the window")
	assert.Contains(t, stderr, "--force")
	assert.Contains(t, stdout, "team "+otherTeam+": changed\n")
	_, after, _ := wfi(t, "export", "--redis", redis, pullTeam)
	assert.Equal(t, before, after)
	for _, r := range shifts.Requests() {
		assert.NotContains(t, r.Path, pullTeam+"/schedule/shifts/", "none is asked for")
	}

	code, stdout, stderr = pull(t, shifts, redis, pullTeam, "--force")
	require.Zero(t, code, stderr)
	assert.Contains(t, stdout, "shifts: 0 new, 0 changed, 60 gone")
}

// One odd entity keeps nothing else out, neither at first nor later.
func TestPullSkipsWhatItCannotRead(t *testing.T) {
	t.Parallel()
	redis := redistest.Server(t).URL()
	shifts := inShifts(t, graphtest.Config{}, pullTeam)
	shifts.SetEntities(pullTeam, "timeOffReasons", `{"id":"TOR_1","displayName":"Vacation"}`, `{"id":"TOR_2","displayName":7,"notes":"private"}`)
	code, stdout, stderr := pull(t, shifts, redis, pullTeam)
	require.Zero(t, code, stderr)
	assert.Contains(t, stdout, "timeOffReasons: 1 new")
	assert.Equal(t, "team "+pullTeam+": skipped timeOffReasons TOR_2: displayName cannot be read\n", stderr)

	shifts.SetEntities(pullTeam, "timeOffReasons", `{"id":"TOR_1","displayName":7}`)
	shifts.SetEntities(pullTeam, "shifts", listedShift("SHFT_1", "u-1", "green"))
	code, stdout, stderr = pull(t, shifts, redis, pullTeam, "--json")
	require.Zero(t, code, stderr)
	assert.Contains(t, strings.Join(strings.Fields(stdout), ""),
		`"skipped":[{"kind":"timeOffReasons","id":"TOR_1","path":"displayName"}]`)
	assert.Contains(t, stderr, "skipped timeOffReasons TOR_1")
	_, document, _ := wfi(t, "export", "--redis", redis, pullTeam)
	assert.Contains(t, document, "green")
	assert.Contains(t, document, "Vacation")
	assert.NotContains(t, document, "SHFT_2\",\n      \"userId")

	config := Config{}
	config.Pull.Teams = []string{pullTeam}
	round, log := pulling(t, shifts, redis, config)
	round()
	assert.Contains(t, log.String(), `"level":"warn"`)
	assert.Contains(t, log.String(), `"skipped":["timeOffReasons TOR_1: displayName cannot be read"]`)
	assert.NotContains(t, log.String()+stderr, "private")
}

func TestDescribeSkipped(t *testing.T) {
	t.Parallel()
	assert.Empty(t, describeSkipped(nil))
	lines := describeSkipped(make([]eligibility.Skipped, maxSkippedShown+2))
	assert.Len(t, lines, maxSkippedShown+1)
	assert.Equal(t, "and 2 more", lines[maxSkippedShown])
}

// Letter case does not make another team.
func TestPullKnowsATeamInAnyCase(t *testing.T) {
	t.Parallel()
	const inGraph, asked = "8a9f0000-0000-4000-8000-00000000000a", "8A9F0000-0000-4000-8000-00000000000A"
	redis := redistest.Server(t).URL()
	shifts := inShifts(t, graphtest.Config{}, asked)
	shifts.SetSchedule(asked, map[string]any{"id": inGraph, "timeZone": "UTC"}) // Graph's paths have no case
	code, stdout, stderr := pull(t, shifts, redis, asked)
	require.Zero(t, code, stderr)
	assert.Contains(t, stdout, "team "+inGraph+" (asked for as "+asked+"): new in the store")

	lower := inShifts(t, graphtest.Config{}, inGraph)
	code, stdout, stderr = pull(t, lower, redis, asked, inGraph)
	require.Zero(t, code, stderr)
	assert.Contains(t, stdout, "team "+inGraph+" (asked for as "+asked+"): changed")
	assert.Equal(t, 1, strings.Count(stdout, "team "))
	ids, err := storeAt(t, redis).TeamIDs(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []string{inGraph}, ids)
}
