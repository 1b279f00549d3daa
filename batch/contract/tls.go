package contract

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/url"
	"slices"
	"time"

	"example.com/shiftswfi/batch/shifts"
)

// renewal is how long before its end a certificate should have been renewed.
const renewal = 14 * 24 * time.Hour

// tlsChecks are for endpoints whose url is https.
var tlsChecks = []Check{
	{
		ID: "tls.trusted", Level: Must, Section: "2.5",
		Title: "The certificate is trusted, for this host name",
		Sends: "The call of connect.accepted; its certificates are compared with the roots that this machine trusts.",
		Why:   "Shifts can be expected to connect to nobody else. Browsers forgive more: they fetch certificates that a server leaves out.",
		Mend:  "Get a certificate for the host name from a public authority, and let the server send it with all certificates between it and the root.",
		run: func(p *probe) {
			host, state := p.connection()
			if fault := chainFault(state.PeerCertificates, host, nil); fault != nil {
				p.fail("The certificate is not trusted: %v.", fault)
			}
		},
	},
	{
		ID: "tls.version", Level: Must, Section: "2.5",
		Title: "TLS 1.2 or later is spoken",
		Sends: "The call of connect.accepted.",
		Why:   "Microsoft's services can be expected to connect with nothing older.",
		Mend:  "Allow TLS 1.2 and 1.3 in the server or the proxy before it.",
		run: func(p *probe) {
			_, state := p.connection()
			if state.Version < tls.VersionTLS12 {
				p.fail("The connection uses %s.", tls.VersionName(state.Version))
			}
		},
	},
	{
		ID: "tls.not-expiring", Level: Should, Section: "2.5",
		Title: "The certificates are valid for two more weeks",
		Sends: "The call of connect.accepted.",
		Why:   "From that day on every call fails, and with it every change that users make.",
		Mend:  "Renew the certificate, and see to it that this happens by itself.",
		run: func(p *probe) {
			_, state := p.connection()
			if end := firstEnd(state.PeerCertificates); time.Until(end) < renewal {
				p.fail("A certificate ends on %s.", end.UTC().Format("2006-01-02 at 15:04 UTC"))
			}
		},
	},
	{
		ID: "tls.old-versions", Level: Should, Section: "2.5",
		Title: "TLS 1.0 and 1.1 are refused",
		Sends: "The call of connect.accepted, and two handshakes with an old version each.",
		Why:   "Both versions are broken, and scanners of your own company will complain.",
		Mend:  "Set the lowest version to TLS 1.2 in the server or the proxy before it.",
		run: func(p *probe) {
			p.connection()
			for _, version := range []uint16{tls.VersionTLS10, tls.VersionTLS11} {
				if p.speaks(version) {
					p.fail("A handshake with %s succeeded.", tls.VersionName(version))
				}
			}
		},
	},
}

// connection calls /connect, and gives what the call's connection was like.
func (p *probe) connection() (host string, state *tls.ConnectionState) {
	reply := p.connect()
	address, err := url.Parse(p.endpoint.URL)
	if err != nil || reply.TLS == nil || len(reply.TLS.PeerCertificates) == 0 {
		p.skip("The transport that the suite was given says nothing about its connection.")
	}
	return address.Hostname(), reply.TLS
}

// chainFault says why a server's certificates, its own first, do not prove to
// those who trust roots (nil: the system's) that it is host.
func chainFault(chain []*x509.Certificate, host string, roots *x509.CertPool) error {
	intermediates := x509.NewCertPool()
	for _, certificate := range chain[1:] {
		intermediates.AddCert(certificate)
	}
	_, err := chain[0].Verify(x509.VerifyOptions{DNSName: host, Roots: roots, Intermediates: intermediates})
	if errors.As(err, new(x509.UnknownAuthorityError)) && len(chain) == 1 {
		return errors.New("the server sends a single certificate, whose issuer is not known")
	}
	return err
}

// firstEnd is when the first of the certificates ends.
func firstEnd(chain []*x509.Certificate) time.Time {
	return slices.MinFunc(chain, func(a, b *x509.Certificate) int { return a.NotAfter.Compare(b.NotAfter) }).NotAfter
}

// speaks reports whether the endpoint completes a handshake with a version.
func (p *probe) speaks(version uint16) bool {
	address, err := url.Parse(p.endpoint.URL)
	if err != nil {
		return false
	}
	port := address.Port()
	if port == "" {
		port = "443"
	}
	var suites []uint16
	for _, suite := range slices.Concat(tls.CipherSuites(), tls.InsecureCipherSuites()) {
		suites = append(suites, suite.ID)
	}
	dialer := tls.Dialer{Config: &tls.Config{
		MinVersion: version, MaxVersion: version, CipherSuites: suites, ServerName: address.Hostname(), InsecureSkipVerify: true,
	}}
	ctx, cancel := context.WithTimeout(p.ctx, min(p.caller.Patience, shifts.DefaultPatience))
	defer cancel()
	connection, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(address.Hostname(), port))
	if err != nil {
		return false
	}
	connection.Close()
	return true
}
