package store

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"example.com/shiftswfi/eligibility"
)

// A team T lives under keys that share the hash tag {T}, and so on one node of
// a Redis Cluster, where one command or script reaches all of it:
//
//	wfi:{T}             hash: the version, the frame and every entity
//	wfi:{T}:changes     stream: the changes that led to the latest versions
//	wfi:{T}:decisions   stream: the record of every decision, oldest first, capped
//	wfi:{T}:import:V    hash: what an import has written so far; it expires
//	wfi:{T}:lease:N     string: who has the lease named N; it expires
//
// To look at one by hand: redis-cli HGET 'wfi:{T}' shifts/SHFT_1
//
// The ids of all teams are the set wfi:teams.
const (
	keyPrefix = "wfi:"
	teamsKey  = keyPrefix + "teams"
)

func teamKey(team string) string              { return keyPrefix + "{" + team + "}" }
func changesKey(team string) string           { return teamKey(team) + ":changes" }
func decisionsKey(team string) string         { return teamKey(team) + ":decisions" }
func leaseKey(team, name string) string       { return teamKey(team) + ":lease:" + name }
func importKey(team string, v version) string { return teamKey(team) + ":import:" + v.text }

// The fields of a team's hash. That of an entity is its kind and its id, such
// as "shifts/SHFT_1"; its value is its position, a blank, and its JSON.
const (
	fieldVersion = "version"
	fieldFrame   = "frame"
)

// validTeamID reports whether an id can be part of a key: it comes from a URL,
// and a brace would move the hash tag.
func validTeamID(id string) bool {
	const longest = 128
	bad := func(r rune) bool { return r == '{' || r == '}' || unicode.IsControl(r) }
	return id != "" && len(id) <= longest && utf8.ValidString(id) && !strings.ContainsFunc(id, bad)
}

func entityField(e eligibility.Entity) string { return string(e.Kind) + "/" + e.ID }

func entityValue(e eligibility.Entity) string {
	return strconv.FormatInt(e.Position, 10) + " " + string(e.JSON)
}

// parseEntity reads a field of a team's hash. Of an empty value, which stands
// for a deletion in a change, it gives the kind and the id.
func parseEntity(field, value string) (eligibility.Entity, error) {
	kind, id, _ := strings.Cut(field, "/")
	known := slices.Index(eligibility.Kinds, eligibility.Kind(kind))
	if known < 0 {
		return eligibility.Entity{}, fmt.Errorf("%w: %s: an unknown field", ErrCorrupt, field)
	}
	e := eligibility.Entity{Kind: eligibility.Kinds[known], ID: id} // not kind, which keeps field in memory
	if value == "" {
		return e, nil
	}
	position, document, _ := strings.Cut(value, " ")
	var err error
	if e.Position, err = strconv.ParseInt(position, 10, 64); err != nil {
		return e, fmt.Errorf("%w: %s: no position", ErrCorrupt, field)
	}
	e.JSON = []byte(document)
	return e, nil
}

// parseTeam reads the whole hash of a team.
func parseTeam(fields map[string]string) (version, eligibility.TeamFile, error) {
	file := eligibility.TeamFile{Frame: json.RawMessage(fields[fieldFrame])}
	v, err := parseVersion(fields[fieldVersion])
	if err != nil {
		return v, file, err
	}
	if len(file.Frame) == 0 {
		return v, file, fmt.Errorf("%w: %s", ErrCorrupt, fieldFrame)
	}
	file.Entities = make([]eligibility.Entity, 0, len(fields))
	for field, value := range fields {
		if field == fieldVersion || field == fieldFrame {
			continue
		}
		e, err := parseEntity(field, value)
		if err != nil {
			return v, file, err
		}
		file.Entities = append(file.Entities, e)
	}
	slices.SortFunc(file.Entities, func(a, b eligibility.Entity) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Position, b.Position), cmp.Compare(a.ID, b.ID))
	})
	return v, file, nil
}

// brokenFields is what is wrong with the parts of a stored team, without their
// content.
func brokenFields(err error) error {
	var problems eligibility.FieldErrors
	if !errors.As(err, &problems) {
		return ErrCorrupt
	}
	paths := make([]string, len(problems))
	for i, problem := range problems {
		paths[i] = problem.Path
	}
	return fmt.Errorf("%w: %s", ErrCorrupt, strings.Join(paths, ", "))
}

// A version names one state of a team: "<age>-<random>", which is also the ID
// that the change leading to it has in the stream of changes. The age grows
// with every change, by one and by its size in KiB, so that cutting the stream
// at an age bounds its bytes. The random part tells states apart that a Redis
// which has lost its latest writes would number alike.
type version struct {
	text string
	age  uint64
}

func newVersion(age uint64) version {
	return version{fmt.Sprintf("%d-%d", age, rand.Uint64()), age}
}

// after is a version that follows v by a change of so many bytes.
func (v version) after(bytes int) version { return newVersion(v.age + 1 + uint64(bytes)/1024) }

func parseVersion(text string) (version, error) {
	age, _, _ := strings.Cut(text, "-")
	number, err := strconv.ParseUint(age, 10, 64)
	if err != nil {
		return version{}, fmt.Errorf("%w: %s", ErrCorrupt, fieldVersion)
	}
	return version{text, number}, nil
}
