package teamtest_test

import (
	"testing"
	"time"

	"example.com/shiftswfi/eligibility"
	"example.com/shiftswfi/eligibility/teamtest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var start = time.Date(2026, 11, 30, 5, 0, 0, 0, time.UTC) // a Monday, in New York too

func TestFile(t *testing.T) {
	t.Parallel()
	document := teamtest.File(120, 5, 5, start, 1)
	assert.Equal(t, document, teamtest.File(120, 5, 5, start, 1), "the same arguments give the same bytes")
	assert.NotEqual(t, document, teamtest.File(120, 5, 5, start, 2))

	team, err := eligibility.ParseTeam(document)
	require.NoError(t, err)
	assert.Equal(t, teamtest.ID, team.ID)
	assert.Empty(t, team.Warnings())

	counts := map[eligibility.Kind]int{}
	for _, e := range team.File().Entities {
		counts[e.Kind]++
	}
	assert.Equal(t, 120, counts[eligibility.KindWorker])
	assert.Equal(t, 120*5*5, counts[eligibility.KindShift])
	assert.Equal(t, 3, counts[eligibility.KindSchedulingGroup])
	assert.NotZero(t, counts[eligibility.KindTimeOff])
	_, ok := team.Entity(eligibility.KindShift, teamtest.ShiftID(119, 24))
	assert.True(t, ok, "the last shift of the last worker")
}

// A benchmark over a team in which nothing is eligible would measure nothing.
func TestRulesRefuseSomeAndLeaveSome(t *testing.T) {
	t.Parallel()
	team, err := eligibility.ParseTeam(teamtest.File(200, 5, 5, start, 1))
	require.NoError(t, err)
	answer, err := team.ExplainSwaps(t.Context(), eligibility.SwapQuestion{
		ShiftID: teamtest.ShiftID(0, 7), RequestType: "SwapRequest",
		WindowStart: start.Format(time.RFC3339), WindowEnd: start.AddDate(0, 1, 0).Format(time.RFC3339), Now: start,
	})
	require.NoError(t, err)
	require.Empty(t, answer.Code)
	assert.NotEmpty(t, answer.IDs)
	assert.Less(t, len(answer.IDs), answer.Considered/2)
}
