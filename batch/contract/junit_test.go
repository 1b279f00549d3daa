package contract

import (
	"bytes"
	"encoding/xml"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// An element is XML as any reader sees it.
type element struct {
	XMLName  xml.Name
	Attrs    []xml.Attr `xml:",any,attr"`
	Text     string     `xml:",chardata"`
	Children []element  `xml:",any"`
}

func (e element) attr(name string) string {
	for _, attr := range e.Attrs {
		if attr.Name.Local == name {
			return attr.Value
		}
	}
	return ""
}

func (e element) count(t *testing.T, name string) int {
	count, err := strconv.Atoi(e.attr(name))
	require.NoError(t, err, "%s of %s", name, e.XMLName.Local)
	return count
}

func (e element) all(name string) []element {
	var found []element
	for _, child := range e.Children {
		if child.XMLName.Local == name {
			found = append(found, child)
		}
	}
	return found
}

// The shape that build servers agree on: which elements stand in which, with
// which attributes.
var junitShape = map[string]struct{ within, attrs string }{
	"testsuites": {"", "name tests failures errors skipped time"},
	"testsuite":  {"testsuites", "name tests failures errors skipped time timestamp"},
	"properties": {"testsuite", ""},
	"property":   {"properties", "name value"},
	"testcase":   {"testsuite", "name classname time"},
	"skipped":    {"testcase", "message"},
	"error":      {"testcase", "message type"},
	"failure":    {"testcase", "message type"},
	"system-out": {"testcase", ""},
}

func (e element) assertShape(t *testing.T, within string) {
	t.Helper()
	shape, ok := junitShape[e.XMLName.Local]
	require.True(t, ok, e.XMLName.Local)
	assert.Equal(t, shape.within, within)
	var names []string
	for _, attr := range e.Attrs {
		names = append(names, attr.Name.Local)
	}
	assert.ElementsMatch(t, strings.Fields(shape.attrs), names, e.XMLName.Local)
	for _, child := range e.Children {
		child.assertShape(t, e.XMLName.Local)
	}
}

// sums are the counts of a testsuite as its testcases have them.
func (e element) sums() (tests, failures, errors, skipped int) {
	for _, c := range e.all("testcase") {
		tests++
		failures += len(c.all("failure"))
		errors += len(c.all("error"))
		skipped += len(c.all("skipped"))
	}
	return tests, failures, errors, skipped
}

func TestWriteJUnit(t *testing.T) {
	t.Parallel()
	var written bytes.Buffer
	require.NoError(t, madeUp().WriteJUnit(&written))
	var top element
	require.NoError(t, xml.Unmarshal(written.Bytes(), &top))
	top.assertShape(t, "")
	assert.Equal(t, "3.456", top.attr("time"))

	var names []string
	cases := map[string]element{}
	var total [4]int
	for _, suite := range top.all("testsuite") {
		names = append(names, suite.attr("name"))
		assert.Equal(t, "2026-12-01T12:00:00", suite.attr("timestamp"))
		tests, failures, errors, skipped := suite.sums()
		for i, pair := range []struct {
			name string
			want int
		}{{"tests", tests}, {"failures", failures}, {"errors", errors}, {"skipped", skipped}} {
			assert.Equal(t, pair.want, suite.count(t, pair.name), "%s of %s", pair.name, suite.attr("name"))
			total[i] += pair.want
		}
		for _, c := range suite.all("testcase") {
			assert.Equal(t, suite.attr("name"), c.attr("classname"))
			cases[c.attr("name")] = c
		}
	}
	assert.Equal(t, []string{"contract.connect", "contract.batch", "contract.time", "contract.retries"}, names)
	assert.Equal(t, total, [4]int{top.count(t, "tests"), top.count(t, "failures"), top.count(t, "errors"), top.count(t, "skipped")})
	assert.Equal(t, [4]int{12, 2, 1, 7}, total)

	assert.Empty(t, cases["connect.first"].Children)
	assert.Equal(t, "0.012", cases["connect.first"].attr("time"))

	failure := cases["batch.must"].all("failure")[0]
	assert.Equal(t, "MUST", failure.attr("type"))
	assert.Equal(t, "An item had no answer.", failure.attr("message"))
	assert.Contains(t, failure.Text, "Answer every item.\nPOST http://127.0.0.1:8080/contoso/v1/teams/t/update\n")
	assert.Contains(t, failure.Text, `{"error": "<none> & \"nothing\" ]]> `)

	should := cases["batch.should-a"]
	assert.Equal(t, "SHOULD failed: The endpoint did not answer: \uFFFD[31mconnection refused.", should.all("skipped")[0].attr("message"))
	assert.Contains(t, should.all("system-out")[0].Text, "connection refused")
	assert.Equal(t, "MAY failed: It was not courteous.", cases["batch.courteous"].all("skipped")[0].attr("message"))
	assert.Contains(t, cases["batch.courteous"].all("system-out")[0].Text, "\uFFFD[2Jline\nline\n")

	assert.Equal(t, "The profile names no worker.", cases["batch.skipped-b"].all("skipped")[0].attr("message"))
	late := cases["retries.late"].all("error")[0]
	assert.Equal(t, []string{"The time for the whole run was up.", "not run"}, []string{late.attr("message"), late.attr("type")})
}
