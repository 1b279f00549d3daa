package handlers

import (
	"strings"
	"time"

	"example.com/shiftswfi/eligibility"
)

// A DecisionRecord is what the log of a team keeps of one decided batch, or of
// a pull from Shifts, as JSON. It names people by their ids alone.
type DecisionRecord struct {
	Time        time.Time      `json:"time"` // at which it arrived
	Integration string         `json:"integration"`
	Approved    bool           `json:"approved"`
	Passthrough bool           `json:"passthrough,omitempty"` // the integration's own write: no rule was asked
	Transaction string         `json:"transaction,omitempty"` // X-MS-Transaction-ID of the first item
	Items       []DecisionItem `json:"items"`
	Pulled      *PullRecord    `json:"pulled,omitempty"` // of a pull, which has no items
}

// A PullRecord says what a pull from Shifts has changed.
type PullRecord struct {
	Created  bool         `json:"created,omitempty"`  // the store had no such team before
	Calendar bool         `json:"calendar,omitempty"` // another time zone or week
	Kinds    []PulledKind `json:"kinds"`              // those of which anything changed
}

// A PulledKind counts the entities of one kind that a pull has changed.
type PulledKind struct {
	Kind    eligibility.Kind `json:"kind"`
	New     int              `json:"new"`
	Changed int              `json:"changed"`
	Gone    int              `json:"gone"`
}

// A DecisionItem is what was decided of one item.
type DecisionItem struct {
	ID     string             `json:"id"`     // of the entity
	Entity string             `json:"entity"` // such as shift or swapRequest; "" if unknown
	Method string             `json:"method"`
	State  string             `json:"state,omitempty"` // of a request
	Users  []string           `json:"users,omitempty"`
	Mode   Mode               `json:"mode"`
	Code   eligibility.Code   `json:"code,omitempty"`   // why it was refused; "" if approved
	Failed []eligibility.Rule `json:"failed,omitempty"` // the rules that were not met
	Waived eligibility.Code   `json:"waived,omitempty"` // why it would have been, were it not mirrored
	ETag   string             `json:"eTag,omitempty"`   // as answered, if approved
}

// decisionRecord is the record of what was decided last.
func (u *update) decisionRecord() DecisionRecord {
	record := DecisionRecord{
		Time: u.now.UTC(), Integration: u.integration.Name, Approved: true, Passthrough: u.passthrough,
		Transaction: clip(u.items[0].TransactionID),
	}
	for _, i := range u.items {
		item := DecisionItem{
			ID: clip(i.entity), Entity: i.name, Method: clip(i.Method), State: i.decision.State,
			Users: i.decision.Users, Mode: i.mode, ETag: i.decision.ETag,
		}
		if i.refused != nil {
			record.Approved = false
			item.Code, item.ETag = describe(i.refused).code, ""
		}
		if r := i.decision.Refusal; r != nil {
			item.Failed = rulesOf(r)
		}
		if w := i.decision.Waived; w != nil {
			item.Waived, item.Failed = w.Code, rulesOf(w)
		}
		record.Items = append(record.Items, item)
	}
	return record
}

// clip bounds a text from outside that goes into a log.
func clip(text string) string {
	const longest = 128
	if len(text) <= longest {
		return text
	}
	return strings.ToValidUTF8(text[:longest], "") + "…"
}

// rulesOf names the rules that were not met, once each.
func rulesOf(r *eligibility.Refusal) []eligibility.Rule {
	var rules []eligibility.Rule
	seen := map[eligibility.Rule]bool{}
	for _, failure := range r.Failed {
		if !seen[failure.Rule] {
			seen[failure.Rule] = true
			rules = append(rules, failure.Rule)
		}
	}
	return rules
}
