package eligibility

import (
	"encoding/json"
	"slices"
	"strings"
)

// Callbacks and Microsoft Graph write the same entity in different ways. The
// functions here tell what differs from what is merely written differently.

// completed gives an entity as Graph lists it with those members of the known
// one that it does not name. A draft and a shared part that are not named are
// not there: Graph itself writes null, but may not always.
func completed(listed, known json.RawMessage, kind Kind) json.RawMessage {
	members, _ := objectMembers(listed) // both were decoded before
	members = slices.DeleteFunc(members, func(m member) bool { return strings.HasPrefix(m.name, "@odata.") })
	others, _ := objectMembers(known)
	shared, draft := partNames(kind)
	for _, m := range others {
		named := slices.ContainsFunc(members, func(have member) bool { return have.name == m.name })
		if !named && m.name != shared && m.name != draft {
			members = append(members, m)
		}
	}
	return writeMembers(members)
}

// bookkeeping are members that say who touched an entity and when: they do not
// make two entities different.
var bookkeeping = []string{"createdBy", "createdDateTime", "lastModifiedBy", "lastModifiedDateTime", "eTag", "@odata.etag"}

// sameEntity reports whether two forms of an entity say the same.
func sameEntity(a, b json.RawMessage) bool {
	var x, y map[string]any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && sameMembers(x, y)
}

func sameMembers(a, b map[string]any) bool {
	holds := func(name string, x, y any) bool {
		return slices.Contains(bookkeeping, name) || sameValue(plain(name, x), plain(name, y))
	}
	for name, x := range a {
		if !holds(name, x, b[name]) {
			return false
		}
	}
	for name, y := range b {
		if _, both := a[name]; !both && !holds(name, nil, y) {
			return false
		}
	}
	return true
}

func sameValue(a, b any) bool {
	switch a := a.(type) {
	case map[string]any:
		b, ok := b.(map[string]any)
		return ok && sameMembers(a, b)
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, sameValue)
	case string:
		b, ok := b.(string)
		return ok && (a == b || sameInstant(a, b))
	}
	return a == b
}

// plain is a member's value in the form that both sides have in common. What
// is absent, null, empty or the default is nil.
func plain(name string, value any) any {
	switch value := value.(type) {
	case string:
		return plainText(name, value)
	case bool:
		byDefault := name == "isActive" || name == "isPaid"
		if value == byDefault && (byDefault || name == "isStagedForDeletion") {
			return nil
		}
	case []any:
		if len(value) == 0 {
			return nil
		}
		if name == "userIds" {
			return plainUsers(value)
		}
	}
	return value
}

func plainText(name, text string) any {
	switch {
	case text == "":
		return nil
	case name == "theme" || name == "iconType" || name == "state" || name == "assignedTo":
		return foldEnum(text)
	case strings.HasSuffix(strings.ToLower(name), "userid"): // also senderUserId
		return foldUser(text)
	}
	return text
}

// plainUsers are a group's members as a set.
func plainUsers(ids []any) any {
	var users []string
	for _, id := range ids {
		if text, ok := id.(string); ok && text != "" {
			users = append(users, foldUser(text))
		}
	}
	slices.Sort(users)
	return strings.Join(slices.Compact(users), "\x00")
}

func sameInstant(a, b string) bool {
	x, errX := ParseInstant(a)
	y, errY := ParseInstant(b)
	return errX == nil && errY == nil && x.Equal(y)
}
