package contract

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

var (
	//go:embed report.html
	pageText string

	//go:embed report.css
	pageStyle string

	pageTemplate = template.Must(template.New("report").Funcs(template.FuncMap{
		"address":      address,
		"beginning":    beginning,
		"groupTitle":   groupTitle,
		"httpStatus":   httpStatus,
		"next":         func(i int) int { return i + 1 },
		"path":         path,
		"plural":       plural,
		"sectionTitle": SectionTitle,
		"took":         took,
	}).Parse(pageText))
)

// WriteHTML writes the report as one page that needs nothing else: no script,
// no font, no image, nothing from the network. It can be read on a phone and
// printed, and what the endpoint sent is shown as text, whatever it is.
func (r *Report) WriteHTML(w io.Writer) error {
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, newPage(r)); err != nil {
		return err
	}
	_, err := io.WriteString(w, printable(strings.ReplaceAll(b.String(), "\r\n", "\n")))
	return err
}

// page is what the template is filled with.
type page struct {
	*Report
	Host      string
	Headline  Verdict
	Kind      string // of the verdict, for the style
	Sentences []string
	Version   string
	Style     template.CSS
	StyleHash string // for the page's Content-Security-Policy

	Bars     []bar
	Failures []Result
	Groups   []pageGroup
	Gaps     []gap
	LeftOut  int // checks of the suite that are not in the report
	IsHTTPS  bool
}

func newPage(r *Report) *page {
	hash := sha256.Sum256([]byte(pageStyle))
	p := &page{
		Report: r, Host: host(r.Endpoint), Headline: r.Verdict(), Version: version(),
		Style: template.CSS(pageStyle), StyleHash: base64.StdEncoding.EncodeToString(hash[:]),
		Bars: r.bars(), Failures: r.failures(), Gaps: r.gaps(),
		IsHTTPS: strings.HasPrefix(strings.ToLower(r.Endpoint), "https:"),
	}
	p.Kind = map[Verdict]string{Conforms: "good", ConformsMostly: "fair", DoesNotConform: "bad"}[p.Headline]
	for _, group := range r.groups() {
		p.Groups = append(p.Groups, pageGroup{group.name, group.results})
	}
	for _, check := range Checks() {
		if check.Group() == "tls" && !p.IsHTTPS {
			continue // said apart
		}
		if !slices.ContainsFunc(r.Results, func(result Result) bool { return result.ID == check.ID }) {
			p.LeftOut++
		}
	}
	p.Sentences = p.meaning()
	return p
}

// pageGroup is a [group] that a template can read.
type pageGroup struct {
	Name    string
	Results []Result
}

// Summary is how the checks of the group ended.
func (g pageGroup) Summary() string {
	r := Report{Results: g.Results}
	var parts []string
	for _, status := range columns {
		if n := r.Count(status); n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, status))
		}
	}
	return strings.Join(parts, ", ")
}

// Unmade is the number of checks that neither passed nor failed.
func (p *page) Unmade() int { return p.Count(Skipped) + p.Count(NotRun) }

// meaning says what the verdict rests on.
func (p *page) meaning() []string {
	must := func(status Status) string {
		if n := p.count(Must, status); n > 0 {
			return fmt.Sprintf(" (%d MUST)", n)
		}
		return ""
	}
	var sentences []string
	say := func(format string, args ...any) { sentences = append(sentences, fmt.Sprintf(format, args...)) }
	switch p.Headline {
	case Conforms:
		say("All %s that could be made have passed.", plural(p.Count(Passed), "check"))
	case ConformsMostly:
		say("No MUST failed: Shifts works with this endpoint as far as it was checked.")
		say("%s should be put right, for the sake of its users or of its safety.", plural(len(p.Failures), "finding"))
	case DoesNotConform:
		say("%s failed: Shifts would fail with this endpoint, or do the wrong thing.", plural(p.count(Must, Failed), "MUST check"))
	default:
		say("%s passed, and %d could not be made.", plural(p.Count(Passed), "check"), p.Unmade())
	}
	if n := p.Count(NotRun); n > 0 {
		say("The run ended early: %s not run%s.", plural(n, "check was", "checks were"), must(NotRun))
	}
	if n := p.Count(Skipped); n > 0 {
		say("%s skipped%s for want of what they need.", plural(n, "check was", "checks were"), must(Skipped))
	}
	if p.LeftOut > 0 {
		say("This is a part of the suite only: %s left out.", plural(p.LeftOut, "check was", "checks were"))
	}
	return sentences
}

func (r *Report) count(level Level, status Status) int {
	count := 0
	for _, result := range r.Results {
		if result.Level == level && result.Status == status {
			count++
		}
	}
	return count
}

// A bar is how the checks of one level ended.
type bar struct {
	Level Level
	Total int
	Parts []barPart // in the order of columns
}

type barPart struct {
	Status  Status
	Count   int
	X, Wide float64 // in percent of the bar
}

// The columns of the table of counts.
var columns = []Status{Passed, Failed, Skipped, NotRun}

func (r *Report) bars() []bar {
	var bars []bar
	for _, level := range []Level{Must, Should, May} {
		b := bar{Level: level}
		for _, status := range columns {
			count := r.count(level, status)
			b.Parts = append(b.Parts, barPart{Status: status, Count: count})
			b.Total += count
		}
		x := 0.0
		for i := range b.Parts {
			part := &b.Parts[i]
			part.X, part.Wide = x, 100*float64(part.Count)/float64(max(b.Total, 1))
			x += part.Wide
		}
		bars = append(bars, b)
	}
	return bars
}

// A gap is one reason why checks were not made, and their ids.
type gap struct {
	Reason string
	IDs    []string
}

func (r *Report) gaps() []gap {
	var gaps []gap
	for _, result := range r.Results {
		if result.Status != Skipped && result.Status != NotRun {
			continue
		}
		i := slices.IndexFunc(gaps, func(g gap) bool { return g.Reason == result.Message })
		if i < 0 {
			i = len(gaps)
			gaps = append(gaps, gap{Reason: result.Message})
		}
		gaps[i].IDs = append(gaps[i].IDs, result.ID)
	}
	return gaps
}

// groupTitle names a group of checks for people.
func groupTitle(name string) string {
	if title, ok := groupTitles[name]; ok {
		return title
	}
	return name
}

var groupTitles = map[string]string{
	"connect":  "Registration",
	"envelope": "The envelope",
	"batch":    "Batches",
	"read":     "Questions",
	"update":   "Changes",
	"retries":  "Calling again",
	"time":     "Time",
	"hygiene":  "Discretion",
	"tls":      "Transport security",
}

// host is what a reader knows the endpoint by.
func host(endpoint string) string {
	if u, err := url.Parse(endpoint); err == nil && u.Host != "" {
		return u.Host
	}
	return endpoint
}

// address is a URL without the user and password that it may hold.
func address(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.User == nil {
		return raw
	}
	u.User = nil
	return u.String()
}

// path is what tells the calls to one endpoint apart.
func path(raw string) string {
	if u, err := url.Parse(raw); err == nil && u.Host != "" {
		return u.EscapedPath()
	}
	return raw
}

func httpStatus(code int) string {
	if code == 0 {
		return "no answer"
	}
	return strings.TrimSpace(fmt.Sprintf("HTTP %d %s", code, http.StatusText(code)))
}

// pageLines bounds what is shown of a body: pages are printed, too.
const pageLines = 120

// beginning is a body, or as much of it as one wants to see on a page.
func beginning(body string) string {
	lines := strings.SplitAfterN(body, "\n", pageLines+1)
	if len(lines) <= pageLines {
		return body
	}
	more := strings.Count(lines[pageLines], "\n") + 1
	return strings.Join(lines[:pageLines], "") + fmt.Sprintf("... and %s more", plural(more, "line"))
}

// took has three digits at most.
func took(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return "< 1 ms"
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return d.Round(time.Second).String()
}

// plural takes one form of the words to add an s to, or both.
func plural(count int, words ...string) string {
	switch {
	case count == 1:
		return "1 " + words[0]
	case len(words) > 1:
		return fmt.Sprintf("%d %s", count, words[1])
	}
	return fmt.Sprintf("%d %ss", count, words[0])
}

// version is that of the module that holds this package, which is not always
// the program's own.
func version() string {
	const development = "a development build"
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return development
	}
	this := reflect.TypeFor[Report]().PkgPath()
	for _, module := range append([]*debug.Module{&info.Main}, info.Deps...) {
		if module.Path != "" && strings.HasPrefix(this, module.Path+"/") {
			if module.Version == "" || module.Version == "(devel)" {
				return development
			}
			return module.Version
		}
	}
	return development
}
