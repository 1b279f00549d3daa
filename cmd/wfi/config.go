package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"example.com/shiftswfi/handlers"
)

// Config is everything that a server is told, from one YAML file, the
// environment and the command line; a later one of the three wins. Its values
// are parsed and checked.
type Config struct {
	Listen        string        // host:port that Shifts calls
	Admin         string        // host:port of health and metrics
	Redis         RedisURL      // empty: the embedded store
	Deadline      time.Duration // for deciding one callback
	MaxBody       Size          // of a callback, sealed
	MaxItems      int           // in one batch
	CacheSize     Size          // for decoded teams
	ShutdownGrace time.Duration // how long callbacks that have begun may take to finish
	TLS           struct {
		Cert string // path of a PEM file, empty for plain HTTP
		Key  string
	}
	Log struct {
		Level  string // a zerolog level
		Format string // json or console
	}
	Graph graphFlags // of what serve itself calls; the AZURE_ variables count, too
	Pull  struct {
		Interval   time.Duration // zero: serve does not pull
		WeeksBack  int           // of the window, before now
		WeeksAhead int
		Teams      []string // empty: those that the integrations serve
	}
	Integrations []Integration // at least one

	// Ignored names the WFI_ variables that set nothing, in order. They may be
	// misspelt, but Kubernetes makes such variables too.
	Ignored []string

	origins map[string]string // by path: the line, variable or flag that set a value
}

// Integration is one workforce integration as registered in Microsoft Graph.
type Integration struct {
	Name                   string // for logs and metrics
	Path                   string // the path of the registered url, without a slash at its end; "/" is the root
	APIVersion             int
	TenantID               string // empty: /connect takes every tenant
	WorkforceIntegrationID string // empty while it is not registered yet
	Secrets                []SecretRef
	Teams                  []string // empty: every team of the store
	Mode                   handlers.Mode
	Modes                  map[string]handlers.Mode // of single entities
	Passthrough            []string                 // values of X-MS-WFMPassthrough beside the workforce integration id
}

// defaultConfig holds the value of every setting that is not given.
func defaultConfig() Config {
	c := Config{
		Listen:        "127.0.0.1:8080",
		Admin:         "127.0.0.1:9090",
		Deadline:      10 * time.Second, // Shifts itself gives a change about 30 s
		MaxBody:       1 << 20,
		MaxItems:      500,
		CacheSize:     256 << 20,
		ShutdownGrace: 15 * time.Second,
		origins:       make(map[string]string),
	}
	c.Log.Level = "info"
	c.Log.Format = "json"
	c.Pull.WeeksBack, c.Pull.WeeksAhead = 1, 5
	return c
}

// defaultIntegration does the same for an integration.
func defaultIntegration() Integration {
	return Integration{APIVersion: 1, Mode: handlers.TwoWay, Modes: map[string]handlers.Mode{}}
}

// ConfigFlags are the settings that the command line can give. They win over
// the environment, and the environment over the file.
type ConfigFlags struct {
	Config string `short:"c" placeholder:"FILE" help:"The configuration, a YAML file. Without it the variable WFI_CONFIG counts."`
	Listen string `placeholder:"HOST:PORT" help:"Where Shifts calls."`
	Admin  string `placeholder:"HOST:PORT" help:"Where health and metrics are served."`
	Redis  string `placeholder:"URL" help:"The store: redis://, rediss://, unix://, redis+sentinel:// or redis+cluster://."`
}

// maxConfigFile bounds the configuration file.
const maxConfigFile = 1 << 20

// LoadConfig reads and checks the whole configuration, including the files that
// it names. The error is a *ConfigError with every problem, unless the file
// itself cannot be read.
func LoadConfig(flags ConfigFlags, environ []string) (Config, error) {
	file := flags.Config
	if file == "" {
		file, _ = lookupEnv(environ, "WFI_CONFIG")
	}
	var document []byte
	if file != "" {
		var err error
		if document, err = readFile(file, maxConfigFile); err != nil {
			return Config{}, fmt.Errorf("read configuration %s: %w", file, err)
		}
	}
	config, err := ParseConfig(document, environ, flags)
	problems := config.checkSources(environ)
	var refused *ConfigError
	if errors.As(err, &refused) {
		problems = append(refused.Problems, problems...)
	}
	if len(problems) > 0 {
		return Config{}, &ConfigError{Problems: problems}
	}
	return config, nil
}

// ParseConfig is LoadConfig without the file system: the document is the
// content of the file. The error is a *ConfigError; the config that comes with
// it holds what could be read.
func ParseConfig(document []byte, environ []string, flags ConfigFlags) (Config, error) {
	config := defaultConfig()
	l := loader{config: &config}
	if p := l.readYAML(document); p != nil {
		// Whatever else could be said would be about settings that were not read.
		return config, &ConfigError{Problems: []Problem{*p}}
	}
	l.readEnviron(environ)
	l.readFlags(flags)
	for _, p := range config.check() {
		if !l.refused(p.Path) {
			l.problems = append(l.problems, p)
		}
	}
	if len(l.problems) > 0 {
		return config, &ConfigError{Problems: l.problems}
	}
	return config, nil
}

// refused tells whether there is a problem already with a setting or a part of
// it: what is left of it then is not worth another.
func (l *loader) refused(path string) bool {
	return slices.ContainsFunc(l.problems, func(p Problem) bool {
		rest, ok := strings.CutPrefix(p.Path, path)
		return ok && (rest == "" || rest[0] == '[' || rest[0] == '.')
	})
}

// readFlags takes over the flags that are given.
func (l *loader) readFlags(flags ConfigFlags) {
	given := map[string]string{"listen": flags.Listen, "admin": flags.Admin, "redis": flags.Redis}
	for _, s := range l.config.settings() {
		if text := given[s.path]; text != "" {
			l.set(s.path, s.value, text, "--"+s.path)
		}
	}
}

// A ConfigError holds everything that is wrong with a configuration.
type ConfigError struct {
	Problems []Problem
}

// Error has one line for each problem.
func (e *ConfigError) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.String()
	}
	if len(lines) == 1 {
		return "configuration refused: " + lines[0]
	}
	return fmt.Sprintf("configuration refused, %d problems:\n  %s", len(lines), strings.Join(lines, "\n  "))
}

// A Problem is one thing that is wrong with a configuration.
type Problem struct {
	Path     string // such as integrations[1].path
	Origin   string // the line, variable or flag that said so, if any did
	Found    string // never a secret
	Expected string
}

func (p Problem) String() string {
	where := p.Path
	switch {
	case where == "":
		where = p.Origin
	case p.Origin != "":
		where += " (" + p.Origin + ")"
	}
	return fmt.Sprintf("%s: found %s, expected %s", where, p.Found, p.Expected)
}

// Effective lists every setting that has a value, with its value and where that
// comes from, one a line. Secrets are redacted.
func (c *Config) Effective() string {
	var text strings.Builder
	line := func(path, value string) {
		if value != "" {
			fmt.Fprintf(&text, "%s: %s  # %s\n", path, value, cmp.Or(c.origins[path], "default"))
		}
	}
	for _, s := range c.settings() {
		list, ok := s.value.(listValue)
		if !ok {
			line(s.path, s.value.String())
			continue
		}
		for i, item := range list.items() {
			line(fmt.Sprintf("%s[%d]", s.path, i), item)
		}
	}
	return text.String()
}

// A RedisURL says where the store is. It may hold a password, so it prints
// without it; convert it to a string to connect.
type RedisURL string

// String returns the URL without its user information and its query, the places
// of passwords. It takes the text apart by hand: a list of hosts is no URL to
// net/url, and a password may hold what is not allowed in one.
func (u RedisURL) String() string {
	scheme, rest, ok := strings.Cut(string(u), "://")
	if !ok {
		if u == "" {
			return ""
		}
		return redacted
	}
	userinfo := strings.LastIndexByte(rest, '@')
	hosts, _, query := strings.Cut(rest[userinfo+1:], "?")
	if userinfo >= 0 {
		hosts = redacted + "@" + hosts
	}
	if query {
		hosts += "?" + redacted
	}
	return scheme + "://" + hosts
}

// Format prints what String returns, whatever the verb.
func (u RedisURL) Format(f fmt.State, _ rune) { io.WriteString(f, u.String()) }

// MarshalText returns what String returns, for JSON, YAML and the like.
func (u RedisURL) MarshalText() ([]byte, error) { return []byte(u.String()), nil }
