package handlers

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"example.com/shiftswfi/batch"
	"example.com/shiftswfi/batch/envelope"
)

// What is wrong with a callback as a whole, beside what batch and envelope say.
var (
	errNotFound     = errors.New("no such path")
	errBodyTooLarge = errors.New("the body is too large")
	errBodyUnread   = errors.New("the body could not be read")
	errOtherTenant  = errors.New("the tenant is not the configured one")
	errInternal     = errors.New("internal error")
)

// httpErrors gives every error of a callback its HTTP status, its name in logs
// and metrics, and the text that the caller gets. Whoever cannot prove to hold
// the secret learns nothing about what was wrong.
var httpErrors = []httpError{
	{errNotFound, http.StatusNotFound, "not_found", "no such path"},
	{errBodyTooLarge, http.StatusRequestEntityTooLarge, "too_large", "the body is too large"},
	{errBodyUnread, http.StatusBadRequest, "unread", "the body could not be read"},
	{envelope.ErrNotEnvelope, http.StatusUnauthorized, "not_envelope", "unauthorized"},
	{envelope.ErrNotAuthentic, http.StatusUnauthorized, "not_authentic", "unauthorized"},
	{errOtherTenant, http.StatusForbidden, "other_tenant", "the tenant is not the configured one"},
	{batch.ErrNotJSON, http.StatusBadRequest, "not_json", "the body is not JSON"},
	{batch.ErrNoRequests, http.StatusBadRequest, "no_requests", "the body has no requests"},
	{batch.ErrTooManyItems, http.StatusBadRequest, "too_many_items", "the batch has too many items"},
	{errInternal, http.StatusInternalServerError, "internal", "internal error"},
}

type httpError struct {
	is     error
	status int
	class  string
	text   string
}

// httpErrorOf finds the row of an error: a path or method that the router does
// not know, or one of the table. Anything else is internal.
func httpErrorOf(err error) httpError {
	var routing *echo.HTTPError
	if errors.As(err, &routing) && routing.Code != http.StatusInternalServerError {
		return httpError{err, routing.Code, "not_found", http.StatusText(routing.Code)}
	}
	for _, row := range httpErrors {
		if errors.Is(err, row.is) {
			return row
		}
	}
	return httpErrors[len(httpErrors)-1]
}

// respondError is the only place that answers a callback with an HTTP error.
func respondError(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	row := httpErrorOf(err)
	if row.status == http.StatusRequestEntityTooLarge {
		// The rest of the body is not read; the connection is of no more use.
		c.Response().Header().Set(echo.HeaderConnection, "close")
	}
	_ = c.JSON(row.status, map[string]string{"error": row.text})
}
