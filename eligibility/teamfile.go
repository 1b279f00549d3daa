package eligibility

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// A TeamFile is a team taken apart: what a store keeps entity by entity, and
// what MarshalJSON puts together again as the JSON document it came from.
type TeamFile struct {
	// Frame is the document with its lists emptied: the team itself, its
	// policy, and whatever members nobody here knows, in their order.
	Frame json.RawMessage
	// Entities are the elements of the lists.
	Entities []Entity
}

// splitTeamFile takes the document apart without looking into the entities.
// Their IDs are not set yet.
func splitTeamFile(data []byte) (TeamFile, error) {
	var file TeamFile
	members, err := documentMembers(data)
	if err != nil {
		return file, err
	}
	for i, m := range members {
		kind := Kind(m.name)
		if !slices.Contains(Kinds, kind) || string(m.value) == "null" {
			continue
		}
		elements, err := listElements(m)
		if err != nil {
			return file, err
		}
		for position, element := range elements {
			file.Entities = append(file.Entities, Entity{Kind: kind, Position: int64(position), JSON: element})
		}
		members[i].value = json.RawMessage("[]")
	}
	file.Frame = writeMembers(members)
	return file, nil
}

type member struct {
	name  string
	value json.RawMessage
}

// documentMembers reads the top level of a document in its order. A name that
// stands there twice is refused: half of the file would be lost silently.
func documentMembers(data []byte) ([]member, error) {
	notJSON := func(err error) error {
		return FieldErrors{{Path: "document", Found: err.Error(), Expected: "one JSON object"}}
	}
	decoder := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))))
	if token, err := decoder.Token(); err != nil {
		return nil, notJSON(err)
	} else if token != json.Delim('{') {
		return nil, FieldErrors{{Path: "document", Found: fmt.Sprintf("%.40q", fmt.Sprint(token)), Expected: "one JSON object"}}
	}
	var members []member
	seen := map[string]bool{}
	err := readMembers(decoder, func(m member) error {
		if seen[m.name] {
			return FieldErrors{{Path: m.name, Found: "it twice", Expected: "it once"}}
		}
		seen[m.name] = true
		members = append(members, m)
		return nil
	})
	if errors.As(err, new(FieldErrors)) {
		return nil, err
	}
	if err != nil {
		return nil, notJSON(err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, FieldErrors{{Path: "document", Found: "more after its end", Expected: "one JSON object"}}
	}
	return members, nil
}

// listElements gives each element in compact form.
func listElements(m member) ([]json.RawMessage, error) {
	var elements []json.RawMessage
	if m.value[0] != '[' || json.Unmarshal(m.value, &elements) != nil {
		d := &decoder{}
		d.problem(m.name, m.value, "a list")
		return nil, d.err()
	}
	for i, element := range elements {
		var compact bytes.Buffer
		compact.Grow(len(element))
		if err := json.Compact(&compact, element); err != nil {
			return nil, err
		}
		elements[i] = compact.Bytes()
	}
	return elements, nil
}

// MarshalJSON gives the document back: every list in the order of the
// entities' positions, members in the order of the frame.
func (f TeamFile) MarshalJSON() ([]byte, error) {
	lists := map[Kind][]Entity{}
	for _, entity := range f.Entities {
		lists[entity.Kind] = append(lists[entity.Kind], entity)
	}
	members, err := documentMembers(f.Frame)
	if err != nil {
		return nil, err
	}
	for _, kind := range Kinds {
		inFrame := func(m member) bool { return m.name == string(kind) }
		if len(lists[kind]) > 0 && !slices.ContainsFunc(members, inFrame) {
			members = append(members, member{name: string(kind)})
		}
	}
	document := bytes.NewBufferString("{")
	for i, m := range members {
		if i > 0 {
			document.WriteByte(',')
		}
		name, _ := json.Marshal(m.name)
		document.Write(name)
		document.WriteByte(':')
		if entities := lists[Kind(m.name)]; len(entities) > 0 {
			writeList(document, entities)
		} else {
			document.Write(m.value)
		}
	}
	document.WriteByte('}')
	return document.Bytes(), nil
}

func writeList(document *bytes.Buffer, entities []Entity) {
	slices.SortStableFunc(entities, func(a, b Entity) int {
		if a.Position != b.Position {
			return int(min(1, max(-1, a.Position-b.Position)))
		}
		return bytes.Compare([]byte(a.ID), []byte(b.ID))
	})
	document.WriteByte('[')
	for i, entity := range entities {
		if i > 0 {
			document.WriteByte(',')
		}
		document.Write(entity.JSON)
	}
	document.WriteByte(']')
}

// A Warning is something in a team file that is allowed but looks like a
// mistake.
type Warning struct {
	Path    string `json:"path"`
	Message string `json:"message"`
}

// Warnings reports what looks like a mistake in a team: a worker record that
// matches no shift and no scheduling group, and a scheduling group that a
// shift or open shift names and that the team does not have.
func (t *Team) Warnings() []Warning {
	var warnings []Warning
	warn := func(path, message string) { warnings = append(warnings, Warning{path, message}) }
	i := 0
	for _, e := range t.inOrder(KindWorker) {
		worker := e.(*Worker)
		u := userOf(worker.UserID)
		if len(t.schedule(u).shifts) == 0 && !t.inAnyGroup(u) {
			warn(fmt.Sprintf("workers[%d]", i), "no shift and no scheduling group has this worker")
		}
		i++
	}
	checkGroup := func(kind Kind, i int, s *Shift) {
		if s.SchedulingGroupID != "" && t.groups[s.group] == nil {
			warn(fmt.Sprintf("%s[%d].schedulingGroupId", kind, i), "the file has no such scheduling group")
		}
	}
	for i, e := range t.inOrder(KindShift) {
		checkGroup(KindShift, i, e.(*Shift))
	}
	for i, e := range t.inOrder(KindOpenShift) {
		checkGroup(KindOpenShift, i, e.(*OpenShift).shift)
	}
	return warnings
}
