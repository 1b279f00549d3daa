package graph

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
)

// The permissions of workforce integrations, delegated and application
// (Microsoft Graph reference, workforceIntegration).
const (
	readIntegrations  = "WorkforceIntegration.Read.All"
	writeIntegrations = "WorkforceIntegration.ReadWrite.All"
)

// WorkforceIntegration is one as Graph keeps it. Its secret is never given
// back. As JSON it looks as in Graph's replies.
type WorkforceIntegration struct {
	ID                   string   `json:"id"`
	DisplayName          string   `json:"displayName"`
	APIVersion           int      `json:"apiVersion"`
	IsActive             bool     `json:"isActive"`
	URL                  string   `json:"url"`
	SupportedEntities    Entities `json:"supportedEntities"`
	EligibilityFiltering Entities `json:"eligibilityFilteringEnabledEntities"`
	CreatedDateTime      string   `json:"createdDateTime,omitempty"`      // as Graph writes it
	LastModifiedDateTime string   `json:"lastModifiedDateTime,omitempty"` // as Graph writes it
}

// NewIntegration is what a workforce integration is created of. It prints
// with its secret masked.
type NewIntegration struct {
	DisplayName          string
	APIVersion           int // 1 or more
	IsActive             bool
	URL                  string
	Secret               string // 64 characters
	SupportedEntities    Entities
	EligibilityFiltering Entities
}

// Masked is the body of the request as JSON, with the secret masked: for
// people to look at.
func (n NewIntegration) Masked() []byte { n.Secret = mask; return n.body() }

// String is the same as Masked, so that no printing shows the secret.
func (n NewIntegration) String() string { return string(n.Masked()) }

// GoString is the same as Masked, so that no printing shows the secret.
func (n NewIntegration) GoString() string { return string(n.Masked()) }

func (n NewIntegration) body() []byte {
	change := IntegrationChange{
		DisplayName: &n.DisplayName, APIVersion: &n.APIVersion, IsActive: &n.IsActive, URL: &n.URL,
		Secret: &n.Secret, SupportedEntities: &n.SupportedEntities,
	}
	if len(n.EligibilityFiltering) > 0 {
		change.EligibilityFiltering = &n.EligibilityFiltering
	}
	return change.body()
}

// IntegrationChange is what of a workforce integration is to change: what is
// nil stays as it is. Empty entities take all away.
type IntegrationChange struct {
	DisplayName          *string
	APIVersion           *int
	IsActive             *bool
	URL                  *string
	Secret               *string // 64 characters
	SupportedEntities    *Entities
	EligibilityFiltering *Entities
}

// Empty tells that nothing is to change.
func (c IntegrationChange) Empty() bool { return c == IntegrationChange{} }

// Masked is the body of the request as JSON, with the secret masked: for
// people to look at.
func (c IntegrationChange) Masked() []byte {
	if c.Secret != nil {
		masked := mask
		c.Secret = &masked
	}
	return c.body()
}

// integrationBody holds what a request may change, in the order of the
// reference's examples.
type integrationBody struct {
	DisplayName          *string     `json:"displayName,omitempty"`
	APIVersion           *int        `json:"apiVersion,omitempty"`
	IsActive             *bool       `json:"isActive,omitempty"`
	Encryption           *encryption `json:"encryption,omitempty"`
	URL                  *string     `json:"url,omitempty"`
	SupportedEntities    *string     `json:"supportedEntities,omitempty"`
	EligibilityFiltering *string     `json:"eligibilityFilteringEnabledEntities,omitempty"`
}

type encryption struct {
	Protocol string `json:"protocol"`
	Secret   string `json:"secret"`
}

func (c IntegrationChange) body() []byte {
	body := integrationBody{DisplayName: c.DisplayName, APIVersion: c.APIVersion, IsActive: c.IsActive, URL: c.URL}
	if c.Secret != nil {
		body.Encryption = &encryption{Protocol: "sharedSecret", Secret: *c.Secret}
	}
	if c.SupportedEntities != nil {
		body.SupportedEntities = new(c.SupportedEntities.Wire())
	}
	if c.EligibilityFiltering != nil {
		body.EligibilityFiltering = new(c.EligibilityFiltering.Wire())
	}
	text, _ := json.Marshal(body) // strings, numbers and booleans
	return text
}

// Integrations lists the workforce integrations of the tenant.
func (c *Client) Integrations(ctx context.Context) ([]WorkforceIntegration, error) {
	return list[WorkforceIntegration](ctx, c, integrationCall("list the workforce integrations", http.MethodGet))
}

// Integration reads a workforce integration.
func (c *Client) Integration(ctx context.Context, id string) (*WorkforceIntegration, error) {
	return c.integration(ctx, integrationCall("read the workforce integration", http.MethodGet, id))
}

// CreateIntegration registers a workforce integration and returns what Graph
// says that it has stored, which may be less than was asked for. Shifts calls
// the endpoint's /connect meanwhile, and Graph refuses unless that is answered
// with 200. After an error that is [ErrUnreachable] or [ErrUnexpected], or has a
// status of 500 or more, it may have been created: look before trying again.
func (c *Client) CreateIntegration(ctx context.Context, n NewIntegration) (*WorkforceIntegration, error) {
	call := integrationCall("create the workforce integration", http.MethodPost)
	call.body, call.secret = n.body(), n.Secret
	return c.integration(ctx, call)
}

// UpdateIntegration sends what is to change, and nothing else. Read the
// integration afterwards to see what Graph has stored of it.
func (c *Client) UpdateIntegration(ctx context.Context, id string, change IntegrationChange) error {
	call := integrationCall("update the workforce integration", http.MethodPatch, id)
	call.body = change.body()
	if change.Secret != nil {
		call.secret = *change.Secret
	}
	return c.do(ctx, call, nil)
}

// DeleteIntegration removes a workforce integration. [ErrNotFound] may mean
// that an earlier try has done it.
func (c *Client) DeleteIntegration(ctx context.Context, id string) error {
	return c.do(ctx, integrationCall("delete the workforce integration", http.MethodDelete, id), nil)
}

func (c *Client) integration(ctx context.Context, call call) (*WorkforceIntegration, error) {
	var integration WorkforceIntegration
	if err := c.do(ctx, call, &integration); err != nil {
		return nil, err
	}
	if integration.ID == "" {
		return nil, call.failed(fmt.Errorf("%w: it names no id", ErrUnexpected))
	}
	return &integration, nil
}

func integrationCall(operation, method string, id ...string) call {
	permission := writeIntegrations
	if method == http.MethodGet {
		permission = readIntegrations
	}
	return call{
		operation: operation, permission: permission, method: method, prefer: includeUnknown,
		path: append([]string{"teamwork", "workforceIntegrations"}, id...),
	}
}
