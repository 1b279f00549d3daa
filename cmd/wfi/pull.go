package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync/atomic"
	"time"

	"example.com/shiftswfi/handlers"
	"example.com/shiftswfi/store/graph"
)

// The bounds of the window that a pull reads.
const (
	week     = 7 * 24 * time.Hour
	maxWeeks = 104
)

// pullCmd is wfi pull.
type pullCmd struct {
	storeFlags
	From       string        `placeholder:"TIME" help:"Where the window begins."`
	To         string        `placeholder:"TIME" help:"Where the window ends."`
	WeeksBack  int           `default:"1" placeholder:"N" help:"How many weeks before now the window begins, without --from (default ${default})."`
	WeeksAhead int           `default:"5" placeholder:"N" help:"How many weeks after now the window ends, without --to (default ${default})."`
	Settle     time.Duration `default:"5s" placeholder:"TIME" help:"How long Shifts gets to save what was just approved (default ${default})."`
	DryRun     bool          `help:"Say what would change, and store nothing."`
	Force      bool          `help:"Delete what is gone from Shifts even if it is most of a team."`
	Verbose    bool          `short:"v" help:"Name every entity that changes."`
	JSON       bool          `name:"json" help:"Print JSON."`
	graphFlags `group:"Microsoft Graph:"`
	Teams      []string `arg:"" name:"team" help:"Ids of the teams."`
}

// Help is shown by wfi pull --help.
func (pullCmd) Help() string {
	return `Brings teams in the store up to what Shifts has, through Microsoft Graph: time zone and week, groups, shifts, open shifts, absences, reasons and open requests, as far as they lie in a window of time. A team that the store does not have is added. What the store knows beyond Shifts stays: worker records, policy, requires and attributes, and all that lies outside the window. Each team is changed in one step or not at all; what fails with one does not keep the others. An entity that cannot be read is skipped and named. A team of which more than half (and more than 50) of the shifts, or of another list, would go is left alone without --force.

Run it after a team was enabled, and then at an interval (serve does that by the setting pull.interval): Shifts calls nobody back when a whole schedule is shared. Needs the permission Schedule.Read.All.

Examples:

    wfi pull $TEAM --redis redis://127.0.0.1:6379/0 --dry-run --verbose

    wfi pull $TEAM $OTHER --config wfi.yaml

    wfi pull $TEAM --config wfi.yaml --from 2026-12-01T00:00:00Z --to 2027-01-01T00:00:00Z --json`
}

// Validate checks what the parser cannot.
func (c *pullCmd) Validate() error {
	switch {
	case c.WeeksBack < 0 || c.WeeksBack > maxWeeks:
		return fmt.Errorf("--weeks-back: expected 0 to %d", maxWeeks)
	case c.WeeksAhead < 0 || c.WeeksAhead > maxWeeks:
		return fmt.Errorf("--weeks-ahead: expected 0 to %d", maxWeeks)
	case c.Settle < 0 || c.Settle > time.Minute:
		return errors.New("--settle: expected 0s to 1m")
	}
	return nil
}

// Run pulls the teams.
func (c *pullCmd) Run(ctx context.Context, p *process) error {
	window, err := c.window(time.Now())
	if err != nil {
		return err
	}
	client, err := c.client(p)
	if err != nil {
		return err
	}
	target, err := c.open(p)
	if err != nil {
		return err
	}
	defer target.Close()
	pull := &puller{client: client, store: target, now: time.Now, dryRun: c.DryRun, force: c.Force, settle: settleFor(c.Settle)}
	pulled, err := c.pullAll(ctx, p, pull, oneSpelling(c.Teams), window)
	if err != nil {
		return err
	}
	if err := c.print(p, pulled); err != nil {
		return err
	}
	failed := 0
	for _, team := range pulled {
		for _, line := range describeSkipped(team.Skipped) {
			fmt.Fprintf(p.stderr, "team %s: skipped %s\n", oneLine(team.Team), line)
		}
		if team.err != nil {
			failed++
			fmt.Fprintf(p.stderr, "team %s: %s\n", oneLine(team.Team), team.Error)
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d teams could not be pulled", failed, len(pulled))
	}
	return nil
}

// window is the one that the flags describe.
func (c *pullCmd) window(now time.Time) (graph.Window, error) {
	w := pullWindow(now, c.WeeksBack, c.WeeksAhead)
	for _, end := range []struct {
		name, text string
		time       *time.Time
	}{{"--from", c.From, &w.From}, {"--to", c.To, &w.To}} {
		if end.text == "" {
			continue
		}
		var err error
		if *end.time, err = timeFlag(end.name, end.text); err != nil {
			return w, err
		}
	}
	if length := w.To.Sub(w.From); length <= 0 || length > 2*maxWeeks*week {
		return w, misuse{fmt.Errorf("the window: expected an end after its beginning, and at most %d weeks", 2*maxWeeks)}
	}
	return w, nil
}

// pullWindow is the window around now.
func pullWindow(now time.Time, weeksBack, weeksAhead int) graph.Window {
	return graph.Window{From: now.Add(-time.Duration(weeksBack) * week), To: now.Add(time.Duration(weeksAhead) * week)}
}

// pullAll pulls the teams and shows how far it is. The error is one that every
// team would meet, such as a token that is not accepted.
func (c *pullCmd) pullAll(ctx context.Context, p *process, pull *puller, teams []string, window graph.Window) ([]pulledTeam, error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	pulled := make([]pulledTeam, len(teams))
	done := make(chan int, len(teams))
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		report := p.progress("pulling")
		report(0, len(teams))
		count := 0
		for range done {
			count++
			report(count, len(teams))
		}
	}()
	var fatal atomic.Pointer[error]
	pullAll(teams, func(i int, team string) {
		pulled[i] = pull.pull(ctx, team, window)
		if err := pulled[i].err; concernsAll(err) && fatal.CompareAndSwap(nil, &err) {
			stop(err) // the teams that are left fail at once
		}
		done <- i
	})
	close(done)
	<-finished
	if err := fatal.Load(); err != nil && !slices.ContainsFunc(pulled, func(t pulledTeam) bool { return t.err == nil }) {
		return nil, *err
	}
	return pulled, nil
}

func (c *pullCmd) print(p *process, pulled []pulledTeam) error {
	if !c.Verbose {
		for i := range pulled {
			pulled[i].Entities = nil
		}
	}
	if c.JSON {
		return printJSON(p.stdout, pulled)
	}
	for _, team := range pulled {
		if team.err == nil {
			c.printTeam(p.stdout, team)
		}
	}
	return nil
}

func (c *pullCmd) printTeam(w io.Writer, team pulledTeam) {
	did := "changed"
	switch {
	case team.Created:
		did = "new in the store, without a policy: wfi export it, add one, and wfi load it"
	case !team.Calendar && len(team.Kinds) == 0:
		did = "nothing has changed"
	}
	if c.DryRun {
		did += " (a dry run: nothing is stored)"
	}
	name := oneLine(team.Team)
	if team.Asked != "" {
		name += " (asked for as " + oneLine(team.Asked) + ")"
	}
	fmt.Fprintf(w, "team %s: %s\n", name, did)
	printPulled(w, "  ", team.PullRecord)
	for _, e := range team.Entities {
		fmt.Fprintf(w, "    %s %s %s\n", e.Change, e.Kind, oneLine(e.ID))
	}
}

// printPulled prints a line for each sort of thing that a pull has changed.
func printPulled(w io.Writer, indent string, pulled handlers.PullRecord) {
	if pulled.Calendar {
		fmt.Fprintf(w, "%stime zone or week\n", indent)
	}
	for _, k := range pulled.Kinds {
		fmt.Fprintf(w, "%s%s: %d new, %d changed, %d gone\n", indent, k.Kind, k.New, k.Changed, k.Gone)
	}
}
