package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"example.com/shiftswfi/store"
)

// pullTimeout bounds one pull of a team; the lease lasts a little longer.
const pullTimeout = 10 * time.Minute

// pullLease is the name of the lease under which a team is pulled.
const pullLease = "pull"

// A pullService pulls teams from Shifts while serve runs. Several of them on
// one Redis pull a team once in each interval.
type pullService struct {
	config Config
	puller *puller
	log    zerolog.Logger
	ticks  <-chan time.Time // each begins a round
}

// newPullService makes what config asks for; nil if that is nothing.
func newPullService(
	config Config, p *process, teams *store.Redis, log zerolog.Logger, clock func() time.Time,
) (*pullService, error) {
	if config.Pull.Interval == 0 {
		return nil, nil
	}
	client, err := config.Graph.client(p)
	if err != nil {
		return nil, err
	}
	return &pullService{
		config: config, log: log,
		puller: &puller{client: client, store: teams, now: clock, settle: settleFor(5 * time.Second)},
	}, nil
}

// run pulls at every tick until ctx is done.
func (s *pullService) run(ctx context.Context) {
	ticks := s.ticks
	if ticks == nil {
		ticks = jitter(ctx, s.config.Pull.Interval)
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks:
			s.round(ctx)
		}
	}
}

// jitter ticks soon, and then once in an interval, give or take a tenth, lest
// all endpoints call Microsoft Graph at once.
func jitter(ctx context.Context, interval time.Duration) <-chan time.Time {
	ticks := make(chan time.Time)
	go func() {
		tenth := interval / 10
		wait := rand.N(tenth)
		for settleFor(wait)(ctx) == nil {
			select {
			case ticks <- time.Now():
			case <-ctx.Done():
			}
			wait = interval - tenth + rand.N(2*tenth)
		}
	}()
	return ticks
}

// round pulls every team that is due.
func (s *pullService) round(ctx context.Context) {
	teams, err := s.teams(ctx)
	if err != nil {
		s.log.Error().Str("error", explainPull(err)).Msg("the teams to pull are not known, trying again at the next interval")
		return
	}
	pullAll(teams, func(_ int, team string) {
		if ctx.Err() == nil {
			s.pull(ctx, team)
		}
	})
}

// teams are those of the setting, or else those that the integrations serve.
func (s *pullService) teams(ctx context.Context) ([]string, error) {
	if len(s.config.Pull.Teams) > 0 {
		return oneSpelling(s.config.Pull.Teams), nil
	}
	var teams []string
	for _, i := range s.config.Integrations {
		served := i.Teams
		if len(served) == 0 {
			var err error
			if served, err = s.puller.store.TeamIDs(ctx); err != nil {
				return nil, err
			}
		}
		teams = append(teams, served...)
	}
	return oneSpelling(teams), nil
}

// pull pulls one team, unless another process does or has just done so.
func (s *pullService) pull(ctx context.Context, team string) {
	began := time.Now()
	log := s.log.With().Str("team", team).Logger()
	lease, err := s.puller.store.Lease(ctx, strings.ToLower(team), pullLease, pullTimeout+time.Minute)
	if errors.Is(err, store.ErrLeased) {
		log.Debug().Msg("another process pulls the team, or has just done so")
		return
	}
	var pulled pulledTeam
	if err == nil {
		pulled = s.pullLeased(ctx, lease, team, began)
		err = pulled.err
	}
	switch {
	case err == nil:
		logPulled(log, pulled, time.Since(began))
	case ctx.Err() == nil: // else the process stops
		log.Error().Str("error", explainPull(err)).Msg("the team could not be pulled, trying again at the next interval")
	}
}

// pullLeased pulls, and keeps the lease for most of an interval if that has
// succeeded: nobody else has to do it again so soon. Less than the shortest
// interval, for the next tick of this process to find it free. If it has failed
// another may try, but not at once: Microsoft Graph may be asking for less.
func (s *pullService) pullLeased(ctx context.Context, lease *store.Lease, team string, began time.Time) pulledTeam {
	bounded, cancel := context.WithTimeout(ctx, pullTimeout)
	defer cancel()
	pulled := s.puller.pull(bounded, team, pullWindow(s.puller.now(), s.config.Pull.WeeksBack, s.config.Pull.WeeksAhead))
	keep := s.config.Pull.Interval*8/10 - time.Since(began)
	switch {
	case pulled.err == nil:
	case ctx.Err() != nil: // this process stops
		keep = 0
	default:
		keep = s.config.Pull.Interval / 10
	}
	ending, cancelEnding := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancelEnding()
	if err := lease.End(ending, keep); err != nil {
		s.log.Warn().Str("team", team).Str("error", explainPull(err)).Msg("the lease of the pull ends by itself")
	}
	return pulled
}

func logPulled(log zerolog.Logger, pulled pulledTeam, took time.Duration) {
	var added, changed, gone int
	for _, k := range pulled.Kinds {
		added, changed, gone = added+k.New, changed+k.Changed, gone+k.Gone
	}
	if len(pulled.Skipped) > 0 {
		log.Warn().Int("count", len(pulled.Skipped)).Strs("skipped", describeSkipped(pulled.Skipped)).
			Msg("Shifts has what cannot be read, it is left as it was")
	}
	log.Info().Bool("created", pulled.Created).Bool("calendar", pulled.Calendar).
		Int("new", added).Int("changed", changed).Int("gone", gone).Dur("took", took).Msg("team pulled from Shifts")
}

// start runs the service, if there is any, and gives a function that waits for
// its end.
func (s *pullService) start(ctx context.Context) (wait func()) {
	var group sync.WaitGroup
	if s != nil {
		group.Go(func() { s.run(ctx) })
	}
	return group.Wait
}
