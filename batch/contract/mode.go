package contract

import (
	"net/http"

	"example.com/shiftswfi/batch/shifts"
)

var modeChecks = []Check{{
	ID: "update.read-only", Level: Must, Section: "5.11",
	Title: "A change to what is read-only is refused",
	Sends: "A new entity of each kind that the profile calls read-only.",
	Why:   "An integration in one direction lives on refusals: what is not refused is written in Shifts and nowhere else.",
	Mend:  "Answer every item of such an entity with HTTP 200 and status 403, with a code and a message.",
	needs: []need{needsTeam, needsReadOnly},
	run: func(p *probe) {
		for _, entity := range p.profile.readOnly() {
			if entity == "userShiftPreferences" {
				p.wantRefused(p.updatePreferences(http.MethodPut))
				continue
			}
			item := p.newEntity(entity)
			p.wantRefused(p.update(item), item)
		}
	},
}}

// newEntity is a change that needs nothing to be there. It is taken back when the
// check is over, should the endpoint approve it.
func (p *probe) newEntity(entity string) shifts.Item {
	kinds := map[string]string{
		"shift": "shifts", "openShift": "openshifts", "swapRequest": "swapRequests", "offerShiftRequest": "offershiftrequests",
		"openShiftRequest": "openshiftrequests", "timeOffRequest": "timeOffRequests", "timeOff": "timesoff", "timeOffReason": "timeoffReasons",
	}
	kind := kinds[entity]
	start := p.now().AddDate(0, 1, 0)
	s := shift{id: newID("SHFT_"), user: p.worker(0), group: p.profile.Roster.SchedulingGroup, start: start, end: start.AddDate(0, 0, 1)}
	body := p.body(s)
	switch entity {
	case "timeCard":
		return p.timeCard()
	case "shift":
	case "openShift":
		s.id = newID("OPNSHFT_")
		body = p.openBody(openShift{shift: s, slots: 1})
	case "timeOff":
		body = fields{"id": s.id, "userId": s.user, "sharedTimeOff": p.sharedTimeOff(s.start, s.end)}
	case "timeOffReason":
		s.id = newID("TOR_")
		body = fields{"id": s.id, "displayName": "Check", "iconType": "none", "isActive": true}
	default:
		return p.request(kind, fields{
			"senderUserId": s.user, "senderShiftId": s.id, "recipientUserId": p.worker(1), "recipientShiftId": newID("SHFT_"),
			"openShiftId": newID("OPNSHFT_"), "timeOffReasonId": newID("TOR_"), "startDateTime": instant(s.start), "endDateTime": instant(s.end),
		}).submitted()
	}
	p.undo = append(p.undo, func() { p.update(p.item(http.MethodDelete, kind, s.id, nil)) })
	return p.item(http.MethodPost, kind, s.id, body)
}
