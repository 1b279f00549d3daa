package recording

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	"example.com/shiftswfi/batch/envelope"
	"example.com/shiftswfi/batch/shifts"
)

// DefaultMaxBody bounds what is recorded of a body, in bytes.
const DefaultMaxBody = 2 << 20

// Recorder is a reverse proxy that writes down what passes. What passes is not
// its business: bodies go through byte for byte, whatever they are, and nothing
// waits until a file is written. A call is written once its answer is through,
// as NNNN-KIND.json, numbered on from the files that are there.
//
// Whatever is not a POST to the path of a callback passes and is not recorded.
type Recorder struct {
	config RecorderConfig
	proxy  *httputil.ReverseProxy
	number int // of the last file; only the writer touches it

	mu      sync.Mutex
	closed  bool
	waiting int64 // bytes that are taken and not yet written
	queue   chan *taken
	written chan struct{} // closed when the writer has ended
}

// RecorderConfig says what a recorder does. Target, Keys and Dir are needed.
type RecorderConfig struct {
	Target     *url.URL        // where the endpoint is
	Keys       []*envelope.Key // one of them opens the bodies
	Dir        string          // of the recording; it is there
	Pseudonyms *Pseudonyms     // nil: ids, names and texts are written as they are

	MaxBody   int64             // bytes of a body that are recorded; 0: DefaultMaxBody
	Transport http.RoundTripper // nil: one like http.DefaultTransport

	// maxWaiting bounds the bytes that wait for a slow disk. What comes on top
	// of it passes, and is not recorded.
	maxWaiting int64

	// Recorded is called with each file that is written, one at a time; Failed,
	// from any goroutine, with an error that wraps [ErrNotRecorded] for each
	// exchange of which there is none. Both may be nil.
	Recorded func(name string, e *Exchange)
	Failed   func(err error)
}

// ErrNotRecorded means that an exchange passed, and that there is no file of it.
var ErrNotRecorded = errors.New("an exchange was not recorded")

// NewRecorder starts a recorder. It ends with Close.
func NewRecorder(config RecorderConfig) (*Recorder, error) {
	if config.MaxBody == 0 {
		config.MaxBody = DefaultMaxBody
	}
	if config.maxWaiting == 0 {
		config.maxWaiting = 64 << 20
	}
	if config.Recorded == nil {
		config.Recorded = func(string, *Exchange) {}
	}
	if config.Failed == nil {
		config.Failed = func(error) {}
	}
	if config.Transport == nil {
		transport := http.DefaultTransport.(*http.Transport).Clone()
		transport.DisableCompression = true // else an answer would be unpacked on its way
		transport.Proxy = nil
		config.Transport = transport
	}
	r := &Recorder{config: config, queue: make(chan *taken, 1024), written: make(chan struct{})}
	r.proxy = &httputil.ReverseProxy{
		Rewrite: r.rewrite, ModifyResponse: r.takeAnswer, ErrorHandler: r.noAnswer,
		Transport: config.Transport, ErrorLog: log.New(io.Discard, "", 0),
	}
	entries, err := os.ReadDir(config.Dir)
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		r.number = max(r.number, numberOf(entry.Name()))
	}
	go r.write()
	return r, nil
}

// taken is a call on its way through.
type taken struct {
	at       time.Time
	path     string
	header   http.Header
	request  *copied
	answer   *copied // nil: none came
	status   int
	encoding string // of the answer
	size     int64  // of what waits for the writer
}

type takenKey struct{}

// calledPath finds the path of a callback behind the version.
var calledPath = regexp.MustCompile(`(?i)/+v?\d{1,9}/+(connect|teams?/+[^/]+/+(?:read|update)|users/+[^/]+/+update)/*$`)

var slashes = regexp.MustCompile(`/+`)

func (r *Recorder) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	found := calledPath.FindStringSubmatch(request.URL.EscapedPath())
	if request.Method != http.MethodPost || found == nil {
		r.proxy.ServeHTTP(w, request)
		return
	}
	t := &taken{
		at: time.Now().UTC(), path: "/" + slashes.ReplaceAllString(found[1], "/"),
		header: request.Header.Clone(), request: &copied{limit: r.config.MaxBody},
	}
	request = request.WithContext(context.WithValue(request.Context(), takenKey{}, t))
	if request.Body != nil && request.Body != http.NoBody {
		t.request.ReadCloser = request.Body
		request.Body = t.request
	}
	defer r.keep(t) // also when the proxy panics because the answer broke off
	r.proxy.ServeHTTP(w, request)
}

// rewrite sends a call on as it came; the host is that of the endpoint.
func (r *Recorder) rewrite(p *httputil.ProxyRequest) {
	p.SetURL(r.config.Target)
	p.Out.URL.RawQuery = p.In.URL.RawQuery
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"} {
		if values, ok := p.In.Header[name]; ok {
			p.Out.Header[name] = values
		}
	}
}

func (r *Recorder) takeAnswer(response *http.Response) error {
	t, ok := response.Request.Context().Value(takenKey{}).(*taken)
	if !ok || response.StatusCode == http.StatusSwitchingProtocols {
		return nil
	}
	t.status, t.encoding = response.StatusCode, response.Header.Get("Content-Encoding")
	t.answer = &copied{ReadCloser: response.Body, limit: r.config.MaxBody}
	response.Body = t.answer
	return nil
}

func (r *Recorder) noAnswer(w http.ResponseWriter, _ *http.Request, _ error) {
	w.WriteHeader(http.StatusBadGateway)
}

// keep hands a call to the writer, without ever waiting for it.
func (r *Recorder) keep(t *taken) {
	if !r.enqueue(t) {
		r.config.Failed(fmt.Errorf("%w: too many wait for the disk", ErrNotRecorded))
	}
}

func (r *Recorder) enqueue(t *taken) bool {
	t.size = t.request.size()
	if t.answer != nil {
		t.size += t.answer.size()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed || r.waiting+t.size > r.config.maxWaiting || len(r.queue) == cap(r.queue) {
		return false
	}
	r.waiting += t.size
	r.queue <- t
	return true
}

// Close ends the recorder once everything that it took is written. Calls that
// come after it pass, and are not recorded.
func (r *Recorder) Close() {
	r.mu.Lock()
	if !r.closed {
		r.closed = true
		close(r.queue)
	}
	r.mu.Unlock()
	<-r.written
}

func (r *Recorder) write() {
	defer close(r.written)
	for t := range r.queue {
		e := r.exchange(t)
		name := fmt.Sprintf("%04d-%s.json", r.number+1, e.kind())
		if err := writeFile(filepath.Join(r.config.Dir, name), e.document().indented(), ownerOnly); err != nil {
			r.config.Failed(fmt.Errorf("%w: %w", ErrNotRecorded, err))
		} else {
			r.number++
			r.config.Recorded(name, e)
		}
		r.mu.Lock()
		r.waiting -= t.size
		r.mu.Unlock()
	}
}

// exchange opens what was taken.
func (r *Recorder) exchange(t *taken) *Exchange {
	e := &Exchange{At: t.at, Path: t.path, Headers: map[string]string{}, Status: t.status}
	for _, name := range []string{"Accept-Language", shifts.HeaderPassthrough} {
		if value := t.header.Get(name); value != "" {
			e.Headers[name] = value
		}
	}
	var reasons []string
	var unopened string
	if e.request, unopened = r.opened(t.request); unopened != "" {
		reasons = append(reasons, unopened)
	}
	if t.answer != nil {
		e.response = r.answered(t)
	} else {
		reasons = append(reasons, "the endpoint gave no answer")
	}
	e.About = e.describe()
	if r.config.Pseudonyms != nil {
		if !e.isCallback() {
			reasons = append(reasons, "what was sent is no callback, and under pseudonyms it would be something else")
		}
		e.disguise(r.config.Pseudonyms)
	}
	e.Skip = strings.Join(reasons, "; ")
	return e
}

// opened is what is inside a body, or the reason why nobody can say.
func (r *Recorder) opened(body *copied) (request *value, skip string) {
	data, whole := body.bytes()
	if !whole {
		return nil, fmt.Sprintf("the body is longer than %d bytes", r.config.MaxBody)
	}
	plaintext, err := envelope.Open(data, r.config.Keys...)
	switch {
	case errors.Is(err, envelope.ErrNotAuthentic):
		return nil, "the body does not open with the secret"
	case err != nil:
		return nil, "the body is no envelope"
	}
	if request, err = parse(plaintext); err != nil {
		return nil, "what is in the body is not JSON"
	}
	return request, ""
}

// answered is the answer; what is not JSON is a text.
func (r *Recorder) answered(t *taken) *value {
	data, whole := t.answer.bytes()
	if !whole {
		return textValue(Any) // nothing can be said of what was not kept
	}
	if strings.EqualFold(t.encoding, "gzip") {
		if unpacked, err := gzip.NewReader(bytes.NewReader(data)); err == nil {
			if data, err = io.ReadAll(io.LimitReader(unpacked, r.config.MaxBody+1)); err != nil || int64(len(data)) > r.config.MaxBody {
				return textValue(Any)
			}
		}
	}
	if len(data) == 0 {
		return nil
	}
	if v, err := parse(data); err == nil {
		return v
	}
	return textValue(strings.ToValidUTF8(string(data), "�"))
}

// copied is a body that keeps the beginning of what is read of it.
type copied struct {
	io.ReadCloser
	limit int64

	mu   sync.Mutex // the transport may still read when the answer is through
	kept []byte
	all  int64
}

func (c *copied) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kept = append(c.kept, p[:min(int64(n), c.limit-int64(len(c.kept)))]...)
	c.all += int64(n)
	return n, err
}

// bytes is what was kept, and whether that is everything.
func (c *copied) bytes() (kept []byte, whole bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.kept, c.all == int64(len(c.kept))
}

func (c *copied) size() int64 {
	kept, _ := c.bytes()
	return int64(len(kept))
}
