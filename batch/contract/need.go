package contract

import "fmt"

// A need says what a profile lacks for a check, as a sentence, or "".
type need func(Profile) string

// needsTeam is for checks that call about the team at all.
func needsTeam(p Profile) string {
	if p.Team == "" {
		return "The profile names no team (team)."
	}
	return ""
}

// needsSwapFilter is for checks that ask what a shift may be swapped for.
func needsSwapFilter(p Profile) string {
	switch {
	case !p.filters("swapRequest"):
		return "The profile says that Shifts does not ask about swaps (eligibilityFiltering)."
	case p.Team == "" || p.Swap.Shift.ID == "" || p.Swap.Shift.Start.IsZero():
		return "The profile names no shift to swap, with its start (team, swap.shift)."
	}
	return ""
}

// needsSwapQuestions is for checks that ask what the shifts which they make may
// be swapped for.
func needsSwapQuestions(p Profile) string {
	if !p.filters("swapRequest") {
		return "The profile says that Shifts does not ask about swaps (eligibilityFiltering)."
	}
	return ""
}

// needsEligible is for checks that need a shift which is listed.
func needsEligible(p Profile) string {
	if len(p.Swap.Eligible) == 0 || p.Swap.Eligible[0].Start.IsZero() {
		return "The profile names no shift, with its start, that the other may be swapped with (swap.eligible)."
	}
	return ""
}

// needsIneligible is for checks that need one which is not.
func needsIneligible(p Profile) string {
	if p.Swap.Shift.ID == "" || len(p.Swap.Ineligible) == 0 {
		return "The profile names no shift that the other may not be swapped with (swap.ineligible)."
	}
	return ""
}

// needsReasonFilter is for checks that ask for time-off reasons.
func needsReasonFilter(p Profile) string {
	switch {
	case !p.filters("timeOffReason"):
		return "The profile says that Shifts does not ask about time-off reasons (eligibilityFiltering)."
	case p.Team == "" || p.Reasons.User == "":
		return "The profile names no worker who chooses a time-off reason (team, timeOffReasons.user)."
	}
	return ""
}

// needsRoster is for checks that make shifts for a number of workers.
func needsRoster(workers int) need {
	return func(p Profile) string {
		if p.Team == "" || p.Roster.from.IsZero() || len(p.Roster.Workers) < workers {
			return fmt.Sprintf("The profile names no %d workers and a day from which they are free (team, roster.workers, roster.from).", workers)
		}
		return ""
	}
}

// needsReason is for checks in which a worker asks for time off.
func needsReason(p Profile) string {
	if p.Roster.Reason == "" {
		return "The profile names no time-off reason that the first worker may take (roster.timeOffReason)."
	}
	return ""
}

// needsPassthrough is for checks of the integration's own writes.
func needsPassthrough(p Profile) string {
	if p.Passthrough == "" {
		return "The profile names no value of X-MS-WFMPassthrough that the endpoint takes for its own (passthrough)."
	}
	return ""
}

// needsReadOnly is for checks of entities that are changed elsewhere.
func needsReadOnly(p Profile) string {
	if len(p.readOnly()) == 0 {
		return "The profile says of nothing that it is read-only (mode, modes)."
	}
	return ""
}

// needsOutage is for checks that cut the endpoint off from its data.
func needsOutage(p Profile) string {
	if len(p.Outage.Begin) == 0 {
		return "The profile has no commands that begin and end an outage (outage)."
	}
	return ""
}

// needsChanges is for checks whose changes to entities have to be approved.
func needsChanges(entities ...string) need {
	return func(p Profile) string {
		for _, entity := range entities {
			switch {
			case !p.supports(entity):
				return fmt.Sprintf("The profile says that Shifts does not call about %s (supportedEntities).", entity)
			case p.mode(entity) == ReadOnly:
				return fmt.Sprintf("The profile says that %s is read-only (mode, modes).", entity)
			}
		}
		return ""
	}
}

// needsDecisions is for checks whose changes to entities are decided by rules,
// and may be refused.
func needsDecisions(entities ...string) need {
	return func(p Profile) string {
		for _, entity := range entities {
			if !p.supports(entity) || p.mode(entity) != TwoWay {
				return fmt.Sprintf("The profile says that %s is not decided by rules (mode, modes, supportedEntities).", entity)
			}
		}
		return ""
	}
}
