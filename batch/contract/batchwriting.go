package contract

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"

	"example.com/shiftswfi/batch/shifts"
)

// writingChecks are about ways to write down a batch.
var writingChecks = []Check{
	{
		ID: "batch.body-null", Level: Must, Section: "3.1",
		Title: "It does not matter whether a body is absent or null",
		Sends: "A deletion with a body that is null, which is usually absent.",
		Why:   "Both have been seen. An endpoint that fails on one of them cannot be told that something was deleted or cancelled.",
		Mend:  "Treat a body that is null as if it were absent.",
		needs: []need{needsUpdates},
		run: func(p *probe) {
			p.asUsual(func(item fields) []byte {
				item["body"] = nil
				return requests(item)
			})
		},
	},
	{
		ID: "batch.other-members", Level: Should, Section: "3.1",
		Title: "Members that are not known yet are ignored",
		Sends: "A deletion in a batch with members of its own, and an item with one that does not exist.",
		Why:   "Microsoft adds members without notice. An endpoint that fails on them fails one day on every call.",
		Mend:  "Let your JSON reader ignore members that it does not know.",
		needs: []need{needsUpdates},
		run: func(p *probe) {
			p.asUsual(func(item fields) []byte {
				item["priority"] = fields{"value": 1}
				return mustJSON(fields{"batchId": "1", "requests": []any{item}, "sentBy": []any{"Shifts"}})
			})
		},
	},
	{
		ID: "batch.white-space", Level: Should, Section: "3.1",
		Title: "White space in the batch does not matter",
		Sends: "A deletion in a batch that is indented, with line ends before and after it.",
		Why:   "How Shifts lays out its JSON is not documented and may change.",
		Mend:  "Read the batch with a JSON library, not by looking for texts in it.",
		needs: []need{needsUpdates},
		run: func(p *probe) {
			p.asUsual(func(item fields) []byte {
				var b bytes.Buffer
				b.WriteString("\r\n")
				_ = json.Indent(&b, requests(item), "", "\t") // what was just written is JSON
				b.WriteString("\r\n")
				return b.Bytes()
			})
		},
	},
	{
		ID: "batch.byte-order-mark", Level: May, Section: "3.1",
		Title: "A byte order mark in front of the batch does not matter",
		Sends: "A deletion in a batch that begins with the bytes EF BB BF.",
		Why:   "Writers of UTF-8 on Windows add it easily.",
		Mend:  "Skip these bytes if the plaintext begins with them.",
		needs: []need{needsUpdates},
		run: func(p *probe) {
			p.asUsual(func(item fields) []byte {
				return append([]byte("\uFEFF"), requests(item)...)
			})
		},
	},
	{
		ID: "batch.header-member", Level: May, Section: "3.5",
		Title: `The headers of an item may be called "header"`,
		Sends: `A deletion whose item has its headers in the member "header", not "headers".`,
		Why:   "Microsoft's article has the one name in its table and the other in its examples.",
		Mend:  "Do without the headers if they are absent, and read them from either member.",
		needs: []need{needsUpdates},
		run: func(p *probe) {
			p.asUsual(func(item fields) []byte {
				item["header"] = item["headers"]
				delete(item, "headers")
				return requests(item)
			})
		},
	},
	{
		ID: "batch.item-without-method", Level: Should, Section: "3.1",
		Title: "An item without a method is refused, and its neighbour answered",
		Sends: "An item without method beside a deletion of an entity that nobody knows.",
		Why:   "One item that cannot be understood must not cost the others their answer, and must not be approved.",
		Mend:  "Look at each item for itself; refuse the one that is incomplete.",
		needs: []need{needsUpdates, needsJudgement},
		run:   func(p *probe) { p.incomplete("method") },
	},
	{
		ID: "batch.item-without-url", Level: Should, Section: "3.1",
		Title: "An item without a url is refused, and its neighbour answered",
		Sends: "An item without url beside a deletion of an entity that nobody knows.",
		Why:   "One item that cannot be understood must not cost the others their answer, and must not be approved.",
		Mend:  "Look at each item for itself; refuse the one that is incomplete.",
		needs: []need{needsUpdates, needsJudgement},
		run:   func(p *probe) { p.incomplete("url") },
	},
	{
		ID: "batch.item-without-id", Level: May, Section: "3.1",
		Title: "The neighbour of an item without an id is answered",
		Sends: "An item without id beside a deletion of an entity that nobody knows.",
		Why:   "One item that cannot be understood must not cost the others their answer.",
		Mend:  "Look at each item for itself, and refuse the one that is incomplete.",
		needs: []need{needsUpdates},
		run: func(p *probe) {
			items := p.harmless(2)
			nameless := asFields(items[0])
			delete(nameless, "id")
			p.wantAnswered(p.updateRaw(requests(nameless, asFields(items[1]))), items[1])
		},
	},
	{
		ID: "batch.item-no-object", Level: Should, Section: "3.1",
		Title: "The neighbour of an item that is no object, or has members of other types, is answered",
		Sends: "A number, a text, a list, null, and items whose id is a number, whose url is a list or whose method is an object, each beside a deletion of an entity that nobody knows.",
		Why:   "One item that cannot be understood must not cost the others their answer: for an answer that is missing they count as approved, and for HTTP 400 or 500 Shifts calls in vain again and again.",
		Mend:  "Read the list of requests first and each item for itself, so that one of another type is refused alone, or left out if it has no id.",
		needs: []need{needsUpdates},
		run: func(p *probe) {
			for _, odd := range []fields{{"id": 7}, {"url": []any{"/shifts/1"}}, {"method": fields{}}} {
				item := asFields(p.harmless(1)[0])
				maps.Copy(item, odd)
				p.settleBeside(item)
			}
			for _, odd := range []any{1, "SHFT_1", []any{}, nil} {
				p.settleBeside(odd)
			}
		},
	},
}

// settleBeside sends something beside a harmless change, and ends the check
// unless the latter has an answer.
func (p *probe) settleBeside(odd any) {
	neighbour := p.harmless(1)[0]
	reply := p.updateRaw(mustJSON(fields{"requests": []any{odd, asFields(neighbour)}}))
	if reply.HTTPStatus != http.StatusOK {
		p.fail("The item %s, beside an ordinary one, brought the call down: HTTP %d.", clip(string(mustJSON(odd))), reply.HTTPStatus)
	}
	p.wantAnswered(reply, neighbour)
}

// incomplete sends an item that lacks a member, beside one that is complete.
func (p *probe) incomplete(member string) {
	items := p.harmless(2)
	lacking := asFields(items[0])
	delete(lacking, member)
	reply := p.updateRaw(requests(lacking, asFields(items[1])))
	p.wantAnswered(reply, items...)
	p.wantNotApproved(reply, items[0])
}

// asUsual ends the check unless a harmless change that is written in another
// way has the same outcome as one that is written as usual.
func (p *probe) asUsual(write func(item fields) []byte) {
	usual := p.harmless(1)[0]
	reply := p.update(usual)
	want := reply.Change(usual.ID)
	if want == shifts.Unanswered || want == shifts.Invalid {
		p.skip("The change is not answered either when it is written as usual.")
	}
	item := p.harmless(1)[0]
	reply = p.updateRaw(write(asFields(item)))
	p.wantAnswered(reply, item)
	if got := reply.Change(item.ID); got != want {
		p.fail("%s was %s; written as usual, it is %s.", describe(item), got, want)
	}
}

// updateRaw sends a change that is written by hand.
func (p *probe) updateRaw(plaintext []byte) *shifts.Reply {
	return p.send(p.endpoint.Update(p.profile.Team), nil, plaintext)
}

// raw is JSON that is written by hand.
type raw = json.RawMessage

// requests is the batch of items that are written by hand.
func requests(items ...fields) []byte { return mustJSON(fields{"requests": items}) }

// asFields is an item whose members can be taken away.
func asFields(item shifts.Item) fields {
	f := fields{"id": item.ID, "method": item.Method, "url": item.URL}
	if item.Headers != nil {
		f["headers"] = item.Headers
	}
	if item.Body != nil {
		f["body"] = item.Body
	}
	return f
}
