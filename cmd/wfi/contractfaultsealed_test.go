package main

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	varint "encoding/binary"
	"encoding/json"
	"net/http"
)

// sealedFaults are those in how bodies are opened.
var sealedFaults = []fault{
	{
		name: "does not look at the tag", caughtBy: "envelope.tampered-tag",
		also: []string{"envelope.short-tag", "envelope.no-tag", "envelope.tampered-text", "envelope.tampered-iv", "envelope.tampered-key"},
		serve: func(c *faultyCall) faultyAnswer {
			return c.trusting(func(m sealedBody, _ []byte) bool { return m.keyID == 1 })
		},
	},
	{
		name: "compares half of the tag", caughtBy: "envelope.tampered-tag", also: []string{"envelope.short-tag"},
		serve: func(c *faultyCall) faultyAnswer {
			return c.trusting(func(m sealedBody, right []byte) bool {
				return m.keyID == 1 && len(m.tag) >= 16 && bytes.Equal(m.tag[:16], right[:16])
			})
		},
	},
	{
		name: "compares as much of the tag as there is", caughtBy: "envelope.short-tag", also: []string{"envelope.no-tag"},
		serve: func(c *faultyCall) faultyAnswer {
			return c.trusting(func(m sealedBody, right []byte) bool { return m.keyID == 1 && bytes.HasPrefix(right, m.tag) })
		},
	},
	{
		name: "takes bodies without a tag", caughtBy: "envelope.no-tag",
		serve: func(c *faultyCall) faultyAnswer {
			return c.trusting(func(m sealedBody, _ []byte) bool { return m.keyID == 1 && len(m.tag) == 0 })
		},
	},
	{
		name: "accepts any key id", caughtBy: "envelope.other-key-id",
		serve: func(c *faultyCall) faultyAnswer {
			return c.trusting(func(m sealedBody, right []byte) bool { return bytes.Equal(m.tag, right) })
		},
	},
	{
		name: "does not look at the key id", caughtBy: "envelope.tampered-key-id",
		serve: func(c *faultyCall) faultyAnswer {
			return c.trusting(func(m sealedBody, _ []byte) bool { return bytes.Equal(m.tag, m.rightTag(1)) })
		},
	},
	{
		name: "takes JSON that is not sealed", caughtBy: "envelope.plain",
		serve: func(c *faultyCall) faultyAnswer {
			if json.Valid(c.body) {
				return c.forwardPlain(c.body)
			}
			return c.forward()
		},
	},
	{
		name: "takes an empty body for a greeting", caughtBy: "envelope.empty",
		serve: func(c *faultyCall) faultyAnswer {
			if len(c.body) == 0 && c.request.Method == http.MethodPost {
				return faultyAnswer{status: http.StatusOK}
			}
			return c.forward()
		},
	},
	{
		name: "takes a part for the whole", caughtBy: "envelope.truncated",
		serve: func(c *faultyCall) faultyAnswer {
			if n := len(c.body); c.openErr != nil && 0 < n && n < 7 && c.body[0] == 0x10 {
				return faultyAnswer{status: http.StatusOK}
			}
			return c.forward()
		},
	},
	{
		name: "refuses new fields of the envelope", caughtBy: "envelope.unknown-fields",
		serve: func(c *faultyCall) faultyAnswer {
			if len(c.body) > 2 && c.body[2] != 0x2b {
				return faultyAnswer{status: http.StatusUnauthorized}
			}
			return c.forward()
		},
	},
	{
		name: "takes small bodies only", caughtBy: "envelope.large",
		serve: func(c *faultyCall) faultyAnswer {
			if len(c.body) > 300_000 {
				return faultyAnswer{status: http.StatusRequestEntityTooLarge}
			}
			return c.forward()
		},
	},
	{
		name: "loses a text that fills its last block", caughtBy: "envelope.padding",
		serve: func(c *faultyCall) faultyAnswer {
			if c.is("connect") && bytes.HasPrefix(c.plaintext, []byte("{ ")) && len(c.plaintext)%16 == 0 {
				return faultyAnswer{status: http.StatusBadRequest}
			}
			return c.forward()
		},
	},
	{
		name: "falls over nested structs", caughtBy: "envelope.nested",
		serve: func(c *faultyCall) faultyAnswer {
			return c.downAfter(len(c.body) > 100_000 && c.body[2] == 5<<5|10)
		},
	},
	{
		name: "falls over a length beyond the body", caughtBy: "envelope.huge-length",
		serve: func(c *faultyCall) faultyAnswer {
			if bytes.HasPrefix(c.body[min(len(c.body), 4):], []byte{0xff, 0xff, 0xff, 0xff, 0x0f}) {
				c.state["down"] = true
				return faultyAnswer{status: http.StatusBadGateway}
			}
			if c.state["down"] != nil && c.openErr == nil {
				delete(c.state, "down") // and is started again
				return faultyAnswer{status: http.StatusBadGateway}
			}
			return c.forward()
		},
	},
}

// trusting gives the answer of the real endpoint, as if bodies were authentic
// that trust takes for it. right is the tag that a body should have.
func (c *faultyCall) trusting(trust func(body sealedBody, right []byte) bool) faultyAnswer {
	if body, ok := splitBody(c.body); ok && c.openErr != nil && trust(body, body.rightTag(body.keyID)) {
		if plaintext := body.decrypt(); plaintext != nil {
			return c.forwardPlain(plaintext)
		}
	}
	return c.forward()
}

// A sealedBody is an envelope as a careless endpoint reads it: by the layout
// that Bond's writer has, authenticated by whoever asks for it.
type sealedBody struct {
	keyID           uint32
	ek, iv, ct, tag []byte
}

// splitBody gives ok if the parts are there, and of such sizes that they can be
// decrypted. The tag may be missing.
func splitBody(body []byte) (m sealedBody, ok bool) {
	if len(body) < 2 || body[0] != 0x10 {
		return m, false
	}
	m.keyID = uint32(body[1] >> 1)
	inner, rest := splitBlob(body[2:], 1)
	if len(rest) != 1 {
		return m, false
	}
	for id, part := range []*[]byte{&m.ek, &m.iv, &m.ct, &m.tag} {
		*part, inner = splitBlob(inner, byte(id))
	}
	return m, len(m.ek) == 32 && len(m.iv) == aes.BlockSize && len(m.ct) > 0 && len(m.ct)%aes.BlockSize == 0
}

// splitBlob takes field id off the front, if it is there.
func splitBlob(data []byte, id byte) (blob, rest []byte) {
	if len(data) < 3 || data[0] != id<<5|11 || data[1] != 14 {
		return nil, data
	}
	size, n := varint.Uvarint(data[2:])
	if n <= 0 || size > uint64(len(data)-2-n) {
		return nil, data
	}
	data = data[2+n:]
	return data[:size], data[size:]
}

// rightTag is the tag that the body should have with a key id.
func (m sealedBody) rightTag(keyID uint32) []byte {
	mac := hmac.New(sha256.New, []byte(testSecret[:32]))
	mac.Write([]byte("AES-256-CBC-HMAC-SHA256"))
	mac.Write([]byte{byte(keyID), 0, 0, 0})
	for _, part := range [][]byte{m.ek, m.iv, m.ct} {
		mac.Write(part)
	}
	return mac.Sum(nil)
}

// decrypt gives the text, nil if it is no JSON.
func (m sealedBody) decrypt() []byte {
	kek, err := aes.NewCipher([]byte(testSecret[32:]))
	if err != nil {
		return nil
	}
	dataKey := make([]byte, 32)
	kek.Decrypt(dataKey[:16], m.ek[:16])
	kek.Decrypt(dataKey[16:], m.ek[16:])
	block, err := aes.NewCipher(dataKey)
	if err != nil {
		return nil
	}
	text := make([]byte, len(m.ct))
	cipher.NewCBCDecrypter(block, m.iv).CryptBlocks(text, m.ct)
	text = text[:max(len(text)-int(text[len(text)-1]), 0)]
	if !json.Valid(text) {
		return nil
	}
	return text
}
