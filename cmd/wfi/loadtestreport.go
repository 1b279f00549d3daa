package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"example.com/shiftswfi/batch/loadtest"
)

// loadText is the report for a person.
func loadText(url string, report *loadtest.Report) string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s: calls sent: %d in %s, %s a second of %s asked.\n\n",
		url, report.Sent, threeDigits(report.Took), decimal(report.Achieved), decimal(report.Asked))
	if report.All.Calls == 0 {
		fmt.Fprintln(&text, "None was answered.")
		return text.String()
	}
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "CALL\tCALLS\tWRONG\tP50\tP90\tP99\tP99.9\tMAX")
	for _, row := range append(slices.Clone(report.Kinds), report.All) {
		l := row.Latency
		fmt.Fprintf(table, "%s\t%d\t%d\t%s\t%s\t%s\t%s\t%s\n", row.Kind, row.Calls, row.Wrong,
			threeDigits(l.P50), threeDigits(l.P90), threeDigits(l.P99), threeDigits(l.P999), threeDigits(l.Max))
	}
	table.Flush()
	writeSpread(&text, report)
	if lag := report.Lag; lag.Max > 0 {
		fmt.Fprintf(&text, "\nThe waits hold this program's own delay: p50 %s, p99 %s.\n", threeDigits(lag.P50), threeDigits(lag.P99))
	}
	if report.All.Wrong > 0 {
		writeWrong(&text, report)
	}
	return text.String()
}

// writeSpread draws how many calls waited how long.
func writeSpread(w io.Writer, report *loadtest.Report) {
	const width = 50
	most := slices.MaxFunc(report.Spread, func(a, b loadtest.Bucket) int { return a.Calls - b.Calls }).Calls
	fmt.Fprintln(w)
	for _, bucket := range report.Spread {
		// What is there is seen, however little.
		bar := strings.Repeat("#", (bucket.Calls*width+most-1)/most)
		line := fmt.Sprintf("%13s  %7d  %s", "up to "+threeDigits(bucket.UpTo), bucket.Calls, bar)
		fmt.Fprintln(w, strings.TrimRight(line, " "))
	}
}

// writeWrong says why answers were wrong.
func writeWrong(w io.Writer, report *loadtest.Report) {
	fmt.Fprintln(w)
	for _, row := range report.Kinds {
		for _, reason := range slices.Sorted(maps.Keys(row.Reasons)) {
			fmt.Fprintf(w, "%d of %d %s: %s\n", row.Reasons[reason], row.Calls, row.Kind, reason)
			for _, example := range report.Examples {
				if example.Kind == row.Kind && example.Reason == reason {
					fmt.Fprintf(w, "    at %s: %s\n", threeDigits(example.At), example.Detail)
				}
			}
		}
	}
}

// loadWarnings are what makes the figures mean less than they seem to.
func loadWarnings(report *loadtest.Report) []string {
	const tolerable = 10 * time.Millisecond
	var warnings []string
	warn := func(format string, args ...any) { warnings = append(warnings, fmt.Sprintf(format, args...)) }
	if report.CutOff > 0 {
		warn("on their way when the test was interrupted, and neither right nor wrong: %d of %d calls", report.CutOff, report.Sent)
	} else if report.NotSent > 0 {
		warn("due but never sent, since no connection was free until the end: %d of %d calls, which the waits leave out; the endpoint does not keep up with this rate, or needs more --connections", report.NotSent, report.Planned)
	}
	if report.Lag.P99 >= tolerable {
		warn("this program itself was late, by %s in one of a hundred calls: the waits hold that too; lower --rate, or run it where the processor is free", threeDigits(report.Lag.P99))
	}
	return warnings
}

// loadProgress keeps one line on a terminal up to date; erase takes it away.
func loadProgress(w io.Writer) (progress func(loadtest.Progress), erase func()) {
	line := statusLine{w: w}
	progress = func(p loadtest.Progress) {
		line.show(fmt.Sprintf("%d of %d  %s a second  p50 %s  %d wrong", p.Done, p.Planned, decimal(p.Rate), threeDigits(p.P50), p.Wrong))
	}
	return progress, line.erase
}

// threeDigits rounds a time for people.
func threeDigits(d time.Duration) string {
	unit := time.Microsecond
	for d >= 1000*unit {
		unit *= 10
	}
	return d.Round(unit).String()
}

// decimal is a number with at most one digit after the point.
func decimal(f float64) string { return strings.TrimSuffix(fmt.Sprintf("%.1f", f), ".0") }
