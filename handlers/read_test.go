package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/eligibility"
)

// TestStoryRead plays a story of real exchanges, sealed, and expects exactly
// the answers that it shows.
func TestStoryRead(t *testing.T) {
	data, err := os.ReadFile("testdata/stories/read.json")
	require.NoError(t, err)
	var story struct {
		Now       time.Time
		Exchanges []struct {
			About, Path       string
			Request, Response json.RawMessage
		}
	}
	require.NoError(t, json.Unmarshal(data, &story))
	require.NotEmpty(t, story.Exchanges)
	e := newEndpoint(t, sampleTeam(t), func(c *Config) { c.Now = func() time.Time { return story.Now } })
	for _, exchange := range story.Exchanges {
		t.Run(exchange.About, func(t *testing.T) {
			status, body := e.send("/contoso/v1"+exchange.Path, string(exchange.Request))
			assert.Equal(t, http.StatusOK, status)
			assertAnswer(t, exchange.Response, []byte(body))
		})
	}
}

// assertAnswer compares an answer member by member; "<text>" stands for any
// text that is not empty.
func assertAnswer(t *testing.T, want, got []byte) {
	t.Helper()
	var wanted, given any
	require.NoError(t, json.Unmarshal(want, &wanted))
	require.NoError(t, json.Unmarshal(got, &given), string(got))
	assert.Equal(t, wanted, maskTexts(wanted, given))
}

func maskTexts(want, got any) any {
	switch want := want.(type) {
	case string:
		if text, ok := got.(string); want == "<text>" && ok && text != "" {
			return want
		}
	case map[string]any:
		if object, ok := got.(map[string]any); ok {
			for name := range object {
				object[name] = maskTexts(want[name], object[name])
			}
		}
	case []any:
		if list, ok := got.([]any); ok && len(list) == len(want) {
			for i := range list {
				list[i] = maskTexts(want[i], list[i])
			}
		}
	}
	return got
}

func TestReadItems(t *testing.T) {
	const reasons = "/users/4fbc12d7-1234-46ef-8a90-bc123d45678f/timeOffReasons"
	tests := []struct {
		name, item string
		status     int
		code       string
	}{
		{"letter case of the literals", get("/SHIFTS/" + adeleShift + "/requestableshifts?REQUESTTYPE=swaprequest"), 200, "OK"},
		{"method in lower case", `{"id":"1","method":"get","url":"` + swapURL + `"}`, 200, "OK"},
		{"trailing slash", get("shifts/" + adeleShift + "/requestableShifts/?requestType=SwapRequest"), 200, "OK"},
		{"header instead of headers", `{"id":"1","method":"GET","url":"` + swapURL + `","header":{"x-ms-expires":"2026-12-01T11:59:59Z"}}`, 400, "RequestExpired"},
		{"expires this instant", `{"id":"1","method":"GET","url":"` + reasons + `","headers":{"X-MS-Expires":"2026-12-01T12:00:00.0000000Z"}}`, 400, "RequestExpired"},
		{"expires soon enough", `{"id":"1","method":"GET","url":"` + reasons + `","headers":{"X-MS-Expires":"2026-12-01T12:00:30.1434123Z"}}`, 200, "OK"},
		{"US date as expiry", `{"id":"1","method":"GET","url":"` + reasons + `","headers":{"X-MS-Expires":"12/1/2026 11:59:59 AM +00:00"}}`, 400, "RequestExpired"},
		{"unreadable expiry", `{"id":"1","method":"GET","url":"` + swapURL + `","headers":{"X-MS-Expires":"soon"}}`, 400, "BadRequest"},
		{"no request type", get("/shifts/" + adeleShift + "/requestableShifts"), 403, "UnsupportedOperation"},
		{"other request type", get("/shifts/" + adeleShift + "/requestableShifts?requestType=OfferShiftRequest"), 403, "UnsupportedOperation"},
		{"reasons without a type", get(reasons), 200, "OK"},
		{"reasons of the user id in capitals", get(strings.Replace(reasons, "4fbc12d7", "4FBC12D7", 1)), 200, "OK"},
		{"reasons for a swap", get(reasons + "?requestType=SwapRequest"), 403, "UnsupportedOperation"},
		{"unreadable end", get(swapURL + "&endTime=tomorrow"), 400, "BadRequest"},
		{"empty url", `{"id":"1","method":"GET","url":""}`, 400, "BadRequest"},
		{"no url", `{"id":"1","method":"GET"}`, 400, "BadRequest"},
		{"no method", `{"id":"1","url":"` + swapURL + `"}`, 400, "BadRequest"},
		{"PUT", `{"id":"1","method":"PUT","url":"` + swapURL + `"}`, 400, "BadRequest"},
		{"no id", `{"method":"GET","url":"` + swapURL + `"}`, 400, "BadRequest"},
		{"number for an id", `{"id":7,"method":"GET","url":"` + swapURL + `"}`, 400, "BadRequest"},
		{"no object", `"shift"`, 400, "BadRequest"},
		{"null", `null`, 400, "BadRequest"},
		{"url of /update", `{"id":"1","method":"GET","url":"/shifts/` + adeleShift + `"}`, 403, "UnsupportedOperation"},
	}
	e := newEndpoint(t, sampleTeam(t))
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			// The neighbours are answered as usual, whatever stands between them.
			answers := e.read(get(swapURL), test.item, get(swapURL))
			assert.Equal(t, "OK", answers[0].code())
			assert.Len(t, answers[0].Body.Data, 5)
			assert.Equal(t, test.status, answers[1].Status)
			assert.Equal(t, test.code, answers[1].code())
			if test.code != "OK" {
				assert.Nil(t, answers[1].Body.Data)
				assert.NotEmpty(t, answers[1].Body.Error.Message)
			}
			assert.Equal(t, answers[0].Body, answers[2].Body)
		})
	}
}

func TestReadGivesIDsBackAsTheyCame(t *testing.T) {
	e := newEndpoint(t, sampleTeam(t))
	item := func(id string) string { return `{"id":` + id + `,"method":"GET","url":"` + swapURL + `"}` }
	ids := []string{`"é\u002f"`, `7`, `null`, `{"a":[1]}`, `""`, `"x"`}
	var items []string
	for _, id := range ids {
		items = append(items, item(id))
	}
	for i, a := range e.read(items...) {
		assert.JSONEq(t, ids[i], string(a.ID))
	}
}

func TestReadOfAnotherTeam(t *testing.T) {
	e := newEndpoint(t, sampleTeam(t))
	status, body := e.send("/contoso/v1/teams/unknown/read", batchOf(get(swapURL), `null`, get("/x")))
	assert.Equal(t, http.StatusOK, status)
	assert.Equal(t, 3, strings.Count(body, `"status":404,"body":{"error":{"code":"TeamNotFound"`), body)

	e = newEndpoint(t, sampleTeam(t), func(c *Config) { c.Integrations[0].Teams = []string{"another"} })
	assert.Equal(t, "TeamNotFound", e.read(get(swapURL))[0].code())
	e = newEndpoint(t, sampleTeam(t), func(c *Config) { c.Integrations[0].Teams = []string{"another", testTeam} })
	assert.Equal(t, "OK", e.read(get(swapURL))[0].code())
}

func TestReadWithoutTheStore(t *testing.T) {
	down := teams(func(context.Context, string) (*eligibility.Team, error) { return nil, errors.New("connection refused") })
	e := newEndpoint(t, down)
	answers := e.read(get(swapURL), get("/users/u/timeOffReasons"), get("/x"), `null`)
	assert.Equal(t, "StoreUnavailable", answers[0].code())
	assert.Equal(t, 503, answers[0].Status)
	assert.Nil(t, answers[0].Body.Data)
	assert.Equal(t, "StoreUnavailable", answers[1].code())
	assert.Equal(t, "UnsupportedOperation", answers[2].code())
	assert.Equal(t, "BadRequest", answers[3].code())
	assert.Equal(t, "connection refused", logLines(t, e.log)[0]["error"])

	broken := teams(func(context.Context, string) (*eligibility.Team, error) {
		return nil, eligibility.FieldErrors{{Path: "team.timeZone", Found: "nothing", Expected: "a zone"}}
	})
	assert.Equal(t, "InternalError", newEndpoint(t, broken).read(get(swapURL))[0].code())
}

// A store that hangs is not waited for longer than the deadline, nor than the
// expiry of an item, while the other items keep their own time.
func TestReadDeadlines(t *testing.T) {
	released := make(chan struct{})
	slow := teams(func(ctx context.Context, id string) (*eligibility.Team, error) {
		<-released
		return sampleTeam(t)(ctx, id)
	})
	e := newEndpoint(t, slow, func(c *Config) { c.Deadline = time.Millisecond })
	assert.Equal(t, "StoreUnavailable", e.read(get(swapURL))[0].code())

	e = newEndpoint(t, slow, func(c *Config) { c.Deadline = time.Hour })
	expiring := `{"id":"1","method":"GET","url":"` + swapURL + `","headers":{"X-MS-Expires":"2026-12-01T12:00:00.0010000Z"}}`
	time.AfterFunc(10*time.Millisecond, func() { close(released) })
	answers := e.read(expiring, get(swapURL))
	assert.Equal(t, "StoreUnavailable", answers[0].code())
	assert.Equal(t, "OK", answers[1].code())
}

func TestReadLoadsTheTeamOnceForABatch(t *testing.T) {
	loads := 0
	counting := teams(func(ctx context.Context, id string) (*eligibility.Team, error) {
		loads++
		return sampleTeam(t)(ctx, id)
	})
	newEndpoint(t, counting).read(get(swapURL), get(swapURL), get("/x"))
	assert.Equal(t, 1, loads)
}
