package main

import (
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/eligibility"
	"example.com/shiftswfi/store/redistest"
)

var update = flag.Bool("update", false, "write the golden files anew")

const (
	adele  = "4fbc12d7-1234-46ef-8a90-bc123d45678f"
	bianca = "6b1d0a52-7c1e-4f0e-9b0a-2d5a3b8e4c01"
	chen   = "0a9c7f1e-55d2-4a43-8d2e-7c6d1b2a3f02"
	emil   = "9d8c7b6a-5e4f-4d3c-8b2a-1f0e9d8c7b04"
	gwen   = "7e6d5c4b-3a29-4187-8f6e-5d4c3b2a1906"

	warehouseShift = "OPNSHFT_b0000002-0000-4000-8000-000000000002"
	tiedShift      = "SHFT_a000000f-0000-4000-8000-00000000000f" // Emil's
)

// The golden files hold what is printed for these questions.
func TestExplainGolden(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"swap":               {"swap", adeleShift},
		"swap-window":        {"swap", adeleShift, "--start", "2026-12-04T14:00:00Z", "--end", "12/4/2026 9:00:00 PM +00:00"},
		"swap-sides":         {"swap", "SHFT_a0000008-0000-4000-8000-000000000008"},
		"swap-tied-up":       {"swap", "SHFT_a000000e-0000-4000-8000-00000000000e"},
		"swap-unknown":       {"swap", "SHFT_none"},
		"swap-bad-window":    {"swap", adeleShift, "--start", "yesterday"},
		"swap-json":          {"swap", adeleShift, "--json"},
		"swap-unknown-json":  {"swap", "SHFT_none", "--json"},
		"timeoff":            {"timeoff", bianca},
		"timeoff-unknown":    {"timeoff", "nobody"},
		"timeoff-json":       {"timeoff", emil, "--json"},
		"take":               {"take", warehouseShift, bianca},
		"take-refused":       {"take", warehouseShift, chen},
		"take-offered":       {"take", adeleShift, gwen},
		"take-own":           {"take", adeleShift, adele},
		"take-tied-up":       {"take", tiedShift, bianca},
		"take-unknown":       {"take", "SHFT_none", bianca},
		"take-json":          {"take", warehouseShift, bianca, "--json"},
		"take-refused-json":  {"take", warehouseShift, chen, "--json"},
		"take-unknown-json":  {"take", "SHFT_none", bianca, "--json"},
		"take-draft-unknown": {"take", "SHFT_a000000d-0000-4000-8000-00000000000d", bianca},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := append(append([]string{"explain"}, args...), "--team", teamFile, "--now", storyNow)
			code, stdout, stderr := wfi(t, args...)
			assert.Zero(t, code, "a refusal is an answer")
			assert.Empty(t, stderr)
			golden := filepath.Join("testdata", "golden", name+".txt")
			if *update {
				require.NoError(t, os.MkdirAll(filepath.Dir(golden), 0o755))
				require.NoError(t, os.WriteFile(golden, []byte(stdout), 0o644))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err, "go test -run TestExplainGolden -update writes it")
			assert.Equal(t, string(want), stdout)
		})
	}
}

// An offer ties its shift up, but not for the decision of the offer itself.
func TestExplainTakeByRequest(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "team.json")
	writeTeam(t, file, func(document map[string]any) {
		document["offerShiftRequests"] = []any{map[string]any{"id": "SREQ_1", "state": "Pending", "senderShiftId": adeleShift}}
	})
	for _, row := range []struct {
		request []string
		want    string
	}{
		{nil, `{"status": 200, "code": null, "eligible": false, "failed": [{"rule": "not-tied-up"}]}`},
		{[]string{"--request", "SREQ_2"}, `{"status": 200, "code": null, "eligible": false, "failed": [{"rule": "not-tied-up"}]}`},
		{[]string{"--request", "SREQ_1"}, `{"status": 200, "code": null, "eligible": true, "failed": []}`},
	} {
		args := append([]string{"explain", "take", adeleShift, gwen, "--team", file, "--now", storyNow, "--json"}, row.request...)
		code, stdout, stderr := wfi(t, args...)
		require.Zero(t, code, stderr)
		assert.JSONEq(t, row.want, stdout)
	}
}

// explained is the JSON of an explanation, and nothing besides.
type explained struct {
	Status     int      `json:"status"`
	Code       *string  `json:"code"`
	IDs        []string `json:"ids"`
	Candidates []struct {
		ID     string `json:"id"`
		Failed []struct {
			Rule string `json:"rule"`
			Side string `json:"side"`
		} `json:"failed"`
	} `json:"candidates"`
}

// Of every shift, draft or not, and every worker of the team: what is
// explained is what is answered, from the file and from the store.
func TestExplainAgreesWithRead(t *testing.T) {
	t.Parallel()
	redis := redistest.Server(t)
	s := serve(t, settings("redis: "+redis.URL()+contoso), "--load", teamFile)
	team, err := readTeamFile(teamFile)
	require.NoError(t, err)
	questions := map[string][]string{swapURL("none"): {"swap", "none"}, reasonsURL("nobody"): {"timeoff", "nobody"}}
	for _, entity := range team.File().Entities {
		switch entity.Kind {
		case eligibility.KindShift, eligibility.KindOpenShift:
			questions[swapURL(entity.ID)] = []string{"swap", entity.ID}
			questions[swapURL(entity.ID)+"&startTime=2026-12-04T14:00:00.0000000Z&endTime=2026-12-09T11:00:00.0000000Z"] =
				[]string{"swap", entity.ID, "--start", "2026-12-04T14:00:00.0000000Z", "--end", "2026-12-09T11:00:00.0000000Z"}
		case eligibility.KindWorker:
			questions[reasonsURL(entity.ID)] = []string{"timeoff", entity.ID}
		}
	}
	require.Greater(t, len(questions), 40)
	eligible := 0
	for url, question := range questions {
		answer := s.read(url)[0]
		for _, source := range [][]string{{"--team", teamFile}, {"--team", storyTeam, "--redis", redis.URL()}} {
			args := append(append([]string{"explain"}, question...), append(source, "--now", storyNow, "--json")...)
			code, stdout, stderr := wfi(t, args...)
			require.Zero(t, code, stderr)
			got := decodeStrictly[explained](t, stdout)
			assert.Equal(t, answer.Status, got.Status, url)
			assert.Equal(t, answer.Body.Data, got.IDs, url)
			if answer.Status != http.StatusOK {
				require.NotNil(t, got.Code)
				assert.Equal(t, answer.code(), *got.Code, url)
				assert.Nil(t, got.Candidates)
				continue
			}
			assert.Nil(t, got.Code)
			var passed []string
			for _, candidate := range got.Candidates {
				if len(candidate.Failed) == 0 {
					passed = append(passed, candidate.ID)
				}
			}
			assert.ElementsMatch(t, got.IDs, passed, url)
			eligible += len(passed)
		}
	}
	assert.Greater(t, eligible, 20)
}

func decodeStrictly[T any](t *testing.T, text string) T {
	t.Helper()
	var members map[string]json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(text), &members))
	var value T
	written, err := json.Marshal(value)
	require.NoError(t, err)
	var expected map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(written, &expected))
	for name := range expected {
		assert.Contains(t, members, name)
	}
	assert.Len(t, members, len(expected))
	require.NoError(t, json.Unmarshal([]byte(text), &value))
	return value
}

func TestExplainRefuses(t *testing.T) {
	t.Parallel()
	redis, gone := redistest.Server(t), redistest.Server(t)
	gone.Kill(t)
	f := files{t, t.TempDir()}
	f.write("broken.json", `{"team":{"id":"t","timeZone":"Nowhere"}}`)
	for _, row := range []struct {
		name string
		args []string
		code int
		says string
	}{
		{"no store", []string{"swap", "s", "--team", "t"}, 1, "wfi explain swap: --team t is no file: no store is named: give --redis URL"},
		{"unknown team", []string{"timeoff", "u", "--team", "t", "--redis", redis.URL()}, 1, "the store has no team t: load it with wfi load"},
		{"no such file", []string{"take", "s", "u", "--team", f.path("missing.json")}, 1, "there is no file " + f.path("missing.json")},
		{"broken file", []string{"swap", "s", "--team", f.path("broken.json")}, 1, "team.timeZone"},
		{"Redis is down", []string{"swap", "s", "--team", "t", "--redis", gone.URL()}, 1, "check that Redis runs where --redis or the configuration says"},
		{"bad time", []string{"swap", "s", "--team", teamFile, "--now", "noon"}, 2, "wfi explain swap: --now: expected a time such as 2026-12-01T12:00:00Z; see wfi explain swap --help"},
		{"no team", []string{"swap", "s"}, 2, "missing flags: --team=FILE|ID"},
		{"no shift", []string{"swap", "--team", teamFile}, 2, `expected "<shift>"`},
		{"no worker", []string{"take", "s", "--team", teamFile}, 2, `expected "<user>"`},
		{"no question", nil, 2, "wfi: "},
	} {
		t.Run(row.name, func(t *testing.T) {
			code, stdout, stderr := wfi(t, append([]string{"explain"}, row.args...)...)
			assert.Equal(t, row.code, code)
			assert.Empty(t, stdout)
			assert.Contains(t, stderr, row.says)
		})
	}
}
