package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/store/graph"
	"example.com/shiftswfi/store/graph/graphtest"
)

// A tenant is a Microsoft Graph with the workforce integrations Contoso and
// Fabrikam, and its administrator.
type tenant struct {
	*administrator
	contoso, fabrikam string // ids
}

func newTenant(t *testing.T, config graphtest.Config) *tenant {
	t.Helper()
	config.Connect = func(context.Context, string, int, string) error { return nil }
	s := &tenant{administrator: administrate(t, config)}
	s.contoso, s.fabrikam = s.register("Contoso", true), s.register("Fabrikam", false)
	return s
}

func (s *tenant) register(name string, active bool) string {
	s.t.Helper()
	client, err := graph.New(graph.Config{BaseURL: s.graph.URL, Credential: s.credential})
	require.NoError(s.t, err)
	integration, err := client.CreateIntegration(s.t.Context(), graph.NewIntegration{
		DisplayName: name, APIVersion: 1, IsActive: active, URL: "https://wfi.example.com/" + name, Secret: testSecret,
		SupportedEntities: graph.Entities{"shift"},
	})
	require.NoError(s.t, err)
	return integration.ID
}

// wfi runs a command on the tenant. CONTOSO and FABRIKAM in its arguments and
// in what it prints are the ids of the integrations.
func (s *tenant) wfi(args ...string) (code int, stdout, stderr string) {
	s.t.Helper()
	for i := range args {
		args[i] = s.ids().Replace(args[i])
	}
	code, stdout, stderr = s.administrator.wfi(args...)
	names := strings.NewReplacer(s.contoso, "CONTOSO", s.fabrikam, "FABRIKAM", s.graph.URL, "GRAPH", "wfi "+args[0]+" "+args[1], "wfi")
	return code, names.Replace(stdout), names.Replace(stderr)
}

func (s *tenant) ids() *strings.Replacer {
	return strings.NewReplacer("CONTOSO", s.contoso, "FABRIKAM", s.fabrikam)
}

// puts is how many requests changed something, or tried to.
func (s *tenant) puts() int {
	count := 0
	for _, request := range s.graph.Requests() {
		if request.Method == http.MethodPut {
			count++
		}
	}
	return count
}

func TestTeamsMisuse(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ args, problem string }{
		"enable without an integration":  {"enable team", "missing flags: --integration"},
		"no team":                        {"enable --integration CONTOSO", "expected ids of teams, --from FILE or --all, and only one of these"},
		"teams and all":                  {"enable team --all --integration CONTOSO", "only one of these"},
		"teams and a file":               {"disable team --from - --integration CONTOSO", "only one of these"},
		"a file and all":                 {"disable --all --from - --integration CONTOSO", "only one of these"},
		"a time zone for all":            {"enable --all --time-zone UTC --integration CONTOSO", "name these teams instead of --all"},
		"a time zone that nobody knows":  {"enable team --time-zone Mars --integration CONTOSO", `the time zone "Mars" is neither`},
		"no pause":                       {"enable team --poll 0s --integration CONTOSO", "--poll"},
		"a negative wait":                {"enable team --wait=-1s --integration CONTOSO", "--wait"},
		"all, with nobody to be asked":   {"enable --all --integration CONTOSO", "--all: nobody is there to be asked: give --yes, too"},
		"disable all without being told": {"disable --all --integration CONTOSO", "give --yes, too"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newTenant(t, graphtest.Config{})
			s.graph.SetSchedule("team", nil)
			code, stdout, stderr := s.wfi(append([]string{"teams"}, strings.Fields(row.args)...)...)
			assert.Equal(t, exitMisuse, code, stderr)
			assert.Empty(t, stdout)
			assert.Contains(t, stderr, row.problem)
			assert.Zero(t, s.puts())
		})
	}
}

func TestTeamsFrom(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ text, stdout, stderr string }{
		"an id a line": {"one\ntwo\n", "one  enabled  Europe/Berlin\ntwo  enabled  Europe/Berlin\n", ""},
		"as an editor leaves it": {
			"# Berlin\r\n\r\n  two  \r\ntwo\r\none", "two  enabled  Europe/Berlin\none  enabled  Europe/Berlin\n", "",
		},
		"nobody":           {"# none\n\n", "", "names no team: expected an id a line\n"},
		"not a list of it": {strings.Repeat("x", 1<<17), "", ": a line is no team id: "},
	} {
		for _, place := range []string{"file", "stdin"} {
			t.Run(name+" in "+place, func(t *testing.T) {
				t.Parallel()
				s := newTenant(t, graphtest.Config{})
				s.graph.SetSchedule("one", nil)
				s.graph.SetSchedule("two", nil)
				file := "-"
				if s.stdin = row.text; place == "file" {
					s.stdin, file = "", filepath.Join(t.TempDir(), "teams.txt")
					require.NoError(t, os.WriteFile(file, []byte(row.text), 0o600))
				}
				code, stdout, stderr := s.wfi("teams", "enable", "--integration", "CONTOSO", "--from", file)
				assert.Equal(t, row.stdout, stdout)
				if row.stderr == "" {
					assert.Empty(t, stderr)
					assert.Zero(t, code)
					return
				}
				assert.Contains(t, stderr, row.stderr)
				assert.Equal(t, exitFailure, code)
			})
		}
	}
	s := newTenant(t, graphtest.Config{})
	_, _, stderr := s.wfi("teams", "enable", "--integration", "CONTOSO", "--from", "missing.txt")
	assert.Equal(t, "wfi: read missing.txt: no such file or directory\n", stderr)
}

func TestTeamsAll(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		answer string
		flags  []string
		code   int
		stderr string
	}{
		"agreed":     {"y\n", nil, exitSuccess, "Give the integration to all teams with Shifts among the 3 of the tenant? [y/N] "},
		"not agreed": {"\n", nil, exitFailure, "wfi: nothing is changed\n"},
		"no answer":  {"", nil, exitFailure, "wfi: nothing is changed\n"},
		"not asked":  {"", []string{"--yes"}, exitSuccess, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newTenant(t, graphtest.Config{PageSize: 1})
			s.graph.SetSchedule("one", nil)
			s.graph.AddTeam("two", "Store\t2\x1b[31m")
			s.graph.SetSchedule("three", nil)
			s.stdin, s.terminal = row.answer, row.answer != "" || row.flags == nil
			code, stdout, stderr := s.wfi(append([]string{"teams", "enable", "--integration", "CONTOSO", "--all"}, row.flags...)...)
			assert.Equal(t, row.code, code, stderr)
			assert.Contains(t, stderr, row.stderr)
			if row.code != exitSuccess {
				assert.Zero(t, s.puts())
				return
			}
			assert.Equal(t, "one    one           enabled  Europe/Berlin\n"+
				"two    Store 2�[31m  skipped  it has no Shifts, or may not be seen\n"+
				"three  three         enabled  Europe/Berlin\n", stdout)
			assert.Equal(t, []string{s.contoso}, s.graph.Schedule("three")["workforceIntegrationIds"])
			assert.Nil(t, s.graph.Schedule("two"))
		})
	}
}

// What goes wrong with one team does not keep the others from being enabled.
func TestTeamsOthersGoOn(t *testing.T) {
	t.Parallel()
	s := newTenant(t, graphtest.Config{Provision: func(team string) (int, string) {
		if team == "archived" {
			return 2, "TeamArchived"
		}
		return 2, ""
	}})
	for _, team := range []string{"archived", "closed", "closed2", "good", "last"} {
		s.graph.SetSchedule(team, nil)
	}
	s.graph.SetSchedule("martian", map[string]any{"timeZone": "Mars/Olympus"})
	for _, team := range []string{"closed", "closed2"} {
		s.graph.Inject(graphtest.Fault{Method: http.MethodPut, Path: "/teams/" + team + "/", Status: 403, Message: "No."})
	}
	args := []string{"teams", "enable", "--integration", "CONTOSO", "--poll", "1ms", "archived", "closed", "martian", "good", "closed2", "last"}
	code, stdout, stderr := s.wfi(args...)
	assert.Equal(t, exitFailure, code)
	assert.Equal(t, "archived  failed\nclosed    failed\nmartian   failed\ngood      enabled  Europe/Berlin\nclosed2   failed\nlast      enabled  Europe/Berlin\n",
		stdout)
	const id = " (request-id 7f0c4e2a-0000-4000-8000-00000000c0de)\n"
	assert.Equal(t, "wfi: 4 of 6 teams failed\n"+
		"  archived: it has the integration, but: "+graph.ExplainProvision("TeamArchived")+"\n"+
		"  martian: the time zone \"Mars/Olympus\" is neither in the IANA database nor one of Windows, and no rule could be decided in it; choose another in the settings of Shifts\n"+
		"  closed: could not set the workforce integrations of the team: Microsoft Graph answered 403 Forbidden: No"+id+
		"  closed2: could not set the workforce integrations of the team: Microsoft Graph answered 403 Forbidden: No"+id+
		"    -> grant the app (or the person who signed in) the Microsoft Graph permission Schedule.ReadWrite.All in Microsoft Entra; "+
		"a Global Administrator has to give admin consent, and a new token is needed after that; for a person Group.ReadWrite.All does as well\n", stderr)

	_, stdout, _ = s.wfi(append(args, "--json")...)
	var outcomes []map[string]any
	require.NoError(t, json.Unmarshal([]byte(stdout), &outcomes))
	require.Len(t, outcomes, 6)
	assert.Equal(t, map[string]any{"id": "good", "result": "unchanged", "detail": "it has the integration already"}, outcomes[3])
	assert.Equal(t, map[string]any{"id": "closed", "result": "enabled", "detail": "Europe/Berlin"}, outcomes[1], "the second time")
	assert.Equal(t, "failed", outcomes[0]["result"])
	assert.Contains(t, outcomes[0]["error"], "TeamArchived")
}

// An error that all teams would meet is not met for each of them.
func TestTeamsStop(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		fault  graphtest.Fault
		token  graphtest.Credential
		advice string
	}{
		"another tenant's token": {token: graphtest.Credential{Token: "another-tenants-token"}, advice: "check that the tenant and the cloud"},
		"no token":               {token: graphtest.Credential{Err: fmt.Errorf("AADSTS90002: Tenant 'x' not found.")}, advice: "Microsoft Entra knows no such tenant"},
		"nobody answers":         {fault: graphtest.Fault{Times: 1000}, advice: "check the network"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newTenant(t, graphtest.Config{})
			s.credential = row.token
			if row.fault.Times > 0 {
				s.graph.Inject(row.fault)
			}
			var ids []string
			for i := range 40 {
				ids = append(ids, fmt.Sprint("team", i))
				s.graph.SetSchedule(ids[i], nil)
			}
			before := len(s.graph.Requests())
			code, stdout, stderr := s.wfi(append([]string{"teams", "enable", "--integration", "CONTOSO"}, ids...)...)
			assert.Equal(t, exitFailure, code)
			assert.Empty(t, stdout)
			assert.Contains(t, stderr, row.advice)
			assert.Equal(t, 1, strings.Count(stderr, "\n"), "one sentence: %s", stderr)

			code, stdout, stderr = s.wfi(append([]string{"teams", "disable", "--integration", "CONTOSO"}, ids...)...)
			assert.Equal(t, exitFailure, code)
			assert.Equal(t, 40, strings.Count(stdout, "\n"))
			assert.GreaterOrEqual(t, strings.Count(stdout, "untried"), 40-teamsAtOnce-1)
			assert.Regexp(t, `^wfi: [1-5] of 40 teams failed, and 3[5-9] were not tried\n`, stderr)
			assert.Equal(t, 1, strings.Count(stderr, "-> "+row.advice)+strings.Count(stderr, "-> check the tenant id: "+row.advice), stderr)
			assert.NotContains(t, stderr, "another-tenants-token")
			assert.Less(t, len(s.graph.Requests())-before, 40)
		})
	}
}

func TestTeamsInterrupted(t *testing.T) {
	t.Parallel()
	ctx, interrupt := context.WithCancel(t.Context())
	s := newTenant(t, graphtest.Config{Provision: func(string) (int, string) {
		interrupt()
		return 1 << 30, ""
	}})
	s.graph.SetSchedule("team", nil)
	var stdout, stderr bytes.Buffer
	p := &process{stdout: &stdout, stderr: &stderr, graph: graph.Config{Credential: s.credential}}
	code := run(ctx, p, []string{"teams", "enable", "--graph", s.graph.URL, "--integration", s.contoso, "team"})
	assert.Equal(t, exitFailure, code)
	assert.Equal(t, "team  failed\n", stdout.String())
	assert.Equal(t, "wfi teams enable: team team: interrupted; run it again: a team that is done is left as it is\n", stderr.String())
}

func TestTeamsProgress(t *testing.T) {
	t.Parallel()
	s := newTenant(t, graphtest.Config{})
	s.graph.SetSchedule("one", nil)
	s.graph.SetSchedule("two", nil)
	s.terminal = true
	_, _, stderr := s.wfi("teams", "enable", "--integration", "CONTOSO", "one", "two")
	assert.Contains(t, stderr, "teams: 0 of 2")
	assert.Contains(t, stderr, "teams: 1 of 2")
	assert.NotContains(t, stderr, "\n")
}
