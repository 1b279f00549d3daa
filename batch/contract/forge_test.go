package contract

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/batch/envelope"
)

const testSecret = "0123456789abcdefghijklmnopqrstuvABCDEFGHIJKLMNOPQRSTUVWXYZ987654"

func testProbe(t *testing.T) *probe {
	t.Helper()
	key, err := envelope.NewKey(testSecret)
	require.NoError(t, err)
	return &probe{suite: &suite{key: key, secret: testSecret}}
}

// What was taken apart and put together again is the body that it was, and
// opens.
func TestMessage(t *testing.T) {
	t.Parallel()
	p := testProbe(t)
	for _, size := range []int{0, 1, 15, 16, 100, 127, 128, 20_000, 3 << 20} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			t.Parallel()
			plaintext := bytes.Repeat([]byte("x"), size)
			body := p.seal(plaintext)
			m := parts(body)
			assert.Equal(t, int32(1), m.keyID)
			assert.Equal(t, body, m.bytes())
			assert.Equal(t, m.tag, m.signed(testSecret).tag)
			opened, err := envelope.Open(m.signed(testSecret).bytes(), p.key)
			require.NoError(t, err)
			assert.Equal(t, plaintext, opened)
		})
	}
}

// Each forgery is wrong in the one way that it is made for, and an envelope in
// every other.
func TestForgeries(t *testing.T) {
	t.Parallel()
	p := testProbe(t)
	tests := []struct {
		name    string
		forge   func(m *message)
		refused string // by envelope.Open; "" if not
	}{
		{"nothing changed", func(*message) {}, ""},
		{"unknown fields", func(m *message) {
			m.unknown, m.unknown2 = []byte{5<<5 | bondInt32, 2}, []byte{4<<5 | bondString, 1, 'x'}
		}, ""},
		{"key id, tag for it", func(m *message) { m.keyID = 2; *m = m.signed(testSecret) }, "not authentic: unknown key id 2"},
		{"key id 0", func(m *message) { m.keyID = 0 }, "not authentic: unknown key id 0"},
		{"tag", func(m *message) { m.tag = flipped(m.tag, 31, 1) }, "not authentic: authentication tag does not match"},
		{"no tag", func(m *message) { m.noTag = true }, "not an envelope: field AT missing"},
		{"empty tag", func(m *message) { m.tag = nil }, "not authentic: authentication tag does not match"},
		{"another secret", func(m *message) { *m = m.signed(newSecret()) }, "not authentic: authentication tag does not match"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			m := p.message([]byte("{}"))
			test.forge(&m)
			_, err := envelope.Open(m.bytes(), p.key)
			if test.refused == "" {
				assert.NoError(t, err)
				return
			}
			assert.EqualError(t, err, test.refused)
		})
	}
}

// The two messages of a pair can be spliced: only the tag tells.
func TestPair(t *testing.T) {
	t.Parallel()
	p := testProbe(t)
	one, other := p.pair([]byte("one"), []byte("two"))
	assert.Equal(t, one.ek, other.ek)
	assert.Equal(t, one.iv, other.iv)
	one.ct = other.ct
	plaintext, err := envelope.Open(one.signed(testSecret).bytes(), p.key)
	require.NoError(t, err)
	assert.Equal(t, "two", string(plaintext))
	again, _ := p.pair([]byte("one"), []byte("two"))
	assert.NotEqual(t, one.ek, again.ek)
}

func TestNewSecret(t *testing.T) {
	t.Parallel()
	assert.Len(t, newSecret(), 64)
	assert.NotEqual(t, newSecret(), newSecret())
	assert.NotContains(t, newSecret(), strings.Repeat("0", 16))
}

// A flip leaves what it was made of as it is.
func TestFlipped(t *testing.T) {
	t.Parallel()
	part := []byte{0, 0, 0}
	assert.Equal(t, []byte{0, 0, 4}, flipped(part, 2, 4))
	assert.Equal(t, []byte{0, 0, 0}, part)
}
