package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"example.com/shiftswfi/eligibility"
	"example.com/shiftswfi/handlers"
	"example.com/shiftswfi/store"
	"example.com/shiftswfi/store/graph"
)

// pullCollections are the lists of a schedule that a pull reads.
var pullCollections = []struct {
	collection graph.Collection
	kind       eligibility.Kind
}{
	{graph.SchedulingGroups, eligibility.KindSchedulingGroup},
	{graph.Shifts, eligibility.KindShift},
	{graph.OpenShifts, eligibility.KindOpenShift},
	{graph.TimesOff, eligibility.KindTimeOff},
	{graph.TimeOffReasons, eligibility.KindTimeOffReason},
	{graph.SwapShiftsChangeRequests, eligibility.KindSwapRequest},
	{graph.OfferShiftRequests, eligibility.KindOfferShiftRequest},
	{graph.OpenShiftChangeRequests, eligibility.KindOpenShiftRequest},
	{graph.TimeOffRequests, eligibility.KindTimeOffRequest},
}

// A puller brings teams in the store up to what Shifts has.
type puller struct {
	client *graph.Client
	store  *store.Redis
	now    func() time.Time
	dryRun bool // nothing is stored
	force  bool // however much is gone

	// settle waits between the look at the store and the reading of Shifts:
	// what a callback has just approved is in the store at once, and in Shifts
	// only after the answer.
	settle func(context.Context) error
}

// settleFor waits for so long, or until ctx is done.
func settleFor(d time.Duration) func(context.Context) error {
	return func(ctx context.Context) error {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
			return nil
		}
	}
}

// A pulledTeam is what became of one team.
type pulledTeam struct {
	Team string `json:"team"`
	// Asked is the id that was asked for, if the team's differs in letter case.
	Asked string `json:"asked,omitempty"`
	handlers.PullRecord
	Entities []pulledEntity        `json:"entities,omitempty"` // one for each change
	Skipped  []eligibility.Skipped `json:"skipped,omitempty"`  // left as the store has them
	Error    string                `json:"error,omitempty"`    // with what to do next

	err error
}

// A pulledEntity is one change.
type pulledEntity struct {
	Kind   eligibility.Kind `json:"kind"`
	ID     string           `json:"id"`
	Change string           `json:"change"` // new, changed or gone
}

// errNotProvisioned says that Shifts has not set up a schedule.
var errNotProvisioned = errors.New("the schedule is not provisioned")

// pull pulls one team, in one step or not at all.
func (p *puller) pull(ctx context.Context, id string, window graph.Window) pulledTeam {
	pulled, err := p.tryPull(ctx, id, window)
	if err != nil {
		pulled = pulledTeam{Team: id, Error: explainPull(err), err: err}
	}
	if pulled.Team != id {
		pulled.Asked = id
	}
	if pulled.Kinds == nil {
		pulled.Kinds = []handlers.PulledKind{}
	}
	return pulled
}

func (p *puller) tryPull(ctx context.Context, id string, window graph.Window) (pulledTeam, error) {
	before, err := p.known(ctx, id)
	if err != nil {
		return pulledTeam{}, err
	}
	if before != nil {
		id = before.ID
		if err := p.settle(ctx); err != nil {
			return pulledTeam{}, err
		}
	}
	inShifts, schedule, err := p.read(ctx, id, window)
	if err != nil {
		return pulledTeam{}, err
	}
	if before == nil {
		if strings.EqualFold(inShifts, id) {
			id = inShifts
		}
		return p.create(ctx, id, schedule)
	}
	refresh, err := p.refresh(ctx, before, schedule)
	if err != nil {
		return pulledTeam{}, err
	}
	pulled := describePulled(before, id, refresh)
	if p.dryRun {
		return pulled, nil
	}
	err = p.store.Refresh(ctx, id, func(now *eligibility.Team) (eligibility.Refresh, []byte, error) {
		left := refresh.On(now)
		if pulled = describePulled(now, id, left); left.Empty() {
			return left, nil, nil
		}
		record, err := p.record(pulled.PullRecord)
		return left, record, err
	})
	return pulled, err
}

// known is the team as the store has it, nil if it has none. Ids of teams that
// differ in letter case alone are the same to Shifts.
func (p *puller) known(ctx context.Context, id string) (*eligibility.Team, error) {
	team, err := p.store.Team(ctx, id)
	if !errors.Is(err, eligibility.ErrTeamNotFound) {
		return team, err
	}
	ids, err := p.store.TeamIDs(ctx)
	if err != nil {
		return nil, err
	}
	for _, other := range ids {
		if other == id || !strings.EqualFold(other, id) {
			continue
		}
		if team, err := p.store.Team(ctx, other); !errors.Is(err, eligibility.ErrTeamNotFound) {
			return team, err
		}
	}
	return nil, nil
}

// refresh compares a team with its schedule. What is not listed in the window
// is asked for by its id before it is taken for gone: it may have moved out.
func (p *puller) refresh(ctx context.Context, team *eligibility.Team, schedule eligibility.Schedule) (eligibility.Refresh, error) {
	refresh, err := team.Refresh(schedule)
	if err != nil {
		return refresh, err
	}
	// First, since each of them is a call.
	if err := refresh.CheckLoss(); err != nil && !p.force {
		return refresh, err
	}
	missing := refresh.Missing()
	for _, c := range pullCollections {
		for _, e := range missing {
			if e.Kind != c.kind {
				continue
			}
			switch found, err := p.client.Entity(ctx, team.ID, c.collection, e.ID); {
			case err == nil:
				schedule.Lists[e.Kind] = append(schedule.Lists[e.Kind], found)
			case !errors.Is(err, graph.ErrNotFound):
				return refresh, err
			}
		}
	}
	return team.Refresh(schedule)
}

// read reads all of a schedule, and the id that Shifts has for it, before
// anything is changed.
func (p *puller) read(ctx context.Context, id string, window graph.Window) (string, eligibility.Schedule, error) {
	s := eligibility.Schedule{From: window.From, To: window.To, Lists: map[eligibility.Kind][]json.RawMessage{}}
	schedule, err := p.client.Schedule(ctx, id)
	if err != nil {
		return "", s, err
	}
	if !schedule.Enabled || !schedule.Provisioned() {
		return "", s, errNotProvisioned
	}
	if s.TimeZone, err = graph.Zone(schedule.TimeZone); err != nil {
		return "", s, err
	}
	s.StartDayOfWeek = schedule.StartDayOfWeek
	for _, c := range pullCollections {
		if s.Lists[c.kind], err = p.client.Entities(ctx, id, c.collection, window); err != nil {
			return "", s, err
		}
	}
	return schedule.ID, s, nil
}

// create stores a team that the store did not have.
func (p *puller) create(ctx context.Context, id string, schedule eligibility.Schedule) (pulledTeam, error) {
	team, skipped, err := schedule.Team(id)
	if err != nil {
		return pulledTeam{}, err
	}
	refresh := eligibility.Refresh{Skipped: skipped}
	for _, e := range team.File().Entities {
		refresh.Changes = append(refresh.Changes, eligibility.Change{Entity: e})
	}
	pulled := describePulled(nil, id, refresh)
	if p.dryRun {
		return pulled, nil
	}
	record, err := p.record(pulled.PullRecord)
	if err != nil {
		return pulled, err
	}
	return pulled, p.store.Create(ctx, team, record)
}

// record is what the log of the team keeps of a pull.
func (p *puller) record(pulled handlers.PullRecord) ([]byte, error) {
	return json.Marshal(handlers.DecisionRecord{
		Time: p.now().UTC(), Approved: true, Items: []handlers.DecisionItem{}, Pulled: &pulled,
	})
}

// describePulled says what a refresh changes of the team of that id; nil is one
// that is not there.
func describePulled(team *eligibility.Team, id string, refresh eligibility.Refresh) pulledTeam {
	pulled := pulledTeam{Team: id, Skipped: refresh.Skipped, PullRecord: handlers.PullRecord{
		Created: team == nil, Calendar: refresh.Frame != nil, Kinds: []handlers.PulledKind{},
	}}
	for _, c := range refresh.Changes {
		if n := len(pulled.Kinds); n == 0 || pulled.Kinds[n-1].Kind != c.Kind {
			pulled.Kinds = append(pulled.Kinds, handlers.PulledKind{Kind: c.Kind})
		}
		known := false
		if team != nil {
			_, known = team.Entity(c.Kind, c.ID)
		}
		counts, change := &pulled.Kinds[len(pulled.Kinds)-1], "changed"
		switch {
		case c.Delete:
			counts.Gone++
			change = "gone"
		case known:
			counts.Changed++
		default:
			counts.New++
			change = "new"
		}
		pulled.Entities = append(pulled.Entities, pulledEntity{c.Kind, c.ID, change})
	}
	return pulled
}

// pullsAtOnce is how many teams are pulled at a time: Microsoft Graph throttles
// those who ask for more at once than it likes.
const pullsAtOnce = 4

// pullAll calls pull for every team, several at a time.
func pullAll(teams []string, pull func(i int, team string)) {
	var group errgroup.Group
	group.SetLimit(pullsAtOnce)
	for i, team := range teams {
		group.Go(func() error {
			pull(i, team)
			return nil
		})
	}
	_ = group.Wait() // no call gives an error
}

// oneSpelling sorts the ids of teams, and keeps one of those that differ in
// letter case alone.
func oneSpelling(teams []string) []string {
	teams = slices.Clone(teams)
	slices.SortFunc(teams, func(a, b string) int {
		return cmp.Or(strings.Compare(strings.ToLower(a), strings.ToLower(b)), strings.Compare(a, b))
	})
	return slices.CompactFunc(teams, strings.EqualFold)
}

// maxSkippedShown bounds what is said about one team.
const maxSkippedShown = 20

// describeSkipped has a line for each entity that could not be read, and one
// for those that are too many.
func describeSkipped(skipped []eligibility.Skipped) []string {
	var lines []string
	for _, s := range skipped[:min(len(skipped), maxSkippedShown)] {
		lines = append(lines, oneLine(fmt.Sprintf("%s %s: %s cannot be read",
			s.Kind, cmp.Or(s.ID, "without an id"), cmp.Or(s.Path, "it"))))
	}
	if more := len(skipped) - len(lines); more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", more))
	}
	return lines
}

// explainPull says what went wrong with a team, and what to do next. It names
// the places of what Shifts gave, and no content.
func explainPull(err error) string {
	var (
		zone     *graph.ZoneError
		problems eligibility.FieldErrors
		loss     *eligibility.LossError
	)
	advice := graph.Advice(err)
	switch {
	case errors.Is(err, context.Canceled):
		return "interrupted before it was pulled; pull again"
	case errors.Is(err, errNotProvisioned):
		advice = "set Shifts up for the team with wfi teams enable, or wait until it has finished: wfi teams list shows how far it is"
	case errors.Is(err, graph.ErrNotFound):
		advice = "check the id of the team, and that it has Shifts: wfi teams list shows the teams, wfi teams enable sets Shifts up for one"
	case errors.As(err, &zone):
		advice = "choose the team's time zone anew in the settings of Shifts, then pull again"
	case errors.As(err, &loss):
		advice = "check that the account sees the whole team and that Shifts shows its schedule, then pull again, or with wfi pull --force if they are gone indeed"
	case errors.Is(err, store.ErrTeamExists):
		return "another process has put the team into the store meanwhile; pull again"
	case errors.As(err, &problems):
		paths := make([]string, len(problems))
		for i, problem := range problems {
			paths[i] = problem.Path
		}
		return "Shifts gave what cannot be used, nothing is stored: " + strings.Join(slices.Compact(paths), ", ") +
			"; mend it in Shifts, then pull again"
	case errors.Is(err, store.ErrUnavailable):
		advice = "check that Redis runs where --redis or the configuration says"
	case errors.Is(err, store.ErrCorrupt):
		advice = "put the team into the store anew with wfi load"
	}
	if advice == "" {
		return oneLine(err.Error())
	}
	return oneLine(fmt.Sprintf("%v; %s", err, advice))
}
