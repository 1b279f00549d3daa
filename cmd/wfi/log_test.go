package main

import (
	"bufio"
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/handlers"
	"example.com/shiftswfi/store/redistest"
)

const (
	updatePath = "/contoso/v1/teams/" + storyTeam + "/update"
	refusedOne = `{"requests":[{"id":"1","method":"POST","url":"/openshiftrequests/SREQ_1","headers":{"X-MS-Transaction-ID":"7"},"body":{` +
		`"state":"Pending","senderUserId":"0a9c7f1e-55d2-4a43-8d2e-7c6d1b2a3f02","openShiftId":"OPNSHFT_b0000002-0000-4000-8000-000000000002"}}]}`
	approvedOne = `{"requests":[{"id":"2","method":"DELETE","url":"/shifts/` + adeleShift + `"}]}`
)

func TestLog(t *testing.T) {
	t.Parallel()
	url := redistest.Server(t).URL()
	s := serve(t, settings("redis: "+url+contoso), "--load", teamFile)
	for _, batch := range []string{refusedOne, approvedOne} {
		status, _ := s.send(updatePath, testSecret, batch)
		require.Equal(t, http.StatusOK, status)
	}

	code, stdout, stderr := wfi(t, "log", storyTeam, "--redis", url)
	require.Zero(t, code, stderr)
	assert.Equal(t, `2026-12-01T12:00:00Z  refused  transaction 7
   POST openShiftRequest SREQ_1 pending of 0a9c7f1e-55d2-4a43-8d2e-7c6d1b2a3f02 - Qualified (qualified)
2026-12-01T12:00:00Z  approved
   DELETE shift `+adeleShift+` of 4fbc12d7-1234-46ef-8a90-bc123d45678f
`, stdout)

	code, stdout, stderr = wfi(t, "log", storyTeam, "--redis", url, "--json", "-n", "1")
	require.Zero(t, code, stderr)
	var record handlers.DecisionRecord
	require.NoError(t, json.Unmarshal([]byte(stdout), &record))
	assert.True(t, record.Approved)
	assert.Equal(t, "shift", record.Items[0].Entity)

	code, stdout, _ = wfi(t, "log", "no-such-team", "--redis", url)
	assert.Zero(t, code)
	assert.Empty(t, stdout)
}

// --follow prints what is decided after it was started.
func TestLogFollows(t *testing.T) {
	t.Parallel()
	url := redistest.Server(t).URL()
	s := serve(t, settings("redis: "+url+contoso), "--load", teamFile)
	status, _ := s.send(updatePath, testSecret, refusedOne)
	require.Equal(t, http.StatusOK, status)

	command := command(t, nil, "log", storyTeam, "--redis", url, "--follow", "--json")
	stdout, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	lines := make(chan string)
	go func() {
		defer close(lines)
		for scanner := bufio.NewScanner(stdout); scanner.Scan(); {
			lines <- scanner.Text()
		}
	}()
	next := func() string {
		select {
		case line := <-lines:
			return line
		case <-time.After(30 * time.Second):
			t.Fatal("nothing was printed")
			return ""
		}
	}
	assert.Contains(t, next(), "SREQ_1")
	status, _ = s.send(updatePath, testSecret, approvedOne)
	require.Equal(t, http.StatusOK, status)
	assert.Contains(t, next(), adeleShift)
	require.NoError(t, command.Process.Signal(os.Interrupt))
	for line := range lines {
		assert.Empty(t, strings.TrimSpace(line))
	}
	assert.NoError(t, command.Wait(), "an interrupt is how it ends")
}
