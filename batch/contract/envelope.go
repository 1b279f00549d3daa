package contract

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	whyAuthentic = "Nothing but the tag proves that a call comes from Shifts: whoever finds the address could read schedules and decide requests."
	whyRobust    = "Anybody who finds the address can send such a body, before any secret is asked for."
	mendTag      = "Compute HMAC-SHA-256 over \"AES-256-CBC-HMAC-SHA256\", the key id as four bytes (little-endian), EK, IV and CT, compare all 32 bytes of it with AT in constant time, and answer HTTP 401 before anything is decrypted."
	mendParser   = "Compare every length with what is left of the body before it is used, bound the depth of nested structs, and answer HTTP 401."
	sentTwice    = ", to /connect and to an endpoint of the team."
)

var envelopeChecks = []Check{
	{
		ID: "envelope.padding", Level: Must, Section: "1.4",
		Title: "A text of any length is understood",
		Sends: "The call of connect.accepted with 0 to 15 blanks in its text, so that the last block is filled in every way.",
		Why:   "One call in so many fails, and nobody sees why.",
		Mend:  "Take the PKCS #7 padding off: as many bytes at the end as the last byte says, 1 to 16.",
		run: func(p *probe) {
			p.wantOrdinary(p.connectCall())
			ordinary := p.connectBody(p.profile.TenantID)
			for blanks := range 16 {
				plaintext := slices.Concat([]byte("{"), bytes.Repeat([]byte(" "), blanks), ordinary[1:])
				reply := p.send(p.endpoint.Connect(), nil, plaintext)
				if reply.HTTPStatus != http.StatusOK {
					p.fail("A text of %d bytes was answered with HTTP %d, and others with HTTP 200.", len(plaintext), reply.HTTPStatus)
				}
			}
		},
	},
	{
		ID: "envelope.large", Level: Should, Section: "1.2",
		Title: "A body of half a megabyte is understood",
		Sends: "A batch of one item of an unknown kind, with 500 kB of text in it.",
		Why:   "The approval of a request comes with every request that it closes, and nobody documents how large a batch may grow. One that is refused is called again, and fails again.",
		Mend:  "Raise the limit of the web server, the framework or the proxy before it to a megabyte or more.",
		needs: []need{needsTeam},
		run: func(p *probe) {
			small := p.unknownCall("")
			p.wantOrdinary(small)
			large := p.unknownCall(strings.Repeat("0123456789", 50_000))
			body := p.seal(large.plaintext)
			about := fmt.Sprintf("an item with 500 kB of notes, %d bytes sealed", len(body))
			if reply := p.post(large.address, nil, body, about, nil); reply.HTTPStatus != http.StatusOK {
				p.fail("A sealed body of %d bytes was answered with HTTP %d, a small one with HTTP 200.", len(body), reply.HTTPStatus)
			}
		},
	},
	{
		ID: "envelope.unknown-fields", Level: Should, Section: "1.2",
		Title: "Fields that the envelope may get one day are passed over",
		Sends: "The call of connect.accepted, with a text, a number and a list more in each of the two Bond structs.",
		Why:   "Bond readers pass over what they do not know, so Microsoft may add fields at any time, and every call would fail then.",
		Mend:  "Skip fields with other ids by their type, or read the body with a Bond library.",
		run: func(p *probe) {
			p.wantOrdinary(p.connectCall())
			unknown := slices.Concat(
				[]byte{4<<5 | bondString, 3, 'n', 'e', 'w'},
				[]byte{5<<5 | bondInt32, 0x96, 0x01},
				[]byte{6<<5 | bondList, 200, bondInt32, 2, 2, 4},
			)
			m := p.message(p.connectBody(p.profile.TenantID))
			m.unknown, m.unknown2 = unknown, unknown
			reply := p.post(p.endpoint.Connect(), nil, m.bytes(), "with more Bond fields", p.connectBody(p.profile.TenantID))
			if reply.HTTPStatus != http.StatusOK {
				p.fail("The body with more fields was answered with HTTP %d, the one without with HTTP 200.", reply.HTTPStatus)
			}
		},
	},
	{
		ID: "envelope.foreign-key", Level: Must, Section: "1.3",
		Title: "A body under another secret is not accepted",
		Sends: "Whole bodies, sealed with another secret" + sentTwice,
		Why:   whyAuthentic,
		Mend:  mendTag,
		run: refuses(func(p *probe, plaintext []byte) []forgery {
			return []forgery{{"sealed with another secret", sealForeign(plaintext)}}
		}),
	},
	{
		ID: "envelope.tampered-tag", Level: Must, Section: "1.3",
		Title: "A changed authentication tag is not accepted",
		Sends: "Bodies with one bit changed in the first, a middle or the last byte of AT" + sentTwice,
		Why:   whyAuthentic,
		Mend:  mendTag,
		run: refuses(func(p *probe, plaintext []byte) []forgery {
			return forgeries([]int{0, 16, 31}, func(at int) forgery {
				m := p.message(plaintext)
				m.tag = flipped(m.tag, at, 1)
				return forgery{fmt.Sprintf("with one bit of byte %d of the tag changed", at+1), m.bytes()}
			})
		}),
	},
	{
		ID: "envelope.short-tag", Level: Must, Section: "1.3",
		Title: "A part of the authentication tag is not enough",
		Sends: "Bodies with only the first 31, 16 or 1 bytes of AT" + sentTwice,
		Why:   whyAuthentic + " A tag of one byte is guessed in 256 calls.",
		Mend:  mendTag,
		run: refuses(func(p *probe, plaintext []byte) []forgery {
			return forgeries([]int{31, 16, 1}, func(size int) forgery {
				m := p.message(plaintext)
				m.tag = m.tag[:size]
				return forgery{fmt.Sprintf("with a tag of %d bytes", size), m.bytes()}
			})
		}),
	},
	{
		ID: "envelope.no-tag", Level: Must, Section: "1.3",
		Title: "A body without an authentication tag is not accepted",
		Sends: "Bodies with an empty AT, and with none" + sentTwice,
		Why:   whyAuthentic,
		Mend:  mendTag,
		run: refuses(func(p *probe, plaintext []byte) []forgery {
			empty, none := p.message(plaintext), p.message(plaintext)
			empty.tag, none.noTag = nil, true
			return []forgery{{"with an empty tag", empty.bytes()}, {"without the field of the tag", none.bytes()}}
		}),
	},
	{
		ID: "envelope.tampered-text", Level: Must, Section: "1.3",
		Title: "A ciphertext that the tag is not for is not accepted",
		Sends: "Bodies whose CT was replaced by that of another text under the same key" + sentTwice,
		Why:   whyAuthentic,
		Mend:  mendTag,
		run: refuses(func(p *probe, plaintext []byte) []forgery {
			// Both texts are JSON: an endpoint that checks nothing would take them.
			m, other := p.pair(append([]byte("\n"), plaintext...), append([]byte(" "), plaintext...))
			m.ct = other.ct
			return []forgery{{"with another ciphertext", m.bytes()}}
		}),
	},
	{
		ID: "envelope.tampered-iv", Level: Must, Section: "1.3",
		Title: "A changed initialization vector is not accepted",
		Sends: "Bodies with bits of IV changed that make a line break of a blank" + sentTwice,
		Why:   whyAuthentic + " The first 16 bytes of the text can be rewritten in this way without the secret.",
		Mend:  mendTag,
		run: refuses(func(p *probe, plaintext []byte) []forgery {
			m := p.message(append([]byte(" "), plaintext...))
			m.iv = flipped(m.iv, 0, ' '^'\n')
			return []forgery{{"with a changed initialization vector", m.bytes()}}
		}),
	},
	{
		ID: "envelope.tampered-key", Level: Must, Section: "1.3",
		Title: "A wrapped key that the tag is not for is not accepted",
		Sends: "Bodies with EK and CT of another message" + sentTwice,
		Why:   whyAuthentic,
		Mend:  mendTag,
		run: refuses(func(p *probe, plaintext []byte) []forgery {
			m, other := p.message(plaintext), p.message(plaintext)
			other.tag = m.tag
			return []forgery{{"with the tag of another message", other.bytes()}}
		}),
	},
	{
		ID: "envelope.tampered-key-id", Level: Must, Section: "1.3",
		Title: "A changed key id is not accepted",
		Sends: "Bodies whose KeyID was changed from 1 to 2 and to 0, with a tag that was made for 1" + sentTwice,
		Why:   "The tag covers the key id. Where it is not looked at, a body can be changed without the secret.",
		Mend:  "Refuse every body whose KeyID is not 1, and put the key id into the HMAC as four bytes, little-endian.",
		run: refuses(func(p *probe, plaintext []byte) []forgery {
			return forgeries([]int{2, 0}, func(id int) forgery {
				m := p.message(plaintext)
				m.keyID = int32(id)
				return forgery{fmt.Sprintf("with key id %d in its bytes, and a tag for 1", id), m.bytes()}
			})
		}),
	},
	{
		ID: "envelope.other-key-id", Level: Should, Section: "1.3",
		Title: "Another key id than 1 is not accepted",
		Sends: "Bodies sealed with KeyID 2, and a tag that was made for 2" + sentTwice,
		Why:   "The key id has to be 1. Should Microsoft use others one day, they would presumably stand for other secrets.",
		Mend:  "Refuse every body whose KeyID is not 1.",
		run: refuses(func(p *probe, plaintext []byte) []forgery {
			m := p.message(plaintext)
			m.keyID = 2
			return []forgery{{"with key id 2, and a tag for it", m.signed(p.secret).bytes()}}
		}),
	},
	{
		ID: "envelope.truncated", Level: Must, Section: "1.2",
		Title: "A body that is cut short is not accepted",
		Sends: "Bodies cut after 1, 2 and 6 bytes, within the ciphertext and within the tag" + sentTwice,
		Why:   whyAuthentic,
		Mend:  mendParser,
		run: refuses(func(p *probe, plaintext []byte) []forgery {
			body := p.seal(plaintext)
			return forgeries([]int{1, 2, 6, len(body) / 2, len(body) - 20}, func(size int) forgery {
				return forgery{fmt.Sprintf("only the first %d of %d bytes", size, len(body)), body[:size]}
			})
		}),
	},
	{
		ID: "envelope.plain", Level: Must, Section: "1.3",
		Title: "JSON that is not sealed is not accepted",
		Sends: "The texts themselves" + sentTwice,
		Why:   whyAuthentic,
		Mend:  "Take bodies only in their envelope. If there is a mode for development without it, make sure that it cannot be reached from elsewhere, and say plainFromLoopback in the profile.",
		needs: []need{needsSealing},
		run: refuses(func(_ *probe, plaintext []byte) []forgery {
			return []forgery{{"not sealed", plaintext}}
		}),
	},
	{
		ID: "envelope.empty", Level: Must, Section: "1.2",
		Title: "An empty body is not accepted",
		Sends: "Nothing" + sentTwice,
		Why:   whyAuthentic,
		Mend:  mendParser,
		run: refuses(func(*probe, []byte) []forgery {
			return []forgery{{"no body", nil}}
		}),
	},
	{
		ID: "envelope.random", Level: Must, Section: "1.2",
		Title: "Bytes that are no envelope are not accepted",
		Sends: "1, 64 and 4096 random bytes" + sentTwice,
		Why:   whyAuthentic,
		Mend:  mendParser,
		run: refuses(func(*probe, []byte) []forgery {
			return forgeries([]int{1, 64, 4096}, func(size int) forgery {
				body := make([]byte, size)
				rand.Read(body) // never fails
				body[0] |= 0x80 // one random byte may be a digit, which is JSON
				return forgery{fmt.Sprintf("%d random bytes", size), body}
			})
		}),
	},
	{
		ID: "envelope.huge-length", Level: Should, Section: "1.2",
		Title: "A length beyond the body is refused at once",
		Sends: "Bodies of a few bytes that claim to hold gigabytes: in Ciphertext, in CT, in a list and a text that nobody knows.",
		Why:   whyRobust + " A server that makes room for what is claimed runs out of memory.",
		Mend:  mendParser,
		run:   survives(hugeLengths),
	},
	{
		ID: "envelope.nested", Level: Should, Section: "1.2",
		Title: "A struct in a struct, and so on, does no harm",
		Sends: "A body with 100 000 structs, one within the other, and a wrong tag.",
		Why:   whyRobust + " A parser that calls itself for each of them runs out of stack, which ends the whole process on many platforms.",
		Mend:  mendParser,
		run:   survives(nestedStructs),
	},
}

func hugeLengths(p *probe, plaintext []byte) []forgery {
	head := []byte{bondInt32, 2}
	claims := []struct {
		about string
		field []byte
	}{
		{"Ciphertext", []byte{1<<5 | bondList, bondInt8}},
		{"a list of unknown structs", []byte{5<<5 | bondList, bondStruct}},
		{"an unknown text", []byte{5<<5 | bondString}},
	}
	var all []forgery
	for _, length := range []uint64{math.MaxInt32, math.MaxUint32, 1 << 62} {
		for _, claim := range claims {
			body := binary.AppendUvarint(slices.Concat(head, claim.field), length)
			body = append(body, make([]byte, 64)...)
			all = append(all, forgery{fmt.Sprintf("%s claims %d elements", claim.about, length), body})
		}
		inner := binary.AppendUvarint([]byte{2<<5 | bondList, bondInt8}, length)
		body := slices.Concat(head, blobField(1, append(inner, make([]byte, 64)...)), []byte{bondStop})
		all = append(all, forgery{fmt.Sprintf("CT claims %d elements", length), body})
	}
	return all
}

func nestedStructs(p *probe, plaintext []byte) []forgery {
	const depth = 100_000
	m := p.message(plaintext)
	m.tag = flipped(m.tag, 0, 1)
	m.unknown = append(bytes.Repeat([]byte{5<<5 | bondStruct}, depth), make([]byte, depth)...)
	return []forgery{{fmt.Sprintf("with %d structs, one within the other", depth), m.bytes()}}
}

// refuses is a check that each call is refused in every forged form.
func refuses(forge func(p *probe, plaintext []byte) []forgery) func(*probe) {
	return func(p *probe) {
		for _, call := range p.calls() {
			for _, forgery := range forge(p, call.plaintext) {
				p.wantRejected(call, forgery)
			}
		}
	}
}

func (p *probe) wantRejected(call call, forgery forgery) {
	reply := p.provoke(call.address, forgery)
	switch {
	case reply == nil:
		p.connect() // it is still there
		return
	case reply.HTTPStatus == http.StatusOK:
		p.fail("%s answered a body with HTTP 200: %s.", call.name, forgery.about)
	}
	for _, response := range reply.Responses {
		if _, ok := response.IDs(); ok {
			p.fail("%s answered a body with HTTP %d, but with data: %s.", call.name, reply.HTTPStatus, forgery.about)
		}
	}
}

// survives is a check that bodies are refused within seconds, and that the
// endpoint then answers as it did before.
func survives(forge func(p *probe, plaintext []byte) []forgery) func(*probe) {
	return func(p *probe) {
		const soon = 5 * time.Second
		before := p.connect().HTTPStatus
		call := p.connectCall()
		for _, forgery := range forge(p, call.plaintext) {
			reply := p.provoke(call.address, forgery)
			switch {
			case reply == nil:
			case reply.HTTPStatus == http.StatusOK:
				p.fail("%s answered a body with HTTP 200: %s.", call.name, forgery.about)
			case reply.Took > soon:
				p.fail("%s refused a body only after %v: %s.", call.name, reply.Took.Round(time.Millisecond), forgery.about)
			}
		}
		p.wantAlive(before)
	}
}

// wantAlive ends the check unless /connect is answered as it was before.
func (p *probe) wantAlive(before int) {
	if after := p.connect().HTTPStatus; after != before {
		p.fail("After that an ordinary call was answered with HTTP %d, and with HTTP %d before.", after, before)
	}
}
