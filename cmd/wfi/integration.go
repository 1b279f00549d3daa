package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"example.com/shiftswfi/store/graph"
)

// integrationCmd is wfi integration.
type integrationCmd struct {
	Create integrationCreateCmd `cmd:"" help:"Register the endpoint."`
	List   integrationListCmd   `cmd:"" help:"List the workforce integrations of the tenant."`
	Get    integrationGetCmd    `cmd:"" help:"Show a workforce integration."`
	Update integrationUpdateCmd `cmd:"" help:"Change a workforce integration."`
	Delete integrationDeleteCmd `cmd:"" help:"Remove a workforce integration."`

	RotateSecret integrationRotateCmd `cmd:"" help:"Give a workforce integration a new secret, while Shifts goes on calling."`
}

// The versions of Microsoft Graph.
const (
	graphV1   = "v1.0"
	graphBeta = "beta"
)

// A storedIntegration is what Microsoft Graph keeps of a workforce integration.
// Microsoft's article knows eligibility filtering in beta only, the reference
// in both versions; so what v1.0 does not tell about it, beta is asked for.
type storedIntegration struct {
	graph.WorkforceIntegration
	EligibilityFrom string `json:"eligibilityFilteringReadFrom"` // the version that told

	untold error // why beta did not tell, although v1.0 does not either
}

// readIntegration reads an integration. That beta does not tell is no error: not
// every cloud has it.
func readIntegration(ctx context.Context, client *graph.Client, id string) (storedIntegration, error) {
	integration, err := client.Integration(ctx, id)
	if err != nil {
		return storedIntegration{}, err
	}
	stored := storedIntegration{WorkforceIntegration: *integration, EligibilityFrom: graphV1}
	if len(stored.EligibilityFiltering) > 0 {
		return stored, nil
	}
	beta, err := readBeta(ctx, client, id)
	switch {
	case ctx.Err() != nil:
		return stored, err
	case err != nil:
		stored.untold = err
	case len(beta) > 0:
		stored.EligibilityFiltering, stored.EligibilityFrom = beta, graphBeta
	}
	return stored, nil
}

// noteUntold says on standard error that there may be an eligibility filtering
// that is not known.
func noteUntold(p *process, untold error) {
	if untold != nil {
		fmt.Fprintf(p.stderr, "note: v1.0 of Microsoft Graph does not tell the eligibility filtering, and beta could not be asked: %v\n", untold)
	}
}

// readBeta reads the eligibility filtering from beta.
func readBeta(ctx context.Context, client *graph.Client, id string) (graph.Entities, error) {
	beta, err := client.Beta().Integration(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("on beta: %w", err)
	}
	return beta.EligibilityFiltering, nil
}

// readBack reads an integration that was sent. Where v1.0 has dropped the
// eligibility filtering, it is sent to beta and read there; viaBeta tells so.
// With an error the integration is what was read before it.
func readBack(ctx context.Context, client *graph.Client, id string, sent graph.IntegrationChange) (stored storedIntegration, viaBeta bool, err error) {
	stored, err = readIntegration(ctx, client, id)
	if err == nil && sent.EligibilityFiltering != nil {
		err = stored.untold
	}
	if err != nil || sent.EligibilityFiltering == nil || slices.Equal(stored.EligibilityFiltering, *sent.EligibilityFiltering) {
		return stored, false, err
	}
	change := graph.IntegrationChange{EligibilityFiltering: sent.EligibilityFiltering}
	if err := client.Beta().UpdateIntegration(ctx, id, change); err != nil {
		return stored, false, fmt.Errorf("on beta: %w", err)
	}
	beta, err := readBeta(ctx, client, id)
	if err == nil {
		stored.EligibilityFiltering, stored.EligibilityFrom = beta, graphBeta
	}
	return stored, true, err
}

// notStored says what Microsoft Graph has made another value of than was sent,
// nil if nothing. The secret is left out: it is never given back. A slash at
// the end of the url makes no difference.
func notStored(sent graph.IntegrationChange, stored storedIntegration) error {
	sent.Secret = nil
	var differences []string
	_, fields := difference(sent, stored)
	for _, field := range fields {
		if field.name != "url" || strings.TrimRight(field.old, "/") != strings.TrimRight(field.new, "/") {
			differences = append(differences, fmt.Sprintf("%s is %s instead of %s", field.name, oneLine(field.old), field.new))
		}
	}
	if differences == nil {
		return nil
	}
	return fmt.Errorf("it was accepted, but Microsoft Graph has stored something else than was asked for: %s; change it with wfi integration update, or look whether the tenant has this feature",
		strings.Join(differences, ", "))
}

// A changedField is one that is to have, or should have, another value.
type changedField struct{ name, old, new string }

// difference is what of a change an integration has not got already. A secret
// is always part of it.
func difference(c graph.IntegrationChange, stored storedIntegration) (left graph.IntegrationChange, fields []changedField) {
	differs := func(name, old, new string) bool {
		if old != new {
			fields = append(fields, changedField{name, old, new})
		}
		return old != new
	}
	if c.DisplayName != nil && differs("displayName", stored.DisplayName, *c.DisplayName) {
		left.DisplayName = c.DisplayName
	}
	if c.APIVersion != nil && differs("apiVersion", fmt.Sprint(stored.APIVersion), fmt.Sprint(*c.APIVersion)) {
		left.APIVersion = c.APIVersion
	}
	if c.IsActive != nil && differs("isActive", fmt.Sprint(stored.IsActive), fmt.Sprint(*c.IsActive)) {
		left.IsActive = c.IsActive
	}
	if c.URL != nil && differs("url", stored.URL, *c.URL) {
		left.URL = c.URL
	}
	if c.Secret != nil && differs("secret", "", redacted) {
		left.Secret = c.Secret
	}
	if c.SupportedEntities != nil && differs("supportedEntities", stored.SupportedEntities.String(), c.SupportedEntities.String()) {
		left.SupportedEntities = c.SupportedEntities
	}
	if c.EligibilityFiltering != nil &&
		differs("eligibilityFilteringEnabledEntities", stored.EligibilityFiltering.String(), c.EligibilityFiltering.String()) {
		left.EligibilityFiltering = c.EligibilityFiltering
	}
	return left, fields
}

// print prints the integration for people, a property a line.
func (s storedIntegration) print(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	row := func(name, value string) { fmt.Fprintf(table, "%s\t%s\n", name, oneLine(value)) }
	row("id", s.ID)
	row("displayName", s.DisplayName)
	row("url", s.URL)
	row("apiVersion", fmt.Sprint(s.APIVersion))
	row("isActive", fmt.Sprint(s.IsActive))
	row("supportedEntities", s.SupportedEntities.String())
	eligibility := s.EligibilityFiltering.String()
	if s.EligibilityFrom == graphBeta {
		eligibility += " (from beta of Microsoft Graph: v1.0 does not tell)"
	}
	row("eligibilityFilteringEnabledEntities", eligibility)
	if s.LastModifiedDateTime != "" {
		row("lastModifiedDateTime", s.LastModifiedDateTime)
	}
	return table.Flush()
}
