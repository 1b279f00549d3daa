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

// What cannot be read is named and stays as it is; all else is refreshed.
func TestRefreshSkips(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name     string
		old, new string // in inGraph
		want     eligibility.Skipped
		changes  []string // beyond that of o-1
	}{
		{"a time", `"2026-11-30T20:00:00Z"`, `"yesterday"`, eligibility.Skipped{Kind: "shifts", ID: "s-start", Path: "sharedShift.startDateTime"}, nil},
		{"no id: it may be any of them", `"id": "t-1", `, ``, eligibility.Skipped{Kind: "timesOff", Path: "id"}, nil},
		{"an id too long", `"id": "t-1"`, `"id": "` + strings.Repeat("o", 257) + `"`, eligibility.Skipped{Kind: "timesOff", ID: strings.Repeat("o", 256), Path: "id"}, []string{"-timesOff/t-1"}},
		{"no object", `"offerShiftRequests": []`, `"offerShiftRequests": [7]`, eligibility.Skipped{Kind: "offerShiftRequests"}, nil},
		{"twice", `{"id": "s-start"`, `{"id": "s-in", "userId": 7}, {"id": "s-start"`, eligibility.Skipped{Kind: "shifts", ID: "s-in", Path: "userId"}, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			s := scheduleOf(t, replaceOnce(t, replaceOnce(t, inGraph, row.old, row.new), `"openSlotCount": 2`, `"openSlotCount": 1`))
			team := knownTeam(t)
			r, err := team.Refresh(s)
			require.NoError(t, err)
			require.NotEmpty(t, r.Skipped)
			assert.Equal(t, row.want, r.Skipped[0])
			assert.Equal(t, append([]string{"+openShifts/o-1"}, row.changes...), changesOf(r))
			applied(t, team, r, s)

			created, skipped, err := s.Team("T-new")
			require.NoError(t, err)
			assert.Equal(t, r.Skipped, skipped)
			assert.NotNil(t, created.OpenShift("o-1"))
		})
	}
}

// What is not listed is asked for; what comes is refreshed like all else, and
// keeps what Shifts does not know.
func TestRefreshOfWhatHasLeftTheWindow(t *testing.T) {
	t.Parallel()
	team := knownTeam(t)
	s := scheduleOf(t, strings.NewReplacer(`"id": "s-in"`, `"id": "s-new"`, `"id": "t-1"`, `"id": "t-2"`, `"id": "TAG_1"`, `"id": "TAG_2"`).Replace(inGraph))
	r, err := team.Refresh(s)
	require.NoError(t, err)
	var missing []string
	for _, e := range r.Missing() {
		missing = append(missing, string(e.Kind)+"/"+e.ID)
	}
	assert.Equal(t, []string{"shifts/s-in", "timesOff/t-1"}, missing, "groups are listed whatever the window")

	s.Lists[eligibility.KindShift] = append(s.Lists[eligibility.KindShift], json.RawMessage(
		`{"@odata.context": "x", "id": "s-in", "userId": "u-1", "sharedShift": {"startDateTime": "2027-03-10T08:00:00Z", "endDateTime": "2027-03-10T16:00:00Z"}}`))
	r, err = team.Refresh(s)
	require.NoError(t, err)
	after := applied(t, team, r, s)
	shift := entityJSON(t, after, eligibility.KindShift, "s-in")
	assert.Contains(t, shift, "2027-03-10T08:00:00Z")
	assert.Contains(t, shift, `"attributes":{"site":"north"}`)
	_, known := after.Entity(eligibility.KindTimeOff, "t-1")
	assert.False(t, known)
}

func TestRefreshCheckLoss(t *testing.T) {
	t.Parallel()
	const shift = `{"id": "%d", "sharedShift": {"startDateTime": "2026-12-10T08:00:00Z", "endDateTime": "2026-12-10T16:00:00Z"}}`
	for _, row := range []struct {
		name         string
		kind         eligibility.Kind
		form         string
		known, stays int
		refused      bool
	}{
		{"all of many", eligibility.KindShift, shift, 51, 0, true},
		{"all of few", eligibility.KindShift, shift, 50, 0, false},
		{"half of many", eligibility.KindShift, shift, 120, 60, false},
		{"more than half of many", eligibility.KindShift, shift, 120, 59, true},
		{"of groups too", eligibility.KindSchedulingGroup, `{"id": "%d"}`, 51, 0, true},
		{"requests are settled", eligibility.KindSwapRequest, `{"id": "%d", "state": "pending"}`, 80, 0, false},
		{"outside of the window", eligibility.KindShift, strings.ReplaceAll(shift, "2026-12", "2026-10"), 80, 0, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			file := eligibility.TeamFile{Frame: json.RawMessage(`{"team": {"id": "T", "timeZone": "UTC"}}`)}
			s := eligibility.Schedule{From: windowStart, To: windowEnd, Lists: map[eligibility.Kind][]json.RawMessage{row.kind: {}}}
			for i := range row.known {
				raw := json.RawMessage(fmt.Sprintf(row.form, i))
				file.Entities = append(file.Entities, eligibility.Entity{Kind: row.kind, JSON: raw})
				if i < row.stays {
					s.Lists[row.kind] = append(s.Lists[row.kind], raw)
				}
			}
			team, err := eligibility.NewTeam(file)
			require.NoError(t, err)
			r, err := team.Refresh(s)
			require.NoError(t, err)
			var loss *eligibility.LossError
			if !row.refused {
				require.NoError(t, r.CheckLoss())
				return
			}
			require.ErrorAs(t, r.CheckLoss(), &loss)
			assert.Equal(t, eligibility.LossError{Kind: row.kind, Gone: row.known - row.stays, Known: row.known}, *loss)
		})
	}
}
