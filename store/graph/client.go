// Package graph reads and changes what Microsoft Graph keeps of Shifts:
// workforce integrations and the schedules of teams.
//
// A [Client] makes the few calls that this needs, over the pipeline of Azure's
// SDK: it waits and tries again when Graph is busy, and every failure is an
// [Error] whose sentinel says what can be done about it. Nothing secret stands
// in an error or in a URL.
package graph

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
)

// DefaultBaseURL is Graph's global service. Microsoft documents workforce
// integrations there only; a national cloud has a base URL of its own.
const DefaultBaseURL = "https://graph.microsoft.com"

const (
	maxAnswer = 16 << 20 // bytes of one answer, errors included
	maxID     = 256      // characters of an id in a path

	// tryTimeout ends a try that Graph does not answer: creating an
	// integration takes it a callback to the endpoint.
	tryTimeout = time.Minute
)

// Config says how to reach Graph.
type Config struct {
	// BaseURL is the service without a version, as https://graph.microsoft.us;
	// empty: DefaultBaseURL. Plain http is for loopback hosts.
	BaseURL string

	// Credential gives the tokens, for the scope BaseURL + "/.default".
	Credential azcore.TokenCredential

	// Transport sends the requests; nil: one that follows no redirect, so that
	// no body goes to a host that was not asked for.
	Transport policy.Transporter

	// Retry is how often and how long a call is tried again; the zero value is
	// three times, after Retry-After or growing waits of at most a minute. Its
	// StatusCodes and ShouldRetry are not for calls that create something.
	Retry policy.RetryOptions
}

// Client calls Graph. It may be used by several goroutines at once.
type Client struct {
	pipeline runtime.Pipeline
	base     *url.URL
	version  string
	retry    policy.RetryOptions
}

// New makes a client. It connects to nothing yet; the error is about the
// configuration.
func New(config Config) (*Client, error) {
	text := config.BaseURL
	if text == "" {
		text = DefaultBaseURL
	}
	base, err := url.Parse(strings.TrimRight(text, "/"))
	if err != nil || base.Host == "" || base.User != nil || base.Path != "" || base.RawQuery != "" || base.Fragment != "" {
		return nil, errors.New("the base URL of Microsoft Graph: expected https://HOST, such as " + DefaultBaseURL)
	}
	plain := base.Scheme == "http" && isLoopback(base.Hostname())
	if base.Scheme != "https" && !plain {
		return nil, errors.New("the base URL of Microsoft Graph: expected https, since the token goes there")
	}
	if config.Credential == nil {
		return nil, errors.New("a credential is needed for Microsoft Graph")
	}
	transport := config.Transport
	if transport == nil {
		transport = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	}
	retry := config.Retry
	if retry.TryTimeout == 0 {
		retry.TryTimeout = tryTimeout
	}
	if retry.RetryDelay < 0 {
		retry.RetryDelay = time.Nanosecond // azcore 1.24 takes no delay for an overflow, and waits its longest
	}
	token := runtime.NewBearerTokenPolicy(credential{config.Credential}, []string{base.Scheme + "://" + base.Host + "/.default"},
		&policy.BearerTokenOptions{InsecureAllowCredentialWithHTTP: plain})
	pipeline := runtime.NewPipeline("shiftswfi", "v1.0.0", runtime.PipelineOptions{PerRetry: []policy.Policy{ownBody{}, token}},
		&policy.ClientOptions{
			Retry:     retry,
			Telemetry: policy.TelemetryOptions{ApplicationID: "wfi"},
			Transport: bounded{transport},
		})
	return &Client{pipeline: pipeline, base: &url.URL{Scheme: base.Scheme, Host: base.Host}, version: "v1.0", retry: retry}, nil
}

// Beta is the same client on Graph's beta version, which keeps
// eligibilityFilteringEnabledEntities where v1.0 drops it.
func (c *Client) Beta() *Client {
	beta := *c
	beta.version = "beta"
	return &beta
}

func isLoopback(host string) bool {
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}

// A call is one request to Graph and what is known about it.
type call struct {
	operation  string // completes "could not", as "read the schedule"
	permission string // the least that it needs
	method     string
	path       []string   // below the version
	query      url.Values // nil: none
	next       string     // a following page's URL, instead of path and query
	prefer     string     // the header of that name
	body       []byte     // JSON; nil: none
	secret     string     // what stands in body and must not come out
}

// includeUnknown asks for the enumeration values that were added after
// unknownFutureValue (Microsoft Graph, Handling future members in evolvable
// enumerations).
const includeUnknown = "include-unknown-enum-members"

// do makes the call and decodes the answer into result. It may be empty only if
// result is nil.
func (c *Client) do(ctx context.Context, call call, result any) error {
	_, body, err := c.send(ctx, call)
	if err != nil || result == nil {
		return err
	}
	if json.Unmarshal(body, result) != nil {
		return call.failed(errNotJSON)
	}
	return nil
}

var errNotJSON = fmt.Errorf("%w: it is not the JSON that was expected", ErrUnexpected)

// send makes the call and reads the answer. Every status from 200 to 204 is a
// success: Graph's pages and its practice differ on which it is.
func (c *Client) send(ctx context.Context, call call) (status int, body []byte, err error) {
	address, err := c.address(call)
	if err != nil {
		return 0, nil, call.failed(err)
	}
	if call.method == http.MethodPost {
		ctx = policy.WithRetryOptions(ctx, creating(c.retry))
	}
	request, err := runtime.NewRequest(ctx, call.method, address)
	if err != nil {
		return 0, nil, call.failed(err)
	}
	request.Raw().Header.Set("Accept", "application/json")
	if call.prefer != "" {
		request.Raw().Header.Set("Prefer", call.prefer)
	}
	if call.body != nil {
		if err := request.SetBody(streaming.NopCloser(bytes.NewReader(call.body)), "application/json"); err != nil {
			return 0, nil, call.failed(err)
		}
		request.SetOperationValue(sentBody(call.body))
	}
	response, err := c.pipeline.Do(request)
	if err != nil {
		return 0, nil, call.unanswered(ctx, err)
	}
	body, err = runtime.Payload(response)
	if err != nil {
		return 0, nil, call.unanswered(ctx, err)
	}
	if response.StatusCode < http.StatusOK || response.StatusCode > http.StatusNoContent {
		return 0, nil, call.refused(response, body)
	}
	return response.StatusCode, body, nil
}

// address is where the call goes.
func (c *Client) address(call call) (string, error) {
	if call.next != "" {
		return c.nextPage(call.next)
	}
	path := "/" + c.version
	for _, segment := range call.path {
		if segment == "" || segment == "." || segment == ".." || len(segment) > maxID {
			return "", fmt.Errorf("%w: %.40q is no id", ErrNotFound, segment)
		}
		path += "/" + url.PathEscape(segment)
	}
	address := c.base.String() + path
	if len(call.query) > 0 {
		// A plus for a blank is a habit of forms, not of OData.
		address += "?" + strings.ReplaceAll(call.query.Encode(), "+", "%20")
	}
	return address, nil
}

// nextPage checks a link that came from outside: the token goes where it
// leads.
func (c *Client) nextPage(link string) (string, error) {
	u, err := url.Parse(link)
	if err != nil || u.Scheme != c.base.Scheme || !strings.EqualFold(u.Host, c.base.Host) || u.User != nil ||
		!strings.HasPrefix(u.Path, "/"+c.version+"/") {
		return "", errors.New("the link to the next page leads away from " + c.base.Host)
	}
	return link, nil
}

// creating tries again only what has not happened yet: after a broken
// connection or a 500, the integration may exist. So it may after the 503 of a
// gateway that gave up waiting; Graph's own says when to come back.
func creating(options policy.RetryOptions) policy.RetryOptions {
	options.ShouldRetry = func(response *http.Response, err error) bool {
		return err == nil && (response.StatusCode == http.StatusTooManyRequests ||
			response.StatusCode == http.StatusServiceUnavailable && response.Header.Get("Retry-After") != "")
	}
	return options
}

// ownBody gives each try a reader of its own: azcore rewinds one reader for all
// tries, of which net/http may still read the end when the next one begins,
// and take its first bytes away.
type ownBody struct{}

type sentBody []byte

func (ownBody) Do(request *policy.Request) (*http.Response, error) {
	var body sentBody
	if request.OperationValue(&body) {
		raw := request.Raw()
		raw.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
		raw.Body, _ = raw.GetBody()
	}
	return request.Next()
}

// bounded is a transport whose answers end after maxAnswer bytes, with an
// error.
type bounded struct{ policy.Transporter }

func (b bounded) Do(request *http.Request) (*http.Response, error) {
	response, err := b.Transporter.Do(request)
	if err == nil {
		response.Body = &boundedBody{ReadCloser: response.Body, left: maxAnswer}
	}
	return response, err
}

type boundedBody struct {
	io.ReadCloser
	left int
}

func (b *boundedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.left -= n; b.left < 0 {
		return 0, tooLong{}
	}
	return n, err
}

type tooLong struct{}

func (tooLong) Error() string { return fmt.Sprintf("the answer has more than %d bytes", maxAnswer) }

// NonRetriable tells the pipeline that the next answer will be as long.
func (tooLong) NonRetriable() {}
