package graphtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

const defaultPage = 100

// page is the part of a list that a call asks for, with a link to the next.
func (s *Server) page(call call, items []any) answer {
	query := call.URL.Query()
	size := s.config.PageSize
	if size == 0 {
		size = defaultPage
	}
	if text := query.Get("$top"); text != "" {
		top, err := strconv.Atoi(text)
		if err != nil || top < 1 || top > 999 {
			return invalid("Invalid value '%s' for $top query option found.", text)
		}
		size = min(size, top)
	}
	from := 0
	if text := query.Get("$skiptoken"); text != "" {
		var err error
		if from, err = strconv.Atoi(text); err != nil || from < 0 || from > len(items) {
			return invalid("The $skiptoken is not valid.")
		}
	}
	to := min(from+size, len(items))
	body := map[string]any{"value": items[from:to]}
	if to < len(items) {
		query.Set("$skiptoken", strconv.Itoa(to))
		body["@odata.nextLink"] = s.URL + call.URL.EscapedPath() + "?" + query.Encode()
	}
	return answer{http.StatusOK, body}
}

// parseFilter reads a filter as far as the Shifts lists support them: the
// shared and the draft version's start and end, each once; the state of
// time-off requests. A condition on a version asks for that version to be
// there.
func parseFilter(filter, list, member string) (keep func(json.RawMessage) bool, problem string) {
	all := func(json.RawMessage) bool { return true }
	switch {
	case filter == "":
		return all, ""
	case list == "timeOffRequests" && filter == "state eq 'pending'":
		return func(raw json.RawMessage) bool {
			var request struct{ State string }
			return json.Unmarshal(raw, &request) == nil && strings.EqualFold(request.State, "pending")
		}, ""
	case member == "":
		return nil, "The $filter is not supported here."
	}
	var conditions []func(json.RawMessage) bool
	var seen []string
	for text := range strings.SplitSeq(filter, " and ") {
		words := strings.Fields(text)
		if len(words) != 3 {
			return nil, fmt.Sprintf("Syntax error in '%s'.", text)
		}
		property, operator := words[0], words[1]
		at, err := time.Parse(time.RFC3339, strings.Trim(words[2], "'"))
		version, field, _ := strings.Cut(property, "/")
		switch {
		case err != nil:
			return nil, fmt.Sprintf("Invalid date '%s'.", words[2])
		case version != "shared"+member && version != "draft"+member:
			return nil, fmt.Sprintf("Filtering on '%s' is not supported.", property)
		case field+operator != "startDateTimege" && field+operator != "endDateTimele":
			return nil, fmt.Sprintf("'%s %s' is not supported.", property, operator)
		case slices.Contains(seen, property):
			return nil, fmt.Sprintf("The property '%s' is used more than once.", property)
		}
		seen = append(seen, property)
		conditions = append(conditions, func(raw json.RawMessage) bool {
			of, ok := instant(raw, version, field)
			if operator == "ge" {
				return ok && !of.Before(at)
			}
			return ok && !of.After(at)
		})
	}
	return func(raw json.RawMessage) bool {
		return !slices.ContainsFunc(conditions, func(holds func(json.RawMessage) bool) bool { return !holds(raw) })
	}, ""
}

// instant finds a time in one version of an entity.
func instant(raw json.RawMessage, version, field string) (time.Time, bool) {
	var entity map[string]json.RawMessage
	var item map[string]any
	if json.Unmarshal(raw, &entity) != nil || json.Unmarshal(entity[version], &item) != nil {
		return time.Time{}, false
	}
	text, _ := item[field].(string)
	at, err := time.Parse(time.RFC3339, text)
	return at, err == nil
}
