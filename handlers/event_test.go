package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/batch/envelope"
	"example.com/shiftswfi/eligibility"
)

func TestOneLineForEachCallback(t *testing.T) {
	e := newEndpoint(t, sampleTeam(t))
	e.read(get(swapURL), get("/x"), `null`, get(swapURL+"&endTime=x"))
	lines := logLines(t, e.log)
	require.Len(t, lines, 1)
	line := lines[0]
	assert.NotNil(t, line["took"])
	assert.Positive(t, line["candidates"])
	delete(line, "took")
	delete(line, "candidates")
	assert.Equal(t, map[string]any{
		"level": "info", "message": "callback", "integration": "contoso", "endpoint": "read", "team": testTeam,
		"status": 200.0, "outcome": "ok", "items": 4.0,
		"kinds": map[string]any{"swap": 2.0, "unsupported": 1.0, "malformed": 1.0},
		"codes": map[string]any{"OK": 1.0, "UnsupportedOperation": 1.0, "BadRequest": 2.0},
	}, line)

	e = newEndpoint(t, sampleTeam(t))
	e.post(readPath, []byte("{}"))
	line = logLines(t, e.log)[0]
	assert.Equal(t, "not_envelope", line["outcome"])
	assert.Contains(t, line["error"], "not an envelope")
}

// Neither names nor bodies nor keys reach the log, whatever happens.
func TestNothingPersonalIsLogged(t *testing.T) {
	e := newEndpoint(t, sampleTeam(t))
	e.read(get(swapURL), `{"id":"Adele Vance","method":"GET","url":"/people/Adele"}`,
		`{"id":"1","method":"Adele","url":"`+swapURL+`","headers":{"X-MS-Expires":"Adele"}}`, get(swapURL+"&startTime=Adele"))
	e.send(readPath, `{"Adele":1}`)
	e.send(readPath, `Adele`)
	e.post(readPath, []byte(`{"Adele":1}`))
	e.send("/contoso/v1/connect", `{"tenantId":"Adele"}`)
	assert.NotContains(t, e.log.String(), "Adele")
	assert.NotContains(t, e.log.String(), testSecret[:16])
}

func TestFaultsOfCustomRulesAreLogged(t *testing.T) {
	data, err := os.ReadFile("testdata/team.json")
	require.NoError(t, err)
	var document map[string]any
	require.NoError(t, json.Unmarshal(data, &document))
	document["policy"] = map[string]any{"custom": []any{map[string]any{
		"id": "fragile", "expr": `int(worker.attributes.level) > 1`, "message": "Not senior enough.",
	}}}
	changed, err := json.Marshal(document)
	require.NoError(t, err)
	e := newEndpoint(t, onlyTeam(t, changed))
	answers := e.read(get(swapURL))
	assert.Equal(t, []string{}, answers[0].Body.Data, "a rule that cannot be evaluated is not met")
	assert.Equal(t, 1, strings.Count(e.log.String(), `"message":"callback"`))
	assert.Contains(t, e.log.String(), `"rule":"fragile"`)
}

func TestMetrics(t *testing.T) {
	registry := prometheus.NewRegistry()
	e := newEndpoint(t, sampleTeam(t), func(c *Config) { c.Metrics = NewMetrics(registry) })
	e.read(get(swapURL), get("/x"), get("/x"))
	e.post(readPath, nil)
	require.NoError(t, testutil.GatherAndCompare(registry, strings.NewReader(`
		# HELP wfi_callbacks_total Callbacks by integration, endpoint and outcome.
		# TYPE wfi_callbacks_total counter
		wfi_callbacks_total{endpoint="read",integration="contoso",outcome="not_envelope"} 1
		wfi_callbacks_total{endpoint="read",integration="contoso",outcome="ok"} 1
		# HELP wfi_items_total Items of batches by integration, kind and code.
		# TYPE wfi_items_total counter
		wfi_items_total{code="OK",integration="contoso",kind="swap"} 1
		wfi_items_total{code="UnsupportedOperation",integration="contoso",kind="unsupported"} 2
	`), "wfi_callbacks_total", "wfi_items_total"))
	count, err := testutil.GatherAndCount(registry, "wfi_callback_duration_seconds", "wfi_candidates")
	require.NoError(t, err)
	assert.Equal(t, 2, count)
}

func TestAdmin(t *testing.T) {
	var down error
	registry := prometheus.NewRegistry()
	NewMetrics(registry).callbacks.WithLabelValues("contoso", "read", "ok").Inc()
	admin := NewAdmin(func(context.Context) error { return down }, registry)
	get := func(path string) (int, string) {
		response := httptest.NewRecorder()
		admin.ServeHTTP(response, httptest.NewRequest(http.MethodGet, path, nil))
		return response.Code, response.Body.String()
	}
	status, body := get("/metrics")
	assert.Equal(t, http.StatusOK, status)
	assert.Contains(t, body, `wfi_callbacks_total{endpoint="read",integration="contoso",outcome="ok"} 1`)
	status, _ = get("/readyz")
	assert.Equal(t, http.StatusOK, status)
	down = errors.New("connection refused")
	status, _ = get("/readyz")
	assert.Equal(t, http.StatusServiceUnavailable, status)
	status, _ = get("/healthz")
	assert.Equal(t, http.StatusOK, status, "a store that is down is no reason to restart the process")
	status, _ = get("/contoso/v1/connect")
	assert.Equal(t, http.StatusNotFound, status)
}

// Every code has a status and a sentence; every error of a callback has a row.
func TestOutcomesAreComplete(t *testing.T) {
	own := []eligibility.Code{RequestExpired, TeamNotFound, StoreUnavailable, TimedOut, InternalError, RefusedReadOnly}
	for _, code := range append(own, eligibility.Codes...) {
		assert.GreaterOrEqual(t, Status(code), 400, code)
		_, declared := outcomes[code]
		assert.True(t, declared, code)
		assert.Regexp(t, `^[A-Z][A-Za-z ,0-9]+\.( [A-Z][A-Za-z ]+\.)?$`, Message(code), "a plain sentence for %s", code)
	}
	for _, rule := range eligibility.Rules {
		assert.Regexp(t, `^[A-Z][A-Za-z ,0-9]+\.$`, eligibility.Message(rule), "a plain sentence for %s", rule)
	}
	assert.Len(t, outcomes, len(own)+len(eligibility.Codes)+1, "and no other")
	assert.Equal(t, http.StatusOK, Status(eligibility.OK))
	assert.Equal(t, http.StatusInternalServerError, Status("NoSuchCode"))
	for _, row := range httpErrors {
		assert.Equal(t, row, httpErrorOf(errors.Join(errors.New("wrapped"), row.is)))
		assert.GreaterOrEqual(t, row.status, 400)
	}
	assert.Equal(t, "internal", httpErrorOf(errors.New("anything")).class)
	assert.Equal(t, 401, httpErrorOf(envelope.ErrNotAuthentic).status)
}
