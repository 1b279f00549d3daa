package eligibility_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/eligibility"
	"example.com/shiftswfi/eligibility/teamtest"
)

// fromShifts are the kinds that Graph lists, with the members that are the
// integration's own.
var fromShifts = map[eligibility.Kind][]string{
	eligibility.KindSchedulingGroup: {"requires"}, eligibility.KindShift: {"attributes"},
	eligibility.KindTimeOff: nil, eligibility.KindTimeOffReason: nil,
}

// A refresh makes any team as Shifts has it, within the window and nowhere
// else, and a second one finds nothing to do.
func TestRandomRefreshes(t *testing.T) {
	t.Parallel()
	seed := cmp.Or(*seedFlag, rand.Uint64N(1_000_000_000)+1)
	t.Logf("seed %d", seed)
	for i := range max(1, *teamsFlag/10) {
		checkRefresh(t, seed+uint64(i))
	}
}

func checkRefresh(t *testing.T, seed uint64) {
	t.Helper()
	shifts := &randomShifts{Rand: rand.New(rand.NewPCG(seed, 0))}
	first := time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)
	team, err := eligibility.ParseTeam(teamtest.File(6, 4, 8, first, int64(seed)))
	require.NoError(t, err)
	schedule := eligibility.Schedule{
		TimeZone: teamtest.TimeZone, StartDayOfWeek: "Monday", Lists: map[eligibility.Kind][]json.RawMessage{},
		From: first.Add(time.Duration(shifts.IntN(30*24)) * time.Hour),
	}
	schedule.To = schedule.From.Add(time.Duration(1+shifts.IntN(20*24)) * time.Hour)

	team, err = team.With(shifts.ownMembers(t, team)...)
	require.NoError(t, err)
	schedule.Lists = shifts.lists(t, team, schedule)
	r, err := team.Refresh(schedule)
	require.NoError(t, err)
	require.True(t, r.Empty(), "seed %d: the same, written otherwise: %v", seed, changesOf(r))

	inShifts, err := team.With(shifts.edits(t, team)...)
	require.NoError(t, err)
	schedule.Lists = shifts.lists(t, inShifts, schedule)
	r, err = team.Refresh(schedule)
	require.NoError(t, err)
	after := applied(t, team, r, schedule)
	for _, kind := range eligibility.Kinds {
		for _, id := range idsOf(kind, team, inShifts) {
			name := fmt.Sprintf("seed %d: %s/%s", seed, kind, id)
			requireRefreshed(t, name, schedule, objectOf(t, team, kind, id), objectOf(t, inShifts, kind, id), objectOf(t, after, kind, id))
		}
		require.Subset(t, idsOf(kind, team, inShifts), idsOf(kind, after))
	}
	require.Equal(t, string(team.File().Frame), string(after.File().Frame))
}

// requireRefreshed holds what became of an entity against what was known of it
// and what Shifts had.
func requireRefreshed(t *testing.T, name string, s eligibility.Schedule, known, inShifts, after object) {
	t.Helper()
	asInShifts := func() object {
		want := maps.Clone(inShifts)
		for _, own := range []string{"requires", "attributes"} {
			delete(want, own)
			if value, ok := known[own]; ok {
				want[own] = value
			}
		}
		return want
	}
	switch {
	case overlapping(inShifts, s.From, s.To), known != nil && near(inShifts, s):
		require.Equal(t, canonical(asInShifts()), canonical(after), name)
	case overlapping(known, s.From, s.To):
		require.Nil(t, after, name)
	default:
		require.Equal(t, known, after, name)
	}
}

// times are those of the part that workers see, for entities that have one.
func times(e object) (start, end time.Time, has bool) {
	for _, name := range []string{"sharedShift", "sharedTimeOff"} {
		if part, ok := e[name].(object); ok {
			start, _ = time.Parse(time.RFC3339, part["startDateTime"].(string))
			end, _ = time.Parse(time.RFC3339, part["endDateTime"].(string))
			return start, end, true
		}
	}
	return start, end, false
}

func overlapping(e object, from, to time.Time) bool {
	start, end, has := times(e)
	return e != nil && (!has || start.Before(to) && end.After(from))
}

// near reports whether Graph lists an entity.
func near(e object, s eligibility.Schedule) bool {
	wider := 24 * time.Hour
	if e["sharedTimeOff"] != nil {
		wider = 366 * 24 * time.Hour
	}
	start, end, has := times(e)
	return e != nil && (!has || !start.Before(s.From.Add(-wider)) && !end.After(s.To.Add(wider)))
}

func idsOf(kind eligibility.Kind, teams ...*eligibility.Team) []string {
	ids := []string{}
	for _, team := range teams {
		for _, e := range team.File().Entities {
			if e.Kind == kind {
				ids = append(ids, e.ID)
			}
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

func objectOf(t *testing.T, team *eligibility.Team, kind eligibility.Kind, id string) object {
	t.Helper()
	e, ok := team.Entity(kind, id)
	if !ok {
		return nil
	}
	return decodeExactly(t, e.JSON).(object)
}

// canonical is a value without what does not count.
func canonical(value any) any {
	switch value := value.(type) {
	case object:
		plain := object{}
		for name, v := range value {
			if c := canonical(v); c != nil && !(name == "isActive" && c == true) && !(name == "isStagedForDeletion" && c == false) {
				plain[name] = c
			}
		}
		return plain
	case []any:
		var plain []string
		for _, v := range value {
			plain = append(plain, fmt.Sprint(canonical(v)))
		}
		slices.Sort(plain)
		return strings.Join(slices.Compact(plain), ", ")
	case string:
		return strings.Replace(strings.ToLower(value), ".000z", "z", 1)
	}
	return value
}

// randomShifts plays Shifts and Graph.
type randomShifts struct{ *rand.Rand }

// lists is a team as Graph lists it for the window, in its own spelling.
func (r *randomShifts) lists(t *testing.T, team *eligibility.Team, s eligibility.Schedule) map[eligibility.Kind][]json.RawMessage {
	lists := map[eligibility.Kind][]json.RawMessage{}
	for kind, own := range fromShifts {
		lists[kind] = []json.RawMessage{}
		for _, id := range idsOf(kind, team) {
			e := objectOf(t, team, kind, id)
			if !near(e, s) {
				continue
			}
			for _, name := range own {
				delete(e, name)
			}
			e["code"], e["@odata.etag"] = nil, "changes"
			lists[kind] = append(lists[kind], encode(t, r.respelt("", e)))
		}
		r.Shuffle(len(lists[kind]), func(i, j int) { lists[kind][i], lists[kind][j] = lists[kind][j], lists[kind][i] })
	}
	return lists
}

// ownMembers are changes that add what Shifts does not know.
func (r *randomShifts) ownMembers(t *testing.T, team *eligibility.Team) []eligibility.Change {
	var changes []eligibility.Change
	for kind, own := range fromShifts {
		for _, id := range idsOf(kind, team) {
			if e := objectOf(t, team, kind, id); len(own) > 0 && r.IntN(3) == 0 {
				e["requires"], e["attributes"] = []any{"forklift"}, object{"state": "OPEN"}
				delete(e, map[string]string{"requires": "attributes", "attributes": "requires"}[own[0]])
				changes = append(changes, set(kind, string(encode(t, e))))
			}
		}
	}
	return changes
}

func (r *randomShifts) respelt(name string, value any) any {
	switch value := value.(type) {
	case object:
		for member, v := range value {
			value[member] = r.respelt(member, v)
		}
	case []any:
		for i, v := range value {
			value[i] = r.respelt(strings.TrimSuffix(name, "s"), v)
		}
		if name == "userIds" {
			r.Shuffle(len(value), func(i, j int) { value[i], value[j] = value[j], value[i] })
		}
	case string:
		switch {
		case r.IntN(2) == 0:
		case name == "theme" || name == "iconType" || name == "userId":
			return strings.ToUpper(value)
		case strings.HasSuffix(name, "DateTime"):
			return strings.Replace(value, ".000Z", "Z", 1)
		}
	}
	return value
}

// edits are changes that people make in Shifts.
func (r *randomShifts) edits(t *testing.T, team *eligibility.Team) []eligibility.Change {
	var changes []eligibility.Change
	for kind := range fromShifts {
		for _, id := range idsOf(kind, team) {
			e := objectOf(t, team, kind, id)
			switch r.IntN(10) {
			case 0:
				changes = append(changes, removal(kind, id))
				continue
			case 1:
				r.move(e)
			case 2:
				e["notes"] = "changed"
			case 3:
				e["id"] = id + "-copy"
				r.move(e)
			default:
				continue
			}
			changes = append(changes, set(kind, string(encode(t, e))))
		}
	}
	return changes
}

// move gives an entity other times.
func (r *randomShifts) move(e object) {
	by := time.Duration(r.IntN(40*24)-20*24) * time.Hour
	for _, name := range []string{"sharedShift", "sharedTimeOff"} {
		part, ok := e[name].(object)
		if !ok {
			continue
		}
		start, end, _ := times(e)
		part["startDateTime"], part["endDateTime"] = start.Add(by).Format(time.RFC3339), end.Add(by).Format(time.RFC3339)
		delete(part, "activities")
	}
}
