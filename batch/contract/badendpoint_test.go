package contract

import (
	"context"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/batch"
	"example.com/shiftswfi/batch/envelope"
)

var silent = log.New(io.Discard, "", 0)

// patience is enough for an answer on this machine, however busy it is, where
// one has to come.
const patience = 20 * time.Second

// Of endpoints that do not even answer, the suite says so, and comes to its end.
func TestBadEndpoints(t *testing.T) {
	t.Parallel()
	flood := make([]byte, 1<<20)
	tests := []struct {
		name     string
		patience time.Duration
		serve    http.HandlerFunc
		message  string // of a finding; of all if the rest is not run
		notRun   bool   // the rest
	}{
		{"hangs", 50 * time.Millisecond, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			<-r.Context().Done()
		}, "The endpoint did not answer within 50ms.", true},
		{"begins to answer and hangs", 50 * time.Millisecond, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			_, _ = io.WriteString(w, `{"responses":[`)
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		}, "The endpoint did not answer within 50ms.", true},
		{"closes the connection", patience, func(http.ResponseWriter, *http.Request) {
			panic(http.ErrAbortHandler)
		}, "The endpoint did not answer: EOF.", true},
		{"breaks off", patience, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, `{"responses":[`)
		}, "The endpoint did not answer: the answer broke off: unexpected EOF.", true},
		{"sends 100 MB", patience, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			for range 100 {
				if _, err := w.Write(flood); err != nil {
					return
				}
			}
		}, "The endpoint sent an answer of more than 8388608 bytes.", true},
		{"sends what is not JSON", patience, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, "<html>Welcome</html>")
		}, "The body of the answer is not JSON.", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewUnstartedServer(test.serve)
			server.Config.ErrorLog = silent
			server.Start()
			t.Cleanup(server.Close)
			report, err := Certify(t.Context(), server.URL, testSecret, fullProfile(t), Options{Patience: test.patience})
			require.NoError(t, err)
			assert.Equal(t, DoesNotConform, report.Verdict())
			failed, notRun := results(report, Failed), results(report, NotRun)
			require.NotEmpty(t, failed)
			if test.notRun {
				assert.Len(t, failed, patienceInARow)
				assert.Equal(t, len(report.Results), len(failed)+len(notRun))
				for _, result := range failed {
					assert.Contains(t, result.Message, test.message, result.ID)
				}
				for _, result := range notRun {
					assert.Equal(t, "The endpoint left 3 calls in a row without an answer.", result.Message, result.ID)
				}
				return
			}
			assert.Empty(t, notRun)
			assert.True(t, slices.ContainsFunc(failed, func(r Result) bool { return strings.Contains(r.Message, test.message) }), test.message)
		})
	}
}

// One wrong flag is one finding, which names it.
func TestEndpointsThatLetNobodyIn(t *testing.T) {
	t.Parallel()
	always := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "/login")
			w.WriteHeader(status)
		}
	}
	tests := []struct {
		name, scheme string
		serve        http.HandlerFunc // nil: there is no endpoint
		message      string
		verdict      Verdict
	}{
		{"another secret", "http", always(401), "is the secret the one that it is configured with", DoesNotConform},
		{"another path", "http", always(404), "is the url the one that is registered", DoesNotConform},
		{"redirects", "http", always(302), `redirects, here to "/login", are not followed`, DoesNotConform},
		{"not there", "http", nil, "The endpoint could not be reached: dial tcp", NotEstablished},
		{"no TLS", "https", always(200), "The endpoint could not be reached: ", NotEstablished},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewUnstartedServer(test.serve)
			server.Config.ErrorLog = silent
			server.Start()
			if test.serve == nil {
				server.Close()
			}
			t.Cleanup(server.Close)
			url := strings.Replace(server.URL, "http", test.scheme, 1)
			report, err := Certify(t.Context(), url, testSecret, fullProfile(t), Options{Patience: patience})
			require.NoError(t, err)
			assert.Equal(t, test.verdict, report.Verdict())
			for _, result := range report.Results {
				want := NotRun
				if result.ID == checkAccepted && test.verdict == DoesNotConform {
					want = Failed
				}
				assert.Equal(t, want, result.Status, result.ID)
				assert.Contains(t, result.Message, test.message, result.ID)
			}
		})
	}
}

func TestURLs(t *testing.T) {
	t.Parallel()
	for url, ok := range map[string]bool{
		"https://wfi.contoso.example/shifts": true, "http://127.0.0.1:8080": true, "https://[::1]/a/": true,
		"": false, "wfi.contoso.example": false, "ftp://host/": false, "http://host/?a=b": false, "http://host/#a": false, "http://me:pw@host/": false,
	} {
		assert.Equal(t, ok, checkURL(url) == nil, url)
		if !ok {
			assert.NotContains(t, checkURL(url).Error(), "pw", "a password is not repeated")
		}
	}
}

// What a check has made is taken back also when the run is interrupted.
func TestInterruptedRunsCleanUp(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var mu sync.Mutex
	kept := map[string]bool{}
	key, err := envelope.NewKey(testSecret)
	require.NoError(t, err)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		plaintext, _ := envelope.Open(body, key)
		requests, err := batch.Decode(plaintext, 10)
		if err != nil {
			return // of /connect
		}
		mu.Lock()
		defer mu.Unlock()
		for _, request := range requests.All() {
			kept[request.ID] = request.Method != http.MethodDelete
		}
		_, _ = w.Write(batch.Encode(requests.Answer(func(int, batch.Request) batch.Result { return batch.Accepted("v1") })))
		if len(kept) == 2 {
			cancel()
		}
	}))
	t.Cleanup(server.Close)
	report, err := Certify(ctx, server.URL, testSecret, fullProfile(t), Options{Only: []string{"update.swap-approved"}})
	require.NoError(t, err)
	assert.Equal(t, NotRun, report.Results[0].Status)
	assert.Equal(t, "The run was interrupted.", report.Results[0].Message)
	mu.Lock()
	defer mu.Unlock()
	assert.GreaterOrEqual(t, len(kept), 2)
	for id, there := range kept {
		assert.False(t, there, id)
	}
}

// An answer that cannot be read is named as such where it should be read.
func TestAnswersThatAreNotJSON(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, body, message string }{
		{"a page", "<html></html>", "The body of the answer is not JSON."},
		{"nothing", "", "The body of the answer is empty."},
		{"broken off, with its end", `{"responses":[`, "The body of the answer is not JSON."},
		{"a list", "[]", `The body of the answer is not an object with a list "responses".`},
		{"a byte order mark", "\ufeff{\"responses\":[]}", "The body of the answer is not JSON."},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, test.body) }))
			t.Cleanup(server.Close)
			report, err := Certify(t.Context(), server.URL, testSecret, fullProfile(t), Options{Only: []string{"batch.every-item-answered"}})
			require.NoError(t, err)
			assert.Equal(t, test.message, report.Results[0].Message)
		})
	}
}

// An endpoint that answers some calls well, and others without an end, would
// cost as much each time.
func TestEndlessNowAndThen(t *testing.T) {
	t.Parallel()
	key, err := envelope.NewKey(testSecret)
	require.NoError(t, err)
	flood := make([]byte, 1<<20)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if _, notOpen := envelope.Open(body, key); notOpen != nil {
			w.WriteHeader(http.StatusUnauthorized)
		}
		for err == nil && !strings.HasSuffix(r.URL.Path, "/connect") {
			_, err = w.Write(flood)
		}
	}))
	t.Cleanup(server.Close)
	report, err := Certify(t.Context(), server.URL, testSecret, fullProfile(t), Options{Only: []string{"envelope"}, Patience: patience})
	require.NoError(t, err)
	assert.Len(t, results(report, Failed), patienceInAll)
	notRun := results(report, NotRun)
	require.NotEmpty(t, notRun)
	for _, result := range notRun {
		assert.Equal(t, "The endpoint let 10 calls wait in vain, or sent them answers without an end.", result.Message)
	}
}

// When the time for the whole run is up, what is left is not run.
func TestTimeIsUp(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	calls := make(chan struct{}, 100)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls <- struct{}{}
		if len(calls) == 3 {
			cancel()
			_, _ = io.Copy(io.Discard, r.Body)
			<-r.Context().Done()
		}
	}))
	t.Cleanup(server.Close)
	report, err := Certify(ctx, server.URL, testSecret, fullProfile(t), Options{})
	require.NoError(t, err)
	assert.Equal(t, Passed, report.Results[0].Status)
	assert.Equal(t, "The run was interrupted.", report.Results[1].Message)
	assert.Equal(t, "The run was interrupted.", report.Results[2].Message)
	assert.Equal(t, len(report.Results)-1, report.Count(NotRun))
	assert.Equal(t, NotEstablished, report.Verdict())
}

// fullProfile has what every check needs but an outage.
func fullProfile(t *testing.T) Profile {
	t.Helper()
	profile, err := ParseProfile([]byte(`
tenantId: 8f9d7c6b-0000-4000-8000-000000000001
team: T
passthrough: WFI_1
swap:
  shift: {id: SHFT_1, user: a, start: 2030-01-07T09:00:00Z}
  eligible: [{id: SHFT_2, user: b, start: 2030-01-08T09:00:00Z}]
  ineligible: [{id: SHFT_3, user: c, start: 2030-01-09T09:00:00Z}]
timeOffReasons: {user: a, eligible: [TOR_1], ineligible: [TOR_2]}
roster: {workers: [a, b, c], from: 2030-03-01, timeOffReason: TOR_1}
`))
	require.NoError(t, err)
	return profile
}

func results(report *Report, status Status) []Result {
	var some []Result
	for _, result := range report.Results {
		if result.Status == status {
			some = append(some, result)
		}
	}
	return some
}
