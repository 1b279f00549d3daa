package contract

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"slices"

	"example.com/shiftswfi/batch/envelope"
)

// A message is a sealed body in its parts, to be put together again as Shifts
// never would. Parts are changed by giving them another slice.
type message struct {
	keyID             int32
	ek, iv, ct, tag   []byte
	noTag             bool   // leave the field out
	unknown, unknown2 []byte // more Bond fields: of the outer struct, of the inner one
}

// Bytes of Bond's Compact Binary: a field is id<<5 | type.
const (
	bondStop   = 0
	bondString = 9
	bondStruct = 10
	bondList   = 11
	bondInt8   = 14
	bondInt32  = 16
)

// message seals a plaintext and takes it apart.
func (p *probe) message(plaintext []byte) message { return parts(p.seal(plaintext)) }

// parts takes apart what envelope.Seal has made, which always has one layout.
func parts(body []byte) message {
	m := message{keyID: int32(body[1] >> 1)} // zig-zag
	inner, _ := takeBlob(body[2:])
	for _, part := range []*[]byte{&m.ek, &m.iv, &m.ct, &m.tag} {
		*part, inner = takeBlob(inner)
	}
	return m
}

func takeBlob(data []byte) (blob, rest []byte) {
	size, n := binary.Uvarint(data[2:])
	data = data[2+n:]
	return data[:size:size], data[size:]
}

// bytes is the body, laid out as Bond's own writer does.
func (m message) bytes() []byte {
	var inner []byte
	for id, part := range [][]byte{m.ek, m.iv, m.ct, m.tag} {
		if id < 3 || !m.noTag {
			inner = append(inner, blobField(id, part)...)
		}
	}
	inner = append(append(inner, m.unknown2...), bondStop)
	body := binary.AppendUvarint([]byte{bondInt32}, uint64(m.keyID)<<1)
	body = append(body, m.unknown...)
	body = append(body, blobField(1, inner)...)
	return append(body, bondStop)
}

func blobField(id int, content []byte) []byte {
	return append(binary.AppendUvarint([]byte{byte(id<<5 | bondList), bondInt8}, uint64(len(content))), content...)
}

// signed is the message with the tag that belongs to its parts.
func (m message) signed(secret string) message {
	mac := hmac.New(sha256.New, []byte(secret[:len(secret)/2]))
	mac.Write([]byte("AES-256-CBC-HMAC-SHA256"))
	mac.Write(binary.LittleEndian.AppendUint32(nil, uint32(m.keyID)))
	for _, part := range [][]byte{m.ek, m.iv, m.ct} {
		mac.Write(part)
	}
	m.tag = mac.Sum(nil)
	return m
}

// pair seals two plaintexts of one length with the same key and initialization
// vector, so that the ciphertext of one fits the other.
func (p *probe) pair(one, other []byte) (message, message) {
	random := make([]byte, 32+16) // the key and the vector are drawn from it
	rand.Read(random)             // never fails
	return parts(p.sealWith(one, random)), parts(p.sealWith(other, random))
}

func (p *probe) sealWith(plaintext, random []byte) []byte {
	body, err := envelope.Seal(plaintext, p.key, bytes.NewReader(random))
	if err != nil {
		panic(err)
	}
	return body
}

// flipped is a part with one bit changed.
func flipped(part []byte, at int, bit byte) []byte {
	part = slices.Clone(part)
	part[at] ^= bit
	return part
}

// newSecret makes another secret than the endpoint's.
func newSecret() string { return (newID("") + newID(""))[:64] }

// A forgery is a body that must not be accepted.
type forgery struct {
	about string
	body  []byte
}

func forgeries[T any](of []T, forge func(T) forgery) []forgery {
	var all []forgery
	for _, one := range of {
		all = append(all, forge(one))
	}
	return all
}

func sealForeign(plaintext []byte) []byte {
	key, err := envelope.NewKey(newSecret())
	if err != nil {
		panic(err)
	}
	body, err := envelope.Seal(plaintext, key, nil)
	if err != nil {
		panic(err)
	}
	return body
}
