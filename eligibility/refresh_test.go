package eligibility_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/eligibility"
)

// The window of the tests below is December 2026.
var (
	windowStart = time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	windowEnd   = time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
)

// inStore is what the store has, as callbacks write it.
const inStore = `{
	"team": {"id": "T", "displayName": "Shop", "timeZone": "Europe/Berlin", "startDayOfWeek": "Monday"},
	"policy": {"minimumRest": "11h"},
	"workers": [{"userId": "u-1", "balances": {"TOR_1": 8}}],
	"schedulingGroups": [{"id": "TAG_1", "displayName": "Floor", "isActive": true, "userIds": ["U-1", "u-2"], "requires": ["forklift"]}],
	"shifts": [
		{"id": "s-in", "userId": "U-1", "schedulingGroupId": "TAG_1", "eTag": "one", "attributes": {"site": "north"}, "sharedShift": {
			"startDateTime": "2026-12-10T08:00:00.000Z", "endDateTime": "2026-12-10T16:00:00.000Z", "theme": "Pink", "isActive": true,
			"activities": [{"isPaid": true, "theme": "White", "startDateTime": "2026-12-10T12:00:00.000Z", "endDateTime": "2026-12-10T12:30:00.000Z"}]}},
		{"id": "s-start", "userId": "u-1", "sharedShift": {"startDateTime": "2026-11-30T20:00:00Z", "endDateTime": "2026-12-01T04:00:00Z"}},
		{"id": "s-end", "userId": "u-1", "sharedShift": {"startDateTime": "2026-12-31T20:00:00Z", "endDateTime": "2027-01-01T04:00:00Z"}},
		{"id": "s-before", "userId": "u-1", "sharedShift": {"startDateTime": "2026-11-30T16:00:00Z", "endDateTime": "2026-12-01T00:00:00Z"}},
		{"id": "s-after", "userId": "u-1", "sharedShift": {"startDateTime": "2027-01-01T00:00:00Z", "endDateTime": "2027-01-01T08:00:00Z"}},
		{"id": "s-draft", "userId": "u-1", "draftShift": {"startDateTime": "2026-12-11T08:00:00Z", "endDateTime": "2026-12-11T16:00:00Z"}},
		{"id": "s-going", "userId": "u-1", "sharedShift": {"startDateTime": "2026-12-12T08:00:00Z", "endDateTime": "2026-12-12T16:00:00Z"},
			"draftShift": {"startDateTime": "2026-12-12T08:00:00Z", "endDateTime": "2026-12-12T16:00:00Z", "isActive": false}}
	],
	"openShifts": [{"id": "o-1", "sharedOpenShift": {"startDateTime": "2026-12-10T08:00:00Z", "endDateTime": "2026-12-10T16:00:00Z", "openSlotCount": 2}}],
	"timesOff": [
		{"id": "t-1", "userId": "u-1", "sharedTimeOff": {"timeOffReasonId": "TOR_1", "startDateTime": "2026-11-01T00:00:00Z", "endDateTime": "2027-02-01T00:00:00Z"}},
		{"id": "t-long", "userId": "u-2", "sharedTimeOff": {"timeOffReasonId": "TOR_1", "startDateTime": "2025-01-01T00:00:00Z", "endDateTime": "2027-02-01T00:00:00Z"}}
	],
	"timeOffReasons": [{"id": "TOR_1", "displayName": "Vacation", "iconType": "Plane", "isActive": true}],
	"swapRequests": [
		{"id": "r-open", "state": "Pending", "assignedTo": "Recipient", "senderUserId": "u-1", "senderShiftId": "s-in", "senderMessage": ""},
		{"id": "r-done", "state": "Approved", "senderShiftId": "s-in"}
	],
	"timeCards": [{"id": "c-1"}]
}`

// inGraph is the same as Graph lists it: other letter case, null for what is
// absent, times without a fraction, no isActive, bookkeeping of its own; and
// without what it has not.
const inGraph = `{
	"schedulingGroups": [{"@odata.etag": "\"x\"", "id": "TAG_1", "displayName": "Floor", "code": null, "isActive": true, "userIds": ["u-2", "u-1"]}],
	"shifts": [
		{"id": "s-in", "createdDateTime": "2026-11-01T00:00:00Z", "userId": "u-1", "schedulingGroupId": "TAG_1", "draftShift": null, "isStagedForDeletion": false, "sharedShift": {
			"displayName": null, "notes": "", "startDateTime": "2026-12-10T08:00:00Z", "endDateTime": "2026-12-10T16:00:00Z", "theme": "pink",
			"activities": [{"code": null, "isPaid": true, "theme": "white", "startDateTime": "2026-12-10T12:00:00Z", "endDateTime": "2026-12-10T12:30:00Z"}]}},
		{"id": "s-start", "userId": "u-1", "sharedShift": {"startDateTime": "2026-11-30T20:00:00Z", "endDateTime": "2026-12-01T04:00:00Z", "activities": []}},
		{"id": "s-end", "userId": "u-1", "sharedShift": {"startDateTime": "2026-12-31T20:00:00Z", "endDateTime": "2027-01-01T04:00:00Z"}},
		{"id": "s-going", "userId": "u-1", "isStagedForDeletion": false, "sharedShift": {"startDateTime": "2026-12-12T08:00:00Z", "endDateTime": "2026-12-12T16:00:00Z"},
			"draftShift": {"startDateTime": "2026-12-12T08:00:00Z", "endDateTime": "2026-12-12T16:00:00Z", "isActive": false}}
	],
	"openShifts": [{"id": "o-1", "draftOpenShift": null, "sharedOpenShift": {"startDateTime": "2026-12-10T08:00:00Z", "endDateTime": "2026-12-10T16:00:00Z", "openSlotCount": 2}}],
	"timesOff": [{"id": "t-1", "userId": "U-1", "draftTimeOff": null, "sharedTimeOff": {"timeOffReasonId": "TOR_1", "startDateTime": "2026-11-01T00:00:00Z", "endDateTime": "2027-02-01T00:00:00Z"}}],
	"timeOffReasons": [{"id": "TOR_1", "displayName": "Vacation", "code": null, "iconType": "plane", "isActive": true}],
	"swapRequests": [{"id": "r-open", "state": "pending", "assignedTo": "recipient", "senderUserId": "U-1", "senderShiftId": "s-in", "recipientShiftId": null}],
	"offerShiftRequests": [], "openShiftRequests": [], "timeOffRequests": []
}`

// scheduleOf is a schedule with the lists of a document.
func scheduleOf(t *testing.T, lists string) eligibility.Schedule {
	t.Helper()
	s := eligibility.Schedule{TimeZone: "Europe/Berlin", StartDayOfWeek: "monday", From: windowStart, To: windowEnd}
	require.NoError(t, json.Unmarshal([]byte(lists), &s.Lists))
	return s
}

func knownTeam(t *testing.T) *eligibility.Team {
	t.Helper()
	team, err := eligibility.ParseTeam([]byte(inStore))
	require.NoError(t, err)
	return team
}

// replaceOnce changes a document in one place, which must be there.
func replaceOnce(t *testing.T, document, old, new string) string {
	t.Helper()
	require.Equal(t, 1, strings.Count(document, old), "%s", old)
	return strings.Replace(document, old, new, 1)
}

// changesOf names the changes: "+" for an entity that is set, "-" for one that
// goes.
func changesOf(r eligibility.Refresh) []string {
	names := []string{}
	for _, c := range r.Changes {
		sign := "+"
		if c.Delete {
			sign = "-"
		}
		names = append(names, sign+string(c.Kind)+"/"+c.ID)
	}
	return names
}

// applied gives the team after a refresh, of which another must leave nothing
// to do.
func applied(t *testing.T, team *eligibility.Team, r eligibility.Refresh, s eligibility.Schedule) *eligibility.Team {
	t.Helper()
	after, err := team.Apply(r)
	require.NoError(t, err)
	again, err := after.Refresh(s)
	require.NoError(t, err)
	require.True(t, again.Empty(), "%v %s", changesOf(again), again.Frame)
	return after
}

func entityJSON(t *testing.T, team *eligibility.Team, kind eligibility.Kind, id string) string {
	t.Helper()
	e, ok := team.Entity(kind, id)
	require.True(t, ok, "%s %s", kind, id)
	return string(e.JSON)
}

// What is written in another way has not changed, and what Shifts does not
// list for other reasons than that it is gone stays.
func TestRefreshFindsNoDifference(t *testing.T) {
	t.Parallel()
	team := knownTeam(t)
	r, err := team.Refresh(scheduleOf(t, inGraph))
	require.NoError(t, err)
	assert.True(t, r.Empty(), "%v %s", changesOf(r), r.Frame)

	r, err = team.Refresh(eligibility.Schedule{From: windowStart, To: windowEnd})
	require.NoError(t, err)
	assert.True(t, r.Empty(), "nothing is known of any kind")
}

func TestRefresh(t *testing.T) {
	t.Parallel()
	const shiftIn = `"startDateTime": "2026-12-10T08:00:00Z", "endDateTime": "2026-12-10T16:00:00Z", "theme": "pink"`
	const shiftEnd = `"startDateTime": "2026-12-31T20:00:00Z", "endDateTime": "2027-01-01T04:00:00Z"`
	for _, row := range []struct {
		name     string
		old, new string // in inGraph
		want     []string
	}{
		{"a new start", shiftIn, strings.Replace(shiftIn, "08:00", "09:00", 1), []string{"+shifts/s-in"}},
		{"another theme", `"theme": "pink"`, `"theme": "green"`, []string{"+shifts/s-in"}},
		{"another theme of an activity", `"theme": "white"`, `"theme": "gray"`, []string{"+shifts/s-in"}},
		{"an activity that is no longer paid", `"isPaid": true`, `"isPaid": false`, []string{"+shifts/s-in"}},
		{"notes", `"notes": ""`, `"notes": "bring keys"`, []string{"+shifts/s-in"}},
		{"another owner", `"userId": "u-1", "schedulingGroupId"`, `"userId": "u-2", "schedulingGroupId"`, []string{"+shifts/s-in"}},
		{"no owner", `"userId": "u-1", "schedulingGroupId"`, `"userId": null, "schedulingGroupId"`, []string{"+shifts/s-in"}},
		{"staged for deletion", `"draftShift": null, "isStagedForDeletion": false`, `"draftShift": null, "isStagedForDeletion": true`, []string{"+shifts/s-in"}},
		{"a draft", `"draftShift": null`, `"draftShift": {` + shiftIn + `}`, []string{"+shifts/s-in"}},
		{"a deletion was taken back", `"draftShift": {"startDateTime": "2026-12-12T08:00:00Z", "endDateTime": "2026-12-12T16:00:00Z", "isActive": false}`, `"draftShift": null`, []string{"+shifts/s-going"}},
		{"a draft that is not named is none", `,
			"draftShift": {"startDateTime": "2026-12-12T08:00:00Z", "endDateTime": "2026-12-12T16:00:00Z", "isActive": false}`, ``, []string{"+shifts/s-going"}},
		{"a draft was shared", `{"id": "s-start"`, `{"id": "s-draft", "userId": "u-1", "draftShift": null, "sharedShift": {` + shiftIn + `}}, {"id": "s-start"`, []string{"+shifts/s-draft"}},
		{"gone", `"id": "s-in"`, `"id": "s-new"`, []string{"-shifts/s-in", "+shifts/s-new"}},
		{"gone at the end of the window", `{"id": "s-end", "userId": "u-1", "sharedShift": {` + shiftEnd + `}},`, ``, []string{"-shifts/s-end"}},
		{"moved over the end, and still listed", shiftEnd, `"startDateTime": "2027-01-01T20:00:00Z", "endDateTime": "2027-01-02T04:00:00Z"`, []string{"+shifts/s-end"}},
		{"moved into the window", `{"id": "s-start"`, `{"id": "s-after", "userId": "u-1", "sharedShift": {` + shiftIn + `}}, {"id": "s-start"`, []string{"+shifts/s-after"}},
		{"new before the window", `{"id": "s-start"`, `{"id": "s-new", "sharedShift": {"startDateTime": "2026-11-30T08:00:00Z", "endDateTime": "2026-12-01T00:00:00Z"}}, {"id": "s-start"`, []string{}},
		{"new over the window's start", `{"id": "s-start"`, `{"id": "s-new", "sharedShift": {"startDateTime": "2026-11-30T08:00:00Z", "endDateTime": "2026-12-01T00:00:01Z"}}, {"id": "s-start"`, []string{"+shifts/s-new"}},
		{"new over the window's end", `{"id": "s-start"`, `{"id": "s-new", "sharedShift": {"startDateTime": "2026-12-31T23:59:59Z", "endDateTime": "2027-01-01T08:00:00Z"}}, {"id": "s-start"`, []string{"+shifts/s-new"}},
		{"new at the window's end", `{"id": "s-start"`, `{"id": "s-new", "sharedShift": {"startDateTime": "2027-01-01T00:00:00Z", "endDateTime": "2027-01-01T08:00:00Z"}}, {"id": "s-start"`, []string{}},
		{"a new draft", `{"id": "s-start"`, `{"id": "s-new", "sharedShift": null, "draftShift": {` + shiftIn + `}}, {"id": "s-start"`, []string{}},
		{"one slot less", `"openSlotCount": 2`, `"openSlotCount": 1`, []string{"+openShifts/o-1"}},
		{"an absence gone", `"id": "t-1"`, `"id": "t-2"`, []string{"-timesOff/t-1", "+timesOff/t-2"}},
		{"a group that lost a member", `["u-2", "u-1"]`, `["u-2"]`, []string{"+schedulingGroups/TAG_1"}},
		{"a group gone", `"id": "TAG_1", "displayName"`, `"id": "TAG_2", "displayName"`, []string{"-schedulingGroups/TAG_1", "+schedulingGroups/TAG_2"}},
		{"a reason off", `"iconType": "plane", "isActive": true`, `"iconType": "plane", "isActive": false`, []string{"+timeOffReasons/TOR_1"}},
		{"a request accepted", `"assignedTo": "recipient"`, `"assignedTo": "manager"`, []string{"+swapRequests/r-open"}},
		{"a request no longer open", `"id": "r-open"`, `"id": "r-new"`, []string{"+swapRequests/r-new", "-swapRequests/r-open"}},
		{"a request open after all", `"id": "r-open"`, `"id": "r-done"`, []string{"+swapRequests/r-done", "-swapRequests/r-open"}},
		{"a new request that is settled", `{"id": "r-open"`, `{"id": "r-new", "state": "declined"}, {"id": "r-open"`, []string{}},
		{"in the order of the kinds", `"offerShiftRequests": []`, `"workers": [{"userId": "u-1", "balances": {"TOR_1": 8}}, {"userId": "u-2"}], "offerShiftRequests": [{"id": "r-2", "state": "pending"}]`, []string{"+workers/u-2", "+offerShiftRequests/r-2"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			team := knownTeam(t)
			s := scheduleOf(t, replaceOnce(t, inGraph, row.old, row.new))
			r, err := team.Refresh(s)
			require.NoError(t, err)
			assert.Equal(t, row.want, changesOf(r))
			assert.Nil(t, r.Frame)
			applied(t, team, r, s)
		})
	}
}

// What Shifts does not name stays with the entity, what is Graph's transport
// does not come in.
func TestRefreshKeepsWhatShiftsDoesNotKnow(t *testing.T) {
	t.Parallel()
	team := knownTeam(t)
	s := scheduleOf(t, strings.NewReplacer(`"theme": "pink"`, `"theme": "green"`, `"Floor"`, `"Yard"`).Replace(inGraph))
	r, err := team.Refresh(s)
	require.NoError(t, err)
	after := applied(t, team, r, s)
	shift := entityJSON(t, after, eligibility.KindShift, "s-in")
	assert.Contains(t, shift, `"attributes":{"site":"north"}`)
	assert.Contains(t, shift, `"eTag":"one"`)
	assert.Contains(t, shift, `"theme":"green"`)
	assert.JSONEq(t, `{"id": "TAG_1", "displayName": "Yard", "code": null, "isActive": true, "userIds": ["u-2", "u-1"], "requires": ["forklift"]}`,
		entityJSON(t, after, eligibility.KindSchedulingGroup, "TAG_1"))
}

func TestRefreshFrame(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, zone, week string
		team             string // "": the frame stays
	}{
		{"the same", "Europe/Berlin", "monday", ""},
		{"the same in other letters", "", "MONDAY", ""},
		{"nothing is known", "", "", ""},
		{"another zone", "America/New_York", "monday", `{"id": "T", "displayName": "Shop", "timeZone": "America/New_York", "startDayOfWeek": "Monday"}`},
		{"another week", "Europe/Berlin", "sunday", `{"id": "T", "displayName": "Shop", "timeZone": "Europe/Berlin", "startDayOfWeek": "sunday"}`},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			team := knownTeam(t)
			s := eligibility.Schedule{TimeZone: row.zone, StartDayOfWeek: row.week, From: windowStart, To: windowEnd}
			r, err := team.Refresh(s)
			require.NoError(t, err)
			after := applied(t, team, r, s)
			if row.team == "" {
				assert.True(t, r.Empty())
				return
			}
			var frame struct{ Team, Policy json.RawMessage }
			require.NoError(t, json.Unmarshal(after.File().Frame, &frame))
			assert.JSONEq(t, row.team, string(frame.Team))
			assert.JSONEq(t, `{"minimumRest": "11h"}`, string(frame.Policy))
			if row.zone != "" {
				assert.Equal(t, row.zone, after.TimeZone().String())
			}
			assert.Equal(t, team.File().Entities, after.File().Entities)
		})
	}
}

func TestRefreshRefuses(t *testing.T) {
	t.Parallel()
	s := scheduleOf(t, inGraph)
	s.TimeZone = "Mars/Olympus"
	r, err := knownTeam(t).Refresh(s)
	var problem *eligibility.FieldError
	require.ErrorAs(t, err, &problem)
	assert.Equal(t, "team.timeZone", problem.Path)
	assert.True(t, r.Empty())
}

// What has changed since Shifts was read is left alone; the frame goes by the
// latest policy.
func TestRefreshOnALaterState(t *testing.T) {
	t.Parallel()
	before := knownTeam(t)
	s := scheduleOf(t, strings.NewReplacer(
		`"theme": "pink"`, `"theme": "green"`, `"openSlotCount": 2`, `"openSlotCount": 1`, `"id": "t-1"`, `"id": "t-2"`, `"id": "r-open"`, `"id": "r-new"`,
	).Replace(inGraph))
	s.TimeZone = "America/New_York"
	r, err := before.Refresh(s)
	require.NoError(t, err)
	all := []string{"+shifts/s-in", "+openShifts/o-1", "-timesOff/t-1", "+timesOff/t-2", "+swapRequests/r-new", "-swapRequests/r-open"}
	require.Equal(t, all, changesOf(r))
	assert.Equal(t, all, changesOf(r.On(before)))

	later, err := before.With(
		set(eligibility.KindShift, `{"id": "s-in"}`), removal(eligibility.KindOpenShift, "o-1"), removal(eligibility.KindTimeOff, "t-1"),
		set(eligibility.KindSwapRequest, `{"id": "r-new", "state": "Pending"}`), set(eligibility.KindShift, `{"id": "s-other"}`))
	require.NoError(t, err)
	file := later.File()
	file.Frame = json.RawMessage(strings.Replace(string(file.Frame), `"11h"`, `"9h"`, 1))
	later, err = eligibility.NewTeam(file)
	require.NoError(t, err)
	left := r.On(later)
	assert.Equal(t, []string{"+timesOff/t-2", "-swapRequests/r-open"}, changesOf(left))
	after, err := later.Apply(left)
	require.NoError(t, err)
	assert.Equal(t, "America/New_York", after.TimeZone().String())
	assert.Contains(t, string(after.File().Frame), `"9h"`)
	assert.Equal(t, all, changesOf(r), "the refresh itself is as it was")
}

// A team of which nothing was known.
func TestScheduleTeam(t *testing.T) {
	t.Parallel()
	s := scheduleOf(t, inGraph)
	team, _, err := s.Team("T-new")
	require.NoError(t, err)
	assert.Equal(t, "T-new", team.ID)
	assert.Equal(t, "Europe/Berlin", team.TimeZone().String())
	again, err := team.Refresh(s)
	require.NoError(t, err)
	assert.True(t, again.Empty(), "%v %s", changesOf(again), again.Frame)
	assert.NotContains(t, string(encode(t, team.File())), "odata")
	for kind, list := range s.Lists {
		for _, raw := range list {
			var e struct{ ID string }
			require.NoError(t, json.Unmarshal(raw, &e))
			entityJSON(t, team, kind, e.ID)
		}
	}

	s.TimeZone = ""
	_, _, err = s.Team("T-new")
	var problem *eligibility.FieldError
	require.ErrorAs(t, err, &problem)
	assert.Equal(t, "team.timeZone", problem.Path)
}
