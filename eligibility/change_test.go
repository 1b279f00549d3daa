package eligibility_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/eligibility"
)

func set(kind eligibility.Kind, entity string) eligibility.Change {
	return eligibility.Change{Entity: eligibility.Entity{Kind: kind, JSON: rawJSON(entity)}}
}

func removal(kind eligibility.Kind, id string) eligibility.Change {
	return eligibility.Change{Entity: eligibility.Entity{Kind: kind, ID: id}, Delete: true}
}

// What is wrong with a changed entity is said as for a file, and no team comes.
func TestWithRefuses(t *testing.T) {
	t.Parallel()
	team := parse(t, full(t))
	rows := []struct {
		name   string
		change eligibility.Change
		path   string
		found  string
	}{
		{"a value inside", set(eligibility.KindShift, `{"id": "S", "sharedShift": {"startDateTime": "2026-12-01T08:00:00Z", "endDateTime": "2026-12-01T08:00:00Z"}}`), "shift.sharedShift.endDateTime", `"2026-12-01T08:00:00Z"`},
		{"no id", set(eligibility.KindOpenShift, `{}`), "openShift.id", "nothing"},
		{"no user id", set(eligibility.KindWorker, `{"displayName": "Adele"}`), "worker.userId", "nothing"},
		{"a date", set(eligibility.KindWorker, `{"userId": "u-1", "hireDate": "soon"}`), "worker.hireDate", `"soon"`},
		{"a state", set(eligibility.KindSwapRequest, `{"id": "1", "state": 7}`), "swapRequest.state", `7`},
		{"an absence", set(eligibility.KindTimeOff, `{"id": "1", "sharedTimeOff": {"startDateTime": "2026-12-01T08:00:00Z"}}`), "timesOff.sharedTimeOff.endDateTime", "nothing"},
		{"not an object", set(eligibility.KindSchedulingGroup, `[]`), "schedulingGroup", `[]`},
		{"not JSON", set(eligibility.KindTimeOffReason, `{"id": }`), "timeOffReason", `{"id": }`},
		{"nothing", eligibility.Change{Entity: eligibility.Entity{Kind: eligibility.KindTimeOffReason}}, "timeOffReason", "nothing"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			changed, err := team.With(set(eligibility.KindTimeOffReason, `{"id": "TOR_9"}`), row.change, removal(eligibility.KindShift, "SHFT_1"))
			var problem *eligibility.FieldError
			require.ErrorAs(t, err, &problem)
			assert.Equal(t, row.path, problem.Path)
			assert.Equal(t, row.found, problem.Found)
			assert.True(t, changed == nil, "a team came with the error")
			assert.Contains(t, string(encode(t, team.File())), "SHFT_1")
		})
	}
	changed, err := team.With(set("policies", `{"id": "1"}`))
	require.Error(t, err)
	assert.True(t, changed == nil)
	changed, err = team.With(removal("policies", "1"))
	require.Error(t, err)
	assert.True(t, changed == nil)
}

// An entity keeps its place, and its JSON as it was written.
func TestWithKeepsOrder(t *testing.T) {
	t.Parallel()
	document := object{"team": object{"id": "1", "timeZone": "UTC"}, "timeOffReasons": []any{
		rawJSON(`{"id": "c"}`), rawJSON(`{"id": "a"}`), rawJSON(`{"id": "b"}`)}}
	reason := func(position int64, json string) eligibility.Change {
		return eligibility.Change{Entity: eligibility.Entity{Kind: eligibility.KindTimeOffReason, Position: position, JSON: rawJSON(json)}}
	}
	team, err := parse(t, document).With(
		reason(99, `{"z": 1.0, "id": "a"}`), reason(7, `{"id": "d"}`), removal(eligibility.KindTimeOffReason, "b"),
		removal(eligibility.KindTimeOffReason, "C"), removal(eligibility.KindTimeOffReason, "gone"), reason(3, `{"id": "e"}`))
	require.NoError(t, err)
	assert.Equal(t, `{"team":{"id":"1","timeZone":"UTC"},"timeOffReasons":[{"id":"c"},{"z":1.0,"id":"a"},{"id":"e"},{"id":"d"}]}`, string(encode(t, team.File())))

	entity, ok := team.Entity(eligibility.KindTimeOffReason, "a")
	require.True(t, ok)
	assert.Equal(t, eligibility.Entity{Kind: eligibility.KindTimeOffReason, ID: "a", Position: 1, JSON: rawJSON(`{"z": 1.0, "id": "a"}`)}, entity)
	_, ok = team.Entity(eligibility.KindTimeOffReason, "b")
	assert.False(t, ok)
}

// Whoever changes a worker, in whatever letter case, changes the same one.
func TestWithWorker(t *testing.T) {
	t.Parallel()
	team, err := parse(t, full(t)).With(set(eligibility.KindWorker, `{"userId": "U-1", "displayName": "Bianca"}`))
	require.NoError(t, err)
	require.Len(t, decodeExactly(t, encode(t, team.File())).(object)["workers"], 1)
	for _, id := range []string{"u-1", "U-1"} {
		entity, ok := team.Entity(eligibility.KindWorker, id)
		require.True(t, ok)
		assert.Equal(t, "u-1", entity.ID)
		assert.Equal(t, "Bianca", team.Worker(id).DisplayName)
	}
	assert.Nil(t, team.Worker("u-2"))
	fewer, err := team.With(removal(eligibility.KindWorker, "u-1"))
	require.NoError(t, err)
	_, ok := fewer.Entity(eligibility.KindWorker, "U-1")
	assert.False(t, ok)
}

// A change may come as it was written, blanks and all.
func TestWithReadsBlanks(t *testing.T) {
	t.Parallel()
	document := swapTeam("{}", tomorrow, thursday, "")
	team, err := parse(t, document).With(set(eligibility.KindShift, "{ \"id\" : \"A\" , \"userId\":\"u-1\",\n \"draftShift\" : {\n \"isActive\" : false\n } , "+tomorrow+" }"))
	require.NoError(t, err)
	answer, err := team.Swaps(t.Context(), eligibility.SwapQuestion{ShiftID: "A", RequestType: "SwapRequest", Now: noon})
	require.NoError(t, err)
	assert.Equal(t, eligibility.ShiftNotAvailable, answer.Code)
}

// Several changes in one step are seen together, the last of an id last.
func TestWithSeveralOfOneID(t *testing.T) {
	t.Parallel()
	shift := func(user string) eligibility.Change {
		return set(eligibility.KindShift, `{"id": "B", "userId": "`+user+`", `+thursday+`}`)
	}
	team, err := parse(t, swapTeam("{}", tomorrow, thursday, "")).With(shift("u-3"), removal(eligibility.KindShift, "B"), shift("u-1"), shift("u-4"))
	require.NoError(t, err)
	require.Equal(t, "u-4", team.Shift("B").UserID)
	for user, known := range map[string]bool{"u-1": true, "u-2": false, "u-3": false, "u-4": true} {
		answer, err := team.TimeOffReasons(t.Context(), eligibility.ReasonQuestion{UserID: user, Now: noon})
		require.NoError(t, err)
		assert.Equal(t, known, answer.Code == eligibility.OK, user)
	}
}

// A team is safe for concurrent use, also while others are made of it.
func TestWithIsConcurrent(t *testing.T) {
	t.Parallel()
	team := parse(t, swapTeam(`{"minors": {"latest": "24:00"}}`, tomorrow, thursday, ""))
	want := askSwaps(t, eligibility.SwapQuestion{ShiftID: "A", RequestType: "SwapRequest", Now: noon}).explain(team)
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			mine := team
			for j := range 50 {
				var err error
				mine, err = mine.With(
					set(eligibility.KindShift, fmt.Sprintf(`{"id": "C%d_%d", "userId": "u-%d", %s}`, i, j, i, sharedAt(noon.AddDate(0, 0, j)))),
					set(eligibility.KindWorker, fmt.Sprintf(`{"userId": "u-%d", "birthDate": "2015-01-01"}`, i)),
					set(eligibility.KindSchedulingGroup, fmt.Sprintf(`{"id": "TAG_%d"}`, j)))
				assert.NoError(t, err)
				other, err := team.With(removal(eligibility.KindShift, "B"))
				assert.NoError(t, err)
				for _, each := range []*eligibility.Team{team, mine, other} {
					_, err := each.Swaps(t.Context(), eligibility.SwapQuestion{ShiftID: "A", RequestType: "SwapRequest", Now: noon})
					assert.NoError(t, err)
				}
			}
		})
	}
	group.Wait()
	require.Equal(t, want, askSwaps(t, eligibility.SwapQuestion{ShiftID: "A", RequestType: "SwapRequest", Now: noon}).explain(team))
}

// Whatever a change takes away, the new team is as if it had never been there,
// and the old one as it was.
func TestWithLeavesOldTeam(t *testing.T) {
	t.Parallel()
	document := swapTeam(`{"groupMembersOnly": true, "minors": {"latest": "10:00"}}`, tomorrow+`, "schedulingGroupId": "TAG_1"`, thursday, "")
	document["workers"] = []any{rawJSON(`{"userId": "u-1"}`), rawJSON(`{"userId": "u-2", "birthDate": "2015-01-01"}`)}
	document["schedulingGroups"] = []any{rawJSON(`{"id": "TAG_1", "userIds": ["u-1"]}`)}
	document["timesOff"] = []any{rawJSON(`{"id": "1", "userId": "u-1", "sharedTimeOff": {"startDateTime": "2026-06-04T12:00:00Z", "endDateTime": "2026-06-04T16:00:00Z"}}`)}
	document["offerShiftRequests"] = []any{rawJSON(`{"id": "1", "state": "pending", "senderShiftId": "B"}`)}
	document["swapRequests"] = []any{rawJSON(`{"id": "1", "state": "declined", "senderShiftId": "B"}`)}
	q := askSwaps(t, eligibility.SwapQuestion{ShiftID: "A", RequestType: "SwapRequest", Now: noon})
	before := onlyB(rules("not-tied-up", "no-time-off@requester", "member@owner", "minor-hours@owner"))
	team := parse(t, document)
	for _, row := range []struct {
		change eligibility.Change
		fails  []string
	}{
		{removal(eligibility.KindWorker, "u-2"), rules("not-tied-up", "no-time-off@requester", "member@owner")},
		{removal(eligibility.KindSchedulingGroup, "TAG_1"), rules("not-tied-up", "no-time-off@requester", "minor-hours@owner")},
		{removal(eligibility.KindTimeOff, "1"), rules("not-tied-up", "member@owner", "minor-hours@owner")},
		{removal(eligibility.KindOfferShiftRequest, "1"), rules("no-time-off@requester", "member@owner", "minor-hours@owner")},
		{removal(eligibility.KindSwapRequest, "1"), before.Candidates[0].Failed},
	} {
		changed, err := team.With(row.change)
		require.NoError(t, err)
		assert.Equal(t, onlyB(row.fails), q.explain(changed), row.change.Kind)
		assert.Equal(t, before, q.explain(team), "the old team, without one of the %s", row.change.Kind)
	}
}

// Two teams made of one do not share what only one of them has.
func TestWithDoesNotShareRequests(t *testing.T) {
	t.Parallel()
	request := func(id string) eligibility.Change {
		return set(eligibility.KindSwapRequest, `{"id": "`+id+`", "state": "pending", "senderShiftId": "A", "recipientShiftId": "B"}`)
	}
	base, err := parse(t, swapTeam("{}", tomorrow, thursday, "")).With(request("1"), request("2"), request("3"))
	require.NoError(t, err)
	one, err := base.With(request("one"))
	require.NoError(t, err)
	other, err := base.With(request("other"))
	require.NoError(t, err)
	for id, team := range map[string]*eligibility.Team{"one": one, "other": other} {
		alone, err := team.With(removal(eligibility.KindSwapRequest, "1"), removal(eligibility.KindSwapRequest, "2"), removal(eligibility.KindSwapRequest, "3"))
		require.NoError(t, err)
		assert.True(t, alone.Swap(eligibility.PairQuestion{SenderShiftID: "A", RecipientShiftID: "B", RequestID: id, Now: noon}).Eligible(), id)
		assert.Equal(t, eligibility.ShiftInOpenRequest, alone.Swap(eligibility.PairQuestion{SenderShiftID: "A", RecipientShiftID: "B", RequestID: "3", Now: noon}).Code)
	}
}
