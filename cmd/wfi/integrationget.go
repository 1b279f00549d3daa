package main

import "context"

// integrationGetCmd is wfi integration get.
type integrationGetCmd struct {
	JSON       bool `name:"json" help:"Print JSON."`
	graphFlags `group:"Microsoft Graph:"`
	ID         string `arg:"" help:"Id of the workforce integration."`
}

// Help is shown by wfi integration get --help.
func (integrationGetCmd) Help() string {
	return `Shows what Microsoft Graph keeps of it; the secret is never given back. Needs the permission WorkforceIntegration.Read.All.

Example:

    wfi integration get WFI_5b2c8a10-7d3e-4f61-9a0b-3c2d1e0f4a5b`
}

// Run prints the integration.
func (c *integrationGetCmd) Run(ctx context.Context, p *process) error {
	client, err := c.client(p)
	if err != nil {
		return err
	}
	stored, err := readIntegration(ctx, client, c.ID)
	if err != nil {
		return err
	}
	noteUntold(p, stored.untold)
	if c.JSON {
		return printJSON(p.stdout, stored)
	}
	return stored.print(p.stdout)
}
