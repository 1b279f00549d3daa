package eligibility_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// requireSameDocument compares two JSON documents exactly, numbers by how they
// are written, members without regard to their order.
func requireSameDocument(t *testing.T, want, got []byte) {
	t.Helper()
	require.Equal(t, decodeExactly(t, want), decodeExactly(t, got))
}

func decodeExactly(t *testing.T, document []byte) any {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.UseNumber()
	var value any
	require.NoError(t, decoder.Decode(&value))
	return value
}
