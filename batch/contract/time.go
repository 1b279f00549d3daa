package contract

import (
	"fmt"
	"net/http"
	"time"

	"example.com/shiftswfi/batch/shifts"
)

// promptly is how long an answer may take before users wonder.
const promptly = 5 * time.Second

var timeChecks = []Check{
	{
		ID: "time.expires-digits", Level: Must, Section: "3.5",
		Title: "An expiry with seven digits of a second is understood",
		Sends: "A question and a new shift with X-MS-Expires half a minute ahead, such as 2030-01-01T00:00:30.0000000Z.",
		Why:   "Shifts writes it so in every change. Libraries that know three or six digits fail on it.",
		Mend:  "Parse it with any number of digits, or cut it after the sixth.",
		needs: []need{needsDecided},
		run: func(p *probe) {
			p.wantAlike(map[string]string{shifts.HeaderTransactionID: "1"}, p.itemHeaders())
		},
	},
	{
		ID: "time.no-expiry", Level: Must, Section: "3.5",
		Title: "Items need no headers",
		Sends: "A question without headers, and a new shift without X-MS-Expires.",
		Why:   "Questions come without headers in Microsoft's examples, and so do some changes without an expiry.",
		Mend:  "Take an item without headers, or without X-MS-Expires, for one that does not expire.",
		needs: []need{needsDecided},
		run: func(p *probe) {
			p.wantAlike(p.itemHeaders(), nil)
		},
	},
	{
		ID: "time.expired", Level: Should, Section: "3.5",
		Title: "A change that has expired is refused",
		Sends: "A new shift whose X-MS-Expires was an hour ago.",
		Why:   "Shifts has presumably given it up and told its user so. What is saved all the same is in one system and not in the other.",
		Mend:  "Answer such an item with status 400 and a sentence, in an answer with HTTP 200, and do nothing else.",
		needs: []need{needsRoster(1), needsChanges("shift")},
		run: func(p *probe) {
			if decided, good := p.newShift(p.itemHeaders()); !good {
				p.skip("A new shift that has not expired is not approved either: %s", decided)
			}
			s := p.planned(0, p.day(), 6)
			p.later(s.id)
			item := p.item(http.MethodPost, "shifts", s.id, p.body(s))
			item.Headers = p.expiredHeaders()
			reply := p.update(item)
			p.wantBatch(reply)
			switch outcome := reply.Change(item.ID); outcome {
			case shifts.Refused:
			case shifts.Saved, shifts.Unacknowledged:
				p.fail("%s was approved an hour after it had expired.", describe(item))
			default:
				p.fail("%s", p.complaint(outcome, reply, item))
			}
		},
	},
	{
		ID: "time.expired-beside-fresh", Level: Should, Section: "3.5",
		Title: "An expired item does not spoil its neighbour",
		Sends: "Two questions, the first of which has expired an hour ago.",
		Why:   "Each item carries its own expiry: the user of the other one is still waiting.",
		Mend:  "Decide on the expiry of each item alone.",
		needs: []need{needsQuestion},
		run: func(p *probe) {
			fresh, _ := p.anyQuestion()
			fresh.Headers = p.itemHeaders()
			unknown := p.question(newID(""), swapURL(newID("SHFT_"), p.now()))
			if reply := p.read(unknown, fresh); reply.Question(fresh.ID) != shifts.Listed {
				p.skip("The question is not answered with a list beside one that is refused, either: see to that first.")
			}
			expired := fresh
			expired.ID, expired.Headers = newID(""), p.expiredHeaders()
			reply := p.read(expired, fresh)
			p.wantBatch(reply)
			if outcome := reply.Question(fresh.ID); outcome != shifts.Listed {
				p.fail("%s was answered with a list beside one that is refused; beside one that has expired it is %s.", describe(fresh), outcome)
			}
		},
	},
	{
		ID: "time.unreadable", Level: Should, Section: "3.5",
		Title: "An expiry that cannot be read does not spoil the batch",
		Sends: "A question, or a change of an unknown kind, with the X-MS-Expires \"soon\".",
		Why:   "HTTP 500 for one item makes Shifts repeat all of them, in vain.",
		Mend:  "Refuse the item with status 400, or take it for one that does not expire, in an answer with HTTP 200.",
		needs: []need{needsTeam},
		run: func(p *probe) {
			call := p.teamCall()
			p.wantOrdinary(call)
			item, ok := p.anyQuestion()
			if !ok {
				item = p.item(http.MethodPost, "kindsToCome", newID("NEW_"), fields{})
			}
			item.Headers = p.itemHeaders()
			item.Headers[shifts.HeaderExpires] = "soon"
			if reply := p.send(call.address, nil, batchOf(item)); reply.HTTPStatus != http.StatusOK {
				p.fail("The call was answered with HTTP %d.", reply.HTTPStatus)
			}
		},
	},
	{
		ID: "time.within-expiry", Level: Must, Section: "3.5",
		Title: "Every answer comes within 30 seconds",
		Sends: "One more call of connect.accepted; all calls so far count.",
		Why:   "A change expires 30 seconds after it was made. Presumably Shifts no longer waits then.",
		Mend:  "Answer from what you keep at hand, and refuse with status 503 what you cannot decide in time.",
		run: func(p *probe) {
			p.connect()
			if p.slowest > shifts.DefaultPatience {
				p.fail("An answer to a call of %s took %v.", p.slowestAt, p.slowest.Round(100*time.Millisecond))
			}
		},
	},
	{
		ID: "time.prompt", Level: Should, Section: "3.5",
		Title: fmt.Sprintf("Every answer comes within %v", promptly),
		Sends: "One more call of connect.accepted; all calls so far count.",
		Why:   "A person waits for each answer before a turning wheel.",
		Mend:  "Answer from what you keep at hand instead of asking a distant system.",
		run: func(p *probe) {
			p.connect()
			if p.slowest > promptly {
				p.fail("An answer to a call of %s took %v.", p.slowestAt, p.slowest.Round(100*time.Millisecond))
			}
		},
	},
}

// needsQuestion is for checks that ask anything.
func needsQuestion(p Profile) string {
	swap, reason := needsSwapFilter(p), needsReasonFilter(p)
	if swap != "" && reason != "" {
		return swap + " " + reason
	}
	return ""
}

// needsDecided is for checks that need any item with success.
func needsDecided(p Profile) string {
	if needsQuestion(p) == "" || needsNewShift(p) == "" {
		return ""
	}
	return needsQuestion(p) + " " + needsNewShift(p)
}

func needsNewShift(p Profile) string {
	if lack := needsChanges("shift")(p); lack != "" {
		return lack
	}
	return needsRoster(1)(p)
}

// expiredHeaders are those of an item that came an hour too late.
func (s *suite) expiredHeaders() map[string]string {
	headers := s.itemHeaders()
	headers[shifts.HeaderExpires] = shifts.Expires(s.now().Add(-time.Hour))
	return headers
}

// wantAlike ends the check unless items succeed with other headers as they do
// with some.
func (p *probe) wantAlike(some, other map[string]string) {
	compared := false
	for _, try := range p.decided() {
		if _, good := try(some); !good {
			continue
		}
		compared = true
		if what, good := try(other); !good {
			p.fail("%s The same with other headers succeeds.", what)
		}
	}
	if !compared {
		p.skip("Neither a question nor a new shift succeeds with any headers: see to that first.")
	}
}

// decided are calls that the profile supports, with the item headers to come.
// Each says what came of it, as a sentence, and whether it is a success.
func (p *probe) decided() []func(map[string]string) (string, bool) {
	var calls []func(map[string]string) (string, bool)
	if needsQuestion(p.profile) == "" {
		calls = append(calls, func(headers map[string]string) (string, bool) {
			item, _ := p.anyQuestion()
			item.Headers = headers
			outcome := p.read(item).Question(item.ID)
			return fmt.Sprintf("%s is %s.", describe(item), outcome), outcome == shifts.Listed
		})
	}
	if needsNewShift(p.profile) == "" {
		calls = append(calls, func(headers map[string]string) (string, bool) {
			if headers == nil { // Microsoft's examples of changes leave out the expiry at most
				headers = map[string]string{shifts.HeaderTransactionID: "1"}
			}
			return p.newShift(headers)
		})
	}
	return calls
}

// newShift makes a shift and takes it back when the check is over.
func (p *probe) newShift(headers map[string]string) (what string, good bool) {
	s := p.planned(0, p.day(), 6)
	p.later(s.id)
	item := p.item(http.MethodPost, "shifts", s.id, p.body(s))
	item.Headers = headers
	outcome := p.update(item).Change(item.ID)
	return fmt.Sprintf("%s is %s.", describe(item), outcome), outcome == shifts.Saved
}
