package contract

import (
	"encoding/json"
	"net/http"
	"time"
)

// Status is how a check ended.
type Status string

// The ways in which a check ends.
const (
	Passed  Status = "passed"
	Failed  Status = "failed"
	Skipped Status = "skipped" // the profile lacks what it needs
	NotRun  Status = "not run" // the run ended before
)

// Report is the outcome of a run. It holds no secret, no name and no text that
// a person wrote, so that it can be handed on.
type Report struct {
	Endpoint string        `json:"endpoint"`
	Team     string        `json:"team"`
	Began    time.Time     `json:"began"` // UTC, whole seconds
	Took     time.Duration `json:"tookNanoseconds"`
	Results  []Result      `json:"results"` // in the order of Checks
}

// Result is the outcome of one check.
type Result struct {
	Check
	Status    Status        `json:"status"`
	Message   string        `json:"message"` // what was found, or why it was not looked for; "" if it passed
	Took      time.Duration `json:"tookNanoseconds"`
	Exchanges []Exchange    `json:"exchanges"` // of a failure, in their order; the last is at fault
}

// Exchange is one call and its answer, opened and masked.
type Exchange struct {
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers,omitempty"` // those that matter
	About   string            `json:"about,omitempty"`   // how the body differs from one that Shifts would send
	Request string            `json:"request"`           // JSON, "" if it cannot be shown; like Answer it is cut when very long
	Status  int               `json:"status"`            // of HTTP; 0 if there was no answer
	Answer  string            `json:"answer"`            // why there is none, if there is none
	Took    time.Duration     `json:"tookNanoseconds"`
}

// Verdict is what a report comes to.
type Verdict string

// The verdicts.
const (
	Conforms       Verdict = "conforms"                 // nothing failed
	ConformsMostly Verdict = "conforms, with remarks"   // a SHOULD or MAY failed
	DoesNotConform Verdict = "does not conform"         // a MUST failed
	NotEstablished Verdict = "could not be established" // checks were not run, or all of them skipped
)

// Verdict is DoesNotConform if any MUST failed, whatever was not run.
func (r *Report) Verdict() Verdict {
	remarks, missing, passed := false, false, false
	for _, result := range r.Results {
		switch {
		case result.Status == Failed && result.Level == Must:
			return DoesNotConform
		case result.Status == Failed:
			remarks = true
		case result.Status == NotRun:
			missing = true
		case result.Status == Passed:
			passed = true
		}
	}
	switch {
	case missing || !passed && !remarks:
		return NotEstablished
	case remarks:
		return ConformsMostly
	}
	return Conforms
}

// Count is the number of results with a status.
func (r *Report) Count(status Status) int {
	count := 0
	for _, result := range r.Results {
		if result.Status == status {
			count++
		}
	}
	return count
}

// MarshalJSON adds the verdict.
func (r *Report) MarshalJSON() ([]byte, error) {
	type report Report
	return json.Marshal(struct {
		Verdict Verdict `json:"verdict"`
		*report
	}{r.Verdict(), (*report)(r)})
}

// maxShown bounds what a report shows of a request or an answer, in bytes.
const maxShown = 16 << 10

func flat(header http.Header) map[string]string {
	if len(header) == 0 {
		return nil
	}
	flat := make(map[string]string, len(header))
	for name := range header {
		flat[name] = header.Get(name)
	}
	return flat
}
