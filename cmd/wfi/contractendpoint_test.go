package main

import (
	"bytes"
	"encoding/json"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/batch/contract"
	"example.com/shiftswfi/batch/envelope"
	"example.com/shiftswfi/eligibility"
	"example.com/shiftswfi/handlers"
	"example.com/shiftswfi/store"
	"example.com/shiftswfi/store/redistest"
)

// certifies runs wfi contract, which must find nothing wrong, and returns the
// ids of what was skipped with the reasons.
func certifies(t *testing.T, args ...string) (skipped map[string]string, report contract.Report) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	// It bounds the time of a run itself.
	code := run(t.Context(), &process{stdout: &stdout, stderr: &stderr}, append([]string{"contract", "--json"}, args...))
	assert.Zero(t, code, stderr.String())
	require.NoError(t, json.Unmarshal(stdout.Bytes(), &report), stderr.String())
	skipped = map[string]string{}
	for _, result := range report.Results {
		switch result.Status {
		case contract.Passed:
		case contract.Skipped:
			skipped[result.ID] = result.Message
		default:
			assert.Fail(t, result.ID, "%s: %s\n%+v", result.Status, result.Message, result.Exchanges)
		}
	}
	return skipped, report
}

// The endpoint of this project passes the whole suite as a process of its own,
// on every kind of store, and again and again.
func TestContractEndpoint(t *testing.T) {
	t.Parallel()
	secret := []string{"--secret", testSecret}
	const (
		modes    = "    modes: {timeCard: read-only}\n" // as the profile says
		readOnly = "The profile says that timeCard is read-only (mode, modes)."
	)
	t.Run("embedded", func(t *testing.T) {
		t.Parallel()
		s := serve(t, settings(contoso+modes), "--load", teamFile)
		for range 2 {
			skipped, report := certifies(t, append(secret, "--url", "http://"+s.listen+"/contoso", "--profile", "testdata/contract.yaml")...)
			assert.Greater(t, len(report.Results), 100)
			for id, reason := range skipped {
				assert.True(t, strings.Contains(reason, "(outage)") || reason == readOnly, "%s: %s", id, reason)
			}
		}
	})
	t.Run("Redis", func(t *testing.T) {
		t.Parallel()
		redis := redistest.Server(t)
		s := serve(t, settings("deadline: 1s\nredis: "+redis.URL()+contoso+modes), "--load", teamFile)
		skipped, _ := certifies(t, append(secret, "--url", "http://"+s.listen+"/contoso/", "--profile", profileWithOutage(t, redis))...)
		for id, reason := range skipped {
			assert.Equal(t, readOnly, reason, id)
		}
	})
}

// profileWithOutage is testdata/contract.yaml with the commands that cut the
// endpoint off from its store.
func profileWithOutage(t *testing.T, redis *redistest.Instance) string {
	t.Helper()
	info, err := redis.Client(t).Info(t.Context(), "server").Result()
	require.NoError(t, err)
	pid := regexp.MustCompile(`process_id:(\d+)`).FindStringSubmatch(info)
	require.NotEmpty(t, pid, info)
	profile, err := os.ReadFile("testdata/contract.yaml")
	require.NoError(t, err)
	outage := "\noutage:\n  begin: [kill, -STOP, '" + pid[1] + "']\n  end: [kill, -CONT, '" + pid[1] + "']\n"
	file := filepath.Join(t.TempDir(), "contract.yaml")
	require.NoError(t, os.WriteFile(file, append(profile, outage...), 0o600))
	return file
}

// The demo passes its own suite, of which little has to be left out, and is as
// it was afterwards.
func TestContractDemo(t *testing.T) {
	t.Parallel()
	s, _ := startDemo(t)
	demo := []string{"--demo", "--url", "http://" + s.listen + demoPath}
	const (
		passthrough = "The profile names no value of X-MS-WFMPassthrough that the endpoint takes for its own (passthrough)."
		outage      = "The profile has no commands that begin and end an outage (outage)."
	)
	for range 2 {
		skipped, report := certifies(t, demo...)
		assert.Equal(t, contract.Conforms, report.Verdict())
		assert.Equal(t, map[string]string{
			"connect.another-tenant":  "The profile names no tenant (tenantId).",
			"envelope.plain":          "The profile says that the endpoint takes plain JSON from its own machine (plainFromLoopback).",
			"read.passthrough":        passthrough,
			"update.passthrough":      passthrough,
			"update.read-only":        "The profile says of nothing that it is read-only (mode, modes).",
			"retries.outage-change":   outage,
			"retries.outage-question": outage,
		}, skipped)
	}

	_, report := certifies(t, append(demo, "--run", "retries,read.swap-listed")...)
	for _, result := range report.Results {
		assert.True(t, result.ID == "read.swap-listed" || result.Group() == "retries", result.ID)
	}
	assert.Greater(t, len(report.Results), 2)

	code, stdout, stderr := wfi(t, append([]string{"contract", "run", "--run", "connect,read"}, demo...)...)
	assert.Zero(t, code)
	assert.Empty(t, stderr)
	assert.Contains(t, stdout, "\nVerdict: conforms\n")
	assert.NotContains(t, stdout, "wfi contract init", "the demo has a profile")

	code, stdout, stderr = wfi(t, append([]string{"contract", "--secret", otherSecret}, demo...)...)
	assert.Equal(t, exitFailure, code)
	assert.Empty(t, stdout)
	assert.Contains(t, stderr, "serves no demo: it answered HTTP 401")
}

// A demo that has run for a while is still found to be one, until too little
// of its schedule is left; one that was frozen elsewhere is not.
func TestContractDemoOfYesterday(t *testing.T) {
	t.Parallel()
	started := time.Date(2026, 12, 5, 17, 30, 0, 0, time.UTC) // a Saturday
	for name, row := range map[string]struct {
		now  time.Time
		fits bool
	}{
		"at once":          {started.Add(time.Minute), true},
		"the next morning": {started.Add(14 * time.Hour), true},
		"two days later":   {started.AddDate(0, 0, 2), true},
		"a month later":    {started.AddDate(0, 1, 0), false},
		"a month before":   {started.AddDate(0, -1, 0), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := []string{"--demo", "--url", demoOf(t, started, row.now) + demoPath, "--now", row.now.Format(time.RFC3339)}
			if row.fits {
				_, report := certifies(t, args...)
				assert.Equal(t, contract.Conforms, report.Verdict())
				return
			}
			code, stdout, stderr := wfi(t, append([]string{"contract"}, args...)...)
			assert.Equal(t, exitFailure, code)
			assert.Empty(t, stdout)
			assert.Contains(t, stderr, "serves no demo as it is in its first days: start it again, with wfi serve --demo")
		})
	}
}

// demoOf serves the demo that was started at one time, at another.
func demoOf(t *testing.T, started, now time.Time) (url string) {
	t.Helper()
	key, err := envelope.NewKey(demoSecret)
	require.NoError(t, err)
	team, err := demoTeam(started)
	require.NoError(t, err)
	teams := store.OpenEmbedded(store.Config{})
	t.Cleanup(func() { teams.Close() })
	require.NoError(t, teams.Import(t.Context(), team))
	endpoint := httptest.NewServer(handlers.New(teams, handlers.Config{
		Log: zerolog.Nop(), Now: func() time.Time { return now }, Plain: true,
		Integrations: []*handlers.Integration{{Name: "demo", Path: demoPath, APIVersion: 1, Keys: func() []*envelope.Key { return []*envelope.Key{key} }}},
	}))
	t.Cleanup(endpoint.Close)
	return endpoint.URL
}

// Whenever a demo is started, it has what the suite needs, and for days to come.
func TestDemoProfile(t *testing.T) {
	t.Parallel()
	first := time.Date(2026, 3, 20, 0, 30, 0, 0, time.UTC) // clocks change on the 29th
	for hours := 0; hours < 14*24; hours += 17 {
		started := first.Add(time.Duration(hours) * time.Hour)
		for _, age := range []time.Duration{0, 30 * time.Hour, 60 * time.Hour} {
			now := started.Add(age)
			profile, err := demoProfile(t.Context(), started, now)
			require.NoError(t, err)
			about := started.Format("Mon 2006-01-02 15h") + " and " + age.String()
			assert.GreaterOrEqual(t, len(profile.Swap.Eligible), 2, about)
			assert.GreaterOrEqual(t, len(profile.Swap.Ineligible), 2, about)
			assert.NotEmpty(t, profile.Reasons.Eligible, about)
			assert.NotEmpty(t, profile.Reasons.Ineligible, about)
			team, err := demoTeam(started)
			require.NoError(t, err)
			for _, other := range append(profile.Swap.Eligible, profile.Swap.Ineligible...) {
				assert.NotEqual(t, profile.Swap.Shift.User, other.User, about)
				assert.True(t, other.Start.After(now.Add(time.Hour)), about)
			}
			ids, err := team.Swaps(t.Context(), eligibility.SwapQuestion{ShiftID: profile.Swap.Shift.ID, RequestType: "SwapRequest", Now: now.Add(time.Hour)})
			require.NoError(t, err)
			for _, eligible := range profile.Swap.Eligible {
				assert.Contains(t, ids.IDs, eligible.ID, "%s: it should stay so for the run", about)
			}
			_, err = time.Parse(time.DateOnly, profile.Roster.From)
			require.NoError(t, err)
			assert.False(t, strings.HasPrefix(profile.Roster.From, started.Format("2006-01-")), "far ahead")
		}
	}
}
