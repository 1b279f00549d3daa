package handlers

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/batch/envelope"
	"example.com/shiftswfi/eligibility"
)

const (
	testSecret = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_"
	testTeam   = "2f5d1f0e-6c3f-4c0a-9a51-7d2b8f0f9d11"
	readPath   = "/contoso/v1/teams/" + testTeam + "/read"
	adeleShift = "SHFT_a0000001-0000-4000-8000-000000000001"
)

var testNow = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

// teams is a reader of teams with one function, for what no store can be made
// to do at will.
type teams func(ctx context.Context, id string) (*eligibility.Team, error)

func (f teams) Team(ctx context.Context, id string) (*eligibility.Team, error) { return f(ctx, id) }

// Update keeps nothing.
func (f teams) Update(ctx context.Context, id string, decide Decide) error {
	team, err := f(ctx, id)
	if err == nil {
		_, _, err = decide(team)
	}
	return err
}

func (f teams) TeamIDs(context.Context) ([]string, error) { return []string{testTeam}, nil }

// sampleTeam knows the sample team and no other.
func sampleTeam(t testing.TB) teams {
	document, err := os.ReadFile("testdata/team.json")
	require.NoError(t, err)
	return onlyTeam(t, document)
}

func onlyTeam(t testing.TB, document []byte) teams {
	team, err := eligibility.ParseTeam(document)
	require.NoError(t, err)
	return func(_ context.Context, id string) (*eligibility.Team, error) {
		if id != team.ID {
			return nil, eligibility.ErrTeamNotFound
		}
		return team, nil
	}
}

func testKey(t testing.TB) *envelope.Key {
	key, err := envelope.NewKey(testSecret)
	require.NoError(t, err)
	return key
}

// endpoint is a server under test and what it logs.
type endpoint struct {
	t       testing.TB
	handler http.Handler
	log     *bytes.Buffer
	key     *envelope.Key
}

// newEndpoint serves the integration /contoso at testNow; change adjusts that.
func newEndpoint(t testing.TB, teams Teams, change ...func(*Config)) *endpoint {
	e := &endpoint{t: t, log: &bytes.Buffer{}, key: testKey(t)}
	config := Config{
		Integrations: []*Integration{{
			Name: "contoso", Path: "/contoso", APIVersion: 1, TenantID: "8f9d7c6b-0000-4000-8000-000000000001",
			Keys: func() []*envelope.Key { return []*envelope.Key{e.key} },
		}},
		Log: zerolog.New(e.log),
		Now: func() time.Time { return testNow },
	}
	for _, c := range change {
		c(&config)
	}
	e.handler = New(teams, config)
	return e
}

// post sends a body as it is.
func (e *endpoint) post(path string, body []byte) (int, string) {
	e.t.Helper()
	request := httptest.NewRequest(http.MethodPost, path, bytes.NewReader(body))
	response := httptest.NewRecorder()
	e.handler.ServeHTTP(response, request)
	return response.Code, response.Body.String()
}

// send seals a text as Shifts does, and posts it.
func (e *endpoint) send(path, plaintext string) (int, string) {
	e.t.Helper()
	body, err := envelope.Seal([]byte(plaintext), e.key, nil)
	require.NoError(e.t, err)
	return e.post(path, body)
}

// answer is an answered item.
type answer struct {
	ID     json.RawMessage `json:"id"`
	Status int             `json:"status"`
	Body   struct {
		Data  []string `json:"data"`
		Error *struct {
			Code    string `json:"code"`
			Message string `json:"message"`
		} `json:"error"`
	} `json:"body"`
}

func (a answer) code() string {
	if a.Body.Error == nil {
		return "OK"
	}
	return a.Body.Error.Code
}

// read sends items to /read and gives the answers, one for each.
func (e *endpoint) read(items ...string) []answer {
	e.t.Helper()
	status, body := e.send(readPath, batchOf(items...))
	require.Equal(e.t, http.StatusOK, status, body)
	var decoded struct {
		Responses []answer `json:"responses"`
	}
	require.NoError(e.t, json.Unmarshal([]byte(body), &decoded))
	require.Len(e.t, decoded.Responses, len(items))
	return decoded.Responses
}

func batchOf(items ...string) string { return `{"requests":[` + strings.Join(items, ",") + `]}` }

// get is an item that asks for a URL, which is also its id.
func get(url string) string {
	return `{"id":"` + url + `","method":"GET","url":"` + url + `"}`
}

const swapURL = "/shifts/" + adeleShift + "/requestableShifts?requestType=SwapRequest"

func logLines(t testing.TB, log io.Reader) []map[string]any {
	var lines []map[string]any
	for decoder := json.NewDecoder(log); decoder.More(); {
		var line map[string]any
		require.NoError(t, decoder.Decode(&line))
		lines = append(lines, line)
	}
	return lines
}
