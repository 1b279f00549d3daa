package main

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/eligibility"
)

// Whenever the demo is started, every rule refuses something in it, and the
// question that it suggests has an answer.
func TestDemoShowsEveryRule(t *testing.T) {
	day := time.Date(2026, 3, 20, 0, 0, 0, 0, time.UTC) // clocks change on the 29th
	for i := range 14 {
		now := day.AddDate(0, 0, i).Add(time.Duration(i*5%24) * time.Hour)
		t.Run(now.Format("Mon 2006-01-02 15h"), func(t *testing.T) {
			team, err := demoTeam(now)
			require.NoError(t, err)
			assert.Empty(t, team.Warnings())
			failed := rulesFailing(t, team, now)
			for _, rule := range append(eligibility.Rules, "key-holder") {
				assert.Positive(t, failed[rule], rule)
			}
			answer, err := team.Swaps(t.Context(), eligibility.SwapQuestion{
				ShiftID: "SHFT_adele_05", RequestType: "SwapRequest", Now: now,
			})
			require.NoError(t, err)
			assert.Contains(t, answer.IDs, "SHFT_emil_05")
		})
	}
}

// rulesFailing counts how often each rule fails in all that can be asked.
func rulesFailing(t *testing.T, team *eligibility.Team, now time.Time) map[eligibility.Rule]int {
	failed := map[eligibility.Rule]int{}
	count := func(failures []eligibility.Failure) {
		for _, f := range failures {
			failed[f.Rule]++
		}
	}
	var users, shifts []string
	for _, e := range team.File().Entities {
		switch e.Kind {
		case eligibility.KindWorker:
			users = append(users, e.ID)
		case eligibility.KindShift, eligibility.KindOpenShift:
			shifts = append(shifts, e.ID)
		}
	}
	for _, shift := range shifts {
		answer, err := team.ExplainSwaps(t.Context(), eligibility.SwapQuestion{ShiftID: shift, RequestType: "SwapRequest", Now: now})
		require.NoError(t, err)
		for _, candidate := range answer.Candidates {
			count(candidate.Failed)
		}
		for _, user := range users {
			verdict := team.Take(eligibility.TakeQuestion{ShiftID: shift, UserID: user, Now: now})
			require.Equal(t, eligibility.OK, verdict.Code, fmt.Sprint(shift, user))
			count(verdict.Failed)
		}
	}
	for _, user := range users {
		answer, err := team.ExplainTimeOffReasons(t.Context(), eligibility.ReasonQuestion{UserID: user, Now: now})
		require.NoError(t, err)
		for _, candidate := range answer.Candidates {
			count(candidate.Failed)
		}
	}
	return failed
}
