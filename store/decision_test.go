package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/shiftswfi/eligibility"
	"example.com/shiftswfi/store/redistest"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDecisions(t *testing.T) {
	t.Parallel()
	onEveryBackend(t, func(t *testing.T, b *backend) {
		for name, test := range map[string]func(*testing.T, *backend){
			"with the changes":                 testRecordWithChanges,
			"of a refusal":                     testRecordOfRefusal,
			"of an error":                      testNoRecordOfError,
			"after a conflict":                 testRecordAfterConflict,
			"of a refusal, after a conflict":   testRefusalAfterConflict,
			"sent twice":                       testRecordSentTwice,
			"sent again after others":          testRecordSentAgain,
			"one for each of many updates":     testRecordOfEach,
			"log is capped":                    testLogIsCapped,
			"read from anywhere":               testReadLog,
			"awaited":                          testAwaitRecord,
			"of a team that is not there":      testNoLog,
			"stay when the team is deleted":    testLogStays,
			"team ids after import and delete": testTeamIDs,
		} {
			t.Run(name, func(t *testing.T) { t.Parallel(); test(t, b) })
		}
	})
}

// decided is an Update whose decision is always the same.
func decided(t testing.TB, r *Redis, id, record string, changes ...eligibility.Change) {
	t.Helper()
	require.NoError(t, r.Update(inContext(t), id, func(*eligibility.Team) ([]eligibility.Change, []byte, error) {
		return changes, []byte(record), nil
	}))
}

// logged are the records of a team, oldest first.
func logged(t testing.TB, r *Redis, id string) (records []string) {
	t.Helper()
	decisions, err := r.Decisions(inContext(t), id, "", 1000, 0)
	require.NoError(t, err)
	return recordsOf(decisions)
}

func recordsOf(decisions []Decision) (records []string) {
	for _, d := range decisions {
		records = append(records, string(d.Record))
	}
	return records
}

func testRecordWithChanges(t *testing.T, b *backend) {
	r := b.open(t, Config{})
	id := b.imported(t, r, smallTeam)
	assert.Empty(t, logged(t, r, id), "an import is no decision")
	set(t, r, id, shiftOf("s3", ""))
	assert.Empty(t, logged(t, r, id), "no record was given")
	binary := "{\"é\":\"\x00\r\n\xff\"}"
	decided(t, r, id, binary, shiftOf("s4", ""))
	assert.Equal(t, []string{binary}, logged(t, r, id))
	assert.Contains(t, read(t, b.open(t, Config{}), id), `"s4"`)
}

// A refusal changes nothing, so that nobody has to read the team again.
func testRecordOfRefusal(t *testing.T, b *backend) {
	r, reader := b.open(t, Config{}), b.open(t, Config{})
	id := b.imported(t, r, smallTeam)
	read(t, reader, id)
	before, hits := exported(t, r, id), reader.Stats().Hits
	decided(t, r, id, "refused")
	decided(t, r, id, "refused") // another decision, though alike
	assert.Equal(t, []string{"refused", "refused"}, logged(t, b.open(t, Config{}), id))
	assert.Equal(t, before, exported(t, r, id))
	assert.Equal(t, before, read(t, reader, id))
	assert.Equal(t, hits+1, reader.Stats().Hits)
}

func testNoRecordOfError(t *testing.T, b *backend) {
	r := b.open(t, Config{})
	id := b.imported(t, r, smallTeam)
	broken := shiftOf("s3", "")
	broken.JSON = []byte(`{"id":"s3","sharedShift":7}`)
	for name, test := range map[string]struct {
		change eligibility.Change
		err    error
	}{
		"of decide":            {shiftOf("s3", ""), errors.New("no")},
		"of what it has given": {broken, nil},
	} {
		err := r.Update(inContext(t), id, func(*eligibility.Team) ([]eligibility.Change, []byte, error) {
			return []eligibility.Change{test.change}, []byte("record"), test.err
		})
		assert.Error(t, err, name)
		assert.Empty(t, logged(t, r, id), name)
	}
}

// conflicting updates a team that another process changes while it is decided
// on for the first time. The record tells whether that was seen.
func conflicting(t *testing.T, b *backend, changes ...eligibility.Change) []string {
	one, other := b.open(t, Config{}), b.open(t, Config{})
	id := b.imported(t, one, smallTeam)
	set(t, one, id, shiftOf("s3", "")) // the version decided on is one in the stream of changes
	err := one.Update(inContext(t), id, func(team *eligibility.Team) ([]eligibility.Change, []byte, error) {
		if team.Shift("theirs") == nil {
			decided(t, other, id, "theirs", shiftOf("theirs", ""))
			return changes, []byte("lost"), nil
		}
		return changes, []byte("won"), nil
	})
	require.NoError(t, err)
	return logged(t, one, id)
}

func testRecordAfterConflict(t *testing.T, b *backend) {
	assert.Equal(t, []string{"theirs", "won"}, conflicting(t, b, shiftOf("mine", "")))
}

func testRefusalAfterConflict(t *testing.T, b *backend) {
	assert.Equal(t, []string{"theirs", "won"}, conflicting(t, b))
}

// A script whose answer is lost is sent again: the record is written once.
func testRecordSentTwice(t *testing.T, b *backend) {
	r := b.open(t, Config{})
	id := b.imported(t, r, smallTeam)
	r.tapped(twice)
	decided(t, r, id, "refused")
	decided(t, r, id, "approved", shiftOf("s3", ""))
	decided(t, r, id, "refused again")
	assert.Equal(t, []string{"refused", "approved", "refused again"}, logged(t, r, id))
}

func testRecordSentAgain(t *testing.T, b *backend) {
	for name, changes := range map[string][]eligibility.Change{
		"of a refusal":   nil,
		"of an approval": {shiftOf("s3", "")},
	} {
		t.Run(name, func(t *testing.T) {
			r, other := b.open(t, Config{}), b.open(t, Config{})
			id := b.imported(t, r, smallTeam)
			r.tapped(func(command string, send func() error) error {
				if !strings.HasPrefix(command, "evalsha") {
					return send()
				}
				if err := send(); err != nil {
					return err
				}
				decided(t, other, id, "theirs, refused")
				decided(t, other, id, "theirs, approved", shiftOf("s4", ""))
				return send()
			})
			set(t, other, id, shiftOf("s5", "")) // after which the script is known to Redis
			decided(t, r, id, "mine", changes...)
			assert.Equal(t, []string{"mine", "theirs, refused", "theirs, approved"}, logged(t, other, id))
		})
	}
}

// Whatever the processes do to each other, the log is in the order of the
// changes and tells each once.
func testRecordOfEach(t *testing.T, b *backend) {
	const processes, updates = 3, 20
	id := b.imported(t, b.open(t, Config{}), smallTeam)
	var group sync.WaitGroup
	for n := range processes {
		r := b.open(t, Config{})
		group.Go(func() {
			for i := range updates {
				assert.NoError(t, r.Update(inContext(t), id, func(team *eligibility.Team) ([]eligibility.Change, []byte, error) {
					if (n+i)%3 == 0 {
						return nil, fmt.Appendf(nil, "refused at %d", count(team)), nil
					}
					changes, _, err := countUp(team)
					return changes, fmt.Append(nil, count(team)+1), err
				}))
			}
		})
	}
	group.Wait()
	records := logged(t, b.open(t, Config{}), id)
	assert.Len(t, records, processes*updates)
	approved := 0
	for _, record := range records {
		if strings.HasPrefix(record, "refused") {
			assert.Equal(t, fmt.Sprintf("refused at %d", approved), record)
			continue
		}
		approved++
		assert.Equal(t, fmt.Sprint(approved), record)
	}
}

func testLogIsCapped(t *testing.T, b *backend) {
	// Redis removes whole nodes of a stream, of a hundred entries by default.
	const node = 100
	r := b.open(t, Config{})
	id := b.imported(t, r, smallTeam)
	pipe := r.client.Pipeline()
	for i := range maxDecisions + 5*node {
		pipe.XAdd(inContext(t), &redis.XAddArgs{Stream: decisionsKey(id), Values: []any{"record", i, "token", i}})
		if pipe.Len() == 20 { // what fits between a client and the embedded server
			_, err := pipe.Exec(inContext(t))
			require.NoError(t, err)
		}
	}
	decided(t, r, id, "refused")
	decided(t, r, id, "approved", shiftOf("s3", ""))
	length, err := r.client.XLen(inContext(t), decisionsKey(id)).Result()
	require.NoError(t, err)
	assert.GreaterOrEqual(t, length, int64(maxDecisions))
	assert.LessOrEqual(t, length, int64(maxDecisions+node))
	newest, err := r.LatestDecisions(inContext(t), id, 3)
	require.NoError(t, err)
	assert.Equal(t, []string{fmt.Sprint(maxDecisions + 5*node - 1), "refused", "approved"}, recordsOf(newest))
}

func testReadLog(t *testing.T, b *backend) {
	r := b.open(t, Config{})
	id := b.imported(t, r, smallTeam)
	for i := range 5 {
		decided(t, r, id, fmt.Sprint("r", i))
	}
	all, err := r.Decisions(inContext(t), id, "", 100, 0)
	require.NoError(t, err)
	require.Len(t, all, 5)
	for name, test := range map[string]struct {
		after string
		limit int64
		want  []string
	}{
		"all":          {"", 5, []string{"r0", "r1", "r2", "r3", "r4"}},
		"first":        {"", 2, []string{"r0", "r1"}},
		"from between": {all[1].ID, 2, []string{"r2", "r3"}},
		"last":         {all[3].ID, 9, []string{"r4"}},
		"none":         {all[4].ID, 9, nil},
	} {
		for _, wait := range []time.Duration{0, time.Nanosecond, 2 * time.Millisecond} {
			got, err := r.Decisions(inContext(t), id, test.after, test.limit, wait)
			require.NoError(t, err, name)
			assert.Equal(t, test.want, recordsOf(got), name)
		}
	}
	for limit, want := range map[int64][]string{1: {"r4"}, 3: {"r2", "r3", "r4"}, 9: {"r0", "r1", "r2", "r3", "r4"}} {
		got, err := r.LatestDecisions(inContext(t), id, limit)
		require.NoError(t, err)
		assert.Equal(t, want, recordsOf(got))
		assert.Equal(t, all[5-len(want):], got)
	}
}

// A reader who waits for the next record gets it when it is written.
func testAwaitRecord(t *testing.T, b *backend) {
	writer, reader := b.open(t, Config{}), b.open(t, Config{})
	id := b.imported(t, writer, smallTeam)
	sent := make(reading, 1)
	reader.client.AddHook(sent)
	after := ""
	for i := range 3 {
		type answer struct {
			decisions []Decision
			err       error
		}
		answers := make(chan answer, 1)
		go func() {
			decisions, err := reader.Decisions(inContext(t), id, after, 10, time.Minute)
			answers <- answer{decisions, err}
		}()
		<-sent // so it most likely waits when the record is written
		decided(t, writer, id, fmt.Sprint("r", i))
		got := <-answers
		require.NoError(t, got.err)
		require.Equal(t, []string{fmt.Sprint("r", i)}, recordsOf(got.decisions))
		after = got.decisions[0].ID
	}

	ctx, cancel := contextWithDeadline(t, 20*time.Millisecond)
	defer cancel()
	_, err := reader.Decisions(ctx, id, after, 10, time.Minute)
	assert.ErrorIs(t, err, ErrUnavailable)
}

// reading tells that a stream is about to be read.
type reading chan struct{}

func (r reading) DialHook(next redis.DialHook) redis.DialHook { return next }

func (r reading) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func (r reading) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if cmd.Name() == "xread" {
			select {
			case r <- struct{}{}:
			default: // sent again
			}
		}
		return next(ctx, cmd)
	}
}

func testNoLog(t *testing.T, b *backend) {
	r := b.open(t, Config{})
	for _, id := range []string{b.newID(), "", "a{b}"} {
		decisions, err := r.Decisions(inContext(t), id, "", 10, 0)
		require.NoError(t, err)
		assert.Empty(t, decisions)
		decisions, err = r.LatestDecisions(inContext(t), id, 10)
		require.NoError(t, err)
		assert.Empty(t, decisions)
		err = r.Update(inContext(t), id, func(*eligibility.Team) ([]eligibility.Change, []byte, error) {
			return nil, []byte("record"), nil
		})
		assert.ErrorIs(t, err, eligibility.ErrTeamNotFound)
	}
}

func testLogStays(t *testing.T, b *backend) {
	r := b.open(t, Config{})
	id := b.imported(t, r, smallTeam)
	decided(t, r, id, "before", shiftOf("s3", ""))
	require.NoError(t, r.Delete(inContext(t), id))
	assert.Equal(t, []string{"before"}, logged(t, r, id))
	require.NoError(t, r.Import(inContext(t), parse(t, documentOf(smallTeam, id))))
	decided(t, r, id, "after", shiftOf("s3", ""))
	assert.Equal(t, []string{"before", "after"}, logged(t, r, id))
}

func testTeamIDs(t *testing.T, b *backend) {
	r, other := b.open(t, Config{}), b.open(t, Config{})
	listed := func(id string) bool {
		ids, err := other.TeamIDs(inContext(t))
		require.NoError(t, err)
		return slices.Contains(ids, id)
	}
	id := b.imported(t, r, smallTeam)
	kept := b.imported(t, r, smallTeam)
	assert.True(t, listed(id))
	require.NoError(t, r.Import(inContext(t), parse(t, documentOf(smallTeam, id))))
	decided(t, r, id, "record", shiftOf("s3", ""))
	assert.True(t, listed(id))
	require.NoError(t, r.Delete(inContext(t), id))
	assert.False(t, listed(id))
	assert.True(t, listed(kept))
	require.ErrorIs(t, r.Delete(inContext(t), id), eligibility.ErrTeamNotFound)
}

// A full Redis takes neither the record nor the changes.
func TestFullRedisRefusesDecisions(t *testing.T) {
	t.Parallel()
	server := redistest.Server(t)
	limit := func(bytes string) {
		require.NoError(t, server.Client(t).ConfigSet(t.Context(), "maxmemory", bytes).Err())
	}
	r, id := openURL(t, server.URL()), "team"
	require.NoError(t, r.Import(t.Context(), parse(t, documentOf(smallTeam, id))))
	decided(t, r, id, "before", shiftOf("s3", ""))
	before := exported(t, r, id)

	limit("1")
	for name, changes := range map[string][]eligibility.Change{
		"record":             nil,
		"record and changes": {shiftOf("s4", "")},
		"record and removal": {{Entity: shiftOf("s3", "").Entity, Delete: true}},
	} {
		err := r.Update(t.Context(), id, func(*eligibility.Team) ([]eligibility.Change, []byte, error) {
			return changes, []byte("refused"), nil
		})
		require.ErrorIs(t, err, ErrUnavailable, name)
		assert.ErrorContains(t, err, "OOM", name)
		assert.Equal(t, []string{"before"}, logged(t, r, id), name)
		assert.Equal(t, before, exported(t, r, id), name)
		assert.Equal(t, before, read(t, openURL(t, server.URL()), id), name)
	}

	limit("0")
	decided(t, r, id, "after", shiftOf("s4", ""))
	assert.Equal(t, []string{"before", "after"}, logged(t, r, id))
	assert.Contains(t, read(t, openURL(t, server.URL()), id), `"s4"`)
}
