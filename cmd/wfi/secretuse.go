package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/prometheus/common/expfmt"
	promodel "github.com/prometheus/common/model"

	"example.com/shiftswfi/handlers"
)

const (
	maxMetrics     = 16 << 20 // bytes
	metricsTimeout = 10 * time.Second
)

// A secretUse is what a running endpoint tells of its secrets: those in force,
// by the names of their integrations and their fingerprints, and how many
// bodies each has opened.
type secretUse map[string]map[string]float64

// An adminURL is where an endpoint serves health and metrics.
type adminURL string

// UnmarshalText takes HOST:PORT or a URL.
func (u *adminURL) UnmarshalText(text []byte) error {
	address := strings.TrimSuffix(strings.TrimRight(string(text), "/"), "/metrics")
	if !strings.Contains(address, "://") {
		address = "http://" + address
	}
	parsed, err := url.Parse(address)
	if err != nil || parsed.Scheme != "http" && parsed.Scheme != "https" || parsed.Host == "" || parsed.User != nil || parsed.RawQuery != "" || parsed.Fragment != "" {
		return errors.New("expected HOST:PORT or http://HOST:PORT")
	}
	*u = adminURL(address)
	return nil
}

// secretUse asks the endpoint.
func (u adminURL) secretUse(ctx context.Context) (secretUse, error) {
	ctx, cancel := context.WithTimeout(ctx, metricsTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, string(u)+"/metrics", nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	text, err := readBounded(response.Body, maxMetrics)
	switch {
	case err != nil:
		return nil, err
	case response.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("it answered HTTP %d", response.StatusCode)
	}
	return parseSecretUse(text)
}

// parseSecretUse reads it from metrics in the text format of Prometheus.
func parseSecretUse(text []byte) (secretUse, error) {
	parser := expfmt.NewTextParser(promodel.UTF8Validation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(text))
	if err != nil {
		return nil, errors.New("what it answered is not in the format of Prometheus")
	}
	family := families[handlers.BodiesOpened]
	if family == nil {
		return nil, fmt.Errorf("it has no metric %s, as wfi serve has it since this version", handlers.BodiesOpened)
	}
	use := secretUse{}
	for _, metric := range family.GetMetric() {
		labels := map[string]string{}
		for _, label := range metric.GetLabel() {
			labels[label.GetName()] = label.GetValue()
		}
		name := labels["integration"]
		if use[name] == nil {
			use[name] = map[string]float64{}
		}
		use[name][labels["secret"]] = metric.GetCounter().GetValue()
	}
	return use, nil
}

// A changeover follows Shifts from one secret to another.
type changeover struct {
	quiet    time.Duration        // without a body under the old secret
	underOld map[adminURL]float64 // bodies, as each endpoint last told
	arrived  bool                 // a body came under the new one
	since    time.Time            // none is known to have come under the old one since
}

// observe takes what an endpoint tells. A count of the old secret that is new,
// whether it has grown or has begun again, tells of bodies, or hides some.
func (c *changeover) observe(endpoint adminURL, now time.Time, underOld, underNew float64) {
	if last, known := c.underOld[endpoint]; !known || last != underOld {
		c.since = now
	}
	c.underOld[endpoint] = underOld
	c.arrived = c.arrived || underNew > 0
}

// lose says that an endpoint cannot tell: what it sees meanwhile is unknown.
func (c *changeover) lose(endpoint adminURL, now time.Time) {
	delete(c.underOld, endpoint)
	c.since = now
}

// over tells that Shifts uses the new secret, and the old one no more.
func (c *changeover) over(now time.Time) bool { return c.arrived && now.Sub(c.since) >= c.quiet }
