package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/batch/envelope"
)

// assertNoSecret fails when a text holds a secret of the tests, or a good part
// of one.
func assertNoSecret(t *testing.T, text string) {
	t.Helper()
	for _, secret := range []string{testSecret, otherSecret} {
		for i := 0; i+16 <= len(secret); i += 8 {
			assert.NotContains(t, text, secret[i:i+16])
			assert.NotContains(t, text, fmt.Sprintf("%x", secret[i:i+16]))
		}
	}
}

func mustRef(t *testing.T, text string) SecretRef {
	t.Helper()
	ref, err := ParseSecretRef(text)
	require.NoError(t, err)
	return ref
}

// sealed returns a body that only the secret opens.
func sealed(t *testing.T, secret string) []byte {
	t.Helper()
	key, err := envelope.NewKey(secret)
	require.NoError(t, err)
	body, err := envelope.Seal([]byte("{}"), key, nil)
	require.NoError(t, err)
	return body
}

// assertOpens fails unless the keys are those of the secrets, no more and no
// fewer, of the two that the tests have.
func assertOpens(t *testing.T, keys []*envelope.Key, secrets ...string) {
	t.Helper()
	assert.Len(t, keys, len(secrets))
	for _, secret := range []string{testSecret, otherSecret} {
		_, err := envelope.Open(sealed(t, secret), keys...)
		if strings.Contains(strings.Join(secrets, "\n"), secret) {
			assert.NoError(t, err)
		} else {
			assert.ErrorIs(t, err, envelope.ErrNotAuthentic)
		}
	}
}

func TestSecretRefNeverPrints(t *testing.T) {
	t.Parallel()
	ref := mustRef(t, testSecret)
	keySet, err := NewKeySet("contoso", []SecretRef{ref}, nil)
	require.NoError(t, err)
	type holder struct {
		Ref        SecretRef
		Pointer    *SecretRef
		unexported SecretRef
		Keys       []*envelope.Key
		set        *KeySet
	}
	values := []any{ref, &ref, []SecretRef{ref}, holder{ref, &ref, ref, keySet.Keys(), keySet}, keySet, keySet.Keys(), *keySet.Keys()[0], &SecretError{Ref: ref}}
	for _, value := range values {
		for _, verb := range "vTtbcdoOqxXUeEfFgGsp" {
			for _, flags := range []string{"", "+", "#", " ", "-80.3"} {
				assertNoSecret(t, fmt.Sprintf("%"+flags+string(verb), value))
			}
		}
		asJSON, err := json.Marshal(value)
		require.NoError(t, err)
		assertNoSecret(t, string(asJSON))
		asYAML, err := yaml.Marshal(value)
		require.NoError(t, err)
		assertNoSecret(t, string(asYAML))
		var log bytes.Buffer
		logger := zerolog.New(&log)
		logger.Info().Interface("ref", value).Any("again", value).Send()
		slog.New(slog.NewTextHandler(&log, nil)).Info("ref", "ref", value)
		assertNoSecret(t, log.String())
	}

	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		assert.Equal(t, "[redacted]", fmt.Sprintf(verb, ref))
		assert.Equal(t, "[redacted]", fmt.Sprintf(verb, &ref))
	}
	asJSON, err := json.Marshal(map[string]any{"secrets": []SecretRef{ref, mustRef(t, "env:A"), mustRef(t, "file:b c")}})
	require.NoError(t, err)
	assert.JSONEq(t, `{"secrets": ["[redacted]", "env:A", "file:b c"]}`, string(asJSON))
}

func TestParseSecretRefErrors(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text, found string
	}{
		{"empty", "", "a text of 0 characters"},
		{"short", testSecret[1:], "a text of 63 characters"},
		{"long", testSecret + "a", "a text of 65 characters"},
		{"64 bytes, not ASCII", testSecret[2:] + "é", "a text with characters outside ASCII"},
		{"variable without name", "env:", "env: without a variable name"},
		{"variable with blank", "env:A B", "env: without a variable name"},
		{"a secret of letters behind env:", "env:" + strings.Repeat("a", 64), "env: without a variable name"},
		{"file without path", "file:", "file: without a path"},
		{"another case", "ENV:A", "a text of 5 characters"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := ParseSecretRef(test.text)
			var refused *SecretError
			require.ErrorAs(t, err, &refused)
			assert.Equal(t, test.found, refused.Found)
			assert.Equal(t, "found "+test.found+", expected 64 ASCII characters, env:NAME or file:PATH", err.Error())
		})
	}
}

func TestNewKeySet(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return "file:" + path
	}
	environ := []string{"A=" + otherSecret, "A=" + testSecret, "B=" + otherSecret, "EMPTY=", "SHORT=" + testSecret[1:], "AB=x"}
	hash := "#" + testSecret[1:]
	tests := []struct {
		name    string
		refs    []string
		secrets []string
		err     string
	}{
		{"inline", []string{testSecret}, []string{testSecret}, ""},
		{"the last variable of a name counts", []string{"env:A"}, []string{testSecret}, ""},
		{"in the order of the references", []string{"env:B", testSecret}, []string{otherSecret, testSecret}, ""},
		{"a file of several", []string{file("several", "# new\n"+testSecret+"\r\n\n \t\n#old\n"+otherSecret)}, []string{testSecret, otherSecret}, ""},
		{"unset", []string{"env:C"}, nil, "found nothing at env:C, expected a secret of 64 ASCII characters"},
		{"empty", []string{"env:EMPTY"}, nil, "found a text of 0 characters at env:EMPTY, expected a secret of 64 ASCII characters"},
		{"all problems", []string{"env:SHORT", "env:B", "file:" + dir}, nil, "found a text of 63 characters at env:SHORT, expected a secret of 64 ASCII characters\n" +
			"found is a directory at file:" + dir + ", expected a readable file with one secret a line"},
		{"an indented secret", []string{file("indented", "\n "+testSecret)}, nil, "found a text of 65 characters in line 2 at file:" + dir + "/indented, expected one secret of 64 ASCII characters a line"},
		{"an empty file", []string{file("empty", "")}, nil, "found 0 secrets at file:" + dir + "/empty, expected 1 to 16"},
		{"as many as may be", []string{file("many", strings.Repeat("\n"+testSecret, 16))}, slices.Repeat([]string{testSecret}, 16), ""},
		{"too many", []string{file("too-many", strings.Repeat("\n"+testSecret, 17))}, nil, "found 17 secrets at file:" + dir + "/too-many, expected 1 to 16"},
		{"a huge file", []string{file("huge", strings.Repeat("\n", maxSecretFile+1))}, nil, "found more than 65536 bytes at file:" + dir + "/huge, expected a readable file with one secret a line"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var refs []SecretRef
			for _, text := range test.refs {
				refs = append(refs, mustRef(t, text))
			}
			set, err := NewKeySet("contoso", refs, environ)
			if test.err != "" {
				assert.Nil(t, set)
				assert.EqualError(t, err, test.err)
				assertNoSecret(t, err.Error())
				return
			}
			require.NoError(t, err)
			assertOpens(t, set.Keys(), test.secrets...)
		})
	}
	t.Run("a secret that begins with a number sign", func(t *testing.T) {
		t.Parallel()
		set, err := NewKeySet("contoso", []SecretRef{mustRef(t, file("sign", "# comment\n"+hash+"\n"))}, nil)
		require.NoError(t, err)
		require.Len(t, set.Keys(), 1)
		_, err = envelope.Open(sealed(t, hash), set.Keys()...)
		assert.NoError(t, err)
	})
}

// One reference that breaks holds up neither its own old secrets nor the new
// ones of another.
func TestKeySetReloadByReference(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, second := filepath.Join(dir, "first"), filepath.Join(dir, "second")
	write := func(path, text string) {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
	write(first, testSecret)
	write(second, testSecret)
	set, err := NewKeySet("contoso", []SecretRef{mustRef(t, "file:"+first), mustRef(t, "file:"+second)}, nil)
	require.NoError(t, err)
	assert.Equal(t, []string{first, second}, set.Files())
	assertOpens(t, set.Keys(), testSecret, testSecret)

	write(first, "broken")
	write(second, otherSecret)
	assert.EqualError(t, set.Reload(), "found a text of 6 characters in line 1 at file:"+first+", expected one secret of 64 ASCII characters a line")
	assertOpens(t, set.Keys(), testSecret, otherSecret)
}
