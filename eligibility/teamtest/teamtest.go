// Package teamtest makes teams of any size for tests and benchmarks.
package teamtest

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"
)

// ID is the id of every team that File makes.
const ID = "5e1f3c9a-0d24-4b8e-9c57-3f60a1b2c4d8"

// TimeZone is the zone of every team that File makes.
const TimeZone = "America/New_York"

// policy has every limit on, with values that refuse some candidates and leave
// some.
const policy = `{
	"minimumRest": "11h", "splitShift": "4h", "maxDailyHours": "12h", "maxWeeklyHours": "48h",
	"maxConsecutiveDays": 6, "groupMembersOnly": true,
	"minors": {"earliest": "06:00", "latest": "22:00", "maxShiftHours": "8h"},
	"swap": {"notice": "2h", "sameSchedulingGroup": false},
	"timeOffReasons": {"TOR_vacation": {"minTenureDays": 90, "minBalanceHours": 8}}
}`

const (
	workersPerGroup = 50
	qualification   = "forklift"
)

// File makes a team document of so many workers, each with shiftsPerWeek
// shifts (at most 7) in every one of so many weeks, the first of which begins
// at the local date of start. The same arguments give the same bytes.
//
// Workers are WorkerID(0), WorkerID(1) and so on, their shifts ShiftID(worker,
// 0) and so on, by start. Every group has fifty workers; some workers are
// minors, some have left, some are absent for a week, and half of them may
// work in the groups that ask for a qualification.
func File(workers, shiftsPerWeek, weeks int, start time.Time, seed int64) []byte {
	zone, err := time.LoadLocation(TimeZone)
	if err != nil {
		panic(err)
	}
	g := &generator{
		random: rand.New(rand.NewPCG(uint64(seed), 0)),
		zone:   zone,
		first:  start.In(zone),
	}
	for w := range workers {
		g.addWorker(w)
		for week := range weeks {
			g.addWeek(w, week, min(shiftsPerWeek, 7))
		}
		if g.random.IntN(20) == 0 && weeks > 0 {
			g.addTimeOff(w, g.random.IntN(weeks))
		}
	}
	for first := 0; first < workers; first += workersPerGroup {
		g.addGroup(first, min(first+workersPerGroup, workers))
	}
	document, err := json.Marshal(document{
		Team:             team{ID: ID, DisplayName: "Store 12", TimeZone: TimeZone, StartDayOfWeek: "monday"},
		Policy:           json.RawMessage(policy),
		Workers:          g.workers,
		SchedulingGroups: g.groups,
		Shifts:           g.shifts,
		OpenShifts:       []entity{},
		TimesOff:         g.timesOff,
		TimeOffReasons: []entity{
			{"id": "TOR_vacation", "displayName": "Vacation", "iconType": "plane", "isActive": true},
			{"id": "TOR_sick", "displayName": "Sick", "iconType": "firstAid", "isActive": true},
			{"id": "TOR_old", "displayName": "Special leave", "iconType": "none", "isActive": false},
		},
	})
	if err != nil {
		panic(err)
	}
	return document
}

// WorkerID is the user id of a worker.
func WorkerID(worker int) string { return fmt.Sprintf("%08x-7c1e-4f0e-9b0a-2d5a3b8e4c01", worker) }

// ShiftID is the id of a worker's shift.
func ShiftID(worker, shift int) string {
	return fmt.Sprintf("SHFT_%08x-0000-4000-8000-%012x", worker, shift)
}

func groupID(worker int) string {
	return fmt.Sprintf("TAG_%08x-9b7f-4e61-8c0d-2f1a6b5c4d01", worker/workersPerGroup)
}

type entity = map[string]any

type team struct {
	ID             string `json:"id"`
	DisplayName    string `json:"displayName"`
	TimeZone       string `json:"timeZone"`
	StartDayOfWeek string `json:"startDayOfWeek"`
}

type document struct {
	Team             team            `json:"team"`
	Policy           json.RawMessage `json:"policy"`
	Workers          []entity        `json:"workers"`
	SchedulingGroups []entity        `json:"schedulingGroups"`
	Shifts           []entity        `json:"shifts"`
	OpenShifts       []entity        `json:"openShifts"`
	TimesOff         []entity        `json:"timesOff"`
	TimeOffReasons   []entity        `json:"timeOffReasons"`
}

type generator struct {
	random *rand.Rand
	zone   *time.Location
	first  time.Time

	workers, groups, shifts, timesOff []entity
	shiftsOfWorker                    int
}

func (g *generator) addWorker(w int) {
	g.shiftsOfWorker = 0
	worker := entity{
		"userId":      WorkerID(w),
		"displayName": fmt.Sprintf("Worker %d", w),
		"hireDate":    g.date(-30 - g.random.IntN(2000)),
		"balances":    map[string]float64{"TOR_vacation": float64(g.random.IntN(120))},
		"attributes":  map[string]string{"site": "north"},
	}
	if g.random.IntN(2) == 0 {
		worker["qualifications"] = []entity{{"name": qualification, "expires": g.date(g.random.IntN(400))}}
	}
	switch g.random.IntN(20) {
	case 0:
		worker["birthDate"] = g.date(-365*17 + g.random.IntN(300))
	case 1:
		worker["maxWeeklyHours"] = "40h"
	case 2:
		worker["terminationDate"] = g.date(7 + g.random.IntN(30))
	}
	g.workers = append(g.workers, worker)
}

func (g *generator) addGroup(first, end int) {
	members := []string{}
	for w := first; w < end; w++ {
		members = append(members, WorkerID(w))
	}
	// Two groups may help out in each other's shifts.
	for range len(members) {
		members = append(members, WorkerID(g.random.IntN(len(g.workers))))
	}
	group := entity{"id": groupID(first), "displayName": "Group", "isActive": true, "userIds": members}
	if first/workersPerGroup%4 == 3 {
		group["requires"] = []string{qualification}
	}
	g.groups = append(g.groups, group)
}

// addWeek gives a worker the same hours on some days of a week: early, late or
// in between.
func (g *generator) addWeek(w, week, shifts int) {
	begins := []time.Duration{6 * time.Hour, 9 * time.Hour, 14 * time.Hour}[g.random.IntN(3)]
	free := g.random.Perm(7)[shifts:]
	for day := range 7 {
		off := false
		for _, f := range free {
			off = off || f == day
		}
		if off {
			continue
		}
		midnight := g.midnight(week*7 + day)
		begin := midnight.Add(begins)
		g.shifts = append(g.shifts, entity{
			"id": ShiftID(w, g.shiftsOfWorker), "userId": WorkerID(w), "schedulingGroupId": groupID(w),
			"createdDateTime": instant(g.first), "lastModifiedDateTime": instant(g.first),
			"draftShift": nil, "isStagedForDeletion": false,
			"sharedShift": entity{
				"displayName": nil, "notes": nil, "theme": "blue",
				"startDateTime": instant(begin), "endDateTime": instant(begin.Add(8 * time.Hour)),
				"activities": []entity{{
					"code": nil, "displayName": "Lunch", "isPaid": false, "theme": "gray",
					"startDateTime": instant(begin.Add(4 * time.Hour)),
					"endDateTime":   instant(begin.Add(4*time.Hour + 30*time.Minute)),
				}},
			},
		})
		g.shiftsOfWorker++
	}
}

func (g *generator) addTimeOff(w, week int) {
	g.timesOff = append(g.timesOff, entity{
		"id": fmt.Sprintf("SHFT_%08x-0001-4000-8000-%012x", w, week), "userId": WorkerID(w), "draftTimeOff": nil,
		"sharedTimeOff": entity{
			"timeOffReasonId": "TOR_vacation", "theme": "gray",
			"startDateTime": instant(g.midnight(week * 7)), "endDateTime": instant(g.midnight(week*7 + 7)),
		},
	})
}

func (g *generator) midnight(day int) time.Time {
	year, month, first := g.first.Date()
	return time.Date(year, month, first+day, 0, 0, 0, 0, g.zone)
}

func (g *generator) date(day int) string { return g.midnight(day).Format(time.DateOnly) }

func instant(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
