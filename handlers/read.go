package handlers

import (
	"context"
	"errors"
	"net/http"

	"example.com/shiftswfi/batch"
	"example.com/shiftswfi/eligibility"
)

// readKinds lists the items that /read decides: which URLs they have, and what
// answers them.
var readKinds = []readKind{
	{"swap", "shifts/{id}/requestableShifts", (*item).requestableShifts},
	{"timeOffReason", "users/{id}/timeOffReasons", (*item).timeOffReasons},
}

type readKind struct {
	name    string // in logs and metrics
	pattern string
	answer  func(i *item, ctx context.Context, team *eligibility.Team, id string) (eligibility.Answer, error)
}

// read answers what a worker may choose among. Every item gets an answer of
// its own; the team is loaded once for all of them.
func (s *server) read(c *callback) ([]byte, error) {
	requests, err := c.batch()
	if err != nil {
		return nil, err
	}
	team := c.loadTeam(c.team)
	answers := requests.Answer(func(_ int, r batch.Request) batch.Result {
		i := &item{callback: c, Request: r, record: itemRecord{kind: kindUnsupported}}
		result := i.decide(team)
		c.event.add(i.record)
		return result
	})
	return batch.Encode(answers), nil
}

// decide gives the answer of one item.
func (i *item) decide(team *loadingTeam) (result batch.Result) {
	defer i.recover(&result)
	answer, err := i.answer(team)
	if err != nil {
		return i.refuse(err)
	}
	i.record.candidates, i.record.faults = answer.Considered, answer.Faults
	if answer.Code != eligibility.OK {
		return i.refuse(itemError{code: answer.Code, message: answer.Message})
	}
	return batch.Data(answer.IDs)
}

func (i *item) answer(team *loadingTeam) (eligibility.Answer, error) {
	ctx, cancel, deadlineErr := i.deadline()
	defer cancel()
	loaded, err := team.wait(ctx)
	if errors.Is(err, eligibility.ErrTeamNotFound) {
		// Of a team that is not there nothing else can be said, not even that
		// an item is badly written.
		return eligibility.Answer{}, err
	}
	kind, id, routeErr := i.route()
	if err := errors.Join(routeErr, deadlineErr, err); err != nil {
		return eligibility.Answer{}, err
	}
	answer, err := kind.answer(i, ctx, loaded, id)
	if err != nil && ctx.Err() != nil {
		err = itemError{code: TimedOut}
	}
	return answer, err
}

// route finds the kind of an item and the id in its URL.
func (i *item) route() (kind readKind, id string, err error) {
	if i.Malformed != "" {
		i.record.kind = kindMalformed
		return kind, "", itemError{code: eligibility.BadRequest, message: string(i.Malformed)}
	}
	for _, kind := range readKinds {
		if id, ok := i.URL.Match(kind.pattern); ok {
			i.record.kind = kind.name
			if i.Method != http.MethodGet {
				err = itemError{code: eligibility.BadRequest, message: messageNotGet}
			}
			return kind, id, err
		}
	}
	return kind, "", itemError{code: eligibility.UnsupportedOperation}
}
