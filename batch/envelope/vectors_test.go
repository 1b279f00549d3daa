package envelope

import (
	"bytes"
	"crypto/aes"
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// vector is a row of testdata/envelope.json: bodies made by Bond's own writer,
// each checked against Microsoft's published decryptor.
type vector struct {
	Name      string
	Secret    string
	Body      []byte
	Plaintext *[]byte // what Body opens to, or nil
	Reject    string  // why Body is refused, or ""
}

// canonical vectors hold nothing but the fields that Shifts sends.
func (v vector) canonical() bool {
	return v.Plaintext != nil && v.Name != "unknown-fields-outer" && v.Name != "unknown-fields-inner"
}

func (v vector) key(t testing.TB) *Key {
	t.Helper()
	key, err := NewKey(v.Secret)
	require.NoError(t, err)
	return key
}

// random is what Shifts' random source gave when it made the body: the key of
// the message, unwrapped here with nothing but the secret and AES, and the IV.
func (v vector) random(t testing.TB) *bytes.Reader {
	t.Helper()
	m, err := parse(v.Body)
	require.NoError(t, err)
	kek, err := aes.NewCipher([]byte(v.Secret)[32:])
	require.NoError(t, err)
	random := make([]byte, 32, 48)
	kek.Decrypt(random[:16], m.wrappedKey[:16])
	kek.Decrypt(random[16:], m.wrappedKey[16:])
	return bytes.NewReader(append(random, m.iv...))
}

func vectors(t testing.TB) []vector {
	t.Helper()
	data, err := os.ReadFile("testdata/envelope.json")
	require.NoError(t, err)
	var file struct{ Vectors []vector }
	require.NoError(t, json.Unmarshal(data, &file))
	require.NotEmpty(t, file.Vectors)
	return file.Vectors
}

func vectorNamed(t testing.TB, name string) vector {
	t.Helper()
	for _, v := range vectors(t) {
		if v.Name == name {
			return v
		}
	}
	require.FailNow(t, "no vector of that name", name)
	return vector{}
}

// keys are those of all the vectors that open, by their secrets.
func keys(t testing.TB) map[string]*Key {
	t.Helper()
	keys := map[string]*Key{}
	for _, v := range vectors(t) {
		if v.Plaintext != nil {
			keys[v.Secret] = v.key(t)
		}
	}
	require.Greater(t, len(keys), 1)
	return keys
}

// A reason that is not in this table fails the test: a refusal for the wrong
// class of reason must not pass for the right one.
var rejectClass = map[string]error{
	"authentication tag does not match":     ErrNotAuthentic,
	"unknown key id 2":                      ErrNotAuthentic,
	"unknown key id -1":                     ErrNotAuthentic,
	"not an envelope: empty":                ErrNotEnvelope,
	"not an envelope":                       ErrNotEnvelope,
	"field AT missing":                      ErrNotEnvelope,
	"truncated":                             ErrNotEnvelope,
	"length beyond the body":                ErrNotEnvelope,
	"length does not fit":                   ErrNotEnvelope,
	"initialization vector is not 16 bytes": ErrNotEnvelope,
	"ciphertext is not whole blocks":        ErrNotEnvelope,
	"wrapped key is not 32 bytes":           ErrNotEnvelope,
	"bad padding":                           ErrNotEnvelope,
}

// assertRefused checks that err is of exactly one class, and that no part of
// the plaintext came with it.
func assertRefused(t testing.TB, class error, plaintext []byte, err error) {
	t.Helper()
	assert.Nil(t, plaintext)
	assert.ErrorIs(t, err, class)
	for _, other := range []error{ErrNotEnvelope, ErrNotAuthentic} {
		if other != class {
			assert.NotErrorIs(t, err, other)
		}
	}
}

func TestVectors(t *testing.T) {
	t.Parallel()
	for _, v := range vectors(t) {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			require.True(t, (v.Plaintext == nil) == (v.Reject != ""), "a vector opens or is refused")
			before := bytes.Clone(v.Body)
			plaintext, err := Open(v.Body, v.key(t))
			assert.Equal(t, before, v.Body, "Open must leave the body as it is")
			if v.Reject != "" {
				class, known := rejectClass[v.Reject]
				require.True(t, known, "no class for reason %q", v.Reject)
				assertRefused(t, class, plaintext, err)
				assert.ErrorContains(t, err, v.Reject)
				return
			}
			require.NoError(t, err)
			require.NotNil(t, plaintext)
			assert.Equal(t, string(*v.Plaintext), string(plaintext))
		})
	}
}

func TestSealMakesTheBytesOfBondsWriter(t *testing.T) {
	t.Parallel()
	count := 0
	for _, v := range vectors(t) {
		if !v.canonical() {
			continue
		}
		count++
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			body, err := Seal(*v.Plaintext, v.key(t), v.random(t))
			require.NoError(t, err)
			assert.Equal(t, v.Body, body)
		})
	}
	assert.Greater(t, count, 10, "too few canonical vectors")
}

func TestSealThenOpen(t *testing.T) {
	t.Parallel()
	for _, v := range vectors(t) {
		if v.Plaintext == nil {
			continue
		}
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			key := v.key(t)
			before := bytes.Clone(*v.Plaintext)
			first, err := Seal(*v.Plaintext, key, nil)
			require.NoError(t, err)
			second, err := Seal(*v.Plaintext, key, nil)
			require.NoError(t, err)
			assert.Equal(t, before, *v.Plaintext, "Seal must leave the plaintext as it is")
			assert.NotEqual(t, first, second, "every message has a key and an IV of its own")
			for _, body := range [][]byte{first, second} {
				plaintext, err := Open(body, key)
				require.NoError(t, err)
				assert.Equal(t, string(*v.Plaintext), string(plaintext))
			}
		})
	}
}
