package eligibility

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// ErrUnreadableTime says that a text is none of the forms in which Shifts
// writes a point in time.
var ErrUnreadableTime = errors.New("not a point in time")

// ParseInstant reads an instant: RFC 3339 with upper-case T and Z, two-digit
// fields, a point before the fraction and an offset up to ±23:59. Digits after
// the ninth of the fraction are dropped, since Shifts sends seven and others
// have been seen to send more. The result is in UTC.
//
// time.Parse is not used on its own because its RFC 3339 layout also takes
// one-digit hours, a comma before the fraction and an offset of +24:00.
func ParseInstant(text string) (time.Time, error) {
	const date = "2006-01-02T15:04:05"
	if len(text) < len(date)+1 || text[10] != 'T' || !digitsAt(text, 11, 14, 17) {
		return time.Time{}, unreadable(text)
	}
	whole, rest := text[:len(date)], text[len(date):]
	nanos := 0
	if rest[0] == '.' {
		digits := 1
		for digits < len(rest) && isDigit(rest[digits]) {
			if digits <= 9 {
				nanos = nanos*10 + int(rest[digits]-'0')
			}
			digits++
		}
		if digits == 1 {
			return time.Time{}, unreadable(text)
		}
		for i := digits; i <= 9; i++ {
			nanos *= 10
		}
		rest = rest[digits:]
	}
	offset := time.Duration(0)
	if rest != "Z" {
		var ok bool
		if offset, ok = parseOffset(rest); !ok {
			return time.Time{}, unreadable(text)
		}
	}
	t, err := time.Parse(date, whole)
	if err != nil {
		return time.Time{}, unreadable(text)
	}
	return t.Add(time.Duration(nanos) - offset), nil
}

// parseOffset reads ±hh:mm up to ±23:59.
func parseOffset(text string) (time.Duration, bool) {
	if len(text) != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':' || !digitsAt(text, 1, 4) {
		return 0, false
	}
	hours, minutes := twoDigits(text[1:]), twoDigits(text[4:])
	if hours > 23 || minutes > 59 {
		return 0, false
	}
	offset := time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute
	if text[0] == '-' {
		offset = -offset
	}
	return offset, true
}

// ParseTime reads a point in time as it stands in an item's URL or header: an
// instant, or the US form that Shifts has been seen to send,
// "5/31/2030 11:00:00 PM +00:00": month, day and hour of one or two digits,
// hour 1 to 12, AM or PM in capitals. The result is in UTC.
func ParseTime(text string) (time.Time, error) {
	if t, err := ParseInstant(text); err == nil {
		return t, nil
	}
	const offset = len(" +00:00")
	if len(text) <= offset || text[len(text)-offset] != ' ' {
		return time.Time{}, unreadable(text)
	}
	local, zone := text[:len(text)-offset], text[len(text)-offset+1:]
	east, ok := parseOffset(zone)
	if !ok || !usForm(local) {
		return time.Time{}, unreadable(text)
	}
	t, err := time.Parse("1/2/2006 3:04:05 PM", local)
	if err != nil {
		return time.Time{}, unreadable(text)
	}
	return t.Add(-east), nil
}

// usForm refuses what time.Parse tolerates beside the US form: a fraction
// after the seconds, the hour 0, and more than one blank.
func usForm(text string) bool {
	const tail = "03:04:05 PM"
	if len(text) < len(tail) || strings.Contains(text, "  ") {
		return false
	}
	hour, clock := text[len(text)-len(tail):][:2], text[len(text)-len(tail)+2:]
	return clock[0] == ':' && clock[3] == ':' && clock[6] == ' ' && digitsAt(clock, 1, 4) &&
		hour != "00" && hour != " 0"
}

// unreadable cuts the text short: it comes from outside and ends in messages.
func unreadable(text string) error {
	return fmt.Errorf("%w: %.40q", ErrUnreadableTime, text)
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// digitsAt reports whether two digits stand at each of the positions.
func digitsAt(text string, positions ...int) bool {
	for _, i := range positions {
		if i+1 >= len(text) || !isDigit(text[i]) || !isDigit(text[i+1]) {
			return false
		}
	}
	return true
}

func twoDigits(text string) int { return int(text[0]-'0')*10 + int(text[1]-'0') }
