package graph_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"example.com/shiftswfi/store/graph"
	"example.com/shiftswfi/store/graph/graphtest"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// atOnce tries again without a pause.
var atOnce = policy.RetryOptions{RetryDelay: -1}

func client(t *testing.T, s *graphtest.Server) *graph.Client {
	t.Helper()
	c, err := graph.New(graph.Config{BaseURL: s.URL, Credential: graphtest.Credential{}, Retry: atOnce})
	require.NoError(t, err)
	return c
}

func TestNew(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ url, problem string }{
		"the global service":         {"", ""},
		"a national cloud":           {"https://graph.microsoft.us/", ""},
		"plain http on loopback":     {"http://127.0.0.1:8080", ""},
		"plain http on IPv6":         {"http://[::1]:8080", ""},
		"plain http by name":         {"http://localhost:8080", ""},
		"plain http elsewhere":       {"http://graph.microsoft.com", "expected https"},
		"a name that looks loopback": {"http://127.0.0.1.example.com", "expected https"},
		"with a version":             {"https://graph.microsoft.com/v1.0", "expected https://HOST"},
		"with a password":            {"https://u:hunter2@graph.microsoft.com", "expected https://HOST"},
		"with a query":               {"https://graph.microsoft.com?x=1", "expected https://HOST"},
		"no URL":                     {"graph.microsoft.com", "expected https://HOST"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := graph.New(graph.Config{BaseURL: row.url, Credential: graphtest.Credential{}})
			if row.problem == "" {
				require.NoError(t, err)
				assert.NotNil(t, c)
				return
			}
			require.ErrorContains(t, err, row.problem)
			assert.NotContains(t, err.Error(), "hunter2")
		})
	}
	_, err := graph.New(graph.Config{})
	assert.ErrorContains(t, err, "a credential is needed")
}

func TestRetries(t *testing.T) {
	t.Parallel()
	create := func(ctx context.Context, c *graph.Client) error {
		_, err := c.CreateIntegration(ctx, contoso())
		return err
	}
	read := func(ctx context.Context, c *graph.Client) error {
		_, err := c.Integrations(ctx)
		return err
	}
	for name, row := range map[string]struct {
		fault graphtest.Fault
		call  func(context.Context, *graph.Client) error
		calls int
		err   error
	}{
		"a read is tried again when busy":             {graphtest.Fault{Status: 429, Times: 3}, read, 4, nil},
		"a read is given up after that":               {graphtest.Fault{Status: 429, Times: 4}, read, 4, graph.ErrThrottled},
		"a read is tried again after a failure":       {graphtest.Fault{Status: 500}, read, 2, nil},
		"a read is tried again after a lost answer":   {graphtest.Fault{}, read, 2, nil},
		"a creation is tried again when busy":         {graphtest.Fault{Status: 429}, create, 2, nil},
		"a creation is tried again when told to":      {graphtest.Fault{Status: 503, RetryAfter: "0"}, create, 2, nil},
		"a creation is not tried after a bare 503":    {graphtest.Fault{Status: 503, Done: true}, create, 1, &graph.Error{}},
		"a creation is not tried after a failure":     {graphtest.Fault{Status: 500, Done: true}, create, 1, &graph.Error{}},
		"a creation is not tried after a lost answer": {graphtest.Fault{Done: true}, create, 1, graph.ErrUnreachable},
		"a wait longer than patience is not begun":    {graphtest.Fault{Status: 429, RetryAfter: "3600"}, read, 1, graph.ErrThrottled},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := graphtest.New(t, graphtest.Config{})
			s.Inject(row.fault)
			err := row.call(t.Context(), client(t, s))
			assert.Len(t, s.Requests(), row.calls)
			var e *graph.Error
			switch {
			case row.err == nil:
				assert.NoError(t, err)
			case errors.As(row.err, &e):
				assert.ErrorAs(t, err, &e)
			default:
				assert.ErrorIs(t, err, row.err)
			}
		})
	}
}

// transport answers without a network.
type transport func(*http.Request) (*http.Response, error)

func (f transport) Do(r *http.Request) (*http.Response, error) { return f(r) }

func reply(status int, body string, header ...string) *http.Response {
	r := &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return r
}

func clientOver(t *testing.T, f transport) *graph.Client {
	t.Helper()
	c, err := graph.New(graph.Config{Credential: graphtest.Credential{}, Transport: f, Retry: atOnce})
	require.NoError(t, err)
	return c
}

func TestRetryAfterIsHonoured(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		c := clientOver(t, func(*http.Request) (*http.Response, error) {
			if calls++; calls == 1 {
				return reply(429, "", "Retry-After", "7"), nil
			}
			return reply(200, `{"value":[]}`), nil
		})
		began := time.Now()
		_, err := c.Integrations(t.Context())
		require.NoError(t, err)
		assert.Equal(t, 7*time.Second, time.Since(began))
	})
}

func TestSilenceEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := clientOver(t, func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		_, err := c.CreateIntegration(t.Context(), contoso())
		assert.ErrorIs(t, err, graph.ErrUnreachable)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

func TestContext(t *testing.T) {
	t.Parallel()
	c := clientOver(t, func(r *http.Request) (*http.Response, error) { return nil, r.Context().Err() })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := c.Integrations(ctx)
	require.ErrorIs(t, err, context.Canceled)
	assert.NotErrorIs(t, err, graph.ErrUnreachable)
	assert.Equal(t, "could not list the workforce integrations: context canceled", err.Error())
	assert.Empty(t, graph.Advice(err))

	ctx, cancel = context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer cancel()
	_, err = c.Integrations(ctx)
	assert.ErrorIs(t, err, context.DeadlineExceeded)
	assert.ErrorIs(t, err, graph.ErrUnreachable)
}

func TestAnswersAreBounded(t *testing.T) {
	t.Parallel()
	for name, status := range map[string]int{"a success": 200, "an error": 404} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			calls := 0
			endless := &endlessBody{}
			c := clientOver(t, func(*http.Request) (*http.Response, error) {
				calls++
				r := reply(status, "")
				r.Body = endless
				return r, nil
			})
			_, err := c.Integrations(t.Context())
			assert.ErrorContains(t, err, "the answer has more than 16777216 bytes")
			assert.Equal(t, 1, calls, "the next would be as long")
			assert.Less(t, endless.read, 40<<20)
		})
	}
}

type endlessBody struct{ read int }

func (b *endlessBody) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	b.read += len(p)
	return len(p), nil
}

func (*endlessBody) Close() error { return nil }

func TestAnswersAreLookedAt(t *testing.T) {
	t.Parallel()
	read := func(c *graph.Client) error { _, err := c.Integration(t.Context(), "WFI_1"); return err }
	entity := func(c *graph.Client) error {
		_, err := c.Entity(t.Context(), "team", graph.Shifts, "SHFT_1")
		return err
	}
	schedule := func(c *graph.Client) error { _, err := c.Schedule(t.Context(), "team"); return err }
	for name, row := range map[string]struct {
		answer  *http.Response
		call    func(*graph.Client) error
		problem string
	}{
		"no JSON":               {reply(200, "<html>"), read, "is not the JSON that was expected"},
		"wrong types":           {reply(200, `{"id":"WFI_1","supportedEntities":7}`), read, "is not the JSON that was expected"},
		"no id":                 {reply(200, `{}`), read, "names no id"},
		"no content":            {reply(204, ""), read, "is not the JSON that was expected"},
		"a blank":               {reply(200, " "), read, "is not the JSON that was expected"},
		"another entity":        {reply(200, `{"id":"SHFT_2"}`), entity, "is not the entity that was asked for"},
		"no entity":             {reply(200, `{}`), entity, "is not the entity that was asked for"},
		"an empty entity":       {reply(200, ""), entity, "is not the JSON that was expected"},
		"a schedule is a list":  {reply(200, `[]`), schedule, "is not the JSON that was expected"},
		"a schedule is missing": {reply(204, ""), schedule, "is not the JSON that was expected"},
		"a redirect":            {reply(307, "", "Location", "https://example.com"), read, "answered 307 Temporary Redirect"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := row.call(clientOver(t, func(*http.Request) (*http.Response, error) { return row.answer, nil }))
			assert.ErrorContains(t, err, row.problem)
			assert.ErrorIs(t, err, graph.ErrUnexpected)
			assert.Contains(t, graph.Advice(err), "check that the base URL of Microsoft Graph (--graph) is right and that no proxy")
		})
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	s := graphtest.New(t, graphtest.Config{})
	redirecting := redirectTo(t, s.URL)
	c, err := graph.New(graph.Config{BaseURL: redirecting, Credential: graphtest.Credential{}, Retry: atOnce})
	require.NoError(t, err)
	_, err = c.CreateIntegration(t.Context(), contoso())
	assert.ErrorContains(t, err, "answered 307")
	assert.Empty(t, s.Requests(), "the secret stays where it was sent")
}

func TestWhatIsSent(t *testing.T) {
	t.Parallel()
	var sent *http.Request
	var scopes []string
	c, err := graph.New(graph.Config{
		BaseURL:    "https://graph.microsoft.us",
		Credential: asked{&scopes},
		Transport: transport(func(r *http.Request) (*http.Response, error) {
			sent = r
			return reply(200, `{"value":[]}`), nil
		}),
	})
	require.NoError(t, err)
	_, err = c.Integrations(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []string{"https://graph.microsoft.us/.default"}, scopes)
	assert.Equal(t, "https://graph.microsoft.us/v1.0/teamwork/workforceIntegrations", sent.URL.String())
	assert.Equal(t, "Bearer "+graphtest.Token, sent.Header.Get("Authorization"))
	assert.Equal(t, "include-unknown-enum-members", sent.Header.Get("Prefer"))

	_, err = c.Beta().Integrations(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "/beta/teamwork/workforceIntegrations", sent.URL.Path)

	_, err = c.Teams(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "/v1.0/teams?%24select=id%2CdisplayName", sent.URL.RequestURI())

	_, err = c.Entities(t.Context(), "team", graph.TimeOffRequests, week)
	require.NoError(t, err)
	assert.Equal(t, "/v1.0/teams/team/schedule/timeOffRequests?%24filter=state%20eq%20%27pending%27", sent.URL.RequestURI())
}
