package eligibility_test

import (
	"testing"
	"time"

	"example.com/shiftswfi/eligibility"
)

// What a shift that is offered, or an open one, has to be before a worker may
// take it.
func TestTake(t *testing.T) {
	t.Parallel()
	const mine = `"id": "SREQ_1", "state": "Pending", "senderShiftId": "A", "recipientUserId": "u-2"`
	team := func(policy, shift, open string) object {
		return object{
			"team": object{"id": "team-1", "timeZone": "America/New_York"}, "policy": rawJSON(policy),
			"shifts":             []any{rawJSON(`{"id": "A", "userId": "u-1", ` + shift + `}`)},
			"openShifts":         []any{rawJSON(`{"id": "O", ` + open + `}`)},
			"offerShiftRequests": []any{rawJSON(`{` + mine + `}`)},
		}
	}
	shared := func(at time.Time, more string) string {
		text := sharedAt(at)[len(`"sharedShift": {`):]
		return `"sharedOpenShift": {` + more + text
	}
	const notice = `{"swap": {"notice": "24h", "sameSchedulingGroup": true}}`
	later := noon.Add(24 * time.Hour)
	open := shared(later, "")
	swapped := func(request string) object {
		document := team(notice, sharedAt(later), open)
		document["swapRequests"] = []any{rawJSON(request)}
		return document
	}
	same := team(notice, sharedAt(later), open)
	same["openShifts"] = []any{rawJSON(`{"id": "A", "isStagedForDeletion": true, ` + open + `}`)}
	draft := team(notice, `"sharedShift": null`, open)
	draft["openShifts"] = []any{rawJSON(`{"id": "A", ` + open + `}`)}
	tied := team(notice, sharedAt(later), open)
	tied["swapRequests"] = []any{rawJSON(`{"id": "SREQ_2", "state": "pending", "senderShiftId": "O"}`)}
	rows := []struct {
		name            string
		document        object
		shift, user, by string
		code            eligibility.Code
		fails           []string
	}{
		{"an offer", team(notice, sharedAt(later), open), "A", "u-2", "SREQ_1", "", nil},
		{"an offer, by somebody of whom nothing is known", team(notice, sharedAt(later), open), "A", "u-9", "SREQ_1", "", nil},
		{"an offer to oneself", team(notice, sharedAt(later), open), "A", "U-1", "SREQ_1", "", rules("different-worker")},
		{"an offer that has started", team("{}", sharedAt(noon), open), "A", "u-2", "SREQ_1", "", rules("not-started")},
		{"an offer that starts a nanosecond later", team("{}", sharedAt(noon.Add(1)), open), "A", "u-2", "SREQ_1", "", nil},
		{"an offer that is staged", team(notice, sharedAt(later)+`, "isStagedForDeletion": true`, open), "A", "u-2", "SREQ_1", "", rules("not-staged")},
		{"an offer that is too soon", team(notice, sharedAt(later.Add(-1)), open), "A", "u-2", "SREQ_1", "", rules("notice")},
		{"an offer tied up by another request", team(notice, sharedAt(later), open), "A", "u-2", "SREQ_2", "", rules("not-tied-up")},
		{"an offer tied up, no request", team(notice, sharedAt(later), open), "A", "u-2", "", "", rules("not-tied-up")},
		{"an offer tied up by a swap", swapped(`{"id": "SREQ_2", "state": "pending", "recipientShiftId": "A"}`), "A", "u-2", "SREQ_1", "", rules("not-tied-up")},
		{"an offer tied up by a swap of the same id", swapped(`{"id": "SREQ_1", "state": "pending", "recipientShiftId": "A"}`), "A", "u-2", "SREQ_1", "", rules("not-tied-up")},
		{"an offer, everything at once", team(notice, sharedAt(noon)+`, "isStagedForDeletion": true`, open), "A", "u-1", "", "",
			rules("different-worker", "not-started", "not-staged", "notice", "not-tied-up")},
		{"unknown", team(notice, sharedAt(later), open), "X", "u-2", "", eligibility.ShiftNotFound, nil},
		{"no id", team(notice, sharedAt(later), open), "", "u-2", "", eligibility.ShiftNotFound, nil},
		{"a draft", team(notice, `"sharedShift": null`, open), "A", "u-2", "", eligibility.ShiftNotFound, nil},
		{"a deleted one", team(notice, `"sharedShift": {"isActive": false, "startDateTime": "2026-06-02T12:00:00Z", "endDateTime": "2026-06-02T20:00:00Z"}`, open), "A", "u-2", "", eligibility.ShiftNotFound, nil},
		{"an unassigned one", team(notice, sharedAt(later)+`, "userId": null`, open), "A", "u-2", "", eligibility.ShiftNotFound, nil},
		{"an offer and an open shift of one id: the offer", same, "A", "u-2", "SREQ_1", "", nil},
		{"a draft and an open shift of one id: the open shift", draft, "A", "u-2", "", "", nil},

		{"open", team(notice, sharedAt(later), open), "O", "u-2", "", "", nil},
		{"open, slots left", team(notice, sharedAt(later), shared(later, `"openSlotCount": 1, `)), "O", "u-2", "", "", nil},
		{"open, slots not counted", team(notice, sharedAt(later), shared(later, `"openSlotCount": null, `)), "O", "u-2", "", "", nil},
		{"open, no slots left", team(notice, sharedAt(later), shared(later, `"openSlotCount": 0, `)), "O", "u-2", "", "", rules("slots-left")},
		{"open, less than none", team(notice, sharedAt(later), shared(later, `"openSlotCount": -1, `)), "O", "u-2", "", "", rules("slots-left")},
		{"open, staged", team(notice, sharedAt(later), open+`, "isStagedForDeletion": true`), "O", "u-2", "", "", rules("not-staged")},
		{"open, staged by its draft", team(notice, sharedAt(later), open+`, "draftOpenShift": {"isActive": false}`), "O", "u-2", "", "", rules("not-staged")},
		{"open, a shift's draft says nothing", team(notice, sharedAt(later), open+`, "draftShift": {"isActive": false}`), "O", "u-2", "", "", nil},
		{"open, started", team("{}", sharedAt(later), shared(noon, "")), "O", "u-2", "", "", rules("not-started")},
		{"open, too soon", team(notice, sharedAt(later.Add(48*time.Hour)), shared(later.Add(-1), "")), "O", "u-2", "", "", rules("notice")},
		{"open, everything at once", team(notice, sharedAt(later), shared(noon, `"openSlotCount": 0, `)+`, "isStagedForDeletion": true`), "O", "u-2", "", "",
			rules("not-started", "not-staged", "slots-left", "notice")},
		{"open, is never tied up", tied, "O", "u-2", "", "", nil},
		{"open, deleted", team(notice, sharedAt(later), shared(later, `"isActive": false, `)), "O", "u-2", "", eligibility.ShiftNotFound, nil},
		{"open, a draft", team(notice, sharedAt(later), `"draftOpenShift": {"isActive": true}`), "O", "u-2", "", eligibility.ShiftNotFound, nil},
		{"open, overlapping what one has", team(notice, sharedAt(later), open), "O", "U-1", "", "", rules("no-overlap")},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			want := oracleAnswer{Code: string(row.code)}
			if row.code == eligibility.OK {
				want = oracleAnswer{IDs: []string{}, Candidates: []oracleCandidate{{row.shift, row.fails}}}
				if row.fails == nil {
					want.IDs = []string{row.shift}
				}
			}
			q := eligibility.TakeQuestion{ShiftID: row.shift, UserID: row.user, RequestID: row.by, Now: noon}
			requireAnswer(t, row.document, askTake(t, q), want)
		})
	}
}
