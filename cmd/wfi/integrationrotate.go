package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"example.com/shiftswfi/store/graph"
)

// integrationRotateCmd is wfi integration rotate-secret.
type integrationRotateCmd struct {
	Config  string        `short:"c" placeholder:"FILE" help:"The endpoint's configuration, which names the file of the secret. Without it the variable WFI_CONFIG counts."`
	Name    string        `placeholder:"NAME" help:"The integration of the configuration, if its workforceIntegrationId does not tell."`
	File    string        `placeholder:"PATH" help:"The file of the secret, instead of a configuration."`
	Admin   []adminURL    `sep:"none" placeholder:"HOST:PORT" help:"Where the endpoint serves health and metrics (default: as configured, or 127.0.0.1:9090). Repeat it for all endpoints that have the secret."`
	Wait    time.Duration `default:"15m" placeholder:"TIME" help:"How long to wait for the endpoint, and then for Shifts (default ${default})."`
	Quiet   time.Duration `default:"1m" placeholder:"TIME" help:"How long nothing may come under the old secret before it is dropped (default ${default})."`
	Every   time.Duration `default:"1s" placeholder:"TIME" help:"How often to ask the endpoint (default ${default})."`
	DropNow bool          `help:"Drop the old secret without waiting for Shifts. What it still sends under the old one is refused."`
	changeFlags
	graphFlags `group:"Microsoft Graph:"`
	ID         string `arg:"" optional:"" help:"Id of the workforce integration (default: as configured)."`
}

// Help is shown by wfi integration rotate-secret --help.
func (integrationRotateCmd) Help() string {
	return `Makes a new secret, puts it beside the old one into the file that the endpoint reads, sends it to Microsoft Graph when the endpoint has it in force, and drops the old one when Shifts uses it no more. No callback is refused meanwhile. It can be interrupted at any time; run it again then, and it goes on where it was.

The secret has to be in a file of its own (file:PATH in the configuration), which this command may replace, and the endpoint has to run. Endpoints that share the file, or have copies of it, are all named with --admin; a copy on another machine has to be brought up to date by whatever makes it, once when the new secret is in the file and once when the old one is gone: the command waits for both. Needs the permission WorkforceIntegration.ReadWrite.All.

Examples:

    wfi integration rotate-secret --config wfi.yaml

    wfi integration rotate-secret $WFI --file /run/secrets/contoso --admin 10.0.0.4:9090 --admin 10.0.0.5:9090

    wfi integration rotate-secret --config wfi.yaml --name contoso --quiet 10m --json`
}

// Validate checks what the parser cannot.
func (c *integrationRotateCmd) Validate() error {
	switch {
	case c.Wait <= 0 || c.Every <= 0:
		return errors.New("--wait and --every: expected more than 0s")
	case c.Quiet < 0 || c.Quiet >= c.Wait:
		return errors.New("--quiet: expected less than --wait")
	case c.File != "" && (c.Config != "" || c.Name != ""):
		return errors.New("--file: expected either it or a configuration")
	}
	return nil
}

// integrationRotation is what --json prints. The secrets are told by their
// fingerprints, as in the endpoint's metrics.
type integrationRotation struct {
	ID          string          `json:"id"`
	DisplayName string          `json:"displayName"`
	File        string          `json:"file"`
	Secret      string          `json:"secret,omitempty"`  // in force; empty before it is made
	Dropped     string          `json:"dropped,omitempty"` // no longer in force
	Request     *plannedRequest `json:"request,omitempty"` // of --dry-run
}

// Run rotates the secret.
func (c *integrationRotateCmd) Run(ctx context.Context, p *process) error {
	r, err := c.prepare(ctx, p)
	if err != nil {
		return err
	}
	result := integrationRotation{ID: r.stored.ID, DisplayName: r.stored.DisplayName, File: r.file.path}
	if c.DryRun {
		secret := redacted
		change := graph.IntegrationChange{Secret: &secret}
		request := c.planned(http.MethodPatch, change.Masked(), "teamwork", "workforceIntegrations", r.id)
		if result.Request = &request; c.JSON {
			return printJSON(p.stdout, result)
		}
		fmt.Fprintf(p.stdout, "This would be sent when a new secret is in %s and in force:\n\n", r.file.path)
		return request.print(p.stdout, false)
	}
	release, err := r.file.lock()
	if err != nil {
		return err
	}
	defer release()
	if err := r.run(ctx); err != nil {
		return err
	}
	if result.Secret, result.Dropped = r.new.fingerprint, r.old.fingerprint; c.JSON {
		return printJSON(p.stdout, result)
	}
	_, err = fmt.Fprintf(p.stdout, "%s (%s) has a new secret, %s in the metrics of the endpoint. The old one, %s, is dropped.\n",
		oneLine(result.ID), oneLine(result.DisplayName), result.Secret, result.Dropped)
	return err
}

// prepare looks at everything that is needed, and changes nothing.
func (c *integrationRotateCmd) prepare(ctx context.Context, p *process) (*rotation, error) {
	r := &rotation{command: c, p: p, id: c.ID, endpoints: c.Admin}
	path := c.File
	if path == "" {
		var err error
		if path, err = c.configured(p, r); err != nil {
			return nil, err
		}
	}
	if r.id == "" {
		return nil, misuse{errors.New("which workforce integration? Give its id, or put it into the configuration as workforceIntegrationId")}
	}
	if len(r.endpoints) == 0 {
		r.endpoints = []adminURL{"http://" + adminURL(defaultConfig().Admin)}
	}
	var err error
	if r.file, err = openSecretFile(path); err != nil {
		return nil, err
	}
	if err := r.readSecrets(); err != nil {
		return nil, err
	}
	if err := r.lookAtEndpoints(ctx); err != nil {
		return nil, err
	}
	if r.client, err = c.client(p); err != nil {
		return nil, err
	}
	if r.stored, err = r.client.Integration(ctx, r.id); err != nil {
		return nil, err
	}
	if !r.stored.IsActive && !c.DropNow {
		return nil, fmt.Errorf("%s is not active, so Shifts sends nothing that would show that it has the new secret: activate it with wfi integration update --active, or give --drop-now", oneLine(r.id))
	}
	return r, nil
}

// configured takes from the configuration what the command line leaves open,
// and gives the path of the secret file.
func (c *integrationRotateCmd) configured(p *process, r *rotation) (path string, err error) {
	file := cmp.Or(c.Config, p.variable("WFI_CONFIG"))
	if file == "" {
		return "", misuse{errors.New("where is the secret? Give --config, or --file and the id of the workforce integration")}
	}
	config, err := LoadConfig(ConfigFlags{Config: file}, p.environ)
	if err != nil {
		return "", err
	}
	integration, err := c.integration(config, file)
	if err != nil {
		return "", err
	}
	r.integration, r.id = integration.Name, cmp.Or(c.ID, integration.WorkforceIntegrationID)
	if len(r.endpoints) == 0 {
		var endpoint adminURL
		if err := endpoint.UnmarshalText([]byte(reachable(config.Admin))); err != nil {
			return "", fmt.Errorf("admin of %s: %w", file, err)
		}
		r.endpoints = []adminURL{endpoint}
	}
	path, inFile := integration.Secrets[0].file()
	if len(integration.Secrets) != 1 || !inFile {
		return "", fmt.Errorf(`the integration %s of %s has %s for its secrets, and a command can change only those of one file: write the secret that is in use into a file that nobody but the endpoint can read, configure secrets: ["file:PATH"], start the endpoint again, and then this`,
			integration.Name, file, (*secretList)(&integration.Secrets))
	}
	for _, other := range config.Integrations {
		if other.Name != integration.Name && slices.ContainsFunc(other.Secrets, func(s SecretRef) bool { return s.source == integration.Secrets[0].source }) {
			return "", fmt.Errorf("the integrations %s and %s of %s have one secret file, and a new secret would be sent for the first only: give each a file of its own", integration.Name, other.Name, file)
		}
	}
	return path, nil
}

// integration finds the one that is meant.
func (c *integrationRotateCmd) integration(config Config, file string) (*Integration, error) {
	var names []string
	var found []*Integration
	for i := range config.Integrations {
		integration := &config.Integrations[i]
		names = append(names, integration.Name)
		fits := c.Name == "" || strings.EqualFold(c.Name, integration.Name)
		if id := integration.WorkforceIntegrationID; c.ID != "" {
			fits = fits && (strings.EqualFold(id, c.ID) || id == "" && c.Name != "")
		}
		if fits {
			found = append(found, integration)
		}
	}
	if len(found) != 1 {
		return nil, misuse{fmt.Errorf("which integration of %s? Of %s, %d fit: give its workforceIntegrationId or its --name", file, strings.Join(names, ", "), len(found))}
	}
	return found[0], nil
}

// reachable is where to call a listener on this machine.
func reachable(address string) string {
	host, port, err := net.SplitHostPort(address)
	if err == nil && (host == "" || net.ParseIP(host).IsUnspecified()) {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return address
}
