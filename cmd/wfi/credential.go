package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
)

// The variables that the users of Azure's SDKs know.
const (
	tenantVariable              = "AZURE_TENANT_ID"
	clientVariable              = "AZURE_CLIENT_ID"
	clientSecretVariable        = "AZURE_CLIENT_SECRET"
	certificateVariable         = "AZURE_CLIENT_CERTIFICATE_PATH"
	certificatePasswordVariable = "AZURE_CLIENT_CERTIFICATE_PASSWORD"
	certificateChainVariable    = "AZURE_CLIENT_SEND_CERTIFICATE_CHAIN"
	federatedTokenVariable      = "AZURE_FEDERATED_TOKEN_FILE"
	authorityVariable           = "AZURE_AUTHORITY_HOST"
)

const maxCredentialFile = 1 << 20

// credentialFlags say as whom Microsoft Graph is called.
type credentialFlags struct {
	Auth                authMethod `placeholder:"METHOD" help:"How to sign in: client-secret, certificate, managed-identity, workload-identity, azure-cli or device-code. Without it the flags and variables that are set decide between client-secret, certificate and workload-identity."`
	Tenant              string     `placeholder:"ID" help:"The tenant. Without it the variable AZURE_TENANT_ID counts."`
	ClientID            string     `name:"client-id" placeholder:"ID" help:"The app that is registered in Microsoft Entra. Without it the variable AZURE_CLIENT_ID counts."`
	ClientSecret        textRef    `placeholder:"REF" help:"The app's client secret, as env:NAME or file:PATH. Without it the variable AZURE_CLIENT_SECRET counts."`
	Certificate         string     `placeholder:"FILE" help:"The app's certificate with its private key, PEM or PFX. Without it the variable AZURE_CLIENT_CERTIFICATE_PATH counts."`
	CertificatePassword textRef    `placeholder:"REF" help:"The password of that file, as env:NAME or file:PATH. Without it the variable AZURE_CLIENT_CERTIFICATE_PASSWORD counts."`
}

// authMethod is a way to sign in; empty: the one that the settings suggest.
type authMethod string

const (
	authClientSecret     authMethod = "client-secret"
	authCertificate      authMethod = "certificate"
	authManagedIdentity  authMethod = "managed-identity"
	authWorkloadIdentity authMethod = "workload-identity"
	authAzureCLI         authMethod = "azure-cli"
	authDeviceCode       authMethod = "device-code"
)

// UnmarshalText takes one of the methods.
func (m *authMethod) UnmarshalText(text []byte) error {
	known := []authMethod{authClientSecret, authCertificate, authManagedIdentity, authWorkloadIdentity, authAzureCLI, authDeviceCode}
	if !slices.Contains(known, authMethod(text)) {
		return errors.New("expected client-secret, certificate, managed-identity, workload-identity, azure-cli or device-code")
	}
	*m = authMethod(text)
	return nil
}

// A signIn is the credential's settings with the environment filled in.
type signIn struct {
	p                           *process
	tenant, client              string
	clientSecret                textRef
	certificate, federatedToken string
	certificatePassword         textRef
	options                     azcore.ClientOptions
}

// tenant is the tenant that the flags or the environment name: an id or a
// domain, or nothing.
func (f credentialFlags) tenant(p *process) string {
	return cmp.Or(f.Tenant, p.variable(tenantVariable))
}

// credential makes the credential for the Microsoft Graph at a host. Nothing is
// sent yet. No error shows a secret.
func (f credentialFlags) credential(p *process, host string) (azcore.TokenCredential, error) {
	s := signIn{
		p:                   p,
		tenant:              f.tenant(p),
		client:              cmp.Or(f.ClientID, p.variable(clientVariable)),
		clientSecret:        f.ClientSecret.or(p, clientSecretVariable),
		certificate:         cmp.Or(f.Certificate, p.variable(certificateVariable)),
		federatedToken:      p.variable(federatedTokenVariable),
		certificatePassword: f.CertificatePassword.or(p, certificatePasswordVariable),
	}
	if p.variable(authorityVariable) == "" { // which azidentity reads itself
		s.options.Cloud = authority(host)
	}
	method := cmp.Or(f.Auth, s.suggested(f))
	if method == "" {
		return nil, errors.New("no credential for Microsoft Graph: set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET " +
			"(or AZURE_CLIENT_CERTIFICATE_PATH) of an app that is registered in Microsoft Entra, " +
			"or give --auth with managed-identity, workload-identity, azure-cli or device-code")
	}
	if err := s.complete(method); err != nil {
		return nil, err
	}
	credential, err := s.make(method)
	if err != nil {
		return nil, fmt.Errorf("--auth %s: %w", method, err)
	}
	return credential, nil
}

// suggested goes by the flags first, and then by the variables in the order of
// Azure's SDKs.
func (s signIn) suggested(f credentialFlags) authMethod {
	switch {
	case f.ClientSecret != "":
		return authClientSecret
	case f.Certificate != "":
		return authCertificate
	case s.clientSecret != "":
		return authClientSecret
	case s.certificate != "":
		return authCertificate
	case s.federatedToken != "":
		return authWorkloadIdentity
	}
	return ""
}

// complete tells what a method needs and has not got.
func (s signIn) complete(method authMethod) error {
	var missing []string
	need := func(value, sources string, methods ...authMethod) {
		if value == "" && slices.Contains(methods, method) {
			missing = append(missing, sources)
		}
	}
	need(s.tenant, "--tenant or "+tenantVariable, authClientSecret, authCertificate, authWorkloadIdentity, authDeviceCode)
	need(s.client, "--client-id or "+clientVariable, authClientSecret, authCertificate, authWorkloadIdentity, authDeviceCode)
	need(string(s.clientSecret), "--client-secret or "+clientSecretVariable, authClientSecret)
	need(s.certificate, "--certificate or "+certificateVariable, authCertificate)
	need(s.federatedToken, federatedTokenVariable, authWorkloadIdentity)
	if len(missing) == 0 {
		return nil
	}
	return fmt.Errorf("--auth %s needs more: set %s", method, strings.Join(missing, ", and "))
}

func (s signIn) make(method authMethod) (azcore.TokenCredential, error) {
	switch method {
	case authClientSecret:
		secret, err := s.clientSecret.read(s.p)
		if err != nil {
			return nil, err
		}
		return azidentity.NewClientSecretCredential(s.tenant, s.client, secret,
			&azidentity.ClientSecretCredentialOptions{ClientOptions: s.options})
	case authCertificate:
		return s.makeCertificate()
	case authManagedIdentity:
		options := &azidentity.ManagedIdentityCredentialOptions{ClientOptions: s.options}
		if s.client != "" {
			options.ID = azidentity.ClientID(s.client) // one that is assigned to the machine by hand
		}
		return azidentity.NewManagedIdentityCredential(options)
	case authWorkloadIdentity:
		return azidentity.NewWorkloadIdentityCredential(&azidentity.WorkloadIdentityCredentialOptions{
			ClientOptions: s.options, TenantID: s.tenant, ClientID: s.client, TokenFilePath: s.federatedToken,
		})
	case authAzureCLI:
		return azidentity.NewAzureCLICredential(&azidentity.AzureCLICredentialOptions{TenantID: s.tenant})
	default:
		return azidentity.NewDeviceCodeCredential(&azidentity.DeviceCodeCredentialOptions{
			ClientOptions: s.options, TenantID: s.tenant, ClientID: s.client,
			UserPrompt: func(_ context.Context, m azidentity.DeviceCodeMessage) error {
				_, err := fmt.Fprintln(s.p.stderr, printable(m.Message))
				return err
			},
		})
	}
}

func (s signIn) makeCertificate() (azcore.TokenCredential, error) {
	data, err := readFile(s.certificate, maxCredentialFile)
	if err != nil {
		return nil, fmt.Errorf("read certificate %s: %w", s.certificate, err)
	}
	var password []byte
	if s.certificatePassword != "" {
		text, err := s.certificatePassword.read(s.p)
		if err != nil {
			return nil, err
		}
		password = []byte(text)
	}
	certificates, key, err := azidentity.ParseCertificates(data, password)
	if err != nil {
		return nil, fmt.Errorf("certificate %s: %w; expected a certificate and its private key, as PEM without password or as PFX with the one of --certificate-password", s.certificate, err)
	}
	chain, _ := strconv.ParseBool(s.p.variable(certificateChainVariable)) // as Azure's SDKs read it
	return azidentity.NewClientCertificateCredential(s.tenant, s.client, certificates, key,
		&azidentity.ClientCertificateCredentialOptions{ClientOptions: s.options, SendCertificateChain: chain})
}

// authority is the cloud whose tokens a Microsoft Graph takes (Microsoft Graph,
// National cloud deployments). The zero value is the global one.
func authority(host string) cloud.Configuration {
	switch host {
	case "graph.microsoft.us", "dod-graph.microsoft.us":
		return cloud.AzureGovernment
	case "microsoftgraph.chinacloudapi.cn":
		return cloud.AzureChina
	}
	return cloud.Configuration{}
}

// textRef says where a secret of any length comes from: env:NAME or file:PATH.
// The secret itself is not taken: the command line is no place for it.
type textRef string

// UnmarshalText takes a reference. The error shows nothing of the text, which
// may be the secret.
func (r *textRef) UnmarshalText(text []byte) error {
	name, variable := strings.CutPrefix(string(text), "env:")
	path, file := strings.CutPrefix(string(text), "file:")
	if variable && environName.MatchString(name) || file && path != "" {
		*r = textRef(text)
		return nil
	}
	return errors.New("expected env:NAME or file:PATH; the secret itself does not belong on a command line")
}

// or is the reference, or else the one to a variable, if that is set.
func (r textRef) or(p *process, variable string) textRef {
	if r == "" && p.variable(variable) != "" {
		return textRef("env:" + variable)
	}
	return r
}

// read reads what the reference stands for. A line end after it does not count.
func (r textRef) read(p *process) (string, error) {
	var text string
	if path, ok := strings.CutPrefix(string(r), "file:"); ok {
		data, err := readFile(path, maxSecretFile)
		if err != nil {
			return "", fmt.Errorf("read %s: %w", r, err)
		}
		text = strings.TrimRight(string(data), "\r\n")
	} else {
		text = p.variable(strings.TrimPrefix(string(r), "env:"))
	}
	if text == "" {
		return "", fmt.Errorf("found nothing at %s", r)
	}
	return text, nil
}

// variable is a variable of the environment, empty if it is not set.
func (p *process) variable(name string) string {
	value, _ := lookupEnv(p.environ, name)
	return value
}
