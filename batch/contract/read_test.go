package contract

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func swapProbe(t *testing.T, swap Swap) *probe {
	t.Helper()
	profile, err := Profile{Team: "team", Swap: swap}.checked()
	require.NoError(t, err)
	return &probe{suite: &suite{profile: profile}}
}

// Each form that Shifts has been seen to send, letter by letter.
func TestDateForms(t *testing.T) {
	t.Parallel()
	w := window{time.Date(2030, 5, 31, 23, 0, 0, 0, time.UTC), time.Date(2030, 6, 2, 0, 30, 0, 0, time.UTC)}
	want := map[string]string{
		"usual":                      "startTime=2030-05-31T23:00:00.0000000Z&endTime=2030-06-02T00:30:00.0000000Z",
		"read.date-without-fraction": "startTime=2030-05-31T23:00:00Z&endTime=2030-06-02T00:30:00Z",
		"read.date-us":               "startTime=5/31/2030 11:00:00 PM +00:00&endTime=6/2/2030 12:30:00 AM +00:00",
		"read.date-us-offset":        "startTime=6/1/2030 4:30:00 AM +05:30&endTime=6/2/2030 6:00:00 AM +05:30",
		"read.date-encoded":          "startTime=2030-05-31T23%3A00%3A00.0000000Z&endTime=2030-06-02T00%3A30%3A00.0000000Z",
		"read.parameters-of-graph":   "startDateTime=2030-05-31T23:00:00.0000000Z&endDateTime=2030-06-02T00:30:00.0000000Z",
	}
	got := map[string]string{"usual": usualForm.url("S", w)}
	for _, d := range dateForms {
		got[d.check.ID] = d.form.url("S", w)
	}
	for id, query := range want {
		want[id] = "/shifts/S/requestableShifts?requestType=SwapRequest&" + query
	}
	assert.Equal(t, want, got)
}

func TestWindows(t *testing.T) {
	t.Parallel()
	noon := time.Date(2030, 6, 15, 12, 0, 0, 0, time.UTC)
	p := swapProbe(t, Swap{
		Shift:      ExistingShift{ID: "S", Start: noon},
		Eligible:   []ExistingShift{{ID: "E1", Start: noon.AddDate(0, 0, 2)}, {ID: "E2"}},
		Ineligible: []ExistingShift{{ID: "I1", Start: noon.AddDate(0, 0, -3)}, {ID: "I2", Start: noon.AddDate(0, 0, 4)}},
	})
	wide := p.wide()
	assert.True(t, wide.start.Before(noon.AddDate(0, 0, -3)))
	assert.True(t, wide.end.After(noon.AddDate(0, 0, 5)), "the last shift may take a day")
	assert.Less(t, wide.end.Sub(wide.start), 10*24*time.Hour, "a shift without a start does not count")

	start, end := noon.AddDate(0, 0, 2), noon.AddDate(0, 0, 3)
	around, before, after := p.around(), p.before(), p.after()
	assert.True(t, around.start.Before(start) && around.end.After(end))
	assert.True(t, before.start.Before(before.end) && before.end.Before(start))
	assert.True(t, after.start.After(end) && after.end.After(after.start))
}

func TestHarmlessChangesFitTheProfile(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		supported []string
		url       string // "": nothing fits
	}{
		"everything":      {nil, "/shifts/"},
		"some":            {[]string{"TimeOffRequest", "OpenShift"}, "/timeOffRequests/"},
		"nothing":         {[]string{"none"}, ""},
		"what nobody has": {[]string{"timeCard"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			profile := Profile{Team: "team", SupportedEntities: test.supported}
			if test.url == "" {
				assert.NotEmpty(t, needsUpdates(profile))
				return
			}
			assert.Empty(t, needsUpdates(profile))
			p := &probe{suite: &suite{profile: profile}}
			items := p.harmless(2)
			require.Len(t, items, 2)
			assert.NotEqual(t, items[0].ID, items[1].ID)
			for _, item := range items {
				assert.Equal(t, http.MethodDelete, item.Method)
				assert.Equal(t, test.url+item.ID, item.URL)
				assert.Nil(t, item.Body)
			}
		})
	}
}
