package graphtest_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"example.com/shiftswfi/store/graph/graphtest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const integrations = "/v1.0/teamwork/workforceIntegrations"

var secret = strings.Repeat("k", 64)

// contoso is a body of a creation, with members replaced or, by null, left
// out.
func contoso(changes string) string {
	body := map[string]any{
		"displayName": "Contoso", "apiVersion": 1, "isActive": true, "url": "https://wfi.example.com/contoso",
		"encryption":        map[string]any{"protocol": "sharedSecret", "secret": secret},
		"supportedEntities": "Shift,SwapRequest,TimeOff", "eligibilityFilteringEnabledEntities": "SwapRequest, TimeOffReason",
	}
	if err := json.Unmarshal([]byte(changes), &body); err != nil {
		panic(err)
	}
	for name, value := range body {
		if value == nil {
			delete(body, name)
		}
	}
	text, _ := json.Marshal(body)
	return string(text)
}

// ask calls the server as any HTTP client can; the answer's body is decoded.
func ask(t *testing.T, s *graphtest.Server, method, path, body string, header ...string) (int, map[string]any) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, strings.NewReader(body))
	require.NoError(t, err)
	r.Header.Set("Authorization", "Bearer "+graphtest.Token)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	response, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	var decoded map[string]any
	if len(text) > 0 {
		require.NoError(t, json.Unmarshal(text, &decoded), string(text))
	}
	assert.NotContains(t, string(text), secret, "a reply never has a secret")
	return response.StatusCode, decoded
}

func message(answer map[string]any) string {
	problem, _ := answer["error"].(map[string]any)
	text, _ := problem["message"].(string)
	return text
}

func TestCreationIsChecked(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		changes, message string
		status           int
	}{
		"as it should be":        {`{}`, "", 201},
		"small letters":          {`{"supportedEntities":"shift, swapRequest"}`, "Requested value 'shift, swapRequest' was not found.", 400},
		"one small letter":       {`{"supportedEntities":"Shift,swapRequest"}`, "Requested value 'Shift,swapRequest' was not found.", 400},
		"a plural":               {`{"supportedEntities":"SwapRequests"}`, "was not found", 400},
		"all lower but one":      {`{"supportedEntities":"Openshift"}`, "was not found", 400},
		"unknown":                {`{"supportedEntities":"UnknownFutureValue"}`, "was not found", 400},
		"none":                   {`{"supportedEntities":"None"}`, "", 201},
		"eligibility in small":   {`{"eligibilityFilteringEnabledEntities":"swapRequest"}`, "Requested value 'swapRequest' was not found.", 400},
		"eligibility of a shift": {`{"eligibilityFilteringEnabledEntities":"Shift"}`, "was not found", 400},
		"no eligibility":         {`{"eligibilityFilteringEnabledEntities":null}`, "", 201},
		"version 0":              {`{"apiVersion":0}`, "apiVersion", 400},
		"no version":             {`{"apiVersion":null}`, "'apiVersion' is required", 400},
		"version as text":        {`{"apiVersion":"1"}`, "wrong type", 400},
		"http":                   {`{"url":"http://wfi.example.com"}`, "https", 400},
		"http on this machine":   {`{"url":"http://127.0.0.1:8080/contoso"}`, "", 201},
		"no host":                {`{"url":"/contoso"}`, "https", 400},
		"a short secret":         {`{"encryption":{"protocol":"sharedSecret","secret":"` + secret[1:] + `"}}`, "64 characters", 400},
		"another protocol":       {`{"encryption":{"protocol":"unknownFutureValue","secret":"` + secret + `"}}`, "secret", 400},
		"no secret":              {`{"encryption":null}`, "'encryption' is required", 400},
		"an unknown property":    {`{"supports":"Shift"}`, "'supports' does not exist", 400},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := graphtest.New(t, graphtest.Config{})
			status, answer := ask(t, s, "POST", integrations, contoso(row.changes))
			assert.Equal(t, row.status, status)
			assert.Contains(t, message(answer), row.message)
			assert.Len(t, s.Integrations(), map[bool]int{true: 1}[status == 201])
		})
	}
}

func TestValuesAfterUnknownFutureValue(t *testing.T) {
	t.Parallel()
	s := graphtest.New(t, graphtest.Config{})
	_, created := ask(t, s, "POST", integrations, contoso(`{"supportedEntities":"TimeOffReason,TimeOff,Shift"}`))
	assert.Equal(t, "shift,unknownFutureValue", created["supportedEntities"])
	assert.Equal(t, "swapRequest,unknownFutureValue", created["eligibilityFilteringEnabledEntities"])
	assert.Equal(t, map[string]any{"protocol": "sharedSecret", "secret": nil}, created["encryption"])
	_, read := ask(t, s, "GET", integrations+"/"+created["id"].(string), "", "Prefer", "include-unknown-enum-members")
	assert.Equal(t, "shift,timeOffReason,timeOff", read["supportedEntities"])
	assert.Equal(t, "swapRequest,timeOffReason", read["eligibilityFilteringEnabledEntities"])
}

func TestDropEligibilityInV1(t *testing.T) {
	t.Parallel()
	s := graphtest.New(t, graphtest.Config{DropEligibilityInV1: true})
	_, created := ask(t, s, "POST", integrations, contoso(`{}`))
	assert.NotContains(t, created, "eligibilityFilteringEnabledEntities")
	beta := strings.Replace(integrations, "v1.0", "beta", 1) + "/" + created["id"].(string)
	_, read := ask(t, s, "GET", beta, "")
	assert.Equal(t, "none", read["eligibilityFilteringEnabledEntities"])
	_, patched := ask(t, s, "PATCH", beta, `{"eligibilityFilteringEnabledEntities":"SwapRequest"}`)
	assert.Equal(t, "swapRequest", patched["eligibilityFilteringEnabledEntities"])
}

func TestConnect(t *testing.T) {
	t.Parallel()
	var calls []string
	config := graphtest.Config{Connect: func(_ context.Context, address string, _ int, secret string) error {
		calls = append(calls, secret)
		if strings.Contains(address, "bad") {
			return errors.New("HTTP 401")
		}
		return nil
	}}
	for name, onUpdate := range map[string]bool{"on creation alone": false, "on update too": true} {
		t.Run(name, func(t *testing.T) {
			calls = nil
			config.ConnectOnUpdate = onUpdate
			s := graphtest.New(t, config)
			status, _ := ask(t, s, "POST", integrations, contoso(`{"url":"https://bad.example.com"}`))
			assert.Equal(t, 400, status)
			assert.Empty(t, s.Integrations())
			_, created := ask(t, s, "POST", integrations, contoso(`{}`))
			id := created["id"].(string)
			other := strings.Repeat("o", 64)
			status, _ = ask(t, s, "PATCH", integrations+"/"+id, `{"encryption":{"protocol":"sharedSecret","secret":"`+other+`"}}`)
			assert.Equal(t, 200, status)
			assert.Equal(t, other, s.Secret(id))
			status, _ = ask(t, s, "PATCH", integrations+"/"+id, `{"displayName":"Fabrikam"}`)
			assert.Equal(t, 200, status)
			status, _ = ask(t, s, "PATCH", integrations+"/"+id, `{"url":"https://bad.example.com"}`)
			if onUpdate {
				assert.Equal(t, 400, status)
				assert.Equal(t, []string{secret, secret, other, other}, calls)
				assert.Equal(t, "https://wfi.example.com/contoso", s.Integrations()[0].URL)
			} else {
				assert.Equal(t, 200, status)
				assert.Equal(t, []string{secret, secret}, calls)
			}
		})
	}
}

func TestAccess(t *testing.T) {
	t.Parallel()
	s := graphtest.New(t, graphtest.Config{Scopes: []string{"Schedule.Read.All"}})
	s.SetSchedule("team", nil)
	status, _ := ask(t, s, "GET", "/v1.0/teams/team/schedule", "")
	assert.Equal(t, 200, status)
	status, answer := ask(t, s, "PUT", "/v1.0/teams/team/schedule", `{"enabled":true,"timeZone":"UTC"}`)
	assert.Equal(t, 403, status)
	assert.Contains(t, message(answer), "API requires one of 'Schedule.ReadWrite.All'")
	status, _ = ask(t, s, "GET", "/v1.0/teams/team/schedule", "", "Authorization", "Bearer x")
	assert.Equal(t, 401, status)
	for _, path := range []string{"/v2.0/teams/team/schedule", "/v1.0/teams/team/schedule/nothing", "/v1.0/me"} {
		status, _ = ask(t, s, "GET", path, "")
		assert.Equal(t, 400, status, path)
	}
	status, _ = ask(t, s, "PUT", "/v1.0/teams/team/schedule", `{`)
	assert.Equal(t, 403, status, "who may not is told nothing else")
}

func TestFaults(t *testing.T) {
	t.Parallel()
	s := graphtest.New(t, graphtest.Config{})
	s.Inject(graphtest.Fault{Method: "POST", Status: 429, RetryAfter: "7", Times: 2})
	s.Inject(graphtest.Fault{Method: "POST", Status: 500, Done: true})
	s.Inject(graphtest.Fault{Path: "/teams", Status: 412, Code: "Precondition", Message: "changed"})
	for _, want := range []int{429, 429, 500, 201} {
		status, _ := ask(t, s, "POST", integrations, contoso(`{}`))
		assert.Equal(t, want, status)
	}
	assert.Len(t, s.Integrations(), 2, "one of them unanswered")
	status, answer := ask(t, s, "GET", "/v1.0/teams", "")
	assert.Equal(t, 412, status)
	assert.Equal(t, "changed", message(answer))
	status, _ = ask(t, s, "GET", "/v1.0/teams", "")
	assert.Equal(t, 200, status)

	s.Inject(graphtest.Fault{})
	_, err := http.Get(s.URL + "/v1.0/teams")
	assert.ErrorIs(t, err, io.EOF, "no answer at all")
	assert.Len(t, s.Requests(), 7)
	assert.Contains(t, s.Requests()[0].Body, `"secret":"********"`)
}

func TestPutSchedule(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		body   string
		status int
	}{
		"enough":             {`{"enabled":true,"timeZone":"UTC"}`, 200},
		"no time zone":       {`{"enabled":true}`, 400},
		"not enabled or so":  {`{"timeZone":"UTC"}`, 400},
		"a typo":             {`{"enabled":true,"timeZone":"UTC","openShifts":true}`, 400},
		"what is read only":  {`{"enabled":true,"timeZone":"UTC","provisionStatus":"Completed"}`, 400},
		"no such integrator": {`{"enabled":true,"timeZone":"UTC","workforceIntegrationIds":["WFI_0"]}`, 400},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := graphtest.New(t, graphtest.Config{})
			s.SetSchedule("team", map[string]any{"openShiftsEnabled": true})
			status, _ := ask(t, s, "PUT", "/v1.0/teams/team/schedule", row.body)
			assert.Equal(t, row.status, status)
			assert.Equal(t, status != 200, s.Schedule("team")["openShiftsEnabled"], "a PUT replaces all")
		})
	}
	s := graphtest.New(t, graphtest.Config{})
	status, _ := ask(t, s, "PUT", "/v1.0/teams/nobody/schedule", `{"enabled":true,"timeZone":"UTC"}`)
	assert.Equal(t, 404, status)
	assert.Nil(t, s.Schedule("nobody"))
}

func TestFilters(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		list, filter string
		status       int
		found        int
	}{
		"none":                     {"shifts", "", 200, 3},
		"a window":                 {"shifts", "sharedShift/startDateTime ge 2026-12-01T00:00:00Z and sharedShift/endDateTime le 2026-12-02T00:00:00Z", 200, 2},
		"quoted":                   {"shifts", "sharedShift/startDateTime ge '2026-12-01T09:00:00.000Z'", 200, 0},
		"both versions":            {"shifts", "sharedShift/startDateTime ge 2026-12-01T00:00:00Z and draftShift/startDateTime ge 2026-12-01T00:00:00Z", 200, 1},
		"the same property twice":  {"shifts", "sharedShift/startDateTime ge 2026-12-01T00:00:00Z and sharedShift/startDateTime ge 2026-12-01T00:00:00Z", 400, 0},
		"the other way round":      {"shifts", "sharedShift/startDateTime le 2026-12-01T00:00:00Z", 400, 0},
		"another member":           {"shifts", "sharedTimeOff/startDateTime ge 2026-12-01T00:00:00Z", 400, 0},
		"lastModifiedDateTime":     {"shifts", "lastModifiedDateTime ge 2026-12-01T00:00:00Z", 400, 0},
		"not a date":               {"shifts", "sharedShift/startDateTime ge today", 400, 0},
		"no condition":             {"shifts", "sharedShift/startDateTime", 400, 0},
		"state of time off":        {"timeOffRequests", "state eq 'pending'", 200, 1},
		"another state":            {"timeOffRequests", "state eq 'approved'", 400, 0},
		"state of a swap":          {"swapShiftsChangeRequests", "state eq 'pending'", 400, 0},
		"reasons that are active?": {"timeOffReasons", "isActive eq true", 400, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := graphtest.New(t, graphtest.Config{PageSize: 2})
			s.SetSchedule("team", nil)
			const at = `{"startDateTime":"2026-12-01T08:00:00Z","endDateTime":"2026-12-01T16:00:00Z"}`
			s.SetEntities("team", "shifts", `{"sharedShift":`+at+`}`, `{"sharedShift":`+at+`,"draftShift":`+at+`}`, `{"sharedShift":null,"draftShift":`+at+`}`)
			s.SetEntities("team", "timeOffRequests", `{"state":"pending"}`, `{"state":"approved"}`)
			path := "/v1.0/teams/team/schedule/" + row.list
			if row.filter != "" {
				path += "?" + url.Values{"$filter": {row.filter}}.Encode()
			}
			found := 0
			for path != "" {
				status, answer := ask(t, s, "GET", path, "")
				require.Equal(t, row.status, status, answer)
				items, _ := answer["value"].([]any)
				assert.LessOrEqual(t, len(items), 2)
				found += len(items)
				next, _ := answer["@odata.nextLink"].(string)
				path = strings.TrimPrefix(next, s.URL)
			}
			assert.Equal(t, row.found, found)
		})
	}
	s := graphtest.New(t, graphtest.Config{})
	s.SetSchedule("team", nil)
	for _, query := range []string{"$orderby=id", "$top=0", "$top=1000", "$skiptoken=-1", "$skiptoken=9"} {
		status, _ := ask(t, s, "GET", "/v1.0/teams/team/schedule/shifts?"+query, "")
		assert.Equal(t, 400, status, query)
	}
}

func TestOneEntity(t *testing.T) {
	t.Parallel()
	s := graphtest.New(t, graphtest.Config{})
	s.SetSchedule("team", nil)
	s.SetEntities("team", "shifts", `{"id":"SHFT_1","userId":"ada"}`)
	const shifts = "/v1.0/teams/team/schedule/shifts/"
	status, answer := ask(t, s, "GET", shifts+"SHFT_1", "")
	assert.Equal(t, 200, status)
	assert.Equal(t, "ada", answer["userId"])
	for path, want := range map[string]int{
		shifts + "SHFT_2": 404, shifts + "SHFT_1?$select=id": 400,
		"/v1.0/teams/nobody/schedule/shifts/SHFT_1": 404, "/v1.0/teams/team/schedule/nothing/SHFT_1": 400,
	} {
		status, _ = ask(t, s, "GET", path, "")
		assert.Equal(t, want, status, path)
	}
}

func TestScheduleThatIsNotProvisioned(t *testing.T) {
	t.Parallel()
	s := graphtest.New(t, graphtest.Config{})
	s.SetSchedule("team", map[string]any{"provisionStatus": "NotStarted"})
	status, _ := ask(t, s, "GET", "/v1.0/teams/team/schedule/shifts", "")
	assert.Equal(t, 409, status)
	s.AddTeam("without", "Without Shifts")
	status, answer := ask(t, s, "GET", "/v1.0/teams/without/schedule", "")
	assert.Equal(t, 404, status)
	assert.Contains(t, message(answer), `{"error":{"code":"NotFound"`, "Shifts' own error stands in Graph's")
}

// watched is a test that notes its failures.
type watched struct {
	testing.TB
	failures []string
}

func (w *watched) Error(arguments ...any) { w.failures = append(w.failures, arguments[0].(string)) }

func TestSecretsInURLs(t *testing.T) {
	t.Parallel()
	w := &watched{TB: t}
	s := graphtest.New(w, graphtest.Config{})
	ask(t, s, "POST", integrations, contoso(`{}`))
	assert.Empty(t, w.failures)
	ask(t, s, "GET", "/v1.0/teams?x="+secret, "")
	ask(t, s, "GET", "/v1.0/teams/"+graphtest.Token+"/schedule", "")
	assert.Len(t, w.failures, 2)
}
