package eligibility_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/eligibility"
)

func TestTimeOffSteps(t *testing.T) {
	t.Parallel()
	pending := items{putAbsence("R", "Pending/Manager", "8+8")}
	ask := func(more object) items { return items{putAbsence("R", "Pending/Manager", "8+8", more)} }
	runProposals(t, []proposalRow{
		{name: "create", batch: pending, want: []string{"+ timeOffRequests R pending/manager"}},
		{name: "create, against a rule", batch: ask(object{"senderUserId": "ben", "timeOffReasonId": "TOR_vacation"}), codes: []string{"Tenure"}},
		{name: "create, inactive reason", batch: ask(object{"timeOffReasonId": "TOR_old"}), codes: []string{"TimeOffReasonNotFound"}},
		{name: "create, unknown reason", batch: ask(object{"timeOffReasonId": "?"}), codes: []string{"TimeOffReasonNotFound"}},
		{name: "create, unknown worker", batch: ask(object{"senderUserId": "eve"}), codes: []string{"UserNotFound"}},
		{name: "create, no worker", batch: ask(object{"senderUserId": nil}), codes: []string{"BadRequest"}},
		{name: "create, no reason", batch: ask(object{"timeOffReasonId": nil}), codes: []string{"BadRequest"}},
		{name: "create, no start", batch: ask(object{"startDateTime": nil}), codes: []string{"BadRequest"}},
		{name: "create, no end", batch: ask(object{"endDateTime": nil}), codes: []string{"BadRequest"}},
		{name: "create, reversed", batch: ask(object{"endDateTime": "2026-12-01T00:00:00Z"}), codes: []string{"BadRequest"}},
		{name: "create again under another id", given: []items{pending}, batch: items{putAbsence("R2", "Pending/Manager", "8+8")}, want: []string{"- timeOffRequests R pending/manager", "+ timeOffRequests R2 pending/manager"}},
		{name: "create for another day", given: []items{pending}, batch: items{putAbsence("R2", "Pending/Manager", "9+8")}, want: []string{"+ timeOffRequests R2 pending/manager"}},
		{name: "decline", given: []items{pending}, batch: items{putAbsence("R", "Declined/Manager", "8+8")}, want: []string{"- timeOffRequests R pending/manager", "+ timeOffRequests R declined/manager"}},
		{name: "cancel", given: []items{pending}, batch: items{drop(eligibility.KindTimeOffRequest, "R")}, want: []string{"- timeOffRequests R pending/manager"}},
		{name: "changed so that it ends before it starts", given: []items{pending}, batch: items{putAbsence("R", "Pending/Manager", "8+8", object{"startDateTime": nil, "endDateTime": "2026-12-01T00:00:00Z"})}, codes: []string{"BadRequest"}},
	})
}

func TestTimeOffApproval(t *testing.T) {
	t.Parallel()
	given := []items{{putAbsence("R", "Pending/Manager", "8+8")}}
	approved, renamed := putAbsence("R", "Approved/Manager", "8+8"), putAbsence("R2", "Approved/Manager", "8+8")
	done := []string{"- timeOffRequests R pending/manager", "+ timeOffRequests R approved/manager"}
	request := []string{"- timeOffRequests R approved/manager", "+ timeOffRequests R2 approved/manager"}
	alone := append(given[:1:1], items{approved})
	with := append(given[:1:1], items{approved, putTimeOff("T", "ada 8+8")})
	runProposals(t, []proposalRow{
		{name: "alone", given: given, batch: items{approved}, want: lines(done, []string{"+ away R ada 8+8"})},
		{name: "with the absence", given: given, batch: items{approved, putTimeOff("T", "ada 8+8")}, want: lines(done, []string{"+ away T ada 8+8"})},
		{name: "with somebody else's absence", given: given, batch: items{approved, putTimeOff("T", "ben 8+8")}, want: lines(done, []string{"+ away T ben 8+8", "+ away R ada 8+8"})},
		{name: "with shifts that go and change", given: append(given[:1:1], items{putShift("N", "ada 8+8")}), batch: items{approved, putTimeOff("T", "ada 8+8"), dropShift("N"), putShift("A", "dan 3+8")},
			want: lines(done, []string{"+ away T ada 8+8", "- shift N ada 8+8", "- shift A ada 3+8", "+ shift A dan 3+8"})},
		{name: "the absence is there already", given: append(given[:1:1], items{putTimeOff("T", "ada 8+8")}), batch: items{approved}, want: done},
		{name: "unknown request", batch: items{approved}, want: []string{"+ timeOffRequests R approved/manager", "+ away R ada 8+8"}},
		{name: "of what was created under another id", given: given, batch: items{renamed}, want: []string{"- timeOffRequests R pending/manager", "+ timeOffRequests R2 approved/manager", "+ away R2 ada 8+8"}},
		{name: "against a rule", batch: items{putAbsence("R", "Approved/Manager", "8+8", object{"senderUserId": "ben", "timeOffReasonId": "TOR_vacation"})}, codes: []string{"Tenure"}},
		{name: "members missing that are known", given: given, batch: items{putEntity(eligibility.KindTimeOffRequest, requestOf("R", "Approved/Manager"))}, want: lines(done, []string{"+ away R ada 8+8"})},

		{name: "the absence comes later", given: alone, batch: items{putTimeOff("T", "ada 8+8")}, want: []string{"- away R ada 8+8", "+ away T ada 8+8"}},
		{name: "another absence comes later", given: alone, batch: items{putTimeOff("T", "ada 8+7")}, want: []string{"+ away T ada 8+7"}},
		{name: "cancelled after all", given: alone, batch: items{drop(eligibility.KindTimeOffRequest, "R")}, want: []string{"- away R ada 8+8", "- timeOffRequests R approved/manager"}},
		{name: "declined after all", given: alone, batch: items{putAbsence("R", "Declined/System", "8+8")}, want: []string{"- away R ada 8+8", "- timeOffRequests R approved/manager", "+ timeOffRequests R declined/system"}},
		{name: "cancelled after the absence came", given: with, batch: items{drop(eligibility.KindTimeOffRequest, "R")}, want: []string{"- timeOffRequests R approved/manager"}},

		{name: "alone again", given: alone, batch: items{approved}},
		{name: "alone again, new request", given: alone, batch: items{renamed}, want: lines(request, []string{"- away R ada 8+8", "+ away R2 ada 8+8"})},
		{name: "with the absence again", given: with, batch: items{approved, putTimeOff("T", "ada 8+8")}},
		{name: "with the absence again, new absence", given: with, batch: items{approved, putTimeOff("T2", "ada 8+8", object{"lastModifiedDateTime": "2026-12-01T12:00:09Z"})}, want: []string{"- away T ada 8+8", "+ away T2 ada 8+8"}},
		{name: "with the absence again, both new", given: with, batch: items{renamed, putTimeOff("T2", "ada 8+8")}, want: lines(request, []string{"- away T ada 8+8", "+ away T2 ada 8+8"})},
		{name: "with the absence, after it was approved alone", given: alone, batch: items{approved, putTimeOff("T", "ada 8+8")}, want: []string{"- away R ada 8+8", "+ away T ada 8+8"}},
		{name: "with the absence, after it was approved alone, new request", given: alone, batch: items{renamed, putTimeOff("T", "ada 8+8")}, want: lines(request, []string{"- away R ada 8+8", "+ away T ada 8+8"})},
		{name: "alone, after the absence came", given: append(alone[:2:2], items{putTimeOff("T", "ada 8+8")}), batch: items{approved}},
		{name: "late repeat of asking", given: alone, batch: given[0]},
	})
}

// An approved request counts as an absence at once, whether or not one comes
// with it.
func TestApprovedTimeOffCounts(t *testing.T) {
	t.Parallel()
	claim := items{putClaim("C", "Pending/Manager")}
	for name, batch := range map[string]items{
		"alone": {putAbsence("R", "Approved/Manager", "8+8")},
		"with":  {putTimeOff("T", "ada 8+8"), putAbsence("R", "Approved/Manager", "8+8")},
	} {
		team := agree(t, parse(t, shop(nil)), items{putAbsence("R", "Pending/Manager", "8+8")})
		agree(t, team, claim)
		team = agree(t, team, batch)
		codes, _ := propose(t, team, claim)
		require.Equal(t, []string{"NoTimeOff"}, codes, name)
	}
	team := agree(t, parse(t, shop(nil)), items{putAbsence("R", "Approved/Manager", "8+8")}, items{drop(eligibility.KindTimeOffRequest, "R")})
	agree(t, team, claim)
}
