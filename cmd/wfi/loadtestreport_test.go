package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"example.com/shiftswfi/batch/loadtest"
)

func TestLoadTestText(t *testing.T) {
	t.Parallel()
	ms := func(n float64) time.Duration { return time.Duration(n * float64(time.Millisecond)) }
	report := &loadtest.Report{
		Took: ms(9981.4), Asked: 50, Achieved: 49.96, Planned: 500, Sent: 499, NotSent: 1, Queued: 3,
		All: loadtest.Row{Kind: "all", Calls: 499, Wrong: 2, Latency: loadtest.Latency{P50: ms(1.234), P90: ms(2), P99: ms(35.47), P999: ms(1812), Max: ms(1812)}},
		Kinds: []loadtest.Row{
			{Kind: "read timeOffReasons", Calls: 400, Latency: loadtest.Latency{P50: ms(0.4)}},
			{Kind: "update shift POST", Calls: 99, Wrong: 2, Reasons: map[loadtest.Reason]int{"refused": 2}},
		},
		Spread:   []loadtest.Bucket{{UpTo: ms(1), Calls: 100}, {UpTo: ms(2), Calls: 398}, {UpTo: ms(5), Calls: 0}, {UpTo: ms(2000), Calls: 1}},
		Lag:      loadtest.Latency{P50: ms(0.08), P99: ms(12), Max: ms(13)},
		Examples: []loadtest.Example{{Kind: "update shift POST", Reason: "refused", Detail: "status 403", At: ms(2500)}},
	}
	assert.Equal(t, `http://127.0.0.1/x: calls sent: 499 in 9.98s, 50 a second of 50 asked.

CALL                 CALLS  WRONG  P50     P90  P99     P99.9  MAX
read timeOffReasons  400    0      400µs   0s   0s      0s     0s
update shift POST    99     2      0s      0s   0s      0s     0s
all                  499    2      1.23ms  2ms  35.5ms  1.81s  1.81s

    up to 1ms      100  #############
    up to 2ms      398  ##################################################
    up to 5ms        0
     up to 2s        1  #

The waits hold this program's own delay: p50 80µs, p99 12ms.

2 of 99 update shift POST: refused
    at 2.5s: status 403
`, loadText("http://127.0.0.1/x", report))
	assert.Equal(t, []string{
		"due but never sent, since no connection was free until the end: 1 of 500 calls, which the waits leave out; the endpoint does not keep up with this rate, or needs more --connections",
		"this program itself was late, by 12ms in one of a hundred calls: the waits hold that too; lower --rate, or run it where the processor is free",
	}, loadWarnings(report))
	assert.Empty(t, loadWarnings(&loadtest.Report{Planned: 1, Sent: 1, Lag: loadtest.Latency{P99: ms(9.9)}}))

	var line strings.Builder
	progress, erase := loadProgress(&line)
	progress(loadtest.Progress{Done: 51, Planned: 500, Wrong: 1, Rate: 50.04, P50: ms(1.2345)})
	progress(loadtest.Progress{Done: 9, Planned: 500, Rate: 5, P50: ms(1)})
	erase()
	assert.Equal(t, "\r51 of 500  50 a second  p50 1.23ms  1 wrong\r9 of 500  5 a second  p50 1ms  0 wrong     \r"+strings.Repeat(" ", 43)+"\r", line.String())
}
