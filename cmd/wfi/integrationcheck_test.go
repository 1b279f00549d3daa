package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/store/graph/graphtest"
)

// What is wrong with a command line is said before anything is sent, and all of
// it at once.
func TestIntegrationMisuse(t *testing.T) {
	t.Parallel()
	good := map[string]string{
		"--url": "https://wfi.contoso.com/contoso", "--name": "Contoso WFM", "--entities": "shift", "--secret": "env:CONTOSO_SECRET",
	}
	create := func(change ...string) []string {
		args := []string{"integration", "create", "--skip-connect-check"}
		for flag, value := range good {
			if flag != change[0] {
				args = append(args, flag, value)
			}
		}
		return append(args, change...)
	}
	update := func(change ...string) []string {
		return append([]string{"integration", "update", contosoID}, change...)
	}
	for name, row := range map[string]struct {
		args []string
		want string
	}{
		"plain http":             {create("--url", "http://wfi.contoso.com/contoso"), "--url: expected https://HOST/PATH;"},
		"no host":                {create("--url", "https:///contoso"), "--url: expected https://HOST/PATH;"},
		"a password in the url":  {create("--url", "https://u:p@wfi.contoso.com/contoso"), "--url: expected https://HOST/PATH without user, query and fragment;"},
		"a query":                {create("--url", "https://wfi.contoso.com/contoso?code=1"), "without user, query and fragment;"},
		"the version in the url": {create("--url", "https://wfi.contoso.com/contoso/v1/"), "--url: expected the url without the version: Shifts adds it"},
		"an empty query":         {create("--url", "https://wfi.contoso.com/contoso?"), "without user, query and fragment;"},
		"a wrong variable":       {create("--secret", "env:X")[:9], "WFI_SECRET: found a text of 7 characters, expected 64 ASCII"},
		"an empty name":          {create("--name", ""), "--name: expected more than nothing;"},
		"a name of two lines":    {create("--name", "a\nb"), "--name: expected 1 to 256 characters"},
		"a long name":            {create("--name", strings.Repeat("n", 257)), "--name: expected 1 to 256 characters"},
		"version 0":              {create("--api-version", "0"), "--api-version: expected 1 or more;"},
		"an unknown entity":      {create("--entities", "shift,shiftt"), `--entities: found "shiftt", expected names out of shift, swapRequest,`},
		"a comma too many":       {create("--entities", "shift,"), "--entities: found nothing, expected names out of"},
		"the secret as entity":   {create("--entities", testSecret), "--entities: found a text of 64 characters, expected"},
		"unknown eligibility":    {create("--eligibility", "shift"), `--eligibility: found "shift", expected names out of swapRequest, offerShiftRequest, timeOffReason, or none;`},
		"a short secret":         {create("--secret", testSecret[1:]), "--secret: found a text of 63 characters"},
		"a secret not there":     {create("--secret", "env:MISSING"), "--secret: found nothing at env:MISSING"},
		"no secret":              {append(create("--secret", "env:X")[:9], "--dry-run"), "no secret: give --secret, set WFI_SECRET, or give --config;"},
		"several at once": {append(create("--url", "http://wfi.contoso.com"), "--api-version", "0"),
			"2 problems:\n  --url: expected https://HOST/PATH\n  --api-version: expected 1 or more; see wfi integration create --help"},
		"nothing to update":     {update(), "nothing is said of what to change: give --name,"},
		"update: plain http":    {update("--url", "http://wfi.contoso.com/contoso"), "--url: expected https://HOST/PATH;"},
		"update: a bad entity":  {update("--entities", "shiftt"), `--entities: found "shiftt"`},
		"update: version 0":     {update("--api-version", "0"), "--api-version: expected 1 or more;"},
		"delete without asking": {[]string{"integration", "delete", contosoID}, "nobody can be asked without a terminal: give --yes"},
		"an unknown method":     {[]string{"integration", "list", "--auth", "password"}, "--auth: expected client-secret,"},
		"a secret as a flag":    {[]string{"integration", "list", "--client-secret", "hunter2"}, "--client-secret: expected env:NAME or file:PATH;"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := administrate(t, graphtest.Config{})
			if name == "a wrong variable" {
				a.environ = append(a.environ, "WFI_SECRET=hunter2")
			}
			// As on the command line of a person with the real Microsoft Graph,
			// whose endpoints need TLS.
			code, stdout, stderr := a.wfiAt("https://graph.microsoft.us", row.args...)
			assert.Equal(t, exitMisuse, code, stderr)
			assert.Empty(t, stdout)
			assert.Contains(t, stderr, row.want)
			assert.NotContains(t, stderr, "hunter2")
			assert.Empty(t, a.graph.Requests())
		})
	}
}

// A registration has to fit the endpoint's configuration.
func TestIntegrationFitsConfiguration(t *testing.T) {
	t.Parallel()
	config := settings(contoso + `
  - name: fabrikam
    path: /fabrikam
    apiVersion: 3
    secrets: ["env:OTHER_SECRET", "env:CONTOSO_SECRET"]
`)
	for name, row := range map[string]struct {
		args []string
		want string // of standard error, or if it begins with { of the request
	}{
		"all from there":         {[]string{"--url", "https://wfi.contoso.com/fabrikam/"}, `{"apiVersion": 3,`},
		"its second secret":      {[]string{"--url", "https://wfi.contoso.com/fabrikam", "--secret", "env:CONTOSO_SECRET"}, `{"apiVersion": 3,`},
		"another path":           {[]string{"--url", "https://wfi.contoso.com/wingtip"}, `has no integration with the path "/wingtip", but /contoso, /fabrikam`},
		"no path":                {[]string{"--url", "https://wfi.contoso.com"}, `has no integration with the path "/", but`},
		"another version":        {[]string{"--url", "https://wfi.contoso.com/fabrikam", "--api-version", "1"}, "--api-version: integrations[1] of CONFIG has 3, not 1"},
		"version 0":              {[]string{"--url", "https://wfi.contoso.com/fabrikam", "--api-version", "0"}, "--api-version: expected 1 or more"},
		"another secret":         {[]string{"--url", "https://wfi.contoso.com/contoso", "--secret", "env:OTHER_SECRET"}, "--secret: it is none of those of integrations[0] of CONFIG"},
		"another tenant":         {[]string{"--url", "https://wfi.contoso.com/contoso", "--tenant", "8f9d7c6b-0000-4000-8000-000000000002"}, "--tenant: integrations[0] of CONFIG is for the tenant " + contosoTenant},
		"the tenant's domain":    {[]string{"--url", "https://wfi.contoso.com/contoso", "--tenant", "contoso.onmicrosoft.com"}, `{"apiVersion": 1,`},
		"the tenant in capitals": {[]string{"--url", "https://wfi.contoso.com/contoso", "--tenant", strings.ToUpper(contosoTenant)}, `{"apiVersion": 1,`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := administrate(t, graphtest.Config{})
			file := configFile(t, config)
			args := append([]string{"integration", "create", "--dry-run", "--skip-connect-check", "--config", file, "--name", "n", "--entities", "shift"}, row.args...)
			code, stdout, stderr := a.wfi(args...)
			if fields, ok := strings.CutPrefix(row.want, "{"); ok {
				require.Zero(t, code, stderr)
				assert.Contains(t, stdout, fields)
				return
			}
			assert.Equal(t, exitMisuse, code)
			assert.Contains(t, strings.ReplaceAll(stderr, file, "CONFIG"), row.want)
			assert.Empty(t, a.graph.Requests())
		})
	}
	a := administrate(t, graphtest.Config{})
	a.environ = append(a.environ, "WFI_CONFIG=missing.yaml")
	code, _, stderr := a.wfi("integration", "create", "--name", "n", "--entities", "shift", "--url", "https://wfi.contoso.com/contoso")
	assert.Equal(t, exitFailure, code)
	assert.Contains(t, stderr, "read configuration missing.yaml: no such file or directory")
}

// The endpoint is called before Microsoft Graph is, and what is wrong with it
// keeps it from being registered.
func TestIntegrationConnectCheck(t *testing.T) {
	t.Parallel()
	s := serve(t, settings(contoso))
	redirect := httptest.NewServer(http.RedirectHandler("/elsewhere", http.StatusFound))
	t.Cleanup(redirect.Close)
	gone := httptest.NewServer(nil)
	gone.Close()
	url := "http://" + s.listen + "/contoso"
	for name, row := range map[string]struct {
		args []string
		want string
	}{
		"nobody there":      {[]string{"--url", gone.URL}, "at " + gone.URL + "/v1/connect, as Shifts will call it: no answer: dial tcp"},
		"another secret":    {[]string{"--url", url, "--secret", "env:OTHER_SECRET"}, "HTTP 401 instead of 200: it does not know the secret: put it into"},
		"another tenant":    {[]string{"--url", url, "--tenant", "8f9d7c6b-0000-4000-8000-000000000002"}, "HTTP 403 instead of 200: it is configured for another tenant"},
		"another version":   {[]string{"--url", url, "--api-version", "2"}, "/contoso/v2/connect, as Shifts will call it, and answered HTTP 404 instead of 200: check the path"},
		"another path":      {[]string{"--url", url + "s"}, "HTTP 404 instead of 200: check the path of --url and --api-version\n"},
		"it redirects":      {[]string{"--url", redirect.URL}, "HTTP 302 instead of 200: give the url that it redirects to"},
		"an unknown tenant": {[]string{"--url", url, "--tenant", "contoso.onmicrosoft.com"}, `--tenant: found "contoso.onmicrosoft.com", expected the tenant's id, a GUID and not a domain`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := administrate(t, graphtest.Config{})
			a.environ = append(a.environ, "WFI_SECRET=env:CONTOSO_SECRET")
			code, stdout, stderr := a.wfi(append([]string{"integration", "create", "--name", "n", "--entities", "shift"}, row.args...)...)
			assert.NotZero(t, code)
			assert.Empty(t, stdout)
			assert.Contains(t, stderr, row.want)
			assert.Empty(t, a.graph.Requests())
		})
	}
	t.Run("an update", func(t *testing.T) {
		t.Parallel()
		a := administrate(t, graphtest.Config{Connect: func(context.Context, string, int, string) error { return nil }})
		id := a.registered()
		code, _, stderr := a.wfi("integration", "update", id, "--url", url, "--secret", "env:OTHER_SECRET")
		assert.Equal(t, exitFailure, code)
		assert.Contains(t, stderr, "HTTP 401 instead of 200")
		code, _, stderr = a.wfi("integration", "update", id, "--url", url)
		assert.Zero(t, code)
		assert.Equal(t, "The endpoint is not called first: that takes its --config, or --secret and --tenant.\n", stderr)
	})
}
