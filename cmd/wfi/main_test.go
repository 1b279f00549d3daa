package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/batch/envelope"
)

// The secrets of the tests.
const (
	testSecret  = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
	otherSecret = "ZYXWVUTSRQPONMLKJIHGFEDCBA9876543210zyxwvutsrqponmlkjihgfedcba-_"
)

func TestMain(m *testing.M) {
	testscript.Main(withBinary{m}, map[string]func(){"wfi": main})
}

// TestScripts runs the real main, one script for each topic. Besides the usual
// commands the scripts have
//
//	exits CODE COMMAND ARG...   runs a command that must end with this exit code
//	endpoint STATUS FILE        starts an endpoint at $ENDPOINT that answers so
//	endpoint hang               starts one that does not answer
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script", // Run fails when it is empty
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("GORACE", gorace)
			env.Setenv("SECRET", testSecret)
			env.Setenv("OTHER_SECRET", otherSecret)
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits":    scriptExits,
			"endpoint": scriptEndpoint,
		},
	})
}

func scriptExits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND ARG...")
	}
	code := 0
	err := ts.Exec(args[1], args[2:]...)
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d", code)
	}
}

// scriptEndpoint leaves the headers of what it received in received.txt, below
// a line with method, path and whether the body was sealed, and the content of
// the body in received.json.
func scriptEndpoint(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: endpoint STATUS FILE, or endpoint hang")
	}
	key, err := envelope.NewKey(testSecret)
	ts.Check(err)
	answer, headers, content := "", ts.MkAbs("received.txt"), ts.MkAbs("received.json")
	status := 0
	if args[0] != "hang" {
		status, err = strconv.Atoi(args[0])
		ts.Check(err)
		answer = ts.ReadFile(args[1])
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || status == 0 {
			<-r.Context().Done()
			return
		}
		form := "sealed"
		plaintext, err := envelope.Open(body, key)
		if err != nil {
			form, plaintext = "plain", body
		}
		var text bytes.Buffer
		fmt.Fprintln(&text, r.Method, r.URL.Path, form)
		for name, values := range r.Header {
			fmt.Fprintf(&text, "%s: %s\n", name, values[0])
		}
		err = errors.Join(os.WriteFile(headers, text.Bytes(), 0o600), os.WriteFile(content, plaintext, 0o600))
		if err != nil {
			status, answer = http.StatusTeapot, err.Error()
		}
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(status)
		io.WriteString(w, answer)
	}))
	ts.Defer(server.Close)
	ts.Setenv("ENDPOINT", server.URL)
}

// A person who started a command and gave it no input can interrupt it.
func TestRunInterrupted(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"seal", "open"} {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			ctx, interrupt := context.WithCancel(t.Context())
			stdin, typing := io.Pipe()
			defer typing.Close()
			var stdout, stderr bytes.Buffer
			done := make(chan int)
			go func() {
				p := &process{stdin: stdin, stdout: &stdout, stderr: &stderr, environ: []string{"WFI_SECRET=" + testSecret}}
				done <- run(ctx, p, []string{command})
			}()
			_, err := typing.Write([]byte("half a batch")) // returns once it has been read
			require.NoError(t, err)
			interrupt()
			assert.Equal(t, exitFailure, receive(t, done))
			assert.Empty(t, stdout.String())
			assert.Equal(t, "wfi "+command+": interrupted while reading standard input\n", stderr.String())
		})
	}
}

// A full disk or a closed pipe must not look like success.
func TestRunOutputFails(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"seal", "--secret", testSecret}, {"version"}} {
		var stderr bytes.Buffer
		p := &process{stdin: bytes.NewReader(nil), stdout: failingWriter{}, stderr: &stderr}
		assert.Equal(t, exitFailure, run(t.Context(), p, args), args[0])
		assert.Equal(t, "wfi "+args[0]+": disk full\n", stderr.String())
	}
}

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, errors.New("disk full") }

// receive waits for a value; the time limit is only there to end a hung test.
func receive[T any](t *testing.T, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(30 * time.Second):
		require.FailNow(t, "nothing happened")
		panic("unreachable")
	}
}
