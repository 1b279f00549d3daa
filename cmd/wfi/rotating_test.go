package main

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/store/graph"
	"example.com/shiftswfi/store/graph/graphtest"
)

// A rotating is an endpoint that is registered, with its secret in a file.
type rotating struct {
	*administrator
	server *server
	config string // the path of its configuration; empty: rotate names none
	file   string
	stderr func(line string) // is told what a rotation says, meanwhile; may be nil
}

// withSecretFile is contoso with its secret in a file.
func withSecretFile(path string) string {
	config := strings.Replace(contoso, "env:CONTOSO_SECRET", "file:"+path, 1)
	return strings.Replace(config, "WFI_5b2c8a10-7d3e-4f61-9a0b-3c2d1e0f4a5b", contosoID, 1)
}

func newRotating(t *testing.T, config graphtest.Config) *rotating {
	t.Helper()
	r := &rotating{administrator: administrate(t, config), file: filepath.Join(t.TempDir(), "contoso.secret")}
	r.write(testSecret)
	r.config = configFile(t, settings(withSecretFile(r.file)))
	r.server = serve(t, settings(withSecretFile(r.file)), "--load", teamFile)
	r.succeeds("integration", "create", "--config", r.config, "--name", "Contoso WFM", "--entities", "shift",
		"--url", "http://"+r.server.listen+"/contoso")
	return r
}

func (r *rotating) write(secrets ...string) {
	r.t.Helper()
	require.NoError(r.t, os.WriteFile(r.file, []byte(strings.Join(secrets, "\n")+"\n"), 0o600))
}

// secrets are those in the file.
func (r *rotating) secrets() []string {
	r.t.Helper()
	f, err := openSecretFile(r.file)
	require.NoError(r.t, err)
	return f.secrets
}

// Write implements io.Writer for what a rotation says.
func (r *rotating) Write(text []byte) (int, error) {
	if r.stderr != nil {
		r.stderr(string(text))
	}
	return len(text), nil
}

// rotate runs the command. Whatever it and the endpoint say has no secret.
func (r *rotating) rotate(ctx context.Context, more ...string) (code int, stdout, stderr string) {
	r.t.Helper()
	var out, errs bytes.Buffer
	p := &process{stdin: strings.NewReader(""), stdout: &out, stderr: teed{&errs, r}, environ: r.environ,
		graph: graph.Config{Credential: r.credential, Retry: policy.RetryOptions{RetryDelay: -1}}}
	before := r.secrets()
	args := []string{"integration", "rotate-secret", "--graph", r.graph.URL, "--admin", r.server.admin,
		"--every", "5ms", "--quiet", "20ms", "--wait", "25s"}
	if r.config != "" {
		args = append(args, "--config", r.config)
	}
	code = run(ctx, p, append(args, more...))
	_, metrics := r.server.ask("/metrics")
	for _, text := range []string{out.String(), errs.String(), metrics, r.server.logged()} {
		assertDiscreet(r.t, text)
		for _, secret := range append(before, append(r.secrets(), r.graph.Secret(contosoID))...) {
			assert.NotContains(r.t, text, secret[:secretLength/2])
			assert.NotContains(r.t, text, secret[secretLength/2:])
		}
	}
	return code, out.String(), errs.String()
}

type teed struct {
	*bytes.Buffer
	also *rotating
}

func (w teed) Write(text []byte) (int, error) {
	w.Buffer.Write(text)
	return w.also.Write(text)
}

// begun is a rotation that was interrupted when the endpoint had the new secret
// in force. It gives the secrets.
func (r *rotating) begun() []string {
	r.t.Helper()
	before := r.server.lines()
	secrets := []string{testSecret, randomSecret()}
	r.write(secrets...)
	r.server.awaitAfter(before, "changed files are in force")
	return secrets
}

// ask sends a sealed read, and gives the status.
func (r *rotating) ask(secret string) int {
	r.t.Helper()
	status, _ := r.server.send(readPath, secret, batchOf(swapURL(adeleShift)))
	return status
}

// shifts plays Shifts until the function that it returns is called: it sends
// reads all the time, under the secret that Microsoft Graph has. After a change
// it goes on with the old one for a while; no call under the new one is made
// before the last under the old one is answered. Nothing may be refused.
func (r *rotating) shifts() (stop func()) {
	const callers, late = 4, 5
	ctx, cancel := context.WithCancel(r.t.Context())
	var running, lagging sync.WaitGroup
	running.Add(callers)
	lagging.Add(callers)
	began := r.graph.Secret(contosoID)
	for range callers {
		go func() {
			defer running.Done()
			changed := false
			defer func() {
				if !changed {
					lagging.Done()
				}
			}()
			for ctx.Err() == nil {
				secret := r.graph.Secret(contosoID)
				if secret != began && !changed {
					for range late {
						assert.Equal(r.t, http.StatusOK, r.ask(began), "under the old secret")
					}
					changed = true
					lagging.Done()
					lagging.Wait()
				}
				assert.Equal(r.t, http.StatusOK, r.ask(secret))
			}
		}()
	}
	return func() { cancel(); running.Wait() }
}

// changeNothing is a PATCH.
func (r *rotating) changeNothing() error {
	client, err := graph.New(graph.Config{BaseURL: r.graph.URL, Credential: r.credential, Retry: policy.RetryOptions{MaxRetries: -1}})
	if err != nil {
		return err
	}
	return client.UpdateIntegration(r.t.Context(), contosoID, graph.IntegrationChange{DisplayName: new("Contoso WFM")})
}

// does is succeeds for a command that may say something on standard error.
func (r *rotating) does(args ...string) {
	r.t.Helper()
	code, _, stderr := r.wfi(args...)
	require.Zero(r.t, code, stderr)
}
