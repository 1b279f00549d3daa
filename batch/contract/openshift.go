package contract

import (
	"net/http"
	"time"

	"example.com/shiftswfi/batch/shifts"
)

var openShiftChecks = []Check{
	{
		ID: "update.open-shift", Level: Must, Section: "5.8",
		Title: "A manager may make and change an open shift",
		Sends: "A new open shift, and an edit of its slots and times.",
		Why:   "Managers cannot publish open shifts at all.",
		Mend:  "Approve POST and PUT of openshifts that come without a request.",
		needs: []need{needsRoster(1), needsChanges("openShift")},
		run: func(p *probe) {
			open := p.plannedOpenShift(p.day(), 1)
			p.approve(p.item(http.MethodPost, "openshifts", open.id, p.openBody(open)))
			open.slots, open.end = 3, open.end.Add(time.Hour)
			p.approve(p.item(http.MethodPut, "openshifts", open.id, p.openBody(open)))
		},
	},
	{
		ID: "update.open-shift-deleted", Level: Must, Section: "5.8",
		Title: "An open shift is deleted in stages",
		Sends: "A new open shift; PUT with a draft that is not active beside the shared part; PUT with a shared part that is not active and no draft.",
		Why:   "Shifts deletes by marking: an endpoint that refuses a stage keeps an open shift that managers cannot get rid of.",
		Mend:  "Take isActive false in draftOpenShift for a deletion to come, in sharedOpenShift for one that has come.",
		needs: []need{needsRoster(1), needsChanges("openShift")},
		run: func(p *probe) {
			open := p.openShift(p.day(), 1)
			body := p.openBody(open)
			staged := p.sharedOpenShift(open)
			staged["isActive"] = false
			body["draftOpenShift"] = staged
			p.approve(p.item(http.MethodPut, "openshifts", open.id, body))
			body = p.openBody(open)
			body["sharedOpenShift"] = staged
			p.approve(p.item(http.MethodPut, "openshifts", open.id, body))
		},
	},
	{
		ID: "update.open-shift-assigned", Level: Must, Section: "5.5",
		Title: "A manager may assign an open shift to a worker",
		Sends: "An open shift with two slots; then one batch of the open shift with a slot less and a new shift of the worker.",
		Why:   "Managers cannot assign open shifts.",
		Mend:  "Approve PUT of openshifts and POST of shifts in one batch, without any request.",
		needs: []need{needsRoster(1), needsChanges("openShift", "shift")},
		run: func(p *probe) {
			p.approve(p.claim(0, p.openShift(p.day(), 2)).assigned(1)...)
		},
	},
	{
		ID: "update.open-shift-assigned-answered", Level: Must, Section: "3.2",
		Title: "The open shift that is assigned and the new shift are both answered",
		Sends: "The batch of two of update.open-shift-assigned.",
		Why:   "An item without an answer counts as approved, whatever the endpoint made of it.",
		Mend:  "Answer both items, each under its own id.",
		needs: []need{needsRoster(1), needsChanges("openShift", "shift")},
		run: func(p *probe) {
			items := p.claim(0, p.openShift(p.day(), 2)).assigned(1)
			p.wantEachAnswered(p.update(items...), items...)
		},
	},
	{
		ID: "update.open-shift-assigned-carried-out", Level: Must, Section: "5.5",
		Title: "After an open shift was assigned, /read knows the new shift",
		Sends: "The story of update.open-shift-assigned, and then the question what another worker's shift may be swapped with.",
		Why:   "For the endpoint the worker is free, and may be given another shift.",
		Mend:  "Store the new shift; the open shift beside it is no new one, but the known one with a slot less.",
		needs: []need{needsRoster(2), needsChanges("openShift", "shift"), needsSwapQuestions},
		run: func(p *probe) {
			d := p.day()
			witness := p.given(1, d, 14)
			assigned := p.claim(0, p.openShift(d, 2))
			p.begin(assigned.assigned(1)...)
			p.wantCandidates(witness, []string{assigned.new.id}, nil)
		},
	},
}

// assigned are the items by which a manager assigns the open shift, whether or
// not the worker asked for it.
func (c *claim) assigned(left int) []shifts.Item {
	open := c.open
	open.slots = left
	return []shifts.Item{
		c.p.item(http.MethodPut, "openshifts", open.id, c.p.openBody(open)),
		c.p.item(http.MethodPost, "shifts", c.new.id, c.p.body(c.new)),
	}
}

// An openShift is one that a check has made.
type openShift struct {
	shift
	slots int
}

// openShift makes a morning's open shift known to the endpoint, and takes it
// back when the check is over.
func (p *probe) openShift(d day, slots int) openShift {
	o := p.plannedOpenShift(d, slots)
	p.begin(p.item(http.MethodPost, "openshifts", o.id, p.openBody(o)))
	return o
}

// plannedOpenShift is one that the endpoint does not know yet.
func (p *probe) plannedOpenShift(d day, slots int) openShift {
	o := openShift{slots: slots, shift: shift{
		id: newID("OPNSHFT_"), group: p.profile.Roster.SchedulingGroup, start: d.at(6), end: d.at(10),
	}}
	p.undo = append(p.undo, func() { p.update(p.item(http.MethodDelete, "openshifts", o.id, nil)) })
	return o
}

// openBody is an open shift as a callback has it.
func (p *probe) openBody(o openShift) fields {
	body := p.body(o.shift)
	delete(body, "userId")
	delete(body, "sharedShift")
	body["sharedOpenShift"] = p.sharedOpenShift(o)
	return body
}

func (p *probe) sharedOpenShift(o openShift) fields {
	shared := p.sharedShift(o.shift)
	shared["openSlotCount"] = o.slots
	return shared
}
