package contract_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/batch/contract"
)

const secret = "this-half-authenticates-the-bodythis-half-wraps-the-message-key!"

// halfAnEndpoint answers /connect, and only if there is no needless slash in
// the path, and nothing else.
func halfAnEndpoint(t *testing.T) string {
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // or the caller may see no answer to a large one
		if r.URL.Path != "/v1/connect" {
			w.WriteHeader(http.StatusInternalServerError)
		}
	}))
	t.Cleanup(endpoint.Close)
	return endpoint.URL
}

// A fakeT records what Run does with a *testing.T.
type fakeT struct {
	ctx      context.Context
	subtests map[string]*fakeT
	order    []string
	said     []string // the method, and what it was given
}

// stopped is how the methods that end a test do so.
type stopped struct{}

func (f *fakeT) say(method string, args []any) {
	f.said = append(f.said, method+" "+fmt.Sprint(args...))
}
func (f *fakeT) Helper()                  {}
func (f *fakeT) Context() context.Context { return f.ctx }
func (f *fakeT) Log(args ...any)          { f.say("log", args) }
func (f *fakeT) Error(args ...any)        { f.say("error", args) }
func (f *fakeT) Skip(args ...any)         { f.say("skip", args); panic(stopped{}) }
func (f *fakeT) Fatal(args ...any)        { f.say("fatal", args); panic(stopped{}) }

func (f *fakeT) Run(name string, run func(*fakeT)) bool {
	subtest := &fakeT{ctx: f.ctx}
	if f.subtests == nil {
		f.subtests = map[string]*fakeT{}
	}
	f.subtests[name] = subtest
	f.order = append(f.order, name)
	subtest.do(run)
	return true
}

func (f *fakeT) do(run func(*fakeT)) {
	defer func() {
		if r := recover(); r != nil && r != any(stopped{}) {
			panic(r)
		}
	}()
	run(f)
}

// Every check is a subtest that ends as the check did: only a MUST fails it.
func TestRun(t *testing.T) {
	t.Parallel()
	url := halfAnEndpoint(t)
	report, err := contract.Certify(t.Context(), url, secret, contract.Profile{}, contract.Options{})
	require.NoError(t, err)
	fake := &fakeT{ctx: t.Context()}
	fake.do(func(f *fakeT) { contract.Run(f, url, secret, contract.Profile{}) })

	require.Empty(t, fake.said)
	seen := map[string]int{}
	for i, result := range report.Results {
		require.Equal(t, result.ID, fake.order[i])
		var methods []string
		for _, said := range fake.subtests[result.ID].said {
			method, text, _ := strings.Cut(said, " ")
			methods = append(methods, method)
			assert.Contains(t, text, result.Message)
			if result.Status == contract.Failed {
				assert.Contains(t, text, result.Title)
				assert.Contains(t, text, result.Mend)
				assert.Contains(t, text, "POST "+url)
			}
		}
		var want []string
		switch {
		case result.Status == contract.Skipped:
			want = []string{"skip"}
		case result.Status == contract.Failed && result.Level != contract.Must:
			want = []string{"log"}
		case result.Status != contract.Passed:
			want = []string{"error"}
		}
		assert.Equal(t, want, methods, result.ID)
		seen[fmt.Sprint(want)]++
	}
	assert.Len(t, fake.order, len(report.Results))
	for _, outcome := range []string{"[]", "[skip]", "[log]"} {
		assert.Positive(t, seen[outcome], "the endpoint should have had %s", outcome)
	}
	assert.Empty(t, fake.subtests["connect.accepted"].said)
	assert.Contains(t, fake.subtests["connect.slashes"].said[0], "log SHOULD")
}

// A failed MUST fails its subtest.
func TestRunMust(t *testing.T) {
	t.Parallel()
	endpoint := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(endpoint.Close)
	fake := &fakeT{ctx: t.Context()}
	fake.do(func(f *fakeT) { contract.Run(f, endpoint.URL, secret, contract.Profile{}) })
	require.NotEmpty(t, fake.subtests)
	assert.Contains(t, fake.subtests["connect.accepted"].said[0], "error MUST The call that registers the integration is answered with HTTP 200\nThe endpoint answers HTTP 404 to every call: is the url the one that is registered")
}

// What keeps anything from being checked is fatal, and does not show the secret.
func TestRunCannotBegin(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		secret  string
		profile contract.Profile
		want    string
	}{
		"secret":  {secret[1:], contract.Profile{}, "has 63 characters"},
		"profile": {secret, contract.Profile{Mode: "sometimes"}, "mode"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := &fakeT{ctx: t.Context()}
			fake.do(func(f *fakeT) { contract.Run(f, "http://127.0.0.1:1", row.secret, row.profile) })
			require.Len(t, fake.said, 1)
			assert.Contains(t, fake.said[0], "fatal ")
			assert.Contains(t, fake.said[0], row.want)
			assert.NotContains(t, fake.said[0], row.secret)
			assert.Empty(t, fake.subtests)
		})
	}
}
