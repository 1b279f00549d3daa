package main

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"sort"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/eligibility"
	"example.com/shiftswfi/handlers"
	"example.com/shiftswfi/store"
)

// An attempt is one call as Shifts made it, and what came of it.
type attempt struct {
	transaction string // in no other attempt
	step        *step
	items       []eligibility.ProposedItem
	effect      func(*model) // of its approval

	began, ended int64    // in the order of all that happened; never ended: no answer
	codes        []string // as answered, "OK" for an approval; nil if there is no answer
	eTags        []string
	recorded     *handlers.DecisionRecord // nil: not in the log
	approved     bool                     // by the log
}

func (a *attempt) String() string {
	text := a.transaction + " (" + a.step.name + ")"
	for _, i := range a.items {
		text += fmt.Sprintf("\n  %s/%s %s", i.Kind, i.ID, i.Body)
	}
	return text
}

// answered reports whether the answer says what was decided.
func (a *attempt) answered() bool {
	return a.codes != nil && !slices.Contains(a.codes, "StoreUnavailable")
}

func (a *attempt) wasApproved() bool {
	return a.answered() && !slices.ContainsFunc(a.codes, func(code string) bool { return code != "OK" })
}

// A history is all that the callers did and were told.
type history struct {
	first                 *eligibility.Team
	clock                 atomic.Int64
	approvals, unanswered atomic.Int64

	mu       sync.Mutex
	attempts map[string]*attempt // by transaction
	approved map[string]bool     // names of steps
}

func newHistory(first *eligibility.Team) *history {
	return &history{first: first, attempts: map[string]*attempt{}, approved: map[string]bool{}}
}

func (h *history) begin(a *attempt) {
	h.mu.Lock()
	defer h.mu.Unlock()
	a.transaction = fmt.Sprint("tx-", len(h.attempts))
	a.ended = math.MaxInt64
	h.attempts[a.transaction] = a
	a.began = h.clock.Add(1)
}

func (h *history) end(a *attempt) {
	switch {
	case a.wasApproved():
		h.approvals.Add(1)
		h.mu.Lock()
		defer h.mu.Unlock()
		h.approved[a.step.name] = true
	case !a.answered():
		h.unanswered.Add(1)
	}
	if a.answered() {
		a.ended = h.clock.Add(1)
	}
}

// kinds counts the steps of which one was approved.
func (h *history) kinds() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.approved)
}

// replay decides everything again, one after the other in the order of the
// log, beside the model. It gives the team at the end.
func (h *history) replay(t *testing.T, decisions []store.Decision) *eligibility.Team {
	team, m := h.first, newModel(h.first)
	m.compare(t, team)
	now, err := time.Parse(time.RFC3339, storyNow)
	require.NoError(t, err)
	var order []*attempt
	settled := map[*step]bool{}
	for n, d := range decisions {
		var record handlers.DecisionRecord
		require.NoError(t, json.Unmarshal(d.Record, &record))
		a := h.attempts[record.Transaction]
		require.NotNil(t, a, "a record of nothing that was sent: %s", d.Record)
		require.Nil(t, a.recorded, "two records of %s", a)
		a.recorded, a.approved = &record, record.Approved
		order = append(order, a)

		decision := team.Decide(eligibility.Proposal{Items: a.items, Now: now})
		compareRecord(t, a, record, decision)
		team, err = team.With(decision.Changes...)
		require.NoError(t, err)
		if a.approved {
			a.effect(m)
		}
		if n < 2000 || n%100 == 0 || n == len(decisions)-1 { // a long story is long to compare
			m.compare(t, team)
		}
		if t.Failed() {
			require.FailNow(t, "the story breaks here", "%s", a)
		}
		if a.step.once && settled[a.step] {
			require.True(t, a.approved, "an approval that was carried out is repeated, and refused: %s", a)
		}
		settled[a.step] = settled[a.step] || a.approved
	}
	assertOrder(t, order)
	return team
}

func compareRecord(t *testing.T, a *attempt, record handlers.DecisionRecord, decision eligibility.Decision) {
	t.Helper()
	assert.Equal(t, decision.Approved(), record.Approved)
	require.Len(t, record.Items, len(decision.Items), "%s", a)
	for n, item := range decision.Items {
		got := record.Items[n]
		code := eligibility.OK
		if item.Refusal != nil {
			code = item.Refusal.Code
		}
		assert.Equal(t, code, got.Code)
		assert.Equal(t, item.ETag, got.ETag)
		assert.Equal(t, a.items[n].ID, got.ID)
	}
}

// assertOrder: what was answered before another call began is before it in the
// log.
func assertOrder(t *testing.T, order []*attempt) {
	earliest := int64(math.MaxInt64) // end of all that follow
	for _, a := range slices.Backward(order) {
		assert.Less(t, a.began, earliest, "%s", a)
		earliest = min(earliest, a.ended)
	}
}

// compareAnswers: whoever was answered finds it in the log; whoever was not may
// find it there or not.
func (h *history) compareAnswers(t *testing.T) {
	for _, a := range h.attempts {
		if !a.answered() {
			continue
		}
		require.NotNil(t, a.recorded, "answered %v, and not in the log: %s", a.codes, a)
		require.Equal(t, a.approved, a.wasApproved(), "answered %v, and otherwise in the log: %s", a.codes, a)
		for n, item := range a.recorded.Items {
			require.Equal(t, item.ETag, a.eTags[n], "%s", a)
			require.True(t, string(item.Code) == a.codes[n] || item.Code == "" && a.codes[n] == "OK", "%s", a)
		}
		require.NotContains(t, a.codes, "InternalError", "%s", a)
		require.NotContains(t, a.codes, "UnsupportedOperation", "%s", a)
	}
}

// compareStore: the store has what the log leads to, and nothing of a batch
// that was not approved.
func (h *history) compareStore(t *testing.T, teams *store.Redis, last *eligibility.Team) {
	file, err := teams.Export(t.Context(), storyTeam)
	require.NoError(t, err)
	stored := entitiesOf(file)
	assert.Equal(t, entitiesOf(last.File()), stored)

	allowed := entitiesOf(h.first.File())
	for _, a := range h.attempts {
		for _, i := range a.items {
			if a.approved {
				allowed[string(i.Kind)+"/"+i.ID] = ""
				allowed[string(eligibility.KindTimeOff)+"/"+i.ID] = "" // an absence under its request's id
			}
		}
	}
	for key := range stored {
		assert.Contains(t, allowed, key, "a trace of what was not approved")
	}
}

// summary sees to it that enough has happened for the test to mean something.
func (h *history) summary(t *testing.T) {
	type count struct{ approved, refused, unknown, unanswered int }
	counts, total := map[string]*count{}, count{}
	for _, a := range h.attempts {
		c := counts[a.step.name]
		if c == nil {
			c = &count{}
			counts[a.step.name] = c
		}
		for _, c := range []*count{c, &total} {
			switch {
			case a.answered() && a.approved:
				c.approved++
			case a.answered():
				c.refused++
			case a.recorded != nil:
				c.unanswered++ // and happened
			default:
				c.unknown++ // and did not happen
			}
		}
	}
	var names []string
	for name := range counts {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		t.Logf("%-24s %+v", name, *counts[name])
	}
	t.Logf("%-24s %+v", "all", total)
	assert.NotZero(t, total.refused)
	assert.NotZero(t, total.unknown)
}
