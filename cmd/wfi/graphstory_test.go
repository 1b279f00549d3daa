package main

import (
	"encoding/json"
	"net/http"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/batch/shifts"
	"example.com/shiftswfi/store/graph/graphtest"
	"example.com/shiftswfi/store/redistest"
)

// From nothing to live, and back: an administrator registers a running
// endpoint, enables a team, fills the store, and Shifts asks and changes; what
// Shifts never called about is healed; the secret changes under load; and
// everything is removed again.
func TestFromNothingToLive(t *testing.T) {
	t.Parallel()
	redis := redistest.Server(t).URL()
	r := &rotating{
		administrator: administrate(t, graphtest.Config{
			PageSize: 1, ConnectOnUpdate: true, DropEligibilityInV1: true,
			Provision: func(string) (int, string) { return 3, "" },
		}),
		file: filepath.Join(t.TempDir(), "contoso.secret"),
	}
	r.write(testSecret)
	config := settings("redis: " + redis + withSecretFile(r.file))
	r.config = configFile(t, config)
	r.server = serve(t, config)

	// Register: Graph calls the endpoint's /connect, sealed.
	r.does("integration", "create", "--config", r.config, "--url", "http://"+r.server.listen+"/contoso", "--name", "Contoso WFM",
		"--entities", "shift,swap-request,open-shift,time-off-request", "--eligibility", "swap-request,time-off-reason")
	assert.Equal(t, []string{"swapRequest", "timeOffReason"}, r.graph.Integrations()[0].Eligibility)

	// Enable a team that has shifts already.
	r.graph.AddTeam(storyTeam, "Store 12")
	r.graph.SetSchedule(storyTeam, map[string]any{"timeZone": "Eastern Standard Time", "startDayOfWeek": "monday"})
	adele, bianca := inShiftsOf("adele", adeleShift, "2026-12-09"), inShiftsOf("bianca", "SHFT_bianca", "2026-12-10")
	r.graph.SetEntities(storyTeam, "shifts", adele, bianca)
	r.graph.SetEntities(storyTeam, "schedulingGroups", `{"id":"TAG_1","displayName":"Floor","isActive":true,"userIds":["adele","bianca"]}`)
	r.does("teams", "enable", storyTeam, "--integration", contosoID, "--poll", "1ms")

	// Fill the store; then Shifts asks.
	pull := []string{"pull", storyTeam, "--redis", redis, "--settle", "0s", "--from", "2026-12-01T00:00:00Z", "--to", "2026-12-31T00:00:00Z"}
	r.does(pull...)
	assert.Equal(t, []string{"SHFT_bianca"}, r.server.read(swapURL(adeleShift))[0].Body.Data)

	// Shifts changes: a swap from request to approval.
	key := r.secrets()[0]
	request := map[string]any{"id": "SREQ_1", "state": "Pending", "assignedTo": "Recipient",
		"senderUserId": "adele", "senderShiftId": adeleShift, "recipientUserId": "bianca", "recipientShiftId": "SHFT_bianca"}
	r.saved(key, shifts.Item{ID: "SREQ_1", Method: http.MethodPost, URL: "/swapRequests/SREQ_1", Body: request})
	request["state"], request["assignedTo"] = "Approved", "Manager"
	adeleNew, biancaNew := inShiftsOf("adele", "SHFT_adele_new", "2026-12-10"), inShiftsOf("bianca", "SHFT_bianca_new", "2026-12-09")
	r.saved(key,
		shifts.Item{ID: "SREQ_1", Method: http.MethodPut, URL: "/swapRequests/SREQ_1", Body: request},
		shifts.Item{ID: adeleShift, Method: http.MethodDelete, URL: "/shifts/" + adeleShift},
		shifts.Item{ID: "SHFT_bianca", Method: http.MethodDelete, URL: "/shifts/SHFT_bianca"},
		shifts.Item{ID: "SHFT_adele_new", Method: http.MethodPost, URL: "/shifts/SHFT_adele_new", Body: json.RawMessage(adeleNew)},
		shifts.Item{ID: "SHFT_bianca_new", Method: http.MethodPost, URL: "/shifts/SHFT_bianca_new", Body: json.RawMessage(biancaNew)})

	// Shifts has written it, and a manager shares a schedule, of which nobody is
	// told: the next pull brings that, and leaves the swap alone.
	r.graph.SetEntities(storyTeam, "shifts", adeleNew, biancaNew, inShiftsOf("bianca", "SHFT_shared", "2026-12-16"))
	r.does(pull...)
	assert.ElementsMatch(t, []string{"SHFT_bianca_new", "SHFT_shared"}, r.server.read(swapURL("SHFT_adele_new"))[0].Body.Data)

	// A new secret, while Shifts calls all the time.
	stop := r.shifts()
	code, _, stderr := r.rotate(t.Context())
	stop()
	require.Zero(t, code, stderr)
	assert.Equal(t, http.StatusOK, r.ask(r.secrets()[0]))
	assert.Equal(t, http.StatusUnauthorized, r.ask(testSecret))

	// And all of it goes away.
	r.does("teams", "disable", storyTeam, "--integration", contosoID)
	r.does("integration", "delete", contosoID, "--yes")
	assert.Empty(t, r.graph.Integrations())
}

// inShiftsOf is a worker's shift on a day, as Graph lists it.
func inShiftsOf(user, id, day string) string {
	return `{"id":"` + id + `","userId":"` + user + `","schedulingGroupId":"TAG_1","draftShift":null,"isStagedForDeletion":false,` +
		`"sharedShift":{"theme":"blue","activities":[],"startDateTime":"` + day + `T14:00:00Z","endDateTime":"` + day + `T22:00:00Z"}}`
}

// saved sends a change as Shifts does, and expects that it is saved.
func (r *rotating) saved(secret string, items ...shifts.Item) {
	r.t.Helper()
	batch, err := shifts.Batch(items...)
	require.NoError(r.t, err)
	reply, err := new(shifts.Caller).Post(r.t.Context(), "http://"+r.server.listen+"/contoso/v1/teams/"+storyTeam+"/update", nil, seal(r.t, secret, string(batch)))
	require.NoError(r.t, err)
	for _, item := range items {
		require.Equal(r.t, shifts.Saved, reply.Change(item.ID), "%s", reply.Body)
	}
}
