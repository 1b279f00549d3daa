package contract

import (
	"net/http"
	"time"

	"example.com/shiftswfi/batch/shifts"
)

// fields is a JSON object.
type fields = map[string]any

// item is one request of /update as Shifts sends it; a nil body is left out.
func (p *probe) item(method, kind, id string, body any) shifts.Item {
	return shifts.Item{ID: id, Method: method, URL: "/" + kind + "/" + id, Headers: p.itemHeaders(), Body: body}
}

// question is one request of /read.
func (p *probe) question(id, url string) shifts.Item {
	return shifts.Item{ID: id, Method: http.MethodGet, URL: url}
}

// swapURL asks which shifts one may be swapped with, in the month around an
// instant.
func swapURL(shift string, around time.Time) string {
	return "/shifts/" + shift + "/requestableShifts?requestType=SwapRequest" +
		"&startTime=" + shifts.Expires(around.AddDate(0, 0, -15)) + "&endTime=" + shifts.Expires(around.AddDate(0, 0, 15))
}

func reasonsURL(user string) string {
	return "/users/" + user + "/timeOffReasons?requestType=TimeOffReason"
}

// A day is one on which the roster's workers have nothing to do but what a
// check makes. No check gets a day or a neighbour of a day that another had.
type day struct{ midnight time.Time } // in the zone of the team

// day takes the next one.
func (p *probe) day() day {
	const apart = 2
	if p.days >= p.profile.Roster.Days {
		p.skip("The days of the profile are used up: raise roster.days beyond %d, if the workers have nothing scheduled then.", p.profile.Roster.Days)
	}
	// Not always the same days first: an earlier run may have left something.
	d := p.profile.Roster.from.AddDate(0, 0, (p.firstDay+p.days)%(p.profile.Roster.Days&^1))
	p.days += apart
	return day{d}
}

// at is an hour on the wall of the day.
func (d day) at(hour int) time.Time {
	m := d.midnight
	return time.Date(m.Year(), m.Month(), m.Day(), hour, 0, 0, 0, m.Location())
}

// A shift is one that a check has made or will make.
type shift struct {
	id         string
	user       string
	group      string
	start, end time.Time
}

// planned is a shift of four hours that the endpoint does not know yet. worker
// is an index into the roster.
func (p *probe) planned(worker int, d day, hour int) shift {
	return shift{
		id: newID("SHFT_"), user: p.profile.Roster.Workers[worker], group: p.profile.Roster.SchedulingGroup,
		start: d.at(hour), end: d.at(hour + 4),
	}
}

// given makes a shift known to the endpoint as a manager does who shares it,
// and takes it back when the check is over.
func (p *probe) given(worker int, d day, hour int) shift {
	s := p.planned(worker, d, hour)
	p.later(s.id)
	p.begin(p.item(http.MethodPost, "shifts", s.id, p.body(s)))
	return s
}

// later takes a shift back when the check is over.
func (p *probe) later(id string) {
	p.undo = append(p.undo, func() { p.update(p.item(http.MethodDelete, "shifts", id, nil)) })
}

// body is a shift as a callback has it.
func (p *probe) body(s shift) fields {
	return fields{
		"id": s.id, "userId": s.user, "schedulingGroupId": orNull(s.group),
		"createdDateTime": p.stamp(), "lastModifiedDateTime": p.stamp(), "lastModifiedBy": p.manager(),
		"sharedShift": p.sharedShift(s), "isStagedForDeletion": false,
	}
}

// sharedShift is the part of a shift that everybody sees.
func (p *probe) sharedShift(s shift) fields {
	return fields{
		"startDateTime": instant(s.start), "endDateTime": instant(s.end),
		"theme": "Pink", "activities": []any{}, "isActive": true,
	}
}

// manager is the acting person of a manager's change.
func (p *probe) manager() fields {
	return fields{"user": fields{"id": p.profile.Roster.Manager, "displayName": "A manager"}}
}

// stamp is now, as a callback writes it.
func (p *probe) stamp() string { return instant(p.now()) }

func instant(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}
