package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/batch/contract"
	"example.com/shiftswfi/batch/envelope"
	"example.com/shiftswfi/eligibility"
	"example.com/shiftswfi/handlers"
)

// A fault is one thing that an endpoint does wrong, and the check of the
// contract suite that is there to notice it.
type fault struct {
	name     string
	caughtBy string
	also     []string // the few others that may notice it, too
	serve    func(c *faultyCall) faultyAnswer
}

// Each fault alone is caught by its check, and by few others; and the suite
// has nothing to say of the endpoint without faults.
//
// Under the race detector, which makes a run of the suite several times as
// long, only the checks that are to catch a fault are made before it.
func TestContractFaults(t *testing.T) {
	t.Parallel()
	faults := slices.Concat(wireFaults, readFaults, updateFaults)
	require.GreaterOrEqual(t, len(faults), 25)
	t.Run("none", func(t *testing.T) {
		t.Parallel()
		for _, result := range certifyFaulty(t, (*faultyCall).forward, nil).Results {
			assert.NotContains(t, []contract.Status{contract.Failed, contract.NotRun}, result.Status, "%s: %s\n%+v", result.ID, result.Message, result.Exchanges)
		}
	})
	const few = 6
	for _, fault := range faults {
		t.Run(fault.name, func(t *testing.T) {
			t.Parallel()
			var caught []string
			var only []string
			if underRaceDetector() {
				only = append(slices.Clone(fault.also), fault.caughtBy)
			}
			for _, result := range certifyFaulty(t, fault.serve, only).Results {
				if result.Status == contract.Failed {
					caught = append(caught, result.ID)
					assert.NotEmpty(t, result.Message)
					assert.NotEmpty(t, result.Exchanges, result.ID)
				}
				assert.NotEqual(t, contract.NotRun, result.Status, "%s: %s", result.ID, result.Message)
			}
			assert.Contains(t, caught, fault.caughtBy)
			assert.Subset(t, append(fault.also, fault.caughtBy), caught)
			assert.LessOrEqual(t, len(fault.also), few, "a fault should be caught by few checks beside its own")
		})
	}
}

// certifyFaulty holds an endpoint with a fault to the contract: the real one,
// with a team of its own, behind serve. only names the checks; nil: all.
func certifyFaulty(t *testing.T, serve func(c *faultyCall) faultyAnswer, only []string) *contract.Report {
	t.Helper()
	profile, err := contract.ReadProfile("testdata/contract.yaml")
	require.NoError(t, err)
	down := filepath.Join(t.TempDir(), "down") // is there during an outage
	profile.Outage = contract.Outage{Begin: []string{"touch", down}, End: []string{"rm", down}}
	real := realEndpoint(t)
	key, err := envelope.NewKey(testSecret)
	require.NoError(t, err)
	mu, state := new(sync.Mutex), map[string]any{}
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength > 1<<20 { // there is nothing to be wrong about
			real.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		c := &faultyCall{t: t, request: r, body: body, key: key, real: real, mu: mu, state: state}
		_, err = os.Stat(down)
		c.outage = err == nil
		c.plaintext, c.openErr = envelope.Open(body, key)
		var batch struct{ Requests []map[string]any }
		if c.openErr == nil && json.Unmarshal(c.plaintext, &batch) == nil {
			c.items = batch.Requests
		}
		answer := serve(c)
		for name, values := range answer.header {
			w.Header()[name] = values
		}
		w.WriteHeader(answer.status)
		_, _ = w.Write(answer.body)
	}))
	t.Cleanup(endpoint.Close)
	report, err := contract.Certify(t.Context(), endpoint.URL+"/contoso", testSecret, profile, contract.Options{Only: only, Patience: 20 * time.Second})
	require.NoError(t, err)
	return report
}

// realEndpoint is the endpoint that wfi serve serves, at the story's time, on
// testdata/team.json. Time cards are read-only.
func realEndpoint(t *testing.T) http.Handler {
	t.Helper()
	key, err := envelope.NewKey(testSecret)
	require.NoError(t, err)
	file, err := os.ReadFile(teamFile)
	require.NoError(t, err)
	team, err := eligibility.ParseTeam(file)
	require.NoError(t, err)
	now, err := time.Parse(time.RFC3339, storyNow)
	require.NoError(t, err)
	return handlers.New(&oneTeam{team: team}, handlers.Config{
		Log: zerolog.Nop(), Now: func() time.Time { return now },
		Integrations: []*handlers.Integration{{
			Name: "contoso", Path: "/contoso", APIVersion: 1, TenantID: "8f9d7c6b-0000-4000-8000-000000000001",
			WorkforceIntegrationID: "WFI_5b2c8a10-7d3e-4f61-9a0b-3c2d1e0f4a5b", Mode: handlers.TwoWay,
			Modes: map[string]handlers.Mode{"timeCard": handlers.ReadOnly},
			Keys:  func() []*envelope.Key { return []*envelope.Key{key} },
		}},
	})
}

// oneTeam keeps a team in memory. Where an endpoint keeps its teams makes no
// difference to a fault on the wire, and there are many faults.
type oneTeam struct {
	mu   sync.Mutex
	team *eligibility.Team
}

func (o *oneTeam) Team(_ context.Context, id string) (*eligibility.Team, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if id != o.team.ID {
		return nil, eligibility.ErrTeamNotFound
	}
	return o.team, nil
}

func (o *oneTeam) Update(_ context.Context, id string, decide handlers.Decide) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if id != o.team.ID {
		return eligibility.ErrTeamNotFound
	}
	changes, _, err := decide(o.team)
	if err != nil {
		return err
	}
	after, err := o.team.With(changes...)
	if err == nil {
		o.team = after
	}
	return err
}

func (o *oneTeam) TeamIDs(context.Context) ([]string, error) { return []string{o.team.ID}, nil }

// A faultyCall is a callback on its way through a faulty endpoint.
type faultyCall struct {
	t         *testing.T
	request   *http.Request
	body      []byte
	plaintext []byte           // nil if the body does not open
	openErr   error            //
	items     []map[string]any // of a batch; nil if it is none
	key       *envelope.Key
	real      http.Handler
	outage    bool           // the real endpoint has no store
	mu        *sync.Mutex    // guards state, since calls may come at the same time
	state     map[string]any // kept from call to call
}

// A faultyAnswer is what the faulty endpoint answers.
type faultyAnswer struct {
	status int
	header http.Header
	body   []byte
}

// forward gives the answer of the real endpoint.
func (c *faultyCall) forward() faultyAnswer {
	return c.forwardBody(c.body)
}

// saveAll approves every item, refuseAll refuses them.
func (c *faultyCall) saveAll() faultyAnswer {
	var responses []map[string]any
	for _, item := range c.items {
		responses = append(responses, saved(item["id"]))
	}
	return ok(responses...)
}

func (c *faultyCall) refuseAll(status int) faultyAnswer {
	var responses []map[string]any
	for _, item := range c.items {
		responses = append(responses, refusedAs(item["id"], status))
	}
	return ok(responses...)
}

// forwardPlain gives the answer of the real endpoint to another plaintext.
func (c *faultyCall) forwardPlain(plaintext []byte) faultyAnswer {
	body, err := envelope.Seal(plaintext, c.key, nil)
	if err != nil {
		panic(err)
	}
	return c.forwardBody(body)
}

// forwardItems gives the answer of the real endpoint to other items.
func (c *faultyCall) forwardItems(items ...map[string]any) faultyAnswer {
	plaintext, err := json.Marshal(map[string]any{"requests": items})
	if err != nil {
		panic(err)
	}
	return c.forwardPlain(plaintext)
}

func (c *faultyCall) forwardBody(body []byte) faultyAnswer {
	if c.outage {
		return c.refuseAll(http.StatusServiceUnavailable)
	}
	request := c.request.Clone(c.request.Context())
	request.Body, request.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	recorder := httptest.NewRecorder()
	c.real.ServeHTTP(recorder, request)
	return faultyAnswer{recorder.Code, recorder.Header(), recorder.Body.Bytes()}
}

// is reports whether the call is one of read, update or connect.
func (c *faultyCall) is(endpoint string) bool {
	path := c.request.URL.Path
	return len(path) > len(endpoint) && path[len(path)-len(endpoint):] == endpoint
}

// responses are the items of the answer; nil if it is no batch.
func (a faultyAnswer) responses() []map[string]any {
	var batch struct{ Responses []map[string]any }
	if json.Unmarshal(a.body, &batch) != nil {
		return nil
	}
	return batch.Responses
}

// with is the answer with other items.
func (a faultyAnswer) with(responses []map[string]any) faultyAnswer {
	body, err := json.Marshal(map[string]any{"responses": responses})
	if err != nil {
		panic(err)
	}
	a.body = body
	return a
}

// each is the answer with every item changed.
func (a faultyAnswer) each(change func(response map[string]any)) faultyAnswer {
	responses := a.responses()
	if responses == nil {
		return a
	}
	for _, response := range responses {
		change(response)
	}
	return a.with(responses)
}

// saved is the answer to an item that approves it.
func saved(id any) map[string]any {
	return map[string]any{"id": id, "status": 200, "body": map[string]any{"eTag": "v1", "error": nil, "data": nil}}
}

// refusedAs is the answer to an item that refuses it.
func refusedAs(id any, status int) map[string]any {
	return map[string]any{"id": id, "status": status, "body": map[string]any{"error": map[string]any{"code": "Refused", "message": "This is not possible."}, "data": nil}}
}

// ok is an answer with HTTP 200 and these items.
func ok(responses ...map[string]any) faultyAnswer {
	return faultyAnswer{status: http.StatusOK, header: http.Header{"Content-Type": {"application/json"}}}.with(responses)
}
