package handlers

import (
	"errors"
	"net/http"

	"example.com/shiftswfi/batch"
	"example.com/shiftswfi/eligibility"
)

// The codes of items that could not be decided, beside those of eligibility.
const (
	RequestExpired   eligibility.Code = "RequestExpired"   // X-MS-Expires has passed
	TeamNotFound     eligibility.Code = "TeamNotFound"     // unknown, or not the integration's
	StoreUnavailable eligibility.Code = "StoreUnavailable" // the team could not be read in time
	TimedOut         eligibility.Code = "TimedOut"         // the rules took too long
	InternalError    eligibility.Code = "InternalError"
	RefusedReadOnly  eligibility.Code = "ReadOnly" // by the integration's mode
)

// outcomes gives every code its item status and, for the codes of this
// package, the sentence for the worker. Shifts never retries an item, so the
// status is for people: 4xx is final, 5xx may pass.
var outcomes = map[eligibility.Code]outcome{
	eligibility.OK:                   {status: http.StatusOK},
	eligibility.BadRequest:           {status: http.StatusBadRequest},
	eligibility.UnsupportedOperation: {status: http.StatusForbidden},
	eligibility.ShiftNotFound:        {status: http.StatusNotFound},
	eligibility.ShiftAlreadyStarted:  {status: http.StatusForbidden},
	eligibility.ShiftNotAvailable:    {status: http.StatusForbidden},
	eligibility.NoticeTooShort:       {status: http.StatusForbidden},
	eligibility.ShiftInOpenRequest:   {status: http.StatusConflict},
	eligibility.UserNotFound:         {status: http.StatusNotFound},

	eligibility.NoSlotLeft:            {status: http.StatusConflict},
	eligibility.TimeOffReasonNotFound: {status: http.StatusNotFound},
	eligibility.RefusedWithBatch:      {status: http.StatusForbidden},

	RequestExpired:   {http.StatusBadRequest, "This took too long. Please try again."},
	TeamNotFound:     {http.StatusNotFound, "This team is not set up here."},
	StoreUnavailable: {http.StatusServiceUnavailable, "The schedule cannot be reached right now. Please try again later."},
	TimedOut:         {http.StatusServiceUnavailable, "This took too long. Please try again."},
	InternalError:    {http.StatusInternalServerError, "Something went wrong. Please try again later."},
	RefusedReadOnly:  {http.StatusForbidden, "The schedule cannot be changed here."},
}

type outcome struct {
	status  int
	message string
}

const (
	messageNotGet  = "This can only be asked, not changed."
	messageExpires = "The time until which an answer is expected could not be read."
	messageMethod  = "This kind of change is not known."
	messageNoBody  = "This change could not be understood: the body is missing."
	messageNoID    = "This change could not be understood: the id is missing."
)

// Status is the item status that goes with a code. A code that nobody gave one
// is an internal error, never a success.
func Status(code eligibility.Code) int {
	if outcome, ok := outcomes[code]; ok {
		return outcome.status
	}
	return http.StatusInternalServerError
}

// Message is the English sentence for a worker that goes with a code.
func Message(code eligibility.Code) string {
	if message := outcomes[code].message; message != "" {
		return message
	}
	return eligibility.Message(code)
}

// Messages are all the sentences of this package and of eligibility, in no
// order: what the catalogue of a language has to translate.
func Messages() []string {
	all := append(eligibility.Messages(), messageNotGet, messageExpires, messageMethod, messageNoBody, messageNoID,
		string(batch.FaultItem), string(batch.FaultID), string(batch.FaultMethod), string(batch.FaultURL), string(batch.FaultHeaders))
	for _, o := range outcomes {
		if o.message != "" {
			all = append(all, o.message)
		}
	}
	return all
}

// An itemError is why an item is refused.
type itemError struct {
	code    eligibility.Code
	message string           // for the worker; "" for the one that goes with the code
	field   string           // for the %s of the message, if it has one
	rule    eligibility.Rule // that was not met; "" if none
}

func (e itemError) Error() string { return string(e.code) }

// errTeamLate says that a team was still being read when the time was up.
var errTeamLate = errors.New("the team was not read in time")

func isTeamNotFound(err error) bool { return errors.Is(err, eligibility.ErrTeamNotFound) }

// A description is how an error is told to Shifts and its user.
type description struct {
	code           eligibility.Code
	status         int
	message, field string
}

// describe is the one mapping from errors to codes, statuses and sentences.
// Whatever a store says beyond "not found" and "broken" means that it could not
// be asked. A rule that is not met is a refusal for good, of which the code is
// the rule's name.
func describe(err error) description {
	var item itemError
	code := StoreUnavailable
	switch {
	case errors.As(err, &item):
		code = item.code
	case isTeamNotFound(err):
		code = TeamNotFound
	case errors.As(err, new(*eligibility.FieldError)):
		code = InternalError // waiting does not mend what is stored
	}
	d := description{code: code, status: Status(code), message: item.message, field: item.field}
	if _, known := outcomes[code]; !known && item.rule != "" {
		d.status = http.StatusForbidden
	}
	if d.message == "" {
		d.message = Message(code)
	}
	return d
}
