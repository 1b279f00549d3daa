package handlers

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"slices"

	"example.com/shiftswfi/batch"
	"example.com/shiftswfi/eligibility"
)

// updateKinds lists the entities that /update decides, by the URLs of their
// items. Microsoft's article and the Graph reference name some differently;
// letter case does not count.
var updateKinds = []updateKind{
	{eligibility.KindShift, "shift", []string{"shifts/{id}"}},
	{eligibility.KindOpenShift, "openShift", []string{"openshifts/{id}"}},
	{eligibility.KindSwapRequest, "swapRequest", []string{"swapRequests/{id}", "swapShiftsChangeRequests/{id}"}},
	{eligibility.KindOfferShiftRequest, "offerShiftRequest", []string{"offershiftrequests/{id}"}},
	{eligibility.KindOpenShiftRequest, "openShiftRequest", []string{"openshiftrequests/{id}", "openShiftChangeRequests/{id}"}},
	{eligibility.KindTimeOffRequest, "timeOffRequest", []string{"timeOffRequests/{id}"}},
	{eligibility.KindTimeOff, "timeOff", []string{"timesoff/{id}"}},
	{eligibility.KindTimeOffReason, "timeOffReason", []string{"timeoffReasons/{id}"}},
	{eligibility.KindTimeCard, "timeCard", []string{"timecards", "timecards/{id}"}},
}

// userKinds are those of /users/{userId}/update.
var userKinds = []updateKind{
	{eligibility.KindShiftPreferences, "userShiftPreferences", []string{"settings/shiftpreferences"}},
}

type updateKind struct {
	kind     eligibility.Kind
	name     string // in logs, metrics and configuration: that of Graph's supportedEntities
	patterns []string
}

// updateTeam decides a change to a team: one batch is one change, approved as
// a whole or refused as a whole.
func (s *server) updateTeam(c *callback) ([]byte, error) {
	u, err := c.newUpdate(updateKinds)
	if err != nil {
		return nil, err
	}
	ctx, cancel := u.patience()
	defer cancel()
	if err := u.decideOn(ctx, c.team); err != nil {
		u.refuseAll(err)
	}
	return u.encode(), nil
}

// An update is a batch of changes while it is decided.
type update struct {
	*callback
	requests    batch.Batch
	items       []*updateItem
	passthrough bool
}

// An updateItem is one of its items.
type updateItem struct {
	item
	updateKind // zero if no table has it
	mode       Mode
	entity     string // its id
	early      error  // why it is refused whatever the team; nil if it is not

	// What was decided last, and may be decided anew on a later state.
	refused  error // nil if approved
	decision eligibility.ItemDecision
}

// newUpdate reads a batch and refuses what can be refused without the team.
func (c *callback) newUpdate(kinds []updateKind) (*update, error) {
	requests, err := c.batch()
	if err != nil {
		return nil, err
	}
	u := &update{callback: c, requests: requests, passthrough: c.isPassthrough()}
	for _, r := range requests.All() {
		i := &updateItem{item: item{callback: c, Request: r, record: itemRecord{kind: kindUnsupported}}}
		i.early = i.read(kinds)
		if i.mode = c.integration.mode(i.name); i.mode == ReadOnly && !u.passthrough {
			i.early = itemError{code: RefusedReadOnly}
		}
		if i.name == "" && i.early == nil && i.mode != Mirror && !u.passthrough {
			i.early = itemError{code: eligibility.UnsupportedOperation}
		}
		u.items = append(u.items, i)
	}
	return u, nil
}

// read finds the kind of an item and the id of its entity. An item of no kind
// has neither.
func (i *updateItem) read(kinds []updateKind) error {
	if i.Malformed != "" {
		i.record.kind = kindMalformed
		return itemError{code: eligibility.BadRequest, message: string(i.Malformed)}
	}
	for _, kind := range kinds {
		for _, pattern := range kind.patterns {
			if id, ok := i.URL.Match(pattern); ok {
				i.updateKind, i.record.kind, i.entity = kind, kind.name, cmp.Or(id, i.user)
			}
		}
	}
	if _, err := i.patience(); err != nil || i.name == "" {
		return err
	}
	return i.readBody()
}

// readBody sees to it that what is set has a body, and that every entity has an
// id, which may stand in the body alone.
func (i *updateItem) readBody() error {
	switch i.Method {
	case http.MethodDelete:
	case http.MethodPost, http.MethodPut:
		if len(i.Body) == 0 || i.Body[0] != '{' {
			return itemError{code: eligibility.BadRequest, message: messageNoBody}
		}
	default:
		return itemError{code: eligibility.BadRequest, message: messageMethod}
	}
	if i.entity == "" {
		var body struct{ ID string }
		if len(i.Body) > 0 && json.Unmarshal(i.Body, &body) != nil || body.ID == "" {
			return itemError{code: eligibility.BadRequest, message: messageNoID}
		}
		i.entity = body.ID
	}
	return nil
}

// isPassthrough reports whether the batch is the integration's own write
// coming back. Only the HTTP header says so, and only on a body that proved to
// be authentic. Whoever may write to Graph can set it, so it proves nothing
// beyond that.
func (c *callback) isPassthrough() bool {
	value := c.request.Header.Get("X-MS-WFMPassthrough")
	return value != "" && (value == c.integration.WorkforceIntegrationID || slices.Contains(c.integration.Passthrough, value))
}

// patience is how long the batch may take: as long as its most urgent item.
func (u *update) patience() (context.Context, context.CancelFunc) {
	patience := u.Deadline
	for _, i := range u.items {
		if left, err := i.patience(); err == nil {
			patience = min(patience, left)
		}
	}
	return context.WithDeadline(u.ctx, u.began.Add(patience))
}

// decideOn decides the batch on the latest state of a team, and stores what is
// approved together with a record of the decision, in one step.
func (u *update) decideOn(ctx context.Context, team string) error {
	if !u.integration.serves(team) {
		return eligibility.ErrTeamNotFound
	}
	return u.teams.Update(ctx, team, func(t *eligibility.Team) ([]eligibility.Change, []byte, error) {
		changes := u.decide(t)
		record, err := json.Marshal(u.decisionRecord())
		return changes, record, err
	})
}

// decide may be called several times, each time on a newer state of the team.
func (u *update) decide(team *eligibility.Team) (changes []eligibility.Change) {
	defer func() {
		if p := recover(); p != nil {
			u.logPanic("rules", p)
			u.refuseAll(itemError{code: InternalError})
			changes = nil
		}
	}()
	if slices.ContainsFunc(u.items, func(i *updateItem) bool { return i.early != nil }) {
		for _, i := range u.items {
			if i.refused = i.early; i.refused == nil {
				i.refused = itemError{code: eligibility.RefusedWithBatch}
			}
		}
		return nil
	}
	decision := team.Decide(u.proposal())
	decided := decision.Items
	for _, i := range u.items {
		i.refused = nil
		if i.name == "" {
			i.decision = eligibility.ItemDecision{ETag: eligibility.ETag(kindUnsupported, i.ID, i.Body)}
			if !decision.Approved() {
				i.refused = itemError{code: eligibility.RefusedWithBatch}
			}
			continue
		}
		i.decision, decided = decided[0], decided[1:]
		if r := i.decision.Refusal; r != nil {
			i.refused = itemError{code: r.Code, message: r.Message, field: r.Field, rule: r.Rule}
		}
	}
	u.items[0].record.faults = decision.Faults
	return decision.Changes
}

// proposal is the batch as a question to the rules; entities that no table
// knows have no part in it.
func (u *update) proposal() eligibility.Proposal {
	p := eligibility.Proposal{Now: u.now, Settled: u.passthrough, Accept: map[eligibility.Kind]bool{}}
	for _, i := range u.items {
		if i.name == "" {
			continue
		}
		p.Accept[i.updateKind.kind] = i.mode == Mirror
		p.Items = append(p.Items, eligibility.ProposedItem{
			Kind: i.updateKind.kind, ID: i.entity, Delete: i.Method == http.MethodDelete, Body: i.Body,
		})
	}
	return p
}

func (u *update) refuseAll(err error) {
	for _, i := range u.items {
		i.refused = err
	}
}

// encode answers every item with what was decided of it.
func (u *update) encode() []byte {
	answers := u.requests.Answer(func(n int, _ batch.Request) batch.Result {
		i := u.items[n]
		result := batch.Accepted(i.decision.ETag)
		if i.refused != nil {
			result = i.refuse(i.refused)
		}
		i.record.waived = i.decision.Waived
		u.event.add(i.record)
		return result
	})
	return batch.Encode(answers)
}
