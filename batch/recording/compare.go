package recording

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// The matchers: what may stand in an expected answer in the place of a value.
const (
	// Any matches everything, also a member that is not there.
	Any = "<any>"

	// Text matches every text but the empty one.
	Text = "<text>"

	// IDs matches every list of texts, also the empty one.
	IDs = "<ids>"

	// Set, as the first element of a list, matches a list that has the other
	// elements in any order.
	Set = "<set>"
)

// Difference is one place where an answer is not as expected.
type Difference struct {
	// Path leads there: member names joined by points, elements in brackets,
	// those of "responses" by their ids; "status" alone is the HTTP status.
	Path string `json:"path"`

	// Want and Got are JSON texts, or Absent.
	Want string `json:"want"`
	Got  string `json:"got"`
}

// Absent stands in a [Difference] for what is not there.
const Absent = "nothing"

// Compare says where the answer got is not as want expects, in the order of
// want; nil means nowhere. Both are JSON. Responses are paired by their ids,
// whatever their order, as Shifts does. An eTag need only be a text where one
// is expected, and, unless messages is set, so does the message of an error:
// it is language.
func Compare(want, got []byte, messages bool) ([]Difference, error) {
	w, err := parse(want)
	if err != nil {
		return nil, fmt.Errorf("the expected answer is %w", err)
	}
	g, err := parse(got)
	if err != nil {
		return nil, fmt.Errorf("the answer is %w", err)
	}
	return comparison{messages}.differences("", w, g), nil
}

type comparison struct {
	messages bool // are compared letter by letter
}

// differences compares two values, of which either may be missing (nil).
func (c comparison) differences(path string, want, got *value) []Difference {
	if c.matches(path, want, got) {
		return nil
	}
	var all []Difference
	switch {
	case want == nil || got == nil || want.kind != got.kind || want.kind == 0 || want.kind == '"':
		return []Difference{{strings.TrimPrefix(path, "."), shown(want), shown(got)}}
	case isSet(want):
		return c.setDifferences(path, want.items[1:], got.items)
	case path == ".responses" && want.kind == '[':
		for _, p := range pair(want.items, got.items) {
			all = append(all, c.differences(fmt.Sprintf("%s[%s]", path, p.id), p.want, p.got)...)
		}
	case want.kind == '[':
		for i := range max(len(want.items), len(got.items)) {
			all = append(all, c.differences(fmt.Sprintf("%s[%d]", path, i), at(want.items, i), at(got.items, i))...)
		}
	default:
		for _, name := range union(want.names, got.names) {
			all = append(all, c.differences(path+"."+name, want.member(name), got.member(name))...)
		}
	}
	return all
}

// matches decides what needs no look inside.
func (c comparison) matches(path string, want, got *value) bool {
	if want == nil || got == nil {
		return want.string() == Any
	}
	switch want.string() {
	case Any:
		return true
	case Text:
		return got.string() != ""
	case IDs:
		return got.kind == '[' && !slices.ContainsFunc(got.items, func(v *value) bool { return !v.isText() })
	}
	if c.isLoose(path) && want.string() != "" {
		return got.string() != ""
	}
	return want.kind == got.kind && (want.kind == 0 || want.kind == '"') && want.text == got.text
}

// isLoose reports whether one text is as good as another there.
func (c comparison) isLoose(path string) bool {
	return strings.HasSuffix(path, ".body.eTag") || !c.messages && strings.HasSuffix(path, ".error.message")
}

func isSet(v *value) bool {
	return v.kind == '[' && len(v.items) > 0 && v.items[0].string() == Set
}

// setDifferences takes every element that is found out of what was got.
func (c comparison) setDifferences(path string, want, got []*value) []Difference {
	var missing []Difference
	left := slices.Clone(got)
	for _, w := range want {
		i := slices.IndexFunc(left, func(g *value) bool { return c.differences(path, w, g) == nil })
		if i < 0 {
			missing = append(missing, Difference{strings.TrimPrefix(path, "."), shown(w), Absent})
			continue
		}
		left = slices.Delete(left, i, i+1)
	}
	for _, g := range left {
		missing = append(missing, Difference{strings.TrimPrefix(path, "."), Absent, shown(g)})
	}
	return missing
}

// A pairing is an expected response and the one that came for the same id.
type pairing struct {
	id        string
	want, got *value // one of them may be nil
}

// pair finds for every expected response the one with its id: of several, the
// first the first, and so on. Those that nobody expected come last.
func pair(want, got []*value) []pairing {
	pairs := make([]pairing, 0, len(want))
	waiting := map[string][]int{} // pairs without a response
	for _, w := range want {
		id := idOf(w)
		waiting[id] = append(waiting[id], len(pairs))
		pairs = append(pairs, pairing{id: id, want: w})
	}
	for _, g := range got {
		id := idOf(g)
		if list := waiting[id]; len(list) > 0 {
			pairs[list[0]].got, waiting[id] = g, list[1:]
			continue
		}
		pairs = append(pairs, pairing{id: id, got: g})
	}
	return pairs
}

func idOf(response *value) string {
	id := response.member("id")
	if id == nil {
		return "no id"
	}
	if id.isText() {
		return id.text
	}
	return string(id.json())
}

// update is got with the matchers of want where they match, and with texts
// that are language or chance made into matchers, so that the next answer is
// compared by what matters.
func (c comparison) update(path string, want, got *value) *value {
	if want != nil && c.differences(path, want, got) == nil {
		return want
	}
	updated := &value{kind: got.kind, text: got.text, names: got.names}
	switch {
	case c.isLoose(path) && got.string() != "":
		return textValue(Text)
	case path == ".responses" && got.kind == '[' && want != nil && want.kind == '[':
		partner := map[*value]*value{}
		for _, p := range pair(want.items, got.items) {
			partner[p.got] = p.want
		}
		for _, item := range got.items {
			updated.items = append(updated.items, c.update(path+"[]", partner[item], item))
		}
	case got.kind == '[' && want != nil && isSet(want):
		updated.items = append([]*value{textValue(Set)}, got.items...)
	case got.kind == '[':
		for i, item := range got.items {
			updated.items = append(updated.items, c.update(path+"[]", at(want.list(), i), item))
		}
	case got.kind == '{':
		for i, name := range got.names {
			updated.items = append(updated.items, c.update(path+"."+name, want.member(name), got.items[i]))
		}
	}
	return updated
}

func at(items []*value, i int) *value {
	if i >= len(items) {
		return nil
	}
	return items[i]
}

func union(a, b []string) []string {
	var names []string
	for _, name := range slices.Concat(a, b) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// maxShown bounds what a difference shows of a value, in bytes.
const maxShown = 300

func shown(v *value) string {
	if v == nil {
		return Absent
	}
	text := string(v.json())
	if len(text) > maxShown {
		return strings.ToValidUTF8(text[:maxShown], "") + "... (" + strconv.Itoa(len(text)) + " bytes)"
	}
	return text
}
