package contract

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"encoding/binary"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/batch/envelope"
)

// An opener is how an endpoint opens bodies; nil means refused.
type opener func(body []byte) []byte

// Each carelessness of an endpoint with envelopes is found by the checks that
// are for it, and by no others of the group.
func TestEnvelopeChecks(t *testing.T) {
	t.Parallel()
	open := func(body []byte) []byte {
		key, err := envelope.NewKey(testSecret)
		require.NoError(t, err)
		plaintext, err := envelope.Open(body, key)
		if err != nil {
			return nil
		}
		return plaintext
	}
	careless := func(trust func(m, right message) bool) opener {
		return func(body []byte) []byte {
			m, ok := carelessly(body)
			if !ok || !trust(m, m.signed(testSecret)) {
				return nil
			}
			return decrypt(m)
		}
	}
	tests := []struct {
		name   string
		open   opener
		caught []string
	}{
		{"careful", open, nil},
		{"careful, the other way", careless(func(m, right message) bool { return m.keyID == 1 && hmac.Equal(m.tag, right.tag) }), nil},
		{"no look at the tag", careless(func(m, right message) bool { return m.keyID == 1 }),
			[]string{"tampered-tag", "short-tag", "no-tag", "tampered-text", "tampered-iv", "tampered-key"}},
		{"first half of the tag", careless(func(m, right message) bool {
			return m.keyID == 1 && len(m.tag) >= 16 && bytes.Equal(m.tag[:16], right.tag[:16])
		}), []string{"tampered-tag", "short-tag"}},
		{"as much of the tag as there is", careless(func(m, right message) bool { return m.keyID == 1 && bytes.HasPrefix(right.tag, m.tag) }),
			[]string{"short-tag", "no-tag"}},
		{"a tag only if there is one", careless(func(m, right message) bool {
			return m.keyID == 1 && (len(m.tag) == 0 || bytes.Equal(m.tag, right.tag))
		}), []string{"no-tag"}},
		{"key id as it comes", careless(func(m, right message) bool { return bytes.Equal(m.tag, right.tag) }), []string{"other-key-id"}},
		{"no look at the key id", careless(func(m, right message) bool {
			m.keyID = 1
			return bytes.Equal(m.tag, m.signed(testSecret).tag)
		}), []string{"tampered-key-id"}},
		{"JSON", func(body []byte) []byte {
			if json.Valid(body) {
				return body
			}
			return open(body)
		}, []string{"plain"}},
		{"nothing", func(body []byte) []byte {
			if len(body) == 0 {
				return []byte("{}")
			}
			return open(body)
		}, []string{"empty"}},
		{"anything that is no envelope", func(body []byte) []byte {
			if _, ok := carelessly(body); !ok {
				return []byte("{}")
			}
			return open(body)
		}, []string{"plain", "empty", "random", "truncated", "huge-length", "nested"}},
		{"any secret", func(body []byte) []byte {
			if m, ok := carelessly(body); ok && m.keyID == 1 && len(m.tag) == 32 && len(body) < 1000 {
				return []byte("{}")
			}
			return open(body)
		}, []string{"foreign-key", "tampered-tag", "tampered-text", "tampered-iv", "tampered-key"}},
		{"no unknown fields", func(body []byte) []byte {
			if len(body) > 2 && body[2] != 1<<5|bondList {
				return nil
			}
			return open(body)
		}, []string{"unknown-fields"}},
		{"small bodies", func(body []byte) []byte {
			if len(body) > 100_000 {
				return nil
			}
			return open(body)
		}, []string{"large"}},
		{"no text of whole blocks", func(body []byte) []byte {
			if plaintext := open(body); len(plaintext)%16 != 0 {
				return plaintext
			}
			return nil
		}, []string{"padding"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := serveOpener(t, test.open)
			var caught []string
			for _, result := range certifyGroup(t, server, "envelope").Results {
				if result.Status == Failed {
					caught = append(caught, strings.TrimPrefix(result.ID, "envelope."))
				}
				if result.Status == Skipped {
					assert.Equal(t, "padding", strings.Join(test.caught, " "), "only the ordinary call may depend on its length: %s", result.ID)
				}
			}
			assert.ElementsMatch(t, test.caught, caught)
		})
	}
}

// An endpoint that says no, and gives the answer all the same.
func TestDataBesideARefusal(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(w, `{"responses":[{"id":"SHFT_1","status":200,"body":{"data":["SHFT_2"]}}]}`)
	}))
	t.Cleanup(server.Close)
	report := certifyGroup(t, server, "envelope.foreign-key")
	assert.Equal(t, "/connect answered a body with HTTP 401, but with data: sealed with another secret.", report.Results[0].Message)
}

// An endpoint that is gone after a body.
func TestCrashes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		check string
		fatal func(body []byte) bool
	}{
		{"envelope.nested", func(body []byte) bool { return len(body) > 100_000 }},
		{"envelope.huge-length", func(body []byte) bool { return bytes.Contains(body, binary.AppendUvarint(nil, 1<<62)) }},
		{"hygiene.oversized-survived", func(body []byte) bool { return len(body) > 10<<20 }},
	}
	for _, test := range tests {
		t.Run(test.check, func(t *testing.T) {
			t.Parallel()
			var down atomic.Bool
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, err := io.ReadAll(r.Body)
				if err != nil || test.fatal(body) {
					down.Store(true)
				}
				if down.Load() {
					panic(http.ErrAbortHandler)
				}
				w.WriteHeader(http.StatusUnauthorized)
			}))
			t.Cleanup(server.Close)
			result := certifyGroup(t, server, test.check).Results[0]
			assert.Equal(t, Failed, result.Status)
			assert.Contains(t, result.Message, "The endpoint did not answer")
		})
	}
}

func certifyGroup(t *testing.T, server *httptest.Server, only string) *Report {
	t.Helper()
	profile := Profile{Team: "T", Swap: Swap{Shift: ExistingShift{ID: "SHFT_1", Start: time.Now().Add(24 * time.Hour)}}}
	report, err := Certify(t.Context(), server.URL, testSecret, profile, Options{Only: []string{only}})
	require.NoError(t, err)
	return report
}

// serveOpener is an endpoint that answers everything that opens.
func serveOpener(t *testing.T, open opener) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || open(body) == nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_, _ = io.WriteString(w, `{"responses":[{"id":"SHFT_1","status":200,"body":{"data":["SHFT_2"]}}]}`)
	}))
	t.Cleanup(server.Close)
	return server
}

// carelessly takes a body apart as far as it goes, as one would who has seen
// only good ones. Unknown fields are passed over if they are known to the test.
func carelessly(body []byte) (m message, ok bool) {
	key, err := envelope.NewKey(testSecret)
	if err != nil {
		return m, false
	}
	if _, err := envelope.Open(body, key); err == nil {
		return partsAnywhere(body), true
	}
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	if len(body) < 2 || body[0] != bondInt32 || body[2] != 1<<5|bondList {
		return m, false
	}
	m.keyID = int32(body[1] >> 1)
	inner, rest := takeBlob(body[2:])
	if len(rest) != 1 {
		return m, false
	}
	for id, part := range []*[]byte{&m.ek, &m.iv, &m.ct, &m.tag} {
		if inner[0] == 0 {
			return m, id == 3
		}
		*part, inner = takeBlob(inner)
	}
	return m, len(m.ek) == 32 && len(m.iv) == 16 && len(m.ct) > 0 && len(m.ct)%16 == 0
}

// partsAnywhere is parts for an authentic body that may have unknown fields
// before the one that counts.
func partsAnywhere(body []byte) message {
	at := bytes.Index(body[2:], []byte{1<<5 | bondList, bondInt8})
	return parts(append([]byte{body[0], body[1]}, body[2+at:]...))
}

// decrypt takes padding off as it says, and gives nil if the text is no JSON.
func decrypt(m message) []byte {
	kek, err := aes.NewCipher([]byte(testSecret[32:]))
	if err != nil {
		return nil
	}
	dek := make([]byte, 32)
	kek.Decrypt(dek[:16], m.ek[:16])
	kek.Decrypt(dek[16:], m.ek[16:])
	block, err := aes.NewCipher(dek)
	if err != nil {
		return nil
	}
	plaintext := make([]byte, len(m.ct))
	cipher.NewCBCDecrypter(block, m.iv).CryptBlocks(plaintext, m.ct)
	padding := int(plaintext[len(plaintext)-1])
	if padding > len(plaintext) || !json.Valid(plaintext[:len(plaintext)-padding]) {
		return nil
	}
	return plaintext[:len(plaintext)-padding]
}
