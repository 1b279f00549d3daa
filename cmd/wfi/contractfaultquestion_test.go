package main

import (
	"bytes"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// questionFaults are those in what is listed.
var questionFaults = []fault{
	{
		name: "lists are null", caughtBy: "read.swap-listed",
		also:  []string{"read.nothing-found", "read.reasons-listed"},
		serve: func(c *faultyCall) faultyAnswer { return c.listing(func([]any) any { return nil }) },
	},
	{
		name: "empty lists are null", caughtBy: "read.nothing-found",
		serve: func(c *faultyCall) faultyAnswer {
			return c.listing(func(ids []any) any {
				if len(ids) == 0 {
					return nil
				}
				return ids
			})
		},
	},
	{
		name: "lists are of objects", caughtBy: "read.swap-listed",
		also: []string{"read.reasons-listed"},
		serve: func(c *faultyCall) faultyAnswer {
			return c.listing(func(ids []any) any {
				objects := []any{}
				for _, id := range ids {
					objects = append(objects, map[string]any{"id": id})
				}
				return objects
			})
		},
	},
	{
		name: "lists are of numbers", caughtBy: "read.swap-listed",
		also: []string{"read.reasons-listed"},
		serve: func(c *faultyCall) faultyAnswer {
			return c.listing(func(ids []any) any {
				numbers := []any{}
				for i := range ids {
					numbers = append(numbers, i)
				}
				return numbers
			})
		},
	},
	{
		name: "lists are one text", caughtBy: "read.swap-listed",
		also: []string{"read.reasons-listed", "read.nothing-found"},
		serve: func(c *faultyCall) faultyAnswer {
			return c.listing(func(ids []any) any { return strings.Trim(strings.Repeat("SHFT_1,", len(ids)), ",") })
		},
	},
	{
		name: "the last that is eligible is left out", caughtBy: "read.swap-eligible",
		serve: func(c *faultyCall) faultyAnswer {
			return c.listing(func(ids []any) any { return without(ids, "SHFT_a0000005-0000-4000-8000-000000000005") })
		},
	},
	{
		name: "what is not eligible is listed", caughtBy: "read.swap-ineligible",
		serve: func(c *faultyCall) faultyAnswer {
			return c.listing(func(ids []any) any { return with(ids, "SHFT_", "SHFT_a0000004-0000-4000-8000-000000000004") })
		},
	},
	{
		name: "the shift itself is listed", caughtBy: "read.swap-not-with-itself",
		serve: func(c *faultyCall) faultyAnswer {
			return c.listing(func(ids []any) any { return with(ids, "SHFT_", "SHFT_a0000001-0000-4000-8000-000000000001") })
		},
	},
	{
		name: "a reason that may be chosen is left out", caughtBy: "read.reasons-eligible",
		serve: func(c *faultyCall) faultyAnswer {
			return c.listing(func(ids []any) any { return without(ids, "TOR_29f4a110-ae53-458b-83d6-00c910fe2f01") })
		},
	},
	{
		name: "a reason that may not be chosen is listed", caughtBy: "read.reasons-ineligible",
		serve: func(c *faultyCall) faultyAnswer {
			return c.listing(func(ids []any) any { return with(ids, "TOR_", "TOR_7f6e5d4c-3b2a-4190-8f7e-6d5c4b3a2904") })
		},
	},
	{
		name: "the question about reasons crashes, as in the adapter", caughtBy: "read.reasons-listed",
		also: []string{"read.reasons-unknown-user", "read.window-absent"},
		serve: func(c *faultyCall) faultyAnswer {
			return c.failsOn(c.is("read") && slices.ContainsFunc(c.items, func(item map[string]any) bool {
				url, _ := item["url"].(string)
				return !strings.Contains(url, "&")
			}))
		},
	},
	{
		name: "questions that are refused are answered without an id, as in Kronos", caughtBy: "read.unknown-shift",
		also: []string{"read.unknown-question", "read.unknown-request-type", "read.window-reversed", "read.date-unreadable", "read.reasons-unknown-user"},
		serve: func(c *faultyCall) faultyAnswer {
			answer := c.forward()
			if !c.is("read") {
				return answer
			}
			return answer.each(func(response map[string]any) {
				if isRefusal(response) {
					response["id"], response["status"] = nil, http.StatusNotFound
				}
			})
		},
	},
	{
		name: "what is not known has an empty list", caughtBy: "read.unknown-shift-refused",
		serve: func(c *faultyCall) faultyAnswer {
			answer := c.forward()
			if !c.is("read") || len(c.items) > 1 {
				return answer
			}
			return answer.each(func(response map[string]any) {
				if refusal, _ := body(response)["error"].(map[string]any); refusal["code"] == "ShiftNotFound" {
					response["status"], response["body"] = http.StatusOK, map[string]any{"data": []any{}, "error": nil}
				}
			})
		},
	},
	{
		name: "every question is taken for one about swaps of the item's id, as in Kronos", caughtBy: "read.unknown-question",
		also: []string{"read.id-of-the-item", "read.unknown-request-type", "read.reasons-listed"},
		serve: func(c *faultyCall) faultyAnswer {
			if !c.is("read") {
				return c.forward()
			}
			for _, item := range c.items {
				if url, ok := item["url"].(string); ok {
					_, query, _ := strings.Cut(url, "&")
					item["url"] = fmt.Sprintf("/shifts/%v/requestableShifts?requestType=SwapRequest&%s", item["id"], query)
				}
			}
			return c.forwardItems(c.items...)
		},
	},
	{
		name: "only the first question is answered, as in Kronos", caughtBy: "read.known-then-unknown",
		also: []string{"read.unknown-then-known", "read.both-questions", "time.expired-beside-fresh"},
		serve: func(c *faultyCall) faultyAnswer {
			answer := c.forward()
			if responses := answer.responses(); c.is("read") && len(responses) > 1 {
				return answer.with(responses[:1])
			}
			return answer
		},
	},
	{
		name: "the answer to the first question is given to all", caughtBy: "read.known-then-unknown",
		also: []string{"read.unknown-then-known", "read.both-questions", "time.expired-beside-fresh"},
		serve: func(c *faultyCall) faultyAnswer {
			answer := c.forward()
			if responses := answer.responses(); c.is("read") && len(responses) > 1 {
				first := responses[0]
				return answer.each(func(response map[string]any) { response["status"], response["body"] = first["status"], first["body"] })
			}
			return answer
		},
	},
	{
		name: "a refused question ends the batch", caughtBy: "read.unknown-then-known",
		also: []string{"time.expired-beside-fresh"},
		serve: func(c *faultyCall) faultyAnswer {
			answer := c.forward()
			if responses := answer.responses(); c.is("read") && len(responses) > 1 && isRefusal(responses[0]) {
				return answer.with(responses[:1])
			}
			return answer
		},
	},
	{
		name: "the kind of all questions is that of the first", caughtBy: "read.both-questions",
		serve: func(c *faultyCall) faultyAnswer {
			if !c.is("read") || len(c.items) < 2 || !strings.Contains(fmt.Sprint(c.items[0]["url"]), "timeOffReasons") {
				return c.forward()
			}
			return c.withURLs("read", func(string) string { return fmt.Sprint(c.items[0]["url"]) })
		},
	},
	{
		name: "the team of the path is not looked at", caughtBy: "read.unknown-team",
		serve: func(c *faultyCall) faultyAnswer {
			if c.is("read") {
				c.request.URL.Path = regexp.MustCompile(`teams/[^/]+`).ReplaceAllString(c.request.URL.Path, "teams/2f5d1f0e-6c3f-4c0a-9a51-7d2b8f0f9d11")
			}
			return c.forward()
		},
	},
	{
		name: "a question that is asked again at once has one shift more", caughtBy: "read.repeated",
		serve: func(c *faultyCall) faultyAnswer {
			c.mu.Lock()
			this := c.request.URL.Path + string(c.plaintext)
			last, _ := c.state["last"].(string)
			c.state["last"] = this
			c.mu.Unlock()
			return c.listing(func(ids []any) any {
				if last == this && strings.Contains(last, "startTime=2026-12-03T13:30") {
					return with(ids, "SHFT_", "SHFT_more")
				}
				return ids
			})
		},
	},
	{
		name: "people who are not known may choose any reason", caughtBy: "read.reasons-unknown-user",
		serve: func(c *faultyCall) faultyAnswer {
			return c.withURLs("read", func(url string) string {
				if strings.Contains(url, "/timeOffReasons") && !bytes.Contains(c.plaintext, []byte("4fbc12d7-1234-46ef-8a90-bc123d45678f")) {
					return "/users/4fbc12d7-1234-46ef-8a90-bc123d45678f/timeOffReasons?requestType=TimeOffReason"
				}
				return url
			})
		},
	},
	{
		name: "questions with the passthrough header are not answered, as in the adapter", caughtBy: "read.passthrough",
		serve: func(c *faultyCall) faultyAnswer {
			if c.is("read") && c.request.Header.Get("X-MS-WFMPassthrough") != "" {
				return ok(map[string]any{"id": c.items[0]["id"], "status": http.StatusOK, "body": map[string]any{"data": nil, "error": nil}})
			}
			return c.forward()
		},
	},
}
