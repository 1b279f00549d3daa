package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

// A Source is something read from files which can be read again when they
// change. Where Reload fails, what was in force stays in force.
type Source interface {
	Name() string
	Files() []string
	Reload() error
}

// settle is how long a Watch waits after the first sign of a change: a writer
// that empties a file and then fills it, or that replaces a certificate and
// then its key, is seen once and whole.
const settle = 50 * time.Millisecond

// maxSourceFile bounds what is read to notice a change.
const maxSourceFile = 1 << 20

// A Watch reloads sources when their files change: when they are written to,
// replaced by a rename, or reached over a symbolic link that now leads
// elsewhere, as in a volume that Kubernetes mounts.
type Watch struct {
	sources []Source
	report  func(source string, err error)
	seen    [][sha256.Size]byte // the content of each source when it was last loaded
	watcher *fsnotify.Watcher
}

// NewWatch begins to watch. The report is called after each reload with the
// error that it gave or nil, by NewWatch itself and then by Run.
func NewWatch(report func(source string, err error), sources ...Source) (*Watch, error) {
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, fmt.Errorf("watch files: %w", err)
	}
	w := &Watch{sources: sources, report: report, seen: make([][sha256.Size]byte, len(sources)), watcher: watcher}
	if err := w.follow(); err != nil {
		watcher.Close()
		return nil, err
	}
	for i, source := range sources {
		w.seen[i] = digest(source.Files())
		// A change between the source's first reading and the watch gave no event.
		if err := source.Reload(); err != nil {
			report(source.Name(), err)
		}
	}
	return w, nil
}

// Run follows the files until ctx is done. It is to be called once.
func (w *Watch) Run(ctx context.Context) {
	defer w.watcher.Close()
	var settled <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.watcher.Events:
			if settled == nil {
				settled = time.After(settle)
			}
		case err := <-w.watcher.Errors:
			if !errors.Is(err, fsnotify.ErrEventOverflow) {
				w.report("file watch", err)
			} else if settled == nil {
				settled = time.After(settle) // which files changed is lost, so look at all
			}
		case <-settled:
			settled = nil
			if err := w.follow(); err != nil {
				w.report("file watch", err)
			}
			w.reload()
		}
	}
}

// reload loads the sources whose files have another content than before.
func (w *Watch) reload() {
	for i, source := range w.sources {
		now := digest(source.Files())
		if now == w.seen[i] {
			continue
		}
		w.seen[i] = now
		w.report(source.Name(), source.Reload())
	}
}

// follow watches the directories that lead to the files now, and no others.
func (w *Watch) follow() error {
	wanted := make(map[string]bool)
	for _, source := range w.sources {
		for _, file := range source.Files() {
			path, err := filepath.Abs(file)
			if err != nil {
				return fmt.Errorf("watch %s: %w", file, err)
			}
			for _, dir := range leadingTo(path) {
				wanted[dir] = true
			}
		}
	}
	for _, dir := range w.watcher.WatchList() {
		if !wanted[dir] {
			// It fails where the directory is gone, and the watch with it.
			_ = w.watcher.Remove(dir)
		}
	}
	var errs []error
	for dir := range wanted {
		// A directory may have gone since it was found; its parent's event is next.
		if err := w.watcher.Add(dir); err != nil && !errors.Is(err, os.ErrNotExist) {
			errs = append(errs, fmt.Errorf("watch %s: %w", dir, withoutPath(err)))
		}
	}
	return errors.Join(errs...)
}

// leadingTo returns the directories whose entries decide what an absolute path
// names: the one that holds the file, the one that holds each symbolic link on
// the way, and, as long as something on the way is missing, the one that it
// would be in.
func leadingTo(path string) []string {
	const maxLinks = 40 // as Linux has it
	root := filepath.VolumeName(path) + string(filepath.Separator)
	rest := elements(path)
	var dirs []string
	for dir, links := root, 0; len(rest) > 0 && links < maxLinks; {
		next := filepath.Join(dir, rest[0])
		rest = rest[1:]
		info, err := os.Lstat(next)
		link := err == nil && info.Mode()&os.ModeSymlink != 0
		if err != nil || link || len(rest) == 0 {
			dirs = append(dirs, dir)
		}
		if err != nil {
			break
		}
		if !link {
			dir = next
			continue
		}
		links++
		target, err := os.Readlink(next)
		if err != nil {
			break
		}
		if filepath.IsAbs(target) {
			dir = root
		}
		rest = slices.Concat(elements(target), rest)
	}
	return dirs
}

// elements splits a path at its separators.
func elements(path string) []string {
	path = filepath.ToSlash(path[len(filepath.VolumeName(path)):])
	return strings.FieldsFunc(path, func(r rune) bool { return r == '/' })
}

// digest stands for the content of files; one that cannot be read counts with
// its error.
func digest(files []string) [sha256.Size]byte {
	hash := sha256.New()
	for _, file := range files {
		data, err := readFile(file, maxSourceFile)
		fmt.Fprintf(hash, "%d %v\n", len(data), err)
		hash.Write(data)
	}
	return [sha256.Size]byte(hash.Sum(nil))
}
