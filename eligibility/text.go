package eligibility

import (
	"maps"
	"slices"
	"strings"
	"unique"
)

// foldUser makes user ids comparable: they differ in nothing but ASCII case
// when they mean the same person, since Shifts and Graph write the same
// directory id in either.
func foldUser(id string) string {
	for i := range len(id) {
		if 'A' <= id[i] && id[i] <= 'Z' {
			return asciiLower(id)
		}
	}
	return id
}

func asciiLower(text string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, text)
}

// A user is a folded user id, interned: comparing two costs no look at the text.
type user = unique.Handle[string]

func userOf(id string) user { return unique.Make(foldUser(id)) }

// nobody owns what has no owner.
var nobody = userOf("")

// foldEnum makes values of Shifts' own enums comparable: callbacks write
// "Pending", Graph "pending", and "declined " has been seen.
func foldEnum(value string) string {
	return asciiLower(strings.Trim(value, " \t\r\n"))
}

func sortedKeys[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}
