package eligibility

import (
	"encoding/json"
	"time"
)

// A Policy says which rules are on for a team and with which limits. A nil
// limit is a rule that is off; zero is a limit like any other. A Policy is
// compiled when it is decoded and never changed afterwards.
type Policy struct {
	MinimumRest        *time.Duration
	SplitShift         *time.Duration
	MaxDailyHours      *time.Duration
	MaxWeeklyHours     *time.Duration
	MaxConsecutiveDays *int
	GroupMembersOnly   bool
	Minors             *Minors
	Swap               SwapPolicy
	TimeOffReasons     map[string]ReasonPolicy // by time-off reason id

	// AcceptManagerChanges says that what managers publish needs to pass no
	// rule. No rule of this package reads it.
	AcceptManagerChanges bool

	// assignment are the assignment rules in their order, the custom ones last.
	assignment []rule[*assignment]
}

// Minors limits the shifts of workers under 18. Clocks are the time since
// midnight on the wall.
type Minors struct {
	Earliest      *time.Duration
	Latest        *time.Duration // 24h: up to the end of the day
	MaxShiftHours *time.Duration
}

// SwapPolicy limits swaps, offers and open shift requests.
type SwapPolicy struct {
	Notice              *time.Duration
	SameSchedulingGroup bool
}

// ReasonPolicy limits who may choose a time-off reason. A zero field asks for
// nothing.
type ReasonPolicy struct {
	MinTenureDays   int
	Qualifications  []string
	MinBalanceHours float64
}

// decodePolicy is strict at every level, unlike the rest of the team file: a
// misspelt limit must not pass for no limit.
func decodePolicy(o object) *Policy {
	o.only("minimumRest", "splitShift", "maxDailyHours", "maxWeeklyHours", "maxConsecutiveDays",
		"groupMembersOnly", "managerChanges", "minors", "swap", "timeOffReasons", "custom")
	p := &Policy{
		MinimumRest:        o.duration("minimumRest"),
		SplitShift:         o.duration("splitShift"),
		MaxDailyHours:      o.duration("maxDailyHours"),
		MaxWeeklyHours:     o.duration("maxWeeklyHours"),
		MaxConsecutiveDays: o.count("maxConsecutiveDays", 0),
		GroupMembersOnly:   o.isTrue("groupMembersOnly"),
		TimeOffReasons:     map[string]ReasonPolicy{},
		assignment:         assignmentRules[:len(assignmentRules):len(assignmentRules)],
	}
	switch changes := o.text("managerChanges"); {
	case changes == "accept":
		p.AcceptManagerChanges = true
	case changes != "enforce" && o.member("managerChanges") != nil:
		o.wrong("managerChanges", "enforce or accept")
	}
	if minors, ok := o.child("minors"); ok {
		minors.only("earliest", "latest", "maxShiftHours")
		p.Minors = &Minors{
			Earliest:      minors.clock("earliest"),
			Latest:        minors.clock("latest"),
			MaxShiftHours: minors.duration("maxShiftHours"),
		}
	}
	if swap, ok := o.child("swap"); ok {
		swap.only("notice", "sameSchedulingGroup")
		p.Swap = SwapPolicy{
			Notice:              swap.duration("notice"),
			SameSchedulingGroup: swap.isTrue("sameSchedulingGroup"),
		}
	}
	decodeReasonPolicies(o, p)
	decodeCustomRules(o, p)
	return p
}

func decodeReasonPolicies(o object, p *Policy) {
	reasons, ok := o.child("timeOffReasons")
	if !ok {
		return
	}
	for _, id := range sortedKeys(reasons.fields) {
		reason, ok := reasons.child(id)
		if !ok {
			continue
		}
		reason.only("minTenureDays", "qualifications", "minBalanceHours")
		entry := ReasonPolicy{Qualifications: reason.texts("qualifications")}
		if days := reason.count("minTenureDays", 0); days != nil {
			entry.MinTenureDays = *days
		}
		if hours := reason.number("minBalanceHours"); hours != nil {
			entry.MinBalanceHours = *hours
			if *hours < 0 {
				reason.wrong("minBalanceHours", "a number that is not negative")
			}
		}
		p.TimeOffReasons[id] = entry
	}
}

func decodeCustomRules(o object, p *Policy) {
	seen := map[Rule]bool{}
	o.list("custom", func(raw json.RawMessage, at *place) {
		custom, ok := o.object(raw, at)
		if !ok {
			return
		}
		custom.only("id", "expr", "message")
		id := Rule(custom.required("id"))
		source, message := custom.required("expr"), custom.required("message")
		if builtIn(id) || seen[id] {
			custom.wrong("id", "an id that no other rule has")
		}
		seen[id] = true
		if source == "" {
			return
		}
		rule, err := compileRule(id, source, message)
		if err != nil {
			custom.wrong("expr", "an expression that compiles: rule "+string(id)+": "+err.Error())
			return
		}
		p.assignment = append(p.assignment, rule)
	})
}
