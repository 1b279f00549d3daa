package eligibility_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/eligibility"
)

// A team after some changes must be the team that the changed document gives,
// and the team before them must not notice.
func TestRandomChangesAgreeWithFreshTeam(t *testing.T) {
	seed := cmp.Or(*seedFlag, rand.Uint64N(1_000_000_000)+1)
	t.Logf("first seed %d", seed)
	for i := range max(1, *teamsFlag/6) {
		s := seed + uint64(i)
		if !t.Run(fmt.Sprint("seed=", s), func(t *testing.T) { checkRandomChanges(t, s) }) {
			t.Fatalf("repeat with: go test ./eligibility -run %s -seed %d -teams 1", t.Name(), s)
		}
	}
}

func checkRandomChanges(t *testing.T, seed uint64) {
	r := newRandomTeam(seed)
	document := r.document()
	before := encode(t, document)
	team, err := eligibility.ParseTeam(before)
	require.NoError(t, err)
	for range 4 {
		var changes []eligibility.Change
		for range 1 + r.IntN(4) {
			changes = append(changes, r.change(t, document))
		}
		changed, err := team.With(changes...)
		require.NoError(t, err, "%s", encode(t, changes))
		after := encode(t, document)
		requireAgreement(t, r, changed, after)
		requireAgreement(t, r, team, before)
		team, before = changed, after
	}
}

// requireAgreement makes sure that the team gives the oracle's answers, and
// is no different from one made of the document.
func requireAgreement(t *testing.T, r *randomTeam, team *eligibility.Team, document []byte) {
	t.Helper()
	o := newOracle(document)
	questions := r.questions(t)
	r.Shuffle(len(questions), func(i, j int) { questions[i], questions[j] = questions[j], questions[i] })
	for _, q := range questions[:min(20, len(questions))] {
		require.Equal(t, q.oracle(o), q.explain(team), "%s\n%s", q.name, document)
	}
	fresh, err := eligibility.ParseTeam(document)
	require.NoError(t, err)
	require.Equal(t, fresh.Warnings(), team.Warnings())
	require.Equal(t, entitiesSize(fresh), entitiesSize(team))
	require.Equal(t, withoutEmptyLists(t, document), withoutEmptyLists(t, encode(t, team.File())))
}

// withoutEmptyLists makes lists that are empty absent: that they once had an
// entity does not matter.
func withoutEmptyLists(t *testing.T, document []byte) any {
	members := decodeExactly(t, document).(object)
	for _, kind := range eligibility.Kinds {
		if len(list(members, string(kind))) == 0 {
			delete(members, string(kind))
		}
	}
	return members
}

// entitiesSize leaves out the frame, in which lists may be absent or empty.
func entitiesSize(team *eligibility.Team) int64 {
	return team.Size() - int64(len(team.File().Frame))
}

func encode(t *testing.T, value any) []byte {
	t.Helper()
	document, err := json.Marshal(value)
	require.NoError(t, err)
	return document
}

// change makes a change, and makes it in the document as well.
func (r *randomTeam) change(t *testing.T, document object) eligibility.Change {
	kind := pick(r, eligibility.Kinds...)
	kind = pick(r, kind, kind, eligibility.KindShift, eligibility.KindWorker)
	entities := list(document, string(kind))
	var id string
	if len(entities) > 0 && !r.chance(4) {
		id = entityID(kind, pick(r, entities...))
	} else {
		r.serial++
		id = fmt.Sprintf("new_%s_%d", strings.ToLower(string(kind)), r.serial)
	}
	at := slices.IndexFunc(entities, func(e any) bool { return entityID(kind, e) == id })
	if r.chance(4) {
		if at >= 0 {
			document[string(kind)] = slices.Delete(slices.Clone(entities), at, at+1)
		}
		return eligibility.Change{Entity: eligibility.Entity{Kind: kind, ID: id}, Delete: true}
	}
	entity := r.entity(kind)
	entity["id"] = id
	if kind == eligibility.KindWorker {
		delete(entity, "id")
		entity["userId"] = r.anyCase(id)
	}
	if at >= 0 {
		entities = slices.Clone(entities)
		entities[at] = entity
	} else {
		entities = append(entities, entity)
		r.adopt(kind, id)
	}
	document[string(kind)] = entities
	r.serial++
	position := int64(1)<<40 + int64(r.serial)
	return eligibility.Change{Entity: eligibility.Entity{Kind: kind, ID: id, Position: position, JSON: encode(t, entity)}}
}

func entityID(kind eligibility.Kind, entity any) string {
	if kind == eligibility.KindWorker {
		return asciiLower(str(entity.(object), "userId"))
	}
	return str(entity.(object), "id")
}

func (r *randomTeam) entity(kind eligibility.Kind) object {
	switch kind {
	case eligibility.KindWorker:
		return r.worker()
	case eligibility.KindSchedulingGroup:
		return r.group()
	case eligibility.KindShift:
		return r.shift()
	case eligibility.KindOpenShift:
		return r.openShift()
	case eligibility.KindTimeOff:
		return r.timeOff()
	case eligibility.KindTimeOffReason:
		return r.reason()
	}
	return r.request()
}

// adopt makes later questions and entities refer to a new entity.
func (r *randomTeam) adopt(kind eligibility.Kind, id string) {
	switch kind {
	case eligibility.KindWorker:
		r.users = append(r.users, id)
	case eligibility.KindSchedulingGroup:
		r.groups = append(r.groups, id)
	case eligibility.KindShift:
		r.shifts = append(r.shifts, id)
	case eligibility.KindOpenShift:
		r.opens = append(r.opens, id)
	case eligibility.KindTimeOffReason:
		r.reasons = append(r.reasons, id)
	}
}
