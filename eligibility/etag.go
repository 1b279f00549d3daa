package eligibility

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
)

// ETag stands for the content of an entity: the same for the same content,
// whatever the order of its members, and different after its deletion. The
// eTag that Shifts itself sends within is no content.
func ETag(kind Kind, id string, content json.RawMessage) string {
	hash := sha256.Sum256([]byte(strings.Join([]string{string(kind), id, contentOf(content)}, "\x00")))
	return base64.RawURLEncoding.EncodeToString(hash[:18])
}

// contentOf is a canonical form of an entity's JSON, without what names it and
// its state rather than being content; "" if there is none.
func contentOf(entity json.RawMessage) string {
	var members map[string]any
	decoder := json.NewDecoder(bytes.NewReader(entity))
	decoder.UseNumber() // two long numbers may differ in the last digit alone
	if decoder.Decode(&members) != nil || members == nil {
		return ""
	}
	delete(members, "id")
	delete(members, "eTag")
	canonical, _ := json.Marshal(members) // sorted by name; it came from JSON
	return string(canonical)
}

// eTag is that of what the team has of the item's entity after its approval.
func (p *proposed) eTag() string {
	for _, c := range p.changes {
		if c.Kind == p.Kind && c.ID == p.ID {
			return ETag(p.Kind, p.ID, c.JSON)
		}
	}
	if p.old != nil {
		return ETag(p.Kind, p.ID, p.old.base().JSON)
	}
	return ETag(p.Kind, p.ID, nil)
}
