package eligibility

import "slices"

// A decidingRequest is a request of a proposal while it is decided, together
// with the items that are part of its approval.
type decidingRequest struct {
	*deciding
	item *proposed
	body *Request // as it will be; nil if it is cancelled
	// known is the request that the team already has of the same id, or of the
	// same promise: Shifts gives new ids when it repeats a call.
	known *Request
	// repeated says that it was decided before and nothing needs to be asked.
	repeated bool
}

func (d *deciding) newRequest(p *proposed) *decidingRequest {
	r := &decidingRequest{deciding: d, item: p}
	p.request = r
	r.known, _ = p.old.(*Request)
	if body, ok := p.entity.(*Request); ok {
		r.body = r.complete(body)
	}
	return r
}

// complete adds what the body leaves out of what is known of the request:
// members that did not change may be missing.
func (r *decidingRequest) complete(body *Request) *Request {
	if r.known == nil {
		return body
	}
	merged, err := withMembersOf(r.known.entity.JSON, body.entity.JSON)
	if err != nil {
		return body
	}
	d := &decoder{}
	if whole, ok := d.decode(r.item.Kind, merged, &place{index: -1}, r.team.calendar).(*Request); ok && d.err() == nil {
		return whole
	}
	return body
}

// claim works out what the request does, and finds the items of its approval.
func (r *decidingRequest) claim() {
	switch {
	case r.body == nil:
		r.item.remove()
		r.withdrawAbsence()
		return
	case r.body.Pending():
		r.claimPending()
	case r.body.Approved():
		r.claimApproved()
	default:
		r.withdrawAbsence()
	}
	r.item.set(r.body.entity.JSON)
	if r.known != nil && r.known.ID != r.body.ID {
		// Of two ids of one request the newest counts.
		r.item.changes = append(r.item.changes, deletion(&r.known.entity))
	}
}

// claimPending recognises a request that is asked again: under its own id, or
// under another while the first is still open.
func (r *decidingRequest) claimPending() {
	if r.known == nil {
		r.known = r.twin(func(other *Request) bool { return other.Pending() })
	}
	if r.known == nil || !r.promisesAs(r.known) {
		return
	}
	ended := r.known.Approved() || r.known.State == "declined"
	// Accepting is a step of its own; everything else was decided before.
	r.repeated = ended || r.known.Pending() && (r.body.AssignedTo != "manager" || r.known.AssignedTo == "manager")
	if ended || r.repeated && r.known.ID == r.body.ID && r.known.AssignedTo != r.body.AssignedTo {
		r.body = r.known // a late repeat of a step that was left behind
	}
}

// claimApproved recognises an approval that is repeated and gathers the items
// that carry it out.
func (r *decidingRequest) claimApproved() {
	if r.known == nil {
		r.known = r.twin(func(other *Request) bool {
			return other.Pending() || other.Approved() && r.carriedOut(other)
		})
	}
	r.repeated = r.known != nil && r.known.Approved() && r.promisesAs(r.known)
	switch r.item.Kind {
	case KindSwapRequest:
		r.claimSwap()
	case KindOfferShiftRequest:
		r.claimOffer()
	case KindOpenShiftRequest:
		r.claimOpenShift()
	case KindTimeOffRequest:
		r.claimTimeOff()
	}
}

// carriedOut reports whether what an approved request promised is still so:
// the same may be asked a second time when it is not.
func (r *decidingRequest) carriedOut(other *Request) bool {
	switch r.item.Kind {
	case KindSwapRequest:
		// The same two shifts may be swapped back, by the other worker.
		return (r.body.SenderUserID == "" || userOf(r.body.SenderUserID) == userOf(other.SenderUserID)) &&
			r.passedTo(other.RecipientUserID, other.SenderShiftID) && r.passedTo(other.SenderUserID, other.RecipientShiftID)
	case KindOfferShiftRequest:
		return r.passedTo(other.RecipientUserID, other.SenderShiftID)
	case KindOpenShiftRequest:
		// Who has the shift cannot claim it again; who lost it may.
		o := r.team.OpenShift(other.OpenShiftID)
		if o == nil || r.coming(o.shift, userOf(other.SenderUserID), nil, nil) == nil {
			return o != nil // no shift comes with it, as none came before
		}
		return slices.ContainsFunc(r.team.schedule(userOf(other.SenderUserID)).commitments.items,
			func(s *Shift) bool { return samePlace(s, o.shift) })
	}
	return true
}

// passedTo reports whether a shift is the user's now, or gone: it came to them
// under another id then.
func (r *decidingRequest) passedTo(userID, shiftID string) bool {
	s := r.team.Shift(shiftID)
	return s == nil || s.owner == userOf(userID)
}

// promisesAs reports whether the request asks for what another asks for.
func (r *decidingRequest) promisesAs(other *Request) bool {
	promise := r.body.promise()
	return promise != "" && promise == other.promise()
}

// twin is a request of another id, not part of the proposal, that promises the
// same.
func (r *decidingRequest) twin(fits func(*Request) bool) *Request {
	promise := r.body.promise()
	if promise == "" {
		return nil
	}
	requests, _ := r.team.promises.Get(promise)
	for _, other := range requests {
		if other.ID != r.body.ID && fits(other) && !r.proposes(other.entity.Kind, other.ID) {
			return other
		}
	}
	return nil
}

// proposes reports whether the proposal has an item for that entity.
func (d *deciding) proposes(kind Kind, id string) bool {
	return slices.ContainsFunc(d.items, func(p *proposed) bool { return p.Kind == kind && p.ID == id })
}

// judge asks the rules about a request that is new, or a step further.
func (r *decidingRequest) judge() {
	if r.body == nil || r.repeated || r.body.State == "declined" {
		return
	}
	if !r.body.Pending() && !r.body.Approved() {
		r.refuse(r.item, badField("state")) // what is not understood is not waved through
		return
	}
	if missing := r.missing(); missing != "" {
		r.refuse(r.item, badField(missing))
		return
	}
	team := r.after(func(p *proposed) bool { return p.request != r })
	if r.known != nil && r.known.ID != r.body.ID {
		team = team.without(&r.known.entity)
	}
	var verdict Verdict
	switch r.item.Kind {
	case KindSwapRequest:
		verdict = r.judgeSwap(team)
	case KindOfferShiftRequest:
		verdict = r.judgeOffer(team)
	case KindOpenShiftRequest:
		verdict = team.Take(TakeQuestion{ShiftID: r.body.OpenShiftID, UserID: r.body.SenderUserID, Now: r.Now, open: true})
	case KindTimeOffRequest:
		verdict = team.mayChoose(r.body.SenderUserID, r.body.TimeOffReasonID, r.Now)
	}
	r.faults = append(r.faults, verdict.Faults...)
	r.refuse(r.item, refuseBy(verdict))
}

// missing names the first member without which nothing can be decided, or
// which contradicts another.
func (r *decidingRequest) missing() string {
	type needed struct{ name, value string }
	var all []needed
	switch r.item.Kind {
	case KindSwapRequest:
		all = []needed{{"senderShiftId", r.body.SenderShiftID}, {"recipientShiftId", r.body.RecipientShiftID}}
	case KindOfferShiftRequest:
		all = []needed{{"senderShiftId", r.body.SenderShiftID}, {"recipientUserId", r.body.RecipientUserID}}
	case KindOpenShiftRequest:
		all = []needed{{"openShiftId", r.body.OpenShiftID}, {"senderUserId", r.body.SenderUserID}}
	case KindTimeOffRequest:
		all = []needed{{"senderUserId", r.body.SenderUserID}, {"timeOffReasonId", r.body.TimeOffReasonID}}
		if r.body.StartDateTime.IsZero() {
			return "startDateTime"
		}
		if !r.body.EndDateTime.After(r.body.StartDateTime) {
			return "endDateTime"
		}
	}
	for _, n := range all {
		if n.value == "" {
			return n.name
		}
	}
	return ""
}

// set makes the item store its entity with that JSON.
func (p *proposed) set(content []byte) {
	p.changes = append(p.changes, Change{Entity: Entity{Kind: p.Kind, ID: p.ID, JSON: content}})
}

// remove makes the item delete its entity, if there is one.
func (p *proposed) remove() {
	if p.old != nil {
		p.changes = append(p.changes, deletion(p.old.base()))
	}
}

func deletion(e *Entity) Change {
	return Change{Entity: Entity{Kind: e.Kind, ID: e.ID}, Delete: true}
}

// without is the team after one deletion.
func (t *Team) without(e *Entity) *Team {
	after, err := t.With(deletion(e))
	if err != nil {
		panic(err) // a deletion has nothing to be wrong
	}
	return after
}
