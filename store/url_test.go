package store

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestConnect(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		url   string
		check func(*testing.T, redis.UniversalClient)
	}{
		"one server": {"redis://127.0.0.1:6380/3", func(t *testing.T, c redis.UniversalClient) {
			o := c.(*redis.Client).Options()
			assert.Equal(t, "127.0.0.1:6380", o.Addr)
			assert.Equal(t, 3, o.DB)
			assert.Nil(t, o.TLSConfig)
			assert.True(t, o.ContextTimeoutEnabled)
			assert.Equal(t, 10*time.Second, o.ReadTimeout)
			assert.Equal(t, 2*time.Second, o.DialTimeout)
		}},
		"options of its own": {"redis://h?read_timeout=3s&pool_size=7", func(t *testing.T, c redis.UniversalClient) {
			o := c.(*redis.Client).Options()
			assert.Equal(t, "h:6379", o.Addr)
			assert.Equal(t, 3*time.Second, o.ReadTimeout)
			assert.Equal(t, 7, o.PoolSize)
		}},
		"user and password": {"redis://me:p%40ss%2Fw@h", func(t *testing.T, c redis.UniversalClient) {
			o := c.(*redis.Client).Options()
			assert.Equal(t, "me", o.Username)
			assert.Equal(t, "p@ss/w", o.Password)
		}},
		"TLS": {"rediss://h:1", func(t *testing.T, c redis.UniversalClient) {
			assert.Equal(t, "h", c.(*redis.Client).Options().TLSConfig.ServerName)
		}},
		"IPv6": {"redis://[::1]:6379/0", func(t *testing.T, c redis.UniversalClient) {
			assert.Equal(t, "[::1]:6379", c.(*redis.Client).Options().Addr)
		}},
		"unix socket": {"unix:///run/redis.sock?db=2", func(t *testing.T, c redis.UniversalClient) {
			o := c.(*redis.Client).Options()
			assert.Equal(t, "unix", o.Network)
			assert.Equal(t, "/run/redis.sock", o.Addr)
			assert.Equal(t, 2, o.DB)
		}},
		"cluster": {"redis+cluster://u:p@a:1,b,[::1]", func(t *testing.T, c redis.UniversalClient) {
			o := c.(*redis.ClusterClient).Options()
			assert.Equal(t, []string{"a:1", "b:6379", "[::1]:6379"}, o.Addrs)
			assert.Equal(t, "p", o.Password)
			assert.True(t, o.ContextTimeoutEnabled)
		}},
		"cluster with TLS": {"rediss+cluster://a,b:2/0?pool_size=7", func(t *testing.T, c redis.UniversalClient) {
			o := c.(*redis.ClusterClient).Options()
			assert.Equal(t, []string{"a:6379", "b:2"}, o.Addrs)
			assert.NotNil(t, o.TLSConfig)
			assert.Equal(t, 7, o.PoolSize)
		}},
		"cluster in go-redis's form": {"redis://a:1?addr=b:2&addr=c:3", func(t *testing.T, c redis.UniversalClient) {
			assert.Equal(t, []string{"a:1", "b:2", "c:3"}, c.(*redis.ClusterClient).Options().Addrs)
		}},
		"sentinel": {"redis+sentinel://a,b:2/1?master_name=m&password=p", func(t *testing.T, c redis.UniversalClient) {
			o := c.(*redis.Client).Options()
			assert.Equal(t, "FailoverClient", o.Addr)
			assert.Equal(t, 1, o.DB)
			assert.Equal(t, "p", o.Password)
			assert.True(t, o.ContextTimeoutEnabled)
		}},
		"sentinel in go-redis's form": {"redis://a:1?master_name=m&addr=b:2", func(t *testing.T, c redis.UniversalClient) {
			assert.Equal(t, "FailoverClient", c.(*redis.Client).Options().Addr)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, err := connect(test.url)
			require.NoError(t, err)
			defer client.Close()
			test.check(t, client)
		})
	}
}

func TestConnectRefuses(t *testing.T) {
	t.Parallel()
	const password = "hunter2"
	for name, test := range map[string]struct{ url, names string }{
		"nothing":                       {"", "not a Redis URL"},
		"no scheme":                     {"127.0.0.1:6379", "not a Redis URL"},
		"another scheme":                {"http://u:hunter2@h", "not a Redis URL"},
		"another mode":                  {"redis+ring://u:hunter2@h", "not a Redis URL"},
		"cluster on a socket":           {"unix+cluster:///run/redis.sock", "not a Redis URL"},
		"socket with a host":            {"unix://u:hunter2@run/redis.sock", "not a Redis URL"},
		"port that is none":             {"redis://u:hunter2@h:port", "not a Redis URL"},
		"percent sign":                  {"redis://u:hunter2%@h", "not a Redis URL"},
		"slash in the password":         {"redis://u:/hunter2@h/0", "percent-encoded"},
		"number, slash in the password": {"redis://:1/hunter2@h/0", "percent-encoded"},
		"question mark in the password": {"redis://:1?hunter2@h/0", "percent-encoded"},
		"hash in the password":          {"redis://:1#hunter2@h/0", "percent-encoded"},
		"database that is no number":    {"redis://u:hunter2@h/zero", "database number"},
		"database named as the secret":  {"redis://u:hunter2@h/hunter2", "database number"},
		"unknown option":                {"redis://u:hunter2@h?colour=red", "colour"},
		"cluster with a database":       {"redis+cluster://u:hunter2@h/1", "database 0"},
		"sentinel without a master":     {"redis+sentinel://u:hunter2@h", "master_name"},
		"sentinel, bad option":          {"redis+sentinel://h?master_name=m&password=hunter2&db=hunter2", "database number"},
		"cluster reading replicas":      {"redis+cluster://u:hunter2@h?read_only=true", "read_only"},
		"sentinel reading replicas":     {"redis+sentinel://h?master_name=m&route_randomly=1", "route_randomly"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Open(Config{URL: test.url})
			require.ErrorContains(t, err, test.names)
			assert.NotContains(t, err.Error(), password)
		})
	}
}

// Whatever stands around it, a password in its place is not in the error.
func FuzzConnectHidesPassword(f *testing.F) {
	f.Add("redis", "user", "h:6379/0", "pool_size=x")
	f.Add("rediss+cluster", "", "h,[::1]:x/7", "addr=nothing")
	f.Add("redis+sentinel", "u%", "h:1/x", "master_name=m&db=%zz")
	f.Add("unix", "", "/run/redis.sock", "db=x")
	f.Fuzz(func(t *testing.T, scheme, user, address, query string) {
		const password = "hunter2:!"
		if strings.Contains(scheme+user+address+query, "hunter2") {
			t.Skip("the password is elsewhere, too")
		}
		for _, separator := range []string{"", "/", "?", "#", "%", "@", ":", " ", "["} {
			url := scheme + "://" + user + ":" + separator + password + "@" + address + "?" + query
			client, err := connect(url)
			if err != nil {
				assert.NotContains(t, err.Error(), "hunter2", url)
				continue
			}
			assert.NoError(t, client.Close())
		}
	})
}

// What a server says of a command that it does not know repeats the arguments.
func TestUnavailableHidesArguments(t *testing.T) {
	t.Parallel()
	r := newEmbeddedBackend(t).open(t, Config{})
	err := r.unavailable(errors.New("ERR unknown command 'HELLO', with args beginning with: '3' 'AUTH' 'u' 'hunter2'"))
	assert.ErrorIs(t, err, ErrUnavailable)
	assert.Equal(t, "store unavailable: ERR unknown command 'HELLO'", err.Error())
}
