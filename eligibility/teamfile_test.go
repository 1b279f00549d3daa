package eligibility_test

import (
	"encoding/json"
	"errors"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/eligibility"
)

// full is a team file with every field that is checked, and some that are not.
func full(t *testing.T) object {
	t.Helper()
	document, err := os.ReadFile("testdata/full.json")
	require.NoError(t, err)
	return decodeExactly(t, document).(object)
}

var step = regexp.MustCompile(`^[^.[]+|^\.[^.[]+|^\[\d+\]`)

// put replaces what stands at a path such as shifts[3].sharedShift.endDateTime.
func put(t *testing.T, value any, path string, replacement json.RawMessage) any {
	t.Helper()
	if path == "" {
		return decodeExactly(t, replacement)
	}
	first := step.FindString(path)
	require.NotEmpty(t, first, "path %s", path)
	rest := path[len(first):]
	if first[0] == '[' {
		list := value.([]any)
		index, err := strconv.Atoi(strings.Trim(first, "[]"))
		require.NoError(t, err)
		if index == len(list) {
			return append(list, put(t, nil, rest, replacement))
		}
		list[index] = put(t, list[index], rest, replacement)
		return list
	}
	members, name := value.(object), strings.TrimPrefix(first, ".")
	if rest == "" && replacement == nil {
		delete(members, name)
		return members
	}
	members[name] = put(t, members[name], rest, replacement)
	return members
}

// paths lists everything in the document but what is marked as kept.
func paths(value any, at string) []string {
	var result []string
	switch value := value.(type) {
	case object:
		for _, name := range sortedNames(value) {
			if strings.HasPrefix(name, "draft") || name == "attributes" || strings.Contains(string(mustMarshal(value[name])), "kept") && !composite(value[name]) {
				continue
			}
			path := strings.TrimPrefix(at+"."+name, ".")
			result = append(append(result, path), paths(value[name], path)...)
		}
	case []any:
		for i, element := range value {
			path := at + "[" + strconv.Itoa(i) + "]"
			result = append(append(result, path), paths(element, path)...)
		}
	}
	return result
}

// unchecked are fields of testdata/full.json that this package need not know.
var unchecked = []string{
	"team.enabled", "workers[0].badge", "exportedBy", "exportedBy.kept", "exportedBy.kept[0]", "exportedBy.kept[1]", "exportedBy.kept[2]",
	"shifts[0].sharedShift.activities[0].code",
}

func composite(value any) bool {
	switch value.(type) {
	case object, []any:
		return true
	}
	return false
}

func sortedNames(o object) []string {
	var names []string
	for name := range o {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func mustMarshal(value any) []byte {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return text
}

func at(t *testing.T, value any, path string) any {
	t.Helper()
	for path != "" {
		first := step.FindString(path)
		path = path[len(first):]
		if first[0] == '[' {
			index, err := strconv.Atoi(strings.Trim(first, "[]"))
			require.NoError(t, err)
			value = value.([]any)[index]
		} else {
			value = value.(object)[strings.TrimPrefix(first, ".")]
		}
	}
	return value
}

// requireProblem makes sure that exactly one value of the document is refused.
func requireProblem(t *testing.T, document []byte, path, found string) *eligibility.FieldError {
	t.Helper()
	_, err := eligibility.ParseTeam(document)
	var problems eligibility.FieldErrors
	require.ErrorAs(t, err, &problems)
	var first *eligibility.FieldError
	require.ErrorAs(t, err, &first)
	require.Same(t, problems[0], first)
	assert.Equal(t, path, first.Path, "path")
	assert.Equal(t, found, first.Found, "found at %s", path)
	assert.NotEmpty(t, first.Expected)
	assert.Len(t, problems, 1, "problems: %v", err)
	assert.Contains(t, err.Error(), first.Path)
	assert.Contains(t, err.Error(), first.Found)
	assert.Contains(t, err.Error(), first.Expected)
	return first
}

// Every value of a kind that does not belong where it stands is refused.
func TestParseTeamChecksEveryField(t *testing.T) {
	t.Parallel()
	checked := 0
	for _, path := range paths(full(t), "") {
		if slices.Contains(unchecked, path) {
			continue
		}
		checked++
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			document := full(t)
			wrong := "7"
			if _, isNumber := at(t, document, path).(json.Number); isNumber {
				wrong = `"seven"`
			}
			put(t, document, path, json.RawMessage(wrong))
			requireProblem(t, encode(t, document), path, wrong)
		})
	}
	require.Greater(t, checked, 100)
}

// Required are the values without which a file cannot be understood.
func TestParseTeamMissesWhatIsRequired(t *testing.T) {
	t.Parallel()
	required := []string{
		"team", "team.id", "team.timeZone", "policy.custom[0].id", "policy.custom[0].expr", "policy.custom[0].message", "workers[0].userId",
		"shifts[0].sharedShift.startDateTime", "shifts[0].sharedShift.endDateTime",
		"openShifts[0].sharedOpenShift.startDateTime", "openShifts[0].sharedOpenShift.endDateTime",
		"timesOff[0].sharedTimeOff.startDateTime", "timesOff[0].sharedTimeOff.endDateTime",
		"shifts[0].sharedShift.activities[0].startDateTime", "shifts[0].sharedShift.activities[0].endDateTime",
	}
	for _, kind := range eligibility.Kinds[1:] {
		required = append(required, string(kind)+"[0].id")
	}
	for _, path := range required {
		for _, missing := range []string{"absent", "null", `""`} {
			composite := !strings.HasSuffix(path, "id") && !strings.HasSuffix(path, "Id") || path == "team"
			if missing == `""` && composite {
				continue
			}
			t.Run(path+" "+missing, func(t *testing.T) {
				t.Parallel()
				document, replacement, found := full(t), json.RawMessage(missing), "nothing"
				switch missing {
				case "absent":
					replacement = nil
				case `""`:
					found = `""`
				}
				put(t, document, path, replacement)
				requireProblem(t, encode(t, document), path, found)
			})
		}
	}
	for _, path := range paths(full(t), "") {
		if slices.Contains(required, path) || strings.HasSuffix(path, "]") || path == "policy.timeOffReasons" || strings.HasSuffix(path, ".name") {
			continue
		}
		t.Run(path+" may be absent", func(t *testing.T) {
			t.Parallel()
			for _, replacement := range []json.RawMessage{nil, json.RawMessage("null")} {
				document := full(t)
				put(t, document, path, replacement)
				_, err := eligibility.ParseTeam(encode(t, document))
				require.NoError(t, err)
			}
		})
	}
}

// What a file holds besides is given back as it came.
func TestTeamFileKeepsEverything(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"testdata/full.json", "testdata/team.json"} {
		document, err := os.ReadFile(name)
		require.NoError(t, err)
		team, err := eligibility.ParseTeam(document)
		require.NoError(t, err)
		requireSameDocument(t, document, encode(t, team.File()))
		again, err := eligibility.NewTeam(team.File())
		require.NoError(t, err)
		require.Equal(t, encode(t, team.File()), encode(t, again.File()))
	}
}

// The file is refused as a whole: an error comes with no team.
func TestParseTeamGivesNoBrokenTeam(t *testing.T) {
	t.Parallel()
	document := full(t)
	put(t, document, "shifts[0].userId", json.RawMessage("7"))
	team, err := eligibility.ParseTeam(encode(t, document))
	require.Error(t, err)
	assert.True(t, team == nil, "a team came with the error")
}

// Several problems are reported together, up to a bound.
func TestParseTeamReportsSeveralProblems(t *testing.T) {
	t.Parallel()
	document := full(t)
	for _, path := range []string{"policy.minors.latest", "team.timeZone", "timesOff[0].id", "shifts[0].sharedShift.endDateTime"} {
		put(t, document, path, json.RawMessage("7"))
	}
	_, err := eligibility.ParseTeam(encode(t, document))
	var problems eligibility.FieldErrors
	require.ErrorAs(t, err, &problems)
	var found []string
	for _, problem := range problems {
		found = append(found, problem.Path)
	}
	assert.ElementsMatch(t, []string{"team.timeZone", "policy.minors.latest", "shifts[0].sharedShift.endDateTime", "timesOff[0].id"}, found)

	_, err = eligibility.ParseTeam([]byte(`{"team": {"id": "1", "timeZone": "UTC"}, "shifts": [7` + strings.Repeat(",7", 1000) + `]}`))
	require.ErrorAs(t, err, &problems)
	assert.Len(t, problems, 20)
	assert.Contains(t, err.Error(), "more")
}

// A value that is quoted in a message is cut short.
func TestFieldErrorIsShort(t *testing.T) {
	t.Parallel()
	document := full(t)
	put(t, document, "team.timeZone", encode(t, strings.Repeat("é", 10_000)))
	_, err := eligibility.ParseTeam(encode(t, document))
	var problem *eligibility.FieldError
	require.True(t, errors.As(err, &problem))
	assert.Less(t, len(problem.Found), 100)
	assert.NotContains(t, problem.Found, "\ufffd")
}
