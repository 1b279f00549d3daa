package contract

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
)

// What the bytes of an answer are told about themselves, whatever they say.
func TestBytesOfAnswers(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, check, contentType, body, message string }{
		{"UTF-8", "hygiene.utf-8", "application/json", `{"responses":[{"id":"Zoë"}]}`, ""},
		{"UTF-8 by name", "hygiene.utf-8", `application/json; charset="UTF-8"`, "{}", ""},
		{"a byte order mark", "hygiene.utf-8", "application/json", "\ufeff{}", "The answer begins with a byte order mark."},
		{"Latin 1", "hygiene.utf-8", "application/json", "{\"id\":\"Zo\xeb\"}", "The answer is not UTF-8."},
		{"Latin 1 by name", "hygiene.utf-8", "application/json; charset=latin1", "{}", `The Content-Type of the answer is "application/json; charset=latin1".`},
		{"JSON", "hygiene.content-type", "Application/JSON; charset=utf-8", "{}", ""},
		{"text", "hygiene.content-type", "text/plain", "{}", `The Content-Type of the answer is "text/plain".`},
		{"nothing", "hygiene.content-type", "", "{}", `The Content-Type of the answer is "".`},
		{"a page for a GET", "hygiene.get", "text/html", "<html></html>", ""},
		{"an empty answer to a GET", "hygiene.get", "", "", ""},
		{"data for a GET", "hygiene.get", "application/json", "{}", "/connect answered a GET with HTTP 200 and JSON."},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header()["Content-Type"] = []string{test.contentType}
				_, _ = io.WriteString(w, test.body)
			}))
			t.Cleanup(server.Close)
			assert.Equal(t, test.message, certifyGroup(t, server, test.check).Results[0].Message)
		})
	}
}

// A body that nobody needs is refused by its status or by closing the
// connection, and the endpoint goes on.
func TestOversized(t *testing.T) {
	t.Parallel()
	const limit = 1 << 20
	tests := []struct {
		name      string
		serve     http.HandlerFunc
		oversized string // message of hygiene.oversized
	}{
		{"refused", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusRequestEntityTooLarge) }, ""},
		{"connection closed", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, ""},
		{"accepted", func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }, "The body was answered with HTTP 200."},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.ContentLength > limit {
					test.serve(w, r)
				}
			}))
			t.Cleanup(server.Close)
			assert.Equal(t, test.oversized, certifyGroup(t, server, "hygiene.oversized").Results[0].Message)
			assert.Empty(t, certifyGroup(t, server, "hygiene.oversized-survived").Results[0].Message)
		})
	}

	var down atomic.Bool
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		down.CompareAndSwap(false, r.ContentLength > limit)
		if down.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	t.Cleanup(server.Close)
	assert.Equal(t, "After that an ordinary call was answered with HTTP 503, and with HTTP 200 before.",
		certifyGroup(t, server, "hygiene.oversized-survived").Results[0].Message)
}

// What programs say when they fall over is told from what they mean to say.
func TestInternals(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, answer string
		shows        bool
	}{
		{"Go", "panic: runtime error\n\ngoroutine 7 [running]:\nmain.main()\n\t/src/main.go:12 +0x1d", true},
		{"Go, the goroutine alone", "goroutine 7 [running]:", true},
		{".NET", "System.NullReferenceException: Object reference not set to an instance of an object.", true},
		{".NET, the frames alone", "   at Wfm.Controllers.TeamController.Update(String teamId)", true},
		{"Java", "\tat com.contoso.Wfm$Reader.read(Reader.java:42)", true},
		{"Java, in JSON", `{"trace":"java.lang.IllegalStateException: closed"}`, true},
		{"Python", "Traceback (most recent call last):\n  File \"app.py\", line 3, in <module>", true},
		{"JavaScript", "SyntaxError: Unexpected token h in JSON at position 0", true},
		{"JavaScript, the frames alone", "    at Object.<anonymous> (/srv/app/index.js:10:15)", true},
		{"PHP", "<b>Fatal error</b>: Uncaught TypeException in /srv/index.php on line 3", true},
		{"Ruby", "app.rb:12:in `read'", true},
		{"a fixed text", `{"error":"unauthorized"}`, false},
		{"a page of a proxy", "<html><head><title>401 Authorization Required</title></head></html>", false},
		{"a refusal", `{"responses":[{"id":"1","status":500,"body":{"error":{"code":"InternalError","message":"Something went wrong at 12:00:00. Look at the exceptions of the schedule."}}}]}`, false},
		{"a version", "404 page not found (wfm 1.2.3)", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.shows, internals.MatchString(test.answer))
		})
	}
}
