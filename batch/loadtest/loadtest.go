// Package loadtest calls an endpoint at a fixed rate, whatever the endpoint
// does, and tells how long callers waited and how many answers were wrong.
//
// The load is open: call number i is due at i/rate after the beginning, and
// its wait counts from that instant, not from the one at which it was sent. An
// endpoint that stalls for a second thus shows in every call that was due in
// that second, not only in the few that were on their way (which is known as
// coordinated omission).
package loadtest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"sync"
	"time"

	"example.com/shiftswfi/batch/envelope"
	"example.com/shiftswfi/batch/shifts"
)

// The bounds of a run.
const (
	MaxRate        = 10_000 // calls a second
	MaxDuration    = 10 * time.Minute
	MaxRequests    = 1_000_000
	MaxConnections = 1024
	MaxPatience    = 5 * time.Minute

	// maxAnswers bounds the memory for all answers that are read at once.
	maxAnswers = 256 << 20
)

// A BoundsError is about one of the [Options] that is out of bounds.
type BoundsError struct {
	Option   string // in lower case
	Expected string
}

func (e *BoundsError) Error() string { return e.Option + ": expected " + e.Expected }

// A Call is one callback.
type Call struct {
	Kind      string // names a row of the report
	Address   string
	Header    http.Header // beside what Shifts sends; may be nil
	Plaintext []byte      // is sealed at the moment it is due

	// Judge says what is wrong with a complete answer.
	Judge Judge

	// Done, if set, is called once after the answer was judged, or was given
	// up: the reason is then NoAnswer or CutOff.
	Done func(Reason)
}

// A Source makes the calls.
type Source interface {
	// Next makes a call at the moment at which it is sent. Several goroutines
	// use it at once.
	Next() Call
}

// Options say how much to send. What has no default must be set.
type Options struct {
	Key         *envelope.Key
	Rate        float64       // calls a second, at most MaxRate
	Duration    time.Duration // after which nothing is sent any more, at most MaxDuration
	Requests    int           // ends the run earlier, at most MaxRequests; 0: Rate and Duration decide
	Connections int           // calls on their way at once, at most MaxConnections
	Patience    time.Duration // for one answer; 0: [shifts.DefaultPatience]
	Transport   http.RoundTripper

	// Progress, if set, is called about once a second while the run lasts,
	// never twice at once.
	Progress func(Progress)
}

// Progress is how far a run has come.
type Progress struct {
	Done, Planned int // calls
	Wrong         int
	Rate          float64       // answers a second so far
	P50           time.Duration // of all calls so far
}

// Check names the first option that is out of bounds; the error is a
// [*BoundsError].
func (o Options) Check() error {
	expected := func(option, format string, args ...any) error {
		return &BoundsError{option, fmt.Sprintf(format, args...)}
	}
	switch {
	case !(o.Rate > 0 && o.Rate <= MaxRate): // also not a number
		return expected("rate", "more than 0 and at most %d calls a second", MaxRate)
	case o.Duration <= 0 || o.Duration > MaxDuration:
		return expected("duration", "more than 0s and at most %v", MaxDuration)
	case o.Requests < 0 || o.Requests > MaxRequests:
		return expected("requests", "1 to %d", MaxRequests)
	case o.Connections < 1 || o.Connections > MaxConnections:
		return expected("connections", "1 to %d", MaxConnections)
	case o.Patience < 0 || o.Patience > MaxPatience:
		return expected("patience", "more than 0s and at most %v", MaxPatience)
	case o.planned() > MaxRequests:
		return expected("requests", "at most %d, and %g calls a second for %v are %d", MaxRequests, o.Rate, o.Duration, o.planned())
	}
	return nil
}

// planned is the number of calls that are due within the duration.
func (o Options) planned() int {
	const rounding = 1e-6 // 0.1 calls a second are one in 10s, not two
	planned := max(1, int(math.Ceil(o.Rate*o.Duration.Seconds()-rounding)))
	if o.Requests > 0 {
		planned = min(planned, o.Requests)
	}
	return planned
}

// Run sends the calls of a source and reports on the answers. Calls that are
// due while all connections are busy are sent as soon as one is free, and not
// at all once the duration is over. When ctx ends, what is on its way is cut
// off, and the report is on what came before. The only errors are those of
// [Options.Check] and of sealing.
func Run(ctx context.Context, source Source, options Options) (*Report, error) {
	if err := options.Check(); err != nil {
		return nil, err
	}
	if options.Patience == 0 {
		options.Patience = shifts.DefaultPatience
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	r := &run{
		Options: options, ctx: ctx, stop: stop, source: source, planned: options.planned(),
		caller: shifts.Caller{
			Transport: options.Transport, Patience: options.Patience,
			MaxAnswer: min(shifts.DefaultMaxAnswer, maxAnswers/int64(options.Connections)),
		},
		began: time.Now(),
	}
	r.results = newResults(options.Duration + options.Patience)
	over := make(chan struct{})
	var watching, working sync.WaitGroup
	if options.Progress != nil {
		watching.Go(func() { r.watch(over) })
	}
	for range min(options.Connections, r.planned) {
		working.Go(r.work)
	}
	working.Wait()
	close(over)
	watching.Wait()
	if broken := new(sealError); errors.As(context.Cause(ctx), &broken) {
		return nil, broken.error
	}
	return r.report(), nil
}

// sealError ends a run whose calls cannot be sealed.
type sealError struct{ error }

// A run is the state of one Run.
type run struct {
	Options
	ctx     context.Context
	stop    context.CancelCauseFunc
	source  Source
	planned int
	caller  shifts.Caller
	began   time.Time

	mu       sync.Mutex
	taken    int // calls that a worker waits to send or has sent
	lastSent time.Time
	results
}

// work sends one call after the other. The workers together are the queue: a
// call that is due while all of them are busy is taken by the first that is
// free, late.
func (r *run) work() {
	for first := true; ; first = false {
		due, ok := r.take()
		if !ok {
			return
		}
		idle := first || !time.Now().After(due)
		if idle && !r.wait(due) {
			return
		}
		// One that had to wake up for its call sends it even if it woke late.
		if !idle && time.Since(r.began) >= r.Duration || r.ctx.Err() != nil {
			return
		}
		r.send(due, idle)
	}
}

// take gives the instant at which the next call is due.
func (r *run) take() (due time.Time, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.taken == r.planned {
		return due, false
	}
	due = r.began.Add(time.Duration(float64(r.taken) / r.Rate * float64(time.Second)))
	r.taken++
	return due, true
}

// wait returns false if the run ended before.
func (r *run) wait(until time.Time) bool {
	timer := time.NewTimer(time.Until(until))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.ctx.Done():
		return false
	}
}

// send makes a call and counts what comes of it. idle says that a worker was
// there to send it in time: what it is late nevertheless is this program's
// fault.
func (r *run) send(due time.Time, idle bool) {
	call := r.source.Next()
	body, err := envelope.Seal(call.Plaintext, r.Key, nil)
	if err != nil {
		r.stop(&sealError{err})
		return
	}
	sent := time.Now()
	reply, err := r.caller.Post(r.ctx, call.Address, call.Header, body)
	waited := time.Since(due)
	verdict := judge(call, reply, err, r.Patience)
	if err != nil && r.ctx.Err() != nil {
		verdict = Verdict{Reason: CutOff}
	}
	r.mu.Lock()
	r.sent++
	if sent.After(r.lastSent) {
		r.lastSent = sent
	}
	if idle {
		r.lag.record(sent.Sub(due))
	} else {
		r.queued++
	}
	r.count(call.Kind, verdict, waited, due.Sub(r.began))
	r.mu.Unlock()
	if call.Done != nil {
		call.Done(verdict.Reason)
	}
}

// watch reports progress until the run is over.
func (r *run) watch(over <-chan struct{}) {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-over:
			return
		case <-ticker.C:
			r.Progress(r.progress())
		}
	}
}

func (r *run) progress() Progress {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := r.total()
	return Progress{
		Done: all.calls, Planned: r.planned, Wrong: all.wrong,
		Rate: float64(r.sent) / time.Since(r.began).Seconds(), P50: all.latency.at(50),
	}
}
