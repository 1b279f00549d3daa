package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/handlers"
)

// minimal is the shortest document that passes, to be changed by the tests.
const minimal = `integrations:
  - name: contoso
    path: /contoso
    secrets: ["env:CONTOSO_SECRET"]
`

func TestParseConfigDefaults(t *testing.T) {
	t.Parallel()
	config, err := ParseConfig([]byte(minimal), nil, ConfigFlags{})
	require.NoError(t, err)
	assert.Equal(t, `listen: 127.0.0.1:8080  # default
admin: 127.0.0.1:9090  # default
deadline: 10s  # default
maxBody: 1MiB  # default
maxItems: 500  # default
cacheSize: 256MiB  # default
shutdownGrace: 15s  # default
log.level: info  # default
log.format: json  # default
pull.interval: 0s  # default
pull.weeksBack: 1  # default
pull.weeksAhead: 5  # default
integrations[0].name: contoso  # line 2
integrations[0].path: /contoso  # line 3
integrations[0].apiVersion: 1  # default
integrations[0].secrets[0]: env:CONTOSO_SECRET  # line 4
integrations[0].mode: two-way  # default
`, config.Effective())
	assert.Equal(t, RedisURL(""), config.Redis)
}

func TestParseConfigEverySetting(t *testing.T) {
	t.Parallel()
	config, err := ParseConfig([]byte(`listen: 0.0.0.0:443
admin: ":9091"
redis: redis+sentinel://:hunter2@a:26379,b:26379/main/0
deadline: 5s
maxBody: 2MiB
maxItems: 100
cacheSize: 1GiB
shutdownGrace: 0s
tls:
  cert: cert.pem
  key: key.pem
log: {level: debug, format: console}
integrations:
  - name: contoso
    path: /contoso/
    apiVersion: 2
    tenantId: 8f9d7c6b-0000-4000-8000-000000000001
    workforceIntegrationId: WFI_5b2c8a10-7d3e-4f61-9a0b-3c2d1e0f4a5b
    secrets:
      - env:CONTOSO_SECRET
      - file:contoso secrets.txt
      - `+testSecret+`
    teams: [2f5d1f0e-6c3f-4c0a-9a51-7d2b8f0f9d11, 7]
  - name: fabrikam
    path: /
    tenantId: null
    secrets: ["`+otherSecret+`"]
`), nil, ConfigFlags{})
	// The root path overlaps the other; everything else is as it should be.
	assert.EqualError(t, err, `configuration refused: integrations[1].path (line 25): found "/", expected a path apart from "/contoso" of integrations[0]`)

	assert.Equal(t, "0.0.0.0:443", config.Listen)
	assert.Equal(t, ":9091", config.Admin)
	assert.Equal(t, "redis+sentinel://:hunter2@a:26379,b:26379/main/0", string(config.Redis))
	assert.Equal(t, 5*time.Second, config.Deadline)
	assert.Equal(t, Size(2<<20), config.MaxBody)
	assert.Equal(t, 100, config.MaxItems)
	assert.Equal(t, Size(1<<30), config.CacheSize)
	assert.Zero(t, config.ShutdownGrace)
	assert.Equal(t, "cert.pem", config.TLS.Cert)
	assert.Equal(t, "key.pem", config.TLS.Key)
	assert.Equal(t, "debug", config.Log.Level)
	assert.Equal(t, "console", config.Log.Format)
	require.Len(t, config.Integrations, 2)
	contoso := config.Integrations[0]
	assert.Equal(t, "contoso", contoso.Name)
	assert.Equal(t, "/contoso", contoso.Path)
	assert.Equal(t, 2, contoso.APIVersion)
	assert.Equal(t, "8f9d7c6b-0000-4000-8000-000000000001", contoso.TenantID)
	assert.Equal(t, "WFI_5b2c8a10-7d3e-4f61-9a0b-3c2d1e0f4a5b", contoso.WorkforceIntegrationID)
	assert.Equal(t, "[env:CONTOSO_SECRET file:contoso secrets.txt [redacted]]", fmt.Sprint(contoso.Secrets))
	assert.Equal(t, []string{"2f5d1f0e-6c3f-4c0a-9a51-7d2b8f0f9d11", "7"}, contoso.Teams)
	fabrikam := config.Integrations[1]
	assert.Equal(t, "/", fabrikam.Path)
	assert.Equal(t, 1, fabrikam.APIVersion)
	assert.Empty(t, fabrikam.TenantID)
	assert.Empty(t, fabrikam.Teams)
}

// two is a document with two integrations, the second of which is given.
func two(second string) string {
	return minimal + "  - name: fabrikam\n    path: /fabrikam\n    secrets: [env:F]\n" + second
}

func TestParseConfigProblems(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		document string
		want     []string // every problem, in order
	}{
		{"no integration", "listen: 127.0.0.1:1", []string{`integrations: found none, expected at least one`}},
		{"unknown keys at every level", "lissten: x\n" + minimal + "    secret: x\nlog: {lvl: info}\n", []string{
			`line 1: found the unknown key "lissten", expected one of listen, admin, redis, deadline, maxBody, maxItems, cacheSize, shutdownGrace, tls, log, graph, pull, integrations`,
			`integrations[0] (line 6): found the unknown key "secret", expected one of name, path, apiVersion, tenantId, workforceIntegrationId, secrets, teams, mode, passthrough, modes`,
			`log (line 7): found the unknown key "lvl", expected one of level, format`,
		}},
		{"a list is not a mapping", "- listen", []string{`line 1: found a list, expected a mapping`, `integrations: found none, expected at least one`}},
		{"integrations is not a list", "integrations: {name: contoso}", []string{`integrations (line 1): found a mapping, expected a list`}},
		{"unknown modes", minimal + "    mode: readonly\n    modes: {shift: mirrored, shifts: mirror}\n", []string{
			`integrations[0].modes (line 6): found the unknown key "shifts", expected one of shift, openShift, swapRequest, offerShiftRequest, openShiftRequest, timeOffRequest, timeOff, timeOffReason, timeCard, userShiftPreferences`,
			`integrations[0].mode (line 5): found "readonly", expected one of two-way, read-only, mirror`,
			`integrations[0].modes.shift (line 6): found "mirrored", expected one of two-way, read-only, mirror`,
		}},
		{"a text for a list", minimal + "    teams: t-1\n", []string{`integrations[0].teams (line 5): found a text, expected a list`}},
		{"a list for a text", minimal + "listen: [127.0.0.1:1]\n", []string{`listen (line 5): found a list, expected a text (in quotes if it has special characters)`}},
		{"an alias", minimal + "    teams: [&a x, *a]\n", []string{
			`integrations[0].teams[0] (line 5): found a YAML anchor, alias or tag, expected a text (in quotes if it has special characters)`,
			`integrations[0].teams[1] (line 5): found a YAML anchor, alias or tag, expected a text (in quotes if it has special characters)`,
		}},
		{"not YAML", minimal + "listen: \"127.0.0.1\n", []string{`line 5: found a syntax error, could not find end character of double-quoted text, expected YAML (a text with special characters needs quotes)`}},
		{"a key twice", minimal + "    name: x\n", []string{`line 5: found a syntax error, mapping key … already defined at [2:5], expected YAML (a text with special characters needs quotes)`}},
		{"two documents", minimal + "---\nlisten: x\n", []string{`line 6: found a second document, expected one`}},

		{"listen without port", minimal + "listen: localhost\n", []string{`listen (line 5): found "localhost", expected HOST:PORT, such as 127.0.0.1:8080`}},
		{"port too high", minimal + "listen: localhost:65536\n", []string{`listen (line 5): found "localhost:65536", expected HOST:PORT, such as 127.0.0.1:8080`}},
		{"admin empty", minimal + "admin: \"\"\n", []string{`admin (line 5): found nothing, expected HOST:PORT, such as 127.0.0.1:8080`}},
		{"one address twice", minimal + "admin: 127.0.0.1:8080\n", []string{`admin (line 5): found "127.0.0.1:8080", expected another address than listen: health and metrics are not public`}},
		{"one port on every interface", minimal + "listen: :9090\n", []string{`admin: found "127.0.0.1:9090", expected another address than listen: health and metrics are not public`}},
		{"the port of listen on every interface", minimal + "admin: \"[::]:8080\"\n", []string{`admin (line 5): found "[::]:8080", expected another address than listen: health and metrics are not public`}},
		{"any free port twice", minimal + "listen: :0\nadmin: :0\n", nil},
		{"another store", minimal + "redis: postgres://u:hunter2@db/x\n", []string{`redis (line 5): found an address that cannot be used, expected a URL that begins with one of redis, rediss, unix, redis+sentinel, rediss+sentinel, redis+cluster, rediss+cluster, followed by ://`}},
		{"store without address", minimal + "redis: \"redis://\"\n", []string{`redis (line 5): found an address that cannot be used, expected a URL that begins with one of redis, rediss, unix, redis+sentinel, rediss+sentinel, redis+cluster, rediss+cluster, followed by ://`}},
		{"cluster", minimal + "redis: redis+cluster://a:1,b:2,[::1]:3\n", nil},

		{"no unit", minimal + "deadline: 10\n", []string{`deadline (line 5): found "10", expected a duration such as "10s" or "500ms"`}},
		{"deadline 0", minimal + "deadline: 0s\n", []string{`deadline (line 5): found 0s, expected 100ms to 30s`}},
		{"deadline just long enough", minimal + "deadline: 100ms\n", nil},
		{"deadline just short enough", minimal + "deadline: 30s\n", nil},
		{"deadline too long", minimal + "deadline: 31s\n", []string{`deadline (line 5): found 31s, expected 100ms to 30s`}},
		{"negative grace", minimal + "shutdownGrace: -1s\n", []string{`shutdownGrace (line 5): found -1s, expected 0s to 10m0s`}},
		{"grace too long", minimal + "shutdownGrace: 11m\n", []string{`shutdownGrace (line 5): found 11m0s, expected 0s to 10m0s`}},
		{"unknown unit", minimal + "maxBody: 1MB\n", []string{`maxBody (line 5): found "1MB", expected a size such as "512KiB", "64MiB" or "2GiB"`}},
		{"size 0", minimal + "maxBody: 0\n", []string{`maxBody (line 5): found "0", expected a size such as "512KiB", "64MiB" or "2GiB"`}},
		{"size past the largest number", minimal + "maxBody: 9223372036854775807GiB\n", []string{`maxBody (line 5): found "9223372036854775807GiB", expected a size such as "512KiB", "64MiB" or "2GiB"`}},
		{"body too small", minimal + "maxBody: 1023\n", []string{`maxBody (line 5): found 1023, expected 1KiB to 256MiB`}},
		{"body too large", minimal + "maxBody: 257MiB\n", []string{`maxBody (line 5): found 257MiB, expected 1KiB to 256MiB`}},
		{"no items", minimal + "maxItems: 0\n", []string{`maxItems (line 5): found 0, expected 1 to 100000`}},
		{"half an item", minimal + "maxItems: 0.5\n", []string{`maxItems (line 5): found "0.5", expected a whole number`}},
		{"cache too small", minimal + "cacheSize: 1KiB\n", []string{`cacheSize (line 5): found 1KiB, expected 1MiB to 1024GiB`}},
		{"certificate without key", minimal + "tls: {cert: c.pem}\n", []string{`tls.key: found nothing, expected the key of tls.cert`}},
		{"key without certificate", minimal + "tls: {key: k.pem}\n", []string{`tls.cert: found nothing, expected the certificate of tls.key`}},
		{"log level", minimal + "log: {level: verbose}\n", []string{`log.level (line 5): found "verbose", expected one of trace, debug, info, warn, error`}},
		{"log format", minimal + "log: {format: xml}\n", []string{`log.format (line 5): found "xml", expected one of json, console`}},

		{"an empty integration", "integrations:\n  -\n", []string{
			`integrations[0].name (line 2): found nothing, expected 1 to 64 letters, digits, dots, dashes or underscores`,
			`integrations[0].path (line 2): found nothing, expected a path that begins with /, such as /contoso`,
			`integrations[0].secrets (line 2): found 0 secrets, expected 1 to 16`,
		}},
		{"too many integrations", "integrations:\n" + strings.Repeat("  - {}\n", 1001), []string{`integrations (line 2): found 1001 integrations, expected at most 1000`}},
		{"name with blanks", minimal + "  - {name: a b, path: /b, secrets: [\"env:B\"]}\n", []string{`integrations[1].name (line 5): found "a b", expected 1 to 64 letters, digits, dots, dashes or underscores`}},
		{"name twice", minimal + "  - {name: Contoso, path: /b, secrets: [\"env:B\"]}\n", []string{`integrations[1].name (line 5): found "Contoso", expected another name than integrations[0] has`}},
		{"path without slash", minimal + "  - {name: b, path: b, secrets: [\"env:B\"]}\n", []string{`integrations[1].path (line 5): found "b", expected a path that begins with /, such as /contoso`}},
		{"path missing, and another", "integrations:\n  - {name: a, secrets: [\"env:A\"]}\n  - {name: b, path: /b, secrets: [\"env:B\"]}\n", []string{`integrations[0].path (line 2): found nothing, expected a path that begins with /, such as /contoso`}},
		{"path twice", minimal + "  - {name: b, path: /contoso/, secrets: [\"env:B\"]}\n", []string{`integrations[1].path (line 5): found "/contoso", expected a path apart from "/contoso" of integrations[0]`}},
		{"path twice but for letter case", minimal + "  - {name: b, path: /Contoso, secrets: [\"env:B\"]}\n", []string{`integrations[1].path (line 5): found "/Contoso", expected a path apart from "/contoso" of integrations[0]`}},
		{"path below another", minimal + "  - {name: b, path: /contoso/b, secrets: [\"env:B\"]}\n", []string{`integrations[1].path (line 5): found "/contoso/b", expected a path apart from "/contoso" of integrations[0]`}},
		{"path above another", minimal + "  - {name: b, path: /, secrets: [\"env:B\"]}\n", []string{`integrations[1].path (line 5): found "/", expected a path apart from "/contoso" of integrations[0]`}},
		{"path that only begins like another", minimal + "  - {name: b, path: /contoso-b, secrets: [\"env:B\"]}\n", nil},
		{"path with version", minimal + "  - {name: b, path: /b/v1, secrets: [\"env:B\"]}\n", []string{`integrations[1].path (line 5): found "/b/v1", expected a path without a version; that is apiVersion`}},
		{"path with bare version", minimal + "  - {name: b, path: /2/b, secrets: [\"env:B\"]}\n", []string{`integrations[1].path (line 5): found "/2/b", expected a path without a version; that is apiVersion`}},
		{"path with a name like a version", minimal + "  - {name: b, path: /v1b, secrets: [\"env:B\"]}\n", nil},
		{"path with parameter", minimal + "  - {name: b, path: \"/:b\", secrets: [\"env:B\"]}\n", []string{`integrations[1].path (line 5): found "/:b", expected letters, digits and . _ ~ - between the slashes`}},
		{"path with double slash", minimal + "  - {name: b, path: /a//b, secrets: [\"env:B\"]}\n", []string{`integrations[1].path (line 5): found "/a//b", expected letters, digits and . _ ~ - between the slashes`}},
		{"path with dots", minimal + "  - {name: b, path: /a/../b, secrets: [\"env:B\"]}\n", []string{`integrations[1].path (line 5): found "/a/../b", expected letters, digits and . _ ~ - between the slashes`}},
		{"version 0", two("    apiVersion: 0\n"), []string{`integrations[1].apiVersion (line 8): found 0, expected 1 to 2147483647`}},
		{"version past Int32", two("    apiVersion: 2147483648\n"), []string{`integrations[1].apiVersion (line 8): found 2147483648, expected 1 to 2147483647`}},
		{"version v1", two("    apiVersion: v1\n"), []string{`integrations[1].apiVersion (line 8): found "v1", expected a whole number`}},
		{"tenant with blank", two("    tenantId: \"a b\"\n"), []string{`integrations[1].tenantId (line 8): found "a b", expected an id without blanks and slashes`}},
		{"integration id with blank", two("    workforceIntegrationId: \"a b\"\n"), []string{`integrations[1].workforceIntegrationId (line 8): found "a b", expected an id without blanks and slashes`}},
		{"team with slash", two("    teams: [a, b/c, \"\"]\n"), []string{
			`integrations[1].teams[1] (line 8): found "b/c", expected an id without blanks and slashes`,
			`integrations[1].teams[2] (line 8): found nothing, expected a team id`,
		}},
		{"no secret", minimal + "  - {name: b, path: /b, secrets: []}\n", []string{`integrations[1].secrets (line 5): found 0 secrets, expected 1 to 16`}},
		{"too many secrets", minimal + "  - {name: b, path: /b, secrets: [" + strings.Repeat("\"env:B\",", 17) + "]}\n", []string{`integrations[1].secrets (line 5): found 17 secrets, expected 1 to 16`}},
		{"the secret of another", minimal + "  - {name: b, path: /b, secrets: [\"env:CONTOSO_SECRET\"]}\n", nil},
		{"a short secret", minimal + "  - {name: b, path: /b, secrets: [\"env:B\", " + testSecret[1:] + "]}\n", []string{`integrations[1].secrets[1] (line 5): found a text of 63 characters, expected 64 ASCII characters, env:NAME or file:PATH`}},
		{"a secret without quotes", minimal + "  - name: b\n    path: /b\n    secrets:\n      - abc: def\n", []string{`integrations[1].secrets[0] (line 8): found a mapping, expected a text (in quotes if it has special characters)`}},
		{"a secret for an id", two("    apiVersion: " + testSecret + "\n"), []string{`integrations[1].apiVersion (line 8): found a text of 64 characters, expected a whole number`}},
		{"a secret for a key", two("    " + testSecret + ": x\n"), []string{`integrations[1] (line 8): found the unknown key a text of 64 characters, expected one of name, path, apiVersion, tenantId, workforceIntegrationId, secrets, teams, mode, passthrough, modes`}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := ParseConfig([]byte(test.document), nil, ConfigFlags{})
			assert.Equal(t, test.want, problems(t, err))
		})
	}
}

func problems(t *testing.T, err error) []string {
	t.Helper()
	if err == nil {
		return nil
	}
	var refused *ConfigError
	require.ErrorAs(t, err, &refused)
	var texts []string
	for _, p := range refused.Problems {
		texts = append(texts, p.String())
	}
	return texts
}

func TestConfigErrorHasALineForEachProblem(t *testing.T) {
	t.Parallel()
	_, err := ParseConfig([]byte(minimal+"deadline: 1h\nmaxItems: -1\n"), nil, ConfigFlags{})
	assert.EqualError(t, err, `configuration refused, 2 problems:
  deadline (line 5): found 1h0m0s, expected 100ms to 30s
  maxItems (line 6): found -1, expected 1 to 100000`)
}

func TestLoadConfig(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "wfi.yaml")
	write := func(text string) {
		t.Helper()
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	}
	certFile, keyFile := writeCertificate(t, dir, "first")

	write(minimal + "tls: {cert: " + certFile + ", key: " + keyFile + "}\n")
	config, err := LoadConfig(ConfigFlags{Config: file}, []string{"CONTOSO_SECRET=" + testSecret})
	require.NoError(t, err)
	assert.Equal(t, "contoso", config.Integrations[0].Name)

	config, err = LoadConfig(ConfigFlags{}, []string{"CONTOSO_SECRET=" + testSecret, "WFI_CONFIG=" + file})
	require.NoError(t, err)
	assert.Equal(t, certFile, config.TLS.Cert)

	// What the files hold is checked in the same go as what the settings say.
	write(minimal + "tls: {cert: " + certFile + ", key: " + certFile + "}\ndeadline: 1h\n")
	_, err = LoadConfig(ConfigFlags{Config: file}, []string{"CONTOSO_SECRET=" + testSecret[1:]})
	found := problems(t, err)
	require.Len(t, found, 3)
	assert.Equal(t, "deadline (line 6): found 1h0m0s, expected 100ms to 30s", found[0])
	assert.Equal(t, "integrations[0].secrets[0] (line 4): found a text of 63 characters at env:CONTOSO_SECRET, expected a secret of 64 ASCII characters", found[1])
	assert.Regexp(t, `^tls: found .*first\.crt with .*, expected a certificate and its key in PEM$`, found[2])

	// A secret that is none keeps its place in the list.
	write(strings.Replace(minimal, "[", "["+testSecret[1:]+", ", 1))
	_, err = LoadConfig(ConfigFlags{Config: file}, nil)
	assert.Equal(t, []string{
		"integrations[0].secrets[0] (line 4): found a text of 63 characters, expected 64 ASCII characters, env:NAME or file:PATH",
		"integrations[0].secrets[1] (line 4): found nothing at env:CONTOSO_SECRET, expected a secret of 64 ASCII characters",
	}, problems(t, err))

	_, err = LoadConfig(ConfigFlags{Config: filepath.Join(dir, "missing.yaml")}, nil)
	assert.EqualError(t, err, "read configuration "+filepath.Join(dir, "missing.yaml")+": no such file or directory")

	write("#" + strings.Repeat(" ", maxConfigFile))
	_, err = LoadConfig(ConfigFlags{Config: file}, nil)
	assert.EqualError(t, err, "read configuration "+file+": more than 1048576 bytes")
}

func TestConfigNeverPrintsSecrets(t *testing.T) {
	t.Parallel()
	config, err := ParseConfig([]byte(strings.Replace(minimal, "env:CONTOSO_SECRET", testSecret, 1)+"redis: redis://user:hunter2@localhost:6379/0\n"), nil, ConfigFlags{})
	require.NoError(t, err)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		for _, shown := range []string{fmt.Sprintf(verb, config), fmt.Sprintf(verb, &config), fmt.Sprintf(verb, config.Integrations), fmt.Sprintf(verb, config.Redis)} {
			assertNoSecret(t, shown)
			assert.NotContains(t, shown, "hunter2")
		}
	}
	asJSON, err := json.Marshal(config)
	require.NoError(t, err)
	asYAML, err := yaml.Marshal(config)
	require.NoError(t, err)
	for _, shown := range []string{string(asJSON), string(asYAML), config.Effective()} {
		assertNoSecret(t, shown)
		assert.NotContains(t, shown, "hunter2")
		assert.Contains(t, shown, "[redacted]@localhost:6379/0")
	}
}

// Whatever a document looks like, reading it ends well or with problems that
// say something, and a secret in it, wherever it stands, does not show.
func FuzzParseConfig(f *testing.F) {
	const marker = "SECRET"
	f.Add(minimal)
	f.Add(two("    teams: [a, b]\n"))
	for _, place := range []string{"[%s]", "\"%s\"", "'%s", "%s: x", "\n  - %s: x", "|\n  %s\n", "&%s x", "*%s", "!%s x", "[@%s]", "{%s", "env:%s", "%%%s", "\t%s"} {
		f.Add(minimal + "    secrets: " + fmt.Sprintf(place, marker))
		f.Add(minimal + fmt.Sprintf(place, marker))
		f.Add("redis: " + fmt.Sprintf(place, marker))
	}
	f.Fuzz(func(t *testing.T, document string) {
		_, err := ParseConfig([]byte(strings.ReplaceAll(document, marker, testSecret)), nil, ConfigFlags{})
		if err == nil {
			return
		}
		assertNoSecret(t, err.Error())
		var refused *ConfigError
		require.ErrorAs(t, err, &refused)
		require.NotEmpty(t, refused.Problems)
		for _, p := range refused.Problems {
			assert.NotEmpty(t, p.Found)
			assert.NotEmpty(t, p.Expected)
			assert.NotEmpty(t, p.Path+p.Origin)
			assert.NotContains(t, p.String(), "\n")
		}
	})
}

func TestParseConfigModes(t *testing.T) {
	t.Parallel()
	config, err := ParseConfig([]byte(minimal+"    mode: mirror\n    modes: {shift: read-only}\n    passthrough: [mine]\n"),
		[]string{"WFI_INTEGRATIONS_0_MODES_TIME_OFF_REQUEST=two-way"}, ConfigFlags{})
	require.NoError(t, err)
	integration := config.Integrations[0]
	assert.Equal(t, handlers.Mirror, integration.Mode)
	assert.Equal(t, map[string]handlers.Mode{"shift": handlers.ReadOnly, "timeOffRequest": handlers.TwoWay}, integration.Modes)
	assert.Equal(t, []string{"mine"}, integration.Passthrough)
}
