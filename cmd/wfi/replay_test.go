package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// replay expects the answers of a recording.
func (s *server) replay(paths ...string) {
	s.t.Helper()
	args := append([]string{"replay", "--url", "http://" + s.listen + "/contoso", "--secret", testSecret, "--keep-times"}, paths...)
	code, stdout, stderr := wfi(s.t, args...)
	require.Zero(s.t, code, stdout+stderr)
}

// samples are exchanges for every kind of change and question that Shifts is
// known to send, a story each.
func samples(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/exchanges/*.json")
	require.NoError(t, err)
	require.Len(t, files, 18)
	return files
}

func TestSamples(t *testing.T) {
	t.Parallel()
	for _, file := range samples(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			serve(t, settings(contoso), "--load", teamFile).replay(file)
		})
	}
}

// Together, the samples and the stories have every URL and every step.
func TestSamplesCoverTheProtocol(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, file := range append(samples(t), stories(t)...) {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		var story struct {
			Exchanges []struct {
				Path    string
				Request struct{ Requests []json.RawMessage }
			}
		}
		require.NoError(t, json.Unmarshal(data, &story))
		for _, exchange := range story.Exchanges {
			if exchange.Path == "/connect" {
				seen["connect"] = true
			}
			for _, raw := range exchange.Request.Requests {
				var item struct {
					Method, URL string
					Body        struct{ State, AssignedTo string }
				}
				if json.Unmarshal(raw, &item) == nil {
					kind := strings.Split(strings.Trim(strings.ToLower(item.URL), "/"), "/")[0]
					step := strings.ToLower(strings.TrimSpace(item.Body.State) + "/" + strings.TrimSpace(item.Body.AssignedTo))
					seen[strings.TrimSuffix(item.Method+" "+kind+" "+step, " /")] = true
				}
			}
		}
	}
	want := []string{"connect", "GET shifts", "GET users", "PUT settings", "POST timecards clockedin/", "PUT timecards onbreak/", "DELETE timecards"}
	for _, kind := range []string{"shifts", "openshifts", "timesoff", "timeoffreasons"} {
		want = append(want, "POST "+kind, "PUT "+kind, "DELETE "+kind)
	}
	for _, kind := range []string{"swaprequests", "offershiftrequests"} {
		want = append(want, "POST "+kind+" pending/recipient", "PUT "+kind+" pending/manager", "PUT "+kind+" declined/recipient")
	}
	for _, kind := range []string{"openshiftrequests", "timeoffrequests"} {
		want = append(want, "POST "+kind+" pending/manager")
	}
	for _, kind := range []string{"swaprequests", "offershiftrequests", "openshiftrequests", "timeoffrequests"} {
		want = append(want, "PUT "+kind+" approved/manager", "PUT "+kind+" declined/manager", "PUT "+kind+" declined/system", "DELETE "+kind)
	}
	for _, step := range want {
		assert.True(t, seen[step], step)
	}
}

func TestReplayShowsWhatDiffers(t *testing.T) {
	t.Parallel()
	s := serve(t, settings(contoso), "--load", teamFile)
	story := filepath.Join(t.TempDir(), "story.json")
	write := func(text string) { require.NoError(t, os.WriteFile(story, []byte(text), 0o640)) }
	replay := func(args ...string) (int, string, string) {
		return wfi(t, append([]string{"replay", story, "--url", "http://" + s.listen + "/contoso/", "--secret", testSecret}, args...)...)
	}
	const gone = "SHFT_a0000063-0000-4000-8000-000000000063"
	write(`{"now": "2026-12-01T12:00:00Z", "exchanges": [
  {"about": "a shift of nobody's", "path": "/teams/another/read", "request": {"requests": [{"id": "1", "method": "GET", "url": "` + swapURL(gone) + `"}]},
   "response": {"responses": [{"id": "1", "status": 200, "body": {"data": "<any>", "error": null}}]}},
  {"skip": "it never opened", "path": "/connect"}]}`)

	code, stdout, stderr := replay("--team", storyTeam)
	assert.Equal(t, exitFailure, code)
	assert.Equal(t, "wfi replay: 1 of 2 answers differ; if the new ones are right, accept them with --update\n", stderr)
	lines := strings.Split(stdout, "\n")
	assert.Equal(t, "differs  "+story+"[1]  a shift of nobody's", lines[0])
	assert.Equal(t, "         responses[1].status", lines[1])
	assert.Equal(t, "           want 200", lines[2])
	assert.Equal(t, "           got  404", lines[3])
	assert.Contains(t, stdout, "skipped  "+story+"[2]")
	assert.Contains(t, stdout, "not sent: it never opened")
	assert.Contains(t, stdout, "\n2 exchanges: 0 ok, 1 differ, 1 skipped\n")

	code, stdout, _ = replay("--team", storyTeam, "--json")
	assert.Equal(t, exitFailure, code)
	var report []replayed
	require.NoError(t, json.Unmarshal([]byte(stdout), &report))
	assert.Equal(t, []string{"differs", "skipped"}, []string{report[0].Result, report[1].Result})
	assert.Equal(t, "responses[1].status", report[0].Differences[0].Path)

	code, _, stderr = replay("--team", storyTeam, "--update")
	assert.Zero(t, code, stderr)
	updated, err := os.ReadFile(story)
	require.NoError(t, err)
	assert.Contains(t, string(updated), `"data": "<any>"`, "a matcher that matches stays")
	assert.Contains(t, string(updated), `"message": "<text>"`)
	info, err := os.Stat(story)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o640), info.Mode().Perm())
	code, stdout, _ = replay("--team", storyTeam)
	assert.Zero(t, code, stdout)

	code, _, _ = replay()
	assert.Equal(t, exitFailure, code, "the recorded team is not there")
}

func TestReplayNeedsSomethingToSend(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "1-bad.json"), []byte(`{"path": "/elsewhere", "request": {}, "respones": {}}`), 0o600))
	for name, row := range map[string]struct {
		args   []string
		code   int
		stderr string
	}{
		"a broken file": {[]string{dir, "--url", "http://127.0.0.1:1"}, exitFailure, `1-bad.json: path: found "/elsewhere"`},
		"nothing there": {[]string{"nowhere", "--url", "http://127.0.0.1:1"}, exitFailure, "nothing was sent:\nnowhere: found no such file"},
		"nobody there":  {append(stories(t)[:1], "--url", "http://127.0.0.1:1"), exitFailure, "check --url and that the endpoint is running"},
		"no URL":        {[]string{dir, "--url", "contoso"}, exitMisuse, "--url: expected http://HOST/PATH"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, stdout, stderr := wfi(t, append([]string{"replay", "--secret", testSecret}, row.args...)...)
			assert.Equal(t, row.code, code)
			assert.Empty(t, stdout)
			assert.Contains(t, stderr, row.stderr)
		})
	}
}

// Where an endpoint does not know what a recording is about, nobody is told to
// write its answers over the recorded ones.
func TestReplayElsewhere(t *testing.T) {
	t.Parallel()
	const (
		accept = "if the new ones are right, accept them with --update"
		item   = `{"path": "/teams/t/read", "request": {"requests": [{"id": "1", "method": "GET", "url": "/users/u/timeOffReasons"}]}, "response": {"responses": [{"id": "1", "status": 200, "body": "<any>"}]}}`
		skip   = `{"path": "/connect", "skip": "it never opened"}`
	)
	refused := func(status string) string { return `{"responses":[{"id":"1","status":` + status + `,"body":{}}]}` }
	for name, row := range map[string]struct {
		exchanges []string
		status    int
		answers   []string // one after the other
		want      string
	}{
		"items not known":   {[]string{item, item, item}, 200, []string{refused("404"), refused("404"), refused("500")}, "3 of 3 answers differ, 2 of them by the status 404: the endpoint does not know the ids of the recording"},
		"skipped ones":      {[]string{item, item, skip, skip}, 200, []string{refused("404"), refused("404")}, "2 of 4 answers differ, 2 of them by the status 404: "},
		"another secret":    {[]string{item, item}, 401, []string{"", ""}, "2 of 2 answers differ, 2 of them by the status 401: see whether --secret"},
		"forbidden":         {[]string{item, item}, 403, []string{"", ""}, "the status 403: see whether --secret and --url"},
		"a half":            {[]string{item, item, item, item}, 200, []string{refused("404"), refused("404"), refused("500"), refused("500")}, "4 of 4 answers differ; " + accept},
		"several":           {[]string{item, item, item}, 200, []string{refused("404"), refused("403"), refused("401")}, accept},
		"one":               {[]string{item}, 404, []string{""}, accept},
		"the endpoint fell": {[]string{item, item}, 500, []string{"", ""}, accept},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var calls atomic.Int64
			endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.WriteHeader(row.status)
				_, _ = io.WriteString(w, row.answers[calls.Add(1)-1])
			}))
			t.Cleanup(endpoint.Close)
			story := filepath.Join(t.TempDir(), "story.json")
			require.NoError(t, os.WriteFile(story, []byte(`{"exchanges": [`+strings.Join(row.exchanges, ",")+`]}`), 0o600))
			code, stdout, stderr := wfi(t, "replay", story, "--url", endpoint.URL, "--secret", testSecret)
			assert.Equal(t, exitFailure, code)
			assert.Contains(t, stderr, row.want, stdout)
		})
	}
}
