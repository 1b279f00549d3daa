package handlers

import (
	"context"
	"time"

	"example.com/shiftswfi/batch"
	"example.com/shiftswfi/eligibility"
)

// An item is one request of a batch while it is decided.
type item struct {
	*callback
	batch.Request
	record itemRecord
}

// The kinds of items that no table lists.
const (
	kindMalformed   = "malformed"
	kindUnsupported = "unsupported"
)

// refuse makes the answer of an item that could not be decided, or was decided
// against.
func (i *item) refuse(err error) batch.Result {
	d := describe(err)
	i.record.code, i.record.err = d.code, err
	return batch.Refused(d.status, string(d.code), i.language.sentence(d.message, d.field))
}

// recover keeps a panic in a rule to the item that it happened in.
func (i *item) recover(result *batch.Result) {
	if p := recover(); p != nil {
		i.logPanic(i.record.kind, p)
		*result = i.refuse(itemError{code: InternalError})
	}
}

// patience is how long the item may take from the arrival of its callback: the
// server's own limit, or less if the item expires before, after which nobody
// waits for the answer.
func (i *item) patience() (time.Duration, error) {
	if i.Expires == "" {
		return i.Deadline, nil
	}
	expires, err := eligibility.ParseTime(i.Expires)
	switch {
	case err != nil:
		return i.Deadline, itemError{code: eligibility.BadRequest, message: messageExpires}
	case !expires.After(i.now): // no time is left to answer in
		return i.Deadline, itemError{code: RequestExpired}
	}
	return min(i.Deadline, expires.Sub(i.now)), nil
}

// deadline is a context, never nil, that ends with the item's patience. That
// counts from the arrival of the callback, not from when the items before were
// done.
func (i *item) deadline() (context.Context, context.CancelFunc, error) {
	patience, err := i.patience()
	ctx, cancel := context.WithDeadline(i.ctx, i.began.Add(patience))
	return ctx, cancel, err
}

// A loadingTeam is a team on its way from the store, for all items at once.
type loadingTeam struct {
	done chan struct{}
	team *eligibility.Team
	err  error
}

// loadTeam starts to load a team; it gives up at the server's deadline. A team
// that the integration does not serve is not found, as if it did not exist.
func (c *callback) loadTeam(id string) *loadingTeam {
	l := &loadingTeam{done: make(chan struct{})}
	if !c.integration.serves(id) {
		l.err = eligibility.ErrTeamNotFound
		close(l.done)
		return l
	}
	ctx, cancel := context.WithDeadline(c.ctx, c.began.Add(c.Deadline))
	go func() {
		defer close(l.done)
		defer cancel()
		defer func() {
			if p := recover(); p != nil {
				c.logPanic("store", p)
				l.err = itemError{code: InternalError}
			}
		}()
		l.team, l.err = c.teams.Team(ctx, id)
	}()
	return l
}

// wait gives the team, or an error if ctx ends first.
func (l *loadingTeam) wait(ctx context.Context) (*eligibility.Team, error) {
	select {
	case <-l.done:
		return l.team, l.err
	case <-ctx.Done():
		return nil, errTeamLate
	}
}
