// Package recording keeps what Shifts and an endpoint said to each other, and
// says it again: a [Recorder] sits between the two and writes each exchange to
// a file, opened and with pseudonyms, and a [Player] sends such exchanges to an
// endpoint, sealed again, and compares the answers.
//
// A recording is a folder of JSON files, played in the order of their names. A
// file holds one exchange, or a story of several:
//
//	{
//	  "now": "2026-12-01T12:00:00Z",
//	  "exchanges": [
//	    {
//	      "about": "a swap that is fine",
//	      "at": "2026-12-01T12:00:05Z",
//	      "path": "/teams/TEAM/update",
//	      "headers": {"Accept-Language": "de"},
//	      "request": {"requests": [...]},
//	      "status": 200,
//	      "response": {"responses": [...]}
//	    }
//	  ]
//	}
//
// In an exchange only path and request are needed. The path is what follows
// the version in the URL. Without "status" HTTP 200 is expected; without
// "response" any body will do. "at", or else the "now" of the story, says when
// the exchange took place: X-MS-Expires is seen from there. An exchange with
// "skip", which says why, is not sent.
//
// An expected answer may hold the matchers [Any], [Text], [IDs] and [Set].
package recording

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// MaxFile bounds the bytes of a file.
const MaxFile = 64 << 20

// Exchange is one call and its answer.
type Exchange struct {
	About   string    // one line for people, may be empty
	At      time.Time // when it took place, zero if nobody knows
	Path    string    // such as /teams/TEAM/update
	Headers map[string]string
	Skip    string // why it cannot be sent, empty if it can
	Status  int    // of HTTP, 0 if there was no answer

	request  *value // nil only with Skip
	response *value // nil: any body
	source   *value // the object in the file
}

// File is one file of a recording.
type File struct {
	Name      string // as it was found
	Exchanges []*Exchange

	top *value
}

// A FileError says what is wrong with a file of a recording.
type FileError struct {
	File     string
	Path     string // inside the document, empty for all of it
	Found    string
	Expected string
}

func (e *FileError) Error() string {
	where := e.File
	if e.Path != "" {
		where += ": " + e.Path
	}
	return fmt.Sprintf("%s: found %s, expected %s", where, e.Found, e.Expected)
}

// Load reads files, and of folders those whose names end in .json, by their
// leading numbers and then their names. The error joins a *[FileError] for each
// file that cannot be used; a folder without any is one, too.
func Load(paths ...string) ([]*File, error) {
	var files []*File
	var errs []error
	for _, path := range paths {
		names, err := filesOf(path)
		if err != nil {
			errs = append(errs, err)
		}
		for _, name := range names {
			file, err := loadFile(name)
			if err != nil {
				errs = append(errs, err)
				continue
			}
			files = append(files, file)
		}
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return files, nil
}

func filesOf(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	var names []string
	for _, entry := range entries {
		if !entry.IsDir() && strings.HasSuffix(entry.Name(), ".json") {
			names = append(names, filepath.Join(path, entry.Name()))
		}
	}
	if len(names) == 0 {
		return nil, &FileError{File: path, Found: "a folder without .json files", Expected: "a recording"}
	}
	slices.SortStableFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(numberOf(a), numberOf(b)), cmp.Compare(a, b))
	})
	return names, nil
}

var leadingNumber = regexp.MustCompile(`^\d{1,9}`)

// numberOf is the number that the name of a file begins with, 0 if none.
func numberOf(path string) int {
	n, _ := strconv.Atoi(leadingNumber.FindString(filepath.Base(path)))
	return n
}

func loadFile(name string) (*File, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, unreadable(name, err)
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, MaxFile+1))
	switch {
	case err != nil:
		return nil, unreadable(name, err)
	case len(data) > MaxFile:
		return nil, &FileError{File: name, Found: fmt.Sprintf("more than %d bytes", MaxFile), Expected: "a smaller file"}
	}
	return readFile(name, data)
}

func unreadable(name string, err error) error {
	var pathErr *os.PathError
	if errors.As(err, &pathErr) {
		err = pathErr.Err
	}
	return &FileError{File: name, Found: err.Error(), Expected: "a file or folder that can be read"}
}

func readFile(name string, data []byte) (*File, error) {
	top, err := parse(data)
	if err != nil {
		return nil, &FileError{File: name, Found: "something that is not JSON", Expected: "an exchange or a story"}
	}
	f := &File{Name: name, top: top}
	r := reader{file: name}
	switch {
	case top.member("exchanges") != nil:
		now := r.instant("now", top.member("now"))
		list := top.member("exchanges")
		if len(list.list()) == 0 {
			r.fail("exchanges", list, "a list of exchanges")
		}
		for i, item := range list.list() {
			e := r.exchange(fmt.Sprintf("exchanges[%d]", i), item)
			if e.At.IsZero() {
				e.At = now
			}
			f.Exchanges = append(f.Exchanges, e)
		}
	case top.member("path") != nil:
		f.Exchanges = []*Exchange{r.exchange("", top)}
	default:
		r.fail("", top, `an object with "path", or one with "exchanges"`)
	}
	return f, errors.Join(r.errs...)
}

// save writes a file back to where it came from.
func (f *File) save() error {
	for _, e := range f.Exchanges {
		var status *value
		if e.Status != 200 || e.source.member("status") != nil {
			status = &value{text: strconv.Itoa(e.Status)}
		}
		e.source.set("status", status)
		e.source.set("response", e.response)
	}
	mode := ownerOnly
	if info, err := os.Stat(f.Name); err == nil {
		mode = info.Mode().Perm()
	}
	return writeFile(f.Name, f.top.indented(), mode)
}

const ownerOnly fs.FileMode = 0o600

// writeFile writes a whole file or none.
func writeFile(name string, data []byte, mode fs.FileMode) error {
	temporary, err := os.CreateTemp(filepath.Dir(name), ".wfi-*")
	if err != nil {
		return err
	}
	_, err = temporary.Write(data)
	err = errors.Join(err, temporary.Chmod(mode))
	if err = errors.Join(err, temporary.Close()); err == nil {
		err = os.Rename(temporary.Name(), name)
	}
	if err != nil {
		os.Remove(temporary.Name())
	}
	return err
}

// A reader reads exchanges and collects what is wrong with them.
type reader struct {
	file string
	errs []error
}

func (r *reader) fail(path string, found *value, expected string) {
	r.errs = append(r.errs, &FileError{File: r.file, Path: strings.TrimPrefix(path, "."), Found: shown(found), Expected: expected})
}

// callPath is the path of a callback, below the version.
var callPath = regexp.MustCompile(`(?i)^(?:/connect|/teams?/[^/?#\s]+/(?:read|update)|/users/[^/?#\s]+/update)$`)

func (r *reader) exchange(path string, source *value) *Exchange {
	e := &Exchange{Status: 200, source: source}
	if source.kind != '{' {
		r.fail(path, source, "an object")
		return e
	}
	for i, name := range source.names {
		path, item := path+"."+name, source.items[i]
		switch name {
		case "about":
			e.About = r.text(path, item)
		case "skip":
			e.Skip = r.text(path, item)
		case "at":
			e.At = r.instant(path, item)
		case "path":
			if e.Path = item.string(); !callPath.MatchString(e.Path) {
				r.fail(path, item, "/connect, /teams/ID/read, /teams/ID/update or /users/ID/update")
			}
		case "headers":
			e.Headers = r.headers(path, item)
		case "request":
			e.request = item
		case "response":
			e.response = item
		case "status":
			var err error
			if e.Status, err = strconv.Atoi(item.text); err != nil || item.kind != 0 || e.Status < 100 || e.Status > 599 {
				r.fail(path, item, "an HTTP status")
			}
		default:
			r.fail(path, item, "no member of this name")
		}
	}
	if e.Path == "" {
		r.fail(path+".path", nil, "the path of the call")
	}
	if e.request == nil && e.Skip == "" {
		r.fail(path+".request", nil, "what was sent")
	}
	return e
}

func (r *reader) text(path string, v *value) string {
	if !v.isText() {
		r.fail(path, v, "a text")
	}
	return v.string()
}

func (r *reader) instant(path string, v *value) time.Time {
	if v == nil {
		return time.Time{}
	}
	at, err := time.Parse(time.RFC3339Nano, v.string())
	if err != nil {
		r.fail(path, v, "an instant such as 2026-12-01T12:00:00Z")
	}
	return at
}

func (r *reader) headers(path string, v *value) map[string]string {
	if v.kind != '{' {
		r.fail(path, v, "an object of texts")
		return nil
	}
	headers := map[string]string{}
	for i, name := range v.names {
		text := r.text(path+"."+name, v.items[i])
		if !headerName.MatchString(name) || strings.ContainsAny(text, "\r\n\x00") {
			r.fail(path+"."+name, v.items[i], "a header of HTTP")
		}
		headers[name] = text
	}
	return headers
}

var headerName = regexp.MustCompile(`^[A-Za-z0-9-]+$`)
