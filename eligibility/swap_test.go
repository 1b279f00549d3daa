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

// noon is the now of the tables below: Monday, 08:00 in New York.
var noon = time.Date(2026, time.June, 1, 12, 0, 0, 0, time.UTC)

const (
	tomorrow = `"sharedShift": {"startDateTime": "2026-06-02T12:00:00Z", "endDateTime": "2026-06-02T20:00:00Z"}`
	thursday = `"sharedShift": {"startDateTime": "2026-06-04T12:00:00Z", "endDateTime": "2026-06-04T20:00:00Z"}`
)

func sharedAt(start time.Time) string {
	return fmt.Sprintf(`"sharedShift": {"startDateTime": %q, "endDateTime": %q}`,
		start.Format(time.RFC3339Nano), start.Add(8*time.Hour).Format(time.RFC3339Nano))
}

// swapTeam is a team with the shifts A of u-1 and B of u-2, whose members are
// given, and a list of swap and offer requests.
func swapTeam(policy, a, b, requests string) object {
	document := object{
		"team": object{"id": "team-1", "timeZone": "America/New_York"}, "policy": rawJSON(policy),
		"shifts": []any{rawJSON(`{"id": "A", "userId": "u-1", ` + a + `}`), rawJSON(`{"id": "B", "userId": "u-2", ` + b + `}`)},
	}
	if requests != "" {
		document["swapRequests"] = []any{rawJSON(requests)}
	}
	return document
}

// requireAnswer asks the package, plainly and for an explanation, and the oracle.
func requireAnswer(t *testing.T, document object, q question, want oracleAnswer) {
	t.Helper()
	team := parse(t, document)
	require.Equal(t, want, q.explain(team))
	plain := q.plain(team)
	require.Equal(t, want.Code, plain.Code)
	require.Equal(t, want.IDs, plain.IDs)
	require.Equal(t, want, q.oracle(newOracle(encode(t, document))))
}

// onlyB is the answer whose one candidate is B.
func onlyB(failed []string) oracleAnswer {
	answer := oracleAnswer{IDs: []string{}, Candidates: []oracleCandidate{{"B", failed}}}
	if failed == nil {
		answer.IDs = []string{"B"}
	}
	return answer
}

// What refuses the shift in question, each row with what fails at once behind
// it in the order of the checks.
func TestSwapsRefusesShift(t *testing.T) {
	t.Parallel()
	const (
		notice = `{"swap": {"notice": "24h"}}`
		tied   = `{"id": "SREQ_1", "state": "Pending", "senderShiftId": "A"}`
	)
	rows := []struct {
		name                string
		policy, a, requests string
		q                   eligibility.SwapQuestion
		want                eligibility.Code
	}{
		{"nothing is wrong", notice, sharedAt(noon.Add(24 * time.Hour)), "", eligibility.SwapQuestion{}, eligibility.OK},
		{"type before anything", notice, `"isStagedForDeletion": true`, tied, eligibility.SwapQuestion{RequestType: "OfferShiftRequest", WindowStart: "?"}, eligibility.UnsupportedOperation},
		{"no type", "{}", tomorrow, "", eligibility.SwapQuestion{RequestType: " "}, eligibility.UnsupportedOperation},
		{"window before the shift", notice, `"sharedShift": null`, tied, eligibility.SwapQuestion{WindowStart: "?"}, eligibility.BadRequest},
		{"unknown", "{}", tomorrow, "", eligibility.SwapQuestion{ShiftID: "C"}, eligibility.ShiftNotFound},
		{"ids have a letter case", "{}", tomorrow, "", eligibility.SwapQuestion{ShiftID: "a"}, eligibility.ShiftNotFound},
		{"no id", "{}", tomorrow, "", eligibility.SwapQuestion{ShiftID: " "}, eligibility.ShiftNotFound},
		{"never shared, before it is staged", notice, `"sharedShift": null, "isStagedForDeletion": true`, tied, eligibility.SwapQuestion{}, eligibility.ShiftNotFound},
		{"a draft", "{}", `"draftShift": {"startDateTime": "2026-06-02T12:00:00Z", "endDateTime": "2026-06-02T20:00:00Z"}`, "", eligibility.SwapQuestion{}, eligibility.ShiftNotFound},
		{"deleted", "{}", `"sharedShift": {"isActive": false, "startDateTime": "2026-06-02T12:00:00Z", "endDateTime": "2026-06-02T20:00:00Z"}`, "", eligibility.SwapQuestion{}, eligibility.ShiftNotFound},
		{"unassigned", "{}", tomorrow + `, "userId": ""`, "", eligibility.SwapQuestion{}, eligibility.ShiftNotFound},
		{"started, before it is staged", notice, sharedAt(noon) + `, "isStagedForDeletion": true`, tied, eligibility.SwapQuestion{}, eligibility.ShiftAlreadyStarted},
		{"starts a nanosecond later", "{}", sharedAt(noon.Add(1)), "", eligibility.SwapQuestion{}, eligibility.OK},
		{"staged, before the notice", notice, sharedAt(noon.Add(1)) + `, "isStagedForDeletion": true`, tied, eligibility.SwapQuestion{}, eligibility.ShiftNotAvailable},
		{"staged by its draft", "{}", tomorrow + `, "draftShift": {"isActive": false}`, "", eligibility.SwapQuestion{}, eligibility.ShiftNotAvailable},
		{"a draft that stays", "{}", tomorrow + `, "draftShift": {"isActive": true}, "isStagedForDeletion": false`, "", eligibility.SwapQuestion{}, eligibility.OK},
		{"notice, before it is tied up", notice, sharedAt(noon.Add(24*time.Hour - 1)), tied, eligibility.SwapQuestion{}, eligibility.NoticeTooShort},
		{"notice of zero", `{"swap": {"notice": "0h"}}`, sharedAt(noon.Add(1)), "", eligibility.SwapQuestion{}, eligibility.OK},
		{"tied up", notice, sharedAt(noon.Add(24 * time.Hour)), tied, eligibility.SwapQuestion{}, eligibility.ShiftInOpenRequest},
		{"tied up as the recipient's", "{}", tomorrow, `{"id": "SREQ_1", "state": " PENDING ", "recipientShiftId": "A"}`, eligibility.SwapQuestion{}, eligibility.ShiftInOpenRequest},
		{"approved ties nothing", "{}", tomorrow, `{"id": "SREQ_1", "state": "approved", "senderShiftId": "A"}`, eligibility.SwapQuestion{}, eligibility.OK},
		{"declined ties nothing", "{}", tomorrow, `{"id": "SREQ_1", "state": "Declined ", "senderShiftId": "A"}`, eligibility.SwapQuestion{}, eligibility.OK},
		{"an unknown state ties nothing", "{}", tomorrow, `{"id": "SREQ_1", "state": "pendingToo", "senderShiftId": "A"}`, eligibility.SwapQuestion{}, eligibility.OK},
		{"no state ties nothing", "{}", tomorrow, `{"id": "SREQ_1", "senderShiftId": "A"}`, eligibility.SwapQuestion{}, eligibility.OK},
		{"shift ids of a request have a letter case", "{}", tomorrow, `{"id": "SREQ_1", "state": "pending", "senderShiftId": "a"}`, eligibility.SwapQuestion{}, eligibility.OK},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			q := row.q
			q.Now = noon
			if q.ShiftID == "" {
				q.ShiftID = "A"
			}
			if q.RequestType == "" {
				q.RequestType = "SwapRequest"
			}
			want := oracleAnswer{Code: string(row.want)}
			if row.want == eligibility.OK {
				want = onlyB(nil)
			}
			requireAnswer(t, swapTeam(row.policy, row.a, thursday, row.requests), askSwaps(t, q), want)
		})
	}
}

func TestOpenOfferTiesUpShift(t *testing.T) {
	t.Parallel()
	for _, field := range []string{"senderShiftId", "recipientShiftId"} {
		document := swapTeam("{}", tomorrow, thursday, "")
		document["offerShiftRequests"] = []any{rawJSON(`{"id": "SREQ_1", "state": "pending", "` + field + `": "A"}`)}
		requireAnswer(t, document, askSwaps(t, eligibility.SwapQuestion{ShiftID: "A", RequestType: "swaprequest", Now: noon}),
			oracleAnswer{Code: "ShiftInOpenRequest"})
	}
	for _, kind := range []string{"openShiftRequests", "timeOffRequests"} {
		document := swapTeam("{}", tomorrow, thursday, "")
		document[kind] = []any{rawJSON(`{"id": "SREQ_1", "state": "pending", "senderShiftId": "A"}`)}
		requireAnswer(t, document, askSwaps(t, eligibility.SwapQuestion{ShiftID: "A", RequestType: "swaprequest", Now: noon}), onlyB(nil))
	}
}

// The candidate starts at noon UTC on Thursday, 4 June.
func TestSwapsWindow(t *testing.T) {
	t.Parallel()
	in, out := onlyB(nil), onlyB(rules("window"))
	bad := oracleAnswer{Code: "BadRequest"}
	rows := []struct {
		name, start, end string
		want             oracleAnswer
	}{
		{"open", "", "", in},
		{"around", "2026-06-04T00:00:00Z", "2026-06-05T00:00:00Z", in},
		{"starts with it", "2026-06-04T12:00:00Z", "2026-06-05T00:00:00Z", in},
		{"starts a nanosecond later", "2026-06-04T12:00:00.000000001Z", "2026-06-05T00:00:00Z", out},
		{"ends with it", "2026-06-04T00:00:00Z", "2026-06-04T12:00:00Z", in},
		{"ends a nanosecond sooner", "2026-06-04T00:00:00Z", "2026-06-04T11:59:59.999999999Z", out},
		{"one instant", "2026-06-04T12:00:00Z", "2026-06-04T08:00:00-04:00", in},
		{"US form", "6/4/2026 8:00:00 AM -04:00", "6/4/2026 12:00:00 PM +00:00", in},
		{"US form, an hour too late", "6/4/2026 9:00:00 AM -04:00", "", out},
		{"reversed", "2026-06-04T12:00:00.000000001Z", "2026-06-04T12:00:00Z", bad},
		{"unreadable start", "yesterday", "2026-06-05T00:00:00Z", bad},
		{"unreadable end", "2026-06-04T00:00:00Z", "2026-06-05", bad},
		{"a blank is not an empty value", " ", "", bad},
		{"a blank is not an empty value, end", "", " ", bad},
		{"no start: now", "", "2026-06-05T00:00:00Z", in},
		{"no start, end before now", "", "2026-06-01T11:59:59Z", bad},
		{"no start, end is now", "", "2026-06-01T12:00:00Z", out},
		{"no end: 672 hours, to the instant", "2026-05-07T12:00:00Z", "", in},
		{"no end: 672 hours, a nanosecond more", "2026-05-07T11:59:59.999999999Z", "", out},
		{"long ago", "1900-01-01T00:00:00Z", "1900-01-02T00:00:00Z", out},
		{"all of time", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z", in},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			q := eligibility.SwapQuestion{ShiftID: "A", RequestType: " SWAPREQUEST ", WindowStart: row.start, WindowEnd: row.end, Now: noon}
			requireAnswer(t, swapTeam("{}", tomorrow, thursday, ""), askSwaps(t, q), row.want)
		})
	}
}

// What keeps a candidate out, but for the assignment rules.
func TestSwapsCandidate(t *testing.T) {
	t.Parallel()
	const (
		notice  = `{"swap": {"notice": "48h"}}`
		grouped = `{"swap": {"sameSchedulingGroup": true}}`
		later   = `"sharedShift": {"startDateTime": "2026-06-07T12:00:00Z", "endDateTime": "2026-06-07T20:00:00Z"}`
	)
	group := func(id string) string { return later + `, "schedulingGroupId": ` + id }
	rows := []struct {
		name, policy, a, b, requests string
		fails                        []string
	}{
		{"another worker", "{}", later, thursday, "", nil},
		{"the same worker", "{}", later, thursday + `, "userId": "u-1"`, "", rules("different-worker")},
		{"the same worker in another letter case", "{}", later, thursday + `, "userId": "U-1"`, "", rules("different-worker")},
		{"a sign that only Unicode folds", "{}", later + `, "userId": "k"`, thursday + `, "userId": "\u212a"`, "", nil},
		{"a sign that only Unicode folds, beside one that ASCII does", "{}", later + `, "userId": "Ak"`, thursday + `, "userId": "A\u212a"`, "", nil},
		{"letters beyond ASCII have a case", "{}", later + `, "userId": "\u00e4"`, thursday + `, "userId": "\u00c4"`, "", nil},
		{"starts now", "{}", later, sharedAt(noon), "", rules("not-started")},
		{"starts a nanosecond later", "{}", later, sharedAt(noon.Add(1)), "", nil},
		{"staged", "{}", later, thursday + `, "isStagedForDeletion": true`, "", rules("not-staged")},
		{"staged by its draft", "{}", later, thursday + `, "draftShift": {"isActive": false}`, "", rules("not-staged")},
		{"a draft in its own words", "{}", later, thursday + `, "draftShift": {"isActive": "false"}`, "", nil},
		{"notice, as long as needed", notice, later, sharedAt(noon.Add(48 * time.Hour)), "", nil},
		{"notice, a nanosecond short", notice, later, sharedAt(noon.Add(48*time.Hour - 1)), "", rules("notice")},
		{"tied up", "{}", later, thursday, `{"id": "SREQ_1", "state": "pending", "senderShiftId": "B"}`, rules("not-tied-up")},
		{"tied up as the recipient's", "{}", later, thursday, `{"id": "SREQ_1", "state": "pending", "recipientShiftId": "B"}`, rules("not-tied-up")},
		{"same group", grouped, group(`"TAG_1"`), thursday + `, "schedulingGroupId": "TAG_1"`, "", nil},
		{"groups have a letter case", grouped, group(`"TAG_1"`), thursday + `, "schedulingGroupId": "tag_1"`, "", rules("same-group")},
		{"one without a group", grouped, group(`"TAG_1"`), thursday, "", rules("same-group")},
		{"the other without a group", grouped, later, thursday + `, "schedulingGroupId": "TAG_1"`, "", rules("same-group")},
		{"neither with a group", grouped, group(`""`), thursday + `, "schedulingGroupId": null`, "", nil},
		{"same group is off", `{"swap": {"sameSchedulingGroup": false}}`, group(`"TAG_1"`), thursday, "", nil},
		{"all at once", `{"swap": {"notice": "500h", "sameSchedulingGroup": true}}`, `"sharedShift": {"startDateTime": "2026-07-01T12:00:00Z", "endDateTime": "2026-07-01T20:00:00Z"}`,
			sharedAt(noon) + `, "userId": "u-1", "schedulingGroupId": "TAG_1", "isStagedForDeletion": true`, `{"id": "SREQ_1", "state": "pending", "senderShiftId": "B"}`,
			rules("different-worker", "not-started", "not-staged", "notice", "not-tied-up", "same-group")},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			q := eligibility.SwapQuestion{ShiftID: "A", RequestType: "SwapRequest", Now: noon}
			requireAnswer(t, swapTeam(row.policy, row.a, row.b, row.requests), askSwaps(t, q), onlyB(row.fails))
		})
	}
}

func TestSwapsStopsWithItsContext(t *testing.T) {
	t.Parallel()
	team := parse(t, swapTeam("{}", tomorrow, thursday, ""))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	swaps := eligibility.SwapQuestion{ShiftID: "A", RequestType: "SwapRequest", Now: noon}
	for name, ask := range map[string]func() (eligibility.Answer, error){
		"swaps":         func() (eligibility.Answer, error) { return team.Swaps(ctx, swaps) },
		"explain swaps": func() (eligibility.Answer, error) { return team.ExplainSwaps(ctx, swaps) },
		"reasons": func() (eligibility.Answer, error) {
			return team.TimeOffReasons(ctx, eligibility.ReasonQuestion{UserID: "u-1"})
		},
		"explain reasons": func() (eligibility.Answer, error) {
			return team.ExplainTimeOffReasons(ctx, eligibility.ReasonQuestion{UserID: "u-1"})
		},
	} {
		answer, err := ask()
		assert.ErrorIs(t, err, context.Canceled, name)
		assert.Empty(t, answer, name)
	}
}
