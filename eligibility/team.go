// Package eligibility decides who may work which shift. It holds the
// vocabulary of the project (teams, shifts, workers, policies, verdicts) and
// the rules, as pure functions: a team, a question and the current time go in,
// an answer comes out. It reads no clock, no file and no network, and logs
// nothing.
//
// ParseTeam makes a Team from a team file. Team.Swaps, Team.TimeOffReasons,
// Team.Swap and Team.Take answer questions; each has an Explain form, or a
// verdict, that says which rules failed.
package eligibility

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
	"unique"

	"github.com/tidwall/btree"
)

// A Team is one state of a team's schedule, prepared for the rules. It is
// never changed: With gives a new Team that shares what the change left alone.
// It is safe for concurrent use.
type Team struct {
	ID          string
	DisplayName string
	Policy      *Policy

	calendar *calendar
	frame    json.RawMessage
	size     int64 // bytes of the entities' JSON

	// groups are the scheduling groups by interned id: few, and asked for with
	// every candidate. The map is replaced as a whole.
	groups map[unique.Handle[string]]*SchedulingGroup

	// All that follows is copied on write: a copy costs nothing, and a change
	// only the path to what it touches.
	lists     map[Kind]*btree.Map[string, decoded]
	schedules *btree.Map[string, *schedule]  // by folded user id
	ties      *btree.Map[string, []*Request] // open requests by the shift they tie up
	promises  *btree.Map[string, []*Request] // requests in any state by what they promise
	copying   *sync.Mutex                    // a tree marks itself when it is copied
}

// ParseTeam reads a team file. What is wrong with it comes as FieldErrors.
func ParseTeam(document []byte) (*Team, error) {
	file, err := splitTeamFile(document)
	if err != nil {
		return nil, err
	}
	return NewTeam(file)
}

// NewTeam makes a team from its parts. What is wrong with them comes as
// FieldErrors. The parts are kept and must not be changed afterwards.
func NewTeam(file TeamFile) (*Team, error) {
	d := &decoder{}
	t := &Team{
		frame:     file.Frame,
		groups:    map[unique.Handle[string]]*SchedulingGroup{},
		lists:     map[Kind]*btree.Map[string, decoded]{},
		schedules: new(btree.Map[string, *schedule]),
		ties:      new(btree.Map[string, []*Request]),
		promises:  new(btree.Map[string, []*Request]),
		copying:   new(sync.Mutex),
	}
	for _, kind := range Kinds {
		t.lists[kind] = new(btree.Map[string, decoded])
	}
	t.decodeFrame(d)
	edit := newEdit(t)
	for _, entity := range file.Entities {
		at := &place{name: string(entity.Kind), index: int(entity.Position)}
		e := d.decode(entity.Kind, entity.JSON, at, t.calendar)
		if e == nil {
			continue
		}
		e.base().Position = entity.Position
		if id := e.base().ID; id != "" && t.entity(entity.Kind, id) != nil {
			d.problem(at.String(), json.RawMessage(id), "an id that no other of the "+string(entity.Kind)+" has")
			continue
		}
		edit.insert(e)
	}
	if err := d.err(); err != nil {
		return nil, err
	}
	edit.finish()
	return t, nil
}

func (t *Team) decodeFrame(d *decoder) {
	t.calendar, t.Policy = newCalendar(time.UTC, time.Monday), &Policy{}
	frame, ok := d.object(t.frame, &place{index: -1})
	if !ok {
		return
	}
	team, ok := frame.child("team")
	if !ok {
		if frame.member("team") == nil {
			frame.wrong("team", "an object")
		}
		return
	}
	t.ID, t.DisplayName = team.required("id"), team.text("displayName")
	zone, weekStart := time.UTC, time.Monday
	if name := team.required("timeZone"); name != "" {
		var err error
		// "Local" is Go's own name for the machine's zone, and no IANA zone.
		if zone, err = time.LoadLocation(name); err != nil || name == "Local" {
			team.wrong("timeZone", "an IANA time zone such as Europe/Berlin")
			zone = time.UTC
		}
	}
	if team.member("startDayOfWeek") != nil {
		day := slices.Index(weekdays, foldEnum(team.text("startDayOfWeek")))
		if day < 0 {
			team.wrong("startDayOfWeek", "a day of the week such as monday")
		}
		weekStart = time.Weekday(max(day, 0))
	}
	t.calendar = newCalendar(zone, weekStart)
	policy, ok := frame.child("policy")
	if !ok {
		policy = object{decoder: d}
	}
	t.Policy = decodePolicy(policy)
}

var weekdays = []string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}

// TimeZone is the zone in which the team's local days and weeks are counted.
func (t *Team) TimeZone() *time.Location { return t.calendar.zone }

// Size is how many bytes of JSON the team's entities are: a measure for the
// memory that a prepared team takes, which is a small multiple of it.
func (t *Team) Size() int64 { return t.size + int64(len(t.frame)) }

// File takes the team apart again. Its parts are shared and must not be changed.
func (t *Team) File() TeamFile {
	file := TeamFile{Frame: t.frame}
	for _, kind := range Kinds {
		for _, e := range t.inOrder(kind) {
			file.Entities = append(file.Entities, *e.base())
		}
	}
	return file
}

// inOrder lists the entities of a kind by position.
func (t *Team) inOrder(kind Kind) []decoded {
	entities := t.lists[kind].Values()
	slices.SortStableFunc(entities, func(a, b decoded) int {
		return int(min(1, max(-1, a.base().Position-b.base().Position)))
	})
	return entities
}

// Entity gives an entity back as it is stored; false if there is none. A
// worker's id is the user id, in any letter case.
func (t *Team) Entity(kind Kind, id string) (Entity, bool) {
	if e := t.entity(kind, entityKey(kind, id)); e != nil {
		return *e.base(), true
	}
	return Entity{}, false
}

func (t *Team) entity(kind Kind, id string) decoded {
	e, _ := t.lists[kind].Get(id)
	return e
}

// Shift is the shift of that id, published or not; nil if there is none.
func (t *Team) Shift(id string) *Shift {
	s, _ := t.entity(KindShift, id).(*Shift)
	return s
}

// OpenShift is the open shift of that id, published or not; nil if there is none.
func (t *Team) OpenShift(id string) *OpenShift {
	o, _ := t.entity(KindOpenShift, id).(*OpenShift)
	return o
}

// Worker is the record of a worker, by user id in any letter case; nil if
// there is none, which does not mean that nobody knows the person.
func (t *Team) Worker(userID string) *Worker {
	w, _ := t.entity(KindWorker, foldUser(userID)).(*Worker)
	return w
}

// Knows reports whether the user, by id in any letter case, is anybody to the
// team.
func (t *Team) Knows(userID string) bool { return t.knows(userOf(userID)) }

func (t *Team) inAnyGroup(u user) bool {
	for _, group := range t.groups {
		if group.members[u] {
			return true
		}
	}
	return false
}

// knows reports whether the user is anybody to the team: in the worker
// records, in a scheduling group or on a shift, published or not.
func (t *Team) knows(u user) bool {
	s := t.schedule(u)
	return s.hasRecord || len(s.shifts) > 0 || t.inAnyGroup(u)
}

// schedule is never nil: somebody of whom nothing is known has an empty one.
func (t *Team) schedule(u user) *schedule {
	if s, ok := t.schedules.Get(u.Value()); ok {
		return s
	}
	return newSchedule(u)
}

// tiedUp reports whether an open request names the shift, other than the one of
// that kind and id.
func (t *Team) tiedUp(shiftID string, kind Kind, except string) bool {
	requests, _ := t.ties.Get(shiftID)
	return slices.ContainsFunc(requests, func(r *Request) bool { return r.entity.Kind != kind || r.ID != except })
}

// A Change sets one entity, or deletes it.
type Change struct {
	Entity
	Delete bool // Kind and ID say which; deleting what is not there does nothing

	decoded decoded // the JSON as it was read before; nil if it was not
}

// With gives the team as it is after the changes, in time proportional to
// them. What is wrong with an entity comes as FieldErrors, and no team. An
// entity that is already there keeps its position.
func (t *Team) With(changes ...Change) (*Team, error) {
	d := &decoder{}
	n := t.copy()
	edit := newEdit(n)
	for _, change := range changes {
		if _, ok := n.lists[change.Kind]; !ok {
			return nil, fmt.Errorf("unknown kind of entity: %.40q", change.Kind)
		}
		if change.Delete {
			edit.remove(n.entity(change.Kind, entityKey(change.Kind, change.ID)))
			continue
		}
		at := &place{name: strings.TrimSuffix(string(change.Kind), "s"), index: -1}
		e := change.decoded
		if e == nil {
			e = d.decode(change.Kind, change.JSON, at, n.calendar)
		}
		if e == nil || d.err() != nil {
			continue
		}
		e.base().Position = change.Position
		if old := n.entity(change.Kind, e.base().ID); old != nil {
			e.base().Position = old.base().Position
			edit.remove(old)
		}
		edit.insert(e)
	}
	edit.finish()
	if err := d.err(); err != nil {
		return nil, err
	}
	return n, nil
}

func (t *Team) copy() *Team {
	t.copying.Lock()
	defer t.copying.Unlock()
	n := *t
	n.copying = new(sync.Mutex)
	n.lists = make(map[Kind]*btree.Map[string, decoded], len(t.lists))
	for kind, list := range t.lists {
		n.lists[kind] = list.Copy()
	}
	n.schedules = t.schedules.Copy()
	n.ties = t.ties.Copy()
	n.promises = t.promises.Copy()
	return &n
}
