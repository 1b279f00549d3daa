package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"example.com/shiftswfi/batch/contract"
)

// No check of these groups goes without a fault that it is there to notice.
func TestReadFaultsCoverEveryCheck(t *testing.T) {
	t.Parallel()
	for _, check := range contract.Checks() {
		if group := check.Group(); group == "batch" || group == "read" {
			assert.True(t, slices.ContainsFunc(readFaults, func(f fault) bool { return f.caughtBy == check.ID }), check.ID)
		}
	}
}

// readFaults are those in how a batch is answered, and in the answers of /read.
var readFaults = slices.Concat(batchFaults, writingFaults, kindFaults, questionFaults, windowFaults)

var batchFaults = []fault{
	{
		name: "the last of three items is not answered", caughtBy: "batch.every-item-answered",
		also: []string{"update.claim-answered"},
		serve: func(c *faultyCall) faultyAnswer {
			answer := c.forward()
			if responses := answer.responses(); len(responses) == 3 {
				return answer.with(responses[:2])
			}
			return answer
		},
	},
	{
		name: "items beyond fifty are not answered", caughtBy: "batch.hundred-items-answered",
		serve: func(c *faultyCall) faultyAnswer {
			answer := c.forward()
			if responses := answer.responses(); len(responses) > 50 {
				return answer.with(responses[:50])
			}
			return answer
		},
	},
	{
		name: "answers are out of order", caughtBy: "batch.order",
		serve: func(c *faultyCall) faultyAnswer {
			answer := c.forward()
			responses := answer.responses()
			if responses == nil {
				return answer
			}
			slices.Reverse(responses)
			return answer.with(responses)
		},
	},
	{
		name: "answers have the id of the entity", caughtBy: "batch.ids-of-the-items",
		also: []string{"batch.ids-letter-by-letter"},
		serve: func(c *faultyCall) faultyAnswer {
			answer := c.forward()
			responses := answer.responses()
			if !c.is("update") || len(responses) != len(c.items) {
				return answer
			}
			for i, item := range c.items {
				if url, _ := item["url"].(string); strings.Count(url, "/") > 1 {
					responses[i]["id"] = path.Base(url)
				}
			}
			return answer.with(responses)
		},
	},
	{
		name: "ids are written in small letters, but for their prefix", caughtBy: "batch.ids-letter-case",
		serve: func(c *faultyCall) faultyAnswer {
			return c.forward().each(func(response map[string]any) {
				if id, ok := response["id"].(string); ok {
					prefix, rest, _ := strings.Cut(id, "_")
					response["id"] = prefix + strings.TrimSuffix("_"+strings.ToLower(rest), "_")
				}
			})
		},
	},
	{
		name: "ids lose what is not ASCII", caughtBy: "batch.ids-letter-by-letter",
		serve: func(c *faultyCall) faultyAnswer {
			return c.forward().each(func(response map[string]any) {
				if id, ok := response["id"].(string); ok {
					response["id"] = strings.Map(func(r rune) rune {
						if r > 127 {
							return '?'
						}
						return r
					}, id)
				}
			})
		},
	},
	{
		name: "the first of two answers comes twice, as in Kronos", caughtBy: "batch.no-second-answer",
		serve: func(c *faultyCall) faultyAnswer {
			answer := c.forward()
			if responses := answer.responses(); len(responses) == 2 {
				return answer.with(append(responses, responses[0]))
			}
			return answer
		},
	},
	{
		name: "an answer with another id goes ahead, as in Kronos", caughtBy: "batch.no-other-ids",
		serve: func(c *faultyCall) faultyAnswer {
			answer := c.forward()
			if responses := answer.responses(); responses != nil {
				return answer.with(slices.Insert(responses, 0, saved("4711")))
			}
			return answer
		},
	},
	{
		name: "the status of refused changes is a text", caughtBy: "batch.status-integer",
		also: []string{"time.expired", "update.swap-approval-refused", "update.read-only"},
		serve: func(c *faultyCall) faultyAnswer {
			answer := c.forward()
			if !c.is("update") {
				return answer
			}
			return answer.each(func(response map[string]any) {
				if isRefusal(response) {
					response["status"] = fmt.Sprint(response["status"])
				}
			})
		},
	},
	{
		name: "a change that is refused comes with HTTP 500", caughtBy: "batch.refusal-http-200",
		also: []string{"batch.unknown-kind-answered", "time.expired", "update.read-only"},
		serve: func(c *faultyCall) faultyAnswer {
			answer := c.forward()
			if c.is("update") && len(c.items) == 1 && isRefusal(answer.responses()[0]) {
				answer.status = http.StatusInternalServerError
			}
			return answer
		},
	},
	{
		name: "refusals have no message", caughtBy: "batch.refusal-message",
		also:  []string{"update.read-only"},
		serve: func(c *faultyCall) faultyAnswer { return c.forward().each(withoutError("message")) },
	},
	{
		name: "refusals have no code", caughtBy: "batch.refusal-code",
		also:  []string{"update.read-only"},
		serve: func(c *faultyCall) faultyAnswer { return c.forward().each(withoutError("code")) },
	},
	{
		name: "refusals have an empty list", caughtBy: "batch.refusal-without-data",
		serve: func(c *faultyCall) faultyAnswer {
			return c.forward().each(func(response map[string]any) {
				if isRefusal(response) {
					body(response)["data"] = []any{}
				}
			})
		},
	},
	{
		name: "successes have an error", caughtBy: "batch.success-without-error",
		serve: func(c *faultyCall) faultyAnswer {
			return c.forward().each(func(response map[string]any) {
				if !isRefusal(response) {
					body(response)["error"] = map[string]any{"code": "OK", "message": "Declined by the system."}
				}
			})
		},
	},
}

// writingFaults are those in how the JSON of a batch is read.
var writingFaults = []fault{
	{
		name: "members that are not known are not understood", caughtBy: "batch.other-members",
		serve: func(c *faultyCall) faultyAnswer {
			return c.failsOn(bytes.Contains(c.plaintext, []byte(`"priority"`)))
		},
	},
	{
		name: "white space is not understood", caughtBy: "batch.white-space",
		serve: func(c *faultyCall) faultyAnswer { return c.failsOn(bytes.ContainsAny(c.plaintext, "\t\r\n")) },
	},
	{
		name: "a byte order mark is not understood", caughtBy: "batch.byte-order-mark",
		serve: func(c *faultyCall) faultyAnswer { return c.failsOn(bytes.HasPrefix(c.plaintext, []byte("\uFEFF"))) },
	},
	{
		name: "items need headers", caughtBy: "batch.header-member",
		serve: func(c *faultyCall) faultyAnswer {
			return c.failsOn(c.is("update") && bytes.Contains(c.plaintext, []byte(`"header":`)))
		},
	},
	{
		name: "questions may not have headers", caughtBy: "read.item-headers",
		also: []string{"time.unreadable"},
		serve: func(c *faultyCall) faultyAnswer {
			return c.failsOn(c.is("read") && bytes.Contains(c.plaintext, []byte(`"headers":`)))
		},
	},
	{
		name: "questions come to one path only", caughtBy: "read.path-of-graph",
		serve: func(c *faultyCall) faultyAnswer {
			return c.failsOn(strings.Contains(c.request.URL.Path, "/1/team/"))
		},
	},
	{
		name: "a body that is null is not understood", caughtBy: "batch.body-null",
		serve: func(c *faultyCall) faultyAnswer {
			return c.failsOn(c.is("update") && bytes.Contains(c.plaintext, []byte(`"body":null`)))
		},
	},
	{
		name: "an item without method spoils the batch", caughtBy: "batch.item-without-method",
		serve: func(c *faultyCall) faultyAnswer { return c.spoiltWithout("method") },
	},
	{
		name: "an item without url spoils the batch", caughtBy: "batch.item-without-url",
		serve: func(c *faultyCall) faultyAnswer { return c.spoiltWithout("url") },
	},
	{
		name: "an item without id spoils the batch", caughtBy: "batch.item-without-id",
		serve: func(c *faultyCall) faultyAnswer { return c.spoiltWithout("id") },
	},
	{
		name: "an item that is no object spoils the batch", caughtBy: "batch.item-no-object",
		serve: func(c *faultyCall) faultyAnswer {
			return c.failsOn(slices.ContainsFunc(c.rawItems(), func(item json.RawMessage) bool { return item[0] != '{' }))
		},
	},
	{
		name: "members of other types spoil the batch", caughtBy: "batch.item-no-object",
		serve: func(c *faultyCall) faultyAnswer {
			return c.failsOn(slices.ContainsFunc(c.rawItems(), func(item json.RawMessage) bool {
				var members struct{ ID, Method, URL string }
				return item[0] == '{' && json.Unmarshal(item, &members) != nil
			}))
		},
	},
	{
		name: "the ordinary item beside one that is no object is not answered", caughtBy: "batch.item-no-object",
		serve: func(c *faultyCall) faultyAnswer {
			if c.rawItems() != nil && c.items == nil {
				return ok([]map[string]any{}...)
			}
			return c.forward()
		},
	},
}

// rawItems are the items of a batch, whatever they are.
func (c *faultyCall) rawItems() []json.RawMessage {
	var batch struct{ Requests []json.RawMessage }
	if json.Unmarshal(c.plaintext, &batch) != nil {
		return nil
	}
	return batch.Requests
}

// failsOn crashes where it is said to, and works as usual otherwise.
func (c *faultyCall) failsOn(trouble bool) faultyAnswer {
	if trouble {
		return faultyAnswer{status: http.StatusInternalServerError}
	}
	return c.forward()
}

// spoiltWithout fails if an item of a batch lacks a member.
func (c *faultyCall) spoiltWithout(member string) faultyAnswer {
	return c.failsOn(slices.ContainsFunc(c.items, func(item map[string]any) bool {
		_, ok := item[member]
		return !ok && item != nil // which is null in the batch
	}))
}

// kindFaults are those in what an item of /update is taken for.
var kindFaults = []fault{
	{
		name: "the kind is found anywhere in the url, as in Kronos", caughtBy: "batch.kind-by-whole-path",
		serve: func(c *faultyCall) faultyAnswer {
			return c.withURLs("update", func(url string) string {
				for _, kind := range []string{"openshiftrequests", "swapRequests", "timeOffRequests", "openshifts", "shifts"} {
					if strings.Contains(url, "/"+kind+"/") {
						return "/" + kind + "/" + path.Base(url)
					}
				}
				return url
			})
		},
	},
	{
		name: "the kind is found anywhere, slashes or not", caughtBy: "batch.kind-by-segments",
		serve: func(c *faultyCall) faultyAnswer {
			return c.withURLs("update", func(url string) string {
				if strings.HasPrefix(url, "/shifts/") && strings.Contains(url, "openshiftrequests") {
					return "/openshiftrequests/" + path.Base(url)
				}
				return url
			})
		},
	},
	{
		name: "unknown kinds are not answered, as in Kronos", caughtBy: "batch.unknown-kind-answered",
		serve: func(c *faultyCall) faultyAnswer {
			if c.is("update") && slices.ContainsFunc(c.items, ofUnknownKind) {
				return ok([]map[string]any{}...)
			}
			return c.forward()
		},
	},
	{
		name: "unknown kinds are approved", caughtBy: "batch.unknown-kind-refused",
		also: []string{"batch.each-item-judged"},
		serve: func(c *faultyCall) faultyAnswer {
			if c.is("update") && slices.ContainsFunc(c.items, ofUnknownKind) {
				return c.savedAll()
			}
			return c.forward()
		},
	},
	{
		name: "unknown kinds are judged by the first item", caughtBy: "batch.each-item-judged",
		serve: func(c *faultyCall) faultyAnswer {
			if c.is("update") && slices.ContainsFunc(c.items, ofUnknownKind) && !ofUnknownKind(c.items[0]) {
				return c.savedAll()
			}
			return c.forward()
		},
	},
	{
		name: "kinds have to be written exactly", caughtBy: "batch.kind-letter-case",
		serve: func(c *faultyCall) faultyAnswer {
			return c.withURLs("update", func(url string) string { return strings.Replace(url, "/SHIFTS/", "/unknown/", 1) })
		},
	},
}

func ofUnknownKind(item map[string]any) bool {
	url, _ := item["url"].(string)
	return strings.HasPrefix(url, "/lunchBreaks/")
}

// withURLs gives the answer of the real endpoint to items with other urls.
func (c *faultyCall) withURLs(endpoint string, change func(url string) string) faultyAnswer {
	if !c.is(endpoint) || c.items == nil {
		return c.forward()
	}
	changed := false
	for _, item := range c.items {
		url, ok := item["url"].(string)
		if !ok {
			continue
		}
		if other := change(url); other != url {
			item["url"], changed = other, true
		}
	}
	if !changed {
		return c.forward()
	}
	return c.forwardItems(c.items...)
}

// savedAll approves every item.
func (c *faultyCall) savedAll() faultyAnswer {
	var responses []map[string]any
	for _, item := range c.items {
		responses = append(responses, saved(item["id"]))
	}
	return ok(responses...)
}

func isRefusal(response map[string]any) bool { return response["status"] != float64(http.StatusOK) }

func body(response map[string]any) map[string]any {
	body, _ := response["body"].(map[string]any)
	return body
}

// withoutError takes a member of their error from refusals.
func withoutError(member string) func(response map[string]any) {
	return func(response map[string]any) {
		if refusal, ok := body(response)["error"].(map[string]any); ok {
			delete(refusal, member)
		}
	}
}
