package main

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

// wireFaults are those below the level of items, and in what items have beside
// what they are about.
var wireFaults = slices.Concat(callFaults, sealedFaults)

var callFaults = []fault{
	{
		name: "answers the registration with HTTP 204", caughtBy: "connect.accepted", also: []string{"connect.repeated"},
		serve: func(c *faultyCall) faultyAnswer {
			answer := c.forward()
			if c.is("connect") && answer.status == http.StatusOK {
				answer.status = http.StatusNoContent
			}
			return answer
		},
	},
	{
		name: "registers once only", caughtBy: "connect.repeated",
		serve: func(c *faultyCall) faultyAnswer {
			answer := c.forward()
			if c.is("connect") && answer.status == http.StatusOK && !c.firstTime("connect") {
				answer.status = http.StatusConflict
			}
			return answer
		},
	},
	{
		name: "minds a doubled slash", caughtBy: "connect.slashes",
		serve: func(c *faultyCall) faultyAnswer {
			if strings.Contains(c.request.URL.Path, "//") {
				return faultyAnswer{status: http.StatusNotFound}
			}
			return c.forward()
		},
	},
	{
		name: "takes calls for JSON only", caughtBy: "connect.content-type",
		serve: func(c *faultyCall) faultyAnswer {
			if c.request.Header.Get("Content-Type") != "application/json" && c.request.Method == http.MethodPost {
				return faultyAnswer{status: http.StatusUnsupportedMediaType}
			}
			return c.forward()
		},
	},
	{
		name: "swallows an error of decryption", caughtBy: "connect.wrong-secret", also: []string{"envelope.foreign-key"},
		serve: func(c *faultyCall) faultyAnswer {
			m, ok := splitBody(c.body)
			if ok && len(m.tag) == 32 && c.openErr != nil && m.decrypt() == nil {
				return faultyAnswer{status: http.StatusOK}
			}
			return c.forward()
		},
	},
	{
		name: "serves every tenant", caughtBy: "connect.another-tenant",
		serve: func(c *faultyCall) faultyAnswer {
			var body struct{ TenantID string }
			if c.is("connect") && json.Unmarshal(c.plaintext, &body) == nil && body.TenantID != "" {
				return c.forwardPlain([]byte(`{"tenantId":"8f9d7c6b-0000-4000-8000-000000000001"}`))
			}
			return c.forward()
		},
	},
	{
		name: "serves every version", caughtBy: "connect.another-version",
		serve: func(c *faultyCall) faultyAnswer {
			c.request.URL.Path = strings.Replace(c.request.URL.Path, "/v2/", "/v1/", 1)
			return c.forward()
		},
	},
	{
		name: "cannot read seven digits of a second", caughtBy: "time.expires-digits", also: []string{"read.item-headers"},
		serve: func(c *faultyCall) faultyAnswer {
			return c.refusing(func(item map[string]any) bool { return c.is("read") && sevenDigits.MatchString(expires(item)) })
		},
	},
	{
		name: "demands an expiry", caughtBy: "time.no-expiry", also: []string{"batch.header-member"},
		serve: func(c *faultyCall) faultyAnswer {
			return c.refusing(func(item map[string]any) bool { return c.is("update") && expires(item) == "" })
		},
	},
	{
		name: "saves what has expired", caughtBy: "time.expired",
		serve: func(c *faultyCall) faultyAnswer {
			return c.forwardChanged(func(item map[string]any) { delete(item, "headers") })
		},
	},
	{
		name: "refuses all items for the sake of one", caughtBy: "time.expired-beside-fresh",
		serve: func(c *faultyCall) faultyAnswer {
			expired := false
			for _, item := range c.items {
				at, err := time.Parse(time.RFC3339, expires(item))
				now, _ := time.Parse(time.RFC3339, storyNow)
				expired = expired || err == nil && at.Before(now)
			}
			return c.refusing(func(map[string]any) bool { return expired })
		},
	},
	{
		name: "throws at an expiry that it cannot read", caughtBy: "time.unreadable",
		serve: func(c *faultyCall) faultyAnswer {
			for _, item := range c.items {
				if _, err := time.Parse(time.RFC3339, expires(item)); err != nil && expires(item) != "" {
					return faultyAnswer{status: http.StatusInternalServerError}
				}
			}
			return c.forward()
		},
	},
	{
		name: "announces text", caughtBy: "hygiene.content-type",
		serve: func(c *faultyCall) faultyAnswer {
			answer := c.forward()
			answer.header.Set("Content-Type", "text/plain")
			return answer
		},
	},
	{
		name: "announces another encoding", caughtBy: "hygiene.utf-8",
		serve: func(c *faultyCall) faultyAnswer {
			answer := c.forward()
			answer.header.Set("Content-Type", "application/json; charset=iso-8859-1")
			return answer
		},
	},
	{
		name: "answers no batch with no items", caughtBy: "hygiene.no-batch", also: []string{"hygiene.empty-batch", "batch.byte-order-mark", "batch.item-no-object"},
		serve: func(c *faultyCall) faultyAnswer {
			if c.openErr == nil && c.is("update") && len(c.items) == 0 {
				return ok(nothing...)
			}
			return c.forward()
		},
	},
	{
		name: "answers an empty batch with an empty one", caughtBy: "hygiene.empty-batch",
		serve: func(c *faultyCall) faultyAnswer {
			if c.is("update") && c.items != nil && len(c.items) == 0 {
				return ok(nothing...)
			}
			return c.forward()
		},
	},
	{
		name: "throws at a text that is not JSON", caughtBy: "hygiene.no-batch", also: []string{"batch.byte-order-mark"},
		serve: func(c *faultyCall) faultyAnswer {
			if c.openErr == nil && !json.Valid(c.plaintext) {
				return faultyAnswer{status: http.StatusInternalServerError}
			}
			return c.forward()
		},
	},
	{
		name: "answers every path", caughtBy: "hygiene.unknown-path",
		serve: func(c *faultyCall) faultyAnswer {
			answer := c.forward()
			if answer.status == http.StatusNotFound && c.is("nothing") {
				return ok(nothing...)
			}
			return answer
		},
	},
	{
		name: "answers a GET", caughtBy: "hygiene.get",
		serve: func(c *faultyCall) faultyAnswer {
			if c.request.Method == http.MethodGet && c.is("read") {
				return ok(saved("1"))
			}
			return c.forward()
		},
	},
	{
		name: "repeats what it could not read", caughtBy: "hygiene.no-echo",
		serve: func(c *faultyCall) faultyAnswer {
			answer := c.forward()
			if answer.status == http.StatusBadRequest {
				answer.body = []byte("cannot read: " + string(c.plaintext))
			}
			return answer
		},
	},
	{
		name: "shows where it threw", caughtBy: "hygiene.no-internals",
		serve: func(c *faultyCall) faultyAnswer {
			answer := c.forward()
			if answer.status == http.StatusUnauthorized {
				answer.body = []byte("System.Security.Cryptography.CryptographicException: Padding is invalid.\n   at Wfm.Decryptor.Decrypt(Byte[] body) in C:\\src\\Decryptor.cs:line 42")
			}
			return answer
		},
	},
	{
		name: "gives away the secret", caughtBy: "hygiene.no-secret",
		serve: func(c *faultyCall) faultyAnswer {
			answer := c.forward()
			if answer.status == http.StatusUnauthorized {
				answer.header = http.Header{"X-Expected-Key": {testSecret[:32]}}
			}
			return answer
		},
	},
}

// nothing is what an answer without items has.
var nothing = []map[string]any{}

var sevenDigits = regexp.MustCompile(`\.\d{7}Z$`)

// expires is the item header X-MS-Expires, "" if there is none.
func expires(item map[string]any) string {
	headers, _ := item["headers"].(map[string]any)
	text, _ := headers["X-MS-Expires"].(string)
	return text
}

// firstTime reports whether it was not asked about this before, during the run.
func (c *faultyCall) firstTime(what string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	before := c.state[what]
	c.state[what] = true
	return before == nil
}

// downAfter is unavailable for the one call that follows a fatal one.
func (c *faultyCall) downAfter(fatal bool) faultyAnswer {
	c.mu.Lock()
	down := c.state["down"] == true
	c.state["down"] = fatal && !down
	c.mu.Unlock()
	if down {
		return faultyAnswer{status: http.StatusServiceUnavailable}
	}
	return c.forward()
}

// refusing gives the answer of the real endpoint, with refusals of the items
// that are bad.
func (c *faultyCall) refusing(bad func(item map[string]any) bool) faultyAnswer {
	answer := c.forward()
	responses := answer.responses()
	if len(responses) != len(c.items) || responses == nil {
		return answer
	}
	for i, item := range c.items {
		if bad(item) {
			responses[i] = refusedAs(item["id"], http.StatusBadRequest)
		}
	}
	return answer.with(responses)
}

// forwardChanged gives the answer of the real endpoint to items that were
// changed.
func (c *faultyCall) forwardChanged(change func(item map[string]any)) faultyAnswer {
	if c.items == nil {
		return c.forward()
	}
	for _, item := range c.items {
		change(item)
	}
	return c.forwardItems(c.items...)
}
