// Package envelope opens and makes the encrypted bodies that Microsoft Shifts
// posts to a workforce integration: [Open] turns a body into the JSON inside,
// [Seal] does the reverse for tests and tools that play the part of Shifts.
//
// A body is a Bond struct {0: KeyID, 1: Ciphertext}, whose Ciphertext is again
// a Bond struct {0: EK, 1: IV, 2: CT, 3: AT}, both in Compact Binary version 1.
// A fresh key encrypts each message (CT, AES-256-CBC); the shared secret
// encrypts that key (EK) and authenticates everything (AT, HMAC-SHA-256).
package envelope

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
)

// The two reasons for which a body is refused. The errors of [Open] wrap one
// of them and add a detail that is meant for a log, not for the sender.
var (
	// ErrNotEnvelope means that the body is not one that Shifts could have
	// made: not Bond, cut short, a field missing or of the wrong size.
	ErrNotEnvelope = errors.New("not an envelope")

	// ErrNotAuthentic means that the body has the form of an envelope, but
	// none of the keys vouches for it: a wrong or outdated secret, an unknown
	// key id, or bytes that were changed on the way.
	ErrNotAuthentic = errors.New("not authentic")
)

const dataKeySize = 32

// message is a well-formed envelope, not authenticated yet. Its slices alias
// the body.
type message struct {
	keyID      int32
	wrappedKey []byte // 32 bytes
	iv         []byte // 16 bytes
	ciphertext []byte // at least one block, whole blocks
	tag        []byte // any length
}

// Open returns the plaintext of body if one of the keys authenticates it. All
// keys are tried, so that an old and a new secret can be active at once.
//
// The plaintext is a slice of its own, not nil even when empty; body is left
// as it is. An error wraps [ErrNotEnvelope] or [ErrNotAuthentic], and the
// plaintext is nil then. Nothing is decrypted before the tag has been checked,
// and memory use is bounded by the size of body, whatever lengths it claims.
func Open(body []byte, keys ...*Key) ([]byte, error) {
	plaintext, _, err := OpenWith(body, keys...)
	return plaintext, err
}

// OpenWith is [Open] and tells which of the keys has opened the body: the first
// that authenticates it, nil with an error.
func OpenWith(body []byte, keys ...*Key) (plaintext []byte, by *Key, err error) {
	m, err := parse(body)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrNotEnvelope, err)
	}
	if m.keyID != keyID {
		return nil, nil, fmt.Errorf("%w: unknown key id %d", ErrNotAuthentic, m.keyID)
	}
	for _, key := range keys {
		if key.usable() && hmac.Equal(m.tag, key.tag(m.wrappedKey, m.iv, m.ciphertext)) {
			if plaintext, err = m.decrypt(key); err != nil {
				return nil, nil, err
			}
			return plaintext, key, nil
		}
	}
	return nil, nil, fmt.Errorf("%w: authentication tag does not match", ErrNotAuthentic)
}

func parse(body []byte) (message, error) {
	var m message
	if len(body) == 0 {
		return m, errors.New("empty")
	}
	var inner []byte
	err := readStruct(body, bondField{"KeyID", &m.keyID}, bondField{"Ciphertext", &inner})
	if err != nil {
		return m, err
	}
	err = readStruct(inner,
		bondField{"EK", &m.wrappedKey},
		bondField{"IV", &m.iv},
		bondField{"CT", &m.ciphertext},
		bondField{"AT", &m.tag})
	switch {
	case err != nil:
		return m, err
	case len(m.wrappedKey) != dataKeySize:
		return m, fmt.Errorf("wrapped key is not %d bytes", dataKeySize)
	case len(m.iv) != aes.BlockSize:
		return m, fmt.Errorf("initialization vector is not %d bytes", aes.BlockSize)
	case len(m.ciphertext) == 0 || len(m.ciphertext)%aes.BlockSize != 0:
		return m, errors.New("ciphertext is not whole blocks")
	}
	return m, nil
}

// decrypt is for messages that key has authenticated.
func (m message) decrypt(key *Key) ([]byte, error) {
	var dataKey [dataKeySize]byte
	key.unwrap(&dataKey, (*[dataKeySize]byte)(m.wrappedKey))
	block, err := aes.NewCipher(dataKey[:])
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotEnvelope, err)
	}
	plaintext := make([]byte, len(m.ciphertext))
	cipher.NewCBCDecrypter(block, m.iv).CryptBlocks(plaintext, m.ciphertext)
	size, ok := unpaddedSize(plaintext)
	if !ok {
		// No oracle: only who knows the secret gets this far.
		return nil, fmt.Errorf("%w: bad padding", ErrNotEnvelope)
	}
	return plaintext[:size], nil
}

// unpaddedSize is the length of b without its PKCS #7 padding (RFC 5652,
// section 6.3): n bytes of value n, at least one and at most a block. b holds
// at least one block.
func unpaddedSize(b []byte) (size int, ok bool) {
	n := int(b[len(b)-1])
	if n == 0 || n > aes.BlockSize {
		return 0, false
	}
	size = len(b) - n
	for _, c := range b[size:] {
		if int(c) != n {
			return 0, false
		}
	}
	return size, true
}

// Seal makes the body in which Shifts would send plaintext, byte for byte as
// Bond's own writer lays it out. The key of the message (32 bytes) and then
// its initialization vector (16 bytes) are read from random; nil stands for
// [crypto/rand.Reader], and anything else belongs in tests only. The body is a
// slice of its own. An error means that random failed or that key was not made
// by [NewKey].
func Seal(plaintext []byte, key *Key, random io.Reader) ([]byte, error) {
	if !key.usable() {
		return nil, errors.New("envelope: the key was not made by NewKey")
	}
	if random == nil {
		random = rand.Reader
	}
	var dataKey, wrappedKey [dataKeySize]byte
	var iv [aes.BlockSize]byte
	for _, b := range [][]byte{dataKey[:], iv[:]} {
		if _, err := io.ReadFull(random, b); err != nil {
			return nil, fmt.Errorf("envelope: read random bytes: %w", err)
		}
	}
	block, err := aes.NewCipher(dataKey[:])
	if err != nil {
		return nil, fmt.Errorf("envelope: %w", err)
	}
	key.wrap(&wrappedKey, &dataKey)

	padding := aes.BlockSize - len(plaintext)%aes.BlockSize
	size := len(plaintext) + padding
	inner := blobSize(dataKeySize) + blobSize(aes.BlockSize) + blobSize(size) + blobSize(sha256.Size) + 1

	const keyIDSize = 2
	body := make([]byte, 0, keyIDSize+blobSize(inner)+1)
	body = appendInt32(body, 0, keyID)
	body = appendBlob(body, 1, inner)
	body = append(appendBlob(body, 0, dataKeySize), wrappedKey[:]...)
	body = append(appendBlob(body, 1, aes.BlockSize), iv[:]...)
	body = append(appendBlob(body, 2, size), plaintext...)
	for range padding {
		body = append(body, byte(padding))
	}
	ciphertext := body[len(body)-size:]
	cipher.NewCBCEncrypter(block, iv[:]).CryptBlocks(ciphertext, ciphertext)
	tag := key.tag(wrappedKey[:], iv[:], ciphertext)
	body = append(appendBlob(body, 3, len(tag)), tag...)
	return append(body, byte(bondStop), byte(bondStop)), nil
}
