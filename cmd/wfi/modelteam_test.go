package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/eligibility"
)

type object = map[string]any

// times are the start of a shift, which takes four hours.
type times struct{ start time.Time }

// timesOf gives a time that no other number below 57600 has.
func timesOf(n int) times {
	base := time.Date(2026, 12, 3, 0, 0, 0, 0, time.UTC)
	return times{base.Add(time.Duration(n*433%(40*24*60)) * time.Minute)}
}

func (t times) fill(part object) object {
	part["startDateTime"], part["endDateTime"] = t.start, t.start.Add(4*time.Hour)
	return part
}

func modelWorker(n int) string { return fmt.Sprintf("%08d-7c1e-4f0e-9b0a-2d5a3b8e4c01", n) }

func labelOf(n int) string { return fmt.Sprint("shift-", n) }

func newID(random *rand.Rand, prefix string) string {
	return fmt.Sprintf("%s_%08x-0000-4000-8000-%012x", prefix, random.Uint32(), random.Uint64()>>16)
}

// A heldShift is a shift somewhere: under an id, and with an owner.
type heldShift struct{ id, label, owner string }

func (s heldShift) body(when times) object {
	return object{
		"id": s.id, "userId": s.owner, "isStagedForDeletion": false,
		"sharedShift": when.fill(object{"notes": s.label, "isActive": true, "theme": "Blue", "activities": []any{}}),
	}
}

type openShift struct {
	id    string
	times times
	slots int
}

func (o openShift) body(slots int) object {
	return object{"id": o.id, "sharedOpenShift": o.times.fill(object{"openSlotCount": slots, "isActive": true})}
}

// A model is what a team comes to: who has which shift, how many slots are
// left, who is absent. It knows nothing of rules, versions or requests beyond
// which were carried out.
type model struct {
	shifts   map[string]heldShift // by id
	slots    map[string]int       // by open shift
	absences map[string]string    // ids by worker and time
	done     map[any]bool         // what was carried out
}

func newModel(team *eligibility.Team) *model {
	m := &model{map[string]heldShift{}, map[string]int{}, map[string]string{}, map[any]bool{}}
	for _, e := range team.File().Entities {
		switch e.Kind {
		case eligibility.KindShift:
			s := shiftIn(e)
			m.shifts[s.id] = s
		case eligibility.KindOpenShift:
			m.slots[e.ID] = *team.OpenShift(e.ID).Slots
		}
	}
	return m
}

func shiftIn(e eligibility.Entity) heldShift {
	var body struct {
		UserID      string
		SharedShift struct{ Notes string }
	}
	if err := json.Unmarshal(e.JSON, &body); err != nil {
		panic(err)
	}
	return heldShift{e.ID, body.SharedShift.Notes, body.UserID}
}

// once reports whether something is carried out for the first time.
func (m *model) once(what any) bool {
	first := !m.done[what]
	m.done[what] = true
	return first
}

// exchange replaces the shifts that go by those that come. Done before, it only
// gives those that came their newest ids, if they are still where they came to.
func (m *model) exchange(what any, gone []string, come []heldShift) {
	here := true
	for _, id := range gone {
		_, ok := m.shifts[id]
		here = here && ok
	}
	if m.once(what) && here {
		for _, id := range gone {
			delete(m.shifts, id)
		}
		for _, s := range come {
			m.shifts[s.id] = s
		}
		return
	}
	for _, s := range come {
		m.rename(s)
	}
}

func (m *model) rename(s heldShift) {
	for id, known := range m.shifts {
		if known.label == s.label && known.owner == s.owner {
			delete(m.shifts, id)
			m.shifts[s.id] = s
			return
		}
	}
}

// take takes a slot of an open shift and gives the worker a shift for it.
func (m *model) take(what any, from string, s heldShift) {
	if m.done[what] {
		m.rename(s)
		return
	}
	m.done[what] = true
	m.slots[from]--
	m.shifts[s.id] = s
}

// compare checks that the team is the model's, with no shift lost or doubled.
func (m *model) compare(t *testing.T, team *eligibility.Team) {
	t.Helper()
	got, labels := newModel(team), map[string]int{}
	for _, e := range team.File().Entities {
		if e.Kind == eligibility.KindTimeOff {
			var body struct {
				UserID        string
				SharedTimeOff struct{ StartDateTime time.Time }
			}
			require.NoError(t, json.Unmarshal(e.JSON, &body))
			key := absenceKey(body.UserID, body.SharedTimeOff.StartDateTime)
			assert.NotContains(t, got.absences, key, "an absence is doubled")
			got.absences[key] = e.ID
		}
	}
	for _, s := range got.shifts {
		labels[s.label]++
		assert.Equal(t, 1, labels[s.label], "%s is doubled", s.label)
	}
	for id, slots := range got.slots {
		assert.GreaterOrEqual(t, slots, 0, id)
	}
	assert.Equal(t, m.shifts, got.shifts)
	assert.Equal(t, m.slots, got.slots)
	assert.Equal(t, m.absences, got.absences)
}

func absenceKey(worker string, start time.Time) string {
	return worker + " " + start.UTC().Format(time.RFC3339)
}
