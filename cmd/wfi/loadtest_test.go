package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/batch/envelope"
	"example.com/shiftswfi/batch/loadtest"
)

// The real endpoint gives no wrong answer, and has the same shifts afterwards.
func TestLoadTestDemo(t *testing.T) {
	t.Parallel()
	s, commands := startDemo(t)
	redis := regexp.MustCompile(`--redis (redis://\S+)`).FindStringSubmatch(commands[2])[1]
	shiftIDs := func() []string {
		code, stdout, stderr := wfi(t, "export", demoTeamID, "--redis", redis)
		require.Zero(t, code, stderr)
		var team struct{ Shifts []struct{ ID string } }
		require.NoError(t, json.Unmarshal([]byte(stdout), &team))
		var ids []string
		for _, shift := range team.Shifts {
			ids = append(ids, shift.ID)
		}
		return ids
	}
	before := shiftIDs()
	code, stdout, stderr := wfi(t, "load-test", "--demo", "--url", "http://"+s.listen+demoPath,
		"--rate", "200", "--requests", "200", "--updates", "0.5", "--json")
	require.Zero(t, code, stderr+stdout)
	var report loadtest.Report
	require.NoError(t, json.Unmarshal([]byte(stdout), &report))
	assert.Equal(t, 200, report.All.Calls)
	assert.Zero(t, report.All.Wrong)
	calls := map[string]int{}
	for _, row := range report.Kinds {
		kind := strings.Fields(row.Kind)
		calls[kind[0]] += row.Calls
		assert.Positive(t, row.Calls, row.Kind)
	}
	assert.Equal(t, map[string]int{"read": 100, "update": 100}, calls)
	assert.Len(t, report.Kinds, 4)
	assert.ElementsMatch(t, before, shiftIDs())
	asked := strings.Join(s.metrics(), "\n")
	assert.Regexp(t, `wfi_items_total\{code="OK",integration="demo",kind="shift"\} \d+`, asked)
}

// A fakeEndpoint opens callbacks, keeps the shifts that it is told of, and may
// have a fault in some answers.
type fakeEndpoint struct {
	t     *testing.T
	key   *envelope.Key
	fault func(w http.ResponseWriter, call int, method string) bool // whether it answered itself

	mu     sync.Mutex
	calls  int
	shifts map[string]fields
	ever   int // shifts that were made
}

func startFake(t *testing.T, fault func(w http.ResponseWriter, call int, method string) bool) (e *fakeEndpoint, url string) {
	t.Helper()
	key, err := envelope.NewKey(testSecret)
	require.NoError(t, err)
	e = &fakeEndpoint{t: t, key: key, fault: fault, shifts: map[string]fields{}}
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	return e, server.URL + "/contoso"
}

func (e *fakeEndpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	sealed, err := io.ReadAll(r.Body)
	if err != nil {
		return // the test was interrupted
	}
	plaintext, err := envelope.Open(sealed, e.key)
	if !assert.NoError(e.t, err) {
		return
	}
	var batch struct {
		Requests []struct {
			ID, Method, URL string
			Body            fields
		}
	}
	assert.NoError(e.t, json.Unmarshal(plaintext, &batch))
	item := batch.Requests[0]
	e.mu.Lock()
	call := e.calls
	e.calls++
	switch item.Method {
	case http.MethodPost:
		e.shifts[item.ID] = item.Body
		e.ever++
	case http.MethodDelete:
		delete(e.shifts, item.ID)
	}
	e.mu.Unlock()
	if e.fault != nil && e.fault(w, call, item.Method) {
		return
	}
	fmt.Fprintf(w, `{"responses":[{"id":%q,"status":200,"body":{"eTag":"v1","error":null,"data":["b","a"]}}]}`, item.ID)
}

// state counts the calls, the shifts that were ever made, and those left.
func (e *fakeEndpoint) state() (calls, ever, left int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.calls, e.ever, len(e.shifts)
}

// hangUp closes the connection without an answer.
func hangUp(w http.ResponseWriter) {
	if conn, _, err := w.(http.Hijacker).Hijack(); err == nil {
		conn.Close()
	}
}

// wrongEveryTenth has five faults in turn; the answer to the warm-up is right.
func wrongEveryTenth(w http.ResponseWriter, call int, _ string) bool {
	if call == 0 || call%10 != 0 {
		return false
	}
	switch call / 10 % 5 {
	case 0:
		w.WriteHeader(http.StatusInternalServerError)
	case 1:
		fmt.Fprint(w, `{"responses":[]}`)
	case 2:
		fmt.Fprint(w, `{"responses":[{"id":"1","status":403,"body":{"error":{"code":"MinimumRest","message":"Adele rests"}}}]}`)
	case 3:
		fmt.Fprint(w, `{"responses":[{"id":"1","status":200,"body":{"data":["a","c"]}}]}`)
	case 4:
		hangUp(w)
	}
	return true
}

func TestLoadTestCountsWrongAnswers(t *testing.T) {
	t.Parallel()
	e, url := startFake(t, wrongEveryTenth)
	args := []string{"load-test", "--url", url, "--secret", testSecret, "--team", "T", "--rate", "2000", "--requests", "400",
		"--read", "/users/adele/timeOffReasons?requestType=TimeOffReason"}
	code, stdout, stderr := wfi(t, append(args, "--json")...)
	assert.Equal(t, exitFailure, code)
	assert.Contains(t, stderr, "wfi load-test: 40 of 400 answers were wrong\n")
	var report loadtest.Report
	require.NoError(t, json.Unmarshal([]byte(stdout), &report))
	assert.Equal(t, map[loadtest.Reason]int{"invalid": 8, "unanswered": 8, "refused": 8, loadtest.Differs: 8, loadtest.NoAnswer: 8}, report.All.Reasons)
	assert.Len(t, report.Examples, 15, "three of each")
	assertDiscreet(t, stdout+stderr)
	assert.NotContains(t, stdout+stderr, "rests")

	e.mu.Lock()
	e.calls = 0
	e.mu.Unlock()
	code, stdout, _ = wfi(t, args...)
	assert.Equal(t, exitFailure, code)
	assert.Regexp(t, `(?m)^read timeOffReasons +400 +40 +\d`, stdout)
	assert.Regexp(t, `(?m)^8 of 400 read timeOffReasons: refused\n    at \S+: status 403, code MinimumRest\n`, stdout)
	assert.Regexp(t, `(?m)^8 of 400 read timeOffReasons: differs\n    at \S+: 2 ids where 2 were expected, 1 of them in common\n`, stdout)
}

const loadProfileText = `
team: T
timeZone: Europe/Berlin
timeOffReasons: {user: adele}
roster: {manager: boss, workers: [adele, bianca], from: 2027-03-01, days: 20}
`

func loadProfileArgs(t *testing.T, url, profile string, more ...string) []string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "profile.yaml")
	require.NoError(t, os.WriteFile(file, []byte(profile), 0o600))
	return append([]string{"load-test", "--url", url, "--secret", testSecret, "--profile", file}, more...)
}

// However an endpoint answers changes, no shift is left that it can be told to
// delete.
func TestLoadTestLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]func(w http.ResponseWriter, call int, method string) bool{
		"none": nil,
		"answers lost": func(w http.ResponseWriter, call int, _ string) bool {
			hang := call > 5 && call%3 == 0 && call < 150
			if hang {
				hangUp(w)
			}
			return hang
		},
		"creations unanswered": func(w http.ResponseWriter, call int, method string) bool {
			return answerWith(w, call > 5 && method == http.MethodPost, `{"responses":[]}`)
		},
		"deletions not approved": func(w http.ResponseWriter, call int, method string) bool {
			return answerWith(w, call > 5 && call < 150 && method == http.MethodDelete, `{"responses":[]}`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, url := startFake(t, fault)
			code, stdout, stderr := wfi(t, loadProfileArgs(t, url, loadProfileText, "--rate", "1000", "--requests", "200", "--updates", "0.5")...)
			assert.Equal(t, fault != nil, code == exitFailure, stdout+stderr)
			assert.NotContains(t, stderr, "may be left")
			_, ever, left := e.state()
			assert.Positive(t, ever)
			assert.Zero(t, left)
		})
	}
}

func answerWith(w http.ResponseWriter, when bool, body string) bool {
	if when {
		fmt.Fprint(w, body)
	}
	return when
}

func TestLoadTestSaysWhatIsLeft(t *testing.T) {
	t.Parallel()
	_, url := startFake(t, func(w http.ResponseWriter, call int, method string) bool {
		return answerWith(w, call > 5 && method == http.MethodDelete, `{"responses":[]}`)
	})
	code, _, stderr := wfi(t, loadProfileArgs(t, url, loadProfileText, "--rate", "1000", "--requests", "100", "--updates", "0.5")...)
	assert.Equal(t, exitFailure, code)
	assert.Regexp(t, `\d+ shifts may be left in team T, among them \["SHFT_\w+"( "SHFT_\w+"){4}\]: delete them`, stderr)
}

// Who interrupts a test gets the report so far, and a team as it was.
func TestLoadTestInterrupted(t *testing.T) {
	t.Parallel()
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	e, url := startFake(t, func(_ http.ResponseWriter, call int, method string) bool {
		if call >= 41 {
			interrupt()
		}
		return false
	})
	var stdout, stderr bytes.Buffer
	p := &process{stdin: strings.NewReader(""), stdout: &stdout, stderr: &stderr}
	code := run(ctx, p, loadProfileArgs(t, url, loadProfileText, "--rate", "100", "--duration", "1m", "--updates", "1"))
	assert.Equal(t, exitFailure, code)
	assert.Regexp(t, `wfi load-test: interrupted after \d\d of 6000 calls`, stderr.String())
	assert.Contains(t, stdout.String(), "CALLS")
	_, ever, left := e.state()
	assert.Positive(t, ever)
	assert.Zero(t, left)
}

// A test does not begin with an answer that is no measure for others.
func TestLoadTestNeedsAFirstAnswer(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault func(w http.ResponseWriter, call int, method string) bool
		want  string
	}{
		"question refused": {func(w http.ResponseWriter, _ int, _ string) bool {
			return answerWith(w, true, `{"responses":[{"id":"adele","status":404,"body":{"error":{"code":"UserNotFound","message":""}}}]}`)
		}, "the first read timeOffReasons is refused (status 404, code UserNotFound)"},
		"change refused": {func(w http.ResponseWriter, _ int, method string) bool {
			return answerWith(w, method == http.MethodPost, `{"responses":[]}`)
		}, "the first update shift POST is unanswered (the item has no answer): choose other workers or days in the profile's roster, or give --updates 0"},
		"change not answered": {func(w http.ResponseWriter, _ int, method string) bool {
			if method == http.MethodPost {
				hangUp(w)
			}
			return method == http.MethodPost
		}, "the first update shift POST: no answer"},
		"no answer": {func(w http.ResponseWriter, _ int, _ string) bool { hangUp(w); return true }, "the first read timeOffReasons: no answer"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, url := startFake(t, test.fault)
			code, stdout, stderr := wfi(t, loadProfileArgs(t, url, loadProfileText)...)
			assert.Equal(t, exitFailure, code)
			assert.Empty(t, stdout)
			assert.Contains(t, stderr, "wfi load-test: "+test.want)
			calls, _, left := e.state()
			assert.LessOrEqual(t, calls, 3, "the question, the shift, and its deletion")
			assert.Zero(t, left)
		})
	}
}

func TestLoadTestMisuse(t *testing.T) {
	t.Parallel()
	here := []string{"--url", "http://127.0.0.1:1/contoso", "--secret", testSecret}
	reads := append(slices.Clone(here), "--team", "T", "--read", "/x")
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"nothing to send":      {here, "nothing to send: give --demo, --profile or --read"},
		"no endpoint":          {[]string{"--team", "T", "--read", "/x"}, "no endpoint: give --url, or --demo"},
		"no secret":            {[]string{"--url", "http://127.0.0.1:1", "--team", "T", "--read", "/x"}, "no secret: give --secret or set WFI_SECRET"},
		"two sources":          {append(slices.Clone(reads), "--demo"), "can't be used together"},
		"no team":              {append(slices.Clone(here), "--read", "/x"), "--read: give the team"},
		"team of a profile":    {[]string{"--demo", "--team", "T"}, "--team: is for --read only"},
		"url":                  {[]string{"--demo", "--url", "127.0.0.1:8080"}, "--url: expected http://HOST/PATH"},
		"rate":                 {append(slices.Clone(reads), "--rate", "10001"), "--rate: expected more than 0 and at most 10000 calls a second"},
		"duration":             {append(slices.Clone(reads), "--duration", "10m1s"), "--duration: expected more than 0s and at most 10m0s"},
		"no duration":          {append(slices.Clone(reads), "--duration", "0s"), "--duration: expected more than 0s"},
		"requests":             {append(slices.Clone(reads), "--requests", "1000001", "--rate", "9000"), "--requests: expected 1 to 1000000"},
		"too many together":    {append(slices.Clone(reads), "--rate", "10000", "--duration", "2m"), "--requests: expected at most 1000000, and 10000 calls a second for 2m0s are 1200000"},
		"too slow":             {append(slices.Clone(reads), "--rate", "1", "--requests", "601"), "--requests: would take longer than 10m0s"},
		"connections":          {append(slices.Clone(reads), "--connections", "1025"), "--connections: expected 1 to 1024"},
		"updates":              {[]string{"--demo", "--updates", "1.1"}, "--updates: expected a share between 0 and 1"},
		"updates not a number": {[]string{"--demo", "--updates", "NaN"}, "--updates: expected a share between 0 and 1"},
		"updates of nothing":   {append(slices.Clone(reads), "--updates", "0.1"), "--updates: needs the roster"},
		"patience":             {append(slices.Clone(reads), "--patience", "0s"), "--patience: expected more than 0s"},
		"too much patience":    {append(slices.Clone(reads), "--patience", "6m"), "--patience: expected more than 0s and at most 5m0s"},
		"version":              {append(slices.Clone(reads), "--api-version", "0"), "--api-version: expected 1 or more"},
		"another host":         {[]string{"--demo", "--url", "http://192.0.2.1/demo"}, "--url leads to 192.0.2.1, which is not this machine"},
		"any host":             {[]string{"--demo", "--url", "http://0.0.0.0:1/demo"}, "--url leads to 0.0.0.0, which is not this machine"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, stdout, stderr := wfi(t, append([]string{"load-test"}, test.args...)...)
			assert.Equal(t, exitMisuse, code, stderr)
			assert.Empty(t, stdout)
			assert.Contains(t, stderr, test.want)
			assert.Equal(t, 1, strings.Count(stderr, "\n"))
			assertDiscreet(t, stderr)
		})
	}
}
