// Package store keeps teams in Redis.
//
// Open connects to a Redis server, a Sentinel set-up or a Redis Cluster;
// OpenEmbedded runs a Redis-compatible server inside the process instead. What
// is behind a Redis makes no difference to its methods. It needs Redis 6.2 or
// later, and a maxmemory-policy of noeviction: a team must not vanish because
// another one has grown.
//
// Team gives a team prepared for the rules, from memory as long as it has not
// changed in Redis. Import and Export move whole teams; Update changes one.
package store

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"strings"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/singleflight"
)

// ErrUnavailable says that Redis could not do what it was asked to: it was not
// reached, did not answer in time, was full, still loading or failing over.
// The cause is wrapped as well, so that errors.Is finds context.Canceled and
// context.DeadlineExceeded. Whether a write has happened is not known.
var ErrUnavailable = errors.New("store unavailable")

// ErrCorrupt says that what Redis holds under a team's keys is not a team. The
// message names the place, never the content.
var ErrCorrupt = errors.New("stored team is broken")

// Config configures a store. The zero value works for OpenEmbedded.
type Config struct {
	// URL is where Redis is; OpenEmbedded ignores it.
	//
	//	redis://user:password@host:6379/0                  one server
	//	unix:///path/to/redis.sock?db=0                    one server
	//	redis+sentinel://host1:26379,host2/0?master_name=m a master, watched by Sentinels
	//	redis+cluster://host1:6379,host2:6379              a Redis Cluster, by some of its nodes
	//
	// rediss in place of redis means TLS. User and password of a Sentinel URL
	// are for the Sentinels, the master's are ?username= and ?password=. As in
	// go-redis, a redis:// URL with ?addr= is a cluster, one with
	// ?master_name= a Sentinel set-up, and further options such as
	// ?read_timeout=10s&pool_size=50 may follow.
	URL string
	// EmbeddedAddr is a host:port at which OpenEmbedded serves its data, without
	// a password, to other processes too; "" keeps it to this one. Open ignores
	// it.
	EmbeddedAddr string
	// CacheBytes bounds the memory for prepared teams, 256 MiB if zero. A team
	// of 2,000 workers with 50,000 shifts takes about 90 MiB.
	CacheBytes int64
	// LoadTimeout bounds how long a team may take to load, 30 seconds if zero.
	// A load serves everybody who waits for the team, so it goes on when the
	// one who began it gives up.
	LoadTimeout time.Duration
}

// Redis is a store of teams. It is safe for concurrent use, by several
// processes on one Redis too.
//
// Every method honours the deadline of its context. While Redis is down they
// fail with ErrUnavailable; once it is back they work again.
type Redis struct {
	client      redis.UniversalClient
	embedded    *miniredis.Miniredis // nil if the server is elsewhere
	loadTimeout time.Duration

	cache   *cache
	flights singleflight.Group
	stats   counters

	// updating lets this process's updates of a team queue up instead of
	// failing each other's compare-and-set. Teams share the places by hash.
	updating [64]chan struct{}
	hashSeed maphash.Seed
}

// Open prepares a store on the Redis that config.URL names. It connects when
// it is first used, so Open succeeds while Redis is down; Ping tells.
func Open(config Config) (*Redis, error) {
	client, err := connect(config.URL)
	if err != nil {
		return nil, err
	}
	return newRedis(client, config), nil
}

func newRedis(client redis.UniversalClient, config Config) *Redis {
	if config.CacheBytes == 0 {
		config.CacheBytes = 256 << 20
	}
	if config.LoadTimeout == 0 {
		config.LoadTimeout = 30 * time.Second
	}
	r := &Redis{
		client:      client,
		loadTimeout: config.LoadTimeout,
		cache:       newCache(config.CacheBytes),
		hashSeed:    maphash.MakeSeed(),
	}
	for i := range r.updating {
		r.updating[i] = make(chan struct{}, 1)
	}
	return r
}

// Close ends the connections, and an embedded server with its data.
func (r *Redis) Close() error {
	err := r.client.Close()
	if r.embedded != nil {
		r.embedded.Close()
	}
	return err
}

// Ping reports whether Redis serves reads. It reads a key rather than sending
// PING, which a cluster that has lost its slots still answers.
func (r *Redis) Ping(ctx context.Context) error {
	if err := r.client.Exists(ctx, keyPrefix+"ping").Err(); err != nil {
		return r.unavailable(err)
	}
	return nil
}

// unavailable is the error for whatever Redis, or the way to it, has answered.
func (r *Redis) unavailable(err error) error {
	if !errors.Is(err, context.Canceled) {
		r.stats.errors.Add(1)
	}
	if _, moved := redis.IsMovedError(err); moved {
		if _, single := r.client.(*redis.Client); single {
			return fmt.Errorf("%w: the server belongs to a Redis Cluster, so its URL must begin with redis+cluster://",
				ErrUnavailable)
		}
	}
	// A server that does not know a command repeats its arguments, which may
	// be a password or somebody's data.
	if text, _, repeated := strings.Cut(err.Error(), ", with args"); repeated {
		err = errors.New(text)
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}

// The client writes every failed connection to standard error, past any log.
// Callers get the same errors from here.
func init() { redis.SetLogger(silent{}) }

type silent struct{}

func (silent) Printf(context.Context, string, ...any) {}
