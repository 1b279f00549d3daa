package eligibility

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// A FieldError says what is wrong with one value of a document.
type FieldError struct {
	Path     string // inside the document, such as "shifts[3].sharedShift.endDateTime"
	Found    string // the value as it stands there, cut short, or "nothing"
	Expected string // what would have been right
}

func (e *FieldError) Error() string {
	return fmt.Sprintf("%s: found %s, expected %s", e.Path, e.Found, e.Expected)
}

// maxFieldErrors bounds how many problems of one document are reported: enough
// to mend a file in few rounds, few enough to read.
const maxFieldErrors = 20

// FieldErrors are the problems of one document, in the order in which they
// stand there; never empty when returned as an error. errors.As finds the
// first as a *FieldError.
type FieldErrors []*FieldError

func (e FieldErrors) Error() string {
	lines := make([]string, len(e))
	for i, problem := range e {
		lines[i] = problem.Error()
	}
	if len(e) == maxFieldErrors {
		lines = append(lines, "and perhaps more")
	}
	return strings.Join(lines, "\n")
}

// Unwrap lets errors.As reach the single problems.
func (e FieldErrors) Unwrap() []error {
	errs := make([]error, len(e))
	for i, problem := range e {
		errs[i] = problem
	}
	return errs
}

// A decoder collects the problems of one document.
type decoder struct{ problems FieldErrors }

// err is nil while nothing is wrong.
func (d *decoder) err() error {
	if len(d.problems) == 0 {
		return nil
	}
	return d.problems
}

// problem records one thing that is wrong; of several with one value the first.
func (d *decoder) problem(path string, found json.RawMessage, expected string) {
	last := len(d.problems) - 1
	if len(d.problems) == maxFieldErrors || last >= 0 && d.problems[last].Path == path {
		return
	}
	const longest = 60
	text := "nothing"
	if found != nil {
		text = strings.ToValidUTF8(string(found), "?")
		if len(text) > longest {
			text = strings.ToValidUTF8(text[:longest], "") + "…"
		}
	}
	d.problems = append(d.problems, &FieldError{Path: path, Found: text, Expected: expected})
}

// A place is where a value stands. It is rendered only when something is
// wrong, since a big team has hundreds of thousands of values.
type place struct {
	parent *place
	name   string
	index  int // within the list name; -1 for a member that is no list
}

func (p *place) String() string {
	var text string
	if p.parent != nil {
		text = p.parent.String()
		if text != "" && p.name != "" {
			text += "."
		}
	}
	text += p.name
	if p.index >= 0 {
		text += "[" + strconv.Itoa(p.index) + "]"
	}
	return text
}

// An object is a JSON object being decoded. Its methods read one member each;
// null is absent, and what does not fit is reported and read as absent.
type object struct {
	fields map[string]json.RawMessage
	at     *place
	*decoder
}

func (d *decoder) object(raw json.RawMessage, at *place) (object, bool) {
	o := object{at: at, decoder: d}
	if len(raw) == 0 || raw[0] != '{' || json.Unmarshal(raw, &o.fields) != nil {
		d.problem(at.String(), raw, "an object")
		return o, false
	}
	return o, true
}

// member is the raw value, nil where it is absent.
func (o object) member(name string) json.RawMessage {
	raw := o.fields[name]
	if len(raw) == 0 || raw[0] == 'n' {
		return nil
	}
	return raw
}

func (o object) wrong(name string, expected string) {
	at := place{parent: o.at, name: name, index: -1}
	o.problem(at.String(), o.member(name), expected)
}

func (o object) child(name string) (object, bool) {
	raw := o.member(name)
	if raw == nil {
		return object{}, false
	}
	return o.object(raw, &place{parent: o.at, name: name, index: -1})
}

// list gives the elements of a list with the place of each.
func (o object) list(name string, visit func(raw json.RawMessage, at *place)) {
	raw := o.member(name)
	if raw == nil {
		return
	}
	var elements []json.RawMessage
	if raw[0] != '[' || json.Unmarshal(raw, &elements) != nil {
		o.wrong(name, "a list")
		return
	}
	for i, element := range elements {
		visit(element, &place{parent: o.at, name: name, index: i})
	}
}

func (o object) text(name string) string {
	raw := o.member(name)
	if raw == nil {
		return ""
	}
	text, ok := jsonText(raw)
	if !ok {
		o.wrong(name, "a text")
	}
	return text
}

// jsonText unquotes a JSON string; most have nothing to unescape.
func jsonText(raw json.RawMessage) (string, bool) {
	if len(raw) < 2 || raw[0] != '"' {
		return "", false
	}
	plain := raw[1 : len(raw)-1]
	if bytes.IndexByte(plain, '\\') < 0 && isASCII(plain) {
		return string(plain), true
	}
	var text string
	err := json.Unmarshal(raw, &text)
	return text, err == nil
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

func (o object) required(name string) string {
	text := o.text(name)
	if text == "" && (o.member(name) == nil || string(o.member(name)) == `""`) {
		o.wrong(name, "a text that is not empty")
	}
	return text
}

func (o object) texts(name string) []string {
	var texts []string
	o.list(name, func(raw json.RawMessage, at *place) {
		text, ok := jsonText(raw)
		if !ok {
			o.problem(at.String(), raw, "a text")
			return
		}
		texts = append(texts, text)
	})
	return texts
}

// flag reads a boolean that is absent by default.
func (o object) flag(name string) *bool {
	raw := o.member(name)
	var value bool
	switch {
	case raw == nil:
		return nil
	case json.Unmarshal(raw, &value) != nil:
		o.wrong(name, "true or false")
		return nil
	}
	return &value
}

func (o object) isTrue(name string) bool {
	value := o.flag(name)
	return value != nil && *value
}

func (o object) isFalse(name string) bool {
	value := o.flag(name)
	return value != nil && !*value
}

func (o object) number(name string) *float64 {
	raw := o.member(name)
	var value float64
	switch {
	case raw == nil:
		return nil
	case json.Unmarshal(raw, &value) != nil:
		o.wrong(name, "a number")
		return nil
	}
	return &value
}

// count reads a whole number between lowest and the largest 32-bit integer.
func (o object) count(name string, lowest int) *int {
	raw := o.member(name)
	if raw == nil {
		return nil
	}
	var value float64
	err := json.Unmarshal(raw, &value)
	if err != nil || value != math.Trunc(value) || value < float64(lowest) || value > math.MaxInt32 {
		expected := "a whole number"
		if lowest == 0 {
			expected += " that is not negative"
		}
		o.wrong(name, expected)
		return nil
	}
	whole := int(value)
	return &whole
}

func (o object) instant(name string) (time.Time, bool) {
	if o.member(name) == nil {
		return time.Time{}, false
	}
	if text, ok := jsonText(o.member(name)); ok {
		if t, err := ParseInstant(text); err == nil {
			return t, true
		}
	}
	o.wrong(name, "an instant such as 2026-12-01T08:00:00Z")
	return time.Time{}, false
}

func (o object) requiredInstant(name string) (time.Time, bool) {
	if o.member(name) == nil {
		o.wrong(name, "an instant such as 2026-12-01T08:00:00Z")
	}
	return o.instant(name)
}

func (o object) date(name string) *Date {
	if o.member(name) == nil {
		return nil
	}
	if text, ok := jsonText(o.member(name)); ok {
		if date, err := ParseDate(text); err == nil {
			return &date
		}
	}
	o.wrong(name, "a date such as 2026-12-31")
	return nil
}

func (o object) duration(name string) *time.Duration {
	if o.member(name) == nil {
		return nil
	}
	if text, ok := jsonText(o.member(name)); ok {
		if d, err := time.ParseDuration(text); err == nil && d >= 0 {
			return &d
		}
	}
	o.wrong(name, "a duration that is not negative, such as 11h or 90m")
	return nil
}

// clock reads HH:MM as the time since midnight, 24:00 included.
func (o object) clock(name string) *time.Duration {
	if o.member(name) == nil {
		return nil
	}
	text, _ := jsonText(o.member(name))
	if len(text) == 5 && text[2] == ':' && digitsAt(text, 0, 3) {
		hours, minutes := twoDigits(text), twoDigits(text[3:])
		if minutes < 60 && (hours < 24 || hours == 24 && minutes == 0) {
			clock := time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute
			return &clock
		}
	}
	o.wrong(name, "a time of day from 00:00 to 24:00")
	return nil
}

// only reports every member whose name is not among the known ones: for
// objects in which a misspelt name must not go unnoticed.
func (o object) only(known ...string) {
	names := make(map[string]bool, len(known))
	for _, name := range known {
		names[name] = true
	}
	for _, name := range sortedKeys(o.fields) {
		if !names[name] {
			at := place{parent: o.at, name: name, index: -1}
			o.problem(at.String(), o.fields[name], "one of "+strings.Join(known, ", "))
		}
	}
}

// attributes reads an object of the integration's own making.
func (o object) attributes(name string) map[string]any {
	raw := o.member(name)
	if raw == nil {
		return nil
	}
	var attributes map[string]any
	if raw[0] != '{' || json.Unmarshal(raw, &attributes) != nil {
		o.wrong(name, "an object")
	}
	return attributes
}
