package handlers

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/batch/envelope"
	"example.com/shiftswfi/eligibility"
)

func TestRoutes(t *testing.T) {
	e := newEndpoint(t, sampleTeam(t), func(c *Config) {
		other := *c.Integrations[0]
		other.Name, other.Path, other.APIVersion = "root", "/", 12
		c.Integrations = append(c.Integrations, &other)
	})
	const team = "/teams/" + testTeam
	tests := []struct {
		name, path string
		status     int
	}{
		{"as documented", "/contoso/v1" + team + "/read", 200},
		{"without v", "/contoso/1" + team + "/read", 200},
		{"singular", "/contoso/v1/team/" + testTeam + "/read", 200},
		{"without v, singular", "/contoso/1/team/" + testTeam + "/read", 200},
		{"doubled slash after the path", "/contoso//v1" + team + "/read", 200},
		{"many slashes", "//contoso///v1" + team + "//read", 200},
		{"trailing slash", "/contoso/v1" + team + "/read/", 200},
		{"an integration at the root", "/v12" + team + "/read", 200},
		{"other version", "/contoso/v2" + team + "/read", 404},
		{"version with a zero", "/contoso/v01" + team + "/read", 404},
		{"version with two v", "/contoso/vv1" + team + "/read", 404},
		{"no version", "/contoso" + team + "/read", 404},
		{"other integration's version", "/v1" + team + "/read", 404},
		{"other path", "/fabrikam/v1" + team + "/read", 404},
		{"no team", "/contoso/v1/teams/read", 404},
		{"unknown endpoint", "/contoso/v1" + team + "/write", 404},
		{"the path alone", "/contoso", 404},
		{"the root", "/", 404},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			status, body := e.send(test.path, batchOf(get(swapURL)))
			assert.Equal(t, test.status, status, body)
		})
	}
	request := httptest.NewRequest(http.MethodGet, readPath, nil)
	response := httptest.NewRecorder()
	e.handler.ServeHTTP(response, request)
	assert.Equal(t, http.StatusMethodNotAllowed, response.Code)
}

func TestConnect(t *testing.T) {
	const tenant = `{"tenantId":"8F9D7C6B-0000-4000-8000-000000000001","userId":"u"}`
	tests := []struct {
		name, body string
		status     int
	}{
		{"the tenant, in any letter case", tenant, 200},
		{"another tenant", `{"tenantId":"00000000-0000-4000-8000-000000000001"}`, 403},
		{"no tenant", `{}`, 403},
		{"not JSON", `tenant`, 400},
		{"tenant of another type", `{"tenantId":1}`, 400},
	}
	e := newEndpoint(t, sampleTeam(t))
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			status, body := e.send("/contoso/v1/connect", test.body)
			assert.Equal(t, test.status, status, body)
		})
	}
	e.key, _ = envelope.NewKey(strings.Repeat("x", 64))
	sealed, err := envelope.Seal([]byte(tenant), testKey(t), nil)
	require.NoError(t, err)
	status, _ := e.post("/contoso/v1/connect", sealed)
	assert.Equal(t, http.StatusUnauthorized, status, "another secret")

	e = newEndpoint(t, sampleTeam(t), func(c *Config) { c.Integrations[0].TenantID = "" })
	status, _ = e.send("/contoso/v1/connect", `{"tenantId":"whoever"}`)
	assert.Equal(t, http.StatusOK, status, "no tenant configured")
}

func TestBadBodies(t *testing.T) {
	sealed := func(plaintext string) []byte {
		body, err := envelope.Seal([]byte(plaintext), testKey(t), nil)
		require.NoError(t, err)
		return body
	}
	good := sealed(batchOf(get(swapURL)))
	tampered := bytes.Clone(good)
	tampered[len(tampered)-3] ^= 1
	tests := []struct {
		name    string
		body    []byte
		status  int
		outcome string
	}{
		{"good", good, 200, "ok"},
		{"empty", nil, 401, "not_envelope"},
		{"plain JSON", []byte(batchOf(get(swapURL))), 401, "not_envelope"},
		{"truncated", good[:len(good)-1], 401, "not_envelope"},
		{"tampered", tampered, 401, "not_authentic"},
		{"at the limit of bytes, garbage", make([]byte, 4096), 401, "not_envelope"},
		{"over the limit of bytes", make([]byte, 4097), 413, "too_large"},
		{"not JSON", sealed("requests"), 400, "not_json"},
		{"nothing", sealed(""), 400, "not_json"},
		{"no requests", sealed(`{"responses":[]}`), 400, "no_requests"},
		{"empty list", sealed(`{"requests":[]}`), 400, "no_requests"},
		{"a list", sealed(`[]`), 400, "no_requests"},
		{"at the limit of items", sealed(batchOf("1", "2", "3")), 200, "ok"},
		{"over the limit of items", sealed(batchOf("1", "2", "3", "4")), 400, "too_many_items"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := newEndpoint(t, sampleTeam(t), func(c *Config) { c.MaxBody, c.MaxItems = 4096, 3 })
			status, body := e.post(readPath, test.body)
			assert.Equal(t, test.status, status, body)
			assert.Equal(t, test.outcome, logLines(t, e.log)[0]["outcome"])
			if status == http.StatusUnauthorized {
				assert.JSONEq(t, `{"error":"unauthorized"}`, body, "no detail for who has no secret")
			} else if status != http.StatusOK {
				assert.Regexp(t, `^\{"error":"[a-z ]+"\}\s$`, strings.ReplaceAll(body, "JSON", "json"))
			}
		})
	}
}

// A length that the client does not announce is bounded all the same.
func TestBodyOfUnknownLength(t *testing.T) {
	e := newEndpoint(t, sampleTeam(t), func(c *Config) { c.MaxBody = 4096 })
	request := httptest.NewRequest(http.MethodPost, readPath, bytes.NewReader(make([]byte, 4097)))
	request.ContentLength = -1
	response := httptest.NewRecorder()
	e.handler.ServeHTTP(response, request)
	assert.Equal(t, http.StatusRequestEntityTooLarge, response.Code)
}

func TestPlainBodies(t *testing.T) {
	tests := []struct {
		name, peer, host string
		allowed          bool
		status           int
	}{
		{"from a web page", "127.0.0.1:5000", "127.0.0.1:8080", true, 401},
		{"not allowed", "127.0.0.1:5000", "127.0.0.1:8080", false, 401},
		{"allowed", "127.0.0.1:5000", "127.0.0.1:8080", true, 200},
		{"by name", "127.0.0.1:5000", "localhost:8080", true, 200},
		{"IPv6", "[::1]:5000", "[::1]:8080", true, 200},
		{"no port", "127.0.0.1:5000", "localhost", true, 200},
		{"another machine", "192.0.2.1:5000", "127.0.0.1:8080", true, 401},
		{"a page that resolves here", "127.0.0.1:5000", "evil.example:8080", true, 401},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := newEndpoint(t, sampleTeam(t), func(c *Config) { c.Plain = test.allowed })
			request := httptest.NewRequest(http.MethodPost, readPath, strings.NewReader(" "+batchOf(get(swapURL))))
			request.RemoteAddr, request.Host = test.peer, test.host
			if test.name == "from a web page" {
				request.Header.Set("Origin", "http://evil.example")
			}
			response := httptest.NewRecorder()
			e.handler.ServeHTTP(response, request)
			assert.Equal(t, test.status, response.Code)
		})
	}
}

func TestRotation(t *testing.T) {
	old, err := envelope.NewKey(strings.Repeat("o", 64))
	require.NoError(t, err)
	fresh := testKey(t)
	active := []*envelope.Key{old, fresh}
	e := newEndpoint(t, sampleTeam(t), func(c *Config) {
		c.Integrations[0].Keys = func() []*envelope.Key { return active }
	})
	for _, key := range []*envelope.Key{old, fresh} {
		e.key = key
		status, _ := e.send(readPath, batchOf(get(swapURL)))
		assert.Equal(t, http.StatusOK, status)
	}
	active = active[1:]
	e.key = old
	status, _ := e.send(readPath, batchOf(get(swapURL)))
	assert.Equal(t, http.StatusUnauthorized, status)
}

func TestPanics(t *testing.T) {
	secretive := teams(func(context.Context, string) (*eligibility.Team, error) { panic("Adele's data") })
	e := newEndpoint(t, secretive)
	assert.Equal(t, "InternalError", e.read(get(swapURL))[0].code())
	assert.Contains(t, e.log.String(), `"in":"store"`)
	assert.NotContains(t, e.log.String(), "Adele")

	// A team that no constructor made breaks the rules themselves.
	e = newEndpoint(t, teams(func(context.Context, string) (*eligibility.Team, error) { return &eligibility.Team{}, nil }))
	answers := e.read(get(swapURL), get("/x"))
	assert.Equal(t, "InternalError", answers[0].code())
	assert.Equal(t, "UnsupportedOperation", answers[1].code(), "the other items are answered")
	assert.Contains(t, e.log.String(), `"in":"swap"`)

	e = newEndpoint(t, sampleTeam(t), func(c *Config) { c.Integrations[0].Keys = func() []*envelope.Key { panic(testSecret) } })
	status, body := e.send(readPath, batchOf(get(swapURL)))
	assert.Equal(t, http.StatusInternalServerError, status)
	assert.NotContains(t, body+e.log.String(), testSecret)
}
