package main

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const clientSecret = "hunter2~hunter2"

// writePEM writes a certificate of an app with its private key.
func writePEM(t *testing.T, f files, name string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "app"}, NotAfter: time.Now().Add(time.Hour)}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	f.write(name, string(slices.Concat(
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}))))
}

// The flags win over the variables that the users of Azure's SDKs know.
func TestCredential(t *testing.T) {
	t.Parallel()
	f := files{t, t.TempDir()}
	writePEM(t, f, "app.pem")
	f.write("secret.txt", clientSecret+"\n")
	f.write("empty.txt", "\n")
	f.write("text.pem", "no certificate")
	app := []string{"AZURE_TENANT_ID=contoso.onmicrosoft.com", "AZURE_CLIENT_ID=" + contosoTenant}
	secret, certificate := "AZURE_CLIENT_SECRET="+clientSecret, "AZURE_CLIENT_CERTIFICATE_PATH="+f.path("app.pem")
	const none = "no credential for Microsoft Graph: set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET"
	for name, row := range map[string]struct {
		environ []string
		args    []string
		want    any // a credential, or the text of an error
	}{
		"nothing":                       {nil, nil, none},
		"an app without its secret":     {app, nil, none},
		"a secret":                      {append(app, secret), nil, &azidentity.ClientSecretCredential{}},
		"a secret in a file":            {app, []string{"--client-secret", "file:" + f.path("secret.txt")}, &azidentity.ClientSecretCredential{}},
		"a secret in another variable":  {append(app, "APP="+clientSecret), []string{"--client-secret", "env:APP"}, &azidentity.ClientSecretCredential{}},
		"a secret without an app":       {[]string{secret}, nil, "--auth client-secret needs more: set --tenant or AZURE_TENANT_ID, and --client-id or AZURE_CLIENT_ID"},
		"an app by flags":               {[]string{secret}, []string{"--tenant", contosoTenant, "--client-id", "x"}, &azidentity.ClientSecretCredential{}},
		"a secret that is not there":    {app, []string{"--client-secret", "env:APP"}, "--auth client-secret: found nothing at env:APP"},
		"a file that is not there":      {app, []string{"--client-secret", "file:missing"}, "--auth client-secret: read file:missing: no such file or directory"},
		"an empty file":                 {app, []string{"--client-secret", "file:" + f.path("empty.txt")}, "found nothing at file:"},
		"a tenant that can be none":     {append(app, secret), []string{"--tenant", "a/b"}, "--auth client-secret: invalid tenantID"},
		"a certificate":                 {append(app, certificate), nil, &azidentity.ClientCertificateCredential{}},
		"a certificate by flag":         {append(app, secret), []string{"--certificate", f.path("app.pem")}, &azidentity.ClientCertificateCredential{}},
		"a certificate, but the method": {append(app, secret, certificate), []string{"--auth", "client-secret"}, &azidentity.ClientSecretCredential{}},
		"no certificate in the file":    {app, []string{"--certificate", f.path("text.pem")}, "expected a certificate and its private key, as PEM without password or as PFX"},
		"a certificate not there":       {app, []string{"--certificate", "missing"}, "--auth certificate: read certificate missing: no such file or directory"},
		"a password not there":          {app, []string{"--certificate", f.path("app.pem"), "--certificate-password", "env:APP"}, "found nothing at env:APP"},
		"a method without its file":     {app, []string{"--auth", "certificate"}, "--auth certificate needs more: set --certificate or AZURE_CLIENT_CERTIFICATE_PATH"},
		"a workload's token":            {append(app, "AZURE_FEDERATED_TOKEN_FILE=/token"), nil, &azidentity.WorkloadIdentityCredential{}},
		"no workload's token":           {app, []string{"--auth", "workload-identity"}, "--auth workload-identity needs more: set AZURE_FEDERATED_TOKEN_FILE"},
		"a managed identity":            {nil, []string{"--auth", "managed-identity"}, &azidentity.ManagedIdentityCredential{}},
		"the Azure CLI":                 {nil, []string{"--auth", "azure-cli"}, &azidentity.AzureCLICredential{}},
		"a device code":                 {app, []string{"--auth", "device-code"}, &azidentity.DeviceCodeCredential{}},
		"a device code for no app":      {nil, []string{"--auth", "device-code"}, "--auth device-code needs more: set --tenant"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var flags struct{ graphFlags }
			parser, err := kong.New(&flags)
			require.NoError(t, err)
			_, err = parser.Parse(row.args)
			require.NoError(t, err)
			credential, err := flags.credential(&process{environ: row.environ, stderr: new(bytes.Buffer)}, "graph.microsoft.com")
			if text, ok := row.want.(string); ok {
				require.ErrorContains(t, err, text)
				assert.NotContains(t, err.Error(), "hunter2")
				return
			}
			require.NoError(t, err)
			assert.IsType(t, row.want, credential)
		})
	}
}

// Without a credential a command says in one sentence what to set.
func TestNoCredential(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"list"}, {"get", "x"}, {"update", "x", "--name", "n"}, {"delete", "x", "--yes"}} {
		var stdout, stderr bytes.Buffer
		p := &process{stdout: &stdout, stderr: &stderr}
		assert.Equal(t, exitFailure, run(t.Context(), p, append([]string{"integration"}, args...)))
		assert.Empty(t, stdout.String())
		assert.Equal(t, "wfi integration "+args[0]+": no credential for Microsoft Graph: set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET "+
			"(or AZURE_CLIENT_CERTIFICATE_PATH) of an app that is registered in Microsoft Entra, "+
			"or give --auth with managed-identity, workload-identity, azure-cli or device-code\n", stderr.String())
	}
}

// A national cloud has its own place for tokens.
func TestAuthority(t *testing.T) {
	t.Parallel()
	for url, want := range map[graphURL]cloud.Configuration{
		"":                               {},
		"https://graph.microsoft.com":    {},
		"https://GRAPH.microsoft.us/":    cloud.AzureGovernment,
		"https://dod-graph.microsoft.us": cloud.AzureGovernment,
		"https://microsoftgraph.chinacloudapi.cn": cloud.AzureChina,
	} {
		assert.Equal(t, want, authority(url.host()), url)
	}
}
