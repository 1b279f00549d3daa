package main

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"example.com/shiftswfi/batch/contract"
	"example.com/shiftswfi/batch/shifts"
	"example.com/shiftswfi/eligibility"
)

const (
	demoURL = "http://127.0.0.1:8080" + demoPath

	// demoAge is how many days ago a demo may have been started for its
	// schedule still to have room for the checks.
	demoAge = 5

	// demoMargin keeps a run away from the shifts that begin during it.
	demoMargin = 4 * time.Hour

	// demoAhead is the number of days from a demo's first day to those on which
	// the checks make shifts.
	demoAhead = 60
)

// certifyDemo holds a demo to the contract, whenever it was started.
func (c *contractRunCmd) certifyDemo(ctx context.Context, p *process, options contract.Options) (*contract.Report, error) {
	now, err := timeFlag("--now", c.Now)
	if err != nil {
		return nil, err
	}
	ref, err := ParseSecretRef(demoSecret)
	if err != nil {
		return nil, err
	}
	secret, err := p.secret(append(slices.Clone(c.Secret), ref))
	if err != nil {
		return nil, err
	}
	url := cmp.Or(c.URL, demoURL)
	for age := range demoAge {
		profile, err := demoProfile(ctx, now.AddDate(0, 0, -age), now)
		if err != nil {
			return nil, err
		}
		fits, err := isDemoOf(ctx, &shifts.Caller{Patience: options.Patience}, url, secret, profile)
		if err != nil {
			return nil, err
		}
		if !fits {
			continue
		}
		if c.Now != "" {
			profile.Now = now.Format(time.RFC3339Nano)
		}
		return contract.Certify(ctx, url, secret.text(), profile, options)
	}
	return nil, fmt.Errorf("%s serves no demo as it is in its first days: start it again, with wfi serve --demo; if it has a --now, give the same here", url)
}

// demoProfile is what the suite has to know of a demo that was started at one
// time and is asked at another.
func demoProfile(ctx context.Context, started, now time.Time) (contract.Profile, error) {
	team, err := demoTeam(started)
	if err != nil {
		return contract.Profile{}, err
	}
	profile := contract.Profile{
		ConnectUser: "boss", PlainFromLoopback: true, Team: team.ID, TimeZone: demoZone,
		Roster: contract.Roster{
			Manager: "boss", Workers: []string{"adele", "bianca", "chen"}, SchedulingGroup: "TAG_floor",
			From: started.AddDate(0, 0, demoAhead).Format(time.DateOnly), Reason: "TOR_vacation",
		},
	}
	if profile.Swap, err = demoSwap(ctx, team, now); err != nil {
		return contract.Profile{}, err
	}
	profile.Reasons, err = demoReasons(ctx, team, now)
	return profile, err
}

// demoSwap finds a shift that may be swapped with some and not with others; the
// zero Swap if there is none any more.
func demoSwap(ctx context.Context, team *eligibility.Team, now time.Time) (contract.Swap, error) {
	for _, e := range team.File().Entities {
		if e.Kind != eligibility.KindShift || !startsAfter(team, e.ID, now.Add(demoMargin)) {
			continue
		}
		answer, err := team.ExplainSwaps(ctx, eligibility.SwapQuestion{ShiftID: e.ID, RequestType: "SwapRequest", Now: now})
		if err != nil {
			return contract.Swap{}, err
		}
		swap := contract.Swap{Shift: existing(team, e.ID)}
		for _, candidate := range answer.Candidates {
			switch {
			case !startsAfter(team, candidate.ID, now.Add(demoMargin)):
			case len(candidate.Failed) == 0:
				swap.Eligible = append(swap.Eligible, existing(team, candidate.ID))
			case !slices.ContainsFunc(candidate.Failed, isOfDemoState):
				swap.Ineligible = append(swap.Ineligible, existing(team, candidate.ID))
			}
		}
		if len(swap.Eligible) >= 2 && len(swap.Ineligible) >= 2 {
			return swap, nil
		}
	}
	return contract.Swap{}, nil
}

// isOfDemoState is for rules that fail because of what is going on with a
// shift, rather than of the schedule.
func isOfDemoState(f eligibility.Failure) bool {
	return slices.Contains([]eligibility.Rule{
		eligibility.RuleDifferentWorker, eligibility.RuleNotStarted, eligibility.RuleNotStaged, eligibility.RuleNotice, eligibility.RuleNotTiedUp,
	}, f.Rule)
}

func startsAfter(team *eligibility.Team, shift string, t time.Time) bool {
	s := team.Shift(shift)
	return s.Shared != nil && s.Shared.StartDateTime.After(t)
}

func existing(team *eligibility.Team, id string) contract.ExistingShift {
	s := team.Shift(id)
	return contract.ExistingShift{ID: id, User: s.UserID, Start: s.Shared.StartDateTime}
}

// demoReasons finds a worker who may choose some reasons and not others.
func demoReasons(ctx context.Context, team *eligibility.Team, now time.Time) (contract.Reasons, error) {
	for _, e := range team.File().Entities {
		if e.Kind != eligibility.KindWorker {
			continue
		}
		answer, err := team.ExplainTimeOffReasons(ctx, eligibility.ReasonQuestion{UserID: e.ID, Now: now})
		if err != nil {
			return contract.Reasons{}, err
		}
		reasons := contract.Reasons{User: e.ID, Eligible: answer.IDs}
		for _, candidate := range answer.Candidates {
			if len(candidate.Failed) > 0 {
				reasons.Ineligible = append(reasons.Ineligible, candidate.ID)
			}
		}
		if len(reasons.Eligible) > 0 && len(reasons.Ineligible) > 0 {
			return reasons, nil
		}
	}
	return contract.Reasons{}, nil
}

// isDemoOf asks a demo whether a profile is about it: whether it offers what is
// said to be eligible on just that day, and nothing else that is said.
func isDemoOf(ctx context.Context, caller *shifts.Caller, url string, secret *secret, profile contract.Profile) (bool, error) {
	if profile.Swap.Shift.ID == "" {
		return false, nil
	}
	var items []shifts.Item
	for _, candidate := range slices.Concat(profile.Swap.Eligible, profile.Swap.Ineligible) {
		start := shifts.Expires(candidate.Start)
		items = append(items, shifts.Item{
			ID: candidate.ID, Method: http.MethodGet,
			URL: "/shifts/" + profile.Swap.Shift.ID + "/requestableShifts?requestType=SwapRequest&startTime=" + start + "&endTime=" + start,
		})
	}
	batch, err := shifts.Batch(items...)
	if err != nil {
		return false, err
	}
	reply, err := caller.Send(ctx, shifts.Endpoint{URL: url, APIVersion: 1}.Read(profile.Team), secret.key, nil, batch)
	if err != nil {
		return false, fmt.Errorf("%s: %w; start the demo, with wfi serve --demo, or say with --url where it is", url, err)
	}
	if reply.HTTPStatus != http.StatusOK {
		return false, fmt.Errorf("%s serves no demo: it answered HTTP %d; start one with wfi serve --demo, or say with --url where it is", url, reply.HTTPStatus)
	}
	for _, candidate := range slices.Concat(profile.Swap.Eligible, profile.Swap.Ineligible) {
		response, _ := reply.Find(candidate.ID)
		ids, _ := response.IDs()
		eligible := slices.Contains(profile.Swap.Eligible, candidate)
		if slices.Contains(ids, candidate.ID) != eligible {
			return false, nil
		}
	}
	return true, nil
}
