package eligibility_test

import (
	"testing"

	"example.com/shiftswfi/eligibility"
)

func TestClaimSteps(t *testing.T) {
	t.Parallel()
	pending := items{putClaim("R", "Pending/Manager")}
	runProposals(t, []proposalRow{
		{name: "create", batch: pending, want: []string{"+ openShiftRequests R pending/manager"}},
		{name: "create, no slot left", batch: items{putClaim("R", "Pending/Manager", object{"openShiftId": "O0"})}, codes: []string{"NoSlotLeft"}},
		{name: "create, no slots counted", batch: items{putClaim("R", "Pending/Manager", object{"openShiftId": "Ox"})}, want: []string{"+ openShiftRequests R pending/manager"}},
		{name: "create, unknown open shift", batch: items{putClaim("R", "Pending/Manager", object{"openShiftId": "?"})}, codes: []string{"ShiftNotFound"}},
		{name: "create, a shift is no open shift", batch: items{putClaim("R", "Pending/Manager", object{"openShiftId": "C"})}, codes: []string{"ShiftNotFound"}},
		{name: "create, nobody", batch: items{putClaim("R", "Pending/Manager", object{"senderUserId": nil})}, codes: []string{"BadRequest"}},
		{name: "create, nothing", batch: items{putClaim("R", "Pending/Manager", object{"openShiftId": nil})}, codes: []string{"BadRequest"}},
		{name: "create again under another id", given: []items{pending}, batch: items{putClaim("R2", "Pending/Manager")}, want: []string{"- openShiftRequests R pending/manager", "+ openShiftRequests R2 pending/manager"}},
		{name: "another worker beside it", given: []items{pending}, batch: items{putClaim("R2", "Pending/Manager", object{"senderUserId": "ben"})}, want: []string{"+ openShiftRequests R2 pending/manager"}},
		{name: "manager declines", given: []items{pending}, batch: items{putClaim("R", "Declined/Manager")}, want: []string{"- openShiftRequests R pending/manager", "+ openShiftRequests R declined/manager"}},
		{name: "system declines", given: []items{pending}, batch: items{putClaim("R", "Declined/System")}, want: []string{"- openShiftRequests R pending/manager", "+ openShiftRequests R declined/system"}},
		{name: "cancel", given: []items{pending}, batch: items{drop(eligibility.KindOpenShiftRequest, "R")}, want: []string{"- openShiftRequests R pending/manager"}},
	})
}

func TestClaimApproval(t *testing.T) {
	t.Parallel()
	given := []items{{putClaim("R", "Pending/Manager")}}
	approved, renamed := putClaim("R", "Approved/Manager", object{"eTag": `"1"`}), putClaim("R2", "Approved/Manager")
	shift, lowered := putShift("N", "ada 8+8"), putOpenShift("O", "8+8 slots=1")
	done := []string{"- openShiftRequests R pending/manager", "+ openShiftRequests R approved/manager", "+ shift N ada 8+8", "- open O 8+8 slots=2", "+ open O 8+8 slots=1"}
	first := append(given[:1:1], items{shift, approved, lowered})
	for1 := object{"openShiftId": "O1"}
	for0 := object{"openShiftId": "O0"}
	forX := object{"openShiftId": "Ox"}
	runProposals(t, []proposalRow{
		{name: "in the order seen", given: given, batch: items{shift, approved, lowered}, want: done},
		{name: "two claims of one open shift", batch: items{approved, putClaim("R3", "Approved/Manager", object{"senderUserId": "ben"})},
			codes: []string{"RefusedWithBatch", "BadRequest"}, ordered: true},
		{name: "a shift of another group", given: given, batch: items{putShift("N", "ada 8+8", object{"schedulingGroupId": "lift"}), approved, lowered},
			codes: []string{"RefusedWithBatch", "BadRequest", "RefusedWithBatch"}},
		{name: "somebody else gets the shift", given: given, batch: items{putShift("N", "ben 8+8"), approved, lowered},
			codes: []string{"RefusedWithBatch", "BadRequest", "RefusedWithBatch"}},
		{name: "the open shift moves", given: given, batch: items{shift, approved, putOpenShift("O", "9+8 slots=1")},
			codes: []string{"RefusedWithBatch", "BadRequest", "RefusedWithBatch"}},
		{name: "no shift, repeated under another id", given: append(given[:1:1], items{approved}), batch: items{renamed},
			want: []string{"- openShiftRequests R approved/manager", "+ openShiftRequests R2 approved/manager"}},
		{name: "owner not named", given: given, batch: items{putShift("N", "- 8+8"), approved, lowered}, want: done},
		{name: "unknown request", batch: items{shift, approved, lowered}, want: done[1:]},
		{name: "no item for the open shift", given: given, batch: items{shift, approved}, want: done},
		{name: "count not in the item", given: given, batch: items{shift, approved, putOpenShift("O", "8+8")}, want: done},
		{name: "the request alone", given: given, batch: items{approved}, want: []string{"- openShiftRequests R pending/manager", "+ openShiftRequests R approved/manager", "- open O 8+8 slots=2", "+ open O 8+8 slots=1"}},
		{name: "count is higher than it can be", given: given, batch: items{shift, approved, putOpenShift("O", "8+8 slots=2")}, want: done},
		{name: "count is lower than known", given: given, batch: items{shift, approved, putOpenShift("O", "8+8 slots=0")},
			want: []string{"- openShiftRequests R pending/manager", "+ openShiftRequests R approved/manager", "+ shift N ada 8+8", "- open O 8+8 slots=2", "+ open O 8+8 slots=0"}},
		{name: "last slot, others declined by the system", batch: items{putShift("N", "ada 9+8"), putClaim("R", "Approved/Manager", for1), putOpenShift("O1", "9+8 slots=0"),
			putClaim("X1", "Declined/System", for1, object{"senderUserId": "ben"}), putClaim("X2", "Declined/System", for1, object{"senderUserId": "cyd"})},
			want: []string{"+ shift N ada 9+8", "- open O1 9+8 slots=1", "+ open O1 9+8 slots=0", "+ openShiftRequests R approved/manager", "+ openShiftRequests X1 declined/system", "+ openShiftRequests X2 declined/system"}},
		{name: "last slot, count below zero", batch: items{putShift("N", "ada 9+8"), putClaim("R", "Approved/Manager", for1), putOpenShift("O1", "9+8 slots=-1")},
			want: []string{"+ shift N ada 9+8", "- open O1 9+8 slots=1", "+ open O1 9+8 slots=0", "+ openShiftRequests R approved/manager"}},
		{name: "last slot, the open shift goes", batch: items{putShift("N", "ada 9+8"), putClaim("R", "Approved/Manager", for1), drop(eligibility.KindOpenShift, "O1")},
			want: []string{"+ shift N ada 9+8", "- open O1 9+8 slots=1", "+ openShiftRequests R approved/manager"}},
		{name: "slots not counted", batch: items{putShift("N", "ada 10+8"), putClaim("R", "Approved/Manager", forX)},
			want: []string{"+ shift N ada 10+8", "+ openShiftRequests R approved/manager"}},
		{name: "slots not counted before", batch: items{putShift("N", "ada 10+8"), putClaim("R", "Approved/Manager", forX), putOpenShift("Ox", "10+8 slots=3")},
			want: []string{"+ shift N ada 10+8", "- open Ox 10+8", "+ open Ox 10+8 slots=3", "+ openShiftRequests R approved/manager"}},
		{name: "no slot left", batch: items{putShift("N", "ada 11+8"), putClaim("R", "Approved/Manager", for0), putOpenShift("O0", "11+8 slots=0")}, codes: []string{"RefusedWithBatch", "NoSlotLeft", "RefusedWithBatch"}},
		{name: "no slot left, no item for the open shift", batch: items{putShift("N", "ada 11+8"), putClaim("R", "Approved/Manager", for0)}, codes: []string{"RefusedWithBatch", "NoSlotLeft"}},
		{name: "against a rule", given: []items{{putShift("N0", "ada 8T14+8")}}, batch: items{shift, approved, lowered}, codes: []string{"RefusedWithBatch", "NoOverlap", "RefusedWithBatch"}},

		{name: "again", given: first, batch: items{shift, approved, lowered}},
		{name: "again, new shift", given: first, batch: items{putShift("N2", "ada 8+8"), approved, lowered}, want: []string{"- shift N ada 8+8", "+ shift N2 ada 8+8"}},
		{name: "again, new shift for nobody", given: first, batch: items{putShift("N2", "- 8+8"), approved, lowered}, want: []string{"- shift N ada 8+8", "+ shift N2 ada 8+8"}},
		{name: "again, new request", given: first, batch: items{shift, renamed, lowered}, want: []string{"- openShiftRequests R approved/manager", "+ openShiftRequests R2 approved/manager"}},
		{name: "again, new request and shift", given: first, batch: items{putShift("N2", "ada 8+8"), renamed, lowered},
			want: []string{"- shift N ada 8+8", "+ shift N2 ada 8+8", "- openShiftRequests R approved/manager", "+ openShiftRequests R2 approved/manager"}},
		{name: "again, without an item for the open shift", given: first, batch: items{shift, approved}},
		{name: "again, after another slot was taken", given: append(first[:2:2], items{putShift("M", "ben 8+8"), putClaim("S", "Approved/Manager", object{"senderUserId": "ben"}), putOpenShift("O", "8+8 slots=0")}),
			batch: items{shift, approved, lowered}},
		{name: "again, after slots were added", given: append(first[:2:2], items{putOpenShift("O", "8+8 slots=5")}), batch: items{shift, approved, lowered}},
		{name: "the count is out of date", given: []items{{putShift("M", "ben 8+8"), putClaim("S", "Approved/Manager", object{"senderUserId": "ben"}), lowered}}, batch: items{shift, approved, lowered},
			want: []string{"+ openShiftRequests R approved/manager", "+ shift N ada 8+8", "- open O 8+8 slots=1", "+ open O 8+8 slots=0"}},
		{name: "who lost it may claim it again", given: append(first[:2:2], items{dropShift("N")}), batch: items{putClaim("R2", "Pending/Manager")}, want: []string{"+ openShiftRequests R2 pending/manager"}},
		{name: "and have it again", given: append(first[:2:2], items{dropShift("N")}), batch: items{putShift("N2", "ada 8+8"), renamed, putOpenShift("O", "8+8 slots=0")},
			want: []string{"+ openShiftRequests R2 approved/manager", "+ shift N2 ada 8+8", "- open O 8+8 slots=1", "+ open O 8+8 slots=0"}},
		{name: "late repeat of claiming", given: first, batch: given[0]},
	})
}

func TestManagerAssignsOpenShift(t *testing.T) {
	t.Parallel()
	shift, lowered := putShift("N", "ada 8+8"), putOpenShift("O", "8+8 slots=1")
	done := []string{"+ shift N ada 8+8", "- open O 8+8 slots=2", "+ open O 8+8 slots=1"}
	first := []items{{lowered, shift}}
	runProposals(t, []proposalRow{
		{name: "by a count that another has lowered since", batch: items{putOpenShift("O", "8+8 slots=2"), putShift("N9", "ada 8+8")},
			want: []string{"+ shift N9 ada 8+8", "- open O 8+8 slots=2", "+ open O 8+8 slots=1"}},
		{name: "two items", batch: items{lowered, shift}, want: done},
		{name: "count not in the item", batch: items{putOpenShift("O", "8+8"), shift}, want: done},
		{name: "last slot", batch: items{putOpenShift("O1", "9+8 slots=0"), putShift("N", "ada 9+8")}, want: []string{"+ shift N ada 9+8", "- open O1 9+8 slots=1", "+ open O1 9+8 slots=0"}},
		{name: "no slot left", batch: items{putOpenShift("O0", "11+8 slots=0"), putShift("N", "ada 11+8")}, codes: []string{"NoSlotLeft", "RefusedWithBatch"}},
		{name: "slots are added and another shift moves there", given: []items{{putShift("M", "dan 20+8")}}, batch: items{putOpenShift("O", "8+8 slots=5"), putShift("M", "dan 8+8")},
			want: []string{"- shift M dan 20+8", "+ shift M dan 8+8", "- open O 8+8 slots=2", "+ open O 8+8 slots=5"}},
		{name: "against a rule", given: []items{{putShift("N0", "ada 8T14+8")}}, batch: items{lowered, shift}, codes: []string{"RefusedWithBatch", "NoOverlap"}},
		{name: "to two", batch: items{putOpenShift("O", "8+8 slots=0"), shift, putShift("M", "ben 8+8")}, want: []string{"+ shift N ada 8+8", "+ shift M ben 8+8", "- open O 8+8 slots=2", "+ open O 8+8 slots=0"}},
		{name: "again", given: first, batch: items{lowered, shift}},
		{name: "again, new shift", given: first, batch: items{lowered, putShift("N2", "ada 8+8")}, want: []string{"- shift N ada 8+8", "+ shift N2 ada 8+8"}},
		{name: "again, last slot", given: []items{{putOpenShift("O1", "9+8 slots=0"), putShift("N", "ada 9+8")}}, batch: items{putOpenShift("O1", "9+8 slots=0"), putShift("N2", "ada 9+8")},
			want: []string{"- shift N ada 9+8", "+ shift N2 ada 9+8"}},
		{name: "again, after another slot was taken", given: append(first[:1:1], items{putOpenShift("O", "8+8 slots=0"), putShift("M", "ben 8+8")}), batch: items{lowered, shift}},
	})
}
