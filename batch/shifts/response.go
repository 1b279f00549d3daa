package shifts

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
)

// Response is the answer to one item, as it came. A member that is absent is
// nil; one that is null is the text null.
type Response struct {
	ID     json.RawMessage
	Status json.RawMessage
	Body   json.RawMessage

	ETag, Error, Data json.RawMessage // members of Body
}

// readResponses returns an error that completes "the body ...".
func readResponses(body []byte) ([]Response, error) {
	var top struct{ Responses *[]json.RawMessage }
	switch err := json.Unmarshal(body, &top); {
	case len(bytes.TrimSpace(body)) == 0:
		return nil, errors.New("is empty")
	case errors.As(err, new(*json.SyntaxError)):
		return nil, errors.New("is not JSON")
	case err != nil || top.Responses == nil:
		return nil, errors.New(`is not an object with a list "responses"`)
	}
	responses := make([]Response, len(*top.Responses))
	for i, raw := range *top.Responses {
		r := &responses[i]
		var item struct{ ID, Status, Body json.RawMessage }
		if json.Unmarshal(raw, &item) != nil {
			return nil, fmt.Errorf("has something else than an object at responses[%d]", i)
		}
		r.ID, r.Status, r.Body = item.ID, item.Status, item.Body
		var members struct{ ETag, Error, Data json.RawMessage }
		if json.Unmarshal(item.Body, &members) == nil {
			r.ETag, r.Error, r.Data = members.ETag, members.Error, members.Data
		}
	}
	return responses, nil
}

// IsFor reports whether the response carries the id of an item, letter by
// letter.
func (r Response) IsFor(id string) bool {
	got, ok := str(r.ID)
	return ok && got == id
}

// StatusCode is the item status; ok is false if it is not an integer between
// 100 and 599.
func (r Response) StatusCode() (code int, ok bool) {
	code, err := strconv.Atoi(string(r.Status))
	return code, err == nil && code >= 100 && code <= 599
}

// ETagText is the eTag; ok is false if it is not a string with something in it.
func (r Response) ETagText() (eTag string, ok bool) {
	eTag, ok = str(r.ETag)
	return eTag, ok && eTag != ""
}

// IDs is the list in data; ok is false if it is not a list of strings.
func (r Response) IDs() (ids []string, ok bool) {
	if len(r.Data) == 0 || r.Data[0] != '[' {
		return nil, false
	}
	var list []json.RawMessage
	if json.Unmarshal(r.Data, &list) != nil {
		return nil, false
	}
	ids = make([]string, len(list))
	for i, raw := range list {
		if ids[i], ok = str(raw); !ok {
			return nil, false
		}
	}
	return ids, true
}

// Refusal is the error's code and message, "" where they are not strings.
func (r Response) Refusal() (code, message string) {
	var refusal struct{ Code, Message json.RawMessage }
	if json.Unmarshal(r.Error, &refusal) != nil {
		return "", ""
	}
	code, _ = str(refusal.Code)
	message, _ = str(refusal.Message)
	return code, message
}

func str(raw json.RawMessage) (text string, ok bool) {
	if len(raw) == 0 || raw[0] != '"' {
		return "", false
	}
	return text, json.Unmarshal(raw, &text) == nil
}

// Outcome is what an answer means to Shifts for one item (Microsoft's article,
// on the responses of an endpoint; the case of the missing eTag is known from
// a connector's code).
type Outcome string

const (
	// Saved is a change that is written: status 200 and an eTag.
	Saved Outcome = "saved"

	// Listed is a question answered with a list of ids.
	Listed Outcome = "listed"

	// Refused is a change that is not written, or a question without an
	// answer: any other status. Shifts does not ask again.
	Refused Outcome = "refused"

	// Unanswered is an item without an answer, or with one that has no status:
	// Shifts writes the change, as if it were approved.
	Unanswered Outcome = "unanswered"

	// Unacknowledged is an approval without an eTag: Shifts fails with 502 Bad
	// Gateway when it passes it on.
	Unacknowledged Outcome = "unacknowledged"

	// Invalid is an answer that Shifts cannot use: an HTTP status other than
	// 200, or not the JSON that it expects. It calls again, several times, and
	// then tells its user that the integration "responded with invalid data".
	Invalid Outcome = "invalid"
)

// Find gives the first response for an item, and how many there are.
func (r *Reply) Find(id string) (response Response, count int) {
	for _, candidate := range r.Responses {
		if !candidate.IsFor(id) {
			continue
		}
		if count == 0 {
			response = candidate
		}
		count++
	}
	return response, count
}

// Change is what the reply means for an item that changes something.
func (r *Reply) Change(id string) Outcome {
	response, outcome := r.outcome(id)
	if outcome != Saved {
		return outcome
	}
	if _, ok := response.ETagText(); !ok {
		return Unacknowledged
	}
	return Saved
}

// Question is what the reply means for an item that asks something.
func (r *Reply) Question(id string) Outcome {
	response, outcome := r.outcome(id)
	if outcome != Saved {
		return outcome
	}
	if _, ok := response.IDs(); !ok {
		return Invalid
	}
	return Listed
}

// outcome is Saved for status 200, whatever else the response has.
func (r *Reply) outcome(id string) (Response, Outcome) {
	if r.HTTPStatus != http.StatusOK || r.Fault != nil {
		return Response{}, Invalid
	}
	response, count := r.Find(id)
	if count == 0 || len(response.Status) == 0 || string(response.Status) == "null" {
		return response, Unanswered
	}
	status, ok := response.StatusCode()
	switch {
	case !ok:
		return response, Invalid
	case status != http.StatusOK:
		return response, Refused
	}
	return response, Saved
}
