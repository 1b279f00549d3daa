package store

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.com/shiftswfi/eligibility"
	"example.com/shiftswfi/store/redistest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// patience is what the tests below give a single call. It says that calls end
// at their deadline, not how fast this machine is.
const patience = 300 * time.Millisecond

func openURL(t testing.TB, url string) *Redis {
	t.Helper()
	r, err := Open(Config{URL: url})
	require.NoError(t, err)
	t.Cleanup(func() { _ = r.Close() })
	return r
}

// ask reads a team within patience; a call that does not come back fails the
// test.
func ask(t testing.TB, r *Redis, id string) (*eligibility.Team, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	type answer struct {
		team *eligibility.Team
		err  error
	}
	answers := make(chan answer, 1)
	go func() {
		team, err := r.Team(ctx, id)
		answers <- answer{team, err}
	}()
	select {
	case a := <-answers:
		return a.team, a.err
	case <-time.After(20 * patience):
		require.Fail(t, "the call has outlived its deadline")
		return nil, nil
	}
}

// untilServed reads until it succeeds again.
func untilServed(t testing.TB, r *Redis, id string) *eligibility.Team {
	t.Helper()
	for range 200 {
		team, err := ask(t, r, id)
		if err == nil {
			return team
		}
		require.ErrorIs(t, err, ErrUnavailable)
	}
	require.Fail(t, "the store does not recover")
	return nil
}

func TestOpenWhileRedisIsDown(t *testing.T) {
	t.Parallel()
	server := redistest.Server(t)
	id := "team"
	require.NoError(t, openURL(t, server.URL()).Import(t.Context(), parse(t, documentOf(smallTeam, id))))
	server.Kill(t)
	r := openURL(t, server.URL())
	_, err := ask(t, r, id)
	require.ErrorIs(t, err, ErrUnavailable)
	require.ErrorIs(t, r.Ping(t.Context()), ErrUnavailable)
	server.Restart(t)
	untilServed(t, r, id)
	require.NoError(t, r.Ping(t.Context()))
}

// Readers go on while the server is killed, paused and restarted: every answer
// is the whole team or says that the store is unavailable.
func TestServerFailsInTheMiddleOfReads(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]struct {
		strike, mend func(*redistest.Instance, testing.TB)
	}{
		"killed": {(*redistest.Instance).Kill, (*redistest.Instance).Restart},
		"paused": {(*redistest.Instance).Pause, (*redistest.Instance).Resume},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := redistest.Server(t)
			id := "team"
			r := openURL(t, server.URL())
			require.NoError(t, r.Import(t.Context(), parse(t, documentOf(smallTeam, id))))
			var reads, failures atomic.Int64
			stop := make(chan struct{})
			var group sync.WaitGroup
			for n := range 4 {
				group.Go(func() {
					for store := r; ; { // two keep the team in their cache, two load it each time
						select {
						case <-stop:
							return
						default:
						}
						if n >= 2 {
							store = newRedis(r.client, Config{})
						}
						team, err := ask(t, store, id)
						if err != nil {
							assert.ErrorIs(t, err, ErrUnavailable)
							failures.Add(1)
							continue
						}
						assert.Equal(t, compact(t, documentOf(smallTeam, id)), marshal(t, team.File()))
						reads.Add(1)
					}
				})
			}
			grows := func(n *atomic.Int64) {
				before := n.Load()
				require.Eventually(t, func() bool { return n.Load() > before+8 }, time.Minute, time.Millisecond)
			}
			for range 2 {
				grows(&reads)
				fault.strike(server, t)
				grows(&failures)
				fault.mend(server, t)
				grows(&reads)
			}
			close(stop)
			group.Wait()
			assert.NotZero(t, r.Stats().Errors)
		})
	}
}

func TestClusterNodeFails(t *testing.T) {
	t.Parallel()
	nodes := redistest.Cluster(t)
	r := openURL(t, nodes.URL())
	var ids []string
	for i := range 9 { // every node has some
		id := fmt.Sprint("team-", i)
		require.NoError(t, r.Import(t.Context(), parse(t, documentOf(smallTeam, id))))
		ids = append(ids, id)
	}
	served := func() (n int) {
		for _, id := range ids {
			if _, err := ask(t, r, id); err == nil {
				n++
			} else {
				require.ErrorIs(t, err, ErrUnavailable)
			}
		}
		return n
	}
	require.Len(t, ids, served())
	nodes[1].Pause(t)
	assert.Less(t, served(), len(ids))
	nodes[1].Resume(t)
	for _, id := range ids {
		untilServed(t, r, id)
	}
	nodes[2].Kill(t)
	assert.Less(t, served(), len(ids))
	nodes[2].Restart(t)
	for _, id := range ids {
		untilServed(t, r, id)
	}
}

// A server that is killed while a team is imported has the old or the new one.
func TestServerKilledInTheMiddleOfImports(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	server := redistest.Server(t)
	id := "team"
	r := openURL(t, server.URL())
	generations := []*eligibility.Team{generation(t, id, 1), generation(t, id, 2)}
	require.NoError(t, r.Import(t.Context(), generations[0]))
	for range 4 {
		stop := make(chan struct{})
		var group sync.WaitGroup
		group.Go(func() {
			for n := 1; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				if err := r.Import(ctx, generations[n%2]); err != nil {
					assert.ErrorIs(t, err, ErrUnavailable)
				}
				cancel()
			}
		})
		time.Sleep(time.Duration(random.IntN(200)) * time.Millisecond) // to strike anywhere
		server.Kill(t)
		close(stop)
		group.Wait()
		server.Restart(t)
		untilServed(t, r, id)
		file, err := r.Export(t.Context(), id)
		require.NoError(t, err)
		requireWhole(t, file)
	}
}

// A server that is killed while a team is changed has made each change wholly
// or not at all, and wholly if that was answered.
func TestServerKilledInTheMiddleOfUpdates(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	server := redistest.Server(t)
	id := "team"
	r := openURL(t, server.URL())
	require.NoError(t, r.Import(t.Context(), parse(t, documentOf(smallTeam, id))))
	for range 4 {
		stop := make(chan struct{})
		var acknowledged atomic.Int64
		var group sync.WaitGroup
		for range 2 {
			group.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
					}
					ctx, cancel := context.WithTimeout(t.Context(), patience)
					n := 0
					err := r.Update(ctx, id, func(team *eligibility.Team) ([]eligibility.Change, []byte, error) {
						n = count(team) + 1
						return countUp(team)
					})
					if err == nil {
						acknowledged.Store(int64(max(n, int(acknowledged.Load()))))
					} else {
						assert.ErrorIs(t, err, ErrUnavailable)
					}
					cancel()
				}
			})
		}
		time.Sleep(time.Duration(random.IntN(200)) * time.Millisecond) // to strike anywhere
		server.Kill(t)
		close(stop)
		group.Wait()
		server.Restart(t)
		team := untilServed(t, r, id)
		n := count(team)
		assert.GreaterOrEqual(t, n, int(acknowledged.Load()), "what was answered is stored")
		for i := 1; i <= n; i++ {
			_, ok := team.Entity(eligibility.KindShift, fmt.Sprint("count-", i))
			require.True(t, ok, "half of update %d of %d", i, n)
		}
		_, ok := team.Entity(eligibility.KindShift, fmt.Sprint("count-", n+1))
		require.False(t, ok)
	}
}

func TestRedisIsFull(t *testing.T) {
	t.Parallel()
	server := redistest.Server(t)
	limit := func(bytes string) {
		require.NoError(t, server.Client(t).ConfigSet(t.Context(), "maxmemory", bytes).Err())
	}
	r, id := openURL(t, server.URL()), "team"
	require.NoError(t, r.Import(t.Context(), parse(t, documentOf(smallTeam, id))))
	before := exported(t, r, id)

	limit("1")
	err := r.Import(t.Context(), generation(t, id, 2))
	require.ErrorIs(t, err, ErrUnavailable)
	assert.ErrorContains(t, err, "OOM")
	err = r.Update(t.Context(), id, countUp)
	require.ErrorIs(t, err, ErrUnavailable)
	assert.ErrorContains(t, err, "OOM")
	fresh := openURL(t, server.URL())
	for _, reader := range []*Redis{r, fresh} {
		assert.Equal(t, before, exported(t, reader, id))
		assert.Equal(t, before, read(t, reader, id))
	}
	keys, err := server.Client(t).Keys(t.Context(), "*").Result()
	require.NoError(t, err)
	assert.ElementsMatch(t, []string{teamKey(id), teamsKey}, keys, "nothing is left behind")

	limit("0")
	require.NoError(t, r.Update(t.Context(), id, countUp))
	require.NoError(t, r.Import(t.Context(), generation(t, id, 2)))
}

// A server that fills up while an import is under way.
func TestRedisFillsUp(t *testing.T) {
	t.Parallel()
	server := redistest.Server(t)
	r, id := openURL(t, server.URL()), "team"
	require.NoError(t, r.Import(t.Context(), generation(t, id, 1)))
	portions := 0
	r.tapped(func(command string, send func() error) error {
		if strings.Contains(command, ":import:") && !strings.HasPrefix(command, "unlink") {
			if portions++; portions == 2 {
				require.NoError(t, server.Client(t).ConfigSet(t.Context(), "maxmemory", "1").Err())
			}
		}
		return send()
	})
	require.ErrorIs(t, r.Import(t.Context(), generation(t, id, 2)), ErrUnavailable)
	require.Equal(t, 2, portions)
	file, err := r.Export(t.Context(), id)
	require.NoError(t, err)
	requireWhole(t, file)
	assert.Contains(t, string(file.Frame), "generation 1")
}

func TestReplicaRefusesWrites(t *testing.T) {
	t.Parallel()
	server := redistest.Server(t)
	r, id := openURL(t, server.URL()), "team"
	require.NoError(t, r.Import(t.Context(), parse(t, documentOf(smallTeam, id))))
	require.NoError(t, server.Client(t).Do(t.Context(), "REPLICAOF", "127.0.0.1", "1").Err())
	err := r.Update(t.Context(), id, countUp)
	require.ErrorIs(t, err, ErrUnavailable)
	assert.ErrorContains(t, err, "READONLY")
	assert.Equal(t, compact(t, documentOf(smallTeam, id)), read(t, r, id))
}

func TestClusterNodeAsSingleServer(t *testing.T) {
	t.Parallel()
	nodes := redistest.Cluster(t)
	hints := 0
	for _, node := range nodes {
		r := openURL(t, node.URL())
		err := r.Import(t.Context(), parse(t, documentOf(smallTeam, "team")))
		if err == nil {
			continue // the team's own node
		}
		require.ErrorIs(t, err, ErrUnavailable)
		assert.ErrorContains(t, err, "redis+cluster://")
		hints++
	}
	// The keys of a team and the list of teams are on one node or two.
	assert.GreaterOrEqual(t, hints, 2)
}
