package eligibility_test

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// oracleAnswer is what a question comes to, in a form in which the oracle's
// answers and those of the package under test can be compared as they are.
type oracleAnswer struct {
	Code       string
	IDs        []string          // of those eligible; nil if there is a code
	Candidates []oracleCandidate // in the order of the IDs
}

type oracleCandidate struct {
	ID     string
	Failed []string // rule ids, those of a side as "rule@side"
}

func (o *oracle) answer(candidates []oracleCandidate) oracleAnswer {
	a := oracleAnswer{IDs: []string{}, Candidates: candidates}
	for _, c := range candidates {
		if len(c.Failed) == 0 {
			a.IDs = append(a.IDs, c.ID)
		}
	}
	return a
}

// fails gives the ids of those of the rules that are on and fail.
func fails(rules []oracleRule) []string {
	var failed []string
	for _, rule := range rules {
		if rule.on && !rule.passes() {
			failed = append(failed, rule.id)
		}
	}
	return failed
}

func is(condition bool) func() bool { return func() bool { return condition } }

// swaps answers which shifts that one may be swapped with.
func (o *oracle) swaps(shift, requestType, windowStart, windowEnd string, now time.Time) oracleAnswer {
	if !strings.EqualFold(strings.Trim(requestType, " "), "SwapRequest") {
		return oracleAnswer{Code: "UnsupportedOperation"}
	}
	start, startOK := now, true
	if windowStart != "" {
		start, startOK = readTime(windowStart)
	}
	end, endOK := start.Add(672*time.Hour), true
	if windowEnd != "" {
		end, endOK = readTime(windowEnd)
	}
	if !startOK || !endOK || end.Before(start) {
		return oracleAnswer{Code: "BadRequest"}
	}
	a := o.find(o.shifts, shift)
	if code := o.refusal(a, "", now); code != "" {
		return oracleAnswer{Code: code}
	}
	others := slices.DeleteFunc(slices.Clone(o.shifts), func(b oracleShift) bool { return b.id == a.id })
	slices.SortFunc(others, func(x, y oracleShift) int {
		return cmp.Or(x.start.Compare(y.start), strings.Compare(x.id, y.id))
	})
	var candidates []oracleCandidate
	for _, b := range others {
		inWindow := !b.start.Before(start) && !b.start.After(end)
		candidates = append(candidates, oracleCandidate{b.id, o.swap(*a, b, inWindow, "", now)})
	}
	return o.answer(candidates)
}

// refusal gives the code by which the shift that is to be swapped is refused.
func (o *oracle) refusal(a *oracleShift, request string, now time.Time) string {
	switch {
	case a == nil:
		return "ShiftNotFound"
	case !a.start.After(now):
		return "ShiftAlreadyStarted"
	case a.staged:
		return "ShiftNotAvailable"
	case !o.notice(*a, now):
		return "NoticeTooShort"
	case o.tiedUp(a.id, "swapRequests", request):
		return "ShiftInOpenRequest"
	}
	return ""
}

func (o *oracle) notice(s oracleShift, now time.Time) bool {
	notice, on := duration(sub(o.policy, "swap"), "notice")
	return !on || !s.start.Before(now.Add(notice))
}

// swap gives the rules that fail for one candidate of a swap.
func (o *oracle) swap(a, b oracleShift, inWindow bool, request string, now time.Time) []string {
	failed := fails([]oracleRule{
		{"different-worker", true, is(!sameUser(a.owner, b.owner))},
		{"window", true, is(inWindow)},
		{"not-started", true, is(b.start.After(now))},
		{"not-staged", true, is(!b.staged)},
		{"notice", true, is(o.notice(b, now))},
		{"not-tied-up", true, is(!o.tiedUp(b.id, "swapRequests", request))},
		{"same-group", sub(o.policy, "swap")["sameSchedulingGroup"] == true, is(a.group == b.group)},
	})
	failed = append(failed, o.assignment(a.owner, b, &a, "SwapRequest", "requester", now)...)
	return append(failed, o.assignment(b.owner, a, &b, "SwapRequest", "owner", now)...)
}

// pair answers whether the two shifts may be swapped by that request, as a
// list of the one candidate.
func (o *oracle) pair(sender, recipient, request string, now time.Time) oracleAnswer {
	a, b := o.find(o.shifts, sender), o.find(o.shifts, recipient)
	if code := o.refusal(a, request, now); code != "" {
		return oracleAnswer{Code: code}
	}
	if b == nil {
		return oracleAnswer{Code: "ShiftNotFound"}
	}
	return o.answer([]oracleCandidate{{b.id, o.swap(*a, *b, true, request, now)}})
}

// take answers whether a worker may take an offered or an open shift, as a
// list of the one candidate.
func (o *oracle) take(shift, user, request string, now time.Time) oracleAnswer {
	s, kind := o.find(o.shifts, shift), "OfferShiftRequest"
	if s == nil {
		s, kind = o.find(o.opens, shift), "OpenShiftRequest"
	}
	if s == nil {
		return oracleAnswer{Code: "ShiftNotFound"}
	}
	failed := fails([]oracleRule{
		{"different-worker", !s.open, is(!sameUser(s.owner, user))},
		{"not-started", true, is(s.start.After(now))},
		{"not-staged", true, is(!s.staged)},
		{"slots-left", s.open, is(s.slots == nil || *s.slots > 0)},
		{"notice", true, is(o.notice(*s, now))},
		{"not-tied-up", !s.open, is(!o.tiedUp(s.id, "offerShiftRequests", request))},
	})
	failed = append(failed, o.assignment(user, *s, nil, kind, "", now)...)
	return o.answer([]oracleCandidate{{s.id, failed}})
}

// reasons answers which time-off reasons the worker may choose.
func (o *oracle) reasons(user string, now time.Time) oracleAnswer {
	if !o.known(user) {
		return oracleAnswer{Code: "UserNotFound"}
	}
	record, today := o.worker(user), o.calendar.date(now)
	var candidates []oracleCandidate
	for _, reason := range objects(o.document, "timeOffReasons") {
		if reason["isActive"] == false {
			continue
		}
		id := str(reason, "id")
		entry := sub(sub(o.policy, "timeOffReasons"), id)
		tenure, _ := entry["minTenureDays"].(float64)
		needed, _ := entry["minBalanceHours"].(float64)
		balance, hasBalance := sub(record, "balances")[id].(float64)
		hired := str(record, "hireDate")
		qualified := true
		for _, name := range list(entry, "qualifications") {
			qualified = qualified && qualifiedOn(record, name.(string), today)
		}
		candidates = append(candidates, oracleCandidate{id, fails([]oracleRule{
			{"employed", true, is(employedOn(record, today))},
			{"tenure", true, is(tenure == 0 || hired != "" && float64(today-readDay(cmp.Or(hired, "1970-01-01"))) >= tenure)},
			{"qualified", true, is(qualified)},
			{"balance", true, is(needed == 0 || hasBalance && balance >= needed)},
		})})
	}
	slices.SortFunc(candidates, func(x, y oracleCandidate) int { return strings.Compare(x.ID, y.ID) })
	return o.answer(candidates)
}
