// Package shifts plays the part of Microsoft Shifts: a [Caller] seals a batch,
// posts it to the endpoint of a workforce integration and reads what comes
// back, and a [Reply] says what Shifts makes of it, item by item.
//
// It is for whoever tests an endpoint. It takes nothing for granted about an
// answer: whatever can be read of it can be looked at, and every length is
// bounded.
package shifts

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"example.com/shiftswfi/batch/envelope"
)

// The limits of a [Caller] that sets none.
const (
	// DefaultPatience is how long an answer may take: the items of a callback
	// expire about 30 s after the change (X-MS-Expires in captured callbacks).
	DefaultPatience = 30 * time.Second

	// DefaultMaxAnswer bounds the bytes of an answer that are read.
	DefaultMaxAnswer = 8 << 20
)

// ErrAnswerTooLong means that an answer went on after as many bytes as its
// caller reads.
var ErrAnswerTooLong = errors.New("the answer is too long")

// ErrNoAnswer means that no complete HTTP answer came: the connection failed,
// was closed, or the patience ran out ([context.DeadlineExceeded] is wrapped
// then, too).
var ErrNoAnswer = errors.New("no answer")

// Endpoint is a workforce integration as it is registered in Microsoft Graph.
type Endpoint struct {
	URL        string // with or without a slash at its end
	APIVersion int
}

// Connect is the URL that is called when the integration is registered.
func (e Endpoint) Connect() string { return e.join("connect") }

// Read is the URL for questions about a team.
func (e Endpoint) Read(team string) string {
	return e.join("teams/" + url.PathEscape(team) + "/read")
}

// Update is the URL for changes to a team.
func (e Endpoint) Update(team string) string {
	return e.join("teams/" + url.PathEscape(team) + "/update")
}

// UserUpdate is the URL for changes to a user's own settings.
func (e Endpoint) UserUpdate(user string) string {
	return e.join("users/" + url.PathEscape(user) + "/update")
}

func (e Endpoint) join(path string) string {
	return strings.TrimRight(e.URL, "/") + "/v" + strconv.Itoa(e.APIVersion) + "/" + path
}

// Caller posts callbacks. The zero value works; it may be used by several
// goroutines at once.
type Caller struct {
	Transport http.RoundTripper // nil: http.DefaultTransport
	Patience  time.Duration     // for one answer, to its last byte; 0: DefaultPatience
	MaxAnswer int64             // in bytes; 0: DefaultMaxAnswer
}

// Send seals plaintext under key and posts it. See [Caller.Post].
func (c *Caller) Send(ctx context.Context, address string, key *envelope.Key, header http.Header, plaintext []byte) (*Reply, error) {
	body, err := envelope.Seal(plaintext, key, nil)
	if err != nil {
		return nil, err
	}
	return c.Post(ctx, address, header, body)
}

// Post posts a body as it is, with the headers that Shifts sends and those
// given, which win. The endpoint's answer is a Reply, whatever its status: an
// endpoint that redirects has answered. The error wraps [ErrNoAnswer] or
// [ErrAnswerTooLong]; in the latter case the Reply is there, with the
// beginning of its body.
func (c *Caller) Post(ctx context.Context, address string, header http.Header, body []byte) (*Reply, error) {
	patience, most := c.Patience, c.MaxAnswer
	if patience == 0 {
		patience = DefaultPatience
	}
	if most == 0 {
		most = DefaultMaxAnswer
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoAnswer, err)
	}
	// Microsoft's examples announce JSON although the body is binary.
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept-Language", "en-us")
	for name, values := range header {
		request.Header[http.CanonicalHeaderKey(name)] = values
	}
	client := &http.Client{
		Transport:     c.Transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	began := time.Now()
	response, err := client.Do(request)
	if err != nil {
		var urlErr *url.Error
		if errors.As(err, &urlErr) {
			err = urlErr.Err // callers name the address in their own way
		}
		return nil, fmt.Errorf("%w: %w", ErrNoAnswer, err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, most+1))
	reply := &Reply{HTTPStatus: response.StatusCode, Header: response.Header, TLS: response.TLS, Took: time.Since(began)}
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: the answer broke off: %w", ErrNoAnswer, err)
	case int64(len(answer)) > most:
		reply.Body = answer[:most]
		return reply, fmt.Errorf("%w: more than %d bytes", ErrAnswerTooLong, most)
	}
	reply.Body = answer
	reply.Responses, reply.Fault = readResponses(answer)
	return reply, nil
}

// Reply is the answer to a callback.
type Reply struct {
	HTTPStatus int
	Header     http.Header
	Body       []byte
	Took       time.Duration        // from the first byte sent to the last received
	TLS        *tls.ConnectionState // nil if the connection is plain

	// Responses are the answers to the items, in the order of the body, nil if
	// it holds none; Fault says why, in words that complete "the body ...".
	Responses []Response
	Fault     error
}
