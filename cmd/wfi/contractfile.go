package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"example.com/shiftswfi/batch/contract"
)

// reportFiles are the files that a run of wfi contract writes besides its
// output. They are opened before the run, which may take minutes, and each is
// complete or not there.
type reportFiles []*reportFile

type reportFile struct {
	path string
	part *os.File // at path with another ending
	form func(*contract.Report, io.Writer) error
}

// createFiles opens the files that the flags ask for.
func (c *contractRunCmd) createFiles() (reportFiles, error) {
	var files reportFiles
	for _, f := range []struct {
		flag string
		reportFile
	}{
		{"--junit", reportFile{path: c.JUnit, form: (*contract.Report).WriteJUnit}},
		{"--html", reportFile{path: c.HTML, form: (*contract.Report).WriteHTML}},
	} {
		if f.path == "" {
			continue
		}
		err := f.create()
		if err != nil {
			files.discard()
			return nil, fmt.Errorf("%s %s: %w; name a file in a folder that exists and can be written to", f.flag, f.path, withoutPath(err))
		}
		files = append(files, &f.reportFile)
	}
	return files, nil
}

func (f *reportFile) create() error {
	info, err := os.Lstat(f.path)
	if err == nil && !info.Mode().IsRegular() {
		return errors.New("this is no file") // and would be replaced by one
	}
	f.part, err = os.OpenFile(f.path+".part", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666)
	return err
}

// write puts the report into all files.
func (files reportFiles) write(report *contract.Report) error {
	for _, f := range files {
		err := errors.Join(f.form(report, f.part), f.part.Close())
		if err == nil {
			err = os.Rename(f.part.Name(), f.path)
		}
		if err != nil {
			return fmt.Errorf("write %s: %w", f.path, withoutPath(err))
		}
	}
	return nil
}

// discard removes what has not become a file; it may be called at any time.
func (files reportFiles) discard() {
	for _, f := range files {
		f.part.Close()
		os.Remove(f.part.Name())
	}
}
