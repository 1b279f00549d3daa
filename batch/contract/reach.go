package contract

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	neturl "net/url"

	"example.com/shiftswfi/batch/shifts"
)

// checkAccepted is the check that stands for all when the endpoint lets nobody
// in.
const checkAccepted = "connect.accepted"

// ErrURL means that the endpoint's url is none that could be registered.
var ErrURL = errors.New("the url of the endpoint cannot be used")

func checkURL(url string) error {
	parsed, err := neturl.Parse(url)
	switch {
	case err != nil || parsed.Scheme != "http" && parsed.Scheme != "https" || parsed.Host == "":
		return fmt.Errorf("%w: expected https://HOST/PATH", ErrURL)
	case parsed.RawQuery != "" || parsed.Fragment != "" || parsed.User != nil:
		return fmt.Errorf("%w: expected https://HOST/PATH without a query, fragment or user", ErrURL)
	}
	return nil
}

// reach finds out, before anything is judged, whether there is an endpoint at
// all, and whether it lets nobody in: one wrong flag would be a hundred
// findings otherwise.
func (s *suite) reach(ctx context.Context) {
	p := &probe{ctx: ctx, suite: s}
	status, location := 0, ""
	for i, call := range p.calls() {
		reply, err := p.caller.Post(ctx, call.address, nil, p.seal(call.plaintext))
		if i == 0 {
			s.first = &rawExchange{address: call.address, plaintext: call.plaintext, reply: reply, err: err}
		}
		switch {
		case isUnreachable(err):
			s.unreachable = fmt.Sprintf("The endpoint could not be reached: %v.", reason(err))
			return
		case err != nil, reply.HTTPStatus == http.StatusOK, status != 0 && reply.HTTPStatus != status:
			return // the checks say more
		}
		status, location = reply.HTTPStatus, reply.Header.Get("Location")
	}
	if advice := adviceOn(status, location); advice != "" {
		s.closed = fmt.Sprintf("The endpoint answers HTTP %d to every call: %s", status, advice)
	}
}

// isUnreachable tells a connection that was never made from one that broke.
func isUnreachable(err error) bool {
	var dial *net.OpError
	return errors.Is(err, shifts.ErrNoAnswer) &&
		(errors.As(err, &dial) && dial.Op == "dial" || errors.As(err, new(*net.DNSError)) || errors.Is(err, http.ErrSchemeMismatch))
}

// adviceOn says what to look at when every call is answered with one status; ""
// if that is for the checks to find out.
func adviceOn(status int, location string) string {
	switch {
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return "is the secret the one that it is configured with, and tenantId in the profile its tenant? If they are, the endpoint does not open the envelope."
	case status == http.StatusNotFound || status == http.StatusMethodNotAllowed:
		return "is the url the one that is registered, without the version and what follows it, and apiVersion in the profile right?"
	case status >= 300 && status < 400:
		return fmt.Sprintf("redirects, here to %q, are not followed: register the address that answers.", clip(location))
	}
	return ""
}

// interrupted says why a run has ended before its time.
func interrupted(ctx context.Context) string {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return "The time for the whole run was up."
	}
	return "The run was interrupted."
}
