package contract

import (
	"slices"
	"strings"

	"example.com/shiftswfi/batch/shifts"
)

// swapQuestionChecks ask which shifts a shift may be swapped for.
var swapQuestionChecks = []Check{
	{
		ID: "read.swap-listed", Level: Must, Section: "4.1",
		Title: "The question which shifts one may be swapped for is answered with a list of ids",
		Sends: "The url /shifts/{id}/requestableShifts with requestType, startTime and endTime, about the shift of the profile.",
		Why:   "Shifts offers the shifts in body.data. Where that is not a list of texts, it calls again, several times, and the worker reads that the integration responded with invalid data.",
		Mend:  "Answer status 200, with a JSON list of the ids of shifts in body.data.",
		needs: []need{needsSwapFilter},
		run:   func(p *probe) { p.list(p.swapQuestion(p.wide())) },
	},
	{
		ID: "read.swap-eligible", Level: Must, Section: "4.1",
		Title: "Shifts that may be swapped are listed",
		Sends: "The question of read.swap-listed, over the time of all shifts in the profile.",
		Why:   "Workers cannot ask for a shift that is not listed.",
		Mend:  "List every shift of other workers for which a swap would be approved.",
		needs: []need{needsSwapFilter, needsEligible},
		run: func(p *probe) {
			item := p.swapQuestion(p.wide())
			ids := p.listed(item)
			for _, eligible := range p.profile.Swap.Eligible {
				if !eligible.Start.IsZero() && !slices.Contains(ids, eligible.ID) {
					p.fail("%s was answered without %s.", describe(item), eligible.ID)
				}
			}
		},
	},
	{
		ID: "read.swap-ineligible", Level: Must, Section: "4.1",
		Title: "Shifts that may not be swapped are not listed",
		Sends: "The question of read.swap-listed, over the time of all shifts in the profile.",
		Why:   "Workers ask for what is listed, and find out only then that it is not possible.",
		Mend:  "Leave out every shift for which a swap would be refused.",
		needs: []need{needsSwapFilter, needsIneligible},
		run: func(p *probe) {
			item := p.swapQuestion(p.wide())
			ids := p.listed(item)
			for _, ineligible := range p.profile.Swap.Ineligible {
				if slices.Contains(ids, ineligible.ID) {
					p.fail("%s was answered with %s, which is not eligible.", describe(item), ineligible.ID)
				}
			}
		},
	},
	{
		ID: "read.swap-not-with-itself", Level: Must, Section: "4.1",
		Title: "A shift is not listed for itself",
		Sends: "The question of read.swap-listed, over the time of all shifts in the profile.",
		Why:   "The worker would be offered the own shift.",
		Mend:  "Leave out the shift of the question, and every other of the same worker.",
		needs: []need{needsSwapFilter},
		run: func(p *probe) {
			item := p.swapQuestion(p.wide())
			if slices.Contains(p.listed(item), p.profile.Swap.Shift.ID) {
				p.fail("%s was answered with the shift itself.", describe(item))
			}
		},
	},
	{
		ID: "read.nothing-found", Level: Must, Section: "4.1",
		Title: "Where nothing is found, the list is empty, not null",
		Sends: "The question of read.swap-listed, about two days in the year 2001.",
		Why:   "Data that is null is no list: Shifts calls again, several times, and then says that the integration responded with invalid data.",
		Mend:  "Make body.data an empty JSON list, [], when there is nothing to list.",
		needs: []need{needsSwapFilter},
		run: func(p *probe) {
			long := p.profile.Swap.Shift.Start
			long = long.AddDate(2001-long.Year(), 0, 0)
			item := p.swapQuestion(window{long, long.AddDate(0, 0, 2)})
			reply := p.read(item)
			p.wantBatch(reply)
			if reply.Question(item.ID) == shifts.Invalid {
				p.wantListed(reply, item)
			}
		},
	},
	{
		ID: "read.unknown-shift", Level: Must, Section: "4.1",
		Title: "A question about a shift that is not known is answered, and without shifts",
		Sends: "The question of read.swap-listed, about a shift that nobody knows.",
		Why:   "If there is no answer to the item under its id, or another HTTP status than 200, Shifts calls again, several times, and then says that the integration responded with invalid data.",
		Mend:  "Answer HTTP 200 with a response under the item's id, that refuses it with a sentence for the worker.",
		needs: []need{needsSwapFilter},
		run: func(p *probe) {
			item := p.unknownShift()
			p.wantNothing(p.read(item), item)
		},
	},
	{
		ID: "read.unknown-shift-refused", Level: Should, Section: "4.1",
		Title: "A question about a shift that is not known is refused",
		Sends: "The question of read.swap-listed, about a shift that nobody knows.",
		Why:   "An empty list tells the worker that nothing is eligible, when the truth is that the shift is missing in the other system.",
		Mend:  "Refuse the item with a sentence that says so.",
		needs: []need{needsSwapFilter},
		run: func(p *probe) {
			item := p.unknownShift()
			reply := p.read(item)
			if response, _ := reply.Find(item.ID); reply.Question(item.ID) == shifts.Listed {
				p.fail("%s was answered with the list %s, and should be refused.", describe(item), clip(string(response.Data)))
			}
		},
	},
	{
		ID: "read.unknown-request-type", Level: Should, Section: "4.1",
		Title: "A question of a type that is not known is refused",
		Sends: "The question of read.swap-listed with requestType=LoanRequest.",
		Why:   "What is eligible for one type of request need not be for another. An endpoint that does not know the type cannot know.",
		Mend:  "Look at requestType, without regard to letter case, and refuse what is not SwapRequest or another type that you decide.",
		needs: []need{needsSwapFilter},
		run: func(p *probe) {
			item := p.replaced(p.swapQuestion(p.wide()), "SwapRequest", "LoanRequest")
			p.wantRefusedQuestion(p.read(item), item)
		},
	},
	{
		ID: "read.unknown-question", Level: Must, Section: "3.6",
		Title: "A question that is not understood is answered, and without ids",
		Sends: "The url /shifts/{id}/shoppingLists, about the shift of the profile.",
		Why:   "An endpoint that does not look at the whole url gives the answer to another question, and workers are offered it.",
		Mend:  "Compare the whole path, segment by segment, and refuse the item if it is none that you know.",
		needs: []need{needsSwapFilter},
		run: func(p *probe) {
			item := p.replaced(p.swapQuestion(p.wide()), "requestableShifts", "shoppingLists")
			p.wantNothing(p.read(item), item)
		},
	},
	{
		ID: "read.unknown-team", Level: Must, Section: "4.1",
		Title: "Nothing is listed for a team that is not known",
		Sends: "The question of read.swap-listed, at the path of a team that nobody knows.",
		Why:   "The team in the path says whose data is asked for. An endpoint that does not look gives the data of one team to another.",
		Mend:  "Look for the shift in the team of the path only, and refuse the item if there is no such team.",
		needs: []need{needsSwapFilter},
		run: func(p *probe) {
			item := p.swapQuestion(p.wide())
			reply := p.send(p.endpoint.Read(newID("")), nil, batchOf(item))
			response, _ := reply.Find(item.ID)
			if ids, _ := response.IDs(); len(ids) > 0 {
				p.fail("%s was answered with %d ids of another team.", describe(item), len(ids))
			}
		},
	},
	{
		ID: "read.repeated", Level: Should, Section: "4.1",
		Title: "The same question has the same answer",
		Sends: "The question of read.swap-listed, twice.",
		Why:   "Workers open the list again and again. What it holds must not depend on chance.",
		Mend:  "Let nothing but the schedule, the rules and the time decide what is listed.",
		needs: []need{needsSwapFilter},
		run: func(p *probe) {
			item := p.swapQuestion(p.wide())
			first := p.listed(item)
			p.wantSame(p.list(item), first, item)
		},
	},
}

// unknownShift asks about a shift that nobody knows.
func (p *probe) unknownShift() shifts.Item {
	id := newID("SHFT_")
	return p.question(id, usualForm.url(id, p.wide()))
}

// replaced is an item with another text in its url.
func (p *probe) replaced(item shifts.Item, old, new string) shifts.Item {
	item.URL = strings.Replace(item.URL, old, new, 1)
	return item
}
