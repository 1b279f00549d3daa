package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// writeCertificate makes a certificate for a common name and writes it and its
// key to files of that name.
func writeCertificate(t *testing.T, dir, name string) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: name},
		NotAfter:     time.Now().Add(time.Hour),
	}
	certDER, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	certFile, keyFile = filepath.Join(dir, name+".crt"), filepath.Join(dir, name+".key")
	for file, block := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: certDER}, keyFile: {Type: "PRIVATE KEY", Bytes: keyDER}} {
		require.NoError(t, os.WriteFile(file, pem.EncodeToMemory(block), 0o600))
	}
	return certFile, keyFile
}

// presented returns the common name that a server shows to a new connection.
func presented(t *testing.T, config *tls.Config) string {
	t.Helper()
	client, server := net.Pipe()
	defer client.Close()
	defer server.Close()
	go tls.Server(server, config).HandshakeContext(t.Context())
	connection := tls.Client(client, &tls.Config{InsecureSkipVerify: true})
	require.NoError(t, connection.HandshakeContext(t.Context()))
	return connection.ConnectionState().PeerCertificates[0].Subject.CommonName
}

func TestCertificateFollowsFiles(t *testing.T) {
	t.Parallel()
	f := files{t, t.TempDir()}
	writeCertificate(t, f.dir, "first")
	writeCertificate(t, f.dir, "second")
	f.rename("first.crt", "tls.crt")
	f.rename("first.key", "tls.key")
	certificate, err := NewCertificate(f.path("tls.crt"), f.path("tls.key"))
	require.NoError(t, err)
	config := certificate.TLSConfig()
	assert.Equal(t, "first", presented(t, config))
	reports := watch(t, certificate)

	f.rename("second.crt", "tls.crt")
	r := receive(t, reports)
	assert.Equal(t, "tls certificate", r.source)
	assert.ErrorContains(t, r.err, "private key does not match public key")
	assert.Equal(t, "first", presented(t, config))

	f.rename("second.key", "tls.key")
	assert.Equal(t, report{"tls certificate", nil}, receive(t, reports))
	assert.Equal(t, "second", presented(t, config))

	require.NoError(t, os.Remove(f.path("tls.key")))
	assert.EqualError(t, receive(t, reports).err, f.path("tls.key")+": no such file or directory")
	assert.Equal(t, "second", presented(t, config))
}

func TestNewCertificateErrors(t *testing.T) {
	t.Parallel()
	f := files{t, t.TempDir()}
	certFile, keyFile := writeCertificate(t, f.dir, "first")
	f.write("text", "not a certificate")
	for name, test := range map[string]struct{ cert, key, want string }{
		"no certificate":  {f.path("missing"), keyFile, "missing: no such file or directory"},
		"no key":          {certFile, f.path("missing"), "missing: no such file or directory"},
		"not PEM":         {f.path("text"), keyFile, "failed to find any PEM data in certificate input"},
		"the wrong order": {keyFile, certFile, "PEM inputs may have been switched"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			certificate, err := NewCertificate(test.cert, test.key)
			assert.ErrorContains(t, err, test.want)
			assert.Nil(t, certificate)
		})
	}
}

func TestTLSRefusesOldVersions(t *testing.T) {
	t.Parallel()
	certificate, err := NewCertificate(writeCertificate(t, t.TempDir(), "first"))
	require.NoError(t, err)
	client, server := net.Pipe()
	defer client.Close()
	defer server.Close()
	go tls.Server(server, certificate.TLSConfig()).HandshakeContext(t.Context())
	old := &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
	err = tls.Client(client, old).HandshakeContext(t.Context())
	assert.ErrorContains(t, err, "protocol version not supported")
}
