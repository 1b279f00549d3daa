package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"example.com/shiftswfi/store/graph"
)

// integrationUpdateCmd is wfi integration update.
type integrationUpdateCmd struct {
	URL         string    `name:"url" placeholder:"URL" help:"The endpoint's url, without the version."`
	Name        string    `placeholder:"NAME" help:"The displayName: workers see it when a change is refused."`
	Entities    string    `placeholder:"NAMES" help:"What Shifts calls /update about, such as shift,swap-request; none takes all away."`
	Eligibility string    `placeholder:"NAMES" help:"What Shifts asks /read about, such as swap-request; none takes all away."`
	APIVersion  *int      `name:"api-version" placeholder:"N" help:"The version in the paths of callbacks."`
	Secret      SecretRef `placeholder:"REF" help:"The secret that Shifts is to use from now on: env:NAME or file:PATH (its first). The 64 characters themselves are taken, too, but every user of this machine can see them in the list of processes. To change it while Shifts goes on calling, see wfi integration rotate-secret."`
	Active      *bool     `negatable:"" help:"Whether Shifts calls it."`
	endpointFlags
	changeFlags
	graphFlags `group:"Microsoft Graph:"`
	ID         string `arg:"" help:"Id of the workforce integration."`
}

// Help is shown by wfi integration update --help.
func (integrationUpdateCmd) Help() string {
	return `Sends only what differs from what Microsoft Graph has, and prints what it has stored then. A secret is always sent: Microsoft Graph does not give the old one back. With another url, version or secret the endpoint is called at /connect first, if its secret is known and this is no --dry-run. Needs the permission WorkforceIntegration.ReadWrite.All.

Examples:

    wfi integration update $WFI --entities shift,swap-request --eligibility none

    wfi integration update $WFI --config wfi.yaml --url https://wfi.contoso.com/contoso --dry-run

    wfi integration update $WFI --no-active`
}

// integrationUpdate is what --json prints.
type integrationUpdate struct {
	storedIntegration
	Changed []string `json:"changed"` // the properties that were sent, by their names in Microsoft Graph
}

// Run compares, checks, sends and reads back.
func (c *integrationUpdateCmd) Run(ctx context.Context, p *process) error {
	said := asked{name: c.Name, url: c.URL, entities: c.Entities, eligibility: c.Eligibility,
		apiVersion: c.APIVersion, active: c.Active, secret: c.Secret}
	change, found := said.parse(p, c.standIn())
	if err := found.err(); err != nil {
		return err
	}
	if change.Empty() {
		return misuse{errors.New("nothing is said of what to change: give --name, --url, --api-version, --entities, --eligibility, --secret, --active or --no-active")}
	}
	client, err := c.client(p)
	if err != nil {
		return err
	}
	stored, err := readIntegration(ctx, client, c.ID)
	if err != nil {
		return err
	}
	if stored.untold != nil && change.EligibilityFiltering != nil {
		return stored.untold // there is nothing to compare with
	}
	change, differences := difference(change, stored)
	changed := []string{}
	for _, d := range differences {
		changed = append(changed, d.name)
	}
	if change.Empty() {
		return c.print(p, integrationUpdate{stored, changed}, false)
	}
	if err := c.check(ctx, p, change, stored); err != nil {
		return err
	}
	if c.DryRun {
		return c.printPlanned(p, change)
	}
	if err := client.UpdateIntegration(ctx, c.ID, change); err != nil {
		return err
	}
	settled, viaBeta, err := readBack(ctx, client, c.ID, change)
	if settled.ID != "" { // it could be read
		if err := c.print(p, integrationUpdate{settled, changed}, viaBeta); err != nil {
			return err
		}
	}
	if err != nil {
		return fmt.Errorf("the change was sent, but not all of it is certain: %w", err)
	}
	return notStored(change, settled)
}

// check looks at the endpoint if Shifts is to call it in another way.
func (c *integrationUpdateCmd) check(ctx context.Context, p *process, change graph.IntegrationChange, stored storedIntegration) error {
	if change.URL == nil && change.APIVersion == nil && change.Secret == nil {
		return nil
	}
	endpoint := endpointCheck{url: stored.URL, apiVersion: stored.APIVersion, tenant: c.knownTenant(p)}
	if change.URL != nil {
		endpoint.url = *change.URL
	}
	if change.APIVersion != nil {
		endpoint.apiVersion = *change.APIVersion
	}
	if change.Secret != nil {
		endpoint.secret = *change.Secret
	}
	var found complaints
	_, err := c.configured(p, &endpoint, &found)
	if err != nil {
		return err
	}
	if err := found.err(); err != nil {
		return err
	}
	switch {
	case c.SkipConnectCheck || c.DryRun:
		return nil
	case endpoint.secret == "" || endpoint.tenant == "":
		fmt.Fprintln(p.stderr, "The endpoint is not called first: that takes its --config, or --secret and --tenant.")
		return nil
	}
	return endpoint.connect(ctx)
}

func (c *integrationUpdateCmd) printPlanned(p *process, change graph.IntegrationChange) error {
	request := c.planned(http.MethodPatch, change.Masked(), "teamwork", "workforceIntegrations", c.ID)
	return request.print(p.stdout, c.JSON)
}

func (c *integrationUpdateCmd) print(p *process, u integrationUpdate, viaBeta bool) error {
	noteUntold(p, u.untold)
	if c.JSON {
		return printJSON(p.stdout, u)
	}
	if len(u.Changed) == 0 {
		fmt.Fprintf(p.stdout, "There is nothing to change, and nothing was sent. Microsoft Graph has:\n\n")
	} else {
		fmt.Fprintf(p.stdout, "Sent: %s. Microsoft Graph has stored:\n\n", strings.Join(u.Changed, ", "))
	}
	if err := u.storedIntegration.print(p.stdout); err != nil {
		return err
	}
	printViaBeta(p, viaBeta)
	return nil
}
