package contract

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What a server with a certificate of its own is told.
func TestTLSChecks(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		lowest  uint16
		highest uint16
		days    int
		caught  map[string]string
	}{
		{"up to date", tls.VersionTLS12, tls.VersionTLS13, 60, map[string]string{
			"tls.trusted": "the server sends a single certificate, whose issuer is not known",
		}},
		{"not renewed", tls.VersionTLS12, tls.VersionTLS13, 13, map[string]string{
			"tls.trusted":      "the server sends a single certificate, whose issuer is not known",
			"tls.not-expiring": "A certificate ends on ",
		}},
		{"old versions, too", tls.VersionTLS10, tls.VersionTLS13, 60, map[string]string{
			"tls.trusted":      "the server sends a single certificate, whose issuer is not known",
			"tls.old-versions": "A handshake with TLS 1.0 succeeded.",
		}},
		{"TLS 1.1, too", tls.VersionTLS11, tls.VersionTLS12, 60, map[string]string{
			"tls.trusted":      "the server sends a single certificate, whose issuer is not known",
			"tls.old-versions": "A handshake with TLS 1.1 succeeded.",
		}},
		{"expired", tls.VersionTLS12, tls.VersionTLS13, -1, map[string]string{
			"tls.trusted":      "expired",
			"tls.not-expiring": "A certificate ends on ",
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			leaf := issue(t, authority{}, "127.0.0.1", test.days)
			server := serveTLS(t, &tls.Config{MinVersion: test.lowest, MaxVersion: test.highest, Certificates: []tls.Certificate{leaf.pair()}})
			report := certifyGroup(t, server, "tls")
			require.Len(t, report.Results, len(tlsChecks))
			for _, result := range report.Results {
				expected, fails := test.caught[result.ID]
				assert.Equal(t, fails, result.Status == Failed, "%s %s", result.ID, result.Message)
				assert.Contains(t, result.Message, expected)
			}
		})
	}
}

// A server that speaks nothing but old versions is only reached by who allows
// them.
func TestOldTLS(t *testing.T) {
	t.Parallel()
	server := serveTLS(t, &tls.Config{MinVersion: tls.VersionTLS11, MaxVersion: tls.VersionTLS11, Certificates: []tls.Certificate{issue(t, authority{}, "127.0.0.1", 60).pair()}})
	transport := &http.Transport{TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS10, InsecureSkipVerify: true}}
	t.Cleanup(transport.CloseIdleConnections)
	report, err := Certify(t.Context(), server.URL, testSecret, Profile{}, Options{Only: []string{"tls.version"}, Transport: transport})
	require.NoError(t, err)
	assert.Equal(t, "The connection uses TLS 1.1.", report.Results[0].Message)
}

// Without TLS the group is left out, and a transport that hides the connection
// is said so.
func TestNoTLS(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	assert.Empty(t, certifyGroup(t, server, "tls").Results)

	hiding := roundTripper(func(r *http.Request) (*http.Response, error) {
		recorder := httptest.NewRecorder()
		http.NotFound(recorder, r)
		return recorder.Result(), nil
	})
	report, err := Certify(t.Context(), "https://wfm.example", testSecret, Profile{}, Options{Only: []string{"tls"}, Transport: hiding})
	require.NoError(t, err)
	assert.Equal(t, len(tlsChecks), report.Count(Skipped))
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestChainFault(t *testing.T) {
	t.Parallel()
	root := issue(t, authority{}, "", 100)
	between := issue(t, root, "", 100)
	leaf := issue(t, between, "wfm.example", 30)
	roots := x509.NewCertPool()
	roots.AddCert(root.certificate)
	tests := []struct {
		name  string
		chain []*x509.Certificate
		host  string
		fault string
	}{
		{"whole", []*x509.Certificate{leaf.certificate, between.certificate}, "wfm.example", ""},
		{"with the root", []*x509.Certificate{leaf.certificate, between.certificate, root.certificate}, "wfm.example", ""},
		{"without the one between", []*x509.Certificate{leaf.certificate}, "wfm.example", "single certificate"},
		{"another host", []*x509.Certificate{leaf.certificate, between.certificate}, "other.example", "not other.example"},
		{"another authority", []*x509.Certificate{leaf.certificate, issue(t, authority{}, "", 100).certificate}, "wfm.example", "unknown authority"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			err := chainFault(test.chain, test.host, roots)
			if test.fault == "" {
				assert.NoError(t, err)
				return
			}
			assert.ErrorContains(t, err, test.fault)
		})
	}
	assert.Equal(t, leaf.certificate.NotAfter, firstEnd([]*x509.Certificate{between.certificate, leaf.certificate, root.certificate}))
}

// An authority is a certificate with its key.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func (a authority) pair() tls.Certificate {
	return tls.Certificate{Certificate: [][]byte{a.certificate.Raw}, PrivateKey: a.key}
}

// issue makes a certificate for a host, or for an authority if it is "", valid
// for so many days more. Without an issuer it signs itself.
func issue(t *testing.T, by authority, host string, days int) authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "test " + serial.String()},
		NotBefore: time.Now().AddDate(0, 0, -30), NotAfter: time.Now().AddDate(0, 0, days),
		IsCA: host == "", BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	if ip := net.ParseIP(host); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else if host != "" {
		template.DNSNames = []string{host}
	}
	if by.key == nil {
		by = authority{template, key}
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, by.certificate, key.Public(), by.key)
	require.NoError(t, err)
	certificate, err := x509.ParseCertificate(raw)
	require.NoError(t, err)
	return authority{certificate, key}
}

func serveTLS(t *testing.T, config *tls.Config) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {}))
	server.TLS = config
	server.Config.ErrorLog = silent
	server.StartTLS()
	t.Cleanup(server.Close)
	address, err := url.Parse(server.URL)
	require.NoError(t, err)
	require.Equal(t, "127.0.0.1", address.Hostname())
	return server
}
