package eligibility_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/eligibility"
)

var (
	swapPending   = items{putSwap("R", "Pending/Recipient")}
	swapAccepted  = items{putSwap("R", "Pending/Manager", object{"recipientActionMessage": "ok"})}
	swapCompanion = items{dropShift("A"), dropShift("B"), putShift("N1", "ada 4+8"), putShift("N2", "ben 3+8")}
	swapExchanged = []string{"- shift A ada 3+8", "- shift B ben 4+8", "+ shift N1 ada 4+8", "+ shift N2 ben 3+8"}
)

// approval is the approval of a request together with its companions.
func approval(request eligibility.ProposedItem, companions ...eligibility.ProposedItem) items {
	return append(items{request}, companions...)
}

func lines(lists ...[]string) []string {
	var all []string
	for _, list := range lists {
		all = append(all, list...)
	}
	return all
}

func TestSwapSteps(t *testing.T) {
	t.Parallel()
	elsewhere := object{"recipientUserId": "dan", "recipientShiftId": "L"}
	runProposals(t, []proposalRow{
		{name: "create", batch: swapPending, want: []string{"+ swapRequests R pending/recipient"}},
		{name: "create, lower case", batch: items{putSwap("R", "pending/recipient")}, want: []string{"+ swapRequests R pending/recipient"}},
		{name: "create, against a rule", batch: items{putSwap("R", "Pending/Recipient", elsewhere)}, codes: []string{"Qualified"}},
		{name: "create, of an unknown shift", batch: items{putSwap("R", "Pending/Recipient", object{"senderShiftId": "?"})}, codes: []string{"ShiftNotFound"}},
		{name: "create, for an unknown shift", batch: items{putSwap("R", "Pending/Recipient", object{"recipientShiftId": "?"})}, codes: []string{"ShiftNotFound"}},
		{name: "create, without a shift", batch: items{putSwap("R", "Pending/Recipient", object{"recipientShiftId": nil})}, codes: []string{"BadRequest"}},
		{name: "create, of somebody else's shift", batch: items{putSwap("R", "Pending/Recipient", object{"senderUserId": "dan"})}, codes: []string{"BadRequest"}},
		{name: "create, without users", batch: items{putSwap("R", "Pending/Recipient", object{"senderUserId": nil, "recipientUserId": nil})}, want: []string{"+ swapRequests R pending/recipient"}},
		{name: "create, of a shift that is promised", given: []items{swapPending}, batch: items{putSwap("R2", "Pending/Recipient", object{"recipientUserId": "cyd", "recipientShiftId": "C"})}, codes: []string{"ShiftInOpenRequest"}},
		{name: "accept", given: []items{swapPending}, batch: swapAccepted, want: []string{"- swapRequests R pending/recipient", "+ swapRequests R pending/manager"}},
		{name: "accept, unknown request", batch: swapAccepted, want: []string{"+ swapRequests R pending/manager"}},
		{name: "recipient declines", given: []items{swapPending}, batch: items{putSwap("R", "Declined/Recipient")}, want: []string{"- swapRequests R pending/recipient", "+ swapRequests R declined/recipient"}},
		{name: "manager declines", given: []items{swapPending, swapAccepted}, batch: items{putSwap("R", "declined /manager")}, want: []string{"- swapRequests R pending/manager", "+ swapRequests R declined/manager"}},
		{name: "manager declines before it is accepted", given: []items{swapPending}, batch: items{putSwap("R", "Declined/Manager")}, want: []string{"- swapRequests R pending/recipient", "+ swapRequests R declined/manager"}},
		{name: "system declines", given: []items{swapPending}, batch: items{putSwap("R", "Declined/System")}, want: []string{"- swapRequests R pending/recipient", "+ swapRequests R declined/system"}},
		{name: "system declines with the deletion of a shift", given: []items{swapPending}, batch: items{dropShift("A"), putSwap("R", "Declined/System")}, want: []string{"- shift A ada 3+8", "- swapRequests R pending/recipient", "+ swapRequests R declined/system"}},
		{name: "decline, unknown request", batch: items{putSwap("R", "Declined/Recipient")}, want: []string{"+ swapRequests R declined/recipient"}},
		{name: "cancel", given: []items{swapPending}, batch: items{drop(eligibility.KindSwapRequest, "R")}, want: []string{"- swapRequests R pending/recipient"}},
		{name: "cancel of something unknown", batch: items{drop(eligibility.KindSwapRequest, "R")}},
		{name: "create anew after a decline", given: []items{swapPending, {putSwap("R", "Declined/Manager")}}, batch: items{putSwap("R2", "Pending/Recipient")}, want: []string{"+ swapRequests R2 pending/recipient"}},
		{name: "late repeat of creating, after accepting", given: []items{swapPending, swapAccepted}, batch: swapPending},
		{name: "late repeat of creating, after declining", given: []items{swapPending, {putSwap("R", "Declined/Manager")}}, batch: swapPending},
		{name: "late repeat of creating, after approving", given: []items{swapPending, swapAccepted, approval(putSwap("R", "Approved/Manager"), swapCompanion...)}, batch: swapPending},
		{name: "late repeat of accepting, after approving", given: []items{swapPending, swapAccepted, approval(putSwap("R", "Approved/Manager"), swapCompanion...)}, batch: swapAccepted},
		{name: "create again under another id", given: []items{swapPending}, batch: items{putSwap("R2", "Pending/Recipient")}, want: []string{"- swapRequests R pending/recipient", "+ swapRequests R2 pending/recipient"}},
		{name: "an unknown state", batch: items{putSwap("R", "unknownFutureValue/System")}, codes: []string{"BadRequest"}},
		{name: "no state", batch: items{putSwap("R", "/")}, codes: []string{"BadRequest"}},
	})
}

func TestSwapApproval(t *testing.T) {
	t.Parallel()
	given := []items{swapPending, swapAccepted}
	approved := putSwap("R", "Approved/Manager", object{"eTag": `"1"`})
	moved := lines(swapExchanged, []string{"- swapRequests R pending/manager", "+ swapRequests R approved/manager"})
	mismatch := func(companions ...eligibility.ProposedItem) proposalRow {
		codes := []string{"BadRequest"}
		for range companions {
			codes = append(codes, "RefusedWithBatch")
		}
		return proposalRow{given: given, batch: approval(approved, companions...), codes: codes}
	}
	named := func(name string, row proposalRow) proposalRow { row.name = name; return row }
	handed := []string{"- shift A ada 3+8", "- shift B ben 4+8", "+ shift A ben 3+8", "+ shift B ada 4+8", "- swapRequests R pending/manager", "+ swapRequests R approved/manager"}
	runProposals(t, []proposalRow{
		{name: "five items", given: given, batch: approval(approved, swapCompanion...), want: moved},
		{name: "owners not named", given: given, batch: approval(approved, dropShift("A"), dropShift("B"), putShift("N1", "- 4+8"), putShift("N2", "- 3+8")), want: moved},
		{name: "one owner not named", given: given, batch: approval(approved, dropShift("A"), dropShift("B"), putShift("N1", "- 4+8"), putShift("N2", "ben 3+8")), want: moved},
		{name: "owners in upper case", given: given, batch: approval(approved, dropShift("A"), dropShift("B"), putShift("N1", "ADA 4+8"), putShift("N2", "BEN 3+8")),
			want: []string{"- shift A ada 3+8", "- shift B ben 4+8", "+ shift N1 ADA 4+8", "+ shift N2 BEN 3+8", "- swapRequests R pending/manager", "+ swapRequests R approved/manager"}},
		{name: "state with a blank", given: given, batch: approval(putSwap("R", "approved /manager"), swapCompanion...), want: moved},
		{name: "shifts that leave as inactive", given: given, batch: approval(approved, putShift("A", "ada 3+8", object{"sharedShift": merged(spanOf("3+8"), object{"isActive": false})}), dropShift("B"), putShift("N1", "ada 4+8"), putShift("N2", "ben 3+8")), want: moved},
		{name: "a competing request", given: given, batch: approval(approved, append(items{putSwap("X", "Declined/System")}, swapCompanion...)...), want: lines(moved, []string{"+ swapRequests X declined/system"})},
		{name: "unknown request", batch: approval(approved, swapCompanion...), want: lines(swapExchanged, []string{"+ swapRequests R approved/manager"})},
		{name: "before it is accepted", given: []items{swapPending}, batch: approval(approved, swapCompanion...), want: lines(swapExchanged, []string{"- swapRequests R pending/recipient", "+ swapRequests R approved/manager"})},
		{name: "of what was created under another id", given: []items{swapPending}, batch: approval(putSwap("R2", "Approved/Manager"), swapCompanion...), want: lines(swapExchanged, []string{"- swapRequests R pending/recipient", "+ swapRequests R2 approved/manager"})},
		{name: "alone", given: given, batch: items{approved}, want: handed},
		{name: "owners exchanged in place", given: given, batch: approval(approved, putShift("A", "ben 3+8"), putShift("B", "ada 4+8")), want: handed},
		{name: "one in place, one anew", given: given, batch: approval(approved, putShift("A", "ben 3+8"), dropShift("B"), putShift("N1", "ada 4+8")),
			want: []string{"- shift A ada 3+8", "- shift B ben 4+8", "+ shift A ben 3+8", "+ shift N1 ada 4+8", "- swapRequests R pending/manager", "+ swapRequests R approved/manager"}},
		{name: "members missing that are known", given: given, batch: approval(putEntity(eligibility.KindSwapRequest, requestOf("R", "Approved/Manager")), swapCompanion...), want: moved},
		{name: "an absence beside it", given: given, batch: approval(approved, append(items{putTimeOff("T", "dan 20+8")}, swapCompanion...)...), want: lines(moved, []string{"+ away T dan 20+8"})},

		named("wrong owner", mismatch(dropShift("A"), dropShift("B"), putShift("N1", "cyd 4+8"), putShift("N2", "ben 3+8"))),
		named("owners not exchanged", mismatch(dropShift("A"), dropShift("B"), putShift("N1", "ben 4+8"), putShift("N2", "ada 3+8"))),
		named("wrong times", mismatch(dropShift("A"), dropShift("B"), putShift("N1", "ada 4+7"), putShift("N2", "ben 3+8"))),
		named("wrong times of both, nothing deleted", mismatch(putShift("N1", "ada 14+8"), putShift("N2", "ben 13+8"))),
		named("one does not leave", mismatch(dropShift("B"), putShift("N1", "ada 4+8"), putShift("N2", "ben 3+8"))),
		named("none leaves", mismatch(putShift("N1", "ada 4+8"), putShift("N2", "ben 3+8"))),
		named("one does not come", mismatch(dropShift("A"), dropShift("B"), putShift("N2", "ben 3+8"))),
		named("none comes", mismatch(dropShift("A"), dropShift("B"))),
		named("one more comes", mismatch(append(items{putShift("N3", "dan 20+8")}, swapCompanion...)...)),
		named("one more leaves", mismatch(append(items{dropShift("C")}, swapCompanion...)...)),
		named("only another shift", mismatch(putShift("N3", "dan 20+8"))),
		named("only another leaves", mismatch(dropShift("C"))),
		named("one goes to a third", mismatch(putShift("A", "dan 3+8"), dropShift("B"), putShift("N1", "ada 4+8"))),

		{name: "against a rule", batch: approval(putSwap("R", "Approved/Manager", object{"recipientUserId": "dan", "recipientShiftId": "L"}), dropShift("A"), dropShift("L"),
			putShift("N1", "ada 7+8", object{"schedulingGroupId": "TAG_lift"}), putShift("N2", "dan 3+8")),
			codes: []string{"Qualified", "RefusedWithBatch", "RefusedWithBatch", "RefusedWithBatch", "RefusedWithBatch"}},
		{name: "a shift has gone", given: []items{swapPending, swapAccepted, {dropShift("A")}}, batch: approval(approved, swapCompanion...),
			codes: []string{"ShiftNotFound", "RefusedWithBatch", "RefusedWithBatch", "RefusedWithBatch", "RefusedWithBatch"}},
		{name: "a shift has another owner by now", given: []items{swapPending, swapAccepted, {putShift("A", "dan 3+8")}}, batch: items{approved}, codes: []string{"BadRequest"}},
	})
}

// Both shifts have the same times and the new ones name nobody: the first is
// the sender's.
func TestSwapApprovalByOrder(t *testing.T) {
	t.Parallel()
	users := object{"recipientUserId": "cyd", "recipientShiftId": "B3"}
	approved := putSwap("R", "Approved/Manager", users)
	batch := approval(approved, dropShift("A"), dropShift("B3"), putShift("N1", "- 3+8", object{"theme": "1"}), putShift("N2", "- 3+8"))
	want := []string{"- shift A ada 3+8", "- shift B3 cyd 3+8", "+ shift N1 ada 3+8", "+ shift N2 cyd 3+8", "+ swapRequests R approved/manager"}
	half := approval(approved, dropShift("A"), dropShift("B3"), putShift("N1", "- 3+8"), putShift("N2", "cyd 3+8"))
	runProposals(t, []proposalRow{
		{name: "as seen", batch: batch, want: want, ordered: true},
		{name: "request last", batch: append(batch[1:5:5], approved), want: want, ordered: true},
		{name: "one owner named", batch: half, want: want},
		{name: "both named", batch: approval(approved, dropShift("A"), dropShift("B3"), putShift("N2", "cyd 3+8"), putShift("N1", "ada 3+8")), want: want},
		{name: "again, under new ids", given: []items{batch},
			batch: approval(approved, dropShift("A"), dropShift("B3"), putShift("N3", "- 3+8"), putShift("N4", "- 3+8")),
			want:  []string{"- shift N1 ada 3+8", "- shift N2 cyd 3+8", "+ shift N3 ada 3+8", "+ shift N4 cyd 3+8"}, ordered: true},
	})
}

func TestSwapApprovalAgain(t *testing.T) {
	t.Parallel()
	approved, renamed := putSwap("R", "Approved/Manager"), putSwap("R2", "Approved/Manager")
	first := []items{swapPending, swapAccepted, approval(approved, swapCompanion...)}
	inPlace := []items{swapPending, approval(approved, putShift("A", "ben 3+8"), putShift("B", "ada 4+8"))}
	anew := items{dropShift("A"), dropShift("B"), putShift("N3", "ada 4+8"), putShift("N4", "ben 3+8")}
	replaced := []string{"- shift N1 ada 4+8", "- shift N2 ben 3+8", "+ shift N3 ada 4+8", "+ shift N4 ben 3+8"}
	request := []string{"- swapRequests R approved/manager", "+ swapRequests R2 approved/manager"}
	runProposals(t, []proposalRow{
		{name: "same ids", given: first, batch: approval(approved, swapCompanion...)},
		{name: "new shifts", given: first, batch: approval(approved, anew...), want: replaced},
		{name: "new shifts without owners", given: first, batch: approval(approved, dropShift("A"), dropShift("B"), putShift("N3", "- 4+8"), putShift("N4", "- 3+8")), want: replaced},
		{name: "new request", given: first, batch: approval(renamed, swapCompanion...), want: request},
		{name: "new request and shifts", given: first, batch: approval(renamed, anew...), want: lines(replaced, request)},
		{name: "alone", given: []items{swapPending, {approved}}, batch: items{approved}},
		{name: "alone, new request", given: []items{swapPending, {approved}}, batch: items{renamed}, want: request},
		{name: "alone, in full before", given: first, batch: items{approved}},
		{name: "in place", given: inPlace, batch: inPlace[1]},
		{name: "in place, new request", given: inPlace, batch: approval(renamed, inPlace[1][1:]...), want: request},
		{name: "a new shift was edited since", given: append(first[:3:3], items{putShift("N1", "ada 14+8")}), batch: approval(approved, swapCompanion...)},
		{name: "a new shift was edited since, new ids", given: append(first[:3:3], items{putShift("N1", "ada 14+8")}), batch: approval(approved, anew...),
			want: []string{"- shift N2 ben 3+8", "+ shift N4 ben 3+8"}},
		{name: "swapped back by a request of its own", given: inPlace,
			batch: items{putSwap("R2", "Approved/Manager", object{"senderUserId": "ben", "recipientUserId": "ada"})},
			want:  []string{"- shift A ben 3+8", "- shift B ada 4+8", "+ shift A ada 3+8", "+ shift B ben 4+8", "+ swapRequests R2 approved/manager"}},
		{name: "swapped a third time", given: append(inPlace[:2:2], items{putSwap("R2", "Approved/Manager", object{"senderUserId": "ben", "recipientUserId": "ada"})}),
			batch: items{putSwap("R3", "Approved/Manager")},
			want:  []string{"+ shift A ben 3+8", "+ shift B ada 4+8", "- shift A ada 3+8", "- shift B ben 4+8", "+ swapRequests R3 approved/manager"}},
	})
}

// A request frees the shifts that it ties up when it ends, and when the same
// batch ends it.
func TestSwapTies(t *testing.T) {
	t.Parallel()
	other := putOffer("R2", "Pending/Recipient", object{"recipientUserId": "dan"})
	for name, end := range map[string]eligibility.ProposedItem{
		"recipient declines": putSwap("R", "Declined/Recipient"), "system declines": putSwap("R", "Declined/System"),
		"cancelled": drop(eligibility.KindSwapRequest, "R"),
	} {
		team := agree(t, parse(t, shop(nil)), swapPending)
		codes, _ := propose(t, team, items{other})
		require.Equal(t, []string{"NotTiedUp"}, codes, name)
		agree(t, team, items{end}, items{other})
		agree(t, team, items{other, end})
	}
}
