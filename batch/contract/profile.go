package contract

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
)

// Profile is what the suite has to be told about an endpoint: how it is
// registered, and which of its own data fit which question. What is missing
// only means that the checks which need it are skipped.
type Profile struct {
	// APIVersion is as registered; 0 stands for 1.
	APIVersion int `yaml:"apiVersion"`

	// TenantID is what /connect is called with; it may be empty if the
	// endpoint does not look at it, and stands for a made-up one then.
	TenantID string `yaml:"tenantId"`

	// ConnectUser is the user that /connect is called with, the person who
	// registers. Empty: one who is made up.
	ConnectUser string `yaml:"connectUser"`

	// Passthrough is a value of X-MS-WFMPassthrough that the endpoint takes
	// for its own.
	Passthrough string `yaml:"passthrough"`

	// PlainFromLoopback says that the endpoint, for development, takes JSON that
	// is not sealed from callers on its own machine: that it refuses others
	// cannot be seen from there.
	PlainFromLoopback bool `yaml:"plainFromLoopback"`

	// Now is for an endpoint whose clock stands still: the instant (RFC 3339)
	// that it takes for now. Empty: the time of this machine.
	Now string `yaml:"now"`

	// Team is the id of the team that all checks are about.
	Team string `yaml:"team"`

	// TimeZone is the team's, an IANA name. Empty: UTC.
	TimeZone string `yaml:"timeZone"`

	// Mode is how the endpoint treats changes: "two-way" (decides them, the
	// default), "read-only" (refuses all) or "mirror" (approves all). Modes
	// sets it for single entities, such as shift or swapRequest.
	Mode  string            `yaml:"mode"`
	Modes map[string]string `yaml:"modes"`

	// SupportedEntities and EligibilityFiltering are what is registered in
	// Graph: what Shifts calls /update and /read about. Names are compared
	// without regard to letter case. Empty: everything; "none": nothing.
	SupportedEntities    []string `yaml:"supportedEntities"`
	EligibilityFiltering []string `yaml:"eligibilityFiltering"`

	// Swap is a shift that exists, and others that it may be swapped with or
	// not. No check leaves any of them changed.
	Swap Swap `yaml:"swap"`

	// Reasons say which time-off reasons a worker may choose.
	Reasons Reasons `yaml:"timeOffReasons"`

	// Roster is what the checks may make shifts with.
	Roster Roster `yaml:"roster"`

	// Outage says how the endpoint is cut off from what it keeps its data in.
	Outage Outage `yaml:"outage"`

	now time.Time // zero: this machine's
}

// Swap is a part of [Profile].
type Swap struct {
	Shift      ExistingShift   `yaml:"shift"`
	Eligible   []ExistingShift `yaml:"eligible"`
	Ineligible []ExistingShift `yaml:"ineligible"`
}

// ExistingShift is a published shift that the endpoint knows.
type ExistingShift struct {
	ID    string    `yaml:"id"`
	User  string    `yaml:"user"`
	Start time.Time `yaml:"start"` // needed in Swap.Shift and Swap.Eligible only
}

// Reasons is a part of [Profile].
type Reasons struct {
	User       string   `yaml:"user"`
	Eligible   []string `yaml:"eligible"`
	Ineligible []string `yaml:"ineligible"`
}

// Roster is a part of [Profile]: people for whom a manager may schedule short
// shifts on days on which they have nothing else, so that every rule of the
// endpoint is content with them, and with any swap of them on one day. The
// checks take back what they make.
type Roster struct {
	Manager         string   `yaml:"manager"`         // user id; may be empty
	Workers         []string `yaml:"workers"`         // user ids, two or better three
	SchedulingGroup string   `yaml:"schedulingGroup"` // that they work in; may be empty
	From            string   `yaml:"from"`            // first day, YYYY-MM-DD
	Days            int      `yaml:"days"`            // how many; 0: 180
	Reason          string   `yaml:"timeOffReason"`   // that the first worker may take on those days

	from time.Time // midnight of From in the team's zone
}

// Outage is a part of [Profile]: two commands with their arguments, run
// without a shell, such as [docker, pause, redis] and [docker, unpause, redis].
type Outage struct {
	Begin []string `yaml:"begin"`
	End   []string `yaml:"end"`
}

// The modes of [Profile].
const (
	TwoWay   = "two-way"
	ReadOnly = "read-only"
	Mirror   = "mirror"
)

// maxRosterDays bounds how far ahead shifts are made.
const maxRosterDays = 3660

// maxProfile bounds a profile file.
const maxProfile = 1 << 20

// ErrProfile is wrapped by errors about the content of a profile.
var ErrProfile = errors.New("the profile is broken")

// ReadProfile reads a profile, YAML or JSON, from a file. See [ParseProfile].
func ReadProfile(file string) (Profile, error) {
	info, err := os.Stat(file)
	if err != nil {
		return Profile{}, err
	}
	if info.Size() > maxProfile {
		return Profile{}, fmt.Errorf("%w: %s has more than %d bytes", ErrProfile, file, maxProfile)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return Profile{}, err
	}
	return ParseProfile(text)
}

// ParseProfile reads a profile, YAML or JSON. Unknown members are errors: a
// misspelt one would silently skip checks. Errors wrap [ErrProfile].
func ParseProfile(text []byte) (Profile, error) {
	var p Profile
	if err := yaml.UnmarshalWithOptions(text, &p, yaml.Strict()); err != nil {
		return Profile{}, fmt.Errorf("%w: %s", ErrProfile, yaml.FormatError(err, false, true))
	}
	return p.checked()
}

// checked fills in the defaults and names everything that is wrong at once.
func (p Profile) checked() (Profile, error) {
	var problems []string
	problem := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	if p.APIVersion == 0 {
		p.APIVersion = 1
	}
	if p.APIVersion < 0 {
		problem("apiVersion: expected 1 or more, found %d", p.APIVersion)
	}
	if p.Now != "" {
		now, err := time.Parse(time.RFC3339, p.Now)
		if err != nil {
			problem("now: expected an instant such as 2026-12-01T12:00:00Z, found %q", p.Now)
		}
		p.now = now
	}
	zone, err := time.LoadLocation(p.TimeZone)
	if err != nil {
		problem("timeZone: expected an IANA name such as Europe/Berlin, found %q", p.TimeZone)
		zone = time.UTC
	}
	if p.Mode == "" {
		p.Mode = TwoWay
	}
	modes := []string{TwoWay, ReadOnly, Mirror}
	if !slices.Contains(modes, p.Mode) {
		problem("mode: expected %s, found %q", strings.Join(modes, ", "), p.Mode)
	}
	for entity, mode := range p.Modes {
		if !slices.Contains(entities, entity) {
			problem("modes: expected one of %s, found %q", strings.Join(entities, ", "), entity)
		}
		if !slices.Contains(modes, mode) {
			problem("modes.%s: expected %s, found %q", entity, strings.Join(modes, ", "), mode)
		}
	}
	if p.Roster.Days == 0 {
		p.Roster.Days = 180
	}
	if p.Roster.Days < 2 || p.Roster.Days > maxRosterDays {
		problem("roster.days: expected 2 to %d, found %d", maxRosterDays, p.Roster.Days)
	}
	if p.Roster.From != "" {
		if p.Roster.from, err = time.ParseInLocation(time.DateOnly, p.Roster.From, zone); err != nil {
			problem("roster.from: expected a date such as 2027-03-01, found %q", p.Roster.From)
		}
	}
	if (len(p.Outage.Begin) == 0) != (len(p.Outage.End) == 0) {
		problem("outage: expected both begin and end, or neither")
	}
	if len(problems) > 0 {
		slices.Sort(problems)
		return Profile{}, fmt.Errorf("%w: %s", ErrProfile, strings.Join(problems, "; "))
	}
	return p, nil
}

// entities are what Shifts may call /update about, by the names of Graph's
// supportedEntities.
var entities = []string{
	"shift", "openShift", "swapRequest", "offerShiftRequest", "openShiftRequest",
	"timeOffRequest", "timeOff", "timeOffReason", "timeCard", "userShiftPreferences",
}

// mode is how the endpoint treats changes to an entity.
func (p Profile) mode(entity string) string {
	if mode := p.Modes[entity]; mode != "" {
		return mode
	}
	return p.Mode
}

// readOnly are the entities that Shifts calls /update about in vain.
func (p Profile) readOnly() []string {
	return slices.DeleteFunc(slices.Clone(entities), func(entity string) bool {
		return !p.supports(entity) || p.mode(entity) != ReadOnly
	})
}

// supports reports whether Shifts calls /update about an entity.
func (p Profile) supports(entity string) bool { return listed(p.SupportedEntities, entity) }

// filters reports whether Shifts calls /read about an entity.
func (p Profile) filters(entity string) bool { return listed(p.EligibilityFiltering, entity) }

func listed(names []string, name string) bool {
	return len(names) == 0 || slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(strings.TrimSpace(n), name) })
}
