package batch

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// recite answers with what it was asked, so that the golden responses show how
// the requests were understood.
func recite(_ int, r Request) Result {
	if r.Malformed != "" {
		return Refused(400, "BadRequest", string(r.Malformed))
	}
	if id, ok := r.URL.Match("shifts/{id}/requestableShifts"); ok {
		return Data([]string{r.Method, id, r.URL.Query("requestType"),
			r.URL.Query("startTime", "startDateTime"), r.URL.Query("endTime", "endDateTime")})
	}
	if id, ok := r.URL.Match("users/{id}/timeOffReasons"); ok {
		return Data([]string{r.Method, id, r.URL.Query("requestType")})
	}
	for _, kind := range []string{"shifts", "swapRequests", "openshifts", "openshiftrequests", "offershiftrequests",
		"timeoffrequests", "timesoff", "timeoffreasons"} {
		if id, ok := r.URL.Match(kind + "/{id}"); ok {
			return Accepted(sentence(r, kind, id))
		}
	}
	for _, kind := range []string{"timecards", "settings/shiftpreferences"} {
		if id, ok := r.URL.Match(kind); ok {
			return Accepted(sentence(r, kind, id))
		}
	}
	return Refused(403, "UnsupportedOperation", "no such item")
}

func sentence(r Request, kind, id string) string {
	return r.Method + " " + kind + " " + id + " at " + r.TransactionID + " until " + r.Expires + ": " + string(r.Body)
}

// goldenFiles returns the contents of testdata/*.suffix by the part before it.
func goldenFiles(t testing.TB, suffix string) map[string]string {
	t.Helper()
	paths, err := filepath.Glob("testdata/*." + suffix)
	require.NoError(t, err)
	require.NotEmpty(t, paths, "no %s files in testdata", suffix)
	files := map[string]string{}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		files[strings.TrimSuffix(filepath.Base(path), "."+suffix)] = string(data)
	}
	return files
}

func TestGolden(t *testing.T) {
	t.Parallel()
	responses := goldenFiles(t, "response.json")
	for name, request := range goldenFiles(t, "request.json") {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Contains(t, responses, name)
			// The line breaks are for the reader of the file.
			want := strings.ReplaceAll(responses[name], "\n", "")

			b, err := Decode([]byte(request), 100)
			require.NoError(t, err)
			answer := b.Answer(recite)
			assert.Equal(t, want, string(Encode(answer)))

			again, err := DecodeResponses([]byte(responses[name]))
			require.NoError(t, err)
			assert.Equal(t, answer, again)
		})
	}
}
