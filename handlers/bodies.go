package handlers

import (
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"example.com/shiftswfi/batch/envelope"
)

// BodiesOpened is the counter that tells which secrets are in force, and which
// of them Shifts uses. It has a series for each secret that opens bodies at
// this moment, from 0 on, and for no other. Its labels are integration, the
// name, and secret, the fingerprint. Bodies of /connect do not count: they come
// with a registration, and say nothing of what Shifts seals its calls with.
const BodiesOpened = "wfi_bodies_opened_total"

// bodies counts the bodies that were opened by each secret.
type bodies struct {
	desc *prometheus.Desc

	mu           sync.Mutex
	integrations []*Integration
	opened       map[openedBy]int
}

type openedBy struct{ integration, secret string }

func newBodies() *bodies {
	return &bodies{
		desc: prometheus.NewDesc(BodiesOpened, "Bodies of reads and updates that were opened, by integration and fingerprint of the secret, for the secrets in force.",
			[]string{"integration", "secret"}, nil),
		opened: map[openedBy]int{},
	}
}

// follow takes integrations whose secrets are to be told; on nil Metrics it
// does nothing.
func (m *Metrics) follow(integrations []*Integration) {
	if m == nil {
		return
	}
	m.bodies.mu.Lock()
	defer m.bodies.mu.Unlock()
	m.bodies.integrations = append(m.bodies.integrations, integrations...)
}

// opened counts a body that key has opened; on nil Metrics it does nothing.
func (m *Metrics) opened(e *event, key *envelope.Key) {
	if m == nil || e.endpoint == "connect" {
		return
	}
	by := openedBy{e.integration, key.Fingerprint()}
	m.bodies.mu.Lock()
	defer m.bodies.mu.Unlock()
	m.bodies.opened[by]++
}

// Describe implements prometheus.Collector.
func (b *bodies) Describe(descs chan<- *prometheus.Desc) { descs <- b.desc }

// Collect tells the counts of the secrets in force, and forgets the others.
func (b *bodies) Collect(metrics chan<- prometheus.Metric) {
	b.mu.Lock()
	defer b.mu.Unlock()
	inForce := map[openedBy]int{}
	for _, integration := range b.integrations {
		for _, key := range integration.Keys() {
			by := openedBy{integration.Name, key.Fingerprint()}
			inForce[by] = b.opened[by]
		}
	}
	b.opened = inForce
	for by, count := range inForce {
		metrics <- prometheus.MustNewConstMetric(b.desc, prometheus.CounterValue, float64(count), by.integration, by.secret)
	}
}
