package envelope

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const testSecret = "0123456789abcdefghijklmnopqrstuv" + "ABCDEFGHIJKLMNOPQRSTUVWXYZ!#$%&*"

func testKey(t testing.TB) *Key {
	t.Helper()
	key, err := NewKey(testSecret)
	require.NoError(t, err)
	return key
}

// parts builds envelopes that Seal never makes. It shares no code with Seal
// beyond the blob header.
type parts struct {
	keyID           int32
	ek, iv, ct, tag []byte
}

// signed has the tag that the holder of testSecret would give it.
func (p parts) signed() parts {
	mac := hmac.New(sha256.New, []byte(testSecret[:32]))
	mac.Write([]byte("AES-256-CBC-HMAC-SHA256"))
	mac.Write(binary.LittleEndian.AppendUint32(nil, uint32(p.keyID)))
	mac.Write(p.ek)
	mac.Write(p.iv)
	mac.Write(p.ct)
	p.tag = mac.Sum(nil)
	return p
}

func (p parts) inner() []byte {
	var b []byte
	for id, value := range [][]byte{p.ek, p.iv, p.ct, p.tag} {
		b = append(appendBlob(b, byte(id), len(value)), value...)
	}
	return append(b, 0)
}

func (p parts) body() []byte {
	return outer(appendInt32(nil, 0, p.keyID), p.inner())
}

// outer puts the inner struct behind the fields given.
func outer(fields, inner []byte) []byte {
	b := append(appendBlob(fields, 1, len(inner)), inner...)
	return append(b, 0)
}

// encrypted is a well-formed message whose last block decrypts to last.
func encrypted(t testing.TB, last string) parts {
	t.Helper()
	require.Len(t, last, aes.BlockSize)
	p := parts{keyID: 1, ek: make([]byte, 32), iv: make([]byte, 16), ct: []byte(last)}
	kek, err := aes.NewCipher([]byte(testSecret[32:]))
	require.NoError(t, err)
	dataKey := make([]byte, 32)
	kek.Decrypt(dataKey[:16], p.ek[:16])
	kek.Decrypt(dataKey[16:], p.ek[16:])
	block, err := aes.NewCipher(dataKey)
	require.NoError(t, err)
	cipher.NewCBCEncrypter(block, p.iv).CryptBlocks(p.ct, p.ct)
	return p.signed()
}

func TestPadding(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name, last string
		size       int // of the plaintext, -1 if refused
	}{
		{"one byte", "{\"requests\":[]}\x01", 15},
		{"all but one byte", "x" + strings.Repeat("\x0f", 15), 1},
		{"whole block", strings.Repeat("\x10", 16), 0},
		{"zero", "{\"requests\":[]}\x00", -1},
		{"more than a block", strings.Repeat("\x11", 16), -1},
		{"first of the padding differs", "xxxxxxxxxxxxx\x02\x03\x03", -1},
		{"middle of the padding differs", "xxxxxxxxxxxxx\x03\x02\x03", -1},
		{"first of a whole block differs", "\x0f" + strings.Repeat("\x10", 15), -1},
		{"255", strings.Repeat("\xff", 16), -1},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			plaintext, err := Open(encrypted(t, row.last).body(), testKey(t))
			if row.size < 0 {
				assertRefused(t, ErrNotEnvelope, plaintext, err)
				assert.ErrorContains(t, err, "bad padding")
				return
			}
			require.NoError(t, err)
			assert.Equal(t, row.last[:row.size], string(plaintext))
		})
	}
}

// Each row alters a message that opens; the tag is made anew, so that only the
// form is at fault.
func TestForm(t *testing.T) {
	t.Parallel()
	blob := func(id byte, size int) []byte {
		return append(appendBlob(nil, id, size), make([]byte, size)...)
	}
	rows := []struct {
		name   string
		body   func(p parts) []byte
		class  error // nil if it must open
		reason string
	}{
		{"as it is", parts.body, nil, ""},
		{"key id 0", func(p parts) []byte { p.keyID = 0; return p.signed().body() }, ErrNotAuthentic, "unknown key id 0"},
		{"smallest key id", func(p parts) []byte { p.keyID = -1 << 31; return p.signed().body() }, ErrNotAuthentic, "unknown key id -2147483648"},
		{"key id of 33 bits", func(p parts) []byte {
			return outer([]byte{0x10, 0x82, 0x80, 0x80, 0x80, 0x10}, p.inner())
		}, ErrNotEnvelope, "field KeyID: integer does not fit in 32 bits"},
		{"key id in a longer varint", func(p parts) []byte { return outer([]byte{0x10, 0x82, 0x00}, p.inner()) }, nil, ""},
		{"key id missing", func(p parts) []byte { return outer(nil, p.inner()) }, ErrNotEnvelope, "field KeyID missing"},
		{"key id as int64", func(p parts) []byte { return outer([]byte{0x11, 2}, p.inner()) }, ErrNotEnvelope, "field KeyID: type 17"},
		{"key id twice", func(p parts) []byte { return outer([]byte{0x10, 2, 0x10, 2}, p.inner()) }, ErrNotEnvelope, "field KeyID twice"},
		{"key id with an id in a byte of its own", func(p parts) []byte { return outer([]byte{0xd0, 0, 2}, p.inner()) }, nil, ""},
		{"key id with an id in two bytes", func(p parts) []byte { return outer([]byte{0xf0, 0, 0, 2}, p.inner()) }, nil, ""},
		{"ids are not cut to a byte", func(p parts) []byte { return outer([]byte{0xf0, 0, 1, 4, 0x10, 2}, p.inner()) }, nil, ""},
		{"ciphertext as a string", func(p parts) []byte {
			b := p.body()
			b[2] = 1<<5 | byte(bondString)
			return b
		}, ErrNotEnvelope, "field Ciphertext: type 9"},
		{"ciphertext as a list of uint8", func(p parts) []byte { b := p.body(); b[3] = byte(bondUint8); return b }, ErrNotEnvelope, "field Ciphertext: list of type 3"},
		{"ciphertext missing", func(p parts) []byte { return []byte{0x10, 2, 0} }, ErrNotEnvelope, "field Ciphertext missing"},
		{"inner struct empty", func(p parts) []byte { return outer([]byte{0x10, 2}, nil) }, ErrNotEnvelope, "truncated"},
		{"inner struct without its end", func(p parts) []byte {
			in := p.inner()
			return outer([]byte{0x10, 2}, in[:len(in)-1])
		}, ErrNotEnvelope, "truncated"},
		{"bytes after the inner struct", func(p parts) []byte {
			return outer([]byte{0x10, 2}, append(p.inner(), 0))
		}, ErrNotEnvelope, "bytes after the end"},
		{"bytes after the outer struct", func(p parts) []byte { return append(p.body(), '\n') }, ErrNotEnvelope, "bytes after the end"},
		{"iv twice", func(p parts) []byte {
			return outer([]byte{0x10, 2}, append(blob(1, 16), p.inner()...))
		}, ErrNotEnvelope, "field IV twice"},
		{"fields in another order", func(p parts) []byte {
			in := p.inner()
			ek := blobSize(32)
			in = append(append(bytes.Clone(in[ek:len(in)-1]), in[:ek]...), 0)
			b := append(appendBlob(nil, 1, len(in)), in...)
			return append(b, 0x10, 2, 0)
		}, nil, ""},
		{"wrapped key of 31 bytes", func(p parts) []byte { p.ek = p.ek[:31]; return p.signed().body() }, ErrNotEnvelope, "wrapped key is not 32 bytes"},
		{"wrapped key of 33 bytes", func(p parts) []byte { p.ek = make([]byte, 33); return p.signed().body() }, ErrNotEnvelope, "wrapped key is not 32 bytes"},
		{"wrapped key empty", func(p parts) []byte { p.ek = nil; return p.signed().body() }, ErrNotEnvelope, "wrapped key is not 32 bytes"},
		{"iv of 17 bytes", func(p parts) []byte { p.iv = make([]byte, 17); return p.signed().body() }, ErrNotEnvelope, "initialization vector is not 16 bytes"},
		{"ciphertext of 15 bytes", func(p parts) []byte { p.ct = p.ct[:15]; return p.signed().body() }, ErrNotEnvelope, "ciphertext is not whole blocks"},
		{"ciphertext of no bytes", func(p parts) []byte { p.ct = nil; return p.signed().body() }, ErrNotEnvelope, "ciphertext is not whole blocks"},
		{"tag of 33 bytes", func(p parts) []byte { p.tag = append(p.tag, 0); return p.body() }, ErrNotAuthentic, "tag does not match"},
		{"tag of 16 bytes", func(p parts) []byte { p.tag = p.tag[:16]; return p.body() }, ErrNotAuthentic, "tag does not match"},
		{"bytes moved from the key to the iv", func(p parts) []byte {
			// The tag covers their concatenation: only the sizes keep them apart.
			p.ek, p.iv = p.ek[:16], append(bytes.Clone(p.ek[16:]), p.iv...)
			return p.body()
		}, ErrNotEnvelope, "wrapped key is not 32 bytes"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			plaintext, err := Open(row.body(encrypted(t, "plain\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b")), testKey(t))
			if row.class == nil {
				require.NoError(t, err)
				assert.Equal(t, "plain", string(plaintext))
				return
			}
			assertRefused(t, row.class, plaintext, err)
			assert.ErrorContains(t, err, row.reason)
		})
	}
}

func TestFlippedBitsAreRefused(t *testing.T) {
	t.Parallel()
	v := vectorNamed(t, "secret-0")
	key := v.key(t)
	for i := range v.Body {
		body := bytes.Clone(v.Body)
		for _, change := range []byte{1, 2, 4, 8, 16, 32, 64, 128, 255} {
			body[i] = v.Body[i] ^ change
			plaintext, err := Open(body, key)
			if i >= len(v.Body)-2 && err == nil {
				// The ends of the structs: their id bits mean nothing.
				require.Equal(t, *v.Plaintext, plaintext)
				continue
			}
			require.Error(t, err, "byte %d, change %#x", i, change)
			require.Nil(t, plaintext, "byte %d, change %#x", i, change)
		}
	}
}

func TestFlippedBitsOfUnknownFieldsChangeNothing(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"unknown-fields-outer", "unknown-fields-inner"} {
		v := vectorNamed(t, name)
		key := v.key(t)
		opened := 0
		for i := range v.Body {
			body := bytes.Clone(v.Body)
			for bit := range 8 {
				body[i] = v.Body[i] ^ 1<<bit
				plaintext, err := Open(body, key)
				if err == nil {
					opened++
					require.Equal(t, *v.Plaintext, plaintext, "%s: byte %d, bit %d", name, i, bit)
				}
			}
		}
		assert.Positive(t, opened, "%s has bytes that are skipped", name)
	}
}

func TestEveryTruncationIsRefused(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"secret-0", "size-128", "unknown-fields-outer", "unknown-fields-inner"} {
		v := vectorNamed(t, name)
		key := v.key(t)
		for n := range v.Body {
			plaintext, err := Open(v.Body[:n], key)
			require.ErrorIs(t, err, ErrNotEnvelope, "%s: %d bytes", name, n)
			require.Nil(t, plaintext, "%s: %d bytes", name, n)
		}
	}
}

func TestRotation(t *testing.T) {
	t.Parallel()
	old := testKey(t)
	next, err := NewKey(strings.ToUpper(testSecret))
	require.NoError(t, err)
	other, err := NewKey(strings.Repeat("o", 64))
	require.NoError(t, err)
	sealed := map[string][]byte{}
	for plaintext, key := range map[string]*Key{"by old": old, "by next": next} {
		sealed[plaintext], err = Seal([]byte(plaintext), key, nil)
		require.NoError(t, err)
	}
	rows := []struct {
		name  string
		keys  []*Key
		opens []string
	}{
		{"old alone", []*Key{old}, []string{"by old"}},
		{"old first", []*Key{old, next}, []string{"by old", "by next"}},
		{"old last", []*Key{other, next, old}, []string{"by old", "by next"}},
		{"the same twice", []*Key{next, next}, []string{"by next"}},
		{"another", []*Key{other}, nil},
		{"none", nil, nil},
		{"nil and zero keys", []*Key{nil, {}}, nil},
		{"past nil and zero keys", []*Key{nil, {}, old}, []string{"by old"}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			for want, body := range sealed {
				plaintext, err := Open(body, row.keys...)
				if !slices.Contains(row.opens, want) {
					assertRefused(t, ErrNotAuthentic, plaintext, err)
					continue
				}
				require.NoError(t, err)
				assert.Equal(t, want, string(plaintext))
			}
		})
	}
}

// A body that was authenticated with an empty secret must not open with a Key
// that was never initialised.
func TestZeroKeyIsNoEmptySecret(t *testing.T) {
	t.Parallel()
	p := encrypted(t, strings.Repeat("\x10", 16))
	mac := hmac.New(sha256.New, nil)
	mac.Write([]byte("AES-256-CBC-HMAC-SHA256\x01\x00\x00\x00"))
	mac.Write(append(append(p.ek, p.iv...), p.ct...))
	p.tag = mac.Sum(nil)
	plaintext, err := Open(p.body(), &Key{})
	assertRefused(t, ErrNotAuthentic, plaintext, err)
}

func TestSealErrors(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	body, err := Seal(nil, testKey(t), iotest.ErrReader(broken))
	assert.ErrorIs(t, err, broken)
	assert.Nil(t, body)

	body, err = Seal(nil, testKey(t), bytes.NewReader(make([]byte, 47)))
	assert.Error(t, err, "a short random source")
	assert.Nil(t, body)

	for _, key := range []*Key{nil, {}} {
		body, err = Seal(nil, key, nil)
		assert.ErrorContains(t, err, "not made by NewKey")
		assert.Nil(t, body)
	}
}

func TestKeyIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	key := testKey(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				body, err := Seal([]byte("plain"), key, nil)
				if !assert.NoError(t, err) {
					return
				}
				plaintext, err := Open(body, key)
				assert.NoError(t, err)
				assert.Equal(t, "plain", string(plaintext))
			}
		})
	}
	wg.Wait()
}

// Not parallel: it counts what the process allocates.
func TestClaimedLengthsAllocateNothing(t *testing.T) {
	huge := []byte{0xff, 0xff, 0xff, 0xff, 0x0f} // 4 Gi elements
	rows := map[string][]byte{
		"blob":            append([]byte{0x10, 2, 0x2b, 0x0e}, huge...),
		"string":          append([]byte{0x49}, huge...),
		"wstring":         append([]byte{0x52}, huge...),
		"list of bool":    append([]byte{0x4b, byte(bondBool)}, huge...),
		"list of double":  append([]byte{0x4b, byte(bondDouble)}, huge...),
		"list of structs": append([]byte{0x4b, byte(bondStruct)}, huge...),
		"set of string":   append([]byte{0x4c, byte(bondString)}, huge...),
		"map":             append([]byte{0x4d, byte(bondInt32), byte(bondList)}, huge...),
	}
	key := testKey(t)
	for name, body := range rows {
		t.Run(name, func(t *testing.T) {
			body = append(body, make([]byte, 100)...)
			var plaintext []byte
			var err error
			spent := allocated(func() { plaintext, err = Open(body, key) })
			assertRefused(t, ErrNotEnvelope, plaintext, err)
			assert.Less(t, spent, uint64(16<<10))
		})
	}
}

// allocated is the number of bytes that the process allocated while f ran.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}
