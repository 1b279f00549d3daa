package loadtest

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"
)

// A Host is where calls go: the addresses of a name at one moment, which are
// kept, so that nobody can turn the load elsewhere by changing what the name
// stands for.
type Host struct {
	Addresses []netip.Addr // at least one
	Port      string
}

// A Resolver finds the addresses of a host, as a [net.Resolver] does.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// Resolve finds the host of an http or https address. A nil resolver is the
// system's.
func Resolve(ctx context.Context, address string, resolver Resolver) (Host, error) {
	parsed, err := url.Parse(address)
	if err != nil {
		return Host{}, errors.New("the address is no URL")
	}
	h := Host{Port: parsed.Port()}
	if h.Port == "" {
		h.Port = map[string]string{"http": "80", "https": "443"}[parsed.Scheme]
	}
	if resolver == nil {
		resolver = net.DefaultResolver
	}
	h.Addresses, err = resolver.LookupNetIP(ctx, "ip", parsed.Hostname())
	if err != nil {
		return Host{}, err
	}
	if len(h.Addresses) == 0 || h.Port == "" {
		return Host{}, fmt.Errorf("the host %s has no address to connect to", parsed.Hostname())
	}
	for i, address := range h.Addresses {
		h.Addresses[i] = address.Unmap() // people know 192.0.2.1, not ::ffff:192.0.2.1
	}
	return h, nil
}

// Elsewhere gives the first address that is not loopback, if there is one.
func (h Host) Elsewhere() (address netip.Addr, ok bool) {
	for _, address := range h.Addresses {
		if !address.IsLoopback() {
			return address, true
		}
	}
	return netip.Addr{}, false
}

// Transport connects to this host whatever a request's address says, without
// proxies, with as many connections at once as given, each for one call at a
// time. On loopback it takes any certificate: an endpoint's is for its public
// name.
func (h Host) Transport(connections int) *http.Transport {
	_, elsewhere := h.Elsewhere()
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Transport{
		DialContext:         h.dial,
		TLSClientConfig:     &tls.Config{InsecureSkipVerify: !elsewhere},
		TLSHandshakeTimeout: 10 * time.Second,
		MaxConnsPerHost:     connections,
		MaxIdleConnsPerHost: connections,
		IdleConnTimeout:     90 * time.Second,
		DisableCompression:  true,
		Protocols:           protocols,
	}
}

// dial connects to the first address that takes a connection.
func (h Host) dial(ctx context.Context, network, _ string) (net.Conn, error) {
	var dialer net.Dialer
	var errs []error
	for _, address := range h.Addresses {
		conn, err := dialer.DialContext(ctx, network, net.JoinHostPort(address.String(), h.Port))
		if err == nil {
			return conn, nil
		}
		errs = append(errs, err)
	}
	return nil, errors.Join(errs...)
}
