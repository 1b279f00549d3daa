package main

import (
	"encoding/json"
	"flag"
	"math/rand/v2"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/batch/envelope"
	"example.com/shiftswfi/eligibility"
	"example.com/shiftswfi/handlers"
	"example.com/shiftswfi/store"
	"example.com/shiftswfi/store/redistest"
)

var (
	modelSeed = flag.Uint64("seed", 0, "seed of TestModel; 0: a new one every time")
	modelLong = flag.Duration("long", 0, "how long TestModel goes on, with processes that are killed too; 0: the short form")
)

// Several processes on one Redis are sent changes to one team, by several
// callers at the same time, again and again where no answer came, while Redis
// is paused, killed and restarted. Afterwards the store, the answers and the
// log of decisions tell one story, and a simple model tells the same.
func TestModel(t *testing.T) {
	t.Parallel()
	seed := *modelSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("-seed %d", seed)
	redis := redistest.Server(t)
	teams := openStore(t, redis)
	team, err := eligibility.ParseTeam(modelTeam(t, rand.New(rand.NewPCG(seed, 0))))
	require.NoError(t, err)
	require.NoError(t, teams.Import(t.Context(), team))
	h := newHistory(team)
	w := newWorld(t, h, team, openEndpoints(t, redis))

	stop := make(chan struct{})
	log := follow(t, teams)
	var callers sync.WaitGroup
	for n := range uint64(6) {
		callers.Go(func() { w.newCaller(rand.New(rand.NewPCG(seed, n+1))).run(stop) })
	}
	faults(t, rand.New(rand.NewPCG(seed, 99)), redis, w)
	close(stop)
	callers.Wait()
	decisions := log()
	if t.Failed() {
		return // the story has a hole already
	}
	last := h.replay(t, decisions)
	h.compareAnswers(t)
	h.compareStore(t, teams, last)
	w.endpoints.sameTeam(t, last)
	h.summary(t)
}

func openStore(t *testing.T, redis *redistest.Instance) *store.Redis {
	teams, err := store.Open(store.Config{URL: redis.URL()})
	require.NoError(t, err)
	t.Cleanup(func() { teams.Close() })
	return teams
}

// follow reads the log while it grows, since it is capped. The function that it
// gives ends that with the last record.
func follow(t *testing.T, teams *store.Redis) func() []store.Decision {
	var all []store.Decision
	read := func(wait time.Duration) (n int, err error) {
		after := ""
		if len(all) > 0 {
			after = all[len(all)-1].ID
		}
		more, err := teams.Decisions(t.Context(), storyTeam, after, 500, wait)
		all = append(all, more...)
		return len(more), err
	}
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
				if _, err := read(100 * time.Millisecond); err != nil {
					assert.ErrorIs(t, err, store.ErrUnavailable)
				}
			}
		}
	}()
	return func() []store.Decision {
		close(stop)
		<-stopped
		for {
			n, err := read(0)
			require.NoError(t, err)
			if n == 0 {
				return all
			}
		}
	}
}

// faults strikes Redis, and in the long form the processes, in the middle of
// the changes, and sees the callers get on after each.
func faults(t *testing.T, random *rand.Rand, redis *redistest.Instance, w *world) {
	grows := func(n func() int64, by int64) {
		t.Helper()
		before := n()
		require.Eventually(t, func() bool { return t.Failed() || n() >= before+by }, 2*time.Minute, time.Millisecond)
	}
	strikes := []func(){
		func() {
			redis.Pause(t)
			grows(w.h.unanswered.Load, 1+random.Int64N(8))
			redis.Resume(t)
		},
		func() {
			redis.Kill(t)
			grows(w.h.unanswered.Load, 1+random.Int64N(8))
			redis.Restart(t)
		},
	}
	end := time.Now().Add(*modelLong)
	for n := 0; n < len(strikes) || time.Now().Before(end); n++ {
		grows(w.h.approvals.Load, 80+random.Int64N(80)) // to strike anywhere
		switch n % (len(strikes) + 1) {
		case len(strikes):
			w.endpoints.kill(random.IntN(len(w.endpoints)))
		default:
			strikes[n%(len(strikes)+1)]()
		}
	}
	grows(w.h.approvals.Load, 80)
	require.Eventually(t, func() bool { return t.Failed() || w.h.kinds() >= modelKinds }, 2*time.Minute, time.Millisecond)
}

// endpoints are the processes on one Redis: of this program, with a store and
// a server each, or in the long form real ones.
type endpoints []*modelProcess

type modelProcess struct {
	mu    sync.Mutex
	url   string
	teams *store.Redis // nil if it is a real process
	kill  func()       // puts another in its place
}

func openEndpoints(t *testing.T, redis *redistest.Instance) (all endpoints) {
	for range 4 {
		p := &modelProcess{}
		all = append(all, p)
		if *modelLong > 0 {
			config := settings("deadline: 700ms\nredis: " + redis.URL() + contoso)
			s := serve(t, config)
			p.url = "http://" + s.listen
			p.kill = func() {
				_ = s.cmd.Process.Kill()
				s.code()
				s = serve(t, config)
				p.mu.Lock()
				defer p.mu.Unlock()
				p.url = "http://" + s.listen
			}
			continue
		}
		key, err := envelope.NewKey(testSecret)
		require.NoError(t, err)
		now, err := time.Parse(time.RFC3339, storyNow)
		require.NoError(t, err)
		p.teams = openStore(t, redis)
		endpoint := httptest.NewServer(handlers.New(p.teams, handlers.Config{
			Integrations: []*handlers.Integration{{
				Name: "contoso", Path: "/contoso", APIVersion: 1, Keys: func() []*envelope.Key { return []*envelope.Key{key} },
			}},
			Log: zerolog.Nop(), Now: func() time.Time { return now }, Deadline: 700 * time.Millisecond,
		}))
		t.Cleanup(endpoint.Close)
		p.url = endpoint.URL
	}
	return all
}

func (e endpoints) kill(n int) {
	if e[n].kill != nil {
		e[n].kill()
	}
}

func (e endpoints) pick(random *rand.Rand) string {
	p := e[random.IntN(len(e))]
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.url
}

// sameTeam checks that what the processes have in memory is the team.
func (e endpoints) sameTeam(t *testing.T, team *eligibility.Team) {
	for _, p := range e {
		if p.teams == nil {
			continue
		}
		got, err := p.teams.Team(t.Context(), storyTeam)
		require.NoError(t, err)
		assert.Equal(t, entitiesOf(team.File()), entitiesOf(got.File()))
		assert.LessOrEqual(t, p.teams.Stats().Loads, int64(1), "changes are followed, not loaded")
	}
}

// entitiesOf is the content of a team without the order of its lists.
func entitiesOf(file eligibility.TeamFile) map[string]string {
	entities := map[string]string{}
	for _, e := range file.Entities {
		entities[string(e.Kind)+"/"+e.ID] = string(e.JSON)
	}
	return entities
}

// The world of TestModel: workers with shifts, of which no two start at the
// same time, so that a time and a label in the notes both name a shift
// whichever its id and owner are.
const (
	modelWorkers    = 12
	modelShifts     = 48
	modelOpenShifts = 8
	modelReason     = "TOR_1"
	modelKinds      = 22 // of steps, all of which are approved now and then
)

func modelTeam(t *testing.T, random *rand.Rand) []byte {
	var workers, shifts, openShifts []any
	for n := range modelWorkers {
		workers = append(workers, object{"userId": modelWorker(n)})
	}
	for n := range modelShifts {
		s := heldShift{id: newID(random, "SHFT"), label: labelOf(n), owner: modelWorker(random.IntN(modelWorkers))}
		shifts = append(shifts, s.body(timesOf(n)))
	}
	for n := range modelOpenShifts {
		o := openShift{id: newID(random, "OPNSHFT"), times: timesOf(modelShifts + n), slots: 1 + random.IntN(4)}
		openShifts = append(openShifts, o.body(o.slots))
	}
	document, err := json.Marshal(object{
		"team":    object{"id": storyTeam, "timeZone": "Europe/Berlin"},
		"policy":  object{"minimumRest": "8h"},
		"workers": workers, "shifts": shifts, "openShifts": openShifts,
		"timeOffReasons": []any{object{"id": modelReason, "isActive": true}},
	})
	require.NoError(t, err)
	return document
}
