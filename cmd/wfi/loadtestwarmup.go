package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"example.com/shiftswfi/batch/loadtest"
	"example.com/shiftswfi/batch/shifts"
)

// warmUp asks every question once, which gives the right answers, and makes
// and deletes a shift.
func (l *loadCalls) warmUp(ctx context.Context) error {
	for i := range l.questions {
		question := &l.questions[i]
		reply, err := l.send(ctx, question.Call)
		if err != nil {
			return err
		}
		if outcome := reply.Question(question.id); outcome != shifts.Listed {
			detail := loadtest.Lists(question.id, nil)(reply).Detail
			return fmt.Errorf("the first %s is %s (%s): ask what the endpoint knows; wfi contract says more about wrong answers", question.Kind, outcome, detail)
		}
		response, _ := reply.Find(question.id)
		ids, _ := response.IDs()
		question.Judge = loadtest.Lists(question.id, ids)
	}
	if l.share == 0 {
		return nil
	}
	shift := l.free[0]
	l.free = l.free[1:]
	if err := l.try(ctx, l.creation(shift)); err != nil {
		return err
	}
	shift = l.made[0]
	l.made = nil
	return l.try(ctx, l.deletion(shift))
}

// send posts a call before or after the test.
func (l *loadCalls) send(ctx context.Context, call loadtest.Call) (*shifts.Reply, error) {
	reply, err := l.caller.Send(ctx, call.Address, l.key, call.Header, call.Plaintext)
	switch {
	case err == nil:
		return reply, nil
	case ctx.Err() != nil:
		return nil, errors.New("interrupted before the test began")
	default:
		return nil, fmt.Errorf("the first %s: %w; check --url and that the endpoint is running", call.Kind, err)
	}
}

// try makes a change that has to be saved.
func (l *loadCalls) try(ctx context.Context, call loadtest.Call) error {
	reply, err := l.send(ctx, call)
	if err != nil {
		call.Done(loadtest.NoAnswer)
		return err
	}
	verdict := call.Judge(reply)
	call.Done(verdict.Reason)
	if verdict.Reason != "" {
		return fmt.Errorf("the first %s is %s (%s): choose other workers or days in the profile's roster, or give --updates 0", call.Kind, verdict.Reason, verdict.Detail)
	}
	return nil
}

// cleanUp deletes what is left of the shifts that were made, also after an
// interrupt. The error says what may still be there.
func (l *loadCalls) cleanUp(ctx context.Context) error {
	const patience = 30 * time.Second
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	left := append(l.made, l.unsure...)
	l.made, l.unsure = nil, nil
	var kept []string
	for _, shift := range left {
		call := l.deletion(shift)
		reply, err := l.caller.Send(ctx, call.Address, l.key, call.Header, call.Plaintext)
		if err == nil && (reply.Change(shift.id) == shifts.Saved || isUnknown(reply, shift.id)) {
			continue
		}
		kept = append(kept, shift.id)
	}
	const shown = 5
	switch {
	case len(kept) == 0:
		return nil
	case len(kept) > shown:
		return fmt.Errorf("%d shifts may be left in team %s, among them %q: delete them", len(kept), l.team, kept[:shown])
	}
	return fmt.Errorf("shifts may be left in team %s: delete %q", l.team, kept)
}

// isUnknown reports whether the endpoint says that a shift is not there.
func isUnknown(reply *shifts.Reply, id string) bool {
	if reply.Change(id) != shifts.Refused {
		return false
	}
	response, _ := reply.Find(id)
	status, _ := response.StatusCode()
	return status == http.StatusNotFound
}
