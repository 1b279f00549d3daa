package eligibility

import (
	"encoding/json"
	"slices"
	"time"
	"unique"
)

// maxShiftLength bounds the local days that one shift can touch. Shifts itself
// allows 24 hours; a year leaves room for whatever else a schedule holds, and
// stops a mistyped year from being spread over millions of days.
const maxShiftLength = 366 * 24 * time.Hour

// A Shift is a worker's shift as Shifts gives it, of which the rules know the
// published part. The expr names are those a custom rule sees. A Shift is
// never changed once it is part of a team.
type Shift struct {
	// What the rules look at for every candidate comes first, close together:
	// a question goes through thousands of shifts, and waits for memory most.
	start, end time.Time // of the shared part
	owner      user
	group      unique.Handle[string] // SchedulingGroupID
	staged     bool                  // for deletion, in either of the two ways
	load       load

	record

	ID                  string         `expr:"id"`
	UserID              string         `expr:"userId"` // "" if unassigned
	SchedulingGroupID   string         `expr:"schedulingGroupId"`
	Shared              *ShiftItem     `expr:"sharedShift"` // nil if never shared
	IsStagedForDeletion bool           `expr:"isStagedForDeletion"`
	Attributes          map[string]any `expr:"attributes"` // the integration's own
}

// A ShiftItem is the shared part of a shift or open shift.
type ShiftItem struct {
	DisplayName   string     `expr:"displayName"`
	Notes         string     `expr:"notes"`
	Theme         string     `expr:"theme"`
	StartDateTime time.Time  `expr:"startDateTime"`
	EndDateTime   time.Time  `expr:"endDateTime"` // after StartDateTime
	Activities    []Activity `expr:"activities"`
	IsActive      bool       `expr:"isActive"` // false: deleted
}

// An Activity is a part of a shift, such as a break.
type Activity struct {
	Code          string    `expr:"code"`
	DisplayName   string    `expr:"displayName"`
	IsPaid        bool      `expr:"isPaid"` // true unless it says false
	StartDateTime time.Time `expr:"startDateTime"`
	EndDateTime   time.Time `expr:"endDateTime"`
}

// Published reports whether the rules see the shift at all: it has a shared
// part that is not deleted, and an owner.
func (s *Shift) Published() bool {
	return s.Shared != nil && s.Shared.IsActive && s.owner != nobody
}

// An OpenShift is a shift that anybody may take while a slot is left.
type OpenShift struct {
	record

	// Slots is the shared part's openSlotCount; nil if it names none.
	Slots *int

	// shift is the open shift as a worker would have it: without an owner.
	shift *Shift
}

// Shared is the shared part; nil if it was never shared.
func (o *OpenShift) Shared() *ShiftItem { return o.shift.Shared }

// Published reports whether there is a shared part that is not deleted.
func (o *OpenShift) Published() bool {
	return o.shift.Shared != nil && o.shift.Shared.IsActive
}

func decodeShift(o object, cal *calendar) *Shift {
	s := &Shift{
		ID:                  o.required("id"),
		UserID:              o.text("userId"),
		SchedulingGroupID:   o.text("schedulingGroupId"),
		IsStagedForDeletion: o.isTrue("isStagedForDeletion"),
		Attributes:          o.attributes("attributes"),
	}
	s.entity.ID = s.ID
	s.owner, s.group = userOf(s.UserID), unique.Make(s.SchedulingGroupID)
	s.staged = s.IsStagedForDeletion || draftDeleted(o, "draftShift")
	if shared, ok := o.child("sharedShift"); ok {
		s.share(decodeShiftItem(shared), cal)
	}
	return s
}

func decodeOpenShift(o object, cal *calendar) *OpenShift {
	s := &Shift{
		ID:                  o.required("id"),
		SchedulingGroupID:   o.text("schedulingGroupId"),
		IsStagedForDeletion: o.isTrue("isStagedForDeletion"),
		Attributes:          o.attributes("attributes"),
	}
	open := &OpenShift{shift: s}
	open.entity.ID = s.ID
	s.owner, s.group = nobody, unique.Make(s.SchedulingGroupID)
	s.staged = s.IsStagedForDeletion || draftDeleted(o, "draftOpenShift")
	if shared, ok := o.child("sharedOpenShift"); ok {
		s.share(decodeShiftItem(shared), cal)
		open.Slots = shared.count("openSlotCount", -1<<31)
	}
	return open
}

func (s *Shift) share(item *ShiftItem, cal *calendar) {
	s.Shared, s.start, s.end = item, item.StartDateTime, item.EndDateTime
	s.load = loadOf(item, cal)
}

// draftDeleted looks into a draft part, of which nothing else is read: drafts
// are kept as they are, also where they would not pass for a shared part.
func draftDeleted(o object, name string) bool {
	raw := o.member(name)
	if raw == nil {
		return false
	}
	var draft map[string]json.RawMessage
	return json.Unmarshal(raw, &draft) == nil && string(draft["isActive"]) == "false"
}

func decodeShiftItem(o object) *ShiftItem {
	item := &ShiftItem{
		DisplayName: o.text("displayName"),
		IsActive:    !o.isFalse("isActive"),
	}
	item.Notes, _ = jsonText(o.fields["notes"])
	item.Theme, _ = jsonText(o.fields["theme"])
	times, ok := decodeSpan(o)
	item.StartDateTime, item.EndDateTime = times.start, times.end
	switch {
	case !ok:
	case !times.end.After(times.start):
		o.wrong("endDateTime", "an instant after startDateTime")
	case times.end.Sub(times.start) > maxShiftLength:
		o.wrong("endDateTime", "an instant at most 366 days after startDateTime")
	}
	o.list("activities", func(raw json.RawMessage, at *place) {
		if activity, ok := o.object(raw, at); ok {
			item.Activities = append(item.Activities, decodeActivity(activity))
		}
	})
	return item
}

// decodeSpan reads the two ends of an interval, both of which must be there.
func decodeSpan(o object) (s span, ok bool) {
	start, okStart := o.requiredInstant("startDateTime")
	end, okEnd := o.requiredInstant("endDateTime")
	return span{start, end}, okStart && okEnd
}

func decodeActivity(o object) Activity {
	a := Activity{DisplayName: o.text("displayName"), IsPaid: !o.isFalse("isPaid")}
	a.Code, _ = jsonText(o.fields["code"])
	if a.IsPaid {
		a.StartDateTime, _ = o.instant("startDateTime")
		a.EndDateTime, _ = o.instant("endDateTime")
		return a
	}
	times, _ := decodeSpan(o)
	a.StartDateTime, a.EndDateTime = times.start, times.end
	return a
}

// A load is what a shift adds to the sums of whoever has it, worked out once
// so that no rule computes with calendars.
type load struct {
	date  Date          // local date of the start, to which the shift belongs
	work  time.Duration // its work time: unpaid activities taken out
	days  []dayLoad     // the local days that hold some of it, in order
	weeks []weekLoad
}

type dayLoad struct {
	day  Date
	work time.Duration
}

type weekLoad struct {
	week int32
	work time.Duration
}

func loadOf(item *ShiftItem, cal *calendar) load {
	if !item.EndDateTime.After(item.StartDateTime) || item.EndDateTime.Sub(item.StartDateTime) > maxShiftLength {
		return load{} // refused elsewhere
	}
	l := load{date: cal.date(item.StartDateTime)}
	for _, span := range workSpans(item) {
		cal.days(span.start, span.end, func(d Date, start, end time.Time) {
			l.add(d, cal.week(d), end.Sub(start))
		})
	}
	return l
}

func (l *load) add(day Date, week int32, work time.Duration) {
	l.work += work
	if last := len(l.days) - 1; last >= 0 && l.days[last].day == day {
		l.days[last].work += work
	} else {
		l.days = append(l.days, dayLoad{day, work})
	}
	if last := len(l.weeks) - 1; last >= 0 && l.weeks[last].week == week {
		l.weeks[last].work += work
	} else {
		l.weeks = append(l.weeks, weekLoad{week, work})
	}
}

// onDay and inWeek are the work time that the shift puts there.
func (l *load) onDay(day Date) time.Duration {
	for _, d := range l.days {
		if d.day == day {
			return d.work
		}
	}
	return 0
}

func (l *load) inWeek(week int32) time.Duration {
	for _, w := range l.weeks {
		if w.week == week {
			return w.work
		}
	}
	return 0
}

// A span is the half-open interval [start, end).
type span struct{ start, end time.Time }

// workSpans are the shift without the union of its unpaid activities, each
// clipped to the shift.
func workSpans(item *ShiftItem) []span {
	var breaks []span
	for _, a := range item.Activities {
		if !a.IsPaid && a.EndDateTime.After(a.StartDateTime) {
			breaks = append(breaks, span{a.StartDateTime, a.EndDateTime})
		}
	}
	slices.SortFunc(breaks, func(x, y span) int { return x.start.Compare(y.start) })
	var work []span
	at := item.StartDateTime
	for _, b := range breaks {
		if !b.start.Before(item.EndDateTime) {
			break
		}
		if b.start.After(at) {
			work = append(work, span{at, b.start})
		}
		if b.end.After(at) {
			at = b.end
		}
	}
	if at.Before(item.EndDateTime) {
		work = append(work, span{at, item.EndDateTime})
	}
	return work
}
