package main

import (
	"crypto/tls"
	"fmt"
	"sync/atomic"
)

// A Certificate is the endpoint's own certificate. It is a Source: under a
// Watch it follows its files, and new connections get the new certificate.
type Certificate struct {
	certFile, keyFile string
	current           atomic.Pointer[tls.Certificate]
}

// NewCertificate reads a certificate, with the chain that goes with it, and its
// key, both in PEM.
func NewCertificate(certFile, keyFile string) (*Certificate, error) {
	c := &Certificate{certFile: certFile, keyFile: keyFile}
	if err := c.Reload(); err != nil {
		return nil, err
	}
	return c, nil
}

// TLSConfig returns a configuration for a server that presents the certificate
// in force when the connection is made.
func (c *Certificate) TLSConfig() *tls.Config {
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.current.Load(), nil },
	}
}

// Name names the source in reports.
func (c *Certificate) Name() string { return "tls certificate" }

// Files returns the certificate's file and the key's.
func (c *Certificate) Files() []string { return []string{c.certFile, c.keyFile} }

// Reload reads both files again. A pair that is broken or does not match
// leaves the certificate in force as it is.
func (c *Certificate) Reload() error {
	certPEM, err := readFile(c.certFile, maxSourceFile)
	if err != nil {
		return fmt.Errorf("%s: %w", c.certFile, err)
	}
	keyPEM, err := readFile(c.keyFile, maxSourceFile)
	if err != nil {
		return fmt.Errorf("%s: %w", c.keyFile, err)
	}
	certificate, err := tls.X509KeyPair(certPEM, keyPEM)
	if err != nil {
		// The cause is about PEM blocks and key types; it holds nothing of the key.
		return fmt.Errorf("%s with %s: %w", c.certFile, c.keyFile, err)
	}
	c.current.Store(&certificate)
	return nil
}
