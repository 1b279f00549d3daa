package eligibility_test

import "testing"

func TestMinorHoursAge(t *testing.T) {
	t.Parallel()
	const shift = "2026-06-01T22:00 1h" // 2 June in UTC
	born := func(date string) scene {
		return scene{policy: `{"minors": {"latest": "20:00"}}`, worker: `"birthDate": "` + date + `"`}
	}
	late := rules("minor-hours")
	runTakes(t, []takeRow{
		{"18 on the day", born("2008-06-01"), shift, nil},
		{"18 on the day after", born("2008-06-02"), shift, late},
		{"18 the day before", born("2008-05-31"), shift, nil},
		{"a child", born("2015-01-01"), shift, late},
		{"not born yet", born("2030-01-01"), shift, late},
		{"born on 29 February, on 28 February", born("2008-02-29"), "2026-02-28T22:00 1h", late},
		{"born on 29 February, on 1 March", born("2008-02-29"), "2026-03-01T22:00 1h", nil},
		{"born on 28 February, on 28 February", born("2008-02-28"), "2026-02-28T22:00 1h", nil},
		{"born on 1 March, on 28 February of a leap year", born("2006-03-01"), "2024-02-28T22:00 1h", late},
		{"born on 1 March, on 29 February of the year before", born("2006-03-01"), "2024-02-29T22:00 1h", late},
		{"no birth date", scene{policy: `{"minors": {"latest": "20:00"}}`}, shift, nil},
		{"no record", scene{policy: `{"minors": {"latest": "20:00"}}`, worker: "none"}, shift, nil},
		{"off", scene{policy: `{"minors": null}`, worker: `"birthDate": "2015-01-01"`}, shift, nil},
		{"no limits", scene{policy: `{"minors": {}}`, worker: `"birthDate": "2015-01-01"`}, "2026-06-01T00:00 48h", nil},
	})
}

func TestMinorHoursLimits(t *testing.T) {
	t.Parallel()
	minors := func(limits string) scene {
		return scene{policy: `{"minors": {` + limits + `}}`, worker: `"birthDate": "2010-01-01"`}
	}
	in := func(zone string, s scene) scene { s.zone = zone; return s }
	early, late, long := minors(`"earliest": "06:00"`), minors(`"latest": "22:00"`), minors(`"maxShiftHours": "8h"`)
	toMidnight := minors(`"latest": "24:00"`)
	fails := rules("minor-hours")
	runTakes(t, []takeRow{
		{"earliest, on the minute", early, "2026-06-01T06:00 20h", nil},
		{"earliest, a nanosecond sooner", early, "2026-06-01T09:59:59.999999999Z 1h", fails},
		{"earliest, midnight", minors(`"earliest": "00:00"`), "2026-06-01T00:00 1h", nil},
		{"earliest, never", minors(`"earliest": "24:00"`), "2026-06-01T23:59 1h", fails},
		{"latest, on the minute", late, "2026-06-01T14:00 8h", nil},
		{"latest, a nanosecond later", late, "2026-06-01T14:00 8h0m0.000000001s", fails},
		{"latest, at night", late, "2026-06-01T00:00 1h", nil},
		{"latest, ends at midnight", late, "2026-06-01T16:00 8h", fails},
		{"latest, ends in the next morning", late, "2026-06-01T23:00 8h", fails},
		{"latest, ends on the next day before it", late, "2026-06-01T20:00 24h", fails},
		{"latest 00:00", minors(`"latest": "00:00"`), "2026-06-01T00:00 1ns", fails},
		{"latest 00:00, at midnight", minors(`"latest": "00:00"`), "2026-06-01T16:00 8h", fails},
		{"24:00, at midnight", toMidnight, "2026-06-01T16:00 8h", nil},
		{"24:00, a nanosecond sooner", toMidnight, "2026-06-01T16:00 7h59m59.999999999s", nil},
		{"24:00, a nanosecond later", toMidnight, "2026-06-01T16:00 8h0m0.000000001s", fails},
		{"24:00, a midnight later", toMidnight, "2026-06-01T16:00 32h", fails},
		{"24:00, no midnight: 01:00", in("America/Santiago", toMidnight), "2026-09-05T20:00 4h", nil},
		{"24:00, no midnight: 01:01", in("America/Santiago", toMidnight), "2026-09-05T20:00 4h1m", fails},
		{"24:00, midnight comes twice: the first", in("America/Havana", toMidnight), "2026-10-31T20:00 4h", nil},
		{"24:00, midnight comes twice: the second", in("America/Havana", toMidnight), "2026-10-31T20:00 5h", fails},
		{"24:00, a date left out", in("Pacific/Apia", toMidnight), "2011-12-29T20:00 4h", nil},
		{"24:00, the day before comes again", in("America/St_Johns", toMidnight), "2010-11-06T22:00 2h30m", nil},
		{"24:00, ends when the day before has come again", in("America/St_Johns", toMidnight), "2010-11-07T02:30:00Z 15m", fails},
		{"the wall clock, not elapsed time", minors(`"latest": "05:00"`), "2026-03-08T00:00 4h", nil},
		{"the wall clock, not elapsed time, a minute later", minors(`"latest": "05:00"`), "2026-03-08T00:00 4h1m", fails},
		{"the second 01:30 is 01:30", minors(`"latest": "01:30"`), "2026-11-01T00:00 2h30m", nil},
		{"hours, as many as allowed", long, "2026-06-01T18:00 8h", nil},
		{"hours, a nanosecond more", long, "2026-06-01T18:00 8h0m0.000000001s", fails},
		{"hours, unpaid ones do not count", long, "2026-06-01T08:00 9h -4h:1h", nil},
		{"hours, none", minors(`"maxShiftHours": "0h"`), "2026-06-01T08:00 1h", fails},
		{"hours are of the shift alone", scene{policy: `{"minors": {"maxShiftHours": "8h"}}`, worker: `"birthDate": "2010-01-01"`, has: []string{"2026-06-01T00:00 8h"}}, "2026-06-01T08:00 8h", nil},
		{"all three are met", minors(`"earliest": "06:00", "latest": "22:00", "maxShiftHours": "8h"`), "2026-06-01T14:00 8h", nil},
		{"all three fail as one", minors(`"earliest": "06:00", "latest": "22:00", "maxShiftHours": "8h"`), "2026-06-01T05:00 18h", fails},
		{"unset is off", minors(`"earliest": null, "latest": null, "maxShiftHours": null`), "2026-06-01T00:00 48h", nil},
	})
}
