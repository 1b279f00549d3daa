//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package main

import (
	"errors"
	"os"
	"syscall"
)

// lockPath makes a file and locks it, or fails with [errLocked]. The lock ends
// with the process, so that a file that is left behind keeps nobody out.
func lockPath(path string) (release func(), err error) {
	for {
		file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|syscall.O_NOFOLLOW, 0o600)
		if err != nil {
			return nil, err
		}
		if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
			_ = file.Close()
			if errors.Is(err, syscall.EWOULDBLOCK) {
				err = errLocked
			}
			return nil, err
		}
		if isAt(file, path) {
			return func() { _ = os.Remove(path); _ = file.Close() }, nil
		}
		_ = file.Close() // it was removed by the one that had the lock
	}
}

func isAt(file *os.File, path string) bool {
	locked, err := file.Stat()
	if err != nil {
		return false
	}
	there, err := os.Lstat(path)
	return err == nil && os.SameFile(locked, there)
}

// adviceOnLock is what else to do about a lock.
func adviceOnLock(string) string { return "" }
