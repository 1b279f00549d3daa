package eligibility_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/eligibility"
)

// picture describes what the tests look at of a team, a line for each entity
// that can change.
func picture(t testing.TB, team *eligibility.Team) []string {
	t.Helper()
	var lines []string
	for _, e := range team.File().Entities {
		var o object
		require.NoError(t, json.Unmarshal(e.JSON, &o))
		part := func(name string) string {
			shared, _ := o["shared"+name].(object)
			if shared == nil {
				return "draft"
			}
			start, err := time.Parse(time.RFC3339, str(shared, "startDateTime"))
			require.NoError(t, err)
			end, err := time.Parse(time.RFC3339, str(shared, "endDateTime"))
			require.NoError(t, err)
			text := fmt.Sprintf("%d+%d", start.Day(), int(end.Sub(start).Hours()))
			if start.Hour() != 9 {
				text = fmt.Sprintf("%dT%d+%d", start.Day(), start.Hour(), int(end.Sub(start).Hours()))
			}
			if slots, ok := shared["openSlotCount"]; ok {
				text += fmt.Sprint(" slots=", slots)
			}
			if draft, _ := o["draft"+name].(object); draft != nil && draft["isActive"] == false || o["isStagedForDeletion"] == true {
				text += " staged"
			}
			return text
		}
		switch e.Kind {
		case eligibility.KindShift:
			lines = append(lines, strings.TrimSpace(fmt.Sprintf("shift %s %s %s", e.ID, str(o, "userId"), part("Shift"))))
		case eligibility.KindOpenShift:
			lines = append(lines, fmt.Sprintf("open %s %s", e.ID, part("OpenShift")))
		case eligibility.KindTimeOff:
			lines = append(lines, fmt.Sprintf("away %s %s %s", e.ID, str(o, "userId"), part("TimeOff")))
		case eligibility.KindWorker, eligibility.KindSchedulingGroup:
		default:
			line := fmt.Sprintf("%s %s", e.Kind, e.ID)
			if state := str(o, "state"); state != "" {
				line += fmt.Sprintf(" %s/%s", asciiLower(strings.TrimSpace(state)), asciiLower(strings.TrimSpace(str(o, "assignedTo"))))
			}
			lines = append(lines, line)
		}
	}
	slices.Sort(lines)
	return lines
}

// differences lists what left with "-" and what came with "+".
func differences(before, after []string) []string {
	lines := []string{}
	for _, line := range before {
		if !slices.Contains(after, line) {
			lines = append(lines, "- "+line)
		}
	}
	for _, line := range after {
		if !slices.Contains(before, line) {
			lines = append(lines, "+ "+line)
		}
	}
	return lines
}

// codesOf gives the code of every item, "" for an approved one, and sees to
// what holds of every decision.
func codesOf(t testing.TB, count int, d eligibility.Decision) []string {
	t.Helper()
	require.Len(t, d.Items, count)
	var codes []string
	for _, item := range d.Items {
		if item.Refusal == nil {
			assert.NotEmpty(t, item.ETag, "an approved item has an eTag")
			codes = append(codes, "")
			continue
		}
		assert.Empty(t, item.ETag)
		assert.NotEmpty(t, item.Refusal.Code)
		assert.NotEmpty(t, item.Refusal.Message)
		codes = append(codes, string(item.Refusal.Code))
	}
	approved := !slices.ContainsFunc(codes, func(code string) bool { return code != "" })
	require.Equal(t, approved, d.Approved())
	if !approved {
		assert.NotContains(t, codes, "", "all of a batch is refused, or nothing")
		assert.Empty(t, d.Changes)
	}
	return codes
}

// propose decides the items and gives the codes and the team afterwards.
func propose(t testing.TB, team *eligibility.Team, batch items) ([]string, *eligibility.Team) {
	t.Helper()
	d := team.Decide(eligibility.Proposal{Items: batch, Now: decidedAt})
	codes := codesOf(t, len(batch), d)
	after, err := team.With(d.Changes...)
	require.NoError(t, err)
	return codes, after
}

// agree proposes what has to be approved and gives the team afterwards.
func agree(t testing.TB, team *eligibility.Team, batches ...items) *eligibility.Team {
	t.Helper()
	for _, batch := range batches {
		var codes []string
		codes, team = propose(t, team, batch)
		require.Equal(t, make([]string, len(batch)), codes)
	}
	return team
}

// A proposalRow says what a batch does to the shop after other batches.
type proposalRow struct {
	name  string
	given []items // approved before
	batch items
	codes []string // nil if all of it is approved
	want  []string // what changes, as differences gives it
	// ordered rows depend on the order of their items; all others are tried in
	// every order, or many if they are many.
	ordered bool
	team    object
}

func runProposals(t *testing.T, rows []proposalRow) {
	t.Helper()
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			team := agree(t, parse(t, shop(row.team)), row.given...)
			before := picture(t, team)
			want := append([]string{}, row.want...)
			slices.Sort(want)
			try := func(order []int) {
				var batch items
				var expected []string
				for _, i := range order {
					batch = append(batch, row.batch[i])
					if row.codes == nil {
						expected = append(expected, "")
					} else {
						expected = append(expected, row.codes[i])
					}
				}
				codes, after := propose(t, team, batch)
				require.Equal(t, expected, codes, "in the order %v", order)
				got := differences(before, picture(t, after))
				slices.Sort(got)
				require.Equal(t, want, got, "in the order %v", order)
				if row.codes == nil {
					again, later := propose(t, after, batch)
					require.Equal(t, expected, again, "a second time, in the order %v", order)
					require.Equal(t, picture(t, after), picture(t, later), "a second time, in the order %v", order)
				}
			}
			order := make([]int, len(row.batch))
			for i := range order {
				order[i] = i
			}
			if row.ordered {
				try(order)
				return
			}
			tried := 0
			permute(order, 0, func(order []int) {
				if tried++; len(order) <= 5 || tried%13 == 1 {
					try(order)
				}
			})
		})
	}
}

func permute(order []int, fixed int, visit func([]int)) {
	if fixed >= len(order)-1 {
		visit(order)
		return
	}
	for i := fixed; i < len(order); i++ {
		order[fixed], order[i] = order[i], order[fixed]
		permute(order, fixed+1, visit)
		order[fixed], order[i] = order[i], order[fixed]
	}
}

// What happens to a kind that is mirrored, or to an echo, whatever the rules say.
func TestAcceptedAndSettled(t *testing.T) {
	t.Parallel()
	toDan := object{"recipientUserId": "dan", "recipientShiftId": "L"}
	requests := map[eligibility.Kind]bool{eligibility.KindSwapRequest: true, eligibility.KindOpenShiftRequest: true, eligibility.KindTimeOffRequest: true}
	shifts := map[eligibility.Kind]bool{eligibility.KindShift: true, eligibility.KindOpenShift: true}
	lift := object{"schedulingGroupId": "TAG_lift"}
	liftSwapped := []string{"- shift A ada 3+8", "- shift L dan 7+8", "+ shift N1 ada 7+8", "+ shift N2 dan 3+8", "+ swapRequests R approved/manager"}
	for _, row := range []struct {
		name   string
		accept map[eligibility.Kind]bool
		batch  items
		waived []string // codes of what the rules would have said
		want   []string
	}{
		{"swap", requests, items{putSwap("R", "Pending/Recipient", toDan)}, []string{"Qualified"}, []string{"+ swapRequests R pending/recipient"}},
		{"swap of an unknown shift", requests, items{putSwap("R", "Pending/Recipient", object{"senderShiftId": "?"})}, []string{"ShiftNotFound"}, []string{"+ swapRequests R pending/recipient"}},
		{"swap without shifts", requests, items{putSwap("R", "Pending/Recipient", object{"senderShiftId": nil})}, []string{"BadRequest"}, []string{"+ swapRequests R pending/recipient"}},
		{"swap approved", requests, approval(putSwap("R", "Approved/Manager", toDan), dropShift("A"), dropShift("L"), putShift("N1", "- 7+8", lift), putShift("N2", "- 3+8")),
			[]string{"Qualified", "", "", "", ""}, liftSwapped},
		{"swap approved, a third gets the shift", requests, approval(putSwap("R", "Approved/Manager"), putShift("A", "dan 3+8")), []string{"BadRequest", ""},
			[]string{"- shift A ada 3+8", "+ shift A dan 3+8", "+ swapRequests R approved/manager"}},
		{"claim of a full open shift", requests, items{putShift("N", "ada 11+8"), putClaim("R", "Approved/Manager", object{"openShiftId": "O0"}), putOpenShift("O0", "11+8 slots=-1")},
			[]string{"", "NoSlotLeft", ""}, []string{"+ shift N ada 11+8", "+ openShiftRequests R approved/manager"}},
		{"time off for somebody unknown", requests, items{putAbsence("R", "Approved/Manager", "8+8", object{"senderUserId": "eve"})}, []string{"UserNotFound"},
			[]string{"+ timeOffRequests R approved/manager", "+ away R eve 8+8"}},
		{"time off without a reason", requests, items{putAbsence("R", "Approved/Manager", "8+8", object{"timeOffReasonId": nil})}, []string{"BadRequest"},
			[]string{"+ timeOffRequests R approved/manager"}},
		{"shift", shifts, items{putShift("N", "ada 3T12+8")}, []string{"NoOverlap"}, []string{"+ shift N ada 3T12+8"}},
		{"assigning a full open shift", shifts, items{putShift("N", "ada 11+8"), putOpenShift("O0", "11+8 slots=0")}, []string{"", "NoSlotLeft"}, []string{"+ shift N ada 11+8"}},
		{"nothing to waive", shifts, items{putShift("N", "ada 8+8")}, []string{""}, []string{"+ shift N ada 8+8"}},
	} {
		for _, settled := range []bool{false, true} {
			team := parse(t, shop(nil))
			d := team.Decide(eligibility.Proposal{Items: row.batch, Now: decidedAt, Accept: row.accept, Settled: settled})
			require.Equal(t, make([]string, len(row.batch)), codesOf(t, len(row.batch), d), row.name)
			var waived []string
			for _, item := range d.Items {
				code := ""
				if item.Waived != nil {
					code = string(item.Waived.Code)
				}
				waived = append(waived, code)
			}
			if settled {
				require.Equal(t, make([]string, len(row.batch)), waived, "%s, settled", row.name)
			} else {
				require.Equal(t, row.waived, waived, row.name)
			}
			after, err := team.With(d.Changes...)
			require.NoError(t, err)
			require.ElementsMatch(t, row.want, differences(picture(t, team), picture(t, after)), row.name)
		}
	}

	// What cannot be read is approved and not kept; one kind that is accepted does
	// not carry another.
	team := parse(t, shop(nil))
	d := team.Decide(eligibility.Proposal{Items: items{putShift("N", "ada 3+-8")}, Now: decidedAt, Accept: shifts, Settled: true})
	require.Equal(t, []string{""}, codesOf(t, 1, d))
	require.Empty(t, d.Changes)
	d = team.Decide(eligibility.Proposal{Items: items{putSwap("R", "Pending/Recipient", toDan), putShift("N", "ada 3T12+8")}, Now: decidedAt, Accept: requests})
	require.Equal(t, []string{"RefusedWithBatch", "NoOverlap"}, codesOf(t, 2, d))
	require.Equal(t, eligibility.Code("Qualified"), d.Items[0].Waived.Code)
}

// A decision says whom it is about, and a refusal what it stands on.
func TestDecisionSaysWhy(t *testing.T) {
	t.Parallel()
	team := agree(t, parse(t, shop(nil)), swapPending)
	d := team.Decide(eligibility.Proposal{Now: decidedAt, Items: items{
		putSwap("R", "declined "), drop(eligibility.KindSwapRequest, "R"), putShift("N", "ada 3T12+8"), putTimeOff("T", "ben 20+8"), putOpenShift("O", "8+8"), dropShift("C"),
	}})
	var users [][]string
	for _, item := range d.Items {
		users = append(users, item.Users)
	}
	require.Equal(t, [][]string{{"ada", "ben"}, {"ada", "ben"}, {"ada"}, {"ben"}, nil, {"cyd"}}, users)
	require.Equal(t, "declined", d.Items[0].State)
	require.Equal(t, "pending", d.Items[1].State)
	require.Equal(t, eligibility.RuleNoOverlap, d.Items[2].Refusal.Rule)
	require.Equal(t, eligibility.RuleNoOverlap, d.Items[2].Refusal.Failed[0].Rule)
	require.Equal(t, eligibility.RefusedWithBatch, d.Items[3].Refusal.Code)

	for field, item := range map[string]eligibility.ProposedItem{
		"sharedShift.endDateTime":   putShift("N", "ada 3+-8"),
		"sharedTimeOff.endDateTime": putTimeOff("T", "ada 3+-8"),
		"endDateTime":               putAbsence("T", "Pending/Manager", "3+-8"),
		"openShiftId":               putClaim("N", "Pending/Manager", object{"openShiftId": nil}),
		"id":                        {Kind: eligibility.KindShift, ID: "A", Body: rawJSON(`{"id":"B"}`)},
		"":                          {Kind: eligibility.KindShift, ID: "A", Body: rawJSON(`[]`)},
	} {
		d := team.Decide(eligibility.Proposal{Now: decidedAt, Items: items{item}})
		require.Equal(t, []string{"BadRequest"}, codesOf(t, 1, d), field)
		require.Equal(t, field, d.Items[0].Refusal.Field)
	}
}

func TestDecideNothing(t *testing.T) {
	t.Parallel()
	d := parse(t, shop(nil)).Decide(eligibility.Proposal{Now: decidedAt})
	require.True(t, d.Approved())
	require.Empty(t, d.Items)
	require.Empty(t, d.Changes)
}
