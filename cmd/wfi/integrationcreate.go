package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"example.com/shiftswfi/store/graph"
)

// integrationCreateCmd is wfi integration create.
type integrationCreateCmd struct {
	URL         string    `name:"url" required:"" placeholder:"URL" help:"The endpoint's url, without the version, such as https://wfi.contoso.com/contoso."`
	Name        string    `required:"" placeholder:"NAME" help:"The displayName: workers see it when a change is refused."`
	Entities    string    `required:"" placeholder:"NAMES" help:"What Shifts calls /update about, such as shift,swap-request,time-off; none stands for nothing."`
	Eligibility string    `placeholder:"NAMES" help:"What Shifts asks /read about: swap-request, offer-shift-request, time-off-reason."`
	APIVersion  *int      `name:"api-version" placeholder:"N" help:"The version in the paths of callbacks (default: that of the configuration, or 1)."`
	Secret      SecretRef `placeholder:"REF" help:"The secret that is shared with Shifts: env:NAME or file:PATH (its first). The 64 characters themselves are taken, too, but every user of this machine can see them in the list of processes. Without it the variable WFI_SECRET counts, in the same forms, and then the configuration."`
	Inactive    bool      `help:"Register it without Shifts calling it."`
	endpointFlags
	changeFlags
	graphFlags `group:"Microsoft Graph:"`
}

// Help is shown by wfi integration create --help.
func (integrationCreateCmd) Help() string {
	return `Registers the endpoint, which must run: it is called at /connect first, as Microsoft Graph does before it accepts the registration. Prints what Microsoft Graph has stored, and what to add to the endpoint's configuration. With --dry-run neither is called. Needs the permission WorkforceIntegration.ReadWrite.All.

Names of entities may be written in any letter case, with or without hyphens: shift, open-shift, swap-request, offer-shift-request, open-shift-request, time-off, time-off-request, time-off-reason, time-card, user-shift-preferences.

Examples:

    wfi integration create --config wfi.yaml --url https://wfi.contoso.com/contoso --name 'Contoso WFM' --entities shift,swap-request,open-shift,open-shift-request,time-off,time-off-request --eligibility swap-request,time-off-reason

    wfi integration create --url https://wfi.contoso.com/contoso --secret env:CONTOSO_SECRET --name 'Contoso WFM' --entities shift --dry-run`
}

// Run checks, creates and reads back.
func (c *integrationCreateCmd) Run(ctx context.Context, p *process) error {
	change, configured, err := c.check(ctx, p)
	if err != nil {
		return err
	}
	created := graph.NewIntegration{
		DisplayName: *change.DisplayName, APIVersion: *change.APIVersion, IsActive: *change.IsActive, URL: *change.URL,
		Secret: *change.Secret, SupportedEntities: *change.SupportedEntities,
	}
	if change.EligibilityFiltering != nil {
		created.EligibilityFiltering = *change.EligibilityFiltering
	}
	if c.DryRun {
		request := c.planned(http.MethodPost, created.Masked(), "teamwork", "workforceIntegrations")
		return request.print(p.stdout, c.JSON)
	}
	client, err := c.client(p)
	if err != nil {
		return err
	}
	answer, err := client.CreateIntegration(ctx, created)
	if err != nil {
		return adviseOnCreate(err, created.URL)
	}
	stored, viaBeta, err := readBack(ctx, client, answer.ID, change)
	if stored.ID == "" { // it could not be read
		stored = storedIntegration{WorkforceIntegration: *answer, EligibilityFrom: graphV1}
	}
	if printErr := c.print(p, stored, viaBeta, configured); printErr != nil {
		return printErr
	}
	if err != nil {
		return fmt.Errorf("%s is created, but not all of it is certain: %w", oneLine(stored.ID), err)
	}
	return notStored(change, stored)
}

// check looks at everything that can be known before Microsoft Graph is asked:
// first the command line and the configuration, and then the endpoint.
func (c *integrationCreateCmd) check(ctx context.Context, p *process) (graph.IntegrationChange, *Integration, error) {
	active := !c.Inactive
	said := asked{name: c.Name, url: c.URL, entities: c.Entities, eligibility: c.Eligibility,
		apiVersion: c.APIVersion, active: &active, secret: c.Secret}
	var found complaints
	var err error
	if said.secret == (SecretRef{}) {
		if said.secret, err = p.secretVariable(); err != nil {
			found.add("%v", err)
		}
	}
	change, wrong := said.parse(p, c.standIn())
	found = append(found, wrong...)
	endpoint := endpointCheck{url: c.URL, tenant: c.knownTenant(p)}
	if change.Secret != nil {
		endpoint.secret = *change.Secret
	}
	if c.APIVersion != nil {
		endpoint.apiVersion = *c.APIVersion
	}
	configured, err := c.configured(p, &endpoint, &found)
	if err != nil {
		return change, nil, err
	}
	if endpoint.apiVersion == 0 && c.APIVersion == nil {
		endpoint.apiVersion = 1
	}
	for _, required := range []struct{ flag, value string }{{"--url", c.URL}, {"--name", c.Name}, {"--entities", c.Entities}} {
		if required.value == "" {
			found.add("%s: expected more than nothing", required.flag)
		}
	}
	if endpoint.secret == "" && len(found) == 0 {
		found.add("no secret: give --secret, set %s, or give --config", secretVariable)
	}
	connects := !c.SkipConnectCheck && !c.DryRun
	if endpoint.tenant == "" && connects {
		found.add("--tenant: %s", c.expectedTenant(p))
	}
	if err := found.err(); err != nil {
		return change, nil, err
	}
	change.APIVersion, change.Secret = &endpoint.apiVersion, &endpoint.secret
	if connects {
		err = endpoint.connect(ctx)
	}
	return change, configured, err
}

// adviseOnCreate says what is particular about the failure of a creation.
func adviseOnCreate(err error, url string) error {
	var refused *graph.Error
	switch {
	case errors.Is(err, graph.ErrInvalid):
		return fmt.Errorf("%w; if that is about the endpoint, see that %s can be reached from the internet, and look at its log: Microsoft Graph has called its /connect", err, url)
	case errors.Is(err, graph.ErrUnreachable), errors.Is(err, graph.ErrUnexpected), errors.Is(err, context.Canceled), errors.As(err, &refused) && refused.Status >= http.StatusInternalServerError:
		return fmt.Errorf("%w; it may have been created all the same, look with wfi integration list before trying again", err)
	}
	return err
}

func (c *integrationCreateCmd) print(p *process, stored storedIntegration, viaBeta bool, configured *Integration) error {
	noteUntold(p, stored.untold)
	if c.JSON {
		return printJSON(p.stdout, stored)
	}
	fmt.Fprintf(p.stdout, "Microsoft Graph has created the workforce integration and stored:\n\n")
	if err := stored.print(p.stdout); err != nil {
		return err
	}
	printViaBeta(p, viaBeta)
	where := "the endpoint's configuration, at its integration"
	if configured != nil {
		where += " " + configured.Name
	}
	_, err := fmt.Fprintf(p.stdout, "\nPut this into %s:\n\n    workforceIntegrationId: %s\n\nThen let teams use it with wfi teams enable.\n", where, oneLine(stored.ID))
	return err
}

// printViaBeta tells how the eligibility filtering was stored.
func printViaBeta(p *process, viaBeta bool) {
	if viaBeta {
		fmt.Fprintln(p.stdout, "\nv1.0 of Microsoft Graph had dropped the eligibility filtering: it was sent to beta.")
	}
}
