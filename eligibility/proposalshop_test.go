package eligibility_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"example.com/shiftswfi/eligibility"
)

// decidedAt is when every proposal of these tests is decided: a Tuesday.
var decidedAt = time.Date(2026, time.December, 1, 12, 0, 0, 0, time.UTC)

// shop is the team of these tests. Spans are written as "DAY+HOURS" of
// December 2026, beginning at nine, or "DAYTHOUR+HOURS"; the owner comes first.
func shop(more object) object {
	document := object{
		"team":   object{"id": "team-1", "timeZone": "UTC"},
		"policy": object{"minimumRest": "11h", "timeOffReasons": object{"TOR_vacation": object{"minTenureDays": 90}}},
		"workers": []any{
			object{"userId": "ada", "hireDate": "2020-01-01"}, object{"userId": "ben", "hireDate": "2026-11-01"},
			object{"userId": "cyd"}, object{"userId": "dan"},
		},
		"schedulingGroups": []any{object{"id": "TAG_lift", "requires": []any{"forklift"}, "userIds": []any{"dan"}}},
		"shifts": []any{
			shiftOf("A", "ada 3+8", object{"attributes": object{"site": "north"}, "unknown": object{"kept": 1}}),
			shiftOf("B", "ben 4+8", object{"attributes": object{"site": "south"}}),
			shiftOf("B3", "cyd 3+8"), // of the times of A
			shiftOf("C", "cyd 5+8"),
			shiftOf("L", "dan 7+8", object{"schedulingGroupId": "TAG_lift"}),
		},
		"openShifts": []any{
			openShiftOf("O", "8+8 slots=2", object{"attributes": object{"site": "east"}}),
			openShiftOf("O1", "9+8 slots=1"), openShiftOf("Ox", "10+8"), openShiftOf("O0", "11+8 slots=0"),
		},
		"timeOffReasons": []any{object{"id": "TOR_sick"}, object{"id": "TOR_vacation"}, object{"id": "TOR_old", "isActive": false}},
	}
	for name, value := range more {
		document[name] = value
	}
	return document
}

// spanOf reads "3+8" or "3T09+8".
func spanOf(text string) object {
	var day, hour, hours int
	when, length, _ := strings.Cut(text, "+")
	hour = 9
	if _, err := fmt.Sscanf(when, "%dT%d", &day, &hour); err != nil {
		if _, err := fmt.Sscanf(when, "%d", &day); err != nil {
			panic(text)
		}
	}
	if _, err := fmt.Sscanf(length, "%d", &hours); err != nil {
		panic(text)
	}
	start := time.Date(2026, time.December, day, hour, 0, 0, 0, time.UTC)
	const callbacks = "2006-01-02T15:04:05.000Z"
	return object{
		"startDateTime": start.Format(callbacks),
		"endDateTime":   start.Add(time.Duration(hours) * time.Hour).Format(callbacks),
	}
}

func merged(objects ...object) object {
	all := object{}
	for _, o := range objects {
		for name, value := range o {
			if value == nil {
				delete(all, name)
			} else {
				all[name] = value
			}
		}
	}
	return all
}

// shiftOf makes a published shift of "OWNER SPAN"; an owner "-" is not named.
func shiftOf(id, text string, more ...object) object {
	owner, when, _ := strings.Cut(text, " ")
	shared := merged(spanOf(when), object{"isActive": true, "theme": "Blue", "activities": []any{}})
	shift := object{"id": id, "userId": owner, "sharedShift": shared}
	if owner == "-" {
		delete(shift, "userId")
	}
	return merged(append([]object{shift}, more...)...)
}

func openShiftOf(id, text string, more ...object) object {
	when, slots, _ := strings.Cut(text, " slots=")
	shared := merged(spanOf(when), object{"isActive": true})
	if slots != "" {
		shared["openSlotCount"] = rawJSON(slots)
	}
	return merged(append([]object{{"id": id, "sharedOpenShift": shared}}, more...)...)
}

func timeOffOf(id, text string, more ...object) object {
	owner, when, _ := strings.Cut(text, " ")
	shared := merged(spanOf(when), object{"timeOffReasonId": "TOR_sick", "isActive": true})
	return merged(append([]object{{"id": id, "userId": owner, "sharedTimeOff": shared}}, more...)...)
}

// requestOf makes a request of "STATE/ACTOR".
func requestOf(id, state string, more ...object) object {
	state, actor, _ := strings.Cut(state, "/")
	return merged(append([]object{{"id": id, "state": state, "assignedTo": actor}}, more...)...)
}

func swapOf(id, state string, more ...object) object {
	users := object{"senderUserId": "ada", "recipientUserId": "ben", "senderShiftId": "A", "recipientShiftId": "B"}
	return requestOf(id, state, append([]object{users}, more...)...)
}

func offerOf(id, state string, more ...object) object {
	users := object{"senderUserId": "ada", "recipientUserId": "ben", "senderShiftId": "A"}
	return requestOf(id, state, append([]object{users}, more...)...)
}

func claimOf(id, state string, more ...object) object {
	return requestOf(id, state, append([]object{{"senderUserId": "ada", "openShiftId": "O"}}, more...)...)
}

func absenceOf(id, state, when string, more ...object) object {
	asked := merged(spanOf(when), object{"senderUserId": "ada", "timeOffReasonId": "TOR_sick"})
	return requestOf(id, state, append([]object{asked}, more...)...)
}

type items = []eligibility.ProposedItem

func putEntity(kind eligibility.Kind, entity object) eligibility.ProposedItem {
	body, err := json.Marshal(entity)
	if err != nil {
		panic(err)
	}
	id, _ := entity["id"].(string)
	return eligibility.ProposedItem{Kind: kind, ID: id, Body: body}
}

func drop(kind eligibility.Kind, id string) eligibility.ProposedItem {
	return eligibility.ProposedItem{Kind: kind, ID: id, Delete: true}
}

func putShift(id, text string, more ...object) eligibility.ProposedItem {
	return putEntity(eligibility.KindShift, shiftOf(id, text, more...))
}

func putOpenShift(id, text string, more ...object) eligibility.ProposedItem {
	return putEntity(eligibility.KindOpenShift, openShiftOf(id, text, more...))
}

func putSwap(id, state string, more ...object) eligibility.ProposedItem {
	return putEntity(eligibility.KindSwapRequest, swapOf(id, state, more...))
}

func putOffer(id, state string, more ...object) eligibility.ProposedItem {
	return putEntity(eligibility.KindOfferShiftRequest, offerOf(id, state, more...))
}

func putClaim(id, state string, more ...object) eligibility.ProposedItem {
	return putEntity(eligibility.KindOpenShiftRequest, claimOf(id, state, more...))
}

func putAbsence(id, state, when string, more ...object) eligibility.ProposedItem {
	return putEntity(eligibility.KindTimeOffRequest, absenceOf(id, state, when, more...))
}

func putTimeOff(id, text string, more ...object) eligibility.ProposedItem {
	return putEntity(eligibility.KindTimeOff, timeOffOf(id, text, more...))
}

func dropShift(id string) eligibility.ProposedItem { return drop(eligibility.KindShift, id) }
