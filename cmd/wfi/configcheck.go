package main

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"example.com/shiftswfi/handlers"
)

// checks collects what is wrong with a configuration.
type checks struct {
	config   *Config
	problems []Problem
}

func (k *checks) refuse(path, found, expected string) {
	origin := k.config.origins[path]
	if parent := strings.LastIndexByte(path, '.'); origin == "" && parent >= 0 {
		origin = k.config.origins[path[:parent]] // of a value that is missing
	}
	k.problems = append(k.problems, Problem{Path: path, Origin: origin, Found: found, Expected: expected})
}

// check returns what is wrong with the settings themselves.
func (c *Config) check() []Problem {
	k := &checks{config: c}
	k.address("listen", c.Listen)
	k.address("admin", c.Admin)
	if sameAddress(c.Listen, c.Admin) {
		k.refuse("admin", quote(c.Admin), "another address than listen: health and metrics are not public")
	}
	k.redis(c.Redis)
	within(k, "deadline", c.Deadline, 100*time.Millisecond, 30*time.Second) // Shifts waits no longer
	within(k, "maxBody", c.MaxBody, 1<<10, 256<<20)
	within(k, "maxItems", c.MaxItems, 1, 100_000)
	within(k, "cacheSize", c.CacheSize, 1<<20, 1<<40)
	within(k, "shutdownGrace", c.ShutdownGrace, 0, 10*time.Minute)
	if c.TLS.Cert != "" && c.TLS.Key == "" {
		k.refuse("tls.key", "nothing", "the key of tls.cert")
	}
	if c.TLS.Key != "" && c.TLS.Cert == "" {
		k.refuse("tls.cert", "nothing", "the certificate of tls.key")
	}
	k.oneOf("log.level", c.Log.Level, "trace", "debug", "info", "warn", "error")
	k.oneOf("log.format", c.Log.Format, "json", "console")
	k.pull()
	if len(c.Integrations) == 0 {
		k.refuse("integrations", "none", "at least one")
	}
	for i := range c.Integrations {
		k.integration(i)
	}
	return k.problems
}

var integrationName = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

func (k *checks) integration(i int) {
	integration, path := &k.config.Integrations[i], integrationPath(i)
	if !integrationName.MatchString(integration.Name) {
		k.refuse(path+".name", quote(integration.Name), "1 to 64 letters, digits, dots, dashes or underscores")
	}
	k.path(i)
	within(k, path+".apiVersion", integration.APIVersion, 1, 1<<31-1) // an Int32 in Microsoft Graph
	k.id(path+".tenantId", integration.TenantID)
	k.id(path+".workforceIntegrationId", integration.WorkforceIntegrationID)
	if n := len(integration.Secrets); n < 1 || n > maxSecretsInFile {
		k.refuse(path+".secrets", fmt.Sprintf("%d secrets", n), fmt.Sprintf("1 to %d", maxSecretsInFile))
	}
	modes := []string{string(handlers.TwoWay), string(handlers.ReadOnly), string(handlers.Mirror)}
	k.oneOf(path+".mode", string(integration.Mode), modes...)
	for _, entity := range handlers.Entities() {
		if mode, ok := integration.Modes[entity]; ok {
			k.oneOf(path+".modes."+entity, string(mode), modes...)
		}
	}
	for j, value := range integration.Passthrough {
		k.id(fmt.Sprintf("%s.passthrough[%d]", path, j), value)
	}
	k.teams(path+".teams", integration.Teams)
	for j := range i {
		if other := k.config.Integrations[j].Name; strings.EqualFold(other, integration.Name) && other != "" {
			k.refuse(path+".name", quote(integration.Name), "another name than "+integrationPath(j)+" has")
		}
	}
}

func (k *checks) teams(path string, teams []string) {
	for i, team := range teams {
		teamPath := fmt.Sprintf("%s[%d]", path, i)
		k.id(teamPath, team)
		if team == "" {
			k.refuse(teamPath, "nothing", "a team id")
		}
	}
}

// pull checks what serve needs to pull teams from Shifts.
func (k *checks) pull() {
	pull := k.config.Pull
	if pull.Interval != 0 {
		within(k, "pull.interval", pull.Interval, time.Minute, 24*time.Hour)
	}
	within(k, "pull.weeksBack", pull.WeeksBack, 0, maxWeeks)
	within(k, "pull.weeksAhead", pull.WeeksAhead, 0, maxWeeks)
	if pull.WeeksBack+pull.WeeksAhead == 0 {
		k.refuse("pull.weeksAhead", "0", "at least 1 week back or ahead")
	}
	k.teams("pull.teams", pull.Teams)
	if k.config.Graph.Auth == authDeviceCode {
		k.refuse("graph.auth", quote(string(authDeviceCode)), "a method that needs nobody to type in a code")
	}
}

var (
	pathSegment    = regexp.MustCompile(`^[A-Za-z0-9._~-]+$`)
	versionSegment = regexp.MustCompile(`^[vV]?[0-9]+$`)
)

// path checks the path of an integration. A callback's path goes on with the
// version, so no segment may look like one, and no path may lead into another.
func (k *checks) path(i int) {
	own, path := k.config.Integrations[i].Path, integrationPath(i)+".path"
	found := quote(own)
	if !strings.HasPrefix(own, "/") {
		k.refuse(path, found, "a path that begins with /, such as /contoso")
		return
	}
	for _, segment := range strings.Split(strings.TrimSuffix(own, "/"), "/")[1:] {
		switch {
		case !pathSegment.MatchString(segment) || segment == "." || segment == "..":
			k.refuse(path, found, "letters, digits and . _ ~ - between the slashes")
			return
		case versionSegment.MatchString(segment):
			k.refuse(path, found, "a path without a version; that is apiVersion")
			return
		}
	}
	for j := range i {
		// Paths that differ in letter case only would be told apart by some and
		// not by others.
		other := k.config.Integrations[j].Path
		if !strings.HasPrefix(other, "/") {
			continue // refused already
		}
		if strings.EqualFold(own, other) || below(own, other) || below(other, own) {
			k.refuse(path, found, fmt.Sprintf("a path apart from %s of %s", quote(other), integrationPath(j)))
		}
	}
}

// below tells whether path inner lies below path outer.
func below(inner, outer string) bool {
	outer = strings.TrimSuffix(outer, "/") + "/"
	return len(inner) > len(outer) && strings.EqualFold(inner[:len(outer)], outer)
}

func (k *checks) id(path, id string) {
	if strings.ContainsFunc(id, func(r rune) bool { return unicode.IsSpace(r) || r == '/' }) {
		k.refuse(path, quote(id), "an id without blanks and slashes")
	}
}

func (k *checks) address(path, address string) {
	_, port, err := net.SplitHostPort(address)
	_, portErr := strconv.ParseUint(port, 10, 16)
	if err != nil || portErr != nil {
		k.refuse(path, quote(address), "HOST:PORT, such as 127.0.0.1:8080")
	}
}

// sameAddress tells whether two listeners could not both be opened.
func sameAddress(a, b string) bool {
	hostA, portA, errA := net.SplitHostPort(a)
	hostB, portB, errB := net.SplitHostPort(b)
	if errA != nil || errB != nil || portA != portB || portA == "0" {
		return false
	}
	everywhere := []string{"", "0.0.0.0", "::"}
	return hostA == hostB || slices.Contains(everywhere, hostA) || slices.Contains(everywhere, hostB)
}

// redis checks no more than the scheme: what an address may hold besides is the
// store's to know.
func (k *checks) redis(address RedisURL) {
	if address == "" {
		return
	}
	schemes := []string{"redis", "rediss", "unix", "redis+sentinel", "rediss+sentinel", "redis+cluster", "rediss+cluster"}
	scheme, rest, _ := strings.Cut(string(address), "://")
	if !slices.Contains(schemes, scheme) || rest == "" {
		// The text is not shown, it may hold a password.
		k.refuse("redis", "an address that cannot be used", "a URL that begins with one of "+strings.Join(schemes, ", ")+", followed by ://")
	}
}

func (k *checks) oneOf(path, value string, known ...string) {
	if !slices.Contains(known, value) {
		k.refuse(path, quote(value), "one of "+strings.Join(known, ", "))
	}
}

func within[T cmp.Ordered](k *checks, path string, value, least, most T) {
	if value < least || value > most {
		k.refuse(path, fmt.Sprint(value), fmt.Sprintf("%v to %v", least, most))
	}
}

// checkSources returns what is wrong with the secrets and files that the
// settings name.
func (c *Config) checkSources(environ []string) []Problem {
	k := &checks{config: c}
	for i, integration := range c.Integrations {
		for j, ref := range integration.Secrets {
			if ref == (SecretRef{}) {
				continue // it was no reference, and has been reported
			}
			if _, err := ref.keys(environ); err != nil {
				p := secretProblem(err)
				k.refuse(fmt.Sprintf("%s.secrets[%d]", integrationPath(i), j), p.Found, p.Expected)
			}
		}
	}
	if c.TLS.Cert != "" && c.TLS.Key != "" {
		if _, err := NewCertificate(c.TLS.Cert, c.TLS.Key); err != nil {
			k.refuse("tls", err.Error(), "a certificate and its key in PEM")
		}
	}
	return k.problems
}

// secretProblem turns the error of a secret reference into a problem.
func secretProblem(err error) *Problem {
	var refused *SecretError
	if !errors.As(err, &refused) {
		return &Problem{Found: "a secret that cannot be used", Expected: secretExpected}
	}
	return &Problem{Found: refused.found(), Expected: refused.Expected}
}
