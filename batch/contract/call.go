package contract

import (
	"net/http"

	"example.com/shiftswfi/batch/shifts"
)

// A call is one of those that Shifts makes, before it is sealed. Sending it
// changes nothing.
type call struct {
	name      string // of the endpoint, begins a sentence
	address   string
	plaintext []byte
}

// calls are /connect and, if the profile names a team, one of the team's
// endpoints: /read if it answers with data.
func (p *probe) calls() []call {
	calls := []call{p.connectCall()}
	if p.profile.Team != "" {
		calls = append(calls, p.teamCall())
	}
	return calls
}

func (p *probe) connectCall() call {
	return call{"/connect", p.endpoint.Connect(), p.connectBody(p.profile.TenantID)}
}

// teamCall needs a team.
func (p *probe) teamCall() call {
	question, ok := p.anyQuestion()
	if !ok {
		return p.unknownCall("")
	}
	return call{"/read", p.endpoint.Read(p.profile.Team), batchOf(question)}
}

// anyQuestion is one that the endpoint answers with a list; ok is false if the
// profile lacks what it takes.
func (p *probe) anyQuestion() (question shifts.Item, ok bool) {
	switch {
	case needsSwapFilter(p.profile) == "":
		swap := p.profile.Swap.Shift
		return p.question(swap.ID, swapURL(swap.ID, swap.Start)), true
	case needsReasonFilter(p.profile) == "":
		user := p.profile.Reasons.User
		return p.question(user, reasonsURL(user)), true
	}
	return shifts.Item{}, false
}

// unknownCall is a change to something that no endpoint knows, with a note. It
// needs a team.
func (p *probe) unknownCall(notes string) call {
	id := newID("NEW_")
	item := p.item(http.MethodPost, "kindsToCome", id, fields{"id": id, "notes": notes})
	return call{"/update", p.endpoint.Update(p.profile.Team), batchOf(item)}
}

// wantOrdinary skips the check if the endpoint refuses a call as Shifts makes
// it: another check says so.
func (p *probe) wantOrdinary(c call) {
	if reply := p.send(c.address, nil, c.plaintext); reply.HTTPStatus != http.StatusOK {
		p.skip("%s answers the ordinary call with HTTP %d: see to that first.", c.name, reply.HTTPStatus)
	}
}

// needsSealing is for the check that nothing else is taken than sealed bodies.
func needsSealing(p Profile) string {
	if p.PlainFromLoopback {
		return "The profile says that the endpoint takes plain JSON from its own machine (plainFromLoopback)."
	}
	return ""
}
