package main

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// updateFaults are those in how changes are decided, once and again.
var updateFaults = slices.Concat(answerFaults, requestFaults, scheduleFaults, modeFaults, repeatFaults)

// answerFaults are in what a change is answered with.
var answerFaults = []fault{
	{
		name: "approves without eTag", caughtBy: "update.etag",
		serve: func(c *faultyCall) faultyAnswer {
			return c.forward().each(func(response map[string]any) {
				if body, ok := response["body"].(map[string]any); ok && c.is("update") && response["status"] == 200.0 {
					body["eTag"] = nil
				}
			})
		},
	},
	{
		name: "answers the swap request alone, twice", caughtBy: "update.swap-answered", also: []string{"update.swap-approval-refused"},
		serve: func(c *faultyCall) faultyAnswer {
			answer := c.forward()
			if request := c.first("swaprequests"); request != nil && len(c.items) > 1 {
				response := answer.responseTo(request)
				return answer.with([]map[string]any{response, response})
			}
			return answer
		},
	},
	{
		name: "has no answer to offers", caughtBy: "update.offer-answered",
		serve: func(c *faultyCall) faultyAnswer {
			if c.first("offershiftrequests") != nil {
				c.forward()
				return ok().with([]map[string]any{})
			}
			return c.forward()
		},
	},
	{
		name: "answers the claim alone", caughtBy: "update.claim-answered",
		serve: func(c *faultyCall) faultyAnswer {
			answer := c.forward()
			if request := c.first("openshiftrequests"); request != nil && len(c.items) > 1 {
				return answer.with([]map[string]any{answer.responseTo(request)})
			}
			return answer
		},
	},
	{
		name: "goes on after it has refused time off", caughtBy: "update.time-off-request-refused",
		serve: func(c *faultyCall) faultyAnswer {
			answer := c.forward()
			if c.first("timeoffrequests") != nil && !c.approves(answer) {
				return answer.with(append(answer.responses(), answer.responses()...))
			}
			return answer
		},
	},
	{
		name: "refuses the swap request and nothing beside it", caughtBy: "update.swap-approval-refused",
		serve: func(c *faultyCall) faultyAnswer {
			answer := c.forward()
			if request := c.first("swaprequests"); request != nil && !c.approves(answer) {
				return c.saveAll().each(func(response map[string]any) {
					if response["id"] == request["id"] {
						maps.Copy(response, answer.responseTo(request))
					}
				})
			}
			return answer
		},
	},
	{
		name: "leaves status 0 beside a refusal", caughtBy: "update.swap-approval-refused",
		serve: func(c *faultyCall) faultyAnswer {
			answer := c.forward()
			if request := c.first("swaprequests"); request != nil && !c.approves(answer) {
				return answer.each(func(response map[string]any) {
					if response["id"] != request["id"] {
						response["status"], response["body"] = 0, map[string]any{"eTag": nil, "error": nil, "data": nil}
					}
				})
			}
			return answer
		},
	},
	{
		name: "approves a claim that it refused", caughtBy: "update.claim-no-slot", also: []string{"retries.last-slot-at-once"},
		serve: func(c *faultyCall) faultyAnswer {
			answer := c.forward()
			if c.first("openshiftrequests") != nil && !c.approves(answer) && !c.outage {
				return c.saveAll()
			}
			return answer
		},
	},
}

// forbiddenShift is the one that the profile has a forbidden swap for.
const forbiddenShift = "SHFT_a0000001-0000-4000-8000-000000000001"

// requestFaults are in how requests and their approvals are read.
var requestFaults = []fault{
	{
		name: "takes a batch for what comes first in its own order of kinds", caughtBy: "update.swap-carried-out",
		also: []string{
			"update.claim-carried-out", "update.open-shift-assigned-carried-out", "update.swap-competing",
		},
		serve: func(c *faultyCall) faultyAnswer {
			for _, kind := range []string{"openshiftrequests", "swaprequests", "timeoffrequests", "openshifts"} {
				if item := c.first(kind); item != nil {
					if answer := c.forwardItems(item); !c.approves(answer) {
						return c.refuseAll(http.StatusForbidden)
					}
					return c.saveAll()
				}
			}
			return c.forward()
		},
	},
	{
		name: "does only the first item of an approval", caughtBy: "update.swap-carried-out",
		serve: func(c *faultyCall) faultyAnswer {
			if len(c.items) == 5 && c.first("swaprequests") != nil && c.approves(c.forwardItems(c.items[0])) {
				return c.saveAll()
			}
			return c.forward()
		},
	},
	{
		name: "takes a request that the system declines for a cancellation", caughtBy: "update.swap-competing",
		serve: func(c *faultyCall) faultyAnswer {
			if first := c.first("swaprequests"); first != nil && len(c.items) > 1 && textAt(first, "body", "assignedTo") == "System" {
				c.forwardItems(first)
				return c.saveAll()
			}
			return c.forward()
		},
	},
	{
		name: "compares states letter by letter", caughtBy: "update.swap-states",
		serve: func(c *faultyCall) faultyAnswer {
			for _, item := range c.items {
				state, actor := textAt(item, "body", "state"), textAt(item, "body", "assignedTo")
				if c.first("swaprequests") != nil && state != "" && (!slices.Contains([]string{"Pending", "Approved", "Declined"}, state) ||
					!slices.Contains([]string{"Recipient", "Manager", "System"}, actor)) {
					return c.refuseAll(http.StatusBadRequest)
				}
			}
			return c.forward()
		},
	},
	{
		name: "needs the owners of new shifts", caughtBy: "update.swap-without-owners",
		serve: refusing(func(c *faultyCall) bool {
			return c.first("swaprequests") != nil && slices.ContainsFunc(c.items, func(item map[string]any) bool {
				return item["method"] == "POST" && kindOf(item) == "shifts" && textAt(item, "body", "userId") == ""
			})
		}),
	},
	{
		name: "needs the order of the items", caughtBy: "update.swap-order",
		serve: refusing(func(c *faultyCall) bool {
			return c.first("swaprequests") != nil && kindOf(c.items[0]) != "swaprequests"
		}),
	},
	{
		name: "approves no swap before it is accepted", caughtBy: "update.swap-unaccepted",
		serve: func(c *faultyCall) faultyAnswer {
			request := c.first("swaprequests")
			if request == nil {
				return c.forward()
			}
			accepted := "accepted " + request["id"].(string)
			switch {
			case c.was(accepted):
			case strings.EqualFold(strings.TrimSpace(textAt(request, "body", "assignedTo")), "Manager") && textAt(request, "body", "state") == "Pending":
				c.note(accepted)
			case textAt(request, "body", "state") == "Approved" && len(c.items) == 5:
				return c.refuseAll(http.StatusConflict)
			}
			return c.forward()
		},
	},
	{
		name: "does not let the system decline a swap", caughtBy: "update.swap-declined",
		serve: refusing(func(c *faultyCall) bool {
			return len(c.items) == 1 && c.first("swaprequests") != nil && textAt(c.items[0], "body", "assignedTo") == "System"
		}),
	},
	{
		name: "needs a body to cancel a swap", caughtBy: "update.swap-cancelled", also: []string{"update.passthrough-foreign"},
		serve: func(c *faultyCall) faultyAnswer {
			if request := c.first("swaprequests"); request != nil && request["method"] == "DELETE" && request["body"] == nil {
				return faultyAnswer{status: http.StatusInternalServerError}
			}
			return c.forward()
		},
	},
	{
		name: "approves a forbidden swap", caughtBy: "update.swap-refused", also: []string{"update.passthrough-foreign"},
		serve: func(c *faultyCall) faultyAnswer {
			answer := c.forward()
			if len(c.items) == 1 && textAt(c.items[0], "body", "senderShiftId") == forbiddenShift && !c.approves(answer) {
				return c.saveAll()
			}
			return answer
		},
	},
	{
		name: "knows only offers that make a new shift", caughtBy: "update.offer-in-place",
		serve: refusing(func(c *faultyCall) bool {
			return len(c.items) == 2 && c.first("offershiftrequests") != nil && c.items[1]["method"] == "PUT"
		}),
	},
	{
		name: "does not take null for absent", caughtBy: "update.null-members",
		serve: refusing(func(c *faultyCall) bool {
			return c.is("update") && slices.ContainsFunc(c.items, func(item map[string]any) bool {
				body, _ := item["body"].(map[string]any)
				return slices.Contains(slices.Collect(maps.Values(body)), nil)
			})
		}),
	},
	{
		name: "declines the absence beside a time-off request", caughtBy: "update.time-off-request-with-absence",
		serve: refusing(func(c *faultyCall) bool { return c.first("timeoffrequests") != nil && len(c.items) > 1 }),
	},
}

// refusing refuses the calls of which something is so, and forwards the others.
func refusing(so func(c *faultyCall) bool) func(c *faultyCall) faultyAnswer {
	return func(c *faultyCall) faultyAnswer {
		if len(c.items) > 0 && so(c) {
			return c.refuseAll(http.StatusForbidden)
		}
		return c.forward()
	}
}

// kindOf is what an item is about, as its url has it, in lower case.
func kindOf(item map[string]any) string {
	url, _ := item["url"].(string)
	kind, _, _ := strings.Cut(strings.Trim(url, "/"), "/")
	return strings.ToLower(kind)
}

// first is the first item of a kind in an update; nil if there is none.
func (c *faultyCall) first(kind string) map[string]any {
	if i := slices.IndexFunc(c.items, func(item map[string]any) bool { return kindOf(item) == kind }); i >= 0 && c.is("update") {
		return c.items[i]
	}
	return nil
}

// at is what an item has at a path; nil if nothing.
func at(item map[string]any, path ...string) any {
	var value any = item
	for _, name := range path {
		members, _ := value.(map[string]any)
		value = members[name]
	}
	return value
}

func textAt(item map[string]any, path ...string) string {
	text, _ := at(item, path...).(string)
	return text
}

// approves reports whether an answer approves all of its items.
func (c *faultyCall) approves(answer faultyAnswer) bool {
	return !slices.ContainsFunc(answer.responses(), func(response map[string]any) bool { return response["status"] != 200.0 })
}

// responseTo is the response to an item.
func (a faultyAnswer) responseTo(item map[string]any) map[string]any {
	responses := a.responses()
	return responses[slices.IndexFunc(responses, func(response map[string]any) bool { return response["id"] == item["id"] })]
}

// note remembers something until it is forgotten; was reports whether it is
// remembered.
func (c *faultyCall) note(what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.state[what] = true
}

func (c *faultyCall) forget(what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.state, what)
}

func (c *faultyCall) was(what string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state[what] != nil
}

// together reports whether another call with the same name comes within a
// moment.
func (c *faultyCall) together(name string) bool {
	c.mu.Lock()
	if other, ok := c.state[name].(chan struct{}); ok {
		delete(c.state, name)
		c.mu.Unlock()
		close(other)
		return true
	}
	mine := make(chan struct{})
	c.state[name] = mine
	c.mu.Unlock()
	select {
	case <-mine:
		return true
	case <-time.After(100 * time.Millisecond):
		c.forget(name)
		return false
	}
}
