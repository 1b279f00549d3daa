package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/store/redistest"
)

// A half is a callback of which the server has the headers and not yet the
// whole body.
type half struct {
	body   io.WriteCloser
	answer chan string // status and body, or the error
}

// begin begins a callback, and returns when the server asks for its body: from
// then on the callback has begun for the server, too.
func begin(t *testing.T, s *server) *half {
	t.Helper()
	read, write := io.Pipe()
	h := &half{body: write, answer: make(chan string, 1)}
	asked := make(chan struct{})
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{Got100Continue: func() { close(asked) }})
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+s.listen+readPath, read)
	require.NoError(t, err)
	request.Header.Set("Expect", "100-continue")
	client := &http.Client{Transport: &http.Transport{ExpectContinueTimeout: s.client.Timeout}, Timeout: s.client.Timeout}
	go func() {
		response, err := client.Do(request)
		if err != nil {
			h.answer <- err.Error()
			return
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		h.answer <- fmt.Sprint(response.StatusCode, " ", string(body), " ", err)
	}()
	receive(t, asked)
	return h
}

func (h *half) finish(t *testing.T) {
	t.Helper()
	_, err := h.body.Write(seal(t, testSecret, batchOf(swapURL(adeleShift))))
	require.NoError(t, err)
	require.NoError(t, h.body.Close())
}

// What has begun when the process is told to end is still answered.
func TestServeFinishesWhatHasBegun(t *testing.T) {
	t.Parallel()
	t.Run("a body on its way", func(t *testing.T) {
		t.Parallel()
		s := serve(t, settings(contoso), "--load", teamFile)
		callback := begin(t, s)
		s.terminate()
		s.await("stopping: what has begun is still answered")
		s.awaitClosed()
		callback.finish(t)
		assert.Regexp(t, `^200 \{"responses":.*SHFT_a0000006-0000-4000-8000-000000000006.*<nil>$`, receive(t, callback.answer))
		assert.Zero(t, s.code())
	})
	t.Run("waiting for Redis", func(t *testing.T) {
		t.Parallel()
		redis := redistest.Server(t)
		s := serve(t, settings("redis: "+redis.URL()+contoso), "--load", teamFile)
		require.Len(t, s.read(swapURL(adeleShift))[0].Body.Data, 5)
		redis.Pause(t)
		callback := begin(t, s)
		callback.finish(t)
		s.terminate()
		s.await("stopping: what has begun is still answered")
		s.awaitClosed()
		redis.Resume(t)
		assert.Regexp(t, `^200 \{"responses":.*SHFT_a0000006-0000-4000-8000-000000000006.*<nil>$`, receive(t, callback.answer))
		assert.Zero(t, s.code())
	})
	t.Run("longer than the grace", func(t *testing.T) {
		t.Parallel()
		s := serve(t, settings("shutdownGrace: 100ms"+contoso), "--load", teamFile)
		begin(t, s)
		s.terminate()
		assert.Equal(t, exitFailure, s.code())
		assert.Contains(t, s.logged(), "wfi serve: some callbacks were not answered within the shutdown grace")
	})
}

// awaitClosed returns when nobody listens any more.
func (s *server) awaitClosed() {
	s.t.Helper()
	require.Eventually(s.t, func() bool {
		connection, err := net.Dial("tcp", s.listen)
		if err == nil {
			connection.Close()
		}
		return err != nil
	}, s.client.Timeout, 1e6)
}
