package contract

import (
	"net/http"
	"strings"

	"example.com/shiftswfi/batch/shifts"
)

// kindChecks see to it that an item is taken for what its url says.
var kindChecks = []Check{
	{
		ID: "batch.unknown-kind-answered", Level: Must, Section: "3.6",
		Title: "An item of a kind that does not exist yet is answered",
		Sends: "A change with the url /lunchBreaks/{id}: alone, after a deletion of an entity that nobody knows, and before one.",
		Why:   "Microsoft adds kinds. An item without an answer counts as approved, so that changes are written which nobody looked at.",
		Mend:  "Give an item whose url you do not understand an answer that refuses it, and go on with the others.",
		needs: []need{needsUpdates},
		run: func(p *probe) {
			p.settle(p.unknownKind())
			p.settle(p.harmless(1)[0], p.unknownKind())
			p.settle(p.unknownKind(), p.harmless(1)[0])
		},
	},
	{
		ID: "batch.unknown-kind-refused", Level: Should, Section: "3.6",
		Title: "An item of a kind that does not exist yet is refused",
		Sends: "A change with the url /lunchBreaks/{id}.",
		Why:   "What is approved is written into the schedule. The endpoint cannot know what it has agreed to, and does not store it.",
		Mend:  "Refuse what you do not understand, with a sentence that says so.",
		needs: []need{needsUpdates, needsJudgement},
		run: func(p *probe) {
			item := p.unknownKind()
			p.wantNotApproved(p.update(item), item)
		},
	},
	{
		ID: "batch.each-item-judged", Level: Should, Section: "3.6",
		Title: "An item is not approved because the one before it is",
		Sends: "A deletion of an entity that nobody knows, and after it a change with the url /lunchBreaks/{id}.",
		Why:   "An endpoint that judges a batch by one of its items approves whatever else is in it.",
		Mend:  "Decide item by item. If one has to be refused, refuse the others, too, or only that one; do not approve it.",
		needs: []need{needsUpdates, needsJudgement},
		run: func(p *probe) {
			item := p.unknownKind()
			p.wantNotApproved(p.update(p.harmless(1)[0], item), item)
		},
	},
	{
		ID: "batch.kind-by-segments", Level: Must, Section: "3.6",
		Title: "The kind of an item is read from its path, not found somewhere in it",
		Sends: "A new shift whose id is made of the names of other kinds, as in /shifts/SHFT_openshiftrequests_1.",
		Why:   "An endpoint that looks for a name anywhere in the url takes one kind for another: it decides, stores or deletes the wrong thing.",
		Mend:  "Split the path at its slashes; the first segment is the kind, the second the id.",
		needs: []need{needsRoster(1), needsChanges("shift")},
		run: func(p *probe) {
			s := p.planned(0, p.day(), 8)
			s.id = newID("SHFT_openshiftrequests_openshifts_timesoff_")
			p.later(s.id)
			item := p.item(http.MethodPost, "shifts", s.id, p.body(s))
			p.wantNotRefused(p.update(item), item)
		},
	},
	{
		ID: "batch.kind-by-whole-path", Level: Must, Section: "3.6",
		Title: "A path that only contains that of a known kind is not taken for it",
		Sends: "New shifts with the urls /archive/shifts/{id}, /notshifts/{id} and /swapRequests/{id}/shifts/{id}, which no kind has.",
		Why:   "An endpoint that looks for a name anywhere in the url takes an unknown kind for a known one: it decides, stores or deletes the wrong thing.",
		Mend:  "Compare the whole path, segment by segment, and refuse what has more or other segments.",
		needs: []need{needsRoster(1), needsDecisions("shift")},
		run:   wholePath,
	},
	{
		ID: "batch.kind-letter-case", Level: Should, Section: "3.6",
		Title: "The letter case of a kind does not matter",
		Sends: "A new shift with the url /SHIFTS/{id}.",
		Why:   "Callbacks and the Graph reference write kinds differently (openshiftrequests, openShiftRequests). A kind that is not recognised is refused or, worse, not answered.",
		Mend:  "Compare the names of kinds without regard to letter case.",
		needs: []need{needsRoster(1), needsChanges("shift")},
		run: func(p *probe) {
			s := p.planned(0, p.day(), 8)
			p.later(s.id)
			item := p.item(http.MethodPost, "SHIFTS", s.id, p.body(s))
			p.wantNotRefused(p.update(item), item)
		},
	},
}

// needsJudgement is for checks that expect a refusal of what cannot be
// understood.
func needsJudgement(p Profile) string {
	if p.Mode == Mirror {
		return "The profile says that the endpoint approves every change (mode)."
	}
	return ""
}

// unknownKind is a change of a kind that does not exist.
func (p *probe) unknownKind() shifts.Item {
	id := newID("LNCH_")
	return p.item(http.MethodPost, "lunchBreaks", id, fields{"id": id, "lastModifiedDateTime": p.stamp()})
}

// wantNotApproved ends the check if an item has an answer that approves it.
func (p *probe) wantNotApproved(reply *shifts.Reply, item shifts.Item) {
	if outcome := reply.Change(item.ID); outcome == shifts.Saved || outcome == shifts.Unacknowledged {
		p.fail("%s was approved, and should be refused.", describe(item))
	}
}

// wantNotRefused ends the check unless an item has an answer that does not
// refuse it.
func (p *probe) wantNotRefused(reply *shifts.Reply, item shifts.Item) {
	p.wantAnswered(reply, item)
	if reply.Change(item.ID) == shifts.Refused {
		p.wantSaved(reply, item)
	}
}

// wholePath first finds out whether the endpoint refuses any unknown kind: one
// that does not is another check's concern.
func wholePath(p *probe) {
	d := p.day()
	at := func(path string) (*shifts.Reply, shifts.Item) {
		s := p.planned(0, d, 8)
		p.later(s.id)
		item := p.item(http.MethodPost, "shifts", s.id, p.body(s))
		item.URL = strings.ReplaceAll(path, "{id}", s.id)
		return p.update(item), item
	}
	if reply, item := at("/lunchBreaks/{id}"); reply.Change(item.ID) != shifts.Refused {
		p.skip("%s is not refused either: see batch.unknown-kind-refused.", describe(item))
	}
	for _, path := range []string{"/archive/shifts/{id}", "/notshifts/{id}", "/swapRequests/{id}/shifts/{id}"} {
		reply, item := at(path)
		p.wantNotApproved(reply, item)
	}
}
