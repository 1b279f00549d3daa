package eligibility

import (
	"cmp"
	"slices"
)

// claimSwap finds the items that carry out an approved swap: the two shifts go
// and two come with exchanged owners, which may not be named; or the two change
// their owners. If there are none of these at all, the owners are exchanged
// here.
func (r *decidingRequest) claimSwap() {
	a, b := r.team.Shift(r.body.SenderShiftID), r.team.Shift(r.body.RecipientShiftID)
	if r.repeated || a == nil || b == nil {
		r.claimRepeated(userOf(r.body.SenderUserID), userOf(r.body.RecipientUserID))
		return
	}
	sender, recipient := cmp.Or(r.body.SenderUserID, a.UserID), cmp.Or(r.body.RecipientUserID, b.UserID)
	left := map[*Shift]*proposed{a: r.leaving(a), b: r.leaving(b)}
	// The sender's new shift has the times of the recipient's old one.
	came := map[*Shift]*proposed{b: r.coming(b, userOf(sender), a, b), a: r.coming(a, userOf(recipient), a, b)}
	alone := left[a] == nil && left[b] == nil && came[a] == nil && came[b] == nil
	if alone && !r.proposes(KindShift, a.ID) && !r.proposes(KindShift, b.ID) {
		r.hand(a, recipient)
		r.hand(b, sender)
		return
	}
	for _, s := range []*Shift{a, b} {
		if left[s] == nil || came[s] == nil {
			r.refuse(r.item, &Refusal{Code: BadRequest, Message: messageMismatch})
		}
		if left[s] != nil && left[s].gone() {
			left[s].request = r
			left[s].remove()
		}
	}
	r.place(came[b], b, sender)
	r.place(came[a], a, recipient)
}

// claimAll refuses an approved swap or claim beside which other shifts change:
// they are no part of what was agreed. What comes with an offer is not
// documented, and judged as a manager's own change.
func (r *decidingRequest) claimAll() {
	if r.item.Kind != KindSwapRequest && r.item.Kind != KindOpenShiftRequest ||
		r.body == nil || !r.body.Approved() || r.repeated {
		return
	}
	for _, p := range r.items {
		if p.Kind == KindShift && p.request == nil {
			r.refuse(r.item, &Refusal{Code: BadRequest, Message: messageMismatch})
		}
	}
}

// leaving is the item by which a shift ceases to be its owner's.
func (r *decidingRequest) leaving(s *Shift) *proposed {
	for _, p := range r.items {
		if p.Kind != KindShift || p.ID != s.ID || p.request != nil {
			continue
		}
		after, _ := p.entity.(*Shift)
		if p.gone() || after != nil && after.owner != s.owner && after.owner != nobody {
			return p
		}
	}
	return nil
}

// coming is the item by which a shift of the same times and group, unless it
// names none, comes to an owner: one that names the owner, else one that names
// nobody. Of two items that name
// nobody and have the same times, the first is the sender's.
func (r *decidingRequest) coming(s *Shift, owner user, senders, recipients *Shift) *proposed {
	var unowned []*proposed
	for _, p := range r.items {
		after, ok := p.entity.(*Shift)
		if !ok || p.gone() || p.request != nil || !sameTimes(after, s) ||
			after.group != s.group && after.SchedulingGroupID != "" {
			continue
		}
		switch after.owner {
		case owner:
			return p
		case nobody:
			unowned = append(unowned, p)
		}
	}
	if len(unowned) > 1 && s == senders && sameTimes(senders, recipients) {
		return unowned[1]
	}
	if len(unowned) > 0 {
		return unowned[0]
	}
	return nil
}

// place stores a shift that comes in the place of another: its owner and group
// are filled in, and what only the integration knows of the shift stays with it.
func (r *decidingRequest) place(p *proposed, from decoded, owner string) {
	if p == nil || p.request != nil {
		return
	}
	p.request = r
	content := p.entity.base().JSON
	if p.entity.(*Shift).owner == nobody {
		content = mustMember(content, "userId", owner)
	}
	if group := memberOf(from.base().JSON, "schedulingGroupId"); p.entity.(*Shift).SchedulingGroupID == "" && group != nil {
		content = mustMember(content, "schedulingGroupId", group)
	}
	p.set(withAttributesOf(from, content))
}

// hand gives a shift to another owner without an item that says so.
func (r *decidingRequest) hand(s *Shift, owner string) {
	change := s.entity
	change.JSON = mustMember(s.entity.JSON, "userId", owner)
	r.item.changes = append(r.item.changes, Change{Entity: change})
}

// claimRepeated takes the items of an approval that was carried out before:
// what goes is gone, and what comes replaces the copy that came then, by its
// newest id. Owners that are not named are found by that copy.
func (r *decidingRequest) claimRepeated(owners ...user) {
	for _, p := range r.items {
		after, ok := p.entity.(*Shift)
		switch {
		case p.Kind != KindShift || p.request != nil || p.unreadable:
		case !ok || p.gone():
			p.request = r
			p.remove()
		case after.Shared != nil:
			p.request = r
			r.replaceCopy(p, after, owners)
		}
	}
}

func (r *decidingRequest) replaceCopy(p *proposed, after *Shift, owners []user) {
	if after.owner != nobody {
		owners = []user{after.owner}
	}
	if copied := r.copyOf(after, owners); copied != nil {
		p.set(withAttributesOf(copied, mustMember(p.entity.base().JSON, "userId", copied.UserID)))
		if copied.ID != p.ID {
			p.changes = append(p.changes, deletion(&copied.entity))
		}
		return
	}
	if !r.repeated {
		p.set(p.entity.base().JSON)
	}
	// Otherwise the copy has been changed since; what was changed later stays.
}

// copyOf is a published shift of one of the owners with the same times, in the
// team as it is: the one of the same id, or one that the proposal does not speak
// of otherwise.
func (d *deciding) copyOf(s *Shift, owners []user) *Shift {
	if own := d.team.Shift(s.ID); own != nil {
		if own.Published() && samePlace(own, s) && slices.Contains(owners, own.owner) {
			return own
		}
		return nil
	}
	for _, owner := range owners {
		for _, known := range d.team.schedule(owner).commitments.items {
			if samePlace(known, s) && !d.proposes(KindShift, known.ID) && !d.replaces(known) {
				return known
			}
		}
	}
	return nil
}

// replaces reports whether an item has taken the place of a shift.
func (d *deciding) replaces(s *Shift) bool {
	return slices.ContainsFunc(d.items, func(p *proposed) bool {
		return slices.ContainsFunc(p.changes, func(c Change) bool { return c.Delete && c.Kind == KindShift && c.ID == s.ID })
	})
}

// judgeSwap asks whether the two shifts may be swapped, by a request that ties
// them up itself.
func (r *decidingRequest) judgeSwap(team *Team) Verdict {
	a, b := team.Shift(r.body.SenderShiftID), team.Shift(r.body.RecipientShiftID)
	if a != nil && r.body.SenderUserID != "" && a.owner != userOf(r.body.SenderUserID) ||
		b != nil && r.body.RecipientUserID != "" && b.owner != userOf(r.body.RecipientUserID) {
		return Verdict{Code: BadRequest, Message: messageNotTheirs}
	}
	return team.Swap(PairQuestion{
		SenderShiftID: r.body.SenderShiftID, RecipientShiftID: r.body.RecipientShiftID,
		RequestID: r.body.ID, Now: r.Now,
	})
}

func sameTimes(a, b *Shift) bool {
	return a.Shared != nil && b.Shared != nil && a.start.Equal(b.start) && a.end.Equal(b.end)
}

func samePlace(a, b *Shift) bool { return sameTimes(a, b) && a.group == b.group }

// samePublished reports whether the rules see no difference between two shifts.
func samePublished(a, b *Shift) bool {
	return a.Published() == b.Published() && a.owner == b.owner && a.group == b.group && sameTimes(a, b) &&
		a.load.equal(&b.load)
}

func (l *load) equal(other *load) bool {
	if l.work != other.work || len(l.days) != len(other.days) {
		return false
	}
	for i := range l.days {
		if l.days[i] != other.days[i] {
			return false
		}
	}
	return true
}

// withAttributesOf gives the content with the attributes that the integration
// has given to a shift or open shift, if it is known: Shifts does not know them
// and sends none.
func withAttributesOf(known decoded, content []byte) []byte {
	if known == nil {
		return content
	}
	merged, err := withMembersOf(known.base().JSON, content, "attributes")
	if err != nil {
		return content // of what was read before, never
	}
	return merged
}

// mustMember is withMember for content that was read before.
func mustMember(content []byte, name string, value any) []byte {
	changed, err := withMember(content, name, value)
	if err != nil {
		panic(err)
	}
	return changed
}
