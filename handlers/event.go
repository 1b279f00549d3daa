package handlers

import (
	"errors"
	"net/http"
	"time"

	"github.com/rs/zerolog"

	"example.com/shiftswfi/eligibility"
)

// An event gathers what is worth knowing of one callback, for one log line and
// the metrics. It holds no names, no bodies and no keys.
type event struct {
	integration string
	endpoint    string
	team        string
	items       int
	records     []itemRecord
}

// An itemRecord is what an event keeps of one item.
type itemRecord struct {
	kind       string
	code       eligibility.Code
	candidates int
	faults     []eligibility.Fault
	err        error                // why it was refused; nil if it was not
	waived     *eligibility.Refusal // why it would have been, were it not mirrored
}

func (e *event) add(r itemRecord) { e.records = append(e.records, r) }

// finish writes the event. What the caller saw is the status and the codes;
// what really happened, where that says more, stands in error.
func (e *event) finish(s *server, took time.Duration, err error) {
	status, outcome := http.StatusOK, "ok"
	if err != nil {
		row := httpErrorOf(err)
		status, outcome = row.status, row.class
	}
	s.Metrics.observe(e, outcome, took)

	level := zerolog.InfoLevel
	if status == http.StatusInternalServerError {
		level = zerolog.ErrorLevel
	}
	counts := e.counts()
	line := s.Log.WithLevel(level).
		Str("integration", e.integration).Str("endpoint", e.endpoint).Str("team", e.team).
		Int("status", status).Str("outcome", outcome).
		Int("items", e.items).Dict("kinds", counts.kinds.dict()).Dict("codes", counts.codes.dict()).
		Int("candidates", counts.candidates).Dur("took", took)
	if len(counts.waived.names) > 0 {
		line.Dict("waived", counts.waived.dict())
	}
	if err != nil {
		line.AnErr("error", err)
	} else if counts.err != nil {
		line.AnErr("error", counts.err)
	}
	line.Msg("callback")
	e.logFaults(s.Log)
}

// logFaults names the custom rules that could not be evaluated, for whoever
// wrote them: the worker only sees that the rule was not met.
func (e *event) logFaults(log zerolog.Logger) {
	for _, r := range e.records {
		for _, fault := range r.faults {
			log.Warn().Str("integration", e.integration).Str("team", e.team).
				Str("rule", string(fault.Rule)).Str("shift", fault.Shift).AnErr("error", fault.Err).
				Msg("a custom rule could not be evaluated")
		}
	}
}

type counts struct {
	kinds, codes tally
	waived       tally // codes of what the rules would have refused
	candidates   int
	err          error // the first that is not just a refusal
}

// A tally counts names and keeps them in the order of their first appearance.
type tally struct {
	names []string
	count map[string]int
}

func (t *tally) add(name string) {
	if t.count == nil {
		t.count = map[string]int{}
	}
	if t.count[name] == 0 {
		t.names = append(t.names, name)
	}
	t.count[name]++
}

func (t *tally) dict() *zerolog.Event {
	dict := zerolog.Dict()
	for _, name := range t.names {
		dict.Int(name, t.count[name])
	}
	return dict
}

func (e *event) counts() counts {
	var c counts
	for _, r := range e.records {
		c.kinds.add(r.kind)
		c.codes.add(codeName(r.code))
		c.candidates += r.candidates
		if r.waived != nil {
			c.waived.add(string(r.waived.Code))
		}
		if c.err == nil && r.err != nil && !errors.As(r.err, new(itemError)) {
			c.err = r.err
		}
	}
	return c
}

// codeName is how logs and metrics call a code.
func codeName(code eligibility.Code) string {
	if code == eligibility.OK {
		return "OK"
	}
	return string(code)
}
