package contract

import (
	"slices"
	"strings"
	"time"

	"example.com/shiftswfi/batch/shifts"
)

// readChecks are about the questions that Shifts asks before it offers
// something to a worker.
var readChecks = slices.Concat(swapQuestionChecks, windowChecks, dateChecks(), wayChecks(), reasonChecks)

// A window is the time in which shifts have to start to be listed.
type window struct{ start, end time.Time }

// wide holds the start of every shift that the profile tells us.
func (p *probe) wide() window {
	s := p.profile.Swap
	w := window{s.Shift.Start, s.Shift.Start}
	for _, other := range slices.Concat(s.Eligible, s.Ineligible) {
		if other.Start.IsZero() {
			continue
		}
		if other.Start.Before(w.start) {
			w.start = other.Start
		}
		if other.Start.After(w.end) {
			w.end = other.Start
		}
	}
	return window{w.start.Add(-margin), w.end.Add(longest)}
}

const (
	margin  = 30 * time.Minute
	longest = 25 * time.Hour // a shift lasts at most a day
)

// around holds the whole of the first eligible shift.
func (p *probe) around() window {
	start := p.profile.Swap.Eligible[0].Start
	return window{start.Add(-margin), start.Add(longest)}
}

// before ends before the first eligible shift starts.
func (p *probe) before() window {
	start := p.profile.Swap.Eligible[0].Start
	return window{start.AddDate(0, 0, -20), start.Add(-margin)}
}

// after begins when the first eligible shift is over.
func (p *probe) after() window {
	start := p.profile.Swap.Eligible[0].Start
	return window{start.Add(longest), start.AddDate(0, 0, 20)}
}

// A form is how a question about swaps is written.
type form struct {
	start, end string // names of the parameters
	write      func(t time.Time) string
}

// usualForm is that of Microsoft's article.
var usualForm = form{"startTime", "endTime", shifts.Expires}

func (f form) url(shift string, w window) string {
	return "/shifts/" + shift + "/requestableShifts?requestType=SwapRequest&" +
		f.start + "=" + f.write(w.start) + "&" + f.end + "=" + f.write(w.end)
}

// swapQuestion asks in the usual form about the shift of the profile.
func (p *probe) swapQuestion(w window) shifts.Item {
	id := p.profile.Swap.Shift.ID
	return p.question(id, usualForm.url(id, w))
}

// reasonsQuestion asks about the worker of the profile.
func (p *probe) reasonsQuestion() shifts.Item {
	return p.question(p.profile.Reasons.User, reasonsURL(p.profile.Reasons.User))
}

// listed is what a question gets when it is asked as usual. If that is no
// list, a check of its own says so, and this one is skipped.
func (p *probe) listed(item shifts.Item) []string {
	reply := p.read(item)
	if reply.Question(item.ID) != shifts.Listed {
		p.skip("%s is not answered with a list when it is asked as usual.", describe(item))
	}
	response, _ := reply.Find(item.ID)
	ids, _ := response.IDs()
	return ids
}

// wantNothing ends the check unless an item is answered, and without ids: it is
// refused, or the list is empty.
func (p *probe) wantNothing(reply *shifts.Reply, item shifts.Item) {
	p.wantBatch(reply)
	switch outcome := reply.Question(item.ID); outcome {
	case shifts.Refused:
	case shifts.Listed:
		response, _ := reply.Find(item.ID)
		if ids, _ := response.IDs(); len(ids) > 0 {
			p.fail("%s was answered with %d ids, and there should be none.", describe(item), len(ids))
		}
	default:
		p.wantListed(reply, item)
	}
}

// wantRefusedQuestion ends the check unless an item is refused.
func (p *probe) wantRefusedQuestion(reply *shifts.Reply, item shifts.Item) {
	p.wantNothing(reply, item)
	if reply.Question(item.ID) != shifts.Refused {
		p.fail("%s was answered with an empty list, and should be refused.", describe(item))
	}
}

// wantSame ends the check unless two lists hold the same ids, in any order.
func (p *probe) wantSame(got, want []string, item shifts.Item) {
	var wrong []string
	for _, id := range want {
		if !slices.Contains(got, id) {
			wrong = append(wrong, id+" is missing")
		}
	}
	for _, id := range got {
		if !slices.Contains(want, id) {
			wrong = append(wrong, id+" is too many")
		}
	}
	if len(wrong) > 0 {
		p.fail("%s has another answer than the same question asked as usual and alone: %s.", describe(item), clip(strings.Join(wrong, ", ")))
	}
}
