package handlers

import (
	"context"
	"strings"

	"example.com/shiftswfi/eligibility"
)

// timeOffReasons answers which time-off reasons a worker may choose. The URL
// says all; a request type that contradicts it is not understood.
func (i *item) timeOffReasons(ctx context.Context, team *eligibility.Team, user string) (eligibility.Answer, error) {
	requestType := strings.TrimSpace(i.URL.Query("requestType"))
	if requestType != "" && !strings.EqualFold(requestType, "TimeOffReason") {
		return eligibility.Answer{}, itemError{code: eligibility.UnsupportedOperation}
	}
	return team.TimeOffReasons(ctx, eligibility.ReasonQuestion{UserID: user, Now: i.now})
}
