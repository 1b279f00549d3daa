//go:build unix

package main

import (
	"os"
	"syscall"
)

// takeOver gives a file the owner, group and mode of another. It fails rather
// than leave a file that its readers cannot read.
func takeOver(file *os.File, like os.FileInfo) error {
	now, err := file.Stat()
	if err != nil {
		return err
	}
	is, known := now.Sys().(*syscall.Stat_t)
	want, alsoKnown := like.Sys().(*syscall.Stat_t)
	if known && alsoKnown && (is.Uid != want.Uid || is.Gid != want.Gid) {
		if err := file.Chown(int(want.Uid), int(want.Gid)); err != nil {
			return err
		}
	}
	return file.Chmod(like.Mode().Perm())
}

// syncFolder makes a rename in a folder last.
func syncFolder(path string) {
	folder, err := os.Open(path)
	if err != nil {
		return // one that may be changed but not read
	}
	defer folder.Close()
	_ = folder.Sync() // not every file system knows it, and the rename is done
}
