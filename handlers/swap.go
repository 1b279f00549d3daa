package handlers

import (
	"context"

	"example.com/shiftswfi/eligibility"
)

// requestableShifts answers which shifts a worker may ask for in exchange for
// the one in the URL. The article names the ends of the window startTime and
// endTime, the Graph reference startDateTime and endDateTime.
func (i *item) requestableShifts(ctx context.Context, team *eligibility.Team, shift string) (eligibility.Answer, error) {
	return team.Swaps(ctx, eligibility.SwapQuestion{
		ShiftID:     shift,
		RequestType: i.URL.Query("requestType"),
		WindowStart: i.URL.Query("startTime", "startDateTime"),
		WindowEnd:   i.URL.Query("endTime", "endDateTime"),
		Now:         i.now,
	})
}
