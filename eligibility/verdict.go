package eligibility

import (
	"errors"
	"strings"
)

// ErrTeamNotFound says that no team of that id is known.
var ErrTeamNotFound = errors.New("team not found")

// A Code names the outcome of a question that could not be answered with a
// list, or of a request that is refused outright. The empty Code is success.
// Callers give every code a status of their protocol; Codes lists them all.
type Code string

// The codes that questions of this package are answered with.
const (
	OK                   Code = ""
	BadRequest           Code = "BadRequest"           // the window cannot be read or is reversed
	UnsupportedOperation Code = "UnsupportedOperation" // a request type that is not decided here
	ShiftNotFound        Code = "ShiftNotFound"        // unknown or not published
	ShiftAlreadyStarted  Code = "ShiftAlreadyStarted"
	ShiftNotAvailable    Code = "ShiftNotAvailable" // staged for deletion
	NoticeTooShort       Code = "NoticeTooShort"
	ShiftInOpenRequest   Code = "ShiftInOpenRequest"
	UserNotFound         Code = "UserNotFound"

	NoSlotLeft            Code = "NoSlotLeft"            // the open shift is full
	TimeOffReasonNotFound Code = "TimeOffReasonNotFound" // unknown or inactive
	RefusedWithBatch      Code = "RefusedWithBatch"      // because of another item
)

// Codes lists every code but OK.
var Codes = []Code{
	BadRequest, UnsupportedOperation, ShiftNotFound, ShiftAlreadyStarted, ShiftNotAvailable,
	NoticeTooShort, ShiftInOpenRequest, UserNotFound, NoSlotLeft, TimeOffReasonNotFound, RefusedWithBatch,
}

// A Rule is the id of a rule: one of those below, or that of a custom rule.
type Rule string

// The built-in rules.
const (
	RuleDifferentWorker    Rule = "different-worker"
	RuleWindow             Rule = "window"
	RuleNotStarted         Rule = "not-started"
	RuleNotStaged          Rule = "not-staged"
	RuleSlotsLeft          Rule = "slots-left"
	RuleNotice             Rule = "notice"
	RuleNotTiedUp          Rule = "not-tied-up"
	RuleSameGroup          Rule = "same-group"
	RuleEmployed           Rule = "employed"
	RuleMember             Rule = "member"
	RuleQualified          Rule = "qualified"
	RuleNoOverlap          Rule = "no-overlap"
	RuleNoTimeOff          Rule = "no-time-off"
	RuleMinimumRest        Rule = "minimum-rest"
	RuleMaxDailyHours      Rule = "max-daily-hours"
	RuleMaxWeeklyHours     Rule = "max-weekly-hours"
	RuleMaxConsecutiveDays Rule = "max-consecutive-days"
	RuleMinorHours         Rule = "minor-hours"
	RuleTenure             Rule = "tenure"
	RuleBalance            Rule = "balance"
)

// Rules lists the built-in rules.
var Rules = []Rule{
	RuleDifferentWorker, RuleWindow, RuleNotStarted, RuleNotStaged, RuleSlotsLeft, RuleNotice,
	RuleNotTiedUp, RuleSameGroup, RuleEmployed, RuleMember, RuleQualified, RuleNoOverlap,
	RuleNoTimeOff, RuleMinimumRest, RuleMaxDailyHours, RuleMaxWeeklyHours,
	RuleMaxConsecutiveDays, RuleMinorHours, RuleTenure, RuleBalance,
}

func builtIn(id Rule) bool {
	for _, rule := range Rules {
		if rule == id {
			return true
		}
	}
	return false
}

// Code is what a refusal by the rule is called: the id in PascalCase, that of a
// custom rule as it stands.
func (r Rule) Code() Code {
	switch {
	case r == RuleSlotsLeft:
		return NoSlotLeft
	case !builtIn(r):
		return Code(r)
	}
	var code strings.Builder
	for _, word := range strings.Split(string(r), "-") {
		code.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return Code(code.String())
}

// A Side tells whose schedule an assignment rule of a swap looked at.
type Side string

// The sides of a swap. Rules that look at no schedule, and all rules of other
// questions, have no side.
const (
	NoSide    Side = ""
	Requester Side = "requester" // the worker who asks
	Owner     Side = "owner"     // the worker whose shift is asked for
)

// A Failure is a rule that was not met.
type Failure struct {
	Rule    Rule
	Side    Side
	Message string // a plain English sentence for the worker
}

// A Candidate is a shift or time-off reason that was considered.
type Candidate struct {
	ID     string
	Failed []Failure // in the order of the rules; empty if eligible
}

// An Answer is what a question for a list comes to: either a Code, or the IDs.
type Answer struct {
	Code    Code
	Message string // a plain English sentence for the worker unless Code is OK
	// IDs are the eligible ones: shifts ordered by start, then id; time-off
	// reasons by id. Never nil when Code is OK, nil otherwise.
	IDs []string
	// Considered counts the candidates that were looked at.
	Considered int
	// Candidates are filled in by explanations only: all that could have been
	// in the answer, in the order of IDs.
	Candidates []Candidate
	Faults     []Fault
}

// A Verdict is what a question about one change comes to: either a Code, or
// whether it is allowed and, if not, why not.
type Verdict struct {
	Code    Code
	Message string    // a plain English sentence for the worker unless Code is OK
	Failed  []Failure // in the order of the rules; empty if allowed
	Faults  []Fault
}

func refuse(code Code) Answer { return Answer{Code: code, Message: Message(code)} }

// Eligible reports whether the change is allowed.
func (v Verdict) Eligible() bool { return v.Code == OK && len(v.Failed) == 0 }

// A Fault is a custom rule that could not be evaluated, which counts as not
// met. Callers log it: the rule's author is not the one who sees the answer.
type Fault struct {
	Rule  Rule
	Shift string // id of the shift that was to be received
	Err   error
}

// maxFaults bounds how many faults one answer carries: an expression that
// fails for one candidate usually fails for all.
const maxFaults = 8
