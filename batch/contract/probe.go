package contract

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"example.com/shiftswfi/batch/envelope"
	"example.com/shiftswfi/batch/shifts"
)

// A probe is what a check talks to the endpoint through. Its methods end the
// check where the answer is not what they promise to return, so that a check
// reads as a story.
type probe struct {
	*suite
	ctx      context.Context
	check    Check
	raw      []rawExchange // so far
	undo     []func()      // to leave the endpoint's team as it was, the last first
	cleaning bool
	cutOff   bool // the endpoint is, from its data: it may well be slow
}

// An ending is how a check ends before its last line.
type ending struct {
	status     Status
	message    string
	unanswered bool // because a call had no answer, whatever the check is about
}

// perform returns nil if the check came to its last line.
func (p *probe) perform() (end *ending) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case *ending:
			end = r
		default:
			panic(r)
		}
	}()
	p.check.run(p)
	return nil
}

// cleanUp takes back what the check has left, also when the run was
// interrupted. What fails then is not the check's concern: others look at it.
// An endpoint that has stopped answering is not asked again and again.
func (p *probe) cleanUp() {
	const patience = 10 * time.Second
	ctx, cancel := context.WithTimeout(context.WithoutCancel(p.ctx), patience)
	defer cancel()
	p.ctx, p.cleaning = ctx, true
	raw := p.raw
	for len(p.undo) > 0 && p.unanswered == 0 {
		undo := p.undo[len(p.undo)-1]
		p.undo = p.undo[:len(p.undo)-1]
		inner := &probe{suite: p.suite, ctx: p.ctx, check: Check{run: func(*probe) { undo() }}}
		inner.perform()
	}
	p.raw = raw
}

// fail ends the check. The message is a sentence about what the endpoint did.
func (p *probe) fail(format string, args ...any) {
	panic(&ending{status: Failed, message: fmt.Sprintf(format, args...)})
}

// skip ends the check, where only an answer shows that it cannot be made.
func (p *probe) skip(format string, args ...any) {
	panic(&ending{status: Skipped, message: fmt.Sprintf(format, args...)})
}

// try posts a body as it is and returns what came of it, also no answer. about
// says in the report what the body is; plaintext is what it holds, nil if
// nothing that could be shown.
func (p *probe) try(address string, header http.Header, body []byte, about string, plaintext []byte) (*shifts.Reply, error) {
	reply, err := p.caller.Post(p.ctx, address, header, body)
	p.record(rawExchange{address, about, header, plaintext, reply, err})
	return reply, err
}

// post is try for a call that has to be answered.
func (p *probe) post(address string, header http.Header, body []byte, about string, plaintext []byte) *shifts.Reply {
	reply, err := p.try(address, header, body, about, plaintext)
	p.wantAnswer(reply, err)
	return reply
}

// wantAnswer ends the check unless the call was answered.
func (p *probe) wantAnswer(reply *shifts.Reply, err error) {
	lacks := func(format string, args ...any) {
		p.unanswered++
		panic(&ending{status: Failed, message: fmt.Sprintf(format, args...), unanswered: true})
	}
	switch {
	case p.ctx.Err() != nil:
		p.fail("The run was interrupted.")
	case errors.Is(err, shifts.ErrAnswerTooLong):
		p.endless++
		lacks("The endpoint sent an answer of more than %d bytes.", len(reply.Body))
	case errors.Is(err, context.DeadlineExceeded):
		p.endless++
		lacks("The endpoint did not answer within %v.", p.caller.Patience)
	case err != nil:
		lacks("The endpoint did not answer: %v.", reason(err))
	}
	p.unanswered = 0
	if reply.Took > p.slowest && !p.cutOff {
		p.slowest, p.slowestAt = reply.Took, p.check.ID
	}
}

// provoke posts a body that nobody has to answer, and gives the answer; nil if
// the endpoint has hung up instead, as may be done with a caller that proves
// nothing.
func (p *probe) provoke(address string, f forgery) *shifts.Reply {
	reply, err := p.try(address, nil, f.body, f.about, nil)
	hungUp := err != nil && reply == nil && !errors.Is(err, context.DeadlineExceeded)
	if hungUp && p.ctx.Err() == nil {
		return nil
	}
	p.wantAnswer(reply, err)
	return reply
}

// reason is what is left to say of a call without an answer.
func reason(err error) string {
	return strings.TrimPrefix(err.Error(), shifts.ErrNoAnswer.Error()+": ")
}

// send seals a plaintext and posts it.
func (p *probe) send(address string, header http.Header, plaintext []byte) *shifts.Reply {
	return p.post(address, header, p.seal(plaintext), "", plaintext)
}

// seal is envelope.Seal under the endpoint's key.
func (p *probe) seal(plaintext []byte) []byte {
	body, err := envelope.Seal(plaintext, p.key, nil)
	if err != nil {
		panic(err) // the key was checked, and the system's random source does not fail
	}
	return body
}

// firstConnect gives the first answer to that call, which was made to see
// whether anybody is there: to some endpoints it matters which is the first.
func (p *probe) firstConnect() *shifts.Reply {
	if p.first == nil {
		return p.connect()
	}
	first := *p.first
	p.first = nil
	p.record(first)
	p.wantAnswer(first.reply, first.err)
	return first.reply
}

// connect makes the call that Shifts makes when the integration is registered.
func (p *probe) connect() *shifts.Reply {
	return p.send(p.endpoint.Connect(), nil, p.connectBody(p.profile.TenantID))
}

func (p *probe) connectBody(tenant string) []byte {
	return mustJSON(map[string]string{
		"tenantId": cmp.Or(tenant, madeUpTenant), "userId": cmp.Or(p.profile.ConnectUser, madeUpUser),
	})
}

// read asks the endpoint about the profile's team.
func (p *probe) read(items ...shifts.Item) *shifts.Reply {
	return p.send(p.endpoint.Read(p.profile.Team), nil, batchOf(items...))
}

// update sends the endpoint a change to the profile's team.
func (p *probe) update(items ...shifts.Item) *shifts.Reply {
	return p.updateWith(nil, items...)
}

func (p *probe) updateWith(header http.Header, items ...shifts.Item) *shifts.Reply {
	return p.send(p.endpoint.Update(p.profile.Team), header, batchOf(items...))
}

// approve sends a change and expects that Shifts would write all of it. See
// [probe.wantWritten].
func (p *probe) approve(items ...shifts.Item) *shifts.Reply {
	reply := p.update(items...)
	p.wantWritten(reply, items...)
	return reply
}

// begin sends a change that a check starts from. Where it is refused, the check
// cannot be made; another one says so.
func (p *probe) begin(items ...shifts.Item) {
	reply := p.update(items...)
	for _, item := range items {
		if outcome := reply.Change(item.ID); outcome == shifts.Refused || outcome == shifts.Invalid {
			p.skip("The endpoint does not approve what this check starts from: %s.", describe(item))
		}
	}
}

// refuse sends a change and expects that Shifts would write nothing of it. See
// [probe.wantUnwritten].
func (p *probe) refuse(items ...shifts.Item) *shifts.Reply {
	reply := p.update(items...)
	p.wantUnwritten(reply, items...)
	return reply
}

// list asks a question and expects ids.
func (p *probe) list(item shifts.Item) []string {
	return p.wantListed(p.read(item), item)
}

// wantWritten ends the check if an item was refused. It is content with one
// that has no answer or no eTag, which Shifts takes for approved: checks of
// their own find that out, as they do answers that cannot be understood.
func (p *probe) wantWritten(reply *shifts.Reply, items ...shifts.Item) {
	p.wantBatch(reply)
	for _, item := range items {
		switch reply.Change(item.ID) {
		case shifts.Refused:
			p.wantSaved(reply, item)
		case shifts.Invalid:
			p.skip("%s", p.complaint(shifts.Invalid, reply, item))
		}
	}
}

// wantUnwritten ends the check if Shifts would write any of the items. It is
// content with a call that fails, and with a refusal that says nothing: checks
// of their own find that out, with wantRefused.
func (p *probe) wantUnwritten(reply *shifts.Reply, items ...shifts.Item) {
	for _, item := range items {
		if outcome := reply.Change(item.ID); outcome != shifts.Refused && outcome != shifts.Invalid {
			p.wantRefused(reply, item)
		}
	}
}

// wantSaved ends the check unless every item was approved as Shifts wants it:
// answered, with an eTag.
func (p *probe) wantSaved(reply *shifts.Reply, items ...shifts.Item) {
	p.wantBatch(reply)
	for _, item := range items {
		p.needStatus(reply, item)
		switch outcome := reply.Change(item.ID); outcome {
		case shifts.Saved:
		case shifts.Refused:
			response, _ := reply.Find(item.ID)
			code, message := response.Refusal()
			p.fail("%s was refused with status %s (%s: %s), and should be approved.", describe(item), response.Status, code, message)
		default:
			p.fail("%s", p.complaint(outcome, reply, item))
		}
	}
}

// wantRefused ends the check unless Shifts would refuse every item, and has a
// sentence for its user. That there is a code, too, is a check of its own.
func (p *probe) wantRefused(reply *shifts.Reply, items ...shifts.Item) {
	p.wantBatch(reply)
	for _, item := range items {
		p.needStatus(reply, item)
		outcome := reply.Change(item.ID)
		response, _ := reply.Find(item.ID)
		switch _, message := response.Refusal(); {
		case outcome == shifts.Saved:
			p.fail("%s was approved, and should be refused.", describe(item))
		case outcome == shifts.Unacknowledged:
			p.fail("%s was approved (and without an eTag), and should be refused.", describe(item))
		case outcome != shifts.Refused:
			p.fail("%s", p.complaint(outcome, reply, item))
		case message == "":
			p.fail("%s was refused, but error.message is not a text with something in it.", describe(item))
		}
	}
}

// wantListed ends the check unless the item is answered with a list of ids.
func (p *probe) wantListed(reply *shifts.Reply, item shifts.Item) []string {
	p.wantBatch(reply)
	p.needStatus(reply, item)
	response, _ := reply.Find(item.ID)
	switch outcome := reply.Question(item.ID); outcome {
	case shifts.Listed:
		ids, _ := response.IDs()
		return ids
	case shifts.Refused:
		code, message := response.Refusal()
		p.fail("%s was refused with status %s (%s: %s), and should be answered with a list.", describe(item), response.Status, code, message)
	case shifts.Invalid:
		if _, ok := response.StatusCode(); ok {
			p.fail("%s has data that is not a list of texts: %s.", describe(item), clip(string(response.Data)))
		}
		fallthrough
	default:
		p.fail("%s", p.complaint(outcome, reply, item))
	}
	return nil
}

// wantBatch ends the check unless Shifts would read the reply at all.
func (p *probe) wantBatch(reply *shifts.Reply) {
	switch {
	case reply.HTTPStatus != http.StatusOK:
		p.fail("The call was answered with HTTP %d: Shifts calls again, several times, and then says that the integration responded with invalid data.", reply.HTTPStatus)
	case reply.Fault != nil:
		p.fail("The body of the answer %v.", reply.Fault)
	}
}

// complaint says what is wrong with the answer to an item that has none which
// Shifts could use.
func (p *probe) complaint(outcome shifts.Outcome, reply *shifts.Reply, item shifts.Item) string {
	response, count := reply.Find(item.ID)
	meaning := "Shifts takes that for an approval"
	if item.Method == http.MethodGet {
		meaning = "what Shifts offers then is not documented"
	}
	switch {
	case outcome == shifts.Unanswered && count == 0:
		return describe(item) + " has no answer: " + meaning + "."
	case outcome == shifts.Unanswered:
		return describe(item) + " has an answer without a status: " + meaning + "."
	case outcome == shifts.Unacknowledged:
		return describe(item) + " was approved without an eTag: Shifts fails with 502 Bad Gateway."
	default:
		return fmt.Sprintf("%s has a status that is not an integer between 100 and 599: %s.", describe(item), clip(string(response.Status)))
	}
}

func isNumber(raw json.RawMessage) bool { return json.Unmarshal(raw, new(float64)) == nil }

// needStatus skips the check if an item has a status that is no number:
// batch.status-integer says so once.
func (p *probe) needStatus(reply *shifts.Reply, item shifts.Item) {
	response, count := reply.Find(item.ID)
	if count > 0 && reply.Change(item.ID) == shifts.Invalid && !isNumber(response.Status) {
		p.skip("%s", p.complaint(shifts.Invalid, reply, item))
	}
}

// describe names an item in a message.
func describe(item shifts.Item) string {
	return fmt.Sprintf("The item %s (%s %s)", item.ID, item.Method, clip(item.URL))
}

// clip keeps messages readable.
func clip(text string) string {
	const most = 120
	if len(text) <= most {
		return text
	}
	return text[:most] + "..."
}

// newID makes an id that the endpoint cannot know.
func newID(prefix string) string {
	b := make([]byte, 16)
	rand.Read(b) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%s%x-%x-%x-%x-%x", prefix, b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// itemHeaders are those that Shifts sends with an item.
func (s *suite) itemHeaders() map[string]string {
	return map[string]string{
		shifts.HeaderTransactionID: "1",
		shifts.HeaderExpires:       shifts.Expires(s.now().Add(30 * time.Second)),
	}
}

// batchOf is shifts.Batch for items whose bodies are made here.
func batchOf(items ...shifts.Item) []byte {
	batch, err := shifts.Batch(items...)
	if err != nil {
		panic(err)
	}
	return batch
}

func mustJSON(value any) []byte {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return text
}
