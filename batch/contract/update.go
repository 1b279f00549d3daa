package contract

import (
	"net/http"
	"slices"

	"example.com/shiftswfi/batch/shifts"
)

// updateChecks are in one file for each entity.
func updateChecks() []Check {
	return slices.Concat(swapRequestChecks)
}

var swapRequestChecks = []Check{
	{
		ID: "update.swap-approved", Level: Must, Section: "5.2",
		Title: "A swap goes from request to approval",
		Sends: "Two new shifts; a swap request of their owners; its acceptance; and the manager's approval, one batch of five: the request, two shifts that go, two that come.",
		Why:   "This is the flow that workers see most. What is not answered item by item is written unseen.",
		Mend:  "Find the roles in the batch by states, ids and owners, and answer every item with status 200 and an eTag.",
		needs: []need{needsRoster(2), needsChanges("shift", "swapRequest")},
		run: func(p *probe) {
			swap := p.swap()
			p.approve(swap.created())
			p.approve(swap.accepted())
			p.approve(swap.approved()...)
		},
	},
}

// A swap is a swap request between two shifts that were made for it.
type swap struct {
	p        *probe
	id       string
	from, to shift // the sender's, the recipient's
	new      [2]shift
}

// swap makes the two shifts, the sender's in the morning.
func (p *probe) swap() *swap {
	d := p.day()
	s := &swap{p: p, id: newID("SREQ_"), from: p.given(0, d, 6), to: p.given(1, d, 14)}
	s.renewed()
	return s
}

// renewed gives the shifts that come new ids, as Shifts does when it calls
// again.
func (s *swap) renewed() {
	s.new = [2]shift{s.to, s.from}
	for i, from := range []shift{s.from, s.to} {
		s.new[i].id, s.new[i].user = newID("SHFT_"), from.user
		s.p.later(s.new[i].id)
	}
}

func (s *swap) request(method, state, assignedTo string) shifts.Item {
	return s.p.item(method, "swapRequests", s.id, fields{
		"id": s.id, "state": state, "assignedTo": assignedTo,
		"senderUserId": s.from.user, "senderShiftId": s.from.id, "senderDateTime": s.p.stamp(), "senderMessage": "",
		"recipientUserId": s.to.user, "recipientShiftId": s.to.id,
	})
}

func (s *swap) created() shifts.Item { return s.request(http.MethodPost, "Pending", "Recipient") }

func (s *swap) accepted() shifts.Item { return s.request(http.MethodPut, "Pending", "Manager") }

func (s *swap) approved() []shifts.Item {
	p := s.p
	return []shifts.Item{
		s.request(http.MethodPut, "Approved", "Manager"),
		p.item(http.MethodDelete, "shifts", s.from.id, nil),
		p.item(http.MethodDelete, "shifts", s.to.id, nil),
		p.item(http.MethodPost, "shifts", s.new[0].id, p.body(s.new[0])),
		p.item(http.MethodPost, "shifts", s.new[1].id, p.body(s.new[1])),
	}
}
