package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSecretUse(t *testing.T) {
	t.Parallel()
	const metric = "wfi_bodies_opened_total"
	for name, row := range map[string]struct {
		status int
		body   string
		want   secretUse
		err    string
	}{
		"two integrations": {200, "# TYPE " + metric + " counter\n" +
			metric + `{integration="a",secret="01"} 0` + "\n" + metric + `{integration="a",secret="02"} 3` + "\n" +
			metric + `{secret="01",integration="b"} 1e+06` + "\ngo_goroutines 5\n",
			secretUse{"a": {"01": 0, "02": 3}, "b": {"01": 1e6}}, ""},
		"another program":   {200, "go_goroutines 5\n", nil, "it has no metric " + metric},
		"no metrics":        {200, "<html>", nil, "not in the format of Prometheus"},
		"nothing there":     {404, "", nil, "it answered HTTP 404"},
		"more than is read": {200, strings.Repeat("#\n", maxMetrics/2+1), nil, "more than 16777216 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				assert.Equal(t, "/metrics", r.URL.Path)
				w.WriteHeader(row.status)
				fmt.Fprint(w, row.body)
			}))
			defer s.Close()
			use, err := adminURL(s.URL).secretUse(t.Context())
			assert.Equal(t, row.want, use)
			if row.err != "" {
				require.ErrorContains(t, err, row.err)
			}
		})
	}
}

func TestAdminURL(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]adminURL{
		"127.0.0.1:9090": "http://127.0.0.1:9090", "[::1]:9090": "http://[::1]:9090", "wfi.local:9090/": "http://wfi.local:9090",
		"https://wfi.local/metrics": "https://wfi.local", "": "", "ftp://x": "", "http://user@x": "", "http://x?y": "",
	} {
		var u adminURL
		err := u.UnmarshalText([]byte(text))
		assert.Equal(t, want, u, text)
		assert.Equal(t, want == "", err != nil, text)
	}
}

func TestReachable(t *testing.T) {
	t.Parallel()
	for listen, call := range map[string]string{
		":9090": "127.0.0.1:9090", "0.0.0.0:9090": "127.0.0.1:9090", "[::]:9090": "127.0.0.1:9090",
		"10.0.0.4:9090": "10.0.0.4:9090", "localhost:9090": "localhost:9090",
	} {
		assert.Equal(t, call, reachable(listen), listen)
	}
}

// The old secret goes when Shifts has used the new one, and for a minute not
// the old one: at no endpoint, as far as is known.
func TestChangeover(t *testing.T) {
	t.Parallel()
	type seen struct {
		at       int // seconds
		endpoint adminURL
		old, new float64 // bodies; old < 0: it cannot be asked
		over     bool
	}
	for name, row := range map[string][]seen{
		"no traffic":                     {{0, "a", 5, 0, false}, {60, "a", 5, 0, false}, {600, "a", 5, 0, false}},
		"the new one at last":            {{0, "a", 5, 0, false}, {90, "a", 5, 1, true}},
		"new at once, quiet not so soon": {{0, "a", 5, 1, false}, {59, "a", 5, 2, false}, {60, "a", 5, 2, true}},
		"one more under the old":         {{0, "a", 5, 1, false}, {59, "a", 6, 2, false}, {60, "a", 6, 2, false}, {118, "a", 6, 2, false}, {119, "a", 6, 2, true}},
		"one endpoint is late":           {{0, "a", 0, 1, false}, {1, "b", 3, 0, false}, {50, "b", 4, 0, false}, {60, "a", 0, 1, false}, {110, "b", 4, 0, true}},
		"a restart hides what came":      {{0, "a", 5, 1, false}, {59, "a", 0, 0, false}, {118, "a", 0, 0, false}, {119, "a", 0, 0, true}},
		"an endpoint that is away":       {{0, "a", 5, 1, false}, {30, "a", -1, 0, false}, {61, "a", 5, 1, false}, {120, "a", 5, 1, false}, {121, "a", 5, 1, true}},
		"away to the end":                {{0, "a", 5, 1, false}, {61, "a", -1, 0, false}, {90, "a", -1, 0, false}},
		"the old one is gone already":    {{0, "a", 0, 7, false}, {60, "a", 0, 7, true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := &changeover{quiet: time.Minute, underOld: map[adminURL]float64{}}
			for _, s := range row {
				now := time.Unix(int64(s.at), 0)
				if s.old < 0 {
					c.lose(s.endpoint, now)
				} else {
					c.observe(s.endpoint, now, s.old, s.new)
				}
				assert.Equal(t, s.over, c.over(now), "after %d s", s.at)
			}
		})
	}
}
