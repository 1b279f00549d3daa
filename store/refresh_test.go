package store

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"example.com/shiftswfi/eligibility"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRefresh(t *testing.T) {
	t.Parallel()
	onEveryBackend(t, func(t *testing.T, b *backend) {
		for name, test := range map[string]func(*testing.T, *backend){
			"with another frame":       testRefreshFrame,
			"without another frame":    testRefreshEntities,
			"decides anew":             testRefreshConflict,
			"sent twice":               testRefreshSentTwice,
			"of a broken frame":        testRefreshBroken,
			"nothing":                  testRefreshNothing,
			"creates a missing team":   testCreate,
			"does not replace a team":  testCreateExists,
			"creates, sent twice":      testCreateSentTwice,
			"lease":                    testLease,
			"lease ends by itself":     testLeaseExpires,
			"lease stays as long":      testLeaseStays,
			"lease of another is safe": testLeaseOfAnother,
			"lease, sent twice":        testLeaseSentTwice,
		} {
			t.Run(name, func(t *testing.T) { t.Parallel(); test(t, b) })
		}
	})
}

// refreshed stores a schedule's differences from what the store has.
func refreshed(t *testing.T, r *Redis, id string, s eligibility.Schedule) {
	t.Helper()
	before, err := r.Team(inContext(t), id)
	require.NoError(t, err)
	refresh, err := before.Refresh(s)
	require.NoError(t, err)
	require.NoError(t, r.Refresh(inContext(t), id, func(now *eligibility.Team) (eligibility.Refresh, []byte, error) {
		return refresh.On(now), []byte(`{"pulled":true}`), nil
	}))
}

// inNewYork is a schedule of one shift, in another zone than smallTeam's.
func inNewYork() eligibility.Schedule {
	return eligibility.Schedule{
		TimeZone: "America/New_York", StartDayOfWeek: "sunday",
		From: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC),
		Lists: map[eligibility.Kind][]json.RawMessage{eligibility.KindShift: {shiftOf("s3", "new").JSON}},
	}
}

func testRefreshFrame(t *testing.T, b *backend) {
	r, other := b.open(t, Config{}), b.open(t, Config{})
	id := b.imported(t, r, smallTeam)
	read(t, other, id)
	refreshed(t, r, id, inNewYork())
	for name, reader := range map[string]*Redis{"writer": r, "who had it": other, "new": b.open(t, Config{})} {
		document := read(t, reader, id)
		assert.Equal(t, exported(t, r, id), document, name)
		assert.Contains(t, document, `"timeZone":"America/New_York"`, name)
		assert.Contains(t, document, `"startDayOfWeek":"sunday"`, name)
		assert.Contains(t, document, `"policy":{"minimumRest":"11h"}`, name)
		assert.Contains(t, document, `"notes":"new"`, name)
		assert.NotContains(t, document, `"s1"`, name)
		team, err := reader.Team(inContext(t), id)
		require.NoError(t, err)
		assert.Equal(t, "America/New_York", team.TimeZone().String(), name)
	}
	assert.Zero(t, other.Stats().CatchUps, "no change tells of a frame")
	stream, err := r.client.Exists(inContext(t), changesKey(id)).Result()
	require.NoError(t, err)
	assert.Zero(t, stream)
	decisions, err := r.LatestDecisions(inContext(t), id, 10)
	require.NoError(t, err)
	require.Len(t, decisions, 1)
	assert.Equal(t, `{"pulled":true}`, string(decisions[0].Record))

	set(t, other, id, shiftOf("s4", "after"))
	assert.Equal(t, exported(t, r, id), read(t, r, id), "the others go on from there")
}

func testRefreshEntities(t *testing.T, b *backend) {
	r, other := b.open(t, Config{}), b.open(t, Config{})
	id := b.imported(t, r, smallTeam)
	read(t, other, id)
	s := inNewYork()
	s.TimeZone, s.StartDayOfWeek = "Europe/Berlin", ""
	refreshed(t, r, id, s)
	assert.Equal(t, exported(t, r, id), read(t, other, id))
	assert.EqualValues(t, 1, other.Stats().CatchUps)
	assert.Contains(t, read(t, other, id), `"s3"`)
	assert.NotContains(t, read(t, other, id), `"s2"`)
}

func testRefreshConflict(t *testing.T, b *backend) {
	r, other := b.open(t, Config{}), b.open(t, Config{})
	id := b.imported(t, r, smallTeam)
	before, err := r.Team(inContext(t), id)
	require.NoError(t, err)
	refresh, err := before.Refresh(inNewYork())
	require.NoError(t, err)
	asked := 0
	require.NoError(t, r.Refresh(inContext(t), id, func(now *eligibility.Team) (eligibility.Refresh, []byte, error) {
		if asked++; asked == 1 {
			set(t, other, id, shiftOf("s1", "a callback knows better"))
		}
		return refresh.On(now), nil, nil
	}))
	assert.Equal(t, 2, asked)
	document := exported(t, r, id)
	assert.Contains(t, document, "a callback knows better")
	assert.Contains(t, document, "America/New_York")
	assert.NotContains(t, document, `"s2"`)
}

func testRefreshSentTwice(t *testing.T, b *backend) {
	id := b.imported(t, b.open(t, Config{}), smallTeam)
	r := b.open(t, Config{}).tapped(twice)
	refreshed(t, r, id, inNewYork())
	assert.Equal(t, exported(t, r, id), read(t, r, id))
	decisions, err := r.LatestDecisions(inContext(t), id, 10)
	require.NoError(t, err)
	assert.Len(t, decisions, 1)
}

func testRefreshBroken(t *testing.T, b *backend) {
	for name, row := range map[string]struct{ old, new, message string }{
		"a zone":       {"Europe/Berlin", "Mars/Olympus", "team.timeZone"},
		"another team": {`"id":"`, `"id":"x`, "another team"},
	} {
		r := b.open(t, Config{})
		id := b.imported(t, r, smallTeam)
		before := exported(t, r, id)
		err := r.Refresh(inContext(t), id, func(now *eligibility.Team) (eligibility.Refresh, []byte, error) {
			frame := strings.Replace(string(now.File().Frame), row.old, row.new, 1)
			return eligibility.Refresh{Frame: json.RawMessage(frame), Changes: []eligibility.Change{shiftOf("s3", "")}}, []byte("r"), nil
		})
		assert.ErrorContains(t, err, row.message, name)
		assert.Equal(t, before, exported(t, r, id), name)
		assert.Equal(t, before, read(t, r, id), name)
		decisions, err := r.LatestDecisions(inContext(t), id, 10)
		require.NoError(t, err)
		assert.Empty(t, decisions, name)
	}
}

func testRefreshNothing(t *testing.T, b *backend) {
	r := b.open(t, Config{})
	id := b.imported(t, r, smallTeam)
	before, err := r.client.HGetAll(inContext(t), teamKey(id)).Result()
	require.NoError(t, err)
	require.NoError(t, r.Refresh(inContext(t), id, func(*eligibility.Team) (eligibility.Refresh, []byte, error) {
		return eligibility.Refresh{}, nil, nil
	}))
	after, err := r.client.HGetAll(inContext(t), teamKey(id)).Result()
	require.NoError(t, err)
	assert.Equal(t, before, after)
}

func testCreate(t *testing.T, b *backend) {
	r := b.open(t, Config{})
	id := b.newID()
	team := parse(t, documentOf(smallTeam, id))
	require.NoError(t, r.Create(inContext(t), team, []byte("created")))
	assert.Equal(t, marshal(t, team.File()), exported(t, r, id))
	assert.Equal(t, marshal(t, team.File()), read(t, r, id))
	ids, err := r.TeamIDs(inContext(t))
	require.NoError(t, err)
	assert.Contains(t, ids, id)
	assert.Equal(t, []string{"created"}, loggedOf(t, r, id))

	id = b.newID()
	require.NoError(t, r.Create(inContext(t), parse(t, documentOf(smallTeam, id)), nil))
	assert.Empty(t, loggedOf(t, r, id))
}

func loggedOf(t *testing.T, r *Redis, id string) []string {
	t.Helper()
	decisions, err := r.LatestDecisions(inContext(t), id, 10)
	require.NoError(t, err)
	var records []string
	for _, d := range decisions {
		records = append(records, string(d.Record))
	}
	return records
}

func testCreateExists(t *testing.T, b *backend) {
	r, other := b.open(t, Config{}), b.open(t, Config{})
	id := b.imported(t, other, smallTeam)
	set(t, other, id, shiftOf("s3", "theirs"))
	before := exported(t, r, id)
	assert.Equal(t, ErrTeamExists, r.Create(inContext(t), parse(t, documentOf(`{"team":{"id":"TEAM","timeZone":"UTC"}}`, id)), []byte("created")))
	assert.Empty(t, loggedOf(t, r, id))
	assert.Equal(t, before, exported(t, r, id))
	assert.Equal(t, before, read(t, r, id))
	assert.Equal(t, before, read(t, other, id))
	assert.Zero(t, r.Stats().Errors, "no error of Redis")
}

func testCreateSentTwice(t *testing.T, b *backend) {
	r := b.open(t, Config{}).tapped(twice)
	id := b.newID()
	require.NoError(t, r.Create(inContext(t), parse(t, documentOf(smallTeam, id)), []byte("created")))
	assert.Contains(t, read(t, r, id), `"s1"`)
	assert.Equal(t, []string{"created"}, loggedOf(t, r, id))
}

func lease(t *testing.T, r *Redis, team string, ttl time.Duration) *Lease {
	t.Helper()
	l, err := r.Lease(inContext(t), team, "pull", ttl)
	require.NoError(t, err)
	return l
}

func testLease(t *testing.T, b *backend) {
	r, other := b.open(t, Config{}), b.open(t, Config{})
	id := b.newID()
	l := lease(t, r, id, time.Minute)
	for _, asking := range []*Redis{r, other} {
		_, err := asking.Lease(inContext(t), id, "pull", time.Minute)
		assert.Equal(t, ErrLeased, err)
	}
	lease(t, other, b.newID(), time.Minute)
	_, err := other.Lease(inContext(t), id, "another name", time.Minute)
	require.NoError(t, err)
	require.NoError(t, l.End(inContext(t), 0))
	lease(t, other, id, time.Minute)
	_, err = r.Lease(inContext(t), "{bad}", "pull", time.Minute)
	assert.Error(t, err)
}

func testLeaseExpires(t *testing.T, b *backend) {
	r, other := b.open(t, Config{}), b.open(t, Config{})
	id := b.newID()
	lease(t, r, id, 50*time.Millisecond)
	require.Eventually(t, func() bool {
		_, err := other.Lease(inContext(t), id, "pull", time.Minute)
		return err == nil
	}, 30*time.Second, 10*time.Millisecond)
}

// What was just done is not to be done again: the lease is not given back, but
// it ends in the end.
func testLeaseStays(t *testing.T, b *backend) {
	r, other := b.open(t, Config{}), b.open(t, Config{})
	id := b.newID()
	require.NoError(t, lease(t, r, id, time.Second).End(inContext(t), time.Hour))
	_, err := other.Lease(inContext(t), id, "pull", time.Minute)
	assert.Equal(t, ErrLeased, err)
	left, err := other.client.PTTL(inContext(t), leaseKey(id, "pull")).Result()
	require.NoError(t, err)
	assert.Greater(t, left, 30*time.Minute)
	assert.LessOrEqual(t, left, time.Hour)
}

// A lease that ended by itself is another's by now, and is not touched.
func testLeaseOfAnother(t *testing.T, b *backend) {
	r, other := b.open(t, Config{}), b.open(t, Config{})
	id := b.newID()
	late := lease(t, r, id, time.Minute)
	require.NoError(t, r.client.Del(inContext(t), leaseKey(id, "pull")).Err())
	lease(t, other, id, time.Minute)
	require.NoError(t, late.End(inContext(t), 0))
	require.NoError(t, late.End(inContext(t), time.Hour))
	_, err := r.Lease(inContext(t), id, "pull", time.Minute)
	assert.Equal(t, ErrLeased, err)
	left, err := r.client.PTTL(inContext(t), leaseKey(id, "pull")).Result()
	require.NoError(t, err)
	assert.LessOrEqual(t, left, time.Minute)
}

func testLeaseSentTwice(t *testing.T, b *backend) {
	r := b.open(t, Config{}).tapped(twice)
	id := b.newID()
	require.NoError(t, lease(t, r, id, time.Minute).End(inContext(t), 0))
	lease(t, r, id, time.Minute)
}
