package eligibility

import (
	"context"
	"time"
)

// defaultWindow is how far a window reaches that names no end.
const defaultWindow = 672 * time.Hour

// A SwapQuestion asks which shifts a worker may be offered in exchange for one
// of theirs.
type SwapQuestion struct {
	ShiftID     string
	RequestType string // must be SwapRequest, in any letter case
	// WindowStart and WindowEnd bound the starts of the shifts in the answer,
	// both ends included, in either form of ParseTime. Without a start the
	// window begins now; without an end it is 672 hours long.
	WindowStart, WindowEnd string
	Now                    time.Time
}

// Swaps answers a SwapQuestion. The error is that of ctx, if it ended first.
func (t *Team) Swaps(ctx context.Context, q SwapQuestion) (Answer, error) {
	return t.swaps(ctx, q, false)
}

// ExplainSwaps answers a SwapQuestion and says for every published shift other
// than the one in question which rules keep it out of the answer.
func (t *Team) ExplainSwaps(ctx context.Context, q SwapQuestion) (Answer, error) {
	return t.swaps(ctx, q, true)
}

func (t *Team) swaps(ctx context.Context, q SwapQuestion, explain bool) (Answer, error) {
	if foldEnum(q.RequestType) != foldEnum(typeSwap) {
		return refuse(UnsupportedOperation), nil
	}
	w, message := parseWindow(q)
	if message != "" {
		return Answer{Code: BadRequest, Message: message}, nil
	}
	a := t.Shift(q.ShiftID)
	if code := t.mayBeSwapped(a, q.Now, ""); code != OK {
		return refuse(code), nil
	}
	answer := Answer{IDs: []string{}}
	swap := t.newSwap(a, q.Now, "", &answer.Faults)
	swap.window = &w
	var (
		err   error
		first []Failure // reused: a plain answer keeps no failures
	)
	visit := func(b *Shift) bool {
		if answer.Considered++; answer.Considered%256 == 0 {
			if err = ctx.Err(); err != nil {
				return false
			}
		}
		swap.candidate(b)
		if !explain {
			first = swap.failures(first[:0], false)
			if len(first) == 0 {
				answer.IDs = append(answer.IDs, b.ID)
			}
			return true
		}
		failed := swap.failures(nil, true)
		if len(failed) == 0 {
			answer.IDs = append(answer.IDs, b.ID)
		}
		answer.Candidates = append(answer.Candidates, Candidate{ID: b.ID, Failed: failed})
		return true
	}
	if explain {
		t.published.Scan(func(b *Shift) bool { return b == a || visit(b) })
	} else {
		t.startingWithin(w, func(b *Shift) bool { return b == a || visit(b) })
	}
	if err != nil {
		return Answer{}, err
	}
	return answer, nil
}

// startingWithin visits the published shifts that start in the window: the
// only ones that the window rule lets pass.
func (t *Team) startingWithin(w span, visit func(*Shift) bool) {
	first := &Shift{Shared: &ShiftItem{StartDateTime: w.start}}
	t.published.Ascend(first, func(s *Shift) bool {
		return !s.starts().After(w.end) && visit(s)
	})
}

// A PairQuestion asks whether two shifts may be swapped, by a request that may
// already tie them up.
type PairQuestion struct {
	SenderShiftID    string
	RecipientShiftID string
	RequestID        string // "" if none
	Now              time.Time
}

// Swap decides whether the two shifts may change owners.
func (t *Team) Swap(q PairQuestion) Verdict {
	a := t.Shift(q.SenderShiftID)
	if code := t.mayBeSwapped(a, q.Now, q.RequestID); code != OK {
		return Verdict{Code: code, Message: Message(code)}
	}
	b := t.Shift(q.RecipientShiftID)
	if b == nil || !b.Published() {
		return Verdict{Code: ShiftNotFound, Message: Message(ShiftNotFound)}
	}
	var verdict Verdict
	swap := t.newSwap(a, q.Now, q.RequestID, &verdict.Faults)
	swap.candidate(b)
	verdict.Failed = swap.failures(nil, true)
	return verdict
}

// mayBeSwapped makes the checks of the shift in question itself, the first
// that fails being the answer.
func (t *Team) mayBeSwapped(a *Shift, now time.Time, requestID string) Code {
	notice := t.Policy.Swap.Notice
	switch {
	case a == nil || !a.Published():
		return ShiftNotFound
	case !a.starts().After(now):
		return ShiftAlreadyStarted
	case a.staged:
		return ShiftNotAvailable
	case notice != nil && a.starts().Before(now.Add(*notice)):
		return NoticeTooShort
	case t.tiedUp(a.ID, requestID):
		return ShiftInOpenRequest
	}
	return OK
}

// parseWindow gives the window with both ends included, or says what is wrong
// with it.
func parseWindow(q SwapQuestion) (w span, message string) {
	w.start = q.Now
	if q.WindowStart != "" {
		start, err := ParseTime(q.WindowStart)
		if err != nil {
			return w, messageWindowStart
		}
		w.start = start
	}
	w.end = w.start.Add(defaultWindow)
	if q.WindowEnd != "" {
		end, err := ParseTime(q.WindowEnd)
		if err != nil {
			return w, messageWindowEnd
		}
		w.end = end
	}
	if w.end.Before(w.start) {
		return w, messageWindowReversed
	}
	return w, ""
}

// A swap is the exchange of shift a, whose owner asks, against one candidate
// b after another.
type swap struct {
	team      *Team
	a, b      *Shift
	now       time.Time
	window    *span  // nil if the question has none
	requestID string // that may tie the shifts up
	requester assignment
	owner     assignment // its schedule is looked up when it is needed
}

func (t *Team) newSwap(a *Shift, now time.Time, requestID string, faults *[]Fault) *swap {
	side := assignment{team: t, now: now, requestType: typeSwap, faults: faults}
	s := &swap{team: t, a: a, now: now, requestID: requestID, requester: side, owner: side}
	s.requester.schedule, s.requester.lost = t.schedule(a.owner), a
	s.owner.received = a
	return s
}

func (s *swap) candidate(b *Shift) {
	s.b = b
	s.requester.received, s.owner.lost = b, b
}

// swapRules say what a candidate has to be, before the assignment rules of the
// two workers.
var swapRules = []rule[*swap]{
	builtin(RuleDifferentWorker, func(s *swap) bool { return s.a.owner != s.b.owner }),
	builtin(RuleWindow, (*swap).inWindow),
	builtin(RuleNotStarted, func(s *swap) bool { return s.b.starts().After(s.now) }),
	builtin(RuleNotStaged, func(s *swap) bool { return !s.b.staged }),
	builtin(RuleNotice, func(s *swap) bool { return s.team.enoughNotice(s.b, s.now) }),
	builtin(RuleNotTiedUp, func(s *swap) bool { return !s.team.tiedUp(s.b.ID, s.requestID) }),
	builtin(RuleSameGroup, (*swap).sameGroup),
}

// failures appends the rules that the candidate does not meet, all of them or
// only the first.
func (s *swap) failures(failed []Failure, all bool) []Failure {
	failed = failures(swapRules, s, failed, NoSide, all)
	if len(failed) > 0 && !all {
		return failed
	}
	failed = s.requester.failures(failed, Requester, all)
	if len(failed) > 0 && !all {
		return failed
	}
	s.owner.schedule = s.team.schedule(s.b.owner)
	return s.owner.failures(failed, Owner, all)
}

func (s *swap) inWindow() bool {
	return s.window == nil || !s.b.starts().Before(s.window.start) && !s.b.starts().After(s.window.end)
}

func (s *swap) sameGroup() bool {
	return !s.team.Policy.Swap.SameSchedulingGroup || s.a.SchedulingGroupID == s.b.SchedulingGroupID
}

func (t *Team) enoughNotice(s *Shift, now time.Time) bool {
	notice := t.Policy.Swap.Notice
	return notice == nil || !s.starts().Before(now.Add(*notice))
}
