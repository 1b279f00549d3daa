package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/store/graph/graphtest"
)

// lag puts a Microsoft Graph in front of the tenant's that gives a schedule as
// it was for this many readings after a change, and does not tell ids by their
// letter case.
func (s *tenant) lag(readings int) {
	s.t.Helper()
	target, err := url.Parse(s.graph.URL)
	require.NoError(s.t, err)
	var mu sync.Mutex
	var before []byte // the last reading before the change
	left := -1        // readings; -1: nothing has changed
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ModifyResponse = func(answer *http.Response) error {
		mu.Lock()
		defer mu.Unlock()
		switch {
		case !strings.HasSuffix(answer.Request.URL.Path, "/schedule"):
		case answer.Request.Method == http.MethodPut:
			left = readings
		case left < 0:
			var err error
			if before, err = io.ReadAll(answer.Body); err != nil {
				return err
			}
			answer.Body = io.NopCloser(bytes.NewReader(before))
		case left > 0:
			left--
			answer.Body, answer.ContentLength = io.NopCloser(bytes.NewReader(before)), int64(len(before))
			answer.Header.Del("Content-Length")
		}
		return nil
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if folder, id, ok := strings.Cut(r.URL.Path, "/workforceIntegrations/"); ok {
			r.URL.Path = folder + "/workforceIntegrations/" + strings.ToUpper(id)
		}
		proxy.ServeHTTP(w, r)
	}))
	s.t.Cleanup(server.Close)
	s.graph.URL = server.URL
}

// What is read right after a change may be what was before it.
func TestTeamsOldReadings(t *testing.T) {
	t.Parallel()
	failed := func() map[string]any {
		return map[string]any{"provisionStatus": "Failed", "provisionStatusCode": "Old"}
	}
	for name, row := range map[string]struct {
		command  string
		schedule map[string]any
		holds    bool
		readings int
		code     string // that Shifts fails with
		stdout   string
		stderr   string // a part of it; empty: exit code 0
	}{
		"it had failed":            {command: "enable", schedule: failed(), readings: 3, stdout: "team  enabled  Europe/Berlin\n"},
		"it had failed with it":    {command: "enable", schedule: failed(), holds: true, readings: 3, stdout: "team  enabled  Europe/Berlin\n"},
		"it fails again":           {command: "enable", schedule: failed(), code: "New", readings: 3, stdout: "team  failed\n", stderr: "gave the code New"},
		"it goes on failing":       {command: "enable", schedule: failed(), holds: true, readings: 1 << 30, stdout: "team  failed\n", stderr: "gave the code Old"},
		"the id comes later":       {command: "enable", schedule: map[string]any{}, readings: 3, stdout: "team  enabled  Europe/Berlin\n"},
		"the id goes later":        {command: "disable", schedule: map[string]any{}, holds: true, readings: 3, stdout: "team  disabled\n"},
		"the id goes: do not look": {command: "disable --wait 0s", schedule: map[string]any{}, holds: true, readings: 1 << 30, stdout: "team  disabled\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newTenant(t, graphtest.Config{Provision: func(string) (int, string) { return 0, row.code }})
			if row.holds {
				row.schedule["workforceIntegrationIds"] = []string{s.contoso}
			}
			s.graph.SetSchedule("team", row.schedule)
			s.lag(row.readings)
			args := append([]string{"teams"}, strings.Fields(row.command)...)
			code, stdout, stderr := s.wfi(append(args, "team", "--integration", "CONTOSO", "--poll", "1ms")...)
			assert.Equal(t, row.stdout, stdout)
			assert.Contains(t, stderr, row.stderr)
			assert.Equal(t, row.stderr == "", code == exitSuccess, stderr)
			assert.Equal(t, 1, s.puts())
		})
	}
}

// An id may be typed in any letter case.
func TestIDsInLowerCase(t *testing.T) {
	t.Parallel()
	s := newTenant(t, graphtest.Config{})
	s.lag(0)
	typed := strings.ToLower(s.contoso)
	s.graph.SetSchedule("team", nil)
	code, stdout, stderr := s.wfi("teams", "enable", "team", "TEAM", "--integration", typed)
	require.Zero(t, code, stderr)
	assert.Equal(t, "team  enabled  Europe/Berlin\n", stdout, "once")
	assert.Equal(t, []string{s.contoso}, s.graph.Schedule("team")["workforceIntegrationIds"], "as Microsoft Graph has it")

	s.graph.SetSchedule("team", map[string]any{"workforceIntegrationIds": []string{typed}})
	_, stdout, _ = s.wfi("teams", "enable", "team", "--integration", "CONTOSO")
	assert.Equal(t, "team  unchanged  it has the integration already\n", stdout)
	_, stdout, _ = s.wfi("teams", "list", "--integration", "CONTOSO")
	assert.Contains(t, stdout, "Contoso ("+typed+")")
	_, _, stderr = s.wfi("integration", "delete", "CONTOSO", "--dry-run")
	assert.Contains(t, stderr, "Teams that use it, and whose changes nobody would decide: 1\n")
	_, stdout, _ = s.wfi("integration", "delete", typed, "--dry-run")
	assert.Contains(t, stdout, "DELETE GRAPH/v1.0/teamwork/workforceIntegrations/CONTOSO\n")
	code, stdout, stderr = s.wfi("teams", "disable", "team", "--integration", "CONTOSO")
	require.Zero(t, code, stderr)
	assert.Equal(t, "team  disabled\n", stdout)
	assert.Empty(t, s.graph.Schedule("team")["workforceIntegrationIds"])
}
