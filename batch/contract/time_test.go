package contract

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/batch/shifts"
)

// The slowest answer of the whole run is what counts, wherever it was.
func TestSlowAnswers(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(server.Close)
	tests := []struct {
		slowest time.Duration
		within  string // message of time.within-expiry
		prompt  string // message of time.prompt
	}{
		{5 * time.Second, "", ""},
		{5100 * time.Millisecond, "", "An answer to a call of read.swap-listed took 5.1s."},
		{shifts.DefaultPatience, "", "An answer to a call of read.swap-listed took 30s."},
		{31 * time.Second, "An answer to a call of read.swap-listed took 31s.", "An answer to a call of read.swap-listed took 31s."},
	}
	for _, test := range tests {
		t.Run(test.slowest.String(), func(t *testing.T) {
			t.Parallel()
			s, err := newSuite(server.URL, testSecret, Profile{}, Options{})
			require.NoError(t, err)
			s.slowest, s.slowestAt = test.slowest, "read.swap-listed"
			messages := map[string]string{}
			for _, check := range timeChecks {
				messages[check.ID] = s.perform(context.Background(), check).Message
			}
			assert.Equal(t, test.within, messages["time.within-expiry"])
			assert.Equal(t, test.prompt, messages["time.prompt"])
		})
	}
}
