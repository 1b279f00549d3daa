package eligibility_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// places are zones with a date near which something happens to their clocks.
var places = []struct {
	zone string
	date string
}{
	{"America/New_York", "2026-03-08"},
	{"America/New_York", "2026-11-01"},
	{"America/New_York", "1883-11-18"}, // seconds in the offset before
	{"Australia/Lord_Howe", "2026-04-05"},
	{"Australia/Lord_Howe", "2026-10-04"}, // half an hour
	{"America/Santiago", "2026-04-05"},    // 23:00 comes twice
	{"America/Santiago", "2026-09-06"},    // no midnight
	{"America/Havana", "2026-11-01"},      // midnight comes twice
	{"America/Havana", "2027-03-14"},      // no midnight
	{"Africa/Cairo", "2026-04-24"},        // no midnight
	{"Africa/Cairo", "2026-10-30"},        // 23:00 comes twice
	{"Asia/Kathmandu", "1986-01-01"},      // no midnight, by a quarter of an hour
	{"Asia/Kathmandu", "2026-02-28"},
	{"America/St_Johns", "2010-03-14"}, // midnight, one minute, then 01:01
	{"America/St_Johns", "2010-11-07"}, // midnight, one minute, then 23:01 of the day before
	{"Pacific/Apia", "2011-12-30"},     // a date left out
	{"Pacific/Kiritimati", "2030-12-31"},
	{"Asia/Manila", "1844-12-31"}, // a date left out, seconds in the offset
	{"Europe/Berlin", "2024-02-29"},
	{"Europe/Berlin", "9998-12-01"},
	{"UTC", "0001-01-20"},
}

var weekdays = []string{"sunday", "Monday", "TUESDAY", " wednesday ", "Thursday", "friday", "saturday"}

// randomTeam makes team files whose values often lie on a limit, or near it.
type randomTeam struct {
	*rand.Rand
	zone   *time.Location
	middle day // the date around which everything happens
	now    time.Time
	users  []string
	ends   map[string]time.Time // of each user's latest shift

	groups, shifts, opens, reasons []string // ids
	serial                         int      // of new entities
}

func newRandomTeam(seed uint64) *randomTeam {
	r := &randomTeam{
		Rand:  rand.New(rand.NewPCG(seed, 0)),
		users: []string{"u-ada", "u-bob", "u-cyd", "u-dan", "u-eve", "u-fay"},
		ends:  map[string]time.Time{},
	}
	place := places[r.IntN(len(places))]
	zone, err := time.LoadLocation(place.zone)
	if err != nil {
		panic(err)
	}
	r.zone, r.middle = zone, readDay(place.date)
	r.users = r.users[:2+r.IntN(5)]
	r.now = r.clock(r.middle-4+day(r.IntN(5)), 24)
	return r
}

// chance is true once in n times.
func (r *randomTeam) chance(n int) bool { return r.IntN(n) == 0 }

func pick[T any](r *randomTeam, choices ...T) T { return choices[r.IntN(len(choices))] }

// clock gives a time of that local date, mostly a full hour.
func (r *randomTeam) clock(d day, hours int) time.Time {
	year, month, date := d.midnightUTC().Date()
	t := time.Date(year, month, date, r.IntN(hours), pick(r, 0, 0, 0, 0, 0, 30, 1, 59), 0, 0, r.zone)
	return t.Add(pick[time.Duration](r, 0, 0, 0, 0, 0, 0, 0, 1, -1, time.Millisecond))
}

func (r *randomTeam) near(days int) day { return r.middle + day(r.IntN(2*days+1)-days) }

// anyCase gives a user id in some letter case.
func (r *randomTeam) anyCase(id string) string {
	return pick(r, id, id, strings.ToUpper(id), strings.Replace(id, "u", "U", 1))
}

func (r *randomTeam) user() string { return r.anyCase(pick(r, r.users...)) }

// ids gives ids whose order is not that in which they are used.
func (r *randomTeam) ids(prefix string, count int) []string {
	ids := make([]string, count)
	for i, n := range r.Perm(count) {
		ids[i] = fmt.Sprintf("%s_%02d", prefix, n)
	}
	return ids
}

// instant writes a time in one of the forms of RFC 3339.
func (r *randomTeam) instant(t time.Time) string {
	switch r.IntN(4) {
	case 0:
		return t.In(time.FixedZone("", 1800*(r.IntN(41)-20))).Format(time.RFC3339Nano)
	case 1:
		return t.UTC().Format("2006-01-02T15:04:05.000000000") + "999Z"
	}
	return t.UTC().Format(time.RFC3339Nano)
}

func (r *randomTeam) span(start time.Time, length time.Duration) object {
	return object{"startDateTime": r.instant(start), "endDateTime": r.instant(start.Add(length))}
}

// document makes a whole team file.
func (r *randomTeam) document() object {
	document := object{
		"team":    object{"id": "team-1", "displayName": "Random", "timeZone": r.zone.String()},
		"comment": object{"kept": json.Number("12345678901234567890.10")},
	}
	if !r.chance(4) {
		document["team"].(object)["startDayOfWeek"] = pick(r, weekdays...)
	}
	r.groups, r.reasons = r.ids("TAG", r.IntN(4)), r.ids("TOR", r.IntN(5))
	r.shifts, r.opens = r.ids("SHFT", 4+r.IntN(5*len(r.users))), r.ids("OPNSHFT", r.IntN(4))
	fill := func(name string, ids []string, entity func() object) {
		var entities []any
		for _, id := range ids {
			each := entity()
			each["id"] = id
			entities = append(entities, each)
		}
		if entities != nil {
			document[name] = entities
		}
	}
	fill("schedulingGroups", r.groups, r.group)
	fill("shifts", r.shifts, r.shift)
	fill("openShifts", r.opens, r.openShift)
	fill("timesOff", r.ids("SHFT", r.IntN(5)), r.timeOff)
	fill("timeOffReasons", r.reasons, r.reason)
	fill("swapRequests", r.ids("SREQ", r.IntN(4)), r.request)
	fill("offerShiftRequests", r.ids("OREQ", r.IntN(3)), r.request)
	var workers []any
	for _, user := range r.users {
		if !r.chance(6) { // or else a worker without a record
			worker := r.worker()
			worker["userId"] = r.anyCase(user)
			workers = append(workers, worker)
		}
	}
	document["workers"] = workers
	document["policy"] = r.policy()
	return document
}

func (r *randomTeam) policy() object {
	policy := object{}
	set := func(o object, oneIn int, field string, values ...any) {
		if r.chance(oneIn) {
			o[field] = pick(r, values...)
		}
	}
	set(policy, 2, "minimumRest", "11h", "8h", "9h30m", "30m", "0h", nil)
	set(policy, 2, "splitShift", "4h", "2h", "1h", "0h", nil)
	set(policy, 3, "maxDailyHours", "8h", "9h", "10h", "12h", "0h", nil)
	set(policy, 3, "maxWeeklyHours", "16h", "24h", "40h", "30h30m", "0h", nil)
	set(policy, 3, "maxConsecutiveDays", 1, 2, 3, 4, 6, 0, nil)
	set(policy, 3, "groupMembersOnly", true, true, false, nil)
	set(policy, 4, "managerChanges", "enforce", "accept", nil)
	if r.chance(2) {
		minors, swap := object{}, object{}
		set(minors, 2, "earliest", "06:00", "08:00", "00:00", "24:00", nil)
		set(minors, 2, "latest", "22:00", "20:00", "24:00", "24:00", "00:00", nil)
		set(minors, 2, "maxShiftHours", "8h", "6h", "0h", nil)
		set(swap, 2, "notice", "2h", "24h", "72h", "120h", "0h", nil)
		set(swap, 2, "sameSchedulingGroup", true, false, nil)
		policy["minors"], policy["swap"] = minors, swap
	}
	entries := object{}
	for _, reason := range r.reasons {
		entry := object{}
		set(entry, 2, "minTenureDays", 0, 2, 3, 4, 5, 90, nil)
		set(entry, 2, "minBalanceHours", 0, 7.5, 8, 16, nil)
		set(entry, 2, "qualifications", []any{}, []any{"office"}, []any{"forklift", "office"}, nil)
		set(entries, 2, reason, entry)
	}
	policy["timeOffReasons"] = entries
	if r.chance(3) {
		var custom []any
		for i, expression := range slices.Sorted(maps.Keys(oracleExpressions)) {
			if expression != "false" && r.chance(4) {
				custom = append(custom, object{"id": fmt.Sprint("custom-", i), "expr": expression, "message": "No."})
			}
		}
		policy["custom"] = custom
	}
	return policy
}
