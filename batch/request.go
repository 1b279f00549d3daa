// Package batch is what Microsoft Shifts and a workforce integration say to
// each other inside the encryption: a list of requests ([Decode]), answered by
// a list of responses ([Batch.Answer], [Encode]). It knows how an item is
// framed, not what it means.
//
// What it reads is bounded by the JSON text itself. Of members of one name the
// last counts; names are compared exactly, those of item headers without
// regard to letter case. Text that is not UTF-8 or is nested more than 10,000
// levels deep is not JSON. Numbers are never converted, so none is too large.
package batch

import (
	"encoding/json"
	"errors"
	"iter"
	"slices"
	"strings"
)

// The reasons for which a whole batch is refused. [Decode] returns one of them.
var (
	// ErrNotJSON means that the text is not one JSON value in UTF-8.
	ErrNotJSON = errors.New("batch: not JSON")

	// ErrNoRequests means that the text is JSON, but not an object whose
	// member "requests" is a list of at least one item.
	ErrNoRequests = errors.New("batch: no requests")

	// ErrTooManyItems means that the list is longer than the caller allows.
	ErrTooManyItems = errors.New("batch: too many items")
)

// Batch is a list of requests as Shifts sends it, at least one. It is made by
// [Decode] and never changes.
type Batch struct {
	requests []Request
}

// Request is one item of a batch.
type Request struct {
	// ID is what the response is matched by. It is often, but not always, the
	// id of the entity in the URL. It is empty if it is missing or no string.
	ID string

	// Method is in upper case, without outer blanks.
	Method string

	URL URL

	// TransactionID is the item header X-MS-Transaction-ID, "" if absent.
	TransactionID string

	// Expires is the item header X-MS-Expires as it came, "" if absent. After
	// this moment Shifts no longer waits for the answer.
	Expires string

	// Body is the JSON text of the entity, nil if absent or null. It aliases
	// the text given to Decode.
	Body json.RawMessage

	// Malformed says why the item cannot be understood as a request. It is
	// empty if it can; otherwise the fields above hold what could be read.
	Malformed Fault

	rawID json.RawMessage // as it came, null if there is none
}

// Fault is the trouble with a malformed item: one plain sentence in English
// that may be shown to the user of Shifts.
type Fault string

// The faults of an item, in the order in which they are looked for: the first
// one found is the one reported.
const (
	FaultItem    Fault = "Shifts sent a request that cannot be read."
	FaultID      Fault = "Shifts sent a request without a usable id."
	FaultMethod  Fault = "Shifts sent a request without a usable method."
	FaultURL     Fault = "Shifts sent a request without a usable url."
	FaultHeaders Fault = "Shifts sent a request with headers that cannot be read."
)

// Decode reads {"requests": [...]}. A byte order mark in front is tolerated.
// The error is [ErrNotJSON], [ErrNoRequests] or [ErrTooManyItems] (more than
// maxItems; they have been counted, not decoded). A malformed item is no error
// of the batch: it says so itself, and the other items are as they would be
// without it.
//
// The Batch aliases plaintext, which must not be changed afterwards.
func Decode(plaintext []byte, maxItems int) (Batch, error) {
	top, err := validate(plaintext)
	if err != nil {
		return Batch{}, err
	}
	list := member(top, "requests")
	if kind(list) != '[' {
		return Batch{}, ErrNoRequests
	}
	count := 0
	for range elements(list) {
		if count++; count > maxItems {
			return Batch{}, ErrTooManyItems
		}
	}
	if count == 0 {
		return Batch{}, ErrNoRequests
	}
	requests := make([]Request, 0, count)
	for item := range elements(list) {
		requests = append(requests, newRequest(item))
	}
	return Batch{requests}, nil
}

// Len is the number of items.
func (b Batch) Len() int { return len(b.requests) }

// All iterates over the items in their order.
func (b Batch) All() iter.Seq2[int, Request] {
	return slices.All(b.requests)
}

var null = json.RawMessage("null")

func newRequest(item []byte) Request {
	r := Request{rawID: null}
	if kind(item) != '{' {
		r.Malformed = FaultItem
		return r
	}
	var method, url, headers, header []byte
	for name, value := range members(item) {
		switch string(name) {
		case "id":
			r.rawID = value
		case "method":
			method = value
		case "url":
			url = value
		case "headers":
			headers = value
		case "header":
			header = value
		case "body":
			r.Body = value
		}
	}
	if kind(r.Body) == 'n' {
		r.Body = nil
	}
	r.ID = text(r.rawID)
	r.Method = strings.ToUpper(strings.TrimSpace(text(method)))
	r.URL = ParseURL(text(url))
	// Microsoft's article calls the member "header" in its table and "headers"
	// in its examples. The latter counts where both are given.
	readable := r.readHeaders(header)
	readable = r.readHeaders(headers) && readable

	switch {
	case r.ID == "":
		r.Malformed = FaultID
	case r.Method == "":
		r.Malformed = FaultMethod
	case r.URL == URL{}:
		r.Malformed = FaultURL
	case !readable:
		r.Malformed = FaultHeaders
	}
	return r
}

// readHeaders reports whether headers is absent or can be read. Headers other
// than the two that an item is known to have may hold anything.
func (r *Request) readHeaders(headers []byte) bool {
	switch kind(headers) {
	case 0, 'n':
		return true
	case '{':
	default:
		return false
	}
	for name, value := range members(headers) {
		var dst *string
		switch {
		case strings.EqualFold(string(name), "X-MS-Transaction-ID"):
			dst = &r.TransactionID
		case strings.EqualFold(string(name), "X-MS-Expires"):
			dst = &r.Expires
		default:
			continue
		}
		switch kind(value) {
		case '"':
			*dst = text(value)
		case 'n':
		default:
			return false
		}
	}
	return true
}
