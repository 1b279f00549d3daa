package envelope

import (
	"bytes"
	"crypto/aes"
	"errors"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// What opens is a message: sealing its plaintext with the same random bytes
// gives a body that opens to the same. What does not open has one reason, and
// no length inside makes Open allocate more than the body accounts for.
func FuzzOpen(f *testing.F) {
	bySecret := keys(f)
	all := slices.Collect(maps.Values(bySecret))
	for _, v := range vectors(f) {
		f.Add(v.Body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		before := bytes.Clone(body)
		var plaintext []byte
		var err error
		spent := allocated(func() { plaintext, err = Open(body, all...) })
		require.LessOrEqual(t, spent, uint64(1<<20+8*len(body)), "bytes allocated")
		require.Equal(t, before, body, "the body was changed")
		if err != nil {
			require.Nil(t, plaintext)
			require.NotEqual(t, errors.Is(err, ErrNotEnvelope), errors.Is(err, ErrNotAuthentic), "%v", err)
			return
		}
		require.NotNil(t, plaintext)
		for secret, key := range bySecret {
			if _, err := Open(body, key); err != nil {
				continue // another key has opened it
			}
			again, err := Seal(plaintext, key, vector{Secret: secret, Body: body}.random(t))
			require.NoError(t, err)
			require.LessOrEqual(t, len(again), len(body), "Seal writes nothing that is not needed")
			reopened, err := Open(again, key)
			require.NoError(t, err)
			require.Equal(t, plaintext, reopened)
		}
	})
}

// With a valid tag, what the fields hold is all that counts, and there is only
// one way to write a message: what opens seals to the same bytes again.
func FuzzAuthentic(f *testing.F) {
	for _, v := range vectors(f) {
		if m, err := parse(v.Body); err == nil {
			f.Add(m.wrappedKey, m.iv, m.ciphertext)
		}
	}
	for _, last := range []string{"x", "\x00", "\x01", "\x10", "\x11"} {
		p := encrypted(f, string(bytes.Repeat([]byte(last), aes.BlockSize)))
		f.Add(p.ek, p.iv, p.ct)
	}
	key := testKey(f)
	f.Fuzz(func(t *testing.T, ek, iv, ct []byte) {
		body := parts{keyID: 1, ek: ek, iv: iv, ct: ct}.signed().body()
		plaintext, err := Open(body, key)
		if err != nil {
			assertRefused(t, ErrNotEnvelope, plaintext, err)
			return
		}
		again, err := Seal(plaintext, key, vector{Secret: testSecret, Body: body}.random(t))
		require.NoError(t, err)
		require.Equal(t, body, again)
	})
}

// A struct says itself where it ends: no proper beginning of one is a struct,
// and nothing that follows it matters. So it can be put into an envelope as an
// unknown field, and the envelope opens as it did without.
func FuzzBond(f *testing.F) {
	for _, v := range vectors(f) {
		f.Add(v.Body)
		if m, err := parse(v.Body); err == nil {
			f.Add(m.ciphertext)
		}
	}
	for _, row := range unknownFields {
		f.Add(append(bytes.Clone(row.bytes), 0))
	}
	key := testKey(f)
	message := encrypted(f, "plain\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b")
	f.Fuzz(func(t *testing.T, data []byte) {
		r := bondReader{data}
		if r.skip(bondStruct, 0) != nil {
			return
		}
		value := data[:len(data)-len(r.rest)]
		for n := range min(len(value), 300) {
			prefix := bondReader{value[:n]}
			require.Error(t, prefix.skip(bondStruct, 0), "the first %d of %d bytes", n, len(value))
		}
		fields := append(appendInt32(nil, 0, 1), 7<<5|byte(bondStruct), 0x34, 0x12)
		plaintext, err := Open(outer(append(fields, value...), message.inner()), key)
		require.NoError(t, err)
		require.Equal(t, "plain", string(plaintext))
	})
}
