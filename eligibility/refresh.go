package eligibility

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// A Schedule is what Shifts has of a team, as Microsoft Graph gives it.
type Schedule struct {
	// TimeZone is an IANA name. Empty: what the team has stays.
	TimeZone string

	// StartDayOfWeek is a day such as monday. Empty: what the team has stays.
	StartDayOfWeek string

	// Shifts, open shifts and absences were read as far as they have a shared
	// part that overlaps [From, To); others may be among them. Those that reach
	// too far over an end of the window may be missing: shifts and open shifts
	// by more than a day, which is the longest that a shift lasts, absences by
	// more than a year.
	From, To time.Time

	// Lists are the entities by kind. Of a kind that is not there nothing is
	// known, and nothing is changed. Of requests only the pending are there.
	Lists map[Kind][]json.RawMessage
}

// The most that an entity can reach over an end of the window and still be
// sure to be listed.
const (
	shiftReach   = 24 * time.Hour
	absenceReach = 366 * 24 * time.Hour
)

// A Refresh is what has to change for a team to be as Shifts has it.
type Refresh struct {
	// Changes come in the order of Kinds, and by id within a kind.
	Changes []Change

	// Frame is the team file's frame with the time zone and week of Shifts;
	// nil if they are the team's already.
	Frame json.RawMessage

	// Skipped are what Shifts lists and nobody here can read: neither changed
	// nor deleted, lest one of them keeps all the others out.
	Skipped []Skipped

	before   *Team
	expected map[Kind]int // how many known entities Shifts should list
	calendar []member     // of the team object, as Shifts has them
}

// Skipped is an entity as Shifts lists it that cannot be read.
type Skipped struct {
	Kind Kind   `json:"kind"`
	ID   string `json:"id"`   // cut short if it is too long; "" if there is none
	Path string `json:"path"` // the value that is wrong, such as sharedShift.endDateTime; "" for all of it
}

// Empty reports whether nothing has to change.
func (r Refresh) Empty() bool { return len(r.Changes) == 0 && r.Frame == nil }

// Refresh compares the team with what Shifts has. What the team knows beyond
// Shifts stays: worker records, policy, members of an entity that Graph does
// not name (such as requires and attributes), entities outside of the window,
// drafts that were never shared, and requests that are no longer pending.
//
// The team must be as it was before Shifts was read, see On. What is wrong
// with the time zone or week comes as FieldErrors.
//
// An entity that has left the window is not listed either, and is deleted: look
// up what Missing gives, and add to the schedule what is still there.
func (t *Team) Refresh(s Schedule) (Refresh, error) {
	r := Refresh{before: t, expected: map[Kind]int{}}
	for _, kind := range Kinds {
		if list, known := s.Lists[kind]; known {
			t.refreshKind(&r, kind, list, s)
		}
	}
	d := &decoder{}
	for _, m := range []struct{ name, value string }{{"timeZone", s.TimeZone}, {"startDayOfWeek", s.StartDayOfWeek}} {
		if m.value != "" {
			value, _ := json.Marshal(m.value) // a string never fails
			r.calendar = append(r.calendar, member{m.name, value})
		}
	}
	r.Frame = t.refreshFrame(r.calendar)
	if r.Frame != nil {
		(&Team{frame: r.Frame}).decodeFrame(d)
	}
	if err := d.err(); err != nil {
		return Refresh{}, err
	}
	return r, nil
}

// refreshKind adds the changes of one kind, ordered by id.
func (t *Team) refreshKind(r *Refresh, kind Kind, list []json.RawMessage, s Schedule) {
	listed, unread, nameless := t.readListed(r, kind, list)
	var changes []Change
	for _, id := range sortedKeys(listed) {
		e, ours := listed[id], t.entity(kind, id)
		var known json.RawMessage
		if ours != nil {
			known = ours.base().JSON
		} else if !s.overlaps(e) {
			continue
		}
		entity := *e.base()
		entity.JSON = completed(entity.JSON, known, kind)
		if ours == nil || !bytes.Equal(known, entity.JSON) && !sameEntity(known, entity.JSON) {
			changes = append(changes, Change{Entity: entity})
		}
	}
	for _, e := range t.lists[kind].Values() {
		if !s.overlaps(e) || !s.reaches(e) {
			continue
		}
		r.expected[kind]++
		// An entity without an id may be any of them.
		if id := e.base().ID; listed[id] == nil && !unread[id] && !nameless {
			changes = append(changes, deletion(e.base()))
		}
	}
	slices.SortFunc(changes, func(a, b Change) int { return strings.Compare(a.ID, b.ID) })
	r.Changes = append(r.Changes, changes...)
}

// readListed gives the entities of a list by id, the ids of those that cannot
// be read, and whether there is one of these without an id.
func (t *Team) readListed(r *Refresh, kind Kind, list []json.RawMessage) (
	listed map[string]decoded, unread map[string]bool, nameless bool,
) {
	listed, unread = map[string]decoded{}, map[string]bool{}
	for _, raw := range list {
		d := &decoder{}
		e := d.decode(kind, raw, &place{index: -1}, t.calendar)
		if e != nil && len(e.base().ID) > maxEntityID {
			d.problem("id", nil, fmt.Sprintf("an id of at most %d bytes", maxEntityID))
		}
		if len(d.problems) == 0 {
			listed[e.base().ID] = e
			continue
		}
		id := ""
		if e != nil {
			id = e.base().ID
		}
		unread[id], nameless = true, nameless || id == ""
		r.Skipped = append(r.Skipped, Skipped{kind, strings.ToValidUTF8(id[:min(len(id), maxEntityID)], ""), d.problems[0].Path})
	}
	for id := range unread {
		delete(listed, id) // if it is there twice
	}
	return listed, unread, nameless
}

// Missing are the entities of a window that would be deleted since Shifts does
// not list them: they may be gone, or may have moved out of the window.
func (r Refresh) Missing() []Entity {
	var missing []Entity
	for _, c := range r.Changes {
		if windowed := c.Kind == KindShift || c.Kind == KindOpenShift || c.Kind == KindTimeOff; windowed && c.Delete {
			missing = append(missing, c.Entity)
		}
	}
	return missing
}

// maxLoss is how many entities of a kind may go in one refresh, if they are
// more than half of those that are known.
const maxLoss = 50

// A LossError says that a refresh would delete suspiciously much.
type LossError struct {
	Kind        Kind
	Gone, Known int // of the window
}

func (e *LossError) Error() string {
	return fmt.Sprintf("Shifts no longer lists %d of the %d %s that are known in the window, too many to delete unasked",
		e.Gone, e.Known, e.Kind)
}

// CheckLoss gives a LossError if so much of a kind would go that it is less
// likely to be gone than not to have been shown. Requests do not count: many
// may be settled at once.
func (r Refresh) CheckLoss() error {
	gone := map[Kind]int{}
	for _, c := range r.Changes {
		if c.Delete && !c.Kind.isRequest() {
			gone[c.Kind]++
		}
	}
	for _, kind := range Kinds {
		if n := gone[kind]; n > maxLoss && 2*n > r.expected[kind] {
			return &LossError{kind, n, r.expected[kind]}
		}
	}
	return nil
}

// overlaps reports whether an entity belongs to what was read.
func (s Schedule) overlaps(e decoded) bool {
	if r, ok := e.(*Request); ok {
		return r.Pending()
	}
	times, _, inWindow := readTimes(e)
	return !inWindow || times.start.Before(s.To) && times.end.After(s.From)
}

// reaches reports whether an entity that overlaps the window does not lie too
// far over its ends to be listed.
func (s Schedule) reaches(e decoded) bool {
	times, reach, inWindow := readTimes(e)
	return !inWindow || !times.start.Before(s.From.Add(-reach)) && !times.end.After(s.To.Add(reach))
}

// readTimes gives the shared part's times of an entity that is read for a
// window; without a shared part they are zero and overlap nothing.
func readTimes(e decoded) (times span, reach time.Duration, inWindow bool) {
	switch e := e.(type) {
	case *Shift:
		return span{e.start, e.end}, shiftReach, true
	case *OpenShift:
		return span{e.shift.start, e.shift.end}, shiftReach, true
	case *TimeOff:
		return e.span, absenceReach, true
	}
	return span{}, 0, false
}

// refreshFrame gives the team's frame with the members set in its team object;
// nil if they say what it says already.
func (t *Team) refreshFrame(calendar []member) json.RawMessage {
	team, changed := memberOf(t.frame, "team"), false
	for _, m := range calendar {
		ours := memberOf(team, m.name)
		if bytes.Equal(ours, m.value) || m.name == "startDayOfWeek" && strings.EqualFold(string(ours), string(m.value)) {
			continue
		}
		team, _ = withMember(team, m.name, m.value) // the frame was read before
		changed = true
	}
	if !changed {
		return nil
	}
	frame, _ := withMember(t.frame, "team", team)
	return frame
}

// On is what of the refresh is left to do on a later state of the team. An
// entity that has changed since Shifts was read is left alone: a callback knows
// better than what was read earlier. One exception cannot be told from an entity
// that is new in Shifts: what callbacks have both created and deleted in
// between, and Shifts listed, comes back until the next refresh.
func (r Refresh) On(later *Team) Refresh {
	r.Frame = later.refreshFrame(r.calendar)
	if later == r.before {
		return r
	}
	r.Changes = slices.DeleteFunc(slices.Clone(r.Changes), func(c Change) bool {
		was, is := r.before.entity(c.Kind, c.ID), later.entity(c.Kind, c.ID)
		if was == nil || is == nil {
			return (was == nil) != (is == nil)
		}
		return !bytes.Equal(was.base().JSON, is.base().JSON)
	})
	return r
}

// Apply gives the team as it is after a refresh of it. The error is that of
// With; a refresh that Refresh made of the team gives none.
func (t *Team) Apply(r Refresh) (*Team, error) {
	after, err := t.With(r.Changes...)
	if err != nil || r.Frame == nil {
		return after, err
	}
	// Another time zone is another calendar for every shift.
	file := after.File()
	file.Frame = r.Frame
	return NewTeam(file)
}

// Team makes a team of what Shifts has, of which nothing was known before. It
// has an empty policy, and none of what was skipped.
func (s Schedule) Team(id string) (*Team, []Skipped, error) {
	frame, err := json.Marshal(map[string]any{
		"team":   map[string]string{"id": id, "timeZone": s.TimeZone},
		"policy": struct{}{},
	})
	if err != nil {
		return nil, nil, err
	}
	empty, err := NewTeam(TeamFile{Frame: frame})
	if err != nil {
		return nil, nil, err
	}
	r, err := empty.Refresh(s)
	if err != nil {
		return nil, nil, err
	}
	for i := range r.Changes {
		r.Changes[i].Position = int64(i)
	}
	team, err := empty.Apply(r)
	return team, r.Skipped, err
}
