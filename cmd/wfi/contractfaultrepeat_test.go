package main

import (
	"maps"
	"net/http"
)

// modeFaults are in whose changes are decided at all.
var modeFaults = []fault{
	{
		name: "approves what is read-only", caughtBy: "update.read-only",
		serve: func(c *faultyCall) faultyAnswer {
			if c.first("timecards") != nil {
				return c.saveAll()
			}
			return c.forward()
		},
	},
	{
		name: "judges its own writes", caughtBy: "update.passthrough",
		serve: func(c *faultyCall) faultyAnswer {
			c.request.Header.Del("X-MS-WFMPassthrough")
			return c.forward()
		},
	},
	{
		name: "takes every value for its own", caughtBy: "update.passthrough-foreign",
		serve: func(c *faultyCall) faultyAnswer {
			if c.request.Header.Get("X-MS-WFMPassthrough") != "" {
				c.request.Header.Set("X-MS-WFMPassthrough", ownWrites)
			}
			return c.forward()
		},
	},
	{
		name: "approves changes to any team", caughtBy: "update.unknown-team",
		serve: func(c *faultyCall) faultyAnswer {
			answer := c.forward()
			for _, response := range answer.responses() {
				if c.is("update") && textAt(response, "body", "error", "code") == "TeamNotFound" {
					return c.saveAll()
				}
			}
			return answer
		},
	},
	{
		name: "approves during an outage", caughtBy: "retries.outage-change",
		serve: func(c *faultyCall) faultyAnswer {
			if c.outage && c.is("update") {
				return c.saveAll()
			}
			return c.forward()
		},
	},
	{
		name: "lists nothing during an outage", caughtBy: "retries.outage-question",
		serve: func(c *faultyCall) faultyAnswer {
			if c.outage && c.is("read") {
				return c.saveAll().each(func(response map[string]any) { response["body"] = map[string]any{"data": []string{}, "error": nil} })
			}
			return c.forward()
		},
	},
	{
		name: "does not recover from an outage", caughtBy: "retries.outage-change",
		serve: func(c *faultyCall) faultyAnswer {
			if c.outage && c.is("update") {
				c.note("broken")
			}
			if c.was("broken") && c.is("update") && c.first("swaprequests") != nil {
				return c.refuseAll(http.StatusServiceUnavailable)
			}
			return c.forward()
		},
	},
}

// ownWrites marks the integration's own writes.
const ownWrites = "WFI_5b2c8a10-7d3e-4f61-9a0b-3c2d1e0f4a5b"

// repeatFaults are in calls that come again, or at the same time.
var repeatFaults = []fault{
	{
		name: "refuses to do the same twice", caughtBy: "retries.swap",
		serve: func(c *faultyCall) faultyAnswer {
			if request := c.first("swaprequests"); request != nil {
				call := string(c.plaintext)
				if c.was(call) {
					return c.refuseAll(http.StatusConflict)
				}
				answer := c.forward()
				if c.approves(answer) {
					c.note(call)
				}
				return answer
			}
			return c.forward()
		},
	},
	{
		name: "takes the repeat of a refused call for done", caughtBy: "retries.refusal",
		serve: func(c *faultyCall) faultyAnswer {
			request := c.first("swaprequests")
			if request == nil || request["method"] != "POST" || c.outage {
				return c.forward()
			}
			if c.was(string(c.plaintext)) {
				return c.saveAll()
			}
			c.note(string(c.plaintext))
			return c.forward()
		},
	},
	{
		name: "refuses a request under another id as a duplicate", caughtBy: "retries.new-request-id",
		serve: func(c *faultyCall) faultyAnswer {
			request := c.first("swaprequests")
			if request == nil {
				return c.forward()
			}
			pair := textAt(request, "body", "senderShiftId") + textAt(request, "body", "recipientShiftId")
			switch state := textAt(request, "body", "state"); {
			case state == "Declined":
				c.forget(pair)
			case request["method"] == "DELETE":
				clearPairs(c)
			case request["method"] == "POST" && c.was(pair) && !c.was(pair+request["id"].(string)):
				return c.refuseAll(http.StatusConflict)
			case request["method"] == "POST":
				c.note(pair)
				c.note(pair + request["id"].(string))
			}
			return c.forward()
		},
	},
	{
		name: "refuses an approval with other new shifts", caughtBy: "retries.new-shift-ids",
		serve: func(c *faultyCall) faultyAnswer {
			request := c.first("swaprequests")
			if request == nil || len(c.items) != 5 {
				return c.forward()
			}
			approved, call := "approved "+request["id"].(string), string(c.plaintext)
			if c.was(approved) && !c.was(call) {
				return c.refuseAll(http.StatusNotFound)
			}
			answer := c.forward()
			if c.approves(answer) {
				c.note(approved)
				c.note(call)
			}
			return answer
		},
	},
	{
		name: "carries out a repeated approval again", caughtBy: "retries.one-copy",
		serve: func(c *faultyCall) faultyAnswer {
			request := c.first("swaprequests")
			if request == nil || len(c.items) != 5 {
				return c.forward()
			}
			approved := "approved " + request["id"].(string)
			if !c.was(approved) {
				answer := c.forward()
				if c.approves(answer) {
					c.note(approved)
				}
				return answer
			}
			// Beside those that came first, come two more shifts.
			c.request.Header.Set("X-MS-WFMPassthrough", ownWrites)
			for _, item := range c.items {
				if item["method"] == "POST" {
					shift := maps.Clone(item)
					body := maps.Clone(item["body"].(map[string]any))
					body["createdDateTime"] = "2026-11-30T12:00:00.000Z"
					shift["body"] = body
					c.forwardItems(shift)
				}
			}
			return c.saveAll()
		},
	},
	{
		name: "takes a slot with every repeat", caughtBy: "retries.slots",
		serve: func(c *faultyCall) faultyAnswer {
			request := c.first("openshiftrequests")
			if request == nil || len(c.items) < 3 {
				return c.forward()
			}
			answer, approved := c.forward(), "approved "+request["id"].(string)
			if c.was(approved) {
				open := c.first("openshifts")
				at(open, "body", "sharedOpenShift").(map[string]any)["openSlotCount"] = 0
				c.forwardItems(open)
			}
			c.note(approved)
			return answer
		},
	},
	{
		name: "fails when the same call comes twice at once", caughtBy: "retries.create-at-once",
		serve: func(c *faultyCall) faultyAnswer {
			if request := c.first("swaprequests"); request != nil && request["method"] == "POST" && c.together(request["id"].(string)) {
				return faultyAnswer{status: http.StatusInternalServerError}
			}
			return c.forward()
		},
	},
	{
		name: "gives the last slot twice at once", caughtBy: "retries.last-slot-at-once",
		serve: func(c *faultyCall) faultyAnswer {
			if open := c.first("openshifts"); open != nil && len(c.items) == 3 && c.together(open["id"].(string)) {
				return c.saveAll()
			}
			return c.forward()
		},
	},
}

// clearPairs forgets which shifts are asked for.
func clearPairs(c *faultyCall) {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.state)
}
