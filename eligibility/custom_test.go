package eligibility_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/eligibility"
)

// custom is a policy with one custom rule.
func custom(t *testing.T, expression string) string {
	t.Helper()
	return string(encode(t, object{"custom": []any{object{"id": "own-rule", "expr": expression, "message": "That is how it is."}}}))
}

// customTeam has u-1 in it, who has shift A with the given attributes, u-2
// without a record, who has shift B, and the open shift O.
func customTeam(t *testing.T, expression string) *eligibility.Team {
	t.Helper()
	document := swapTeam(custom(t, expression), tomorrow+`, "attributes": {"site": "north", "level": 2, "night": true}`,
		thursday+`, "attributes": {"site": "south", "tags": ["a", "b"]}`, "")
	document["openShifts"] = []any{rawJSON(`{"id": "O", "schedulingGroupId": "TAG_1", "attributes": {"site": "north"},
		"sharedOpenShift": {"displayName": "Late", "notes": "n", "theme": "t", "startDateTime": "2026-06-05T12:00:00Z", "endDateTime": "2026-06-05T20:00:00Z",
		"activities": [{"isPaid": false, "code": "b", "displayName": "Lunch", "startDateTime": "2026-06-05T15:00:00Z", "endDateTime": "2026-06-05T16:00:00Z"}]}}`)}
	document["workers"] = []any{rawJSON(`{"userId": "U-1", "displayName": "Adele", "hireDate": "2024-03-01", "birthDate": "1990-01-01", "maxWeeklyHours": "20h",
		"qualifications": [{"name": "forklift", "expires": "2026-12-31"}, {"name": "office"}], "balances": {"TOR_1": 16.5},
		"attributes": {"site": "north", "levels": [1, 2], "tenure": 3}}`)}
	return parse(t, document)
}

// What an expression sees when u-1 takes the open shift O.
func TestCustomRuleSees(t *testing.T) {
	t.Parallel()
	rows := []struct {
		expression string
		passes     bool
	}{
		{`worker.userId == "U-1" && worker.displayName == "Adele"`, true},
		{`worker.hireDate == "2024-03-01" && worker.birthDate < "2008-01-01" && worker.terminationDate == ""`, true},
		{`worker.maxWeeklyHours == duration("20h")`, true},
		{`any(worker.qualifications, .name == "forklift" && .expires >= "2026-06-05")`, true},
		{`any(worker.qualifications, .name == "night")`, false},
		{`worker.balances.TOR_1 > 16`, true},
		{`worker.balances["gone"] == 0`, true},
		{`worker.attributes.site == shift.attributes.site`, true},
		{`worker.attributes.site != shift.attributes.site`, false},
		{`worker.attributes.gone == shift.attributes.gone`, true},
		{`worker.attributes.gone == nil`, true},
		{`worker.attributes["site"] in ["north", "east"]`, true},
		{`2 in worker.attributes.levels`, true},
		{`worker.attributes.tenure >= 3 && worker.attributes.tenure + 1 == 4`, true},
		{`losing == nil`, true},
		{`losing != nil && losing.id == "A"`, false},
		{`losing?.attributes?.site == nil`, true},
		{`requestType == "OpenShiftRequest"`, true},
		{`shift.id == "O" && shift.userId == "" && shift.schedulingGroupId == "TAG_1" && !shift.isStagedForDeletion`, true},
		{`shift.sharedShift.displayName == "Late" && shift.sharedShift.notes == "n" && shift.sharedShift.theme == "t" && shift.sharedShift.isActive`, true},
		{`shift.sharedShift.endDateTime - shift.sharedShift.startDateTime == duration("8h")`, true},
		{`shift.sharedShift.startDateTime > now`, true},
		{`shift.sharedShift.startDateTime.Sub(now).Hours() == 96`, true},
		{`shift.sharedShift.startDateTime < date("2026-06-05T12:00:01Z") && shift.sharedShift.startDateTime >= date("2026-06-05")`, true},
		{`now == date("2026-06-01T12:00:00Z")`, true},
		{`one(shift.sharedShift.activities, not .isPaid and .code == "b" and .displayName == "Lunch" and .endDateTime - .startDateTime == duration("1h"))`, true},
		{`len(shift.sharedShift.activities) == 1`, true},
		{`worker.attributes.gone`, false}, // nothing is not true
		{`true`, true},
		{`false`, false},
	}
	for _, row := range rows {
		t.Run(row.expression, func(t *testing.T) {
			t.Parallel()
			verdict := customTeam(t, row.expression).Take(eligibility.TakeQuestion{ShiftID: "O", UserID: "u-1", Now: noon})
			require.Empty(t, verdict.Faults)
			if row.passes {
				require.Empty(t, verdict.Failed)
				return
			}
			require.Equal(t, []eligibility.Failure{{Rule: "own-rule", Message: "That is how it is."}}, verdict.Failed)
		})
	}
}

// In a swap each side is asked about its own worker and what that one loses.
func TestCustomRuleSidesOfSwap(t *testing.T) {
	t.Parallel()
	rows := []struct {
		expression string
		fails      []string
	}{
		{`worker.userId == "U-1"`, rules("own-rule@owner")},
		{`worker.attributes.site == "north"`, rules("own-rule@owner")},
		{`worker.maxWeeklyHours == nil`, rules("own-rule@requester")},
		{`len(worker.qualifications) == 0 && worker.attributes == nil`, rules("own-rule@requester")},
		{`shift.id == "B" && losing.id == "A"`, rules("own-rule@owner")},
		{`shift.id == "A" && losing.id == "B"`, rules("own-rule@requester")},
		{`shift.userId == "u-1"`, rules("own-rule@requester")},
		{`losing.sharedShift.startDateTime < shift.sharedShift.startDateTime`, rules("own-rule@owner")},
		{`requestType == "SwapRequest"`, nil},
		{`requestType == "swaprequest"`, rules("own-rule@requester", "own-rule@owner")},
	}
	for _, row := range rows {
		t.Run(row.expression, func(t *testing.T) {
			t.Parallel()
			team := customTeam(t, row.expression)
			q := askSwaps(t, eligibility.SwapQuestion{ShiftID: "A", RequestType: "swaprequest", Now: noon})
			require.Equal(t, onlyB(row.fails), q.explain(team))
			require.Equal(t, onlyB(row.fails).IDs, q.plain(team).IDs)
			verdict := team.Swap(eligibility.PairQuestion{SenderShiftID: "A", RecipientShiftID: "B", Now: noon})
			require.Equal(t, row.fails, failures(t, verdict.Failed))
		})
	}
	offered := customTeam(t, `requestType == "OfferShiftRequest" && losing == nil && shift.userId == "u-1"`)
	require.True(t, offered.Take(eligibility.TakeQuestion{ShiftID: "A", UserID: "u-2", Now: noon}).Eligible())
}

// An expression that fails while it runs fails its rule, and says so.
func TestCustomRuleFault(t *testing.T) {
	t.Parallel()
	for _, expression := range []string{
		`shift.attributes.level > 1`,                 // there is no level
		`worker.attributes.site > 1`,                 // a text is not a number
		`worker.attributes.site`,                     // a text is not a boolean
		`losing.id == "A"`,                           // nothing is lost
		`shift.sharedShift.activities[7].isPaid`,     // out of range
		`date(worker.attributes.site) < now`,         // no date
		`worker.attributes.levels.deeper.still == 1`, // no object
		`len(filter(1..10000000, # > 1)) > 1`,        // too much
	} {
		t.Run(expression, func(t *testing.T) {
			t.Parallel()
			verdict := customTeam(t, expression).Take(eligibility.TakeQuestion{ShiftID: "O", UserID: "u-1", Now: noon})
			require.Equal(t, rules("own-rule"), failures(t, verdict.Failed))
			require.Len(t, verdict.Faults, 1)
			fault := verdict.Faults[0]
			assert.Equal(t, eligibility.Rule("own-rule"), fault.Rule)
			assert.Equal(t, "O", fault.Shift)
			require.Error(t, fault.Err)
			assert.NotContains(t, fault.Err.Error(), "\n")
		})
	}
}

// Faults of a list are reported, but not without bound, and keep nobody out
// who passes.
func TestCustomRuleFaultsOfList(t *testing.T) {
	t.Parallel()
	document := swapTeam(custom(t, `losing.id != "A" || shift.attributes.level > 1`), tomorrow, thursday+`, "attributes": {"level": 2}`, "")
	for i := range 100 {
		document["shifts"] = append(document["shifts"].([]any), rawJSON(fmt.Sprintf(`{"id": "C%d", %s}`, i,
			owned("u-3", "2026-06-03T12:00:00Z", "2026-06-03T13:00:00Z"))))
	}
	team := parse(t, document)
	q := eligibility.SwapQuestion{ShiftID: "A", RequestType: "SwapRequest", Now: noon}
	plain, err := team.Swaps(t.Context(), q)
	require.NoError(t, err)
	explained, err := team.ExplainSwaps(t.Context(), q)
	require.NoError(t, err)
	for _, answer := range []eligibility.Answer{plain, explained} {
		assert.Equal(t, []string{"B"}, answer.IDs)
		assert.NotEmpty(t, answer.Faults)
		assert.Less(t, len(answer.Faults), 20)
	}
	assert.Len(t, explained.Candidates, 101)
}

// A policy with a broken expression is rejected whole, with the rule's id and
// the position in the message.
func TestCustomRuleRefused(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name, expression, position string
	}{
		{"no expression at all", `worker.`, "1"},
		{"unknown name", `wrker.userId == ""`, "line 1, column 1"},
		{"unknown field", `worker.userID == ""`, "line 1, column 8"},
		{"unknown field on another line", "true &&\n  shift.begin > now", "line 2, column 9"},
		{"a number is not a text", `worker.userId > 5`, "line 1, column 15"},
		{"a time is not a text", `shift.sharedShift.startDateTime > "2026"`, "line 1, column 33"},
		{"not a boolean", `worker.userId`, ""},
		{"not a boolean, a number", `1 + 1`, ""},
		{"a clock of its own", `shift.sharedShift.startDateTime > now()`, "line 1, column"},
		{"unknown function", `exec("rm")`, "line 1, column 1"},
		{"wrong arguments", `len() > 1`, "line 1, column"},
		{"private fields", `shift.owner == ""`, "line 1, column 7"},
		{"assignment", `worker.userId = "u-1"`, "line 1, column"},
		{"unclosed", `("a" == "a"`, "line 1, column"},
		{"too long", `true || ` + strings.Repeat(`"x" == "y" || `, 10_000) + `true`, ""},
		{"too deep", strings.Repeat("(", 20_000) + "true" + strings.Repeat(")", 20_000), ""},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			document := full(t)
			put(t, document, "policy.custom[1]", encode(t, object{"id": "broken-rule", "expr": row.expression, "message": "No."}))
			_, err := eligibility.ParseTeam(encode(t, document))
			var problems eligibility.FieldErrors
			require.ErrorAs(t, err, &problems)
			require.Len(t, problems, 1)
			assert.Equal(t, "policy.custom[1].expr", problems[0].Path)
			assert.Contains(t, problems[0].Error(), "broken-rule")
			assert.Contains(t, problems[0].Error(), row.position)
			assert.NotContains(t, problems[0].Error(), "\n")
			assert.Less(t, len(problems[0].Error()), 500)
		})
	}
}

// The rules' own clock is the only one, however the expression asks for it.
func TestCustomRuleReadsNoClock(t *testing.T) {
	t.Parallel()
	for _, expression := range []string{
		`now().Year() > 2000`, `let f = now(); f.Year() > 2000`, `$env["now"]().Year() > 2000`, `$env.now().Year() > 2000`, `now.Local().Year() > 2000 && now().Year() > 1`,
	} {
		document := full(t)
		put(t, document, "policy.custom[0].expr", encode(t, expression))
		team, err := eligibility.ParseTeam(encode(t, document))
		if err != nil {
			continue
		}
		verdict := team.Take(eligibility.TakeQuestion{ShiftID: "OPNSHFT_1", UserID: "u-1", Now: long})
		assert.Contains(t, failures(t, verdict.Failed), "own-site", expression)
	}
}

// Custom rules come after the built-in ones, in the policy's order.
func TestCustomRulesInOrder(t *testing.T) {
	t.Parallel()
	policy, err := json.Marshal(object{"maxConsecutiveDays": 0, "minors": object{"maxShiftHours": "0h"}, "custom": []any{
		object{"id": "z", "expr": "false", "message": "Z."}, object{"id": "m", "expr": "true", "message": "M."}, object{"id": "a", "expr": "false", "message": "A."},
	}})
	require.NoError(t, err)
	runTakes(t, []takeRow{{"in order", scene{policy: string(policy), worker: `"birthDate": "2015-01-01"`}, "2026-06-01T08:00 8h",
		rules("max-consecutive-days", "minor-hours", "z", "a")}})
}
