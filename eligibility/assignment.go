package eligibility

import (
	"math"
	"time"
	"unique"
)

// An assignment is the question whether a worker may receive a shift, losing
// another of theirs or none.
type assignment struct {
	team        *Team
	now         time.Time
	requestType string
	schedule    *schedule // the worker's
	received    *Shift
	lost        *Shift // nil if none
	faults      *[]Fault

	standing standing // of the worker in the group of the received shift
}

// A standing is what one worker is to one scheduling group. It is kept from
// one candidate to the next: they often differ in neither.
type standing struct {
	schedule       *schedule // nil before the first
	group          unique.Handle[string]
	member         bool // of a group that is not known, everybody is
	qualifiedUntil Date // the last day on which the worker has all that the group requires
}

func (a *assignment) standingInGroup() *standing {
	s := &a.standing
	if s.schedule == a.schedule && s.group == a.received.group {
		return s
	}
	*s = standing{schedule: a.schedule, group: a.received.group, member: true, qualifiedUntil: math.MaxInt32}
	if group := a.team.groups[a.received.group]; group != nil {
		s.member = group.members[a.schedule.user]
		s.qualifiedUntil = a.schedule.worker.qualifiedUntil(group.Requires)
	}
	return s
}

// assignmentRules are the built-in assignment rules. A policy's custom rules
// follow them.
var assignmentRules = []rule[*assignment]{
	builtin(RuleEmployed, (*assignment).employed),
	builtin(RuleMember, (*assignment).member),
	builtin(RuleQualified, (*assignment).qualified),
	builtin(RuleNoOverlap, (*assignment).noOverlap),
	builtin(RuleNoTimeOff, (*assignment).noTimeOff),
	builtin(RuleMinimumRest, (*assignment).minimumRest),
	builtin(RuleMaxDailyHours, (*assignment).maxDailyHours),
	builtin(RuleMaxWeeklyHours, (*assignment).maxWeeklyHours),
	builtin(RuleMaxConsecutiveDays, (*assignment).maxConsecutiveDays),
	builtin(RuleMinorHours, (*assignment).minorHours),
}

// personalRules are those of the assignmentRules that look at the worker and
// the received shift alone: what the worker would lose makes no difference.
var personalRules = []rule[*assignment]{
	builtin(RuleEmployed, (*assignment).employed),
	builtin(RuleMember, (*assignment).member),
	builtin(RuleQualified, (*assignment).qualified),
	builtin(RuleNoTimeOff, (*assignment).noTimeOff),
	builtin(RuleMinorHours, (*assignment).minorHours),
}

func (a *assignment) failures(failed []Failure, side Side, all bool) []Failure {
	return failures(a.team.Policy.assignment, a, failed, side, all)
}

func (a *assignment) employed() bool {
	return a.schedule.worker.employed(a.received.load.date)
}

func (a *assignment) member() bool {
	return !a.team.Policy.GroupMembersOnly || a.standingInGroup().member
}

func (a *assignment) qualified() bool {
	return a.received.load.date <= a.standingInGroup().qualifiedUntil
}

// other reports whether a commitment is one of the worker's other commitments:
// neither the shift that is lost nor the one that is received.
func (a *assignment) other(t *Shift) bool { return t != a.lost && t != a.received }

func (a *assignment) noOverlap() bool {
	commitments := &a.schedule.commitments
	return commitments.intersecting(a.received.start, a.received.end, func(i int) bool {
		return !a.other(commitments.items[i])
	})
}

func (a *assignment) noTimeOff() bool {
	return a.schedule.absences.intersecting(a.received.start, a.received.end, func(int) bool { return false })
}

// minimumRest leaves what overlaps the shift to noOverlap.
func (a *assignment) minimumRest() bool {
	commitments := &a.schedule.commitments
	return a.team.Policy.MinimumRest == nil || a.nearby(func(i int) bool {
		return !a.other(commitments.items[i]) || a.overlaps(commitments.spans[i]) || !a.tooClose(i)
	})
}

// nearby visits the worker's commitments, by index, that overlap the received
// shift or are closer to it than the minimum rest, until one visit returns
// false, and reports whether none did.
func (a *assignment) nearby(visit func(i int) bool) bool {
	start, end := a.received.start, a.received.end
	if rest := a.team.Policy.MinimumRest; rest != nil {
		start, end = start.Add(-*rest), end.Add(*rest)
	}
	return a.schedule.commitments.intersecting(start, end, visit)
}

func (a *assignment) overlaps(t span) bool {
	return t.start.Before(a.received.end) && a.received.start.Before(t.end)
}

// tooClose says of a commitment that is nearby and does not overlap the
// received shift whether the two are more than parts of one working day,
// between which no rest is due.
func (a *assignment) tooClose(i int) bool {
	t := a.schedule.commitments.spans[i]
	gap := a.received.start.Sub(t.end)
	if !t.start.Before(a.received.end) {
		gap = t.start.Sub(a.received.end)
	}
	split := a.team.Policy.SplitShift
	return split == nil || gap > *split || a.schedule.commitments.items[i].load.date != a.received.load.date
}

// leaving calls visit for each shift whose work time the worker's sums hold
// although it is not to count: the lost one, and the received one where it is
// the worker's already.
func (a *assignment) leaving(visit func(*Shift)) {
	if a.lost != nil {
		visit(a.lost)
	}
	if a.received != a.lost && a.received.owner == a.schedule.user && a.received.owner != nobody {
		visit(a.received)
	}
}

func (a *assignment) maxDailyHours() bool {
	limit := a.team.Policy.MaxDailyHours
	if limit == nil {
		return true
	}
	for _, day := range a.received.load.days {
		work := a.schedule.onDay(day.day) + day.work
		a.leaving(func(s *Shift) { work -= s.load.onDay(day.day) })
		if work > *limit {
			return false
		}
	}
	return true
}

func (a *assignment) maxWeeklyHours() bool {
	limit := a.schedule.worker.MaxWeeklyHours
	if limit == nil {
		limit = a.team.Policy.MaxWeeklyHours
	}
	if limit == nil {
		return true
	}
	for _, week := range a.received.load.weeks {
		work := a.schedule.inWeek(week.week) + week.work
		a.leaving(func(s *Shift) { work -= s.load.inWeek(week.week) })
		if work > *limit {
			return false
		}
	}
	return true
}

func (a *assignment) maxConsecutiveDays() bool {
	limit := a.team.Policy.MaxConsecutiveDays
	if limit == nil {
		return true
	}
	works := func(date Date) bool {
		starting := a.schedule.startsOn(date)
		if starting == 0 {
			return false
		}
		a.leaving(func(s *Shift) {
			if s.load.date == date {
				starting--
			}
		})
		return starting > 0
	}
	run := 1
	for date := a.received.load.date - 1; run <= *limit && works(date); date-- {
		run++
	}
	for date := a.received.load.date + 1; run <= *limit && works(date); date++ {
		run++
	}
	return run <= *limit
}

func (a *assignment) minorHours() bool {
	minors := a.team.Policy.Minors
	if minors == nil || !a.schedule.worker.minor(a.received.load.date) {
		return true
	}
	zone := a.team.calendar.zone
	if minors.Earliest != nil && wallClock(a.received.start.In(zone)) < *minors.Earliest {
		return false
	}
	if minors.Latest != nil && !a.endsBy(*minors.Latest) {
		return false
	}
	return minors.MaxShiftHours == nil || a.received.load.work <= *minors.MaxShiftHours
}

// endsBy reports whether the shift ends on the local date on which it starts,
// at that time of day or before. Midnight as the end of a day, 24:00, is the
// first instant of the next.
func (a *assignment) endsBy(latest time.Duration) bool {
	const midnight = 24 * time.Hour
	cal, end := a.team.calendar, a.received.end
	if cal.date(end) != a.received.load.date {
		return latest == midnight && end.Equal(cal.dayStart(a.received.load.date+1))
	}
	return wallClock(end.In(cal.zone)) <= latest
}

// wallClock is what the clock on the wall shows, as the time since 00:00.
func wallClock(t time.Time) time.Duration {
	hour, minute, second := t.Clock()
	return time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute +
		time.Duration(second)*time.Second + time.Duration(t.Nanosecond())
}
