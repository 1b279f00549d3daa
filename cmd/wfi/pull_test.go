package main

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/eligibility"
	"example.com/shiftswfi/store"
	"example.com/shiftswfi/store/graph"
	"example.com/shiftswfi/store/graph/graphtest"
	"example.com/shiftswfi/store/redistest"
)

const (
	pullTeam   = "11111111-0000-4000-8000-000000000001"
	otherTeam  = "11111111-0000-4000-8000-000000000002"
	pullDecMay = "--from=2026-12-01T00:00:00Z --to=2027-05-01T00:00:00Z"
)

// inShifts gives a team a schedule with one entity of every sort.
func inShifts(t *testing.T, config graphtest.Config, teams ...string) *graphtest.Server {
	shifts := graphtest.New(t, config)
	for _, team := range teams {
		shifts.SetSchedule(team, map[string]any{"timeZone": "W. Europe Standard Time", "startDayOfWeek": "monday"})
		for list, entity := range map[string]string{
			"schedulingGroups":         `{"id":"TAG_1","displayName":"Floor","isActive":true,"userIds":["u-1","u-2"]}`,
			"openShifts":               `{"id":"OPNSHFT_1","schedulingGroupId":"TAG_1","draftOpenShift":null,"sharedOpenShift":{"openSlotCount":1,"startDateTime":"2026-12-10T08:00:00Z","endDateTime":"2026-12-10T16:00:00Z"}}`,
			"timesOff":                 `{"id":"SHFT_off","userId":"u-2","sharedTimeOff":{"timeOffReasonId":"TOR_1","startDateTime":"2026-12-11T00:00:00Z","endDateTime":"2026-12-12T00:00:00Z"}}`,
			"timeOffReasons":           `{"id":"TOR_1","displayName":"Vacation","iconType":"plane","isActive":true}`,
			"swapShiftsChangeRequests": `{"id":"SREQ_swap","state":"pending","assignedTo":"recipient","senderUserId":"u-1","senderShiftId":"SHFT_1","recipientShiftId":"SHFT_2"}`,
			"offerShiftRequests":       `{"id":"SREQ_offer","state":"pending","senderUserId":"u-2","senderShiftId":"SHFT_2"}`,
			"openShiftChangeRequests":  `{"id":"SREQ_open","state":"pending","senderUserId":"u-2","openShiftId":"OPNSHFT_1"}`,
			"timeOffRequests":          `{"id":"SREQ_off","state":"pending","senderUserId":"u-2","timeOffReasonId":"TOR_1","startDateTime":"2026-12-20T00:00:00Z","endDateTime":"2026-12-21T00:00:00Z"}`,
		} {
			shifts.SetEntities(team, list, entity)
		}
		shifts.SetEntities(team, "shifts", listedShift("SHFT_1", "u-1", "pink"), listedShift("SHFT_2", "u-2", "pink"))
	}
	return shifts
}

func listedShift(id, user, theme string) string {
	return `{"id":"` + id + `","userId":"` + user + `","schedulingGroupId":"TAG_1","draftShift":null,"isStagedForDeletion":false,` +
		`"sharedShift":{"theme":"` + theme + `","startDateTime":"2026-12-09T08:00:00Z","endDateTime":"2026-12-09T16:00:00Z"}}`
}

// graphAs is what the commands under test call the stand-in with.
func graphAs(credential graphtest.Credential) graph.Config {
	return graph.Config{Credential: credential, Retry: policy.RetryOptions{RetryDelay: time.Millisecond, MaxRetryDelay: time.Millisecond}}
}

// pull runs wfi pull on the stand-in, without a wait.
func pull(t *testing.T, shifts *graphtest.Server, redis string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, complaints bytes.Buffer
	p := &process{stdin: strings.NewReader(""), stdout: &out, stderr: &complaints, graph: graphAs(graphtest.Credential{})}
	args = append([]string{"pull", "--graph", shifts.URL, "--redis", redis, "--settle", "0s"}, args...)
	if !strings.Contains(strings.Join(args, " "), "--from") {
		args = append(args, strings.Fields(pullDecMay)...)
	}
	code = run(t.Context(), p, args)
	return code, out.String(), complaints.String()
}

func storeAt(t *testing.T, url string) *store.Redis {
	t.Helper()
	r, err := store.Open(store.Config{URL: url})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, r.Close()) })
	return r
}

// The whole life of a pulled team: new, unchanged, and changed on both sides.
func TestPull(t *testing.T) {
	t.Parallel()
	redis := redistest.Server(t).URL()
	shifts := inShifts(t, graphtest.Config{PageSize: 1}, pullTeam)

	code, stdout, stderr := pull(t, shifts, redis, pullTeam, "--dry-run")
	require.Zero(t, code, stderr)
	assert.Contains(t, stdout, "new in the store")
	assert.Contains(t, stdout, "a dry run: nothing is stored")
	code, _, _ = wfi(t, "export", "--redis", redis, pullTeam)
	require.Equal(t, exitFailure, code)

	code, stdout, stderr = pull(t, shifts, redis, pullTeam)
	require.Zero(t, code, stderr)
	assert.Equal(t, "team "+pullTeam+`: new in the store, without a policy: wfi export it, add one, and wfi load it
  schedulingGroups: 1 new, 0 changed, 0 gone
  shifts: 2 new, 0 changed, 0 gone
  openShifts: 1 new, 0 changed, 0 gone
  timesOff: 1 new, 0 changed, 0 gone
  timeOffReasons: 1 new, 0 changed, 0 gone
  swapRequests: 1 new, 0 changed, 0 gone
  offerShiftRequests: 1 new, 0 changed, 0 gone
  openShiftRequests: 1 new, 0 changed, 0 gone
  timeOffRequests: 1 new, 0 changed, 0 gone
`, stdout)
	assert.Empty(t, stderr)

	code, stdout, stderr = pull(t, shifts, redis, pullTeam)
	require.Zero(t, code, stderr)
	assert.Equal(t, "team "+pullTeam+": nothing has changed\n", stdout)

	changeStored(t, redis, func(document string) string {
		document = strings.Replace(document, `"policy": {}`, `"policy": {"minimumRest": "9h"}`, 1)
		return strings.Replace(document, `"displayName": "Floor"`, `"displayName": "Floor", "requires": ["forklift"]`, 1)
	})
	shifts.SetEntities(pullTeam, "schedulingGroups", `{"id":"TAG_1","displayName":"Yard","isActive":true,"userIds":["u-2"]}`)
	shifts.SetEntities(pullTeam, "shifts", listedShift("SHFT_1", "u-1", "green"), listedShift("SHFT_3", "u-1", "pink"))
	shifts.SetEntities(pullTeam, "swapShiftsChangeRequests", `{"id":"SREQ_swap","state":"approved"}`)
	shifts.SetSchedule(pullTeam, map[string]any{"timeZone": "America/New_York", "startDayOfWeek": "Sunday"})
	want := "team " + pullTeam + `: changed
  time zone or week
  schedulingGroups: 0 new, 1 changed, 0 gone
  shifts: 1 new, 1 changed, 1 gone
  swapRequests: 0 new, 0 changed, 1 gone
    changed schedulingGroups TAG_1
    changed shifts SHFT_1
    gone shifts SHFT_2
    new shifts SHFT_3
    gone swapRequests SREQ_swap
`
	code, stdout, stderr = pull(t, shifts, redis, pullTeam, "--verbose", "--dry-run")
	require.Zero(t, code, stderr)
	assert.Equal(t, strings.Replace(want, ": changed\n", ": changed (a dry run: nothing is stored)\n", 1), stdout)
	code, stdout, stderr = pull(t, shifts, redis, pullTeam, "--verbose")
	require.Zero(t, code, stderr)
	assert.Equal(t, want, stdout)

	_, stdout, _ = wfi(t, "export", "--redis", redis, pullTeam)
	for _, part := range []string{`"minimumRest": "9h"`, `"forklift"`, `"Yard"`, `"America/New_York"`, "SHFT_3"} {
		assert.Contains(t, stdout, part)
	}
	assert.NotContains(t, stdout, "SHFT_2\",\n      \"userId")

	_, stdout, _ = wfi(t, "log", "--redis", redis, pullTeam)
	assert.Equal(t, 2, strings.Count(stdout, "  pulled from Shifts\n"), "a pull that changes nothing is not worth a record\n%s", stdout)
	assert.Contains(t, stdout, "   time zone or week\n   schedulingGroups: 0 new, 1 changed, 0 gone\n   shifts: 1 new, 1 changed, 1 gone\n")
}

// changeStored edits the document of the team in the store.
func changeStored(t *testing.T, redis string, edit func(string) string) {
	t.Helper()
	_, document, _ := wfi(t, "export", "--redis", redis, pullTeam)
	edited := edit(document)
	require.NotEqual(t, document, edited)
	f := files{t, t.TempDir()}
	f.write("team.json", edited)
	code, _, stderr := wfi(t, "load", "--redis", redis, f.path("team.json"))
	require.Zero(t, code, stderr)
}

func TestPullJSON(t *testing.T) {
	t.Parallel()
	redis := redistest.Server(t).URL()
	shifts := inShifts(t, graphtest.Config{}, pullTeam)
	code, stdout, stderr := pull(t, shifts, redis, pullTeam, otherTeam, pullTeam, "--json")
	assert.Equal(t, exitFailure, code)
	assert.Contains(t, stderr, "1 of 2 teams could not be pulled")
	var teams []struct {
		Team, Error string
		Created     bool
		Kinds       []struct {
			Kind               string
			New, Changed, Gone int
		}
		Entities []any
	}
	require.NoError(t, json.Unmarshal([]byte(stdout), &teams))
	require.Len(t, teams, 2)
	assert.Equal(t, pullTeam, teams[0].Team)
	assert.True(t, teams[0].Created)
	assert.Empty(t, teams[0].Error)
	assert.Equal(t, "shifts", teams[0].Kinds[1].Kind)
	assert.Equal(t, 2, teams[0].Kinds[1].New)
	assert.Empty(t, teams[0].Entities)
	assert.Equal(t, otherTeam, teams[1].Team)
	assert.Contains(t, teams[1].Error, "wfi teams enable")
	assert.NotNil(t, teams[1].Kinds)
}

// What fails with a team is said with what to do next, changes nothing of it,
// and keeps no other team.
func TestPullFailures(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name    string
		spoil   func(*graphtest.Server)
		message string
	}{
		{"no Shifts", func(s *graphtest.Server) { s.Inject(graphtest.Fault{Path: "/teams/" + otherTeam, Status: 404}) }, "wfi teams enable"},
		{"not provisioned", func(s *graphtest.Server) {
			s.SetSchedule(otherTeam, map[string]any{"provisionStatus": "Running"})
		}, "the schedule is not provisioned; set Shifts up for the team with wfi teams enable"},
		{"not enabled", func(s *graphtest.Server) { s.SetSchedule(otherTeam, map[string]any{"enabled": false}) }, "not provisioned"},
		{"a time zone of nowhere", func(s *graphtest.Server) {
			s.SetSchedule(otherTeam, map[string]any{"timeZone": "Mars Standard Time"})
		}, "choose the team's time zone anew"},
		{"a forbidden list", func(s *graphtest.Server) {
			s.Inject(graphtest.Fault{Path: otherTeam + "/schedule/timesOff", Status: 403})
		}, "Schedule.Read.All"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			redis := redistest.Server(t).URL()
			shifts := inShifts(t, graphtest.Config{}, pullTeam, otherTeam)
			code, _, stderr := pull(t, shifts, redis, pullTeam, otherTeam)
			require.Zero(t, code, stderr)
			_, before, _ := wfi(t, "export", "--redis", redis, otherTeam)

			for _, team := range []string{pullTeam, otherTeam} {
				shifts.SetEntities(team, "shifts", listedShift("SHFT_new", "u-1", "green"))
			}
			row.spoil(shifts)
			code, stdout, stderr := pull(t, shifts, redis, pullTeam, otherTeam)
			assert.Equal(t, exitFailure, code)
			assert.Contains(t, stderr, "team "+otherTeam+": ")
			assert.Contains(t, stderr, row.message)
			assert.Contains(t, stderr, "1 of 2 teams could not be pulled")
			assert.NotContains(t, stderr, "private")
			assert.Contains(t, stdout, "team "+pullTeam+": changed\n  shifts: 1 new, 0 changed, 2 gone\n")
			_, after, _ := wfi(t, "export", "--redis", redis, otherTeam)
			assert.Equal(t, before, after)
		})
	}
}

// What every team would meet is said once.
func TestPullFailsAsAWhole(t *testing.T) {
	t.Parallel()
	redis := redistest.Server(t).URL()
	shifts := inShifts(t, graphtest.Config{}, pullTeam, otherTeam)
	var out, complaints bytes.Buffer
	p := &process{stdout: &out, stderr: &complaints, graph: graphAs(graphtest.Credential{Token: "another"})}
	code := run(t.Context(), p, []string{"pull", "--graph", shifts.URL, "--redis", redis, pullTeam, otherTeam})
	assert.Equal(t, exitFailure, code)
	assert.Equal(t, 1, strings.Count(complaints.String(), "\n"), complaints.String())
	assert.Contains(t, complaints.String(), "check that the tenant")

	for _, row := range []struct {
		args    []string
		message string
	}{
		{[]string{"--weeks-back", "-1"}, "--weeks-back"},
		{[]string{"--weeks-ahead", "105"}, "--weeks-ahead"},
		{[]string{"--settle", "2m"}, "--settle"},
		{[]string{"--from", "soon"}, "--from"},
		{[]string{"--from", "2026-12-02T00:00:00Z", "--to", "2026-12-01T00:00:00Z"}, "an end after its beginning"},
		{[]string{"--from", "2006-12-02T00:00:00Z", "--to", "2026-12-01T00:00:00Z"}, "at most 208 weeks"},
	} {
		code, _, stderr := wfi(t, append([]string{"pull", "--redis", redis, pullTeam}, row.args...)...)
		assert.Equal(t, exitMisuse, code, row.args)
		assert.Contains(t, stderr, row.message)
	}
}

// A callback that is decided while Shifts is read wins over what was read.
func TestPullLeavesToCallbacksWhatTheyChanged(t *testing.T) {
	t.Parallel()
	r := store.OpenEmbedded(store.Config{})
	t.Cleanup(func() { require.NoError(t, r.Close()) })
	shifts := inShifts(t, graphtest.Config{}, pullTeam)
	client, err := graphFlags{Graph: graphURL(shifts.URL)}.client(&process{graph: graphAs(graphtest.Credential{})})
	require.NoError(t, err)
	p := &puller{client: client, store: r, now: time.Now, settle: func(context.Context) error { return nil }}
	window := graph.Window{From: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)}
	require.NoError(t, p.pull(t.Context(), pullTeam, window).err)

	shifts.SetEntities(pullTeam, "shifts", listedShift("SHFT_1", "u-1", "green"))
	p.settle = func(ctx context.Context) error {
		return r.Update(ctx, pullTeam, func(*eligibility.Team) ([]eligibility.Change, []byte, error) {
			changes := []eligibility.Change{}
			for _, id := range []string{"SHFT_2", "SHFT_new"} {
				changes = append(changes, eligibility.Change{Entity: eligibility.Entity{
					Kind: eligibility.KindShift, ID: id, JSON: json.RawMessage(listedShift(id, "u-2", "gold"))}})
			}
			return changes, nil, nil
		})
	}
	pulled := p.pull(t.Context(), pullTeam, window)
	require.NoError(t, pulled.err)
	assert.Equal(t, []pulledEntity{{eligibility.KindShift, "SHFT_1", "changed"}}, pulled.Entities)
	team, err := r.Team(t.Context(), pullTeam)
	require.NoError(t, err)
	assert.Equal(t, "gold", team.Shift("SHFT_2").Shared.Theme)
	assert.NotNil(t, team.Shift("SHFT_new"))
}
