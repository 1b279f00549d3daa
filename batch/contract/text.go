package contract

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"
)

const (
	textWidth = 100 // of sentences, in columns

	// maxLines and maxColumns bound what is shown of a body.
	maxLines   = 60
	maxColumns = 200
)

// WriteText writes the report for a person: a line for each check by group, in
// which those that were not made are summed up, then every failure with what to
// change and the last call, the gravest first, and the verdict. With colour
// there are escape sequences in it, otherwise none, whatever the endpoint sent.
func (r *Report) WriteText(w io.Writer, colour bool) error {
	t := &textWriter{colour: colour}
	t.line("Endpoint %s, team %s, %s", r.Endpoint, cmp.Or(r.Team, "none"), r.Began.UTC().Format("2006-01-02 15:04:05 UTC"))
	for _, group := range r.groups() {
		t.group(group)
	}
	for _, result := range r.failures() {
		t.failure(result)
	}
	t.verdict(r)
	_, err := io.WriteString(w, t.text.String())
	return err
}

// A group is the results of the checks whose ids begin alike.
type group struct {
	name    string
	results []Result
}

// groups are in the order of their first checks.
func (r *Report) groups() []group {
	var groups []group
	for _, result := range r.Results {
		i := slices.IndexFunc(groups, func(g group) bool { return g.name == result.Group() })
		if i < 0 {
			i = len(groups)
			groups = append(groups, group{name: result.Group()})
		}
		groups[i].results = append(groups[i].results, result)
	}
	return groups
}

// failures are the gravest first.
func (r *Report) failures() []Result {
	var failures []Result
	for _, level := range []Level{Must, Should, May} {
		for _, result := range r.Results {
			if result.Status == Failed && result.Level == level {
				failures = append(failures, result)
			}
		}
	}
	return failures
}

// The colours, as parameters of the escape sequence.
const (
	bold   = "1"
	faint  = "2"
	red    = "31"
	green  = "32"
	yellow = "33"
)

type textWriter struct {
	text   strings.Builder
	colour bool
}

// line writes a line, which may hold what the endpoint sent.
func (t *textWriter) line(format string, args ...any) {
	t.text.WriteString(printable(fmt.Sprintf(format, args...)) + "\n")
}

// painted is a text of the suite's own in a colour.
func (t *textWriter) painted(colour, text string) string {
	if !t.colour {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}

// group writes a line for each check that was made, and one for each reason
// why some were not.
func (t *textWriter) group(g group) {
	t.text.WriteString("\n" + t.painted(bold, g.name) + "\n")
	var rows strings.Builder
	table := tabwriter.NewWriter(&rows, 0, 0, 2, ' ', 0)
	var marks []string
	var reasons [][2]string
	ids := map[[2]string][]string{}
	for _, result := range g.results {
		if result.Status == Skipped || result.Status == NotRun {
			reason := [2]string{string(result.Status), result.Message}
			if ids[reason] == nil {
				reasons = append(reasons, reason)
			}
			ids[reason] = append(ids[reason], result.ID)
			continue
		}
		marks = append(marks, t.mark(result))
		fmt.Fprintf(table, "%s\t%s\t%s\n", result.Level, result.ID, result.Title)
	}
	table.Flush() // a strings.Builder takes everything
	for i, row := range slices.Collect(strings.Lines(rows.String())) {
		t.text.WriteString("  " + marks[i] + "  " + row)
	}
	for _, reason := range reasons {
		t.text.WriteString(t.painted(faint, printable("  -     "+few(ids[reason])+" "+reason[0]+": "+reason[1])) + "\n")
	}
}

// few names checks, or counts them if they are many.
func few(ids []string) string {
	if len(ids) > 3 {
		return checks(len(ids))
	}
	return strings.Join(ids, ", ")
}

func checks(count int) string {
	if count == 1 {
		return "1 check"
	}
	return fmt.Sprintf("%d checks", count)
}

// mark has four columns.
func (t *textWriter) mark(result Result) string {
	switch {
	case result.Status == Passed:
		return t.painted(green, "ok  ")
	case result.Level == Must:
		return t.painted(red, "FAIL")
	default:
		return t.painted(yellow, "FAIL")
	}
}

// failure writes all that is known of one.
func (t *textWriter) failure(result Result) {
	colour := yellow
	if result.Level == Must {
		colour = red
	}
	t.text.WriteString("\n" + t.painted(colour, fmt.Sprintf("%s %s", result.Level, result.ID)) + " " + t.painted(bold, result.Title) + "\n\n")
	t.sentence("Found", result.Message)
	t.sentence("Why", result.Why)
	t.sentence("Change", result.Mend)
	t.sentence("See", "CONTRACT.md, section "+result.Section)
	if len(result.Exchanges) == 0 {
		return
	}
	last := result.Exchanges[len(result.Exchanges)-1]
	if count := len(result.Exchanges); count == 1 {
		t.line("\n  Its call:")
	} else {
		t.line("\n  The last of its %d calls:", count)
	}
	t.line("    POST %s", last.URL)
	for _, name := range slices.Sorted(maps.Keys(last.Headers)) {
		t.line("    %s: %s", name, last.Headers[name])
	}
	if last.About != "" {
		t.line("    (%s)", last.About)
	}
	t.body(last.Request)
	if last.Status == 0 {
		t.line("  There was no answer:")
	} else {
		t.line("  The answer, after %v:", last.Took.Round(time.Millisecond))
		t.line("    %s", strings.TrimSpace(fmt.Sprintf("HTTP %d %s", last.Status, http.StatusText(last.Status))))
	}
	t.body(last.Answer)
}

// sentence writes a text beside its name, in lines of a readable width.
func (t *textWriter) sentence(name, text string) {
	const indent = 10
	line := fmt.Sprintf("%-*s", indent, "  "+name)
	empty := true
	for _, word := range strings.Fields(text) {
		if !empty && len(line)+len(word) >= textWidth {
			t.line("%s", strings.TrimRight(line, " "))
			line = strings.Repeat(" ", indent)
		}
		line, empty = line+word+" ", false
	}
	t.line("%s", strings.TrimRight(line, " "))
}

// body writes a body, or its beginning.
func (t *textWriter) body(text string) {
	if text == "" {
		return
	}
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for _, line := range lines[:min(len(lines), maxLines)] {
		t.line("    %s", narrow(line))
	}
	if more := len(lines) - maxLines; more > 0 {
		t.line("    ... and %d lines more", more)
	}
}

// narrow cuts lines that are too long to be read, such as those of JSON that is
// not indented.
func narrow(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if columns := []rune(line); len(columns) > maxColumns {
			lines[i] = fmt.Sprintf("%s... and %d columns more", string(columns[:maxColumns]), len(columns)-maxColumns)
		}
	}
	return strings.Join(lines, "\n")
}

func (t *textWriter) verdict(r *Report) {
	colour := map[Verdict]string{Conforms: green, ConformsMostly: yellow, DoesNotConform: red}[r.Verdict()]
	failed := fmt.Sprintf("%d failed", r.Count(Failed))
	if failures := r.failures(); len(failures) > 0 {
		var levels []string
		for _, level := range []Level{Must, Should, May} {
			if count := countLevel(failures, level); count > 0 {
				levels = append(levels, fmt.Sprintf("%d %s", count, level))
			}
		}
		failed += " (" + strings.Join(levels, ", ") + ")"
	}
	t.text.WriteString("\nVerdict: " + t.painted(cmp.Or(colour, bold), string(r.Verdict())) + "\n")
	t.line("%s in %v: %d passed, %s, %d skipped, %d not run", checks(len(r.Results)), r.Took.Round(time.Millisecond),
		r.Count(Passed), failed, r.Count(Skipped), r.Count(NotRun))
}

func countLevel(results []Result, level Level) int {
	count := 0
	for _, result := range results {
		if result.Level == level {
			count++
		}
	}
	return count
}

// printable keeps an answer from steering the terminal.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, text)
}
