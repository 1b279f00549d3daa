package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseConfigEnvironment(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		document string
		environ  []string
		flags    ConfigFlags
		want     []string // lines of the effective configuration
		problems []string
	}{
		{"the environment wins over the file", minimal + "listen: 127.0.0.1:1\nlog: {level: debug}\n",
			[]string{"WFI_LISTEN=127.0.0.1:2", "WFI_LOG_LEVEL=warn", "WFI_MAX_BODY=4MiB", "WFI_INTEGRATIONS_0_TENANT_ID=t", "WFI_INTEGRATIONS_0_API_VERSION=3"}, ConfigFlags{},
			[]string{
				"listen: 127.0.0.1:2  # WFI_LISTEN",
				"log.level: warn  # WFI_LOG_LEVEL",
				"maxBody: 4MiB  # WFI_MAX_BODY",
				"integrations[0].name: contoso  # line 2",
				"integrations[0].tenantId: t  # WFI_INTEGRATIONS_0_TENANT_ID",
				"integrations[0].apiVersion: 3  # WFI_INTEGRATIONS_0_API_VERSION",
			}, nil},
		{"a flag wins over the environment", minimal,
			[]string{"WFI_LISTEN=127.0.0.1:2", "WFI_ADMIN=127.0.0.1:3"}, ConfigFlags{Listen: "127.0.0.1:4", Redis: "redis://u:hunter2@localhost?password=x"},
			[]string{"listen: 127.0.0.1:4  # --listen", "admin: 127.0.0.1:3  # WFI_ADMIN", "redis: redis://[redacted]@localhost?[redacted]  # --redis"}, nil},
		{"an empty variable is not set", minimal + "listen: 127.0.0.1:1\n", []string{"WFI_LISTEN=", "WFI_INTEGRATIONS_1_NAME="}, ConfigFlags{},
			[]string{"listen: 127.0.0.1:1  # line 5"}, nil},
		{"the last of two counts", minimal, []string{"WFI_LISTEN=127.0.0.1:1", "WFI_LISTEN=127.0.0.1:2"}, ConfigFlags{},
			[]string{"listen: 127.0.0.1:2  # WFI_LISTEN"}, nil},
		{"everything from the environment", "",
			[]string{
				"WFI_INTEGRATIONS_0_NAME=contoso", "WFI_INTEGRATIONS_0_PATH=/contoso", "WFI_INTEGRATIONS_0_WORKFORCE_INTEGRATION_ID=WFI_1",
				"WFI_INTEGRATIONS_0_SECRETS=env:A\nfile:b, c\n" + testSecret + "\n", "WFI_INTEGRATIONS_0_TEAMS=t-1, t-2\nt-3",
				"WFI_INTEGRATIONS_1_NAME=fabrikam", "WFI_INTEGRATIONS_1_PATH=/fabrikam", "WFI_INTEGRATIONS_1_SECRETS=env:B",
				"WFI_TLS_CERT=c.pem", "WFI_TLS_KEY=k.pem",
			}, ConfigFlags{},
			[]string{
				"integrations[0].path: /contoso  # WFI_INTEGRATIONS_0_PATH",
				"integrations[0].apiVersion: 1  # default",
				"integrations[0].workforceIntegrationId: WFI_1  # WFI_INTEGRATIONS_0_WORKFORCE_INTEGRATION_ID",
				"integrations[0].secrets[0]: env:A  # WFI_INTEGRATIONS_0_SECRETS",
				"integrations[0].secrets[1]: file:b, c  # WFI_INTEGRATIONS_0_SECRETS",
				"integrations[0].secrets[2]: [redacted]  # WFI_INTEGRATIONS_0_SECRETS",
				"integrations[0].teams[0]: t-1  # WFI_INTEGRATIONS_0_TEAMS",
				"integrations[0].teams[2]: t-3  # WFI_INTEGRATIONS_0_TEAMS",
				"integrations[1].name: fabrikam  # WFI_INTEGRATIONS_1_NAME",
				"tls.key: k.pem  # WFI_TLS_KEY",
			}, nil},
		{"a list is replaced", minimal, []string{"WFI_INTEGRATIONS_0_SECRETS=env:B"}, ConfigFlags{},
			[]string{"integrations[0].secrets[0]: env:B  # WFI_INTEGRATIONS_0_SECRETS"}, nil},
		{"one after the file's", minimal, []string{"WFI_INTEGRATIONS_1_NAME=b", "WFI_INTEGRATIONS_1_PATH=/b", "WFI_INTEGRATIONS_1_SECRETS=env:B"}, ConfigFlags{},
			[]string{"integrations[1].name: b  # WFI_INTEGRATIONS_1_NAME"}, nil},
		{"a gap", minimal, []string{"WFI_INTEGRATIONS_2_NAME=b"}, ConfigFlags{}, nil,
			[]string{"integrations (WFI_INTEGRATIONS_2_NAME): found a variable for no setting, expected one such as WFI_INTEGRATIONS_0_TENANT_ID, and no gap between the indexes"}},
		{"a misspelt variable", minimal, []string{"WFI_INTEGRATIONS_0_TENANTID=t"}, ConfigFlags{}, nil,
			[]string{"integrations (WFI_INTEGRATIONS_0_TENANTID): found a variable for no setting, expected one such as WFI_INTEGRATIONS_0_TENANT_ID, and no gap between the indexes"}},
		{"broken values", minimal, []string{"WFI_DEADLINE=soon", "WFI_INTEGRATIONS_0_SECRETS=env:A\n" + testSecret[1:]}, ConfigFlags{Listen: "here"}, nil,
			[]string{
				`deadline (WFI_DEADLINE): found "soon", expected a duration such as "10s" or "500ms"`,
				"integrations[0].secrets[1] (WFI_INTEGRATIONS_0_SECRETS): found a text of 63 characters, expected 64 ASCII characters, env:NAME or file:PATH",
				`listen (--listen): found "here", expected HOST:PORT, such as 127.0.0.1:8080`,
			}},
		{"missing parts", minimal, []string{"WFI_INTEGRATIONS_1_NAME=b"}, ConfigFlags{}, nil,
			[]string{
				"integrations[1].path (WFI_INTEGRATIONS_1_NAME): found nothing, expected a path that begins with /, such as /contoso",
				"integrations[1].secrets (WFI_INTEGRATIONS_1_NAME): found 0 secrets, expected 1 to 16",
			}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			config, err := ParseConfig([]byte(test.document), test.environ, test.flags)
			assert.Equal(t, test.problems, problems(t, err))
			for _, line := range test.want {
				assert.Contains(t, strings.Split(config.Effective(), "\n"), line)
			}
		})
	}
}

func TestParseConfigIgnoredVariables(t *testing.T) {
	t.Parallel()
	environ := []string{"WFI_PORT=tcp://10.0.0.1:80", "WFI_LISTN=x", "WFI_SECRET=" + testSecret, "WFI_CONFIG=wfi.yaml", "PATH=/bin"}
	config, err := ParseConfig([]byte(minimal), environ, ConfigFlags{})
	require.NoError(t, err)
	assert.Equal(t, []string{"WFI_LISTN", "WFI_PORT"}, config.Ignored)
}

// Every setting can come from the environment, under a name of its own.
func TestVariableNames(t *testing.T) {
	t.Parallel()
	config := defaultConfig()
	config.Integrations = []Integration{{}}
	seen := make(map[string]string)
	for _, s := range config.settings() {
		name := variableName(s.path)
		assert.Regexp(t, `^WFI_[A-Z]+(_[A-Z0-9]+)*$`, name)
		assert.Empty(t, seen[name], "%s is taken by %s", name, seen[name])
		seen[name] = s.path
	}
	assert.Equal(t, "integrations[0].workforceIntegrationId", seen["WFI_INTEGRATIONS_0_WORKFORCE_INTEGRATION_ID"])
}
