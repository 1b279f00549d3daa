// Package contract holds an endpoint for callbacks of Microsoft Shifts to what
// Shifts expects of it: it plays Shifts, sends sealed batches, and judges the
// answers.
//
// [Run] does so from a test, each check a subtest:
//
//	func TestContract(t *testing.T) {
//		profile, err := contract.ReadProfile("testdata/contract.yaml")
//		...
//		contract.Run(t, server.URL, secret, profile)
//	}
//
// [Certify] gives a [Report] instead, which can be written as text, JSON,
// JUnit XML or a page. What the checks refer to as the contract is CONTRACT.md
// beside this file.
package contract

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"time"

	"example.com/shiftswfi/batch/envelope"
	"example.com/shiftswfi/batch/shifts"
)

// Level says how much a check matters.
type Level string

// The levels, the gravest first.
const (
	Must   Level = "MUST"   // Shifts breaks, or does the wrong thing
	Should Level = "SHOULD" // users are misled, or an attacker is helped
	May    Level = "MAY"    // a courtesy
)

// Check is one thing that an endpoint is held to. Checks are made by this
// package only.
type Check struct {
	ID      string `json:"id"`      // "group.name"; never changes its meaning
	Level   Level  `json:"level"`   //
	Title   string `json:"title"`   // what holds when it passes: "Every item is answered"
	Sends   string `json:"sends"`   // what the endpoint gets, in words
	Why     string `json:"why"`     // what Shifts does, or a user sees, where it fails
	Mend    string `json:"mend"`    // what to change then
	Section string `json:"section"` // of CONTRACT.md: "3.2"

	needs []need
	run   func(*probe)
}

// Group is the part of the id before the point.
func (c Check) Group() string {
	group, _, _ := strings.Cut(c.ID, ".")
	return group
}

// Checks lists all checks in the order in which they run.
func Checks() []Check {
	return slices.Concat(connectChecks, envelopeChecks, batchChecks, readChecks, updateChecks(), retryChecks, timeChecks, tlsChecks, hygieneChecks)
}

// Options steer a run. The zero value runs everything.
type Options struct {
	// Only names the checks to run, by id or group. Empty: all.
	Only []string

	// Patience is how long one answer may take; 0 stands for
	// [shifts.DefaultPatience]. Bound the whole run by the context.
	Patience time.Duration

	// Transport is nil for one of its own, which takes any certificate: what
	// is wrong with it is a finding, not the end of the run.
	Transport http.RoundTripper

	// Progress, if set, is called before each check and once at the end, when
	// next is the zero Check.
	Progress func(done, total int, next Check)
}

// ErrUnknownCheck means that [Options.Only] names neither a check nor a group.
var ErrUnknownCheck = errors.New("there is no such check")

// Certify runs the checks, one after the other, against the endpoint that is
// registered with url, and the secret of 64 characters. It fails only where
// nothing could be checked at all: the secret or the profile is broken, or
// Options.Only names nothing. When ctx ends, the checks that are left count as
// not run.
func Certify(ctx context.Context, url, secret string, profile Profile, options Options) (*Report, error) {
	s, err := newSuite(url, secret, profile, options)
	if err != nil {
		return nil, err
	}
	checks, err := chosen(Checks(), options.Only)
	if err != nil {
		return nil, err
	}
	checks = slices.DeleteFunc(checks, func(c Check) bool { return c.Group() == "tls" && !s.isHTTPS() })
	progress := options.Progress
	if progress == nil {
		progress = func(int, int, Check) {}
	}
	if s.reach(ctx); len(options.Only) > 0 {
		s.closed = "" // who names a check wants to see it made
	}
	report := &Report{Endpoint: s.endpoint.URL, Team: s.profile.Team, Began: time.Now().UTC().Truncate(time.Second)}
	began := time.Now()
	for i, check := range checks {
		progress(i, len(checks), check)
		report.Results = append(report.Results, s.perform(ctx, check))
	}
	progress(len(checks), len(checks), Check{})
	report.Took = time.Since(began)
	return report, nil
}

// chosen keeps the checks that only names.
func chosen(checks []Check, only []string) ([]Check, error) {
	for _, name := range only {
		if !slices.ContainsFunc(checks, func(c Check) bool { return c.ID == name || c.Group() == name }) {
			return nil, fmt.Errorf("%w: %s", ErrUnknownCheck, name)
		}
	}
	if len(only) == 0 {
		return checks, nil
	}
	return slices.DeleteFunc(checks, func(c Check) bool {
		return !slices.Contains(only, c.ID) && !slices.Contains(only, c.Group())
	}), nil
}

// A suite is one run: the endpoint, what is known of it, and what has been
// learnt so far.
type suite struct {
	endpoint shifts.Endpoint
	key      *envelope.Key
	secret   string
	profile  Profile
	caller   shifts.Caller
	outage   func(ctx context.Context, command []string) error

	slowest    time.Duration // answer so far
	slowestAt  string        // its check
	unanswered int           // calls in a row
	endless    int           // calls of all that took all our patience, or more bytes than we read
	leaks      []leak        // answers that said what they must not
	firstDay   int           // of the roster, from which days are taken
	days       int           // of the roster that are taken

	first       *rawExchange // the call to /connect that began the run
	unreachable string       // why nothing can be checked; "" if it can
	closed      string       // why nothing beyond connect.accepted can be checked; "" if it can
}

// patienceInARow is how many calls in a row may stay without an answer before
// the rest of the checks is given up: an endpoint that hangs would cost half a
// minute each.
const patienceInARow = 3

// patienceInAll is the same for calls that were endless, with others between
// them that were answered.
const patienceInAll = 10

func newSuite(url, secret string, profile Profile, options Options) (*suite, error) {
	key, err := envelope.NewKey(secret)
	if err != nil {
		return nil, err
	}
	if profile, err = profile.checked(); err != nil {
		return nil, err
	}
	if err := checkURL(url); err != nil {
		return nil, err
	}
	transport := options.Transport
	if transport == nil {
		transport = newTransport()
	}
	return &suite{
		endpoint: shifts.Endpoint{URL: url, APIVersion: profile.APIVersion},
		key:      key, secret: secret, profile: profile, outage: runCommand,
		firstDay: rand.IntN(profile.Roster.Days/2) * 2,
		caller:   shifts.Caller{Transport: transport, Patience: cmp.Or(options.Patience, shifts.DefaultPatience)},
	}, nil
}

func (s *suite) isHTTPS() bool { return strings.HasPrefix(strings.ToLower(s.endpoint.URL), "https:") }

// now is the moment that the endpoint takes for now.
func (s *suite) now() time.Time {
	if !s.profile.now.IsZero() {
		return s.profile.now
	}
	return time.Now()
}

// perform runs one check.
func (s *suite) perform(ctx context.Context, check Check) (result Result) {
	result = Result{Check: check, Status: Passed}
	switch {
	case ctx.Err() != nil:
		result.Status, result.Message = NotRun, interrupted(ctx)
		return result
	case s.unreachable != "":
		result.Status, result.Message = NotRun, s.unreachable
		return result
	case s.closed != "" && check.ID != checkAccepted:
		result.Status, result.Message = NotRun, s.closed
		return result
	case s.unanswered >= patienceInARow:
		result.Status, result.Message = NotRun, fmt.Sprintf("The endpoint left %d calls in a row without an answer.", s.unanswered)
		return result
	case s.endless >= patienceInAll:
		result.Status, result.Message = NotRun, fmt.Sprintf("The endpoint let %d calls wait in vain, or sent them answers without an end.", s.endless)
		return result
	}
	for _, need := range check.needs {
		if lack := need(s.profile); lack != "" {
			result.Status, result.Message = Skipped, lack
			return result
		}
	}
	p := &probe{ctx: ctx, suite: s, check: check}
	began := time.Now()
	end := p.perform()
	p.cleanUp()
	result.Took = time.Since(began)
	if end != nil {
		result.Status, result.Message = end.status, end.message
		if end.unanswered {
			result.Why = "Shifts calls again, several times, and then tells its user that the integration responded with invalid data."
			result.Mend = "Look into the log of the endpoint, and of what stands before it, for what ended this call: every call needs an answer, also one that is refused."
		}
	}
	if result.Status == Failed {
		result.Exchanges = p.exchanges()
	}
	if ctx.Err() != nil && result.Status == Failed {
		result.Status, result.Message, result.Exchanges = NotRun, interrupted(ctx), nil
	}
	return result
}
