package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/batch/envelope"
)

// binaryDir holds the binary that the tests run as a process.
var binaryDir string

// withBinary gives the binary a folder while the tests run.
type withBinary struct{ *testing.M }

func (m withBinary) Run() int {
	var err error
	if binaryDir, err = os.MkdirTemp("", "wfi-e2e"); err != nil {
		panic(err)
	}
	defer os.RemoveAll(binaryDir)
	return m.M.Run()
}

// binary builds wfi as its users do, with the race detector where the tests
// have it.
var binary = sync.OnceValues(func() (string, error) {
	path := filepath.Join(binaryDir, "wfi")
	args := []string{"build", "-o", path}
	if underRaceDetector() {
		args = append(args, "-race")
	}
	output, err := exec.Command("go", append(args, ".")...).CombinedOutput()
	if err != nil {
		return "", &buildError{err, string(output)}
	}
	return path, nil
})

// underRaceDetector reports whether the tests were built with -race.
func underRaceDetector() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

type buildError struct {
	error
	output string
}

func (e *buildError) Error() string { return e.error.Error() + "\n" + e.output }

// gorace keeps a process under the race detector from waiting for a second
// before it ends.
const gorace = "atexit_sleep_ms=10"

// command is the binary with arguments, in an environment that only env adds to.
func command(t testing.TB, env []string, args ...string) *exec.Cmd {
	t.Helper()
	path, err := binary()
	require.NoError(t, err)
	c := exec.Command(path, args...)
	c.Env = append([]string{"GORACE=" + gorace, "PATH=" + filepath.Dir(path) + string(os.PathListSeparator) + os.Getenv("PATH")}, env...)
	return c
}

// A server is wfi serve as a process of its own.
type server struct {
	t             testing.TB
	cmd           *exec.Cmd
	client        *http.Client
	listen, admin string // host:port

	stdout printed
	mu     sync.Mutex
	log    []string
	more   chan struct{} // closed and replaced when a line is logged, or none comes any more
	ended  bool
	exit   chan int // gets the exit code
}

// printed is what a process has printed so far.
type printed struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (p *printed) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.Write(text)
}

func (p *printed) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String()
}

// settings is a configuration whose listeners have free ports.
func settings(more string) string {
	return "listen: 127.0.0.1:0\nadmin: 127.0.0.1:0\n" + more
}

// contoso is the integration of most tests.
const contoso = `
integrations:
  - name: contoso
    path: /contoso
    apiVersion: 1
    tenantId: 8f9d7c6b-0000-4000-8000-000000000001
    workforceIntegrationId: WFI_5b2c8a10-7d3e-4f61-9a0b-3c2d1e0f4a5b
    secrets: ["env:CONTOSO_SECRET"]
`

// What the tests read and decide.
const (
	storyNow   = "2026-12-01T12:00:00Z"
	storyTeam  = "2f5d1f0e-6c3f-4c0a-9a51-7d2b8f0f9d11"
	adeleShift = "SHFT_a0000001-0000-4000-8000-000000000001"
	teamFile   = "testdata/team.json"
	readPath   = "/contoso/v1/teams/" + storyTeam + "/read"
)

// serve starts a server with a configuration, at the story's time, and returns
// once it serves. It is stopped with the test, and must then end well.
func serve(t testing.TB, config string, args ...string) *server {
	t.Helper()
	file := filepath.Join(t.TempDir(), "wfi.yaml")
	require.NoError(t, os.WriteFile(file, []byte(config), 0o600))
	s := start(t, append([]string{"serve", "--config", file, "--now", storyNow}, args...)...)
	line := s.await("serving")
	s.listen, s.admin = line["listen"].(string), line["admin"].(string)
	return s
}

// start starts the process without waiting for anything.
func start(t testing.TB, args ...string) *server {
	t.Helper()
	s := &server{
		t: t, more: make(chan struct{}), exit: make(chan int, 1),
		cmd: command(t, []string{"CONTOSO_SECRET=" + testSecret, "NO_COLOR=1"}, args...),
		// An answer that takes longer than any deadline of these tests is none.
		client: &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{
			TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
		}},
	}
	s.cmd.Stdout = &s.stdout
	stderr, err := s.cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, s.cmd.Start())
	go s.follow(stderr)
	t.Cleanup(s.stop)
	return s
}

// follow collects the log and then the exit code.
func (s *server) follow(stderr io.Reader) {
	add := func(line string, end bool) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if !end {
			s.log = append(s.log, line)
		}
		s.ended = end
		close(s.more)
		s.more = make(chan struct{})
	}
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		add(lines.Text(), false)
	}
	add("", true)
	_ = s.cmd.Wait()
	s.exit <- s.cmd.ProcessState.ExitCode()
}

// await returns the first line of the log with a message, once it is there.
func (s *server) await(message string) map[string]any {
	s.t.Helper()
	return s.awaitAfter(0, message)
}

// awaitAfter is await for a line that is not among the first ones.
func (s *server) awaitAfter(first int, message string) map[string]any {
	s.t.Helper()
	timeout := time.After(30 * time.Second) // only there to end a hung test
	for seen := first; ; {
		s.mu.Lock()
		lines, more, ended := s.log[seen:], s.more, s.ended
		s.mu.Unlock()
		for _, text := range lines {
			var line map[string]any
			if json.Unmarshal([]byte(text), &line) == nil && line["message"] == message {
				return line
			}
		}
		seen += len(lines)
		if ended {
			require.FailNow(s.t, "the process has ended without saying "+message, s.logged())
		}
		select {
		case <-more:
		case <-timeout:
			require.FailNow(s.t, "the process does not say "+message, s.logged())
		}
	}
}

func (s *server) logged() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.log, "\n")
}

// lined is the log so far, line by line.
func (s *server) lined() []map[string]any {
	var lines []map[string]any
	for _, text := range strings.Split(s.logged(), "\n") {
		var line map[string]any
		if json.Unmarshal([]byte(text), &line) == nil {
			lines = append(lines, line)
		}
	}
	return lines
}

func (s *server) lines() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.log)
}

// terminate asks for an orderly end.
func (s *server) terminate() {
	s.t.Helper()
	require.NoError(s.t, s.cmd.Process.Signal(syscall.SIGTERM))
}

// code waits for the end and returns the exit code.
func (s *server) code() int {
	s.t.Helper()
	select {
	case code := <-s.exit:
		s.exit <- code
		return code
	case <-time.After(30 * time.Second):
		require.FailNow(s.t, "the process does not end", s.logged())
		return -1
	}
}

// stop ends the process, which must have nothing to hide in its log. Under the
// race detector a process that has seen a race ends with another code.
func (s *server) stop() {
	s.client.CloseIdleConnections()
	if s.cmd.Process.Signal(syscall.SIGTERM) == nil {
		assert.Zero(s.t, s.code(), s.logged())
	}
	assert.NotContains(s.t, s.logged(), "DATA RACE")
	assertDiscreet(s.t, s.logged())
}

// assertDiscreet checks that a text has no secret and no name of the team file.
func assertDiscreet(t testing.TB, text string) {
	t.Helper()
	for _, name := range []string{"Adele", "Bianca", "Chen", "Dara", "Emil", "Gwen", "Contoso Store"} {
		assert.NotContains(t, text, name)
	}
	for _, secret := range []string{testSecret, otherSecret} {
		assert.NotContains(t, text, secret[:32])
		assert.NotContains(t, text, secret[32:])
	}
}

// ask asks the listener of health and metrics.
func (s *server) ask(path string) (int, string) {
	s.t.Helper()
	response, err := s.client.Get("http://" + s.admin + path)
	require.NoError(s.t, err)
	return drain(s.t, response)
}

// metrics are the lines of /metrics that are about wfi.
func (s *server) metrics() []string {
	s.t.Helper()
	status, text := s.ask("/metrics")
	require.Equal(s.t, http.StatusOK, status)
	return slices.DeleteFunc(strings.Split(text, "\n"), func(line string) bool { return !strings.HasPrefix(line, "wfi_") })
}

// post sends a body as it is.
func (s *server) post(path string, body []byte) (int, string) {
	s.t.Helper()
	return s.postWith(nil, path, body)
}

func (s *server) postWith(headers map[string]string, path string, body []byte) (int, string) {
	s.t.Helper()
	request, err := http.NewRequest(http.MethodPost, "http://"+s.listen+path, bytes.NewReader(body))
	require.NoError(s.t, err)
	request.Header.Set("Content-Type", "application/json")
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	response, err := s.client.Do(request)
	require.NoError(s.t, err)
	return drain(s.t, response)
}

func drain(t testing.TB, response *http.Response) (int, string) {
	t.Helper()
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.StatusCode, string(body)
}

// send seals a text as Shifts does and posts it.
func (s *server) send(path, secret, text string) (int, string) {
	s.t.Helper()
	return s.post(path, seal(s.t, secret, text))
}

func seal(t testing.TB, secret, text string) []byte {
	t.Helper()
	key, err := envelope.NewKey(secret)
	require.NoError(t, err)
	body, err := envelope.Seal([]byte(text), key, nil)
	require.NoError(t, err)
	return body
}

// An answered is an item of an answer.
type answered struct {
	ID     string
	Status int
	Body   struct {
		Data  []string // nil if null
		Error *struct{ Code, Message string }
	}
}

func (a answered) code() string {
	if a.Body.Error == nil {
		return ""
	}
	return a.Body.Error.Code
}

// read asks about URLs in one batch, and gives an answer for each.
func (s *server) read(urls ...string) []answered {
	s.t.Helper()
	return s.readAt(readPath, testSecret, urls...)
}

func (s *server) readAt(path, secret string, urls ...string) []answered {
	s.t.Helper()
	status, body := s.send(path, secret, batchOf(urls...))
	require.Equal(s.t, http.StatusOK, status, body)
	return answersIn(s.t, body, len(urls))
}

func answersIn(t testing.TB, body string, count int) []answered {
	t.Helper()
	var answer struct{ Responses []answered }
	require.NoError(t, json.Unmarshal([]byte(body), &answer), body)
	require.Len(t, answer.Responses, count)
	return answer.Responses
}

// wfi runs a command inside the test.
func wfi(t testing.TB, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	var out, complaints bytes.Buffer
	p := &process{stdin: strings.NewReader(""), stdout: &out, stderr: &complaints}
	code = run(ctx, p, args)
	return code, out.String(), complaints.String()
}
