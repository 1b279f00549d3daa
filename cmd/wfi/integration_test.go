package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/batch/envelope"
	"example.com/shiftswfi/batch/shifts"
	"example.com/shiftswfi/store/graph"
	"example.com/shiftswfi/store/graph/graphtest"
)

const contosoTenant = "8f9d7c6b-0000-4000-8000-000000000001"

// An administrator is a person with a Microsoft Graph of their own, who runs
// commands.
type administrator struct {
	t          *testing.T
	graph      *graphtest.Server
	credential graphtest.Credential
	environ    []string
	stdin      string
	terminal   bool
}

// administrate starts a Microsoft Graph that calls endpoints as Shifts does.
func administrate(t *testing.T, config graphtest.Config) *administrator {
	t.Helper()
	if config.Connect == nil {
		config.Connect = connectAsShifts
	}
	return &administrator{t: t, graph: graphtest.New(t, config), environ: []string{
		"CONTOSO_SECRET=" + testSecret, "OTHER_SECRET=" + otherSecret, "AZURE_TENANT_ID=" + contosoTenant,
	}}
}

func connectAsShifts(ctx context.Context, url string, apiVersion int, secret string) error {
	key, err := envelope.NewKey(secret)
	if err != nil {
		return err
	}
	body := []byte(`{"tenantId":"` + contosoTenant + `","userId":"u"}`)
	reply, err := new(shifts.Caller).Send(ctx, shifts.Endpoint{URL: url, APIVersion: apiVersion}.Connect(), key, nil, body)
	if err == nil && reply.HTTPStatus != http.StatusOK {
		err = fmt.Errorf("HTTP %d", reply.HTTPStatus)
	}
	return err
}

// wfi runs a command on the administrator's Microsoft Graph. Whatever it prints
// has no secrets.
func (a *administrator) wfi(args ...string) (code int, stdout, stderr string) {
	a.t.Helper()
	return a.wfiAt(a.graph.URL, args...)
}

func (a *administrator) wfiAt(url string, args ...string) (code int, stdout, stderr string) {
	a.t.Helper()
	var out, errs bytes.Buffer
	p := &process{
		stdin: strings.NewReader(a.stdin), stdout: &out, stderr: &errs, environ: a.environ, terminal: a.terminal,
		graph: graph.Config{Credential: a.credential, Retry: policy.RetryOptions{RetryDelay: -1}},
	}
	code = run(a.t.Context(), p, append(args, "--graph", url))
	for _, text := range []string{out.String(), errs.String()} {
		assertDiscreet(a.t, text)
		assert.NotContains(a.t, text, graphtest.Token)
	}
	return code, out.String(), errs.String()
}

// succeeds is wfi for a command that must do so without a word on standard
// error.
func (a *administrator) succeeds(args ...string) (stdout string) {
	a.t.Helper()
	code, stdout, stderr := a.wfi(args...)
	require.Zero(a.t, code, stderr)
	assert.Empty(a.t, stderr)
	return stdout
}

// changes are the requests received that are no reads, as METHOD PATH.
func (a *administrator) changes() []string {
	var changes []string
	for _, r := range a.graph.Requests() {
		if r.Method != http.MethodGet {
			changes = append(changes, r.Method+" "+r.Path)
		}
	}
	return changes
}

// registered registers an endpoint that nobody has to reach.
func (a *administrator) registered(more ...string) (id string) {
	a.t.Helper()
	stdout := a.succeeds(append([]string{"integration", "create", "--json", "--skip-connect-check", "--name", "Contoso WFM",
		"--url", "https://wfi.contoso.com/contoso", "--secret", "env:CONTOSO_SECRET", "--entities", "shift"}, more...)...)
	var stored struct{ ID string }
	require.NoError(a.t, json.Unmarshal([]byte(stdout), &stored))
	require.NotEmpty(a.t, stored.ID)
	return stored.ID
}

func configFile(t *testing.T, config string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "wfi.yaml")
	require.NoError(t, os.WriteFile(file, []byte(config), 0o600))
	return file
}

const contosoID = "WFI_00000000-0000-4000-8000-000000000001" // the first that a Microsoft Graph gives

// From a running endpoint to a registration, and back.
func TestIntegrationLife(t *testing.T) {
	t.Parallel()
	s := serve(t, settings(contoso))
	a := administrate(t, graphtest.Config{})
	url := "http://" + s.listen + "/contoso"
	assert.Equal(t, "The tenant has no workforce integration: register the endpoint with wfi integration create.\n", a.succeeds("integration", "list"))

	stdout := a.succeeds("integration", "create", "--config", configFile(t, settings(contoso)), "--url", url,
		"--name", "Contoso WFM", "--entities", "Swap_Requests, shift,timeoff", "--eligibility", "time-off-reason,swapRequest")
	assert.Equal(t, []graphtest.Integration{{
		ID: contosoID, DisplayName: "Contoso WFM", APIVersion: 1, IsActive: true, URL: url, Secret: testSecret,
		SupportedEntities: []string{"shift", "swapRequest", "timeOff"}, Eligibility: []string{"swapRequest", "timeOffReason"},
	}}, a.graph.Integrations())
	details := `id                                   ` + contosoID + `
displayName                          Contoso WFM
url                                  ` + url + `
apiVersion                           1
isActive                             true
supportedEntities                    shift,swapRequest,timeOff
eligibilityFilteringEnabledEntities  swapRequest,timeOffReason
lastModifiedDateTime                 2026-12-01T09:00:00Z
`
	assert.Equal(t, "Microsoft Graph has created the workforce integration and stored:\n\n"+details+`
Put this into the endpoint's configuration, at its integration contoso:

    workforceIntegrationId: `+contosoID+`

Then let teams use it with wfi teams enable.
`, stdout)

	assert.Equal(t, details, a.succeeds("integration", "get", contosoID))
	assert.Regexp(t, `^ID .*\n`+contosoID+` +Contoso WFM +`+url+` +1 +true +shift,swapRequest,timeOff +swapRequest,timeOffReason\n$`,
		a.succeeds("integration", "list"))
	assert.JSONEq(t, `[{"id":"`+contosoID+`","displayName":"Contoso WFM","apiVersion":1,"isActive":true,"url":"`+url+`",
		"supportedEntities":"shift,swapRequest,timeOff","eligibilityFilteringEnabledEntities":"swapRequest,timeOffReason",
		"createdDateTime":"2026-12-01T09:00:00Z","lastModifiedDateTime":"2026-12-01T09:00:00Z",
		"eligibilityFilteringReadFrom":"v1.0"}]`, a.succeeds("integration", "list", "--json"))

	stdout = a.succeeds("integration", "update", contosoID, "--no-active", "--name", "Contoso Shifts", "--entities", "shift,swap-request,time-off")
	assert.Contains(t, stdout, "Sent: displayName, isActive. Microsoft Graph has stored:\n")
	assert.Contains(t, stdout, "isActive                             false\n")
	assert.Equal(t, "Contoso Shifts", a.graph.Integrations()[0].DisplayName)

	code, stdout, stderr := a.wfi("integration", "delete", contosoID, "--yes")
	require.Zero(t, code, stderr)
	assert.Equal(t, "Deleted "+contosoID+" (Contoso Shifts). The endpoint's configuration can go, too.\n", stdout)
	assert.Equal(t, "No team uses it.\n", stderr)
	assert.Empty(t, a.graph.Integrations())
}

// Where v1.0 drops the eligibility filtering, beta keeps it, and is asked.
func TestIntegrationOnBeta(t *testing.T) {
	t.Parallel()
	a := administrate(t, graphtest.Config{DropEligibilityInV1: true, Connect: func(context.Context, string, int, string) error { return nil }})
	stdout := a.succeeds("integration", "create", "--skip-connect-check", "--name", "Contoso WFM", "--url", "https://wfi.contoso.com/contoso",
		"--secret", "env:CONTOSO_SECRET", "--entities", "none", "--eligibility", "swap-request")
	assert.Contains(t, stdout, "swapRequest (from beta of Microsoft Graph: v1.0 does not tell)\n")
	assert.Contains(t, stdout, "\nv1.0 of Microsoft Graph had dropped the eligibility filtering: it was sent to beta.\n")
	assert.Equal(t, []string{"swapRequest"}, a.graph.Integrations()[0].Eligibility)
	path := "/teamwork/workforceIntegrations"
	assert.Equal(t, []string{"POST /v1.0" + path, "PATCH /beta" + path + "/" + contosoID}, a.changes())
	body := a.graph.Requests()[3].Body
	assert.JSONEq(t, `{"eligibilityFilteringEnabledEntities":"SwapRequest"}`, body, "nothing else goes to beta")

	assert.Contains(t, a.succeeds("integration", "get", contosoID, "--json"), `"eligibilityFilteringEnabledEntities": "swapRequest"`)
	assert.Contains(t, a.succeeds("integration", "list", "--json"), `"eligibilityFilteringReadFrom": "beta"`)

	// What beta knows is no change, and what it knows can be taken away.
	before := len(a.changes())
	assert.Contains(t, a.succeeds("integration", "update", contosoID, "--eligibility", "swap-request"), "There is nothing to change")
	assert.Len(t, a.changes(), before)
	assert.Contains(t, a.succeeds("integration", "update", contosoID, "--eligibility", "none"), "it was sent to beta")
	assert.Empty(t, a.graph.Integrations()[0].Eligibility)
}

// What a PATCH holds is what differs, and nothing else.
func TestIntegrationUpdateSendsChanges(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		args []string
		body string // "" if nothing is sent
	}{
		"nothing new":       {[]string{"--name", "Contoso WFM", "--entities", "Shift", "--api-version", "1", "--active"}, ""},
		"one of several":    {[]string{"--name", "Contoso WFM", "--entities", "shift,openshift"}, `{"supportedEntities":"Shift,OpenShift"}`},
		"no entities":       {[]string{"--entities", "none"}, `{"supportedEntities":"None"}`},
		"not active":        {[]string{"--no-active"}, `{"isActive":false}`},
		"version and url":   {[]string{"--api-version", "2", "--url", "https://wfi.contoso.com/new"}, `{"apiVersion":2,"url":"https://wfi.contoso.com/new"}`},
		"a secret, always":  {[]string{"--secret", "env:CONTOSO_SECRET", "--skip-connect-check"}, `{"encryption":{"protocol":"sharedSecret","secret":"********"}}`},
		"eligibility":       {[]string{"--eligibility", "offer-shift-requests"}, `{"eligibilityFilteringEnabledEntities":"OfferShiftRequest"}`},
		"a slash at an end": {[]string{"--url", "https://wfi.contoso.com/contoso/"}, `{"url":"https://wfi.contoso.com/contoso/"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := administrate(t, graphtest.Config{Connect: func(context.Context, string, int, string) error { return nil }})
			id := a.registered()
			for _, mode := range []string{"--dry-run", "--json"} {
				before := len(a.changes())
				code, stdout, stderr := a.wfi(append([]string{"integration", "update", id, mode}, row.args...)...)
				require.Zero(t, code, stderr)
				if mode == "--dry-run" || row.body == "" {
					assert.Len(t, a.changes(), before)
				}
				switch {
				case row.body == "" && mode == "--dry-run":
					assert.Contains(t, stdout, "There is nothing to change, and nothing was sent.")
				case row.body == "":
					assert.Contains(t, stdout, `"changed": []`)
				case mode == "--dry-run":
					body, ok := strings.CutPrefix(stdout, "PATCH "+a.graph.URL+"/v1.0/teamwork/workforceIntegrations/"+id+"\n")
					require.True(t, ok, stdout)
					assert.JSONEq(t, row.body, body)
				default:
					requests := a.graph.Requests()
					i := slices.IndexFunc(requests, func(r graphtest.Request) bool { return r.Method == http.MethodPatch })
					assert.JSONEq(t, row.body, requests[i].Body)
				}
			}
		})
	}
}

// What Microsoft Graph makes of a registration is told, and is no success if it
// is something else than was asked for.
func TestIntegrationReadBack(t *testing.T) {
	t.Parallel()
	connect := func(context.Context, string, int, string) error { return nil }
	create := []string{"integration", "create", "--skip-connect-check", "--name", "Contoso WFM", "--url", "https://wfi.contoso.com/contoso",
		"--secret", "env:CONTOSO_SECRET", "--entities", "shift", "--eligibility", "swap-request"}
	for name, row := range map[string]struct {
		config graphtest.Config
		fault  graphtest.Fault
		want   string
	}{
		"it cannot be read": {graphtest.Config{Connect: connect}, graphtest.Fault{Method: "GET", Status: 404},
			contosoID + " is created, but not all of it is certain: could not read the workforce integration: Microsoft Graph answered 404 Not Found"},
		"beta refuses": {graphtest.Config{Connect: connect, DropEligibilityInV1: true}, graphtest.Fault{Method: "PATCH", Path: "/beta/", Status: 403},
			contosoID + " is created, but not all of it is certain: on beta: could not update the workforce integration: Microsoft Graph answered 403 Forbidden"},
		"beta forgets, too": {graphtest.Config{Connect: connect, DropEligibilityInV1: true}, graphtest.Fault{Method: "PATCH", Path: "/beta/", Status: 200},
			"stored something else than was asked for: eligibilityFilteringEnabledEntities is none instead of swapRequest;"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := administrate(t, row.config)
			a.graph.Inject(row.fault)
			code, stdout, stderr := a.wfi(create...)
			assert.Equal(t, exitFailure, code)
			assert.Contains(t, stdout, "workforceIntegrationId: "+contosoID+"\n", "it exists")
			assert.Contains(t, stderr, row.want)
		})
	}
}

// A slash at the end of a url is Microsoft Graph's to add or to drop.
func TestNotStored(t *testing.T) {
	t.Parallel()
	stored := storedIntegration{WorkforceIntegration: graph.WorkforceIntegration{URL: "https://wfi.contoso.com/contoso/"}}
	assert.NoError(t, notStored(graph.IntegrationChange{URL: new("https://wfi.contoso.com/contoso")}, stored))
	assert.ErrorContains(t, notStored(graph.IntegrationChange{URL: new("https://wfi.contoso.com/new")}, stored),
		"something else than was asked for: url is https://wfi.contoso.com/contoso/ instead of https://wfi.contoso.com/new;")
}

// Who may read but not write learns so from the first write, which changes
// nothing.
func TestIntegrationUpdateForbidden(t *testing.T) {
	t.Parallel()
	a := administrate(t, graphtest.Config{Connect: func(context.Context, string, int, string) error { return nil }})
	id := a.registered()
	a.graph.SetScopes("WorkforceIntegration.Read.All")
	code, stdout, stderr := a.wfi("integration", "update", id, "--name", "n")
	assert.Equal(t, exitFailure, code)
	assert.Empty(t, stdout)
	assert.Contains(t, stderr, "could not update the workforce integration: Microsoft Graph answered 403 Forbidden")
	assert.Contains(t, stderr, "the Microsoft Graph permission WorkforceIntegration.ReadWrite.All in Microsoft Entra")
	assert.Equal(t, "Contoso WFM", a.graph.Integrations()[0].DisplayName)
}

// A cloud without beta, or one that refuses it, still tells what v1.0 knows;
// only what was asked for has to be certain.
func TestIntegrationWithoutBeta(t *testing.T) {
	t.Parallel()
	a := administrate(t, graphtest.Config{Connect: func(context.Context, string, int, string) error { return nil }})
	id := a.registered()
	a.graph.Inject(graphtest.Fault{Path: "/beta/", Status: http.StatusForbidden, Times: 1000})
	const note = "note: v1.0 of Microsoft Graph does not tell the eligibility filtering, and beta could not be asked: on beta: could not "
	for _, args := range [][]string{{"get", id}, {"list"}, {"get", id, "--json"}, {"list", "--json"}, {"update", id, "--name", "Contoso"}} {
		code, stdout, stderr := a.wfi(append([]string{"integration"}, args...)...)
		assert.Zero(t, code, args)
		assert.Contains(t, stdout, id)
		assert.True(t, strings.HasPrefix(stderr, note), stderr)
		assert.Equal(t, 1, strings.Count(stderr, "\n"), stderr)
	}
	before := len(a.changes())
	code, _, stderr := a.wfi("integration", "update", id, "--eligibility", "none")
	assert.Equal(t, exitFailure, code)
	assert.Contains(t, stderr, "on beta: could not read")
	assert.Len(t, a.changes(), before)
	code, _, stderr = a.wfi("integration", "create", "--skip-connect-check", "--name", "n", "--url", "https://wfi.contoso.com/n",
		"--secret", "env:CONTOSO_SECRET", "--entities", "shift", "--eligibility", "none")
	assert.Equal(t, exitFailure, code)
	assert.Contains(t, stderr, "is created, but not all of it is certain: on beta: could not read")
}

// The example can be copied: it needs no tenant, and calls nobody.
func TestIntegrationDryRunOfHelp(t *testing.T) {
	t.Parallel()
	a := administrate(t, graphtest.Config{})
	a.environ = []string{"CONTOSO_SECRET=" + testSecret}
	lines := strings.Split(integrationCreateCmd{}.Help(), "\n")
	i := slices.IndexFunc(lines, func(line string) bool { return strings.HasSuffix(line, "--dry-run") })
	require.Positive(t, i)
	example := strings.ReplaceAll(lines[i], "'Contoso WFM'", "Contoso")
	code, stdout, stderr := a.wfiAt("https://graph.microsoft.us", strings.Fields(example)[1:]...)
	require.Zero(t, code, stderr)
	assert.Contains(t, stdout, "POST https://graph.microsoft.us/v1.0/teamwork/workforceIntegrations\n")

	for _, command := range []string{"create", "update"} {
		var out bytes.Buffer
		require.Zero(t, run(t.Context(), &process{stdout: &out, stderr: &out}, []string{"integration", command, "--help"}))
		assert.Contains(t, strings.Join(strings.Fields(out.String()), " "), "every user of this machine can see them")
	}
}
