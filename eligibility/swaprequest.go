package eligibility

// claimSwap finds the items that carry out an approved swap: the two shifts go
// and two come with exchanged owners, which may not be named; or the two change
// their owners. If there are none of these at all, the owners are exchanged
// here.
func (r *decidingRequest) claimSwap() {
	a, b := r.team.Shift(r.body.SenderShiftID), r.team.Shift(r.body.RecipientShiftID)
	if a == nil || b == nil {
		r.claimRepeated(userOf(r.body.SenderUserID), userOf(r.body.RecipientUserID))
		return
	}
	left := map[*Shift]*proposed{a: r.leaving(a), b: r.leaving(b)}
	// The sender's new shift has the times of the recipient's old one.
	came := map[*Shift]*proposed{b: r.coming(b, a.owner, a, b), a: r.coming(a, b.owner, a, b)}
	if left[a] == nil && left[b] == nil && came[a] == nil && came[b] == nil {
		r.hand(a, b.UserID)
		r.hand(b, a.UserID)
		return
	}
	for _, s := range []*Shift{a, b} {
		if left[s] == nil || came[s] == nil {
			r.refuse(r.item, &Refusal{Code: BadRequest, Message: messageMismatch})
		}
		if left[s] != nil && left[s] != came[s] {
			left[s].request = r
			left[s].remove()
		}
	}
	r.place(came[b], b, a.UserID)
	r.place(came[a], a, b.UserID)
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

// coming is the item by which a shift of the same times comes to an owner: one
// that names the owner, else one that names nobody. Of two items that name
// nobody and have the same times, the first is the sender's.
func (r *decidingRequest) coming(s *Shift, owner user, senders, recipients *Shift) *proposed {
	var unowned []*proposed
	for _, p := range r.items {
		after, ok := p.entity.(*Shift)
		if !ok || p.gone() || p.request != nil || after.Shared == nil || !sameTimes(after, s) {
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

// place stores a shift that comes in the place of another: its owner is filled
// in, and what only the integration knows of the shift stays with it.
func (r *decidingRequest) place(p *proposed, from *Shift, owner string) {
	if p == nil || p.request != nil {
		return
	}
	p.request = r
	content := p.entity.base().JSON
	if p.entity.(*Shift).owner == nobody {
		content = mustMember(content, "userId", owner)
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
		case p.Kind != KindShift || p.request != nil:
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
	for _, owner := range owners {
		copied := r.copyOf(after, owner)
		if copied == nil {
			continue
		}
		p.set(withAttributesOf(copied, mustMember(p.entity.base().JSON, "userId", copied.UserID)))
		if copied.ID != p.ID {
			p.changes = append(p.changes, deletion(&copied.entity))
		}
		return
	}
	if r.Settled || !r.repeated {
		p.set(p.entity.base().JSON)
	}
	// Otherwise the copy has been changed since; what was changed later stays.
}

// copyOf is a published shift of the owner with the same times, in the team as
// it is, that the proposal does not speak of otherwise.
func (d *deciding) copyOf(s *Shift, owner user) *Shift {
	for _, known := range d.team.schedule(owner).commitments.items {
		if sameTimes(known, s) && known.SchedulingGroupID == s.SchedulingGroupID &&
			(known.ID == s.ID || !d.proposes(KindShift, known.ID)) {
			return known
		}
	}
	return nil
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
// has given to a shift: Shifts does not know them and sends none.
func withAttributesOf(s *Shift, content []byte) []byte {
	if s == nil || s.Attributes == nil {
		return content
	}
	merged, err := withMembersOf(s.entity.JSON, content, "attributes")
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
