package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/shiftswfi/eligibility"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestUpdate(t *testing.T) {
	t.Parallel()
	onEveryBackend(t, func(t *testing.T, b *backend) {
		for name, test := range map[string]func(*testing.T, *backend){
			"keeps the order":             testUpdateOrder,
			"decides anew after another":  testUpdateConflict,
			"no update is lost":           testNoLostUpdate,
			"stores nothing":              testUpdateStoresNothing,
			"sent twice":                  testUpdateSentTwice,
			"of many entities":            testUpdateLarge,
			"waits its turn until ctx":    testUpdateGivesUp,
			"stream is bounded":           testStreamBounded,
			"readers and store are alike": testRandomUpdates,
		} {
			t.Run(name, func(t *testing.T) { t.Parallel(); test(t, b) })
		}
	})
}

func testUpdateOrder(t *testing.T, b *backend) {
	r, other := b.open(t, Config{}), b.open(t, Config{})
	id := b.imported(t, r, smallTeam)
	read(t, other, id)
	set(t, r, id, shiftOf("z-new", "1"), shiftOf("s2", "changed"))
	set(t, r, id, shiftOf("y-new", "2"), shiftOf("x-new", "2"))
	set(t, other, id, shiftOf("w-new", "3"))
	set(t, b.open(t, Config{}), id, shiftOf("v-new", "4"))
	file, err := r.Export(inContext(t), id)
	require.NoError(t, err)
	var shifts []string
	for _, e := range file.Entities {
		if e.Kind == eligibility.KindShift {
			shifts = append(shifts, e.ID)
		}
	}
	assert.Equal(t, []string{"s2", "s1", "z-new", "y-new", "x-new", "w-new", "v-new"}, shifts)
}

func testUpdateConflict(t *testing.T, b *backend) {
	one, other := b.open(t, Config{}), b.open(t, Config{})
	id := b.imported(t, one, smallTeam)
	var decidedOn []bool
	err := one.Update(inContext(t), id, func(team *eligibility.Team) ([]eligibility.Change, []byte, error) {
		_, ok := team.Entity(eligibility.KindShift, "theirs")
		decidedOn = append(decidedOn, ok)
		if !ok {
			set(t, other, id, shiftOf("theirs", ""))
		}
		return []eligibility.Change{shiftOf("mine", "")}, nil, nil
	})
	require.NoError(t, err)
	assert.Equal(t, []bool{false, true}, decidedOn)
	for _, r := range []*Redis{one, other} {
		assert.Contains(t, read(t, r, id), `"mine"`)
		assert.Contains(t, read(t, r, id), `"theirs"`)
	}
	assert.Zero(t, one.Stats().Errors, "a conflict is no error of Redis")
}

func testNoLostUpdate(t *testing.T, b *backend) {
	const processes, writers, updates = 3, 3, 8
	id := b.imported(t, b.open(t, Config{}), smallTeam)
	var group sync.WaitGroup
	for range processes {
		r := b.open(t, Config{})
		for range writers {
			group.Go(func() {
				for range updates {
					assert.NoError(t, r.Update(inContext(t), id, countUp))
				}
			})
		}
	}
	group.Wait()
	team, err := b.open(t, Config{}).Team(inContext(t), id)
	require.NoError(t, err)
	assert.Equal(t, processes*writers*updates, count(team))
}

// countUp keeps a number in the notes of a shift, and adds a shift for it.
func countUp(team *eligibility.Team) ([]eligibility.Change, []byte, error) {
	n := count(team) + 1
	return []eligibility.Change{shiftOf("counter", fmt.Sprint(n)), shiftOf(fmt.Sprint("count-", n), "")}, nil, nil
}

func count(team *eligibility.Team) (n int) {
	e, ok := team.Entity(eligibility.KindShift, "counter")
	if !ok {
		return 0
	}
	var shift struct{ SharedShift struct{ Notes string } }
	if err := json.Unmarshal(e.JSON, &shift); err != nil {
		panic(err)
	}
	fmt.Sscan(shift.SharedShift.Notes, &n)
	return n
}

func testUpdateStoresNothing(t *testing.T, b *backend) {
	refused := errors.New("refused")
	broken := shiftOf("s3", "")
	broken.JSON = []byte(`{"id":"s3","sharedShift":{"startDateTime":"tomorrow"}}`)
	misnamed := shiftOf("s3", "")
	misnamed.ID = "s4"
	misnamedOver := shiftOf("s3", "")
	misnamedOver.ID = "s1"
	for name, test := range map[string]struct {
		changes []eligibility.Change
		err     error
		check   func(*testing.T, error)
	}{
		"refusal": {[]eligibility.Change{shiftOf("s3", "")}, refused, func(t *testing.T, err error) {
			assert.Equal(t, refused, err)
		}},
		"no changes": {nil, nil, func(t *testing.T, err error) { assert.NoError(t, err) }},
		"broken entity beside a good one": {[]eligibility.Change{shiftOf("s4", ""), broken}, nil, func(t *testing.T, err error) {
			var problems eligibility.FieldErrors
			require.ErrorAs(t, err, &problems)
			assert.Equal(t, "shift.sharedShift.startDateTime", problems[0].Path)
		}},
		"another id than in the JSON": {[]eligibility.Change{misnamed}, nil, func(t *testing.T, err error) {
			assert.ErrorContains(t, err, "change of shifts")
		}},
		"the id of another": {[]eligibility.Change{misnamedOver}, nil, func(t *testing.T, err error) {
			assert.ErrorContains(t, err, "change of shifts")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			r := b.open(t, Config{})
			id := b.imported(t, r, smallTeam)
			before, err := r.client.HGetAll(inContext(t), teamKey(id)).Result()
			require.NoError(t, err)
			test.check(t, r.Update(inContext(t), id, func(*eligibility.Team) ([]eligibility.Change, []byte, error) {
				return test.changes, nil, test.err
			}))
			after, err := r.client.HGetAll(inContext(t), teamKey(id)).Result()
			require.NoError(t, err)
			assert.Equal(t, before, after)
			assert.Equal(t, exported(t, r, id), read(t, r, id))
		})
	}
}

// A change whose answer is lost is sent again: it must neither count as a
// conflict nor be made twice, also when others have followed.
func testUpdateSentTwice(t *testing.T, b *backend) {
	other := b.open(t, Config{})
	id := b.imported(t, other, smallTeam)
	r := b.open(t, Config{}).tapped(twice)
	decisions := 0
	decide := func(*eligibility.Team) ([]eligibility.Change, []byte, error) {
		decisions++
		return []eligibility.Change{shiftOf("s3", "mine")}, nil, nil
	}
	require.NoError(t, r.Update(inContext(t), id, decide))
	assert.Equal(t, 1, decisions)

	between := b.open(t, Config{}).tapped(func(command string, send func() error) error {
		if !strings.HasPrefix(command, "evalsha") {
			return send()
		}
		if err := send(); err != nil {
			return err
		}
		set(t, other, id, shiftOf("s3", "theirs"))
		return send()
	})
	require.NoError(t, between.Update(inContext(t), id, decide))
	assert.Equal(t, 2, decisions)
	for _, reader := range []*Redis{r, other, between} {
		assert.Contains(t, read(t, reader, id), "theirs")
	}
}

func testUpdateLarge(t *testing.T, b *backend) {
	for _, n := range []int{maxChanges, maxChanges + 1, 5000} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			writer, reader := b.open(t, Config{}), b.open(t, Config{})
			id := b.imported(t, writer, smallTeam)
			read(t, reader, id)
			var changes []eligibility.Change
			for i := range n {
				changes = append(changes, shiftOf(fmt.Sprint("n", i), ""))
			}
			set(t, writer, id, changes...)
			assert.Equal(t, exported(t, writer, id), read(t, reader, id))
			assert.Equal(t, n <= maxChanges, reader.Stats().CatchUps == 1)
		})
	}
}

func testUpdateGivesUp(t *testing.T, b *backend) {
	r := b.open(t, Config{})
	id := b.imported(t, r, smallTeam)
	deciding := newGate()
	var group sync.WaitGroup
	group.Go(func() {
		assert.NoError(t, r.Update(inContext(t), id, func(*eligibility.Team) ([]eligibility.Change, []byte, error) {
			deciding.pass()
			return []eligibility.Change{shiftOf("s3", "")}, nil, nil
		}))
	})
	<-deciding.reached
	ctx, cancel := contextWithDeadline(t, 20*time.Millisecond)
	defer cancel()
	err := r.Update(ctx, id, countUp)
	assert.ErrorIs(t, err, ErrUnavailable)
	close(deciding.opened)
	group.Wait()
	require.NoError(t, r.Update(inContext(t), id, countUp), "nobody holds the place any more")
}

func testStreamBounded(t *testing.T, b *backend) {
	r := b.open(t, Config{})
	id := b.imported(t, r, smallTeam)
	for range 8 * minStreamKiB {
		set(t, r, id, shiftOf("s3", strings.Repeat("x", 3000)))
	}
	entries, err := r.client.XLen(inContext(t), changesKey(id)).Result()
	require.NoError(t, err)
	assert.NotZero(t, entries)
	assert.LessOrEqual(t, entries*3, int64(minStreamKiB)+int64(4*3), "kilobytes")
}

// Whatever is changed, by whichever process, all see the same team, and it is
// the one in the store.
func testRandomUpdates(t *testing.T, b *backend) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	processes := []*Redis{b.open(t, Config{}), b.open(t, Config{}), b.open(t, Config{CacheBytes: 1})}
	id := b.imported(t, processes[0], smallTeam)
	for range 60 {
		var changes []eligibility.Change
		for range 1 + random.IntN(4) {
			changes = append(changes, randomChange(random))
		}
		set(t, processes[random.IntN(len(processes))], id, changes...)
		if random.IntN(10) == 0 {
			require.NoError(t, processes[0].client.Del(inContext(t), changesKey(id)).Err())
		}
		for _, r := range processes {
			if random.IntN(2) == 0 {
				require.Equal(t, exported(t, r, id), read(t, r, id))
			}
		}
	}
	fresh := b.open(t, Config{})
	for _, r := range processes {
		assert.Equal(t, read(t, fresh, id), read(t, r, id))
	}
	assert.NotZero(t, processes[1].Stats().CatchUps)
}

func randomChange(random *rand.Rand) eligibility.Change {
	n := random.IntN(6)
	change := shiftOf(fmt.Sprint("s", n), fmt.Sprint(random.IntN(100)))
	if random.IntN(4) == 0 {
		user := fmt.Sprint("u-", n)
		change.Entity = eligibility.Entity{Kind: eligibility.KindWorker, ID: user, JSON: []byte(`{"userId":"` + strings.ToUpper(user) + `"}`)}
	}
	change.Delete = random.IntN(3) == 0
	return change
}
