package main

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/batch/contract"
	"example.com/shiftswfi/batch/envelope"
)

func TestContractList(t *testing.T) {
	t.Parallel()
	code, stdout, stderr := wfi(t, "contract", "--list")
	require.Zero(t, code, stderr)
	lines := strings.Split(strings.TrimSuffix(stdout, "\n"), "\n")
	checks := contract.Checks()
	require.Len(t, lines, len(checks))
	for i, check := range checks {
		assert.Regexp(t, `^`+check.ID+` +`+string(check.Level)+` +`, lines[i])
		assert.True(t, strings.HasSuffix(lines[i], "  "+check.Title), lines[i])
	}

	code, stdout, stderr = wfi(t, "contract", "--list", "--json")
	require.Zero(t, code, stderr)
	var listed []map[string]string
	require.NoError(t, json.Unmarshal([]byte(stdout), &listed))
	require.Len(t, listed, len(checks))
	for i, check := range listed {
		assert.Equal(t, checks[i].ID, check["id"])
		for _, name := range []string{"id", "level", "title", "sends", "why", "mend", "section"} {
			assert.NotEmpty(t, check[name], "%s of %s", name, check["id"])
		}
	}

	code, stdout, stderr = wfi(t, "contract", "--list", "--run", "connect.slashes,update.swap-approved")
	require.Zero(t, code, stderr)
	assert.Equal(t, 2, strings.Count(stdout, "\n"), stdout)
}

func TestContractInit(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "contoso.yaml")
	content := func() string {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		return string(data)
	}
	code, stdout, stderr := wfi(t, "contract", "init", file)
	require.Zero(t, code, stderr)
	assert.Equal(t, contract.ProfileTemplate(), content())
	assert.Contains(t, stdout, "wfi contract --url URL --secret REF --profile "+file+"\n")

	require.NoError(t, os.WriteFile(file, []byte("mine"), 0o600))
	code, stdout, stderr = wfi(t, "contract", "init", file)
	assert.Equal(t, exitFailure, code)
	assert.Empty(t, stdout)
	assert.Equal(t, "wfi contract init: "+file+" is there already: choose another name, or write over it with --force\n", stderr)
	assert.Equal(t, "mine", content())

	code, _, stderr = wfi(t, "contract", "init", "--force", file)
	require.Zero(t, code, stderr)
	assert.Equal(t, contract.ProfileTemplate(), content())

	code, stdout, stderr = wfi(t, "contract", "init", "-")
	require.Zero(t, code, stderr)
	assert.Equal(t, contract.ProfileTemplate(), stdout)

	missing := filepath.Join(dir, "missing", "contoso.yaml")
	code, _, stderr = wfi(t, "contract", "init", missing)
	assert.Equal(t, exitFailure, code)
	assert.Equal(t, "wfi contract init: write "+missing+": no such file or directory\n", stderr)
}

// What cannot be run ends before the endpoint is called, and says what to do.
func TestContractCannotBegin(t *testing.T) {
	t.Parallel()
	var calls atomic.Int64
	endpoint := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { calls.Add(1) }))
	t.Cleanup(endpoint.Close)
	dir := t.TempDir()
	misspelt := filepath.Join(dir, "misspelt.yaml")
	require.NoError(t, os.WriteFile(misspelt, []byte("taem: t\n"), 0o600))
	good := []string{"--url", endpoint.URL, "--secret", testSecret}
	for name, row := range map[string]struct {
		args []string
		code int
		want string
	}{
		"no url":           {[]string{"--secret", testSecret}, exitMisuse, "no endpoint: give --url, or --demo"},
		"no url, JSON":     {[]string{"--json"}, exitMisuse, "no endpoint"},
		"broken url":       {[]string{"--url", "127.0.0.1:8080"}, exitMisuse, "--url: expected http://HOST/PATH"},
		"no secret":        {[]string{"--url", endpoint.URL}, exitMisuse, "no secret: give --secret or set WFI_SECRET"},
		"short secret":     {[]string{"--url", endpoint.URL, "--secret", "short"}, exitMisuse, "found a text of 5 characters"},
		"absent secret":    {[]string{"--url", endpoint.URL, "--secret", "env:NONE"}, exitFailure, "found nothing at env:NONE"},
		"unknown check":    {append(good, "--run", "update.swap-aproved"), exitMisuse, "no check and no group update.swap-aproved; did you mean update.swap-approved"},
		"part of an id":    {append(good, "--run", "slashes"), exitMisuse, "did you mean connect.slashes"},
		"unknown group":    {append(good, "--run", "conect"), exitMisuse, "did you mean connect"},
		"nothing like it":  {append(good, "--run", "zzzzzzzzz"), exitMisuse, "no check and no group zzzzzzzzz; --list shows them"},
		"unknown in list":  {[]string{"--list", "--run", "conect"}, exitMisuse, "did you mean connect"},
		"no time":          {append(good, "--timeout", "0s"), exitMisuse, "--timeout: expected more than 0s"},
		"no patience":      {append(good, "--patience=-1s"), exitMisuse, "--patience: expected more than 0s"},
		"broken now":       {append(good, "--now", "noon"), exitMisuse, "--now: expected a time such as"},
		"two profiles":     {append(good, "--demo", "--profile", misspelt), exitMisuse, "--profile and --demo can't be used together"},
		"no profile":       {append(good, "--profile", filepath.Join(dir, "none.yaml")), exitFailure, "none.yaml: no such file or directory"},
		"broken profile":   {append(good, "--profile", misspelt), exitFailure, `unknown field "taem"`},
		"one file":         {append(good, "--junit", "a", "--html", "a"), exitMisuse, "--junit and --html: expected two files"},
		"no folder":        {append(good, "--html", filepath.Join(dir, "none", "r.html")), exitFailure, "no such file or directory; name a file in a folder that exists and can be written to"},
		"a folder":         {append(good, "--junit", dir), exitFailure, "this is no file; name a file"},
		"files, no secret": {[]string{"--url", endpoint.URL, "--junit", filepath.Join(dir, "r.xml"), "--html", filepath.Join(dir, "r.html")}, exitMisuse, "no secret"},
		"demo elsewhere":   {[]string{"--demo", "--url", endpoint.URL + "/none", "--secret", "env:NONE"}, exitFailure, "found nothing at env:NONE"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, stdout, stderr := wfi(t, append([]string{"contract"}, row.args...)...)
			assert.Equal(t, row.code, code)
			assert.Empty(t, stdout)
			assert.Contains(t, stderr, row.want)
			assertNoSecret(t, stderr)
		})
	}
	t.Cleanup(func() {
		assert.Zero(t, calls.Load())
		left, err := os.ReadDir(dir)
		assert.NoError(t, err)
		assert.Len(t, left, 1, "only the profile: %v", left)
	})
}

// An endpoint that is not there: nothing is established.
func TestContractNobodyThere(t *testing.T) {
	t.Parallel()
	code, stdout, stderr := wfi(t, "contract", "--url", "http://127.0.0.1:1", "--secret", testSecret)
	assert.Equal(t, exitFailure, code)
	assert.Contains(t, stdout, "connection refused")
	assert.Contains(t, stdout, "not run: The endpoint could not be reached: dial tcp")
	assert.Contains(t, stderr, "wfi contract run: ")

	code, stdout, stderr = wfi(t, "contract", "--demo", "--url", "http://127.0.0.1:1")
	assert.Equal(t, exitFailure, code)
	assert.Empty(t, stdout)
	assert.Equal(t, "wfi contract run: http://127.0.0.1:1: no answer: dial tcp 127.0.0.1:1: connect: connection refused; "+
		"start the demo, with wfi serve --demo, or say with --url where it is\n", stderr)
}

// connected answers /connect well, and says of everything else what is in the
// body, and the secret.
func connected(t *testing.T) *httptest.Server {
	key, err := envelope.NewKey(testSecret)
	require.NoError(t, err)
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		plaintext, err := envelope.Open(body, key)
		switch {
		case err != nil:
			w.WriteHeader(http.StatusUnauthorized)
		case !strings.HasSuffix(r.URL.Path, "/connect"):
			w.WriteHeader(http.StatusInternalServerError)
			_, _ = w.Write([]byte(testSecret + " \x1b[2J " + string(plaintext)))
		}
	}))
	t.Cleanup(endpoint.Close)
	return endpoint
}

// All forms of a report say the same, and none of them the secret.
func TestContractReports(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	junit, html := filepath.Join(dir, "contract.xml"), filepath.Join(dir, "contract.html")
	require.NoError(t, os.WriteFile(junit, []byte("an old report"), 0o600))
	profile := filepath.Join(dir, "contract.yaml")
	require.NoError(t, os.WriteFile(profile, []byte("team: t\n"), 0o600))
	args := []string{"contract", "--url", connected(t).URL, "--secret", testSecret, "--profile", profile}

	code, stdout, stderr := wfi(t, append(args, "--json", "--junit", junit, "--html", html)...)
	assert.Equal(t, exitFailure, code)
	assert.Equal(t, "wfi contract run: the endpoint does not conform: a MUST has failed\n", stderr)
	var report contract.Report
	require.NoError(t, json.Unmarshal([]byte(stdout), &report))
	assert.Contains(t, stdout, `"verdict": "does not conform"`)

	page, err := os.ReadFile(html)
	require.NoError(t, err)
	written, err := os.ReadFile(junit)
	require.NoError(t, err)
	var suites struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
	}
	require.NoError(t, xml.Unmarshal(written, &suites))
	assert.Len(t, report.Results, suites.Tests)
	left, err := filepath.Glob(filepath.Join(dir, "*.part"))
	require.NoError(t, err)
	assert.Empty(t, left)

	code, text, stderr := wfi(t, args...)
	assert.Equal(t, exitFailure, code, stderr)
	assert.Contains(t, text, "\nVerdict: does not conform\n")
	assert.Contains(t, text, "repeat the command with --run and its id")
	assert.NotContains(t, text, "\x1b")
	failed, mustFailed := 0, 0
	for _, result := range report.Results {
		assert.True(t, strings.Contains(string(page), result.ID), result.ID)
		assert.True(t, strings.Contains(string(written), `name="`+result.ID+`"`), result.ID)
		if result.Status == contract.Failed {
			failed++
			assert.Contains(t, text, string(result.Level)+" "+result.ID+" "+result.Title+"\n")
		}
		if result.Status == contract.Failed && result.Level == contract.Must {
			mustFailed++
		}
	}
	assert.Positive(t, mustFailed)
	assert.Greater(t, failed, mustFailed, "some SHOULD fails, too")
	assert.Equal(t, mustFailed, suites.Failures)
	for _, form := range []string{stdout, text, string(page), string(written)} {
		assertNoSecret(t, form)
	}
}

// Where only those checks are made that need no profile, the end says how to
// get more.
func TestContractWithoutProfile(t *testing.T) {
	t.Parallel()
	url := connected(t).URL
	code, stdout, stderr := wfi(t, "contract", "--url", url, "--secret", testSecret, "--run", "connect.accepted,update")
	assert.Zero(t, code, stderr)
	assert.Contains(t, stdout, "  ok    MUST  connect.accepted  ")
	assert.Contains(t, stdout, "skipped: The profile names no")
	assert.Less(t, strings.Count(stdout, "\n"), 40)
	assert.True(t, strings.HasSuffix(stdout, "wfi contract init writes one to fill in.\n"), stdout)

	code, stdout, stderr = wfi(t, "contract", "--url", url, "--secret", testSecret, "--run", "update.swap-approved")
	assert.Equal(t, exitFailure, code, "all were skipped: nothing is established")
	assert.Contains(t, stdout, "Verdict: could not be established\n")
	assert.Contains(t, stderr, "it could not be established whether the endpoint conforms")
}

// Who interrupts a run still sees what has been found, and that it is not all.
func TestContractInterrupted(t *testing.T) {
	t.Parallel()
	ctx, interrupt := context.WithCancel(t.Context())
	endpoint := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		interrupt()
		<-r.Context().Done()
	}))
	t.Cleanup(endpoint.Close)
	var stdout, stderr bytes.Buffer
	p := &process{stdout: &stdout, stderr: &stderr}
	code := run(ctx, p, []string{"contract", "--url", endpoint.URL, "--secret", testSecret})
	assert.Equal(t, exitFailure, code)
	assert.Contains(t, stdout.String(), "Verdict: could not be established\n")
	assert.Contains(t, stdout.String(), " 0 passed, 0 failed,")
}

// The line of progress is written over, and gone in the end.
func TestProgressLine(t *testing.T) {
	t.Parallel()
	var terminal bytes.Buffer
	progress := progressLine(&terminal)
	progress(0, 2, contract.Check{ID: "connect.accepted"})
	progress(1, 2, contract.Check{ID: "a.b"})
	progress(2, 2, contract.Check{})
	first, blank := "0 of 2  connect.accepted", strings.Repeat(" ", 24)
	assert.Equal(t, "\r"+first+"\r"+"1 of 2  a.b"+blank[:24-11]+"\r"+blank+"\r", terminal.String())
}
