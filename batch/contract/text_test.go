package contract

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var rewrite = flag.Bool("update", false, "write the golden files anew")

// madeUp is a report with all that a report may hold.
func madeUp() *Report {
	check := func(id string, level Level) Check {
		return Check{
			ID: id, Level: level, Section: "3.2", Title: "Every item of " + id + " is answered", Sends: "A batch.",
			Why:  "Shifts takes an item without an answer for an approval, and writes the change although nobody has decided about it.",
			Mend: "Answer every item.",
		}
	}
	call := Exchange{
		URL: "http://127.0.0.1:8080/contoso/v1/teams/t/update", Request: "{\n  \"requests\": []\n}",
		Status: 500, Answer: `{"error": "<none> & \"nothing\" ]]> \u001b[2J"}`, Took: 1234567 * time.Microsecond,
	}
	strange := call
	strange.Headers = map[string]string{"X-Ms-Wfmpassthrough": "WFI_1", "Accept-Language": "de-de"}
	strange.About, strange.Request = "with a bit of its tag turned \x00", ""
	strange.Answer = "\x1b[2J" + strings.Repeat("line\n", 70)
	unanswered := Exchange{URL: call.URL, Request: "{}", Answer: "connection refused"}
	return &Report{
		Endpoint: "http://127.0.0.1:8080/contoso", Team: "t", Began: time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC), Took: 3456 * time.Millisecond,
		Results: []Result{
			{Check: check("connect.first", Must), Status: Passed, Took: 12 * time.Millisecond},
			{Check: check("batch.courteous", May), Status: Failed, Message: "It was not courteous.", Exchanges: []Exchange{call, strange}},
			{Check: check("batch.must", Must), Status: Failed, Message: "An item had no answer.", Exchanges: []Exchange{call}, Took: time.Second},
			{Check: check("batch.should-a", Should), Status: Failed, Message: "The endpoint did not answer: \x1b[31mconnection refused.", Exchanges: []Exchange{unanswered}},
			{Check: check("batch.skipped-a", Must), Status: Skipped, Message: "The profile names no team (team)."},
			{Check: check("batch.skipped-b", Must), Status: Skipped, Message: "The profile names no worker."},
			{Check: check("batch.skipped-c", Must), Status: Skipped, Message: "The profile names no team (team)."},
			{Check: check("batch.skipped-d", May), Status: Skipped, Message: "The profile names no team (team)."},
			{Check: check("batch.skipped-e", May), Status: Skipped, Message: "The profile names no team (team)."},
			{Check: check("connect.late", Should), Status: Passed},
			{Check: check("time.alone", Must), Status: Failed, Message: "It fails without a call\x00."},
			{Check: check("retries.late", Should), Status: NotRun, Message: "The time for the whole run was up."},
		},
	}
}

func TestWriteText(t *testing.T) {
	t.Parallel()
	var plain, coloured bytes.Buffer
	require.NoError(t, madeUp().WriteText(&plain, false))
	const file = "testdata/report.txt"
	if *rewrite {
		require.NoError(t, os.WriteFile(file, plain.Bytes(), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err, "go test -run TestWriteText -update writes it")
	assert.Equal(t, string(want), plain.String())
	assert.NotContains(t, plain.String(), "\x1b")

	require.NoError(t, madeUp().WriteText(&coloured, true))
	colour := regexp.MustCompile("\x1b\\[(0|1|2|31|32|33)m")
	assert.Greater(t, len(colour.FindAllString(coloured.String(), -1)), 20)
	assert.Equal(t, string(want), colour.ReplaceAllString(coloured.String(), ""), "colours are all that differs, and are of the suite alone")
}

// What was asked for can be told from the last lines alone.
func TestWriteTextVerdict(t *testing.T) {
	t.Parallel()
	must, should := Check{ID: "a.must", Level: Must}, Check{ID: "a.should", Level: Should}
	for name, row := range map[string]struct {
		results []Result
		want    string
	}{
		"conforms":      {[]Result{{Check: must, Status: Passed}}, "conforms\n1 check in 0s: 1 passed, 0 failed, 0 skipped, 0 not run\n"},
		"with remarks":  {[]Result{{Check: must, Status: Passed}, {Check: should, Status: Failed}}, "conforms, with remarks\n2 checks in 0s: 1 passed, 1 failed (1 SHOULD), 0 skipped, 0 not run\n"},
		"a must failed": {[]Result{{Check: must, Status: Failed}, {Check: should, Status: NotRun}}, "does not conform\n2 checks in 0s: 0 passed, 1 failed (1 MUST), 0 skipped, 1 not run\n"},
		"not all run":   {[]Result{{Check: must, Status: Passed}, {Check: should, Status: NotRun}}, "could not be established\n2 checks in 0s: 1 passed, 0 failed, 0 skipped, 1 not run\n"},
		"all skipped":   {[]Result{{Check: must, Status: Skipped}}, "could not be established\n1 check in 0s: 0 passed, 0 failed, 1 skipped, 0 not run\n"},
		"nothing":       {nil, "could not be established\n0 checks in 0s: 0 passed, 0 failed, 0 skipped, 0 not run\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var text bytes.Buffer
			require.NoError(t, (&Report{Results: row.results}).WriteText(&text, false))
			_, verdict, _ := strings.Cut(text.String(), "\nVerdict: ")
			assert.Equal(t, row.want, verdict)
		})
	}
}

// A disk that is full, at whatever moment, must not look like a report.
func TestWriteFails(t *testing.T) {
	t.Parallel()
	for name, write := range map[string]func(io.Writer) error{
		"text":  func(w io.Writer) error { return madeUp().WriteText(w, false) },
		"JUnit": madeUp().WriteJUnit,
	} {
		var whole bytes.Buffer
		require.NoError(t, write(&whole))
		for room := range whole.Len() {
			require.ErrorIs(t, write(&fullDisk{room}), errFull, "%s with room for %d bytes", name, room)
		}
	}
}

type fullDisk struct{ room int }

var errFull = errors.New("disk full")

func (d *fullDisk) Write(p []byte) (int, error) {
	if d.room -= len(p); d.room < 0 {
		return 0, errFull
	}
	return len(p), nil
}

// Nobody reads a line that does not end, nor does a terminal or a build server
// like it.
func TestLongLinesAreCut(t *testing.T) {
	t.Parallel()
	const end = "the end"
	long := "short\n" + strings.Repeat("ä", 5*maxColumns) + end
	report := &Report{Results: []Result{{
		Check: Check{ID: "a.b", Level: Must}, Status: Failed, Message: "It failed.",
		Exchanges: []Exchange{{URL: "http://127.0.0.1:1", Request: long, Answer: long, Status: 200}},
	}}}
	cut := strings.Repeat("ä", maxColumns) + "... and 807 columns more\n"
	for name, write := range map[string]func(io.Writer) error{
		"text":  func(w io.Writer) error { return report.WriteText(w, false) },
		"JUnit": report.WriteJUnit,
	} {
		var text bytes.Buffer
		require.NoError(t, write(&text))
		assert.Equal(t, 2, strings.Count(text.String(), cut), name)
		assert.NotContains(t, text.String(), end, name)
	}
	assert.Equal(t, strings.Repeat("x", maxColumns), narrow(strings.Repeat("x", maxColumns)))
}
