package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"math/rand/v2"

	"example.com/shiftswfi/eligibility"
	"github.com/redis/go-redis/v9"
)

// changeFrom is the field of a change in the stream that names the version it
// was made to. The other fields are those of the team's hash that it set, or
// emptied where it deleted them.
const changeFrom = "from"

// The stream of changes holds those by which another process catches up. A
// change above the limits is not worth it, nor is a stream larger than the
// team: reading the team anew costs as little.
const (
	maxChanges     = 1000
	maxChangeBytes = 256 << 10
	maxStreamKiB   = 4096
	minStreamKiB   = 64
)

// errConflict says that the team has changed since it was read.
var errConflict = errors.New("team has changed meanwhile")

// Update changes a team. It shows decide the latest state and stores the
// changes that decide returns, all of them in one atomic step or none. If
// somebody else, in any process, has changed the team in between, nothing is
// stored and decide is asked again on the new state, until it succeeds or ctx
// ends: decide must do nothing but decide.
//
// The record that decide returns goes to the team's log of decisions, in the
// same step as the changes; without changes, as when a proposal is refused, it
// is logged if the team is still the one that was decided on.
//
// An error of decide ends the update and is returned as it is. Of a change
// that sets an entity, ID must be the one in the JSON; a new entity is put
// behind all others, whatever its Position; of several changes of one entity
// the last counts. Changes that make no valid team come as
// eligibility.FieldErrors, and nothing is stored. The other errors are
// those of Team.
func (r *Redis) Update(
	ctx context.Context, id string, decide func(*eligibility.Team) ([]eligibility.Change, []byte, error),
) error {
	return r.Refresh(ctx, id, func(team *eligibility.Team) (eligibility.Refresh, []byte, error) {
		changes, record, err := decide(team)
		return eligibility.Refresh{Changes: changes}, record, err
	})
}

// Refresh is Update for changes that may come with another frame. Of a frame
// other processes do not catch up: they read the team anew.
func (r *Redis) Refresh(
	ctx context.Context, id string, decide func(*eligibility.Team) (eligibility.Refresh, []byte, error),
) error {
	turn := r.updating[maphash.String(r.hashSeed, id)%uint64(len(r.updating))]
	select {
	case turn <- struct{}{}:
		defer func() { <-turn }()
	case <-ctx.Done():
		return r.unavailable(ctx.Err())
	}
	for {
		before, err := r.snapshot(ctx, id)
		if err != nil {
			return err
		}
		refresh, record, err := decide(before.team)
		if err != nil || refresh.Empty() && len(record) == 0 {
			return err
		}
		after, err := r.compareAndSet(ctx, id, before, refresh, record)
		if err == nil {
			r.cache.put(id, after)
			return nil
		}
		if !errors.Is(err, errConflict) {
			return err
		}
	}
}

// compareAndSet applies the refresh to the stored team if it is still the one
// of the snapshot, and gives the snapshot that follows.
func (r *Redis) compareAndSet(
	ctx context.Context, id string, before *snapshot, refresh eligibility.Refresh, record []byte,
) (*snapshot, error) {
	refresh.Changes = latest(refresh.Changes)
	after := &snapshot{next: before.next}
	for i := range refresh.Changes {
		refresh.Changes[i].Position = after.next // if the entity is new
		after.next++
	}
	var err error
	if after.team, err = before.team.Apply(refresh); err != nil {
		return nil, err
	}
	if after.team.ID != id {
		return nil, errors.New("change of the frame: it names another team")
	}
	fields, size, err := changedFields(after.team, refresh.Changes)
	if err != nil {
		return nil, err
	}
	if refresh.Frame != nil {
		fields = append(fields, fieldFrame, string(refresh.Frame))
		size += len(refresh.Frame)
	}
	if refresh.Empty() {
		after = before
	} else {
		after.version = before.version.after(size)
	}
	oldest := "" // no stream
	if refresh.Frame == nil && len(fields) <= 2*maxChanges && size <= maxChangeBytes {
		window := uint64(min(max(after.team.Size()/1024, minStreamKiB), maxStreamKiB))
		oldest = fmt.Sprintf("%d-0", after.version.age-min(window, after.version.age))
	}
	keys := []string{teamKey(id), changesKey(id), decisionsKey(id)}
	args := append([]any{
		before.version.text, after.version.text, oldest, record, rand.Uint64(), maxDecisions,
	}, fields...)
	applied, err := applyScript.Run(ctx, r.client, keys, args...).Bool()
	if err != nil {
		return nil, r.unavailable(err)
	}
	if !applied {
		return nil, errConflict
	}
	return after, nil
}

// latest gives a copy of the changes in which every entity comes once: of
// several changes the last counts, here and for whoever catches up.
func latest(changes []eligibility.Change) []eligibility.Change {
	last := map[string]int{}
	for i, c := range changes {
		last[entityField(c.Entity)] = i
	}
	var kept []eligibility.Change
	for i, c := range changes {
		if last[entityField(c.Entity)] == i {
			kept = append(kept, c)
		}
	}
	return kept
}

// changedFields gives the fields of the team's hash and their new values in
// turn, an empty one for a deletion; and how many bytes they have.
func changedFields(after *eligibility.Team, changes []eligibility.Change) (fields []any, size int, err error) {
	for _, c := range changes {
		field, value := entityField(c.Entity), ""
		if !c.Delete {
			e, ok := after.Entity(c.Kind, c.ID)
			if !ok || e.ID != c.ID || !bytes.Equal(e.JSON, c.JSON) {
				return nil, 0, fmt.Errorf("change of %s: its id is not the one in its JSON", c.Kind)
			}
			value = entityValue(e)
		}
		fields = append(fields, field, value)
		size += len(field) + len(value)
	}
	return fields, size, nil
}

// applyScript is the compare-and-set. Its first write is one that a full Redis
// refuses, so that it refuses the script before anything has changed; once a
// script has written, Redis lets it finish. Should the stream of changes not
// take the entry, the stream goes: readers then load the team. Run again
// because its answer was lost, the script finds its own version, or its entry
// in the stream if others have followed.
//
// KEYS: team, changes, decisions. ARGV: the version decided on, the next one
// (the same: nothing changes), the oldest entry of the stream to keep ("": no
// entry), the record ("": none) and a token of its own, how many records to
// keep, fields and values in turn. The record is written before anything else:
// a full Redis refuses it, and the rest with it. A script that only writes a
// record and is run again finds its token among the newest.
var applyScript = redis.NewScript(`
local version = redis.call('HGET', KEYS[1], 'version')
if ARGV[1] == ARGV[2] then
  for _, entry in ipairs(redis.call('XREVRANGE', KEYS[3], '+', '-', 'COUNT', 16)) do
    if entry[2][4] == ARGV[5] then
      return 1
    end
  end
end
if version ~= ARGV[1] then
  local made = ARGV[1] ~= ARGV[2] and (version == ARGV[2] or #redis.call('XRANGE', KEYS[2], ARGV[2], ARGV[2]) > 0)
  return made and 1 or 0
end
if ARGV[4] ~= '' then
  redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[6], '*', 'record', ARGV[4], 'token', ARGV[5])
end
if ARGV[1] == ARGV[2] then
  return 1
end
redis.call('HSET', KEYS[1], 'version', ARGV[2])
for i = 7, #ARGV, 2 do
  if ARGV[i + 1] == '' then
    redis.call('HDEL', KEYS[1], ARGV[i])
  else
    redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
  end
end
local added = {err = 'too large'}
if ARGV[3] ~= '' then
  added = redis.pcall('XADD', KEYS[2], 'MINID', '~', ARGV[3], ARGV[2], 'from', ARGV[1], unpack(ARGV, 7))
end
if type(added) == 'table' and added.err then
  redis.call('UNLINK', KEYS[2])
end
return 1
`)
