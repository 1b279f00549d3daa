package store

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// defaults are the options that a URL may override. A timeout here bounds a
// call whose context has no earlier deadline; read_timeout must leave time for
// the reply that carries a whole team.
var defaults = map[string]string{
	"dial_timeout":  "2s",
	"read_timeout":  "10s",
	"write_timeout": "5s",
	"max_retries":   "3",
}

const dialerRetries = 2 // per try; max_retries come on top

// stale are options that would send reads to replicas, which lag behind: a
// decision must see what the last one has written.
var stale = []string{"read_only", "route_by_latency", "route_randomly", "replica_only", "use_disconnected_replicas"}

var errURL = errors.New("not a Redis URL such as redis://127.0.0.1:6379/0 " +
	"(reserved characters in a user name or password must be percent-encoded)")

// connect makes a client for a URL in the forms of Config.URL, without
// connecting yet. An error never repeats what could be a password.
func connect(text string) (redis.UniversalClient, error) {
	u, mode, err := splitURL(text)
	if err != nil {
		return nil, err
	}
	query := u.Query()
	for _, name := range stale {
		if query.Has(name) {
			return nil, fmt.Errorf("redis URL: option %s is not possible: a decision must read what was written last", name)
		}
	}
	for name, value := range defaults {
		if !query.Has(name) {
			query.Set(name, value)
		}
	}
	u.RawQuery = query.Encode()
	switch mode {
	case "cluster":
		return newCluster(u)
	case "sentinel":
		return newSentinel(u)
	}
	return newSingle(u)
}

// splitURL brings the URL into the form that go-redis reads, and tells which
// of its three parsers that is.
func splitURL(text string) (u *url.URL, mode string, err error) {
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok {
		return nil, "", errURL
	}
	scheme, mode, _ = strings.Cut(scheme, "+")
	authority, tail := rest, ""
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		authority, tail = rest[:i], rest[i:]
	}
	// An "@" out here means that one of those characters stood in a password.
	if strings.Contains(tail, "@") {
		return nil, "", errURL
	}
	// net/url takes one host only.
	user, hosts := "", authority
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		user, hosts = authority[:i+1], authority[i+1:]
	}
	addresses := strings.Split(hosts, ",")
	if u, err = url.Parse(scheme + "://" + user + addresses[0] + tail); err != nil {
		return nil, "", errURL // its own message repeats the URL
	}
	query := u.Query()
	for _, address := range addresses[1:] {
		query.Add("addr", withPort(address, mode))
	}
	if mode == "sentinel" && u.Host != "" {
		u.Host = withPort(u.Host, mode)
	}
	u.RawQuery = query.Encode()
	switch {
	case !slices.Contains([]string{"redis", "rediss", "unix"}, scheme),
		!slices.Contains([]string{"", "cluster", "sentinel"}, mode),
		scheme == "unix" && (mode != "" || hosts != ""):
		return nil, "", errURL
	case mode == "sentinel" && !query.Has("master_name"):
		return nil, "", errors.New("redis URL: redis+sentinel:// needs ?master_name=")
	case mode == "" && query.Has("master_name"):
		mode = "sentinel"
	case mode == "" && query.Has("addr"):
		mode = "cluster"
	}
	if mode == "cluster" && strings.Trim(u.Path, "/0") != "" {
		return nil, "", errors.New("redis URL: a Redis Cluster has only database 0")
	}
	return u, mode, nil
}

func withPort(address, mode string) string {
	if strings.LastIndexByte(address, ':') > strings.LastIndexByte(address, ']') {
		return address
	}
	if mode == "sentinel" {
		return address + ":26379"
	}
	return address + ":6379"
}

func newSingle(u *url.URL) (redis.UniversalClient, error) {
	o, err := redis.ParseURL(u.String())
	if err != nil {
		return nil, withoutPasswords(u, err)
	}
	o.ContextTimeoutEnabled, o.DialerRetries = true, dialerRetries
	o.MaintNotificationsConfig = noMaintenance()
	return redis.NewClient(o), nil
}

func newSentinel(u *url.URL) (redis.UniversalClient, error) {
	o, err := redis.ParseFailoverURL(u.String())
	if err != nil {
		return nil, withoutPasswords(u, err)
	}
	o.ContextTimeoutEnabled, o.DialerRetries = true, dialerRetries
	return redis.NewFailoverClient(o), nil
}

func newCluster(u *url.URL) (redis.UniversalClient, error) {
	u.Path = ""
	o, err := redis.ParseClusterURL(u.String())
	if err != nil {
		return nil, withoutPasswords(u, err)
	}
	o.ContextTimeoutEnabled, o.DialerRetries = true, dialerRetries
	o.MaintNotificationsConfig = noMaintenance()
	o.DisableRoutingPolicies = true // every command here names its key
	return redis.NewClusterClient(o), nil
}

// noMaintenance saves each connection a handshake that only Redis's own cloud
// answers.
func noMaintenance() *maintnotifications.Config {
	return &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
}

func withoutPasswords(u *url.URL, err error) error {
	text := err.Error()
	password, _ := u.User.Password()
	for _, secret := range append(u.Query()["password"], password) {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "…")
		}
	}
	return errors.New("redis URL: " + strings.TrimPrefix(text, "redis: "))
}
