package recording

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// document is the exchange as it stands in a file of its own.
func (e *Exchange) document() *value {
	d := &value{kind: '{'}
	d.set("about", textValue(e.About))
	d.set("at", textValue(e.At.Format(time.RFC3339Nano)))
	d.set("path", textValue(e.Path))
	if len(e.Headers) > 0 {
		headers := &value{kind: '{'}
		for _, name := range slices.Sorted(maps.Keys(e.Headers)) {
			headers.set(name, textValue(e.Headers[name]))
		}
		d.set("headers", headers)
	}
	if e.Skip != "" {
		d.set("skip", textValue(e.Skip))
	}
	d.set("request", e.request)
	if e.Status != 0 && e.Status != 200 {
		d.set("status", &value{text: strconv.Itoa(e.Status)})
	}
	d.set("response", e.response)
	return d
}

var acceptedLanguage = regexp.MustCompile(`^[A-Za-z0-9,;=.* -]{1,100}$`)

// disguise gives pseudonyms to everything, and makes matchers of what they
// change in an answer: the order of a list, since ids may decide it, and texts.
func (e *Exchange) disguise(p *Pseudonyms) {
	e.Path = p.URL(e.Path)
	for name, value := range e.Headers {
		if name != "Accept-Language" || !acceptedLanguage.MatchString(value) {
			e.Headers[name] = p.ID(value)
		}
	}
	if e.request != nil {
		e.request = p.value(e.request)
	}
	if e.response.isText() && e.response.text != Any {
		e.response = textValue(Text)
	}
	if e.response == nil || e.response.isText() {
		return
	}
	e.response = p.value(e.response)
	for _, response := range e.response.member("responses").list() {
		if data := response.member("body").member("data"); len(data.list()) > 1 {
			data.items = slices.Insert(data.items, 0, textValue(Set))
		}
	}
}

// kind names the file of an exchange, in words of the protocol only.
func (e *Exchange) kind() string {
	path := strings.Split(e.Path, "/")
	kind := path[len(path)-1]
	var entity string
	for _, item := range e.request.member("requests").list() {
		if word := entityOf(item); entity == "" || strings.Contains(strings.ToLower(word), "requests") {
			entity = word
		}
	}
	switch {
	case e.request == nil:
		return kind + "-unopened"
	case entity == "":
		return kind
	}
	return kind + "-" + entity
}

// entityOf is the last word of the protocol in an item's URL.
func entityOf(item *value) string {
	path, _, _ := strings.Cut(item.member("url").string(), "?")
	for _, part := range slices.Backward(strings.Split(path, "/")) {
		if slices.Contains(segments, strings.ToLower(part)) {
			return part
		}
	}
	return unknownEntity
}

// unknownEntity stands in the name of a file for what no known URL is about.
const unknownEntity = "other"

// isCallback reports whether a request is made of the types that a callback is
// made of, in its own members and in those of its items.
func (e *Exchange) isCallback() bool {
	if strings.EqualFold(e.Path, "/connect") {
		return typed(e.request, '{') && typed(e.request.member("tenantId"), '"') && typed(e.request.member("userId"), '"')
	}
	items := e.request.member("requests")
	return typed(e.request, '{') && typed(items, '[') && !slices.ContainsFunc(items.list(), func(item *value) bool {
		return !typed(item, '{') || !typed(item.member("id"), '"') || !typed(item.member("method"), '"') ||
			!typed(item.member("url"), '"') || !typed(item.member("headers"), '{') || !typed(item.member("body"), '{')
	})
}

// typed reports whether v is of a kind, absent or null.
func typed(v *value, kind byte) bool {
	return v == nil || v.kind == kind || v.kind == 0 && v.text == "null"
}

// maxDescribed bounds the items that are described.
const maxDescribed = 8

// describe says what a request is about: "PUT swapRequests Approved/Manager,
// DELETE shifts, ...".
func (e *Exchange) describe() string {
	var items []string
	list := e.request.member("requests").list()
	for _, item := range list[:min(len(list), maxDescribed)] {
		body := item.member("body")
		action := actionOf(item)
		if state := wordOr(body.member("state"), ""); state != "" {
			action += " " + strings.TrimSuffix(state+"/"+wordOr(body.member("assignedTo"), ""), "/")
		}
		items = append(items, action)
	}
	if more := len(list) - len(items); more > 0 {
		items = append(items, fmt.Sprintf("%d more", more))
	}
	if len(items) == 0 {
		path := strings.Split(e.Path, "/")
		return path[len(path)-1]
	}
	return strings.Join(items, ", ")
}

// actionOf says what an item does to what.
func actionOf(item *value) string {
	method, entity := wordOr(item.member("method"), ""), entityOf(item)
	switch {
	case method == "" && entity == unknownEntity:
		return "an item without a method, of no known kind"
	case method == "":
		return entity + " without a method"
	case entity == unknownEntity:
		return method + " of no known kind"
	}
	return method + " " + entity
}

// wordOr is a text of letters alone, or something else.
func wordOr(v *value, otherwise string) string {
	text := strings.TrimSpace(v.string())
	if !letters.MatchString(text) {
		return otherwise
	}
	return text
}

var letters = regexp.MustCompile(`^[A-Za-z]{1,24}$`)
