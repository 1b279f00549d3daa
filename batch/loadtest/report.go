package loadtest

import (
	"cmp"
	"slices"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Report is the outcome of a run. It holds no secret, no id and no text that
// the endpoint sent but for short error codes.
type Report struct {
	Began    time.Time     `json:"began"`             // UTC
	Took     time.Duration `json:"tookNanoseconds"`   // until the last answer
	Asked    float64       `json:"askedPerSecond"`    // calls that were due
	Achieved float64       `json:"achievedPerSecond"` // calls that were sent
	Planned  int           `json:"planned"`
	Sent     int           `json:"sent"`
	NotSent  int           `json:"notSent"` // since the run ended before a connection was free
	CutOff   int           `json:"cutOff"`  // on their way when the run was ended from outside
	Queued   int           `json:"queued"`  // sent late, since all connections were busy
	All      Row           `json:"all"`
	Kinds    []Row         `json:"kinds"`    // by name
	Spread   []Bucket      `json:"spread"`   // of all calls, the shortest first
	Lag      Latency       `json:"lag"`      // between due and sent where a connection was free: this program's own delay
	Examples []Example     `json:"examples"` // of wrong answers, the first few
}

// Row is about the calls of one kind, or about all.
type Row struct {
	Kind    string         `json:"kind"`
	Calls   int            `json:"calls"` // answered, or given up after the patience
	Wrong   int            `json:"wrong"`
	Reasons map[Reason]int `json:"reasons"`
	Latency Latency        `json:"latency"`
}

// Latency says how long calls waited, from the instant at which they were due,
// to three digits.
type Latency struct {
	P50  time.Duration `json:"p50Nanoseconds"`
	P90  time.Duration `json:"p90Nanoseconds"`
	P99  time.Duration `json:"p99Nanoseconds"`
	P999 time.Duration `json:"p999Nanoseconds"`
	Max  time.Duration `json:"maxNanoseconds"`
}

// Bucket counts the calls that waited longer than the bucket before it allows,
// and not longer than this one.
type Bucket struct {
	UpTo  time.Duration `json:"upToNanoseconds"`
	Calls int           `json:"calls"`
}

// Example is a wrong answer.
type Example struct {
	Kind   string        `json:"kind"`
	Reason Reason        `json:"reason"`
	Detail string        `json:"detail"`
	At     time.Duration `json:"atNanoseconds"` // when the call was due, after the beginning
}

// maxExamples is how many examples of one reason for one kind are kept.
const maxExamples = 3

// results are what a run counts.
type results struct {
	longest  time.Duration // wait that is told from longer ones
	kinds    map[string]*tally
	sent     int
	cutOff   int
	queued   int
	lag      histogram
	examples []Example
}

// A tally counts the calls of a kind.
type tally struct {
	calls, wrong int
	reasons      map[Reason]int
	latency      histogram
}

func newResults(longest time.Duration) results {
	return results{longest: longest, kinds: make(map[string]*tally), lag: newHistogram(longest)}
}

func (r *results) newTally() *tally {
	return &tally{reasons: make(map[Reason]int), latency: newHistogram(r.longest)}
}

// count adds a call that was due at an instant after the beginning.
func (r *results) count(kind string, verdict Verdict, waited, at time.Duration) {
	if verdict.Reason == CutOff {
		r.cutOff++
		return
	}
	t := r.kinds[kind]
	if t == nil {
		t = r.newTally()
		r.kinds[kind] = t
	}
	t.calls++
	t.latency.record(waited)
	if verdict.Reason == "" {
		return
	}
	t.wrong++
	t.reasons[verdict.Reason]++
	if t.reasons[verdict.Reason] <= maxExamples {
		r.examples = append(r.examples, Example{Kind: kind, Reason: verdict.Reason, Detail: verdict.Detail, At: at})
	}
}

// total adds up the kinds.
func (r *results) total() *tally {
	all := r.newTally()
	for _, t := range r.kinds {
		all.calls += t.calls
		all.wrong += t.wrong
		for reason, count := range t.reasons {
			all.reasons[reason] += count
		}
		all.latency.Merge(t.latency.Histogram)
	}
	return all
}

func (r *run) report() *Report {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := r.total()
	report := &Report{
		Began: r.began.UTC(), Took: time.Since(r.began), Asked: r.Rate,
		Planned: r.planned, Sent: r.sent, NotSent: r.planned - r.sent, CutOff: r.cutOff, Queued: r.queued,
		All: all.row("all"), Kinds: []Row{}, Spread: all.latency.spread(), Lag: r.lag.latency(), Examples: append([]Example{}, r.examples...),
	}
	// The calls that were sent fill the time until the next would be due.
	if sending := r.lastSent.Sub(r.began).Seconds() + 1/r.Rate; r.sent > 0 {
		if report.NotSent > 0 {
			sending = max(sending, min(r.Duration, report.Took).Seconds())
		}
		report.Achieved = float64(r.sent) / sending
	}
	for kind, t := range r.kinds {
		report.Kinds = append(report.Kinds, t.row(kind))
	}
	slices.SortFunc(report.Kinds, func(a, b Row) int { return cmp.Compare(a.Kind, b.Kind) })
	slices.SortStableFunc(report.Examples, func(a, b Example) int { return cmp.Compare(a.At, b.At) })
	return report
}

func (t *tally) row(kind string) Row {
	return Row{Kind: kind, Calls: t.calls, Wrong: t.wrong, Reasons: t.reasons, Latency: t.latency.latency()}
}

// A histogram counts waits in microseconds, to three digits.
type histogram struct{ *hdrhistogram.Histogram }

func newHistogram(longest time.Duration) histogram {
	return histogram{hdrhistogram.New(1, longest.Microseconds(), 3)}
}

// record counts a wait; one that is out of range counts as the longest.
func (h histogram) record(wait time.Duration) {
	_ = h.RecordValue(min(max(0, wait.Microseconds()), h.HighestTrackableValue())) // is in range
}

func (h histogram) at(percentile float64) time.Duration {
	return time.Duration(h.ValueAtPercentile(percentile)) * time.Microsecond
}

func (h histogram) latency() Latency {
	return Latency{P50: h.at(50), P90: h.at(90), P99: h.at(99), P999: h.at(99.9), Max: h.at(100)}
}

// spread sorts the counts into buckets of 1, 2, 5, 10, ... from the first that
// is not empty to the last.
func (h histogram) spread() []Bucket {
	buckets := []Bucket{}
	steps := [...]int64{1, 2, 5}
	upTo, step := int64(1), 0
	for _, bar := range h.Distribution() {
		if bar.Count == 0 {
			continue
		}
		for bar.From > upTo*steps[step] {
			if step++; step == len(steps) {
				upTo, step = upTo*10, 0
			}
			if len(buckets) > 0 {
				buckets = append(buckets, Bucket{UpTo: time.Duration(upTo*steps[step]) * time.Microsecond})
			}
		}
		if len(buckets) == 0 {
			buckets = append(buckets, Bucket{UpTo: time.Duration(upTo*steps[step]) * time.Microsecond})
		}
		buckets[len(buckets)-1].Calls += int(bar.Count)
	}
	return buckets
}
