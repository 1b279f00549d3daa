package eligibility_test

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/eligibility"
)

// A small shop, at noon UTC on 1 December 2026: what its workers are offered.
func TestSampleTeam(t *testing.T) {
	t.Parallel()
	document, err := os.ReadFile("testdata/team.json")
	require.NoError(t, err)
	team, err := eligibility.ParseTeam(document)
	require.NoError(t, err)
	require.Empty(t, team.Warnings())
	now := time.Date(2026, time.December, 1, 12, 0, 0, 0, time.UTC)
	shift := func(digit string) string { return "SHFT_a000000" + digit + "-0000-4000-8000-00000000000" + digit }
	shifts := func(digits ...string) []string {
		ids := []string{}
		for _, digit := range digits {
			ids = append(ids, shift(digit))
		}
		return ids
	}
	const isoStart, isoEnd = "2026-12-01T05:00:00.0000000Z", "2027-01-01T04:59:59.9990000Z"
	first := shifts("6", "a", "3", "5", "9")

	for _, row := range []struct {
		name, shift, start, end string
		want                    []string
		code                    eligibility.Code
	}{
		{"ISO dates", "1", isoStart, isoEnd, first, ""},
		{"ISO dates without a fraction", "1", "2026-12-01T05:00:00Z", "2027-01-01T04:59:59.999Z", first, ""},
		{"US dates", "1", "12/1/2026 5:00:00 AM +00:00", "1/1/2027 4:59:59 AM +00:00", first, ""},
		{"a narrow window", "1", "2026-12-04T14:00:00Z", "2026-12-04T21:00:00Z", shifts("3"), ""},
		{"another shift", "2", isoStart, isoEnd, shifts("6", "7", "5", "4", "9"), ""},
		{"a shift that needs a qualification", "8", isoStart, isoEnd, shifts("3", "4"), ""},
		{"not known", "g", isoStart, isoEnd, nil, eligibility.ShiftNotFound},
		{"a draft", "d", isoStart, isoEnd, nil, eligibility.ShiftNotFound},
		{"staged for deletion", "b", isoStart, isoEnd, nil, eligibility.ShiftNotAvailable},
		{"tied up", "e", isoStart, isoEnd, nil, eligibility.ShiftInOpenRequest},
		{"within the notice", "c", isoStart, isoEnd, nil, eligibility.NoticeTooShort},
		{"a reversed window", "1", "2026-12-05T00:00:00Z", "2026-12-04T00:00:00Z", nil, eligibility.BadRequest},
		{"an unreadable date", "2", "yesterday", "2026-12-04T00:00:00Z", nil, eligibility.BadRequest},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			q := eligibility.SwapQuestion{ShiftID: shift(row.shift), RequestType: "SwapRequest", WindowStart: row.start, WindowEnd: row.end, Now: now}
			answer, err := team.Swaps(t.Context(), q)
			require.NoError(t, err)
			require.Equal(t, row.code, answer.Code)
			require.Equal(t, row.want, answer.IDs)
			require.Equal(t, askSwaps(t, q).oracle(newOracle(document)), askSwaps(t, q).explain(team))
		})
	}

	const vacation, sick, unpaid = "TOR_29f4a110-ae53-458b-83d6-00c910fe2f01", "TOR_8c0e8d07-ac1a-48dc-b3af-7bc71a62ff02", "TOR_5d3b2a19-0e8f-4c7d-9b6a-1f2e3d4c5b03"
	for _, row := range []struct {
		name, user string
		want       []string
		code       eligibility.Code
	}{
		{"long there, with hours left", "4fbc12d7-1234-46ef-8a90-bc123d45678f", []string{vacation, unpaid, sick}, ""},
		{"not long enough there", "6b1d0a52-7c1e-4f0e-9b0a-2d5a3b8e4c01", []string{unpaid, sick}, ""},
		{"too few hours left", "9D8C7B6A-5E4F-4D3C-8B2A-1F0E9D8C7B04", []string{unpaid, sick}, ""},
		{"without a record", "1b2c3d4e-5f60-4718-8293-a4b5c6d7e805", []string{unpaid, sick}, ""},
		{"unknown", "00000000-0000-4000-8000-000000000000", nil, eligibility.UserNotFound},
	} {
		answer, err := team.TimeOffReasons(t.Context(), eligibility.ReasonQuestion{UserID: row.user, Now: now})
		require.NoError(t, err)
		require.Equal(t, row.code, answer.Code, row.name)
		require.Equal(t, row.want, answer.IDs, row.name)
	}
}
