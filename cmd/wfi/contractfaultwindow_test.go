package main

import (
	"bytes"
	"regexp"
	"strings"
)

// windowFaults are those in how the url of a question is read.
var windowFaults = []fault{
	{
		name: "the window is ignored", caughtBy: "read.window-end",
		also: []string{"read.window-start", "read.window-reversed", "read.date-unreadable"},
		serve: func(c *faultyCall) faultyAnswer {
			return c.withURLs("read", func(url string) string {
				if question, _, found := strings.Cut(url, "&"); found {
					return question + "&startTime=2000-01-01T00:00:00Z&endTime=2100-01-01T00:00:00Z"
				}
				return url
			})
		},
	},
	{
		name: "the end of the window is ignored", caughtBy: "read.window-end",
		also: []string{"read.window-reversed"},
		serve: func(c *faultyCall) faultyAnswer {
			return c.withURLs("read", func(url string) string {
				return regexp.MustCompile(`(?i)&end(date)?time=.*`).ReplaceAllString(url, "&endTime=2100-01-01T00:00:00Z")
			})
		},
	},
	{
		name: "the start of the window is ignored", caughtBy: "read.window-start",
		also: []string{"read.window-reversed"},
		serve: func(c *faultyCall) faultyAnswer {
			return c.withURLs("read", func(url string) string {
				return regexp.MustCompile(`(?i)&start(date)?time=[^&]*`).ReplaceAllString(url, "&startTime=2000-01-01T00:00:00Z")
			})
		},
	},
	{
		name: "a window is less than a month", caughtBy: "read.window-around",
		serve: func(c *faultyCall) faultyAnswer {
			return c.listing(func(ids []any) any {
				if bytes.Contains(c.plaintext, []byte("startTime=2026-12-04T13:30")) {
					return []any{}
				}
				return ids
			})
		},
	},
	{
		name: "a question without a window is refused", caughtBy: "read.window-absent",
		serve: func(c *faultyCall) faultyAnswer {
			return c.notUnderstood(func(url string) bool {
				return strings.Contains(url, "requestableShifts") && !strings.Contains(url, "&")
			})
		},
	},
	{
		name: "a reversed window is turned round", caughtBy: "read.window-reversed",
		serve: func(c *faultyCall) faultyAnswer {
			return c.withURLs("read", func(url string) string {
				m := regexp.MustCompile(`(.*&)startTime=(20[^&]*)&endTime=(20.*)`).FindStringSubmatch(url)
				if m == nil || !strings.HasSuffix(m[2], "Z") || m[2] < m[3] {
					return url
				}
				return m[1] + "startTime=" + m[3] + "&endTime=" + m[2]
			})
		},
	},
	{
		name: "dates that cannot be read are ignored", caughtBy: "read.date-unreadable",
		serve: func(c *faultyCall) faultyAnswer {
			return c.withURLs("read", func(url string) string {
				return strings.NewReplacer("startTime=next-monday", "", "endTime=soon", "").Replace(url)
			})
		},
	},
	{
		name: "dates need seven digits of a second", caughtBy: "read.date-without-fraction",
		serve: func(c *faultyCall) faultyAnswer {
			return c.notUnderstood(regexp.MustCompile(`:\d\dZ`).MatchString)
		},
	},
	{
		name: "American dates are not understood", caughtBy: "read.date-us",
		also:  []string{"read.date-us-offset"},
		serve: func(c *faultyCall) faultyAnswer { return c.notUnderstood(regexp.MustCompile(` [AP]M `).MatchString) },
	},
	{
		name: "a plus sign is read as a blank", caughtBy: "read.date-us",
		also: []string{"read.date-us-offset"},
		serve: func(c *faultyCall) faultyAnswer {
			return c.withURLs("read", func(url string) string { return strings.ReplaceAll(url, "+", " ") })
		},
	},
	{
		name: "the offset of American dates is ignored", caughtBy: "read.date-us-offset",
		serve: func(c *faultyCall) faultyAnswer {
			return c.withURLs("read", func(url string) string {
				return regexp.MustCompile(`M [+-]\d\d:\d\d`).ReplaceAllString(url, "M +00:00")
			})
		},
	},
	{
		name: "percent signs are not decoded", caughtBy: "read.date-encoded",
		serve: func(c *faultyCall) faultyAnswer {
			return c.withURLs("read", func(url string) string { return strings.ReplaceAll(url, "%", "%25") })
		},
	},
	{
		name: "startDateTime and endDateTime are ignored", caughtBy: "read.parameters-of-graph",
		serve: func(c *faultyCall) faultyAnswer {
			return c.withURLs("read", func(url string) string {
				return strings.NewReplacer("startDateTime=", "from=", "endDateTime=", "to=").Replace(url)
			})
		},
	},
	{
		name: "a url has to begin with a slash", caughtBy: "read.slash-missing",
		also: []string{"read.reasons-slash-missing"},
		serve: func(c *faultyCall) faultyAnswer {
			return c.notUnderstood(func(url string) bool { return !strings.HasPrefix(url, "/") })
		},
	},
	{
		name: "a url about reasons has to begin with a slash", caughtBy: "read.reasons-slash-missing",
		serve: func(c *faultyCall) faultyAnswer {
			return c.notUnderstood(func(url string) bool { return strings.HasPrefix(url, "users/") })
		},
	},
	{
		name: "the shift is taken from the item's id", caughtBy: "read.id-of-the-item",
		serve: func(c *faultyCall) faultyAnswer {
			return c.notUnderstood(func(string) bool { return c.items[0]["id"] == "1" })
		},
	},
	{
		name: `\u0026 is not decoded`, caughtBy: "read.ampersand-escaped",
		serve: func(c *faultyCall) faultyAnswer {
			if !c.is("read") || !bytes.Contains(c.plaintext, []byte(`\u0026`)) {
				return c.forward()
			}
			return c.forwardPlain(bytes.ReplaceAll(c.plaintext, []byte(`\u0026`), []byte(`u0026`)))
		},
	},
	{
		name: "questions have to be written exactly", caughtBy: "read.letter-case",
		serve: func(c *faultyCall) faultyAnswer {
			return c.notUnderstood(func(url string) bool { return strings.Contains(url, "RequestableShifts") })
		},
	},
	{
		name: "the type of request is ignored", caughtBy: "read.unknown-request-type",
		serve: func(c *faultyCall) faultyAnswer {
			return c.withURLs("read", func(url string) string {
				return regexp.MustCompile(`requestType=\w+Request`).ReplaceAllString(url, "requestType=SwapRequest")
			})
		},
	},
	{
		name: "a question with a body is not understood", caughtBy: "read.body-null",
		serve: func(c *faultyCall) faultyAnswer {
			return c.failsOn(c.is("read") && bytes.Contains(c.plaintext, []byte(`"body":`)))
		},
	},
}

// notUnderstood refuses questions with some urls.
func (c *faultyCall) notUnderstood(urls func(url string) bool) faultyAnswer {
	return c.withURLs("read", func(url string) string {
		if urls(url) {
			return "/notUnderstood"
		}
		return url
	})
}

// listing changes the lists that are about the shift and the worker of the
// profile.
func (c *faultyCall) listing(change func(ids []any) any) faultyAnswer {
	answer := c.forward()
	if !c.is("read") || !bytes.Contains(c.plaintext, []byte("/SHFT_a0000001")) && !bytes.Contains(c.plaintext, []byte("timeOffReasons")) {
		return answer
	}
	return answer.each(func(response map[string]any) {
		if ids, ok := body(response)["data"].([]any); ok {
			body(response)["data"] = change(ids)
		}
	})
}

// with is a list with one id more, if it is the id of a thing like those in it.
func with(ids []any, prefix string, id any) []any {
	if len(ids) == 0 || !strings.HasPrefix(ids[0].(string), prefix) {
		return ids
	}
	return append(ids, id)
}

func without(ids []any, id any) []any {
	left := []any{}
	for _, other := range ids {
		if other != id {
			left = append(left, other)
		}
	}
	return left
}
