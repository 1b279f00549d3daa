package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"

	"example.com/shiftswfi/batch/envelope"
	"example.com/shiftswfi/batch/shifts"
)

// sendCmd is wfi send.
type sendCmd struct {
	URL            string        `name:"url" required:"" placeholder:"URL" help:"Where to post, with the path of the integration, version and team."`
	Secret         []SecretRef   `sep:"none" placeholder:"REF" help:"The secret of the integration: the 64 characters themselves, env:NAME or file:PATH. Of several the first is used. Without it the variable WFI_SECRET counts, in the same forms."`
	Plain          bool          `help:"Send the file as it is, not sealed."`
	Header         []string      `short:"H" sep:"none" placeholder:"'NAME: VALUE'" help:"A header to send as well. Repeat it for several."`
	AcceptLanguage string        `default:"en-us" placeholder:"TAG" help:"The worker's language (default ${default})."`
	JSON           bool          `name:"json" help:"Print the answer as it came."`
	Timeout        time.Duration `default:"30s" placeholder:"TIME" help:"How long to wait for the answer (default ${default})."`
	Limit          Size          `default:"64MiB" placeholder:"SIZE" help:"Largest file and largest answer that is read (default ${default})."`
	File           string        `arg:"" help:"The batch, a JSON file, or - for standard input."`
}

// Help is shown by wfi send --help.
func (sendCmd) Help() string {
	return `Prints the HTTP status and a line for each item of the answer. The exit code is 1 unless the HTTP status is 200; an item that is refused is an answer like any other.

Examples:

    wfi send --url http://127.0.0.1:8080/contoso/v1/teams/$TEAM/read --secret env:CONTOSO_SECRET read.json

    echo '{"tenantId":"'$TENANT'","userId":"u"}' | wfi send --url http://127.0.0.1:8080/contoso/v1/connect -

    wfi send --url http://127.0.0.1:8080/demo/v1/teams/$TEAM/read --plain --json read.json | jq .`
}

// Validate checks what the parser cannot.
func (c *sendCmd) Validate() error {
	if c.URL == "" {
		return nil // the parser reports it
	}
	address, err := url.Parse(c.URL)
	if err != nil || address.Scheme != "http" && address.Scheme != "https" || address.Host == "" {
		return errors.New("--url: expected http://HOST/PATH or https://HOST/PATH")
	}
	for _, header := range c.Header {
		if name, _, ok := strings.Cut(header, ":"); !ok || strings.TrimSpace(name) == "" {
			return errors.New("--header: expected 'NAME: VALUE'")
		}
	}
	if c.Timeout <= 0 {
		return errors.New("--timeout: expected more than 0s")
	}
	return nil
}

// Run posts the file and prints the answer.
func (c *sendCmd) Run(ctx context.Context, p *process) error {
	body, err := c.body(ctx, p)
	if err != nil {
		return err
	}
	status, answer, err := c.post(ctx, body)
	if err != nil {
		return err
	}
	if c.JSON {
		_, err = p.stdout.Write(answer)
	} else {
		err = printAnswer(p.stdout, status, answer)
	}
	if err != nil {
		return err
	}
	if status != http.StatusOK {
		return fmt.Errorf("the endpoint answered HTTP %d: %s", status, adviceOn(status))
	}
	return nil
}

// body is what goes over the wire.
func (c *sendCmd) body(ctx context.Context, p *process) ([]byte, error) {
	var plaintext []byte
	var err error
	if c.File == "-" {
		plaintext, err = readInput(ctx, p.stdin, int64(c.Limit))
	} else if plaintext, err = readFile(c.File, int64(c.Limit)); err != nil {
		err = fmt.Errorf("read %s: %w", c.File, err)
	}
	if err != nil || c.Plain {
		return plaintext, err
	}
	keys, err := p.keys(c.Secret)
	if err != nil {
		return nil, err
	}
	return envelope.Seal(plaintext, keys[0], nil)
}

func (c *sendCmd) post(ctx context.Context, body []byte) (status int, answer []byte, err error) {
	header := http.Header{"Accept-Language": {c.AcceptLanguage}}
	for _, text := range c.Header {
		name, value, _ := strings.Cut(text, ":")
		header.Set(strings.TrimSpace(name), strings.TrimSpace(value))
	}
	caller := &shifts.Caller{Patience: c.Timeout, MaxAnswer: int64(c.Limit)}
	reply, err := caller.Post(ctx, c.URL, header, body)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return 0, nil, fmt.Errorf("no answer within %v: look at the endpoint's log, or give it longer with --timeout", c.Timeout)
	case errors.Is(err, shifts.ErrAnswerTooLong):
		return 0, nil, fmt.Errorf("%w: read more of it with --limit", err)
	case err != nil:
		return 0, nil, fmt.Errorf("%w; check --url and that the endpoint is running", err)
	}
	return reply.HTTPStatus, reply.Body, nil
}

// adviceOn says what to look at after an HTTP status other than 200.
func adviceOn(status int) string {
	switch status {
	case http.StatusBadRequest:
		return "check that the file is a batch, an object with a list of requests"
	case http.StatusUnauthorized:
		return "check that --secret is a secret of this integration"
	case http.StatusForbidden:
		return "check that the tenant id in the file is the one configured"
	case http.StatusNotFound, http.StatusMethodNotAllowed:
		return "check the path and the version in --url"
	case http.StatusRequestEntityTooLarge:
		return "send a smaller file, or raise the endpoint's maxBody"
	default:
		return "look at the endpoint's log"
	}
}

// sentAnswer is as much of an answer as printAnswer shows.
type sentAnswer struct {
	Responses []struct {
		ID     any `json:"id"`
		Status any `json:"status"`
		Body   struct {
			ETag  *string   `json:"eTag"`
			Data  *[]string `json:"data"`
			Error *struct {
				Code    any    `json:"code"`
				Message string `json:"message"`
			} `json:"error"`
		} `json:"body"`
	} `json:"responses"`
}

// printAnswer prints the answer for a person: a line for each item, with the
// ids that it gives below it, or the answer as it stands when it is no batch.
func printAnswer(w io.Writer, status int, answer []byte) error {
	var text strings.Builder
	fmt.Fprintf(&text, "HTTP %d %s\n", status, http.StatusText(status))
	var decoded sentAnswer
	if err := json.Unmarshal(answer, &decoded); err != nil || decoded.Responses == nil {
		if len(answer) > 0 {
			fmt.Fprintln(&text, strings.TrimSpace(string(answer)))
		}
		_, err := io.WriteString(w, printable(text.String()))
		return err
	}
	for _, item := range decoded.Responses {
		fmt.Fprintf(&text, "%v  %v  ", cmp.Or(item.ID, any("-")), item.Status)
		switch body := item.Body; {
		case body.Error != nil && body.Data == nil:
			fmt.Fprintf(&text, "%v: %s\n", body.Error.Code, body.Error.Message)
		case body.Data != nil:
			fmt.Fprintf(&text, "%d found\n", len(*body.Data))
			for _, id := range *body.Data {
				fmt.Fprintf(&text, "    %s\n", id)
			}
		case body.ETag != nil:
			fmt.Fprintf(&text, "eTag %s\n", *body.ETag)
		default:
			fmt.Fprintln(&text)
		}
	}
	_, err := io.WriteString(w, printable(text.String()))
	return err
}

// printable keeps an answer from steering the terminal.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, text)
}
