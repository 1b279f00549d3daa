package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// A secretFile is a file of secrets, one a line, as it was when it was last
// read or replaced.
type secretFile struct {
	path    string // after symbolic links, which stay as they are
	data    []byte
	secrets []string
}

// openSecretFile reads a file that is to be changed.
func openSecretFile(path string) (*secretFile, error) {
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil, fmt.Errorf("read the secret file %s: %w", path, withoutPath(err))
	}
	info, err := os.Stat(target)
	if err != nil {
		return nil, fmt.Errorf("read the secret file %s: %w", path, withoutPath(err))
	}
	const others = 0o007
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("the secret file %s is no file but %s", path, info.Mode().Type())
	}
	if info.Mode()&others != 0 && runtime.GOOS != "windows" { // which has no such modes
		return nil, fmt.Errorf("the secret file %s can be read or changed by every user of this machine, and so could the new secret: take that away with chmod o-rwx, after making sure that the endpoint can read it by its owner or group", path)
	}
	folder, err := os.Stat(filepath.Dir(target))
	if err != nil {
		return nil, fmt.Errorf("read the folder of the secret file %s: %w", path, withoutPath(err))
	}
	const othersWrite = 0o002
	if folder.Mode()&othersWrite != 0 && runtime.GOOS != "windows" {
		return nil, fmt.Errorf("every user of this machine can put another file in place of the secret file %s, because of the mode of the folder %s: take that away with chmod o-w, or move the file into a folder of its own", path, filepath.Dir(target))
	}
	f := &secretFile{path: target}
	if f.data, err = readFile(target, maxSecretFile); err != nil {
		return nil, fmt.Errorf("read the secret file %s: %w", path, err)
	}
	f.secrets, err = f.parse(f.data)
	return f, err
}

func (f *secretFile) parse(data []byte) ([]string, error) {
	secrets, err := SecretRef{source: "file:" + f.path}.secretsIn(data)
	return textsOf(secrets), err
}

// newSuffix is that of the file that a secret file is replaced by, but for a
// number behind it.
const newSuffix = ".new-"

// errLocked says that another process has a lock.
var errLocked = errors.New("another process has the lock")

// lock keeps other runs of this command from the file until release is called,
// and takes away what a run that was killed has left beside it. It fails if the
// file is no longer as it was read.
func (f *secretFile) lock() (release func(), err error) {
	path := filepath.Join(filepath.Dir(f.path), "."+filepath.Base(f.path)+".lock")
	release, err = lockPath(path)
	switch {
	case errors.Is(err, errLocked):
		return nil, fmt.Errorf("another rotation of the secret file %s is under way: let it end, or interrupt it, and run this again%s", f.path, adviceOnLock(path))
	case err != nil:
		return nil, fmt.Errorf("lock the secret file %s by %s: %w (a file that another system puts there, such as a Secret of Kubernetes, has to be changed where it comes from)", f.path, path, withoutPath(err))
	}
	if err = f.unchanged(); err == nil {
		err = removeLeftovers(f.path)
	}
	if err != nil {
		release()
		return nil, err
	}
	return release, nil
}

// removeLeftovers removes the new files, with secrets in them, that were never
// put in place of a secret file.
func removeLeftovers(path string) error {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("look for what is left beside the secret file %s: %w", path, withoutPath(err))
	}
	for _, entry := range entries {
		number, is := strings.CutPrefix(entry.Name(), "."+filepath.Base(path)+newSuffix)
		if !is || number == "" || strings.Trim(number, "0123456789") != "" || !entry.Type().IsRegular() {
			continue
		}
		if err := os.Remove(filepath.Join(filepath.Dir(path), entry.Name())); err != nil {
			return fmt.Errorf("remove %s, which an earlier rotation has left beside the secret file: %w", entry.Name(), withoutPath(err))
		}
	}
	return nil
}

// add puts a secret behind the others.
func (f *secretFile) add(secret string) error {
	data := bytes.Clone(f.data)
	if len(data) > 0 && data[len(data)-1] != '\n' {
		data = append(data, '\n')
	}
	return f.replace(append(data, secret+"\n"...))
}

// remove takes out the line of a secret.
func (f *secretFile) remove(secret string) error {
	var data []byte
	for line := range bytes.Lines(f.data) {
		if strings.TrimRight(string(line), "\r\n") != secret {
			data = append(data, line...)
		}
	}
	return f.replace(data)
}

// unchanged fails if somebody else has changed the file.
func (f *secretFile) unchanged() error {
	data, err := readFile(f.path, maxSecretFile)
	if err != nil {
		return fmt.Errorf("read the secret file %s: %w", f.path, err)
	}
	if !bytes.Equal(data, f.data) {
		return fmt.Errorf("somebody else has changed the secret file %s meanwhile", f.path)
	}
	return nil
}

// replace gives the file another content, in one step: whoever reads it finds
// the old or the new one, also after a crash. Mode, owner and group stay.
func (f *secretFile) replace(data []byte) error {
	secrets, err := f.parse(data)
	if err != nil {
		return err
	}
	if err := f.unchanged(); err != nil {
		return err
	}
	if err := writeInPlaceOf(f.path, data); err != nil {
		return fmt.Errorf("change the secret file %s: %w; nothing is changed in it (a file that another system puts there, such as a Secret of Kubernetes, has to be changed where it comes from)", f.path, withoutPath(err))
	}
	f.data, f.secrets = data, secrets
	return nil
}

// writeInPlaceOf writes a file beside another, and renames it to that.
func writeInPlaceOf(path string, data []byte) (err error) {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	dir := filepath.Dir(path)
	file, err := os.CreateTemp(dir, "."+filepath.Base(path)+newSuffix+"*") // for its owner alone
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = file.Close()
			_ = os.Remove(file.Name())
		}
	}()
	if _, err := file.Write(data); err != nil {
		return err
	}
	if err := takeOver(file, info); err != nil {
		return fmt.Errorf("give the new file the owner and mode of the old one: %w; run it as the file's owner or as root", withoutPath(err))
	}
	if err := file.Sync(); err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	if err := os.Rename(file.Name(), path); err != nil {
		return err
	}
	syncFolder(dir)
	return nil
}
