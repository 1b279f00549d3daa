package batch

import (
	"bytes"
	"encoding/json"
	"iter"
	"unicode/utf8"
)

// The functions in this file find their way in JSON that validate has passed,
// without copying: each value is the part of the text where it stands. So an id
// is given back as it came, and a body is decoded once, by who knows its type.

var byteOrderMark = []byte("\uFEFF")

// validate returns the one value that data holds; blanks may follow it.
// Everything below is for values that came from here.
func validate(data []byte) ([]byte, error) {
	data = bytes.TrimPrefix(data, byteOrderMark)
	if !utf8.Valid(data) || !json.Valid(data) {
		return nil, ErrNotJSON
	}
	return trim(data), nil
}

// kind is the first byte of value, which tells its type: one of { [ " t f n, a
// digit or a minus sign. It is 0 for no value.
func kind(value []byte) byte {
	if len(value) == 0 {
		return 0
	}
	return value[0]
}

// text is the string that value holds, "" if it holds something else.
func text(value []byte) string {
	if kind(value) != '"' {
		return ""
	}
	if bytes.IndexByte(value, '\\') < 0 {
		return string(value[1 : len(value)-1])
	}
	var s string
	if err := json.Unmarshal(value, &s); err != nil {
		panic(err) // it is valid
	}
	return s
}

// unquote is text for the names of members: most of them are plain, and
// comparing their bytes copies nothing.
func unquote(name []byte) []byte {
	if bytes.IndexByte(name, '\\') >= 0 {
		return []byte(text(name))
	}
	return name[1 : len(name)-1]
}

// member is the last member of that name of object, nil if object has none or
// is no object.
func member(object []byte, name string) []byte {
	if kind(object) != '{' {
		return nil
	}
	var found []byte
	for n, value := range members(object) {
		if string(n) == name {
			found = value
		}
	}
	return found
}

// members iterates over the names, unquoted, and values of an object.
func members(object []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(name, value []byte) bool) {
		var name, value []byte
		for rest := trim(object[1:]); rest[0] != '}'; {
			name, rest = cut(rest)
			value, rest = cut(rest)
			if !yield(unquote(name), value) {
				return
			}
		}
	}
}

// elements iterates over the values of an array.
func elements(array []byte) iter.Seq[[]byte] {
	return func(yield func(value []byte) bool) {
		var value []byte
		for rest := trim(array[1:]); rest[0] != ']'; {
			value, rest = cut(rest)
			if !yield(value) {
				return
			}
		}
	}
}

// trim removes blanks and separators from the front: in valid JSON a separator
// is always where it belongs.
func trim(b []byte) []byte {
	for i, c := range b {
		switch c {
		case ' ', '\t', '\r', '\n', ',', ':':
		default:
			return b[i:]
		}
	}
	return nil
}

// cut splits b, which begins with a value, after that value.
func cut(b []byte) (value, rest []byte) {
	n := valueSize(b)
	return b[:n:n], trim(b[n:])
}

// valueSize is the length of the value that b begins with.
func valueSize(b []byte) int {
	switch b[0] {
	case '"':
		return stringSize(b)
	case '{', '[':
	default: // a number or a word
		if n := bytes.IndexAny(b, ",]} \t\r\n"); n >= 0 {
			return n
		}
		return len(b)
	}
	depth := 0
	for i := 0; ; i++ {
		switch b[i] {
		case '"':
			i += stringSize(b[i:]) - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
}

func stringSize(b []byte) int {
	for i := 1; ; i++ {
		i += bytes.IndexByte(b[i:], '"')
		escapes := 0
		for b[i-1-escapes] == '\\' {
			escapes++
		}
		if escapes%2 == 0 {
			return i + 1
		}
	}
}
