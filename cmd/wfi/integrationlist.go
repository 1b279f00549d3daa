package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"example.com/shiftswfi/store/graph"
)

// integrationListCmd is wfi integration list.
type integrationListCmd struct {
	JSON       bool `name:"json" help:"Print JSON."`
	graphFlags `group:"Microsoft Graph:"`
}

// Help is shown by wfi integration list --help.
func (integrationListCmd) Help() string {
	return `Needs the permission WorkforceIntegration.Read.All.

Examples:

    wfi integration list

    wfi integration list --auth azure-cli --json | jq -r '.[].id'`
}

// Run prints a line for each integration.
func (c *integrationListCmd) Run(ctx context.Context, p *process) error {
	client, err := c.client(p)
	if err != nil {
		return err
	}
	list, err := listIntegrations(ctx, client)
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(list, func(s storedIntegration) bool { return s.untold != nil }); i >= 0 {
		noteUntold(p, list[i].untold) // it is the same for all
	}
	if c.JSON {
		return printJSON(p.stdout, list)
	}
	if len(list) == 0 {
		_, err = fmt.Fprintln(p.stdout, "The tenant has no workforce integration: register the endpoint with wfi integration create.")
		return err
	}
	table := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tNAME\tURL\tVERSION\tACTIVE\tENTITIES\tELIGIBILITY")
	for _, i := range list {
		columns := []string{i.ID, i.DisplayName, i.URL, fmt.Sprint(i.APIVersion), fmt.Sprint(i.IsActive),
			i.SupportedEntities.String(), i.EligibilityFiltering.String()}
		for j := range columns {
			columns[j] = oneLine(columns[j])
		}
		fmt.Fprintln(table, strings.Join(columns, "\t"))
	}
	return table.Flush()
}

// listIntegrations lists what there is. See [readIntegration] for the beta.
func listIntegrations(ctx context.Context, client *graph.Client) ([]storedIntegration, error) {
	integrations, err := client.Integrations(ctx)
	if err != nil {
		return nil, err
	}
	stored := make([]storedIntegration, len(integrations))
	for i, integration := range integrations {
		stored[i] = storedIntegration{WorkforceIntegration: integration, EligibilityFrom: graphV1}
	}
	isUntold := func(s storedIntegration) bool { return len(s.EligibilityFiltering) == 0 }
	if !slices.ContainsFunc(stored, isUntold) {
		return stored, nil
	}
	betas, err := client.Beta().Integrations(ctx)
	if ctx.Err() != nil {
		return nil, err
	}
	if err != nil {
		for i := range stored {
			if isUntold(stored[i]) {
				stored[i].untold = fmt.Errorf("on beta: %w", err)
			}
		}
		return stored, nil
	}
	for _, beta := range betas {
		i := slices.IndexFunc(stored, func(s storedIntegration) bool { return strings.EqualFold(s.ID, beta.ID) && isUntold(s) })
		if i >= 0 && len(beta.EligibilityFiltering) > 0 {
			stored[i].EligibilityFiltering, stored[i].EligibilityFrom = beta.EligibilityFiltering, graphBeta
		}
	}
	return stored, nil
}
