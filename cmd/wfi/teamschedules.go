package main

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"example.com/shiftswfi/store/graph"
)

// A teamSchedule is a team and its schedule, or why that could not be read:
// [graph.ErrNotFound] is a team without Shifts.
type teamSchedule struct {
	graph.Team
	Schedule *graph.Schedule
	Err      error
}

// schedulesAtOnce is how many schedules are read at a time: enough for the
// teams of a large tenant, and few enough not to be throttled at once.
const schedulesAtOnce = 8

// readSchedules reads the schedules of teams, in their order, and reports how
// many are read, one call at a time. Its error is one that all teams would
// meet, such as a token that is not accepted.
func readSchedules(ctx context.Context, client *graph.Client, teams []graph.Team, report func(done, total int)) ([]teamSchedule, error) {
	schedules := make([]teamSchedule, len(teams))
	var mu sync.Mutex
	done := 0
	all, ctx := errgroup.WithContext(ctx)
	all.SetLimit(schedulesAtOnce)
	for i, team := range teams {
		all.Go(func() error {
			schedule, err := client.Schedule(ctx, team.ID)
			schedules[i] = teamSchedule{team, schedule, err}
			mu.Lock()
			defer mu.Unlock()
			done++
			report(done, len(teams))
			if concernsAll(err) {
				return err // the calls that are left end at once
			}
			return nil
		})
	}
	return schedules, all.Wait()
}

// hasIntegration tells that a schedule has an integration. Microsoft Graph does
// not tell ids by their letter case.
func hasIntegration(schedule *graph.Schedule, id string) bool {
	return slices.ContainsFunc(schedule.WorkforceIntegrationIDs, func(other string) bool { return strings.EqualFold(other, id) })
}

// concernsAll tells the errors that the next call would meet again.
func concernsAll(err error) bool {
	for _, kind := range []error{graph.ErrUnreachable, graph.ErrCredential, graph.ErrUnauthorized, context.Canceled} {
		if errors.Is(err, kind) {
			return true
		}
	}
	return false
}
