package main

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/store/redistest"
)

// While Redis is down, every item is answered that the schedule cannot be
// reached; when it is back, so are the answers. The process lives through it.
func TestRedisOutage(t *testing.T) {
	t.Parallel()
	type outage struct {
		url        string
		begin, end func()
	}
	for name, prepare := range map[string]func(t *testing.T) outage{
		"killed and restarted": func(t *testing.T) outage {
			redis := redistest.Server(t)
			return outage{redis.URL(), func() { redis.Kill(t) }, func() { redis.Restart(t) }}
		},
		"paused and resumed": func(t *testing.T) outage {
			redis := redistest.Server(t)
			return outage{redis.URL(), func() { redis.Pause(t) }, func() { redis.Resume(t) }}
		},
		"cluster killed and restarted": func(t *testing.T) outage {
			nodes := redistest.Cluster(t)
			return outage{nodes.URL(), each(t, nodes, (*redistest.Instance).Kill), each(t, nodes, (*redistest.Instance).Restart)}
		},
		"cluster paused and resumed": func(t *testing.T) outage {
			nodes := redistest.Cluster(t)
			return outage{nodes.URL(), each(t, nodes, (*redistest.Instance).Pause), each(t, nodes, (*redistest.Instance).Resume)}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			outage := prepare(t)
			s := serve(t, settings("deadline: 1s\nredis: "+outage.url+contoso), "--load", teamFile)
			whole := s.read(swapURL(adeleShift), reasonsURL("4fbc12d7-1234-46ef-8a90-bc123d45678f"))
			require.Len(t, whole[0].Body.Data, 5)
			require.Len(t, whole[1].Body.Data, 3)

			readers := readOn(s, whole)
			readers.await(http.StatusOK)
			outage.begin()
			readers.await(http.StatusServiceUnavailable)
			s.awaitReady(http.StatusServiceUnavailable)
			// None of the answers before this one could be of before the outage.
			for _, answer := range s.read(swapURL(adeleShift), swapURL("none"), reasonsURL("nobody")) {
				assert.Equal(t, 503, answer.Status)
				assert.Equal(t, "StoreUnavailable", answer.code())
				assert.NotEmpty(t, answer.Body.Error.Message)
				assert.Nil(t, answer.Body.Data)
			}
			outage.end()
			s.awaitReady(http.StatusOK)
			readers.await(http.StatusOK)
			readers.stop()

			assert.Equal(t, whole, s.read(swapURL(adeleShift), reasonsURL("4fbc12d7-1234-46ef-8a90-bc123d45678f")))
			assert.NotContains(t, s.metrics(), "wfi_redis_errors_total 0")
			for _, line := range s.lined() {
				if line["message"] == "callback" {
					assert.Equal(t, 200.0, line["status"])
				}
			}
		})
	}
}

// each does something to every node.
func each(t *testing.T, nodes redistest.Nodes, do func(*redistest.Instance, testing.TB)) func() {
	return func() {
		for _, node := range nodes {
			do(node, t)
		}
	}
}

// readers ask the same all the time, each waiting for one answer before it
// asks again.
type readers struct {
	s       *server
	whole   []answered
	seen    chan int // item statuses
	done    chan struct{}
	running sync.WaitGroup
	stopped sync.Once
}

// readOn starts readers that accept the whole answer or an outage, and nothing
// else; besides they ask whether the process is alive, which it always is.
func readOn(s *server, whole []answered) *readers {
	r := &readers{s: s, whole: whole, seen: make(chan int), done: make(chan struct{})}
	for range 4 {
		r.running.Go(r.run)
	}
	s.t.Cleanup(r.stop)
	return r
}

func (r *readers) run() {
	urls := []string{r.whole[0].ID, r.whole[1].ID}
	body := seal(r.s.t, testSecret, batchOf(urls...))
	for {
		began := time.Now()
		status, text := r.s.post(readPath, body)
		// The deadline is 1 s, and the default ten times as long.
		ok := assert.Less(r.s.t, time.Since(began), 8*time.Second, "an answer within the deadline")
		ok = assert.Equal(r.s.t, http.StatusOK, status, text) && ok
		items := answersIn(r.s.t, text, len(urls))
		for i, item := range items {
			if item.Status == http.StatusOK {
				ok = assert.Equal(r.s.t, r.whole[i], item) && ok
				continue
			}
			ok = assert.Equal(r.s.t, 503, item.Status) && assert.Equal(r.s.t, "StoreUnavailable", item.code()) &&
				assert.Nil(r.s.t, item.Body.Data) && ok
		}
		alive, _ := r.s.ask("/healthz")
		if !assert.Equal(r.s.t, http.StatusOK, alive) || !ok {
			return
		}
		select {
		case r.seen <- items[0].Status:
		case <-r.done:
			return
		}
	}
}

// await returns when a reader has got this status.
func (r *readers) await(status int) {
	r.s.t.Helper()
	for timeout := time.After(30 * time.Second); ; {
		select {
		case seen := <-r.seen:
			if seen == status {
				return
			}
		case <-timeout:
			require.FailNow(r.s.t, "no reader gets what it should", "status %d", status)
		}
	}
}

func (r *readers) stop() {
	r.stopped.Do(func() { close(r.done) })
	r.running.Wait()
}

// awaitReady asks until the process says that it is ready, or that it is not.
func (s *server) awaitReady(status int) {
	s.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; {
		got, text := s.ask("/readyz")
		if got == status {
			return
		}
		if time.Now().After(deadline) {
			require.FailNow(s.t, "/readyz does not change", "it says %d: %s", got, text)
		}
		time.Sleep(5 * time.Millisecond) // there is no event to await
	}
}

// A server starts while Redis is down, and serves once it is there.
func TestServeBeforeRedis(t *testing.T) {
	t.Parallel()
	redis := redistest.Server(t)
	code, _, stderr := wfi(t, "load", "--redis", redis.URL(), teamFile)
	require.Zero(t, code, stderr)
	redis.Kill(t)
	s := serve(t, settings("redis: "+redis.URL()+contoso))
	s.awaitReady(http.StatusServiceUnavailable)
	assert.Equal(t, "StoreUnavailable", s.read(swapURL(adeleShift))[0].code())
	redis.Restart(t)
	s.awaitReady(http.StatusOK)
	assert.Len(t, s.read(swapURL(adeleShift))[0].Body.Data, 5)
}
