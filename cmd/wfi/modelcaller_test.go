package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"example.com/shiftswfi/eligibility"
)

// A world is what Shifts itself knows: what was approved, and never what it got
// no answer to.
type world struct {
	t         *testing.T
	h         *history
	endpoints endpoints
	client    *http.Client
	claims    sync.Map // under way, by open shift and worker

	mu         sync.Mutex
	shifts     []heldShift // that workers may ask about; of one label once
	openShifts []*openShift
	labels     int // given so far
}

func newWorld(t *testing.T, h *history, team *eligibility.Team, endpoints endpoints) *world {
	w := &world{t: t, h: h, endpoints: endpoints, labels: modelShifts + modelOpenShifts}
	for _, s := range newModel(team).shifts {
		w.shifts = append(w.shifts, s)
	}
	slices.SortFunc(w.shifts, func(a, b heldShift) int { return bytes.Compare([]byte(a.label), []byte(b.label)) })
	for _, e := range team.File().Entities {
		if e.Kind == eligibility.KindOpenShift {
			n := modelShifts + len(w.openShifts)
			w.openShifts = append(w.openShifts, &openShift{e.ID, timesOf(n), *team.OpenShift(e.ID).Slots})
		}
	}
	w.client = &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 16}}
	t.Cleanup(w.client.CloseIdleConnections)
	return w
}

// label is a number that no other shift has.
func (w *world) label() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.labels++
	return w.labels - 1
}

func (w *world) add(s heldShift) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.shifts = append(w.shifts, s)
}

// replace notes that shifts have new ids and owners; one that has changed in
// the meantime stays as it is. A shift without an id is gone.
func (w *world) replace(before, after []heldShift) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for n, s := range before {
		i := slices.Index(w.shifts, s)
		switch {
		case i < 0:
		case after == nil || after[n].id == "":
			w.shifts = slices.Delete(w.shifts, i, i+1)
		default:
			w.shifts[i] = after[n]
		}
	}
}

// A caller makes changes one after the other.
type caller struct {
	*world
	random *rand.Rand
}

func (w *world) newCaller(random *rand.Rand) *caller { return &caller{w, random} }

// run makes changes until it is stopped.
func (c *caller) run(stop chan struct{}) {
	changes := []func(){c.swap, c.swap, c.swap, c.offer, c.offer, c.claim, c.claim, c.claim, c.timeOff, c.manage, c.manage, c.cancelSwap, c.openShift}
	for {
		select {
		case <-stop:
			return
		default:
			changes[c.random.IntN(len(changes))]()
		}
		if c.t.Failed() {
			return
		}
	}
}

func (c *caller) one(n int) bool { return c.random.IntN(n) == 0 }

// A step is one change that is called until there is an answer, in several
// attempts: with the same ids, or with new ones where Shifts gives them.
type step struct {
	name  string
	once  bool // what was approved once is approved whenever it is repeated
	batch func() ([]batchItem, func(*model))
}

// A batchItem is an item as it is sent.
type batchItem struct {
	kind eligibility.Kind
	body object // with its id; nothing else: deleted
}

// do calls until it is told what was decided, and reports whether that is an
// approval. Now and then it calls twice at the same time, or once more after
// the answer. It may give up where there is none.
func (c *caller) do(s *step) (approved, known bool) {
	for {
		items, effect := s.batch()
		if c.one(2) {
			c.random.Shuffle(len(items), func(i, j int) { items[i], items[j] = items[j], items[i] })
		}
		first := c.newAttempt(s, items, effect)
		if c.one(4) {
			second := c.newAttempt(s, items, effect)
			both := sync.WaitGroup{}
			urls := []string{c.endpoints.pick(c.random), c.endpoints.pick(c.random)}
			both.Go(func() { c.send(urls[0], first) })
			both.Go(func() { c.send(urls[1], second) })
			both.Wait()
			if !first.answered() {
				first = second
			}
		} else {
			c.send(c.endpoints.pick(c.random), first)
		}
		switch {
		case c.t.Failed():
			return false, false
		case first.answered() && !c.one(4):
			return first.wasApproved(), true
		case !first.answered() && c.one(20):
			return false, false
		}
	}
}

func (c *caller) newAttempt(s *step, items []batchItem, effect func(*model)) *attempt {
	a := &attempt{step: s, effect: effect}
	for _, i := range items {
		p := eligibility.ProposedItem{Kind: i.kind, ID: i.body["id"].(string), Delete: len(i.body) == 1}
		if !p.Delete {
			p.Body = mustJSON(i.body)
		}
		a.items = append(a.items, p)
	}
	c.h.begin(a)
	return a
}

// modelURLs are those of the items by kind; those of requests are spelt as Shifts
// does.
var modelURLs = map[eligibility.Kind]string{
	eligibility.KindShift: "/shifts/", eligibility.KindOpenShift: "/openshifts/", eligibility.KindTimeOff: "/timesoff/",
	eligibility.KindSwapRequest: "/swapRequests/", eligibility.KindOfferShiftRequest: "/offershiftrequests/",
	eligibility.KindOpenShiftRequest: "/openshiftrequests/", eligibility.KindTimeOffRequest: "/timeOffRequests/",
}

// send makes one call.
func (c *world) send(url string, a *attempt) {
	var requests []object
	for _, i := range a.items {
		item := object{
			"id": i.ID, "url": modelURLs[i.Kind] + i.ID, "method": "PUT",
			"headers": object{"X-MS-Transaction-ID": a.transaction},
		}
		if i.Delete {
			item["method"] = "DELETE"
		} else {
			item["body"] = i.Body
		}
		requests = append(requests, item)
	}
	body := seal(c.t, testSecret, string(mustJSON(object{"requests": requests})))
	defer c.h.end(a)
	response, err := c.client.Post(url+"/contoso/v1/teams/"+storyTeam+"/update", "application/json", bytes.NewReader(body))
	if err != nil {
		assert.NotZero(c.t, *modelLong, "no answer: %v", err) // nobody kills the short form's servers
		return
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		assert.NotZero(c.t, *modelLong, "half an answer: %v", err)
		return
	}
	assert.Equal(c.t, http.StatusOK, response.StatusCode, "%s", text)
	c.readAnswer(a, text)
}

// readAnswer sees to it that every item is answered.
func (c *world) readAnswer(a *attempt, text []byte) {
	var answer struct {
		Responses []struct {
			ID   string
			Body struct {
				ETag  string
				Error *struct{ Code string }
			}
		}
	}
	if !assert.NoError(c.t, json.Unmarshal(text, &answer)) || !assert.Len(c.t, answer.Responses, len(a.items)) {
		return
	}
	for n, r := range answer.Responses {
		assert.Equal(c.t, a.items[n].ID, r.ID)
		code := "OK"
		if r.Body.Error != nil {
			code = r.Body.Error.Code
		} else {
			assert.NotEmpty(c.t, r.Body.ETag, "%s", a)
		}
		a.codes = append(a.codes, code)
		a.eTags = append(a.eTags, r.Body.ETag)
	}
	if first := a.codes[0] == "OK"; slices.ContainsFunc(a.codes, func(code string) bool { return (code == "OK") != first }) {
		assert.Fail(c.t, "approved in part", fmt.Sprint(a.codes))
	}
}

func mustJSON(v any) json.RawMessage {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return text
}
