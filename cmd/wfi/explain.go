package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"example.com/shiftswfi/eligibility"
	"example.com/shiftswfi/handlers"
)

// explainCmd is wfi explain.
type explainCmd struct {
	Swap    explainSwapCmd    `cmd:"" help:"Which shifts may a shift be swapped for?"`
	Timeoff explainTimeoffCmd `cmd:"" help:"Which time-off reasons may a worker choose?"`
	Take    explainTakeCmd    `cmd:"" help:"May a worker take an offered or open shift?"`
}

// explainFlags are what all questions share.
type explainFlags struct {
	Team string `required:"" placeholder:"FILE|ID" help:"The team: a team file, or the id of a team in the store."`
	storeFlags
	Now  string `placeholder:"TIME" help:"Decide as at this time, such as 2026-12-01T12:00:00Z (default: now)."`
	JSON bool   `name:"json" help:"Print JSON."`
}

// load gives the team in question and the time to decide at.
func (f *explainFlags) load(ctx context.Context, p *process) (*eligibility.Team, time.Time, error) {
	now, err := timeFlag("--now", f.Now)
	if err != nil {
		return nil, now, err
	}
	if _, err := os.Stat(f.Team); err == nil {
		team, err := readTeamFile(f.Team)
		return team, now, err
	}
	if strings.HasSuffix(f.Team, ".json") {
		return nil, now, fmt.Errorf("there is no file %s", f.Team)
	}
	teams, err := f.storeFlags.open(p)
	if err != nil {
		return nil, now, fmt.Errorf("--team %s is no file: %w", f.Team, err)
	}
	defer teams.Close()
	team, err := teams.Team(ctx, f.Team)
	if errors.Is(err, eligibility.ErrTeamNotFound) {
		err = fmt.Errorf("the store has no team %s: load it with wfi load", f.Team)
	}
	return team, now, err
}

// timeFlag reads a time given on the command line; none is the present.
func timeFlag(name, text string) (time.Time, error) {
	if text == "" {
		return time.Now(), nil
	}
	t, err := eligibility.ParseTime(text)
	if err != nil {
		return t, misuse{fmt.Errorf("%s: expected a time such as 2026-12-01T12:00:00Z", name)}
	}
	return t, nil
}

type explainSwapCmd struct {
	explainFlags
	Shift string `arg:"" help:"Id of the shift that its owner wants to swap."`
	Start string `placeholder:"TIME" help:"Only shifts that start then or later (default: now)."`
	End   string `placeholder:"TIME" help:"Only shifts that start then or earlier (default: 28 days later)."`
}

// Help is shown by wfi explain swap --help.
func (explainSwapCmd) Help() string {
	return `Lists every published shift of the team with the rules that keep it from being offered, on the side of the worker who asks (requester) or of the other (owner).

Examples:

    wfi explain swap SHFT_1 --team team.json --now 2026-12-01T12:00:00Z

    wfi explain swap SHFT_1 --team $TEAM --redis redis://127.0.0.1:6379/0 --json | jq .ids`
}

// Run prints the explanation.
func (c *explainSwapCmd) Run(ctx context.Context, p *process) error {
	team, now, err := c.load(ctx, p)
	if err != nil {
		return err
	}
	answer, err := team.ExplainSwaps(ctx, eligibility.SwapQuestion{
		ShiftID: c.Shift, RequestType: "SwapRequest", WindowStart: c.Start, WindowEnd: c.End, Now: now,
	})
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(p.stdout, explainedAnswer(answer))
	}
	describe := func(id string) []string { return describeShift(team, id) }
	return printAnswerTable(p.stdout, describeLine(team, c.Shift), "shifts", []string{"SHIFT", "WORKER", "STARTS"}, answer, describe)
}

type explainTimeoffCmd struct {
	explainFlags
	User string `arg:"" help:"User id of the worker."`
}

// Help is shown by wfi explain timeoff --help.
func (explainTimeoffCmd) Help() string {
	return `Lists every active time-off reason of the team with the rules that keep it from the worker.

Example:

    wfi explain timeoff $USER --team team.json --now 2026-12-01T12:00:00Z`
}

// Run prints the explanation.
func (c *explainTimeoffCmd) Run(ctx context.Context, p *process) error {
	team, now, err := c.load(ctx, p)
	if err != nil {
		return err
	}
	answer, err := team.ExplainTimeOffReasons(ctx, eligibility.ReasonQuestion{UserID: c.User, Now: now})
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(p.stdout, explainedAnswer(answer))
	}
	describe := func(id string) []string { return []string{id, entityName(team, eligibility.KindTimeOffReason, id)} }
	return printAnswerTable(p.stdout, workerName(team, c.User), "reasons", []string{"REASON", "NAME"}, answer, describe)
}

type explainTakeCmd struct {
	explainFlags
	Shift   string `arg:"" help:"Id of the offered or open shift."`
	User    string `arg:"" help:"User id of the worker who would take it."`
	Request string `placeholder:"ID" help:"The request that is being decided, which may tie the shift up."`
}

// Help is shown by wfi explain take --help.
func (explainTakeCmd) Help() string {
	return `Says whether a worker may take a shift that is offered to them, or an open shift, and which rules are against it.

Example:

    wfi explain take OPNSHFT_1 $USER --team team.json --now 2026-12-01T12:00:00Z`
}

// Run prints the verdict.
func (c *explainTakeCmd) Run(ctx context.Context, p *process) error {
	team, now, err := c.load(ctx, p)
	if err != nil {
		return err
	}
	verdict := team.Take(eligibility.TakeQuestion{ShiftID: c.Shift, UserID: c.User, RequestID: c.Request, Now: now})
	if c.JSON {
		return printJSON(p.stdout, takeJSON{
			outcomeJSON: outcomeOf(verdict.Code), Eligible: verdict.Eligible(), Failed: failedOf(verdict.Failed),
		})
	}
	fmt.Fprintf(p.stdout, "%s for %s: ", describeLine(team, c.Shift), workerName(team, c.User))
	switch {
	case verdict.Code != eligibility.OK:
		fmt.Fprintf(p.stdout, "%s. %s\n", verdict.Code, verdict.Message)
	case verdict.Eligible():
		fmt.Fprintln(p.stdout, "may be taken.")
	default:
		fmt.Fprintln(p.stdout, "may not be taken.")
		for _, failure := range verdict.Failed {
			fmt.Fprintf(p.stdout, "  %s: %s\n", failure.Rule, failure.Message)
		}
	}
	return nil
}

// The JSON of an explanation. Status and code are those that an item of /read
// would be answered with; the code of a success is null.
type (
	outcomeJSON struct {
		Status int               `json:"status"`
		Code   *eligibility.Code `json:"code"`
	}
	answerJSON struct {
		outcomeJSON
		IDs        []string        `json:"ids"` // null unless a success, as are the candidates
		Candidates []candidateJSON `json:"candidates"`
	}
	candidateJSON struct {
		ID     string        `json:"id"`
		Failed []failureJSON `json:"failed"`
	}
	failureJSON struct {
		Rule eligibility.Rule `json:"rule"`
		Side eligibility.Side `json:"side,omitempty"`
	}
	takeJSON struct {
		outcomeJSON
		Eligible bool          `json:"eligible"`
		Failed   []failureJSON `json:"failed"`
	}
)

func outcomeOf(code eligibility.Code) outcomeJSON {
	o := outcomeJSON{Status: handlers.Status(code)}
	if code != eligibility.OK {
		o.Code = &code
	}
	return o
}

func explainedAnswer(answer eligibility.Answer) answerJSON {
	explained := answerJSON{outcomeJSON: outcomeOf(answer.Code), IDs: answer.IDs}
	if answer.Code == eligibility.OK {
		explained.Candidates = []candidateJSON{}
	}
	for _, c := range answer.Candidates {
		explained.Candidates = append(explained.Candidates, candidateJSON{ID: c.ID, Failed: failedOf(c.Failed)})
	}
	return explained
}

func failedOf(failures []eligibility.Failure) []failureJSON {
	failed := []failureJSON{}
	for _, f := range failures {
		failed = append(failed, failureJSON{Rule: f.Rule, Side: f.Side})
	}
	return failed
}

func printJSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}

// printAnswerTable prints what was asked, the result in one sentence, and a
// row for each candidate.
func printAnswerTable(w io.Writer, asked, what string, header []string, answer eligibility.Answer, describe func(id string) []string) error {
	fmt.Fprintln(w, asked)
	if answer.Code != eligibility.OK {
		_, err := fmt.Fprintf(w, "%d %s: %s\n", handlers.Status(answer.Code), answer.Code, answer.Message)
		return err
	}
	fmt.Fprintf(w, "%d of %d %s are eligible.\n\n", len(answer.IDs), len(answer.Candidates), what)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, strings.Join(append(header, "RESULT"), "\t"))
	for _, candidate := range answer.Candidates {
		fmt.Fprintln(table, strings.Join(append(describe(candidate.ID), result(candidate.Failed)), "\t"))
	}
	return table.Flush()
}

// result names the rules that failed, each with the sides it failed on.
func result(failed []eligibility.Failure) string {
	if len(failed) == 0 {
		return "eligible"
	}
	var rules []string
	for _, f := range failed {
		text := string(f.Rule)
		if f.Side != eligibility.NoSide {
			text += " (" + string(f.Side) + ")"
		}
		rules = append(rules, text)
	}
	return strings.Join(rules, ", ")
}

// describeShift gives the columns of a shift: id, worker, local start.
func describeShift(team *eligibility.Team, id string) []string {
	s := team.Shift(id)
	return []string{id, workerName(team, s.UserID), s.Shared.StartDateTime.In(team.TimeZone()).Format("Mon 2006-01-02 15:04")}
}

// describeLine names a shift or open shift, as far as it is known.
func describeLine(team *eligibility.Team, id string) string {
	what, item := "Shift "+id, (*eligibility.ShiftItem)(nil)
	if s := team.Shift(id); s != nil {
		item = s.Shared
		if s.UserID != "" {
			what += " of " + workerName(team, s.UserID)
		}
	} else if o := team.OpenShift(id); o != nil {
		what, item = "Open shift "+id, o.Shared()
	}
	if item != nil {
		zone := team.TimeZone()
		what += fmt.Sprintf(", %s to %s (%s)", item.StartDateTime.In(zone).Format("Mon 2006-01-02 15:04"),
			item.EndDateTime.In(zone).Format("15:04"), zone)
	}
	return what
}

// workerName is the display name of a worker, or the user id without one.
func workerName(team *eligibility.Team, userID string) string {
	if worker := team.Worker(userID); worker != nil && worker.DisplayName != "" {
		return printable(worker.DisplayName)
	}
	return printable(userID)
}

func entityName(team *eligibility.Team, kind eligibility.Kind, id string) string {
	var named struct {
		DisplayName string `json:"displayName"`
	}
	if entity, ok := team.Entity(kind, id); ok {
		_ = json.Unmarshal(entity.JSON, &named) // only a name, for people
	}
	return printable(named.DisplayName)
}
