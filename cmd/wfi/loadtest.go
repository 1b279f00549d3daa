package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"net/url"
	"time"

	"example.com/shiftswfi/batch/contract"
	"example.com/shiftswfi/batch/loadtest"
	"example.com/shiftswfi/batch/shifts"
)

// loadTestCmd is wfi load-test.
type loadTestCmd struct {
	URL          string         `name:"url" placeholder:"URL" help:"The endpoint as it is registered in Microsoft Graph, without version and team."`
	Secret       []SecretRef    `sep:"none" placeholder:"REF" help:"The secret of the integration: the 64 characters themselves, env:NAME or file:PATH. Of several the first is used. Without it the variable WFI_SECRET counts, in the same forms."`
	Demo         bool           `xor:"source" help:"Load wfi serve --demo: brings url, secret and profile."`
	Profile      string         `placeholder:"FILE" xor:"source" help:"The profile of wfi contract: asks about its swap.shift, swap.eligible and timeOffReasons.user, and changes the shifts of its roster."`
	Read         []string       `sep:"none" placeholder:"URL" xor:"source" help:"Ask only this: the url of an item of /read, such as '/users/$USER/timeOffReasons?requestType=TimeOffReason'. Repeat it for several, in turn. Needs --team."`
	Team         string         `placeholder:"ID" help:"The team that --read is about."`
	APIVersion   int            `name:"api-version" default:"1" placeholder:"N" help:"As registered, for --read (default ${default})."`
	Now          string         `placeholder:"TIME" help:"What an endpoint whose clock stands still takes for now."`
	Rate         float64        `default:"50" placeholder:"N" help:"Calls a second (default ${default})."`
	Duration     *time.Duration `placeholder:"TIME" help:"How long to send (default 10s, or until all --requests are sent)."`
	Requests     int            `placeholder:"N" help:"How many calls to send at most."`
	Connections  int            `default:"16" placeholder:"N" help:"Calls on their way at once (default ${default}); what is due beyond them waits."`
	Updates      *float64       `placeholder:"SHARE" help:"Which share of the calls are changes, 0 to 1: shifts that a manager makes and deletes (default 0.2 for a roster on this machine, else 0)."`
	Patience     time.Duration  `default:"30s" placeholder:"TIME" help:"How long one answer may take (default ${default}, as long as Shifts has)."`
	IOwnThisHost bool           `name:"i-own-this-host" help:"Load a host that is not this machine. Only with the consent of whoever runs it."`
	JSON         bool           `name:"json" help:"Print JSON."`
}

// Help is shown by wfi load-test --help.
func (loadTestCmd) Help() string {
	return `Sends sealed callbacks at a fixed rate, whatever the endpoint does, and tells how long they waited and how many answers were wrong. The wait counts from the moment at which a call was due: a stall shows in every call that was due in it.

Every question is asked once before, and has to be answered with the same ids from then on: ask what does not change while the test runs, and let nobody else change the team. Changes are short shifts of the roster, made and deleted again, so that none is left.

The exit code is 1 if any answer was wrong.

Examples:

    wfi load-test --demo

    wfi load-test --demo --rate 500 --duration 1m --connections 64 --updates 0.5

    wfi load-test --url http://127.0.0.1:8080/contoso --secret env:CONTOSO_SECRET --profile contoso.yaml --json

    wfi load-test --url http://127.0.0.1:8080/contoso --secret env:CONTOSO_SECRET --team $TEAM --read "/users/$USER/timeOffReasons?requestType=TimeOffReason"`
}

// Validate checks what the parser cannot.
func (c *loadTestCmd) Validate() error {
	address, err := url.Parse(c.URL)
	switch {
	case c.URL != "" && (err != nil || address.Scheme != "http" && address.Scheme != "https" || address.Host == ""):
		return errors.New("--url: expected http://HOST/PATH or https://HOST/PATH")
	case !c.Demo && c.Profile == "" && len(c.Read) == 0:
		return errors.New("nothing to send: give --demo, --profile or --read")
	case !c.Demo && c.URL == "":
		return errors.New("no endpoint: give --url, or --demo for that of wfi serve --demo")
	case len(c.Read) > 0 && c.Team == "":
		return errors.New("--read: give the team that it is about with --team")
	case len(c.Read) == 0 && c.Team != "":
		return errors.New("--team: is for --read only; a profile names its team")
	case c.APIVersion < 1:
		return errors.New("--api-version: expected 1 or more")
	case c.Updates != nil && !(*c.Updates >= 0 && *c.Updates <= 1):
		return errors.New("--updates: expected a share between 0 and 1")
	case len(c.Read) > 0 && c.Updates != nil && *c.Updates > 0:
		return errors.New("--updates: needs the roster of --profile or --demo")
	case c.Patience == 0:
		return errors.New("--patience: expected more than 0s")
	case c.Duration == nil && float64(c.Requests) > c.Rate*loadtest.MaxDuration.Seconds():
		return fmt.Errorf("--requests: would take longer than %v, the longest that a test may take: give fewer, or a higher --rate", loadtest.MaxDuration)
	}
	if err := c.options().Check(); err != nil {
		return fmt.Errorf("--%w", err)
	}
	return nil
}

func (c *loadTestCmd) options() loadtest.Options {
	duration := 10 * time.Second
	switch {
	case c.Duration != nil:
		duration = *c.Duration
	case c.Requests > 0:
		duration = loadtest.MaxDuration
	}
	return loadtest.Options{
		Rate: c.Rate, Duration: duration, Requests: c.Requests, Connections: c.Connections, Patience: c.Patience,
	}
}

// Run sends the calls and reports.
func (c *loadTestCmd) Run(ctx context.Context, p *process) error {
	options, profile, err := c.prepare(ctx, p)
	if err != nil {
		return err
	}
	host, err := loadtest.Resolve(ctx, c.URL, nil)
	if err != nil {
		return fmt.Errorf("find the host of --url: %w", err)
	}
	elsewhere, foreign := host.Elsewhere()
	if foreign && !c.IOwnThisHost {
		return c.notThisMachine(elsewhere)
	}
	transport := host.Transport(c.Connections)
	defer transport.CloseIdleConnections()
	options.Transport = transport
	calls := &loadCalls{
		endpoint: shifts.Endpoint{URL: c.URL, APIVersion: cmp.Or(profile.APIVersion, c.APIVersion)},
		key:      options.Key, caller: shifts.Caller{Transport: transport, Patience: c.Patience},
	}
	if err := calls.plan(profile, c.Read, c.updates(profile, foreign)); err != nil {
		return err
	}
	if foreign {
		fmt.Fprintf(p.stderr, "wfi load-test: loading %s, which is not this machine, with up to %g calls a second\n", elsewhere, c.Rate)
	}
	if isTerminal(p.stderr) {
		progress, erase := loadProgress(p.stderr)
		defer erase()
		options.Progress = progress
	}
	if err := calls.warmUp(ctx); err != nil {
		return errors.Join(err, calls.cleanUp(ctx))
	}
	report, err := loadtest.Run(ctx, calls, options)
	if err != nil {
		return errors.Join(err, calls.cleanUp(ctx))
	}
	left := calls.cleanUp(ctx)
	if err := c.print(p, report); err != nil {
		return errors.Join(err, left)
	}
	return errors.Join(c.verdict(ctx, report), left)
}

// prepare reads what the flags name, and fills in what --demo stands for.
func (c *loadTestCmd) prepare(ctx context.Context, p *process) (loadtest.Options, contract.Profile, error) {
	options, profile := c.options(), contract.Profile{Team: c.Team}
	now, err := timeFlag("--now", c.Now)
	if err != nil {
		return options, profile, err
	}
	switch {
	case c.Demo:
		if profile, err = demoProfile(ctx, now, now); err != nil {
			return options, profile, err
		}
		c.URL = cmp.Or(c.URL, demoURL)
		if len(c.Secret) == 0 {
			ref, err := ParseSecretRef(demoSecret)
			if err != nil {
				return options, profile, err
			}
			c.Secret = []SecretRef{ref}
		}
	case c.Profile != "":
		if profile, err = contract.ReadProfile(c.Profile); err != nil {
			return options, profile, fmt.Errorf("read profile %s: %w", c.Profile, withoutPath(err))
		}
	}
	if c.Now != "" {
		profile.Now = now.Format(time.RFC3339Nano)
	}
	keys, err := p.keys(c.Secret)
	if err != nil {
		return options, profile, err
	}
	options.Key = keys[0]
	return options, profile, nil
}

func (c *loadTestCmd) notThisMachine(address netip.Addr) error {
	return misuse{fmt.Errorf("--url leads to %s, which is not this machine: a load test can put a host out of service; if it is yours, and nobody depends on it, give --i-own-this-host", address)}
}

// updates is the share of the calls that change something. What is not on this
// machine is changed only if that was asked for.
func (c *loadTestCmd) updates(profile contract.Profile, foreign bool) float64 {
	const share = 0.2
	mode := cmp.Or(profile.Modes["shift"], profile.Mode)
	switch {
	case c.Updates != nil:
		return *c.Updates
	case foreign || len(profile.Roster.Workers) == 0 || profile.Roster.From == "" || mode == contract.ReadOnly:
		return 0
	}
	return share
}

func (c *loadTestCmd) print(p *process, report *loadtest.Report) error {
	for _, warning := range loadWarnings(report) {
		fmt.Fprintf(p.stderr, "wfi load-test: %s\n", warning)
	}
	if c.JSON {
		return printJSON(p.stdout, report)
	}
	_, err := io.WriteString(p.stdout, loadText(c.URL, report))
	return err
}

// verdict is the error that the run comes to.
func (c *loadTestCmd) verdict(ctx context.Context, report *loadtest.Report) error {
	switch {
	case report.All.Wrong > 0:
		return fmt.Errorf("%d of %d answers were wrong", report.All.Wrong, report.All.Calls)
	case ctx.Err() != nil:
		return fmt.Errorf("interrupted after %d of %d calls", report.Sent, report.Planned)
	}
	return nil
}
