package contract

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/batch/envelope"
	"example.com/shiftswfi/batch/shifts"
)

// serveOpened answers each call by its path and what is in its body.
func serveOpened(t *testing.T, serve func(w http.ResponseWriter, path string, plaintext []byte)) *httptest.Server {
	t.Helper()
	key, err := envelope.NewKey(testSecret)
	require.NoError(t, err)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		plaintext, err := envelope.Open(body, key)
		if err != nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		serve(w, r.URL.Path, plaintext)
	}))
	t.Cleanup(server.Close)
	return server
}

// Ids that the profile does not name are made up, the same ones in every call:
// an endpoint that reads them as GUIDs can.
func TestConnectWithoutProfile(t *testing.T) {
	t.Parallel()
	const tenant, user = "8f9d7c6b-0000-4000-8000-000000000001", "7e6d5c4b-0000-4000-8000-000000000002"
	guid := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	for name, profile := range map[string]Profile{"neither": {}, "both": {TenantID: tenant, ConnectUser: user}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seen := map[string]bool{}
			server := serveOpened(t, func(_ http.ResponseWriter, _ string, plaintext []byte) {
				var ids struct{ TenantID, UserID string }
				assert.NoError(t, json.Unmarshal(plaintext, &ids))
				assert.Regexp(t, guid, ids.TenantID)
				assert.Regexp(t, guid, ids.UserID)
				assert.Equal(t, profile.TenantID != "", ids.TenantID == tenant)
				assert.Equal(t, profile.ConnectUser != "", ids.UserID == user)
				seen[string(plaintext)] = true
			})
			_, err := Certify(t.Context(), server.URL, testSecret, profile, Options{Only: []string{"connect.repeated"}})
			require.NoError(t, err)
			server.Close() // and no call is left
			assert.Len(t, seen, 1)
		})
	}
}

// Who has not named the tenant is told that this may be why.
func TestConnectRefused(t *testing.T) {
	t.Parallel()
	const hint = "fill it in."
	for name, test := range map[string]struct {
		status int
		tenant string
		hinted bool
	}{
		"forbidden":            {403, "", true},
		"not understood":       {400, "", true},
		"the endpoint's fault": {500, "", false},
		"it is named":          {403, "8f9d7c6b-0000-4000-8000-000000000001", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := serveOpened(t, func(w http.ResponseWriter, _ string, _ []byte) { w.WriteHeader(test.status) })
			report, err := Certify(t.Context(), server.URL, testSecret, Profile{TenantID: test.tenant}, Options{Only: []string{"connect.accepted"}})
			require.NoError(t, err)
			require.Equal(t, Failed, report.Results[0].Status)
			if test.hinted {
				assert.Contains(t, report.Results[0].Message, hint)
			} else {
				assert.NotContains(t, report.Results[0].Message, hint)
			}
		})
	}
}

// What is sent to a path that does not exist may be refused by the status of
// the call, or item by item.
func TestUnknownPath(t *testing.T) {
	t.Parallel()
	const found = "The path /v1/teams/T/nothing was answered with HTTP 200, and the item in it was not refused."
	for name, test := range map[string]struct {
		httpStatus int
		response   string // its id is added; "" for none
		message    string
	}{
		"not found":        {404, "", ""},
		"refused":          {200, `"status":404,"body":{"error":{"code":"404","message":"No."}}`, ""},
		"saved":            {200, `"status":200,"body":{"eTag":"1"}`, found},
		"no eTag":          {200, `"status":200,"body":{}`, found},
		"listed":           {200, `"status":200,"body":{"data":[]}`, found},
		"no status":        {200, `"body":{"error":{"code":"404","message":"No."}}`, found},
		"left out":         {200, "", found},
		"not found at all": {500, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := serveOpened(t, func(w http.ResponseWriter, path string, plaintext []byte) {
				var batch struct{ Requests []shifts.Item }
				assert.NoError(t, json.Unmarshal(plaintext, &batch))
				if !strings.HasSuffix(path, "/nothing") {
					return
				}
				if path != "/v1/teams/T/nothing" { // a team that there is
					w.WriteHeader(http.StatusNotFound)
					return
				}
				w.WriteHeader(test.httpStatus)
				answer := ""
				if test.response != "" {
					answer = `{"id":"` + batch.Requests[0].ID + `",` + test.response + `}`
				}
				_, _ = io.WriteString(w, `{"responses":[`+answer+`]}`)
			})
			assert.Equal(t, test.message, certifyGroup(t, server, "hygiene.unknown-path").Results[0].Message)
		})
	}
}

// A question that is not answered is no approval of anything.
func TestComplaint(t *testing.T) {
	t.Parallel()
	p, none, empty := &probe{}, &shifts.Reply{}, &shifts.Reply{Responses: []shifts.Response{{ID: []byte(`"1"`)}}}
	change, question := shifts.Item{ID: "1", Method: http.MethodPut}, shifts.Item{ID: "1", Method: http.MethodGet}
	assert.Contains(t, p.complaint(shifts.Unanswered, none, change), " has no answer: Shifts takes that for an approval.")
	assert.Contains(t, p.complaint(shifts.Unanswered, empty, change), " without a status: Shifts takes that for an approval.")
	assert.Contains(t, p.complaint(shifts.Unanswered, none, question), " has no answer: what Shifts offers then is not documented.")
	assert.Contains(t, p.complaint(shifts.Unanswered, empty, question), " without a status: what Shifts offers then is not documented.")
}
