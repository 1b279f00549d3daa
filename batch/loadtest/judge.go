package loadtest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"time"

	"example.com/shiftswfi/batch/shifts"
)

// Reason is why an answer is wrong; "" if it is not. Beside those declared here
// it is one of the outcomes of package shifts that was not expected, such as
// "refused" or "unanswered".
type Reason string

// The reasons that are no outcome.
const (
	NoAnswer Reason = "no answer" // the connection failed, or the patience ran out
	TooLong  Reason = "too long"  // more bytes than are read
	Differs  Reason = "differs"   // a list of other ids than expected

	// CutOff is a call that was on its way when the run was ended from
	// outside. It counts neither as right nor as wrong.
	CutOff Reason = "cut off"
)

// Verdict is what a judge makes of an answer. The zero value means that it is
// right.
type Verdict struct {
	Reason Reason

	// Detail says more, in words that hold nothing personal.
	Detail string
}

// A Judge looks at an answer. Several goroutines use it at once.
type Judge func(*shifts.Reply) Verdict

// Lists expects that the item is answered with these ids, in any order.
func Lists(item string, ids []string) Judge {
	want := asSet(ids)
	return func(reply *shifts.Reply) Verdict {
		if outcome := reply.Question(item); outcome != shifts.Listed {
			return verdictOn(outcome, reply, item)
		}
		response, _ := reply.Find(item)
		got, _ := response.IDs()
		if got = asSet(got); !slices.Equal(got, want) {
			return Verdict{Differs, fmt.Sprintf("%d ids where %d were expected, %d of them in common", len(got), len(want), common(got, want))}
		}
		return Verdict{}
	}
}

// Saves expects that the item's change is approved.
func Saves(item string) Judge {
	return func(reply *shifts.Reply) Verdict {
		if outcome := reply.Change(item); outcome != shifts.Saved {
			return verdictOn(outcome, reply, item)
		}
		return Verdict{}
	}
}

// judge is the verdict on what Post returned.
func judge(call Call, reply *shifts.Reply, err error, patience time.Duration) Verdict {
	switch {
	case errors.Is(err, shifts.ErrAnswerTooLong):
		return Verdict{TooLong, fmt.Sprintf("more than %d bytes", len(reply.Body))}
	case errors.Is(err, context.DeadlineExceeded):
		return Verdict{NoAnswer, fmt.Sprintf("none within %v", patience)}
	case err != nil:
		return Verdict{NoAnswer, "the connection failed or was closed"}
	}
	return call.Judge(reply)
}

// identifier is what an error code may be to be shown: nothing that a person
// could have written, and shorter than half a secret.
var identifier = regexp.MustCompile(`^[A-Za-z0-9._-]{1,31}$`)

// verdictOn says what is known of an outcome that is wrong.
func verdictOn(outcome shifts.Outcome, reply *shifts.Reply, item string) Verdict {
	v := Verdict{Reason: Reason(outcome)}
	response, count := reply.Find(item)
	status, isStatus := response.StatusCode()
	code, _ := response.Refusal()
	switch {
	case reply.HTTPStatus != http.StatusOK:
		v.Detail = fmt.Sprintf("HTTP %d", reply.HTTPStatus)
	case reply.Fault != nil:
		v.Detail = "the body " + reply.Fault.Error()
	case count == 0:
		v.Detail = "the item has no answer"
	case outcome == shifts.Unanswered:
		v.Detail = "the answer has no status"
	case !isStatus:
		v.Detail = "the status is not an integer between 100 and 599"
	case outcome == shifts.Unacknowledged:
		v.Detail = "no eTag"
	case outcome == shifts.Invalid:
		v.Detail = "data is not a list of texts"
	case identifier.MatchString(code):
		v.Detail = fmt.Sprintf("status %d, code %s", status, code)
	default:
		v.Detail = fmt.Sprintf("status %d", status)
	}
	return v
}

// asSet sorts a copy and leaves out what is there twice.
func asSet(ids []string) []string { return slices.Compact(slices.Sorted(slices.Values(ids))) }

// common counts what two sets share.
func common(a, b []string) int {
	count := 0
	for _, id := range a {
		if _, ok := slices.BinarySearch(b, id); ok {
			count++
		}
	}
	return count
}
