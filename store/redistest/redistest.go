// Package redistest runs real Redis servers for tests: one server, one watched
// by a Sentinel, or a cluster of three nodes. They listen on free ports of the
// loopback interface, keep their files in the test's own folder and end with
// the test.
//
// Without redis-server on the PATH a test is skipped, with a line that says
// how to install it; where WFI_REQUIRE_REDIS=1 is set, it fails.
package redistest

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

const startTimeout = 20 * time.Second

// durable settings keep what was acknowledged over a crash.
var durable = []string{"--appendonly", "yes", "--appendfsync", "always", "--save", ""}

// An Instance is one redis-server process.
type Instance struct {
	Addr string // host:port

	binary  string
	dir     string
	args    []string
	process *exec.Cmd
}

// Server starts a server with an append-only file. Further settings are given
// as on its command line, such as "--maxmemory", "10mb".
func Server(t testing.TB, settings ...string) *Instance {
	t.Helper()
	return newInstance(t, append(slices.Clone(durable), settings...)...)
}

// URL is the URL of the server on its own.
func (i *Instance) URL() string { return "redis://" + i.Addr + "/0" }

// Client connects to the server, past whatever the test is about.
func (i *Instance) Client(t testing.TB) *redis.Client {
	client := redis.NewClient(&redis.Options{Addr: i.Addr})
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// Kill ends the process at once, as a crash would.
func (i *Instance) Kill(t testing.TB) {
	t.Helper()
	if err := i.process.Process.Kill(); err != nil {
		t.Fatalf("kill redis-server: %v", err)
	}
	_ = i.process.Wait()
}

// Pause stops the process where it is: connections stay open and nothing is
// answered.
func (i *Instance) Pause(t testing.TB) {
	t.Helper()
	i.signal(t, syscall.SIGSTOP)
}

// Resume ends a Pause.
func (i *Instance) Resume(t testing.TB) {
	t.Helper()
	i.signal(t, syscall.SIGCONT)
}

func (i *Instance) signal(t testing.TB, signal syscall.Signal) {
	t.Helper()
	if err := i.process.Process.Signal(signal); err != nil {
		t.Fatalf("signal redis-server: %v", err)
	}
}

// Restart starts the server again after Kill, at its old address and with the
// data that it has kept, and returns once it serves.
func (i *Instance) Restart(t testing.TB) {
	t.Helper()
	if err := i.start(); err != nil {
		t.Fatal(err)
	}
}

func newInstance(t testing.TB, args ...string) *Instance {
	t.Helper()
	i := &Instance{binary: lookUp(t), dir: t.TempDir()}
	t.Cleanup(func() {
		if i.process != nil && i.process.Process != nil {
			_ = i.process.Process.Kill()
			_ = i.process.Wait()
		}
	})
	// A free port may be taken before the server has it.
	var err error
	for range 5 {
		i.Addr = freeAddr(t)
		_, port, _ := net.SplitHostPort(i.Addr)
		i.args = append(slices.Clone(args), "--bind", "127.0.0.1", "--port", port, "--dir", i.dir)
		if err = i.start(); err == nil {
			return i
		}
	}
	t.Fatal(err)
	return nil
}

func lookUp(t testing.TB) string {
	t.Helper()
	binary, err := exec.LookPath("redis-server")
	if err != nil {
		const message = "redis-server is not installed; on Debian or Ubuntu: apt-get install redis-server"
		if required, _ := strconv.ParseBool(os.Getenv("WFI_REQUIRE_REDIS")); required {
			t.Fatal(message)
		}
		t.Skip(message)
	}
	return binary
}

func freeAddr(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// start returns once the server logs that it serves, or has ended.
func (i *Instance) start() error {
	i.process = exec.Command(i.binary, i.args...)
	endWithTest(i.process)
	output, err := i.process.StdoutPipe()
	if err != nil {
		return err
	}
	if err := i.process.Start(); err != nil {
		return err
	}
	var log strings.Builder
	failed := make(chan error, 1)
	go func() {
		serves := false
		for lines := bufio.NewScanner(output); lines.Scan(); {
			if serves {
				continue // only to keep the pipe empty
			}
			fmt.Fprintln(&log, lines.Text())
			// "Ready to accept connections", "Running mode=sentinel, port=…"
			if strings.Contains(lines.Text(), "Ready to accept") || strings.Contains(lines.Text(), "mode=sentinel, port=") {
				serves = true
				failed <- nil
			}
		}
		if !serves {
			failed <- fmt.Errorf("redis-server has ended:\n%s", log.String())
		}
	}()
	select {
	case err = <-failed:
	case <-time.After(startTimeout):
		err = fmt.Errorf("redis-server does not serve after %s", startTimeout)
	}
	if err != nil {
		_ = i.process.Process.Kill()
		_ = i.process.Wait()
	}
	return err
}

// A Watched server is a master with a Sentinel.
type Watched struct {
	Master, Sentinel *Instance
}

const masterName = "schedules"

// Sentinel starts a server and a Sentinel that watches it.
func Sentinel(t testing.TB) *Watched {
	t.Helper()
	master := Server(t)
	host, port, _ := net.SplitHostPort(master.Addr)
	config := filepath.Join(t.TempDir(), "sentinel.conf")
	monitor := fmt.Sprintf("sentinel monitor %s %s %s 1\n", masterName, host, port)
	if err := os.WriteFile(config, []byte(monitor), 0o600); err != nil {
		t.Fatal(err)
	}
	return &Watched{Master: master, Sentinel: newInstance(t, config, "--sentinel")}
}

// URL is the URL of the set-up.
func (w *Watched) URL() string {
	return fmt.Sprintf("redis+sentinel://%s/0?master_name=%s", w.Sentinel.Addr, masterName)
}

func ctxFor(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	t.Cleanup(cancel)
	return ctx
}
