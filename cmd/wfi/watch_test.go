package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// report is what a Watch said about a source.
type report struct {
	source string
	err    error
}

// watch runs a Watch over sources until the test ends, and returns its reports.
func watch(t *testing.T, sources ...Source) <-chan report {
	t.Helper()
	reports := make(chan report, 100)
	w, err := NewWatch(func(source string, err error) { reports <- report{source, err} }, sources...)
	require.NoError(t, err)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.Run(ctx)
	}()
	t.Cleanup(func() {
		stop()
		<-done
	})
	return reports
}

// files are changed by the tests in the ways in which files are changed.
type files struct {
	*testing.T
	dir string
}

func (f files) path(name string) string { return filepath.Join(f.dir, name) }

func (f files) write(name, text string) {
	f.Helper()
	require.NoError(f, os.MkdirAll(filepath.Dir(f.path(name)), 0o700))
	require.NoError(f, os.WriteFile(f.path(name), []byte(text), 0o600))
}

func (f files) rename(from, to string) {
	f.Helper()
	require.NoError(f, os.Rename(f.path(from), f.path(to)))
}

func (f files) link(target, name string) {
	f.Helper()
	require.NoError(f, os.Symlink(target, f.path(name)))
}

func TestWatchFollowsSecretFile(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		path   string
		before func(f files)
		change func(f files)
	}{
		{"written in place", "secret",
			func(f files) { f.write("secret", testSecret) },
			func(f files) { f.write("secret", otherSecret) }},
		{"replaced by a rename", "secret",
			func(f files) { f.write("secret", testSecret) },
			func(f files) { f.write("new", otherSecret); f.rename("new", "secret") }},
		{"removed and made again", "secret",
			func(f files) { f.write("secret", testSecret) },
			func(f files) { require.NoError(f, os.Remove(f.path("secret"))); f.write("secret", otherSecret) }},
		{"a volume of Kubernetes", "volume/secret",
			func(f files) {
				f.write("volume/..2026_01/secret", testSecret)
				f.link("..2026_01", "volume/..data")
				f.link("..data/secret", "volume/secret")
			},
			func(f files) {
				f.write("volume/..2026_02/secret", otherSecret)
				f.link("..2026_02", "volume/..data_tmp")
				f.rename("volume/..data_tmp", "volume/..data")
				require.NoError(f, os.RemoveAll(f.path("volume/..2026_01")))
			}},
		{"a link to a link in another folder", "etc/secret",
			func(f files) {
				f.write("archive/1", testSecret)
				f.write("archive/2", otherSecret)
				f.write("live/.keep", "")
				f.write("etc/.keep", "")
				f.link("../archive/1", "live/secret")
				f.link(f.path("live/secret"), "etc/secret")
			},
			func(f files) {
				f.link("../archive/2", "live/new")
				f.rename("live/new", "live/secret")
			}},
		{"a folder that is a link", "current/deep/secret",
			func(f files) {
				f.write("1/deep/secret", testSecret)
				f.write("2/deep/secret", otherSecret)
				f.link("1", "current")
			},
			func(f files) {
				f.link("2", "new")
				f.rename("new", "current")
			}},
		{"a folder replaced", "a/b/secret",
			func(f files) { f.write("a/b/secret", testSecret) },
			func(f files) {
				require.NoError(f, os.RemoveAll(f.path("a")))
				f.write("a/b/secret", otherSecret)
			}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := files{t, t.TempDir()}
			test.before(f)
			set, err := NewKeySet("contoso", []SecretRef{mustRef(t, "file:"+f.path(test.path))}, nil)
			require.NoError(t, err)
			reports := watch(t, set)
			assertOpens(t, set.Keys(), testSecret)

			test.change(f)
			awaitLoaded(t, reports, "contoso")
			assertOpens(t, set.Keys(), otherSecret)

			// It goes on following from the new place.
			f.write(test.path, testSecret)
			awaitLoaded(t, reports, "contoso")
			assertOpens(t, set.Keys(), testSecret)
		})
	}
}

// awaitLoaded waits for the report that a source has been loaded. There may be
// others before it, of a moment when the file was half written.
func awaitLoaded(t *testing.T, reports <-chan report, source string) {
	t.Helper()
	for {
		r := receive(t, reports)
		assert.Equal(t, source, r.source)
		if r.err == nil {
			return
		}
		t.Log("on the way:", r.err)
	}
}

func TestWatchKeepsKeysOfBrokenFile(t *testing.T) {
	t.Parallel()
	f := files{t, t.TempDir()}
	f.write("secret", testSecret)
	set, err := NewKeySet("contoso", []SecretRef{mustRef(t, "file:"+f.path("secret"))}, nil)
	require.NoError(t, err)
	reports := watch(t, set)

	f.write("new", otherSecret[1:])
	f.rename("new", "secret")
	r := receive(t, reports)
	assert.Equal(t, "contoso", r.source)
	assert.EqualError(t, r.err, "found a text of 63 characters in line 1 at file:"+f.path("secret")+", expected one secret of 64 ASCII characters a line")
	assertNoSecret(t, fmt.Sprint(r.err))
	assertOpens(t, set.Keys(), testSecret)

	require.NoError(t, os.Remove(f.path("secret")))
	r = receive(t, reports)
	assert.EqualError(t, r.err, "found no such file or directory at file:"+f.path("secret")+", expected a readable file with one secret a line")
	assertOpens(t, set.Keys(), testSecret)

	f.write("new", otherSecret)
	f.rename("new", "secret")
	assert.NoError(t, receive(t, reports).err)
	assertOpens(t, set.Keys(), otherSecret)
}

// Neighbours in the folder, and events that leave the content as it is, are no
// reason to reload or to report.
func TestWatchIgnoresOtherFiles(t *testing.T) {
	t.Parallel()
	f := files{t, t.TempDir()}
	f.write("secret", testSecret)
	f.write("other", testSecret)
	set, err := NewKeySet("contoso", []SecretRef{mustRef(t, "file:"+f.path("secret"))}, nil)
	require.NoError(t, err)
	neighbour, err := NewKeySet("fabrikam", []SecretRef{mustRef(t, "file:"+f.path("other"))}, nil)
	require.NoError(t, err)
	reports := watch(t, set, neighbour)

	f.write("new", testSecret)
	f.rename("new", "secret")
	f.write("noise", "x")
	f.write("new", otherSecret)
	f.rename("new", "other")
	assert.Equal(t, report{"fabrikam", nil}, receive(t, reports))
	assert.Empty(t, reports)
	assertOpens(t, set.Keys(), testSecret)
	assertOpens(t, neighbour.Keys(), otherSecret)
}

// A change between the first reading and the watch is not lost.
func TestNewWatchReadsAgain(t *testing.T) {
	t.Parallel()
	f := files{t, t.TempDir()}
	f.write("secret", testSecret)
	set, err := NewKeySet("contoso", []SecretRef{mustRef(t, "file:"+f.path("secret")), mustRef(t, testSecret)}, nil)
	require.NoError(t, err)
	f.write("secret", otherSecret)
	w, err := NewWatch(func(source string, err error) { t.Error(source, err) }, set)
	require.NoError(t, err)
	assertOpens(t, set.Keys(), otherSecret, testSecret)

	ended, end := context.WithCancel(t.Context())
	end()
	w.Run(ended)
}

// brokenSource cannot be reloaded.
type brokenSource struct{ file string }

func (s brokenSource) Name() string    { return "broken" }
func (s brokenSource) Files() []string { return []string{s.file} }
func (s brokenSource) Reload() error   { return errors.New("no") }

func TestNewWatchReports(t *testing.T) {
	t.Parallel()
	var got []string
	w, err := NewWatch(func(source string, err error) { got = append(got, source+": "+err.Error()) }, brokenSource{t.TempDir() + "/x"})
	require.NoError(t, err)
	assert.Equal(t, []string{"broken: no"}, got)
	require.NoError(t, w.watcher.Close())
}

func TestLeadingTo(t *testing.T) {
	t.Parallel()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	f := files{t, dir}
	f.write("a/file", "")
	f.link("loop", "loop")
	f.link("a/../a/file", "link")
	assert.Equal(t, []string{dir + "/a"}, leadingTo(dir+"/a/file"))
	assert.Equal(t, []string{dir, dir + "/a"}, leadingTo(dir+"/link"))
	assert.Equal(t, []string{dir}, leadingTo(dir+"/missing/and/more"))
	assert.Len(t, leadingTo(dir+"/loop"), 40)
}
