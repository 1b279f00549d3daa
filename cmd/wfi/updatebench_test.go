package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/batch/envelope"
	"example.com/shiftswfi/eligibility"
	"example.com/shiftswfi/eligibility/teamtest"
	"example.com/shiftswfi/handlers"
	"example.com/shiftswfi/store"
	"example.com/shiftswfi/store/redistest"
)

// updateCallers is how many changes are under way at the same time.
const updateCallers = 16

// BenchmarkUpdate is how many changes of one shift are decided and stored in a
// second, by one process or by several on one Redis, beside what redis-benchmark
// gets of the same Redis: plain SETs of as many bytes, and a script that does one.
// All of them wait for the disk (appendfsync always).
func BenchmarkUpdate(b *testing.B) {
	for _, teams := range []int{1, 100} {
		for _, processes := range []int{1, 4} {
			b.Run(fmt.Sprintf("teams=%d/processes=%d", teams, processes), func(b *testing.B) {
				redis := redistest.Server(b)
				var all []*updated
				for range processes {
					all = append(all, newUpdated(b, redis))
				}
				ids := importTeams(b, all[0], teams)
				for _, p := range all {
					p.warm(b, ids)
				}
				perSecond := changeAll(b, all, ids)
				loads := int64(0)
				for _, p := range all {
					loads += p.store.Stats().Loads - p.loads
				}
				set, script := redisFloors(b, redis, updateCallers)
				_, serial := redisFloors(b, redis, 1)
				b.ReportMetric(perSecond, "changes/s")
				b.ReportMetric(set, "SET/s")
				b.ReportMetric(script, "EVAL/s")
				b.ReportMetric(serial, "EVAL/s-serial") // changes of one team wait for each other's disk write
				b.ReportMetric(script/perSecond, "x-floor")
				b.ReportMetric(float64(loads), "loads")
			})
		}
	}
}

// BenchmarkUpdateLargeTeam is a change of one shift of a team of 2,000 workers
// and 50,000 shifts, and then a read by three other processes, none of which
// loads the team again.
func BenchmarkUpdateLargeTeam(b *testing.B) {
	redis := redistest.Server(b)
	writer := newUpdated(b, redis)
	team, err := eligibility.ParseTeam(teamtest.File(2000, 5, 5, benchStart, 1))
	require.NoError(b, err)
	require.NoError(b, writer.store.Import(context.Background(), team))
	followers := []*updated{newUpdated(b, redis), newUpdated(b, redis), newUpdated(b, redis)}
	for _, p := range followers {
		p.warm(b, []string{teamtest.ID})
	}
	bodies := writer.bodies(b, team, 0)
	change := func(n int) { writer.change(b, teamtest.ID, bodies[n%len(bodies)]) }
	change(0) // which brings the script to Redis
	in, out := traffic(b, redis)
	b.ReportAllocs()
	b.ResetTimer()
	var following time.Duration
	for n := range b.N {
		change(n)
		b.StopTimer()
		began := time.Now()
		for _, p := range followers {
			_, err := p.store.Team(context.Background(), teamtest.ID)
			require.NoError(b, err)
		}
		following += time.Since(began)
		b.StartTimer()
	}
	b.StopTimer()
	inAfter, outAfter := traffic(b, redis)
	b.ReportMetric(float64(inAfter-in)/float64(b.N), "redis-in-B/op")
	b.ReportMetric(float64(outAfter-out)/float64(b.N), "redis-out-B/op")
	b.ReportMetric(float64(following.Nanoseconds())/float64(3*b.N), "follow-ns/op")
	for _, p := range followers {
		require.Equal(b, p.loads, p.store.Stats().Loads, "changes are followed, not loaded")
	}
	require.Zero(b, writer.store.Stats().Loads)
}

// updated is a process that is sent changes: a store and a server of its own.
type updated struct {
	store *store.Redis
	url   string
	key   *envelope.Key
	loads int64 // of the teams, before anything changes
}

func newUpdated(b *testing.B, redis *redistest.Instance) *updated {
	teams, err := store.Open(store.Config{URL: redis.URL(), CacheBytes: 1 << 30})
	require.NoError(b, err)
	b.Cleanup(func() { teams.Close() })
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
	http.DefaultTransport.(*http.Transport).MaxIdleConnsPerHost = updateCallers
	return &updated{store: teams, url: endpoint.URL, key: key}
}

// importTeams stores teams of 200 workers with five shifts each.
func importTeams(b *testing.B, p *updated, count int) (ids []string) {
	document := string(teamtest.File(200, 5, 1, benchStart, 1))
	for n := range count {
		id := fmt.Sprintf("%08d%s", n, teamtest.ID[8:])
		team, err := eligibility.ParseTeam([]byte(strings.Replace(document, teamtest.ID, id, 1)))
		require.NoError(b, err)
		require.NoError(b, p.store.Import(context.Background(), team))
		ids = append(ids, id)
	}
	return ids
}

func (p *updated) warm(b *testing.B, ids []string) {
	for _, id := range ids {
		_, err := p.store.Team(context.Background(), id)
		require.NoError(b, err)
	}
	p.loads = p.store.Stats().Loads
}

// bodies are changes of a worker's first shift, each of which says something
// else in its notes.
func (p *updated) bodies(b *testing.B, team *eligibility.Team, worker int) (bodies [][]byte) {
	shift, ok := team.Entity(eligibility.KindShift, teamtest.ShiftID(worker, 0))
	require.True(b, ok)
	for n := range 8 {
		text := strings.Replace(string(shift.JSON), `"notes":null`, fmt.Sprintf(`"notes":"note %d"`, n), 1)
		body, err := envelope.Seal(fmt.Appendf(nil, `{"requests":[{"id":"1","method":"PUT","url":"/shifts/%s","body":%s}]}`,
			shift.ID, text), p.key, nil)
		require.NoError(b, err)
		bodies = append(bodies, body)
	}
	return bodies
}

func (p *updated) change(b *testing.B, id string, body []byte) {
	answer := post(b, p.url+"/contoso/v1/teams/"+id+"/update", body)
	require.Contains(b, string(answer), `"status":200`)
}

// changeAll has callers make b.N changes, each of a shift of its own, of all
// teams and by all processes in turn. It gives the changes per second.
func changeAll(b *testing.B, processes []*updated, ids []string) float64 {
	team, err := processes[0].store.Team(context.Background(), ids[0])
	require.NoError(b, err)
	var bodies [updateCallers][][]byte
	for n := range bodies {
		bodies[n] = processes[0].bodies(b, team, n)
	}
	var next atomic.Int64
	var callers sync.WaitGroup
	b.ResetTimer()
	for caller := range updateCallers {
		callers.Go(func() {
			for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
				p := processes[(int(n)+caller)%len(processes)]
				p.change(b, ids[int(n)%len(ids)], bodies[caller][int(n)%len(bodies[caller])])
			}
		})
	}
	callers.Wait()
	b.StopTimer()
	return float64(b.N) / b.Elapsed().Seconds()
}

// redisFloors are what redis-benchmark gets with so many callers, in requests
// per second.
func redisFloors(b *testing.B, redis *redistest.Instance, callers int) (set, script float64) {
	value := strings.Repeat("x", 1000) // about a shift
	return redisBenchmark(b, redis, callers, "SET", "floor", value),
		redisBenchmark(b, redis, callers, "EVAL", "return redis.call('SET', KEYS[1], ARGV[1])", "1", "floor", value)
}

func redisBenchmark(b *testing.B, redis *redistest.Instance, callers int, command ...string) float64 {
	binary, err := exec.LookPath("redis-benchmark")
	require.NoError(b, err, "it comes with redis-server or redis-tools")
	_, port, _ := net.SplitHostPort(redis.Addr)
	args := append([]string{"-p", port, "-c", strconv.Itoa(callers), "-n", "5000", "--csv"}, command...)
	output, err := exec.Command(binary, args...).Output()
	require.NoError(b, err)
	lines := strings.Split(strings.TrimSpace(string(output)), "\n")
	fields := strings.Split(lines[len(lines)-1], `","`) // the first is the command itself
	require.Greater(b, len(fields), 7, string(output))
	perSecond, err := strconv.ParseFloat(fields[len(fields)-7], 64)
	require.NoError(b, err, string(output))
	return perSecond
}

// traffic is how many bytes Redis has got and sent so far.
func traffic(b *testing.B, redis *redistest.Instance) (in, out int64) {
	info, err := redis.Client(b).Info(context.Background(), "stats").Result()
	require.NoError(b, err)
	for _, line := range strings.Split(info, "\r\n") {
		name, value, _ := strings.Cut(line, ":")
		n, _ := strconv.ParseInt(value, 10, 64)
		switch name {
		case "total_net_input_bytes":
			in = n
		case "total_net_output_bytes":
			out = n
		}
	}
	return in, out
}
