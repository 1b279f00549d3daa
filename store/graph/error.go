package graph

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"unicode"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// What can be done about a failure; [Advice] says it in words. Statuses that
// are not named here have no sentinel.
var (
	ErrInvalid      = errors.New("the request was refused as invalid")      // 400: change it
	ErrUnauthorized = errors.New("the token was not accepted")              // 401: another tenant or cloud
	ErrForbidden    = errors.New("a permission is missing")                 // 403: have it granted
	ErrNotFound     = errors.New("not found")                               // 404, and an id that cannot be one
	ErrConflict     = errors.New("something else has changed it meanwhile") // 409, 412: read it again
	ErrThrottled    = errors.New("too many calls")                          // 429, also after the retries: wait
	ErrUnreachable  = errors.New("no answer from Microsoft Graph")          // the cause is wrapped
	ErrCredential   = errors.New("no token for Microsoft Graph")            // the credential's error is wrapped
	ErrUnexpected   = errors.New("an unexpected answer")                    // a redirect, or a success without what was asked for
	ErrTooMany      = errors.New("the list is too long")                    // it did not end within the bounds of what is read
)

var byStatus = map[int]error{
	http.StatusBadRequest:         ErrInvalid,
	http.StatusUnauthorized:       ErrUnauthorized,
	http.StatusForbidden:          ErrForbidden,
	http.StatusNotFound:           ErrNotFound,
	http.StatusConflict:           ErrConflict,
	http.StatusPreconditionFailed: ErrConflict,
	http.StatusTooManyRequests:    ErrThrottled,
}

const maxMessage = 400 // characters of somebody else's sentence

// Error is a call that failed. errors.Is knows its sentinel and its cause.
type Error struct {
	Operation  string // what was tried; it completes "could not"
	Status     int    // of Graph's answer; 0: there was none
	Code       string // Graph's, or the AADSTS number of Microsoft Entra
	Message    string // Graph's own, short and printable; may be empty
	RequestID  string // what Microsoft's support asks for; may be empty
	Permission string // the least that the operation needs

	kind, cause error
}

// Error is one sentence without secrets.
func (e *Error) Error() string {
	text := "could not " + e.Operation
	switch {
	case e.Status != 0:
		text += fmt.Sprintf(": Microsoft Graph answered %d %s", e.Status, http.StatusText(e.Status))
	case e.kind != nil:
		text += ": " + e.kind.Error()
	}
	if e.Message != "" {
		text += ": " + e.Message
	}
	if e.RequestID != "" {
		text += " (request-id " + e.RequestID + ")"
	}
	return text
}

// Unwrap gives the sentinel and the cause, as far as there are any.
func (e *Error) Unwrap() []error {
	var causes []error
	for _, err := range []error{e.kind, e.cause} {
		if err != nil {
			causes = append(causes, err)
		}
	}
	return causes
}

// Advice says what to do next about an error of this package, as a sentence
// for people; empty if there is none.
func Advice(err error) string {
	var e *Error
	if !errors.As(err, &e) {
		return ""
	}
	switch e.kind {
	case ErrForbidden:
		return "grant the app (or the person who signed in) the Microsoft Graph permission " + e.Permission +
			" in Microsoft Entra; a Global Administrator has to give admin consent, and a new token is needed after that" + alternatives[e.Permission]
	case ErrUnauthorized:
		return "check that the tenant and the cloud of the credential are those of this Microsoft Graph, and that the token has not expired"
	case ErrCredential:
		return adviceOnToken(e.Code, e.Message)
	case ErrUnreachable:
		return "check the network, the proxy (HTTPS_PROXY) and the base URL of Microsoft Graph"
	case ErrUnexpected:
		return "check that the base URL of Microsoft Graph (--graph) is right and that no proxy answers in its place; if so, try again later"
	case ErrTooMany:
		return "ask for less: a shorter time, with --from and --to"
	case ErrThrottled:
		return "wait a few minutes, then run it again"
	case ErrConflict:
		return "look at what is there now, then run it again"
	case ErrNotFound:
		return "check the id and the tenant; a team without Shifts, or one that the credential may not see, is not found either"
	}
	if e.Status >= http.StatusInternalServerError {
		return "Microsoft Graph has failed: try again later, and look at the service health of the tenant if it stays"
	}
	return ""
}

// alternatives are the permissions that do as well as the least one (Microsoft
// Graph reference, Get schedule, Create or replace schedule).
var alternatives = map[string]string{
	readSchedules:  "; " + writeSchedules + " does as well, and for a person Group.Read.All or Group.ReadWrite.All",
	writeSchedules: "; for a person Group.ReadWrite.All does as well",
}

// adviceOnToken goes by Microsoft's list of AADSTS error codes (Microsoft
// Entra authentication and authorization error codes).
func adviceOnToken(code, message string) string {
	if message == "AzureCLICredential: executable not found on path" { // azidentity's words
		return "install the Azure CLI and sign in with az login, or choose another way with --auth"
	}
	switch code {
	case "AADSTS90002", "AADSTS900023", "AADSTS900021":
		return "check the tenant id: Microsoft Entra knows no such tenant"
	case "AADSTS700016":
		return "check the tenant id and the client id: the app is not registered in that tenant"
	case "AADSTS7000215":
		return "check the client secret: it takes the secret's value, not its id"
	case "AADSTS7000222":
		return "make a new client secret for the app: this one has expired"
	case "AADSTS65001":
		return "have a Global Administrator give admin consent for the app"
	}
	return "check the credential: sign in again, or set the tenant id, client id and secret of the app"
}

// failed is an error on this side.
func (c call) failed(err error) error {
	e := &Error{Operation: c.operation, Permission: c.permission, Message: c.clean(err.Error()), cause: err}
	for _, kind := range []error{ErrNotFound, ErrUnexpected, ErrTooMany} {
		if errors.Is(err, kind) {
			e.kind, e.Message, e.cause = kind, strings.TrimPrefix(e.Message, kind.Error()+": "), nil
		}
	}
	return e
}

// unanswered is an error instead of an answer.
func (c call) unanswered(ctx context.Context, err error) error {
	e := &Error{Operation: c.operation, Permission: c.permission, kind: ErrUnreachable, cause: err}
	var token tokenError
	var long tooLong
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		e.kind = context.Canceled
	case errors.As(err, &token):
		e.kind, e.cause = ErrCredential, token.error
		e.Code, e.Message = c.explain(token.error)
	case errors.As(err, &long):
		e.kind, e.Message = nil, long.Error()
	default:
		e.Message = c.clean(withoutURL(err).Error())
	}
	return e
}

// withoutURL drops the address that net/http puts before what happened: the
// operation says where, and a query is nobody's business.
func withoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// refused is an answer other than a success.
func (c call) refused(response *http.Response, body []byte) error {
	e := &Error{
		Operation:  c.operation,
		Status:     response.StatusCode,
		RequestID:  c.clean(response.Header.Get("request-id")),
		Permission: c.permission,
		kind:       byStatus[response.StatusCode],
	}
	if response.StatusCode < http.StatusBadRequest {
		e.kind = ErrUnexpected
	}
	code, message := graphError(body)
	e.Code, e.Message = c.clean(code), c.clean(message)
	return e
}

// graphError reads the body of an error. Shifts wraps its own into the
// message of Graph's, as JSON (microsoftgraph/microsoft-graph-docs issue
// 9811); the innermost counts.
func graphError(body []byte) (code, message string) {
	for range 3 {
		var answer struct {
			Error struct{ Code, Message string }
		}
		if json.Unmarshal(body, &answer) != nil || answer.Error.Code == "" && answer.Error.Message == "" {
			break
		}
		code, message = answer.Error.Code, answer.Error.Message
		body = []byte(message)
	}
	return code, message
}

var aadsts = regexp.MustCompile(`(AADSTS\d+): ([^\r\n"\\]*)`)

// explain finds Microsoft Entra's own sentence in an error of azidentity,
// which prints the whole exchange.
func (c call) explain(err error) (code, message string) {
	text := err.Error()
	if found := aadsts.FindStringSubmatch(text); found != nil {
		message, _, _ = strings.Cut(found[2], " Trace ID:")
		return found[1], c.clean(found[1] + ": " + message)
	}
	text, _, _ = strings.Cut(text, "\n")
	return "", c.clean(text)
}

// clean makes a text from outside fit for an error: short, printable, on one
// line, and without the secret that was sent.
func (c call) clean(text string) string {
	text = c.masked(text)
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r):
			return unicode.ReplacementChar
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
	text = strings.TrimRight(strings.TrimSpace(text), ".")
	if runes := []rune(text); len(runes) > maxMessage {
		text = string(runes[:maxMessage]) + "…"
	}
	return text
}

// credential tells the errors of a credential from all others.
type credential struct{ azcore.TokenCredential }

func (c credential) GetToken(ctx context.Context, options policy.TokenRequestOptions) (azcore.AccessToken, error) {
	token, err := c.TokenCredential.GetToken(ctx, options)
	if err != nil {
		return token, tokenError{err}
	}
	return token, nil
}

type tokenError struct{ error }

func (e tokenError) Unwrap() error { return e.error }
