package eligibility_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/eligibility"
	"example.com/shiftswfi/eligibility/teamtest"
)

// The benchmarks' teams work five shifts a week for five weeks from Monday,
// 1 June 2026, and a question's window is the month.
var (
	benchmarkStart = time.Date(2026, time.June, 1, 4, 0, 0, 0, time.UTC)
	benchmarkSizes = []int{20, 200, 2000}
)

func benchmarkFile(workers int) []byte { return teamtest.File(workers, 5, 5, benchmarkStart, 1) }

func benchmarkTeam(b *testing.B, workers int) *eligibility.Team {
	b.Helper()
	team, err := eligibility.ParseTeam(benchmarkFile(workers))
	require.NoError(b, err)
	return team
}

// benchmarkSwap asks for what worker 7 may be offered for a shift of theirs in
// the second week.
func benchmarkSwap() eligibility.SwapQuestion {
	return eligibility.SwapQuestion{
		ShiftID: teamtest.ShiftID(7, 7), RequestType: "SwapRequest",
		WindowStart: "2026-06-01T04:00:00.0000000Z", WindowEnd: "2026-07-01T03:59:59.9990000Z", Now: benchmarkStart,
	}
}

func BenchmarkSwaps(b *testing.B) {
	for _, workers := range benchmarkSizes {
		team, q := benchmarkTeam(b, workers), benchmarkSwap()
		run := func(name string, ask func() (eligibility.Answer, error)) {
			b.Run(fmt.Sprintf("%s/workers=%d", name, workers), func(b *testing.B) {
				var answer eligibility.Answer
				for b.Loop() {
					var err error
					if answer, err = ask(); err != nil || answer.Code != eligibility.OK {
						b.Fatal(err, answer.Code)
					}
				}
				b.ReportMetric(float64(len(answer.IDs)), "eligible")
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(answer.Considered), "ns/candidate")
				b.ReportAllocs()
			})
		}
		run("plain", func() (eligibility.Answer, error) { return team.Swaps(b.Context(), q) })
		run("explain", func() (eligibility.Answer, error) { return team.ExplainSwaps(b.Context(), q) })
	}
}

func BenchmarkTimeOffReasons(b *testing.B) {
	for _, workers := range benchmarkSizes {
		team := benchmarkTeam(b, workers)
		q := eligibility.ReasonQuestion{UserID: teamtest.WorkerID(7), Now: benchmarkStart}
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if answer, err := team.TimeOffReasons(b.Context(), q); err != nil || answer.Code != eligibility.OK {
					b.Fatal(err, answer.Code)
				}
			}
		})
	}
}

// BenchmarkWith changes the times of one shift.
func BenchmarkWith(b *testing.B) {
	for _, workers := range benchmarkSizes {
		team := benchmarkTeam(b, workers)
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) {
			b.ReportAllocs()
			entity, ok := team.Entity(eligibility.KindShift, teamtest.ShiftID(7, 7))
			require.True(b, ok)
			var members object
			require.NoError(b, json.Unmarshal(entity.JSON, &members))
			shared := members["sharedShift"].(object)
			var changes []eligibility.Change
			for i := range 2 {
				shared["endDateTime"] = oracleInstant(shared["startDateTime"].(string)).Add(time.Duration(4+i) * time.Hour).Format(time.RFC3339)
				entity.JSON = mustMarshal(members)
				changes = append(changes, eligibility.Change{Entity: entity})
			}
			changed := team
			for i := 0; b.Loop(); i++ {
				var err error
				if changed, err = changed.With(changes[i%2]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkParseTeam(b *testing.B) {
	for _, workers := range benchmarkSizes {
		file := benchmarkFile(workers)
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(file)))
			for b.Loop() {
				if _, err := eligibility.ParseTeam(file); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
