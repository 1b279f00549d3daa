package graph_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"example.com/shiftswfi/store/graph"
	"example.com/shiftswfi/store/graph/graphtest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var week = graph.Window{
	From: time.Date(2026, 12, 7, 0, 0, 0, 0, time.FixedZone("", 3600)), // 6 December, 23:00 in UTC
	To:   time.Date(2026, 12, 14, 0, 0, 0, 0, time.FixedZone("", 3600)),
}

func item(id, version, from, to string) string {
	return fmt.Sprintf(`{"id":%q,%q:{"startDateTime":%q,"endDateTime":%q}}`, id, version, from, to)
}

func ids(t *testing.T, entities []json.RawMessage) string {
	t.Helper()
	var all []string
	for _, raw := range entities {
		var entity struct{ ID string }
		require.NoError(t, json.Unmarshal(raw, &entity))
		all = append(all, entity.ID)
	}
	return strings.Join(all, " ")
}

func TestEntitiesOfAWindow(t *testing.T) {
	t.Parallel()
	for collection, member := range map[graph.Collection]string{graph.Shifts: "Shift", graph.OpenShifts: "OpenShift", graph.TimesOff: "TimeOff"} {
		t.Run(string(collection), func(t *testing.T) {
			t.Parallel()
			s := graphtest.New(t, graphtest.Config{PageSize: 2})
			s.SetSchedule("team", nil)
			s.SetEntities("team", string(collection),
				item("over", "shared"+member, "2026-12-05T23:00:00Z", "2026-12-14T23:00:00Z"), // the widest that a shift may reach
				item("begins", "shared"+member, "2026-12-05T23:30:00.5Z", "2026-12-06T23:30:00Z"),
				item("draft", "draft"+member, "2026-12-09T08:00:00Z", "2026-12-09T16:00:00Z"),
				item("in", "shared"+member, "2026-12-09T08:00:00Z", "2026-12-09T16:00:00Z"),
				item("ends", "shared"+member, "2026-12-13T22:59:00Z", "2026-12-14T22:59:00Z"),
				item("long", "shared"+member, "2026-06-01T00:00:00Z", "2027-06-01T00:00:00Z"),
				item("long ago", "shared"+member, "2025-06-01T00:00:00Z", "2025-06-02T00:00:00Z"),
			)
			entities, err := client(t, s).Entities(t.Context(), "team", collection, week)
			require.NoError(t, err)
			want := "over begins in ends"
			if collection == graph.TimesOff {
				want += " long"
			}
			assert.Equal(t, want, ids(t, entities))
			assert.JSONEq(t, item("in", "shared"+member, "2026-12-09T08:00:00Z", "2026-12-09T16:00:00Z"), string(entities[2]), "as Graph gives it")
		})
	}
}

func TestOpenRequests(t *testing.T) {
	t.Parallel()
	for _, collection := range []graph.Collection{
		graph.SwapShiftsChangeRequests, graph.OfferShiftRequests, graph.OpenShiftChangeRequests, graph.TimeOffRequests,
	} {
		t.Run(string(collection), func(t *testing.T) {
			t.Parallel()
			s := graphtest.New(t, graphtest.Config{PageSize: 1})
			s.SetSchedule("team", nil)
			s.SetEntities("team", string(collection), `{"id":"1","state":"approved"}`, `{"id":"2","state":"Pending"}`,
				`{"id":"3","state":null}`, `{"id":"4","state":"pending"}`)
			entities, err := client(t, s).Entities(t.Context(), "team", collection, week)
			require.NoError(t, err)
			assert.Equal(t, "2 4", ids(t, entities))
		})
	}
}

func TestReasonsAndGroups(t *testing.T) {
	t.Parallel()
	s := graphtest.New(t, graphtest.Config{})
	s.SetSchedule("team", nil)
	for _, collection := range []graph.Collection{graph.TimeOffReasons, graph.SchedulingGroups} {
		s.SetEntities("team", string(collection), `{"id":"1","isActive":true}`, `{"id":"2","isActive":false}`)
		entities, err := client(t, s).Entities(t.Context(), "team", collection, week)
		require.NoError(t, err)
		assert.Equal(t, "1 2", ids(t, entities))
	}
	entities, err := client(t, s).Entities(t.Context(), "team", graph.Shifts, week)
	require.NoError(t, err)
	assert.Equal(t, []json.RawMessage{}, entities)
	_, err = client(t, s).Entities(t.Context(), "nobody", graph.Shifts, week)
	assert.ErrorIs(t, err, graph.ErrNotFound)
}

func TestPages(t *testing.T) {
	t.Parallel()
	const first = "https://graph.microsoft.com/v1.0/teams/team/schedule/timeOffReasons"
	for name, row := range map[string]struct{ next, problem string }{
		"another host":     {"https://graph.microsoft.com.example.com/v1.0/teams", "leads away from graph.microsoft.com"},
		"another port":     {"https://graph.microsoft.com:8443/v1.0/teams", "leads away"},
		"another scheme":   {"http://graph.microsoft.com/v1.0/teams", "leads away"},
		"another version":  {"https://graph.microsoft.com/beta/teams", "leads away"},
		"with a user":      {"https://u@graph.microsoft.com/v1.0/teams", "leads away"},
		"relative":         {"/v1.0/teams", "leads away"},
		"unreadable":       {"https://graph.microsoft.com/%zz", "leads away"},
		"going in circles": {first, "an unexpected answer: the pages of the list go in circles"},
		"letter case":      {"https://GRAPH.microsoft.com/v1.0/teams?$skiptoken=last", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			calls := 0
			c := clientOver(t, func(r *http.Request) (*http.Response, error) {
				if calls++; r.URL.Query().Get("$skiptoken") == "last" {
					return reply(200, `{"value":[{"id":"b"}]}`), nil
				}
				return reply(200, fmt.Sprintf(`{"value":[{"id":"a"}],"@odata.nextLink":%q}`, row.next)), nil
			})
			entities, err := c.Entities(t.Context(), "team", graph.TimeOffReasons, week)
			assert.LessOrEqual(t, calls, 2)
			if row.problem == "" {
				require.NoError(t, err)
				assert.Equal(t, "a b", ids(t, entities))
				return
			}
			assert.ErrorContains(t, err, row.problem)
			assert.Nil(t, entities)
		})
	}
}

// A pull deletes what a list does not have.
func TestListThatIsNone(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		status        int
		body, problem string
	}{
		"nothing":        {200, "", "it is not the JSON that was expected"},
		"a blank":        {200, " \n", "it is not the JSON that was expected"},
		"null":           {200, "null", "it has no list"},
		"no member":      {200, `{}`, "it has no list"},
		"an error":       {200, `{"error":{"code":"A","message":"m"}}`, "it has no list"},
		"a null list":    {200, `{"value":null}`, "it has no list"},
		"an object":      {200, `{"value":{}}`, "it is not the JSON that was expected"},
		"no content":     {204, "", "a list comes with the status 200, not 204"},
		"another status": {202, `{"value":[]}`, "a list comes with the status 200, not 202"},
	} {
		for page := range 2 {
			t.Run(fmt.Sprintf("%s on page %d", name, page+1), func(t *testing.T) {
				t.Parallel()
				c := clientOver(t, func(r *http.Request) (*http.Response, error) {
					if page == 1 && r.URL.RawQuery == "" {
						return reply(200, `{"value":[{"id":"a"}],"@odata.nextLink":"https://graph.microsoft.com/v1.0/teams?next"}`), nil
					}
					return reply(row.status, row.body), nil
				})
				entities, err := c.Entities(t.Context(), "team", graph.TimeOffReasons, week)
				require.ErrorIs(t, err, graph.ErrUnexpected)
				assert.EqualError(t, err, "could not read the timeOffReasons of the team: an unexpected answer: "+row.problem)
				assert.Nil(t, entities)
				assert.Contains(t, graph.Advice(err), "--graph")
			})
		}
	}
}

func TestListsAreBounded(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		items, blanks, calls int
	}{
		"pages": {0, 0, 2000},
		"items": {100_000, 0, 3},
		"bytes": {1, 15 << 20, 18},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			items := strings.TrimSuffix(strings.Repeat("{},", row.items), ",")
			blanks := strings.Repeat(" ", row.blanks)
			calls := 0
			c := clientOver(t, func(*http.Request) (*http.Response, error) {
				calls++
				next := fmt.Sprintf("https://graph.microsoft.com/v1.0/next?%d", calls)
				return reply(200, fmt.Sprintf(`{"value":[%s],"@odata.nextLink":%q}%s`, items, next, blanks)), nil
			})
			_, err := c.Entities(t.Context(), "team", graph.TimeOffReasons, week)
			assert.ErrorIs(t, err, graph.ErrTooMany)
			assert.ErrorContains(t, err, "team: the list is too long: more than 2000 pages, 200000 items or 256 MiB")
			assert.Contains(t, graph.Advice(err), "--from and --to")
			assert.Equal(t, row.calls, calls)
		})
	}
}

func TestEntity(t *testing.T) {
	t.Parallel()
	s := graphtest.New(t, graphtest.Config{})
	s.SetSchedule("team", nil)
	s.SetEntities("team", "shifts", `{"id":"SHFT_1"}`, `{"id":"a/b c"}`)
	c := client(t, s)
	for _, id := range []string{"SHFT_1", "a/b c"} {
		raw, err := c.Entity(t.Context(), "team", graph.Shifts, id)
		require.NoError(t, err)
		assert.Equal(t, id, ids(t, []json.RawMessage{raw}))
	}
	asked := len(s.Requests())
	for name, row := range map[string]struct {
		team       string
		collection graph.Collection
		id         string
	}{
		"gone":            {"team", graph.Shifts, "SHFT_2"},
		"of another list": {"team", graph.OpenShifts, "SHFT_1"},
		"no such team":    {"nobody", graph.Shifts, "SHFT_1"},
		"no id":           {"team", graph.Shifts, ""},
		"the list":        {"team", graph.Shifts, "."},
		"the schedule":    {"team", graph.Shifts, ".."},
		"too long":        {"team", graph.Shifts, strings.Repeat("x", 257)},
	} {
		_, err := c.Entity(t.Context(), row.team, row.collection, row.id)
		assert.ErrorIs(t, err, graph.ErrNotFound, name)
	}
	assert.Len(t, s.Requests(), asked+3, "what can be no id is not asked for")
	s.SetSchedule("team", map[string]any{"provisionStatus": "Running"})
	_, err := c.Entity(t.Context(), "team", graph.Shifts, "SHFT_1")
	assert.ErrorIs(t, err, graph.ErrConflict)
	assert.NotErrorIs(t, err, graph.ErrNotFound)
}

func TestRequestThatIsNoObject(t *testing.T) {
	t.Parallel()
	c := clientOver(t, func(*http.Request) (*http.Response, error) { return reply(200, `{"value":[7]}`), nil })
	_, err := c.Entities(t.Context(), "team", graph.TimeOffRequests, week)
	assert.ErrorContains(t, err, "not the JSON that was expected")
}
