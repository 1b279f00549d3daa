package eligibility

import "time"

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

func (a *assignment) failures(failed []Failure, side Side, all bool) []Failure {
	return failures(a.team.Policy.assignment, a, failed, side, all)
}

func (a *assignment) employed() bool {
	return a.schedule.worker.employed(a.received.load.date)
}

func (a *assignment) member() bool {
	if !a.team.Policy.GroupMembersOnly || a.received.SchedulingGroupID == "" {
		return true
	}
	group := a.team.group(a.received.SchedulingGroupID)
	return group == nil || group.members[a.schedule.user]
}

func (a *assignment) qualified() bool {
	if a.received.SchedulingGroupID == "" {
		return true
	}
	group := a.team.group(a.received.SchedulingGroupID)
	return group == nil || a.schedule.worker.qualified(group.Requires, a.received.load.date)
}

// other reports whether a commitment is one of the worker's other commitments:
// neither the shift that is lost nor the one that is received.
func (a *assignment) other(t *Shift) bool { return t != a.lost && t != a.received }

func (a *assignment) noOverlap() bool {
	return a.schedule.commitments.intersecting(a.received.starts(), a.received.ends(), func(t *Shift, _ span) bool {
		return !a.other(t)
	})
}

func (a *assignment) noTimeOff() bool {
	return a.schedule.absences.intersecting(a.received.starts(), a.received.ends(), func(*TimeOff, span) bool {
		return false
	})
}

// minimumRest looks at the commitments that are closer than the rest: those
// that intersect the shift widened by it. What overlaps the shift itself is
// noOverlap's business.
func (a *assignment) minimumRest() bool {
	rest := a.team.Policy.MinimumRest
	if rest == nil {
		return true
	}
	start, end := a.received.starts(), a.received.ends()
	return a.schedule.commitments.intersecting(start.Add(-*rest), end.Add(*rest), func(t *Shift, at span) bool {
		switch {
		case !a.other(t):
			return true
		case !at.start.Before(end):
			return a.splitShift(t, at.start.Sub(end))
		case !start.Before(at.end):
			return a.splitShift(t, start.Sub(at.end))
		}
		return true
	})
}

// splitShift reports whether a commitment and the received shift are parts of
// one working day, between which no rest is due.
func (a *assignment) splitShift(t *Shift, gap time.Duration) bool {
	longest := a.team.Policy.SplitShift
	return longest != nil && gap <= *longest && t.load.date == a.received.load.date
}

// leaving calls visit for each shift whose work time the worker's sums hold
// although it is not to count: the lost one, and the received one where it is
// the worker's already.
func (a *assignment) leaving(visit func(*Shift)) {
	if a.lost != nil {
		visit(a.lost)
	}
	if a.received != a.lost && a.received.owner == a.schedule.user {
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
	if minors.Earliest != nil && wallClock(a.received.starts().In(zone)) < *minors.Earliest {
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
	cal, end := a.team.calendar, a.received.ends()
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
