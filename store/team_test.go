package store

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"example.com/shiftswfi/eligibility"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTeam(t *testing.T) {
	t.Parallel()
	onEveryBackend(t, func(t *testing.T, b *backend) {
		for name, test := range map[string]func(*testing.T, *backend){
			"unknown team":                     testUnknownTeam,
			"one round trip while unchanged":   testWarmRead,
			"follows another process":          testCatchUp,
			"loads when the changes are gone":  testChangesGone,
			"loads when writes were lost":      testLostWrites,
			"loads after another import":       testImportedAgain,
			"many readers, one load":           testOneLoad,
			"a reader who gives up":            testReaderGivesUp,
			"a load that began before a write": testLoadBeganBefore,
			"cache keeps within its bound":     testCacheBound,
			"corrupt":                          testCorrupt,
			"a team that makes a load panic":   testPanic,
		} {
			t.Run(name, func(t *testing.T) { t.Parallel(); test(t, b) })
		}
	})
}

func testUnknownTeam(t *testing.T, b *backend) {
	r := b.open(t, Config{})
	require.NoError(t, r.Ping(inContext(t)))
	for _, id := range []string{"", "nobody", "a}b", "{", "x\ny", "\xff", strings.Repeat("x", 129)} {
		_, err := r.Team(inContext(t), id)
		assert.ErrorIs(t, err, eligibility.ErrTeamNotFound, id)
		_, err = r.Export(inContext(t), id)
		assert.ErrorIs(t, err, eligibility.ErrTeamNotFound, id)
		assert.ErrorIs(t, r.Delete(inContext(t), id), eligibility.ErrTeamNotFound, id)
		err = r.Update(inContext(t), id, func(*eligibility.Team) ([]eligibility.Change, []byte, error) {
			t.Error("there is nothing to decide on")
			return nil, nil, nil
		})
		assert.ErrorIs(t, err, eligibility.ErrTeamNotFound, id)
	}
	assert.Zero(t, r.Stats(), "not found is no error of Redis")
}

func testWarmRead(t *testing.T, b *backend) {
	var sent []string
	r := b.open(t, Config{}).tapped(func(command string, send func() error) error {
		sent = append(sent, command)
		return send()
	})
	id := b.imported(t, b.open(t, Config{}), smallTeam)
	first, err := r.Team(inContext(t), id)
	require.NoError(t, err)
	assert.Equal(t, []string{"hget wfi:{" + id + "}", "hgetall wfi:{" + id + "}"}, sent)
	sent = nil
	second, err := r.Team(inContext(t), id)
	require.NoError(t, err)
	assert.Same(t, first, second)
	assert.Equal(t, []string{"hget wfi:{" + id + "}"}, sent)
	stats := r.Stats()
	assert.Equal(t, Stats{Hits: 1, Loads: 1, Teams: 1, Bytes: first.Size() * memoryPerByte}, stats)
}

func testCatchUp(t *testing.T, b *backend) {
	writer, reader := b.open(t, Config{}), b.open(t, Config{})
	id := b.imported(t, writer, smallTeam)
	old, err := reader.Team(inContext(t), id)
	require.NoError(t, err)
	set(t, writer, id, shiftOf("s3", "new"), shiftOf("s1", "changed"))
	set(t, writer, id, eligibility.Change{
		Entity: eligibility.Entity{Kind: eligibility.KindShift, ID: "s2"}, Delete: true,
	})
	assert.Equal(t, exported(t, writer, id), read(t, reader, id))
	assert.NotContains(t, read(t, reader, id), `"s2"`)
	assert.Equal(t, exported(t, writer, id), read(t, writer, id))
	_, ok := old.Entity(eligibility.KindShift, "s2")
	assert.True(t, ok, "the team that was handed out before is as it was")

	stats := reader.Stats()
	assert.Equal(t, int64(1), stats.Loads)
	assert.Equal(t, int64(1), stats.CatchUps)
	stats = writer.Stats()
	assert.Zero(t, stats.Loads, "the writer had it all")
	assert.Zero(t, stats.CatchUps)
}

func testChangesGone(t *testing.T, b *backend) {
	for name, lose := range map[string]func(id string, writer *Redis){
		"stream deleted": func(id string, writer *Redis) {
			set(t, writer, id, shiftOf("s3", "new"))
			require.NoError(t, writer.client.Del(inContext(t), changesKey(id)).Err())
		},
		"a gap in the stream": func(id string, writer *Redis) {
			set(t, writer, id, shiftOf("s3", "new"))
			require.NoError(t, writer.client.XTrimMaxLen(inContext(t), changesKey(id), 0).Err())
			set(t, writer, id, shiftOf("s4", "newer"))
		},
		"the end of the stream is gone": func(id string, writer *Redis) {
			set(t, writer, id, shiftOf("s3", "new"))
			set(t, writer, id, shiftOf("s4", "newer"))
			last, err := writer.client.XRevRangeN(inContext(t), changesKey(id), "+", "-", 1).Result()
			require.NoError(t, err)
			require.NoError(t, writer.client.XDel(inContext(t), changesKey(id), last[0].ID).Err())
		},
		"change too large for the stream": func(id string, writer *Redis) {
			set(t, writer, id, shiftOf("s3", "new"))
			set(t, writer, id, shiftOf("s4", strings.Repeat("x", maxChangeBytes)))
			set(t, writer, id, shiftOf("s5", "newer"))
		},
		"more changes than the stream keeps": func(id string, writer *Redis) {
			for i := range 3 * minStreamKiB {
				set(t, writer, id, shiftOf("s3", fmt.Sprint(i)))
			}
		},
		"stream that takes no entry": func(id string, writer *Redis) {
			set(t, writer, id, shiftOf("s3", "new"))
			require.NoError(t, writer.client.Do(inContext(t), "XADD", changesKey(id), "999999-0", "a", "b").Err())
			set(t, writer, id, shiftOf("s4", "newer"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			writer, reader := b.open(t, Config{}), b.open(t, Config{})
			id := b.imported(t, writer, smallTeam)
			read(t, reader, id)
			lose(id, writer)
			assert.Equal(t, exported(t, writer, id), read(t, reader, id))
			assert.Equal(t, int64(2), reader.Stats().Loads)
			assert.Zero(t, reader.Stats().CatchUps)
			set(t, writer, id, shiftOf("s9", "the stream works again"))
			assert.Equal(t, exported(t, writer, id), read(t, reader, id))
			assert.Equal(t, int64(1), reader.Stats().CatchUps)
		})
	}
}

// A Redis that has come up with an old copy of the team gives the ages that
// followed to other changes.
func testLostWrites(t *testing.T, b *backend) {
	before, reader, after := b.open(t, Config{}), b.open(t, Config{}), b.open(t, Config{})
	id := b.imported(t, before, smallTeam)
	ctx := inContext(t)
	old, err := before.client.HGetAll(ctx, teamKey(id)).Result()
	require.NoError(t, err)
	set(t, before, id, shiftOf("s3", "lost"))
	assert.Contains(t, read(t, reader, id), "lost")

	require.NoError(t, before.Delete(ctx, id))
	require.NoError(t, before.client.HSet(ctx, teamKey(id), old).Err())
	set(t, after, id, shiftOf("s4", "found"))
	set(t, after, id, shiftOf("s5", "found"))
	assert.Equal(t, exported(t, after, id), read(t, reader, id))
	assert.NotContains(t, read(t, reader, id), "lost")
}

func testImportedAgain(t *testing.T, b *backend) {
	writer, reader := b.open(t, Config{}), b.open(t, Config{})
	id := b.imported(t, writer, smallTeam)
	set(t, writer, id, shiftOf("s3", "first life"))
	assert.Contains(t, read(t, reader, id), "first life")

	require.NoError(t, writer.Delete(inContext(t), id))
	_, err := reader.Team(inContext(t), id)
	require.ErrorIs(t, err, eligibility.ErrTeamNotFound)
	assert.Zero(t, reader.Stats().Teams, "what is gone takes no memory")

	require.NoError(t, writer.Import(inContext(t), parse(t, documentOf(smallTeam, id))))
	set(t, writer, id, shiftOf("s3", "second life"))
	assert.Equal(t, exported(t, writer, id), read(t, reader, id))
}

func testOneLoad(t *testing.T, b *backend) {
	const readers = 32
	id := b.imported(t, b.open(t, Config{}), smallTeam)
	var versions atomic.Int64
	everybody := make(chan struct{})
	r := b.open(t, Config{}).tapped(func(command string, send func() error) error {
		if strings.HasPrefix(command, "hgetall") {
			<-everybody
		}
		err := send()
		if strings.HasPrefix(command, "hget ") && versions.Add(1) == readers {
			close(everybody)
		}
		return err
	})
	var group sync.WaitGroup
	for range readers {
		group.Go(func() {
			_, err := r.Team(inContext(t), id)
			assert.NoError(t, err)
		})
	}
	group.Wait()
	assert.Equal(t, int64(1), r.Stats().Loads)
}

func testReaderGivesUp(t *testing.T, b *backend) {
	id := b.imported(t, b.open(t, Config{}), smallTeam)
	loading := newGate()
	var loads atomic.Int64
	r := b.open(t, Config{}).tapped(func(command string, send func() error) error {
		if strings.HasPrefix(command, "hgetall") {
			loads.Add(1)
			loading.pass()
		}
		return send()
	})
	ctx, giveUp := context.WithCancel(inContext(t))
	impatient := make(chan error)
	go func() {
		_, err := r.Team(ctx, id)
		impatient <- err
	}()
	<-loading.reached
	giveUp()
	err := <-impatient
	assert.ErrorIs(t, err, context.Canceled)
	assert.ErrorIs(t, err, ErrUnavailable)
	patient := make(chan error)
	go func() {
		_, err := r.Team(inContext(t), id)
		patient <- err
	}()
	close(loading.opened)
	assert.NoError(t, <-patient)
	assert.Equal(t, int64(1), loads.Load(), "what the other began was not in vain")
}

// Whoever asks after a write gets it, also when a slow load from before the
// write is still under way.
func testLoadBeganBefore(t *testing.T, b *backend) {
	writer := b.open(t, Config{})
	id := b.imported(t, writer, smallTeam)
	loaded := newGate()
	var versions atomic.Int64
	second := make(chan struct{})
	r := b.open(t, Config{}).tapped(func(command string, send func() error) error {
		err := send()
		switch {
		case strings.HasPrefix(command, "hgetall"):
			loaded.pass()
		case strings.HasPrefix(command, "hget ") && !strings.Contains(command, ";") && versions.Add(1) == 2:
			close(second)
		}
		return err
	})
	var group sync.WaitGroup
	group.Go(func() { read(t, r, id) })
	<-loaded.reached
	set(t, writer, id, shiftOf("s3", "just written"))
	group.Go(func() { assert.Contains(t, read(t, r, id), "just written") })
	<-second
	close(loaded.opened)
	group.Wait()
}

func testCacheBound(t *testing.T, b *backend) {
	writer := b.open(t, Config{})
	var ids []string
	for range 3 {
		ids = append(ids, b.imported(t, writer, smallTeam))
	}
	one := parse(t, documentOf(smallTeam, ids[0])).Size() * memoryPerByte
	r := b.open(t, Config{CacheBytes: 2*one + one/2})
	for _, id := range []string{ids[0], ids[1], ids[0], ids[2]} { // ids[1] was used least lately
		read(t, r, id)
	}
	stats := r.Stats()
	assert.LessOrEqual(t, stats.Bytes, 2*one+one/2)
	assert.Equal(t, 2, stats.Teams)
	assert.Equal(t, int64(1), stats.Evictions)
	read(t, r, ids[0])
	assert.Equal(t, int64(3), r.Stats().Loads)
	read(t, r, ids[1])
	assert.Equal(t, int64(4), r.Stats().Loads)

	set(t, r, ids[1], shiftOf("s3", strings.Repeat("x", int(one))))
	assert.Contains(t, read(t, r, ids[1]), "xxx", "served, though too large to keep")
	stats = r.Stats()
	assert.Equal(t, 1, stats.Teams)
	assert.LessOrEqual(t, stats.Bytes, one+one/2)
}

func testCorrupt(t *testing.T, b *backend) {
	const content = "SECRET"
	writer := b.open(t, Config{})
	for name, test := range map[string]struct {
		field, value string
		names        string // in the message
	}{
		"entity without position": {"shifts/s1", `{"id":"SECRET"}`, "shifts/s1"},
		"entity without JSON":     {"shifts/s1", `0`, "shifts[0]"},
		"entity that is no JSON":  {"shifts/s1", `1 SECRET`, "shifts[1]"},
		"entity with a bad field": {"shifts/s1", `1 {"id":"s1","sharedShift":{"startDateTime":"SECRET"}}`, "shifts[1].sharedShift.startDateTime"},
		"unknown kind":            {"holidays/h1", `0 {"id":"SECRET"}`, "holidays/h1"},
		"no frame":                {"frame", ``, "frame"},
		"frame of another team":   {"frame", `{"team":{"id":"SECRET","timeZone":"UTC"}}`, "team.id"},
		"version":                 {"version", "SECRET", "version"},
	} {
		t.Run(name, func(t *testing.T) {
			id := b.imported(t, writer, smallTeam)
			require.NoError(t, writer.client.HSet(inContext(t), teamKey(id), test.field, test.value).Err())
			_, err := b.open(t, Config{}).Team(inContext(t), id)
			require.ErrorIs(t, err, ErrCorrupt)
			assert.ErrorContains(t, err, test.names)
			assert.NotContains(t, err.Error(), content)
		})
	}
}

// A panic over one team must not end the process.
func testPanic(t *testing.T, b *backend) {
	id := b.imported(t, b.open(t, Config{}), smallTeam)
	r := b.open(t, Config{}).tapped(func(command string, send func() error) error {
		if strings.HasPrefix(command, "hgetall") {
			panic("SECRET")
		}
		return send()
	})
	_, err := r.Team(inContext(t), id)
	require.ErrorIs(t, err, ErrCorrupt)
	assert.NotContains(t, err.Error(), "SECRET")
}
