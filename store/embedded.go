package store

import (
	"context"
	"fmt"
	"net"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
)

// OpenEmbedded prepares a store on a Redis-compatible server that runs inside
// this process, reachable by nobody else. Its data ends with it.
func OpenEmbedded(config Config) *Redis {
	server := miniredis.NewMiniRedis()
	server.ClockTTL(true) // by default only tests make its time pass
	r := newRedis(clientOf(server), config)
	r.embedded = server
	return r
}

// OpenEmbeddedAt is OpenEmbedded for a server that other processes reach too,
// at a host:port, without a password.
func OpenEmbeddedAt(addr string, config Config) (*Redis, error) {
	server := miniredis.NewMiniRedis()
	server.ClockTTL(true) // by default only tests make its time pass
	if err := server.StartAddr(addr); err != nil {
		return nil, fmt.Errorf("listen for the embedded store: %w", err)
	}
	r := newRedis(clientOf(server), config)
	r.embedded = server
	return r, nil
}

// EmbeddedURL is the URL by which other processes reach an embedded store that
// was opened with an address.
func (r *Redis) EmbeddedURL() string { return "redis://" + r.embedded.Addr() + "/0" }

// clientOf talks to the server over pipes; there is no port.
func clientOf(server *miniredis.Miniredis) redis.UniversalClient {
	return redis.NewClient(&redis.Options{
		Dialer:                   func(context.Context, string, string) (net.Conn, error) { return server.Dial() },
		ContextTimeoutEnabled:    true,
		MaintNotificationsConfig: noMaintenance(),
	})
}
