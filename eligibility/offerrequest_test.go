package eligibility_test

import (
	"testing"

	"example.com/shiftswfi/eligibility"
)

func TestOfferSteps(t *testing.T) {
	t.Parallel()
	pending := items{putOffer("R", "Pending/Recipient")}
	runProposals(t, []proposalRow{
		{name: "create", batch: pending, want: []string{"+ offerShiftRequests R pending/recipient"}},
		{name: "create, against a rule", batch: items{putOffer("R", "Pending/Recipient", object{"recipientUserId": "cyd"})}, codes: []string{"NoOverlap"}},
		{name: "create, to oneself", batch: items{putOffer("R", "Pending/Recipient", object{"recipientUserId": "ada"})}, codes: []string{"DifferentWorker"}},
		{name: "create, of somebody else's shift", batch: items{putOffer("R", "Pending/Recipient", object{"senderUserId": "dan"})}, codes: []string{"BadRequest"}},
		{name: "create, of an unknown shift", batch: items{putOffer("R", "Pending/Recipient", object{"senderShiftId": "?"})}, codes: []string{"ShiftNotFound"}},
		{name: "create, to nobody", batch: items{putOffer("R", "Pending/Recipient", object{"recipientUserId": nil})}, codes: []string{"BadRequest"}},
		{name: "create again under another id", given: []items{pending}, batch: items{putOffer("R2", "Pending/Recipient")}, want: []string{"- offerShiftRequests R pending/recipient", "+ offerShiftRequests R2 pending/recipient"}},
		{name: "of a shift that is promised", given: []items{swapPending}, batch: items{putOffer("O", "Pending/Recipient", object{"recipientUserId": "dan"})}, codes: []string{"NotTiedUp"}},
		{name: "accept", given: []items{pending}, batch: items{putOffer("R", "Pending/Manager")}, want: []string{"- offerShiftRequests R pending/recipient", "+ offerShiftRequests R pending/manager"}},
		{name: "decline", given: []items{pending}, batch: items{putOffer("R", "Declined/Recipient")}, want: []string{"- offerShiftRequests R pending/recipient", "+ offerShiftRequests R declined/recipient"}},
		{name: "cancel", given: []items{pending}, batch: items{drop(eligibility.KindOfferShiftRequest, "R")}, want: []string{"- offerShiftRequests R pending/recipient"}},
		{name: "cancel of something unknown", batch: items{drop(eligibility.KindOfferShiftRequest, "R")}},
	})
}

func TestOfferApproval(t *testing.T) {
	t.Parallel()
	given := []items{{putOffer("R", "Pending/Recipient")}, {putOffer("R", "Pending/Manager")}}
	approved, renamed := putOffer("R", "Approved/Manager"), putOffer("R2", "approved /manager")
	done := []string{"- offerShiftRequests R pending/manager", "+ offerShiftRequests R approved/manager", "- shift A ada 3+8"}
	request := []string{"- offerShiftRequests R approved/manager", "+ offerShiftRequests R2 approved/manager"}
	inPlace, anew := lines(done, []string{"+ shift A ben 3+8"}), lines(done, []string{"+ shift N ben 3+8"})
	byPost := append(given[:2:2], approval(approved, dropShift("A"), putShift("N", "ben 3+8")))
	byPut := append(given[:2:2], approval(approved, putShift("A", "ben 3+8")))
	runProposals(t, []proposalRow{
		{name: "alone", given: given, batch: items{approved}, want: inPlace},
		{name: "new owner in place", given: given, batch: approval(approved, putShift("A", "ben 3+8")), want: inPlace},
		{name: "one goes, one comes", given: given, batch: approval(approved, dropShift("A"), putShift("N", "ben 3+8")), want: anew},
		{name: "one goes, one comes for nobody", given: given, batch: approval(approved, dropShift("A"), putShift("N", "- 3+8")), want: anew},
		{name: "one comes", given: given, batch: approval(approved, putShift("N", "ben 3+8")), want: anew},
		{name: "one comes for nobody", given: given, batch: approval(approved, putShift("N", "- 3+8")), want: anew},
		{name: "one goes", given: given, batch: approval(approved, dropShift("A")), want: done},
		{name: "with a competing request", given: given, batch: approval(approved, dropShift("A"), putShift("N", "ben 3+8"), putOffer("X", "Declined/System", object{"recipientUserId": "dan"})),
			want: lines(anew, []string{"+ offerShiftRequests X declined/system"})},
		{name: "unknown request", batch: approval(approved, dropShift("A"), putShift("N", "ben 3+8")), want: []string{"- shift A ada 3+8", "+ shift N ben 3+8", "+ offerShiftRequests R approved/manager"}},
		{name: "the shift goes to a third", given: given, batch: approval(approved, putShift("A", "dan 3+8")), codes: []string{"BadRequest", "RefusedWithBatch"}},
		{name: "the shift changes otherwise", given: given, batch: approval(approved, putShift("A", "ada 3+9")), codes: []string{"BadRequest", "RefusedWithBatch"}},
		{name: "the shift stays beside the new one", given: given, batch: approval(approved, putShift("A", "ada 3+8"), putShift("N", "ben 3+8")), codes: []string{"BadRequest", "RefusedWithBatch", "RefusedWithBatch"}},
		{name: "against a rule", batch: approval(putOffer("R", "Approved/Manager", object{"recipientUserId": "cyd"}), dropShift("A"), putShift("N", "cyd 3+8")), codes: []string{"NoOverlap", "RefusedWithBatch", "RefusedWithBatch"}},
		{name: "another owner by now", given: append(given[:2:2], items{putShift("A", "dan 3+8")}), batch: items{approved}, codes: []string{"BadRequest"}},

		{name: "again", given: byPost, batch: byPost[2]},
		{name: "again, new shift", given: byPost, batch: approval(approved, dropShift("A"), putShift("N2", "ben 3+8")), want: []string{"- shift N ben 3+8", "+ shift N2 ben 3+8"}},
		{name: "again, new shift for nobody", given: byPost, batch: approval(approved, dropShift("A"), putShift("N2", "- 3+8")), want: []string{"- shift N ben 3+8", "+ shift N2 ben 3+8"}},
		{name: "again, new request and shift", given: byPost, batch: approval(renamed, dropShift("A"), putShift("N2", "ben 3+8")), want: lines(request, []string{"- shift N ben 3+8", "+ shift N2 ben 3+8"})},
		{name: "in place again", given: byPut, batch: byPut[2]},
		{name: "in place again, new request", given: byPut, batch: approval(renamed, putShift("A", "ben 3+8")), want: request},
		{name: "alone again, new request", given: append(given[:2:2], items{approved}), batch: items{renamed}, want: request},
		{name: "late repeat of accepting", given: byPut, batch: given[1]},
	})
}
