package eligibility

import (
	"fmt"
	"sync"
	"time"
)

// A Date is a day of the Gregorian calendar without a time zone, counted from
// 1 January 1970. Dates compare and subtract as numbers.
type Date int32

// ParseDate reads YYYY-MM-DD.
func ParseDate(text string) (Date, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return 0, fmt.Errorf("not a date: %.40q", text)
	}
	return dateOf(t), nil
}

// String gives the date as YYYY-MM-DD.
func (d Date) String() string { return d.midnight().Format(time.DateOnly) }

// midnight is the start of the date in UTC: a way to compute with dates, not
// an instant of anybody's day.
func (d Date) midnight() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

// addYears keeps the day of the year's calendar; 29 February becomes 1 March
// in a year that has none, the day from which such a person counts as older.
func (d Date) addYears(years int) Date { return dateOf(d.midnight().AddDate(years, 0, 0)) }

// dateOf is the date that the wall clock of t, in t's own location, shows.
func dateOf(t time.Time) Date {
	year, month, day := t.Date()
	return Date(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// A calendar turns instants into the local dates, days and weeks of a team.
// It is safe for concurrent use.
type calendar struct {
	zone      *time.Location
	weekStart time.Weekday

	mu     sync.Mutex
	starts map[Date]time.Time // memo of dayStart: a team has many shifts on few days
}

func newCalendar(zone *time.Location, weekStart time.Weekday) *calendar {
	return &calendar{zone: zone, weekStart: weekStart, starts: map[Date]time.Time{}}
}

// date is the local date of an instant: what the wall clock shows.
func (c *calendar) date(t time.Time) Date { return dateOf(t.In(c.zone)) }

// dayStart is the first instant of a local date: 01:00 where the clocks skip
// midnight, the first 00:00 where it comes twice. A date that the zone skipped
// altogether starts, and ends, with the next one.
func (c *calendar) dayStart(d Date) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	start, ok := c.starts[d]
	if !ok {
		start = firstInstant(d, c.zone)
		c.starts[d] = start
	}
	return start
}

// firstInstant walks the zone's periods of constant offset in order, starting
// before any offset could show d, to the first whose wall clock reaches d.
// time.Date is of no use: for a midnight that is skipped or repeated it gives
// an instant of its own choice.
func firstInstant(d Date, zone *time.Location) time.Time {
	midnight := d.midnight()
	at := midnight.Add(-26 * time.Hour).In(zone)
	for {
		_, end := at.ZoneBounds()
		_, offset := at.Zone()
		reached := midnight.Add(-time.Duration(offset) * time.Second).In(zone)
		if reached.Before(at) {
			reached = at
		}
		if end.IsZero() || reached.Before(end) {
			return reached.UTC()
		}
		at = end
	}
}

// week numbers the local weeks: days of one week share a number, and it grows
// by one from week to week.
func (c *calendar) week(d Date) int32 {
	const thursday = 4 // 1 January 1970
	sinceWeekStart := int32(d) + thursday - int32(c.weekStart)
	week := sinceWeekStart / 7
	if sinceWeekStart%7 < 0 {
		week--
	}
	return week
}

// days gives the local days that [start, end) touches, in order, each clipped
// to the interval. Days, unlike dates, never overlap: where a midnight comes
// twice, the hour between the two belongs to the later day although the clock
// shows the earlier date again.
func (c *calendar) days(start, end time.Time, visit func(d Date, start, end time.Time)) {
	d := c.date(start)
	for c.dayStart(d).After(start) {
		d--
	}
	for !c.dayStart(d + 1).After(start) {
		d++
	}
	for start.Before(end) {
		next := c.dayStart(d + 1)
		if next.After(end) {
			next = end
		}
		if next.After(start) {
			visit(d, start, next)
		}
		start = next
		d++
	}
}
