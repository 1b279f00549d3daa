package batch

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"unicode/utf8"
)

// ErrNotResponses means that a text is JSON, but not a list of responses of
// the forms that [Encode] writes. Errors that wrap it name the place.
var ErrNotResponses = errors.New("batch: not a list of responses")

// Result is the outcome of one item. It is made by [Data], [Accepted] or
// [Refused], so that it always is one of the three forms that Shifts knows.
// The zero Result is a refusal with status 500: an outcome that somebody
// forgot to decide never reads as an approval.
type Result struct {
	status        int      // 0 in the zero Result only
	ids           []string // not nil in Data only
	eTag          string   // not empty in Accepted only
	code, message string   // not empty in Refused only
}

// What a refusal says that does not say anything itself.
const (
	internalCode    = "InternalError"
	internalMessage = "Something went wrong. Please try again later."
)

// Data is the success of a question: the ids asked for, in this order, nil
// being an empty list. ids is not copied.
func Data(ids []string) Result {
	if ids == nil {
		ids = []string{}
	}
	return Result{status: http.StatusOK, ids: ids}
}

// Accepted is the approval of a change. Shifts fails on an approval without an
// eTag, so one with an empty eTag is the zero Result: a refusal.
func Accepted(eTag string) Result {
	if eTag == "" {
		return Result{}
	}
	return Result{status: http.StatusOK, eTag: eTag}
}

// Refused is a refusal. Shifts shows message to its user. A status that is not
// one of HTTP's, or that says success (2xx), becomes 500; a code or message
// that is empty is replaced, the code by "InternalError".
func Refused(status int, code, message string) Result {
	if status < 100 || status > 599 || status/100 == 2 {
		status = http.StatusInternalServerError
	}
	if code == "" {
		code = internalCode
	}
	if message == "" {
		message = internalMessage
	}
	return Result{status: status, code: code, message: message}
}

// decided turns the zero Result into the refusal that it stands for.
func (r Result) decided() Result {
	if r.status == 0 {
		return Refused(0, "", "")
	}
	return r
}

// Status is the item's status; it is 200 for a success only.
func (r Result) Status() int { return r.decided().status }

// Code is the code of a refusal, "" for a success.
func (r Result) Code() string { return r.decided().code }

// Message is the message of a refusal, "" for a success.
func (r Result) Message() string { return r.decided().message }

// ETag is the eTag of an approval, "" for anything else.
func (r Result) ETag() string { return r.eTag }

// IDs is the list given to [Data], nil for anything else. It is not a copy.
func (r Result) IDs() []string { return r.ids }

// Response is a Result and the id of the item that it answers.
type Response struct {
	id     json.RawMessage
	result Result
}

// ID is the id of the item as JSON, just as the item had it: with its escapes,
// or whatever stood in the place of a string; null if there was none.
func (r Response) ID() json.RawMessage { return r.id }

// Result is the outcome of the item.
func (r Response) Result() Result { return r.result }

// Answer calls handle for each item, malformed ones included, in their order,
// and pairs what it returns with the id of the item. So every item is answered
// once, which matters: an item that Shifts finds no answer for is approved.
// The responses alias the text given to [Decode]. A panic of handle is not
// caught.
func (b Batch) Answer(handle func(i int, r Request) Result) []Response {
	responses := make([]Response, len(b.requests))
	for i, r := range b.requests {
		responses[i] = Response{r.rawID, handle(i, r)}
	}
	return responses
}

// Encode writes {"responses": [...]}, with the members in the order of the
// examples in Microsoft's article. Nothing is escaped that JSON does not ask
// for.
func Encode(responses []Response) []byte {
	dst := make([]byte, 0, encodedSize(responses))
	dst = append(dst, `{"responses":[`...)
	for i, r := range responses {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendResponse(dst, r)
	}
	return append(dst, `]}`...)
}

// encodedSize is about what Encode needs, and enough unless much is escaped.
func encodedSize(responses []Response) int {
	const frame = 100
	size := frame
	for _, r := range responses {
		size += frame + len(r.id) + len(r.result.eTag) + len(r.result.code) + len(r.result.message)
		for _, id := range r.result.ids {
			size += len(id) + len(`"",`)
		}
	}
	return size
}

func appendResponse(dst []byte, r Response) []byte {
	dst = append(dst, `{"id":`...)
	if len(r.id) == 0 { // the zero Response
		dst = append(dst, `null`...)
	}
	dst = append(dst, r.id...)
	result := r.result.decided()
	dst = append(dst, `,"status":`...)
	dst = strconv.AppendInt(dst, int64(result.status), 10)
	dst = append(dst, `,"body":{`...)
	switch {
	case result.ids != nil:
		dst = append(dst, `"data":[`...)
		for i, id := range result.ids {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendString(dst, id)
		}
		dst = append(dst, `],"error":null`...)
	case result.eTag != "":
		dst = append(dst, `"eTag":`...)
		dst = appendString(dst, result.eTag)
		dst = append(dst, `,"error":null,"data":null`...)
	default:
		dst = append(dst, `"error":{"code":`...)
		dst = appendString(dst, result.code)
		dst = append(dst, `,"message":`...)
		dst = appendString(dst, result.message)
		dst = append(dst, `},"data":null`...)
	}
	return append(dst, `}}`...)
}

// appendString appends s as JSON. Only what needs escapes goes through
// encoding/json: ids never do, and there may be thousands.
func appendString(dst []byte, s string) []byte {
	if isPlain(s) {
		dst = append(dst, '"')
		dst = append(dst, s...)
		return append(dst, '"')
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(s); err != nil {
		panic(err) // a string always encodes
	}
	return append(dst, bytes.TrimSuffix(b.Bytes(), []byte("\n"))...)
}

// isPlain reports whether s can stand in JSON as it is.
func isPlain(s string) bool {
	ascii := true
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c == '"' || c == '\\' {
			return false
		}
		ascii = ascii && c < utf8.RuneSelf
	}
	return ascii || utf8.ValidString(s)
}

// DecodeResponses reads what [Encode] writes: for tools that play the part of
// Shifts. Anything that is not exactly one of the forms of a [Result] is an
// error that wraps [ErrNotResponses] and names the item and the member; text
// that is not JSON is [ErrNotJSON]. Unknown members are passed over. The
// responses alias data.
func DecodeResponses(data []byte) ([]Response, error) {
	top, err := validate(data)
	if err != nil {
		return nil, err
	}
	list := member(top, "responses")
	if kind(list) != '[' {
		return nil, fmt.Errorf("%w: responses is not a list", ErrNotResponses)
	}
	responses := []Response{}
	for item := range elements(list) {
		r, err := newResponse(item)
		if err != nil {
			return nil, fmt.Errorf("%w: responses[%d]%w", ErrNotResponses, len(responses), err)
		}
		responses = append(responses, r)
	}
	return responses, nil
}

// newResponse returns errors that go on from the path of the item.
func newResponse(item []byte) (Response, error) {
	if kind(item) != '{' {
		return Response{}, errors.New(" is not an object")
	}
	var id, status, body []byte
	for name, value := range members(item) {
		switch string(name) {
		case "id":
			id = value
		case "status":
			status = value
		case "body":
			body = value
		}
	}
	code, err := strconv.Atoi(string(status))
	switch {
	case id == nil:
		return Response{}, errors.New(".id is missing")
	case err != nil || code < 100 || code > 599:
		return Response{}, errors.New(".status is not the integer of an HTTP status")
	case kind(body) != '{':
		return Response{}, errors.New(".body is not an object")
	}
	result, err := newResult(code, body)
	return Response{id, result}, err
}

func newResult(status int, body []byte) (Result, error) {
	var eTag, failure, data []byte // nil if absent or null
	for name, value := range members(body) {
		if kind(value) == 'n' {
			value = nil
		}
		switch string(name) {
		case "eTag":
			eTag = value
		case "error":
			failure = value
		case "data":
			data = value
		}
	}
	switch {
	case status == http.StatusOK && failure != nil:
		return Result{}, errors.New(".body.error is not null in a success")
	case status == http.StatusOK && data != nil && eTag != nil:
		return Result{}, errors.New(".body.data is not null beside an eTag")
	case status == http.StatusOK && data != nil:
		return newData(data)
	case status == http.StatusOK && text(eTag) == "":
		return Result{}, errors.New(".body.eTag is not a string with something in it")
	case status == http.StatusOK:
		return Accepted(text(eTag)), nil
	case status/100 == 2:
		return Result{}, errors.New(".status is a success other than 200")
	case data != nil || eTag != nil:
		return Result{}, errors.New(".body has data or an eTag in a refusal")
	}
	code, message := text(member(failure, "code")), text(member(failure, "message"))
	if code == "" || message == "" {
		return Result{}, errors.New(".body.error has no code or no message")
	}
	return Refused(status, code, message), nil
}

func newData(list []byte) (Result, error) {
	if kind(list) != '[' {
		return Result{}, errors.New(".body.data is not a list")
	}
	ids := []string{}
	for id := range elements(list) {
		if kind(id) != '"' {
			return Result{}, fmt.Errorf(".body.data[%d] is not a string", len(ids))
		}
		ids = append(ids, text(id))
	}
	return Data(ids), nil
}
