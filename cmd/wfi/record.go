package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"example.com/shiftswfi/batch/recording"
)

// recordCmd is wfi record.
type recordCmd struct {
	Listen       string      `default:"127.0.0.1:8081" placeholder:"ADDRESS" help:"Where Shifts calls (default ${default})."`
	To           string      `required:"" placeholder:"URL" help:"Where the endpoint is: everything passes on to it, under the same path."`
	Secret       []SecretRef `sep:"none" placeholder:"REF" help:"The secret of the integration: the 64 characters themselves, env:NAME or file:PATH. Repeat it for several; any of them opens. Without it the variable WFI_SECRET counts, in the same forms."`
	Dir          string      `default:"recording" placeholder:"FOLDER" help:"Where the recording goes (default ${default})."`
	TeamFile     []string    `sep:"none" placeholder:"FILE" help:"A team file, as it is before the recording, to be kept with it under the same pseudonyms. Repeat it for several."`
	Key          string      `placeholder:"FILE" help:"Keep the key of the pseudonyms in this file, so that the recording can be continued. With it and a list of the possible ids, pseudonyms can be undone: keep it away from the recording."`
	NoPseudonyms bool        `help:"Write ids, names and texts as they are."`
	Limit        Size        `default:"2MiB" placeholder:"SIZE" help:"Largest body that is recorded; larger ones pass (default ${default})."`
	TLSCert      string      `name:"tls-cert" placeholder:"FILE" help:"Certificate to listen with, in PEM."`
	TLSKey       string      `name:"tls-key" placeholder:"FILE" help:"Its key, in PEM."`
}

// Help is shown by wfi record --help.
func (recordCmd) Help() string {
	return `Sits between Shifts and an endpoint. What passes is sealed and stays so, byte for byte; each exchange goes, opened, to a file of its own, until the command is interrupted.

Ids, names and texts are replaced by pseudonyms, the same ones all through the recording; times, numbers, states and error codes stay. Nobody can undo the pseudonyms, since their key goes with the process (unless --key keeps it). To replay such a recording, load the endpoint with the team file that --team-file has put under the same pseudonyms, in the folder team of the recording.

Examples:

    wfi record --to http://127.0.0.1:8080 --secret env:CONTOSO_SECRET --dir recording

    wfi export $TEAM > team.json
    wfi record --to http://127.0.0.1:8080 --team-file team.json --dir recording
    wfi serve --config wfi.yaml --load recording/team/team.json --now 2026-12-01T12:00:00Z
    wfi replay recording --url http://127.0.0.1:8080/contoso --keep-times`
}

// Validate checks what the parser cannot.
func (c *recordCmd) Validate() error {
	switch {
	case (c.TLSCert == "") != (c.TLSKey == ""):
		return errors.New("--tls-cert and --tls-key go together")
	case c.NoPseudonyms && c.Key != "":
		return errors.New("--key is for pseudonyms, and --no-pseudonyms wants none")
	case c.To == "":
		return nil // the parser reports it
	}
	if err := checkURL(c.To); err != nil {
		return fmt.Errorf("--to: %w", err)
	}
	return nil
}

func checkURL(text string) error {
	address, err := url.Parse(text)
	if err != nil || address.Scheme != "http" && address.Scheme != "https" || address.Host == "" || address.RawQuery != "" {
		return errors.New("expected http://HOST/PATH or https://HOST/PATH")
	}
	return nil
}

// Run records until ctx is done.
func (c *recordCmd) Run(ctx context.Context, p *process) error {
	target, err := url.Parse(c.To)
	if err != nil {
		return err
	}
	keys, err := p.keys(c.Secret)
	if err != nil {
		return err
	}
	pseudonyms, err := c.prepare(p)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("listen for Shifts: %w; another process may have the port: choose another with --listen", err)
	}
	defer listener.Close()
	var recorded, failed atomic.Int64
	recorder, err := recording.NewRecorder(recording.RecorderConfig{
		Target: target, Keys: keys, Dir: c.Dir, Pseudonyms: pseudonyms, MaxBody: int64(c.Limit),
		Recorded: func(name string, e *recording.Exchange) {
			recorded.Add(1)
			fmt.Fprintf(p.stdout, "%s  %s\n", name, printable(recordedLine(e)))
		},
		Failed: func(err error) {
			if failed.Add(1) == 1 { // the others come with the sum
				fmt.Fprintf(p.stderr, "wfi record: %v; the traffic passes\n", err)
			}
		},
	})
	if err != nil {
		return err
	}
	scheme := "http"
	if c.TLSCert != "" {
		scheme = "https"
	}
	fmt.Fprintf(p.stdout, "Recording to %s. Call %s://%s in the place of %s. Ctrl-C ends it.\n", c.Dir, scheme, listener.Addr(), c.To)
	err = c.serve(ctx, newServer(recorder), listener)
	recorder.Close()
	fmt.Fprintf(p.stdout, "%d exchanges recorded in %s\n", recorded.Load(), c.Dir)
	if n := failed.Load(); n > 0 {
		err = errors.Join(err, fmt.Errorf("%d exchanges passed without being recorded", n))
	}
	return err
}

func recordedLine(e *recording.Exchange) string {
	line := e.About
	if e.Status != 0 { // else Skip says that there was no answer
		line += fmt.Sprintf(" (HTTP %d)", e.Status)
	}
	if e.Skip != "" {
		line += ": " + e.Skip
	}
	return line
}

// prepare makes the folder and puts the team files there.
func (c *recordCmd) prepare(p *process) (*recording.Pseudonyms, error) {
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return nil, err
	}
	pseudonyms, err := c.pseudonyms(p)
	if err != nil {
		return nil, err
	}
	for _, file := range c.TeamFile {
		data, err := readFile(file, maxTeamFile)
		if err == nil && pseudonyms != nil {
			data, err = pseudonyms.Document(data)
		}
		if err != nil {
			return nil, fmt.Errorf("read team file %s: %w", file, err)
		}
		folder := filepath.Join(c.Dir, "team")
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return nil, err
		}
		if err := os.WriteFile(filepath.Join(folder, filepath.Base(file)), data, 0o600); err != nil {
			return nil, err
		}
	}
	return pseudonyms, nil
}

// pseudonyms are nil where none are wanted.
func (c *recordCmd) pseudonyms(p *process) (*recording.Pseudonyms, error) {
	switch {
	case c.NoPseudonyms:
		fmt.Fprintln(p.stderr, "wfi record: ids, names and texts are written as they are: keep the recording as safe as the schedule itself")
		return nil, nil
	case c.Key != "":
		return recording.OpenPseudonyms(c.Key)
	}
	files, err := filepath.Glob(filepath.Join(c.Dir, "*.json"))
	if err != nil || len(files) > 0 {
		return nil, fmt.Errorf("%s has a recording, and the key of its pseudonyms is gone: choose another --dir; a recording that was begun with --key can be continued", c.Dir)
	}
	return recording.NewPseudonyms(), nil
}

// serve passes calls on until ctx is done, and then lets those that have begun
// finish.
func (c *recordCmd) serve(ctx context.Context, server *http.Server, listener net.Listener) error {
	failed := make(chan error, 1)
	go func() {
		if c.TLSCert == "" {
			failed <- server.Serve(listener)
			return
		}
		certificate, err := NewCertificate(c.TLSCert, c.TLSKey)
		if err != nil {
			failed <- err
			return
		}
		server.TLSConfig = certificate.TLSConfig()
		failed <- server.ServeTLS(listener, "", "")
	}()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 15*time.Second)
	defer cancel()
	if err := server.Shutdown(grace); err != nil {
		return fmt.Errorf("some calls were not answered in time: %w", err)
	}
	return nil
}
