package graph

import (
	"testing"
	_ "time/tzdata" // as the binary has them

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestZone(t *testing.T) {
	t.Parallel()
	for name, iana := range map[string]string{
		"Europe/Berlin":           "Europe/Berlin",
		"UTC":                     "UTC",
		"W. Europe Standard Time": "Europe/Berlin",
		"Pacific Standard Time":   "America/Los_Angeles",
		"Tokyo Standard Time":     "Asia/Tokyo",
	} {
		got, err := Zone(name)
		require.NoError(t, err, name)
		assert.Equal(t, iana, got)
	}
	for _, name := range []string{"", "Local", "Mars/Olympus", "../etc/passwd", "W. Europe"} {
		_, err := Zone(name)
		var e *ZoneError
		require.ErrorAs(t, err, &e, name)
		assert.Equal(t, name, e.Name)
	}
}

// Whatever CLDR maps to has to be a zone that Go knows.
func TestWindowsZones(t *testing.T) {
	t.Parallel()
	assert.Greater(t, len(windowsZones), 130)
	for name := range windowsZones {
		_, err := Zone(name)
		assert.NoError(t, err)
	}
}
