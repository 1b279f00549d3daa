package eligibility_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/eligibility"
)

// FuzzDecide: whatever the bodies are, a batch is decided as a whole, what is
// approved can be stored, and the team can be given back and read again.
func FuzzDecide(f *testing.F) {
	add := func(a, b eligibility.ProposedItem, settled bool) {
		f.Add(uint8(slices.Index(eligibility.Kinds, a.Kind)), a.ID, []byte(a.Body), uint8(slices.Index(eligibility.Kinds, b.Kind)), b.ID, []byte(b.Body), settled)
	}
	add(putSwap("R", "Approved/Manager"), dropShift("A"), false)
	add(putSwap("R", "Approved/Manager"), putShift("A", "ben 3+8"), true)
	add(putSwap("R", "Pending/Recipient"), putShift("B", "- 3+8"), false)
	add(putOffer("R", "Approved/Manager"), putShift("N", "- 3+8"), false)
	add(putClaim("R", "Approved/Manager"), putOpenShift("O", "8+8 slots=1"), false)
	add(putOpenShift("O", "8+8 slots=1"), putShift("N", "ada 8+8"), false)
	add(putAbsence("R", "Approved/Manager", "8+8"), putTimeOff("T", "ada 8+8"), true)
	add(eligibility.ProposedItem{Kind: eligibility.KindShiftPreferences, ID: "ADA", Body: rawJSON(`{"userId":"ada"}`)}, dropShift("?"), false)
	f.Add(uint8(2), "A", []byte(`{"userId":"ada","userId":{"":1e999},"sharedShift":{"isActive":false,"isActive":1}}`), uint8(3), "O", []byte(`{"sharedOpenShift":{"openSlotCount":1,"openSlotCount":1e300}}`), true)

	f.Fuzz(func(t *testing.T, kindA uint8, idA string, bodyA []byte, kindB uint8, idB string, bodyB []byte, settled bool) {
		team := parse(t, shop(nil))
		item := func(kind uint8, id string, body []byte) eligibility.ProposedItem {
			return eligibility.ProposedItem{Kind: eligibility.Kinds[int(kind)%len(eligibility.Kinds)], ID: id, Delete: len(body) == 0, Body: body}
		}
		p := eligibility.Proposal{Items: items{item(kindA, idA, bodyA), item(kindB, idB, bodyB)}, Now: decidedAt, Settled: settled}
		for range 2 {
			d := team.Decide(p)
			codesOf(t, len(p.Items), d)
			after, err := team.With(d.Changes...)
			require.NoError(t, err)
			document := encode(t, after.File())
			_, err = eligibility.ParseTeam(document)
			require.NoError(t, err, "%s", document)
			team = after
		}
	})
}
