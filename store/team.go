package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"example.com/shiftswfi/eligibility"
	"github.com/redis/go-redis/v9"
)

// Team gives the latest state of a team: every change that was stored before
// the call is in it, and no half of one. The team is shared; it never changes.
//
// The error is eligibility.ErrTeamNotFound if the store has no such team,
// ErrUnavailable if Redis did not say in time, or ErrCorrupt.
func (r *Redis) Team(ctx context.Context, id string) (*eligibility.Team, error) {
	s, err := r.snapshot(ctx, id)
	if err != nil {
		return nil, err
	}
	return s.team, nil
}

// snapshot asks Redis for the version only, and for more if it is not the one
// in the cache. However many ask for a team, one fetches it.
func (r *Redis) snapshot(ctx context.Context, id string) (*snapshot, error) {
	if !validTeamID(id) {
		return nil, eligibility.ErrTeamNotFound
	}
	seen, err := r.client.HGet(ctx, teamKey(id), fieldVersion).Result()
	if errors.Is(err, redis.Nil) {
		r.cache.remove(id)
		return nil, eligibility.ErrTeamNotFound
	}
	if err != nil {
		return nil, r.unavailable(err)
	}
	if s := r.cache.get(id); s != nil && s.version.text == seen {
		r.stats.hits.Add(1)
		return s, nil
	}
	// A refresh that was under way before may have read an older state. The
	// next one cannot: it began after that one had ended.
	for underWay := false; ; underWay = true {
		began := false
		refreshed := r.flights.DoChan(id, func() (any, error) {
			began = true
			return r.refresh(context.WithoutCancel(ctx), id)
		})
		select {
		case <-ctx.Done():
			return nil, r.unavailable(ctx.Err())
		case result := <-refreshed:
			s, _ := result.Val.(*snapshot)
			if began || underWay || result.Err == nil && s.version.text == seen {
				return s, result.Err
			}
		}
	}
}

// refresh reads the latest state of a team into the cache: by its changes since
// the cached one if they are still there, else whole.
func (r *Redis) refresh(ctx context.Context, id string) (s *snapshot, err error) {
	// Nobody above this goroutine would stop a panic over a team's content.
	defer func() {
		if p := recover(); p != nil {
			s, err = nil, fmt.Errorf("%w: preparing it panics", ErrCorrupt)
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, r.loadTimeout)
	defer cancel()
	if old := r.cache.get(id); old != nil {
		if s, err = r.catchUp(ctx, id, old); err != nil {
			return nil, err
		}
	}
	if s == nil {
		if s, err = r.load(ctx, id); err != nil {
			return nil, err
		}
	}
	r.cache.put(id, s)
	return s, nil
}

// load reads a team whole, in one command and so in one state.
func (r *Redis) load(ctx context.Context, id string) (*snapshot, error) {
	fields, err := r.client.HGetAll(ctx, teamKey(id)).Result()
	if err != nil {
		return nil, r.unavailable(err)
	}
	if len(fields) == 0 {
		return nil, eligibility.ErrTeamNotFound
	}
	r.stats.loads.Add(1)
	v, file, err := parseTeam(fields)
	if err != nil {
		return nil, err
	}
	team, err := eligibility.NewTeam(file)
	if err != nil {
		return nil, brokenFields(err)
	}
	if team.ID != id {
		return nil, fmt.Errorf("%w: team.id", ErrCorrupt)
	}
	return newSnapshot(v, team, file.Entities), nil
}

func newSnapshot(v version, team *eligibility.Team, entities []eligibility.Entity) *snapshot {
	s := &snapshot{version: v, team: team}
	for _, e := range entities {
		s.next = max(s.next, e.Position+1)
	}
	return s
}

// catchUp applies the changes since an older snapshot; nil if they do not lead
// from it to the present.
func (r *Redis) catchUp(ctx context.Context, id string, old *snapshot) (*snapshot, error) {
	pipe := r.client.TxPipeline()
	current := pipe.HGet(ctx, teamKey(id), fieldVersion)
	since := pipe.XRange(ctx, changesKey(id), strconv.FormatUint(old.version.age+1, 10)+"-0", "+")
	if _, err := pipe.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
		return nil, r.unavailable(err)
	}
	if current.Val() == old.version.text {
		return old, nil
	}
	changes, latest := chain(old.version, since.Val())
	if latest.text != current.Val() {
		return nil, nil
	}
	team, err := old.team.With(changes...)
	if err != nil {
		return nil, nil // a load says better what is wrong
	}
	r.stats.catchUps.Add(1)
	s := &snapshot{version: latest, team: team, next: old.next}
	for _, c := range changes {
		s.next = max(s.next, c.Position+1)
	}
	return s, nil
}

// chain collects the changes of the entries, which must lead from one version
// to the next without a gap. It gives the version that they lead to.
func chain(from version, entries []redis.XMessage) ([]eligibility.Change, version) {
	var changes []eligibility.Change
	for _, entry := range entries {
		to, err := parseVersion(entry.ID)
		if err != nil || entry.Values[changeFrom] != from.text {
			return nil, version{}
		}
		for field, value := range entry.Values {
			if field == changeFrom {
				continue
			}
			text, _ := value.(string)
			e, err := parseEntity(field, text)
			if err != nil {
				return nil, version{}
			}
			changes = append(changes, eligibility.Change{Entity: e, Delete: text == ""})
		}
		from = to
	}
	return changes, from
}
