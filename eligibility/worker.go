package eligibility

import (
	"encoding/json"
	"math"
	"time"
)

// A Worker is what the team file knows of a person beyond Shifts. The expr
// names are those a custom rule sees.
type Worker struct {
	record

	UserID          string             `expr:"userId"`
	DisplayName     string             `expr:"displayName"`
	HireDate        string             `expr:"hireDate"`        // dates as YYYY-MM-DD, "" if not known
	TerminationDate string             `expr:"terminationDate"` // the last day of employment
	BirthDate       string             `expr:"birthDate"`
	MaxWeeklyHours  *time.Duration     `expr:"maxWeeklyHours"`
	Qualifications  []Qualification    `expr:"qualifications"`
	Balances        map[string]float64 `expr:"balances"` // hours by time-off reason id; may be negative
	Attributes      map[string]any     `expr:"attributes"`

	hired, terminated, born *Date
	validUntil              map[string]Date // last valid day of each qualification
}

// A Qualification is something a worker may do until its last valid day.
type Qualification struct {
	Name    string `expr:"name"`
	Expires string `expr:"expires"` // "": never
}

// qualifiedUntil is the last day on which the worker has every one of the
// qualifications; long ago if one of them is missing altogether.
func (w *Worker) qualifiedUntil(names []string) Date {
	until := Date(math.MaxInt32)
	for _, name := range names {
		last, ok := w.validUntil[name]
		if !ok {
			return math.MinInt32
		}
		until = min(until, last)
	}
	return until
}

// employed reports whether the day lies within the worker's employment, both
// ends included; an end that is not known does not limit it.
func (w *Worker) employed(day Date) bool {
	return (w.hired == nil || *w.hired <= day) &&
		(w.terminated == nil || day <= *w.terminated)
}

// minor reports whether the worker is under 18 on that day; without a birth
// date nobody is.
func (w *Worker) minor(day Date) bool {
	return w.born != nil && day < w.born.addYears(18)
}

func decodeWorker(o object) *Worker {
	w := &Worker{
		UserID:         o.required("userId"),
		DisplayName:    o.text("displayName"),
		MaxWeeklyHours: o.duration("maxWeeklyHours"),
		Balances:       decodeBalances(o),
		Attributes:     o.attributes("attributes"),
		hired:          o.date("hireDate"),
		terminated:     o.date("terminationDate"),
		born:           o.date("birthDate"),
		validUntil:     map[string]Date{},
	}
	w.entity.ID = foldUser(w.UserID)
	w.HireDate, w.TerminationDate, w.BirthDate = dateText(w.hired), dateText(w.terminated), dateText(w.born)
	o.list("qualifications", func(raw json.RawMessage, at *place) {
		q, ok := o.object(raw, at)
		if !ok {
			return
		}
		name, last := q.required("name"), Date(math.MaxInt32)
		expires := q.date("expires")
		if expires != nil {
			last = *expires
		}
		w.Qualifications = append(w.Qualifications, Qualification{Name: name, Expires: dateText(expires)})
		// A qualification that was renewed may be listed twice: the later counts.
		if known, ok := w.validUntil[name]; !ok || known < last {
			w.validUntil[name] = last
		}
	})
	return w
}

// dateText is how a custom rule sees a date.
func dateText(d *Date) string {
	if d == nil {
		return ""
	}
	return d.String()
}

func decodeBalances(o object) map[string]float64 {
	balances, ok := o.child("balances")
	if !ok {
		return nil
	}
	hours := map[string]float64{}
	for _, reason := range sortedKeys(balances.fields) {
		if value := balances.number(reason); value != nil {
			hours[reason] = *value
		}
	}
	return hours
}

// A SchedulingGroup is a set of workers who are scheduled together.
type SchedulingGroup struct {
	record

	ID       string
	Requires []string // qualifications, the integration's own addition

	members map[user]bool
}

func decodeSchedulingGroup(o object) *SchedulingGroup {
	g := &SchedulingGroup{ID: o.required("id"), Requires: o.texts("requires"), members: map[user]bool{}}
	g.entity.ID = g.ID
	o.text("displayName")
	o.flag("isActive")
	for _, id := range o.texts("userIds") {
		if id != "" { // an empty id is nobody's
			g.members[userOf(id)] = true
		}
	}
	return g
}
