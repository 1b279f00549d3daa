package contract

import (
	"fmt"
	"net/http"
	"strings"

	"example.com/shiftswfi/batch/shifts"
)

// wayChecks ask the same question in other ways, and beside others.
func wayChecks() []Check {
	return []Check{
		sameWay(Check{
			ID: "read.slash-missing", Level: Must, Section: "3.6",
			Title: "The slash at the beginning of an item's url may be missing",
			Sends: "The question of read.swap-listed with the url shifts/{id}/requestableShifts.",
			Why:   "One of Microsoft's examples has it so. The worker gets no list.",
			Mend:  "Skip leading slashes before you look at the path, however many there are.",
		}, func(p *probe, w window) shifts.Item {
			return p.replaced(p.swapQuestion(w), "/", "")
		}, (*probe).read),
		sameWay(Check{
			ID: "read.ampersand-escaped", Level: Must, Section: "3.6",
			Title: `The sign & may be written as \u0026`,
			Sends: `The question of read.swap-listed with \u0026 between its parameters, as Shifts writes it.`,
			Why:   "It is an escape of JSON, and means the same. An endpoint that does not decode it ignores the window, or does not understand the question.",
			Mend:  "Read the batch with a JSON library.",
		}, (*probe).swapQuestion, func(p *probe, items ...shifts.Item) *shifts.Reply {
			return p.send(p.endpoint.Read(p.profile.Team), nil, requests(asFields(items[0]))) // which escapes it
		}),
		sameWay(Check{
			ID: "read.letter-case", Level: Should, Section: "3.6",
			Title: "The letter case of a question does not matter",
			Sends: "The question of read.swap-listed with the url /Shifts/{id}/RequestableShifts?RequestType=swaprequest.",
			Why:   "Callbacks and the Graph reference differ in letter case; what is not recognised is not listed.",
			Mend:  "Compare the names in the path, the names of parameters and requestType without regard to letter case.",
		}, func(p *probe, w window) shifts.Item {
			item := p.replaced(p.swapQuestion(w), "/shifts/", "/Shifts/")
			return p.replaced(item, "/requestableShifts?requestType=SwapRequest", "/RequestableShifts?RequestType=swaprequest")
		}, (*probe).read),
		sameWay(Check{
			ID: "read.id-of-the-item", Level: Should, Section: "3.2",
			Title: "The shift of a question is the one in its url",
			Sends: `The question of read.swap-listed in an item with the id "1".`,
			Why:   "The id of an item is for finding its answer. It is usually that of the shift, but samples have others.",
			Mend:  "Take the id of the shift from the url, and copy that of the item into the response.",
		}, func(p *probe, w window) shifts.Item {
			item := p.swapQuestion(w)
			item.ID = "1"
			return item
		}, (*probe).read),
		sameWay(Check{
			ID: "read.body-null", Level: Must, Section: "3.1",
			Title: "It does not matter whether the body of a question is absent or null",
			Sends: "The question of read.swap-listed with a body that is null, which is otherwise absent.",
			Why:   "Both are documented. The worker gets no list.",
			Mend:  "Do not look at the body of a question.",
		}, func(p *probe, w window) shifts.Item {
			item := p.swapQuestion(w)
			item.Body = raw("null")
			return item
		}, (*probe).read),
		sameWay(Check{
			ID: "read.item-headers", Level: Must, Section: "3.5",
			Title: "It does not matter whether a question has item headers",
			Sends: "The question of read.swap-listed with the headers that changes have, X-MS-Transaction-ID and X-MS-Expires.",
			Why:   "Examples of questions have none, those of changes do. The worker gets no list.",
			Mend:  "Do not ask for the headers, and do not mind them; do not answer what has expired.",
		}, func(p *probe, w window) shifts.Item {
			item := p.swapQuestion(w)
			item.Headers = p.itemHeaders()
			return item
		}, (*probe).read),
		sameWay(Check{
			ID: "read.passthrough", Level: Should, Section: "5.12",
			Title: "A question with the passthrough header has its usual answer",
			Sends: "The question of read.swap-listed with the X-MS-WFMPassthrough of the profile.",
			Why:   "The header says that a change is the integration's own. A question changes nothing; answered blindly, the worker gets no list.",
			Mend:  "Look at the header in /update only.",
			needs: []need{needsPassthrough},
		}, (*probe).swapQuestion, func(p *probe, items ...shifts.Item) *shifts.Reply {
			header := http.Header{shifts.HeaderPassthrough: {p.profile.Passthrough}}
			return p.send(p.endpoint.Read(p.profile.Team), header, batchOf(items...))
		}),
		sameWay(Check{
			ID: "read.path-of-graph", Level: May, Section: "2.1",
			Title: "Questions may come to {url}/{apiVersion}/team/{teamId}/read",
			Sends: "The question of read.swap-listed, to that path.",
			Why:   "One page of the Graph reference has this path, which is probably a slip.",
			Mend:  "Route it to the same place as {url}/v{apiVersion}/teams/{teamId}/read.",
		}, (*probe).swapQuestion, func(p *probe, items ...shifts.Item) *shifts.Reply {
			usual := p.endpoint.Read(p.profile.Team)
			version := fmt.Sprintf("/v%d/teams/", p.endpoint.APIVersion)
			at := strings.LastIndex(usual, version)
			address := fmt.Sprintf("%s/%d/team/%s", usual[:at], p.endpoint.APIVersion, usual[at+len(version):])
			return p.send(address, nil, batchOf(items...))
		}),
		{
			ID: "read.known-then-unknown", Level: Must, Section: "3.2",
			Title: "The second of two questions has its own answer",
			Sends: "The question of read.swap-listed, and after it the same about a shift that nobody knows.",
			Why:   "An endpoint that looks at the first item only gives a worker the answer to somebody else's question, or none.",
			Mend:  "Answer item by item.",
			needs: []need{needsSwapFilter, needsEligible},
			run: func(p *probe) {
				known, unknown := p.swapQuestion(p.wide()), p.unknownShift()
				p.eachItsOwn(known, unknown, known, unknown)
			},
		},
		{
			ID: "read.unknown-then-known", Level: Must, Section: "3.2",
			Title: "A question that is refused does not spoil the next",
			Sends: "The question of read.swap-listed about a shift that nobody knows, and after it about the shift of the profile.",
			Why:   "An endpoint that stops at the first refusal, or goes by the first item, leaves the worker without a list.",
			Mend:  "Answer item by item.",
			needs: []need{needsSwapFilter, needsEligible},
			run: func(p *probe) {
				known, unknown := p.swapQuestion(p.wide()), p.unknownShift()
				p.eachItsOwn(known, unknown, unknown, known)
			},
		},
		{
			ID: "read.both-questions", Level: Must, Section: "3.2",
			Title: "Questions about swaps and about time-off reasons may come in one batch",
			Sends: "The questions of read.reasons-listed and read.swap-listed, in one batch.",
			Why:   "An endpoint that chooses by the first item, or by any, answers one question with the answer to the other.",
			Mend:  "Choose by the url of each item.",
			needs: []need{needsSwapFilter, needsReasonFilter},
			run: func(p *probe) {
				reasons, swaps := p.reasonsQuestion(), p.swapQuestion(p.wide())
				wantReasons, wantSwaps := p.listed(reasons), p.listed(swaps)
				reply := p.read(reasons, swaps)
				p.wantSame(p.wantListed(reply, reasons), wantReasons, reasons)
				p.wantSame(p.wantListed(reply, swaps), wantSwaps, swaps)
			},
		},
	}
}

// eachItsOwn sends two questions in the order given, one of which gets the
// same list as alone, the other none.
func (p *probe) eachItsOwn(known, unknown shifts.Item, inOrder ...shifts.Item) {
	want := p.listed(known)
	if outcome := p.read(unknown).Question(unknown.ID); outcome != shifts.Refused && outcome != shifts.Listed {
		p.skip("The question about a shift that nobody knows has no usable answer when it is asked alone.")
	}
	reply := p.read(inOrder...)
	p.wantSame(p.wantListed(reply, known), want, known)
	p.wantNothing(reply, unknown)
}
