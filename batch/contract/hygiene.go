package contract

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"example.com/shiftswfi/batch/shifts"
)

const whyProbed = "The address is open to everybody on the network, and is probed sooner or later."

var hygieneChecks = []Check{
	{
		ID: "hygiene.content-type", Level: Should, Section: "2.4",
		Title: "Answers are announced as JSON",
		Sends: "An ordinary call to an endpoint of the team.",
		Why:   "Shifts has been seen to take text/plain, but nobody promises that it will; proxies and scanners may change what is not announced as JSON.",
		Mend:  "Set Content-Type: application/json.",
		needs: []need{needsTeam},
		run: func(p *probe) {
			call := p.teamCall()
			reply := p.send(call.address, nil, call.plaintext)
			announced := reply.Header.Get("Content-Type")
			if mediaType, _, _ := mime.ParseMediaType(announced); mediaType != "application/json" {
				p.fail("The Content-Type of the answer is %q.", clip(announced))
			}
		},
	},
	{
		ID: "hygiene.utf-8", Level: Should, Section: "2.4",
		Title: "Answers are UTF-8 without a byte order mark",
		Sends: "A change of an unknown kind, with letters in its id that are not ASCII.",
		Why:   "JSON between systems is UTF-8, and a reader may take the mark for an error.",
		Mend:  "Write answers in UTF-8 without a mark, whatever the system's own encoding is.",
		needs: []need{needsTeam},
		run: func(p *probe) {
			item := p.item(http.MethodPost, "kindsToCome", "1", nil)
			item.ID = "NEW_Zoë-日本"
			reply := p.update(item)
			announced := reply.Header.Get("Content-Type")
			_, parameters, _ := mime.ParseMediaType(announced)
			charset, given := parameters["charset"]
			switch {
			case bytes.HasPrefix(reply.Body, []byte("\ufeff")):
				p.fail("The answer begins with a byte order mark.")
			case !utf8.Valid(reply.Body):
				p.fail("The answer is not UTF-8.")
			case given && !strings.EqualFold(charset, "utf-8"):
				p.fail("The Content-Type of the answer is %q.", clip(announced))
			}
		},
	},
	{
		ID: "hygiene.no-batch", Level: Should, Section: "3.1",
		Title: "A text that is no batch is refused with HTTP 4xx",
		Sends: "Sealed texts such as {}, [], an empty one, and one that is not JSON, to /update.",
		Why:   "With HTTP 200 and no items, Shifts takes all that it meant for approved. HTTP 5xx looks like an outage to whoever watches.",
		Mend:  "Answer HTTP 400 if the text is not an object with a list \"requests\".",
		needs: []need{needsTeam},
		run: func(p *probe) {
			for _, text := range []string{"", "{}", "[]", "null", `"requests"`, "hello", `{"requests"`, `{"requests":null}`, `{"requests":{}}`, `{"requests":"x"}`} {
				p.wantRefusedText(text)
			}
		},
	},
	{
		ID: "hygiene.empty-batch", Level: May, Section: "3.1",
		Title: "A batch without items is refused with HTTP 4xx",
		Sends: "A sealed batch with an empty list of requests, to /update.",
		Why:   "Shifts has no reason to send it: that something is amiss should be seen.",
		Mend:  "Answer HTTP 400.",
		needs: []need{needsTeam},
		run:   func(p *probe) { p.wantRefusedText(`{"requests":[]}`) },
	},
	{
		ID: "hygiene.unknown-path", Level: Should, Section: "2.1",
		Title: "A path that does not exist is not answered as if all were well",
		Sends: "A change of an unknown kind, sealed, to two paths beside those of the contract.",
		Why:   "A call that Shifts may make one day counts as approved if it is answered without having been understood.",
		Mend:  "Answer HTTP 404, or refuse every item.",
		run: func(p *probe) {
			base := strings.TrimSuffix(p.endpoint.Connect(), "/connect")
			team := cmp.Or(p.profile.Team, newID(""))
			item := p.item(http.MethodPost, "kindsToCome", newID("NEW_"), fields{})
			for _, path := range []string{"/nothing", "/teams/" + url.PathEscape(team) + "/nothing"} {
				reply := p.send(base+path, nil, batchOf(item))
				if reply.HTTPStatus == http.StatusOK && reply.Change(item.ID) != shifts.Refused {
					p.fail("The path /v%d%s was answered with HTTP 200, and the item in it was not refused.", p.endpoint.APIVersion, path)
				}
			}
		},
	},
	{
		ID: "hygiene.get", Level: Should, Section: "2.1",
		Title: "A GET is not answered with data",
		Sends: "GET without a body to every path of the contract.",
		Why:   "A GET carries nothing that proves who asks. " + whyProbed,
		Mend:  "Answer HTTP 405 to other methods than POST.",
		run: func(p *probe) {
			for _, call := range p.calls() {
				reply := p.get(call.address)
				if reply.HTTPStatus == http.StatusOK && json.Valid(reply.Body) {
					p.fail("%s answered a GET with HTTP 200 and JSON.", call.name)
				}
			}
		},
	},
	{
		ID: "hygiene.no-echo", Level: Should, Section: "7.1",
		Title: "Answers to broken bodies do not repeat them",
		Sends: "A mark in JSON that is not sealed, in bytes that are no envelope, and in a sealed text that is no batch.",
		Why:   whyProbed + " What is repeated ends in logs of others, and may be made into a page that a browser runs.",
		Mend:  "Answer with a fixed text, and say more in your own log only.",
		run: func(p *probe) {
			mark := newID("mark-")
			bodies := []forgery{
				{"a mark that is not sealed", []byte(mark)},
				{"a mark in JSON that is not sealed", mustJSON(fields{mark: mark})},
				{"a mark in an envelope cut short", append(p.seal(nil)[:20], mark...)},
				{"a mark in a sealed text that is no batch", p.seal([]byte(mark))},
				{"a mark in sealed JSON that is no batch", p.seal(mustJSON(fields{"requests": mark}))},
			}
			for _, call := range p.calls() {
				for _, body := range bodies {
					reply := p.provoke(call.address, body)
					if reply != nil && bytes.Contains(reply.Body, []byte(mark)) {
						p.fail("%s repeated %s in an answer with HTTP %d.", call.name, body.about, reply.HTTPStatus)
					}
				}
			}
		},
	},
	{
		ID: "hygiene.no-internals", Level: Should, Section: "7.1",
		Title: "Answers show nothing of the program inside",
		Sends: "Bodies that are broken in many ways, and a path that does not exist.",
		Why:   whyProbed + " Traces and names of exceptions tell which known hole to try.",
		Mend:  "Catch what is thrown, answer with a fixed text, and switch the developer's error page off.",
		run: func(p *probe) {
			for _, call := range p.calls() {
				for _, body := range p.breaking(call.plaintext) {
					reply := p.provoke(call.address, body)
					if reply == nil {
						continue
					}
					if trace := internals.Find(reply.Body); trace != nil {
						p.fail("%s answered a body with %q: %s.", call.name, clip(string(trace)), body.about)
					}
				}
			}
			reply := p.send(p.endpoint.Connect()+"/nothing", nil, nil)
			if trace := internals.Find(reply.Body); trace != nil {
				p.fail("A path that does not exist was answered with %q.", clip(string(trace)))
			}
		},
	},
	{
		ID: "hygiene.oversized-survived", Level: Must, Section: "2.4",
		Title: "After a body of 16 MB the next call is answered",
		Sends: "A Bond struct of 16 MB to /connect, and the call of connect.accepted before and after.",
		Why:   whyProbed + " If it brings the endpoint down, Shifts finds nobody.",
		Mend:  "Stop reading after a megabyte or a few, and answer HTTP 413.",
		run: func(p *probe) {
			before := p.connect().HTTPStatus
			_, _ = p.oversized() // whatever comes of it
			p.wantAlive(before)
		},
	},
	{
		ID: "hygiene.oversized", Level: Should, Section: "2.4",
		Title: "A body of 16 MB is refused",
		Sends: "A Bond struct of 16 MB to /connect.",
		Why:   whyProbed + " A server that reads what anybody sends runs out of memory.",
		Mend:  "Stop reading after a megabyte or a few, and answer HTTP 413.",
		run: func(p *probe) {
			reply, err := p.oversized()
			switch {
			case errors.Is(err, context.DeadlineExceeded):
				p.fail("The endpoint did not refuse the body within %v.", p.caller.Patience)
			case err == nil && reply.HTTPStatus == http.StatusOK:
				p.fail("The body was answered with HTTP 200.")
			}
		},
	},
	{
		ID: "hygiene.no-secret", Level: Must, Section: "7.1",
		Title: "No answer holds the secret",
		Sends: "A few broken bodies; all calls so far count.",
		Why:   "Who has the secret, or one half of it, can call in the name of Shifts or read what it sends.",
		Mend:  "Keep the secret out of texts, headers and error messages, and register a new one.",
		run: func(p *probe) {
			p.connect()
			for _, call := range p.calls() {
				for _, body := range p.breaking(call.plaintext) {
					p.provoke(call.address, body)
				}
			}
			if len(p.leaks) > 0 {
				p.fail("An answer to a call of %s held %s.", p.leaks[0].check, p.leaks[0].what)
			}
		},
	},
}

// wantRefusedText ends the check unless a sealed text that is no batch is
// refused as the caller's fault.
func (p *probe) wantRefusedText(text string) {
	body := p.seal([]byte(text))
	reply := p.post(p.endpoint.Update(p.profile.Team), nil, body, fmt.Sprintf("sealed, the text %q", text), nil)
	if reply.HTTPStatus < 400 || reply.HTTPStatus > 499 {
		p.fail("The text %q was answered with HTTP %d.", text, reply.HTTPStatus)
	}
}

// internals are traces of the usual platforms.
var internals = regexp.MustCompile(`(?m)` + strings.Join([]string{
	`\bgoroutine \d+ \[`, `\bpanic: `, `\.go:\d+`, // Go
	`\b[A-Z]\w*\.\w*Exception\b`, `\b\w+Exception:`, `^\s*at [\w.$<>]+\(`, `\.cs:line \d+`, `\.java:\d+\)`, // .NET, Java
	`Traceback \(most recent call last\)`, `File "[^"]+", line \d+`, // Python
	`^\s*at .+:\d+:\d+\)?$`, `\bnode_modules/`, `\b(?:Type|Syntax|Reference|Range)Error: `, // JavaScript
	`\.php(?::| on line )\d+`, `\.rb:\d+:in `, // PHP, Ruby
}, "|"))

// breaking are bodies on which a careless parser stumbles, each at another
// step.
func (p *probe) breaking(plaintext []byte) []forgery {
	whole := p.seal(plaintext)
	short := p.message(plaintext)
	short.iv = short.iv[:7]
	unpadded := p.message(plaintext)
	unpadded.ct = flipped(unpadded.ct, len(unpadded.ct)-1, 1)
	return []forgery{
		{"no body", nil},
		{"an envelope cut short", whole[:len(whole)/2]},
		{"not sealed", []byte("hello")},
		{"an initialization vector of 7 bytes", short.signed(p.secret).bytes()},
		{"a text without its padding", unpadded.signed(p.secret).bytes()},
		{"a sealed text that is not JSON", p.seal([]byte("hello"))},
		{"a sealed text that is not UTF-8", p.seal([]byte("\"\xff\xfe\""))},
		{"a sealed text with values of other types", p.seal([]byte(`{"tenantId":[],"userId":{},"requests":[{"id":{},"method":1,"url":[],"body":"x"}]}`))},
		{"a sealed text with a number for an item", p.seal([]byte(`{"requests":[1]}`))},
	}
}

// oversized sends more than any batch needs.
func (p *probe) oversized() (*shifts.Reply, error) {
	body := append([]byte{bondInt32, 2}, blobField(1, make([]byte, 16<<20))...)
	return p.try(p.endpoint.Connect(), nil, body, "16 MB of zeros, as a Ciphertext", nil)
}

// get asks for what can only be posted to.
func (p *probe) get(address string) *shifts.Reply {
	reply, err := p.tryGet(address)
	p.record(rawExchange{address: address, about: "GET instead of POST", reply: reply, err: err})
	p.wantAnswer(reply, err)
	return reply
}

func (p *probe) tryGet(address string) (*shifts.Reply, error) {
	ctx, cancel := context.WithTimeout(p.ctx, p.caller.Patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	response, err := p.caller.Transport.RoundTrip(request)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", shifts.ErrNoAnswer, err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxShown))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", shifts.ErrNoAnswer, err)
	}
	return &shifts.Reply{HTTPStatus: response.StatusCode, Header: response.Header, Body: body, Took: time.Since(began), TLS: response.TLS}, nil
}
