package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What a rotation does to its file, line by line and beside the lines.
func TestSecretFile(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ before, added, removed string }{
		"one line":              {testSecret + "\n", testSecret + "\n" + otherSecret + "\n", otherSecret + "\n"},
		"no line end":           {testSecret, testSecret + "\n" + otherSecret + "\n", otherSecret + "\n"},
		"a comment and a blank": {"# contoso\n\n" + testSecret + "\n", "# contoso\n\n" + testSecret + "\n" + otherSecret + "\n", "# contoso\n\n" + otherSecret + "\n"},
		"line ends of Windows":  {testSecret + "\r\n", testSecret + "\r\n" + otherSecret + "\n", otherSecret + "\n"},
		"a comment at the end":  {testSecret + "\n# old", testSecret + "\n# old\n" + otherSecret + "\n", "# old\n" + otherSecret + "\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			target, link := filepath.Join(dir, "target"), filepath.Join(dir, "link")
			require.NoError(t, os.WriteFile(target, []byte(row.before), 0o600))
			require.NoError(t, os.Chmod(target, 0o640))
			require.NoError(t, os.Symlink("target", link))
			f, err := openSecretFile(link)
			require.NoError(t, err)

			holds := func(want string, secrets ...string) {
				t.Helper()
				data, err := os.ReadFile(link)
				require.NoError(t, err)
				assert.Equal(t, want, string(data))
				assert.Equal(t, secrets, f.secrets)
				info, err := os.Stat(target)
				require.NoError(t, err)
				assert.Equal(t, os.FileMode(0o640), info.Mode())
				entries, err := os.ReadDir(dir)
				require.NoError(t, err)
				assert.Len(t, entries, 2, "the target and its link")
			}
			holds(row.before, testSecret)
			require.NoError(t, f.add(otherSecret))
			holds(row.added, testSecret, otherSecret)
			require.NoError(t, f.remove(testSecret))
			holds(row.removed, otherSecret)

			require.Error(t, f.remove(otherSecret), "no file is left without a secret")
			holds(row.removed, otherSecret)
		})
	}
}

func TestSecretFileRefused(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(path, []byte(testSecret), 0o600))
	for mode, refused := range map[os.FileMode]bool{0o600: false, 0o440: false, 0o644: true, 0o602: true, 0o601: true} {
		require.NoError(t, os.Chmod(path, mode))
		_, err := openSecretFile(path)
		if refused {
			require.ErrorContains(t, err, "chmod o-rwx", mode)
		} else {
			require.NoError(t, err, mode)
		}
	}
	require.NoError(t, os.Chmod(path, 0o600))

	f, err := openSecretFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, []byte(otherSecret), 0o600))
	require.ErrorContains(t, f.add(randomSecret()), "somebody else has changed the secret file")
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, otherSecret, string(data))

	_, err = openSecretFile(filepath.Dir(path))
	require.ErrorContains(t, err, "is no file")
	_, err = openSecretFile(path + "x")
	require.ErrorContains(t, err, "no such file")
}

// Two runs cannot interleave, and the one that comes next cleans up.
func TestSecretFileLock(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "secret")
	write := func(name string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(testSecret), 0o600))
	}
	write("secret")
	first, err := openSecretFile(path)
	require.NoError(t, err)
	second, err := openSecretFile(path)
	require.NoError(t, err)

	release, err := first.lock()
	require.NoError(t, err)
	write(".secret.new-1")
	_, err = second.lock()
	require.ErrorContains(t, err, "another rotation of the secret file "+path+" is under way")
	assert.FileExists(t, filepath.Join(dir, ".secret.new-1"), "it may be the other's")
	require.NoError(t, first.add(otherSecret))
	release()
	_, err = second.lock()
	require.ErrorContains(t, err, "somebody else has changed the secret file", "since it was read")

	for _, others := range []string{".secret.new-", ".secret.new-1a", ".secrets.new-1", ".secret.2026", "secret.new-1"} {
		write(others)
	}
	release, err = first.lock()
	require.NoError(t, err)
	release()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	assert.Equal(t, []string{".secret.2026", ".secret.new-", ".secret.new-1a", ".secrets.new-1", "secret", "secret.new-1"}, names)
}

func TestSecretFileInOpenFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "secret")
	require.NoError(t, os.WriteFile(path, []byte(testSecret), 0o600))
	for mode, refused := range map[os.FileMode]bool{0o700: false, 0o775: false, 0o777: true, 0o703: true, 0o777 | os.ModeSticky: true} {
		require.NoError(t, os.Chmod(dir, mode))
		_, err := openSecretFile(path)
		if refused {
			require.ErrorContains(t, err, "chmod o-w, or move", mode)
		} else {
			require.NoError(t, err, mode)
		}
	}
}

func TestRandomSecret(t *testing.T) {
	t.Parallel()
	seen := map[rune]bool{}
	for range 100 {
		secret := randomSecret()
		assert.Regexp(t, `^[A-Za-z0-9_-]{64}$`, secret)
		for _, r := range secret {
			seen[r] = true
		}
	}
	assert.Len(t, seen, 64, "every character of the alphabet")
	assert.NotEqual(t, randomSecret(), randomSecret())
}
