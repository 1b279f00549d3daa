package loadtest

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/batch/envelope"
)

const secret = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

func testKey(t *testing.T) *envelope.Key {
	t.Helper()
	key, err := envelope.NewKey(secret)
	require.NoError(t, err)
	return key
}

// An endpoint answers call after call, by the number of the call. It takes the
// place of the network, so that these tests can run in time of their own.
type endpoint struct {
	serve func(ctx context.Context, call int) (status int, body string, err error)

	mu    sync.Mutex
	calls int
}

func (e *endpoint) RoundTrip(request *http.Request) (*http.Response, error) {
	e.mu.Lock()
	call := e.calls
	e.calls++
	e.mu.Unlock()
	status, body, err := e.serve(request.Context(), call)
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(body))}, nil
}

const right = `{"responses":[{"id":"1","status":200,"body":{"data":["SHFT_b","SHFT_a"],"error":null}}]}`

// questions is a source of one call.
type questions struct{ next func() Call }

func (q questions) Next() Call { return q.next() }

func question() Call {
	return Call{Kind: "read", Address: "http://endpoint.example/", Plaintext: []byte(`{}`), Judge: Lists("1", []string{"SHFT_a", "SHFT_b"})}
}

func options(t *testing.T, e *endpoint) Options {
	return Options{Key: testKey(t), Rate: 100, Duration: 2 * time.Second, Connections: 4, Transport: e}
}

func load(t *testing.T, ctx context.Context, e *endpoint, o Options) *Report {
	t.Helper()
	report, err := Run(ctx, questions{question}, o)
	require.NoError(t, err)
	return report
}

// about compares times to the three digits of a histogram.
func about(t *testing.T, want, got time.Duration, what string) {
	t.Helper()
	assert.InDelta(t, want.Seconds(), got.Seconds(), want.Seconds()/1000, what)
}

// A stall of one second delays every call that was due in it, although only
// four of them could be on their way.
func TestStall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		over := make(chan struct{})
		e := &endpoint{serve: func(_ context.Context, call int) (int, string, error) {
			if call == 50 { // due at 0.5 s
				time.AfterFunc(time.Second, func() { close(over) })
			}
			if call >= 50 {
				<-over
			}
			return 200, right, nil
		}}
		report := load(t, t.Context(), e, options(t, e))
		assert.Equal(t, 200, report.Sent)
		assert.Equal(t, 200, report.All.Calls)
		assert.Zero(t, report.All.Wrong)
		assert.Zero(t, report.NotSent)

		// Calls 50 to 149 waited 1,000 ms, 990 ms, ... 10 ms, the others not at all.
		latency := report.All.Latency
		assert.Equal(t, Bucket{time.Microsecond, 100}, report.Spread[0])
		about(t, 800*time.Millisecond, latency.P90, "p90")
		about(t, 980*time.Millisecond, latency.P99, "p99")
		about(t, time.Second, latency.Max, "max")
		assert.Equal(t, 96, report.Queued, "all of them but the four that were on their way")
		assert.Zero(t, report.Lag.Max, "the delay was not this program's")
		assert.InDelta(t, 100, report.Achieved, 1e-6)
		about(t, 1990*time.Millisecond, report.Took, "the last call was due then")
	})
}

// Calls start on time however long the answers take, as long as there are
// connections.
func TestOpenLoop(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var sent []time.Duration
		began := time.Now()
		var mu sync.Mutex
		e := &endpoint{serve: func(context.Context, int) (int, string, error) {
			mu.Lock()
			sent = append(sent, time.Since(began))
			mu.Unlock()
			time.Sleep(35 * time.Millisecond)
			return 200, right, nil
		}}
		report := load(t, t.Context(), e, options(t, e))
		require.Len(t, sent, 200)
		for i, at := range sent {
			assert.Equal(t, time.Duration(i)*10*time.Millisecond, at, "call %d", i)
		}
		about(t, 35*time.Millisecond, report.All.Latency.P50, "p50")
		about(t, 35*time.Millisecond, report.All.Latency.Max, "max")
		assert.Zero(t, report.Queued)
	})
}

// What was due and never sent is not hidden either.
func TestNotSent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := &endpoint{serve: func(ctx context.Context, call int) (int, string, error) {
			<-ctx.Done()
			return 0, "", ctx.Err()
		}}
		o := options(t, e)
		o.Patience = 5 * time.Second
		report := load(t, t.Context(), e, o)
		assert.Equal(t, 200, report.Planned)
		assert.Equal(t, 4, report.Sent)
		assert.Equal(t, 196, report.NotSent)
		assert.Equal(t, map[Reason]int{NoAnswer: 4}, report.All.Reasons)
		about(t, 5*time.Second, report.All.Latency.P50, "a call without an answer has waited, too")
		about(t, 2, time.Duration(report.Achieved), "four in two seconds")
		require.Len(t, report.Examples, maxExamples)
		assert.Equal(t, Example{"read", NoAnswer, "none within 5s", 0}, report.Examples[0])
	})
}

// Whoever ends a run gets a report on what came before; what was on its way
// then is nobody's fault.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 505*time.Millisecond)
		defer cancel()
		e := &endpoint{serve: func(ctx context.Context, call int) (int, string, error) {
			if call < 49 {
				return 200, right, nil
			}
			<-ctx.Done()
			return 0, "", ctx.Err()
		}}
		reasons := make(chan Reason, 200)
		source := questions{func() Call {
			call := question()
			call.Done = func(reason Reason) { reasons <- reason }
			return call
		}}
		report, err := Run(ctx, source, options(t, e))
		require.NoError(t, err)
		assert.Equal(t, 51, report.Sent)
		assert.Equal(t, 49, report.All.Calls)
		assert.Equal(t, 2, report.CutOff)
		assert.Equal(t, 149, report.NotSent)
		assert.Zero(t, report.All.Wrong)
		assert.InDelta(t, 100, report.Achieved, 1)
		close(reasons)
		told := map[Reason]int{}
		for reason := range reasons {
			told[reason]++
		}
		assert.Equal(t, map[Reason]int{"": 49, CutOff: 2}, told)
	})
}

// A generator that is slow itself says so.
func TestLag(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := &endpoint{serve: func(context.Context, int) (int, string, error) { return 200, right, nil }}
		report, err := Run(t.Context(), questions{func() Call {
			time.Sleep(7 * time.Millisecond)
			return question()
		}}, options(t, e))
		require.NoError(t, err)
		about(t, 7*time.Millisecond, report.Lag.P50, "lag")
		about(t, 7*time.Millisecond, report.All.Latency.P50, "which the latencies hold as well")
	})
}

// Every tenth answer is wrong, each call is of one of two kinds.
func TestCounts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := &endpoint{serve: func(_ context.Context, call int) (int, string, error) {
			if call%10 == 9 {
				return 500, "", nil
			}
			return 200, right, nil
		}}
		o := options(t, e)
		o.Connections = 1
		var seen []Progress
		o.Progress = func(p Progress) { seen = append(seen, p) }
		o.Duration = 2005 * time.Millisecond // 201 calls
		calls := 0
		report, err := Run(t.Context(), questions{func() Call {
			call := question()
			call.Kind = []string{"b", "a"}[calls%2]
			calls++
			return call
		}}, o)
		require.NoError(t, err)
		assert.Equal(t, 201, report.All.Calls)
		assert.Equal(t, 20, report.All.Wrong)
		require.Len(t, report.Kinds, 2)
		for i, want := range []Row{{Kind: "a", Calls: 100, Wrong: 20}, {Kind: "b", Calls: 101}} {
			got := report.Kinds[i]
			assert.Equal(t, want, Row{Kind: got.Kind, Calls: got.Calls, Wrong: got.Wrong})
		}
		assert.Equal(t, map[Reason]int{"invalid": 20}, report.Kinds[0].Reasons)
		assert.Len(t, report.Examples, maxExamples)
		require.Len(t, seen, 2, "once a second")
		assert.InDelta(t, 100, seen[0].Done, 1)
		assert.InDelta(t, 200, seen[1].Done, 1)
		assert.Equal(t, 201, seen[1].Planned)
		assert.Equal(t, 20, seen[1].Wrong)
		assert.InDelta(t, 100, seen[1].Rate, 1)
	})
}

// Many connections do not mean much memory.
func TestAnswersAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := &endpoint{serve: func(context.Context, int) (int, string, error) {
			return 200, string(bytes.Repeat([]byte(" "), maxAnswers/MaxConnections+1)), nil
		}}
		o := options(t, e)
		o.Connections, o.Requests = MaxConnections, 1
		report := load(t, t.Context(), e, o)
		assert.Equal(t, map[Reason]int{TooLong: 1}, report.All.Reasons)
	})
}
