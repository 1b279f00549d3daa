package store

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"
)

// maxDecisions is about how many records the log of a team keeps: the newest.
const maxDecisions = 10000

// A Decision is one record of a team's log.
type Decision struct {
	ID     string // grows from record to record; where to go on reading
	Record []byte // as Update was given it
}

// Decisions reads the log of a team, oldest first, up to limit records that
// follow the one with the id after; "" is before the first. Without any it
// waits for one for so long, and may then give none. A team that is not there
// has no log.
func (r *Redis) Decisions(ctx context.Context, team, after string, limit int64, wait time.Duration) ([]Decision, error) {
	if !validTeamID(team) {
		return nil, nil
	}
	if after == "" {
		after = "0"
	}
	if wait <= 0 {
		wait = -1 // do not wait: zero means for ever
	} else {
		wait = max(wait, time.Millisecond) // less is sent as zero
	}
	streams, err := r.client.XRead(ctx, &redis.XReadArgs{
		Streams: []string{decisionsKey(team), after}, Count: limit, Block: wait,
	}).Result()
	if errors.Is(err, redis.Nil) {
		return nil, nil
	}
	if err != nil {
		return nil, r.unavailable(err)
	}
	return decisionsOf(streams[0].Messages), nil
}

// LatestDecisions reads the newest records of a team's log, oldest first.
func (r *Redis) LatestDecisions(ctx context.Context, team string, limit int64) ([]Decision, error) {
	if !validTeamID(team) {
		return nil, nil
	}
	messages, err := r.client.XRevRangeN(ctx, decisionsKey(team), "+", "-", limit).Result()
	if err != nil {
		return nil, r.unavailable(err)
	}
	slices.Reverse(messages)
	return decisionsOf(messages), nil
}

func decisionsOf(messages []redis.XMessage) []Decision {
	decisions := make([]Decision, len(messages))
	for i, m := range messages {
		record, _ := m.Values["record"].(string)
		decisions[i] = Decision{ID: m.ID, Record: []byte(record)}
	}
	return decisions
}
