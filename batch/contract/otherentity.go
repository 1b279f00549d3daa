package contract

import (
	"net/http"
	"time"

	"example.com/shiftswfi/batch/shifts"
)

var otherEntityChecks = []Check{
	{
		ID: "update.time-off", Level: Should, Section: "5.9",
		Title: "A manager may enter time off, change it and delete it",
		Sends: "A new absence; one that begins an hour later; PUT with a shared part that is not active; and DELETE.",
		Why:   "Managers cannot enter time off, or not get rid of it.",
		Mend:  "Approve POST, PUT and DELETE of timesoff, and take isActive false for a deletion.",
		needs: []need{needsRoster(1), needsReason, needsChanges("timeOff")},
		run: func(p *probe) {
			d := p.day()
			item := func(method string, from int, active bool) shifts.Item {
				shared := p.sharedTimeOff(d.at(from), d.at(24))
				shared["isActive"] = active
				return p.item(method, "timesoff", "", fields{
					"userId": p.profile.Roster.Workers[0], "sharedTimeOff": shared, "isStagedForDeletion": false,
				})
			}
			p.keep("timesoff", "SHFT_", item(http.MethodPost, 0, true), item(http.MethodPut, 1, true), item(http.MethodPut, 1, false))
		},
	},
	{
		ID: "update.time-off-reason", Level: Should, Section: "5.9",
		Title: "A manager may make a time-off reason, rename it and delete it",
		Sends: "A new reason; the same with another name; with isActive false; and DELETE.",
		Why:   "Managers cannot maintain the reasons that workers choose from.",
		Mend:  "Approve POST, PUT and DELETE of timeoffReasons, and offer none that is not active.",
		needs: []need{needsTeam, needsChanges("timeOffReason")},
		run: func(p *probe) {
			item := func(method, name string, active bool) shifts.Item {
				return p.item(method, "timeoffReasons", "", fields{"displayName": name, "iconType": "none", "isActive": active})
			}
			p.keep("timeoffReasons", "TOR_", item(http.MethodPost, "Check", true), item(http.MethodPut, "Checked", true), item(http.MethodPut, "Checked", false))
		},
	},
	{
		ID: "update.time-card", Level: Must, Section: "5.9",
		Title: "A time card is answered under the id of its item",
		Sends: `A new time card to /timecards, without an id in the url, by an item with the id "1".`,
		Why:   "Answered under the card's own id, the item counts as unanswered.",
		Mend:  "Repeat the id of the item; take that of the card from the body.",
		needs: []need{needsRoster(1), needsChanges("timeCard")},
		run: func(p *probe) {
			item := p.timeCard()
			reply := p.approve(item)
			p.wantEachAnswered(reply, item)
		},
	},
	{
		ID: "update.preferences", Level: Should, Section: "5.10",
		Title: "A worker may say when they are available",
		Sends: "To /users/{id}/update: the first worker's shift preferences, available all week.",
		Why:   "Workers cannot save their availability.",
		Mend:  "Serve POST {url}/v{apiVersion}/users/{userId}/update, whose items have the url /settings/shiftpreferences.",
		needs: []need{needsRoster(1), needsChanges("userShiftPreferences")},
		run: func(p *probe) {
			p.wantWritten(p.updatePreferences(http.MethodPut))
		},
	},
}

// keep sends an entity's items one after the other, with one new id, and
// deletes it in the end.
func (p *probe) keep(kind, prefix string, items ...shifts.Item) {
	id := newID(prefix)
	deleted := p.item(http.MethodDelete, kind, id, nil)
	p.undo = append(p.undo, func() { p.update(deleted) })
	for _, item := range items {
		item.ID, item.URL = id, "/"+kind+"/"+id
		item.Body.(fields)["id"] = id
		p.approve(item)
	}
	p.approve(deleted)
}

// sharedTimeOff is the part of an absence that everybody sees.
func (p *probe) sharedTimeOff(start, end time.Time) fields {
	return fields{
		"timeOffReasonId": p.profile.Roster.Reason, "startDateTime": instant(start), "endDateTime": instant(end),
		"theme": "Yellow", "isActive": true,
	}
}

// timeCard is a new time card of the first worker, by the names and the letter
// case of Microsoft's sample of the callback.
func (p *probe) timeCard() shifts.Item {
	id := newID("")
	p.undo = append(p.undo, func() { p.update(p.item(http.MethodDelete, "timecards", id, nil)) })
	in := p.now().Add(-time.Hour)
	return shifts.Item{ID: "1", Method: http.MethodPost, URL: "/timecards", Headers: p.itemHeaders(), Body: fields{
		"id": id, "userId": p.worker(0), "state": "clockedIn", "breaks": []any{}, "confirmedBy": "none",
		"createdDateTime": p.stamp(), "lastModifiedDateTime": p.stamp(),
		"clockIn": fields{"dateTime": instant(in), "atApprovedLocation": true, "notes": nil},
	}}
}

// worker is a user of the roster, or somebody whom nobody knows.
func (s *suite) worker(n int) string {
	if n < len(s.profile.Roster.Workers) {
		return s.profile.Roster.Workers[n]
	}
	return newID("")
}

// updatePreferences sets the first worker's preferences, and deletes them when
// the check is over.
func (p *probe) updatePreferences(method string) (*shifts.Reply, shifts.Item) {
	user := p.worker(0)
	item := shifts.Item{ID: user, Method: method, URL: "/settings/shiftpreferences", Headers: p.itemHeaders()}
	if method == http.MethodDelete {
		return p.send(p.endpoint.UserUpdate(user), nil, batchOf(item)), item
	}
	p.undo = append(p.undo, func() { p.updatePreferences(http.MethodDelete) })
	item.Body = fields{"id": newID("SHPR_"), "availability": []any{fields{
		"recurrence": fields{
			"pattern": fields{
				"type": "Weekly", "interval": 1,
				"daysOfWeek": []string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"},
			},
			"range": fields{"type": "noEnd"},
		},
		"timeZone": p.zone(), "timeSlots": nil,
	}}}
	return p.send(p.endpoint.UserUpdate(user), nil, batchOf(item)), item
}

func (s *suite) zone() string {
	if s.profile.TimeZone == "" {
		return time.UTC.String()
	}
	return s.profile.TimeZone
}
