package eligibility

import "slices"

// claimOpenShift finds the items that carry out an approved claim of an open
// shift: the new shift, and the open shift with one slot less, which is lowered
// here if no item does it.
func (r *decidingRequest) claimOpenShift() {
	o := r.team.OpenShift(r.body.OpenShiftID)
	sender := userOf(r.body.SenderUserID)
	if r.repeated || o == nil || !o.Published() {
		r.claimRepeated(sender)
		if p := r.itemOf(KindOpenShift, r.body.OpenShiftID); p != nil && o != nil {
			p.request = r
			r.lower(p, o, 0)
		}
		return
	}
	if r.claimedBefore() {
		// Two approvals in one batch would each take the slot that they see.
		r.refuse(r.item, &Refusal{Code: BadRequest, Message: messageMismatch})
		return
	}
	r.place(r.coming(o.shift, sender, nil, nil), o, r.body.SenderUserID)
	p := r.itemOf(KindOpenShift, o.shift.ID)
	if p == nil {
		if o.Slots != nil {
			change := o.entity
			change.JSON = withSlots(o.entity.JSON, max(0, *o.Slots-1))
			r.item.changes = append(r.item.changes, Change{Entity: change})
		}
		return
	}
	p.request = r
	if after, ok := p.entity.(*OpenShift); ok && !p.gone() && !samePlace(after.shift, o.shift) {
		r.refuse(r.item, &Refusal{Code: BadRequest, Message: messageMismatch})
	}
	r.lower(p, o, 1)
}

// claimedBefore reports whether an approval earlier in the batch takes a slot of
// the same open shift.
func (r *decidingRequest) claimedBefore() bool {
	return slices.ContainsFunc(r.requests[:slices.Index(r.requests, r)], func(other *decidingRequest) bool {
		return other.item.Kind == KindOpenShiftRequest && other.body != nil && other.body.Approved() &&
			!other.repeated && other.body.OpenShiftID == r.body.OpenShiftID
	})
}

// itemOf is the item for an entity, unless it belongs to another request.
func (d *deciding) itemOf(kind Kind, id string) *proposed {
	for _, p := range d.items {
		if p.Kind == kind && p.ID == id && p.request == nil {
			return p
		}
	}
	return nil
}

// lower stores an open shift of which so many slots are taken. The count that
// comes with it was right when it was sent; if another was taken since, the
// lower one is, and if none is taken now, the known one. It never falls below
// zero.
func (d *deciding) lower(p *proposed, o *OpenShift, taken int) {
	after, ok := p.entity.(*OpenShift)
	if !ok || p.gone() {
		p.remove()
		return
	}
	content := withAttributesOf(o, after.entity.JSON)
	if o.Slots != nil && after.Shared() != nil {
		slots := *o.Slots
		if taken > 0 {
			slots -= taken
			if after.Slots != nil {
				slots = min(slots, *after.Slots)
			}
			slots = max(0, slots)
		}
		content = withSlots(content, slots)
	}
	p.set(content)
}

func withSlots(content []byte, slots int) []byte {
	shared := mustMember(memberOf(content, "sharedOpenShift"), "openSlotCount", slots)
	return mustMember(content, "sharedOpenShift", rawMember(shared))
}

// claimAssignments finds open shifts that a manager assigns: two items and no
// request, the open shift and a new shift of the same times. The count that
// comes with it does not tell: two who assign at once both send the same.
func (d *deciding) claimAssignments() {
	for _, p := range d.items {
		after, ok := p.entity.(*OpenShift)
		before, known := p.old.(*OpenShift)
		if !ok || !known || p.request != nil || p.gone() || !before.Published() || !after.Published() ||
			!sameTimes(before.shift, after.shift) || before.Slots == nil {
			continue
		}
		assigned, taken := 0, 0
		for _, shift := range d.items {
			s, ok := shift.entity.(*Shift)
			if !ok || shift.request != nil || !s.Published() || !sameTimes(s, before.shift) {
				continue
			}
			switch known, again := shift.old.(*Shift); {
			case again && !sameContent(known, s):
				continue // an edit, which takes no slot
			case !again && d.repeatOf(shift) == nil:
				taken++
			}
			assigned++
		}
		if assigned == 0 {
			continue
		}
		if taken > max(0, *before.Slots) {
			d.refuse(p, &Refusal{Code: NoSlotLeft, Message: Message(NoSlotLeft), Rule: RuleSlotsLeft})
		}
		p.assigned = true
		d.lower(p, before, taken)
	}
}
