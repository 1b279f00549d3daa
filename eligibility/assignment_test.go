package eligibility_test

import "testing"

// Every assignment rule at its limit, just under and just over it. The shift
// that is received is an open shift, so that nothing is lost.

func TestEmployed(t *testing.T) {
	t.Parallel()
	const shift = "2026-06-01T22:00 8h" // 2 June in UTC, and on its second day
	runTakes(t, []takeRow{
		{"no record", scene{worker: "none"}, shift, nil},
		{"no dates", scene{worker: `"hireDate": null, "terminationDate": null`}, shift, nil},
		{"hired on the day", scene{worker: `"hireDate": "2026-06-01"`}, shift, nil},
		{"hired the day after", scene{worker: `"hireDate": "2026-06-02"`}, shift, rules("employed")},
		{"leaves on the day", scene{worker: `"terminationDate": "2026-06-01"`}, shift, nil},
		{"left the day before", scene{worker: `"terminationDate": "2026-05-31"`}, shift, rules("employed")},
		{"left before being hired", scene{worker: `"hireDate": "2026-06-01", "terminationDate": "2026-05-31"`}, shift, rules("employed")},
		{"the first year there is", scene{worker: `"hireDate": "0000-01-01", "terminationDate": "9999-12-31"`}, shift, nil},
	})
}

func TestMember(t *testing.T) {
	t.Parallel()
	const shift, on = "2026-06-01T08:00 8h", `{"groupMembersOnly": true}`
	runTakes(t, []takeRow{
		{"member", scene{policy: on, group: `{"id": "TAG_1", "userIds": ["u-2", "u-1"]}`}, shift, nil},
		{"member in another letter case", scene{policy: on, group: `{"id": "TAG_1", "userIds": ["U-1"]}`}, shift, nil},
		{"not a member", scene{policy: on, group: `{"id": "TAG_1", "userIds": ["u-2"]}`}, shift, rules("member")},
		{"nobody is", scene{policy: on, group: `{"id": "TAG_1"}`}, shift, rules("member")},
		{"inactive group", scene{policy: on, group: `{"id": "TAG_1", "isActive": false}`}, shift, rules("member")},
		{"group that the file lacks", scene{policy: on, group: `{"id": "TAG_2"}`}, shift, nil},
		{"group ids have a letter case", scene{policy: on, group: `{"id": "tag_1"}`}, shift, nil},
		{"no group", scene{policy: on}, shift, nil},
		{"off", scene{policy: `{"groupMembersOnly": false}`, group: `{"id": "TAG_1"}`}, shift, nil},
		{"absent", scene{policy: `{"groupMembersOnly": null}`, group: `{"id": "TAG_1"}`}, shift, nil},
	})
}

func TestQualified(t *testing.T) {
	t.Parallel()
	const shift = "2026-06-01T22:00 8h"
	group := func(rest string) string { return `{"id": "TAG_1", "requires": ` + rest + `}` }
	has := func(list string) string { return `"qualifications": ` + list }
	forklift := group(`["forklift"]`)
	runTakes(t, []takeRow{
		{"for ever", scene{group: forklift, worker: has(`[{"name": "forklift"}]`)}, shift, nil},
		{"null is for ever", scene{group: forklift, worker: has(`[{"name": "forklift", "expires": null}]`)}, shift, nil},
		{"on its last day", scene{group: forklift, worker: has(`[{"name": "forklift", "expires": "2026-06-01"}]`)}, shift, nil},
		{"the day before was the last", scene{group: forklift, worker: has(`[{"name": "forklift", "expires": "2026-05-31"}]`)}, shift, rules("qualified")},
		{"expired and renewed", scene{group: forklift, worker: has(`[{"name": "forklift", "expires": "2026-06-30"}, {"name": "forklift", "expires": "2025-06-30"}]`)}, shift, nil},
		{"names have a letter case", scene{group: forklift, worker: has(`[{"name": "Forklift"}]`)}, shift, rules("qualified")},
		{"one of two", scene{group: group(`["forklift", "office"]`), worker: has(`[{"name": "forklift"}]`)}, shift, rules("qualified")},
		{"both", scene{group: group(`["forklift", "office"]`), worker: has(`[{"name": "office"}, {"name": "forklift"}]`)}, shift, nil},
		{"both, one of them no longer", scene{group: group(`["forklift", "office"]`), worker: has(`[{"name": "office"}, {"name": "forklift", "expires": "2026-05-31"}]`)}, shift, rules("qualified")},
		{"both, the other no longer", scene{group: group(`["forklift", "office"]`), worker: has(`[{"name": "office", "expires": "2026-05-31"}, {"name": "forklift"}]`)}, shift, rules("qualified")},
		{"no qualifications", scene{group: forklift}, shift, rules("qualified")},
		{"no record", scene{group: forklift, worker: "none"}, shift, rules("qualified")},
		{"inactive groups require, too", scene{group: `{"id": "TAG_1", "isActive": false, "requires": ["forklift"]}`}, shift, rules("qualified")},
		{"group that the file lacks", scene{group: `{"id": "TAG_2", "requires": ["forklift"]}`}, shift, nil},
		{"nothing is required", scene{group: group(`[]`)}, shift, nil},
	})
}

func TestNoOverlap(t *testing.T) {
	t.Parallel()
	const shift = "2026-06-01T08:00 8h"
	runTakes(t, []takeRow{
		{"ends when it starts", scene{has: []string{"2026-06-01T00:00 8h"}}, shift, nil},
		{"ends a nanosecond later", scene{has: []string{"2026-06-01T00:00 8h1ns"}}, shift, rules("no-overlap")},
		{"starts when it ends", scene{has: []string{"2026-06-01T16:00 8h"}}, shift, nil},
		{"starts a nanosecond sooner", scene{has: []string{"2026-06-01T19:59:59.999999999Z 8h"}}, shift, rules("no-overlap")},
		{"inside", scene{has: []string{"2026-06-01T10:00 1h"}}, shift, rules("no-overlap")},
		{"around", scene{has: []string{"2026-05-31T08:00 72h"}}, shift, rules("no-overlap")},
		{"around, before shorter ones", scene{has: []string{"2026-05-30T00:00 72h", "2026-05-31T08:00 8h", "2026-05-31T18:00 1h"}}, shift, rules("no-overlap")},
		{"the same times", scene{has: []string{shift}}, shift, rules("no-overlap")},
		{"also while nobody is paid", scene{has: []string{"2026-06-01T10:00 1h -0h:1h"}}, shift, rules("no-overlap")},
	})
}

func TestNoTimeOff(t *testing.T) {
	t.Parallel()
	const shift = "2026-06-01T08:00 8h"
	away := func(timeOff string) scene {
		return scene{extra: object{"timesOff": []any{rawJSON(timeOff)}}}
	}
	const times = `"startDateTime": "2026-06-01T04:00:00Z", "endDateTime": "2026-06-02T04:00:00Z"`
	runTakes(t, []takeRow{
		{"the whole day", scene{away: []string{"2026-06-01T00:00 24h"}}, shift, rules("no-time-off")},
		{"ends when it starts", scene{away: []string{"2026-05-31T08:00 24h"}}, shift, nil},
		{"ends a nanosecond later", scene{away: []string{"2026-05-31T08:00 24h1ns"}}, shift, rules("no-time-off")},
		{"starts when it ends", scene{away: []string{"2026-06-01T16:00 24h"}}, shift, nil},
		{"starts a nanosecond sooner", scene{away: []string{"2026-06-01T19:59:59.999999999Z 24h"}}, shift, rules("no-time-off")},
		{"inside", scene{away: []string{"2026-06-01T09:00 1ns"}}, shift, rules("no-time-off")},
		{"contains nothing", scene{away: []string{"2026-06-01T09:00 0h"}}, shift, nil},
		{"reversed", scene{away: []string{"2026-06-02T00:00 -24h"}}, shift, nil},
		{"deleted", away(`{"id": "1", "userId": "u-1", "sharedTimeOff": {"isActive": false, ` + times + `}}`), shift, nil},
		{"staged for deletion", away(`{"id": "1", "userId": "U-1", "isStagedForDeletion": true, "draftTimeOff": {"isActive": false}, "sharedTimeOff": {` + times + `}}`), shift, rules("no-time-off")},
		{"a draft", away(`{"id": "1", "userId": "u-1", "draftTimeOff": {` + times + `}}`), shift, nil},
		{"somebody else's", away(`{"id": "1", "userId": "u-2", "sharedTimeOff": {` + times + `}}`), shift, nil},
		{"nobody's", away(`{"id": "1", "sharedTimeOff": {` + times + `}}`), shift, nil},
	})
}

func TestMinimumRest(t *testing.T) {
	t.Parallel()
	const shift, rest = "2026-06-02T08:00 8h", `{"minimumRest": "11h"}`
	split := func(longest string) string { return `{"minimumRest": "11h", "splitShift": "` + longest + `"}` }
	runTakes(t, []takeRow{
		{"before, long enough", scene{policy: rest, has: []string{"2026-06-01T13:00 8h"}}, shift, nil},
		{"before, a nanosecond short", scene{policy: rest, has: []string{"2026-06-01T13:00 8h1ns"}}, shift, rules("minimum-rest")},
		{"after, long enough", scene{policy: rest, has: []string{"2026-06-03T03:00 4h"}}, shift, nil},
		{"after, a nanosecond short", scene{policy: rest, has: []string{"2026-06-03T06:59:59.999999999Z 4h"}}, shift, rules("minimum-rest")},
		{"one of several", scene{policy: rest, has: []string{"2026-05-30T08:00 8h", "2026-06-01T23:00 1h", "2026-06-05T08:00 8h"}}, shift, rules("minimum-rest")},
		{"a long one that began before others", scene{policy: rest, has: []string{"2026-05-30T00:00 72h", "2026-05-31T08:00 1h"}}, "2026-06-02T08:00 8h", rules("minimum-rest")},
		{"touching", scene{policy: rest, has: []string{"2026-06-02T00:00 8h"}}, shift, rules("minimum-rest")},
		{"overlapping is another rule", scene{policy: rest, has: []string{"2026-06-02T07:00 2h"}}, shift, rules("no-overlap")},
		{"no rest is due", scene{policy: `{"minimumRest": "0h"}`, has: []string{"2026-06-02T00:00 8h"}}, shift, nil},
		{"off", scene{policy: `{"minimumRest": null, "splitShift": "1h"}`, has: []string{"2026-06-02T06:59 1h"}}, shift, nil},
		{"split, gap as long as allowed", scene{policy: split("4h"), has: []string{"2026-06-02T02:00 2h"}}, shift, nil},
		{"split, gap a nanosecond longer", scene{policy: split("4h0m0.000000001s"), has: []string{"2026-06-02T02:00 1h59m59.999999998s"}}, shift, rules("minimum-rest")},
		{"split, after", scene{policy: split("4h"), has: []string{"2026-06-02T20:00 2h"}}, shift, nil},
		{"split, after, gap a minute longer", scene{policy: split("4h"), has: []string{"2026-06-02T20:01 2h"}}, shift, rules("minimum-rest")},
		{"split, parts that touch", scene{policy: split("0h"), has: []string{"2026-06-02T04:00 4h"}}, shift, nil},
		{"split, on two dates", scene{policy: split("4h"), has: []string{"2026-06-01T23:59 8h1m"}}, shift, rules("minimum-rest")},
		{"split, the date is that of the start", scene{policy: split("4h"), has: []string{"2026-06-02T20:00 8h"}}, shift, nil},
		{"split, the date is the local one", scene{policy: split("4h"), has: []string{"2026-06-01T14:00 5h"}}, "2026-06-01T21:00 2h", nil},
		{"split with one, no rest from another", scene{policy: split("4h"), has: []string{"2026-06-02T05:00 2h", "2026-06-01T22:00 1h"}}, shift, rules("minimum-rest")},
		{"split longer than the rest", scene{policy: `{"minimumRest": "1h", "splitShift": "4h"}`, has: []string{"2026-06-02T07:01 30m"}}, shift, nil},
		{"rest of a clock change is real time", scene{policy: rest, has: []string{"2026-03-07T13:00 8h"}}, "2026-03-08T09:00 4h", nil},
		{"rest of a clock change, an hour short", scene{policy: rest, has: []string{"2026-03-07T13:00 8h"}}, "2026-03-08T08:00 4h", rules("minimum-rest")},
	})
}

func TestMaxConsecutiveDays(t *testing.T) {
	t.Parallel()
	const shift, three = "2026-06-04T23:00 8h", `{"maxConsecutiveDays": 3}`
	runTakes(t, []takeRow{
		{"as many as allowed", scene{policy: three, has: []string{"2026-06-02T08:00 8h", "2026-06-03T08:00 8h"}}, shift, nil},
		{"one more", scene{policy: three, has: []string{"2026-06-01T08:00 8h", "2026-06-02T08:00 8h", "2026-06-03T08:00 8h"}}, shift, rules("max-consecutive-days")},
		{"before and after", scene{policy: three, has: []string{"2026-06-02T08:00 8h", "2026-06-03T08:00 8h", "2026-06-05T08:00 8h"}}, shift, rules("max-consecutive-days")},
		{"after alone", scene{policy: three, has: []string{"2026-06-05T08:00 8h", "2026-06-06T08:00 8h", "2026-06-07T08:00 8h"}}, shift, rules("max-consecutive-days")},
		{"a day in between", scene{policy: three, has: []string{"2026-05-31T08:00 8h", "2026-06-01T08:00 8h", "2026-06-02T08:00 8h", "2026-06-06T08:00 8h"}}, shift, nil},
		{"two on one date are one date", scene{policy: three, has: []string{"2026-06-02T08:00 1h", "2026-06-02T18:00 1h", "2026-06-03T08:00 1h", "2026-06-03T18:00 1h"}}, shift, nil},
		{"a date that is worked already", scene{policy: three, has: []string{"2026-06-02T08:00 1h", "2026-06-03T08:00 1h", "2026-06-04T08:00 1h"}}, shift, nil},
		{"a shift that lasts into the next date", scene{policy: three, has: []string{"2026-06-01T08:00 8h", "2026-06-02T23:00 8h"}}, shift, nil},
		{"dates are local", scene{policy: `{"maxConsecutiveDays": 1}`, has: []string{"2026-06-03T00:00 8h"}}, "2026-06-03T21:00 2h", nil},
		{"none at all", scene{policy: `{"maxConsecutiveDays": 0}`}, shift, rules("max-consecutive-days")},
		{"one", scene{policy: `{"maxConsecutiveDays": 1}`}, shift, nil},
		{"a run broken before it was", scene{policy: three, has: []string{"2026-06-01T08:00 1h", "2026-06-02T08:00 1h", "2026-06-03T08:00 1h", "2026-06-05T08:00 1h"}}, shift, rules("max-consecutive-days")},
		{"a date left out breaks the run", scene{zone: "Pacific/Apia", policy: `{"maxConsecutiveDays": 1}`, has: []string{"2011-12-29T08:00 8h"}}, "2011-12-31T08:00 8h", nil},
	})
}
