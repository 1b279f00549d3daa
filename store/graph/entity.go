package graph

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// A Collection is a list of a schedule, by its name in Graph's paths.
type Collection string

// The collections of a schedule that can be read.
const (
	Shifts                   Collection = "shifts"
	OpenShifts               Collection = "openShifts"
	TimesOff                 Collection = "timesOff"
	TimeOffReasons           Collection = "timeOffReasons"
	SchedulingGroups         Collection = "schedulingGroups"
	SwapShiftsChangeRequests Collection = "swapShiftsChangeRequests"
	OfferShiftRequests       Collection = "offerShiftRequests"
	OpenShiftChangeRequests  Collection = "openShiftChangeRequests"
	TimeOffRequests          Collection = "timeOffRequests"
)

// shared is the member that holds what workers see of an entity, for the
// collections that are read for a window.
var shared = map[Collection]string{
	Shifts:     "sharedShift",
	OpenShifts: "sharedOpenShift",
	TimesOff:   "sharedTimeOff",
}

// requests are read while they are open.
var requests = []Collection{SwapShiftsChangeRequests, OfferShiftRequests, OpenShiftChangeRequests, TimeOffRequests}

// Graph's filter asks for entities that begin and end within a window, so it
// is widened by the longest that one may reach over its edge: a shift lasts 24
// hours at most (Microsoft Graph reference, shift); an absence may be long.
const (
	longestShift   = 24 * time.Hour
	longestAbsence = 366 * 24 * time.Hour
)

// The bounds of a list.
const (
	maxPages = 2_000
	maxItems = 200_000
	maxBytes = 256 << 20 // of all pages
)

// Window is a time from From until before To.
type Window struct{ From, To time.Time }

// Entities reads a collection of a team's schedule, each entity as Graph gives
// it.
//
//   - Shifts, open shifts and absences are those that overlap the window as
//     workers see them, and others near it: trim them. Drafts that were never
//     shared are left out, and absences that reach more than a year over the
//     window's edge.
//   - Requests are those that are pending, whatever the window.
//   - Reasons and groups are all, also the inactive ones (isActive).
func (c *Client) Entities(ctx context.Context, team string, collection Collection, window Window) ([]json.RawMessage, error) {
	call := scheduleCall("read the "+string(collection)+" of the team", http.MethodGet, team, string(collection))
	if member, ok := shared[collection]; ok {
		call.query = url.Values{"$filter": {window.filter(member)}}
	}
	if collection == TimeOffRequests {
		// The one list of requests whose filter is known to work
		// (OfficeDev/Microsoft-Teams-Shifts-WFM-Connectors issue 23).
		call.query = url.Values{"$filter": {"state eq 'pending'"}}
	}
	all, err := list[json.RawMessage](ctx, c, call)
	if err != nil || !slices.Contains(requests, collection) {
		return all, err
	}
	pending := []json.RawMessage{}
	for _, entity := range all {
		var request struct{ State string }
		if err := json.Unmarshal(entity, &request); err != nil {
			return nil, call.failed(errNotJSON)
		}
		if strings.EqualFold(strings.TrimSpace(request.State), "pending") {
			pending = append(pending, entity)
		}
	}
	return pending, nil
}

// Entity reads one entity of a collection of a team's schedule, as Graph gives
// it. [ErrNotFound] says that it is gone, or that the team has no schedule.
func (c *Client) Entity(ctx context.Context, team string, collection Collection, id string) (json.RawMessage, error) {
	var raw json.RawMessage
	call := scheduleCall("read one of the "+string(collection)+" of the team", http.MethodGet, team, string(collection), id)
	if err := c.do(ctx, call, &raw); err != nil {
		return nil, err
	}
	var entity struct{ ID string }
	if json.Unmarshal(raw, &entity) != nil || !strings.EqualFold(entity.ID, id) {
		return nil, call.failed(fmt.Errorf("%w: it is not the entity that was asked for", ErrUnexpected))
	}
	return raw, nil
}

// filter names each property once: Graph refuses it otherwise (Microsoft
// Graph reference, List shifts).
func (w Window) filter(member string) string {
	const layout = "2006-01-02T15:04:05.000Z"
	wider := longestShift
	if member == shared[TimesOff] {
		wider = longestAbsence
	}
	return fmt.Sprintf("%[1]s/startDateTime ge %[2]s and %[1]s/endDateTime le %[3]s", member,
		w.From.Add(-wider).UTC().Format(layout), w.To.Add(wider).UTC().Format(layout))
}

// list follows the pages of a list. Whoever reads it may delete what is not in
// it, so that only a page that says that it is empty counts as that.
func list[T any](ctx context.Context, c *Client, call call) ([]T, error) {
	items := []T{}
	read := 0 // bytes
	followed := map[string]bool{}
	for range maxPages {
		status, body, err := c.send(ctx, call)
		if err != nil {
			return nil, err
		}
		var page struct {
			Value *[]T   `json:"value"`
			Next  string `json:"@odata.nextLink"`
		}
		switch {
		case status != http.StatusOK:
			return nil, call.failed(fmt.Errorf("%w: a list comes with the status 200, not %d", ErrUnexpected, status))
		case json.Unmarshal(bytes.TrimSpace(body), &page) != nil: // padding is counted, but not parsed
			return nil, call.failed(errNotJSON)
		case page.Value == nil:
			return nil, call.failed(fmt.Errorf("%w: it has no list", ErrUnexpected))
		case followed[page.Next]:
			return nil, call.failed(fmt.Errorf("%w: the pages of the list go in circles", ErrUnexpected))
		}
		items = append(items, *page.Value...)
		if page.Next == "" {
			return items, nil
		}
		if read += len(body); read > maxBytes || len(items) > maxItems {
			break
		}
		followed[page.Next] = true
		call.next = page.Next
	}
	return nil, call.failed(fmt.Errorf("%w: more than %d pages, %d items or %d MiB", ErrTooMany, maxPages, maxItems, maxBytes>>20))
}
