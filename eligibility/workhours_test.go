package eligibility_test

import "testing"

func TestMaxDailyHours(t *testing.T) {
	t.Parallel()
	const ten = `{"maxDailyHours": "10h"}`
	runTakes(t, []takeRow{
		{"as long as allowed", scene{policy: ten}, "2026-06-01T08:00 10h", nil},
		{"a nanosecond longer", scene{policy: ten}, "2026-06-01T08:00 10h0m0.000000001s", rules("max-daily-hours")},
		{"with another shift", scene{policy: ten, has: []string{"2026-06-01T08:00 4h"}}, "2026-06-01T14:00 6h", nil},
		{"with another shift, a minute too long", scene{policy: ten, has: []string{"2026-06-01T08:00 4h"}}, "2026-06-01T14:00 6h1m", rules("max-daily-hours")},
		{"over midnight, each day by itself", scene{policy: ten}, "2026-06-01T14:00 20h", nil},
		{"over midnight, too much on the second day", scene{policy: ten, has: []string{"2026-06-02T08:00 8h"}}, "2026-06-01T20:00 6h1m", rules("max-daily-hours")},
		{"over midnight, enough room on both days", scene{policy: ten, has: []string{"2026-06-01T08:00 6h", "2026-06-02T08:00 8h"}}, "2026-06-01T20:00 6h", nil},
		{"what the other one has on another day", scene{policy: ten, has: []string{"2026-05-31T20:00 12h"}}, "2026-06-01T10:00 2h", nil},
		{"a day between start and end", scene{policy: `{"maxDailyHours": "23h"}`}, "2026-06-01T20:00 30h", rules("max-daily-hours")},
		{"a day that is too long already", scene{policy: ten, has: []string{"2026-06-01T00:00 11h"}}, "2026-06-01T11:00 1m", rules("max-daily-hours")},
		{"a day that is too long already, without work time of this", scene{policy: ten, has: []string{"2026-06-01T00:00 11h"}}, "2026-06-01T11:00 14h -0h:13h", nil},
		{"overlapping shifts count twice", scene{policy: ten, has: []string{"2026-06-01T08:00 6h"}}, "2026-06-01T08:00 6h", rules("no-overlap", "max-daily-hours")},
		{"zero is a limit", scene{policy: `{"maxDailyHours": "0h"}`}, "2026-06-01T08:00 1ns", rules("max-daily-hours")},
		{"no work time at all", scene{policy: `{"maxDailyHours": "0h"}`}, "2026-06-01T08:00 8h -0h:8h", nil},
		{"off", scene{policy: `{"maxDailyHours": null}`}, "2026-06-01T00:00 24h", nil},
	})
}

func TestWorkTimeLeavesOutUnpaidActivities(t *testing.T) {
	t.Parallel()
	const eight = `{"maxDailyHours": "8h"}`
	activities := func(list string) scene {
		return scene{policy: eight, extra: object{"openShifts": []any{rawJSON(`{"id": "OPN_1", "sharedOpenShift": {
			"startDateTime": "2026-06-01T12:00:00Z", "endDateTime": "2026-06-01T21:00:00Z", "activities": ` + list + `}}`)}}}
	}
	runTakes(t, []takeRow{
		{"one of an hour", scene{policy: eight}, "2026-06-01T08:00 9h -4h:1h", nil},
		{"one of a nanosecond less", scene{policy: eight}, "2026-06-01T08:00 9h -4h:59m59.999999999s", rules("max-daily-hours")},
		{"two", scene{policy: eight}, "2026-06-01T08:00 9h -4h:30m -2h:30m", nil},
		{"two that overlap count once", scene{policy: eight}, "2026-06-01T08:00 9h -4h:40m -4h20m:30m", rules("max-daily-hours")},
		{"two that overlap, an hour together", scene{policy: eight}, "2026-06-01T08:00 9h -4h:40m -4h20m:40m", nil},
		{"one inside the other", scene{policy: eight}, "2026-06-01T08:00 9h -3h:1h -3h10m:10m", nil},
		{"the same one twice", scene{policy: eight}, "2026-06-01T08:00 9h -3h:30m -3h:30m", rules("max-daily-hours")},
		{"one that begins before the shift", scene{policy: eight}, "2026-06-01T08:00 9h --1h:2h", nil},
		{"one that ends after the shift", scene{policy: eight}, "2026-06-01T08:00 9h -8h30m:2h", rules("max-daily-hours")},
		{"one outside, before", scene{policy: eight}, "2026-06-01T08:00 9h --2h:2h", rules("max-daily-hours")},
		{"one outside, after", scene{policy: eight}, "2026-06-01T08:00 9h -9h:2h", rules("max-daily-hours")},
		{"one long after", scene{policy: `{"maxDailyHours": "9h"}`}, "2026-06-01T08:00 9h -10h:1h", nil},
		{"one around the shift", scene{policy: `{"maxDailyHours": "0h"}`}, "2026-06-01T08:00 9h --1h:20h", nil},
		{"one that contains nothing", scene{policy: eight}, "2026-06-01T08:00 9h -4h:0h", rules("max-daily-hours")},
		{"one that is reversed", scene{policy: eight}, "2026-06-01T08:00 9h -4h:-2h", rules("max-daily-hours")},
		{"one that is reversed beside one that is not", scene{policy: eight}, "2026-06-01T08:00 9h -4h:1h -6h:-5h", nil},
		{"of other shifts, too", scene{policy: eight, has: []string{"2026-06-01T00:00 4h -1h:1h"}}, "2026-06-01T08:00 5h", nil},
		{"over midnight, on the first day", scene{policy: `{"maxDailyHours": "3h"}`}, "2026-06-01T20:00 7h -1h:1h", nil},
		{"over midnight, on both days", scene{policy: `{"maxDailyHours": "3h"}`}, "2026-06-01T20:00 8h -3h:2h", nil},
		{"paid", activities(`[{"isPaid": true, "startDateTime": "2026-06-01T14:00:00Z", "endDateTime": "2026-06-01T15:00:00Z"}]`), "", rules("max-daily-hours")},
		{"not said to be unpaid", activities(`[{"isPaid": null, "startDateTime": "2026-06-01T14:00:00Z", "endDateTime": "2026-06-01T15:00:00Z"}]`), "", rules("max-daily-hours")},
		{"unpaid", activities(`[{"isPaid": false, "startDateTime": "2026-06-01T14:00:00Z", "endDateTime": "2026-06-01T15:00:00Z"}]`), "", nil},
	})
}

func TestMaxWeeklyHours(t *testing.T) {
	t.Parallel()
	const (
		twenty = `{"maxWeeklyHours": "20h"}`
		friday = "2026-06-05T08:00 10h" // the week began on Monday 1 June
	)
	runTakes(t, []takeRow{
		{"as long as allowed", scene{policy: twenty, has: []string{"2026-06-01T08:00 10h"}}, friday, nil},
		{"a nanosecond longer", scene{policy: twenty, has: []string{"2026-06-01T08:00 10h0m0.000000001s"}}, friday, rules("max-weekly-hours")},
		{"other weeks do not count", scene{policy: twenty, has: []string{"2026-05-31T08:00 10h", "2026-06-08T00:00 20h", "2026-06-01T00:00 10h"}}, friday, nil},
		{"from the first instant of Monday", scene{policy: twenty, has: []string{"2026-05-31T23:00 11h"}}, friday, nil},
		{"from the first instant of Monday, a minute more", scene{policy: twenty, has: []string{"2026-05-31T23:00 11h1m"}}, friday, rules("max-weekly-hours")},
		{"into the week that is full", scene{policy: twenty, has: []string{"2026-06-08T10:00 18h"}}, "2026-06-07T22:00 4h", nil},
		{"a minute too far into the week that is full", scene{policy: twenty, has: []string{"2026-06-08T10:00 18h"}}, "2026-06-07T22:00 4h1m", rules("max-weekly-hours")},
		{"weeks from Sunday", scene{policy: twenty, weekStart: "sunday", has: []string{"2026-05-31T08:00 11h"}}, friday, rules("max-weekly-hours")},
		{"weeks from Sunday, to Saturday", scene{policy: twenty, weekStart: " SUNDAY ", has: []string{"2026-06-07T00:00 20h"}}, friday, nil},
		{"weeks from Saturday", scene{policy: twenty, weekStart: "Saturday", has: []string{"2026-06-06T00:00 20h"}}, friday, nil},
		{"weeks from Friday", scene{policy: twenty, weekStart: "friday", has: []string{"2026-06-04T00:00 20h", "2026-06-11T13:00 10h"}}, friday, nil},
		{"weeks from Friday, to the last instant of Thursday", scene{policy: twenty, weekStart: "friday", has: []string{"2026-06-11T13:00 10h1m"}}, friday, rules("max-weekly-hours")},
		{"the worker's own limit is lower", scene{policy: twenty, worker: `"maxWeeklyHours": "10h"`, has: []string{"2026-06-01T08:00 1m"}}, friday, rules("max-weekly-hours")},
		{"the worker's own limit is higher", scene{policy: `{"maxWeeklyHours": "5h"}`, worker: `"maxWeeklyHours": "10h"`}, friday, nil},
		{"the worker's own limit alone", scene{worker: `"maxWeeklyHours": "9h"`}, friday, rules("max-weekly-hours")},
		{"the worker's own limit is zero", scene{policy: twenty, worker: `"maxWeeklyHours": "0h"`}, friday, rules("max-weekly-hours")},
		{"no limit of their own", scene{policy: twenty, worker: `"maxWeeklyHours": null`, has: []string{"2026-06-01T08:00 11h"}}, friday, rules("max-weekly-hours")},
		{"no record, the policy's limit", scene{policy: twenty, worker: "none", has: []string{"2026-06-01T08:00 11h"}}, friday, rules("max-weekly-hours")},
		{"off", scene{has: []string{"2026-06-01T00:00 80h"}}, friday, nil},
		{"unpaid time is left out", scene{policy: twenty, has: []string{"2026-06-01T08:00 12h -1h:2h"}}, friday, nil},
		{"a week of 167 hours", scene{policy: `{"maxWeeklyHours": "167h"}`}, "2026-03-02T00:00 191h", nil},
		{"a week of 169 hours", scene{policy: `{"maxWeeklyHours": "168h"}`}, "2026-10-26T00:00 169h", rules("max-weekly-hours")},
		{"a week before 1970", scene{policy: twenty, has: []string{"1969-11-24T08:00 10h"}}, "1969-11-30T12:00 10h", nil},
		{"a week before 1970, a minute more", scene{policy: twenty, has: []string{"1969-11-24T08:00 10h"}}, "1969-11-30T12:00 10h1m", rules("max-weekly-hours")},
		{"a week that begins on a date left out", scene{zone: "Pacific/Apia", weekStart: "friday", policy: twenty, has: []string{"2011-12-29T08:00 16h", "2011-12-31T00:00 10h"}}, "2011-12-31T10:00 10h", nil},
	})
}

// The daily hours show where a local day begins and ends.
func TestLocalDaysAtClockChanges(t *testing.T) {
	t.Parallel()
	day := func(zone, limit string, has ...string) scene {
		return scene{zone: zone, policy: `{"maxDailyHours": "` + limit + `"}`, has: has}
	}
	over := rules("max-daily-hours")
	runTakes(t, []takeRow{
		{"23 hours", day("America/New_York", "23h"), "2026-03-08T00:00 24h", nil},
		{"23 hours, from the evening before", day("America/New_York", "4h"), "2026-03-07T20:00 8h", nil},
		{"25 hours", day("America/New_York", "24h"), "2026-11-01T00:00 25h", over},
		{"25 hours, to the end", day("America/New_York", "25h"), "2026-11-01T00:00 26h", nil},
		{"24.5 hours", day("Australia/Lord_Howe", "24h29m"), "2026-04-05T00:00 24h30m", over},
		{"24.5 hours, to the end", day("Australia/Lord_Howe", "24h30m"), "2026-04-05T00:00 25h", nil},
		{"23.5 hours", day("Australia/Lord_Howe", "23h30m"), "2026-10-04T00:00 24h", nil},
		{"23.5 hours, a minute less allowed", day("Australia/Lord_Howe", "23h29m"), "2026-10-04T00:00 24h", over},
		{"no midnight: 01:00 is the first instant", day("America/Santiago", "4h"), "2026-09-06T00:00:00Z 8h", nil},
		{"no midnight: the day has 23 hours", day("America/Santiago", "23h"), "2026-09-06T04:00:00Z 24h", nil},
		{"no midnight: a minute less allowed", day("America/Santiago", "22h59m"), "2026-09-06T04:00:00Z 24h", over},
		{"no midnight, by a quarter of an hour", day("Asia/Kathmandu", "4h"), "1985-12-31T14:30:00Z 8h", nil},
		{"23:00 comes twice: the day has 25 hours", day("America/Santiago", "24h59m"), "2026-04-04T03:00:00Z 25h", over},
		{"23:00 comes twice: the day after begins once", day("America/Santiago", "25h"), "2026-04-04T03:00:00Z 26h", nil},
		{"midnight comes twice: the first begins the day", day("America/Havana", "3h", "2026-10-31T08:00 1h"), "2026-11-01T02:00:00Z 5h", nil},
		{"midnight comes twice: the hour between belongs to the later day", day("America/Havana", "2h59m"), "2026-11-01T02:00:00Z 5h", over},
		{"one minute of the day, then the day before again", day("America/St_Johns", "1h", "2010-11-06T08:00 1h"), "2010-11-07T02:30:00Z 1h", nil},
		{"one minute of the day, and the day before counts for it", day("America/St_Johns", "59m"), "2010-11-07T02:30:00Z 1h", over},
		{"the day before again belongs to the day", day("America/St_Johns", "1h", "2010-11-06T08:00 1h"), "2010-11-07T02:45:00Z 1h", nil},
		{"a date left out", day("Pacific/Apia", "4h"), "2011-12-29T20:00 8h", nil},
		{"a date left out, and the days around it meet", day("Pacific/Apia", "24h"), "2011-12-29T00:00 48h", nil},
		{"offsets with seconds", day("America/New_York", "24h3m58s"), "1883-11-18T04:56:02Z 24h3m58s", nil},
		{"offsets with seconds, one second less allowed", day("America/New_York", "24h3m57s"), "1883-11-18T04:56:02Z 24h3m58s", over},
	})
}

// The run of working days shows on which date a shift starts, which is what
// the wall clock shows, also where it shows a date twice.
func TestDatesAtClockChanges(t *testing.T) {
	t.Parallel()
	one := func(zone, has string) scene {
		return scene{zone: zone, policy: `{"maxConsecutiveDays": 1}`, has: []string{has}}
	}
	runTakes(t, []takeRow{
		{"the first midnight", one("America/Havana", "2026-10-31T08:00 8h"), "2026-11-01T04:00:00Z 1h", rules("max-consecutive-days")},
		{"before it", one("America/Havana", "2026-10-31T08:00 8h"), "2026-11-01T03:59:59.9Z 1h", nil},
		{"the date of one minute", one("America/St_Johns", "2010-11-06T08:00 8h"), "2010-11-07T02:30:00Z 1m", rules("max-consecutive-days")},
		{"the date before again", one("America/St_Johns", "2010-11-06T08:00 8h"), "2010-11-07T02:31:00Z 1m", nil},
		{"the date, for the rest of it", one("America/St_Johns", "2010-11-06T08:00 8h"), "2010-11-07T03:30:00Z 1m", rules("max-consecutive-days")},
	})
}
