package main

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/store/redistest"
)

// stories are the recordings that the handlers are tested with.
func stories(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../../handlers/testdata/stories/*.json")
	require.NoError(t, err)
	require.Len(t, files, 6)
	return files
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
			for _, file := range stories(t) {
				t.Run(filepath.Base(file), func(t *testing.T) {
					s := serveOn(t)
					assert.Equal(t, name == "embedded", hasLine(s, "no Redis is configured: the teams are kept in this process and are gone when it ends"))
					s.replay(file)
				})
			}
		})
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
