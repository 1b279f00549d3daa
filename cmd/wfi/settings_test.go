package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSize(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Size{"1": 1, "1000": 1000, "1KiB": 1 << 10, "3 MiB": 3 << 20, "1024GiB": 1 << 40} {
		var size Size
		require.NoError(t, size.UnmarshalText([]byte(text)), text)
		assert.Equal(t, want, size, text)
		var again Size
		require.NoError(t, again.UnmarshalText([]byte(size.String())))
		assert.Equal(t, size, again, text)
	}
	for _, text := range []string{"", "KiB", "-1", "0", "1.5MiB", "1kib", "1025GiB", "1 B", "+", "1e3"} {
		assert.Error(t, new(Size).UnmarshalText([]byte(text)), text)
	}
}
