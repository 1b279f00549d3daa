package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/store/graph"
	"example.com/shiftswfi/store/graph/graphtest"
)

// The secret changes while Shifts calls all the time, and it notices nothing.
func TestRotateSecretUnderLoad(t *testing.T) {
	t.Parallel()
	r := newRotating(t, graphtest.Config{ConnectOnUpdate: true})
	require.NoError(t, os.Chmod(r.file, 0o640))
	stop := r.shifts()
	code, stdout, stderr := r.rotate(t.Context())
	stop()
	require.Zero(t, code, stderr)
	secrets := r.secrets()
	require.Len(t, secrets, 1)
	assert.NotEqual(t, testSecret, secrets[0])
	assert.Equal(t, secrets[0], r.graph.Secret(contosoID))
	info, err := os.Stat(r.file)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o640), info.Mode())

	assert.Equal(t, http.StatusOK, r.ask(secrets[0]))
	assert.Equal(t, http.StatusUnauthorized, r.ask(testSecret))
	old, err := newSharedSecret(testSecret)
	require.NoError(t, err)
	next, err := newSharedSecret(secrets[0])
	require.NoError(t, err)
	assert.Equal(t, contosoID+" (Contoso WFM) has a new secret, "+next.fingerprint+" in the metrics of the endpoint. The old one, "+old.fingerprint+", is dropped.\n", stdout)
	metrics := strings.Join(r.server.metrics(), "\n")
	assert.Contains(t, metrics, `wfi_bodies_opened_total{integration="contoso",secret="`+next.fingerprint+`"}`)
	assert.NotContains(t, metrics, old.fingerprint)

	// And again, as JSON.
	stop = r.shifts()
	code, stdout, stderr = r.rotate(t.Context(), "--json")
	stop()
	require.Zero(t, code, stderr)
	last, err := newSharedSecret(r.secrets()[0])
	require.NoError(t, err)
	assert.JSONEq(t, fmt.Sprintf(`{"id":%q,"displayName":"Contoso WFM","file":%q,"secret":%q,"dropped":%q}`,
		contosoID, r.file, last, next), stdout)
}

// Wherever it is interrupted, Shifts' calls are accepted, and the next run goes
// on with the same secret.
func TestRotateSecretInterrupted(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		after string // a line of progress
		says  string
		sent  bool // to Microsoft Graph
	}{
		"the new one is made": {"is beside the old one", "interrupted while waiting for the endpoint to read the new secret; both secrets stay active and no callback is refused; Microsoft Graph has the old one still: run it again to go on\n", false},
		"it is sent":          {"Microsoft Graph has the new secret.", "interrupted while waiting for Shifts to use the new secret; both secrets stay active and no callback is refused; Microsoft Graph has the new one: run it again later", true},
		"Shifts is awaited":   {"for Shifts to call", "interrupted while waiting for Shifts to use the new secret; both", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRotating(t, graphtest.Config{})
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			r.stderr = func(line string) {
				if strings.Contains(line, row.after) {
					cancel()
				}
			}
			code, _, stderr := r.rotate(ctx)
			assert.Equal(t, exitFailure, code)
			assert.Contains(t, stderr, row.says)
			secrets := r.secrets()
			require.Len(t, secrets, 2)
			assert.Equal(t, testSecret, secrets[0])
			current := secrets[0]
			if row.sent {
				current = secrets[1]
			}
			assert.Equal(t, current, r.graph.Secret(contosoID))
			assert.Equal(t, http.StatusOK, r.ask(current))

			r.stderr = nil
			stop := r.shifts()
			code, _, stderr = r.rotate(t.Context())
			stop()
			require.Zero(t, code, stderr)
			assert.Contains(t, stderr, " already: going on with it.\n")
			assert.Equal(t, secrets[1:], r.secrets())
			assert.Equal(t, secrets[1], r.graph.Secret(contosoID))
		})
	}
	t.Run("the old one is out of the file", func(t *testing.T) {
		t.Parallel()
		r := newRotating(t, graphtest.Config{})
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		r.stderr = func(line string) {
			if strings.Contains(line, "The old secret is out of") {
				cancel()
			}
		}
		code, _, stderr := r.rotate(ctx, "--drop-now")
		assert.Equal(t, exitFailure, code)
		assert.Contains(t, stderr, "interrupted while waiting for the endpoint to drop the old secret; the new secret is in force and Microsoft Graph has it, so there is nothing left to run")
		require.Len(t, r.secrets(), 1)
		assert.Equal(t, r.secrets()[0], r.graph.Secret(contosoID))
		assert.Equal(t, http.StatusOK, r.ask(r.secrets()[0]))
	})
}

// Whatever becomes of the PATCH, the secret that Microsoft Graph has is in
// force.
func TestRotateSecretNotSent(t *testing.T) {
	t.Parallel()
	patch := graphtest.Fault{Method: http.MethodPatch}
	fault := func(change func(*graphtest.Fault)) graphtest.Fault {
		f := patch
		change(&f)
		return f
	}
	lost := func(times int) graphtest.Fault {
		return fault(func(f *graphtest.Fault) { f.Done, f.Times = true, times })
	}
	refused := fault(func(f *graphtest.Fault) { f.Status = 403 })
	for name, row := range map[string]struct {
		before   []string // in the file
		faults   []graphtest.Fault
		code     int
		says     string
		secrets  int // in the file
		received bool
	}{
		"refused": {[]string{testSecret}, []graphtest.Fault{refused}, exitFailure,
			"answered 403 Forbidden", 1, false},
		"refused in a later run": {[]string{testSecret, otherSecret}, []graphtest.Fault{refused, refused}, exitFailure,
			"both secrets stay active and no callback is refused, whichever of them Microsoft Graph has: run it again to go on", 2, false},
		"one answer lost":  {[]string{testSecret}, []graphtest.Fault{lost(1)}, exitSuccess, "Microsoft Graph has the new secret.\n", 1, true},
		"all answers lost": {[]string{testSecret}, []graphtest.Fault{lost(10)}, exitFailure, "whichever of them Microsoft Graph has", 2, true},
		"an answer lost, and then refused": {[]string{testSecret}, []graphtest.Fault{lost(1), refused}, exitFailure,
			"whichever of them Microsoft Graph has", 2, true},
		"busy for a while": {[]string{testSecret}, []graphtest.Fault{fault(func(f *graphtest.Fault) { f.Status, f.Times = 503, 3 })}, exitSuccess,
			"Microsoft Graph has the new secret.\n", 1, true},
		"failing": {[]string{testSecret}, []graphtest.Fault{fault(func(f *graphtest.Fault) { f.Status, f.Times = 500, 10 })}, exitFailure,
			"both secrets stay active", 2, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRotating(t, graphtest.Config{})
			r.write(row.before...)
			for _, fault := range row.faults {
				r.graph.Inject(fault)
			}
			stop := r.shifts()
			code, _, stderr := r.rotate(t.Context())
			stop()
			assert.Equal(t, row.code, code, stderr)
			assert.Contains(t, stderr, row.says)
			secrets := r.secrets()
			require.Len(t, secrets, row.secrets)
			if row.received {
				assert.Equal(t, secrets[len(secrets)-1], r.graph.Secret(contosoID))
			} else {
				assert.Equal(t, testSecret, r.graph.Secret(contosoID))
				assert.Equal(t, testSecret, secrets[0])
			}
			if name == "refused" {
				assert.Contains(t, stderr, "nothing has changed: the old secret is in force, and the new one is taken out again; grant the app")
			}
			if row.secrets == 2 {
				// When Graph works again, the same secret is sent.
				for range 20 { // what is left of the faults
					_ = r.changeNothing()
				}
				stop := r.shifts()
				code, _, stderr := r.rotate(t.Context())
				stop()
				require.Zero(t, code, stderr)
				assert.Equal(t, secrets[1:], r.secrets())
			}
		})
	}
}

// Without a callback nothing shows that Shifts has the new secret: both stay.
func TestRotateSecretWithoutTraffic(t *testing.T) {
	t.Parallel()
	r := newRotating(t, graphtest.Config{})
	secrets := r.begun()
	code, stdout, stderr := r.rotate(t.Context(), "--wait", "1s")
	assert.Equal(t, exitFailure, code)
	assert.Empty(t, stdout)
	assert.Contains(t, stderr, "Waiting up to 1s for Shifts to call under the new secret: make any change in Shifts")
	assert.Contains(t, stderr, "no callback has come under the new secret within 1s: perhaps nobody has changed anything in Shifts; both secrets stay active and no callback is refused; Microsoft Graph has the new one: run it again later to go on, or with --drop-now to drop the old one at once\n")
	assert.Equal(t, secrets, r.secrets())
	assert.Equal(t, http.StatusOK, r.ask(secrets[0]))
	assert.Equal(t, http.StatusOK, r.ask(secrets[1]))

	code, _, stderr = r.rotate(t.Context(), "--wait", "10s", "--quiet", "9s", "--drop-now")
	require.Zero(t, code, stderr)
	assert.NotContains(t, stderr, "for Shifts to call")
	assert.Equal(t, secrets[1:], r.secrets())
	assert.Equal(t, http.StatusUnauthorized, r.ask(secrets[0]))
}

// All endpoints have the new secret before Microsoft Graph gets it, and it is
// enough that one is called under it.
func TestRotateSecretOfTwoEndpoints(t *testing.T) {
	t.Parallel()
	r := newRotating(t, graphtest.Config{})
	copied := filepath.Join(t.TempDir(), "copy")
	require.NoError(t, os.WriteFile(copied, []byte(testSecret), 0o600))
	other := serve(t, settings(withSecretFile(copied)))

	r.begun()
	code, _, stderr := r.rotate(t.Context(), "--admin", other.admin, "--wait", "1s")
	assert.Equal(t, exitFailure, code)
	assert.Contains(t, stderr, "the endpoint at http://"+other.admin+": has not read the new secret yet")
	assert.Contains(t, stderr, "Microsoft Graph has the old one still: run it again to go on\n")
	assert.Equal(t, testSecret, r.graph.Secret(contosoID))

	// Now the copy follows, as if something brought it to another machine.
	r.stderr = func(string) {
		data, err := os.ReadFile(r.file)
		assert.NoError(t, err)
		assert.NoError(t, os.WriteFile(copied, data, 0o600))
	}
	stop := r.shifts()
	code, _, stderr = r.rotate(t.Context(), "--admin", other.admin)
	stop()
	require.Zero(t, code, stderr)
	status, _ := other.send(readPath, testSecret, batchOf("/x"))
	assert.Equal(t, http.StatusUnauthorized, status)
	status, _ = other.send(readPath, r.secrets()[0], batchOf("/x"))
	assert.Equal(t, http.StatusOK, status)
}

// What stands in the way is said before anything is changed.
func TestRotateSecretRefused(t *testing.T) {
	t.Parallel()
	inFile := func(r *rotating) string { return settings(withSecretFile(r.file)) }
	for name, row := range map[string]struct {
		prepare func(r *rotating)
		config  func(r *rotating) string
		args    []string
		code    int
		says    string
	}{
		"inline": {config: func(r *rotating) string { return strings.Replace(inFile(r), "file:"+r.file, testSecret, 1) },
			says: `has [redacted] for its secrets, and a command can change only those of one file: write the secret that is in use into a file that nobody but the endpoint can read, configure secrets: ["file:PATH"]`},
		"a variable":            {config: func(*rotating) string { return settings(contoso) }, args: []string{"--name", "contoso"}, says: `has env:CONTOSO_SECRET for its secrets`},
		"another one beside it": {config: func(r *rotating) string { return strings.Replace(inFile(r), `"]`, `", "env:OTHER_SECRET"]`, 1) }, says: "env:OTHER_SECRET for its secrets"},
		"a file of two integrations": {config: func(r *rotating) string {
			more, _ := strings.CutPrefix(withSecretFile(r.file), "\nintegrations:\n")
			return inFile(r) + strings.NewReplacer("name: contoso", "name: fabrikam", "path: /contoso", "path: /fabrikam").Replace(more)
		}, args: []string{"--name", "contoso"}, says: "the integrations contoso and fabrikam of "},
		"no such name":     {args: []string{"--name", "fabrikam"}, code: exitMisuse, says: "which integration of "},
		"another id":       {args: []string{"WFI_2"}, code: exitMisuse, says: "Of contoso, 0 fit"},
		"three secrets":    {prepare: func(r *rotating) { r.write(testSecret, otherSecret, randomSecret()) }, says: "has 3 secrets, and only two can be told apart into an old and a new one: leave the one that Shifts uses"},
		"one secret twice": {prepare: func(r *rotating) { r.write(testSecret, testSecret) }, says: "has the same secret twice"},
		"open to everybody": {prepare: func(r *rotating) { require.NoError(r.t, os.Chmod(r.file, 0o604)) },
			says: "can be read or changed by every user of this machine"},
		"another run": {prepare: func(r *rotating) {
			f, err := openSecretFile(r.file)
			require.NoError(r.t, err)
			release, err := f.lock()
			require.NoError(r.t, err)
			r.t.Cleanup(release)
		}, says: "another rotation of the secret file "},
		"another endpoint's": {prepare: func(r *rotating) { r.config = configFile(r.t, settings(withSecretFile(r.file+"2"))) },
			config: func(r *rotating) string {
				require.NoError(r.t, os.WriteFile(r.file+"2", []byte(otherSecret), 0o600))
				return settings(withSecretFile(r.file + "2"))
			}, says: "has not the secret in force that "},
		"no endpoint":       {args: []string{"--admin", "127.0.0.1:1"}, says: "the endpoint at http://127.0.0.1:1 does not tell which secrets it has: "},
		"no integration":    {prepare: func(r *rotating) { r.does("integration", "delete", contosoID, "-y") }, says: "answered 404 Not Found"},
		"not active":        {prepare: func(r *rotating) { r.succeeds("integration", "update", contosoID, "--no-active") }, says: "is not active, so Shifts sends nothing"},
		"quiet for longer":  {args: []string{"--quiet", "1h"}, code: exitMisuse, says: "--quiet: expected less than --wait"},
		"a dry run":         {args: []string{"--dry-run"}, code: -1},
		"a dry run as JSON": {args: []string{"--dry-run", "--json"}, code: -1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRotating(t, graphtest.Config{})
			if row.prepare != nil {
				row.prepare(r)
			}
			if row.config != nil {
				r.config = configFile(t, row.config(r))
			}
			before, err := os.ReadFile(r.file)
			require.NoError(t, err)
			sent := len(r.changes())
			var out, errs bytes.Buffer
			p := &process{stdin: strings.NewReader(""), stdout: &out, stderr: &errs, environ: r.environ, graph: graph.Config{Credential: r.credential}}
			code := run(t.Context(), p, append([]string{"integration", "rotate-secret", "--graph", r.graph.URL, "--config", r.config, "--admin", r.server.admin}, row.args...))
			if row.code == 0 {
				row.code = exitFailure
			}
			assert.Equal(t, max(row.code, 0), code, errs.String())
			assert.Contains(t, errs.String(), row.says)
			assertDiscreet(t, out.String()+errs.String())
			after, err := os.ReadFile(r.file)
			require.NoError(t, err)
			assert.Equal(t, string(before), string(after))
			assert.Len(t, r.changes(), sent)
			if row.code < 0 {
				assert.Contains(t, out.String(), "/v1.0/teamwork/workforceIntegrations/"+contosoID)
				assert.Contains(t, out.String(), `"secret": "********"`)
			}
		})
	}
}

// Without a configuration the file and the id say it all.
func TestRotateSecretOfAFile(t *testing.T) {
	t.Parallel()
	r := newRotating(t, graphtest.Config{})
	r.config = ""
	stop := r.shifts()
	code, _, stderr := r.rotate(t.Context(), contosoID, "--file", r.file)
	stop()
	require.Zero(t, code, stderr)
	require.Len(t, r.secrets(), 1)
	assert.Equal(t, r.secrets()[0], r.graph.Secret(contosoID))
	assert.NotEqual(t, testSecret, r.secrets()[0])

	for says, args := range map[string][]string{
		"where is the secret? Give --config, or --file": {contosoID},
		"which workforce integration? Give its id":      {"--file", r.file},
		"--file: expected either it or a configuration": {contosoID, "--file", r.file, "--name", "contoso"},
	} {
		code, _, stderr := r.rotate(t.Context(), args...)
		assert.Equal(t, exitMisuse, code)
		assert.Contains(t, stderr, says)
	}
}
