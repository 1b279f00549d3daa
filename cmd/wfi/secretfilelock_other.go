//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd)

package main

import (
	"errors"
	"io/fs"
	"os"
)

// lockPath makes a file, or fails with [errLocked] if there is one: here a lock
// outlives a process that is killed.
func lockPath(path string) (release func(), err error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, errLocked
	}
	if err != nil {
		return nil, err
	}
	return func() { _ = file.Close(); _ = os.Remove(path) }, nil
}

// adviceOnLock is what else to do about a lock.
func adviceOnLock(path string) string {
	return "; if there is none, one was killed: remove " + path
}
