package eligibility_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/eligibility"
)

// long is a time before everything that happens in a scene.
var long = time.Date(1800, time.January, 1, 0, 0, 0, 0, time.UTC)

// scene makes small team files for the tables of this package.
//
// Shifts are written as "START LENGTH -AFTER:LENGTH ...": the start is a local
// time of the team or an instant, the length a duration of elapsed time; each
// further part is an unpaid activity that begins so long after the start.
type scene struct {
	zone      string // America/New_York unless given
	weekStart string
	policy    string   // JSON
	worker    string   // JSON members of u-1's record; "none": no record
	has       []string // shifts of u-1: SHFT_0, SHFT_1 ...
	away      []string // absences of u-1
	group     string   // JSON of a group TAG_1, to which the open shift belongs
	extra     object   // more members of the document, or other ones
}

func (s scene) location(t *testing.T) *time.Location {
	t.Helper()
	name := s.zone
	if name == "" {
		name = "America/New_York"
	}
	zone, err := time.LoadLocation(name)
	require.NoError(t, err)
	return zone
}

// document makes the team file, with takes as the open shift OPN_1.
func (s scene) document(t *testing.T, takes string) object {
	t.Helper()
	zone := s.location(t)
	document := object{"team": object{"id": "team-1", "timeZone": zone.String()}}
	if s.weekStart != "" {
		document["team"].(object)["startDayOfWeek"] = s.weekStart
	}
	if s.policy != "" {
		document["policy"] = json.RawMessage(s.policy)
	}
	switch s.worker {
	case "none":
	case "":
		document["workers"] = []any{object{"userId": "u-1"}}
	default:
		document["workers"] = []any{json.RawMessage(`{"userId": "u-1", ` + s.worker + `}`)}
	}
	var shifts, absences []any
	for i, text := range s.has {
		shifts = append(shifts, object{"id": fmt.Sprint("SHFT_", i), "userId": "U-1", "sharedShift": item(t, zone, text)})
	}
	for i, text := range s.away {
		absences = append(absences, object{"id": fmt.Sprint("SHFT_away", i), "userId": "U-1", "sharedTimeOff": item(t, zone, text)})
	}
	document["shifts"], document["timesOff"] = shifts, absences
	if takes != "" {
		open := object{"id": "OPN_1", "sharedOpenShift": item(t, zone, takes)}
		if s.group != "" {
			open["schedulingGroupId"] = "TAG_1"
			document["schedulingGroups"] = []any{json.RawMessage(s.group)}
		}
		document["openShifts"] = []any{open}
	}
	for name, value := range s.extra {
		document[name] = value
	}
	return document
}

// item makes the shared part that the text describes.
func item(t *testing.T, zone *time.Location, text string) object {
	t.Helper()
	parts := strings.Fields(text)
	start, err := time.ParseInLocation("2006-01-02T15:04", parts[0], zone)
	if err != nil {
		start, err = time.Parse(time.RFC3339Nano, parts[0])
	}
	require.NoError(t, err)
	length, err := time.ParseDuration(parts[1])
	require.NoError(t, err)
	shared := between(start, start.Add(length))
	var activities []any
	for _, part := range parts[2:] {
		after, length, _ := strings.Cut(strings.TrimPrefix(part, "-"), ":")
		begin, err := time.ParseDuration(after)
		require.NoError(t, err)
		lasts, err := time.ParseDuration(length)
		require.NoError(t, err)
		activity := between(start.Add(begin), start.Add(begin+lasts))
		activity["isPaid"] = false
		activities = append(activities, activity)
	}
	shared["activities"] = activities
	return shared
}

func between(start, end time.Time) object {
	return object{"startDateTime": start.UTC().Format(time.RFC3339Nano), "endDateTime": end.UTC().Format(time.RFC3339Nano)}
}

func parse(t *testing.T, document any) *eligibility.Team {
	t.Helper()
	team, err := eligibility.ParseTeam(encode(t, document))
	require.NoError(t, err)
	return team
}

// takeRow is a scene and the rules that keep u-1 from taking the open shift.
type takeRow struct {
	name string
	scene
	takes string
	fails []string
}

// runTakes asks every row's question, of the oracle as well: the tables are
// written by hand, and the oracle must not be right by chance alone.
func runTakes(t *testing.T, rows []takeRow) {
	t.Helper()
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			document := row.document(t, row.takes)
			want := oracleAnswer{IDs: []string{}, Candidates: []oracleCandidate{{"OPN_1", row.fails}}}
			if row.fails == nil {
				want.IDs = append(want.IDs, "OPN_1")
			}
			q := askTake(t, eligibility.TakeQuestion{ShiftID: "OPN_1", UserID: "u-1", Now: long})
			require.Equal(t, want, q.plain(parse(t, document)))
			require.Equal(t, want, q.oracle(newOracle(encode(t, document))))
		})
	}
}

func rules(ids ...string) []string { return ids }

func rawJSON(text string) json.RawMessage { return json.RawMessage(text) }
