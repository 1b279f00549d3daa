package eligibility

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
)

// The functions here change single members of a JSON object and leave all
// others, known or not, as and where they are.

// objectMembers reads an object's members in their order. Of a name that stands
// there twice the last value counts, as it does for whoever decoded the object.
func objectMembers(object json.RawMessage) ([]member, error) {
	var members []member
	decoder := json.NewDecoder(bytes.NewReader(object))
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return nil, errNoObject
	}
	at := map[string]int{}
	err := readMembers(decoder, func(m member) error {
		if i, ok := at[m.name]; ok {
			members[i] = m
			return nil
		}
		at[m.name] = len(members)
		members = append(members, m)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return members, nil
}

// readMembers visits the members of an object whose opening brace was read, in
// their order, up to and including its end. An error of visit ends it.
func readMembers(decoder *json.Decoder, visit func(member) error) error {
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return err
		}
		m := member{name: token.(string)}
		if err := decoder.Decode(&m.value); err != nil {
			return err
		}
		if err := visit(m); err != nil {
			return err
		}
	}
	_, err := decoder.Token()
	return err
}

var errNoObject = errors.New("not a JSON object")

// withMember gives the object with a member set; a new one comes last.
func withMember(object json.RawMessage, name string, value any) (json.RawMessage, error) {
	members, err := objectMembers(object)
	if err != nil {
		return nil, err
	}
	encoded, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(members, func(m member) bool { return m.name == name })
	if i < 0 {
		members = append(members, member{name: name})
		i = len(members) - 1
	}
	members[i].value = encoded
	return writeMembers(members), nil
}

// withMembersOf gives the object with those members of another that it lacks
// or has as null, of all names or only of those given.
func withMembersOf(other, object json.RawMessage, names ...string) (json.RawMessage, error) {
	members, err := objectMembers(object)
	if err != nil {
		return nil, err
	}
	others, err := objectMembers(other)
	if err != nil {
		return nil, err
	}
	at := make(map[string]int, len(members))
	for i, m := range members {
		at[m.name] = i
	}
	for _, m := range others {
		if len(names) > 0 && !slices.Contains(names, m.name) {
			continue
		}
		if i, ok := at[m.name]; !ok {
			members = append(members, m)
		} else if string(members[i].value) == "null" {
			members[i].value = m.value
		}
	}
	return writeMembers(members), nil
}

// memberOf gives one member; nil if it is not there.
func memberOf(object json.RawMessage, name string) json.RawMessage {
	members, _ := objectMembers(object)
	for _, m := range members {
		if m.name == name {
			return m.value
		}
	}
	return nil
}

// withID gives the object in compact form with the id set if it has none. One
// that has a name twice is refused: which of the two is meant, nobody knows.
func withID(object json.RawMessage, id string) (json.RawMessage, error) {
	members, err := documentMembers(object)
	if err != nil {
		return nil, err
	}
	encoded, err := json.Marshal(id)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(members, func(m member) bool { return m.name == "id" })
	switch {
	case i < 0:
		members = slices.Insert(members, 0, member{"id", encoded})
	case string(members[i].value) == "null" || string(members[i].value) == `""`:
		members[i].value = encoded
	}
	return writeMembers(members), nil
}

func writeMembers(members []member) json.RawMessage {
	object := bytes.NewBufferString("{")
	for i, m := range members {
		if i > 0 {
			object.WriteByte(',')
		}
		name, _ := json.Marshal(m.name) // a string never fails
		object.Write(name)
		object.WriteByte(':')
		if json.Compact(object, m.value) != nil {
			object.WriteString("null") // members come from documents that were read
		}
	}
	object.WriteByte('}')
	return object.Bytes()
}

// rawMember is a member's value for encoding again; null if it is not there.
func rawMember(value json.RawMessage) json.RawMessage {
	if len(value) == 0 {
		return json.RawMessage("null")
	}
	return value
}
