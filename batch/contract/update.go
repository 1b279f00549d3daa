package contract

import (
	"net/http"
	"slices"

	"example.com/shiftswfi/batch/shifts"
)

// updateChecks are in one file for each entity.
func updateChecks() []Check {
	return slices.Concat(
		changeChecks, swapRequestChecks, offerShiftRequestChecks, openShiftRequestChecks, timeOffRequestChecks,
		shiftChecks, openShiftChecks, otherEntityChecks, modeChecks, passthroughChecks,
	)
}

// changeChecks hold for changes to whatever entity.
var changeChecks = []Check{
	{
		ID: "update.etag", Level: Must, Section: "3.2",
		Title: "Every approval carries an eTag",
		Sends: "A new shift, an edit of it, a swap of it with its five items of approval, and a deletion.",
		Why:   "Shifts fails with 502 Bad Gateway on an approval whose eTag is missing or null.",
		Mend:  "Give every item with status 200 a body with an eTag: any text that is not empty.",
		needs: []need{needsRoster(2), needsChanges("shift", "swapRequest")},
		run: func(p *probe) {
			swap := p.swap()
			for _, batch := range [][]shifts.Item{
				{p.item(http.MethodPut, "shifts", swap.from.id, p.body(swap.from))},
				{swap.asked()}, {swap.accepted()}, swap.approved(),
				{p.item(http.MethodDelete, "shifts", swap.new[0].id, nil)},
			} {
				p.wantETags(p.update(batch...), batch...)
			}
		},
	},
	{
		ID: "update.null-members", Level: Must, Section: "5.1",
		Title: "A member that is null counts as absent",
		Sends: "A new shift and a swap request in which every member without a value is null.",
		Why:   "Shifts leaves such members out in some calls and sends them as null in others.",
		Mend:  "Read null as if the member were not there.",
		needs: []need{needsRoster(2), needsChanges("shift", "swapRequest")},
		run: func(p *probe) {
			swap := p.swap()
			edited := p.body(swap.from)
			for _, name := range []string{"draftShift", "createdBy", "lastModifiedBy", "eTag", "isStagedForDeletion"} {
				edited[name] = nil
			}
			shared := p.sharedShift(swap.from)
			for _, name := range []string{"displayName", "notes", "activities", "theme", "isActive"} {
				shared[name] = nil
			}
			edited["sharedShift"] = shared
			p.approve(p.item(http.MethodPut, "shifts", swap.from.id, edited))
			for _, name := range []string{
				"managerUserId", "managerActionDateTime", "managerActionMessage", "recipientActionDateTime",
				"recipientActionMessage", "senderMessage", "createdBy", "lastModifiedBy", "eTag",
			} {
				swap.members[name] = nil
			}
			p.approve(swap.asked())
		},
	},
	{
		ID: "update.unknown-team", Level: Should, Section: "3.4",
		Title: "A change to a team that the endpoint does not know is not approved",
		Sends: "A new shift to /update of a team with an id that was never used.",
		Why:   "Shifts writes the change, and no other system ever learns of it.",
		Mend:  "Refuse every item of a team that you do not know, with HTTP 200 and status 404.",
		run: func(p *probe) {
			id := newID("SHFT_")
			item := p.item(http.MethodPost, "shifts", id, fields{
				"id": id, "userId": newID(""), "sharedShift": p.sharedShift(shift{start: p.now().AddDate(0, 1, 0), end: p.now().AddDate(0, 1, 0)}),
			})
			reply := p.send(p.endpoint.Update(newID("")), nil, batchOf(item))
			p.wantUnwritten(reply, item)
		},
	},
}

// wantETags ends the check where an approval has no eTag.
func (p *probe) wantETags(reply *shifts.Reply, items ...shifts.Item) {
	for _, item := range items {
		if outcome := reply.Change(item.ID); outcome == shifts.Unacknowledged {
			p.fail("%s", p.complaint(outcome, reply, item))
		}
	}
}

// wantEachAnswered ends the check unless every item has an answer with a
// status.
func (p *probe) wantEachAnswered(reply *shifts.Reply, items ...shifts.Item) {
	p.wantBatch(reply)
	for _, item := range items {
		if outcome := reply.Change(item.ID); outcome == shifts.Unanswered {
			p.fail("%s", p.complaint(outcome, reply, item))
		}
	}
}

// isCandidate reports whether /read names a shift among those that another may
// be swapped with.
func (p *probe) isCandidate(s, of shift) bool {
	question := p.question(of.id, swapURL(of.id, of.start))
	response, _ := p.read(question).Find(question.ID)
	ids, _ := response.IDs()
	return slices.Contains(ids, s.id)
}

// wantCandidates ends the check unless /read, asked what a shift may be swapped
// with, names those that are there, and none that is gone.
func (p *probe) wantCandidates(of shift, there, gone []string) {
	question := p.question(of.id, swapURL(of.id, of.start))
	reply := p.read(question)
	switch reply.Question(question.ID) {
	case shifts.Listed:
	case shifts.Refused:
		p.fail("The endpoint refuses the question what the shift %s, which is there, may be swapped with.", of.id)
	default:
		p.skip("The endpoint does not answer the question what the shift %s may be swapped with by a list.", of.id)
	}
	response, _ := reply.Find(question.ID)
	ids, _ := response.IDs()
	for _, id := range there {
		if !slices.Contains(ids, id) {
			p.fail("The endpoint does not list the shift %s, which is there, among those that %s may be swapped with.", id, of.id)
		}
	}
	for _, id := range gone {
		if slices.Contains(ids, id) {
			p.fail("The endpoint still lists the shift %s, which is gone, among those that %s may be swapped with.", id, of.id)
		}
	}
}

// A request is what a worker asks for: a swap, a shift to hand over, a slot of
// an open shift, or time off.
type request struct {
	p       *probe
	kind    string // as in its URL
	id      string
	members fields // what it asks for
}

// request plans one, which is taken back when the check is over.
func (p *probe) request(kind string, members fields) *request {
	r := &request{p: p, kind: kind, members: members}
	r.renew()
	return r
}

// renew gives the request another id, as Shifts does when it repeats a call.
func (r *request) renew() {
	id := newID("SREQ_")
	r.id = id
	r.p.undo = append(r.p.undo, func() { r.p.update(r.p.item(http.MethodDelete, r.kind, id, nil)) })
}

// in is the item that brings the request to a state.
func (r *request) in(method, state, assignedTo string) shifts.Item {
	body := fields{"id": r.id, "state": state, "assignedTo": assignedTo, "senderDateTime": r.p.stamp()}
	for name, value := range r.members {
		body[name] = value
	}
	return r.p.item(method, r.kind, r.id, body)
}

// asked is the first step of a request that a colleague has to accept;
// accepted the second.
func (r *request) asked() shifts.Item { return r.in(http.MethodPost, "Pending", "Recipient") }

func (r *request) accepted() shifts.Item { return r.in(http.MethodPut, "Pending", "Manager") }

// submitted is the first step of a request that goes to a manager at once.
func (r *request) submitted() shifts.Item { return r.in(http.MethodPost, "Pending", "Manager") }

// granted is what a manager's approval says of the request itself.
func (r *request) granted() shifts.Item { return r.in(http.MethodPut, "Approved", "Manager") }

func (r *request) declined(by string) shifts.Item { return r.in(http.MethodPut, "Declined", by) }

// cancelled is how its sender takes a request back. Shifts sends no body.
func (r *request) cancelled() shifts.Item { return r.p.item(http.MethodDelete, r.kind, r.id, nil) }
