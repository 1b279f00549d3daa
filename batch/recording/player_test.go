package recording

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/batch/envelope"
	"example.com/shiftswfi/batch/shifts"
)

// A called is what an endpoint got.
type called struct{ path, passthrough, language, text string }

// endpoint answers with the texts, one after the other.
func endpoint(t *testing.T, answers ...string) (player *Player, calls *[]called) {
	t.Helper()
	key, err := envelope.NewKey(secret)
	require.NoError(t, err)
	calls = &[]called{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		assert.NoError(t, err)
		text, err := envelope.Open(body, key)
		assert.NoError(t, err)
		*calls = append(*calls, called{r.URL.EscapedPath(), r.Header.Get(shifts.HeaderPassthrough), r.Header.Get("Accept-Language"), string(text)})
		_, _ = io.WriteString(w, answers[len(*calls)-1])
	}))
	t.Cleanup(server.Close)
	return &Player{
		Endpoint: shifts.Endpoint{URL: server.URL + "/contoso/", APIVersion: 2}, Key: key,
		Now: func() time.Time { return time.Date(2030, 5, 1, 10, 0, 0, 0, time.UTC) },
	}, calls
}

func story(t *testing.T, text string) *File {
	t.Helper()
	file := filepath.Join(t.TempDir(), "story.json")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	files, err := Load(file)
	require.NoError(t, err)
	require.Len(t, files, 1)
	return files[0]
}

const savedA = `{"responses":[{"id":"1","status":200,"body":{"eTag":"a","error":null,"data":null}}]}`

func TestPlay(t *testing.T) {
	t.Parallel()
	player, calls := endpoint(t, `{"responses":[{"id":"1","status":200,"body":{"eTag":"mine","error":null,"data":null}}]}`, `{"responses":[]}`)
	player.Team, player.Passthrough = "another team", "WFI_mine"
	f := story(t, `{"now":"2026-12-01T12:00:00Z","exchanges":[
		{"path":"/teams/t/update","headers":{"X-MS-WFMPassthrough":"WFI_1","Accept-Language":"de"},
		 "request":{"requests":[{"id":"1","headers":{"X-MS-Expires":"2026-12-01T12:00:30.5Z","X-MS-Transaction-ID":"1"}}]},"response":`+savedA+`},
		{"at":"2026-12-01T13:00:00Z","path":"/users/t/update",
		 "request":{"requests":[{"id":"1","header":{"x-ms-expires":"2026-12-01T12:59:59Z"},"body":{"eTag":"a","other":"a"}}]},"response":`+savedA+`}]}`)
	first, err := player.Play(t.Context(), f.Exchanges[0])
	require.NoError(t, err)
	assert.Empty(t, first.Differences)
	second, err := player.Play(t.Context(), f.Exchanges[1])
	require.NoError(t, err)
	assert.Equal(t, "responses[1]", second.Differences[0].Path)
	assert.Equal(t, []called{
		{"/contoso/v2/teams/another%20team/update", "WFI_mine", "de", `{"requests":[{"id":"1","headers":{"X-MS-Expires":"2030-05-01T10:00:30.5000000Z","X-MS-Transaction-ID":"1"}}]}`},
		{"/contoso/v2/users/t/update", "", "en-us", `{"requests":[{"id":"1","header":{"x-ms-expires":"2030-05-01T09:59:59.0000000Z"},"body":{"eTag":"mine","other":"a"}}]}`},
	}, *calls)
}

func TestPlayKeepsTimes(t *testing.T) {
	t.Parallel()
	const request = `{"requests":[{"id":"1","headers":{"X-MS-Expires":"2026-12-01T12:00:30.5Z"}}]}`
	player, calls := endpoint(t, "", "", "")
	player.KeepTimes = true
	_, err := player.Play(t.Context(), story(t, `{"at":"2026-12-01T12:00:00Z","path":"/teams/t/update","request":`+request+`}`).Exchanges[0])
	require.NoError(t, err)
	player.KeepTimes = false
	_, err = player.Play(t.Context(), story(t, `{"path":"/teams/t/update","request":`+request+`}`).Exchanges[0])
	require.NoError(t, err)
	for _, call := range *calls {
		assert.Equal(t, request, call.text, "nobody knows when it was")
	}
}

func TestPlayComparesStatusAndBody(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		expected, answer string
		differences      []Difference
	}{
		"HTTP 200 is expected":     {``, "", nil},
		"any body will do":         {``, "<html>", nil},
		"another status":           {`,"status":400`, "", []Difference{{"status", "400", "200"}}},
		"no body":                  {`,"response":{"responses":[]}`, "", []Difference{{"", `{"responses":[]}`, Absent}}},
		"a body that is a text":    {`,"response":"<html>"`, "<html>", nil},
		"a text in place of JSON":  {`,"response":{}`, "<html>", []Difference{{"", `{}`, `"<html>"`}}},
		"a body that is no matter": {`,"response":"<any>"`, "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			player, _ := endpoint(t, row.answer, row.answer)
			f := story(t, `{"path":"/teams/t/update","request":{}`+row.expected+`}`)
			result, err := player.Play(t.Context(), f.Exchanges[0])
			require.NoError(t, err)
			assert.Equal(t, row.differences, result.Differences)

			player.Accept(f.Exchanges[0], result)
			require.NoError(t, f.Save())
			files, err := Load(f.Name)
			require.NoError(t, err)
			result, err = player.Play(t.Context(), files[0].Exchanges[0])
			require.NoError(t, err)
			assert.Empty(t, result.Differences)
		})
	}
}

func TestPlayWithoutAnswer(t *testing.T) {
	t.Parallel()
	player, _ := endpoint(t)
	player.Endpoint.URL = "http://127.0.0.1:1"
	e := story(t, `{"path":"/connect","request":{}}`).Exchanges[0]
	_, err := player.Play(t.Context(), e)
	require.ErrorIs(t, err, shifts.ErrNoAnswer)

	player, _ = endpoint(t, "a long answer")
	player.Caller.MaxAnswer = 5
	result, err := player.Play(t.Context(), e)
	require.NoError(t, err)
	require.Len(t, result.Differences, 1)
	assert.Contains(t, result.Differences[0].Got, "too long")
	player.Accept(e, result)
	assert.Equal(t, 200, e.Status, "there is nothing to accept")
}

// The rest of a file stays.
func TestSave(t *testing.T) {
	t.Parallel()
	player, _ := endpoint(t, `{"b":1.50,"a":"x<y"}`)
	f := story(t, `{"name":"kept","now":"2026-12-01T12:00:00Z","exchanges":[{"path":"/connect","request":{"tenantId":"t"},"response":null},{"skip":"no","path":"/connect"}]}`)
	result, err := player.Play(t.Context(), f.Exchanges[0])
	require.NoError(t, err)
	player.Accept(f.Exchanges[0], result)
	require.NoError(t, f.Save())
	data, err := os.ReadFile(f.Name)
	require.NoError(t, err)
	assert.Equal(t, `{
 "name": "kept",
 "now": "2026-12-01T12:00:00Z",
 "exchanges": [
  {
   "path": "/connect",
   "request": {
    "tenantId": "t"
   },
   "response": {
    "b": 1.50,
    "a": "x<y"
   }
  },
  {
   "skip": "no",
   "path": "/connect"
  }
 ]
}
`, string(data))
}

func TestLoad(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"10000-x.json", "9999-x.json", "b.json", "a.json", "notes.txt"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(`{"path":"/connect","request":{}}`), 0o600))
	}
	require.NoError(t, os.Mkdir(filepath.Join(dir, "team.json"), 0o700))
	files, err := Load(dir, filepath.Join(dir, "notes.txt"))
	require.NoError(t, err)
	var names []string
	for _, file := range files {
		names = append(names, filepath.Base(file.Name))
	}
	assert.Equal(t, []string{"a.json", "b.json", "9999-x.json", "10000-x.json", "notes.txt"}, names)
	_, err = Load(t.TempDir(), filepath.Join(dir, "nowhere"))
	require.ErrorContains(t, err, "found a folder without .json files, expected a recording")
	require.ErrorContains(t, err, "nowhere: found no such file or directory")
}

func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ text, path, found string }{
		"no JSON":                {`{`, "", "something that is not JSON"},
		"neither":                {`{"a":1}`, "", `{"a":1}`},
		"a list":                 {`[]`, "", `[]`},
		"no exchanges":           {`{"exchanges":[]}`, "exchanges", "[]"},
		"a path of nothing":      {`{"path":"/teams/a/b/read","request":{}}`, "path", `"/teams/a/b/read"`},
		"a path elsewhere":       {`{"path":"@example.org/connect","request":{}}`, "path", `"@example.org/connect"`},
		"no path":                {`{"exchanges":[{"request":{}}]}`, "exchanges[0].path", Absent},
		"no request":             {`{"exchanges":[{"path":"/connect"}]}`, "exchanges[0].request", Absent},
		"no object":              {`{"exchanges":[7]}`, "exchanges[0]", "7"},
		"a misspelt member":      {`{"path":"/connect","request":{},"respones":{}}`, "respones", "{}"},
		"a status that is none":  {`{"path":"/connect","request":{},"status":"200"}`, "status", `"200"`},
		"a status of no kind":    {`{"path":"/connect","request":{},"status":20}`, "status", `20`},
		"a time that is none":    {`{"path":"/connect","request":{},"at":"today"}`, "at", `"today"`},
		"the same for all":       {`{"now":1,"exchanges":[{"path":"/connect","request":{}}]}`, "now", `1`},
		"headers that are none":  {`{"path":"/connect","request":{},"headers":["a"]}`, "headers", `["a"]`},
		"a header that is none":  {`{"path":"/connect","request":{},"headers":{"a b":"c"}}`, "headers.a b", `"c"`},
		"a header of two lines":  {`{"path":"/connect","request":{},"headers":{"a":"b\nc"}}`, "headers.a", `"b\nc"`},
		"a header of a number":   {`{"path":"/connect","request":{},"headers":{"a":1}}`, "headers.a", `1`},
		"a reason that is none":  {`{"path":"/connect","skip":1,"request":{}}`, "skip", "1"},
		"an about that is none":  {`{"path":"/connect","about":1,"request":{}}`, "about", "1"},
		"exchanges of one thing": {`{"exchanges":{"path":"/connect"}}`, "exchanges", `{"path":"/connect"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "bad.json")
			require.NoError(t, os.WriteFile(file, []byte(row.text), 0o600))
			_, err := Load(file)
			var fault *FileError
			require.ErrorAs(t, err, &fault)
			assert.Equal(t, file, fault.File)
			assert.Equal(t, row.path, fault.Path)
			assert.Equal(t, row.found, fault.Found)
			assert.NotEmpty(t, fault.Expected)
		})
	}
}
