package store

import (
	"testing"
	"time"

	"example.com/shiftswfi/eligibility"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestOpenEmbedded(t *testing.T) {
	t.Parallel()
	r, other := OpenEmbedded(Config{}), OpenEmbedded(Config{})
	require.NoError(t, r.Ping(t.Context()))
	require.NoError(t, r.Import(t.Context(), parse(t, documentOf(smallTeam, "team"))))
	assert.Equal(t, compact(t, documentOf(smallTeam, "team")), read(t, r, "team"))
	_, err := other.Team(t.Context(), "team")
	assert.ErrorIs(t, err, eligibility.ErrTeamNotFound, "each has its own data")

	// An interrupted import goes by itself here, too.
	require.NoError(t, r.client.Set(t.Context(), "short-lived", "", time.Millisecond).Err())
	require.Eventually(t, func() bool {
		return r.client.Exists(t.Context(), "short-lived").Val() == 0
	}, time.Minute, time.Millisecond)

	require.NoError(t, r.Close())
	require.NoError(t, other.Close())
	_, err = r.Team(t.Context(), "team")
	assert.ErrorIs(t, err, ErrUnavailable)
}
