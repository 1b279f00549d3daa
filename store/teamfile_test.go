package store

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.com/shiftswfi/eligibility"
	"example.com/shiftswfi/eligibility/teamtest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTeamFile(t *testing.T) {
	t.Parallel()
	onEveryBackend(t, func(t *testing.T, b *backend) {
		for name, test := range map[string]func(*testing.T, *backend){
			"export gives back what was imported": testExport,
			"import replaces the team":            testImportReplaces,
			"import refuses an id":                testImportRefusesID,
			"readers see no half of an import":    testImportWhole,
			"two imports at once":                 testImportsAtOnce,
			"interrupted import":                  testImportInterrupted,
			"import that lost a part":             testImportLostPart,
			"import sent twice":                   testImportSentTwice,
			"delete":                              testDelete,
		} {
			t.Run(name, func(t *testing.T) { t.Parallel(); test(t, b) })
		}
	})
}

func testExport(t *testing.T, b *backend) {
	start := time.Date(2026, 11, 30, 5, 0, 0, 0, time.UTC)
	big := strings.ReplaceAll(string(teamtest.File(60, 5, 5, start, 1)), teamtest.ID, "TEAM")
	for name, template := range map[string]string{
		"all sorts of things": smallTeam,
		"only the team":       `{"team": {"id": "TEAM", "timeZone": "UTC"}}`,
		"lists that are null": `{"shifts": null, "team": {"id": "TEAM", "timeZone": "UTC"}, "workers": null, "policy": null}`,
		"empty lists":         `{"team": {"id": "TEAM", "timeZone": "UTC"}, "workers": [], "shifts": [], "swapRequests": []}`,
		"unknown lists":       `{"timeCards": [{"id": "t"}], "team": {"timeZone": "UTC", "id": "TEAM"}, "version": 3, "frame": []}`,
		"several portions":    big,
	} {
		t.Run(name, func(t *testing.T) {
			r := b.open(t, Config{})
			id := b.imported(t, r, template)
			document := compact(t, documentOf(template, id))
			assert.Equal(t, document, exported(t, r, id))
			assert.Equal(t, document, read(t, r, id), "the importer reads it, too")
			assert.Equal(t, document, read(t, b.open(t, Config{}), id))
			ttl, err := r.client.TTL(inContext(t), teamKey(id)).Result()
			require.NoError(t, err)
			assert.Equal(t, time.Duration(-1), ttl, "it stays")
		})
	}
}

func testImportReplaces(t *testing.T, b *backend) {
	r, other := b.open(t, Config{}), b.open(t, Config{})
	id := b.imported(t, r, smallTeam)
	set(t, r, id, shiftOf("s3", "new"))
	read(t, other, id)
	smaller := documentOf(`{"team": {"id": "TEAM", "timeZone": "UTC"}, "workers": [{"userId": "u-9"}]}`, id)
	require.NoError(t, r.Import(inContext(t), parse(t, smaller)))
	for _, reader := range []*Redis{r, other, b.open(t, Config{})} {
		assert.Equal(t, compact(t, smaller), exported(t, reader, id))
		assert.Equal(t, compact(t, smaller), read(t, reader, id))
	}
	loads := other.Stats().Loads
	set(t, r, id, shiftOf("s1", "a new start"))
	assert.Equal(t, exported(t, r, id), read(t, other, id))
	assert.Equal(t, loads, other.Stats().Loads, "the changes before the import are not in the way")
}

func testImportRefusesID(t *testing.T, b *backend) {
	r := b.open(t, Config{})
	for _, id := range []string{"a}b", "{a", strings.Repeat("x", 129), `a\nb`} {
		team := parse(t, documentOf(`{"team": {"id": "TEAM", "timeZone": "UTC"}}`, id))
		err := r.Import(inContext(t), team)
		require.ErrorContains(t, err, "team id")
		assert.NotErrorIs(t, err, ErrUnavailable)
	}
}

var importKeys = regexp.MustCompile(`wfi:\S+:import:[0-9-]+`)

// generation is a team of several portions in which every shift tells which
// import it came with.
func generation(t testing.TB, id string, n int) *eligibility.Team {
	t.Helper()
	var shifts []string
	for s := range portionFields + 500*n {
		shifts = append(shifts, string(shiftOf(fmt.Sprint("s", s), fmt.Sprint("generation ", n)).JSON))
	}
	return parse(t, []byte(fmt.Sprintf(`{"team": {"id": %q, "displayName": "generation %d", "timeZone": "UTC"}, "shifts": [%s]}`,
		id, n, strings.Join(shifts, ","))))
}

// requireWhole fails unless all of the team is of one generation.
func requireWhole(t testing.TB, file eligibility.TeamFile) {
	t.Helper()
	for n := 1; n <= 2; n++ {
		name := fmt.Sprint("generation ", n)
		if !strings.Contains(string(file.Frame), name) {
			continue
		}
		require.Len(t, file.Entities, portionFields+500*n)
		for _, e := range file.Entities {
			if !strings.Contains(string(e.JSON), name) {
				require.Fail(t, "half of another generation")
			}
		}
		return
	}
	require.Fail(t, "of no generation")
}

func testImportWhole(t *testing.T, b *backend) {
	writer := b.open(t, Config{})
	id := b.newID()
	generations := []*eligibility.Team{generation(t, id, 1), generation(t, id, 2)}
	require.NoError(t, writer.Import(inContext(t), generations[0]))
	var done atomic.Bool
	var group sync.WaitGroup
	for range 2 {
		reader := b.open(t, Config{})
		group.Go(func() {
			for !done.Load() {
				team, err := reader.Team(inContext(t), id)
				if assert.NoError(t, err) {
					requireWhole(t, team.File())
				}
				file, err := reader.Export(inContext(t), id)
				if assert.NoError(t, err) {
					requireWhole(t, file)
				}
			}
		})
	}
	for n := range 8 {
		require.NoError(t, writer.Import(inContext(t), generations[(n+1)%2]))
	}
	done.Store(true)
	group.Wait()
}

func testImportsAtOnce(t *testing.T, b *backend) {
	id := b.newID()
	var group sync.WaitGroup
	for n := 1; n <= 2; n++ {
		r, team := b.open(t, Config{}), generation(t, id, n)
		group.Go(func() { assert.NoError(t, r.Import(inContext(t), team)) })
	}
	group.Wait()
	file, err := b.open(t, Config{}).Export(inContext(t), id)
	require.NoError(t, err)
	requireWhole(t, file)
}

func testImportInterrupted(t *testing.T, b *backend) {
	reader := b.open(t, Config{})
	id := b.newID()
	require.NoError(t, reader.Import(inContext(t), generation(t, id, 1)))
	staging := ""
	r := b.open(t, Config{}).tapped(func(command string, send func() error) error {
		switch {
		case staging == "" && strings.Contains(command, ":import:"):
			staging = importKeys.FindString(command)
		case staging != "": // the process dies after its first portion
			return io.ErrUnexpectedEOF
		}
		return send()
	})
	err := r.Import(inContext(t), generation(t, id, 2))
	require.ErrorIs(t, err, ErrUnavailable)
	file, err := reader.Export(inContext(t), id)
	require.NoError(t, err)
	requireWhole(t, file)
	assert.Contains(t, string(file.Frame), "generation 1")

	ttl, err := reader.client.PTTL(inContext(t), staging).Result()
	require.NoError(t, err)
	assert.Positive(t, ttl, "what was left behind goes by itself")
	assert.LessOrEqual(t, ttl, importTTL)
}

func testImportLostPart(t *testing.T, b *backend) {
	raw := b.connect()
	t.Cleanup(func() { _ = raw.Close() })
	id, staging, lost := b.newID(), "", false
	r := b.open(t, Config{})
	require.NoError(t, r.Import(inContext(t), generation(t, id, 1)))
	r.tapped(func(command string, send func() error) error {
		if strings.Contains(command, ":import:") && !lost {
			staging = importKeys.FindString(command)
			err := send()
			// The first portion expires before the second comes.
			lost = true
			return errors.Join(err, raw.Del(inContext(t), staging).Err())
		}
		return send()
	})
	require.ErrorIs(t, r.Import(inContext(t), generation(t, id, 2)), ErrUnavailable)
	file, err := r.Export(inContext(t), id)
	require.NoError(t, err)
	requireWhole(t, file)
	assert.Contains(t, read(t, r, id), "generation 1")
	assert.Zero(t, raw.Exists(inContext(t), staging).Val(), "cleaned up")
}

// twice sends every script twice, as a client does that gets no answer.
func twice(command string, send func() error) error {
	if strings.HasPrefix(command, "evalsha") {
		if err := send(); err != nil {
			return err
		}
	}
	return send()
}

func testImportSentTwice(t *testing.T, b *backend) {
	id := b.newID()
	r := b.open(t, Config{}).tapped(twice)
	require.NoError(t, r.Import(inContext(t), generation(t, id, 1)))
	require.NoError(t, r.Import(inContext(t), generation(t, id, 2)))
	assert.Contains(t, exported(t, r, id), "generation 2")
}

func testDelete(t *testing.T, b *backend) {
	r, other := b.open(t, Config{}), b.open(t, Config{})
	id := b.imported(t, r, smallTeam)
	set(t, r, id, shiftOf("s3", "new"))
	read(t, other, id)
	require.NoError(t, r.Delete(inContext(t), id))
	for _, reader := range []*Redis{r, other} {
		_, err := reader.Team(inContext(t), id)
		assert.ErrorIs(t, err, eligibility.ErrTeamNotFound)
	}
	assert.ErrorIs(t, r.Delete(inContext(t), id), eligibility.ErrTeamNotFound)
	assert.Zero(t, r.client.Exists(inContext(t), teamKey(id), changesKey(id)).Val())
}
