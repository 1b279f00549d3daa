package contract

import (
	"encoding/xml"
	"fmt"
	"io"
	"time"
)

// WriteJUnit writes the report as JUnit XML, which build servers read: a
// testsuite for each group, a testcase for each check, named by its id.
//
// Build servers fail a build for every failure, but only a MUST is meant to.
// So a failed MUST is a failure and a check that was not run an error; a failed
// SHOULD or MAY is skipped, which build servers show with its message, while
// they hide the output of what has passed.
func (r *Report) WriteJUnit(w io.Writer) error {
	suites := junitSuites{Name: "wfi contract", Time: seconds(r.Took)}
	for _, group := range r.groups() {
		suite := junitSuite{
			Name: "contract." + group.name, Timestamp: r.Began.UTC().Format("2006-01-02T15:04:05"),
			Properties: []junitProperty{{"endpoint", r.Endpoint}, {"team", r.Team}, {"verdict", string(r.Verdict())}},
		}
		var took time.Duration
		for _, result := range group.results {
			took += result.Took
			suite.add(result.junit())
		}
		suite.Time = seconds(took)
		suites.Suites = append(suites.Suites, suite)
		suites.sum(suite.junitCounts)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	encoder := xml.NewEncoder(w)
	encoder.Indent("", "  ")
	if err := encoder.Encode(suites); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func (r Result) junit() junitCase {
	c := junitCase{Name: r.ID, ClassName: "contract." + r.Group(), Time: seconds(r.Took)}
	switch {
	case r.Status == Passed:
	case r.Status == Skipped:
		c.Skipped = &junitOutcome{Message: r.Message}
	case r.Status == Failed && r.Level == Must:
		c.Failure = &junitOutcome{Message: r.Message, Type: string(r.Level), Text: printable(narrow(r.explain()))}
	case r.Status == Failed:
		c.Skipped = &junitOutcome{Message: string(r.Level) + " failed: " + r.Message}
		c.Output = &junitOutput{printable(narrow(r.explain()))}
	default:
		c.Error = &junitOutcome{Message: r.Message, Type: string(r.Status)}
	}
	return c
}

// The elements, in the order in which the schema has them.
type (
	junitSuites struct {
		XMLName xml.Name `xml:"testsuites"`
		Name    string   `xml:"name,attr"`
		junitCounts
		Time   string       `xml:"time,attr"`
		Suites []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name string `xml:"name,attr"`
		junitCounts
		Time       string          `xml:"time,attr"`
		Timestamp  string          `xml:"timestamp,attr"`
		Properties []junitProperty `xml:"properties>property"`
		Cases      []junitCase     `xml:"testcase"`
	}
	junitCounts struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Errors   int `xml:"errors,attr"`
		Skipped  int `xml:"skipped,attr"`
	}
	junitProperty struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	junitCase struct {
		Name      string        `xml:"name,attr"`
		ClassName string        `xml:"classname,attr"`
		Time      string        `xml:"time,attr"`
		Skipped   *junitOutcome `xml:"skipped"`
		Error     *junitOutcome `xml:"error"`
		Failure   *junitOutcome `xml:"failure"`
		Output    *junitOutput  `xml:"system-out"`
	}
	junitOutput struct {
		Text string `xml:",cdata"`
	}
	junitOutcome struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr,omitempty"`
		Text    string `xml:",cdata"`
	}
)

func (s *junitSuite) add(c junitCase) {
	counts := junitCounts{Tests: 1}
	switch {
	case c.Failure != nil:
		counts.Failures = 1
	case c.Error != nil:
		counts.Errors = 1
	case c.Skipped != nil:
		counts.Skipped = 1
	}
	s.Cases = append(s.Cases, c)
	s.sum(counts)
}

func (c *junitCounts) sum(more junitCounts) {
	c.Tests += more.Tests
	c.Failures += more.Failures
	c.Errors += more.Errors
	c.Skipped += more.Skipped
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }
