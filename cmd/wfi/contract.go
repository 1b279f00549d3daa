package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"example.com/shiftswfi/batch/contract"
)

// contractCmd is wfi contract.
type contractCmd struct {
	Certify contractRunCmd  `cmd:"" name:"run" default:"withargs" help:"Play Shifts and judge the answers of an endpoint. The word run may be left out."`
	Init    contractInitCmd `cmd:"" help:"Write a profile to fill in, with every setting explained."`
}

// Help is shown by wfi contract --help.
func (contractCmd) Help() string {
	return `Plays Shifts: sends sealed callbacks to an endpoint, in whatever language it is written, and says what Shifts would choke on and what to change. All flags: wfi contract run --help.

Examples:

    wfi contract --demo

    wfi contract --url https://wfi.contoso.example/shifts --secret env:CONTOSO_SECRET

    wfi contract init contoso.yaml`
}

type contractRunCmd struct {
	URL      string        `name:"url" placeholder:"URL" help:"The endpoint as it is registered in Microsoft Graph, without version and team."`
	Secret   []SecretRef   `sep:"none" placeholder:"REF" help:"The secret of the integration: the 64 characters themselves, env:NAME or file:PATH. Of several the first is used. Without it the variable WFI_SECRET counts, in the same forms."`
	Profile  string        `placeholder:"FILE" xor:"profile" help:"What the endpoint's own data are, for the checks that need to know; wfi contract init writes one to fill in."`
	Demo     bool          `xor:"profile" help:"Check wfi serve --demo: brings url, secret and profile."`
	Now      string        `placeholder:"TIME" help:"What an endpoint whose clock stands still takes for now."`
	Only     []string      `name:"run" placeholder:"ID" help:"Make only this check, or all of this group. Repeat it for several."`
	List     bool          `help:"List the checks instead of making them."`
	Timeout  time.Duration `default:"5m" placeholder:"TIME" help:"How long the whole run may take (default ${default})."`
	Patience time.Duration `default:"30s" placeholder:"TIME" help:"How long one answer may take (default ${default}, as long as Shifts has)."`
	JSON     bool          `name:"json" help:"Print JSON."`
	JUnit    string        `name:"junit" placeholder:"FILE" help:"Write JUnit XML too, for build servers. A MUST that failed is a failure there; a SHOULD or MAY that failed is shown as skipped, with what was found."`
	HTML     string        `name:"html" placeholder:"FILE" help:"Write a page too, to hand on."`
}

// Help is shown by wfi contract --help.
func (contractRunCmd) Help() string {
	return `Sends sealed callbacks as Shifts does, and says what Shifts would choke on and what to change. Without a profile only those checks are made that need to know nothing about the endpoint. Checks with a profile create, change and delete shifts and requests of its team, and take them back: use a team that is there for tests.

The exit code is 0 only if everything was checked and no MUST failed.

Examples:

    wfi contract --demo

    wfi contract --url https://wfi.contoso.example/shifts --secret env:CONTOSO_SECRET

    wfi contract init contoso.yaml

    wfi contract --url https://wfi.contoso.example/shifts --secret env:CONTOSO_SECRET --profile contoso.yaml --junit contract.xml --html contract.html

    wfi contract --demo --run read --run update.swap-approved`
}

// Validate checks what the parser cannot.
func (c *contractRunCmd) Validate() error {
	if c.URL != "" {
		address, err := url.Parse(c.URL)
		if err != nil || address.Scheme != "http" && address.Scheme != "https" || address.Host == "" {
			return errors.New("--url: expected http://HOST/PATH or https://HOST/PATH")
		}
	}
	if c.Timeout <= 0 {
		return errors.New("--timeout: expected more than 0s")
	}
	if c.Patience <= 0 {
		return errors.New("--patience: expected more than 0s")
	}
	if c.JUnit != "" && c.JUnit == c.HTML {
		return errors.New("--junit and --html: expected two files")
	}
	return nil
}

// Run makes the checks and reports.
func (c *contractRunCmd) Run(ctx context.Context, p *process) error {
	checks, err := c.checks()
	if err != nil {
		return err
	}
	if c.List {
		return c.list(p.stdout, checks)
	}
	files, err := c.createFiles()
	if err != nil {
		return err
	}
	defer files.discard()
	report, err := c.certify(ctx, p)
	if err != nil {
		return err
	}
	if err := c.print(p, report); err != nil {
		return err
	}
	if err := files.write(report); err != nil {
		return err
	}
	switch report.Verdict() {
	case contract.DoesNotConform:
		return errors.New("the endpoint does not conform: a MUST has failed")
	case contract.NotEstablished:
		return errors.New("it could not be established whether the endpoint conforms: some checks were not made, or none")
	}
	return nil
}

func (c *contractRunCmd) certify(ctx context.Context, p *process) (*contract.Report, error) {
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	options := contract.Options{Only: c.Only, Patience: c.Patience}
	if isTerminal(p.stderr) {
		options.Progress = progressLine(p.stderr)
	}
	if c.Demo {
		return c.certifyDemo(ctx, p, options)
	}
	if c.URL == "" {
		return nil, misuse{errors.New("no endpoint: give --url, or --demo for that of wfi serve --demo")}
	}
	secret, err := p.secret(c.Secret)
	if err != nil {
		return nil, err
	}
	var profile contract.Profile
	if c.Profile != "" {
		if profile, err = contract.ReadProfile(c.Profile); err != nil {
			return nil, fmt.Errorf("read profile %s: %w", c.Profile, withoutPath(err))
		}
	}
	if c.Now != "" {
		now, err := timeFlag("--now", c.Now)
		if err != nil {
			return nil, err
		}
		profile.Now = now.Format(time.RFC3339Nano)
	}
	return contract.Certify(ctx, c.URL, secret.text(), profile, options)
}

// checks are those that --run names, or else all.
func (c *contractRunCmd) checks() ([]contract.Check, error) {
	all := contract.Checks()
	if len(c.Only) == 0 {
		return all, nil
	}
	for _, name := range c.Only {
		if !slices.ContainsFunc(all, func(check contract.Check) bool { return named(check, name) }) {
			return nil, misuse{fmt.Errorf("--run: there is no check and no group %s; %s", printable(name), nearChecks(name, all))}
		}
	}
	return slices.DeleteFunc(all, func(check contract.Check) bool {
		return !slices.ContainsFunc(c.Only, func(name string) bool { return named(check, name) })
	}), nil
}

func named(check contract.Check, name string) bool { return name == check.ID || name == check.Group() }

// nearChecks says what somebody may have meant.
func nearChecks(name string, checks []contract.Check) string {
	var names []string
	for _, check := range checks {
		names = append(names, check.ID, check.Group())
	}
	slices.Sort(names)
	names = slices.Compact(names)
	distance := map[string]int{}
	for _, candidate := range names {
		distance[candidate] = editDistance(strings.ToLower(name), candidate)
		if strings.Contains(candidate, strings.ToLower(name)) {
			distance[candidate] = 0
		}
	}
	slices.SortStableFunc(names, func(a, b string) int { return distance[a] - distance[b] })
	names = slices.DeleteFunc(names, func(candidate string) bool { return distance[candidate] > len(candidate)/2 })
	if len(names) == 0 {
		return "--list shows them"
	}
	return "did you mean " + strings.Join(names[:min(len(names), 3)], " or ") + "? --list shows all"
}

// editDistance counts the letters to put in, take out or exchange (Levenshtein).
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(diagonal+cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// list prints the checks.
func (c *contractRunCmd) list(w io.Writer, checks []contract.Check) error {
	if c.JSON {
		return printJSON(w, checks)
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, check := range checks {
		fmt.Fprintf(table, "%s\t%s\t%s\n", check.ID, check.Level, check.Title)
	}
	return table.Flush()
}

// print prints the report, and what could be done next.
func (c *contractRunCmd) print(p *process, report *contract.Report) error {
	if c.JSON {
		return printJSON(p.stdout, report)
	}
	noColour, _ := lookupEnv(p.environ, "NO_COLOR")
	if err := report.WriteText(p.stdout, noColour == "" && isTerminal(p.stdout)); err != nil {
		return err
	}
	var next strings.Builder
	if report.Count(contract.Skipped) > 0 && c.Profile == "" && !c.Demo {
		fmt.Fprintln(&next, "For more checks, tell about the endpoint in a profile: wfi contract init writes one to fill in.")
	}
	if report.Count(contract.Failed) > 0 && len(c.Only) == 0 {
		fmt.Fprintln(&next, "To work on one failure, repeat the command with --run and its id.")
	}
	_, err := io.WriteString(p.stdout, next.String())
	return err
}

// progressLine keeps one line on a terminal up to date, and takes it away in
// the end.
func progressLine(w io.Writer) func(done, total int, next contract.Check) {
	line := statusLine{w: w}
	return func(done, total int, next contract.Check) {
		if next.ID == "" {
			line.erase()
			return
		}
		line.show(fmt.Sprintf("%d of %d  %s", done, total, next.ID))
	}
}
