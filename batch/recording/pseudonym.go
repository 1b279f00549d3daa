package recording

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Pseudonyms gives ids, names and texts other ones: the same text always the
// same, so that what belonged together still does. They are keyed hashes
// (HMAC-SHA-256): without the key nobody can find what a pseudonym stands for;
// with it, whoever can list the possible ids or names can try them one by one.
// So the key belongs nowhere near the recording.
//
// What is kept is listed here, and everything else is replaced: member names,
// numbers that are no ids, instants, dates, times and durations, time zones,
// the words of the protocol (methods, states, themes and so on), the codes of
// errors, and the prefix that tells the kind of an id. A GUID becomes a GUID.
// Ids that differ in letter case alone still do, since those of users are
// compared without it.
type Pseudonyms struct{ key []byte }

const pseudonymKeySize = 32

// NewPseudonyms has a key of its own, which nobody else will ever know.
func NewPseudonyms() *Pseudonyms {
	key := make([]byte, pseudonymKeySize)
	_, _ = rand.Read(key) // never fails
	return &Pseudonyms{key}
}

// OpenPseudonyms has the key that is in a file, in hexadecimal, so that a
// recording can be continued. A file that is not there is made, for its owner's
// eyes only.
func OpenPseudonyms(file string) (*Pseudonyms, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		p := NewPseudonyms()
		return p, os.WriteFile(file, []byte(hex.EncodeToString(p.key)+"\n"), 0o600)
	}
	if err != nil {
		return nil, err
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(key) != pseudonymKeySize {
		return nil, fmt.Errorf("%s: found something else, expected a key of %d hexadecimal digits", file, 2*pseudonymKeySize)
	}
	return &Pseudonyms{key}, nil
}

// What is said of a text that may be an id.
var (
	idPrefix = regexp.MustCompile(`(?i)^(?:SHFT|OPNSHFT|SREQ|TAG|TOR|WFI|SHPR)_`)
	guid     = regexp.MustCompile(`(?i)^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
)

// ID is the pseudonym of an id. The empty id has none.
func (p *Pseudonyms) ID(id string) string {
	prefix := idPrefix.FindString(id)
	rest := id[len(prefix):]
	if rest == "" {
		return id
	}
	hash := p.hash("id", strings.ToLower(rest))
	pseudonym := hex.EncodeToString(hash[:10])
	if guid.MatchString(rest) {
		hash[6], hash[8] = hash[6]&0x0f|0x40, hash[8]&0x3f|0x80 // of a random GUID: RFC 9562, section 5.4
		digits := hex.EncodeToString(hash[:16])
		pseudonym = strings.Join([]string{digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]}, "-")
	}
	if rest != strings.ToLower(rest) {
		pseudonym = strings.ToUpper(pseudonym)
	}
	return prefix + pseudonym
}

func (p *Pseudonyms) hash(class, text string) []byte {
	mac := hmac.New(sha256.New, p.key)
	mac.Write([]byte(class + "\x00" + text))
	return mac.Sum(nil)
}

// called is the pseudonym of a text that is no id, behind a word that says what
// it is.
func (p *Pseudonyms) called(what, text string) string {
	if strings.TrimSpace(text) == "" {
		return text
	}
	return what + " " + hex.EncodeToString(p.hash(what, text)[:6])
}

// Document is a JSON document with pseudonyms, such as a team file.
func (p *Pseudonyms) Document(data []byte) ([]byte, error) {
	v, err := parse(data)
	if err != nil {
		return nil, err
	}
	return p.value(v).indented(), nil
}

func (p *Pseudonyms) value(v *value) *value {
	c := v.replaced(nil, p.leaf)
	p.members("", c)
	return c
}

// members gives pseudonyms to names of members that are ids: a team file has
// balances and limits by time-off reason.
func (p *Pseudonyms) members(within string, v *value) {
	for i, item := range v.items {
		name := within
		if v.kind == '{' {
			name = v.names[i]
			if looksLikeID(name) || !aName.MatchString(name) || within == "balances" || within == "timeOffReasons" && item.kind == '{' && v.member("id") == nil {
				v.names[i] = p.ID(name)
			}
		}
		p.members(name, item)
	}
}

// The values that are kept.
var (
	aTime = regexp.MustCompile(`^(?:` + strings.Join([]string{
		`\d{4}-\d{2}-\d{2}(?:[Tt ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,12})?)?(?:[Zz]|[+-]\d{2}:?\d{2})?)?`,
		`\d{1,2}/\d{1,2}/\d{4}(?: \d{1,2}:\d{2}(?::\d{2})?(?: [AaPp][Mm])?(?: [+-]\d{2}:\d{2})?)?`,
		`\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,12})?)?`,
		`(?:\d{1,9}(?:\.\d{1,9})?(?:h|m|s|ms))+`,
	}, "|") + `)$`)
	aWord    = regexp.MustCompile(`^\s*[A-Za-z][A-Za-z0-9_/+-]{0,40}\s*$`)
	aName    = regexp.MustCompile(`^@?[A-Za-z_][A-Za-z0-9_.-]{0,60}(?:@odata\.[A-Za-z]+)?$`)
	aCode    = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,64}$`)
	aCounter = regexp.MustCompile(`^\d{1,4}$`)
	aLiteral = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'`)
	anID     = regexp.MustCompile(`(?i)\b(?:SHFT|OPNSHFT|SREQ|TAG|TOR|WFI|SHPR)_|[0-9a-f]{8}-[0-9a-f]{4}-`)
)

// words are the members that hold words of the protocol, in lower case.
var words = []string{
	"method", "state", "assignedto", "theme", "icontype", "timezone", "startdayofweek", "requesttype", "confirmedby",
	"type", "index", "daysofweek", "firstdayofweek", "contenttype", "managerchanges",
}

func looksLikeID(text string) bool { return idPrefix.MatchString(text) || guid.MatchString(text) }

// leaf replaces a value that has no items.
func (p *Pseudonyms) leaf(names []string, v *value) *value {
	name, within := strings.ToLower(nameAt(names, 1)), nameAt(names, 2)
	isID := strings.HasSuffix(name, "id") || strings.HasSuffix(name, "ids") || name == "data"
	switch {
	case v.isText():
		return textValue(p.text(names, name, within, isID, v.text))
	case isID && v.text != "null" && v.text != "true" && v.text != "false":
		return &value{text: strconv.FormatUint(uint64(binary.BigEndian.Uint32(p.hash("number", v.text))), 10)}
	}
	return v
}

func (p *Pseudonyms) text(names []string, name, within string, isID bool, text string) string {
	switch {
	case name == "url":
		return p.URL(text)
	case name == "etag":
		return p.called("eTag", text)
	case within == "error" && (name == "code" && aCode.MatchString(text) && !anID.MatchString(text)):
		return text
	case within == "error" && text != "":
		return Text
	case within == "custom" && name == "id" && aCode.MatchString(text): // the code of a refusal
		return text
	case within == "custom" && name == "expr":
		return aLiteral.ReplaceAllStringFunc(text, p.literal)
	case name == "x-ms-transaction-id" && aCounter.MatchString(text):
		return text
	case isID || looksLikeID(text):
		return p.ID(text)
	case aTime.MatchString(text):
		return text
	case slices.Contains(words, name) && aWord.MatchString(text) && !slices.Contains(names, "attributes"):
		return text
	case name == "displayname":
		return p.called("Name", text)
	}
	return p.called("Text", text)
}

// literal replaces a text in an expression as it is replaced where the
// expression looks for it.
func (p *Pseudonyms) literal(quoted string) string {
	text := quoted[1 : len(quoted)-1]
	if aTime.MatchString(text) || slices.Contains([]string{"SwapRequest", "OfferShiftRequest", "OpenShiftRequest"}, text) {
		return quoted
	}
	return quoted[:1] + p.text(nil, "", "", false, text) + quoted[:1]
}

func nameAt(names []string, fromEnd int) string {
	if len(names) < fromEnd {
		return ""
	}
	return names[len(names)-fromEnd]
}

// segments are the words of paths, in lower case.
var segments = []string{
	"connect", "teams", "team", "users", "read", "update", "shifts", "openshifts", "swaprequests",
	"swapshiftschangerequests", "offershiftrequests", "openshiftrequests", "openshiftchangerequests",
	"timeoffrequests", "timesoff", "timeoffreasons", "timecards", "settings", "shiftpreferences", "requestableshifts",
}

// withoutID are those that no id follows.
var withoutID = []string{"connect", "read", "update", "settings", "shiftpreferences", "requestableshifts"}

// parameterNames are those of the queries that are known, in lower case.
var parameterNames = []string{"requesttype", "starttime", "endtime", "startdatetime", "enddatetime"}

// URL is the address of an item, or a path, with pseudonyms for everything but
// the words of the protocol and times. It need not be a valid URL.
func (p *Pseudonyms) URL(raw string) string {
	path, query, hasQuery := strings.Cut(raw, "?")
	parts := strings.Split(path, "/")
	idFollows := false
	for i, part := range parts {
		word := strings.ToLower(unescaped(part))
		switch {
		case part == "":
		case idFollows || !slices.Contains(segments, word):
			parts[i], idFollows = p.ID(unescaped(part)), false
		default:
			idFollows = !slices.Contains(withoutID, word)
		}
	}
	path = strings.Join(parts, "/")
	if !hasQuery {
		return path
	}
	parameters := strings.Split(query, "&")
	for i, parameter := range parameters {
		name, value, hasValue := strings.Cut(parameter, "=")
		kept := unescaped(value)
		if !aTime.MatchString(kept) && !(strings.EqualFold(name, "requestType") && aWord.MatchString(kept)) {
			value = p.ID(kept)
		}
		if !slices.Contains(parameterNames, strings.ToLower(unescaped(name))) {
			name = p.ID(name)
		}
		parameters[i] = name
		if hasValue {
			parameters[i] += "=" + value
		}
	}
	return path + "?" + strings.Join(parameters, "&")
}

func unescaped(text string) string {
	if plain, err := url.PathUnescape(text); err == nil {
		return plain
	}
	return text
}
