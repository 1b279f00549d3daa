package envelope

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
)

const (
	// keyID is the only key id that Shifts uses.
	keyID = 1

	// algorithm, followed by the key id, is authenticated with every message.
	algorithm = "AES-256-CBC-HMAC-SHA256"

	// fingerprintLabel is no beginning of what tags a message, which starts with
	// the algorithm, so no fingerprint is part of a tag.
	fingerprintLabel = "shiftswfi secret fingerprint"
	fingerprintSize  = 6 // bytes

	secretSize = 64
	redacted   = "[redacted]"
)

// Key is the shared secret of one workforce integration, ready for use. It is
// made by [NewKey], never changes and may be used by several goroutines at
// once. It prints as "[redacted]" in every format. The zero Key opens and
// seals nothing.
type Key struct {
	// prepared is a function because no printer can look into one: with the
	// ciphers in plain fields, fmt would spell them out wherever a Key is an
	// unexported field of a struct, whose methods fmt cannot call.
	prepared func() (mac hash.Cloner, kek cipher.Block)

	fingerprint string
}

// NewKey makes a Key of the secret that the workforce integration was
// registered with in Microsoft Graph: exactly 64 ASCII characters, which are
// used as they stand, not decoded. The first 32 authenticate, the last 32
// encrypt the key of each message (Microsoft's article "Create a custom
// integration to sync your workforce management system with Shifts"). No error
// shows any part of the secret.
func NewKey(secret string) (*Key, error) {
	for i := range len(secret) {
		if secret[i] > 0x7f {
			return nil, errors.New("envelope: the secret holds characters that are not ASCII")
		}
	}
	if len(secret) != secretSize {
		return nil, fmt.Errorf("envelope: the secret has %d characters, it must have %d", len(secret), secretSize)
	}
	kek, err := aes.NewCipher([]byte(secret[secretSize/2:]))
	if err != nil {
		return nil, fmt.Errorf("envelope: %w", err)
	}
	mac := hmac.New(sha256.New, []byte(secret[:secretSize/2]))
	mac.Write([]byte(fingerprintLabel))
	fingerprint := hex.EncodeToString(mac.Sum(nil)[:fingerprintSize])
	mac.Reset()
	mac.Write([]byte(algorithm))
	mac.Write([]byte{keyID, 0, 0, 0}) // little-endian
	cloner := mac.(hash.Cloner)       // as every hash of the standard library is
	return &Key{func() (hash.Cloner, cipher.Block) { return cloner, kek }, fingerprint}, nil
}

// Fingerprint names the secret, in 12 hexadecimal digits, where the secret
// itself must not be shown: in metrics, logs and reports. It is the same
// wherever and whenever the Key is made, and differs for secrets that differ
// in their first half; the zero Key has none.
//
// It gives nothing away that helps to open or make a message: it is the
// beginning of an HMAC-SHA-256 of a fixed text under the first half of the
// secret, and of the second half it says nothing. Only a secret that can be
// guessed can be tried against it, as it can against any sealed body, which is
// harder to come by: make secrets at random.
func (k *Key) Fingerprint() string {
	if k == nil {
		return ""
	}
	return k.fingerprint
}

// usable tells a Key that NewKey made from a nil or zero one, which would
// authenticate with an empty secret.
func (k *Key) usable() bool {
	return k != nil && k.prepared != nil
}

// tag returns the authentication tag of a message.
func (k *Key) tag(wrappedKey, iv, ciphertext []byte) []byte {
	prepared, _ := k.prepared()
	mac, err := prepared.Clone() // it is shared: never written to
	if err != nil {
		panic(err) // SHA-256 can be cloned
	}
	mac.Write(wrappedKey)
	mac.Write(iv)
	mac.Write(ciphertext)
	return mac.Sum(nil)
}

// wrap encrypts the key of one message: AES-256 in ECB mode, two blocks.
func (k *Key) wrap(wrapped, plain *[dataKeySize]byte) {
	_, kek := k.prepared()
	kek.Encrypt(wrapped[:aes.BlockSize], plain[:aes.BlockSize])
	kek.Encrypt(wrapped[aes.BlockSize:], plain[aes.BlockSize:])
}

// unwrap is the reverse of wrap.
func (k *Key) unwrap(plain, wrapped *[dataKeySize]byte) {
	_, kek := k.prepared()
	kek.Decrypt(plain[:aes.BlockSize], wrapped[:aes.BlockSize])
	kek.Decrypt(plain[aes.BlockSize:], wrapped[aes.BlockSize:])
}

// String returns "[redacted]".
func (Key) String() string { return redacted }

// GoString returns "[redacted]".
func (Key) GoString() string { return redacted }

// Format writes "[redacted]", whatever the verb and flags.
func (Key) Format(s fmt.State, _ rune) { io.WriteString(s, redacted) }

// MarshalText returns "[redacted]": encoders of JSON, YAML and log lines use it.
func (Key) MarshalText() ([]byte, error) { return []byte(redacted), nil }
