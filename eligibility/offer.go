package eligibility

import "time"

// The request types as Shifts writes them, and as custom rules see them.
const (
	typeSwap      = "SwapRequest"
	typeOffer     = "OfferShiftRequest"
	typeOpenShift = "OpenShiftRequest"
)

// A TakeQuestion asks whether a worker may take a shift that is offered to
// them, or an open shift, by a request that may already tie it up.
type TakeQuestion struct {
	ShiftID   string // of a shift or an open shift
	UserID    string
	RequestID string // of the offer that is being decided; "" if none
	Now       time.Time

	open bool // the shift is an open one, whatever else has its id
}

// Take decides whether the worker may take the shift.
func (t *Team) Take(q TakeQuestion) Verdict {
	var verdict Verdict
	taking := taking{
		assignment: assignment{team: t, now: q.Now, schedule: t.schedule(userOf(q.UserID)), faults: &verdict.Faults},
		requestID:  q.RequestID,
	}
	if s := t.Shift(q.ShiftID); s != nil && s.Published() && !q.open {
		taking.received, taking.requestType = s, typeOffer
	} else if o := t.OpenShift(q.ShiftID); o != nil && o.Published() {
		taking.received, taking.requestType, taking.open = o.shift, typeOpenShift, o
	} else {
		return Verdict{Code: ShiftNotFound, Message: Message(ShiftNotFound)}
	}
	verdict.Failed = taking.failures()
	return verdict
}

// A taking is an assignment that is made from an offer or an open shift.
type taking struct {
	assignment
	open      *OpenShift // nil for an offer
	requestID string
}

// takeRules say what the shift has to be, before the assignment rules of the
// worker.
var takeRules = []rule[*taking]{
	builtin(RuleDifferentWorker, func(t *taking) bool { return t.open != nil || t.received.owner != t.schedule.user }),
	builtin(RuleNotStarted, func(t *taking) bool { return t.received.start.After(t.now) }),
	builtin(RuleNotStaged, func(t *taking) bool { return !t.received.staged }),
	builtin(RuleSlotsLeft, func(t *taking) bool { return t.open == nil || t.open.Slots == nil || *t.open.Slots > 0 }),
	builtin(RuleNotice, func(t *taking) bool { return !t.received.start.Before(t.team.earliestStart(t.now)) }),
	builtin(RuleNotTiedUp, func(t *taking) bool {
		return t.open != nil || !t.team.tiedUp(t.received.ID, KindOfferShiftRequest, t.requestID)
	}),
}

func (t *taking) failures() []Failure {
	failed := failures(takeRules, t, nil, NoSide, true)
	return t.assignment.failures(failed, NoSide, true)
}
