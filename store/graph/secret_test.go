package graph_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"example.com/shiftswfi/store/graph"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Graph may quote in an error what was sent: as it was, or as JSON in JSON.
func TestSecretIsMasked(t *testing.T) {
	t.Parallel()
	special := strings.Repeat(`a"b\\c<d&e+'f>`, 6)[:64]
	inJSON := func(escapeHTML bool, text string) string {
		var buffer bytes.Buffer
		encoder := json.NewEncoder(&buffer)
		encoder.SetEscapeHTML(escapeHTML)
		require.NoError(t, encoder.Encode(text))
		return strings.Trim(buffer.String(), "\"\n")
	}
	var hex strings.Builder // as writers do that escape more than they have to
	for _, r := range special {
		if strings.ContainsRune(`"\<&+'>`, r) {
			fmt.Fprintf(&hex, `\u%04X`, r)
		} else {
			hex.WriteRune(r)
		}
	}
	plain := strings.Repeat("0123456789abcdefghijklmnopqrstuv", 2)
	for name, row := range map[string]struct{ secret, quoted, message string }{
		"as it is":                  {special, special, "bad: ********"},
		"in JSON":                   {special, inJSON(false, special), "bad: ********"},
		"in JSON for HTML":          {special, inJSON(true, special), "bad: ********"},
		"in JSON in JSON":           {special, inJSON(false, inJSON(false, special)), "bad: ********"},
		"in JSON for HTML in JSON":  {special, inJSON(false, inJSON(true, special)), "bad: ********"},
		"in other escapes":          {special, hex.String(), ""},
		"in other escapes, in part": {special, inJSON(true, special[7:25]), ""},
		"in part":                   {plain, plain[3:19], ""},
		"in part, with a backslash": {special, special[7:23], ""},
		"a little of it":            {plain, plain[3:18], "bad: " + plain[3:18]},
		"cut off far behind":        {plain, strings.Repeat("é", 1<<15) + plain, "bad: " + strings.Repeat("é", 395) + "…"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body, err := json.Marshal(map[string]any{"error": map[string]any{"code": "A", "message": "bad: " + row.quoted}})
			require.NoError(t, err)
			c := clientOver(t, func(*http.Request) (*http.Response, error) { return reply(400, string(body)), nil })
			n := contoso()
			n.Secret = row.secret
			_, created := c.CreateIntegration(t.Context(), n)
			updated := c.UpdateIntegration(t.Context(), "i", graph.IntegrationChange{Secret: &row.secret})
			for _, err := range []error{created, updated} {
				var e *graph.Error
				require.ErrorAs(t, err, &e)
				assert.Equal(t, row.message, e.Message)
				assert.ErrorIs(t, err, graph.ErrInvalid)
			}
		})
	}
}
