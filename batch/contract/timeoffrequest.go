package contract

import (
	"net/http"
	"time"

	"example.com/shiftswfi/batch/shifts"
)

var timeOffRequestChecks = []Check{
	{
		ID: "update.time-off-request-approved", Level: Must, Section: "5.6",
		Title: "Time off goes from a worker's request to approval",
		Sends: "A request for a day off, and the manager's approval of it, alone in its batch.",
		Why:   "Nobody can be given the time off that they ask for.",
		Mend:  "Approve a request whose state is Approved; do not wait for the absence in the same batch.",
		needs: []need{needsRoster(1), needsReason, needsChanges("timeOffRequest")},
		run: func(p *probe) {
			r := p.timeOffRequest()
			p.approve(r.submitted())
			p.approve(r.granted())
		},
	},
	{
		ID: "update.time-off-request-with-absence", Level: Should, Section: "5.6",
		Title: "The approval of a time-off request may bring the absence along",
		Sends: "A request for a day off, and its approval together with the new absence.",
		Why:   "What the batch of this approval holds is not documented: either form may come.",
		Mend:  "Approve both items, and count the absence once.",
		needs: []need{needsRoster(1), needsReason, needsChanges("timeOffRequest", "timeOff")},
		run: func(p *probe) {
			r := p.timeOffRequest()
			p.begin(r.submitted())
			p.approve(r.granted(), r.absence())
		},
	},
	{
		ID: "update.time-off-request-answered", Level: Must, Section: "3.2",
		Title: "A time-off request is answered at every step",
		Sends: "A request for a day off, and its approval.",
		Why:   "An item without an answer counts as approved, whatever the endpoint made of it.",
		Mend:  "Answer every item under its own id.",
		needs: []need{needsRoster(1), needsReason, needsChanges("timeOffRequest")},
		run: func(p *probe) {
			r := p.timeOffRequest()
			for _, item := range []shifts.Item{r.submitted(), r.granted()} {
				p.wantEachAnswered(p.update(item), item)
			}
		},
	},
	{
		ID: "update.time-off-request-refused", Level: Should, Section: "5.6",
		Title: "A time-off request for a reason that does not exist is refused once",
		Sends: "A request for a day off; and one with a timeOffReasonId that was never used.",
		Why:   "An endpoint that goes on after it has refused answers twice: nobody documents which of the answers counts.",
		Mend:  "Look up worker and reason first, and stop at the first that is missing.",
		needs: []need{needsRoster(1), needsReason, needsDecisions("timeOffRequest")},
		run: func(p *probe) {
			good, bad := p.timeOffRequest(), p.timeOffRequest()
			answers := func(item shifts.Item) int {
				_, count := p.update(item).Find(item.ID)
				return count
			}
			once := answers(good.submitted()) == 1
			bad.members["timeOffReasonId"] = newID("TOR_")
			item := bad.submitted()
			p.refuse(item)
			if count := answers(item); once && count > 1 {
				p.fail("%s has %d answers, and what is approved has one.", describe(item), count)
			}
		},
	},
	{
		ID: "update.time-off-request-declined", Level: Must, Section: "5.6",
		Title: "A manager may decline a time-off request",
		Sends: "A request for a day off, and the manager's no.",
		Why:   "A no is not the endpoint's to refuse: the request stays open for ever.",
		Mend:  "Approve a request whose state is Declined, and forget about it.",
		needs: []need{needsRoster(1), needsReason, needsChanges("timeOffRequest")},
		run: func(p *probe) {
			r := p.timeOffRequest()
			p.begin(r.submitted())
			p.approve(r.declined("Manager"))
		},
	},
	{
		ID: "update.time-off-request-cancelled", Level: Must, Section: "5.6",
		Title: "A worker may take a time-off request back",
		Sends: "A request for a day off, and DELETE of it without a body.",
		Why:   "An endpoint that stumbles over the missing body keeps an absence that nobody wants any more.",
		Mend:  "Take the id from the item's url, and expect no body with DELETE.",
		needs: []need{needsRoster(1), needsReason, needsChanges("timeOffRequest")},
		run: func(p *probe) {
			r := p.timeOffRequest()
			p.begin(r.submitted())
			p.approve(r.cancelled())
		},
	},
}

// A timeOffRequest is one of the roster's first worker for a whole day.
type timeOffRequest struct {
	*request
	start, end time.Time
}

func (p *probe) timeOffRequest() *timeOffRequest {
	d := p.day()
	r := &timeOffRequest{start: d.at(0), end: d.at(24)}
	r.request = p.request("timeOffRequests", fields{
		"senderUserId": p.profile.Roster.Workers[0], "senderMessage": "", "timeOffReasonId": p.profile.Roster.Reason,
		"startDateTime": instant(r.start), "endDateTime": instant(r.end),
	})
	return r
}

// absence is the item of what the request asks for.
func (r *timeOffRequest) absence() shifts.Item {
	id := newID("SHFT_")
	r.p.undo = append(r.p.undo, func() { r.p.update(r.p.item(http.MethodDelete, "timesoff", id, nil)) })
	return r.p.item(http.MethodPost, "timesoff", id, fields{
		"id": id, "userId": r.p.profile.Roster.Workers[0], "isStagedForDeletion": false,
		"sharedTimeOff": r.p.sharedTimeOff(r.start, r.end),
	})
}
