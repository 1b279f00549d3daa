package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/store/redistest"
)

// What is exported is the document that was loaded: every value, in every
// list the same order, digit for digit, and what nobody here knows too.
func TestLoadAndExport(t *testing.T) {
	t.Parallel()
	f := files{t, t.TempDir()}
	writeTeam(t, f.path("strange.json"), func(document map[string]any) {
		document["team"].(map[string]any)["id"] = "strange"
		document["exportedBy"] = map[string]any{"tool": "v2", "number": json.Number("12345678901234567890.10")}
		document["policy"].(map[string]any)["custom"] = []any{}
		shift := document["shifts"].([]any)[0].(map[string]any)
		shift["unknown"] = []any{1, nil, map[string]any{"deep": "é<>&\u2028"}}
		shift["sharedShift"].(map[string]any)["unknown"] = "kept"
		document["workers"].([]any)[0].(map[string]any)["badge"] = json.Number("0.10")
	})
	sample, err := os.ReadFile(teamFile)
	require.NoError(t, err)
	strange, err := os.ReadFile(f.path("strange.json"))
	require.NoError(t, err)
	for name, url := range map[string]string{"server": redistest.Server(t).URL(), "cluster": redistest.Cluster(t).URL()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, stdout, stderr := wfi(t, "load", "--redis", url, teamFile, f.path("strange.json"))
			require.Zero(t, code, stderr)
			assert.Equal(t, teamFile+": team "+storyTeam+" (Contoso Store 12), 31 entities\n"+
				f.path("strange.json")+": team strange (Contoso Store 12), 31 entities\n", stdout)
			assert.Empty(t, stderr)
			for team, document := range map[string][]byte{storyTeam: sample, "strange": strange} {
				code, stdout, stderr = wfi(t, "export", "--redis", url, team)
				require.Zero(t, code, stderr)
				assert.Equal(t, compacted(t, document), compacted(t, []byte(stdout)))
				assert.Contains(t, stdout, "\n  \"team\": {\n", "for people to read")
			}
			// What was exported can be loaded, and replaces what is there.
			f := files{t, t.TempDir()}
			f.write("exported.json", strings.Replace(stdout, `"displayName": "Contoso Store 12"`, `"displayName": "Renamed"`, 1))
			id := "strange"
			if !strings.Contains(stdout, `"id": "strange"`) {
				id = storyTeam
			}
			code, _, stderr = wfi(t, "load", "--redis", url, f.path("exported.json"))
			require.Zero(t, code, stderr)
			_, again, _ := wfi(t, "export", "--redis", url, id)
			assert.Equal(t, strings.Replace(stdout, `"Contoso Store 12"`, `"Renamed"`, 1), again)
		})
	}
}

// compacted is a document without blanks between its parts. Order and digits
// are as they were.
func compacted(t *testing.T, document []byte) string {
	t.Helper()
	var text bytes.Buffer
	require.NoError(t, json.Compact(&text, document))
	return text.String()
}

// The settings of a server name the store as well as a flag does; the flag
// wins.
func TestLoadFindsTheStore(t *testing.T) {
	t.Parallel()
	redis, other := redistest.Server(t), redistest.Server(t)
	f := files{t, t.TempDir()}
	f.write("wfi.yaml", strings.ReplaceAll(settings("redis: "+redis.URL()+contoso), "env:CONTOSO_SECRET", testSecret))
	f.write("embedded.yaml", strings.ReplaceAll(settings(contoso), "env:CONTOSO_SECRET", testSecret))
	for _, row := range []struct {
		name    string
		args    []string
		environ []string
		stored  *redistest.Instance
	}{
		{"flag", []string{"--redis", redis.URL()}, nil, redis},
		{"configuration", []string{"--config", f.path("wfi.yaml")}, nil, redis},
		{"configuration by variable", nil, []string{"WFI_CONFIG=" + f.path("wfi.yaml")}, redis},
		{"variable", nil, []string{"WFI_REDIS=" + redis.URL()}, redis},
		{"flag before all", []string{"--redis", other.URL(), "--config", f.path("wfi.yaml")}, []string{"WFI_REDIS=" + redis.URL()}, other},
		{"nothing", nil, nil, nil},
		{"configuration without a store", []string{"--config", f.path("embedded.yaml")}, nil, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			require.NoError(t, redis.Client(t).FlushDB(t.Context()).Err())
			require.NoError(t, other.Client(t).FlushDB(t.Context()).Err())
			var stdout, stderr bytes.Buffer
			p := &process{stdin: strings.NewReader(""), stdout: &stdout, stderr: &stderr, environ: row.environ}
			code := run(t.Context(), p, append([]string{"load", teamFile}, row.args...))
			if row.stored == nil {
				assert.Equal(t, exitFailure, code)
				assert.Contains(t, stderr.String(), "no store is named: give --redis URL")
				return
			}
			require.Zero(t, code, stderr.String())
			for _, instance := range []*redistest.Instance{redis, other} {
				assert.Equal(t, instance == row.stored, instance.Client(t).DBSize(t.Context()).Val() > 0)
			}
		})
	}
}

func TestLoadWarns(t *testing.T) {
	t.Parallel()
	redis := redistest.Server(t)
	file := filepath.Join(t.TempDir(), "team.json")
	writeTeam(t, file, func(document map[string]any) {
		document["workers"] = append(document["workers"].([]any), map[string]any{"userId": "ghost", "displayName": "Nobody"})
		document["shifts"].([]any)[2].(map[string]any)["schedulingGroupId"] = "TAG_missing"
	})
	code, stdout, stderr := wfi(t, "load", "--redis", redis.URL(), file)
	require.Zero(t, code, stderr)
	lines := strings.Split(strings.TrimSpace(stdout), "\n")
	require.Len(t, lines, 3, stdout)
	assert.Regexp(t, `^  workers\[6\]\S*: `, lines[1])
	assert.Regexp(t, `^  shifts\[2\]\S*: `, lines[2])

	code, stdout, stderr = wfi(t, "load", "--json", "--redis", redis.URL(), teamFile, file)
	require.Zero(t, code, stderr)
	var report []map[string]any
	require.NoError(t, json.Unmarshal([]byte(stdout), &report))
	require.Len(t, report, 2)
	assert.Equal(t, map[string]any{
		"file": teamFile, "team": storyTeam, "name": "Contoso Store 12", "entities": 31.0, "warnings": []any{},
	}, report[0])
	warnings := report[1]["warnings"].([]any)
	require.Len(t, warnings, 2)
	for _, warning := range warnings {
		assert.Len(t, warning, 2)
		assert.NotEmpty(t, warning.(map[string]any)["path"])
		assert.NotEmpty(t, warning.(map[string]any)["message"])
	}

	// A server that loads it says the same in its log.
	s := serve(t, settings(contoso), "--load", file)
	assert.Contains(t, s.logged(), warnings[0].(map[string]any)["message"])
}

// Whatever is wrong, nothing of any file is stored, and what is there stays.
func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	redis, gone := redistest.Server(t), redistest.Server(t)
	gone.Kill(t)
	full := redistest.Server(t, "--maxmemory", "1", "--maxmemory-policy", "noeviction")
	f := files{t, t.TempDir()}
	writeTeam(t, f.path("other.json"), func(document map[string]any) { document["team"].(map[string]any)["id"] = "other" })
	writeTeam(t, f.path("broken.json"), func(document map[string]any) {
		shifts := document["shifts"].([]any)
		shifts[3].(map[string]any)["sharedShift"].(map[string]any)["endDateTime"] = "tomorrow"
		document["policy"].(map[string]any)["minimumRset"] = "11h"
		document["team"].(map[string]any)["timeZone"] = "Mars/Olympus"
	})
	writeTeam(t, f.path("rule.json"), func(document map[string]any) {
		document["policy"].(map[string]any)["custom"] = []any{map[string]any{"id": "own-site", "expr": "worker.attributes.site ==", "message": "m"}}
	})
	writeTeam(t, f.path("twice.json"), func(document map[string]any) {
		shifts := document["shifts"].([]any)
		document["shifts"] = append(shifts, shifts[0])
	})
	f.write("text.json", "team")
	code, before, stderr := wfi(t, "load", "--redis", redis.URL(), teamFile)
	require.Zero(t, code, stderr+before)
	_, before, _ = wfi(t, "export", "--redis", redis.URL(), storyTeam)
	keys := redis.Client(t).DBSize(t.Context()).Val()
	for _, row := range []struct {
		name string
		args []string
		code int
		says []string
	}{
		{"the second file is broken", []string{"load", "--redis", redis.URL(), f.path("other.json"), f.path("broken.json")}, 1, []string{
			"wfi load: team file " + f.path("broken.json") + " is refused, nothing is stored:\n",
			"shifts[3].sharedShift.endDateTime", `"tomorrow"`, "policy.minimumRset", "team.timeZone", `"Mars/Olympus"`, "expected",
		}},
		{"a broken rule", []string{"load", "--redis", redis.URL(), f.path("rule.json")}, 1, []string{"policy.custom[0]", "own-site"}},
		{"an id twice", []string{"load", "--redis", redis.URL(), f.path("twice.json")}, 1, []string{"shifts[15]: found SHFT_a0000001"}},
		{"no JSON", []string{"load", "--redis", redis.URL(), f.path("text.json")}, 1, []string{"expected one JSON object"}},
		{"no such file", []string{"load", "--redis", redis.URL(), f.path("missing.json")}, 1, []string{"read team file", "no such file"}},
		{"no file named", []string{"load", "--redis", redis.URL()}, 2, []string{`expected "<file> ..."`}},
		{"not a URL", []string{"load", "--redis", "localhost", teamFile}, 1, []string{"not a Redis URL such as redis://127.0.0.1:6379/0"}},
		{"Redis is down", []string{"load", "--redis", gone.URL(), teamFile}, 1, []string{
			"wfi load: " + teamFile + ": store unavailable: ", "connection refused", "check that Redis runs where --redis or the configuration says",
		}},
		{"Redis is full", []string{"load", "--redis", full.URL(), teamFile}, 1, []string{"store unavailable", "maxmemory"}},
		{"unknown team", []string{"export", "--redis", redis.URL(), "other"}, 1, []string{"wfi export: the store has no team other: load it with wfi load"}},
		{"no team named", []string{"export", "--redis", redis.URL()}, 2, []string{`expected "<team>"`}},
		{"export while Redis is down", []string{"export", "--redis", gone.URL(), storyTeam}, 1, []string{"store unavailable", "check that Redis runs where"}},
		{"export without a store", []string{"export", storyTeam}, 1, []string{"no store is named: give --redis URL"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			code, stdout, stderr := wfi(t, row.args...)
			assert.Equal(t, row.code, code)
			assert.Empty(t, stdout)
			for _, text := range row.says {
				assert.Contains(t, stderr, text)
			}
			assertDiscreet(t, stderr)
		})
	}
	_, after, _ := wfi(t, "export", "--redis", redis.URL(), storyTeam)
	assert.Equal(t, before, after)
	assert.Equal(t, keys, redis.Client(t).DBSize(t.Context()).Val())
	assert.Zero(t, full.Client(t).DBSize(t.Context()).Val())
}
