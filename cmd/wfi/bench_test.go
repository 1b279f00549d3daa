package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/batch/envelope"
	"example.com/shiftswfi/eligibility"
	"example.com/shiftswfi/eligibility/teamtest"
	"example.com/shiftswfi/handlers"
	"example.com/shiftswfi/store"
	"example.com/shiftswfi/store/redistest"
)

// benchmark is a server on a port, a Redis beside it, and a sealed question
// about one shift.
type benchmark struct {
	store *store.Redis
	redis *redis.Client
	url   string
	body  []byte
	team  *eligibility.Team
	sizes [2]int // of the body and the answer
}

var benchStart = time.Date(2026, 12, 7, 5, 0, 0, 0, time.UTC)

func newBenchmark(b *testing.B, workers int) *benchmark {
	server := redistest.Server(b)
	teams, err := store.Open(store.Config{URL: server.URL(), CacheBytes: 1 << 30})
	require.NoError(b, err)
	b.Cleanup(func() { teams.Close() })
	team, err := eligibility.ParseTeam(teamtest.File(workers, 5, 5, benchStart, 1))
	require.NoError(b, err)
	require.NoError(b, teams.Import(context.Background(), team))
	key, err := envelope.NewKey(demoSecret)
	require.NoError(b, err)
	endpoint := httptest.NewServer(handlers.New(teams, handlers.Config{
		Integrations: []*handlers.Integration{{
			Name: "contoso", Path: "/contoso", APIVersion: 1, Keys: func() []*envelope.Key { return []*envelope.Key{key} },
		}},
		Log: zerolog.Nop(),
		Now: func() time.Time { return benchStart.Add(-12 * time.Hour) },
	}))
	b.Cleanup(endpoint.Close)
	batch := fmt.Sprintf(`{"requests":[{"id":"1","method":"GET","url":"/shifts/%s/requestableShifts?requestType=SwapRequest`+
		`&startTime=2026-12-07T05:00:00.0000000Z&endTime=2027-01-07T04:59:59.9990000Z"}]}`, teamtest.ShiftID(0, 9))
	body, err := envelope.Seal([]byte(batch), key, nil)
	require.NoError(b, err)
	bench := &benchmark{
		store: teams, redis: server.Client(b), body: body, team: team,
		url: endpoint.URL + "/contoso/v1/teams/" + teamtest.ID + "/read",
	}
	answer := bench.read(b)
	var decoded struct {
		Responses []struct {
			Status int
			Body   struct{ Data []string }
		}
	}
	require.NoError(b, json.Unmarshal(answer, &decoded))
	require.NotEmpty(b, decoded.Responses[0].Body.Data, string(answer))
	bench.sizes = [2]int{len(body), len(answer)}
	return bench
}

func (b *benchmark) read(t testing.TB) []byte { return post(t, b.url, b.body) }

func post(t testing.TB, url string, body []byte) []byte {
	response, err := http.Post(url, "application/json", bytes.NewReader(body))
	require.NoError(t, err)
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, response.StatusCode)
	return answer
}

// floor is what no answer can do without: the exchange of a body and an answer
// of the same sizes over HTTP, and one round trip to Redis in between.
func (b *benchmark) floor(t testing.TB) string {
	answer := bytes.Repeat([]byte("x"), b.sizes[1])
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if err := b.redis.HGet(r.Context(), "floor", "version").Err(); err != redis.Nil {
			panic(err)
		}
		_, _ = w.Write(answer)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// BenchmarkRead is a warm /read, from the client's request to its answer, with
// the floor in turn, so that both see the same machine.
func BenchmarkRead(b *testing.B) {
	for _, workers := range []int{20, 200, 2000} {
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) {
			bench := newBenchmark(b, workers)
			bench.alternate(b, func() {})
		})
	}
}

// BenchmarkReadAfterChange is the same just after one shift has changed.
func BenchmarkReadAfterChange(b *testing.B) {
	for _, workers := range []int{20, 200, 2000} {
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) {
			bench := newBenchmark(b, workers)
			// Another process changes the team, so that this one has to follow.
			other, err := store.Open(store.Config{URL: "redis://" + bench.redis.Options().Addr, CacheBytes: 1 << 30})
			require.NoError(b, err)
			defer other.Close()
			shift, ok := bench.team.Entity(eligibility.KindShift, teamtest.ShiftID(1, 3))
			require.True(b, ok)
			bench.alternate(b, func() {
				err := other.Update(context.Background(), teamtest.ID, func(*eligibility.Team) ([]eligibility.Change, []byte, error) {
					return []eligibility.Change{{Entity: shift}}, nil, nil
				})
				require.NoError(b, err)
			})
			require.Zero(b, bench.store.Stats().Loads, "changes are followed, not loaded")
		})
	}
}

// alternate times reads against the floor; before is not timed.
func (b *benchmark) alternate(tb *testing.B, before func()) {
	floorURL := b.floor(tb)
	post(tb, floorURL, b.body)
	tb.ReportAllocs()
	tb.ResetTimer()
	var floor time.Duration
	for range tb.N {
		tb.StopTimer()
		before()
		began := time.Now()
		post(tb, floorURL, b.body)
		floor += time.Since(began)
		tb.StartTimer()
		b.read(tb)
	}
	tb.StopTimer()
	tb.ReportMetric(float64(floor.Nanoseconds())/float64(tb.N), "floor-ns/op")
	tb.ReportMetric(float64(tb.Elapsed())/float64(floor), "x-floor")
}
