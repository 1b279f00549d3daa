package eligibility

import (
	"slices"
	"time"
)

// openings are the parts of a window in which a shift has to start for the
// worker to have a chance of receiving it: not while another commitment or an
// absence lasts, and not so close to a commitment that the rest is too short
// whatever the shift's length. The rules refuse every shift that starts
// elsewhere.
//
// The window includes both its ends; the openings are half-open and in order.
func (a *assignment) openings(window span) []span {
	commitments := &a.schedule.commitments
	closed := make([]span, 0, 2*len(commitments.items)+len(a.schedule.absences.items))
	for i, t := range commitments.items {
		if t != a.lost {
			closed = a.closeAround(closed, commitments.spans[i])
		}
	}
	closed = append(closed, a.schedule.absences.spans...)
	slices.SortFunc(closed, func(x, y span) int { return x.start.Compare(y.start) })

	at, end := window.start, window.end.Add(1)
	var open []span
	for _, c := range closed {
		if !c.start.Before(end) {
			break
		}
		if c.start.After(at) {
			open = append(open, span{at, c.start})
		}
		if c.end.After(at) {
			at = c.end
		}
	}
	if at.Before(end) {
		open = append(open, span{at, end})
	}
	return open
}

// closeAround appends the starts that no shift can have beside one commitment.
// A shift that starts before the commitment has an end after its start, and so
// is too close or overlaps; of one that starts later, that is the gap. Where
// the policy knows split shifts, a small gap may be fine.
func (a *assignment) closeAround(closed []span, t span) []span {
	rest, split := a.team.Policy.MinimumRest, a.team.Policy.SplitShift
	switch {
	case rest == nil:
		return append(closed, t)
	case split == nil:
		return append(closed, span{t.start.Add(-*rest), t.end.Add(*rest)})
	}
	return append(closed, t, span{t.end.Add(*split + time.Nanosecond), t.end.Add(*rest)})
}
