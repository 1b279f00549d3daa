package contract

import (
	"context"
	"slices"
	"time"

	"example.com/shiftswfi/batch/shifts"
)

var outageChecks = []Check{
	{
		ID: "retries.outage-change", Level: Must, Section: "6.4",
		Title: "No change is approved while the endpoint cannot store it",
		Sends: "The profile's command that begins an outage; a swap request; the command that ends it; and the request again, until it is approved.",
		Why:   "Shifts writes the change, and the endpoint never learns of it.",
		Mend:  "Refuse every item with HTTP 200 and status 503 within a few seconds, or answer with an HTTP error, and go on by yourself once the outage is over.",
		needs: []need{needsOutage, needsRoster(2), needsChanges("shift", "swapRequest")},
		run: func(p *probe) {
			item := p.swap().asked()
			p.duringOutage(func() { p.refuse(item) })
			p.eventually(func() bool {
				outcome := p.update(item).Change(item.ID)
				return outcome != shifts.Refused && outcome != shifts.Invalid
			})
		},
	},
	{
		ID: "retries.outage-question", Level: Must, Section: "6.4",
		Title: "No question is answered with an empty list while the endpoint cannot look it up",
		Sends: "The profile's command that begins an outage; the question what a shift may be swapped with; the command that ends it; and the question again, until it is answered.",
		Why:   "The worker is shown that nobody can swap, and believes it.",
		Mend:  "Refuse the item with HTTP 200 and status 503 within a few seconds, and go on by yourself once the outage is over.",
		needs: []need{needsOutage, needsRoster(2), needsChanges("shift"), needsSwapQuestions},
		run: func(p *probe) {
			d := p.day()
			mine, other := p.given(0, d, 6), p.given(1, d, 14)
			question := p.question(mine.id, swapURL(mine.id, mine.start))
			if !p.isCandidate(other, mine) {
				p.skip("The endpoint does not list the shift without an outage either.")
			}
			p.duringOutage(func() {
				reply := p.read(question)
				response, _ := reply.Find(question.ID)
				ids, _ := response.IDs()
				if reply.Question(question.ID) == shifts.Listed && !slices.Contains(ids, other.id) {
					p.fail("The question was answered during the outage with a list that lacks the shift %s.", other.id)
				}
			})
			p.eventually(func() bool { return p.isCandidate(other, mine) })
		},
	},
}

// duringOutage cuts the endpoint off from its data while something is tried,
// and in any case ends the outage.
func (p *probe) duringOutage(try func()) {
	defer func() {
		if err := p.outage(context.WithoutCancel(p.ctx), p.profile.Outage.End); err != nil {
			p.fail("The command that ends the outage failed, please end it by hand: %v.", err)
		}
	}()
	if err := p.outage(p.ctx, p.profile.Outage.Begin); err != nil {
		p.skip("The command that begins the outage failed: %v.", err)
	}
	p.cutOff = true
	defer func() { p.cutOff = false }()
	try()
}

// eventually tries until it succeeds, with growing pauses of some twenty
// seconds together.
func (p *probe) eventually(succeeds func() bool) {
	pause := 50 * time.Millisecond
	for range 10 {
		if succeeds() {
			return
		}
		select {
		case <-p.ctx.Done():
		case <-time.After(pause):
		}
		pause = min(2*pause, 5*time.Second)
	}
	p.fail("The endpoint does not work again, twenty seconds after the end of the outage.")
}
