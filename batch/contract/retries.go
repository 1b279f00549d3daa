package contract

import (
	"net/http"
	"slices"
	"sync"

	"example.com/shiftswfi/batch/shifts"
)

var retryChecks = slices.Concat(repeatChecks, outageChecks)

var repeatChecks = []Check{
	{
		ID: "retries.swap", Level: Must, Section: "6.1",
		Title: "Every step of a swap may be repeated word for word",
		Sends: "The story of update.swap-approved, each call twice.",
		Why:   "Shifts repeats a call whose answer it did not get. If the repeat is refused, the worker is told that what was done has failed.",
		Mend:  "Recognise what is done already by its content, and answer it as the first time.",
		needs: []need{needsRoster(2), needsChanges("shift", "swapRequest")},
		run: func(p *probe) {
			swap := p.swap()
			for _, batch := range [][]shifts.Item{{swap.asked()}, {swap.accepted()}, swap.approved()} {
				p.begin(batch...)
				p.approve(batch...)
			}
		},
	},
	{
		ID: "retries.refusal", Level: Should, Section: "6.1",
		Title: "A refusal stays a refusal",
		Sends: "A swap request that the rules forbid, twice.",
		Why:   "The repeat is taken for something that was done already, and what was refused goes on to a manager.",
		Mend:  "Remember what was approved, not what was asked.",
		needs: []need{needsTeam, needsIneligible, needsDecisions("swapRequest")},
		run: func(p *probe) {
			item := p.forbiddenSwap().asked()
			first := p.update(item).Change(item.ID)
			if first != shifts.Refused {
				p.skip("The endpoint does not refuse the swap request in the first place.")
			}
			p.refuse(item)
		},
	},
	{
		ID: "retries.new-request-id", Level: Must, Section: "6.2",
		Title: "A swap request that comes again under another id is approved again",
		Sends: "A swap request; the same under a new id; and the acceptance and approval of the newer one.",
		Why:   "Shifts was seen to give a request a new id with every repeat. Refused as a duplicate, it never gets anywhere.",
		Mend:  "Tell requests by what they ask for, the two shifts, not by their ids; the newest id counts.",
		needs: []need{needsRoster(2), needsChanges("shift", "swapRequest")},
		run: func(p *probe) {
			swap := p.swap()
			p.begin(swap.asked())
			swap.renew()
			p.approve(swap.asked())
			p.approve(swap.accepted())
			p.approve(swap.approved()...)
		},
	},
	{
		ID: "retries.new-shift-ids", Level: Must, Section: "6.2",
		Title: "The approval of a swap that comes again with other new shifts is approved again",
		Sends: "The story of update.swap-approved, and its last batch once more with new ids of the two shifts that come.",
		Why:   "Shifts was seen to give those shifts new ids with every repeat of an approval. Refused, a swap that was carried out counts as failed.",
		Mend:  "Recognise the approved request, and approve its batch again.",
		needs: []need{needsRoster(2), needsChanges("shift", "swapRequest")},
		run: func(p *probe) {
			swap := p.carriedOutSwap()
			swap.renewShifts()
			p.approve(swap.approved()...)
		},
	},
	{
		ID: "retries.one-copy", Level: Must, Section: "6.2",
		Title: "After a repeated approval there is one copy of each new shift, under its newest id",
		Sends: "The story of retries.new-shift-ids, and then the question what each new shift may be swapped with.",
		Why:   "Two workers have two shifts too many for the endpoint, or it knows those that they have by ids that Shifts has forgotten.",
		Mend:  "Let the shifts of a repeat take the place of those that came before.",
		needs: []need{needsRoster(2), needsChanges("shift", "swapRequest"), needsSwapQuestions},
		run: func(p *probe) {
			swap := p.carriedOutSwap()
			before := swap.new
			if !p.isCandidate(before[1], before[0]) || !p.isCandidate(before[0], before[1]) {
				p.skip("The endpoint does not know the new shifts of the approval either.")
			}
			swap.renewShifts()
			p.begin(swap.approved()...)
			p.wantCandidates(swap.new[0], []string{swap.new[1].id}, []string{before[0].id, before[1].id, swap.to.id})
			p.wantCandidates(swap.new[1], []string{swap.new[0].id}, []string{before[0].id, before[1].id, swap.from.id})
		},
	},
	{
		ID: "retries.slots", Level: Must, Section: "6.1",
		Title: "A repeated approval takes one slot of an open shift",
		Sends: "An open shift with two slots; the requests of two workers; the approval of the first, twice, the second time with a new id of the new shift; and then that of the other.",
		Why:   "The second worker is refused a slot that is still free.",
		Mend:  "Recognise the approved request, and take no slot for it again.",
		needs: []need{needsRoster(2), needsChanges("openShift", "openShiftRequest", "shift")},
		run: func(p *probe) {
			open := p.openShift(p.day(), 2)
			claim, other := p.claim(0, open), p.claim(1, open)
			p.begin(claim.submitted())
			p.begin(other.submitted())
			p.begin(claim.approved(1)...)
			claim.renewShift()
			p.approve(claim.approved(1)...)
			p.approve(other.approved(0)...)
		},
	},
	{
		ID: "retries.create-at-once", Level: Must, Section: "6.3",
		Title: "The same call may come several times at once",
		Sends: "One swap request, eight times at the same moment.",
		Why:   "A call that is repeated while the first is still under way fails for good if any of them ends in an HTTP error.",
		Mend:  "Decide the changes of a team one after the other, and let a twin wait for the first. To refuse it with status 102 or 409 is known from one integration, but its user is told that the change failed.",
		needs: []need{needsRoster(2), needsChanges("shift", "swapRequest")},
		run: func(p *probe) {
			item := p.swap().asked()
			batches := slices.Repeat([][]shifts.Item{{item}}, 8)
			written := 0
			for _, reply := range p.atOnce(batches...) {
				p.wantBatch(reply)
				response, _ := reply.Find(item.ID)
				if status, ok := response.StatusCode(); ok && slices.Contains(inProgress, status) {
					continue
				}
				p.wantWritten(reply, item)
				written++
			}
			if written == 0 {
				p.fail("None of %d calls at the same moment was approved.", len(batches))
			}
		},
	},
	{
		ID: "retries.last-slot-at-once", Level: Should, Section: "6.3",
		Title: "Of two approvals for one slot at the same moment, one is refused",
		Sends: "An open shift with one slot; the requests of two workers; and the approvals of both at the same moment. This three times over.",
		Why:   "Two managers who decide at once give the same slot to two workers.",
		Mend:  "Look at the slots and take one in one step, also across several processes.",
		needs: []need{needsRoster(2), needsChanges("openShift", "shift"), needsDecisions("openShiftRequest")},
		run: func(p *probe) {
			for range 3 {
				p.raceForSlot()
			}
		},
	},
}

// inProgress are the statuses by which an endpoint may put off a call whose
// twin is under way.
var inProgress = []int{http.StatusProcessing, http.StatusConflict, http.StatusLocked, http.StatusTooEarly, http.StatusTooManyRequests}

// carriedOutSwap is one that a manager has approved.
func (p *probe) carriedOutSwap() *swap {
	s := p.swap()
	s.accept()
	p.begin(s.approved()...)
	return s
}

// raceForSlot has two managers give the last slot of an open shift.
func (p *probe) raceForSlot() {
	open := p.openShift(p.day(), 1)
	first, second := p.claim(0, open), p.claim(1, open)
	p.begin(first.submitted())
	p.begin(second.submitted())
	written := 0
	for i, reply := range p.atOnce(first.approved(0), second.approved(0)) {
		request := []*claim{first, second}[i].id
		if outcome := reply.Change(request); outcome != shifts.Refused && outcome != shifts.Invalid {
			written++
		}
	}
	if written != 1 {
		p.fail("%d of two approvals for the last slot of the open shift %s were approved, and exactly one should be.", written, open.id)
	}
}

// atOnce sends several changes at the same moment, each of which has to be
// answered. The replies are in the order of the batches.
func (p *probe) atOnce(batches ...[]shifts.Item) []*shifts.Reply {
	address := p.endpoint.Update(p.profile.Team)
	replies, errs := make([]*shifts.Reply, len(batches)), make([]error, len(batches))
	var all sync.WaitGroup
	for i, batch := range batches {
		body := p.seal(batchOf(batch...))
		all.Go(func() { replies[i], errs[i] = p.caller.Post(p.ctx, address, nil, body) })
	}
	all.Wait()
	for i, batch := range batches {
		p.record(rawExchange{address: address, plaintext: batchOf(batch...), reply: replies[i], err: errs[i]})
	}
	for i := range batches {
		p.wantAnswer(replies[i], errs[i])
	}
	return replies
}
