package main

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/eligibility"
	"example.com/shiftswfi/store"
	"example.com/shiftswfi/store/graph/graphtest"
	"example.com/shiftswfi/store/redistest"
)

// A logged is a log that tests read while it is written.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// pulling is the pull service of a process of its own, by the round.
func pulling(t *testing.T, shifts *graphtest.Server, redis string, config Config) (round func(), log *logged) {
	t.Helper()
	log = &logged{}
	config.Graph.Graph = graphURL(shifts.URL)
	config.Pull.Interval, config.Pull.WeeksBack, config.Pull.WeeksAhead = time.Hour, 1, 5
	clock := func() time.Time { return time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC) }
	s, err := newPullService(config, &process{graph: graphAs(graphtest.Credential{})}, storeAt(t, redis), zerolog.New(log), clock)
	require.NoError(t, err)
	s.puller.settle = func(context.Context) error { return nil }
	return func() { s.round(t.Context()) }, log
}

// Two endpoints on one Redis pull a team once; where one fails, another does it
// after a while.
func TestServePullsOnce(t *testing.T) {
	t.Parallel()
	server := redistest.Server(t)
	redis := server.URL()
	shifts := inShifts(t, graphtest.Config{}, pullTeam)
	config := Config{Integrations: []Integration{{Teams: []string{pullTeam}}}}
	one, oneLog := pulling(t, shifts, redis, config)
	other, otherLog := pulling(t, shifts, redis, config)
	reads := func() (n int) {
		for _, r := range shifts.Requests() {
			if strings.HasSuffix(r.Path, "/schedule") {
				n++
			}
		}
		return n
	}
	shifts.Inject(graphtest.Fault{Path: "/schedule", Status: http.StatusForbidden})
	one()
	assert.Equal(t, 1, reads())
	assert.Contains(t, oneLog.String(), "Schedule.Read.All")
	assert.Contains(t, oneLog.String(), "the team could not be pulled, trying again at the next interval")

	other()
	assert.Equal(t, 1, reads(), "not at once: Graph may be throttling")
	leases, err := server.Client(t).Keys(t.Context(), "*:lease:*").Result()
	require.NoError(t, err)
	require.Len(t, leases, 1)
	left, err := server.Client(t).PTTL(t.Context(), leases[0]).Result()
	require.NoError(t, err)
	assert.Greater(t, left, time.Duration(0))
	assert.LessOrEqual(t, left, 6*time.Minute, "a tenth of the interval")
	require.NoError(t, server.Client(t).Del(t.Context(), leases[0]).Err()) // it has ended

	other()
	one()
	other()
	assert.Equal(t, 2, reads(), "one has failed, one has pulled, and the rest was not due")
	assert.Contains(t, otherLog.String(), `"created":true,"calendar":false,"new":10,"changed":0,"gone":0`)
	for _, log := range []*logged{oneLog, otherLog} {
		assert.NotContains(t, log.String(), "u-1")
		assert.NotContains(t, log.String(), "Floor")
	}
	team, err := storeAt(t, redis).Team(t.Context(), pullTeam)
	require.NoError(t, err)
	assert.Equal(t, "Europe/Berlin", team.TimeZone().String())
}

// Without a setting, the teams of the integrations are pulled, and those of the
// store where an integration serves all.
func TestServePullsItsTeams(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name   string
		config Config
		want   []string
	}{
		{"the integrations' own", Config{Integrations: []Integration{{Teams: []string{"b", "a"}}, {Teams: []string{"b"}}}}, []string{"a", "b"}},
		{"in one spelling", Config{Integrations: []Integration{{Teams: []string{"8a9f", "8A9F"}}}}, []string{"8A9F"}},
		{"those of the store", Config{Integrations: []Integration{{Teams: []string{"b"}}, {}}}, []string{"b", storyTeam}},
		{"those of the setting", func() Config {
			c := Config{Integrations: []Integration{{}}}
			c.Pull.Teams = []string{"c"}
			return c
		}(), []string{"c"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			r := store.OpenEmbedded(store.Config{})
			t.Cleanup(func() { require.NoError(t, r.Close()) })
			team, err := readTeamFile(teamFile)
			require.NoError(t, err)
			require.NoError(t, r.Import(t.Context(), team))
			s := &pullService{config: row.config, puller: &puller{store: r}}
			teams, err := s.teams(t.Context())
			require.NoError(t, err)
			assert.ElementsMatch(t, row.want, teams)
		})
	}
}

// serve pulls in the background at every tick, and stops with its process.
func TestServePulls(t *testing.T) {
	t.Parallel()
	redis := redistest.Server(t).URL()
	shifts := inShifts(t, graphtest.Config{}, pullTeam)
	f := files{t, t.TempDir()}
	f.write("wfi.yaml", settings("redis: "+redis+"\ngraph: {url: "+shifts.URL+"}\npull: {interval: 1h, teams: ["+pullTeam+"]}"+
		strings.ReplaceAll(contoso, "env:CONTOSO_SECRET", testSecret)))
	log := &logged{}
	p := &process{stdin: strings.NewReader(""), stdout: &bytes.Buffer{}, stderr: log, graph: graphAs(graphtest.Credential{})}
	command := &serveCmd{ConfigFlags: ConfigFlags{Config: f.path("wfi.yaml")}, Now: storyNow}
	s, err := command.prepare(t.Context(), p)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.store.Close()) })
	ticks := make(chan time.Time)
	s.pull.ticks, s.pull.puller.settle = ticks, settleFor(0)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- s.run(ctx) }()
	for range 2 { // the second is taken when the first round is over
		select {
		case ticks <- time.Time{}:
		case err := <-ended:
			t.Fatal(err, log)
		}
	}
	_, err = s.store.Team(t.Context(), pullTeam)
	require.NoError(t, err)
	assert.Contains(t, log.String(), "team pulled from Shifts")

	stop()
	require.NoError(t, <-ended)
}

// Stopping ends a pull that is under way, and gives its lease back.
func TestServeStopsPulling(t *testing.T) {
	t.Parallel()
	r := store.OpenEmbedded(store.Config{})
	t.Cleanup(func() { require.NoError(t, r.Close()) })
	team, err := eligibility.ParseTeam([]byte(`{"team":{"id":"` + pullTeam + `","timeZone":"UTC"}}`))
	require.NoError(t, err)
	require.NoError(t, r.Import(t.Context(), team))
	settling := make(chan struct{})
	log := &logged{}
	config := Config{}
	config.Pull.Interval, config.Pull.WeeksAhead, config.Pull.Teams = time.Hour, 5, []string{pullTeam}
	ticks := make(chan time.Time)
	s := &pullService{config: config, log: zerolog.New(log), ticks: ticks, puller: &puller{store: r, now: time.Now,
		settle: func(ctx context.Context) error { close(settling); <-ctx.Done(); return ctx.Err() }}}
	ctx, stop := context.WithCancel(t.Context())
	wait := s.start(ctx)
	ticks <- time.Time{}
	<-settling
	_, err = r.Lease(t.Context(), pullTeam, pullLease, time.Minute)
	assert.Equal(t, store.ErrLeased, err)
	stop()
	wait()
	_, err = r.Lease(t.Context(), pullTeam, pullLease, time.Minute)
	assert.NoError(t, err)
	assert.Empty(t, log.String())
}

func TestServePullNeedsACredential(t *testing.T) {
	t.Parallel()
	f := files{t, t.TempDir()}
	f.write("wfi.yaml", settings("pull: {interval: 10m}"+strings.ReplaceAll(contoso, "env:CONTOSO_SECRET", testSecret)))
	code, _, stderr := wfi(t, "serve", "--config", f.path("wfi.yaml"))
	assert.Equal(t, exitFailure, code)
	assert.Contains(t, stderr, "no credential for Microsoft Graph")
}

func TestConfigPull(t *testing.T) {
	t.Parallel()
	config, err := ParseConfig([]byte(`
graph: {url: "https://graph.microsoft.us", auth: certificate, tenant: contoso.example, clientId: app, certificate: app.pem, certificatePassword: env:PASSWORD}
pull: {interval: 10m, weeksAhead: 8, teams: [a, b]}`+strings.ReplaceAll(contoso, "env:CONTOSO_SECRET", testSecret)),
		[]string{"WFI_GRAPH_CLIENT_SECRET=file:/run/secret", "WFI_PULL_WEEKS_BACK=2"}, ConfigFlags{})
	require.NoError(t, err)
	assert.Equal(t, graphFlags{Graph: "https://graph.microsoft.us", credentialFlags: credentialFlags{
		Auth: authCertificate, Tenant: "contoso.example", ClientID: "app", ClientSecret: "file:/run/secret",
		Certificate: "app.pem", CertificatePassword: "env:PASSWORD",
	}}, config.Graph)
	assert.Equal(t, 10*time.Minute, config.Pull.Interval)
	assert.Equal(t, []string{"a", "b"}, config.Pull.Teams)
	assert.Equal(t, [2]int{2, 8}, [2]int{config.Pull.WeeksBack, config.Pull.WeeksAhead})
	assert.Contains(t, config.Effective(), "graph.clientSecret: file:/run/secret  # WFI_GRAPH_CLIENT_SECRET\n")

	for _, row := range []struct{ text, path string }{
		{"graph: {url: 'http://graph.example'}", "graph.url"},
		{"graph: {auth: password}", "graph.auth"},
		{"graph: {auth: device-code}", "graph.auth"},
		{"graph: {clientSecret: dontprintme}", "graph.clientSecret"},
		{"pull: {interval: 30s}", "pull.interval"},
		{"pull: {interval: -10m}", "pull.interval"},
		{"pull: {interval: 25h}", "pull.interval"},
		{"pull: {weeksBack: -1}", "pull.weeksBack"},
		{"pull: {weeksAhead: 105}", "pull.weeksAhead"},
		{"pull: {weeksBack: 0, weeksAhead: 0}", "pull.weeksAhead"},
		{"pull: {teams: ['a b']}", "pull.teams[0]"},
		{"pull: {every: 10m}", "pull"},
	} {
		_, err := ParseConfig([]byte(row.text+strings.ReplaceAll(contoso, "env:CONTOSO_SECRET", testSecret)), nil, ConfigFlags{})
		var refused *ConfigError
		require.ErrorAs(t, err, &refused, row.text)
		require.Len(t, refused.Problems, 1, row.text)
		assert.Equal(t, row.path, refused.Problems[0].Path, row.text)
		assert.NotContains(t, err.Error(), "dontprintme")
	}
}
