package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"

	"example.com/shiftswfi/batch/envelope"
)

const (
	// secretLength is the length of a shared secret; Microsoft's article on
	// workforce integrations fixes it.
	secretLength = 64
	redacted     = "[redacted]"

	secretExpected = "64 ASCII characters, env:NAME or file:PATH"

	// Every active secret costs one HMAC over each body that nobody has
	// authenticated yet, so their number is bounded.
	maxSecretsInFile = 16
	maxSecretFile    = 64 << 10
)

// A SecretRef says where a shared secret comes from: it is written as the
// secret itself, as env:NAME or as file:PATH.
//
// With every formatting verb and in every encoding it prints as env:NAME or
// file:PATH, and an inline secret as [redacted].
type SecretRef struct {
	source string  // env:NAME or file:PATH, empty for an inline secret
	inline *secret // never printed
}

// A secret is a text of which envelope.NewKey makes a Key. The text is behind a
// function because no printer can look into one.
type secret struct {
	key  *envelope.Key
	text func() string
}

func newSecret(text string) (*secret, error) {
	key, err := envelope.NewKey(text)
	if err != nil {
		return nil, err
	}
	return &secret{key, func() string { return text }}, nil
}

// A SecretError tells why a secret reference cannot be used. It names the
// reference, never a value.
type SecretError struct {
	Ref      SecretRef
	Found    string
	Expected string
}

func (e *SecretError) Error() string {
	return fmt.Sprintf("found %s, expected %s", e.found(), e.Expected)
}

// found says what was found, and where.
func (e *SecretError) found() string {
	if e.Ref.source == "" {
		return e.Found
	}
	return e.Found + " at " + e.Ref.source
}

var environName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// ParseSecretRef reads a reference. A text that begins with env: or file: is
// never taken for a secret; such a secret has to stand in a file or a variable.
// The error is a *SecretError.
func ParseSecretRef(text string) (SecretRef, error) {
	if name, ok := strings.CutPrefix(text, "env:"); ok {
		// The error does not show the name: it may be a secret by mistake.
		if !environName.MatchString(name) || len(name) == secretLength {
			return SecretRef{}, &SecretError{Found: "env: without a variable name", Expected: secretExpected}
		}
		return SecretRef{source: text}, nil
	}
	if path, ok := strings.CutPrefix(text, "file:"); ok {
		if path == "" {
			return SecretRef{}, &SecretError{Found: "file: without a path", Expected: secretExpected}
		}
		return SecretRef{source: text}, nil
	}
	inline, err := newSecret(text)
	if err != nil {
		return SecretRef{}, &SecretError{Found: describeSecret(text), Expected: secretExpected}
	}
	return SecretRef{inline: inline}, nil
}

// describeSecret says what is wrong with a text that is no secret, without
// showing any of it.
func describeSecret(text string) string {
	if len(text) == secretLength {
		return "a text with characters outside ASCII"
	}
	return fmt.Sprintf("a text of %d characters", len(text))
}

// UnmarshalText reads a reference as ParseSecretRef does.
func (r *SecretRef) UnmarshalText(text []byte) error {
	ref, err := ParseSecretRef(string(text))
	if err != nil {
		return err
	}
	*r = ref
	return nil
}

// String returns env:NAME, file:PATH or [redacted].
func (r SecretRef) String() string {
	if r.source != "" {
		return r.source
	}
	return redacted
}

// Format prints what String returns, whatever the verb.
func (r SecretRef) Format(f fmt.State, _ rune) { io.WriteString(f, r.String()) }

// MarshalText returns what String returns, for JSON, YAML and the like.
func (r SecretRef) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// file returns the path of a file: reference.
func (r SecretRef) file() (path string, ok bool) { return strings.CutPrefix(r.source, "file:") }

// keys reads the secrets that the reference stands for at this moment: one, or
// for a file one or more.
func (r SecretRef) keys(environ []string) ([]*envelope.Key, error) {
	secrets, err := r.secrets(environ)
	if err != nil {
		return nil, err
	}
	keys := make([]*envelope.Key, len(secrets))
	for i, secret := range secrets {
		keys[i] = secret.key
	}
	return keys, nil
}

// secrets is keys with the texts.
func (r SecretRef) secrets(environ []string) ([]*secret, error) {
	if r.inline != nil {
		return []*secret{r.inline}, nil
	}
	if path, ok := r.file(); ok {
		return r.fileSecrets(path)
	}
	value, ok := lookupEnv(environ, strings.TrimPrefix(r.source, "env:"))
	if !ok {
		return nil, &SecretError{Ref: r, Found: "nothing", Expected: "a secret of 64 ASCII characters"}
	}
	one, err := newSecret(value)
	if err != nil {
		return nil, &SecretError{Ref: r, Found: describeSecret(value), Expected: "a secret of 64 ASCII characters"}
	}
	return []*secret{one}, nil
}

// texts are the same secrets as they are written, for Microsoft Graph.
func (r SecretRef) texts(environ []string) ([]string, error) {
	secrets, err := r.secrets(environ)
	return textsOf(secrets), err
}

func textsOf(secrets []*secret) []string {
	texts := make([]string, len(secrets))
	for i, secret := range secrets {
		texts[i] = secret.text()
	}
	return texts
}

// fileSecrets reads a file of one secret a line. Blank lines are left out, and so
// are comments: lines that begin with # and have not the length of a secret,
// which may itself begin with #.
func (r SecretRef) fileSecrets(path string) ([]*secret, error) {
	data, err := readFile(path, maxSecretFile)
	if err != nil {
		return nil, &SecretError{Ref: r, Found: err.Error(), Expected: "a readable file with one secret a line"}
	}
	return r.secretsIn(data)
}

// secretsIn is fileSecrets for a file that was read.
func (r SecretRef) secretsIn(data []byte) ([]*secret, error) {
	var secrets []*secret
	number := 0
	for line := range bytes.Lines(data) {
		number++
		text := strings.TrimRight(string(line), "\r\n")
		if strings.TrimSpace(text) == "" || strings.HasPrefix(text, "#") && len(text) != secretLength {
			continue
		}
		one, err := newSecret(text)
		if err != nil {
			return nil, &SecretError{Ref: r, Found: fmt.Sprintf("%s in line %d", describeSecret(text), number),
				Expected: "one secret of 64 ASCII characters a line"}
		}
		secrets = append(secrets, one)
	}
	if len(secrets) == 0 || len(secrets) > maxSecretsInFile {
		return nil, &SecretError{Ref: r, Found: fmt.Sprintf("%d secrets", len(secrets)),
			Expected: fmt.Sprintf("1 to %d", maxSecretsInFile)}
	}
	return secrets, nil
}

// A KeySet holds the secrets that are active for one integration. It is a
// Source: under a Watch it follows its files.
type KeySet struct {
	name    string
	refs    []SecretRef
	environ []string
	byRef   [][]*envelope.Key // what each reference last gave; only Reload touches it
	current atomic.Pointer[[]*envelope.Key]
}

// NewKeySet reads the secrets of all references. The name says in reports whose
// they are. The error joins one *SecretError for each reference that cannot be
// used.
func NewKeySet(name string, refs []SecretRef, environ []string) (*KeySet, error) {
	s := &KeySet{name: name, refs: refs, environ: environ, byRef: make([][]*envelope.Key, len(refs))}
	if err := s.Reload(); err != nil {
		return nil, err
	}
	return s, nil
}

// Keys returns the active secrets, in the order of their references. It is safe
// to call at any time from any goroutine; the slice is not to be changed.
func (s *KeySet) Keys() []*envelope.Key { return *s.current.Load() }

// Name returns the name given to NewKeySet.
func (s *KeySet) Name() string { return s.name }

// Files returns the files that the secrets come from.
func (s *KeySet) Files() []string {
	var files []string
	for _, ref := range s.refs {
		if path, ok := ref.file(); ok {
			files = append(files, path)
		}
	}
	return files
}

// Reload reads all references again. One that cannot be used keeps the secrets
// it last gave, and is part of the error.
func (s *KeySet) Reload() error {
	var errs []error
	for i, ref := range s.refs {
		keys, err := ref.keys(s.environ)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		s.byRef[i] = keys
	}
	current := slices.Concat(s.byRef...)
	s.current.Store(&current)
	return errors.Join(errs...)
}

// lookupEnv finds a variable in an environment as os.Environ gives it, where
// the last of several counts.
func lookupEnv(environ []string, name string) (value string, ok bool) {
	for _, entry := range slices.Backward(environ) {
		if key, value, found := strings.Cut(entry, "="); found && key == name {
			return value, true
		}
	}
	return "", false
}
