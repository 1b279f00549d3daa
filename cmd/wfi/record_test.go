package main

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/batch/recording"
)

// A recording run is wfi record inside the test.
type recordingRun struct {
	t              *testing.T
	listen         string
	stdout, stderr printed
	interrupt      context.CancelFunc
	ended          chan int
}

var recordsAt = regexp.MustCompile(`Call http://(\S+) in the place of`)

func startRecording(t *testing.T, args ...string) *recordingRun {
	t.Helper()
	ctx, interrupt := context.WithCancel(t.Context())
	r := &recordingRun{t: t, interrupt: interrupt, ended: make(chan int, 1)}
	announced := make(chan string, 1)
	p := &process{stdout: &announcing{to: &r.stdout, announced: announced}, stderr: &r.stderr, environ: []string{"WFI_SECRET=" + testSecret}}
	go func() { r.ended <- run(ctx, p, append([]string{"record", "--listen", "127.0.0.1:0"}, args...)) }()
	t.Cleanup(interrupt)
	select {
	case r.listen = <-announced:
	case code := <-r.ended:
		require.Zero(t, code, r.stderr.String())
		require.FailNow(t, "it has ended")
	}
	return r
}

// announcing tells where the recorder listens.
type announcing struct {
	to        *printed
	announced chan string
}

func (a *announcing) Write(text []byte) (int, error) {
	if found := recordsAt.FindSubmatch(text); found != nil {
		a.announced <- string(found[1])
	}
	return a.to.Write(text)
}

// stop ends the run, and gives its exit code.
func (r *recordingRun) stop() int {
	r.interrupt()
	return receive(r.t, r.ended)
}

// What is recorded of a live endpoint can be replayed against a fresh one: as
// it is, and with pseudonyms where the team has the same ones.
func TestRecordAndReplay(t *testing.T) {
	t.Parallel()
	files := []string{"swap-competing", "offer", "open-shift-last-slot", "shift-moves", "odd-items", "time-off-request"}
	for _, name := range files {
		for _, mode := range []string{"", "--no-pseudonyms"} {
			t.Run(name+mode, func(t *testing.T) {
				t.Parallel()
				dir := filepath.Join(t.TempDir(), "recording")
				args := []string{"--dir", dir, "--team-file", teamFile}
				if mode != "" {
					args = append(args, mode)
				}
				sample := "testdata/exchanges/" + name + ".json"
				live := serve(t, settings(contoso), "--load", teamFile)
				recorder := startRecording(t, append(args, "--to", "http://"+live.listen)...)
				code, stdout, stderr := wfi(t, "replay", sample, "--url", "http://"+recorder.listen+"/contoso", "--secret", testSecret, "--keep-times")
				require.Zero(t, code, stdout+stderr, "the recorder changes nothing")
				require.Zero(t, recorder.stop(), recorder.stderr.String())
				assert.Contains(t, recorder.stdout.String(), "exchanges recorded in "+dir)

				if mode == "" {
					assertPseudonymous(t, dir)
				}
				fresh := serve(t, settings(contoso), "--load", filepath.Join(dir, "team", "team.json"))
				code, stdout, stderr = wfi(t, "replay", dir, "--url", "http://"+fresh.listen+"/contoso", "--secret", testSecret, "--keep-times",
					"--passthrough", "WFI_5b2c8a10-7d3e-4f61-9a0b-3c2d1e0f4a5b")
				if name == "odd-items" { // the write of somebody else has become our own, too
					assert.Equal(t, 1, strings.Count(stdout, "differs  "), stdout)
					return
				}
				require.Zero(t, code, stdout+stderr)
			})
		}
	}
}

var anyGUID = regexp.MustCompile(`[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}`)

// assertPseudonymous checks that no file of a folder has an id, a name or a
// text of the samples.
func assertPseudonymous(t *testing.T, dir string) {
	t.Helper()
	var originals []string
	for _, file := range append(samples(t), teamFile) {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		originals = append(originals, anyGUID.FindAllString(string(data), -1)...)
	}
	originals = append(originals, "Dentist", "dentist", "delivery", "Late,", "Floor", "Warehouse", "Vacation", "forklift", "Not this week", "foobarvalue")
	count := 0
	require.NoError(t, filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		count++
		info, err := entry.Info()
		require.NoError(t, err)
		assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		assertDiscreet(t, string(data))
		for _, original := range originals {
			assert.NotContains(t, strings.ToLower(string(data)), strings.ToLower(original), path)
		}
		return nil
	}))
	assert.Greater(t, count, 3)
}

func TestRecordRefuses(t *testing.T) {
	t.Parallel()
	begun := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(begun, "0001-connect.json"), []byte("{}"), 0o600))
	for name, row := range map[string]struct {
		args   []string
		code   int
		stderr string
	}{
		"to nowhere":               {[]string{"--to", "contoso"}, exitMisuse, "--to: expected http://HOST/PATH"},
		"a key for no pseudonyms":  {[]string{"--to", "http://127.0.0.1:1", "--no-pseudonyms", "--key", "k"}, exitMisuse, "--key is for pseudonyms"},
		"a certificate alone":      {[]string{"--to", "http://127.0.0.1:1", "--tls-cert", "c"}, exitMisuse, "go together"},
		"a recording without key":  {[]string{"--to", "http://127.0.0.1:1", "--dir", begun}, exitFailure, "the key of its pseudonyms is gone"},
		"a team file that is none": {[]string{"--to", "http://127.0.0.1:1", "--dir", t.TempDir(), "--team-file", "record.go"}, exitFailure, "read team file record.go: not JSON"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, stdout, stderr := wfi(t, append([]string{"record", "--secret", testSecret}, row.args...)...)
			assert.Equal(t, row.code, code)
			assert.Empty(t, stdout)
			assert.Contains(t, stderr, row.stderr)
		})
	}
}

// With a key that is kept, a recording goes on under the same pseudonyms.
func TestRecordContinues(t *testing.T) {
	t.Parallel()
	dir, key := t.TempDir(), filepath.Join(t.TempDir(), "key")
	live := serve(t, settings(contoso), "--load", teamFile)
	for range 2 {
		recorder := startRecording(t, "--dir", dir, "--key", key, "--to", "http://"+live.listen)
		code, _, stderr := wfi(t, "send", "--secret", testSecret, "--url", "http://"+recorder.listen+readPath, writeBatch(t, batchOf(swapURL(adeleShift))))
		require.Zero(t, code, stderr)
		require.Zero(t, recorder.stop())
	}
	var found [][]string
	for _, name := range []string{"0001-read-requestableShifts.json", "0002-read-requestableShifts.json"} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		found = append(found, anyGUID.FindAllString(string(data), -1))
	}
	assert.NotEmpty(t, found[0])
	assert.Equal(t, found[0], found[1])
	info, err := os.Stat(key)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
}

func writeBatch(t *testing.T, text string) string {
	file := filepath.Join(t.TempDir(), "batch.json")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	return file
}

// Without a disk the traffic passes, and the end says what is missing.
func TestRecordWithoutDisk(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "recording")
	live := serve(t, settings(contoso), "--load", teamFile)
	recorder := startRecording(t, "--dir", dir, "--to", "http://"+live.listen)
	require.NoError(t, os.RemoveAll(dir))
	for range 2 {
		code, stdout, stderr := wfi(t, "send", "--secret", testSecret, "--url", "http://"+recorder.listen+readPath, writeBatch(t, batchOf(swapURL(adeleShift))))
		require.Zero(t, code, stderr)
		assert.Contains(t, stdout, "found")
	}
	assert.Equal(t, exitFailure, recorder.stop())
	assert.Equal(t, 1, strings.Count(recorder.stderr.String(), "the traffic passes"))
	assert.Contains(t, recorder.stderr.String(), "2 exchanges passed without being recorded")
}

// The line about a call says what happened to it.
func TestRecordedLine(t *testing.T) {
	t.Parallel()
	for want, e := range map[string]recording.Exchange{
		"PUT shifts (HTTP 200)":                      {About: "PUT shifts", Status: 200},
		"update (HTTP 401): the body is no envelope": {About: "update", Status: 401, Skip: "the body is no envelope"},
		"PUT shifts: the endpoint gave no answer":    {About: "PUT shifts", Skip: "the endpoint gave no answer"},
	} {
		assert.Equal(t, want, recordedLine(&e))
	}
}
