package recording

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/batch/envelope"
)

const (
	secret   = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
	update   = "/contoso/v1/teams/team/update"
	oneShift = `{"requests":[{"id":"SHFT_1","method":"DELETE","url":"/shifts/SHFT_1"}]}`
)

func sealed(t testing.TB, key *envelope.Key, text string) []byte {
	body, err := envelope.Seal([]byte(text), key, nil)
	require.NoError(t, err)
	return body
}

// A recorded is a recorder before an endpoint, and what it said.
type recorded struct {
	t     testing.TB
	key   *envelope.Key
	dir   string
	url   string
	close func()

	mu     sync.Mutex
	names  []string
	failed []error
}

func record(t testing.TB, endpoint http.HandlerFunc, change func(*RecorderConfig)) *recorded {
	t.Helper()
	key, err := envelope.NewKey(secret)
	require.NoError(t, err)
	target := httptest.NewServer(endpoint)
	t.Cleanup(target.Close)
	address, err := url.Parse(target.URL)
	require.NoError(t, err)
	r := &recorded{t: t, key: key, dir: t.TempDir()}
	config := RecorderConfig{
		Target: address, Keys: []*envelope.Key{key}, Dir: r.dir,
		Recorded: func(name string, _ *Exchange) { r.mu.Lock(); defer r.mu.Unlock(); r.names = append(r.names, name) },
		Failed:   func(err error) { r.mu.Lock(); defer r.mu.Unlock(); r.failed = append(r.failed, err) },
	}
	if change != nil {
		change(&config)
	}
	recorder, err := NewRecorder(config)
	require.NoError(t, err)
	server := httptest.NewServer(recorder)
	t.Cleanup(server.Close)
	r.url, r.close = server.URL, func() { server.Close(); recorder.Close() }
	return r
}

func (r *recorded) post(path string, body []byte, header http.Header) (*http.Response, []byte) {
	r.t.Helper()
	request, err := http.NewRequest(http.MethodPost, r.url+path, bytes.NewReader(body))
	require.NoError(r.t, err)
	for name, values := range header {
		request.Header[name] = values
	}
	response, err := (&http.Transport{DisableCompression: true}).RoundTrip(request)
	require.NoError(r.t, err)
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	require.NoError(r.t, err)
	return response, answer
}

// exchanges are those on disk once the recorder has ended.
func (r *recorded) exchanges() []*Exchange {
	r.t.Helper()
	r.close()
	if len(r.names) == 0 {
		return nil
	}
	files, err := Load(r.dir)
	require.NoError(r.t, err)
	var all []*Exchange
	for i, file := range files {
		assert.Equal(r.t, r.names[i], filepath.Base(file.Name))
		all = append(all, file.Exchanges...)
	}
	return all
}

func answer(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, text)
	}
}

func TestRecorder(t *testing.T) {
	t.Parallel()
	const saved = `{"responses":[{"id":"SHFT_1","status":200,"body":{"eTag":"x","error":null,"data":null}}]}`
	r := record(t, answer(saved), nil)
	r.post(update, sealed(t, r.key, oneShift), http.Header{"Accept-Language": {"de"}, "X-Ms-Wfmpassthrough": {"WFI_1"}, "Cookie": {"no"}})
	r.post("/contoso//v1/Connect", sealed(t, r.key, `{"tenantId":"t"}`), nil)
	all := r.exchanges()
	require.Len(t, all, 2)
	assert.Equal(t, []string{"0001-update-shifts.json", "0002-Connect.json"}, r.names)
	e := all[0]
	assert.Equal(t, "/teams/team/update", e.Path)
	assert.Equal(t, "DELETE shifts", e.About)
	assert.Equal(t, map[string]string{"Accept-Language": "de", "X-MS-WFMPassthrough": "WFI_1"}, e.Headers)
	assert.Equal(t, oneShift, string(e.request.json()))
	assert.Equal(t, saved, string(e.response.json()))
	assert.False(t, e.At.IsZero())
	assert.Empty(t, e.Skip)
}

func TestRecorderNumbersOn(t *testing.T) {
	t.Parallel()
	var dir string
	r := record(t, answer("{}"), func(c *RecorderConfig) {
		dir = c.Dir
		require.NoError(t, os.WriteFile(filepath.Join(dir, "0041-connect.json"), nil, 0o600))
	})
	r.post(update, sealed(t, r.key, oneShift), nil)
	r.close()
	assert.Equal(t, []string{"0042-update-shifts.json"}, r.names)
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, left, 2, "nothing half-written is left")
}

// What cannot be opened passes and is recorded without its bytes; what is no
// callback passes.
func TestRecorderPassesAnything(t *testing.T) {
	t.Parallel()
	other, err := envelope.NewKey(strings.Repeat("x", 64))
	require.NoError(t, err)
	for name, row := range map[string]struct {
		path, skip string
		body       func(t testing.TB, key *envelope.Key) []byte
	}{
		"another secret":  {update, "the body does not open with the secret", func(t testing.TB, _ *envelope.Key) []byte { return sealed(t, other, oneShift) }},
		"plain":           {update, "the body is no envelope", func(testing.TB, *envelope.Key) []byte { return []byte(`{"requests":["private"]}`) }},
		"nothing":         {update, "the body is no envelope", func(testing.TB, *envelope.Key) []byte { return nil }},
		"not JSON inside": {update, "what is in the body is not JSON", func(t testing.TB, key *envelope.Key) []byte { return sealed(t, key, "private") }},
		"too long": {update, "the body is longer than 1000 bytes", func(t testing.TB, key *envelope.Key) []byte {
			return sealed(t, key, strings.Repeat(" ", 2000)+oneShift)
		}},
		"elsewhere": {"/contoso/v1/private", "", func(t testing.TB, key *envelope.Key) []byte { return sealed(t, key, oneShift) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []byte
			r := record(t, func(w http.ResponseWriter, request *http.Request) {
				got, _ = io.ReadAll(request.Body)
				w.WriteHeader(http.StatusUnauthorized)
				_, _ = io.WriteString(w, "no")
			}, func(c *RecorderConfig) { c.MaxBody = 1000 })
			body := row.body(t, r.key)
			response, answer := r.post(row.path, body, nil)
			assert.Equal(t, http.StatusUnauthorized, response.StatusCode)
			assert.Equal(t, "no", string(answer))
			assert.True(t, bytes.Equal(body, got))
			all := r.exchanges()
			if row.skip == "" {
				assert.Empty(t, all)
				return
			}
			require.Len(t, all, 1)
			assert.Equal(t, row.skip, all[0].Skip)
			assert.Nil(t, all[0].request)
			assert.Equal(t, http.StatusUnauthorized, all[0].Status)
			assert.Equal(t, "0001-update-unopened.json", r.names[0])
			data, err := os.ReadFile(filepath.Join(r.dir, r.names[0]))
			require.NoError(t, err)
			assert.NotContains(t, string(data), "private")
		})
	}
}

func TestRecorderWithoutAnswer(t *testing.T) {
	t.Parallel()
	r := record(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, nil)
	response, _ := r.post(update, sealed(t, r.key, oneShift), nil)
	assert.Equal(t, http.StatusBadGateway, response.StatusCode)
	all := r.exchanges()
	require.Len(t, all, 1)
	assert.Equal(t, "the endpoint gave no answer", all[0].Skip)
	assert.Equal(t, oneShift, string(all[0].request.json()))
}

// A request of other types than a callback's would be sent again as another
// one, where its texts have become pseudonyms.
func TestRecorderSkipsWhatIsNoCallback(t *testing.T) {
	t.Parallel()
	const connect = "/contoso/v1/connect"
	for name, row := range map[string]struct {
		path, request string
		about         string
		skip          bool
	}{
		"a callback":         {update, oneShift, "DELETE shifts", false},
		"nulls":              {update, `{"requests":[{"id":"1","method":"GET","url":null,"headers":null,"body":null}]}`, "GET of no known kind", false},
		"less":               {update, `{"requests":[{"url":"/shifts/1"},{}]}`, "shifts without a method, an item without a method, of no known kind", false},
		"connect":            {connect, `{"tenantId":"t","userId":"u"}`, "connect", false},
		"a text":             {update, `"requests"`, "update", true},
		"a text for a list":  {update, `{"requests":"x"}`, "update", true},
		"a text for an item": {update, `{"requests":["x"]}`, "an item without a method, of no known kind", true},
		"a number for an id": {update, `{"requests":[{"id":1}]}`, "an item without a method, of no known kind", true},
		"a list for a url":   {update, `{"requests":[{"url":["/shifts/1"]}]}`, "an item without a method, of no known kind", true},
		"an odd method":      {update, `{"requests":[{"method":{}}]}`, "an item without a method, of no known kind", true},
		"a text for a body":  {update, `{"requests":[{"id":"1","method":"PUT","url":"/shifts/1","body":"x"}]}`, "PUT shifts", true},
		"text for headers":   {update, `{"requests":[{"id":"1","method":"PUT","url":"/shifts/1","headers":"x"}]}`, "PUT shifts", true},
		"connect to a list":  {connect, `{"tenantId":["t"]}`, "connect", true},
		"connect as a user":  {connect, `{"userId":7}`, "connect", true},
		"connect in a list":  {connect, `[]`, "connect", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, pseudonyms := range []*Pseudonyms{nil, NewPseudonyms()} {
				r := record(t, answer("{}"), func(c *RecorderConfig) { c.Pseudonyms = pseudonyms })
				r.post(row.path, sealed(t, r.key, row.request), nil)
				all := r.exchanges()
				require.Len(t, all, 1)
				assert.Equal(t, row.about, all[0].About)
				assert.Equal(t, row.skip && pseudonyms != nil, all[0].Skip != "", all[0].Skip)
			}
		})
	}
}

func TestRecorderUnpacks(t *testing.T) {
	t.Parallel()
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, err := z.Write([]byte(`{"responses":[]}`))
	require.NoError(t, errors.Join(err, z.Close()))
	r := record(t, func(w http.ResponseWriter, request *http.Request) {
		assert.Equal(t, "gzip", request.Header.Get("Accept-Encoding"))
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(packed.Bytes())
	}, nil)
	response, answer := r.post(update, sealed(t, r.key, oneShift), http.Header{"Accept-Encoding": {"gzip"}})
	assert.Equal(t, "gzip", response.Header.Get("Content-Encoding"))
	assert.Equal(t, packed.Bytes(), answer)
	all := r.exchanges()
	require.Len(t, all, 1)
	assert.Equal(t, `{"responses":[]}`, string(all[0].response.json()))
}

// The recorder asks for nothing that Shifts does not ask for.
func TestRecorderAddsNothing(t *testing.T) {
	t.Parallel()
	var got http.Header
	r := record(t, func(_ http.ResponseWriter, request *http.Request) { got = request.Header }, nil)
	r.post(update, nil, http.Header{"User-Agent": {"Shifts"}, "Accept-Language": {"de"}})
	assert.Equal(t, http.Header{"User-Agent": {"Shifts"}, "Accept-Language": {"de"}, "Content-Length": {"0"}}, got)
}

// With pseudonyms an answer keeps what decides, and its lists no order.
func TestRecorderHidesAnswers(t *testing.T) {
	t.Parallel()
	p := NewPseudonyms()
	const listed = `{"responses":[{"id":"adele","status":200,"body":{"data":["b","a"],"error":null}},{"id":"x","status":404,"body":{"error":{"code":"UserNotFound","message":"Adele is gone"},"data":["c"]}}]}`
	r := record(t, answer(listed), func(c *RecorderConfig) { c.Pseudonyms = p })
	r.post("/contoso/v1/teams/adele/read", sealed(t, r.key, `{"requests":[{"id":"adele","method":"GET","url":"/users/adele/timeOffReasons"}]}`), http.Header{"Accept-Language": {"Adele!"}})
	all := r.exchanges()
	require.Len(t, all, 1)
	adele := p.ID("adele")
	assert.Equal(t, "0001-read-timeOffReasons.json", r.names[0])
	assert.Equal(t, "/teams/"+adele+"/read", all[0].Path)
	assert.Equal(t, map[string]string{"Accept-Language": p.ID("Adele!")}, all[0].Headers)
	assert.JSONEq(t, `{"requests":[{"id":"`+adele+`","method":"GET","url":"/users/`+adele+`/timeOffReasons"}]}`, string(all[0].request.json()))
	assert.JSONEq(t, `{"responses":[{"id":"`+adele+`","status":200,"body":{"data":["<set>","`+p.ID("b")+`","`+p.ID("a")+`"],"error":null}},
		{"id":"`+p.ID("x")+`","status":404,"body":{"error":{"code":"UserNotFound","message":"<text>"},"data":["`+p.ID("c")+`"]}}]}`, string(all[0].response.json()))
}

func TestRecorderHidesAnswersThatAreNone(t *testing.T) {
	t.Parallel()
	r := record(t, answer("Adele broke it"), func(c *RecorderConfig) { c.Pseudonyms = NewPseudonyms() })
	r.post(update, sealed(t, r.key, oneShift), nil)
	all := r.exchanges()
	require.Len(t, all, 1)
	assert.Equal(t, Text, all[0].response.string())
}

// A disk that fails or stands still is no reason for the traffic to wait.
func TestRecorderWithoutDisk(t *testing.T) {
	t.Parallel()
	r := record(t, answer("{}"), nil)
	require.NoError(t, os.RemoveAll(r.dir))
	_, answer := r.post(update, sealed(t, r.key, oneShift), nil)
	assert.Equal(t, "{}", string(answer))
	r.close()
	require.Len(t, r.failed, 1)
	require.ErrorIs(t, r.failed[0], ErrNotRecorded)
	assert.Empty(t, r.names)
}

func TestRecorderWithASlowDisk(t *testing.T) {
	t.Parallel()
	disk := make(chan struct{})
	missed := make(chan error, 10)
	body := bytes.Repeat([]byte("x"), 1000)
	r := record(t, answer("{}"), func(c *RecorderConfig) {
		c.maxWaiting = 4000
		c.Recorded = func(string, *Exchange) { <-disk }
		c.Failed = func(err error) { missed <- err }
	})
	for range 5 { // the disk holds up the first for good
		_, answer := r.post(update, body, nil)
		require.Equal(t, "{}", string(answer))
	}
	require.ErrorIs(t, <-missed, ErrNotRecorded)
	close(disk)
	r.close()
	files, err := os.ReadDir(r.dir)
	require.NoError(t, err)
	assert.NotEmpty(t, files)
	assert.Less(t, len(files), 5)
}

func TestRecorderNeedsItsFolder(t *testing.T) {
	t.Parallel()
	_, err := NewRecorder(RecorderConfig{Target: &url.URL{}, Dir: filepath.Join(t.TempDir(), "nowhere")})
	require.ErrorIs(t, err, os.ErrNotExist)
}

// Whatever goes in comes out, in both directions.
func FuzzRecorderPasses(f *testing.F) {
	f.Add([]byte("{}"), []byte(`{"responses":[]}`), "/contoso/v1/connect", "a=1;b=%zz&c", uint16(200))
	f.Add([]byte{0, 1, 2}, []byte{0xff}, "//v2/teams/%2F/read", "", uint16(500))
	f.Add([]byte{}, []byte{}, "/", "?", uint16(404))
	var mu sync.Mutex
	var gotBody, answer []byte
	var gotURI, gotForwarded string
	status := 200
	r := record(f, func(w http.ResponseWriter, request *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		gotBody, _ = io.ReadAll(request.Body)
		gotURI, gotForwarded = request.RequestURI, request.Header.Get("X-Forwarded-For")
		w.WriteHeader(status)
		_, _ = w.Write(answer)
	}, func(c *RecorderConfig) { c.Pseudonyms = NewPseudonyms() })
	f.Cleanup(func() { r.close() })
	f.Fuzz(func(t *testing.T, body, reply []byte, path, query string, code uint16) {
		address, err := url.Parse(r.url)
		require.NoError(t, err)
		address.Path, address.RawQuery = "/"+strings.TrimLeft(path, "/"), strings.Map(printableASCII, query)
		request, err := http.NewRequest(http.MethodPost, address.String(), bytes.NewReader(body))
		if err != nil {
			return
		}
		request.Header.Set("X-Forwarded-For", "203.0.113.7")
		mu.Lock()
		status, answer = 200+int(code)%400, reply
		if status == 204 || status == 205 || status == 304 {
			answer = nil
		}
		mu.Unlock()
		response, err := http.DefaultTransport.RoundTrip(request)
		require.NoError(t, err)
		defer response.Body.Close()
		got, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		mu.Lock()
		defer mu.Unlock()
		require.Equal(t, status, response.StatusCode)
		require.True(t, bytes.Equal(answer, got))
		require.True(t, bytes.Equal(body, gotBody))
		require.Equal(t, request.URL.RequestURI(), gotURI)
		require.Equal(t, "203.0.113.7", gotForwarded)
	})
}

func printableASCII(r rune) rune {
	if r <= ' ' || r >= 0x7f || r == '#' {
		return -1
	}
	return r
}
