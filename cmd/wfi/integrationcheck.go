package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"example.com/shiftswfi/batch/envelope"
	"example.com/shiftswfi/batch/shifts"
	"example.com/shiftswfi/store/graph"
)

// endpointFlags say how a registration is checked before it is sent.
type endpointFlags struct {
	Config           string `short:"c" placeholder:"FILE" help:"The endpoint's configuration: what is registered has to fit it. Without it the variable WFI_CONFIG counts."`
	SkipConnectCheck bool   `help:"Do not call the endpoint's /connect first: for an endpoint that cannot be reached from here."`
}

// asked is what a command line says of an integration; what is empty or nil it
// does not say.
type asked struct {
	name, url, entities, eligibility string
	apiVersion                       *int
	active                           *bool
	secret                           SecretRef
}

// complaints collects what is wrong with a command line, so that all of it can be
// said at once.
type complaints []string

func (l *complaints) add(format string, arguments ...any) {
	*l = append(*l, fmt.Sprintf(format, arguments...))
}

// err is the misuse that the complaints are, nil if there are none.
func (l complaints) err() error {
	switch len(l) {
	case 0:
		return nil
	case 1:
		return misuse{errors.New(l[0])}
	}
	return misuse{fmt.Errorf("%d problems:\n  %s", len(l), strings.Join(l, "\n  "))}
}

const maxDisplayName = 256 // characters; what Microsoft Graph takes is documented nowhere

// parse checks each value by itself. A Graph on this machine is a stand-in,
// whose endpoints may be on it, too, and without TLS.
func (a asked) parse(p *process, standIn bool) (c graph.IntegrationChange, found complaints) {
	if a.name != "" {
		c.DisplayName = &a.name
		if strings.TrimSpace(a.name) == "" || len(a.name) > maxDisplayName || strings.ContainsFunc(a.name, unicode.IsControl) {
			found.add("--name: expected 1 to %d characters, which Shifts shows to people", maxDisplayName)
		}
	}
	if a.url != "" {
		c.URL = &a.url
		if expected := checkRegistered(a.url, standIn); expected != "" {
			found.add("--url: expected %s", expected)
		}
	}
	if a.apiVersion != nil {
		c.APIVersion = a.apiVersion
		if *a.apiVersion < 1 || *a.apiVersion > 1<<31-1 {
			found.add("--api-version: expected 1 or more")
		}
	}
	entities := func(flag, text string, allowed []string) *graph.Entities {
		if text == "" {
			return nil
		}
		parsed, err := graph.ParseEntities(text, allowed)
		if unknown := (*graph.EntityError)(nil); errors.As(err, &unknown) {
			found.add("%s: found %s, expected names out of %s, or none", flag, quote(unknown.Name), strings.Join(unknown.Allowed, ", "))
		}
		return &parsed
	}
	c.SupportedEntities = entities("--entities", a.entities, graph.SupportedEntityNames)
	c.EligibilityFiltering = entities("--eligibility", a.eligibility, graph.EligibilityNames)
	if a.secret != (SecretRef{}) {
		secrets, err := a.secret.texts(p.environ)
		if err != nil {
			found.add("--secret: %v", err)
		} else {
			c.Secret = &secrets[0]
		}
	}
	c.IsActive = a.active
	return c, found
}

// checkRegistered says what is expected of the url of an integration instead, empty if
// it will do.
func checkRegistered(text string, standIn bool) string {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && !(standIn && u.Scheme == "http"):
		return "https://HOST/PATH"
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return "https://HOST/PATH without user, query and fragment"
	case versionSegment.MatchString(lastSegment(u.Path)):
		return "the url without the version: Shifts adds it from the apiVersion"
	}
	return ""
}

func lastSegment(path string) string {
	path = strings.TrimRight(path, "/")
	return path[strings.LastIndexByte(path, '/')+1:]
}

// An endpointCheck is an endpoint as it is to be registered. Empty is what is
// not known.
type endpointCheck struct {
	url, secret, tenant string
	apiVersion          int
}

// configured fills in what only the configuration knows, and says what does not
// fit it. It does nothing without a configuration.
func (f endpointFlags) configured(p *process, e *endpointCheck, found *complaints) (*Integration, error) {
	file := cmp.Or(f.Config, p.variable("WFI_CONFIG"))
	if file == "" {
		return nil, nil
	}
	config, err := LoadConfig(ConfigFlags{Config: file}, p.environ)
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(e.url)
	if err != nil {
		return nil, nil // found before
	}
	path := cmp.Or(strings.TrimRight(u.Path, "/"), "/")
	i := slices.IndexFunc(config.Integrations, func(i Integration) bool { return i.Path == path })
	if i < 0 {
		var paths []string
		for _, other := range config.Integrations {
			paths = append(paths, other.Path)
		}
		found.add("--url: %s has no integration with the path %s, but %s", file, quote(path), strings.Join(paths, ", "))
		return nil, nil
	}
	integration := &config.Integrations[i]
	return integration, e.fit(p, integration, fmt.Sprintf("%s of %s", integrationPath(i), file), found)
}

// fit compares an endpoint with its configuration, which is called where.
func (e *endpointCheck) fit(p *process, i *Integration, where string, found *complaints) error {
	if e.apiVersion = cmp.Or(e.apiVersion, i.APIVersion); e.apiVersion != i.APIVersion {
		found.add("--api-version: %s has %d, not %d", where, i.APIVersion, e.apiVersion)
	}
	var secrets []string
	for _, ref := range i.Secrets {
		texts, err := ref.texts(p.environ)
		if err != nil {
			return err
		}
		secrets = append(secrets, texts...)
	}
	if e.secret = cmp.Or(e.secret, secrets[0]); !slices.Contains(secrets, e.secret) {
		found.add("--secret: it is none of those of %s, so the endpoint could not open what Shifts sends", where)
	}
	if e.tenant = cmp.Or(e.tenant, i.TenantID); i.TenantID != "" && !strings.EqualFold(e.tenant, i.TenantID) {
		found.add("--tenant: %s is for the tenant %s, not %s", where, quoteID(i.TenantID), quoteID(e.tenant))
	}
	return nil
}

// quoteID shows an id, which is no secret, however long.
func quoteID(id string) string { return oneLine(fmt.Sprintf("%.100s", id)) }

var tenantID = regexp.MustCompile(`^(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// knownTenant is the tenant's id, if the tenant is named by its id and not by a
// domain.
func (f credentialFlags) knownTenant(p *process) string {
	if tenant := f.tenant(p); tenantID.MatchString(tenant) {
		return tenant
	}
	return ""
}

// expectedTenant says why the tenant's id is not known, and what to give.
func (f credentialFlags) expectedTenant(p *process) string {
	if tenant := f.tenant(p); tenant != "" {
		return fmt.Sprintf("found %s, expected the tenant's id, a GUID and not a domain, for calling the endpoint's /connect; the overview of Microsoft Entra shows it; give it, or --skip-connect-check", quote(tenant))
	}
	return "the id of the tenant has to be known for calling the endpoint's /connect; give it, or --skip-connect-check"
}

// connector is the user that a check of /connect comes from. Shifts sends the id
// of the person who registers.
const connector = "00000000-0000-4000-8000-000000000000"

// connect calls the endpoint's /connect as Shifts does when an integration is
// created, which Microsoft Graph refuses unless the answer is 200 (Microsoft's
// article on workforce integrations).
func (e endpointCheck) connect(ctx context.Context) error {
	key, err := envelope.NewKey(e.secret)
	if err != nil {
		return err
	}
	body, err := json.Marshal(map[string]string{"tenantId": e.tenant, "userId": connector})
	if err != nil {
		return err
	}
	address := shifts.Endpoint{URL: e.url, APIVersion: e.apiVersion}.Connect()
	caller := &shifts.Caller{MaxAnswer: 64 << 10}
	reply, err := caller.Send(ctx, address, key, nil, body)
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return errors.New("interrupted while calling the endpoint; nothing was sent to Microsoft Graph")
	case err != nil:
		return fmt.Errorf("the endpoint was called at %s, as Shifts will call it: %w; start it and check the url, or give --skip-connect-check if only Shifts can reach it", address, err)
	case reply.HTTPStatus != http.StatusOK:
		return fmt.Errorf("the endpoint was called at %s, as Shifts will call it, and answered HTTP %d instead of 200: %s", address, reply.HTTPStatus, adviceOnConnect(reply.HTTPStatus))
	}
	return nil
}

// adviceOnConnect says what to look at after an answer other than 200.
func adviceOnConnect(status int) string {
	switch {
	case status == http.StatusUnauthorized:
		return "it does not know the secret: put it into the secrets of the integration"
	case status == http.StatusForbidden:
		return "it is configured for another tenant: check --tenant and its tenantId"
	case status == http.StatusNotFound || status == http.StatusMethodNotAllowed:
		return "check the path of --url and --api-version"
	case status >= 300 && status < 400:
		return "give the url that it redirects to"
	}
	return "look at the endpoint's log"
}
