package eligibility_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/eligibility"
)

func inactive(when string) object { return merged(spanOf(when), object{"isActive": false}) }

func TestShiftByManager(t *testing.T) {
	t.Parallel()
	draft := object{"sharedShift": nil, "draftShift": spanOf("3+8"), "isStagedForDeletion": false}
	created := object{"createdDateTime": "2026-12-01T12:00:00Z"}
	overlapping := putShift("N", "ada 3T12+8")
	runProposals(t, []proposalRow{
		{name: "create, shared", batch: items{putShift("N", "ada 8+8")}, want: []string{"+ shift N ada 8+8"}},
		{name: "create, shared, against a rule", batch: items{overlapping}, codes: []string{"NoOverlap"}},
		{name: "create, shared, where managers may do anything", team: object{"policy": object{"managerChanges": "accept"}}, batch: items{overlapping}, want: []string{"+ shift N ada 3T12+8"}},
		{name: "create, draft, where no shift could be", batch: items{putShift("N", "ada 3+8", draft)}, want: []string{"+ shift N ada draft"}},
		{name: "create, for nobody", batch: items{putShift("N", "- 3+8")}, want: []string{"+ shift N  3+8"}},
		{name: "create, for somebody new", batch: items{putShift("N", "eve 3+8")}, want: []string{"+ shift N eve 3+8"}},
		{name: "create, without an end", batch: items{putShift("N", "ada 3+8", object{"sharedShift": object{"startDateTime": "2026-12-03T09:00:00Z"}})}, codes: []string{"BadRequest"}},
		{name: "create, reversed", batch: items{putShift("N", "ada 3+-8")}, codes: []string{"BadRequest"}},
		{name: "one that does not fit refuses all", batch: items{putShift("N", "ada 3+-8"), putShift("N2", "dan 20+8")}, codes: []string{"BadRequest", "RefusedWithBatch"}},
		{name: "two that fit alone only", batch: items{putShift("N", "dan 20+8"), putShift("N2", "dan 20T12+8")}, codes: []string{"NoOverlap", "NoOverlap"}},
		{name: "room is made in the same batch", batch: items{dropShift("A"), overlapping}, want: []string{"- shift A ada 3+8", "+ shift N ada 3T12+8"}},
		{name: "edit", batch: items{putShift("A", "ada 3T10+8")}, want: []string{"- shift A ada 3+8", "+ shift A ada 3T10+8"}},
		{name: "edit, other owner", batch: items{putShift("A", "dan 3+8")}, want: []string{"- shift A ada 3+8", "+ shift A dan 3+8"}},
		{name: "edit, other owner, against a rule", batch: items{putShift("A", "cyd 3+8")}, codes: []string{"NoOverlap"}},
		{name: "edit, other group, against a rule", batch: items{putShift("A", "ada 3+8", object{"schedulingGroupId": "TAG_lift"})}, codes: []string{"Qualified"}},
		{name: "edit, draft beside what is shared", batch: items{putShift("A", "ada 3+8", object{"draftShift": spanOf("4+8")})}},
		{name: "two exchange their times", batch: items{putShift("A", "ada 4+8"), putShift("B", "ben 3+8")}, want: []string{"- shift A ada 3+8", "- shift B ben 4+8", "+ shift A ada 4+8", "+ shift B ben 3+8"}},
		{name: "shares a draft", given: []items{{putShift("N", "dan 3+8", draft)}}, batch: items{putShift("N", "dan 3+8")}, want: []string{"- shift N dan draft", "+ shift N dan 3+8"}},
		{name: "shares a draft, against a rule", given: []items{{putShift("N", "ada 3+8", draft)}}, batch: items{putShift("N", "ada 3+8")}, codes: []string{"NoOverlap"}},

		{name: "staged by its draft", batch: items{putShift("A", "ada 3+8", object{"draftShift": inactive("3+8")})}, want: []string{"- shift A ada 3+8", "+ shift A ada 3+8 staged"}},
		{name: "staged by its flag", batch: items{putShift("A", "ada 3+8", object{"isStagedForDeletion": true})}, want: []string{"- shift A ada 3+8", "+ shift A ada 3+8 staged"}},
		{name: "staging undone", given: []items{{putShift("A", "ada 3+8", object{"isStagedForDeletion": true})}}, batch: items{putShift("A", "ada 3+8")}, want: []string{"- shift A ada 3+8 staged", "+ shift A ada 3+8"}},
		{name: "second stage", given: []items{{putShift("A", "ada 3+8", object{"draftShift": inactive("3+8")})}}, batch: items{putShift("A", "ada 3+8", object{"sharedShift": inactive("3+8")})}, want: []string{"- shift A ada 3+8 staged"}},
		{name: "both parts inactive", batch: items{putShift("A", "ada 3+8", object{"sharedShift": inactive("3+8"), "draftShift": inactive("3+8")})}, want: []string{"- shift A ada 3+8"}},
		{name: "shared part inactive, draft not", batch: items{putShift("A", "ada 3+8", object{"sharedShift": inactive("3+8"), "draftShift": spanOf("4+8")})}},
		{name: "a draft goes", given: []items{{putShift("N", "dan 3+8", draft)}}, batch: items{putShift("N", "dan 3+8", object{"sharedShift": nil, "draftShift": inactive("3+8")})}, want: []string{"- shift N dan draft"}},
		{name: "DELETE", batch: items{dropShift("A")}, want: []string{"- shift A ada 3+8"}},
		{name: "second deletion", given: []items{{dropShift("A")}}, batch: items{dropShift("A")}},
		{name: "second deletion, as inactive", given: []items{{dropShift("A")}}, batch: items{putShift("A", "ada 3+8", object{"sharedShift": inactive("3+8")})}},
		{name: "what breaks a rule already may go", team: object{"shifts": []any{shiftOf("A", "ada 3+8"), shiftOf("A2", "ada 3T12+8")}}, batch: items{dropShift("A2")}, want: []string{"- shift A2 ada 3T12+8"}},
		{name: "what breaks a rule already may get a note", team: object{"shifts": []any{shiftOf("A", "ada 3+8"), shiftOf("A2", "ada 3T12+8")}},
			batch: items{putShift("A2", "ada 3T12+8", object{"eTag": "2", "sharedShift": merged(spanOf("3T12+8"), object{"notes": "bring a hat"})})}},
		{name: "but not other times", team: object{"shifts": []any{shiftOf("A", "ada 3+8"), shiftOf("A2", "ada 3T12+8")}}, batch: items{putShift("A2", "ada 3T13+8")}, codes: []string{"NoOverlap"}},
		{name: "nor other hours", team: object{"policy": object{"maxDailyHours": "8h"}}, batch: items{putShift("A", "ada 3+9")}, codes: []string{"MaxDailyHours"}},

		{name: "create again under another id", given: []items{{putShift("N", "ada 8+8", created)}}, batch: items{putShift("N2", "ada 8+8", created)}, want: []string{"- shift N ada 8+8", "+ shift N2 ada 8+8"}},
		{name: "create again what breaks a rule already", team: object{"shifts": []any{shiftOf("A", "ada 3+8"), shiftOf("A2", "ada 3T12+8", created)}}, batch: items{putShift("A3", "ada 3T12+8", created)},
			want: []string{"- shift A2 ada 3T12+8", "+ shift A3 ada 3T12+8"}},
		{name: "create a draft again under another id", given: []items{{putShift("N", "ada 8+8", created, draft)}}, batch: items{putShift("N2", "ada 8+8", created, draft)}, want: []string{"- shift N ada draft", "+ shift N2 ada draft"}},
		{name: "merely alike, by when it was created", given: []items{{putShift("N", "ada 8+8", created)}}, batch: items{putShift("N2", "ada 8+8")}, codes: []string{"NoOverlap"}},
		{name: "merely alike, by its notes", given: []items{{putShift("N", "ada 8+8", created)}}, batch: items{putShift("N2", "ada 8+8", created, object{"notes": "x"})}, codes: []string{"NoOverlap"}},
		{name: "merely alike, by its owner", given: []items{{putShift("N", "ada 8+8", created)}}, batch: items{putShift("N2", "dan 8+8", created)}, want: []string{"+ shift N2 dan 8+8"}},
	})
}

func TestOpenShiftAndTimeOffByManager(t *testing.T) {
	t.Parallel()
	kept := func(kind eligibility.Kind, o object) eligibility.ProposedItem { return putEntity(kind, o) }
	card := object{"id": "TC", "userId": "ada", "state": "onBreak", "breaks": []any{object{"id": "1"}}}
	wishes := object{"id": "SHPR_1", "userId": "ADA", "availability": []any{}}
	preferences := eligibility.ProposedItem{Kind: eligibility.KindShiftPreferences, ID: "ADA", Body: putEntity("", wishes).Body}
	runProposals(t, []proposalRow{
		{name: "open shift", batch: items{putOpenShift("N", "20+8 slots=3")}, want: []string{"+ open N 20+8 slots=3"}},
		{name: "open shift, draft", batch: items{putOpenShift("N", "20+8", object{"sharedOpenShift": nil, "draftOpenShift": spanOf("20+8")})}, want: []string{"+ open N draft"}},
		{name: "open shift, edit", batch: items{putOpenShift("O", "8+9 slots=5")}, want: []string{"- open O 8+8 slots=2", "+ open O 8+9 slots=5"}},
		{name: "open shift, staged", batch: items{putOpenShift("O", "8+8 slots=2", object{"draftOpenShift": inactive("8+8")})}, want: []string{"- open O 8+8 slots=2", "+ open O 8+8 slots=2 staged"}},
		{name: "open shift, inactive", batch: items{putOpenShift("O", "8+8", object{"sharedOpenShift": inactive("8+8")})}, want: []string{"- open O 8+8 slots=2"}},
		{name: "open shift, DELETE", batch: items{drop(eligibility.KindOpenShift, "O")}, want: []string{"- open O 8+8 slots=2"}},
		{name: "open shift, reversed", batch: items{putOpenShift("O", "8+-8")}, codes: []string{"BadRequest"}},
		{name: "time off", batch: items{putTimeOff("T", "ada 3+8")}, want: []string{"+ away T ada 3+8"}},
		{name: "time off, draft", batch: items{putTimeOff("T", "ada 3+8", object{"sharedTimeOff": nil, "draftTimeOff": spanOf("3+8")})}, want: []string{"+ away T ada draft"}},
		{name: "time off, reversed", batch: items{putTimeOff("T", "ada 3+-8")}, codes: []string{"BadRequest"}},
		{name: "time off, edit", given: []items{{putTimeOff("T", "ada 3+8")}}, batch: items{putTimeOff("T", "ada 3+9")}, want: []string{"- away T ada 3+8", "+ away T ada 3+9"}},
		{name: "time off, inactive", given: []items{{putTimeOff("T", "ada 3+8")}}, batch: items{putTimeOff("T", "ada 3+8", object{"sharedTimeOff": inactive("3+8")})}, want: []string{"- away T ada 3+8"}},
		{name: "time off, DELETE", given: []items{{putTimeOff("T", "ada 3+8")}}, batch: items{drop(eligibility.KindTimeOff, "T")}, want: []string{"- away T ada 3+8"}},
		{name: "time off, again under another id", given: []items{{putTimeOff("T", "ada 3+8")}}, batch: items{putTimeOff("T2", "ada 3+8")}, want: []string{"- away T ada 3+8", "+ away T2 ada 3+8"}},
		{name: "time off, merely alike", given: []items{{putTimeOff("T", "ada 3+8")}}, batch: items{putTimeOff("T2", "ada 3+8", object{"createdDateTime": "2026-12-01T12:00:00Z"})}, want: []string{"+ away T2 ada 3+8"}},
		{name: "reason", batch: items{kept(eligibility.KindTimeOffReason, object{"id": "TOR_new", "displayName": "Move"})}, want: []string{"+ timeOffReasons TOR_new"}},
		{name: "reason, DELETE", batch: items{drop(eligibility.KindTimeOffReason, "TOR_sick")}, want: []string{"- timeOffReasons TOR_sick"}},
		{name: "time card", batch: items{kept(eligibility.KindTimeCard, card)}, want: []string{"+ timeCards TC onbreak/"}},
		{name: "preferences", batch: items{preferences}, want: []string{"+ shiftPreferences ada"}},
		{name: "preferences again", given: []items{{preferences}}, batch: items{preferences}},
	})
}

// stored is an entity as the team gives it back.
func stored(t *testing.T, team *eligibility.Team, kind eligibility.Kind, id string) object {
	t.Helper()
	e, ok := team.Entity(kind, id)
	require.True(t, ok, "%s %s", kind, id)
	var o object
	require.NoError(t, json.Unmarshal(e.JSON, &o))
	return o
}

// What nobody here knows is kept as it came, and what only the integration
// knows of a shift survives whatever Shifts does with it.
func TestKeepsWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	north, south, east := object{"site": "north"}, object{"site": "south"}, object{"site": "east"}
	unknown := object{"colour": "mauve", "long": rawJSON("12345678901234567890.10"), "deep": []any{object{"a": nil}}}
	created := object{"createdDateTime": "2026-12-01T12:00:00Z"}
	approved := putSwap("R", "Approved/Manager")
	offered := putOffer("R", "Approved/Manager")
	for _, row := range []struct {
		name       string
		batches    []items
		shift      string
		attributes any
	}{
		{"edited", []items{{putShift("A", "ada 3T10+8", unknown)}}, "A", north},
		{"edited, its own attributes", []items{{putShift("A", "ada 3+8", object{"attributes": south})}}, "A", south},
		{"swapped", []items{approval(approved, swapCompanion...)}, "N1", south},
		{"swapped, the other", []items{approval(approved, swapCompanion...)}, "N2", north},
		{"swapped in place", []items{approval(approved, putShift("A", "ben 3+8"), putShift("B", "ada 4+8"))}, "A", north},
		{"swapped by the request alone", []items{{approved}}, "B", south},
		{"swapped twice", []items{approval(approved, swapCompanion...), approval(approved, dropShift("A"), dropShift("B"), putShift("N3", "- 4+8"), putShift("N4", "- 3+8"))}, "N3", south},
		{"offered", []items{approval(offered, dropShift("A"), putShift("N", "ben 3+8"))}, "N", north},
		{"offered in place", []items{approval(offered, putShift("A", "ben 3+8"))}, "A", north},
		{"offered, only one comes", []items{approval(offered, putShift("N", "- 3+8"))}, "N", north},
		{"claimed", []items{{putShift("N", "ada 8+8"), putClaim("R", "Approved/Manager"), putOpenShift("O", "8+8 slots=1")}}, "N", east},
		{"repeated under another id", []items{{putShift("N", "ada 8+8", created, object{"attributes": north})}, {putShift("N2", "ada 8+8", created)}}, "N2", north},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			team := agree(t, parse(t, shop(nil)), row.batches...)
			assert.Equal(t, row.attributes, stored(t, team, eligibility.KindShift, row.shift)["attributes"])
		})
	}

	team := agree(t, parse(t, shop(nil)), items{{Kind: eligibility.KindShift, ID: "A", Body: rawJSON(` {"n" : 12345678901234567890.10,"userId":"dan"} `)}})
	e, _ := team.Entity(eligibility.KindShift, "A")
	assert.Equal(t, `{"id":"A","n":12345678901234567890.10,"userId":"dan","attributes":{"site":"north"}}`, string(e.JSON))

	team = agree(t, parse(t, shop(nil)), items{putOpenShift("O", "8+8 slots=1")}, items{putClaim("R", "Approved/Manager")})
	assert.Equal(t, east, stored(t, team, eligibility.KindOpenShift, "O")["attributes"])

	// A request comes with members missing that did not change.
	team = agree(t, parse(t, shop(nil)), items{putSwap("R", "Pending/Recipient", unknown, object{"senderMessage": "please"})},
		items{putEntity(eligibility.KindSwapRequest, object{"id": "R", "state": "Pending", "assignedTo": "Manager", "colour": "teal", "senderShiftId": json.RawMessage("null")})})
	r := stored(t, team, eligibility.KindSwapRequest, "R")
	assert.Equal(t, "Manager", r["assignedTo"])
	assert.Equal(t, []any{"please", "teal", "A", "ada"}, []any{r["senderMessage"], r["colour"], r["senderShiftId"], r["senderUserId"]})
	e, _ = team.Entity(eligibility.KindSwapRequest, "R")
	assert.Contains(t, string(e.JSON), `"long":12345678901234567890.10`)
}
