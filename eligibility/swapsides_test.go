package eligibility_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/eligibility"
)

// Shift A of u-1 is on Tuesday 2 June, shift B of u-2 on Thursday 4 June, each
// from 08:00 to 16:00 in New York; more holds further shifts.
func sidesTeam(policy, workers string, more ...string) object {
	document := swapTeam(policy, tomorrow, thursday, "")
	document["workers"] = rawJSON(workers)
	for i, shift := range more {
		document["shifts"] = append(document["shifts"].([]any), rawJSON(fmt.Sprintf(`{"id": "C%d", %s}`, i, shift)))
	}
	return document
}

func owned(user, start, end string) string {
	return fmt.Sprintf(`"userId": %q, "sharedShift": {"startDateTime": %q, "endDateTime": %q}`, user, start, end)
}

func replaceShift(document object, at int, shift string) object {
	document["shifts"].([]any)[at] = rawJSON(shift)
	return document
}

// Each side is asked about what it receives, without what it loses.
func TestSwapsSides(t *testing.T) {
	t.Parallel()
	const anyone = `[{"userId": "u-1"}, {"userId": "u-2"}]`
	wednesday := func(user string) string { return owned(user, "2026-06-03T12:00:00Z", "2026-06-03T20:00:00Z") }
	rows := []struct {
		name     string
		document object
		fails    []string
	}{
		{"nothing", sidesTeam("{}", anyone), nil},
		{"the requester has left by then", sidesTeam("{}", `[{"userId": "u-1", "terminationDate": "2026-06-03"}, {"userId": "u-2", "terminationDate": "2026-06-03"}]`), rules("employed@requester")},
		{"the owner is not there yet", sidesTeam("{}", `[{"userId": "u-1", "hireDate": "2026-06-03"}, {"userId": "u-2", "hireDate": "2026-06-03"}]`), rules("employed@owner")},
		{"neither is there", sidesTeam("{}", `[{"userId": "u-1", "terminationDate": "2025-06-03"}, {"userId": "u-2", "hireDate": "2027-06-03"}]`), rules("employed@requester", "employed@owner")},
		{"the requester overlaps", sidesTeam("{}", anyone, owned("U-1", "2026-06-04T13:00:00Z", "2026-06-04T14:00:00Z")), rules("no-overlap@requester")},
		{"the owner overlaps", sidesTeam("{}", anyone, owned("U-2", "2026-06-02T13:00:00Z", "2026-06-02T14:00:00Z")), rules("no-overlap@owner")},
		{"no rest from what is lost", sidesTeam(`{"minimumRest": "60h"}`, anyone), nil},
		{"no rest for the owner", sidesTeam(`{"minimumRest": "17h"}`, anyone, wednesday("u-2")), rules("minimum-rest@owner")},
		{"no rest for the requester", sidesTeam(`{"minimumRest": "17h"}`, anyone, wednesday("u-1")), rules("minimum-rest@requester")},
		{"a split shift for the owner", sidesTeam(`{"minimumRest": "11h", "splitShift": "1h"}`, anyone, owned("u-2", "2026-06-02T21:00:00Z", "2026-06-02T22:00:00Z")), nil},
		{"a split shift for the requester", sidesTeam(`{"minimumRest": "11h", "splitShift": "1h"}`, anyone, owned("u-1", "2026-06-04T21:00:00Z", "2026-06-04T22:00:00Z")), nil},
		{"what is lost makes room in the week", sidesTeam(`{"maxWeeklyHours": "8h"}`, anyone), nil},
		{"own limits", sidesTeam("{}", `[{"userId": "u-1", "maxWeeklyHours": "8h"}, {"userId": "u-2", "maxWeeklyHours": "7h"}]`), rules("max-weekly-hours@owner")},
		{"a run of the requester's days", sidesTeam(`{"maxConsecutiveDays": 1}`, anyone, wednesday("u-1")), rules("max-consecutive-days@requester")},
		{"what is lost breaks the run", sidesTeam(`{"maxConsecutiveDays": 2}`, anyone, wednesday("u-1"), wednesday("u-2")), nil},
		{"in the order of the rules, the requester's first", sidesTeam(`{"minimumRest": "17h", "maxConsecutiveDays": 0, "maxDailyHours": "7h"}`, anyone, wednesday("u-1"), wednesday("u-2")),
			rules("minimum-rest@requester", "max-daily-hours@requester", "max-consecutive-days@requester", "minimum-rest@owner", "max-daily-hours@owner", "max-consecutive-days@owner")},
		{"staged shifts are commitments", sidesTeam("{}", anyone, owned("u-1", "2026-06-04T13:00:00Z", "2026-06-04T14:00:00Z")+`, "isStagedForDeletion": true, "draftShift": {"isActive": false}`), rules("no-overlap@requester")},
		{"a commitment inside what is lost", replaceShift(sidesTeam("{}", anyone, owned("u-1", "2026-06-02T13:00:00Z", "2026-06-02T14:00:00Z")), 0, `{"id": "A", `+owned("u-1", "2026-06-02T12:00:00Z", "2026-06-05T12:00:00Z")+`}`), nil},
		{"deleted, draft and unassigned shifts are none", sidesTeam("{}", anyone,
			`"userId": "u-1", "sharedShift": {"isActive": false, "startDateTime": "2026-06-04T13:00:00Z", "endDateTime": "2026-06-04T14:00:00Z"}`,
			`"userId": "u-1", "draftShift": {"startDateTime": "2026-06-04T13:00:00Z", "endDateTime": "2026-06-04T14:00:00Z"}`,
			`"sharedShift": {"startDateTime": "2026-06-04T13:00:00Z", "endDateTime": "2026-06-04T14:00:00Z"}`), nil},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			q := eligibility.SwapQuestion{ShiftID: "A", RequestType: "SwapRequest", WindowStart: "2026-06-04T12:00:00Z", WindowEnd: "2026-06-04T12:00:00Z", Now: noon}
			team := parse(t, row.document)
			want := newOracle(encode(t, row.document)).swaps(q.ShiftID, q.RequestType, q.WindowStart, q.WindowEnd, q.Now)
			require.Equal(t, want, askSwaps(t, q).explain(team))
			require.Equal(t, want.IDs, askSwaps(t, q).plain(team).IDs)
			verdict := team.Swap(eligibility.PairQuestion{SenderShiftID: "A", RecipientShiftID: "B", Now: noon})
			require.Equal(t, row.fails, failures(t, verdict.Failed))
		})
	}
}

// Where both shifts are the same worker's, neither counts for either side; of
// a shift and itself, only that one does not.
func TestSwapsOfOneWorker(t *testing.T) {
	t.Parallel()
	document := sidesTeam(`{"minimumRest": "100h", "maxWeeklyHours": "8h", "maxConsecutiveDays": 1, "maxDailyHours": "8h"}`, `[]`)
	document["shifts"] = []any{rawJSON(`{"id": "A", "userId": "u-1", ` + tomorrow + `}`), rawJSON(`{"id": "B", "userId": "U-1", ` + thursday + `}`)}
	q := askSwaps(t, eligibility.SwapQuestion{ShiftID: "A", RequestType: "SwapRequest", Now: noon})
	requireAnswer(t, document, q, onlyB(rules("different-worker")))
	pair := askPair(t, eligibility.PairQuestion{SenderShiftID: "B", RecipientShiftID: "B", Now: noon})
	requireAnswer(t, document, pair, onlyB(rules("different-worker",
		"minimum-rest@requester", "max-weekly-hours@requester", "minimum-rest@owner", "max-weekly-hours@owner")))
}

// Answers are ordered by start, then id, whatever the order in the file.
func TestSwapsOrder(t *testing.T) {
	t.Parallel()
	document := sidesTeam("{}", "[]")
	var shifts []any
	for _, shift := range []struct{ id, start, end string }{
		{"b", "2026-06-04T12:00:00+00:00", "2026-06-04T13:00:00Z"},
		{"B", "2026-06-04T08:00:00-04:00", "2026-06-04T20:00:00Z"},
		{"a", "2026-06-04T14:00:00+02:00", "2026-06-04T13:00:00Z"},
		{"early", "2026-06-04T13:59:00+02:00", "2026-06-04T13:00:00Z"},
		{"late", "2026-06-04T12:00:00.000000001Z", "2026-06-04T13:00:00Z"},
	} {
		shifts = append(shifts, rawJSON(fmt.Sprintf(`{"id": %q, %s}`, shift.id, owned("u-"+shift.id+"2", shift.start, shift.end))))
	}
	document["shifts"] = append(shifts, rawJSON(`{"id": "A", "userId": "u-1", `+tomorrow+`}`))
	team := parse(t, document)
	answer, err := team.Swaps(t.Context(), eligibility.SwapQuestion{ShiftID: "A", RequestType: "SwapRequest", Now: noon})
	require.NoError(t, err)
	assert.Equal(t, []string{"early", "B", "a", "b", "late"}, answer.IDs)
}

// A plain answer need not look at shifts that start where the requester has no
// time, but each of the others is looked at once, whatever rest is due.
func TestSwapsListsEachCandidateOnce(t *testing.T) {
	t.Parallel()
	for _, policy := range []string{
		`{}`, `{"minimumRest": "0h"}`, `{"minimumRest": "30m"}`, `{"minimumRest": "11h"}`,
		`{"minimumRest": "0h", "splitShift": "4h"}`, `{"minimumRest": "30m", "splitShift": "4h"}`, `{"minimumRest": "4h", "splitShift": "4h"}`,
		`{"minimumRest": "11h", "splitShift": "4h"}`, `{"minimumRest": "11h", "splitShift": "0h"}`, `{"splitShift": "4h"}`,
	} {
		document := sidesTeam(policy, "[]", owned("u-1", "2026-06-10T12:00:00Z", "2026-06-10T16:00:00Z"), owned("u-1", "2026-06-10T15:00:00Z", "2026-06-10T17:00:00Z"))
		document["timesOff"] = []any{rawJSON(`{"id": "1", "userId": "u-1", "sharedTimeOff": {"startDateTime": "2026-06-11T12:00:00Z", "endDateTime": "2026-06-11T16:00:00Z"}}`)}
		start := time.Date(2026, time.June, 9, 20, 0, 0, 0, time.UTC)
		for i := range 60 {
			at := start.Add(time.Duration(i) * time.Hour)
			document["shifts"] = append(document["shifts"].([]any), rawJSON(fmt.Sprintf(`{"id": "H%02d", %s}`, i,
				owned(fmt.Sprint("v-", i), at.Format(time.RFC3339), at.Add(time.Hour).Format(time.RFC3339)))))
		}
		q := askSwaps(t, eligibility.SwapQuestion{ShiftID: "A", RequestType: "SwapRequest", Now: noon})
		team, want := parse(t, document), newOracle(encode(t, document))
		assert.Equal(t, q.oracle(want).IDs, q.plain(team).IDs, policy)
	}
}

// No candidates is a success with an empty list.
func TestSwapsWithoutCandidates(t *testing.T) {
	t.Parallel()
	document := sidesTeam("{}", "[]")
	document["shifts"] = document["shifts"].([]any)[:1]
	q := eligibility.SwapQuestion{ShiftID: "A", RequestType: "SwapRequest", Now: noon}
	requireAnswer(t, document, askSwaps(t, q), oracleAnswer{IDs: []string{}})
}

// A context that ends while a long list is being made ends that.
func TestSwapsStopsMidway(t *testing.T) {
	t.Parallel()
	document := sidesTeam("{}", "[]")
	for i := range 2000 {
		document["shifts"] = append(document["shifts"].([]any),
			rawJSON(fmt.Sprintf(`{"id": "C%d", %s}`, i, owned(fmt.Sprint("v-", i), "2026-06-03T12:00:00Z", "2026-06-03T13:00:00Z"))))
	}
	team := parse(t, document)
	q := eligibility.SwapQuestion{ShiftID: "A", RequestType: "SwapRequest", Now: noon}
	for _, ask := range []func(context.Context, eligibility.SwapQuestion) (eligibility.Answer, error){team.Swaps, team.ExplainSwaps} {
		answer, err := ask(&expiring{Context: t.Context(), looks: 3}, q)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Empty(t, answer)
	}
}

// expiring ends after it was looked at a few times.
type expiring struct {
	context.Context
	looks int
}

func (c *expiring) Err() error {
	if c.looks--; c.looks < 0 {
		return context.DeadlineExceeded
	}
	return nil
}

func TestSwapPair(t *testing.T) {
	t.Parallel()
	const (
		mine   = `{"id": "SREQ_1", "state": "pending", "senderShiftId": "A", "recipientShiftId": "B"}`
		twoDay = `{"swap": {"notice": "24h"}}`
	)
	pair := func(sender, recipient, request string) eligibility.PairQuestion {
		return eligibility.PairQuestion{SenderShiftID: sender, RecipientShiftID: recipient, RequestID: request, Now: noon}
	}
	also := func(kind, request string) object {
		document := swapTeam("{}", tomorrow, thursday, mine)
		document[kind] = append(objectsOf(document, kind), rawJSON(request))
		return document
	}
	rows := []struct {
		name     string
		document object
		q        eligibility.PairQuestion
		code     eligibility.Code
		fails    []string
	}{
		{"no request", swapTeam("{}", tomorrow, thursday, ""), pair("A", "B", ""), "", nil},
		{"tied up by the request itself", swapTeam("{}", tomorrow, thursday, mine), pair("A", "B", "SREQ_1"), "", nil},
		{"tied up by another", swapTeam("{}", tomorrow, thursday, mine), pair("A", "B", "SREQ_2"), eligibility.ShiftInOpenRequest, nil},
		{"request ids have a letter case", swapTeam("{}", tomorrow, thursday, mine), pair("A", "B", "sreq_1"), eligibility.ShiftInOpenRequest, nil},
		{"tied up without a request", swapTeam("{}", tomorrow, thursday, mine), pair("A", "B", ""), eligibility.ShiftInOpenRequest, nil},
		{"a also tied up by another", also("swapRequests", `{"id": "SREQ_2", "state": "pending", "recipientShiftId": "A"}`), pair("A", "B", "SREQ_1"), eligibility.ShiftInOpenRequest, nil},
		{"b also tied up by another", also("swapRequests", `{"id": "SREQ_2", "state": "pending", "recipientShiftId": "B"}`), pair("A", "B", "SREQ_1"), "", rules("not-tied-up")},
		{"b also tied up by an offer", also("offerShiftRequests", `{"id": "SREQ_2", "state": "pending", "senderShiftId": "B"}`), pair("A", "B", "SREQ_1"), "", rules("not-tied-up")},
		{"b also tied up by a closed one", also("swapRequests", `{"id": "SREQ_2", "state": "declined", "recipientShiftId": "B"}`), pair("A", "B", "SREQ_1"), "", nil},
		{"an offer of the same id is not the request", also("offerShiftRequests", `{"id": "SREQ_1", "state": "pending", "senderShiftId": "B"}`), pair("A", "B", "SREQ_1"), "", rules("not-tied-up")},
		{"a unknown", swapTeam("{}", tomorrow, thursday, ""), pair("C", "B", ""), eligibility.ShiftNotFound, nil},
		{"b unknown", swapTeam("{}", tomorrow, thursday, ""), pair("A", "C", ""), eligibility.ShiftNotFound, nil},
		{"b not published", swapTeam("{}", tomorrow, `"sharedShift": null`, ""), pair("A", "B", ""), eligibility.ShiftNotFound, nil},
		{"b deleted", swapTeam("{}", tomorrow, `"sharedShift": {"isActive": false, "startDateTime": "2026-06-04T12:00:00Z", "endDateTime": "2026-06-04T20:00:00Z"}`, ""), pair("A", "B", ""), eligibility.ShiftNotFound, nil},
		{"b unassigned", swapTeam("{}", tomorrow, thursday+`, "userId": null`, ""), pair("A", "B", ""), eligibility.ShiftNotFound, nil},
		{"a before b: started", swapTeam("{}", sharedAt(noon), `"sharedShift": null`, ""), pair("A", "B", ""), eligibility.ShiftAlreadyStarted, nil},
		{"a before b: tied up", swapTeam("{}", tomorrow, thursday, mine), pair("A", "C", ""), eligibility.ShiftInOpenRequest, nil},
		{"a staged", swapTeam("{}", tomorrow+`, "isStagedForDeletion": true`, thursday, ""), pair("A", "B", ""), eligibility.ShiftNotAvailable, nil},
		{"a too soon", swapTeam(twoDay, sharedAt(noon.Add(24*time.Hour-1)), thursday, ""), pair("A", "B", ""), eligibility.NoticeTooShort, nil},
		{"b too soon", swapTeam(twoDay, thursday, sharedAt(noon.Add(24*time.Hour-1)), ""), pair("A", "B", ""), "", rules("notice")},
		{"b started and staged", swapTeam("{}", thursday, sharedAt(noon)+`, "isStagedForDeletion": true`, ""), pair("A", "B", ""), "", rules("not-started", "not-staged")},
		{"the same shift", swapTeam("{}", tomorrow, thursday, ""), pair("B", "B", ""), "", rules("different-worker")},
		{"no window", swapTeam("{}", tomorrow, sharedAt(noon.AddDate(5, 0, 0)), ""), pair("A", "B", ""), "", nil},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			want := oracleAnswer{Code: string(row.code)}
			if row.code == eligibility.OK {
				want = onlyB(row.fails)
			}
			requireAnswer(t, row.document, askPair(t, row.q), want)
		})
	}
}

func objectsOf(document object, kind string) []any {
	entities, _ := document[kind].([]any)
	return entities
}
