package eligibility

import (
	"maps"
	"slices"
	"sort"
	"time"
	"unique"

	"github.com/tidwall/btree"
)

// A schedule is everything the rules need to know about one person, prepared
// once per version of the team: sums are looked up, and what is near a shift
// is found by binary search.
type schedule struct {
	user      user
	worker    *Worker // an empty record if the team has none
	hasRecord bool
	shifts    []*Shift // all that name the person as owner, published or not
	timesOff  []*TimeOff

	commitments timeline[*Shift] // the published shifts
	absences    timeline[*TimeOff]
	days        []dayLoad  // work time of the commitments by local day, in order
	weeks       []weekLoad // and by local week
	dates       []Date     // on which the commitments start, in order, with repetitions
}

func newSchedule(u user) *schedule {
	return &schedule{user: u, worker: &Worker{UserID: u.Value()}}
}

// prepare works out the lower half of the schedule from the upper.
func (s *schedule) prepare() {
	var published []*Shift
	var loads load
	s.dates = nil
	for _, shift := range s.shifts {
		if shift.Published() {
			published = append(published, shift)
		}
	}
	s.commitments = newTimeline(published, func(shift *Shift) span { return span{shift.start, shift.end} })
	for _, shift := range s.commitments.items {
		s.dates = append(s.dates, shift.load.date)
		loads.days = append(loads.days, shift.load.days...)
		loads.weeks = append(loads.weeks, shift.load.weeks...)
	}
	slices.Sort(s.dates)
	s.days = sumDays(loads.days)
	s.weeks = sumWeeks(loads.weeks)

	var absent []*TimeOff
	for _, timeOff := range s.timesOff {
		if timeOff.counts && timeOff.span.end.After(timeOff.span.start) {
			absent = append(absent, timeOff)
		}
	}
	s.absences = newTimeline(absent, func(timeOff *TimeOff) span { return timeOff.span })
}

func sumDays(loads []dayLoad) []dayLoad {
	slices.SortFunc(loads, func(a, b dayLoad) int { return int(a.day - b.day) })
	sums := loads[:0]
	for _, l := range loads {
		if last := len(sums) - 1; last >= 0 && sums[last].day == l.day {
			sums[last].work += l.work
		} else {
			sums = append(sums, l)
		}
	}
	return slices.Clip(sums)
}

func sumWeeks(loads []weekLoad) []weekLoad {
	slices.SortFunc(loads, func(a, b weekLoad) int { return int(a.week - b.week) })
	sums := loads[:0]
	for _, l := range loads {
		if last := len(sums) - 1; last >= 0 && sums[last].week == l.week {
			sums[last].work += l.work
		} else {
			sums = append(sums, l)
		}
	}
	return slices.Clip(sums)
}

func (s *schedule) onDay(day Date) time.Duration {
	i := sort.Search(len(s.days), func(i int) bool { return s.days[i].day >= day })
	if i < len(s.days) && s.days[i].day == day {
		return s.days[i].work
	}
	return 0
}

func (s *schedule) inWeek(week int32) time.Duration {
	i := sort.Search(len(s.weeks), func(i int) bool { return s.weeks[i].week >= week })
	if i < len(s.weeks) && s.weeks[i].week == week {
		return s.weeks[i].work
	}
	return 0
}

// startsOn counts the commitments that start on a local date.
func (s *schedule) startsOn(date Date) int {
	first, found := slices.BinarySearch(s.dates, date)
	if !found {
		return 0
	}
	count := 0
	for first+count < len(s.dates) && s.dates[first+count] == date {
		count++
	}
	return count
}

// A timeline finds what intersects an interval among items that may overlap
// each other.
type timeline[T any] struct {
	items  []T
	spans  []span      // of the items, by start
	latest []time.Time // latest[i] is the last end among spans[:i+1]
}

func newTimeline[T any](items []T, spanOf func(T) span) timeline[T] {
	slices.SortStableFunc(items, func(a, b T) int { return spanOf(a).start.Compare(spanOf(b).start) })
	t := timeline[T]{items: items, spans: make([]span, len(items)), latest: make([]time.Time, len(items))}
	for i, item := range items {
		t.spans[i] = spanOf(item)
		t.latest[i] = t.spans[i].end
		if i > 0 && t.latest[i-1].After(t.latest[i]) {
			t.latest[i] = t.latest[i-1]
		}
	}
	return t
}

// from is the index of the first item that starts at that time or later.
func (t *timeline[T]) from(start time.Time) int {
	low, high := 0, len(t.spans)
	for low < high {
		if middle := (low + high) / 2; t.spans[middle].start.Before(start) {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low
}

// startingWithin appends the items that start in one of the half-open
// intervals, which are in order.
func (t *timeline[T]) startingWithin(intervals []span, items []T) []T {
	if len(intervals) == 0 {
		return items
	}
	i := t.from(intervals[0].start)
	for _, w := range intervals {
		for i < len(t.spans) && t.spans[i].start.Before(w.start) {
			i++
		}
		for ; i < len(t.spans) && t.spans[i].start.Before(w.end); i++ {
			items = append(items, t.items[i])
		}
	}
	return items
}

// intersecting visits the items that intersect [start, end), by index, until
// one visit returns false, and reports whether none did.
func (t *timeline[T]) intersecting(start, end time.Time, visit func(i int) bool) bool {
	for i := t.from(end) - 1; i >= 0 && t.latest[i].After(start); i-- {
		if t.spans[i].end.After(start) && !visit(i) {
			return false
		}
	}
	return true
}

// An edit changes a team that nobody else sees yet, and prepares the schedules
// it touched once, at the end.
type edit struct {
	team    *Team
	touched map[user]*schedule
}

func newEdit(t *Team) *edit { return &edit{team: t, touched: map[user]*schedule{}} }

// schedule is the edit's own copy of somebody's schedule.
func (e *edit) schedule(u user) *schedule {
	if s, ok := e.touched[u]; ok {
		return s
	}
	s := *e.team.schedule(u)
	s.shifts, s.timesOff = slices.Clone(s.shifts), slices.Clone(s.timesOff)
	e.touched[u] = &s
	e.team.schedules.Set(u.Value(), &s)
	return &s
}

func (e *edit) insert(entity decoded) {
	base := entity.base()
	e.team.lists[base.Kind].Set(base.ID, entity)
	e.team.size += int64(len(base.JSON))
	switch entity := entity.(type) {
	case *Worker:
		s := e.schedule(userOf(base.ID))
		s.worker, s.hasRecord = entity, true
	case *SchedulingGroup:
		e.team.groups = maps.Clone(e.team.groups)
		e.team.groups[unique.Make(entity.ID)] = entity
	case *Shift:
		if entity.owner != nobody {
			s := e.schedule(entity.owner)
			s.shifts = append(s.shifts, entity)
		}
	case *TimeOff:
		if entity.owner != nobody {
			s := e.schedule(entity.owner)
			s.timesOff = append(s.timesOff, entity)
		}
	case *Request:
		for _, shift := range entity.ties() {
			addRequest(e.team.ties, shift, entity)
		}
		addRequest(e.team.promises, entity.promise(), entity)
	}
}

// remove takes an entity out; nil is nothing to take.
func (e *edit) remove(entity decoded) {
	if entity == nil {
		return
	}
	base := entity.base()
	e.team.lists[base.Kind].Delete(base.ID)
	e.team.size -= int64(len(base.JSON))
	switch entity := entity.(type) {
	case *Worker:
		u := userOf(base.ID)
		s := e.schedule(u)
		s.worker, s.hasRecord = newSchedule(u).worker, false
	case *SchedulingGroup:
		e.team.groups = maps.Clone(e.team.groups)
		delete(e.team.groups, unique.Make(entity.ID))
	case *Shift:
		if entity.owner != nobody {
			s := e.schedule(entity.owner)
			s.shifts = without(s.shifts, entity)
		}
	case *TimeOff:
		if entity.owner != nobody {
			s := e.schedule(entity.owner)
			s.timesOff = without(s.timesOff, entity)
		}
	case *Request:
		for _, shift := range entity.ties() {
			removeRequest(e.team.ties, shift, entity)
		}
		removeRequest(e.team.promises, entity.promise(), entity)
	}
}

// addRequest and removeRequest keep an index of requests. Its lists are shared
// with other versions of the team and never changed.
func addRequest(index *btree.Map[string, []*Request], key string, r *Request) {
	requests, _ := index.Get(key)
	index.Set(key, append(slices.Clone(requests), r))
}

func removeRequest(index *btree.Map[string, []*Request], key string, r *Request) {
	requests, _ := index.Get(key)
	if rest := without(slices.Clone(requests), r); len(rest) > 0 {
		index.Set(key, rest)
	} else {
		index.Delete(key)
	}
}

func without[T comparable](list []T, item T) []T {
	return slices.DeleteFunc(list, func(t T) bool { return t == item })
}

func (e *edit) finish() {
	for _, s := range e.touched {
		s.prepare()
	}
}
