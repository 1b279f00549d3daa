package handlers

import (
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/batch/envelope"
)

// A secret is told from the moment in which it opens bodies, and as long as it
// does.
func TestBodiesOpened(t *testing.T) {
	t.Parallel()
	old := testKey(t)
	next, err := envelope.NewKey(strings.Repeat("next", 16))
	require.NoError(t, err)
	keys := []*envelope.Key{old, old} // one secret that is configured twice
	registry := prometheus.NewRegistry()
	e := newEndpoint(t, sampleTeam(t), func(c *Config) {
		c.Metrics = NewMetrics(registry)
		c.Integrations[0].Keys = func() []*envelope.Key { return keys }
		another := *c.Integrations[0]
		another.Name, another.Path = "fabrikam", "/fabrikam"
		another.Keys = func() []*envelope.Key { return []*envelope.Key{next} }
		c.Integrations = append(c.Integrations, &another)
	})
	counts := func(want ...string) {
		t.Helper()
		var text strings.Builder
		text.WriteString("# HELP wfi_bodies_opened_total Bodies of reads and updates that were opened, by integration and fingerprint of the secret, for the secrets in force.\n" +
			"# TYPE wfi_bodies_opened_total counter\n")
		for _, series := range append(want, `integration="fabrikam",secret="`+next.Fingerprint()+`"} 0`) {
			text.WriteString("wfi_bodies_opened_total{" + series + "\n")
		}
		require.NoError(t, testutil.GatherAndCompare(registry, strings.NewReader(text.String()), BodiesOpened))
	}
	under := func(key *envelope.Key) string { return `integration="contoso",secret="` + key.Fingerprint() + `"} ` }

	counts(under(old) + "0")
	e.send(readPath, "{}")
	e.send("/contoso/v1/connect", "{}")
	e.post(readPath, []byte("no envelope"))
	e.key = next
	status, _ := e.send(readPath, "{}")
	assert.Equal(t, 401, status)
	counts(under(old) + "1")

	keys = []*envelope.Key{old, next}
	counts(under(old)+"1", under(next)+"0")
	e.send(readPath, "{}")
	counts(under(old)+"1", under(next)+"1")

	keys = []*envelope.Key{next}
	counts(under(next) + "1")
	keys = []*envelope.Key{old, next}
	counts(under(old)+"0", under(next)+"1")
}
