package handlers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"example.com/shiftswfi/batch"
	"example.com/shiftswfi/batch/envelope"
)

// A callback is one call of Shifts on its way through the server.
type callback struct {
	*server
	integration *Integration
	request     *http.Request
	ctx         context.Context // ends when the caller hangs up
	team        string          // id in the path, "" if there is none
	user        string          // likewise
	now         time.Time       // taken once, for every item
	began       time.Time       // on the machine's clock, for deadlines
	language    language        // that the worker reads
	event       *event
}

// callback makes the handler of a route. Whatever happens, it ends in one log
// line and one count.
func (s *server) callback(integration *Integration, route route) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		cb := &callback{
			server: s, integration: integration,
			request: c.Request(), ctx: c.Request().Context(), team: c.Param("team"), user: c.Param("user"),
			now: s.Now(), began: time.Now(), language: languageOf(c.Request().Header.Get("Accept-Language")),
			event: &event{integration: integration.Name, endpoint: route.endpoint, team: clip(c.Param("team"))},
		}
		defer func() {
			if p := recover(); p != nil {
				s.logPanic("callback", p)
				err = errInternal
			}
			cb.event.finish(s, time.Since(cb.began), err)
		}()
		if !integration.hasVersion(c.Param("version")) {
			return errNotFound
		}
		cb.request.Body = http.MaxBytesReader(c.Response(), cb.request.Body, s.MaxBody)
		answer, err := route.handle(cb)
		switch {
		case err != nil:
			return err
		case answer == nil:
			return c.NoContent(http.StatusOK)
		}
		return c.Blob(http.StatusOK, echo.MIMEApplicationJSON, answer)
	}
}

// hasVersion takes v1 and, as one page of the Graph reference has it, 1.
func (i *Integration) hasVersion(version string) bool {
	return strings.TrimPrefix(version, "v") == strconv.Itoa(i.APIVersion)
}

// batch opens the body and reads the requests in it.
func (c *callback) batch() (batch.Batch, error) {
	plaintext, err := c.open()
	if err != nil {
		return batch.Batch{}, err
	}
	requests, err := batch.Decode(plaintext, c.MaxItems)
	if err != nil {
		return batch.Batch{}, err
	}
	c.event.items = requests.Len()
	return requests, nil
}

// open reads the body and gives what is inside its envelope.
func (c *callback) open() ([]byte, error) {
	body, err := c.body()
	if err != nil {
		return nil, err
	}
	plaintext, key, err := envelope.OpenWith(body, c.integration.Keys()...)
	if err == nil {
		c.Metrics.opened(c.event, key)
	}
	if errors.Is(err, envelope.ErrNotEnvelope) && c.Plain && isObject(body) && fromThisMachine(c.request) {
		return body, nil
	}
	return plaintext, err
}

func (c *callback) body() ([]byte, error) {
	if c.request.ContentLength > c.MaxBody {
		return nil, errBodyTooLarge
	}
	body, err := io.ReadAll(c.request.Body)
	switch {
	case errors.As(err, new(*http.MaxBytesError)):
		return nil, errBodyTooLarge
	case err != nil:
		return nil, fmt.Errorf("%w: %w", errBodyUnread, err)
	}
	return body, nil
}

// isObject reports whether the body begins like a JSON object.
func isObject(body []byte) bool {
	return strings.HasPrefix(strings.TrimLeft(string(body[:min(len(body), 64)]), " \t\r\n"), "{")
}

// fromThisMachine reports whether a request came over the loopback interface
// and was addressed to it, and not by a web page: browsers name the page's
// origin, and a page's host name may be made to resolve to this machine.
func fromThisMachine(r *http.Request) bool {
	if r.Header.Get("Origin") != "" {
		return false
	}
	peer, _, err := net.SplitHostPort(r.RemoteAddr)
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return err == nil && isLoopback(peer) && (host == "localhost" || isLoopback(strings.Trim(host, "[]")))
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

func (s *server) logPanic(where string, p any) {
	s.Log.Error().Str("in", where).Str("panic", panicText(p)).Bytes("stack", debug.Stack()).Msg("panic")
}

// panicText names a panic for the log. Of anything but a runtime error only
// the type is named: its text could hold data.
func panicText(p any) string {
	if err, ok := p.(interface {
		error
		RuntimeError()
	}); ok {
		return err.Error()
	}
	return fmt.Sprintf("%T", p)
}
