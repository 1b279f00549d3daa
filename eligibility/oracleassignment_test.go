package eligibility_test

import (
	"slices"
	"strings"
	"time"
)

// oracleQuestion is what the assignment rules are asked: may worker receive s,
// losing the given shift (nil: nothing)?
type oracleQuestion struct {
	*oracle
	worker string
	record object // nil if there is none
	s      oracleShift
	losing *oracleShift
	others []oracleShift
	kind   string // request type
	now    time.Time
}

type oracleRule struct {
	id     string
	on     bool
	passes func() bool
}

// assignment gives the ids of the assignment rules that fail, in their order,
// each with the side behind an @ if there is one.
func (o *oracle) assignment(worker string, s oracleShift, losing *oracleShift, kind, side string, now time.Time) []string {
	q := oracleQuestion{oracle: o, worker: worker, record: o.worker(worker), s: s, losing: losing, kind: kind, now: now}
	for _, c := range o.shifts {
		if sameUser(c.owner, worker) && (s.open || c.id != s.id) && (losing == nil || c.id != losing.id) {
			q.others = append(q.others, c)
		}
	}
	var failed []string
	for _, rule := range q.rules() {
		if rule.on && !rule.passes() {
			failed = append(failed, strings.TrimSuffix(rule.id+"@"+side, "@"))
		}
	}
	return failed
}

func (q oracleQuestion) rules() []oracleRule {
	has := func(o object, field string) bool { return o[field] != nil }
	rules := []oracleRule{
		{"employed", true, func() bool { return employedOn(q.record, q.calendar.date(q.s.start)) }},
		{"member", q.policy["groupMembersOnly"] == true, q.member},
		{"qualified", true, q.qualified},
		{"no-overlap", true, q.noOverlap},
		{"no-time-off", true, q.noTimeOff},
		{"minimum-rest", has(q.policy, "minimumRest"), q.minimumRest},
		{"max-daily-hours", has(q.policy, "maxDailyHours"), q.maxDailyHours},
		{"max-weekly-hours", has(q.policy, "maxWeeklyHours") || has(q.record, "maxWeeklyHours"), q.maxWeeklyHours},
		{"max-consecutive-days", has(q.policy, "maxConsecutiveDays"), q.maxConsecutiveDays},
		{"minor-hours", has(q.policy, "minors"), q.minorHours},
	}
	for _, custom := range objects(q.policy, "custom") {
		known := oracleExpressions[str(custom, "expr")]
		rules = append(rules, oracleRule{str(custom, "id"), true, func() bool { return known(q) }})
	}
	return rules
}

func employedOn(record object, d day) bool {
	if hired := str(record, "hireDate"); hired != "" && readDay(hired) > d {
		return false
	}
	left := str(record, "terminationDate")
	return left == "" || d <= readDay(left)
}

func (q oracleQuestion) member() bool {
	group := q.group(q.s.group)
	return group == nil || hasUser(group, q.worker)
}

func (q oracleQuestion) qualified() bool {
	for _, name := range list(q.group(q.s.group), "requires") {
		if !qualifiedOn(q.record, name.(string), q.calendar.date(q.s.start)) {
			return false
		}
	}
	return true
}

func qualifiedOn(record object, name string, d day) bool {
	for _, each := range objects(record, "qualifications") {
		expires := str(each, "expires")
		if str(each, "name") == name && (expires == "" || readDay(expires) >= d) {
			return true
		}
	}
	return false
}

func (q oracleQuestion) noOverlap() bool {
	for _, c := range q.others {
		if c.meets(q.s.span) {
			return false
		}
	}
	return true
}

func (q oracleQuestion) noTimeOff() bool {
	for _, absence := range objects(q.document, "timesOff") {
		shared := sub(absence, "sharedTimeOff")
		if shared == nil || shared["isActive"] == false || !sameUser(str(absence, "userId"), q.worker) {
			continue
		}
		if readSpan(shared).meets(q.s.span) {
			return false
		}
	}
	return true
}

func (q oracleQuestion) minimumRest() bool {
	rest, _ := duration(q.policy, "minimumRest")
	split, splits := duration(q.policy, "splitShift")
	for _, t := range q.others {
		if t.meets(q.s.span) {
			continue
		}
		gap := q.s.start.Sub(t.end)
		if !t.start.Before(q.s.end) {
			gap = t.start.Sub(q.s.end)
		}
		isSplit := splits && q.calendar.date(t.start) == q.calendar.date(q.s.start) && gap <= split
		if !isSplit && gap < rest {
			return false
		}
	}
	return true
}

// worked gives how much of the shift's work time lies within a period: the sum
// of its smallest parts, between any two of the instants that matter, that are
// in the period, in the shift and in no unpaid activity.
func worked(s oracleShift, period span) time.Duration {
	instants := []time.Time{s.start, s.end, period.start, period.end}
	for _, break_ := range s.unpaid {
		instants = append(instants, break_.start, break_.end)
	}
	slices.SortFunc(instants, time.Time.Compare)
	var total time.Duration
	for i := range instants[1:] {
		part := span{instants[i], instants[i+1]}
		paid := part.meets(s.span) && part.meets(period)
		for _, break_ := range s.unpaid {
			paid = paid && !part.meets(break_)
		}
		if paid {
			total += part.end.Sub(part.start)
		}
	}
	return total
}

// within reports whether in every period that holds some of the shift's work
// time no more than limit is worked.
func (q oracleQuestion) within(periods []span, limit time.Duration) bool {
	for _, period := range periods {
		total := worked(q.s, period)
		if total == 0 {
			continue
		}
		for _, c := range q.others {
			total += worked(c, period)
		}
		if total > limit {
			return false
		}
	}
	return true
}

func (q oracleQuestion) maxDailyHours() bool {
	limit, _ := duration(q.policy, "maxDailyHours")
	return q.within(q.calendar.days(q.s.span), limit)
}

func (q oracleQuestion) maxWeeklyHours() bool {
	limit, own := duration(q.record, "maxWeeklyHours")
	if !own {
		limit, _ = duration(q.policy, "maxWeeklyHours")
	}
	return q.within(q.calendar.weeks(q.s.span), limit)
}

func (q oracleQuestion) maxConsecutiveDays() bool {
	dates := map[day]bool{}
	for _, c := range q.others {
		dates[q.calendar.date(c.start)] = true
	}
	today := q.calendar.date(q.s.start)
	run := 1
	for d := today - 1; dates[d]; d-- {
		run++
	}
	for d := today + 1; dates[d]; d++ {
		run++
	}
	return float64(run) <= q.policy["maxConsecutiveDays"].(float64)
}

func (q oracleQuestion) minorHours() bool {
	birth := str(q.record, "birthDate")
	startDate := q.calendar.date(q.s.start)
	if birth == "" || startDate >= birthday18(readDay(birth)) {
		return true
	}
	minors := sub(q.policy, "minors")
	if earliest := str(minors, "earliest"); earliest != "" && q.calendar.clock(q.s.start) < readClock(earliest) {
		return false
	}
	if latest := str(minors, "latest"); latest != "" {
		sameDate := q.calendar.date(q.s.end) == startDate && q.calendar.clock(q.s.end) <= readClock(latest)
		midnight := latest == "24:00" && q.s.end.Equal(q.calendar.first(startDate+1))
		if !sameDate && !midnight {
			return false
		}
	}
	hours, limited := duration(minors, "maxShiftHours")
	return !limited || worked(q.s, q.s.span) <= hours
}

// readClock reads HH:MM as the time since midnight.
func readClock(text string) time.Duration {
	return time.Duration(number(text[:2]))*time.Hour + time.Duration(number(text[3:]))*time.Minute
}

// oracleExpressions are the custom rules that random teams use, each with what
// it comes to. Evaluation that fails makes the rule fail.
var oracleExpressions = map[string]func(oracleQuestion) bool{
	`true`:  func(oracleQuestion) bool { return true },
	`false`: func(oracleQuestion) bool { return false },
	`worker.attributes.site == shift.attributes.site`: func(q oracleQuestion) bool {
		return sub(q.record, "attributes")["site"] == q.s.attributes["site"]
	},
	`losing == nil || losing.sharedShift.startDateTime < shift.sharedShift.startDateTime`: func(q oracleQuestion) bool {
		return q.losing == nil || q.losing.start.Before(q.s.start)
	},
	`shift.attributes.level > 1`: func(q oracleQuestion) bool {
		level, ok := q.s.attributes["level"].(float64)
		return ok && level > 1
	},
	`requestType != "SwapRequest" || shift.sharedShift.endDateTime - shift.sharedShift.startDateTime <= duration("8h")`: func(q oracleQuestion) bool {
		return q.kind != "SwapRequest" || q.s.end.Sub(q.s.start) <= 8*time.Hour
	},
	`shift.sharedShift.startDateTime - now < duration("120h")`: func(q oracleQuestion) bool {
		return q.s.start.Sub(q.now) < 120*time.Hour
	},
	`len(worker.qualifications) > 0`: func(q oracleQuestion) bool {
		return len(list(q.record, "qualifications")) > 0
	},
}
