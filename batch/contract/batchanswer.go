package contract

import (
	"net/http"
	"slices"

	"example.com/shiftswfi/batch/shifts"
)

// answerChecks look at what an answer to an item is made of.
var answerChecks = []Check{
	{
		ID: "batch.status-integer", Level: Must, Section: "3.2",
		Title: "The status of an item is an integer",
		Sends: "A change and questions, some of which are usually approved and some refused.",
		Why:   "Shifts decides by the status. Every documented answer has a number there; one that is missing or cannot be read may count as an approval.",
		Mend:  "Write the status as a JSON number such as 200 or 403, not as a text, although one table calls it a string.",
		needs: []need{needsSample},
		run: func(p *probe) {
			for _, a := range p.answers() {
				if _, ok := a.response.StatusCode(); !ok {
					p.fail("%s", p.complaint(a.outcome, a.reply, a.item))
				}
			}
		},
	},
	{
		ID: "batch.refusal-http-200", Level: Must, Section: "3.4",
		Title: "What is refused is refused in an answer with HTTP 200",
		Sends: "Changes and questions about entities that nobody knows.",
		Why:   "Any other HTTP status counts as an outage: Shifts calls again, several times, and then says that the integration responded with invalid data instead of giving your reason.",
		Mend:  "Answer with HTTP 200 and put the refusal into the status and error of the item.",
		needs: []need{needsSample},
		run: func(p *probe) {
			for _, a := range p.sample() {
				if a.reply.HTTPStatus != http.StatusOK {
					p.fail("%s was answered with HTTP %d.", describe(a.item), a.reply.HTTPStatus)
				}
			}
		},
	},
	{
		ID: "batch.refusal-message", Level: Must, Section: "3.4",
		Title: "A refusal has a sentence for the user",
		Sends: "Changes and questions about entities that nobody knows.",
		Why:   "error.message is what the user of Shifts reads; without it there is only \"Something went wrong\". And an answer that is not complete may count as an approval.",
		Mend:  "Give every refused item body.error.message, a sentence that says why.",
		needs: []need{needsSample},
		run: func(p *probe) {
			for _, a := range p.answers(shifts.Refused) {
				if _, message := a.response.Refusal(); message == "" {
					p.fail("%s was refused, and error.message is not a text with something in it.", describe(a.item))
				}
			}
		},
	},
	{
		ID: "batch.refusal-code", Level: Should, Section: "3.4",
		Title: "A refusal has a code",
		Sends: "Changes and questions about entities that nobody knows.",
		Why:   "Documented refusals have a code, a text, beside the message. An answer that is not complete may count as an approval.",
		Mend:  "Give every refused item body.error.code, a text: a word for the reason, or the status.",
		needs: []need{needsSample},
		run: func(p *probe) {
			for _, a := range p.answers(shifts.Refused) {
				if code, _ := a.response.Refusal(); code == "" {
					p.fail("%s was refused, and error.code is not a text with something in it.", describe(a.item))
				}
			}
		},
	},
	{
		ID: "batch.refusal-without-data", Level: Should, Section: "3.4",
		Title: "A refusal has no data",
		Sends: "Changes and questions about entities that nobody knows.",
		Why:   "An answer that refuses and gives something at once contradicts itself; which half Shifts goes by is not documented.",
		Mend:  "Leave body.data out of a refusal, or make it null.",
		needs: []need{needsSample},
		run: func(p *probe) {
			for _, a := range p.answers(shifts.Refused) {
				if data := string(a.response.Data); data != "" && data != "null" {
					p.fail("%s was refused, and has data: %s.", describe(a.item), clip(data))
				}
			}
		},
	},
	{
		ID: "batch.success-without-error", Level: Should, Section: "3.2",
		Title: "A success has no error",
		Sends: "A change and questions, some of which are usually approved.",
		Why:   "A user who is shown an error does not expect that the change was saved.",
		Mend:  "Make body.error null where the status of the item is 200.",
		needs: []need{needsSample},
		run: func(p *probe) {
			for _, a := range p.answers(shifts.Saved, shifts.Unacknowledged, shifts.Listed) {
				if code, message := a.response.Refusal(); code != "" || message != "" {
					p.fail("%s has status 200, and an error (%s: %s).", describe(a.item), code, message)
				}
			}
		},
	},
}

// A sampled item has been sent alone.
type sampled struct {
	item     shifts.Item
	reply    *shifts.Reply
	response shifts.Response
	outcome  shifts.Outcome
}

// needsSample is for checks that call [probe.sample].
func needsSample(p Profile) string {
	if needsUpdates(p) == "" || needsSwapFilter(p) == "" {
		return needsTeam(p)
	}
	return "The profile says that Shifts calls about nothing (supportedEntities, eligibilityFiltering)."
}

// sample sends what most endpoints approve and what most refuse, each in a
// batch of its own, as far as the profile goes.
func (p *probe) sample() []sampled {
	var sample []sampled
	if needsUpdates(p.profile) == "" {
		items := append(p.harmless(1), p.unknownKind())
		if p.profile.supports("swapRequest") && p.profile.mode("swapRequest") != Mirror {
			items = append(items, p.groundless())
		}
		for _, item := range items {
			reply := p.update(item)
			response, _ := reply.Find(item.ID)
			sample = append(sample, sampled{item, reply, response, reply.Change(item.ID)})
		}
	}
	if needsSwapFilter(p.profile) == "" {
		for _, shift := range []string{p.profile.Swap.Shift.ID, newID("SHFT_")} {
			item := p.question(shift, swapURL(shift, p.profile.Swap.Shift.Start))
			reply := p.read(item)
			response, _ := reply.Find(item.ID)
			sample = append(sample, sampled{item, reply, response, reply.Question(item.ID)})
		}
	}
	return sample
}

// answers are those to the sample that have one of the outcomes, or any if
// none is given. Where there is none, the check is skipped.
func (p *probe) answers(outcomes ...shifts.Outcome) []sampled {
	var answers []sampled
	for _, a := range p.sample() {
		if a.response.ID != nil && (len(outcomes) == 0 || slices.Contains(outcomes, a.outcome)) {
			answers = append(answers, a)
		}
	}
	if len(answers) == 0 {
		p.skip("None of the calls was answered with HTTP 200 and in the way that this check looks at.")
	}
	return answers
}

// groundless is a swap request of which nothing is known, neither the shifts
// nor the people.
func (p *probe) groundless() shifts.Item {
	id := newID("SREQ_")
	p.undo = append(p.undo, func() { p.update(p.item(http.MethodDelete, "swapRequests", id, nil)) })
	return p.item(http.MethodPost, "swapRequests", id, fields{
		"id": id, "state": "Pending", "assignedTo": "Recipient", "senderMessage": "", "senderDateTime": p.stamp(),
		"senderUserId": newID(""), "senderShiftId": newID("SHFT_"),
		"recipientUserId": newID(""), "recipientShiftId": newID("SHFT_"),
	})
}
