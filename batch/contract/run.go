package contract

import (
	"context"
	"crypto/tls"
	"net/http"
	"os/exec"
	"strings"
	"time"
)

// T is what [Run] needs of a *testing.T. It is an interface so that programs
// which import this package are not linked with package testing.
type T[S any] interface {
	Helper()
	Context() context.Context
	Run(name string, f func(S)) bool
	Log(args ...any)
	Error(args ...any)
	Skip(args ...any)
	Fatal(args ...any)
}

// Run holds the endpoint at url to the contract, each check a subtest of t
// named by its id: one that fails a MUST is an error, one that fails anything
// else is logged, one that the profile cannot support is skipped.
func Run[S T[S]](t S, url, secret string, profile Profile) {
	t.Helper()
	report, err := Certify(t.Context(), url, secret, profile, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, result := range report.Results {
		t.Run(result.ID, func(t S) {
			t.Helper()
			switch {
			case result.Status == Passed:
			case result.Status == Skipped:
				t.Skip(result.Message)
			case result.Status == Failed && result.Level != Must:
				t.Log(result.explain())
			default:
				t.Error(result.explain())
			}
		})
	}
}

// explain is a failure for a person who reads the output of a test.
func (r Result) explain() string {
	var b strings.Builder
	b.WriteString(string(r.Level) + " " + r.Title + "\n" + r.Message + "\n" + r.Mend + "\n")
	if n := len(r.Exchanges); n > 0 {
		last := r.Exchanges[n-1]
		b.WriteString("POST " + last.URL + "\n" + last.Request + "\n" + last.Answer + "\n")
	}
	return b.String()
}

// newTransport takes any certificate: what is wrong with it is a finding. Every
// call has a connection of its own.
func newTransport() http.RoundTripper {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{InsecureSkipVerify: true}
	// A server may close a connection that is idle at any moment. What comes of
	// a call that meets that moment says nothing about the endpoint.
	transport.DisableKeepAlives = true
	return transport
}

// runCommand runs a command of the profile, for at most a minute.
func runCommand(ctx context.Context, command []string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	return exec.CommandContext(ctx, command[0], command[1:]...).Run()
}
