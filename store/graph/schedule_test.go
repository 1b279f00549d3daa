package graph_test

import (
	"encoding/json"
	"strings"
	"testing"

	"example.com/shiftswfi/store/graph"
	"example.com/shiftswfi/store/graph/graphtest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSetScheduleIntegrations(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]graphtest.Config{"answered with 200": {}, "answered with 204": {PutStatus: 204}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := graphtest.New(t, config)
			c := client(t, s)
			first, err := c.CreateIntegration(t.Context(), contoso())
			require.NoError(t, err)
			second, err := c.CreateIntegration(t.Context(), contoso())
			require.NoError(t, err)
			location := map[string]any{"approvedLocation": map[string]any{"latitude": 52.5200066, "longitude": 13.404954}}
			s.SetSchedule("team", map[string]any{
				"timeZone": "America/New_York", "startDayOfWeek": "Monday", "openShiftsEnabled": true, "swapShiftsRequestsEnabled": true,
				"timeClockEnabled": true, "timeClockSettings": location, "isActivitiesIncludedWhenCopyingShiftsEnabled": true,
			})
			before := s.Schedule("team")

			schedule, err := c.Schedule(t.Context(), "team")
			require.NoError(t, err)
			assert.True(t, schedule.Provisioned())
			assert.Equal(t, "America/New_York", schedule.TimeZone)
			assert.Equal(t, "Monday", schedule.StartDayOfWeek)
			assert.True(t, schedule.OpenShiftsEnabled)
			assert.False(t, schedule.OfferShiftRequestsEnabled)
			require.NoError(t, c.SetScheduleIntegrations(t.Context(), "team", schedule, []string{first.ID, second.ID}))
			before["workforceIntegrationIds"] = []string{first.ID}
			assert.Equal(t, before, s.Schedule("team"), "the first wins, and all else stays")

			require.NoError(t, c.SetScheduleIntegrations(t.Context(), "team", schedule, nil))
			before["workforceIntegrationIds"] = []string{}
			assert.Equal(t, before, s.Schedule("team"))
		})
	}
}

func TestScheduleBody(t *testing.T) {
	t.Parallel()
	schedule := &graph.Schedule{Raw: json.RawMessage(`{"@odata.context":"x","id":"t","enabled":false,"timeZone":"UTC","provisionStatus":"Failed",
		"provisionStatusCode":"X","workforceIntegrationIds":["WFI_0"],"timeClockSettings":null,"futureSetting":{"a":1.10}}`)}
	_, err := schedule.Body(nil)
	require.ErrorContains(t, err, "no time zone")
	schedule.Enabled, schedule.TimeZone = true, "Europe/Berlin"
	body, err := schedule.Body([]string{"WFI_1"})
	require.NoError(t, err)
	assert.Equal(t, `{"enabled":true,"futureSetting":{"a":1.10},"timeZone":"Europe/Berlin","workforceIntegrationIds":["WFI_1"]}`, string(body))

	body, err = (&graph.Schedule{Enabled: true, TimeZone: "UTC"}).Body(nil)
	require.NoError(t, err)
	assert.Equal(t, `{"enabled":true,"timeZone":"UTC","workforceIntegrationIds":[]}`, string(body))
	_, err = (&graph.Schedule{TimeZone: "UTC", Raw: json.RawMessage(`[]`)}).Body(nil)
	assert.ErrorContains(t, err, "no JSON object")
}

func TestTeamWithoutShifts(t *testing.T) {
	t.Parallel()
	s := graphtest.New(t, graphtest.Config{})
	s.AddTeam("team", "Store 4")
	c := client(t, s)
	_, err := c.Schedule(t.Context(), "team")
	require.ErrorIs(t, err, graph.ErrNotFound)
	assert.Contains(t, err.Error(), "Sorry, the team was not found, or you may not have access to it (request-id")
	require.NoError(t, c.SetScheduleIntegrations(t.Context(), "team", &graph.Schedule{Enabled: true, TimeZone: "UTC"}, nil))
	schedule, err := c.Schedule(t.Context(), "team")
	require.NoError(t, err)
	assert.True(t, schedule.Enabled)

	err = c.SetScheduleIntegrations(t.Context(), "team", &graph.Schedule{Enabled: true}, nil)
	assert.EqualError(t, err, "could not set the workforce integrations of the team: the schedule has no time zone, which Microsoft Graph demands")
}

// Shifts sets a schedule up in the background: readings show how far it is.
func TestProvisioning(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		reads    int
		code     string
		statuses string
	}{
		"at once":         {0, "", "Completed"},
		"after some time": {2, "", "Running Running Completed"},
		"fails":           {1, "TeamArchived", "Running Failed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := graphtest.New(t, graphtest.Config{Provision: func(string) (int, string) { return row.reads, row.code }})
			s.AddTeam("team", "Store 4")
			c := client(t, s)
			require.NoError(t, c.SetScheduleIntegrations(t.Context(), "team", &graph.Schedule{Enabled: true, TimeZone: "UTC"}, nil))
			var statuses []string
			for range row.reads + 1 {
				schedule, err := c.Schedule(t.Context(), "team")
				require.NoError(t, err)
				statuses = append(statuses, schedule.ProvisionStatus)
				assert.Equal(t, schedule.ProvisionStatus == "Completed", schedule.Provisioned())
			}
			assert.Equal(t, row.statuses, strings.Join(statuses, " "))
		})
	}
}

func TestExplainProvision(t *testing.T) {
	t.Parallel()
	failed := &graph.ProvisionError{Team: "team", Code: "TeamArchived"}
	assert.ErrorContains(t, failed, "gave the code TeamArchived; open Shifts")
	assert.Contains(t, graph.ExplainProvision(""), "gave no code;")
	assert.NotContains(t, graph.ExplainProvision("a\x1b\n"+strings.Repeat("x", 10_000)), "\x1b")
	assert.Less(t, len(graph.ExplainProvision(strings.Repeat("x", 10_000))), 1000)
}

func TestTeams(t *testing.T) {
	t.Parallel()
	s := graphtest.New(t, graphtest.Config{PageSize: 1})
	s.AddTeam("1", "Store 1")
	s.SetSchedule("2", nil)
	s.AddTeam("3", "Store 3")
	teams, err := client(t, s).Teams(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []graph.Team{{ID: "1", DisplayName: "Store 1"}, {ID: "2", DisplayName: "2"}, {ID: "3", DisplayName: "Store 3"}}, teams)
}
