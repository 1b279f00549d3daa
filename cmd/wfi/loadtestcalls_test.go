package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/batch/contract"
)

// What is not on this machine is only asked, unless somebody says otherwise.
func TestLoadTestUpdates(t *testing.T) {
	t.Parallel()
	half := 0.5
	roster := contract.Roster{Workers: []string{"adele"}, From: "2027-03-01"}
	for name, test := range map[string]struct {
		flag    *float64
		profile contract.Profile
		foreign bool
		want    float64
	}{
		"roster":           {nil, contract.Profile{Roster: roster}, false, 0.2},
		"foreign":          {nil, contract.Profile{Roster: roster}, true, 0},
		"foreign, asked":   {&half, contract.Profile{Roster: roster}, true, 0.5},
		"no roster":        {nil, contract.Profile{}, false, 0},
		"no roster, asked": {&half, contract.Profile{}, false, 0.5},
		"read-only":        {nil, contract.Profile{Roster: roster, Mode: contract.ReadOnly}, false, 0},
		"shifts read-only": {nil, contract.Profile{Roster: roster, Modes: map[string]string{"shift": contract.ReadOnly}}, false, 0},
		"only they decide": {nil, contract.Profile{Roster: roster, Mode: contract.ReadOnly, Modes: map[string]string{"shift": contract.TwoWay}}, false, 0.2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := &loadTestCmd{Updates: test.flag}
			assert.InDelta(t, test.want, c.updates(test.profile, test.foreign), 0)
		})
	}
}

// Shifts are made where they change no answer: not in the month of a shift that
// is asked about, nor in a week that reaches into it.
func TestLoadTestPlan(t *testing.T) {
	t.Parallel()
	at := func(text string) time.Time {
		instant, err := time.Parse(time.RFC3339, text)
		require.NoError(t, err)
		return instant
	}
	profile := contract.Profile{
		Team: "T", TimeZone: "Europe/Berlin", Now: "2027-02-20T12:00:00Z",
		Swap:   contract.Swap{Shift: contract.ExistingShift{ID: "SHFT_1", Start: at("2027-02-26T06:00:00Z")}, Eligible: []contract.ExistingShift{{ID: "SHFT_2"}}},
		Roster: contract.Roster{Workers: []string{"adele", "bianca"}, From: "2027-03-19", Days: 14},
	}
	calls := &loadCalls{}
	require.NoError(t, calls.plan(profile, nil, 0.5))
	require.Len(t, calls.questions, 1, "the other has no start")
	assert.Contains(t, string(calls.questions[0].Plaintext), "&startTime=2027-02-21T12:00:00.0000000Z&endTime=2027-03-13T06:00:00.0000000Z")
	var starts []string
	for _, shift := range calls.free {
		starts = append(starts, shift.user+" "+shift.start.UTC().Format(time.RFC3339))
		assert.Equal(t, 4*time.Hour, shift.end.Sub(shift.start))
	}
	assert.Equal(t, []string{
		"adele 2027-03-21T07:00:00Z", "bianca 2027-03-21T07:00:00Z", // the 19th is too near
		"adele 2027-03-23T07:00:00Z", "bianca 2027-03-23T07:00:00Z",
		"adele 2027-03-25T07:00:00Z", "bianca 2027-03-25T07:00:00Z",
		"adele 2027-03-27T07:00:00Z", "bianca 2027-03-27T07:00:00Z",
		"adele 2027-03-29T06:00:00Z", "bianca 2027-03-29T06:00:00Z", // summer time
		"adele 2027-03-31T06:00:00Z", "bianca 2027-03-31T06:00:00Z",
	}, starts)

	near := profile
	near.Roster.Days = 2
	require.ErrorContains(t, (&loadCalls{}).plan(near, nil, 0.5), "all days of the roster are within 23 days")
	require.NoError(t, (&loadCalls{}).plan(near, nil, 0))
	none := profile
	none.Roster = contract.Roster{}
	require.ErrorContains(t, (&loadCalls{}).plan(none, nil, 0.5), "nothing to change")
	require.ErrorContains(t, (&loadCalls{}).plan(contract.Profile{Team: "T"}, nil, 0), "nothing to ask")
}
