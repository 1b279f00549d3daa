package eligibility_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"example.com/shiftswfi/eligibility"
)

func TestETag(t *testing.T) {
	t.Parallel()
	of := func(content string) string { return eligibility.ETag(eligibility.KindShift, "A", rawJSON(content)) }
	first := of(`{"id":"A","userId":"ada","sharedShift":{"notes":"x","theme":"Blue"}}`)
	for name, content := range map[string]string{
		"order":        `{"sharedShift":{"theme":"Blue","notes":"x"},"userId":"ada","id":"A"}`,
		"blanks":       ` {"id" : "A", "userId": "ada", "sharedShift": {"notes":"x","theme":"Blue"}}`,
		"Shifts' eTag": `{"id":"A","eTag":"7","userId":"ada","sharedShift":{"notes":"x","theme":"Blue"}}`,
	} {
		assert.Equal(t, first, of(content), name)
	}
	others := map[string]string{first: "first"}
	for name, tag := range map[string]string{
		"a value":       of(`{"id":"A","userId":"ben","sharedShift":{"notes":"x","theme":"Blue"}}`),
		"a value below": of(`{"id":"A","userId":"ada","sharedShift":{"notes":"y","theme":"Blue"}}`),
		"a member more": of(`{"id":"A","userId":"ada","sharedShift":{"notes":"x","theme":"Blue","z":null}}`),
		"deleted":       of(""),
		"empty":         of("{}"),
		"long number":   of(`{"n":9007199254740993}`),
		"its neighbour": of(`{"n":9007199254740992}`),
		"huge number":   of(`{"n":1e999}`),
		"another id":    eligibility.ETag(eligibility.KindShift, "B", rawJSON(`{"id":"A","userId":"ada","sharedShift":{"notes":"x","theme":"Blue"}}`)),
		"another kind":  eligibility.ETag(eligibility.KindOpenShift, "A", rawJSON(`{"id":"A","userId":"ada","sharedShift":{"notes":"x","theme":"Blue"}}`)),
	} {
		assert.NotEmpty(t, tag, name)
		assert.Empty(t, others[tag], name)
		others[tag] = name
	}
}

// The eTag of a decision is that of what the team has afterwards.
func TestETagOfDecision(t *testing.T) {
	t.Parallel()
	swap := approval(putSwap("R", "Approved/Manager"), dropShift("A"), dropShift("B"), putShift("N1", "- 4+8"), putShift("N2", "- 3+8"))
	team := parse(t, shop(nil))
	for _, batch := range []items{swapPending, swap, swap, swapPending, {dropShift("C")}, {dropShift("C")}, {drop(eligibility.KindSwapRequest, "?")}} {
		d := team.Decide(eligibility.Proposal{Items: batch, Now: decidedAt})
		after := agree(t, team, batch)
		for i, item := range batch {
			e, _ := after.Entity(item.Kind, item.ID)
			assert.Equal(t, eligibility.ETag(item.Kind, item.ID, e.JSON), d.Items[i].ETag)
		}
		team = after
	}
}
