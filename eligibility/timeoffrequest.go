package eligibility

import (
	"encoding/json"
	"time"
)

// claimTimeOff makes an approved time-off request count: as the absence that
// comes with it, or, as long as none has come, as one that stands in for it
// under the id of the request.
func (r *decidingRequest) claimTimeOff() {
	came := r.comingAbsence()
	there, renamed := false, false
	for _, t := range r.team.schedule(userOf(r.body.SenderUserID)).timesOff {
		if !r.isAbsence(t) || r.proposes(KindTimeOff, t.entity.ID) {
			continue
		}
		standIn := r.repeated && r.known.ID != r.body.ID && t.entity.ID == r.known.ID
		if standIn || r.repeated && came != nil && came.old == nil {
			r.item.changes = append(r.item.changes, deletion(&t.entity))
		} else {
			there = true
		}
		renamed = renamed || standIn
	}
	if came != nil || there || r.repeated && !renamed {
		return
	}
	r.standIn()
}

// comingAbsence is the item of the absence that is approved, if it came along.
func (r *decidingRequest) comingAbsence() *proposed {
	for _, p := range r.items {
		if t, ok := p.entity.(*TimeOff); ok && !p.gone() && t.owner == userOf(r.body.SenderUserID) && r.isAbsence(t) {
			return p
		}
	}
	return nil
}

// standIn stores an absence under the id of the request.
func (r *decidingRequest) standIn() {
	times := map[string]json.RawMessage{}
	for _, name := range []string{"timeOffReasonId", "startDateTime", "endDateTime"} {
		times[name] = rawMember(memberOf(r.body.entity.JSON, name))
	}
	content, err := json.Marshal(map[string]any{
		"id": r.body.ID, "userId": r.body.SenderUserID, "sharedTimeOff": times,
	})
	if err != nil || r.missing() != "" {
		return // what is missing is refused when it is judged
	}
	r.item.changes = append(r.item.changes, Change{Entity: Entity{Kind: KindTimeOff, ID: r.body.ID, JSON: content}})
}

// isAbsence reports whether an absence is the one that the request asks for.
func (r *decidingRequest) isAbsence(t *TimeOff) bool {
	return t.counts && t.span.start.Equal(r.body.StartDateTime) && t.span.end.Equal(r.body.EndDateTime)
}

// withdrawAbsence deletes what stood in for the absence of a request that is
// cancelled or declined after all.
func (r *decidingRequest) withdrawAbsence() {
	if r.item.Kind != KindTimeOffRequest || r.proposes(KindTimeOff, r.item.ID) {
		return
	}
	if standIn := r.team.entity(KindTimeOff, r.item.ID); standIn != nil {
		r.item.changes = append(r.item.changes, deletion(standIn.base()))
	}
}

// outdated is what an absence takes the place of: the stand-in of a time-off
// request, or what Shifts repeats under a new id.
func (d *deciding) outdated(p *proposed, t *TimeOff) *TimeOff {
	for _, other := range d.team.schedule(t.owner).timesOff {
		if other.span != t.span || d.proposes(KindTimeOff, other.entity.ID) {
			continue
		}
		if d.team.entity(KindTimeOffRequest, other.entity.ID) != nil ||
			p.old == nil && contentOf(other.entity.JSON) == contentOf(t.entity.JSON) {
			return other
		}
	}
	return nil
}

// mayChoose decides whether a worker may choose one time-off reason.
func (t *Team) mayChoose(userID, reason string, now time.Time) Verdict {
	u := userOf(userID)
	if !t.knows(u) {
		return Verdict{Code: UserNotFound, Message: Message(UserNotFound)}
	}
	known, ok := t.entity(KindTimeOffReason, reason).(*TimeOffReason)
	if !ok || !known.active {
		return Verdict{Code: TimeOffReasonNotFound, Message: Message(TimeOffReasonNotFound)}
	}
	c := &choice{
		worker: t.schedule(u).worker, today: t.calendar.date(now),
		reason: reason, policy: t.Policy.TimeOffReasons[reason],
	}
	return Verdict{Failed: failures(choiceRules, c, nil, NoSide, true)}
}
