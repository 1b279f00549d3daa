package loadtest

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// names is a resolver.
type names map[string][]string

func (n names) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	texts, ok := n[host]
	if !ok {
		return nil, errors.New("no such host")
	}
	var addresses []netip.Addr
	for _, text := range texts {
		addresses = append(addresses, netip.MustParseAddr(text))
	}
	return addresses, nil
}

func TestResolve(t *testing.T) {
	t.Parallel()
	resolver := names{
		"here.example":    {"127.0.0.1", "::1"},
		"mapped.example":  {"::ffff:127.0.0.2"},
		"there.example":   {"192.0.2.1"},
		"wrapped.example": {"::ffff:192.0.2.1"},
		"both.example":    {"127.0.0.1", "192.0.2.7"},
		"private.example": {"10.0.0.1"},
		"any.example":     {"0.0.0.0"},
		"nowhere.example": {},
	}
	for address, want := range map[string]struct {
		elsewhere string // "" if all of it is loopback
		port      string
		err       string
	}{
		"http://here.example/contoso":  {port: "80"},
		"https://here.example/contoso": {port: "443"},
		"http://here.example:8080":     {port: "8080"},
		"http://mapped.example":        {port: "80"},
		"http://there.example":         {elsewhere: "192.0.2.1", port: "80"},
		"http://both.example":          {elsewhere: "192.0.2.7", port: "80"},
		"http://wrapped.example":       {elsewhere: "192.0.2.1", port: "80"},
		"http://private.example":       {elsewhere: "10.0.0.1", port: "80"},
		"http://any.example":           {elsewhere: "0.0.0.0", port: "80"},
		"http://nowhere.example":       {err: "no address"},
		"http://unknown.example":       {err: "no such host"},
		"ftp://here.example":           {err: "no address"},
		"http://%":                     {err: "no URL"},
	} {
		t.Run(address, func(t *testing.T) {
			t.Parallel()
			host, err := Resolve(t.Context(), address, resolver)
			if want.err != "" {
				require.ErrorContains(t, err, want.err)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, want.port, host.Port)
			elsewhere, ok := host.Elsewhere()
			assert.Equal(t, want.elsewhere != "", ok)
			if ok {
				assert.Equal(t, want.elsewhere, elsewhere.String())
			}
			assert.Equal(t, !ok, host.Transport(1).TLSClientConfig.InsecureSkipVerify)
		})
	}
}

// The system's resolver knows addresses as they are.
func TestResolveLiteral(t *testing.T) {
	t.Parallel()
	for address, loopback := range map[string]bool{
		"http://127.0.0.1:1": true, "http://127.8.8.8": true, "http://[::1]": true, "http://[::ffff:127.0.0.1]": true,
		"http://192.0.2.1": false, "http://[2001:db8::1]": false, "http://[::]": false,
	} {
		host, err := Resolve(t.Context(), address, nil)
		require.NoError(t, err, address)
		_, elsewhere := host.Elsewhere()
		assert.Equal(t, loopback, !elsewhere, address)
	}
}

// Once resolved, the name is not looked up again: it may stand for another
// host by then.
func TestTransportKeepsTheAddress(t *testing.T) {
	t.Parallel()
	var asked atomic.Value
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { asked.Store(r.Host) }))
	defer server.Close()
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	require.NoError(t, err)
	host := Host{Addresses: []netip.Addr{netip.MustParseAddr("127.0.0.1")}, Port: port}
	transport := host.Transport(2)
	defer transport.CloseIdleConnections()
	response, err := (&http.Client{Transport: transport}).Get("http://moved.invalid:1/")
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	assert.Equal(t, "moved.invalid:1", asked.Load())
}

// An endpoint may listen on one address of several only.
func TestTransportTriesEveryAddress(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	require.NoError(t, err)
	host := Host{Addresses: []netip.Addr{netip.MustParseAddr("127.0.0.9"), netip.MustParseAddr("127.0.0.1")}, Port: port}
	transport := host.Transport(1)
	defer transport.CloseIdleConnections()
	response, err := (&http.Client{Transport: transport}).Get(server.URL)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())

	nobody := Host{Addresses: []netip.Addr{netip.MustParseAddr("127.0.0.9")}, Port: port}
	_, err = (&http.Client{Transport: nobody.Transport(1)}).Get(server.URL)
	require.Error(t, err)
}

func TestTransportIgnoresProxies(t *testing.T) {
	t.Parallel()
	transport := Host{Port: "80"}.Transport(7)
	assert.Nil(t, transport.Proxy)
	assert.Equal(t, 7, transport.MaxConnsPerHost)
	assert.Equal(t, 7, transport.MaxIdleConnsPerHost, "connections are kept, not opened for each call")
	assert.False(t, transport.Protocols.HTTP2(), "a connection of HTTP/2 would carry many calls at once")
}
