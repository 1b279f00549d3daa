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
