package contract

import (
	"net/http"

	"example.com/shiftswfi/batch/shifts"
)

var offerShiftRequestChecks = []Check{
	{
		ID: "update.offer-approved", Level: Should, Section: "5.3",
		Title: "An offered shift goes from request to approval",
		Sends: "A new shift; its owner's offer to a colleague; the acceptance; and the manager's approval: the request, the shift that goes, and one that comes.",
		Why:   "A worker hands over a shift and is told that something went wrong.",
		Mend:  "Treat an approved offer as a swap with one shift: the old one goes, the recipient gets the new one.",
		needs: []need{needsRoster(2), needsChanges("shift", "offerShiftRequest")},
		run: func(p *probe) {
			offer := p.offer()
			p.approve(offer.asked())
			p.approve(offer.accepted())
			p.approve(offer.approved()...)
		},
	},
	{
		ID: "update.offer-in-place", Level: Should, Section: "5.3",
		Title: "An approved offer may also change the owner of the shift",
		Sends: "The story of update.offer-approved, approved with the request and PUT of the same shift with another userId.",
		Why:   "What the batch of this approval holds is not documented: either form may come.",
		Mend:  "Find the shift by its id or by its owner and times, whether it is changed, or deleted and made again.",
		needs: []need{needsRoster(2), needsChanges("shift", "offerShiftRequest")},
		run: func(p *probe) {
			offer := p.offer()
			offer.accept()
			handed := offer.shift
			handed.user = offer.new.user
			p.approve(offer.granted(), p.item(http.MethodPut, "shifts", handed.id, p.body(handed)))
		},
	},
	{
		ID: "update.offer-carried-out", Level: Should, Section: "5.3",
		Title: "After the approval of an offer, /read knows the new shift and the old one no more",
		Sends: "The story of update.offer-approved, and then the question what a third worker's shift may be swapped with.",
		Why:   "The endpoint has approved what it did not do: from then on it answers about a schedule that nobody has.",
		Mend:  "Delete the shift that goes and store the one that comes, in one step.",
		needs: []need{needsRoster(3), needsChanges("shift", "offerShiftRequest"), needsSwapQuestions},
		run: func(p *probe) {
			offer := p.offer()
			witness := p.given(2, offer.day, 14)
			offer.accept()
			p.begin(offer.approved()...)
			p.wantCandidates(witness, []string{offer.new.id}, []string{offer.shift.id})
		},
	},
	{
		ID: "update.offer-answered", Level: Must, Section: "3.2",
		Title: "An offer is answered at every step",
		Sends: "An offer, and its acceptance.",
		Why:   "An item without an answer counts as approved: offers pass that nobody has looked at.",
		Mend:  "Answer what you do not decide with a refusal; never leave it out.",
		needs: []need{needsRoster(2), needsChanges("shift", "offerShiftRequest")},
		run: func(p *probe) {
			offer := p.offer()
			for _, item := range []shifts.Item{offer.asked(), offer.accepted()} {
				p.wantEachAnswered(p.update(item), item)
			}
		},
	},
	{
		ID: "update.offer-declined", Level: Should, Section: "5.3",
		Title: "An offer may be declined",
		Sends: "An offer that its recipient declines, and another that a manager declines, of the same shift.",
		Why:   "A no is not the endpoint's to refuse: the offer stays open for ever.",
		Mend:  "Approve a request whose state is Declined, and forget about it.",
		needs: []need{needsRoster(2), needsChanges("shift", "offerShiftRequest")},
		run: func(p *probe) {
			offer := p.offer()
			p.begin(offer.asked())
			p.approve(offer.declined("Recipient"))
			offer.renew()
			offer.accept()
			p.approve(offer.declined("Manager"))
		},
	},
	{
		ID: "update.offer-cancelled", Level: Should, Section: "5.3",
		Title: "A worker may take an offer back",
		Sends: "An offer, and DELETE of it without a body.",
		Why:   "The shift stays promised although nobody offers it any more.",
		Mend:  "Take the id from the item's url, and expect no body with DELETE.",
		needs: []need{needsRoster(2), needsChanges("shift", "offerShiftRequest")},
		run: func(p *probe) {
			offer := p.offer()
			p.begin(offer.asked())
			p.approve(offer.cancelled())
		},
	},
}

// An offer is an offer request and the shift that comes if it is approved.
type offer struct {
	*request
	day        day
	shift, new shift
}

// offer plans one of a shift that is made for it.
func (p *probe) offer() *offer {
	d := p.day()
	s := p.given(0, d, 6)
	o := &offer{day: d, shift: s, new: s}
	o.new.id, o.new.user = newID("SHFT_"), p.profile.Roster.Workers[1]
	p.later(o.new.id)
	o.request = p.request("offershiftrequests", fields{
		"senderUserId": s.user, "senderShiftId": s.id, "senderMessage": "", "recipientUserId": o.new.user,
	})
	return o
}

// accept goes to where only the manager's approval is missing.
func (o *offer) accept() {
	o.p.begin(o.asked())
	o.p.begin(o.accepted())
}

// approved are the items of the manager's approval.
func (o *offer) approved() []shifts.Item {
	return []shifts.Item{
		o.granted(),
		o.p.item(http.MethodDelete, "shifts", o.shift.id, nil),
		o.p.item(http.MethodPost, "shifts", o.new.id, o.p.body(o.new)),
	}
}
