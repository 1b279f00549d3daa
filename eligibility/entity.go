package eligibility

import (
	"encoding/json"
	"fmt"
)

// A Kind is a sort of entity that a team is made of. Its text is the name of
// the list in the team file.
type Kind string

// The kinds, in the order in which a team file lists them.
const (
	KindWorker            Kind = "workers"
	KindSchedulingGroup   Kind = "schedulingGroups"
	KindShift             Kind = "shifts"
	KindOpenShift         Kind = "openShifts"
	KindTimeOff           Kind = "timesOff"
	KindTimeOffReason     Kind = "timeOffReasons"
	KindSwapRequest       Kind = "swapRequests"
	KindOfferShiftRequest Kind = "offerShiftRequests"
	KindOpenShiftRequest  Kind = "openShiftRequests"
	KindTimeOffRequest    Kind = "timeOffRequests"

	// No rule knows these; they are kept and given back.
	KindTimeCard         Kind = "timeCards"
	KindShiftPreferences Kind = "shiftPreferences" // one for each worker
)

// Kinds lists every kind in the order of the team file.
var Kinds = []Kind{
	KindWorker, KindSchedulingGroup, KindShift, KindOpenShift, KindTimeOff, KindTimeOffReason,
	KindSwapRequest, KindOfferShiftRequest, KindOpenShiftRequest, KindTimeOffRequest,
	KindTimeCard, KindShiftPreferences,
}

// isRequest tells what workers ask for from what is scheduled.
func (k Kind) isRequest() bool {
	switch k {
	case KindSwapRequest, KindOfferShiftRequest, KindOpenShiftRequest, KindTimeOffRequest:
		return true
	}
	return false
}

// An Entity is one element of a team as it is stored and given back: its JSON
// is kept as it came, so that fields nobody here knows survive.
type Entity struct {
	Kind Kind
	// ID is unique within the kind: the entity's id; for a worker the user id
	// in lower case, since user ids differ in case alone when they are the same,
	// and for shift preferences the same of their worker.
	ID string
	// Position orders the entities of a kind; gaps and ties are allowed.
	Position int64
	JSON     json.RawMessage
}

// record is what every decoded entity carries of its Entity.
type record struct{ entity Entity }

func (r *record) base() *Entity { return &r.entity }

// decoded is an entity of any kind, after its JSON was read.
type decoded interface{ base() *Entity }

// kept is an entity that no rule looks into.
type kept struct{ record }

// decode reads an entity of the given kind and sets its Entity's ID. The
// result is usable only if no problem was recorded.
func (d *decoder) decode(kind Kind, raw json.RawMessage, at *place, cal *calendar) decoded {
	o, ok := d.object(raw, at)
	if !ok {
		return nil
	}
	var e decoded
	switch kind {
	case KindWorker:
		e = decodeWorker(o)
	case KindSchedulingGroup:
		e = decodeSchedulingGroup(o)
	case KindShift:
		e = decodeShift(o, cal)
	case KindOpenShift:
		e = decodeOpenShift(o, cal)
	case KindTimeOff:
		e = decodeTimeOff(o)
	case KindTimeOffReason:
		e = decodeTimeOffReason(o)
	case KindSwapRequest, KindOfferShiftRequest, KindOpenShiftRequest, KindTimeOffRequest:
		e = decodeRequest(o, kind)
	case KindTimeCard:
		e = &kept{record{Entity{ID: o.required("id")}}}
	case KindShiftPreferences:
		e = &kept{record{Entity{ID: foldUser(o.text("userId"))}}}
		if e.base().ID == "" {
			e.base().ID = o.required("id") // of somebody who is not named
		}
	default:
		d.problem(at.String(), nil, fmt.Sprintf("a known kind of entity, not %q", kind))
		return nil
	}
	e.base().Kind, e.base().JSON = kind, raw
	return e
}
