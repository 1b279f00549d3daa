package main

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/store/redistest"
)

// A story is a recorded exchange between Shifts and an endpoint: requests, and
// the answers that must come back.
type story struct {
	Now       string
	Exchanges []struct {
		About    string
		Path     string
		Headers  map[string]string
		Request  json.RawMessage
		Response any
	}
}

// readStories reads those that the handlers are tested with, by name.
func readStories(t *testing.T) map[string]story {
	t.Helper()
	files, err := filepath.Glob("../../handlers/testdata/stories/*.json")
	require.NoError(t, err)
	require.Len(t, files, 6)
	stories := map[string]story{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		var s story
		require.NoError(t, json.Unmarshal(data, &s))
		require.NotEmpty(t, s.Exchanges)
		require.Equal(t, storyNow, s.Now)
		stories[strings.TrimSuffix(filepath.Base(file), ".json")] = s
	}
	return stories
}

// The stories have the same answers on every kind of store, by every way of
// naming it and of bringing the team there.
func TestStories(t *testing.T) {
	t.Parallel()
	load := func(t *testing.T, url string) {
		code, _, stderr := wfi(t, "load", "--redis", url, teamFile)
		require.Zero(t, code, stderr)
	}
	// Each opens a store, and then serves the team as it was, story by story.
	for name, open := range map[string]func(t *testing.T) (serveOn func(t *testing.T) *server){
		"embedded": func(*testing.T) func(*testing.T) *server {
			return func(t *testing.T) *server { return serve(t, settings(contoso), "--load", teamFile) }
		},
		"server": func(t *testing.T) func(*testing.T) *server {
			url := redistest.Server(t).URL()
			return func(t *testing.T) *server {
				load(t, url)
				return serve(t, settings("redis: "+url+contoso))
			}
		},
		"cluster": func(t *testing.T) func(*testing.T) *server {
			url := redistest.Cluster(t).URL()
			return func(t *testing.T) *server {
				load(t, url)
				return serve(t, settings(contoso), "--redis", url)
			}
		},
		"sentinel": func(t *testing.T) func(*testing.T) *server {
			url := redistest.Sentinel(t).URL()
			return func(t *testing.T) *server { return serve(t, settings("redis: "+url+contoso), "--load", teamFile) }
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			serveOn := open(t)
			for about, story := range readStories(t) {
				t.Run(about, func(t *testing.T) {
					s := serveOn(t)
					assert.Equal(t, name == "embedded", hasLine(s, "no Redis is configured: the teams are kept in this process and are gone when it ends"))
					s.play(story)
				})
			}
		})
	}
}

// play expects the answers of a story, and ends with the first that differs:
// the rest stands on it.
func (s *server) play(story story) {
	s.t.Helper()
	for _, exchange := range story.Exchanges {
		status, body := s.postWith(exchange.Headers, "/contoso/v1"+exchange.Path, seal(s.t, testSecret, string(exchange.Request)))
		require.Equal(s.t, http.StatusOK, status, exchange.About)
		var got any
		require.NoError(s.t, json.Unmarshal([]byte(body), &got), body)
		require.Equal(s.t, exchange.Response, withAnyText(exchange.Response, got), exchange.About)
	}
}

func batchOf(urls ...string) string {
	items := make([]map[string]any, len(urls))
	for i, url := range urls {
		items[i] = map[string]any{"id": url, "method": "GET", "url": url, "body": nil}
	}
	text, err := json.Marshal(map[string]any{"requests": items})
	if err != nil {
		panic(err)
	}
	return string(text)
}

func swapURL(shift string) string {
	return "/shifts/" + shift + "/requestableShifts?requestType=SwapRequest"
}

func reasonsURL(user string) string {
	return "/users/" + user + "/timeOffReasons?requestType=TimeOffReason"
}

func hasLine(s *server, message string) bool {
	for _, line := range s.lined() {
		if line["message"] == message {
			return true
		}
	}
	return false
}

// withAnyText puts "<text>" into got where want has it and got has any text
// but the empty one.
func withAnyText(want, got any) any {
	switch want := want.(type) {
	case string:
		if text, ok := got.(string); ok && want == "<text>" && text != "" {
			return want
		}
	case []any:
		if list, ok := got.([]any); ok && len(list) == len(want) {
			for i := range want {
				list[i] = withAnyText(want[i], list[i])
			}
		}
	case map[string]any:
		if members, ok := got.(map[string]any); ok {
			for name := range members {
				members[name] = withAnyText(want[name], members[name])
			}
		}
	}
	return got
}

func TestWithAnyText(t *testing.T) {
	t.Parallel()
	want := map[string]any{"a": "<text>", "b": []any{"<text>", "x"}, "c": nil}
	for name, row := range map[string]struct {
		got   any
		equal bool
	}{
		"any text":      {map[string]any{"a": "some", "b": []any{"other", "x"}, "c": nil}, true},
		"no text":       {map[string]any{"a": "", "b": []any{"other", "x"}, "c": nil}, false},
		"null":          {map[string]any{"a": nil, "b": []any{"other", "x"}, "c": nil}, false},
		"another text":  {map[string]any{"a": "some", "b": []any{"other", "y"}, "c": nil}, false},
		"more members":  {map[string]any{"a": "some", "b": []any{"other", "x"}, "c": nil, "d": "<text>"}, false},
		"fewer members": {map[string]any{"a": "some", "b": []any{"other", "x"}}, false},
		"more elements": {map[string]any{"a": "some", "b": []any{"other", "x", "x"}, "c": nil}, false},
	} {
		assert.Equal(t, row.equal, assert.ObjectsAreEqual(want, withAnyText(want, row.got)), name)
	}
}
