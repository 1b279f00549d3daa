package store

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.com/shiftswfi/eligibility"
	"example.com/shiftswfi/store/redistest"
	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

// A backend is one sort of Redis that the suite runs on.
type backend struct {
	connect func() redis.UniversalClient
	teams   atomic.Int64
}

// onEveryBackend runs the suite on all there are.
func onEveryBackend(t *testing.T, suite func(*testing.T, *backend)) {
	t.Helper()
	real := func(url string) *backend {
		return &backend{connect: func() redis.UniversalClient {
			client, err := connect(url)
			require.NoError(t, err)
			return client
		}}
	}
	t.Run("embedded", func(t *testing.T) { t.Parallel(); suite(t, newEmbeddedBackend(t)) })
	t.Run("server", func(t *testing.T) { t.Parallel(); suite(t, real(redistest.Server(t).URL())) })
	t.Run("sentinel", func(t *testing.T) { t.Parallel(); suite(t, real(redistest.Sentinel(t).URL())) })
	t.Run("cluster", func(t *testing.T) { t.Parallel(); suite(t, real(redistest.Cluster(t).URL())) })
}

// newEmbeddedBackend is what OpenEmbedded runs, for several stores.
func newEmbeddedBackend(t testing.TB) *backend {
	server := miniredis.NewMiniRedis()
	server.ClockTTL(true)
	t.Cleanup(server.Close)
	return &backend{connect: func() redis.UniversalClient { return clientOf(server) }}
}

// open gives a store of its own on the backend, as another process would have.
func (b *backend) open(t testing.TB, config Config) *Redis {
	t.Helper()
	r := newRedis(b.connect(), config)
	t.Cleanup(func() { require.NoError(t, r.Close()) })
	return r
}

// newID is the id of a team that no other test has.
func (b *backend) newID() string { return fmt.Sprintf("team-%d", b.teams.Add(1)) }

// inContext bounds a test's calls, so that one that hangs fails.
func inContext(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// smallTeam is a document with all that a store could lose: unknown members at
// every level, an order of its own, numbers and texts in unusual spellings.
const smallTeam = `{
	"exportedBy": {"tool": "x", "n": 1.50, "big": 12345678901234567890},
	"team": {"id": "TEAM", "displayName": "Caf\u00e9 \"12\"", "timeZone": "Europe/Berlin", "color": null},
	"shifts": [
		{"id": "s2", "userId": "u-1", "schedulingGroupId": "g", "sharedShift": {
			"startDateTime": "2026-12-02T08:00:00Z", "endDateTime": "2026-12-02T16:00:00Z", "notes": "zwei\n"}},
		{"id": "s1", "userId": "U-2", "extra": [1, {"a": null}], "sharedShift": {
			"startDateTime": "2026-12-01T08:00:00Z", "endDateTime": "2026-12-01T16:00:00Z", "theme": "blau"}}
	],
	"workers": [
		{"userId": "u-2", "displayName": "Béla", "balances": {"t": 1.0}},
		{"userId": "U-1", "unknown": "kept"}
	],
	"policy": {"minimumRest": "11h"},
	"schedulingGroups": [{"id": "g", "userIds": ["u-1"]}],
	"timesOff": null,
	"openShifts": []
}`

func documentOf(template, id string) []byte {
	return bytes.ReplaceAll([]byte(template), []byte("TEAM"), []byte(id))
}

func parse(t testing.TB, document []byte) *eligibility.Team {
	t.Helper()
	team, err := eligibility.ParseTeam(document)
	require.NoError(t, err)
	return team
}

// imported is a new team in the store of the document.
func (b *backend) imported(t testing.TB, r *Redis, template string) (id string) {
	t.Helper()
	id = b.newID()
	require.NoError(t, r.Import(inContext(t), parse(t, documentOf(template, id))))
	return id
}

// shiftOf is a change that sets a shift of u-1.
func shiftOf(id, notes string) eligibility.Change {
	document := fmt.Sprintf(`{"id":%q,"userId":"u-1","sharedShift":{"notes":%q,`+
		`"startDateTime":"2026-12-05T08:00:00Z","endDateTime":"2026-12-05T16:00:00Z"}}`, id, notes)
	return eligibility.Change{Entity: eligibility.Entity{Kind: eligibility.KindShift, ID: id, JSON: []byte(document)}}
}

// set stores the changes, whatever the team is like.
func set(t testing.TB, r *Redis, id string, changes ...eligibility.Change) {
	t.Helper()
	require.NoError(t, r.Update(inContext(t), id, func(*eligibility.Team) ([]eligibility.Change, []byte, error) {
		return changes, nil, nil
	}))
}

// exported is the stored document; it must be what readers see.
func exported(t testing.TB, r *Redis, id string) string {
	t.Helper()
	file, err := r.Export(inContext(t), id)
	require.NoError(t, err)
	return marshal(t, file)
}

func marshal(t testing.TB, file eligibility.TeamFile) string {
	t.Helper()
	document, err := json.Marshal(file)
	require.NoError(t, err)
	return string(document)
}

// read is the document of the team that a reader gets.
func read(t testing.TB, r *Redis, id string) string {
	t.Helper()
	team, err := r.Team(inContext(t), id)
	require.NoError(t, err)
	return marshal(t, team.File())
}

func compact(t testing.TB, document []byte) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, json.Compact(&b, document))
	return b.String()
}

// A tap sits between a store and its Redis. around is called for every command
// or transaction with its text, such as "hgetall wfi:{T}", and decides when, or
// how often, to send it.
type tap struct {
	around func(command string, send func() error) error
}

func (r *Redis) tapped(around func(command string, send func() error) error) *Redis {
	r.client.AddHook(tap{around})
	return r
}

func (h tap) DialHook(next redis.DialHook) redis.DialHook { return next }

func (h tap) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		return h.pass(commandText(cmd), func() error { return next(ctx, cmd) })
	}
}

func (h tap) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		var texts []string
		for _, cmd := range cmds {
			texts = append(texts, commandText(cmd))
		}
		return h.pass(strings.Join(texts, "; "), func() error { return next(ctx, cmds) })
	}
}

func (h tap) pass(command string, send func() error) error {
	if !strings.Contains(command, keyPrefix) && !strings.HasPrefix(command, "eval") {
		return send() // a handshake
	}
	return h.around(command, send)
}

func commandText(cmd redis.Cmder) string {
	args := cmd.Args()
	return strings.TrimSpace(fmt.Sprintln(args[:min(len(args), 2)]...))
}

// A gate holds whoever comes to it until it is opened.
type gate struct {
	reached, opened chan struct{}
	once            sync.Once
}

func newGate() *gate { return &gate{reached: make(chan struct{}), opened: make(chan struct{})} }

func (g *gate) pass() {
	g.once.Do(func() { close(g.reached) })
	<-g.opened
}

func contextWithDeadline(t testing.TB, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(inContext(t), d)
}
