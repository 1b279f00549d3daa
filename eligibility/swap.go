package eligibility

import (
	"cmp"
	"context"
	"slices"
	"strings"
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
	swap := t.newSwap(a, q.Now, "")
	swap.window = &w
	ask := swap.list
	if explain {
		ask = swap.explain
	}
	answer := Answer{IDs: []string{}}
	if err := ask(ctx, &answer); err != nil {
		return Answer{}, err
	}
	answer.Faults = *swap.requester.faults
	return answer, nil
}

// list fills in the plain answer. It goes from worker to worker and asks the
// rules only of those shifts that can be in the answer at all.
func (s *swap) list(ctx context.Context, answer *Answer) error {
	var (
		eligible []*Shift
		err      error
	)
	s.openings = s.requester.openings(*s.window)
	s.team.schedules.Scan(func(_ string, owner *schedule) bool {
		if err = ctx.Err(); err != nil {
			return false
		}
		for _, b := range s.plausible(owner) {
			answer.Considered++
			s.candidate(b)
			if s.first = s.failures(s.first[:0], false); len(s.first) == 0 {
				eligible = append(eligible, b)
			}
		}
		return true
	})
	if err != nil {
		return err
	}
	slices.SortFunc(eligible, compareShifts)
	for _, b := range eligible {
		answer.IDs = append(answer.IDs, b.ID)
	}
	return nil
}

// plausible are the shifts that an owner could give for a: none if the owner
// cannot have a whatever goes. Where a cannot be had beside one of the owner's
// commitments, it is only that one, which would go; where it cannot be had
// beside two, none. Otherwise it is those that start in one of the requester's
// openings. The rules say the same of each shift, at a cost. The list is good
// until the next call.
func (s *swap) plausible(owner *schedule) []*Shift {
	if owner.user == s.a.owner {
		return nil
	}
	s.owner.schedule, s.owner.lost = owner, nil
	s.first = failures(personalRules, &s.owner, s.first[:0], Owner, false)
	if len(s.first) > 0 {
		return nil
	}
	inTheWay, at := 0, 0
	s.owner.nearby(func(i int) bool {
		if t := owner.commitments.spans[i]; s.owner.overlaps(t) || s.owner.tooClose(i) {
			inTheWay, at = inTheWay+1, i
		}
		return inTheWay < 2
	})
	switch inTheWay {
	case 0:
		s.kept = owner.commitments.startingWithin(s.openings, s.kept[:0])
		return s.kept
	case 1:
		return owner.commitments.items[at : at+1]
	}
	return nil
}

// explain fills in the candidates: every published shift of the team but a.
func (s *swap) explain(ctx context.Context, answer *Answer) error {
	var candidates []*Shift
	s.team.schedules.Scan(func(_ string, owner *schedule) bool {
		candidates = append(candidates, owner.commitments.items...)
		return true
	})
	slices.SortFunc(candidates, compareShifts)
	for _, b := range candidates {
		if b == s.a {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		answer.Considered++
		s.candidate(b)
		failed := s.failures(nil, true)
		if len(failed) == 0 {
			answer.IDs = append(answer.IDs, b.ID)
		}
		answer.Candidates = append(answer.Candidates, Candidate{ID: b.ID, Failed: failed})
	}
	return nil
}

// compareShifts orders shifts as answers list them: by start, then id.
func compareShifts(a, b *Shift) int {
	return cmp.Or(a.start.Compare(b.start), strings.Compare(a.ID, b.ID))
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
	swap := t.newSwap(a, q.Now, q.RequestID)
	swap.candidate(b)
	return Verdict{Failed: swap.failures(nil, true), Faults: *swap.requester.faults}
}

// mayBeSwapped makes the checks of the shift in question itself, the first
// that fails being the answer.
func (t *Team) mayBeSwapped(a *Shift, now time.Time, requestID string) Code {
	switch {
	case a == nil || !a.Published():
		return ShiftNotFound
	case !a.start.After(now):
		return ShiftAlreadyStarted
	case a.staged:
		return ShiftNotAvailable
	case a.start.Before(t.earliestStart(now)):
		return NoticeTooShort
	case t.tiedUp(a.ID, KindSwapRequest, requestID):
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
	earliest  time.Time // at which b may start, by the notice
	window    *span     // nil if the question has none
	openings  []span    // where b has to start, for a plain answer
	kept      []*Shift
	first     []Failure // reused: a plain answer keeps no failures
	requestID string    // that may tie the shifts up
	requester assignment
	owner     assignment // its schedule is that of b's owner
}

func (t *Team) newSwap(a *Shift, now time.Time, requestID string) *swap {
	side := assignment{team: t, now: now, requestType: typeSwap, faults: new([]Fault)}
	s := &swap{team: t, a: a, now: now, earliest: t.earliestStart(now), requestID: requestID, requester: side, owner: side}
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
	builtin(RuleNotStarted, func(s *swap) bool { return s.b.start.After(s.now) }),
	builtin(RuleNotStaged, func(s *swap) bool { return !s.b.staged }),
	builtin(RuleNotice, func(s *swap) bool { return !s.b.start.Before(s.earliest) }),
	builtin(RuleNotTiedUp, func(s *swap) bool { return !s.team.tiedUp(s.b.ID, KindSwapRequest, s.requestID) }),
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
	if s.owner.schedule == nil || s.owner.schedule.user != s.b.owner {
		s.owner.schedule = s.team.schedule(s.b.owner)
	}
	return s.owner.failures(failed, Owner, all)
}

func (s *swap) inWindow() bool {
	return s.window == nil || !s.b.start.Before(s.window.start) && !s.b.start.After(s.window.end)
}

func (s *swap) sameGroup() bool {
	return !s.team.Policy.Swap.SameSchedulingGroup || s.a.group == s.b.group
}

// earliestStart is the first moment at which a shift may start that is swapped
// or taken now; without a notice any is.
func (t *Team) earliestStart(now time.Time) time.Time {
	if notice := t.Policy.Swap.Notice; notice != nil {
		return now.Add(*notice)
	}
	return time.Time{}
}
