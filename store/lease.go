package store

import (
	"context"
	"errors"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// ErrLeased says that somebody else has a lease.
var ErrLeased = errors.New("another process has the lease")

// A Lease is the right to do something for a team that one process at a time
// should do. It holds nobody up who does not ask for it, and it may end before
// its holder does: what is done under it must do no harm when done twice.
type Lease struct {
	store      *Redis
	key, token string
}

// Lease gives the lease of that name for a team, which need not be there. It
// ends after ttl, or when it is ended. The error is ErrLeased if another has
// it, or ErrUnavailable.
func (r *Redis) Lease(ctx context.Context, team, name string, ttl time.Duration) (*Lease, error) {
	if !validTeamID(team) {
		return nil, errBadTeamID
	}
	l := &Lease{store: r, key: leaseKey(team, name), token: strconv.FormatUint(rand.Uint64(), 36)}
	got, err := leaseScript.Run(ctx, r.client, []string{l.key}, l.token, max(1, ttl.Milliseconds())).Bool()
	switch {
	case err != nil:
		return nil, r.unavailable(err)
	case !got:
		return nil, ErrLeased
	}
	return l, nil
}

// End gives the lease back, or leaves it for so long as it was: nobody has to
// do again what was just done. It does nothing to a lease that ended before.
func (l *Lease) End(ctx context.Context, after time.Duration) error {
	err := endScript.Run(ctx, l.store.client, []string{l.key}, l.token, max(0, after.Milliseconds())).Err()
	if err != nil {
		return l.store.unavailable(err)
	}
	return nil
}

// leaseScript is SET NX PX, which run again because its answer was lost finds
// its own token.
//
// KEYS: lease. ARGV: token, milliseconds.
var leaseScript = redis.NewScript(`
local holder = redis.call('GET', KEYS[1])
if not holder then
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
  return 1
end
return holder == ARGV[1] and 1 or 0
`)

// endScript touches a lease only if it is still the one that was given.
//
// KEYS: lease. ARGV: token, milliseconds.
var endScript = redis.NewScript(`
if redis.call('GET', KEYS[1]) == ARGV[1] then
  if ARGV[2] == '0' then
    redis.call('DEL', KEYS[1])
  else
    redis.call('PEXPIRE', KEYS[1], ARGV[2])
  end
end
return 1
`)
