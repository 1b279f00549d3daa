package eligibility_test

import (
	"sync"
	"time"
)

// day counts dates from 1 January 1970.
type day int

func dayOf(year int, month time.Month, date int) day {
	seconds := time.Date(year, month, date, 0, 0, 0, 0, time.UTC).Unix()
	if seconds < 0 {
		seconds -= 86399 // towards the past, not towards zero
	}
	return day(seconds / 86400)
}

func readDay(text string) day {
	t, err := time.Parse("2006-01-02", text)
	if err != nil {
		panic(err)
	}
	return dayOf(t.Date())
}

func (d day) midnightUTC() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

func (d day) String() string { return d.midnightUTC().Format("2006-01-02") }

type oracleCalendar struct {
	zone         *time.Location
	firstWeekday time.Weekday
}

// date gives the date that the wall clock shows.
func (c oracleCalendar) date(t time.Time) day { return dayOf(t.In(c.zone).Date()) }

// clock gives the time that the wall clock shows, since midnight.
func (c oracleCalendar) clock(t time.Time) time.Duration {
	local := t.In(c.zone)
	return time.Duration(local.Hour())*time.Hour + time.Duration(local.Minute())*time.Minute +
		time.Duration(local.Second())*time.Second + time.Duration(local.Nanosecond())
}

type zoneDay struct {
	zone string
	day  day
}

var (
	firstInstants   = map[zoneDay]time.Time{}
	firstInstantsMu sync.Mutex
)

// first gives the first instant of a date, found by looking at the wall clock
// minute by minute, and then at the seconds of the minute before. Of a date
// that a zone left out it gives the first instant of the next.
func (c oracleCalendar) first(d day) time.Time {
	firstInstantsMu.Lock()
	defer firstInstantsMu.Unlock()
	key := zoneDay{c.zone.String(), d}
	if t, ok := firstInstants[key]; ok {
		return t
	}
	t := d.midnightUTC().Add(-30 * time.Hour)
	for c.date(t) < d {
		t = t.Add(time.Minute)
	}
	for c.date(t.Add(-time.Second)) >= d {
		t = t.Add(-time.Second)
	}
	firstInstants[key] = t
	return t
}

// days gives the local days that hold a part of s.
func (c oracleCalendar) days(s span) []span {
	var days []span
	for d := c.date(s.start) - 2; d <= c.date(s.end)+2; d++ {
		if each := (span{c.first(d), c.first(d + 1)}); each.meets(s) {
			days = append(days, each)
		}
	}
	return days
}

// weeks gives the local weeks that hold a part of s.
func (c oracleCalendar) weeks(s span) []span {
	var weeks []span
	for d := c.date(s.start) - 9; d <= c.date(s.end)+2; d++ {
		if d.midnightUTC().Weekday() != c.firstWeekday {
			continue
		}
		if each := (span{c.first(d), c.first(d + 7)}); each.meets(s) {
			weeks = append(weeks, each)
		}
	}
	return weeks
}

// birthday18 gives the day from which a person is 18.
func birthday18(birth day) day {
	year, month, date := birth.midnightUTC().Date()
	if month == time.February && date == 29 {
		if time.Date(year+18, time.February, 29, 0, 0, 0, 0, time.UTC).Month() == time.March {
			return dayOf(year+18, time.March, 1)
		}
	}
	return dayOf(year+18, month, date)
}
