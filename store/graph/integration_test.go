package graph_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"example.com/shiftswfi/store/graph"
	"example.com/shiftswfi/store/graph/graphtest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestIntegrationLife(t *testing.T) {
	t.Parallel()
	var connected []string
	s := graphtest.New(t, graphtest.Config{Connect: func(_ context.Context, url string, apiVersion int, secret string) error {
		connected = append(connected, fmt.Sprint(url, " ", apiVersion, " ", secret))
		return nil
	}})
	c := client(t, s)
	created, err := c.CreateIntegration(t.Context(), contoso())
	require.NoError(t, err)
	assert.Equal(t, []string{"https://wfi.example.com/contoso 1 " + secret}, connected)
	assert.Equal(t, secret, s.Secret(created.ID))

	read, err := c.Integration(t.Context(), created.ID)
	require.NoError(t, err)
	assert.Equal(t, created, read)
	assert.Equal(t, &graph.WorkforceIntegration{
		ID: created.ID, DisplayName: "Contoso", APIVersion: 1, IsActive: true, URL: "https://wfi.example.com/contoso",
		SupportedEntities: contoso().SupportedEntities, EligibilityFiltering: contoso().EligibilityFiltering,
		CreatedDateTime: "2026-12-01T09:00:00Z", LastModifiedDateTime: "2026-12-01T09:00:00Z",
	}, read)

	other := strings.Repeat("n", 64)
	require.NoError(t, c.UpdateIntegration(t.Context(), created.ID, graph.IntegrationChange{Secret: &other, IsActive: new(false)}))
	assert.Equal(t, other, s.Secret(created.ID))
	requests := s.Requests()
	assert.JSONEq(t, `{"encryption":{"protocol":"sharedSecret","secret":"********"},"isActive":false}`, requests[len(requests)-1].Body)
	require.NoError(t, c.UpdateIntegration(t.Context(), created.ID, graph.IntegrationChange{EligibilityFiltering: &graph.Entities{}}))
	listed, err := c.Integrations(t.Context())
	require.NoError(t, err)
	read.IsActive, read.EligibilityFiltering = false, graph.Entities{}
	assert.Equal(t, []graph.WorkforceIntegration{*read}, listed, "the rest stays")

	require.NoError(t, c.DeleteIntegration(t.Context(), created.ID))
	assert.ErrorIs(t, c.DeleteIntegration(t.Context(), created.ID), graph.ErrNotFound)
	_, err = c.Integration(t.Context(), created.ID)
	assert.ErrorIs(t, err, graph.ErrNotFound)
	listed, err = c.Integrations(t.Context())
	require.NoError(t, err)
	assert.Empty(t, listed)
}

func TestIntegrationsArePaged(t *testing.T) {
	t.Parallel()
	s := graphtest.New(t, graphtest.Config{PageSize: 2})
	c := client(t, s)
	for range 5 {
		_, err := c.CreateIntegration(t.Context(), contoso())
		require.NoError(t, err)
	}
	listed, err := c.Integrations(t.Context())
	require.NoError(t, err)
	require.Len(t, listed, 5)
	for i, integration := range s.Integrations() {
		assert.Equal(t, integration.ID, listed[i].ID)
		assert.Equal(t, contoso().EligibilityFiltering, listed[i].EligibilityFiltering)
	}
}

func TestCreationIsAcceptedWithEitherStatus(t *testing.T) {
	t.Parallel()
	c := client(t, graphtest.New(t, graphtest.Config{CreateStatus: 200}))
	created, err := c.CreateIntegration(t.Context(), contoso())
	require.NoError(t, err)
	assert.NotEmpty(t, created.ID)
}

func TestEndpointThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	s := graphtest.New(t, graphtest.Config{Connect: func(context.Context, string, int, string) error { return errors.New("no") }})
	_, err := client(t, s).CreateIntegration(t.Context(), contoso())
	require.ErrorIs(t, err, graph.ErrInvalid)
	assert.Contains(t, err.Error(), "did not answer the connect request with 200")
	assert.Empty(t, s.Integrations())
}

func TestEligibilityThatV1Drops(t *testing.T) {
	t.Parallel()
	s := graphtest.New(t, graphtest.Config{DropEligibilityInV1: true})
	c := client(t, s)
	created, err := c.CreateIntegration(t.Context(), contoso())
	require.NoError(t, err)
	assert.Equal(t, contoso().EligibilityFiltering, contoso().EligibilityFiltering.Without(created.EligibilityFiltering))
	wanted := contoso().EligibilityFiltering
	require.NoError(t, c.Beta().UpdateIntegration(t.Context(), created.ID, graph.IntegrationChange{EligibilityFiltering: &wanted}))
	read, err := c.Beta().Integration(t.Context(), created.ID)
	require.NoError(t, err)
	assert.Equal(t, wanted, read.EligibilityFiltering)
}

func TestBodies(t *testing.T) {
	t.Parallel()
	n := contoso()
	assert.JSONEq(t, `{"displayName":"Contoso","apiVersion":1,"isActive":true,"url":"https://wfi.example.com/contoso",
		"encryption":{"protocol":"sharedSecret","secret":"********"},
		"supportedEntities":"Shift,SwapRequest,TimeOff","eligibilityFilteringEnabledEntities":"SwapRequest,TimeOffReason"}`, string(n.Masked()))
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		assert.NotContains(t, fmt.Sprintf(verb, n), secret)
		assert.NotContains(t, fmt.Sprintf(verb, &n), secret)
	}
	assert.Equal(t, secret, n.Secret, "masking leaves it alone")

	n.EligibilityFiltering, n.SupportedEntities = nil, nil
	assert.Contains(t, string(n.Masked()), `"supportedEntities":"None"`)
	assert.NotContains(t, string(n.Masked()), "eligibility")

	change := graph.IntegrationChange{Secret: &secret}
	assert.JSONEq(t, `{"encryption":{"protocol":"sharedSecret","secret":"********"}}`, string(change.Masked()))
	assert.NotContains(t, fmt.Sprintf("%+v", change), secret)
	assert.False(t, change.Empty())
	assert.True(t, graph.IntegrationChange{}.Empty())
	assert.JSONEq(t, `{}`, string(graph.IntegrationChange{}.Masked()))
}

func TestIDsThatCannotBe(t *testing.T) {
	t.Parallel()
	s := graphtest.New(t, graphtest.Config{})
	c := client(t, s)
	for name, id := range map[string]string{"empty": "", "a dot": ".", "two dots": "..", "long": strings.Repeat("x", 257)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := c.DeleteIntegration(t.Context(), id)
			assert.ErrorIs(t, err, graph.ErrNotFound)
			assert.ErrorContains(t, err, "is no id")
			_, err = c.Schedule(t.Context(), id)
			assert.ErrorIs(t, err, graph.ErrNotFound)
			assert.Empty(t, s.Requests())
		})
	}
}

func TestIDsAreEscaped(t *testing.T) {
	t.Parallel()
	s := graphtest.New(t, graphtest.Config{})
	assert.ErrorIs(t, client(t, s).DeleteIntegration(t.Context(), "a/../b?c#d"), graph.ErrNotFound)
	require.Len(t, s.Requests(), 1)
	assert.Equal(t, "/v1.0/teamwork/workforceIntegrations/a/../b?c#d", s.Requests()[0].Path)
	assert.Empty(t, s.Requests()[0].Query)
}

func TestParseEntities(t *testing.T) {
	t.Parallel()
	for text, wire := range map[string]string{
		"shift,swap-request":                    "Shift,SwapRequest",
		"Shift, SwapRequest":                    "Shift,SwapRequest",
		"openshiftrequest":                      "OpenShiftRequest",
		"OFFER_SHIFT_REQUESTS":                  "OfferShiftRequest",
		"Openshift":                             "OpenShift",
		"time off,timesOff,TimeOffReasons":      "TimeOffReason,TimeOff",
		"swapRequests":                          "SwapRequest",
		"user-shift-preferences":                "UserShiftPreferences",
		"userShiftPreference":                   "UserShiftPreferences",
		"timeOffRequest,timeCard,shift, shifts": "Shift,TimeCard,TimeOffRequest",
		"none":                                  "None",
		" None ":                                "None",
	} {
		parsed, err := graph.ParseEntities(text, graph.SupportedEntityNames)
		require.NoError(t, err, text)
		assert.Equal(t, wire, parsed.Wire(), text)
	}
	for text, name := range map[string]string{
		"": "", "shift,": "", "shift, shft": "shft", "none,shift": "none", "unknownFutureValue": "unknownFutureValue",
	} {
		_, err := graph.ParseEntities(text, graph.SupportedEntityNames)
		var e *graph.EntityError
		require.ErrorAs(t, err, &e, text)
		assert.Equal(t, name, e.Name)
	}
	_, err := graph.ParseEntities("swap-request,shift", graph.EligibilityNames)
	assert.EqualError(t, err, `"shift" is not one of swapRequest, offerShiftRequest, timeOffReason; none stands for no entity`)
}

// Every name has to be one that Graph takes.
func TestEveryNameIsAccepted(t *testing.T) {
	t.Parallel()
	c := client(t, graphtest.New(t, graphtest.Config{}))
	n := contoso()
	n.SupportedEntities, n.EligibilityFiltering = graph.SupportedEntityNames, graph.EligibilityNames
	created, err := c.CreateIntegration(t.Context(), n)
	require.NoError(t, err)
	assert.Equal(t, n.SupportedEntities, created.SupportedEntities)
	assert.Equal(t, n.EligibilityFiltering, created.EligibilityFiltering)
}

func TestEntitiesJSON(t *testing.T) {
	t.Parallel()
	for text, entities := range map[string]graph.Entities{
		`"shift,swapRequest"`:           {"shift", "swapRequest"},
		`"Shift,SwapRequest"`:           {"shift", "swapRequest"},
		`"TimeOff, Shift,shift"`:        {"shift", "timeOff"},
		`"none"`:                        {},
		`"None"`:                        {},
		`""`:                            {},
		`null`:                          {},
		`"unknownFutureValue,shift"`:    {"shift", "unknownFutureValue"},
		`"SomethingNew,timeOffRequest"`: {"timeOffRequest", "SomethingNew"},
	} {
		var decoded graph.Entities
		require.NoError(t, json.Unmarshal([]byte(text), &decoded), text)
		assert.Equal(t, entities, decoded, text)
		encoded, err := json.Marshal(decoded)
		require.NoError(t, err)
		var again graph.Entities
		require.NoError(t, json.Unmarshal(encoded, &again))
		assert.Equal(t, entities, again)
	}
	encoded, err := json.Marshal(graph.WorkforceIntegration{SupportedEntities: graph.Entities{"shift", "timeOff"}})
	require.NoError(t, err)
	assert.Contains(t, string(encoded), `"supportedEntities":"shift,timeOff","eligibilityFilteringEnabledEntities":"none"`)
	var decoded graph.Entities
	assert.Error(t, json.Unmarshal([]byte(`["shift"]`), &decoded))
}
