package eligibility_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/eligibility"
)

// Values of the right kind of JSON that are wrong all the same.
func TestParseTeamRefusesValues(t *testing.T) {
	t.Parallel()
	const (
		instant  = "instant"
		date     = "date"
		clock    = "time of day"
		duration = "duration"
		whole    = "whole number"
	)
	rows := []struct{ path, value, expected string }{
		{"team.timeZone", `"Mars/Olympus_Mons"`, "time zone"},
		{"team.timeZone", `"Local"`, "time zone"},
		{"team.timeZone", `"../etc/passwd"`, "time zone"},
		{"team.timeZone", `"Eastern Standard Time"`, "time zone"},
		{"team.timeZone", `"+01:00"`, "time zone"},
		{"team.timeZone", `" "`, "time zone"},
		{"team.startDayOfWeek", `"someday"`, "day of the week"},
		{"team.startDayOfWeek", `"mon"`, "day of the week"},
		{"team.startDayOfWeek", `"1"`, "day of the week"},
		{"team.startDayOfWeek", `""`, "day of the week"},

		{"policy.minimumRest", `"11"`, duration},
		{"policy.minimumRest", `"-1ns"`, duration},
		{"policy.splitShift", `"4 h"`, duration},
		{"policy.maxDailyHours", `"12H"`, duration},
		{"policy.maxWeeklyHours", `""`, duration},
		{"policy.maxWeeklyHours", `"1d"`, duration},
		{"policy.maxWeeklyHours", `"9999999999h"`, duration},
		{"policy.swap.notice", `"-2h"`, duration},
		{"policy.minors.maxShiftHours", `"PT8H"`, duration},
		{"policy.maxConsecutiveDays", `-1`, whole},
		{"policy.maxConsecutiveDays", `5.5`, whole},
		{"policy.maxConsecutiveDays", `1e300`, whole},
		{"policy.managerChanges", `"Enforce"`, "enforce or accept"},
		{"policy.managerChanges", `"ignore"`, "enforce or accept"},
		{"policy.managerChanges", `""`, "enforce or accept"},
		{"policy.minors.earliest", `"6:00"`, clock},
		{"policy.minors.earliest", `"06:60"`, clock},
		{"policy.minors.earliest", `"06:00:00"`, clock},
		{"policy.minors.latest", `"24:01"`, clock},
		{"policy.minors.latest", `"25:00"`, clock},
		{"policy.minors.latest", `"10 PM"`, clock},
		{"policy.minors.latest", `"-1:00"`, clock},
		{"policy.minors.latest", `""`, clock},
		{"policy.timeOffReasons.TOR_1.minTenureDays", `-1`, whole},
		{"policy.timeOffReasons.TOR_1.minTenureDays", `0.5`, whole},
		{"policy.timeOffReasons.TOR_1.minBalanceHours", `-0.1`, "not negative"},
		{"policy.custom[0].id", `"window"`, "no other rule"},
		{"policy.custom[0].id", `"balance"`, "no other rule"},

		{"workers[0].hireDate", `"2026-2-01"`, date},
		{"workers[0].hireDate", `"2026-02-29"`, date},
		{"workers[0].hireDate", `""`, date},
		{"workers[0].terminationDate", `"2026-03-01T00:00:00Z"`, date},
		{"workers[0].birthDate", `"30.05.2009"`, date},
		{"workers[0].maxWeeklyHours", `"-20h"`, duration},
		{"workers[0].qualifications[0].expires", `"never"`, date},
		{"workers[0].balances.TOR_1", `"16"`, "number"},
		{"workers[0].balances.TOR_1", `1e999`, "number"},
		{"workers[0].attributes", `[]`, "object"},

		{"shifts[0].sharedShift.startDateTime", `"2026-12-01T8:00:00Z"`, instant},
		{"shifts[0].sharedShift.startDateTime", `"2026-12-01T08:00:00"`, instant},
		{"shifts[0].sharedShift.startDateTime", `"12/1/2026 8:00:00 AM +00:00"`, instant},
		{"shifts[0].sharedShift.startDateTime", `""`, instant},
		{"shifts[0].sharedShift.endDateTime", `"2026-12-01T13:00:00,5Z"`, instant},
		{"shifts[0].sharedShift.endDateTime", `"2026-12-01T13:00:00Z"`, "after"},
		{"shifts[0].sharedShift.endDateTime", `"2026-12-01T12:59:59.999999999Z"`, "after"},
		{"shifts[0].sharedShift.endDateTime", `"2026-12-01T14:00:00+01:00"`, "after"},
		{"shifts[0].sharedShift.endDateTime", `"2027-12-02T13:00:00.000000001Z"`, "at most 366 days after"},
		{"shifts[0].sharedShift.activities[0].startDateTime", `"2026-12-01T17:00:00+24:00"`, instant},
		{"shifts[0].attributes", `"north"`, "object"},
		{"openShifts[0].sharedOpenShift.endDateTime", `"2026-12-02T13:00:00Z"`, "after"},
		{"openShifts[0].sharedOpenShift.openSlotCount", `1.5`, whole},
		{"openShifts[0].sharedOpenShift.activities[0].endDateTime", `"noon"`, instant},
		{"openShifts[0].attributes", `[1]`, "object"},
		{"timesOff[0].sharedTimeOff.startDateTime", `"2026-12-03"`, instant},
		{"timesOff[0].sharedTimeOff.endDateTime", `"2026-12-04t05:00:00Z"`, instant},
		{"timeOffRequests[0].endDateTime", `"2026-12-04 05:00:00Z"`, instant},
		{"schedulingGroups[0].userIds[0]", `{}`, "text"},
		{"schedulingGroups[0].userIds[1]", `7`, "text"},
		{"shifts[1]", `"a shift"`, "object"},
	}
	for _, row := range rows {
		t.Run(row.path+" "+row.value, func(t *testing.T) {
			t.Parallel()
			document := full(t)
			put(t, document, row.path, json.RawMessage(row.value))
			problem := requireProblem(t, encode(t, document), row.path, row.value)
			assert.Contains(t, problem.Expected, row.expected)
		})
	}
}

// A misspelt limit must not be no limit.
func TestParseTeamRefusesUnknownPolicyFields(t *testing.T) {
	t.Parallel()
	for _, path := range []string{
		"policy.minimumrest", "policy.MinimumRest", "policy.maxWeeklyHour", "policy.notice", "policy.comment", "policy.minors.latestt",
		"policy.swap.minimumRest", "policy.timeOffReasons.TOR_1.minTenure", "policy.custom[0].expression",
	} {
		for _, value := range []string{`7`, `null`, `{"a":[]}`} {
			document := full(t)
			put(t, document, path, json.RawMessage(value))
			_, err := eligibility.ParseTeam(encode(t, document))
			var problem *eligibility.FieldError
			require.ErrorAs(t, err, &problem, "%s: %s", path, value)
			assert.Equal(t, path, problem.Path)
			assert.Equal(t, value, problem.Found)
		}
	}
}

// Two entities of one kind with the same id.
func TestParseTeamRefusesDuplicates(t *testing.T) {
	t.Parallel()
	for _, kind := range eligibility.Kinds {
		document := full(t)
		entities, _ := document[string(kind)].([]any)
		if len(entities) == 0 {
			entities = []any{map[string]any{"id": "1", "userId": "u-1"}}
		}
		document[string(kind)] = append(entities, entities[0])
		_, err := eligibility.ParseTeam(encode(t, document))
		var problem *eligibility.FieldError
		require.ErrorAs(t, err, &problem, "%s", kind)
		assert.True(t, strings.HasPrefix(problem.Path, string(kind)+"[1]"), problem.Path)
		assert.Contains(t, problem.Found, entityID(kind, entities[0]))
	}
	rows := []struct {
		name, kind, second string
		refused            bool
	}{
		{"user ids in another letter case", "workers", `{"userId": "U-1"}`, true},
		{"other ids in another letter case", "shifts", `{"id": "shft_1"}`, false},
		{"ids with a blank", "shifts", `{"id": "SHFT_1 "}`, false},
		{"the id of another kind", "shifts", `{"id": "OPNSHFT_1"}`, false},
		{"user ids that only Unicode folds", "workers", `{"userId": "\u0055-1\u0307"}`, false},
	}
	for _, row := range rows {
		document := full(t)
		document[row.kind] = append(document[row.kind].([]any), rawJSON(row.second))
		_, err := eligibility.ParseTeam(encode(t, document))
		assert.Equal(t, row.refused, err != nil, "%s: %v", row.name, err)
	}
	document := full(t)
	put(t, document, "policy.custom[1]", json.RawMessage(`{"id": "own-site", "expr": "true", "message": "No."}`))
	requireProblem(t, encode(t, document), "policy.custom[1].id", `"own-site"`)
	put(t, document, "policy.custom[1].id", json.RawMessage(`"Own-site"`))
	_, err := eligibility.ParseTeam(encode(t, document))
	require.NoError(t, err)
}

// What a file may hold although nobody here needs it, or knows it.
func TestParseTeamAccepts(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ path, value string }{
		{"policy", `{}`}, {"policy.custom", `[]`}, {"policy.timeOffReasons", `{"": {}, "gone": {}}`}, {"policy.minors", `{}`},
		{"policy.minimumRest", `"0h"`}, {"policy.minimumRest", `"0"`}, {"policy.minimumRest", `"1h30m0.5s"`}, {"policy.maxConsecutiveDays", `0`},
		{"policy.minors.latest", `"24:00"`}, {"policy.minors.earliest", `"00:00"`}, {"policy.managerChanges", `"accept"`},
		{"team.startDayOfWeek", `" FRIDAY"`}, {"team.timeZone", `"UTC"`}, {"team.timeZone", `"Asia/Kathmandu"`},
		{"team.unknown", `{"UserId": 7}`}, {"unknown", `[null, 1e999]`}, {"Shifts", `"not the list"`},
		{"workers[0].UserId", `7`}, {"workers[0].balances.TOR_1", `-16.5`}, {"workers[0].balances.gone", `0`}, {"workers[0].balances", `{}`},
		{"workers[0].attributes", `{"site": null, "any": [{}]}`}, {"workers[0].qualifications", `[]`}, {"workers[0].manager", `7`},
		{"workers[0].hireDate", `"2040-01-01"`}, {"workers[0].birthDate", `"2040-01-01"`},
		{"shifts[0].draftShift", `7`}, {"shifts[0].draftShift", `[]`}, {"shifts[0].draftShift", `{"isActive": 7}`}, {"shifts[0].draftShift", `{"startDateTime": "soon", "activities": 7}`},
		{"openShifts[0].draftOpenShift", `true`}, {"timesOff[0].draftTimeOff", `"x"`}, {"shifts[0].draftOpenShift", `7`},
		{"shifts[0].userId", `"nobody-we-know"`}, {"shifts[0].userId", `""`}, {"shifts[0].schedulingGroupId", `""`}, {"shifts[0].schedulingGroupId", `"gone"`},
		{"shifts[0].sharedShift", `null`}, {"shifts[0].sharedShift.notes", `7`}, {"shifts[0].sharedShift.theme", `{}`}, {"shifts[0].createdBy", `7`},
		{"shifts[0].sharedShift.activities", `[]`}, {"shifts[0].sharedShift.activities[0].isPaid", `null`},
		{"shifts[0].sharedShift.activities[0].endDateTime", `"2020-12-01T17:00:00Z"`},
		{"shifts[0].sharedShift.endDateTime", `"2026-12-01T13:00:00.000000001Z"`},
		{"shifts[0].sharedShift.endDateTime", `"2027-12-02T13:00:00Z"`},
		{"openShifts[0].sharedOpenShift.openSlotCount", `-1`}, {"openShifts[0].sharedOpenShift.openSlotCount", `0`}, {"openShifts[0].userId", `7`},
		{"timesOff[0].sharedTimeOff.endDateTime", `"2026-12-03T05:00:00Z"`}, {"timesOff[0].sharedTimeOff.endDateTime", `"2020-12-03T05:00:00Z"`},
		{"timeOffRequests[0].endDateTime", `"2020-12-03T05:00:00Z"`},
		{"timeOffReasons[0].iconType", `7`}, {"schedulingGroups[0].userIds", `["u-1", "U-1", "u-2"]`}, {"schedulingGroups[0].requires", `[]`},
		{"swapRequests[0].state", `"unknownFutureValue"`}, {"swapRequests[0].assignedTo", `""`}, {"swapRequests[0].senderShiftId", `""`},
		{"swapRequests[0].senderMessage", `7`}, {"swapRequests[0].eTag", `null`}, {"shifts", `[]`}, {"workers", `null`},
	} {
		t.Run(row.path+" "+row.value, func(t *testing.T) {
			t.Parallel()
			document := full(t)
			put(t, document, row.path, json.RawMessage(row.value))
			team, err := eligibility.ParseTeam(encode(t, document))
			require.NoError(t, err)
			requireSameDocument(t, encode(t, document), encode(t, team.File()))
		})
	}
}

// The least that a team file can be.
func TestParseTeamOfNothing(t *testing.T) {
	t.Parallel()
	team, err := eligibility.ParseTeam([]byte("\ufeff { \"team\" : {\"timeZone\":\"UTC\",\"id\":\"1\"} } \n"))
	require.NoError(t, err)
	assert.Equal(t, "1", team.ID)
	assert.Equal(t, "UTC", team.TimeZone().String())
	assert.Empty(t, team.Warnings())
	assert.JSONEq(t, `{"team": {"id": "1", "timeZone": "UTC"}}`, string(encode(t, team.File())))
}

func TestParseTeamRefusesOtherDocuments(t *testing.T) {
	t.Parallel()
	const team = `{"team": {"id": "1", "timeZone": "UTC"}`
	for _, document := range []string{
		"", " ", "null", "7", `"team"`, "[]", "[" + team + "}]", "{", team, team + ",}", team + "}}", team + "}]", team + "} x", team + "}" + team + "}",
		team + `, "shifts": {}}`, team + `, "shifts": 7}`, team + `, "shifts": "x"}`, team + `, "shifts": []`, team + `, "team": {"id": "2", "timeZone": "UTC"}}`,
		team + `, "shifts": [], "shifts": []}`, team + `, "policy": []}`, "\xff", team + `, "a": tru}`, strings.Repeat("[", 100_000), team + `, "x": ` + strings.Repeat("[", 100_000),
	} {
		parsed, err := eligibility.ParseTeam([]byte(document))
		var problem *eligibility.FieldError
		name := fmt.Sprintf("%.60q", document)
		if assert.True(t, errors.As(err, &problem), "%s gave %v", name, err) {
			assert.NotEmpty(t, problem.Path, name)
			assert.NotEmpty(t, problem.Found, name)
			assert.NotEmpty(t, problem.Expected, name)
		}
		assert.True(t, parsed == nil, "a team came with the error: %s", name)
	}
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	document := object{
		"team": object{"id": "team-1", "timeZone": "UTC"},
		"workers": []any{
			rawJSON(`{"userId": "in-a-group"}`), rawJSON(`{"userId": "on-a-shift"}`), rawJSON(`{"userId": "on-a-draft"}`),
			rawJSON(`{"userId": "nowhere"}`), rawJSON(`{"userId": "absent-only"}`),
		},
		"schedulingGroups": []any{rawJSON(`{"id": "TAG_1", "isActive": false, "userIds": ["IN-A-GROUP"]}`)},
		"shifts": []any{
			rawJSON(`{"id": "1", "userId": "ON-A-SHIFT", "schedulingGroupId": "TAG_1", ` + tomorrow + `}`),
			rawJSON(`{"id": "2", "userId": "on-a-draft", "schedulingGroupId": ""}`),
			rawJSON(`{"id": "3", "schedulingGroupId": "TAG_gone"}`),
		},
		"openShifts": []any{rawJSON(`{"id": "4", "schedulingGroupId": "tag_1"}`)},
		"timesOff":   []any{rawJSON(`{"id": "5", "userId": "absent-only"}`)},
	}
	var found []string
	for _, warning := range parse(t, document).Warnings() {
		assert.NotEmpty(t, warning.Message)
		found = append(found, warning.Path)
	}
	assert.Equal(t, []string{"workers[3]", "workers[4]", "shifts[2].schedulingGroupId", "openShifts[0].schedulingGroupId"}, found)
}
