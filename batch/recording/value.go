package recording

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
)

// A value is a JSON value as it stands in a file: members keep their order and
// numbers their digits, so that a file that is written again changes only where
// it is meant to.
type value struct {
	kind  byte     // { [ or " and 0 for everything else
	text  string   // of a string; of everything else that has no items as it is written
	names []string // of an object, one for each item
	items []*value
}

var errNotJSON = errors.New("not JSON")

// parse reads the one value that data holds. A byte order mark in front is
// tolerated, as everywhere in batches.
func parse(data []byte) (*value, error) {
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	if !json.Valid(data) { // also bounds how deep values are nested
		return nil, errNotJSON
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	return read(decoder)
}

func read(d *json.Decoder) (*value, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch token := token.(type) {
	case string:
		return textValue(token), nil
	case json.Number:
		return &value{text: token.String()}, nil
	case bool:
		return &value{text: strconv.FormatBool(token)}, nil
	case json.Delim:
		return readItems(d, &value{kind: byte(token)})
	default:
		return &value{text: "null"}, nil
	}
}

func readItems(d *json.Decoder, v *value) (*value, error) {
	for d.More() {
		if v.kind == '{' {
			name, err := d.Token()
			if err != nil {
				return nil, err
			}
			v.names = append(v.names, name.(string))
		}
		item, err := read(d)
		if err != nil {
			return nil, err
		}
		v.items = append(v.items, item)
	}
	_, err := d.Token() // the bracket that closes it
	return v, err
}

func textValue(text string) *value { return &value{kind: '"', text: text} }

// isText reports whether v is a string. There may be no v at all.
func (v *value) isText() bool { return v != nil && v.kind == '"' }

// string is the text of a string, "" if v is none.
func (v *value) string() string {
	if !v.isText() {
		return ""
	}
	return v.text
}

// member is the last member of that name, nil if v has none or is no object.
func (v *value) member(name string) *value {
	if v == nil || v.kind != '{' {
		return nil
	}
	for i, n := range slices.Backward(v.names) {
		if n == name {
			return v.items[i]
		}
	}
	return nil
}

// list is the items of a list, nil if v is none.
func (v *value) list() []*value {
	if v == nil || v.kind != '[' {
		return nil
	}
	return v.items
}

// set gives an object a member, in the place of the last that has its name, or
// takes it away if item is nil.
func (v *value) set(name string, item *value) {
	for i, n := range slices.Backward(v.names) {
		if n != name {
			continue
		}
		if item == nil {
			v.names, v.items = slices.Delete(v.names, i, i+1), slices.Delete(v.items, i, i+1)
			return
		}
		v.items[i] = item
		return
	}
	if item != nil {
		v.names, v.items = append(v.names, name), append(v.items, item)
	}
}

// replaced is a copy of v in which each gives what is in the place of every
// value that has no items. The names of the members that lead there come with
// it, the innermost last; elements of a list go by the name of the list.
func (v *value) replaced(names []string, each func(names []string, v *value) *value) *value {
	if v.kind != '{' && v.kind != '[' {
		return each(names, v)
	}
	c := &value{kind: v.kind, names: slices.Clone(v.names), items: make([]*value, len(v.items))}
	for i, item := range v.items {
		below := names
		if v.kind == '{' {
			below = append(slices.Clip(names), v.names[i])
		}
		c.items[i] = item.replaced(below, each)
	}
	return c
}

// json writes v on one line.
func (v *value) json() []byte { return v.append(nil) }

// indented writes v as it stands in a file.
func (v *value) indented() []byte {
	var b bytes.Buffer
	_ = json.Indent(&b, v.json(), "", " ") // it is valid
	b.WriteByte('\n')
	return b.Bytes()
}

func (v *value) append(b []byte) []byte {
	switch v.kind {
	case 0:
		return append(b, v.text...)
	case '"':
		return appendText(b, v.text)
	}
	b = append(b, v.kind)
	for i, item := range v.items {
		if i > 0 {
			b = append(b, ',')
		}
		if v.kind == '{' {
			b = append(appendText(b, v.names[i]), ':')
		}
		b = item.append(b)
	}
	return append(b, v.kind+2) // the closing bracket is two after the opening one
}

func appendText(b []byte, text string) []byte {
	var quoted bytes.Buffer
	encoder := json.NewEncoder(&quoted)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(text) // a string can always be encoded
	return append(b, bytes.TrimSpace(quoted.Bytes())...)
}
