package store

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"example.com/shiftswfi/eligibility"
	"github.com/redis/go-redis/v9"
)

const (
	// importTTL is how long what an interrupted import has written stays.
	importTTL = 10 * time.Minute
	// An import sends its fields in portions of so many bytes, or so many
	// fields, for Redis to serve others in between.
	portionBytes  = 512 << 10
	portionFields = 2048
)

// Import stores a team as it is, in place of the one of the same id if there
// is one. A reader sees the old team or the new one, whole; of two imports at
// the same time one wins, whole. After an error the old team is still there,
// unless it is ErrUnavailable: then either may be.
func (r *Redis) Import(ctx context.Context, team *eligibility.Team) error {
	return r.put(ctx, team, replace, nil)
}

// Create stores a team that is not there yet, whole, and in the same step puts
// the record into its log of decisions if there is one. The error is
// ErrTeamExists if there is a team of the same id, which then stays as it is,
// its log too; else as of Import.
func (r *Redis) Create(ctx context.Context, team *eligibility.Team, record []byte) error {
	return r.put(ctx, team, create, record)
}

var errBadTeamID = errors.New("team id: it must have 1 to 128 bytes and no brace or control character")

// ErrTeamExists says that the store has a team already.
var ErrTeamExists = errors.New("the team exists already")

// What replaceScript may do to a team that is there.
const (
	replace = "replace"
	create  = "create"
)

func (r *Redis) put(ctx context.Context, team *eligibility.Team, how string, record []byte) error {
	if !validTeamID(team.ID) {
		return errBadTeamID
	}
	// A team that is listed and not there does no harm, one that is there and
	// not listed would.
	if err := r.client.SAdd(ctx, teamsKey, team.ID).Err(); err != nil {
		return r.unavailable(err)
	}
	v, file := newVersion(1), team.File()
	staging := importKey(team.ID, v)
	if err := r.importFile(ctx, team.ID, v, file, how, record); err != nil {
		r.client.Unlink(ctx, staging) // or it expires
		if err == ErrTeamExists {
			return err
		}
		return r.unavailable(err)
	}
	r.cache.put(team.ID, newSnapshot(v, team, file.Entities))
	return nil
}

func (r *Redis) importFile(
	ctx context.Context, team string, v version, file eligibility.TeamFile, how string, record []byte,
) error {
	p := &portion{client: r.client, key: importKey(team, v)}
	err := p.add(ctx, fieldVersion, v.text)
	if err == nil {
		err = p.add(ctx, fieldFrame, string(file.Frame))
	}
	for i := 0; err == nil && i < len(file.Entities); i++ {
		err = p.add(ctx, entityField(file.Entities[i]), entityValue(file.Entities[i]))
	}
	if err == nil {
		err = p.send(ctx)
	}
	if err != nil {
		return err
	}
	keys := []string{teamKey(team), changesKey(team), p.key, decisionsKey(team)}
	switch done, err := replaceScript.Run(ctx, r.client, keys, v.text, p.sent, how, record, rand.Uint64(), maxDecisions).Text(); {
	case err != nil:
		return err
	case done == "exists":
		return ErrTeamExists
	case done == "gone":
		return errors.New("what the import had written is gone")
	}
	return nil
}

// replaceScript puts a complete import in place of the team. It is complete if
// it has as many fields as were written: it may have expired in between. Run
// again because its answer was lost, it finds the import in place. The record
// is written before anything else: a full Redis refuses it, and the rest with it.
//
// KEYS: team, changes, import, decisions. ARGV: the new version, the number of
// fields, "create" if a team that is there must stay, the record ("": none) and
// a token of its own, how many records to keep.
var replaceScript = redis.NewScript(`
local version = redis.call('HGET', KEYS[1], 'version')
if version == ARGV[1] then
  return 'done'
end
if version and ARGV[3] == 'create' then
  return 'exists'
end
if redis.call('HLEN', KEYS[3]) == tonumber(ARGV[2]) then
  if ARGV[4] ~= '' then
    redis.call('XADD', KEYS[4], 'MAXLEN', '~', ARGV[6], '*', 'record', ARGV[4], 'token', ARGV[5])
  end
  redis.call('UNLINK', KEYS[1], KEYS[2])
  redis.call('PERSIST', KEYS[3])
  redis.call('RENAME', KEYS[3], KEYS[1])
  return 'done'
end
return 'gone'
`)

// A portion of the fields of a hash on its way to Redis.
type portion struct {
	client redis.UniversalClient
	key    string
	fields []any // names and values in turn
	bytes  int
	sent   int // fields, so far
}

func (p *portion) add(ctx context.Context, field, value string) error {
	p.fields = append(p.fields, field, value)
	p.bytes += len(field) + len(value)
	if p.bytes < portionBytes && len(p.fields) < 2*portionFields {
		return nil
	}
	return p.send(ctx)
}

// send writes in one transaction with the expiry, lest a crash in between
// leaves the key for good.
func (p *portion) send(ctx context.Context) error {
	if len(p.fields) == 0 {
		return nil
	}
	pipe := p.client.TxPipeline()
	written := pipe.HSet(ctx, p.key, p.fields...)
	pipe.PExpire(ctx, p.key, importTTL)
	_, err := pipe.Exec(ctx)
	if err != nil && written.Err() != nil {
		err = written.Err() // the cause: Exec says only that there was one
	}
	p.sent += len(p.fields) / 2
	p.fields, p.bytes = p.fields[:0], 0
	return err
}

// Export gives a team as it is stored, in one state, its lists in order: the
// document that was imported, with the changes since. The team is not looked
// into, so one that this program can no longer read can still be exported.
func (r *Redis) Export(ctx context.Context, id string) (eligibility.TeamFile, error) {
	if !validTeamID(id) {
		return eligibility.TeamFile{}, eligibility.ErrTeamNotFound
	}
	fields, err := r.client.HGetAll(ctx, teamKey(id)).Result()
	if err != nil {
		return eligibility.TeamFile{}, r.unavailable(err)
	}
	if len(fields) == 0 {
		return eligibility.TeamFile{}, eligibility.ErrTeamNotFound
	}
	_, file, err := parseTeam(fields)
	return file, err
}

// TeamIDs lists the teams there are, in no order. One that has just been
// deleted may be among them.
func (r *Redis) TeamIDs(ctx context.Context) ([]string, error) {
	ids, err := r.client.SMembers(ctx, teamsKey).Result()
	if err != nil {
		return nil, r.unavailable(err)
	}
	return ids, nil
}

// Delete removes a team, but not the log of its decisions;
// eligibility.ErrTeamNotFound if there is none.
func (r *Redis) Delete(ctx context.Context, id string) error {
	if !validTeamID(id) {
		return eligibility.ErrTeamNotFound
	}
	removed, err := r.client.Unlink(ctx, teamKey(id), changesKey(id)).Result()
	if err == nil {
		err = r.client.SRem(ctx, teamsKey, id).Err()
	}
	if err != nil {
		return r.unavailable(err)
	}
	r.cache.remove(id)
	if removed == 0 {
		return eligibility.ErrTeamNotFound
	}
	return nil
}
