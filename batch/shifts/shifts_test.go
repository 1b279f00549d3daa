package shifts_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/batch"
	"example.com/shiftswfi/batch/envelope"
	"example.com/shiftswfi/batch/shifts"
)

func TestEndpoint(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"https://host/contoso", "https://host/contoso/"} {
		e := shifts.Endpoint{URL: url, APIVersion: 2}
		assert.Equal(t, "https://host/contoso/v2/connect", e.Connect())
		assert.Equal(t, "https://host/contoso/v2/teams/t/read", e.Read("t"))
		assert.Equal(t, "https://host/contoso/v2/teams/a%2Fb/update", e.Update("a/b"))
		assert.Equal(t, "https://host/contoso/v2/users/u/update", e.UserUpdate("u"))
	}
}

// What the endpoint decodes is what was sent.
func TestBatch(t *testing.T) {
	t.Parallel()
	expires := shifts.Expires(time.Date(2030, 1, 1, 1, 0, 30, 143412300, time.FixedZone("", 3600)))
	require.Equal(t, "2030-01-01T00:00:30.1434123Z", expires)
	text, err := shifts.Batch(
		shifts.Item{ID: "<1>", Method: "PUT", URL: "/shifts/S?a=1&b=2", Body: map[string]any{"state": "Pending"},
			Headers: map[string]string{shifts.HeaderExpires: expires}},
		shifts.Item{ID: "2", Method: "DELETE", URL: "/shifts/S"})
	require.NoError(t, err)
	assert.Contains(t, string(text), "a=1&b=2", "an ampersand stays one")
	decoded, err := batch.Decode(text, 10)
	require.NoError(t, err)
	require.Equal(t, 2, decoded.Len())
	for i, r := range decoded.All() {
		assert.Empty(t, r.Malformed)
		if i == 0 {
			assert.Equal(t, "<1>", r.ID)
			assert.Equal(t, expires, r.Expires)
			assert.JSONEq(t, `{"state":"Pending"}`, string(r.Body))
		} else {
			assert.Nil(t, r.Body)
		}
	}
	_, err = shifts.Batch(shifts.Item{Body: func() {}})
	assert.Error(t, err)
}

func TestOutcome(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		status           int // of HTTP; 0 stands for 200
		body             string
		change, question shifts.Outcome
	}{
		"approval":                    {0, `{"responses":[{"id":"x","status":200,"body":{"eTag":"v1","error":null,"data":null}}]}`, shifts.Saved, shifts.Invalid},
		"approval beside an error":    {0, `{"responses":[{"id":"x","status":200,"body":{"eTag":"v1","error":{"code":null,"message":null}}}]}`, shifts.Saved, shifts.Invalid},
		"list":                        {0, `{"responses":[{"id":"x","status":200,"body":{"data":["a","b"],"error":null}}]}`, shifts.Unacknowledged, shifts.Listed},
		"empty list":                  {0, `{"responses":[{"id":"x","status":200,"body":{"data":[]}}]}`, shifts.Unacknowledged, shifts.Listed},
		"list of numbers":             {0, `{"responses":[{"id":"x","status":200,"body":{"data":[1]}}]}`, shifts.Unacknowledged, shifts.Invalid},
		"list as a text":              {0, `{"responses":[{"id":"x","status":200,"body":{"data":"[]"}}]}`, shifts.Unacknowledged, shifts.Invalid},
		"null eTag":                   {0, `{"responses":[{"id":"x","status":200,"body":{"eTag":null,"data":null}}]}`, shifts.Unacknowledged, shifts.Invalid},
		"empty eTag":                  {0, `{"responses":[{"id":"x","status":200,"body":{"eTag":""}}]}`, shifts.Unacknowledged, shifts.Invalid},
		"no body":                     {0, `{"responses":[{"id":"x","status":200}]}`, shifts.Unacknowledged, shifts.Invalid},
		"refusal":                     {0, `{"responses":[{"id":"x","status":403,"body":{"error":{"code":"403","message":"No."},"data":null}}]}`, shifts.Refused, shifts.Refused},
		"status as a text":            {0, `{"responses":[{"id":"x","status":"200","body":{"eTag":"v1"}}]}`, shifts.Invalid, shifts.Invalid},
		"status 0":                    {0, `{"responses":[{"id":"x","status":0,"body":{"eTag":"v1"}}]}`, shifts.Invalid, shifts.Invalid},
		"no status":                   {0, `{"responses":[{"id":"x","body":{"eTag":"v1"}}]}`, shifts.Unanswered, shifts.Unanswered},
		"null status":                 {0, `{"responses":[{"id":"x","status":null}]}`, shifts.Unanswered, shifts.Unanswered},
		"another id":                  {0, `{"responses":[{"id":"X","status":200,"body":{"eTag":"v1"}}]}`, shifts.Unanswered, shifts.Unanswered},
		"no id":                       {0, `{"responses":[{"id":null,"status":200,"body":{"eTag":"v1"}}]}`, shifts.Unanswered, shifts.Unanswered},
		"nothing answered":            {0, `{"responses":[]}`, shifts.Unanswered, shifts.Unanswered},
		"the first of two counts":     {0, `{"responses":[{"id":"x","status":403},{"id":"x","status":200,"body":{"eTag":"v"}}]}`, shifts.Refused, shifts.Refused},
		"HTTP 500":                    {500, `{"responses":[{"id":"x","status":200,"body":{"eTag":"v1"}}]}`, shifts.Invalid, shifts.Invalid},
		"empty":                       {0, ``, shifts.Invalid, shifts.Invalid},
		"not JSON":                    {0, `<html>`, shifts.Invalid, shifts.Invalid},
		"not an object":               {0, `[]`, shifts.Invalid, shifts.Invalid},
		"responses null":              {0, `{"responses":null}`, shifts.Invalid, shifts.Invalid},
		"a response that is a number": {0, `{"responses":[1]}`, shifts.Invalid, shifts.Invalid},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if row.status != 0 {
					w.WriteHeader(row.status)
				}
				_, _ = io.WriteString(w, row.body)
			}))
			defer server.Close()
			reply, err := new(shifts.Caller).Post(t.Context(), server.URL, nil, nil)
			require.NoError(t, err)
			assert.Equal(t, row.change, reply.Change("x"))
			assert.Equal(t, row.question, reply.Question("x"))
			assert.Equal(t, row.body, string(reply.Body))
		})
	}
}

func TestRefusal(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][2]string{
		`{"code":"403","message":"No."}`: {"403", "No."},
		`{"code":403,"message":"No."}`:   {"", "No."},
		`{"message":null}`:               {},
		`null`:                           {},
		`"No."`:                          {},
		``:                               {},
	} {
		code, message := shifts.Response{Error: json.RawMessage(text)}.Refusal()
		assert.Equal(t, want, [2]string{code, message}, text)
	}
}

const secret = "0123456789abcdef0123456789abcdefABCDEFGHIJKLMNOPQRSTUVWXYZ012345"

// What is sent is sealed under the key, with the headers of Shifts and those
// of the caller.
func TestSend(t *testing.T) {
	t.Parallel()
	key, err := envelope.NewKey(secret)
	require.NoError(t, err)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		plaintext, err := envelope.Open(body, key)
		assert.NoError(t, err)
		assert.Equal(t, http.MethodPost, r.Method)
		assert.Equal(t, "application/json", r.Header.Get("Content-Type"))
		assert.Equal(t, "de-de", r.Header.Get("Accept-Language"), "the caller's header wins")
		assert.Equal(t, "mine", r.Header.Get(shifts.HeaderPassthrough))
		http.Redirect(w, r, "/"+string(plaintext), http.StatusFound)
	}))
	defer server.Close()
	header := http.Header{"accept-language": {"de-de"}, shifts.HeaderPassthrough: {"mine"}}
	reply, err := new(shifts.Caller).Send(t.Context(), server.URL, key, header, []byte("hello"))
	require.NoError(t, err)
	assert.Equal(t, http.StatusFound, reply.HTTPStatus, "a redirect is an answer")
	assert.Equal(t, "/hello", reply.Header.Get("Location"))
	_, err = new(shifts.Caller).Send(t.Context(), server.URL, nil, nil, nil)
	assert.Error(t, err)
}

func TestNoAnswer(t *testing.T) {
	t.Parallel()
	hang := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/hang":
			<-hang
		case "/hang-in-body":
			_, _ = io.WriteString(w, "{")
			w.(http.Flusher).Flush()
			<-hang
		case "/close":
			panic(http.ErrAbortHandler)
		case "/break-off":
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, "{")
		case "/long":
			_, _ = io.WriteString(w, strings.Repeat("x", 1001))
		case "/just":
			_, _ = io.WriteString(w, strings.Repeat("x", 1000))
		}
	}))
	defer server.Close()
	defer close(hang)
	patient := &shifts.Caller{MaxAnswer: 1000}
	for path, row := range map[string]struct {
		caller *shifts.Caller
		is     []error
		not    error
	}{
		"/hang":         {&shifts.Caller{Patience: 1e7}, []error{shifts.ErrNoAnswer, context.DeadlineExceeded}, shifts.ErrAnswerTooLong},
		"/hang-in-body": {&shifts.Caller{Patience: 1e8}, []error{shifts.ErrNoAnswer, context.DeadlineExceeded}, shifts.ErrAnswerTooLong},
		"/close":        {patient, []error{shifts.ErrNoAnswer}, context.DeadlineExceeded},
		"/break-off":    {patient, []error{shifts.ErrNoAnswer, io.ErrUnexpectedEOF}, context.DeadlineExceeded},
		"/long":         {patient, []error{shifts.ErrAnswerTooLong}, shifts.ErrNoAnswer},
	} {
		reply, err := row.caller.Post(t.Context(), server.URL+path, nil, nil)
		for _, is := range row.is {
			assert.ErrorIs(t, err, is, path)
		}
		assert.NotErrorIs(t, err, row.not, path)
		assert.NotContains(t, err.Error(), server.URL, path)
		if path == "/long" {
			assert.Len(t, reply.Body, 1000)
		} else {
			assert.Nil(t, reply, path)
		}
	}
	reply, err := patient.Post(t.Context(), server.URL+"/just", nil, nil)
	require.NoError(t, err)
	assert.Len(t, reply.Body, 1000)
	_, err = patient.Post(t.Context(), "http://127.0.0.1:1/", nil, nil)
	assert.ErrorIs(t, err, shifts.ErrNoAnswer)
}
