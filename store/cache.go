package store

import (
	"math"
	"sync"
	"sync/atomic"

	"example.com/shiftswfi/eligibility"
	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// memoryPerByte is how much memory a prepared team takes for each byte of its
// JSON. BenchmarkImport measures 2.7 for teams of 20 to 2,000 workers; the rest
// is for what the collector has not freed yet.
const memoryPerByte = 3

// A snapshot is a team at one version.
type snapshot struct {
	version version
	team    *eligibility.Team
	next    int64 // a position behind every entity of the team
}

func (s *snapshot) memory() int64 { return s.team.Size() * memoryPerByte }

// A cache keeps the snapshots used last, one for a team.
type cache struct {
	limit int64

	mu        sync.Mutex
	snapshots *simplelru.LRU[string, *snapshot] // by team id
	bytes     int64
	evictions int64
}

func newCache(limit int64) *cache {
	c := &cache{limit: limit}
	// The list never evicts by number: put does, by size.
	snapshots, err := simplelru.NewLRU(math.MaxInt, func(_ string, s *snapshot) { c.bytes -= s.memory() })
	if err != nil {
		panic(err) // of a size below 1 only
	}
	c.snapshots = snapshots
	return c
}

// get gives nil for a team that it does not have.
func (c *cache) get(team string) *snapshot {
	c.mu.Lock()
	defer c.mu.Unlock()
	s, _ := c.snapshots.Get(team)
	return s
}

// put keeps a snapshot in place of the team's former one, if it fits at all.
func (c *cache) put(team string, s *snapshot) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.snapshots.Remove(team)
	if s.memory() > c.limit {
		return
	}
	c.snapshots.Add(team, s)
	for c.bytes += s.memory(); c.bytes > c.limit; c.evictions++ {
		c.snapshots.RemoveOldest()
	}
}

func (c *cache) remove(team string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.snapshots.Remove(team)
}

// counters count since the store was opened.
type counters struct{ hits, catchUps, loads, errors atomic.Int64 }

// Stats say how the cache of prepared teams does. The counters only grow.
type Stats struct {
	Hits      int64 // reads of a team that had not changed
	CatchUps  int64 // times a team was brought up to date by its changes alone
	Loads     int64 // times a team was read whole and prepared
	Evictions int64 // teams that had to make room for others
	Errors    int64 // failed calls to Redis
	Teams     int   // teams in the cache now
	Bytes     int64 // memory they take, estimated
}

// Stats gives the figures as of now.
func (r *Redis) Stats() Stats {
	c := r.cache
	c.mu.Lock()
	defer c.mu.Unlock()
	return Stats{
		Hits: r.stats.hits.Load(), CatchUps: r.stats.catchUps.Load(), Loads: r.stats.loads.Load(),
		Evictions: c.evictions, Errors: r.stats.errors.Load(), Teams: c.snapshots.Len(), Bytes: c.bytes,
	}
}
