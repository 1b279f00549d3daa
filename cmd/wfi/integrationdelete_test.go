package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/store/graph"
	"example.com/shiftswfi/store/graph/graphtest"
)

// withTeams has an integration that team T2 uses, T1 has none and T3 another.
func withTeams(t *testing.T) *administrator {
	t.Helper()
	a := administrate(t, graphtest.Config{PageSize: 2, Connect: func(context.Context, string, int, string) error { return nil }})
	assert.Equal(t, contosoID, a.registered())
	a.graph.AddTeam("T0", "No Shifts")
	a.graph.AddTeam("T1", "First")
	a.graph.AddTeam("T2", "Second\x1b[2J")
	a.graph.SetSchedule("T1", nil)
	a.graph.SetSchedule("T2", map[string]any{"workforceIntegrationIds": []string{"WFI_other", contosoID}})
	a.graph.SetSchedule("T3", map[string]any{"workforceIntegrationIds": []string{"WFI_other"}})
	return a
}

const usersOfContoso = "Teams that use it, and whose changes nobody would decide: 1\n  T2  Second\uFFFD[2J\n"

func TestIntegrationDelete(t *testing.T) {
	t.Parallel()
	forbidden := "Microsoft Graph answered 403 Forbidden; grant the app (or the person who signed in) the Microsoft Graph permission "
	for name, row := range map[string]struct {
		args    []string
		stdin   string // of a terminal
		prepare func(a *administrator)
		code    int
		kept    bool
		want    string // of standard error; "": usersOfContoso
	}{
		"yes":                  {args: []string{"--yes"}},
		"agreed":               {stdin: "y\n"},
		"agreed in words":      {stdin: " Yes \nmore"},
		"not agreed":           {stdin: "\n", code: exitFailure, kept: true, want: "[y/N] wfi integration delete: nothing is deleted\n"},
		"no answer":            {stdin: "-", code: exitFailure, kept: true, want: "nothing is deleted\n"},
		"a dry run":            {args: []string{"--dry-run"}, kept: true},
		"an unreadable team":   {args: []string{"-y"}, prepare: func(a *administrator) { a.graph.Inject(graphtest.Fault{Path: "/T1/schedule", Status: 403}) }, want: "Could not be looked at (" + forbidden + "Schedule.Read.All"},
		"a busy team":          {args: []string{"-y"}, prepare: func(a *administrator) { a.graph.Inject(graphtest.Fault{Path: "/T3/schedule", Status: 429, Times: 4}) }, want: "  T3  T3\n"},
		"teams not to be seen": {args: []string{"-y"}, prepare: func(a *administrator) { a.graph.SetScopes("WorkforceIntegration.ReadWrite.All") }, want: "Could not be looked at (" + forbidden + "Team.ReadBasic.All"},
		"Graph goes away":      {args: []string{"-y"}, prepare: func(a *administrator) { a.graph.Inject(graphtest.Fault{Path: "/T1/schedule", Times: 4}) }, code: exitFailure, kept: true, want: "could not read the schedule of the team: no answer from Microsoft Graph"},
		"a lost answer":        {args: []string{"-y"}, prepare: func(a *administrator) { a.graph.Inject(graphtest.Fault{Method: "DELETE", Done: true}) }},
		"not to be deleted": {args: []string{"-y"}, prepare: func(a *administrator) {
			a.graph.SetScopes("WorkforceIntegration.Read.All", "Team.ReadBasic.All", "Schedule.Read.All")
		}, code: exitFailure, kept: true, want: "WorkforceIntegration.ReadWrite.All"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := withTeams(t)
			if row.prepare != nil {
				row.prepare(a)
			}
			a.stdin, a.terminal = row.stdin, row.stdin != ""
			code, stdout, stderr := a.wfi(append([]string{"integration", "delete", contosoID}, row.args...)...)
			assert.Equal(t, row.code, code, stderr)
			if row.want == "" {
				row.want = usersOfContoso
			}
			assert.Contains(t, stderr, row.want)
			if row.kept {
				assert.Len(t, a.graph.Integrations(), 1)
				assert.NotContains(t, stdout, "Deleted")
			} else {
				assert.Empty(t, a.graph.Integrations())
				assert.Equal(t, "Deleted "+contosoID+" (Contoso WFM). The endpoint's configuration can go, too.\n", stdout)
			}
		})
	}
}

func TestIntegrationDeleteJSON(t *testing.T) {
	t.Parallel()
	a := withTeams(t)
	a.graph.Inject(graphtest.Fault{Path: "/T1/schedule", Status: 403})
	type team struct{ ID, DisplayName, Reason string }
	type printed struct {
		ID, DisplayName string
		Deleted         bool
		Request         *struct{ Method, URL string }
		Teams, Unknown  []team
	}
	for _, flag := range []string{"--dry-run", "--yes"} {
		code, stdout, stderr := a.wfi("integration", "delete", contosoID, "--json", flag)
		require.Zero(t, code, stderr)
		var got printed
		require.NoError(t, json.Unmarshal([]byte(stdout), &got))
		assert.Equal(t, []team{{ID: "T2", DisplayName: "Second\x1b[2J"}}, got.Teams)
		assert.Equal(t, flag == "--yes", got.Deleted)
		if flag == "--dry-run" {
			require.Len(t, got.Unknown, 1)
			assert.Equal(t, "T1", got.Unknown[0].ID)
			assert.Contains(t, got.Unknown[0].Reason, "Schedule.Read.All")
			assert.Equal(t, "DELETE", got.Request.Method)
			assert.Equal(t, a.graph.URL+"/v1.0/teamwork/workforceIntegrations/"+contosoID, got.Request.URL)
		} else {
			assert.Empty(t, got.Unknown)
			assert.Nil(t, got.Request)
		}
	}
}

// A person who is asked can interrupt instead of answering.
func TestIntegrationDeleteInterrupted(t *testing.T) {
	t.Parallel()
	a := withTeams(t)
	ctx, interrupt := context.WithCancel(t.Context())
	stdin, typing := io.Pipe()
	defer typing.Close()
	var stdout, stderr bytes.Buffer
	done := make(chan int)
	go func() {
		p := &process{stdin: stdin, stdout: &stdout, stderr: &stderr, terminal: true, graph: graph.Config{Credential: a.credential}}
		done <- run(ctx, p, []string{"integration", "delete", contosoID, "--graph", a.graph.URL})
	}()
	_, err := typing.Write([]byte("y")) // returns once it has been read
	require.NoError(t, err)
	interrupt()
	assert.Equal(t, exitFailure, receive(t, done))
	assert.Empty(t, stdout.String())
	assert.Contains(t, stderr.String(), "\rLooking at the schedules of teams: 3 of 4\r\x1b[K"+usersOfContoso+"Delete "+contosoID+" (Contoso WFM)? [y/N] ")
	assert.Contains(t, stderr.String(), "wfi integration delete: interrupted while asking\n")
	assert.Len(t, a.graph.Integrations(), 1)
}
