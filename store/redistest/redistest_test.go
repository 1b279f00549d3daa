package redistest_test

import (
	"testing"

	"example.com/shiftswfi/store/redistest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestServerKeepsItsDataOverACrash(t *testing.T) {
	t.Parallel()
	server := redistest.Server(t)
	client := server.Client(t)
	require.NoError(t, client.Set(t.Context(), "k", "v", 0).Err())
	server.Kill(t)
	require.Error(t, client.Get(t.Context(), "k").Err())
	server.Restart(t)
	assert.Equal(t, "v", server.Client(t).Get(t.Context(), "k").Val())
}

func TestClusterServesEverySlot(t *testing.T) {
	t.Parallel()
	client := redistest.Cluster(t).Client(t)
	for _, key := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		require.NoError(t, client.Set(t.Context(), key, key, 0).Err())
		assert.Equal(t, key, client.Get(t.Context(), key).Val())
	}
}
