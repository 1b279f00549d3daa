package shifts

import (
	"bytes"
	"encoding/json"
	"time"
)

// Item is one request of a batch. What is empty is left out, but for the
// members that Shifts always sends.
type Item struct {
	ID      string            `json:"id"`
	Method  string            `json:"method"`
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers,omitempty"`
	Body    any               `json:"body,omitempty"`
}

// The item headers.
const (
	HeaderTransactionID = "X-MS-Transaction-ID"
	HeaderExpires       = "X-MS-Expires"
)

// HeaderPassthrough is the HTTP header that repeats what an integration put on
// its own write to Graph (Microsoft's article, section on avoiding loops).
const HeaderPassthrough = "X-MS-WFMPassthrough"

// Expires writes an instant as the item header X-MS-Expires has it: UTC, with
// seven digits of a second.
func Expires(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.0000000Z") }

// Batch writes the batch of the items, each of them marshalled as it is, and
// nothing escaped that JSON does not ask for. An error means that the body of
// an item cannot be JSON.
func Batch(items ...Item) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(map[string][]Item{"requests": items}); err != nil {
		return nil, err
	}
	return bytes.TrimSpace(b.Bytes()), nil
}
