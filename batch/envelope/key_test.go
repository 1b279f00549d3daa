package envelope

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestNewKey(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name, secret, reason string
	}{
		{"64 characters", testSecret, ""},
		{"63 characters", testSecret[:63], "has 63 characters"},
		{"65 characters", testSecret + "x", "has 65 characters"},
		{"a newline left from a file", testSecret + "\n", "has 65 characters"},
		{"empty", "", "has 0 characters"},
		{"64 characters of two bytes", strings.Repeat("é", 64), "not ASCII"},
		{"64 bytes, not ASCII", strings.Repeat("é", 32), "not ASCII"},
		{"one byte above ASCII", testSecret[:63] + "\x80", "not ASCII"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			key, err := NewKey(row.secret)
			if row.reason == "" {
				require.NoError(t, err)
				assert.NotNil(t, key)
				return
			}
			require.ErrorContains(t, err, row.reason)
			assert.Nil(t, key)
			assertNoSecret(t, err.Error())
		})
	}
}

// The digits were computed with another implementation of HMAC-SHA-256.
func TestKeyFingerprint(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "0fbd5e00150d", testKey(t).Fingerprint())
	assertNoSecret(t, testKey(t).Fingerprint())
	for name, secret := range map[string]string{
		"another first character":        "1" + testSecret[1:],
		"another last of the first half": testSecret[:31] + "w" + testSecret[32:],
	} {
		key, err := NewKey(secret)
		require.NoError(t, err)
		assert.NotEqual(t, testKey(t).Fingerprint(), key.Fingerprint(), name)
	}
	assert.Empty(t, new(Key).Fingerprint())
	assert.Empty(t, (*Key)(nil).Fingerprint())
}

func TestOpenWith(t *testing.T) {
	t.Parallel()
	other, err := NewKey(testSecret[32:] + testSecret[:32])
	require.NoError(t, err)
	for _, sealer := range []*Key{testKey(t), other} {
		body, err := Seal([]byte("{}"), sealer, nil)
		require.NoError(t, err)
		plaintext, by, err := OpenWith(body, nil, other, testKey(t))
		require.NoError(t, err)
		assert.Equal(t, "{}", string(plaintext))
		assert.Equal(t, sealer.Fingerprint(), by.Fingerprint())
		plaintext, by, err = OpenWith(body)
		require.ErrorIs(t, err, ErrNotAuthentic)
		assert.Nil(t, plaintext)
		assert.Nil(t, by)
	}
}

func TestErrorsNeverShowTheSecret(t *testing.T) {
	t.Parallel()
	body, err := Seal([]byte(`{"requests":[]}`), testKey(t), nil)
	require.NoError(t, err)
	bodies := [][]byte{nil, []byte(testSecret), body[:40], append(body, 0)}
	for i := range body {
		flipped := bytes.Clone(body)
		flipped[i] ^= 1
		bodies = append(bodies, flipped)
	}
	for _, body := range bodies {
		_, err := Open(body, testKey(t))
		require.Error(t, err)
		assertNoSecret(t, fmt.Sprintf("%+v %#v", err, err))
	}
}

func TestKeyPrintsAsRedacted(t *testing.T) {
	t.Parallel()
	key := testKey(t)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%10s", "%-5.3v", "%c", "%z"} {
		for _, value := range []any{key, *key} {
			assert.Equal(t, "[redacted]", fmt.Sprintf(verb, value), verb)
		}
	}
	assert.Equal(t, "[redacted]", key.String())
	assert.Equal(t, "[redacted]", key.GoString())

	encoded, err := json.Marshal(map[string]any{"pointer": key, "value": *key, "list": []*Key{key}})
	require.NoError(t, err)
	assert.JSONEq(t, `{"pointer":"[redacted]","value":"[redacted]","list":["[redacted]"]}`, string(encoded))

	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("text", "key", key, "value", *key)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("json", "key", key, "value", *key)
	assert.Equal(t, 4, strings.Count(log.String(), "[redacted]"), log.String())
	assertNoSecret(t, log.String())
}

// fmt cannot call the methods of a field that is not exported; what it prints
// instead must not hold the secret either.
func TestKeyInsideAnotherStruct(t *testing.T) {
	t.Parallel()
	key := testKey(t)
	config := struct {
		pointer *Key
		value   Key
		list    []Key
	}{key, *key, []Key{*key}}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		assertNoSecret(t, fmt.Sprintf(verb, config))
		assertNoSecret(t, fmt.Sprintf(verb, &config))
	}
}

// assertNoSecret looks for any run of four characters of testSecret, as text
// and in the notations in which fmt prints bytes.
func assertNoSecret(t testing.TB, text string) {
	t.Helper()
	for i := range len(testSecret) - 3 {
		run := testSecret[i : i+4]
		for _, verb := range []string{"%s", "%x", "%X", "%d"} {
			form := strings.Trim(fmt.Sprintf(verb, []byte(run)), "[]")
			if strings.Contains(text, form) {
				require.Fail(t, "the secret shows", "%q in %.200q", form, text)
			}
		}
	}
}
