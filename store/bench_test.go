package store

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"time"

	"example.com/shiftswfi/eligibility"
	"example.com/shiftswfi/eligibility/teamtest"
	"example.com/shiftswfi/store/redistest"
	"github.com/stretchr/testify/require"
)

// The benchmarks run on a real server on this machine. Their teams have 5
// shifts a week for 5 weeks, so the one of 2,000 workers has 50,000 shifts.

var benchStart = time.Date(2026, 11, 30, 5, 0, 0, 0, time.UTC)

var benchSizes = []int{20, 200, 2000}

func benchTeam(b *testing.B, workers int) *eligibility.Team {
	b.Helper()
	return parse(b, teamtest.File(workers, 5, 5, benchStart, 1))
}

// benchStores gives two stores on a server that holds the team; the second has
// it in its cache.
func benchStores(b *testing.B, team *eligibility.Team) (writer, reader *Redis) {
	b.Helper()
	server := redistest.Server(b, "--appendonly", "no")
	writer, reader = openURL(b, server.URL()), openURL(b, server.URL())
	require.NoError(b, writer.Import(b.Context(), team))
	read(b, reader, team.ID)
	return writer, reader
}

// perCall is how long one call of f takes.
func perCall(b *testing.B, f func(context.Context)) time.Duration {
	b.Helper()
	const calls = 2000
	start := time.Now()
	for range calls {
		f(b.Context())
	}
	return time.Since(start) / calls
}

// BenchmarkWarmTeam reads a team that has not changed; floor is the bare GET of
// a short value by the same client.
func BenchmarkWarmTeam(b *testing.B) {
	for _, workers := range benchSizes {
		b.Run(fmt.Sprint("workers=", workers), func(b *testing.B) {
			team := benchTeam(b, workers)
			_, r := benchStores(b, team)
			require.NoError(b, r.client.Set(b.Context(), "floor", "1234-12345678901234567890", 0).Err())
			bare := func(ctx context.Context) { _ = r.client.Get(ctx, "floor").Err() }
			perCall(b, bare) // connects
			before := perCall(b, bare)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := r.Team(b.Context(), team.ID); err != nil {
					b.Fatal(err)
				}
			}
			floor := (before + perCall(b, bare)) / 2
			b.ReportMetric(float64(floor.Nanoseconds()), "ns/floor")
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(floor.Nanoseconds()), "x-floor")
		})
	}
}

// BenchmarkTeamAfterChange reads a team right after another process has changed
// one shift.
func BenchmarkTeamAfterChange(b *testing.B) {
	for _, workers := range benchSizes {
		b.Run(fmt.Sprint("workers=", workers), func(b *testing.B) {
			team := benchTeam(b, workers)
			writer, reader := benchStores(b, team)
			b.ReportAllocs()
			for n := 0; b.Loop(); n++ {
				b.StopTimer()
				set(b, writer, team.ID, oneShift(b, team, n))
				b.StartTimer()
				if _, err := reader.Team(b.Context(), team.ID); err != nil {
					b.Fatal(err)
				}
			}
			stats := reader.Stats()
			require.Equal(b, int64(1), stats.Loads)
			require.NotZero(b, stats.CatchUps)
		})
	}
}

// oneShift sets a shift of the team, a different one each time.
func oneShift(b *testing.B, team *eligibility.Team, n int) eligibility.Change {
	b.Helper()
	e, ok := team.Entity(eligibility.KindShift, teamtest.ShiftID(n%20, n/20%25))
	require.True(b, ok)
	return eligibility.Change{Entity: e}
}

// BenchmarkUpdate changes one shift: a read of the version, the decision, and
// the compare-and-set.
func BenchmarkUpdate(b *testing.B) {
	for _, workers := range benchSizes {
		b.Run(fmt.Sprint("workers=", workers), func(b *testing.B) {
			team := benchTeam(b, workers)
			writer, _ := benchStores(b, team)
			b.ReportAllocs()
			for n := 0; b.Loop(); n++ {
				set(b, writer, team.ID, oneShift(b, team, n))
			}
		})
	}
}

// BenchmarkImport stores a team. It reports also how long a process without the
// team takes to load it, and the memory that it then takes, in all and for each
// byte of its JSON: memoryPerByte is taken from there.
func BenchmarkImport(b *testing.B) {
	for _, workers := range benchSizes {
		b.Run(fmt.Sprint("workers=", workers), func(b *testing.B) {
			team := benchTeam(b, workers)
			writer, _ := benchStores(b, team)
			b.ReportAllocs()
			for b.Loop() {
				if err := writer.Import(b.Context(), team); err != nil {
					b.Fatal(err)
				}
			}
			b.StopTimer()
			before := heap()
			fresh := newRedis(writer.client, Config{CacheBytes: 1 << 40})
			start := time.Now()
			read := func() *eligibility.Team {
				team, err := fresh.Team(b.Context(), team.ID)
				require.NoError(b, err)
				return team
			}
			read()
			b.ReportMetric(float64(time.Since(start).Milliseconds()), "ms/load")
			memory := heap() - before
			b.ReportMetric(float64(memory)/(1<<20), "MiB/team")
			b.ReportMetric(float64(memory)/float64(read().Size()), "memory/JSON")
			runtime.KeepAlive(team)
		})
	}
}

func heap() int64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}
