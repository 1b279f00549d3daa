package recording

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"example.com/shiftswfi/batch/envelope"
	"example.com/shiftswfi/batch/shifts"
)

// Player sends exchanges to an endpoint, one after the other: it remembers the
// eTags of the answers, and puts them where a later request has the recorded
// ones. The zero value lacks an Endpoint and a Key.
type Player struct {
	Caller   shifts.Caller
	Endpoint shifts.Endpoint
	Key      *envelope.Key

	Team        string // in the place of the recorded team, "" for that
	Passthrough string // in the place of the recorded value of X-MS-WFMPassthrough, "" for that

	// KeepTimes leaves X-MS-Expires as it was recorded, for an endpoint whose
	// clock stands still. Otherwise as much time is left as there was.
	KeepTimes bool
	Messages  bool             // are compared, too
	Now       func() time.Time // nil: time.Now

	eTags map[string]string // those of this endpoint, by the recorded ones
}

// Result is what came of an exchange.
type Result struct {
	Skipped     string // why it was not sent, "" if it was
	Differences []Difference

	status int
	answer *value // nil: an empty body
}

// Play sends an exchange and compares the answer. The error wraps
// [shifts.ErrNoAnswer]; nothing was learned about the answer then.
func (p *Player) Play(ctx context.Context, e *Exchange) (Result, error) {
	if e.Skip != "" {
		return Result{Skipped: e.Skip}, nil
	}
	header := http.Header{}
	for name, value := range e.Headers {
		if http.CanonicalHeaderKey(name) == http.CanonicalHeaderKey(shifts.HeaderPassthrough) && p.Passthrough != "" {
			value = p.Passthrough
		}
		header.Set(name, value)
	}
	reply, err := p.Caller.Send(ctx, p.address(e.Path), p.Key, header, p.request(e).json())
	if errors.Is(err, shifts.ErrAnswerTooLong) {
		return Result{Differences: []Difference{{Path: "body", Want: "an answer", Got: err.Error()}}}, nil
	}
	if err != nil {
		return Result{}, err
	}
	return p.compare(e, reply), nil
}

func (p *Player) compare(e *Exchange, reply *shifts.Reply) Result {
	result := Result{status: reply.HTTPStatus}
	if len(reply.Body) > 0 {
		answer, err := parse(reply.Body)
		if err != nil {
			answer = textValue(string(reply.Body))
		}
		result.answer = answer
	}
	if reply.HTTPStatus != e.Status {
		result.Differences = []Difference{{"status", strconv.Itoa(e.Status), strconv.Itoa(reply.HTTPStatus)}}
	}
	if e.response != nil {
		result.Differences = append(result.Differences, p.comparison().differences("", e.response, result.answer)...)
	}
	p.learn(e, result.answer)
	return result
}

func (p *Player) comparison() comparison { return comparison{p.Messages} }

// Accept makes the answer of a result what the exchange expects from now on.
// Matchers that match stay.
func (p *Player) Accept(e *Exchange, result Result) {
	if result.Skipped != "" || result.status == 0 {
		return
	}
	e.Status = result.status
	switch {
	case result.answer == nil:
		e.response = nil
	case e.response != nil || result.status != http.StatusOK || e.Path != "/connect":
		e.response = p.comparison().update("", e.response, result.answer)
	}
}

// Save writes the exchanges of a file back, as they are expected now. The rest
// of the file keeps its content, but not its layout.
func (f *File) Save() error {
	if err := f.save(); err != nil {
		return fmt.Errorf("write %s: %w", f.Name, err)
	}
	return nil
}

var teamInPath = regexp.MustCompile(`(?i)^(/teams?/)[^/]+`)

func (p *Player) address(path string) string {
	if p.Team != "" {
		path = teamInPath.ReplaceAllString(path, "${1}"+strings.ReplaceAll(url.PathEscape(p.Team), "$", "$$"))
	}
	return strings.TrimRight(p.Endpoint.URL, "/") + "/v" + strconv.Itoa(p.Endpoint.APIVersion) + path
}

// request is what to send: the recorded request at this moment, to this
// endpoint.
func (p *Player) request(e *Exchange) *value {
	return e.request.replaced(nil, func(names []string, v *value) *value {
		name := nameAt(names, 1)
		switch {
		case strings.EqualFold(name, shifts.HeaderExpires) && !p.KeepTimes:
			return textValue(p.moved(v.text, e.At))
		case name == "eTag" && v.isText() && p.eTags[v.text] != "":
			return textValue(p.eTags[v.text])
		}
		return v
	})
}

// moved is an instant as far from now as it was from the call.
func (p *Player) moved(text string, at time.Time) string {
	expires, err := time.Parse(time.RFC3339Nano, text)
	if err != nil || at.IsZero() {
		return text
	}
	now := time.Now
	if p.Now != nil {
		now = p.Now
	}
	return shifts.Expires(now().Add(expires.Sub(at)))
}

// learn remembers which eTag the endpoint gave in the place of which.
func (p *Player) learn(e *Exchange, answer *value) {
	for _, pair := range pair(e.response.member("responses").list(), answer.member("responses").list()) {
		want, got := pair.want.member("body").member("eTag").string(), pair.got.member("body").member("eTag").string()
		if want == "" || want == Text || want == Any || got == "" {
			continue
		}
		if p.eTags == nil {
			p.eTags = map[string]string{}
		}
		p.eTags[want] = got
	}
}
