package main

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"math"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"example.com/shiftswfi/batch/contract"
	"example.com/shiftswfi/batch/envelope"
	"example.com/shiftswfi/batch/loadtest"
	"example.com/shiftswfi/batch/shifts"
)

// loadCalls are the calls of a load test: questions in turn, and among them
// the shifts of a roster, made and deleted.
type loadCalls struct {
	endpoint  shifts.Endpoint
	key       *envelope.Key
	caller    shifts.Caller
	team      string
	manager   string
	group     string
	now       func() time.Time
	share     float64 // of changes
	questions []loadQuestion

	mu     sync.Mutex
	calls  int
	asked  int
	free   []loadShift // without an id: where a shift could be made
	made   []loadShift // by this test, the oldest first
	unsure []loadShift // that may be there or not
}

// A loadQuestion is a call of /read about one item.
type loadQuestion struct {
	loadtest.Call
	id string // of the item
}

// A loadShift is a shift of one worker on one day.
type loadShift struct {
	id         string
	user       string
	start, end time.Time
}

// shiftHours is how long the shifts are that a load test makes, as long as
// those of wfi contract.
const shiftHours = 4

// plan decides what is sent: the questions of a profile, or those given, and a
// share of changes.
func (l *loadCalls) plan(profile contract.Profile, urls []string, share float64) error {
	l.team, l.share = profile.Team, share
	l.manager, l.group = profile.Roster.Manager, profile.Roster.SchedulingGroup
	l.now = time.Now
	if profile.Now != "" {
		now, err := time.Parse(time.RFC3339, profile.Now)
		if err != nil {
			return err // the profile was checked
		}
		l.now = func() time.Time { return now }
	}
	for _, url := range urls {
		l.ask("1", url)
	}
	var around []time.Time
	for _, shift := range append([]contract.ExistingShift{profile.Swap.Shift}, profile.Swap.Eligible...) {
		if shift.ID != "" && !shift.Start.IsZero() {
			l.ask(shift.ID, l.swapURL(shift))
			around = append(around, shift.Start)
		}
	}
	if user := profile.Reasons.User; user != "" {
		l.ask(user, "/users/"+user+"/timeOffReasons?requestType=TimeOffReason")
	}
	if l.team == "" || len(l.questions) == 0 {
		return errors.New("there is nothing to ask: the profile has to name team, and swap.shift with its start or timeOffReasons.user")
	}
	if share == 0 {
		return nil
	}
	return l.planShifts(profile, around)
}

// loadWindow is how many days from a shift those are that it may be swapped for.
const loadWindow = 15

// swapURL asks which shifts one may be swapped for, in the month around it. It
// leaves out the next day: whether a shift is still far enough ahead could
// change during the test.
func (l *loadCalls) swapURL(shift contract.ExistingShift) string {
	from, to := shift.Start.AddDate(0, 0, -loadWindow), shift.Start.AddDate(0, 0, loadWindow)
	if tomorrow := l.now().AddDate(0, 0, 1); from.Before(tomorrow) {
		from = tomorrow
	}
	return "/shifts/" + shift.ID + "/requestableShifts?requestType=SwapRequest" +
		"&startTime=" + shifts.Expires(from) + "&endTime=" + shifts.Expires(to)
}

// ask adds a question. What is right to answer, warmUp finds out.
func (l *loadCalls) ask(id, url string) {
	plaintext, err := shifts.Batch(shifts.Item{ID: id, Method: http.MethodGet, URL: url})
	if err != nil {
		panic(err) // an item without a body is always JSON
	}
	resource, _, _ := strings.Cut(url, "?")
	l.questions = append(l.questions, loadQuestion{id: id, Call: loadtest.Call{
		Kind: "read " + printable(path.Base(resource)), Address: l.endpoint.Read(l.team), Plaintext: plaintext,
	}})
}

// planShifts finds days for the shifts that are made: every second one of the
// roster, so that each worker gets enough rest, and none from which rules about
// a week could reach into the windows of the questions.
func (l *loadCalls) planShifts(profile contract.Profile, around []time.Time) error {
	const (
		defaultDays = 180
		apart       = 2
		reach       = loadWindow + 8
		hour        = 8
	)
	roster := profile.Roster
	zone, err := time.LoadLocation(profile.TimeZone)
	if err != nil {
		return fmt.Errorf("the profile's timeZone: %w", err)
	}
	from, err := time.ParseInLocation(time.DateOnly, roster.From, zone)
	if err != nil || len(roster.Workers) == 0 {
		return errors.New("there is nothing to change: the profile has to name roster.workers and roster.from; or give --updates 0")
	}
	for day := 0; day < cmp.Or(roster.Days, defaultDays); day += apart {
		start := time.Date(from.Year(), from.Month(), from.Day()+day, hour, 0, 0, 0, zone)
		if slices.ContainsFunc(around, func(t time.Time) bool { return start.Sub(t).Abs() < reach*24*time.Hour }) {
			continue
		}
		for _, user := range roster.Workers {
			l.free = append(l.free, loadShift{user: user, start: start, end: start.Add(shiftHours * time.Hour)})
		}
	}
	if len(l.free) == 0 {
		return fmt.Errorf("all days of the roster are within %d days of a shift that is asked about: choose a later roster.from, or give --updates 0", reach)
	}
	return nil
}

// Next makes a change whenever their share falls behind, and asks else.
func (l *loadCalls) Next() loadtest.Call {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls++
	if math.Floor(float64(l.calls)*l.share) > math.Floor(float64(l.calls-1)*l.share) {
		switch {
		case len(l.made) > 0:
			shift := l.made[0]
			l.made = l.made[1:]
			return l.deletion(shift)
		case len(l.free) > 0:
			shift := l.free[0]
			l.free = l.free[1:]
			return l.creation(shift)
		}
		// All shifts are just being made or deleted.
	}
	l.asked++
	return l.questions[l.asked%len(l.questions)].Call
}

// creation makes a shift as a manager does who shares it.
func (l *loadCalls) creation(shift loadShift) loadtest.Call {
	shift.id = "SHFT_" + rand.Text()
	now := l.now().UTC().Format("2006-01-02T15:04:05.000Z")
	var group any
	if l.group != "" {
		group = l.group
	}
	body := fields{
		"id": shift.id, "userId": shift.user, "schedulingGroupId": group,
		"createdDateTime": now, "lastModifiedDateTime": now,
		"lastModifiedBy": fields{"user": fields{"id": l.manager, "displayName": "A manager"}},
		"sharedShift": fields{
			"startDateTime": utc(shift.start.UTC()), "endDateTime": utc(shift.end.UTC()),
			"theme": "Pink", "activities": []any{}, "isActive": true,
		},
		"isStagedForDeletion": false,
	}
	return l.change(http.MethodPost, shift, body, func(reason loadtest.Reason) {
		switch reason {
		case "":
			l.made = append(l.made, shift)
		case loadtest.Reason(shifts.Refused):
			l.free = append(l.free, shift)
		default:
			l.unsure = append(l.unsure, shift)
		}
	})
}

func (l *loadCalls) deletion(shift loadShift) loadtest.Call {
	return l.change(http.MethodDelete, shift, nil, func(reason loadtest.Reason) {
		if reason == "" {
			l.free = append(l.free, shift)
		} else {
			l.unsure = append(l.unsure, shift)
		}
	})
}

// change is a call of /update; done is called under the lock.
func (l *loadCalls) change(method string, shift loadShift, body any, done func(loadtest.Reason)) loadtest.Call {
	plaintext, err := shifts.Batch(shifts.Item{
		ID: shift.id, Method: method, URL: "/shifts/" + shift.id, Body: body,
		Headers: map[string]string{
			shifts.HeaderTransactionID: "1",
			shifts.HeaderExpires:       shifts.Expires(l.now().Add(30 * time.Second)),
		},
	})
	if err != nil {
		panic(err) // the body is made here
	}
	return loadtest.Call{
		Kind: "update shift " + method, Address: l.endpoint.Update(l.team), Plaintext: plaintext,
		Judge: loadtest.Saves(shift.id),
		Done: func(reason loadtest.Reason) {
			l.mu.Lock()
			defer l.mu.Unlock()
			done(reason)
		},
	}
}
