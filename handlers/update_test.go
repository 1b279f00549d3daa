package handlers

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/batch/envelope"
	"example.com/shiftswfi/eligibility"
	"example.com/shiftswfi/store"
)

const updatePath = "/contoso/v1/teams/" + testTeam + "/update"

// embedded is a real store that has the sample team.
func embedded(t *testing.T) *store.Redis {
	document, err := os.ReadFile("testdata/team.json")
	require.NoError(t, err)
	team, err := eligibility.ParseTeam(document)
	require.NoError(t, err)
	teams := store.OpenEmbedded(store.Config{})
	t.Cleanup(func() { teams.Close() })
	require.NoError(t, teams.Import(t.Context(), team))
	return teams
}

// TestStories plays every story: real exchanges, sealed, with exactly the
// answers that they show.
func TestStories(t *testing.T) {
	files, err := filepath.Glob("testdata/stories/*.json")
	require.NoError(t, err)
	require.Len(t, files, 6)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) { playStory(t, file) })
	}
}

func playStory(t *testing.T, file string) {
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	var story struct {
		Now         time.Time
		Integration struct{ WorkforceIntegrationID string }
		Exchanges   []struct {
			About, Path       string
			Headers           map[string]string
			Request, Response json.RawMessage
		}
	}
	require.NoError(t, json.Unmarshal(data, &story))
	require.NotEmpty(t, story.Exchanges)
	e := newEndpoint(t, embedded(t), func(c *Config) {
		c.Now = func() time.Time { return story.Now }
		c.Integrations[0].WorkforceIntegrationID = story.Integration.WorkforceIntegrationID
	})
	for _, exchange := range story.Exchanges {
		ok := t.Run(exchange.About, func(t *testing.T) {
			status, body := e.sendWith(exchange.Headers, "/contoso/v1"+exchange.Path, string(exchange.Request))
			assert.Equal(t, http.StatusOK, status)
			assertAnswer(t, exchange.Response, []byte(body))
		})
		require.True(t, ok, "the rest of the story stands on this")
	}
}

// sendWith seals a text and posts it with headers.
func (e *endpoint) sendWith(headers map[string]string, path, plaintext string) (int, string) {
	e.t.Helper()
	body, err := envelope.Seal([]byte(plaintext), e.key, nil)
	require.NoError(e.t, err)
	request := httptest.NewRequest(http.MethodPost, path, bytes.NewReader(body))
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	response := httptest.NewRecorder()
	e.handler.ServeHTTP(response, request)
	return response.Code, response.Body.String()
}

// update sends items to /update and gives the codes, one for each.
func (e *endpoint) update(items ...string) []string {
	e.t.Helper()
	return e.updateWith(nil, items...)
}

func (e *endpoint) updateWith(headers map[string]string, items ...string) []string {
	e.t.Helper()
	status, body := e.sendWith(headers, updatePath, batchOf(items...))
	require.Equal(e.t, http.StatusOK, status, body)
	return codesOf(e.t, body, len(items))
}

// codesOf reads an answer to /update and sees to it that every approval has an
// eTag, and every refusal a sentence.
func codesOf(t testing.TB, body string, items int) []string {
	var decoded struct {
		Responses []struct {
			Status int
			Body   struct {
				ETag  *string
				Data  any
				Error *struct{ Code, Message string }
			}
		}
	}
	require.NoError(t, json.Unmarshal([]byte(body), &decoded))
	require.Len(t, decoded.Responses, items)
	var codes []string
	for _, r := range decoded.Responses {
		assert.Nil(t, r.Body.Data)
		if r.Body.Error == nil {
			assert.Equal(t, http.StatusOK, r.Status)
			require.NotNil(t, r.Body.ETag)
			assert.NotEmpty(t, *r.Body.ETag)
			codes = append(codes, "OK")
			continue
		}
		assert.GreaterOrEqual(t, r.Status, 400)
		assert.NotEmpty(t, r.Body.Error.Message)
		assert.Nil(t, r.Body.ETag)
		codes = append(codes, r.Body.Error.Code)
	}
	return codes
}

func set(method, url, body string) string {
	return `{"id":"1","method":"` + method + `","url":"` + url + `","body":` + body + `}`
}

const shiftBody = `{"userId":"1b2c3d4e-5f60-4718-8293-a4b5c6d7e805","schedulingGroupId":"TAG_3a5d8c2e-9b7f-4e61-8c0d-2f1a6b5c4d01",` +
	`"sharedShift":{"startDateTime":"2026-12-10T14:00:00Z","endDateTime":"2026-12-10T22:00:00Z"}}`

func TestUpdateRefusesBadItems(t *testing.T) {
	good := set("POST", "/shifts/SHFT_new", shiftBody)
	tests := []struct{ name, item, code string }{
		{"unknown kind", set("PUT", "/somethings/z", `{"id":"z"}`), "UnsupportedOperation"},
		{"unknown sub-resource", set("PUT", "/shifts/a/b", `{}`), "UnsupportedOperation"},
		{"read item", set("GET", swapURL, `null`), "UnsupportedOperation"},
		{"GET", set("GET", "/shifts/a", `null`), "BadRequest"},
		{"PATCH would lose what it leaves out", set("PATCH", "/shifts/a", shiftBody), "BadRequest"},
		{"an id too long to be one", set("POST", "/shifts/"+strings.Repeat("x", 257), shiftBody), "BadRequest"},
		{"no state", set("POST", "/swapRequests/r", `{"senderShiftId":"x","recipientShiftId":"y"}`), "BadRequest"},
		{"no body", set("POST", "/shifts/a", `null`), "BadRequest"},
		{"body is a list", set("POST", "/shifts/a", `[]`), "BadRequest"},
		{"another id in the body", set("POST", "/shifts/a", `{"id":"b"}`), "BadRequest"},
		{"no id anywhere", set("POST", "/timecards", `{"state":"clockedIn"}`), "BadRequest"},
		{"end before start", set("POST", "/shifts/a", strings.Replace(shiftBody, "T22", "T02", 1)), "BadRequest"},
		{"no instant", set("POST", "/shifts/a", strings.Replace(shiftBody, "2026-12-10T22:00:00Z", "late", 1)), "BadRequest"},
		{"not an object", `7`, "BadRequest"},
		{"expired", `{"id":"1","method":"DELETE","url":"/shifts/a","headers":{"X-MS-Expires":"2026-12-01T11:00:00Z"}}`, "RequestExpired"},
		{"a swap of an unknown shift", set("POST", "/swapRequests/r", `{"state":"Pending","senderShiftId":"x","recipientShiftId":"y"}`), "ShiftNotFound"},
		{"a swap without shifts", set("POST", "/swapRequests/r", `{"state":"Pending"}`), "BadRequest"},
		{"time off that ends before it starts", set("POST", "/timeOffRequests/r", `{"state":"Pending","senderUserId":"u",`+
			`"startDateTime":"2026-12-10T00:00:00Z","endDateTime":"2026-12-09T00:00:00Z"}`), "BadRequest"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			teams := embedded(t)
			e := newEndpoint(t, teams)
			assert.Equal(t, []string{"RefusedWithBatch", test.code, "RefusedWithBatch"}, e.update(good, test.item, good))
			team, err := teams.Team(t.Context(), testTeam)
			require.NoError(t, err)
			assert.Nil(t, team.Shift("SHFT_new"), "nothing is stored")
		})
	}
}

func TestUpdateNamesTheField(t *testing.T) {
	e := newEndpoint(t, embedded(t))
	_, body := e.sendWith(map[string]string{"Accept-Language": "de-AT, en;q=0.5"}, updatePath,
		batchOf(set("POST", "/shifts/a", strings.Replace(shiftBody, "2026-12-10T22:00:00Z", "late", 1))))
	assert.Contains(t, body, "sharedShift.endDateTime")
	assert.Contains(t, body, `"code":"BadRequest"`, "codes have no language")
	assert.NotContains(t, body, "could not be understood")
}

func TestModes(t *testing.T) {
	overlapping := set("POST", "/shifts/SHFT_new", strings.ReplaceAll(strings.Replace(shiftBody,
		"1b2c3d4e-5f60-4718-8293-a4b5c6d7e805", "4fbc12d7-1234-46ef-8a90-bc123d45678f", 1), "2026-12-10", "2026-12-03"))
	card := set("POST", "/timecards", `{"id":"c"}`)
	unknown := set("POST", "/somethings/z", `{"id":"z"}`)
	tests := []struct {
		name   string
		change func(*Integration)
		header string
		items  []string
		codes  []string
		stored bool
	}{
		{"two-way", func(*Integration) {}, "", []string{overlapping, card}, []string{"NoOverlap", "RefusedWithBatch"}, false},
		{"read-only", func(i *Integration) { i.Mode = ReadOnly }, "", []string{overlapping, card, unknown, `7`},
			[]string{"ReadOnly", "ReadOnly", "ReadOnly", "ReadOnly"}, false},
		{"read-only for shifts", func(i *Integration) { i.Modes = map[string]Mode{"shift": ReadOnly} }, "", []string{overlapping, card},
			[]string{"ReadOnly", "RefusedWithBatch"}, false},
		{"two-way for time cards", func(i *Integration) { i.Mode, i.Modes = ReadOnly, map[string]Mode{"timeCard": TwoWay} }, "", []string{card},
			[]string{"OK"}, false},
		{"mirror", func(i *Integration) { i.Mode = Mirror }, "", []string{overlapping, card, unknown}, []string{"OK", "OK", "OK"}, true},
		{"mirror for shifts", func(i *Integration) { i.Modes = map[string]Mode{"shift": Mirror} }, "", []string{overlapping}, []string{"OK"}, true},
		{"passthrough", func(i *Integration) { i.WorkforceIntegrationID = "WFI_1" }, "WFI_1", []string{overlapping, unknown}, []string{"OK", "OK"}, true},
		{"passthrough of another value", func(i *Integration) { i.Passthrough = []string{"mine"} }, "mine", []string{overlapping}, []string{"OK"}, true},
		{"passthrough while read-only", func(i *Integration) { i.Mode, i.Passthrough = ReadOnly, []string{"mine"} }, "mine",
			[]string{overlapping}, []string{"OK"}, true},
		{"passthrough of somebody else", func(i *Integration) { i.WorkforceIntegrationID = "WFI_1" }, "wfi_1", []string{overlapping}, []string{"NoOverlap"}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			teams := embedded(t)
			e := newEndpoint(t, teams, func(c *Config) { test.change(c.Integrations[0]) })
			assert.Equal(t, test.codes, e.updateWith(map[string]string{"X-MS-WFMPassthrough": test.header}, test.items...))
			team, err := teams.Team(t.Context(), testTeam)
			require.NoError(t, err)
			assert.Equal(t, test.stored, team.Shift("SHFT_new") != nil)
			if strings.HasPrefix(test.name, "mirror") {
				assert.Contains(t, e.log.String(), `"waived":{"NoOverlap":1}`)
			}
		})
	}
}

func TestEveryDecisionIsRecorded(t *testing.T) {
	teams := embedded(t)
	e := newEndpoint(t, teams)
	e.update(set("POST", "/shifts/SHFT_new", shiftBody))
	e.update(`{"id":"9","method":"DELETE","url":"/shifts/SHFT_new","headers":{"X-MS-Transaction-ID":"77"}}`, set("PUT", "/x/y", `{}`))
	entries, err := teams.Decisions(t.Context(), testTeam, "", 10, 0)
	require.NoError(t, err)
	require.Len(t, entries, 2)
	var approved, refused DecisionRecord
	require.NoError(t, json.Unmarshal(entries[0].Record, &approved))
	require.NoError(t, json.Unmarshal(entries[1].Record, &refused))
	assert.True(t, approved.Approved)
	assert.Equal(t, testNow, approved.Time)
	assert.Equal(t, "SHFT_new", approved.Items[0].ID)
	assert.Equal(t, []string{"1b2c3d4e-5f60-4718-8293-a4b5c6d7e805"}, approved.Items[0].Users)
	assert.NotEmpty(t, approved.Items[0].ETag)
	assert.False(t, refused.Approved)
	assert.Equal(t, "77", refused.Transaction)
	assert.Equal(t, eligibility.Code("RefusedWithBatch"), refused.Items[0].Code)
	assert.Equal(t, eligibility.Code("UnsupportedOperation"), refused.Items[1].Code)
}

// What comes from outside is cut before it reaches a log.
func TestLogsAreBounded(t *testing.T) {
	teams := embedded(t)
	e := newEndpoint(t, teams)
	long := strings.Repeat("x", 100_000)
	e.update(`{"id":"1","method":"` + long + `","url":"/shifts/a","headers":{"X-MS-Transaction-ID":"` + long + `"}}`)
	e.post("/contoso/v1/teams/"+long[:50_000]+"/update", []byte("x"))
	assert.Less(t, e.log.Len(), 4000)
	entries, err := teams.Decisions(t.Context(), testTeam, "", 10, 0)
	require.NoError(t, err)
	require.Len(t, entries, 1)
	assert.Less(t, len(entries[0].Record), 1000)
}

func TestShiftPreferences(t *testing.T) {
	teams := embedded(t)
	e := newEndpoint(t, teams)
	const adele = "4fbc12d7-1234-46ef-8a90-bc123d45678f"
	preferences := set("PUT", "/settings/shiftpreferences", `{"id":"SHPR_1","availability":[{"timeZone":"UTC"}]}`)
	send := func(user string) []string {
		status, body := e.send("/contoso/v1/users/"+user+"/update", batchOf(preferences))
		require.Equal(t, http.StatusOK, status)
		return codesOf(t, body, 1)
	}
	assert.Equal(t, []string{"OK"}, send(strings.ToUpper(adele)))
	assert.Equal(t, []string{"UserNotFound"}, send("nobody"))
	status, body := e.send("/contoso/v1/users/"+adele+"/update", batchOf(set("PUT", "/settings/shiftpreferences", `{"availability":[{"timeZone":"CET"}]}`)))
	assert.Equal(t, http.StatusOK, status)
	assert.Equal(t, []string{"OK"}, codesOf(t, body, 1), "whose they are, the path says")
	assert.Equal(t, []string{"OK"}, send(strings.ToUpper(adele)))
	file, err := teams.Export(t.Context(), testTeam)
	require.NoError(t, err)
	document, err := json.Marshal(file)
	require.NoError(t, err)
	assert.Contains(t, string(document), `"shiftPreferences":[{"availability":[{"timeZone":"UTC"}],"id":"SHPR_1","userId":"`+strings.ToUpper(adele)+`"}]`)
}

func TestUpdateOfAnotherTeam(t *testing.T) {
	e := newEndpoint(t, embedded(t), func(c *Config) { c.Integrations[0].Teams = []string{"another"} })
	assert.Equal(t, []string{"TeamNotFound", "TeamNotFound"}, e.update(set("POST", "/shifts/a", shiftBody), `7`))
}

func TestEntitiesAreThoseOfGraph(t *testing.T) {
	assert.Equal(t, []string{
		"shift", "openShift", "swapRequest", "offerShiftRequest", "openShiftRequest", "timeOffRequest", "timeOff",
		"timeOffReason", "timeCard", "userShiftPreferences",
	}, Entities())
	assert.False(t, slices.Contains(Entities(), ""))
}
