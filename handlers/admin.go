package handlers

import (
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// readyTimeout bounds the question whether the store answers; probes usually
// wait for a few seconds.
const readyTimeout = 2 * time.Second

// NewAdmin makes the endpoint for the people and programs that run the server:
// /healthz says that the process is alive, /readyz that ready returns no
// error, /metrics what gatherer has in the format of Prometheus. It tells
// strangers more than they should know and belongs on a listener that is not
// public.
func NewAdmin(ready func(context.Context) error, gatherer prometheus.Gatherer) http.Handler {
	e := echo.New()
	e.HTTPErrorHandler = respondError
	e.GET("/healthz", func(c echo.Context) error { return c.String(http.StatusOK, "ok\n") })
	e.GET("/readyz", func(c echo.Context) error {
		ctx, cancel := context.WithTimeout(c.Request().Context(), readyTimeout)
		defer cancel()
		if err := ready(ctx); err != nil {
			return c.String(http.StatusServiceUnavailable, "the store does not answer: "+err.Error()+"\n")
		}
		return c.String(http.StatusOK, "ready\n")
	})
	e.GET("/metrics", echo.WrapHandler(promhttp.HandlerFor(gatherer, promhttp.HandlerOpts{})))
	return e
}
