package eligibility_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// The oracle is a second implementation of the rules, written from their text
// alone: slow, naive, and on its own reading of the team file. Nothing in the
// oracle files calls the package under test.

type object = map[string]any

// span is a half-open interval; it is empty unless end is after start.
type span struct{ start, end time.Time }

func (s span) meets(t span) bool {
	return s.start.Before(s.end) && t.start.Before(t.end) && s.start.Before(t.end) && t.start.Before(s.end)
}

// oracleShift is a published shift or open shift.
type oracleShift struct {
	span
	id, owner, group string
	open, staged     bool
	slots            *float64
	unpaid           []span
	attributes       object
}

type oracle struct {
	document object
	calendar oracleCalendar
	policy   object
	shifts   []oracleShift // published ones
	opens    []oracleShift // published ones
}

func newOracle(document []byte) *oracle {
	var o oracle
	if err := json.Unmarshal(document, &o.document); err != nil {
		panic(err)
	}
	team := sub(o.document, "team")
	zone, err := time.LoadLocation(str(team, "timeZone"))
	if err != nil {
		panic(err)
	}
	o.calendar = oracleCalendar{zone: zone, firstWeekday: time.Monday}
	for day := time.Sunday; day <= time.Saturday; day++ {
		if strings.EqualFold(strings.Trim(str(team, "startDayOfWeek"), " "), day.String()) {
			o.calendar.firstWeekday = day
		}
	}
	o.policy = sub(o.document, "policy")
	for _, s := range objects(o.document, "shifts") {
		if shared := sub(s, "sharedShift"); shared != nil && shared["isActive"] != false && str(s, "userId") != "" {
			o.shifts = append(o.shifts, readShift(s, shared, "draftShift"))
		}
	}
	for _, s := range objects(o.document, "openShifts") {
		if shared := sub(s, "sharedOpenShift"); shared != nil && shared["isActive"] != false {
			open := readShift(s, shared, "draftOpenShift")
			open.open, open.owner = true, ""
			if n, ok := shared["openSlotCount"].(float64); ok {
				open.slots = &n
			}
			o.opens = append(o.opens, open)
		}
	}
	return &o
}

func readShift(whole, shared object, draft string) oracleShift {
	s := oracleShift{
		id: str(whole, "id"), owner: str(whole, "userId"), group: str(whole, "schedulingGroupId"),
		span:       readSpan(shared),
		staged:     whole["isStagedForDeletion"] == true || sub(whole, draft)["isActive"] == false,
		attributes: sub(whole, "attributes"),
	}
	for _, activity := range objects(shared, "activities") {
		if activity["isPaid"] == false {
			s.unpaid = append(s.unpaid, readSpan(activity))
		}
	}
	return s
}

func readSpan(o object) span {
	return span{oracleInstant(str(o, "startDateTime")), oracleInstant(str(o, "endDateTime"))}
}

// find gives the published shift of that id.
func (o *oracle) find(shifts []oracleShift, id string) *oracleShift {
	for i := range shifts {
		if shifts[i].id == id {
			return &shifts[i]
		}
	}
	return nil
}

// worker gives the record of a worker; nil if there is none.
func (o *oracle) worker(id string) object {
	for _, w := range objects(o.document, "workers") {
		if sameUser(str(w, "userId"), id) {
			return w
		}
	}
	return nil
}

// group gives a scheduling group; nil if there is none.
func (o *oracle) group(id string) object {
	for _, g := range objects(o.document, "schedulingGroups") {
		if id != "" && str(g, "id") == id {
			return g
		}
	}
	return nil
}

// tiedUp reports whether an open request names the shift, other than the one
// of that id in that list.
func (o *oracle) tiedUp(shift, list, request string) bool {
	for _, each := range []string{"swapRequests", "offerShiftRequests"} {
		for _, r := range objects(o.document, each) {
			decided := each == list && request != "" && str(r, "id") == request
			pending := strings.EqualFold(strings.Trim(str(r, "state"), " "), "pending")
			if pending && !decided && (str(r, "senderShiftId") == shift || str(r, "recipientShiftId") == shift) {
				return true
			}
		}
	}
	return false
}

// known reports whether the team knows the user at all.
func (o *oracle) known(user string) bool {
	if o.worker(user) != nil {
		return true
	}
	for _, g := range objects(o.document, "schedulingGroups") {
		if hasUser(g, user) {
			return true
		}
	}
	for _, s := range objects(o.document, "shifts") {
		if sameUser(str(s, "userId"), user) {
			return true
		}
	}
	return false
}

func hasUser(group object, user string) bool {
	for _, member := range list(group, "userIds") {
		if text, _ := member.(string); sameUser(text, user) {
			return true
		}
	}
	return false
}

func sameUser(a, b string) bool { return a != "" && asciiLower(a) == asciiLower(b) }

func asciiLower(text string) string {
	lower := []byte(text)
	for i, c := range lower {
		if 'A' <= c && c <= 'Z' {
			lower[i] = c + 'a' - 'A'
		}
	}
	return string(lower)
}

// The readers below give the zero value for what is absent or null.

func sub(o object, field string) object {
	value, _ := o[field].(object)
	return value
}

func str(o object, field string) string {
	value, _ := o[field].(string)
	return value
}

func list(o object, field string) []any {
	value, _ := o[field].([]any)
	return value
}

func objects(o object, field string) []object {
	var result []object
	for _, each := range list(o, field) {
		if element, ok := each.(object); ok {
			result = append(result, element)
		}
	}
	return result
}

// duration reads a duration; false if there is none.
func duration(o object, field string) (time.Duration, bool) {
	text, ok := o[field].(string)
	if !ok {
		return 0, false
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		panic(err)
	}
	return d, true
}

var (
	rfcForm = regexp.MustCompile(`^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:Z|([+-])(\d\d):(\d\d))$`)
	usForm  = regexp.MustCompile(`^(\d{1,2})/(\d{1,2})/(\d{4}) (\d{1,2}):(\d\d):(\d\d) ([AP]M) ([+-])(\d\d):(\d\d)$`)
)

// oracleInstant reads an RFC 3339 instant that is known to be right.
func oracleInstant(text string) time.Time {
	instant, ok := readInstant(text)
	if !ok {
		panic("not an instant: " + text)
	}
	return instant
}

func readInstant(text string) (time.Time, bool) {
	m := rfcForm.FindStringSubmatch(text)
	if m == nil {
		return time.Time{}, false
	}
	nanoseconds := number((m[7] + "000000000")[:9])
	return assemble(number(m[1]), number(m[2]), number(m[3]), number(m[4]), number(m[5]), number(m[6]), nanoseconds, m[8:])
}

// readTime reads either form of a point in time in an item's URL.
func readTime(text string) (time.Time, bool) {
	m := usForm.FindStringSubmatch(text)
	if m == nil {
		return readInstant(text)
	}
	hour := number(m[4])
	if hour < 1 || hour > 12 {
		return time.Time{}, false
	}
	hour %= 12
	if m[7] == "PM" {
		hour += 12
	}
	return assemble(number(m[3]), number(m[1]), number(m[2]), hour, number(m[5]), number(m[6]), 0, m[8:])
}

// assemble makes an instant of its fields; offset is a sign, hours and minutes,
// all empty for Z.
func assemble(year, month, day, hour, minute, second, nanosecond int, offset []string) (time.Time, bool) {
	wall := time.Date(year, time.Month(month), day, hour, minute, second, nanosecond, time.UTC)
	if wall.Format("2006-1-2 15:4:5") != fmt.Sprintf("%04d-%d-%d %02d:%d:%d", year, month, day, hour, minute, second) {
		return time.Time{}, false // time.Date has carried a field that was out of range
	}
	if offset[0] == "" {
		return wall, true
	}
	hours, minutes := number(offset[1]), number(offset[2])
	if hours > 23 || minutes > 59 {
		return time.Time{}, false
	}
	east := time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute
	if offset[0] == "-" {
		east = -east
	}
	return wall.Add(-east), true
}

func number(digits string) int {
	n, err := strconv.Atoi(digits)
	if err != nil {
		panic(err)
	}
	return n
}
