package main

import (
	"fmt"
	"net/http"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// startDemo runs serve --demo and returns what it tells the user to try, once
// it has.
func startDemo(t *testing.T) (s *server, commands []string) {
	t.Helper()
	s = start(t, "serve", "--demo", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0")
	require.Eventually(t, func() bool { return strings.Contains(s.stdout.String(), "Ctrl-C ends the demo.\n") },
		s.client.Timeout, 1e6, s.logged())
	said := s.stdout.String()
	for _, paragraph := range strings.Split(said, "\n\n") {
		if strings.HasPrefix(paragraph, "    ") {
			commands = append(commands, paragraph)
		}
	}
	require.Len(t, commands, 3, said)
	s.listen = regexp.MustCompile(`http://(\S+?)/demo/`).FindStringSubmatch(said)[1]
	s.admin = regexp.MustCompile(`http://(\S+?)/metrics`).FindStringSubmatch(said)[1]
	return s, commands
}

// A user who pastes the printed commands into a shell gets answers.
func TestDemoCommands(t *testing.T) {
	t.Parallel()
	s, commands := startDemo(t)
	shell := func(text string) string {
		c := exec.Command("sh", "-ec", text)
		c.Env = command(t, nil).Env
		c.Dir = t.TempDir()
		output, err := c.CombinedOutput()
		require.NoError(t, err, "%s\n%s", text, output)
		return string(output)
	}
	curl, send, explain := commands[0], commands[1], commands[2]
	parts := regexp.MustCompile(`^    curl -sd '(.*)' \\\n      (\S+)$`).FindStringSubmatch(curl)
	require.NotEmpty(t, parts, curl)
	response, err := s.client.Post(parts[2], "application/x-www-form-urlencoded", strings.NewReader(parts[1])) // as curl does
	require.NoError(t, err)
	status, plain := drain(t, response)
	require.Equal(t, http.StatusOK, status)
	answer := answersIn(t, plain, 1)[0]
	require.Equal(t, 200, answer.Status)
	require.Contains(t, answer.Body.Data, "SHFT_emil_05")
	asked := 2 // by this test and by send
	if _, err := exec.LookPath("curl"); err == nil {
		asked++
		assert.Equal(t, plain, shell(curl))
	}

	var sent strings.Builder
	fmt.Fprintf(&sent, "HTTP 200 OK\n1  200  %d found\n", len(answer.Body.Data))
	for _, id := range answer.Body.Data {
		fmt.Fprintf(&sent, "    %s\n", id)
	}
	assert.Equal(t, sent.String(), shell(send), "sealed or not, the answer is the same")

	table := shell(explain)
	assert.Contains(t, table, fmt.Sprintf("\n%d of ", len(answer.Body.Data)))
	assert.Equal(t, len(answer.Body.Data), strings.Count(table, "  eligible\n"))
	for _, id := range answer.Body.Data {
		assert.Regexp(t, `(?m)^`+id+` .*  eligible$`, table)
	}
	assert.Regexp(t, `(?m)^SHFT_bianca_09 .*  .*not-tied-up`, table)

	assert.Contains(t, s.metrics(), fmt.Sprintf(`wfi_items_total{code="OK",integration="demo",kind="swap"} %d`, asked))
	alive, _ := s.ask("/healthz")
	assert.Equal(t, http.StatusOK, alive)
}

// Only who asks this machine by its own name may leave the seal off: a page in
// a browser, whose host name leads here, may not.
func TestDemoTakesPlainJSONFromThisMachineOnly(t *testing.T) {
	t.Parallel()
	s, _ := startDemo(t)
	for host, want := range map[string]int{"": 200, "localhost:8080": 200, "attacker.example": 401, "127.0.0.1.attacker.example": 401} {
		request, err := http.NewRequest(http.MethodPost, "http://"+s.listen+"/demo/v1/teams/demo/read", strings.NewReader(batchOf(swapURL("SHFT_adele_05"))))
		require.NoError(t, err)
		request.Host = host
		response, err := s.client.Do(request)
		require.NoError(t, err)
		status, _ := drain(t, response)
		assert.Equal(t, want, status, host)
	}
	status, _ := s.post("/demo/v1/teams/demo/read", seal(t, testSecret, batchOf(swapURL("SHFT_adele_05"))))
	assert.Equal(t, http.StatusUnauthorized, status, "a secret that is not the demo's")
}

// Two demos at once: the second one's store has another address.
func TestDemoTwice(t *testing.T) {
	t.Parallel()
	_, first := startDemo(t)
	_, second := startDemo(t)
	address := func(explain string) string {
		return regexp.MustCompile(`--redis (redis://\S+)`).FindStringSubmatch(explain)[1]
	}
	assert.NotEqual(t, address(first[2]), address(second[2]))
	for _, explain := range []string{first[2], second[2]} {
		code, stdout, stderr := wfi(t, "explain", "swap", "SHFT_adele_05", "--team", demoTeamID, "--redis", address(explain))
		assert.Zero(t, code, stderr)
		assert.Contains(t, stdout, "eligible")
	}
}
