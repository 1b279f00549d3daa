package graph

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// SupportedEntityNames are what Shifts can call an integration's /update
// about (Microsoft Graph reference, workforceIntegration, supportedEntities).
var SupportedEntityNames = []string{
	"shift", "swapRequest", "userShiftPreferences", "openShift", "openShiftRequest", "offerShiftRequest",
	"timeCard", "timeOffReason", "timeOff", "timeOffRequest",
}

// EligibilityNames are what Shifts can ask an integration's /read about
// (Microsoft Graph reference, workforceIntegration,
// eligibilityFilteringEnabledEntities).
var EligibilityNames = []string{"swapRequest", "offerShiftRequest", "timeOffReason"}

// Entities is a set of such names in lowerCamel, in the order of
// SupportedEntityNames; names that are not in there come last, as Graph gave
// them.
type Entities []string

// EntityError is a name that is not allowed.
type EntityError struct {
	Name    string
	Allowed []string
}

func (e *EntityError) Error() string {
	return fmt.Sprintf("%.40q is not one of %s; none stands for no entity", e.Name, strings.Join(e.Allowed, ", "))
}

// ParseEntities reads names as people write them, with commas between them:
// letter case, hyphens, underscores, blanks and a plural's s do not matter.
// "none" on its own is the empty set. The error is an [EntityError].
func ParseEntities(text string, allowed []string) (Entities, error) {
	names := Entities{}
	if plain(text) == "none" {
		return names, nil
	}
	for name := range strings.SplitSeq(text, ",") {
		i := slices.IndexFunc(allowed, func(other string) bool { return plain(other) == plain(name) })
		if i < 0 {
			return nil, &EntityError{Name: strings.TrimSpace(name), Allowed: allowed}
		}
		names = append(names, allowed[i])
	}
	return names.inOrder(), nil
}

var plainly = strings.NewReplacer("-", "", "_", "", " ", "", "\t", "")

// plain is what two spellings of a name have in common.
func plain(name string) string {
	name = strings.TrimSuffix(plainly.Replace(strings.ToLower(name)), "s")
	if name == "timesoff" { // as in Graph's own paths
		return "timeoff"
	}
	return name
}

// Wire is the set as Graph takes it: each value must begin with a capital.
func (e Entities) Wire() string {
	if len(e) == 0 {
		return "None"
	}
	values := make([]string, len(e))
	for i, name := range e {
		values[i] = strings.ToUpper(name[:1]) + name[1:]
	}
	return strings.Join(values, ",")
}

// String is the set in lowerCamel, with commas, or "none".
func (e Entities) String() string {
	if len(e) == 0 {
		return "none"
	}
	return strings.Join(e, ",")
}

// Without is what of e is not in other.
func (e Entities) Without(other Entities) Entities {
	return slices.DeleteFunc(slices.Clone(e), func(name string) bool { return slices.Contains(other, name) })
}

// MarshalJSON writes what String gives.
func (e Entities) MarshalJSON() ([]byte, error) { return json.Marshal(e.String()) }

// UnmarshalJSON reads Graph's replies, in which values begin with a small or a
// capital letter, depending on the call. Values that nobody here knows are
// kept; "none" and null are the empty set.
func (e *Entities) UnmarshalJSON(data []byte) error {
	var text *string
	if err := json.Unmarshal(data, &text); err != nil {
		return err
	}
	*e = Entities{}
	if text == nil {
		return nil
	}
	for name := range strings.SplitSeq(*text, ",") {
		name = strings.TrimSpace(name)
		if name == "" || strings.EqualFold(name, "none") {
			continue
		}
		known := slices.IndexFunc(SupportedEntityNames, func(other string) bool { return strings.EqualFold(other, name) })
		if known >= 0 {
			name = SupportedEntityNames[known]
		}
		*e = append(*e, name)
	}
	*e = e.inOrder()
	return nil
}

func (e Entities) inOrder() Entities {
	rank := func(name string) int {
		if i := slices.Index(SupportedEntityNames, name); i >= 0 {
			return i
		}
		return len(SupportedEntityNames)
	}
	slices.SortStableFunc(e, func(a, b string) int { return rank(a) - rank(b) })
	return slices.Compact(e)
}
