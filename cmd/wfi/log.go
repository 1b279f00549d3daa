package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"example.com/shiftswfi/handlers"
	"example.com/shiftswfi/store"
)

// logCmd is wfi log.
type logCmd struct {
	storeFlags
	Follow bool   `short:"f" help:"Go on with what is decided from now on, until interrupted."`
	JSON   bool   `name:"json" help:"Print a JSON object a line."`
	Lines  int64  `short:"n" default:"20" help:"How many of the newest decisions to begin with (default ${default})."`
	Team   string `arg:"" help:"Id of the team."`
}

// Help is shown by wfi log --help.
func (logCmd) Help() string {
	return `Shows what was decided of the changes to a team, oldest first: when, in which transaction, what became of each item, and by which rules; and what wfi pull, or serve by its interval, has taken over from Shifts. The store keeps about the newest 10,000 decisions of a team.

Examples:

    wfi log $TEAM --redis redis://127.0.0.1:6379/0

    wfi log $TEAM --follow --json | jq 'select(.approved | not)'`
}

// Validate checks what the parser cannot.
func (c *logCmd) Validate() error {
	if c.Lines < 0 || c.Lines > 10000 {
		return fmt.Errorf("--lines: expected 0 to 10000")
	}
	return nil
}

// Run prints the log.
func (c *logCmd) Run(ctx context.Context, p *process) error {
	source, err := c.open(p)
	if err != nil {
		return err
	}
	defer source.Close()
	last := "" // nothing was there yet
	if c.Lines > 0 || c.Follow {
		decisions, err := source.LatestDecisions(ctx, c.Team, max(c.Lines, 1))
		if err != nil {
			return err
		}
		if c.Lines > 0 {
			if err := c.print(p, decisions); err != nil {
				return err
			}
		}
		if len(decisions) > 0 {
			last = decisions[len(decisions)-1].ID
		}
	}
	for c.Follow {
		decisions, err := source.Decisions(ctx, c.Team, last, 100, 2*time.Second)
		if ctx.Err() != nil {
			return nil // interrupted: what was asked for
		}
		if err != nil {
			return err
		}
		if len(decisions) > 0 {
			last = decisions[len(decisions)-1].ID
		}
		if err := c.print(p, decisions); err != nil {
			return err
		}
	}
	return nil
}

func (c *logCmd) print(p *process, decisions []store.Decision) error {
	for _, d := range decisions {
		if c.JSON {
			fmt.Fprintf(p.stdout, "%s\n", d.Record)
			continue
		}
		var record handlers.DecisionRecord
		if err := json.Unmarshal(d.Record, &record); err != nil {
			return fmt.Errorf("the record %s was written by another program: %w", d.ID, err)
		}
		printDecision(p, record)
	}
	return nil
}

// printDecision prints a line for the decision and one for each of its items.
func printDecision(p *process, r handlers.DecisionRecord) {
	if r.Pulled != nil {
		fmt.Fprintf(p.stdout, "%s  pulled from Shifts\n", r.Time.Format(time.RFC3339))
		printPulled(p.stdout, "   ", *r.Pulled)
		return
	}
	verdict := "approved"
	if !r.Approved {
		verdict = "refused"
	}
	if r.Passthrough {
		verdict += ", passed through"
	}
	fmt.Fprintf(p.stdout, "%s  %s", r.Time.Format(time.RFC3339), verdict)
	if r.Transaction != "" {
		fmt.Fprintf(p.stdout, "  transaction %s", strings.Join(strings.Fields(printable(r.Transaction)), " "))
	}
	fmt.Fprintln(p.stdout)
	for _, i := range r.Items {
		parts := []string{i.Method, i.Entity, i.ID, i.State}
		if len(i.Users) > 0 {
			parts = append(parts, "of "+strings.Join(i.Users, ", "))
		}
		if i.Code != "" {
			parts = append(parts, "- "+string(i.Code))
		}
		if i.Waived != "" {
			parts = append(parts, "- would be "+string(i.Waived))
		}
		if len(i.Failed) > 0 {
			var rules []string
			for _, rule := range i.Failed {
				rules = append(rules, string(rule))
			}
			parts = append(parts, "("+strings.Join(rules, ", ")+")")
		}
		fmt.Fprintln(p.stdout, "   "+printable(strings.Join(strings.Fields(strings.Join(parts, " ")), " ")))
	}
}
