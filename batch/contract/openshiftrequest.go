package contract

import (
	"net/http"

	"example.com/shiftswfi/batch/shifts"
)

var openShiftRequestChecks = []Check{
	{
		ID: "update.claim-approved", Level: Must, Section: "5.4",
		Title: "An open shift goes from a worker's request to approval",
		Sends: "An open shift with two slots; a worker's request for one; and the manager's approval: the new shift, the request, and the open shift with a slot less.",
		Why:   "Nobody can be given an open shift.",
		Mend:  "Approve the three items together; the new shift belongs to the sender of the request.",
		needs: []need{needsRoster(1), needsChanges("openShift", "openShiftRequest", "shift")},
		run: func(p *probe) {
			claim := p.claim(0, p.openShift(p.day(), 2))
			p.approve(claim.submitted())
			p.approve(claim.approved(1)...)
		},
	},
	{
		ID: "update.claim-last-slot", Level: Must, Section: "5.4",
		Title: "The approval for the last slot declines the other requests",
		Sends: "An open shift with one slot; the requests of two workers; and the approval of one: the new shift, the request, the open shift without slots, and the other request as Declined by System.",
		Why:   "The last slot of an open shift cannot be given to anybody who is not alone in asking for it.",
		Mend:  "Look for the request whose state is Approved; take the others of the batch as they are.",
		needs: []need{needsRoster(2), needsChanges("openShift", "openShiftRequest", "shift")},
		run: func(p *probe) {
			open := p.openShift(p.day(), 1)
			claim, rival := p.claim(0, open), p.claim(1, open)
			p.begin(claim.submitted())
			p.begin(rival.submitted())
			p.approve(append(claim.approved(0), rival.declined("System"))...)
		},
	},
	{
		ID: "update.claim-answered", Level: Must, Section: "3.2",
		Title: "Each item of the approval of an open-shift request has an answer of its own",
		Sends: "The approval of update.claim-approved.",
		Why:   "An item without an answer counts as approved, whatever the endpoint made of it.",
		Mend:  "Answer every item once, under its own id, not the request alone.",
		needs: []need{needsRoster(1), needsChanges("openShift", "openShiftRequest", "shift")},
		run: func(p *probe) {
			claim := p.claim(0, p.openShift(p.day(), 2))
			p.begin(claim.submitted())
			items := claim.approved(1)
			p.wantEachAnswered(p.update(items...), items...)
		},
	},
	{
		ID: "update.claim-carried-out", Level: Must, Section: "5.4",
		Title: "After the approval of an open-shift request, /read knows the new shift",
		Sends: "The story of update.claim-approved, and then the question what another worker's shift may be swapped with.",
		Why:   "The endpoint has approved what it did not do: for it the worker is free, and may be given another shift.",
		Mend:  "Store the new shift that the batch of the approval has.",
		needs: []need{needsRoster(2), needsChanges("openShift", "openShiftRequest", "shift"), needsSwapQuestions},
		run: func(p *probe) {
			d := p.day()
			witness := p.given(1, d, 14)
			claim := p.claim(0, p.openShift(d, 2))
			p.begin(claim.submitted())
			p.begin(claim.approved(1)...)
			p.wantCandidates(witness, []string{claim.new.id}, nil)
		},
	},
	{
		ID: "update.claim-no-slot", Level: Should, Section: "5.4",
		Title: "No more slots are given than an open shift has",
		Sends: "An open shift with one slot; the requests of two workers; the approval of one; and then that of the other.",
		Why:   "Two workers come for one slot.",
		Mend:  "Refuse every item of an approval when no slot is left.",
		needs: []need{needsRoster(2), needsChanges("openShift", "shift"), needsDecisions("openShiftRequest")},
		run: func(p *probe) {
			open := p.openShift(p.day(), 1)
			claim, rival := p.claim(0, open), p.claim(1, open)
			p.begin(claim.submitted())
			p.update(rival.submitted()) // a cautious endpoint may refuse it already
			p.begin(claim.approved(0)...)
			reply := p.update(rival.approved(0)...)
			p.wantUnwritten(reply, rival.granted())
		},
	},
	{
		ID: "update.claim-declined", Level: Must, Section: "5.4",
		Title: "A manager may decline an open-shift request",
		Sends: "A request for a slot of an open shift, and the manager's no.",
		Why:   "A no is not the endpoint's to refuse: the request stays open for ever.",
		Mend:  "Approve a request whose state is Declined, and forget about it.",
		needs: []need{needsRoster(1), needsChanges("openShift", "openShiftRequest")},
		run: func(p *probe) {
			claim := p.claim(0, p.openShift(p.day(), 1))
			p.begin(claim.submitted())
			p.approve(claim.declined("Manager"))
		},
	},
	{
		ID: "update.claim-cancelled", Level: Should, Section: "5.4",
		Title: "A worker may take an open-shift request back",
		Sends: "A request for a slot of an open shift, and DELETE of it without a body.",
		Why:   "Nobody documents whether Shifts says so; an endpoint that refuses keeps a request that nobody makes any more.",
		Mend:  "Take the id from the item's url, and expect no body with DELETE.",
		needs: []need{needsRoster(1), needsChanges("openShift", "openShiftRequest")},
		run: func(p *probe) {
			claim := p.claim(0, p.openShift(p.day(), 1))
			p.begin(claim.submitted())
			p.approve(claim.cancelled())
		},
	},
}

// A claim is a request for a slot of an open shift, and the shift that comes
// if it is approved.
type claim struct {
	*request
	open openShift
	new  shift
}

// claim plans one of a worker of the roster.
func (p *probe) claim(worker int, open openShift) *claim {
	c := &claim{open: open, new: shift{
		id: newID("SHFT_"), user: p.profile.Roster.Workers[worker], group: open.group, start: open.start, end: open.end,
	}}
	p.later(c.new.id)
	c.request = p.request("openshiftrequests", fields{
		"senderUserId": c.new.user, "senderMessage": "", "openShiftId": open.id,
	})
	return c
}

// renewShift gives the shift that comes a new id, as Shifts does when it
// repeats a call.
func (c *claim) renewShift() {
	c.new.id = newID("SHFT_")
	c.p.later(c.new.id)
}

// approved are the items of the manager's approval that leaves so many slots,
// in the order in which they were seen.
func (c *claim) approved(left int) []shifts.Item {
	open := c.open
	open.slots = left
	return []shifts.Item{
		c.p.item(http.MethodPost, "shifts", c.new.id, c.p.body(c.new)),
		c.granted(),
		c.p.item(http.MethodPut, "openshifts", open.id, c.p.openBody(open)),
	}
}
