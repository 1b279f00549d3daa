package graph_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"example.com/shiftswfi/store/graph"
	"example.com/shiftswfi/store/graph/graphtest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestErrorsByStatus(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		status   int
		sentinel error
		advice   string
	}{
		"400": {400, graph.ErrInvalid, ""},
		"401": {401, graph.ErrUnauthorized, "the tenant and the cloud"},
		"403": {403, graph.ErrForbidden, "permission WorkforceIntegration.ReadWrite.All"},
		"404": {404, graph.ErrNotFound, "check the id"},
		"409": {409, graph.ErrConflict, "look at what is there now"},
		"412": {412, graph.ErrConflict, "look at what is there now"},
		"429": {429, graph.ErrThrottled, "wait a few minutes"},
		"500": {500, nil, "has failed: try again later"},
		"410": {410, nil, ""},
		"302": {302, graph.ErrUnexpected, "--graph"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := graphtest.New(t, graphtest.Config{})
			s.Inject(graphtest.Fault{Status: row.status, Code: "SomeCode", Message: "Something is\r\nwrong\x1b[31m.", Times: 4})
			err := client(t, s).DeleteIntegration(t.Context(), "WFI_1")
			var e *graph.Error
			require.ErrorAs(t, err, &e)
			assert.Equal(t, row.status, e.Status)
			assert.Equal(t, "SomeCode", e.Code)
			assert.Equal(t, "WorkforceIntegration.ReadWrite.All", e.Permission)
			assert.Equal(t, "7f0c4e2a-0000-4000-8000-00000000c0de", e.RequestID)
			for _, other := range []error{
				graph.ErrInvalid, graph.ErrUnauthorized, graph.ErrForbidden, graph.ErrNotFound, graph.ErrConflict,
				graph.ErrThrottled, graph.ErrUnreachable, graph.ErrCredential, graph.ErrUnexpected, graph.ErrTooMany,
			} {
				assert.Equal(t, other == row.sentinel, errors.Is(err, other), other)
			}
			assert.Regexp(t, `^could not delete the workforce integration: Microsoft Graph answered `+name+
				` [A-Za-z ]+: Something is  wrong�\[31m \(request-id 7f0c4e2a-0000-4000-8000-00000000c0de\)$`, err.Error())
			if row.advice == "" {
				assert.Empty(t, graph.Advice(err))
			} else {
				assert.Contains(t, graph.Advice(err), row.advice)
			}
		})
	}
	assert.Empty(t, graph.Advice(errors.New("another")))
	assert.Empty(t, graph.Advice(nil))
}

func TestPermissions(t *testing.T) {
	t.Parallel()
	for permission, call := range map[string]func(*graph.Client) error{
		"WorkforceIntegration.Read.All":      func(c *graph.Client) error { _, err := c.Integrations(t.Context()); return err },
		"WorkforceIntegration.ReadWrite.All": func(c *graph.Client) error { _, err := c.CreateIntegration(t.Context(), contoso()); return err },
		"Schedule.Read.All":                  func(c *graph.Client) error { _, err := c.Schedule(t.Context(), "team"); return err },
		"Schedule.ReadWrite.All": func(c *graph.Client) error {
			return c.SetScheduleIntegrations(t.Context(), "team", &graph.Schedule{Enabled: true, TimeZone: "Europe/Berlin"}, nil)
		},
		"Team.ReadBasic.All": func(c *graph.Client) error { _, err := c.Teams(t.Context()); return err },
	} {
		t.Run(permission, func(t *testing.T) {
			t.Parallel()
			s := graphtest.New(t, graphtest.Config{Scopes: []string{"User.Read"}})
			s.SetSchedule("team", nil)
			err := call(client(t, s))
			require.ErrorIs(t, err, graph.ErrForbidden)
			assert.Contains(t, graph.Advice(err), "permission "+permission+" in Microsoft Entra; a Global Administrator has to give admin consent")
			s.SetScopes(permission)
			assert.NoError(t, call(client(t, s)), "it is enough")
		})
	}
}

func TestAlternativesToPermissions(t *testing.T) {
	t.Parallel()
	c := clientOver(t, func(*http.Request) (*http.Response, error) { return reply(403, ""), nil })
	_, err := c.Schedule(t.Context(), "team")
	assert.Regexp(t, `; Schedule\.ReadWrite\.All does as well, and for a person Group\.Read\.All or Group\.ReadWrite\.All$`, graph.Advice(err))
	err = c.SetScheduleIntegrations(t.Context(), "team", &graph.Schedule{TimeZone: "UTC"}, nil)
	assert.Regexp(t, `; for a person Group\.ReadWrite\.All does as well$`, graph.Advice(err))
	_, err = c.Teams(t.Context())
	assert.Regexp(t, `a new token is needed after that$`, graph.Advice(err))
}

func TestWrongToken(t *testing.T) {
	t.Parallel()
	s := graphtest.New(t, graphtest.Config{})
	c, err := graph.New(graph.Config{BaseURL: s.URL, Credential: graphtest.Credential{Token: "another-tenants-token"}, Retry: atOnce})
	require.NoError(t, err)
	_, err = c.Integrations(t.Context())
	require.ErrorIs(t, err, graph.ErrUnauthorized)
	assert.NotContains(t, err.Error(), "another-tenants-token")
}

func TestNoToken(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ text, code, message, advice string }{
		"an expired secret": {
			"ClientSecretCredential authentication failed. \nPOST https://login.microsoftonline.com/t/oauth2/v2.0/token\n---\nRESPONSE 401: 401 Unauthorized\n---\n" +
				`{"error":"invalid_client","error_description":"AADSTS7000222: The provided client secret keys are expired. Trace ID: 1 Correlation ID: 2\r\nTimestamp"}`,
			"AADSTS7000222", "AADSTS7000222: The provided client secret keys are expired", "this one has expired",
		},
		"another tenant": {
			`{"error_description":"AADSTS90002: Tenant 'contoso' not found."}`,
			"AADSTS90002", "AADSTS90002: Tenant 'contoso' not found", "no such tenant",
		},
		"no Azure CLI": {
			"AzureCLICredential: executable not found on path", "",
			"AzureCLICredential: executable not found on path", "install the Azure CLI",
		},
		"nothing configured": {
			"DefaultAzureCredential: failed to acquire a token.\nAttempted credentials:\n\tEnvironmentCredential: missing", "",
			"DefaultAzureCredential: failed to acquire a token", "sign in again",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := graphtest.New(t, graphtest.Config{})
			cause := errors.New(row.text)
			c, err := graph.New(graph.Config{BaseURL: s.URL, Credential: graphtest.Credential{Err: cause}, Retry: atOnce})
			require.NoError(t, err)
			_, err = c.Integrations(t.Context())
			require.ErrorIs(t, err, graph.ErrCredential)
			assert.ErrorIs(t, err, cause)
			assert.NotErrorIs(t, err, graph.ErrUnreachable)
			assert.Equal(t, "could not list the workforce integrations: no token for Microsoft Graph: "+row.message, err.Error())
			var e *graph.Error
			require.ErrorAs(t, err, &e)
			assert.Equal(t, row.code, e.Code)
			assert.Contains(t, graph.Advice(err), row.advice)
			assert.Empty(t, s.Requests())
		})
	}
}

func TestUnreachable(t *testing.T) {
	t.Parallel()
	c, err := graph.New(graph.Config{BaseURL: "http://127.0.0.1:1", Credential: graphtest.Credential{}, Retry: atOnce})
	require.NoError(t, err)
	_, err = c.Teams(t.Context())
	require.ErrorIs(t, err, graph.ErrUnreachable)
	assert.Contains(t, err.Error(), "could not list the teams: no answer from Microsoft Graph: ")
	assert.NotContains(t, err.Error(), "select", "the address says nothing that the operation does not")
	assert.Contains(t, graph.Advice(err), "check the network")
}

// Shifts answers through Graph, and an error may quote what was sent.
func TestMessages(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ body, code, message string }{
		"plain":             {`{"error":{"code":"A","message":"m"}}`, "A", "m"},
		"nested":            {`{"error":{"code":"A","message":"{\"error\":{\"code\":\"B\",\"message\":\"inner\"}}"}}`, "B", "inner"},
		"JSON that is none": {`{"error":{"code":"A","message":"{\"x\":1}"}}`, "A", `{"x":1}`},
		"no JSON":           {"<html>", "", ""},
		"nothing":           {"", "", ""},
		"long":              {`{"error":{"code":"A","message":"` + strings.Repeat("é", 1000) + `"}}`, "A", strings.Repeat("é", 400) + "…"},
		"with the secret":   {`{"error":{"code":"A","message":"'` + secret + `' is bad"}}`, "A", "'********' is bad"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := clientOver(t, func(*http.Request) (*http.Response, error) { return reply(400, row.body), nil })
			_, err := c.CreateIntegration(t.Context(), contoso())
			var e *graph.Error
			require.ErrorAs(t, err, &e)
			assert.Equal(t, row.code, e.Code)
			assert.Equal(t, row.message, e.Message)
			assert.NotContains(t, err.Error(), secret)
			assert.NotContains(t, c.UpdateIntegration(t.Context(), "i", graph.IntegrationChange{Secret: &secret}).Error(), secret)
		})
	}
}
