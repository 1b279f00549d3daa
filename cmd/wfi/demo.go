package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"example.com/shiftswfi/eligibility"
)

// What wfi serve --demo serves. The secret is no secret: a demo listens on
// loopback only.
const (
	demoTeamID = "demo"
	demoPath   = "/demo"
	demoSecret = "demo-secret-demo-secret-demo-secret-demo-secret-demo-secret-demo"
	demoZone   = "Europe/Berlin"

	// demoRedis is where other commands reach the demo's store, if it is free.
	demoRedis = "127.0.0.1:16379"
)

// demoDays is the length of the demo's schedule; demoToday is the index of the
// day that holds now.
const (
	demoDays  = 14
	demoToday = 3
)

// demoTeam makes a team with two weeks of shifts around now, small enough to
// take in at a glance, in which every rule refuses something. Ids do not
// depend on now: SHFT_adele_05 is Adele's shift two days from today.
func demoTeam(now time.Time) (*eligibility.Team, error) {
	zone, err := time.LoadLocation(demoZone)
	if err != nil {
		return nil, err
	}
	d := demo{now: now, midnight: func(day int) time.Time {
		local := now.In(zone)
		return time.Date(local.Year(), local.Month(), local.Day()+day-demoToday, 0, 0, 0, 0, zone)
	}}
	document, err := json.Marshal(d.document())
	if err != nil {
		return nil, err
	}
	return eligibility.ParseTeam(document)
}

// demo writes the demo's team file.
type demo struct {
	now      time.Time
	midnight func(day int) time.Time
	shifts   []any
}

type fields = map[string]any

func (d *demo) document() fields {
	d.schedule()
	return fields{
		"team": fields{"id": demoTeamID, "displayName": "Contoso Store", "timeZone": demoZone, "startDayOfWeek": "monday"},
		"policy": fields{
			"minimumRest": "11h", "splitShift": "2h", "maxDailyHours": "10h", "maxWeeklyHours": "40h",
			"maxConsecutiveDays": 5, "groupMembersOnly": true,
			"minors": fields{"earliest": "06:00", "latest": "20:00", "maxShiftHours": "8h"},
			"swap":   fields{"notice": "2h", "sameSchedulingGroup": true},
			"timeOffReasons": fields{
				"TOR_vacation": fields{"minTenureDays": 90, "minBalanceHours": 8},
				"TOR_training": fields{"qualifications": []string{"forklift"}},
			},
			"custom": []any{fields{
				"id": "key-holder", "expr": "shift.attributes.needsKey != true || worker.attributes.hasKey == true",
				"message": "Somebody with a key has to open the store.",
			}},
		},
		"workers": []any{
			fields{"userId": "adele", "displayName": "Adele", "hireDate": d.date(-900), "attributes": fields{"hasKey": true},
				"qualifications": []any{fields{"name": "forklift"}}, "balances": fields{"TOR_vacation": 40}},
			fields{"userId": "bianca", "displayName": "Bianca", "hireDate": d.date(-800), "attributes": fields{"hasKey": true},
				"qualifications": []any{fields{"name": "forklift", "expires": d.date(7)}}, "balances": fields{"TOR_vacation": 4}},
			fields{"userId": "chen", "displayName": "Chen", "hireDate": d.date(-700), "maxWeeklyHours": "16h"},
			fields{"userId": "dara", "displayName": "Dara", "hireDate": d.date(-20), "birthDate": d.now.AddDate(-16, 0, 0).Format(time.DateOnly),
				"balances": fields{"TOR_vacation": 16}},
			fields{"userId": "emil", "displayName": "Emil", "hireDate": d.date(-600), "terminationDate": d.date(8)},
			fields{"userId": "farid", "displayName": "Farid", "hireDate": d.date(-500), "qualifications": []any{fields{"name": "forklift"}}},
		},
		"schedulingGroups": []any{
			fields{"id": "TAG_floor", "displayName": "Floor", "isActive": true, "userIds": []string{"adele", "bianca", "chen", "dara", "emil"}},
			fields{"id": "TAG_warehouse", "displayName": "Warehouse", "isActive": true, "userIds": []string{"adele", "bianca"}, "requires": []string{"forklift"}},
		},
		"shifts": d.shifts,
		"openShifts": []any{
			d.openShift("OPNSHFT_morning", 6, 8, 14, 2),
			d.openShift("OPNSHFT_full", 7, 8, 14, 0),
		},
		"timesOff": []any{fields{"id": "SHFT_chen_off", "userId": "chen", "sharedTimeOff": fields{
			"timeOffReasonId": "TOR_vacation", "startDateTime": utc(d.midnight(8)), "endDateTime": utc(d.midnight(9)),
		}}},
		"timeOffReasons": []any{
			fields{"id": "TOR_vacation", "displayName": "Vacation", "iconType": "plane", "isActive": true},
			fields{"id": "TOR_training", "displayName": "Training", "iconType": "calendar", "isActive": true},
			fields{"id": "TOR_sick", "displayName": "Sick day", "iconType": "doctor", "isActive": true},
		},
		"swapRequests": []any{fields{
			"id": "SREQ_demo", "state": "pending", "assignedTo": "recipient",
			"senderUserId": "bianca", "senderShiftId": "SHFT_bianca_09", "recipientUserId": "emil", "recipientShiftId": "SHFT_emil_10",
		}},
		"offerShiftRequests": []any{}, "openShiftRequests": []any{}, "timeOffRequests": []any{},
	}
}

// schedule gives everybody a rhythm, by index of the day, and adds what it
// takes for the rules that no rhythm breaks.
func (d *demo) schedule() {
	for day := range demoDays {
		switch day % 7 {
		case 0, 1, 4, 5:
			d.shift("adele", day, 6, 14, "TAG_floor")
		}
		switch day % 7 {
		case 1, 2, 3:
			d.shift("bianca", day, 14, 22, "TAG_floor")
		case 5, 6:
			d.shift("bianca", day, 6, 14, "TAG_warehouse")
		}
		switch day % 7 {
		case 2, 6:
			d.shift("chen", day, 8, 16, "TAG_floor")
		}
		switch day % 7 {
		case 0, 3, 4:
			d.shift("dara", day, 10, 16, "TAG_floor")
		}
		switch day % 7 {
		case 0, 3, 5, 6:
			d.shift("emil", day, 14, 22, "TAG_floor")
		case 1:
			d.shift("emil", day, 6, 10, "TAG_floor")
		}
		switch day % 7 {
		case 2, 4:
			d.shift("farid", day, 8, 16, "TAG_warehouse") // lent: not a member of the group
		}
	}
	soon := d.now.Add(time.Hour).Truncate(time.Minute)
	d.add("SHFT_adele_soon", "adele", soon, soon.Add(4*time.Hour), "TAG_floor", fields{})
	d.add("SHFT_dara_going", "dara", d.at(9, 10), d.at(9, 16), "TAG_floor", fields{"isStagedForDeletion": true})
}

func (d *demo) shift(worker string, day, from, to int, group string) {
	extra := fields{}
	if worker == "adele" && day%7 == 0 {
		extra["attributes"] = fields{"needsKey": true} // she opens the store
	}
	d.add(fmt.Sprintf("SHFT_%s_%02d", worker, day), worker, d.at(day, from), d.at(day, to), group, extra)
}

func (d *demo) add(id, worker string, start, end time.Time, group string, extra fields) {
	shift := fields{"id": id, "userId": worker, "schedulingGroupId": group, "sharedShift": fields{
		"activities": []any{}, "startDateTime": utc(start), "endDateTime": utc(end), "theme": "blue",
	}, "draftShift": nil}
	for name, value := range extra {
		shift[name] = value
	}
	d.shifts = append(d.shifts, shift)
}

func (d *demo) openShift(id string, day, from, to, slots int) fields {
	return fields{"id": id, "schedulingGroupId": "TAG_floor", "sharedOpenShift": fields{
		"activities": []any{}, "startDateTime": utc(d.at(day, from)), "endDateTime": utc(d.at(day, to)),
		"theme": "green", "openSlotCount": slots,
	}, "draftOpenShift": nil}
}

// at is an hour on the wall of a day of the demo.
func (d *demo) at(day, hour int) time.Time {
	midnight := d.midnight(day)
	return time.Date(midnight.Year(), midnight.Month(), midnight.Day(), hour, 0, 0, 0, midnight.Location())
}

func (d *demo) date(day int) string { return d.midnight(day).Format(time.DateOnly) }

func utc(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// printDemo says what can be tried, as commands to paste.
func printDemo(w io.Writer, s *service, team *eligibility.Team) {
	wfi := "wfi"
	if path, err := os.Executable(); err == nil && strings.Contains(path, "go-build") {
		wfi = "go run ./cmd/wfi"
	}
	url := fmt.Sprintf("http://%s%s/v1/teams/%s/read", s.config.Listen, demoPath, demoTeamID)
	batch := `{"requests":[{"id":"1","method":"GET","url":"/shifts/SHFT_adele_05/requestableShifts?requestType=SwapRequest"}]}`
	fmt.Fprintf(w, `The demo serves one team, %s, with a week and a half of shifts ahead. To try in another terminal:

Which shifts may Adele swap hers of the day after tomorrow for?

    curl -sd '%s' \
      %s

The same, sealed as Shifts sends it:

    echo '%s' |
      %s send --secret %s \
        --url %s -

Why is some shift not in that list?

    %s explain swap SHFT_adele_05 --team %s --redis %s

Health and metrics: http://%s/metrics. Ctrl-C ends the demo.
`, team.DisplayName, batch, url, batch, wfi, demoSecret, url,
		wfi, demoTeamID, s.store.EmbeddedURL(), s.config.Admin)
}
