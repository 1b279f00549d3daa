package eligibility_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"example.com/shiftswfi/eligibility"
)

// Objects that name a member twice, or in other ways that decoding lets pass,
// stop nothing.
func TestOddObjects(t *testing.T) {
	t.Parallel()
	const twice = `{"isActive":true,"isActive":true,"startDateTime":"2026-12-08T09:00:00Z","endDateTime":"2026-12-08T17:00:00Z","openSlotCount":9,"openSlotCount":1}`
	team := parse(t, shop(object{"shifts": []any{
		rawJSON(`{"id":"A","userId":"eve","userId":"ada","x":1,"x":2,"attributes":{"site":"north"},"sharedShift":{"startDateTime":"2026-12-03T09:00:00Z","endDateTime":"2026-12-03T17:00:00Z"}}`),
		shiftOf("B", "ben 4+8"),
	}}))
	swapped := agree(t, team, items{putSwap("R", "Approved/Manager")})
	e, _ := swapped.Entity(eligibility.KindShift, "A")
	assert.Equal(t, `{"id":"A","userId":"ben","x":2,"attributes":{"site":"north"},"sharedShift":{"startDateTime":"2026-12-03T09:00:00Z","endDateTime":"2026-12-03T17:00:00Z"}}`, string(e.JSON))

	claimed := agree(t, team, items{putClaim("R", "Approved/Manager"), {Kind: eligibility.KindOpenShift, ID: "O", Body: rawJSON(`{"sharedOpenShift":` + twice + `}`)}})
	assert.Contains(t, picture(t, claimed), "open O 8+8 slots=1")

	for name, body := range map[string]string{
		"a name twice": `{"userId":"ada","userId":"ben"}`, "a list": `[]`, "null": `null`, "a text": `"x"`, "nothing": ``,
		"broken": `{"userId":`, "more after its end": `{} {}`, "a number as id": `{"id":7}`, "another id": `{"id":"B"}`,
		"a part that is no object": `{"sharedShift":7}`, "an owner that is no text": `{"userId":{}}`,
	} {
		codes, _ := propose(t, team, items{{Kind: eligibility.KindShift, ID: "A", Body: rawJSON(body)}})
		assert.Equal(t, []string{"BadRequest"}, codes, name)
	}
	for name, body := range map[string]string{"no id": `{}`, "null": `{"id":null}`, "empty": `{"id":""}`, "escaped": `{"\u0069d":"\u0041"}`} {
		codes, after := propose(t, team, items{{Kind: eligibility.KindShift, ID: "A", Body: rawJSON(body)}})
		assert.Equal(t, []string{""}, codes, name)
		assert.NotNil(t, after.Shift("A"), name)
	}
}
