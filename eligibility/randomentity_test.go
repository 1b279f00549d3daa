package eligibility_test

import "time"

// The entities of a random team; ids are given to them by their lists.

func (r *randomTeam) group() object {
	var members, requires []any
	for _, user := range r.users {
		if !r.chance(4) {
			members = append(members, r.anyCase(user))
		}
	}
	for _, skill := range []string{"forklift", "office"} {
		if r.chance(4) {
			requires = append(requires, skill)
		}
	}
	return object{"isActive": pick[any](r, true, false, nil), "userIds": members, "requires": requires}
}

func (r *randomTeam) worker() object {
	w := object{"displayName": "A worker", "attributes": r.attributes()}
	if r.chance(3) {
		w["hireDate"] = (r.near(6) - 2).String()
	}
	if r.chance(5) {
		w["terminationDate"] = (r.near(6) + 4).String()
	}
	if r.chance(2) && r.middle > readDay("0020-01-01") {
		year, month, date := r.near(5).midnightUTC().Date()
		leap := year - 18 - (year-18)%4
		w["birthDate"] = pick(r, dayOf(year-18, month, date), dayOf(leap, time.February, 29), dayOf(year-17, month, date)).String()
	}
	if r.chance(4) {
		w["maxWeeklyHours"] = pick[any](r, "16h", "20h", "8h", "0h", nil)
	}
	var qualifications []any
	for _, skill := range []string{"forklift", "office", "office"} {
		qualification := object{"name": skill}
		if !r.chance(3) {
			qualification["expires"] = pick[any](r, nil, r.near(6).String(), r.near(6).String())
		}
		if !r.chance(3) {
			qualifications = append(qualifications, qualification)
		}
	}
	w["qualifications"] = qualifications
	balances := object{}
	for _, reason := range r.reasons {
		if !r.chance(3) {
			balances[reason] = pick[any](r, 7.5, 7.49, 8, 16, -2, 0, nil)
		}
	}
	w["balances"] = balances
	return w
}

func (r *randomTeam) attributes() any {
	return pick[any](r, nil, object{}, object{"site": "north", "level": 2}, object{"site": "south", "level": 1},
		object{"site": "north", "level": 1.5, "nested": object{"deep": []any{1, "2", nil}}})
}

// item makes the part that shifts and open shifts share: near the middle, or
// close to where the user's shift before ended.
func (r *randomTeam) item(user string) object {
	start := r.clock(r.near(6)+3, 24)
	if end, ok := r.ends[user]; ok && !r.chance(3) {
		hour := time.Hour
		start = end.Add(pick(r, 0, 0, hour, 2*hour, 4*hour, 8*hour, 9*hour+hour/2, 11*hour, 11*hour, 16*hour, 16*hour, -hour))
		start = start.Add(pick[time.Duration](r, 0, 0, 0, 0, 1, -1))
	}
	length := pick[time.Duration](r, 1, 4, 4, 6, 8, 8, 8, 9, 10, 12, 24, 30) * time.Hour
	length += pick[time.Duration](r, 0, 0, 0, 0, time.Second/2, -1)
	r.ends[user] = start.Add(length)
	item := r.span(start, length)
	item["theme"] = "blue"
	if r.chance(6) {
		item["isActive"] = pick[any](r, true, true, nil, false)
	}
	var activities []any
	for range r.IntN(3) {
		activity := r.span(start.Add(time.Duration(r.IntN(11)-2)*time.Hour), time.Duration(r.IntN(9)-2)*30*time.Minute)
		activity["isPaid"] = pick[any](r, false, false, false, true, nil)
		activities = append(activities, activity)
	}
	item["activities"] = activities
	return item
}

// draft is mostly absent, and otherwise what the rules need not understand.
func (r *randomTeam) draft() any {
	if !r.chance(5) {
		return nil
	}
	return pick[any](r, object{"isActive": false}, object{"isActive": true}, object{}, "whatever", []any{1}, object{"isActive": "false", "startDateTime": 7})
}

func (r *randomTeam) schedulingGroup() any {
	if len(r.groups) == 0 || r.chance(8) {
		return pick[any](r, nil, "", "TAG_unknown")
	}
	return pick(r, r.groups...)
}

func (r *randomTeam) shift() object {
	user := pick(r, r.users...)
	s := object{"userId": r.anyCase(user), "schedulingGroupId": r.schedulingGroup(), "sharedShift": r.item(user),
		"draftShift": r.draft(), "attributes": r.attributes(), "eTag": "kept"}
	if r.chance(12) {
		s["userId"] = pick[any](r, nil, "")
	}
	if r.chance(20) {
		s["sharedShift"] = nil
	}
	if r.chance(4) {
		s["isStagedForDeletion"] = pick[any](r, true, false, false, nil)
	}
	return s
}

func (r *randomTeam) openShift() object {
	item := r.item("")
	if r.chance(2) {
		item["openSlotCount"] = pick[any](r, nil, 0, 1, 2, -1)
	}
	return object{"schedulingGroupId": r.schedulingGroup(), "sharedOpenShift": item, "draftOpenShift": r.draft(),
		"isStagedForDeletion": pick[any](r, nil, false, false, true), "attributes": r.attributes()}
}

func (r *randomTeam) timeOff() object {
	shared := r.span(r.clock(r.near(6)+3, 24), pick[time.Duration](r, 24, 24, 8, 48, 100, 0, -8)*time.Hour)
	shared["isActive"] = pick[any](r, nil, nil, true, false)
	if r.chance(6) {
		return object{"userId": r.user(), "sharedTimeOff": nil, "draftTimeOff": shared}
	}
	return object{"userId": r.user(), "sharedTimeOff": shared, "isStagedForDeletion": r.chance(3)}
}

func (r *randomTeam) reason() object {
	return object{"displayName": "A reason", "isActive": pick[any](r, true, true, nil, false)}
}

func (r *randomTeam) request() object {
	shift := func() any { return pick[any](r, pick(r, r.shifts...), pick(r, r.shifts...), nil, "", "SHFT_unknown") }
	return object{
		"state":         pick[any](r, "pending", " Pending", "PENDING  ", "approved", "Declined", "unknownFutureValue", "", nil),
		"assignedTo":    pick[any](r, "recipient", "Manager ", "system", nil),
		"senderShiftId": shift(), "recipientShiftId": shift(),
	}
}
