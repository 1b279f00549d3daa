package eligibility

import "encoding/json"

// gone reports whether an item takes its entity away: deleted outright, with a
// shared part that is no longer active and no draft that would bring it back,
// or a draft that was never shared and is not active either.
func (p *proposed) gone() bool {
	if p.Delete || p.entity == nil {
		return p.Delete
	}
	shared, draft := partNames(p.Kind)
	if shared == "" {
		return false
	}
	content := p.entity.base().JSON
	switch partState(content, shared) {
	case partInactive:
		return partState(content, draft) != partActive
	case partAbsent:
		return partState(content, draft) == partInactive
	}
	return false
}

func partNames(kind Kind) (shared, draft string) {
	switch kind {
	case KindShift:
		return "sharedShift", "draftShift"
	case KindOpenShift:
		return "sharedOpenShift", "draftOpenShift"
	case KindTimeOff:
		return "sharedTimeOff", "draftTimeOff"
	}
	return "", ""
}

const (
	partAbsent = iota
	partInactive
	partActive
)

func partState(content json.RawMessage, name string) int {
	part := memberOf(content, name)
	switch {
	case len(part) == 0 || part[0] != '{':
		return partAbsent
	case string(memberOf(part, "isActive")) == "false":
		return partInactive
	}
	return partActive
}

// settle works out what an item does that belongs to no request.
func (p *proposed) settle(d *deciding) {
	if p.assigned {
		return
	}
	if p.gone() {
		p.remove()
		return
	}
	content := p.entity.base().JSON
	switch entity := p.entity.(type) {
	case *Shift:
		copied := d.repeatOf(p)
		if copied == nil {
			p.set(withAttributesOf(p.old, content))
			break
		}
		p.repeated = true
		p.set(withAttributesOf(copied, content))
		p.changes = append(p.changes, deletion(&copied.entity))
	case *OpenShift:
		p.set(withAttributesOf(p.old, content))
	case *TimeOff:
		p.set(content)
		if outdated := d.outdated(p, entity); outdated != nil {
			p.changes = append(p.changes, deletion(&outdated.entity))
		}
	default:
		p.set(content)
	}
}

// repeatOf is the shift that a new one repeats, which Shifts may do under a new
// id when a call seems to have failed: all else is the same then, down to when
// it was created. A shift that is merely alike is another.
func (d *deciding) repeatOf(p *proposed) *Shift {
	s, ok := p.entity.(*Shift)
	if !ok || p.old != nil {
		return nil
	}
	for _, known := range d.team.schedule(s.owner).shifts {
		if !d.proposes(KindShift, known.ID) && !d.replaces(known) && sameContent(known, s) {
			return known
		}
	}
	return nil
}

// sameContent reports whether a shift is the one that is known, apart from its
// id and from what Shifts does not know.
func sameContent(known, s *Shift) bool {
	return known.group == s.group && known.start.Equal(s.start) && known.end.Equal(s.end) &&
		contentOf(known.entity.JSON) == contentOf(withAttributesOf(known, s.entity.JSON))
}

// judgeShift asks the assignment rules about a shift that a manager publishes,
// on the team after the whole proposal. What was published just so before, or
// is no more than a draft, is no question.
func (d *deciding) judgeShift(after *Team, p *proposed) *Refusal {
	if p.Kind != KindShift || p.repeated {
		return nil
	}
	s := after.Shift(p.ID)
	if s == nil || !s.Published() {
		return nil
	}
	if before, ok := p.old.(*Shift); ok && samePublished(before, s) {
		return nil
	}
	a := assignment{team: after, now: d.Now, schedule: after.schedule(s.owner), received: s, faults: &d.faults}
	return refuseBy(Verdict{Failed: a.failures(nil, NoSide, true)})
}
