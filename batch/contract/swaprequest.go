package contract

import (
	"net/http"
	"time"

	"example.com/shiftswfi/batch/shifts"
)

var swapRequestChecks = []Check{
	{
		ID: "update.swap-approved", Level: Must, Section: "5.2",
		Title: "A swap goes from request to approval",
		Sends: "Two new shifts; a swap request of their owners; its acceptance; and the manager's approval, one batch of five: the request, two shifts that go, two that come.",
		Why:   "This is the flow that workers see most. A step that is refused stops it.",
		Mend:  "Find the roles in the batch by states, ids and owners, and approve all of it.",
		needs: []need{needsRoster(2), needsChanges("shift", "swapRequest")},
		run: func(p *probe) {
			swap := p.swap()
			p.approve(swap.asked())
			p.approve(swap.accepted())
			p.approve(swap.approved()...)
		},
	},
	{
		ID: "update.swap-answered", Level: Must, Section: "3.2",
		Title: "Each of the five items of a swap's approval has an answer of its own",
		Sends: "The batch of five of update.swap-approved.",
		Why:   "An item without an answer counts as approved, whatever the endpoint made of it.",
		Mend:  "Answer every item once, under its own id, not the request alone.",
		needs: []need{needsRoster(2), needsChanges("shift", "swapRequest")},
		run: func(p *probe) {
			swap := p.swap()
			swap.accept()
			items := swap.approved()
			p.wantEachAnswered(p.update(items...), items...)
		},
	},
	{
		ID: "update.swap-carried-out", Level: Must, Section: "5.2",
		Title: "After the approval of a swap, /read knows the new shifts and the old ones no more",
		Sends: "The story of update.swap-approved, and then the question what each new shift may be swapped with.",
		Why:   "The endpoint has approved what it did not do: from then on it answers about a schedule that nobody has.",
		Mend:  "Delete the shifts that go and store those that come, of the same batch, in one step.",
		needs: []need{needsRoster(2), needsChanges("shift", "swapRequest"), needsSwapQuestions},
		run: func(p *probe) {
			swap := p.carriedOutSwap()
			p.wantCandidates(swap.new[0], []string{swap.new[1].id}, []string{swap.from.id, swap.to.id})
			p.wantCandidates(swap.new[1], []string{swap.new[0].id}, []string{swap.from.id, swap.to.id})
		},
	},
	{
		ID: "update.swap-order", Level: Should, Section: "5.2",
		Title: "The order of the items of a swap's approval does not matter",
		Sends: "The batch of five of update.swap-approved backwards: what comes, what goes, and the request last.",
		Why:   "No documentation promises the order in which Shifts was seen to send them.",
		Mend:  "Find the request by its state, and the shifts by their ids, owners and times.",
		needs: []need{needsRoster(2), needsChanges("shift", "swapRequest")},
		run: func(p *probe) {
			swap := p.swap()
			swap.accept()
			all := swap.approved()
			p.approve(all[4], all[2], all[3], all[1], all[0])
		},
	},
	{
		ID: "update.swap-without-owners", Level: Must, Section: "5.2",
		Title: "The new shifts of a swap need not name their owners",
		Sends: "The approval of a swap whose two new shifts have no userId.",
		Why:   "Shifts was seen to leave it out: each new shift takes the times of the shift that its owner gets.",
		Mend:  "Without userId, give the sender the new shift that has the times of the recipient's old one.",
		needs: []need{needsRoster(2), needsChanges("shift", "swapRequest")},
		run: func(p *probe) {
			swap := p.swap()
			swap.accept()
			items := swap.approved()
			for _, item := range items[3:] {
				delete(item.Body.(fields), "userId")
			}
			p.approve(items...)
		},
	},
	{
		ID: "update.swap-competing", Level: Must, Section: "5.2",
		Title: "A request that the system declines beside an approval does not hide the approval",
		Sends: "A second swap request for one of the shifts, which may be refused; then the approval of the first, with the second as Declined by System before it in the batch.",
		Why:   "Shifts ends competing requests in the batch of the approval. Who takes the first request of the batch for its subject cancels the swap.",
		Mend:  "Look for the request whose state is Approved; take the others as they are.",
		needs: []need{needsRoster(3), needsChanges("shift", "swapRequest")},
		run: func(p *probe) {
			swap := p.swap()
			swap.accept()
			rival := p.swapOf(p.given(2, swap.day, 10), swap.to)
			p.update(rival.asked())
			items := append([]shifts.Item{rival.declined("System")}, swap.approved()...)
			p.approve(items...)
			if p.profile.filters("swapRequest") {
				p.wantCandidates(swap.new[0], []string{swap.new[1].id}, nil)
			}
		},
	},
	{
		ID: "update.swap-unaccepted", Level: Must, Section: "5.2",
		Title: "A manager may approve a swap that its recipient has not accepted yet",
		Sends: "The request of update.swap-approved and its approval, without the acceptance between.",
		Why:   "Shifts was seen to let managers do so, and no acceptance is ever announced then.",
		Mend:  "Take the acceptance for given when the approval comes.",
		needs: []need{needsRoster(2), needsChanges("shift", "swapRequest")},
		run: func(p *probe) {
			swap := p.swap()
			p.begin(swap.asked())
			p.approve(swap.approved()...)
		},
	},
	{
		ID: "update.swap-declined", Level: Must, Section: "5.2",
		Title: "A swap may be declined by its recipient, by a manager and by the system",
		Sends: "A swap request that its recipient declines; one that was accepted and that a manager declines; and one that the system declines, all of the same two shifts.",
		Why:   "A no is not the endpoint's to refuse: the request stays open for ever, and so do the shifts.",
		Mend:  "Approve a request whose state is Declined, and forget about it: its shifts may be asked for again.",
		needs: []need{needsRoster(2), needsChanges("shift", "swapRequest")},
		run: func(p *probe) {
			swap := p.swap()
			p.begin(swap.asked())
			p.approve(swap.declined("Recipient"))
			swap.renew()
			swap.accept()
			p.approve(swap.declined("Manager"))
			swap.renew()
			p.begin(swap.asked())
			p.approve(swap.declined("System"))
		},
	},
	{
		ID: "update.swap-cancelled", Level: Must, Section: "5.2",
		Title: "A worker may take a swap request back",
		Sends: "A swap request, and DELETE of it without a body.",
		Why:   "An endpoint that stumbles over the missing body keeps a request that nobody made any more.",
		Mend:  "Take the id from the item's url, and expect no body with DELETE.",
		needs: []need{needsRoster(2), needsChanges("shift", "swapRequest")},
		run: func(p *probe) {
			swap := p.swap()
			p.begin(swap.asked())
			p.approve(swap.cancelled())
		},
	},
	{
		ID: "update.swap-states", Level: Should, Section: "5.1",
		Title: "States and actors are read whatever their letter case, and blanks around them",
		Sends: `The story of update.swap-approved with "pending" and "recipient", "Pending" and "manager ", and "APPROVED" and "Manager".`,
		Why:   "Shifts writes them with a capital, Graph without, and samples with a blank at the end have been published.",
		Mend:  "Trim state and assignedTo and compare them without regard to letter case.",
		needs: []need{needsRoster(2), needsChanges("shift", "swapRequest")},
		run: func(p *probe) {
			swap := p.swap()
			p.approve(swap.in(http.MethodPost, "pending", "recipient"))
			p.approve(swap.in(http.MethodPut, "Pending", "manager "))
			items := swap.approved()
			items[0] = swap.in(http.MethodPut, "APPROVED", "Manager")
			p.approve(items...)
		},
	},
	{
		ID: "update.swap-refused", Level: Should, Section: "5.2",
		Title: "A swap that the rules forbid is refused when it is asked for",
		Sends: "A swap request for the profile's shift and one that it may not be swapped with.",
		Why:   "The worker is told that all is well, and the swap goes on to a manager.",
		Mend:  "Decide a swap request by the rules by which /read lists shifts.",
		needs: []need{needsTeam, needsIneligible, needsDecisions("swapRequest")},
		run:   func(p *probe) { p.refuse(p.forbiddenSwap().asked()) },
	},
	{
		ID: "update.swap-approval-refused", Level: Must, Section: "3.4",
		Title: "The approval of a swap is refused item by item",
		Sends: "The request of update.swap-refused; once that is refused, the batch of five that would approve it.",
		Why:   "What is not refused is written: of a swap that is refused in part, one worker has two shifts and the other none.",
		Mend:  "Give all items a status other than 200, and each an error with a code and a message.",
		needs: []need{needsTeam, needsIneligible, needsDecisions("swapRequest", "shift")},
		run: func(p *probe) {
			swap := p.forbiddenSwap()
			reply := p.update(swap.asked())
			if outcome := reply.Change(swap.id); outcome != shifts.Refused && outcome != shifts.Invalid {
				p.skip("The endpoint approves the swap request already, and would change shifts for good.")
			}
			items := swap.approved()
			p.wantRefusedWhole(p.update(items...), items...)
		},
	},
}

// wantRefusedWhole ends the check unless every item is refused, and says why if
// any does.
func (p *probe) wantRefusedWhole(reply *shifts.Reply, items ...shifts.Item) {
	if reply.HTTPStatus != http.StatusOK || reply.Fault != nil {
		p.skip("The endpoint does not refuse the items, but the whole call.")
	}
	silent, speaks := "", false
	for _, item := range items {
		outcome := reply.Change(item.ID)
		if outcome != shifts.Refused {
			p.wantRefused(reply, item)
		}
		response, _ := reply.Find(item.ID)
		if code, message := response.Refusal(); code == "" || message == "" {
			silent = describe(item)
		} else {
			speaks = true
		}
	}
	if speaks && silent != "" {
		p.fail("%s was refused without a code and a message, unlike others of the batch.", silent)
	}
}

// A swap is a swap request and the shifts that come if it is approved.
type swap struct {
	*request
	day      day
	from, to shift // the sender's, the recipient's
	new      [2]shift
}

// swap plans one between two shifts of one day that are made for it, the
// sender's in the morning.
func (p *probe) swap() *swap {
	d := p.day()
	s := p.swapOf(p.given(0, d, 6), p.given(1, d, 14))
	s.day = d
	return s
}

// swapOf plans a swap between two shifts that are there.
func (p *probe) swapOf(from, to shift) *swap {
	s := &swap{from: from, to: to, request: p.request("swapRequests", fields{
		"senderUserId": from.user, "senderShiftId": from.id, "senderMessage": "",
		"recipientUserId": to.user, "recipientShiftId": to.id,
	})}
	s.renewShifts()
	return s
}

// forbiddenSwap is one between shifts that the endpoint has. It is neither
// accepted nor approved unless the endpoint is wrong about it.
func (p *probe) forbiddenSwap() *swap {
	from, to := p.profile.Swap.Shift, p.profile.Swap.Ineligible[0]
	return p.swapOf(existing(from), existing(to))
}

// existing is a shift of the profile; how long it takes is not known.
func existing(s ExistingShift) shift {
	return shift{id: s.ID, user: s.User, start: s.Start, end: s.Start.Add(4 * time.Hour)}
}

// renewShifts gives the shifts that come new ids, as Shifts does when it
// repeats a call.
func (s *swap) renewShifts() {
	s.new = [2]shift{s.to, s.from}
	for i, from := range []shift{s.from, s.to} {
		s.new[i].id, s.new[i].user = newID("SHFT_"), from.user
		s.p.later(s.new[i].id)
	}
}

// accept goes to where only the manager's approval is missing.
func (s *swap) accept() {
	s.p.begin(s.asked())
	s.p.begin(s.accepted())
}

// approved are the items of the manager's approval, in the order in which they
// were seen.
func (s *swap) approved() []shifts.Item {
	p := s.p
	return []shifts.Item{
		s.granted(),
		p.item(http.MethodDelete, "shifts", s.from.id, nil),
		p.item(http.MethodDelete, "shifts", s.to.id, nil),
		p.item(http.MethodPost, "shifts", s.new[0].id, p.body(s.new[0])),
		p.item(http.MethodPost, "shifts", s.new[1].id, p.body(s.new[1])),
	}
}
