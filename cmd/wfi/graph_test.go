package main

import (
	"context"
	"errors"
	"io"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/store/graph"
	"example.com/shiftswfi/store/graph/graphtest"
)

// Every failure of Microsoft Graph is a sentence that says what to do next, and
// exit code 1.
func TestGraphFailures(t *testing.T) {
	t.Parallel()
	commands := map[string]struct {
		args            []string
		could, needs    string
		refused, broken string
	}{
		"list": {args: []string{"list"}, could: "list the workforce integrations", needs: "WorkforceIntegration.Read.All"},
		"get":  {args: []string{"get", "WFI_1"}, could: "read the workforce integration", needs: "WorkforceIntegration.Read.All"},
		"create": {args: []string{"create", "--skip-connect-check", "--url", "https://wfi.contoso.com/contoso", "--name", "n",
			"--entities", "shift", "--secret", "env:CONTOSO_SECRET"}, could: "create the workforce integration", needs: "WorkforceIntegration.ReadWrite.All",
			refused: "if that is about the endpoint, see that https://wfi.contoso.com/contoso can be reached from the internet",
			broken:  "it may have been created all the same, look with wfi integration list before trying again"},
		"update": {args: []string{"update", "WFI_1", "--name", "n"}, could: "read the workforce integration", needs: "WorkforceIntegration.Read.All"},
		"delete": {args: []string{"delete", "WFI_1", "--yes"}, could: "read the workforce integration", needs: "WorkforceIntegration.Read.All"},
	}
	unknownTenant := errors.New("ClientSecretCredential authentication failed. \nPOST https://login.microsoftonline.com/x\n" +
		`{"error_description": "AADSTS90002: Tenant 'x' not found. Trace ID: 1"}`)
	for name, command := range commands {
		for failure, row := range map[string]struct {
			prepare func(a *administrator)
			want    []string
		}{
			"a permission is missing": {func(a *administrator) { a.graph.SetScopes("Schedule.Read.All") },
				[]string{"answered 403 Forbidden: Missing role permissions", "grant the app", command.needs, "a Global Administrator has to give admin consent"}},
			"a wrong tenant": {func(a *administrator) { a.credential.Err = unknownTenant },
				[]string{"no token for Microsoft Graph: AADSTS90002: Tenant 'x' not found; check the tenant id"}},
			"a token for something else": {func(a *administrator) { a.credential.Token = "another" },
				[]string{"answered 401 Unauthorized", "check that the tenant and the cloud"}},
			"busy":        {func(a *administrator) { a.graph.Inject(graphtest.Fault{Status: 429, Times: 4}) }, []string{"answered 429 Too Many Requests", "wait a few minutes"}},
			"a failure":   {func(a *administrator) { a.graph.Inject(graphtest.Fault{Status: 500, Times: 4}) }, []string{"answered 500", command.broken, "try again later"}},
			"no answer":   {func(a *administrator) { a.graph.Inject(graphtest.Fault{Times: 4}) }, []string{"no answer from Microsoft Graph", command.broken, "check the network"}},
			"unreachable": {func(a *administrator) { s := httptest.NewServer(nil); s.Close(); a.graph.URL = s.URL }, []string{"no answer from Microsoft Graph", "check the network"}},
			"invalid":     {func(a *administrator) { a.graph.Inject(graphtest.Fault{Status: 400, Message: "No."}) }, []string{"answered 400 Bad Request: No", command.refused}},
		} {
			t.Run(name+"/"+failure, func(t *testing.T) {
				t.Parallel()
				a := administrate(t, graphtest.Config{})
				row.prepare(a)
				code, stdout, stderr := a.wfi(append([]string{"integration"}, command.args...)...)
				assert.Equal(t, exitFailure, code)
				assert.Empty(t, stdout)
				for _, want := range append(row.want, "wfi integration "+name+": could not "+command.could) {
					assert.Contains(t, stderr, want)
				}
				assert.Empty(t, a.graph.Integrations())
			})
		}
	}
}

// deadlines are how long a credential may take for each token.
type deadlines struct {
	graphtest.Credential
	given chan time.Duration
}

func (d deadlines) GetToken(ctx context.Context, options policy.TokenRequestOptions) (azcore.AccessToken, error) {
	deadline, _ := ctx.Deadline()
	d.given <- time.Until(deadline)
	return d.Credential.GetToken(ctx, options)
}

// A person with a device code has to type it in elsewhere, and may take as long
// as the code is good for.
func TestDeviceCodeHasTime(t *testing.T) {
	t.Parallel()
	s := graphtest.New(t, graphtest.Config{})
	given := make(chan time.Duration, 1)
	p := &process{stdout: io.Discard, stderr: io.Discard, graph: graph.Config{Credential: deadlines{given: given}}}
	require.Zero(t, run(t.Context(), p, []string{"integration", "list", "--auth", "device-code", "--graph", s.URL}))
	assert.Greater(t, receive(t, given), 15*time.Minute)
}

// A base URL is checked, and never has the token sent to it in the clear.
func TestGraphURL(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"graph.microsoft.us", "http://graph.microsoft.us", "https://graph.microsoft.us/v1.0", "https://"} {
		a := administrate(t, graphtest.Config{})
		code, _, stderr := a.wfiAt(url, "integration", "list")
		assert.Equal(t, exitMisuse, code, url)
		assert.Contains(t, stderr, "wfi: --graph: the base URL of Microsoft Graph: expected https", url)
	}
	a := administrate(t, graphtest.Config{})
	code, stdout, stderr := a.wfiAt("https://graph.microsoft.us/", "integration", "create", "--dry-run", "--skip-connect-check",
		"--url", "https://wfi.contoso.com/contoso", "--name", "n", "--entities", "shift,swap-request", "--secret", testSecret)
	assert.Zero(t, code, stderr)
	assert.Equal(t, `POST https://graph.microsoft.us/v1.0/teamwork/workforceIntegrations
{
  "displayName": "n",
  "apiVersion": 1,
  "isActive": true,
  "encryption": {
    "protocol": "sharedSecret",
    "secret": "********"
  },
  "url": "https://wfi.contoso.com/contoso",
  "supportedEntities": "Shift,SwapRequest"
}
`, stdout)
}
