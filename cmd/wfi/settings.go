package main

import (
	"encoding"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"example.com/shiftswfi/handlers"
)

// A setting is one value of the configuration. The YAML file, the environment,
// the checks of a value's form and the printed configuration all go by the same
// list of settings, so that they cannot disagree.
type setting struct {
	path  string // such as integrations[0].tenantId
	value value
}

// A value turns a text into a field of the configuration.
type value interface {
	// set returns nil, or a problem with found and expected filled in.
	set(text string) *Problem
	// String never shows a secret.
	String() string
}

// A listValue is a value of several texts; set adds one.
type listValue interface {
	value
	clear()
	items() []string
	split(text string) []string // a variable's text into items
}

// settings lists the settings in the order in which a file would have them.
// The values point into c.
func (c *Config) settings() []setting {
	list := []setting{
		{"listen", (*text)(&c.Listen)},
		{"admin", (*text)(&c.Admin)},
		{"redis", &c.Redis},
		{"deadline", (*duration)(&c.Deadline)},
		{"maxBody", &c.MaxBody},
		{"maxItems", (*number)(&c.MaxItems)},
		{"cacheSize", &c.CacheSize},
		{"shutdownGrace", (*duration)(&c.ShutdownGrace)},
		{"tls.cert", (*text)(&c.TLS.Cert)},
		{"tls.key", (*text)(&c.TLS.Key)},
		{"log.level", (*text)(&c.Log.Level)},
		{"log.format", (*text)(&c.Log.Format)},
		{"graph.url", parsed{&c.Graph.Graph, (*string)(&c.Graph.Graph)}},
		{"graph.auth", parsed{&c.Graph.Auth, (*string)(&c.Graph.Auth)}},
		{"graph.tenant", (*text)(&c.Graph.Tenant)},
		{"graph.clientId", (*text)(&c.Graph.ClientID)},
		{"graph.clientSecret", parsed{&c.Graph.ClientSecret, (*string)(&c.Graph.ClientSecret)}},
		{"graph.certificate", (*text)(&c.Graph.Certificate)},
		{"graph.certificatePassword", parsed{&c.Graph.CertificatePassword, (*string)(&c.Graph.CertificatePassword)}},
		{"pull.interval", (*duration)(&c.Pull.Interval)},
		{"pull.weeksBack", (*number)(&c.Pull.WeeksBack)},
		{"pull.weeksAhead", (*number)(&c.Pull.WeeksAhead)},
		{"pull.teams", (*idList)(&c.Pull.Teams)},
	}
	for i := range c.Integrations {
		list = append(list, c.Integrations[i].settings(integrationPath(i))...)
	}
	return list
}

func (i *Integration) settings(path string) []setting {
	list := []setting{
		{path + ".name", (*text)(&i.Name)},
		{path + ".path", (*urlPath)(&i.Path)},
		{path + ".apiVersion", (*number)(&i.APIVersion)},
		{path + ".tenantId", (*text)(&i.TenantID)},
		{path + ".workforceIntegrationId", (*text)(&i.WorkforceIntegrationID)},
		{path + ".secrets", (*secretList)(&i.Secrets)},
		{path + ".teams", (*idList)(&i.Teams)},
		{path + ".mode", (*text)(&i.Mode)},
		{path + ".passthrough", (*idList)(&i.Passthrough)},
	}
	for _, entity := range handlers.Entities() {
		list = append(list, setting{path + ".modes." + entity, entityMode{i.Modes, entity}})
	}
	return list
}

// An entityMode is the mode of one entity within an integration.
type entityMode struct {
	modes  map[string]handlers.Mode
	entity string
}

func (m entityMode) set(s string) *Problem { m.modes[m.entity] = handlers.Mode(s); return nil }
func (m entityMode) String() string        { return string(m.modes[m.entity]) }

func integrationPath(i int) string { return fmt.Sprintf("integrations[%d]", i) }

// loader fills a configuration and notes what is wrong with its sources.
type loader struct {
	config   *Config
	problems []Problem
}

// set gives a value the text that origin has for it.
func (l *loader) set(path string, v value, text, origin string) {
	if p := v.set(text); p != nil {
		l.refuse(path, origin, p.Found, p.Expected)
		return
	}
	l.config.origins[path] = origin
}

func (l *loader) refuse(path, origin, found, expected string) {
	l.problems = append(l.problems, Problem{Path: path, Origin: origin, Found: found, Expected: expected})
}

// quote shows a text in a message. A long one is only described: it may be a
// secret in the wrong place.
func quote(text string) string {
	if text == "" {
		return "nothing"
	}
	if len(text) > secretLength/2 {
		return fmt.Sprintf("a text of %d characters", len(text))
	}
	return strconv.Quote(text)
}

type text string

func (t *text) set(s string) *Problem { *t = text(s); return nil }
func (t *text) String() string        { return string(*t) }

// urlPath is a path without a slash at its end: Microsoft Graph has urls of both
// forms.
type urlPath string

func (p *urlPath) set(s string) *Problem {
	if len(s) > 1 {
		s = strings.TrimSuffix(s, "/")
	}
	*p = urlPath(s)
	return nil
}

func (p *urlPath) String() string { return string(*p) }

// parsed is a text that its own type checks, as it does on the command line.
type parsed struct {
	field encoding.TextUnmarshaler
	text  *string // the field's
}

// set does not show what it found: a secret may be in the wrong place.
func (v parsed) set(s string) *Problem {
	if err := v.field.UnmarshalText([]byte(s)); err != nil {
		return &Problem{Found: "a text that cannot be used", Expected: strings.TrimPrefix(err.Error(), "expected ")}
	}
	return nil
}

func (v parsed) String() string { return *v.text }

type number int

func (n *number) set(s string) *Problem {
	parsed, err := strconv.Atoi(s)
	if err != nil {
		return &Problem{Found: quote(s), Expected: "a whole number"}
	}
	*n = number(parsed)
	return nil
}

func (n *number) String() string { return strconv.Itoa(int(*n)) }

type duration time.Duration

func (d *duration) set(s string) *Problem {
	parsed, err := time.ParseDuration(s)
	if err != nil {
		return &Problem{Found: quote(s), Expected: `a duration such as "10s" or "500ms"`}
	}
	*d = duration(parsed)
	return nil
}

func (d *duration) String() string { return time.Duration(*d).String() }

// Size is a number of bytes, written as such or with one of the units KiB, MiB
// and GiB.
type Size int64

const sizeExpected = `a size such as "512KiB", "64MiB" or "2GiB"`

var sizeUnits = []struct {
	name  string
	bytes int64
}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}}

// UnmarshalText reads a size from 1 byte to 1024 GiB.
func (s *Size) UnmarshalText(text []byte) error {
	digits, factor := string(text), int64(1)
	for _, unit := range sizeUnits {
		if before, ok := strings.CutSuffix(digits, unit.name); ok {
			digits, factor = strings.TrimSpace(before), unit.bytes
			break
		}
	}
	const largest = 1 << 40
	count, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || count < 1 || count > largest/factor {
		return errors.New("expected " + sizeExpected)
	}
	*s = Size(count * factor)
	return nil
}

// String writes the size with the largest unit that divides it.
func (s Size) String() string {
	for _, unit := range sizeUnits {
		if s != 0 && int64(s)%unit.bytes == 0 {
			return fmt.Sprintf("%d%s", int64(s)/unit.bytes, unit.name)
		}
	}
	return strconv.FormatInt(int64(s), 10)
}

func (s *Size) set(text string) *Problem {
	if s.UnmarshalText([]byte(text)) != nil {
		return &Problem{Found: quote(text), Expected: sizeExpected}
	}
	return nil
}

func (u *RedisURL) set(text string) *Problem { *u = RedisURL(text); return nil }

type secretList []SecretRef

func (l *secretList) set(text string) *Problem {
	ref, err := ParseSecretRef(text)
	*l = append(*l, ref) // also a zero one, so that the others keep their places
	if err != nil {
		return secretProblem(err)
	}
	return nil
}

func (l *secretList) clear() { *l = nil }

func (l *secretList) items() []string {
	var texts []string
	for _, ref := range *l {
		texts = append(texts, ref.String())
	}
	return texts
}

// split takes one reference a line: a secret may hold any other separator.
func (*secretList) split(text string) []string {
	return slices.DeleteFunc(strings.Split(text, "\n"), func(line string) bool { return strings.TrimSpace(line) == "" })
}

func (l *secretList) String() string { return strings.Join(l.items(), " ") }

type idList []string

func (l *idList) set(text string) *Problem { *l = append(*l, text); return nil }
func (l *idList) clear()                   { *l = nil }
func (l *idList) items() []string          { return *l }
func (l *idList) String() string           { return strings.Join(*l, " ") }

// split takes ids apart at commas, blanks and line ends.
func (*idList) split(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
}
