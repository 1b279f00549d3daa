package contract

import (
	"net/http"
	"time"
)

var shiftChecks = []Check{
	{
		ID: "update.shift-shared", Level: Must, Section: "5.7",
		Title: "A manager may share a new shift, and change it",
		Sends: "A new shift with a shared part; then one that ends an hour later.",
		Why:   "Managers cannot schedule anybody.",
		Mend:  "Approve POST and PUT of shifts that come without a request, as far as your rules allow.",
		needs: []need{needsRoster(1), needsChanges("shift")},
		run: func(p *probe) {
			s := p.planned(0, p.day(), 6)
			p.later(s.id)
			p.approve(p.item(http.MethodPost, "shifts", s.id, p.body(s)))
			s.end = s.end.Add(time.Hour)
			p.approve(p.item(http.MethodPut, "shifts", s.id, p.body(s)))
		},
	},
	{
		ID: "update.shift-drafted", Level: Must, Section: "5.7",
		Title: "A manager may save a draft, and share it later",
		Sends: "A new shift with a draft part only; an edit of the draft; and the same with a shared part instead.",
		Why:   "The button Save fails for managers, and only Share works.",
		Mend:  "Approve shifts without a sharedShift, and keep them from the schedule until they are shared.",
		needs: []need{needsRoster(1), needsChanges("shift")},
		run: func(p *probe) {
			s := p.planned(0, p.day(), 6)
			p.later(s.id)
			p.approve(p.item(http.MethodPost, "shifts", s.id, p.draftBody(s)))
			s.end = s.end.Add(time.Hour)
			p.approve(p.item(http.MethodPut, "shifts", s.id, p.draftBody(s)))
			p.approve(p.item(http.MethodPut, "shifts", s.id, p.body(s)))
		},
	},
	{
		ID: "update.shift-carried-out", Level: Must, Section: "5.7",
		Title: "A shift that a manager shares, and deletes, is in /read until then",
		Sends: "Two new shifts; the question what one may be swapped with; DELETE of the other; and the question again.",
		Why:   "The endpoint answers about a schedule that nobody has.",
		Mend:  "Store what you approve, and delete a shift when you are told to.",
		needs: []need{needsRoster(2), needsChanges("shift"), needsSwapQuestions},
		run: func(p *probe) {
			d := p.day()
			witness, s := p.given(0, d, 6), p.given(1, d, 14)
			p.wantCandidates(witness, []string{s.id}, nil)
			p.begin(p.item(http.MethodDelete, "shifts", s.id, nil))
			p.wantCandidates(witness, nil, []string{s.id})
		},
	},
	{
		ID: "update.shift-deleted-in-stages", Level: Must, Section: "5.7",
		Title: "A shift is deleted in two stages",
		Sends: "A new shift; PUT with a draft that is not active beside the shared part; and PUT with a shared part that is not active and no draft.",
		Why:   "Shifts deletes by marking, not by DELETE: an endpoint that refuses a stage keeps a shift that managers cannot get rid of.",
		Mend:  "Take isActive false in draftShift for a deletion to come, in sharedShift for one that has come. Whether you delete at the first stage or the second, approve both.",
		needs: []need{needsRoster(1), needsChanges("shift")},
		run: func(p *probe) {
			s := p.given(0, p.day(), 6)
			p.approve(p.item(http.MethodPut, "shifts", s.id, p.stagedBody(s)))
			p.approve(p.item(http.MethodPut, "shifts", s.id, p.deletedBody(s)))
		},
	},
	{
		ID: "update.shift-deleted-twice", Level: Should, Section: "5.7",
		Title: "The second stage of a deletion is approved again when the shift is gone",
		Sends: "The two stages of update.shift-deleted-in-stages, the second one twice.",
		Why:   "The manager is told that the deletion failed, and it never comes to an end.",
		Mend:  "Approve the deletion of a shift that you do not have.",
		needs: []need{needsRoster(1), needsChanges("shift")},
		run: func(p *probe) {
			s := p.given(0, p.day(), 6)
			p.begin(p.item(http.MethodPut, "shifts", s.id, p.stagedBody(s)))
			p.begin(p.item(http.MethodPut, "shifts", s.id, p.deletedBody(s)))
			p.approve(p.item(http.MethodPut, "shifts", s.id, p.deletedBody(s)))
		},
	},
	{
		ID: "update.shift-deleted", Level: Must, Section: "5.7",
		Title: "A shift may be deleted outright",
		Sends: "A new shift, and DELETE of it without a body.",
		Why:   "That is how a deletion in Graph arrives; an endpoint that stumbles over the missing body never lets the shift go.",
		Mend:  "Take the id from the item's url, and expect no body with DELETE.",
		needs: []need{needsRoster(1), needsChanges("shift")},
		run: func(p *probe) {
			s := p.given(0, p.day(), 6)
			p.approve(p.item(http.MethodDelete, "shifts", s.id, nil))
		},
	},
	{
		ID: "update.shift-unknown-deleted", Level: Should, Section: "5.7",
		Title: "The deletion of a shift that the endpoint does not have is approved",
		Sends: "DELETE of a shift with an id that was never used.",
		Why:   "The call may be a repeat, or the shift older than the integration; refused, it stays in Shifts for ever.",
		Mend:  "Approve the deletion of a shift that you do not have.",
		needs: []need{needsRoster(1), needsChanges("shift")},
		run: func(p *probe) {
			p.approve(p.item(http.MethodDelete, "shifts", newID("SHFT_"), nil))
		},
	},
}

// draftBody is a shift that was saved and not shared.
func (p *probe) draftBody(s shift) fields {
	body := p.body(s)
	body["draftShift"] = body["sharedShift"]
	delete(body, "sharedShift")
	return body
}

// stagedBody is a shift whose deletion is not shared yet.
func (p *probe) stagedBody(s shift) fields {
	body := p.body(s)
	draft := p.sharedShift(s)
	draft["isActive"] = false
	body["draftShift"] = draft
	return body
}

// deletedBody is a shift whose deletion is shared.
func (p *probe) deletedBody(s shift) fields {
	body := p.body(s)
	body["sharedShift"].(fields)["isActive"] = false
	return body
}
