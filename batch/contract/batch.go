package contract

import (
	"net/http"
	"slices"
	"strings"

	"example.com/shiftswfi/batch/shifts"
)

// batchChecks hold for every call with items, whatever the items are about.
var batchChecks = slices.Concat(itemChecks, answerChecks, kindChecks, writingChecks)

// itemChecks see to it that every item finds its answer.
var itemChecks = []Check{
	{
		ID: "batch.every-item-answered", Level: Must, Section: "3.2",
		Title: "Every item of a batch is answered",
		Sends: "Three deletions of entities that nobody knows, in one batch.",
		Why:   "Shifts takes an item without an answer for approved and writes the change, whatever the endpoint thinks of it.",
		Mend:  "Put one response into the list for every request of the batch, also for those that you do not understand.",
		needs: []need{needsUpdates},
		run:   func(p *probe) { p.settle(p.harmless(3)...) },
	},
	{
		ID: "batch.hundred-items-answered", Level: Must, Section: "3.2",
		Title: "A batch of a hundred items is answered as a whole",
		Sends: "A hundred deletions of entities that nobody knows, in one batch.",
		Why:   "No limit is documented, an approval brings along every request that it makes pointless, and what is left without an answer counts as approved.",
		Mend:  "Lift the limit on items, or refuse a batch beyond it item by item.",
		needs: []need{needsUpdates},
		run:   func(p *probe) { p.settle(p.harmless(100)...) },
	},
	{
		ID: "batch.ids-of-the-items", Level: Must, Section: "3.2",
		Title: "An answer carries the id of its item, not that of the entity",
		Sends: `A deletion whose item has the id "1", with another id in its url.`,
		Why:   "Shifts finds the answer to an item by the item's id. Under another id the item counts as unanswered, which means approved.",
		Mend:  "Copy the id of each request into its response, and take the id of the entity from the url.",
		needs: []need{needsUpdates},
		run: func(p *probe) {
			item := p.harmless(1)[0]
			item.ID = "1"
			p.settle(item)
		},
	},
	{
		ID: "batch.ids-letter-case", Level: Must, Section: "3.2",
		Title: "Ids come back in the letter case in which they were sent",
		Sends: "A deletion whose item and url have an id of small letters and capitals.",
		Why:   "An id in another letter case is another id: the item counts as unanswered, which means approved.",
		Mend:  "Copy the id of each request into its response unchanged.",
		needs: []need{needsUpdates},
		run: func(p *probe) {
			item := p.harmless(1)[0]
			mixed := newID("SHFT_AbCdEf_")
			item.URL, item.ID = strings.Replace(item.URL, item.ID, mixed, 1), mixed
			p.settle(item)
		},
	},
	{
		ID: "batch.ids-letter-by-letter", Level: Must, Section: "3.2",
		Title: "Ids with unusual letters come back as they were sent",
		Sends: "Two deletions whose items have ids with accents, quotes, slashes, blanks and an emoji, the second of them in JSON escapes.",
		Why:   "An id that comes back changed is another id: the item counts as unanswered, which means approved.",
		Mend:  "Read and write ids with a JSON library, as UTF-8, and do not trim, escape or normalise them.",
		needs: []need{needsUpdates},
		run: func(p *probe) {
			for _, id := range []struct{ written, meant string }{
				{`"zoë / 日本 'x' & <y>"`, "zoë / 日本 'x' & <y>"},
				{`"\u007ao\u00eb \/ \ud83d\ude00 \"x\" \u005c"`, `zoë / 😀 "x" \`},
			} {
				item := p.harmless(1)[0]
				item.ID = id.meant
				written := asFields(item)
				written["id"] = raw(id.written)
				p.wantAnswered(p.updateRaw(requests(written)), item)
			}
		},
	},
	{
		ID: "batch.no-other-ids", Level: Should, Section: "3.2",
		Title: "Nothing is answered that was not asked",
		Sends: "Two deletions of entities that nobody knows.",
		Why:   "What Shifts does with an answer to no item is not documented.",
		Mend:  "Put responses into the list for the requests of this batch only, each with the id of its request.",
		needs: []need{needsUpdates},
		run: func(p *probe) {
			items := p.harmless(2)
			reply := p.update(items...)
			p.wantBatch(reply)
			for _, response := range reply.Responses {
				if !slices.ContainsFunc(items, func(item shifts.Item) bool { return response.IsFor(item.ID) }) {
					p.fail("There is an answer for %s, which is the id of none of the items.", clip(string(response.ID)))
				}
			}
		},
	},
	{
		ID: "batch.no-second-answer", Level: Should, Section: "3.2",
		Title: "No item is answered twice",
		Sends: "Two deletions of entities that nobody knows.",
		Why:   "Which of two answers Shifts goes by is not documented: where they differ, it may save what was refused.",
		Mend:  "Make the list of responses from the list of requests, one for one, rather than adding to it along the way.",
		needs: []need{needsUpdates},
		run: func(p *probe) {
			items := p.harmless(2)
			reply := p.update(items...)
			p.wantBatch(reply)
			for _, item := range items {
				if _, count := reply.Find(item.ID); count > 1 {
					p.fail("%s has %d answers.", describe(item), count)
				}
			}
		},
	},
	{
		ID: "batch.order", Level: Should, Section: "3.2",
		Title: "Answers come in the order of the items",
		Sends: "Four deletions of entities that nobody knows.",
		Why:   "Every documented answer keeps the order. Whether Shifts could do without is not documented.",
		Mend:  "Make the list of responses from the list of requests, one for one.",
		needs: []need{needsUpdates},
		run: func(p *probe) {
			items := p.harmless(4)
			reply := p.update(items...)
			p.wantBatch(reply)
			last := 0
			for _, item := range items {
				at := slices.IndexFunc(reply.Responses, func(r shifts.Response) bool { return r.IsFor(item.ID) })
				switch {
				case at < 0:
				case at < last:
					p.fail("%s is answered before an item that precedes it in the batch.", describe(item))
				default:
					last = at
				}
			}
		},
	},
}

// harmlessKinds are the urls of entities that can be deleted without harm if
// nobody knows them, by their names in Graph's supportedEntities.
var harmlessKinds = []struct{ entity, kind, prefix string }{
	{"shift", "shifts", "SHFT_"},
	{"swapRequest", "swapRequests", "SREQ_"},
	{"openShiftRequest", "openshiftrequests", "SREQ_"},
	{"offerShiftRequest", "offershiftrequests", "SREQ_"},
	{"timeOffRequest", "timeOffRequests", "SREQ_"},
	{"openShift", "openshifts", "OPNSHFT_"},
	{"timeOff", "timesoff", "SHFT_"},
}

// needsUpdates is for checks to which any change of a team would do.
func needsUpdates(p Profile) string {
	for _, k := range harmlessKinds {
		if p.supports(k.entity) {
			return needsTeam(p)
		}
	}
	return "The profile says that Shifts does not call about changes (supportedEntities)."
}

// harmless are deletions of entities that nobody knows. Whether the endpoint
// approves or refuses them is its own concern.
func (p *probe) harmless(count int) []shifts.Item {
	for _, k := range harmlessKinds {
		if !p.profile.supports(k.entity) {
			continue
		}
		items := make([]shifts.Item, count)
		for i := range items {
			items[i] = p.item(http.MethodDelete, k.kind, newID(k.prefix), nil)
		}
		return items
	}
	panic("contract: a check does not say that it needsUpdates")
}

// settle sends changes and ends the check unless every one has an
// answer.
func (p *probe) settle(items ...shifts.Item) {
	p.wantAnswered(p.update(items...), items...)
}

// wantAnswered ends the check unless every item has an answer, whatever it
// says.
func (p *probe) wantAnswered(reply *shifts.Reply, items ...shifts.Item) {
	p.wantBatch(reply)
	for _, item := range items {
		if _, count := reply.Find(item.ID); count == 0 {
			p.fail("%s", p.complaint(shifts.Unanswered, reply, item))
		}
	}
}
