package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/store/redistest"
)

// A secret that joins the file opens bodies from then on; one that leaves it
// does not. A file that is broken changes nothing.
func TestServeRotatesSecrets(t *testing.T) {
	t.Parallel()
	f := files{t, t.TempDir()}
	f.write("secrets", testSecret+"\n")
	s := serve(t, settings(strings.ReplaceAll(contoso, "env:CONTOSO_SECRET", "file:"+f.path("secrets"))), "--load", teamFile)
	statuses := func() [2]int {
		first, _ := s.send(readPath, testSecret, batchOf(swapURL(adeleShift)))
		second, _ := s.send(readPath, otherSecret, batchOf(swapURL(adeleShift)))
		return [2]int{first, second}
	}
	change := func(text, message string) {
		before := s.lines()
		f.write("new", text)
		f.rename("new", "secrets")
		s.awaitAfter(before, message)
	}
	assert.Equal(t, [2]int{200, 401}, statuses())
	change("# both, while Shifts is told\n"+testSecret+"\n"+otherSecret+"\n", "changed files are in force")
	assert.Equal(t, [2]int{200, 200}, statuses())
	change(otherSecret+"\n", "changed files are in force")
	assert.Equal(t, [2]int{401, 200}, statuses())
	change(testSecret+"\n"+otherSecret[:63]+"\n", "changed files cannot be used, the old ones stay in force")
	assert.Equal(t, [2]int{401, 200}, statuses())
	change(testSecret+"\n", "changed files are in force")
	assert.Equal(t, [2]int{200, 401}, statuses())
}

func TestServeTLS(t *testing.T) {
	t.Parallel()
	f := files{t, t.TempDir()}
	writeCertificate(t, f.dir, "first")
	writeCertificate(t, f.dir, "second")
	f.rename("first.crt", "tls.crt")
	f.rename("first.key", "tls.key")
	s := serve(t, settings(fmt.Sprintf("tls: {cert: %q, key: %q}", f.path("tls.crt"), f.path("tls.key"))+contoso), "--load", teamFile)
	assert.Equal(t, true, s.await("serving")["tls"])
	shown := func() string {
		connection, err := tls.Dial("tcp", s.listen, &tls.Config{InsecureSkipVerify: true})
		require.NoError(t, err)
		defer connection.Close()
		return connection.ConnectionState().PeerCertificates[0].Subject.CommonName
	}
	response, err := s.client.Post("https://"+s.listen+readPath, "", strings.NewReader(string(seal(t, testSecret, batchOf(swapURL(adeleShift))))))
	require.NoError(t, err)
	status, body := drain(t, response)
	assert.Equal(t, http.StatusOK, status)
	assert.Len(t, answersIn(t, body, 1)[0].Body.Data, 5)
	assert.Equal(t, "first", shown())

	f.rename("second.key", "tls.key")
	f.rename("second.crt", "tls.crt")
	s.await("changed files are in force")
	assert.Equal(t, "second", shown())
	status, _ = s.post(readPath, nil)
	assert.Equal(t, http.StatusBadRequest, status, "no plain HTTP")
}

// twoIntegrations differ in everything that can differ.
const twoIntegrations = contoso + `    teams: [2f5d1f0e-6c3f-4c0a-9a51-7d2b8f0f9d11]
  - name: fabrikam
    path: /wfm/fabrikam/
    apiVersion: 2
    tenantId: 8f9d7c6b-0000-4000-8000-000000000002
    secrets: ["` + otherSecret + `"]
    teams: [other-team, 2nd-team]
`

func TestServeTwoIntegrations(t *testing.T) {
	t.Parallel()
	other := filepath.Join(t.TempDir(), "other.json")
	writeTeam(t, other, func(document map[string]any) { document["team"].(map[string]any)["id"] = "other-team" })
	s := serve(t, settings(twoIntegrations), "--load", teamFile, "--load", other)
	batch := batchOf(swapURL(adeleShift))
	tenant := func(n string) string {
		return `{"tenantId":"8F9D7C6B-0000-4000-8000-00000000000` + n + `","userId":"u"}`
	}
	for _, row := range []struct {
		name, path, secret, text string
		status                   int
		code                     string // of the item, where there is one
	}{
		{"contoso reads its team", "/contoso/v1/teams/" + storyTeam + "/read", testSecret, batch, 200, "OK"},
		{"without the v, singular, doubled slashes", "/contoso//1/team/" + storyTeam + "//read/", testSecret, batch, 200, "OK"},
		{"fabrikam reads its team", "/wfm/fabrikam/v2/teams/other-team/read", otherSecret, batch, 200, "OK"},
		{"fabrikam has a team that is not loaded", "/wfm/fabrikam/v2/teams/2nd-team/read", otherSecret, batch, 200, "TeamNotFound"},
		{"contoso asks for fabrikam's team", "/contoso/v1/teams/other-team/read", testSecret, batch, 200, "TeamNotFound"},
		{"fabrikam asks for contoso's team", "/wfm/fabrikam/v2/teams/" + storyTeam + "/read", otherSecret, batch, 200, "TeamNotFound"},
		{"contoso's path, fabrikam's secret", "/contoso/v1/teams/" + storyTeam + "/read", otherSecret, batch, 401, ""},
		{"fabrikam's path, contoso's secret", "/wfm/fabrikam/v2/teams/other-team/read", testSecret, batch, 401, ""},
		{"contoso has no version 2", "/contoso/v2/teams/" + storyTeam + "/read", testSecret, batch, 404, ""},
		{"fabrikam has no version 1", "/wfm/fabrikam/v1/teams/other-team/read", otherSecret, batch, 404, ""},
		{"nobody's path", "/fabrikam/v2/teams/other-team/read", otherSecret, batch, 404, ""},
		{"contoso connects", "/contoso/v1/connect", testSecret, tenant("1"), 200, ""},
		{"fabrikam connects", "/wfm/fabrikam/v2/connect", otherSecret, tenant("2"), 200, ""},
		{"fabrikam's tenant at contoso", "/contoso/v1/connect", testSecret, tenant("2"), 403, ""},
		{"contoso's tenant at fabrikam", "/wfm/fabrikam/v2/connect", otherSecret, tenant("1"), 403, ""},
		{"fabrikam's secret at contoso", "/contoso/v1/connect", otherSecret, tenant("1"), 401, ""},
	} {
		status, body := s.send(row.path, row.secret, row.text)
		assert.Equal(t, row.status, status, row.name)
		if row.code != "" {
			answer := answersIn(t, body, 1)[0]
			assert.Equal(t, strings.TrimPrefix(row.code, "OK"), answer.code(), row.name)
			assert.Equal(t, row.code == "OK", answer.Body.Data != nil, row.name)
		}
	}
	assert.Contains(t, s.metrics(), `wfi_callbacks_total{endpoint="connect",integration="fabrikam",outcome="other_tenant"} 1`)
	assert.Contains(t, s.metrics(), `wfi_callbacks_total{endpoint="connect",integration="contoso",outcome="ok"} 1`)
}

// writeTeam writes the sample team with a change.
func writeTeam(t *testing.T, path string, change func(document map[string]any)) {
	t.Helper()
	data, err := os.ReadFile(teamFile)
	require.NoError(t, err)
	var document map[string]any
	require.NoError(t, json.Unmarshal(data, &document))
	change(document)
	data, err = json.Marshal(document)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, data, 0o600))
}

// What a caller gets for a body that cannot be answered, and what the log
// says of it.
func TestServeRefusesBodies(t *testing.T) {
	t.Parallel()
	s := serve(t, settings("maxBody: 4KiB\nmaxItems: 3"+contoso), "--load", teamFile)
	good := seal(t, testSecret, batchOf(swapURL(adeleShift)))
	flipped := append([]byte{}, good...)
	flipped[len(flipped)/2] ^= 1
	sealedText := func(text string) []byte { return seal(t, testSecret, text) }
	for _, row := range []struct {
		name   string
		body   []byte
		status int
		class  string
	}{
		{"as it should be", good, 200, "ok"},
		{"nothing", nil, 401, "not_envelope"},
		{"plain JSON, also from this machine", []byte(batchOf(swapURL(adeleShift))), 401, "not_envelope"},
		{"one bit is wrong", flipped, 401, "not_authentic"},
		{"another secret", seal(t, otherSecret, batchOf(swapURL(adeleShift))), 401, "not_authentic"},
		{"too large", make([]byte, 4<<10+1), 413, "too_large"},
		{"not JSON", sealedText("requests"), 400, "not_json"},
		{"no requests", sealedText(`{}`), 400, "no_requests"},
		{"no request", sealedText(`{"requests":[]}`), 400, "no_requests"},
		{"as many items as may be", sealedText(batchOf("/a", "/b", "/c")), 200, "ok"},
		{"one item more", sealedText(batchOf("/a", "/b", "/c", "/d")), 400, "too_many_items"},
	} {
		before := s.lines()
		status, body := s.post(readPath, row.body)
		assert.Equal(t, row.status, status, row.name)
		assert.Equal(t, row.class, s.awaitAfter(before, "callback")["outcome"], row.name)
		if status != http.StatusOK {
			assert.Regexp(t, `^\{"error":"[a-zA-Z ]+"\}\n$`, body, row.name)
		}
	}
	_, unauthorized := s.post(readPath, flipped)
	_, alike := s.post(readPath, nil)
	assert.Equal(t, unauthorized, alike, "the caller does not learn why")
}

func TestServeMetrics(t *testing.T) {
	t.Parallel()
	redis := redistest.Server(t)
	code, _, stderr := wfi(t, "load", "--redis", redis.URL(), teamFile)
	require.Zero(t, code, stderr)
	s := serve(t, settings("redis: "+redis.URL()+contoso))
	for range 3 {
		s.read(swapURL(adeleShift), reasonsURL("nobody"), "/x")
	}
	s.post(readPath, nil)
	metrics := s.metrics()
	for _, line := range []string{
		`wfi_callbacks_total{endpoint="read",integration="contoso",outcome="ok"} 3`,
		`wfi_callbacks_total{endpoint="read",integration="contoso",outcome="not_envelope"} 1`,
		`wfi_items_total{code="OK",integration="contoso",kind="swap"} 3`,
		`wfi_items_total{code="UserNotFound",integration="contoso",kind="timeOffReason"} 3`,
		`wfi_items_total{code="UnsupportedOperation",integration="contoso",kind="unsupported"} 3`,
		`wfi_callback_duration_seconds_count{endpoint="read",integration="contoso"} 4`,
		`wfi_candidates_count{kind="swap"} 3`,
		`wfi_team_cache_hits_total 2`,
		`wfi_team_cache_loads_total 1`,
		`wfi_team_cache_catchups_total 0`,
		`wfi_redis_errors_total 0`,
	} {
		assert.Contains(t, metrics, line)
	}
	_, all := s.ask("/metrics")
	assert.Contains(t, all, "\ngo_goroutines ")
	status, _ := s.post("/metrics", nil)
	assert.Equal(t, http.StatusNotFound, status, "not on the public listener")
	response, err := s.client.Get("http://" + s.listen + "/metrics")
	require.NoError(t, err)
	status, _ = drain(t, response)
	assert.Equal(t, http.StatusNotFound, status)

	line := s.await("callback")
	assert.Positive(t, line["candidates"])
	for _, name := range []string{"took", "time", "candidates"} {
		delete(line, name)
	}
	assert.Equal(t, map[string]any{
		"level": "info", "message": "callback", "integration": "contoso", "endpoint": "read", "team": storyTeam,
		"status": 200.0, "outcome": "ok", "items": 3.0,
		"kinds": map[string]any{"swap": 1.0, "timeOffReason": 1.0, "unsupported": 1.0},
		"codes": map[string]any{"OK": 1.0, "UserNotFound": 1.0, "UnsupportedOperation": 1.0},
	}, line)
}

// What is wrong with the set-up is said before anything is served or stored.
func TestServeStartFails(t *testing.T) {
	t.Parallel()
	f := files{t, t.TempDir()}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	redis := redistest.Server(t)
	gone := redistest.Server(t)
	gone.Kill(t)
	f.write("good.yaml", settings(contoso))
	f.write("taken.yaml", "listen: "+taken.Addr().String()+"\nadmin: 127.0.0.1:0\n"+contoso)
	f.write("admin.yaml", "admin: "+taken.Addr().String()+"\nlisten: 127.0.0.1:0\n"+contoso)
	f.write("broken.yaml", "listen: nowhere\ndeadlin: 1s\nmaxItems: none\nintegrations: [{name: a b, path: x, secrets: ["+testSecret[:63]+"]}]\n")
	f.write("secret.yaml", strings.ReplaceAll(settings(contoso), "env:CONTOSO_SECRET", "file:"+f.path("missing")))
	f.write("env.yaml", strings.ReplaceAll(settings(contoso), "env:CONTOSO_SECRET", "env:NO_SUCH_SECRET"))
	f.write("tls.yaml", settings("tls: {cert: "+f.path("missing")+", key: "+f.path("missing")+"}"+contoso))
	writeTeam(t, f.path("broken.json"), func(document map[string]any) {
		shared := document["shifts"].([]any)[3].(map[string]any)["sharedShift"].(map[string]any)
		shared["endDateTime"] = "tomorrow"
		document["policy"].(map[string]any)["minimumRset"] = "11h"
	})
	for _, row := range []struct {
		name string
		args []string
		code int
		says []string
	}{
		{"port taken", []string{"--config", f.path("taken.yaml")}, 1,
			[]string{"wfi serve: listen for Shifts: ", "address already in use", "choose another with --listen"}},
		{"admin port taken", []string{"--config", f.path("admin.yaml")}, 1,
			[]string{"wfi serve: listen for health and metrics: ", "address already in use", "choose another with --admin"}},
		{"no configuration", nil, 1, []string{"wfi serve: configuration refused: integrations: found none, expected at least one"}},
		{"no such configuration", []string{"--config", f.path("missing")}, 1, []string{"read configuration", "no such file"}},
		{"broken configuration", []string{"--config", f.path("broken.yaml")}, 1, []string{
			"wfi serve: configuration refused, 6 problems:\n",
			`listen (line 1): found "nowhere", expected HOST:PORT`,
			`found the unknown key "deadlin"`,
			`maxItems (line 3): found "none", expected a whole number`,
			`integrations[0].name (line 4): found "a b"`,
			`integrations[0].path (line 4): found "x", expected a path that begins with /`,
			`integrations[0].secrets[0] (line 4): found a text of 63 characters`,
		}},
		{"unreadable secret", []string{"--config", f.path("secret.yaml")}, 1,
			[]string{"integrations[0].secrets[0]", "no such file or directory at file:" + f.path("missing")}},
		{"unset secret", []string{"--config", f.path("env.yaml")}, 1, []string{"integrations[0].secrets[0]", "found nothing at env:NO_SUCH_SECRET"}},
		{"unreadable certificate", []string{"--config", f.path("tls.yaml")}, 1, []string{"tls: found ", "no such file"}},
		{"broken team file", []string{"--config", f.path("good.yaml"), "--redis", redis.URL(), "--load", teamFile, "--load", f.path("broken.json")}, 1, []string{
			"wfi serve: team file " + f.path("broken.json") + " is refused, nothing is stored:\n",
			`shifts[3].sharedShift.endDateTime`, `"tomorrow"`, "policy.minimumRset",
		}},
		{"missing team file", []string{"--config", f.path("good.yaml"), "--redis", redis.URL(), "--load", f.path("missing")}, 1,
			[]string{"read team file", "no such file"}},
		{"Redis is down", []string{"--config", f.path("good.yaml"), "--redis", gone.URL(), "--load", teamFile}, 1,
			[]string{"store unavailable", "connection refused", "check that Redis runs where --redis or the configuration says"}},
		{"bad time", []string{"--config", f.path("good.yaml"), "--now", "noon"}, 2, []string{"--now: expected a time such as", "; see wfi serve --help"}},
		{"demo with a configuration", []string{"--demo", "--config", f.path("good.yaml")}, 2, []string{"--demo needs no configuration"}},
		{"demo for everybody", []string{"--demo", "--listen", "0.0.0.0:0"}, 2, []string{"listens on loopback only, not on 0.0.0.0:0"}},
		{"demo's metrics for everybody", []string{"--demo", "--listen", "127.0.0.1:0", "--admin", ":0"}, 2, []string{"listens on loopback only, not on :0"}},
		{"demo by name", []string{"--demo", "--listen", "example.com:0"}, 2, []string{"listens on loopback only"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			c := command(t, []string{"CONTOSO_SECRET=" + testSecret}, append([]string{"serve"}, row.args...)...)
			var stdout, stderr printed
			c.Stdout, c.Stderr = &stdout, &stderr
			ctx, cancel := context.WithTimeout(t.Context(), 30e9)
			defer cancel()
			stop := context.AfterFunc(ctx, func() { _ = c.Process.Kill() })
			defer stop()
			_ = c.Run()
			assert.Equal(t, row.code, c.ProcessState.ExitCode(), stderr.String())
			for _, text := range row.says {
				assert.Contains(t, stderr.String(), text)
			}
			assert.NotContains(t, stderr.String(), `"message":"serving"`)
			assert.Empty(t, stdout.String())
			assertDiscreet(t, stderr.String())
		})
	}
	assert.Zero(t, redis.Client(t).DBSize(t.Context()).Val(), "nothing is stored")
}
