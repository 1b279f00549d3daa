package handlers

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// Metrics counts callbacks, the bodies in them and their items.
type Metrics struct {
	bodies     *bodies
	callbacks  *prometheus.CounterVec
	items      *prometheus.CounterVec
	durations  *prometheus.HistogramVec
	candidates *prometheus.HistogramVec
}

// NewMetrics registers the metrics of the callbacks. It panics if they are
// registered there already.
func NewMetrics(registry prometheus.Registerer) *Metrics {
	factory := promauto.With(registry)
	bodies := newBodies()
	registry.MustRegister(bodies)
	return &Metrics{
		bodies: bodies,
		callbacks: factory.NewCounterVec(prometheus.CounterOpts{
			Name: "wfi_callbacks_total", Help: "Callbacks by integration, endpoint and outcome.",
		}, []string{"integration", "endpoint", "outcome"}),
		items: factory.NewCounterVec(prometheus.CounterOpts{
			Name: "wfi_items_total", Help: "Items of batches by integration, kind and code.",
		}, []string{"integration", "kind", "code"}),
		durations: factory.NewHistogramVec(prometheus.HistogramOpts{
			Name: "wfi_callback_duration_seconds", Help: "Time from the arrival of a callback to its answer.",
			Buckets: prometheus.ExponentialBuckets(0.0005, 2, 16), // to 16 s; the deadline is 10
		}, []string{"integration", "endpoint"}),
		candidates: factory.NewHistogramVec(prometheus.HistogramOpts{
			Name: "wfi_candidates", Help: "Shifts or reasons that an item of /read considered.",
			Buckets: prometheus.ExponentialBuckets(1, 4, 9), // to 65,536
		}, []string{"kind"}),
	}
}

// observe counts an event; on nil Metrics it does nothing.
func (m *Metrics) observe(e *event, outcome string, took time.Duration) {
	if m == nil {
		return
	}
	m.callbacks.WithLabelValues(e.integration, e.endpoint, outcome).Inc()
	m.durations.WithLabelValues(e.integration, e.endpoint).Observe(took.Seconds())
	for _, r := range e.records {
		m.items.WithLabelValues(e.integration, r.kind, codeName(r.code)).Inc()
		if r.candidates > 0 {
			m.candidates.WithLabelValues(r.kind).Observe(float64(r.candidates))
		}
	}
}
