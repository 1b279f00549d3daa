package loadtest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSpread(t *testing.T) {
	t.Parallel()
	h := newHistogram(time.Minute)
	for _, wait := range []time.Duration{3, 4, 5, 6, 40, 60} {
		h.record(wait * time.Microsecond)
	}
	h.record(time.Hour)
	got := h.spread()
	require.NotEmpty(t, got)
	assert.Equal(t, []Bucket{{5_000, 3}, {10_000, 1}, {20_000, 0}, {50_000, 1}, {100_000, 1}}, got[:5])
	assert.Equal(t, 1, got[len(got)-1].Calls, "the wait that is out of range counts as the longest")
	assert.Equal(t, 100*time.Second, got[len(got)-1].UpTo)
	about(t, time.Minute, h.latency().Max, "max")
	assert.Empty(t, newHistogram(time.Minute).spread())
}
