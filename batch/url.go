package batch

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// URL is the address of an item: a path and perhaps a query. Shifts does not
// always send what net/url would accept: the leading slash may be missing, and
// dates in the query may stand there unencoded, with blanks, slashes, colons
// and plus signs ("5/31/2030 11:00:00 PM +00:00").
//
// So there is no invalid URL. The query begins at the first "?", its
// parameters are parted by "&", and a value by the first "=" from its name. A
// plus sign is a plus sign. Percent-escapes are decoded; one that is broken
// stays as it is, and so does a text whose decoded form is not UTF-8.
type URL struct {
	path, query string
}

// ParseURL splits raw. The zero URL is the one of "".
func ParseURL(raw string) URL {
	path, query, _ := strings.Cut(raw, "?")
	return URL{path, query}
}

// Match compares the path with a pattern such as
// "shifts/{id}/requestableShifts", segment by segment, and returns the segment
// in the place of {id}; a pattern may do without {id}, then the id is "". The
// other segments are compared without regard to letter case, because the
// casing that Shifts uses differs from that of the Graph reference. Leading,
// trailing and doubled slashes do not count. The id is as it came, but for
// percent-escapes, and never empty where the pattern has one.
func (u URL) Match(pattern string) (id string, ok bool) {
	path := u.path
	for {
		var want, segment string
		want, pattern = cutSegment(pattern)
		segment, path = cutSegment(path)
		switch {
		case want == "" && segment == "":
			return id, true
		case want == "" || segment == "":
			return "", false
		case want == "{id}":
			id = unescape(segment)
		case !strings.EqualFold(want, unescape(segment)):
			return "", false
		}
	}
}

// Query returns the value of the first of the names that has one which is not
// empty, or "". Parameters are known under several names: Microsoft's article
// has startTime where the Graph reference has startDateTime. Names are compared
// without regard to letter case; of several values of one name the first that
// is not empty counts.
func (u URL) Query(names ...string) string {
	for _, want := range names {
		for parameter := range strings.SplitSeq(u.query, "&") {
			name, value, _ := strings.Cut(parameter, "=")
			if value != "" && strings.EqualFold(want, unescape(name)) {
				return unescape(value)
			}
		}
	}
	return ""
}

func cutSegment(path string) (segment, rest string) {
	segment, rest, _ = strings.Cut(strings.TrimLeft(path, "/"), "/")
	return segment, rest
}

func unescape(s string) string {
	var decoded strings.Builder
	rest := s
	for {
		before, after, found := strings.Cut(rest, "%")
		decoded.WriteString(before)
		if !found {
			break
		}
		rest = after
		if len(after) >= 2 {
			if c, err := strconv.ParseUint(after[:2], 16, 8); err == nil {
				decoded.WriteByte(byte(c))
				rest = after[2:]
				continue
			}
		}
		decoded.WriteByte('%')
	}
	if !utf8.ValidString(decoded.String()) {
		return s
	}
	return decoded.String()
}
