package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"

	"example.com/shiftswfi/store/graph"
)

// graphFlags say which Microsoft Graph a command calls, and as whom. Every
// command that calls it embeds them, with the tag group:"Microsoft Graph:", and
// gets its client from them. What the client reports can be returned as it is,
// or wrapped: run tells it with [graph.Advice] behind it, and exits with 1.
type graphFlags struct {
	Graph graphURL `name:"graph" placeholder:"URL" help:"The Microsoft Graph of a national cloud, such as https://graph.microsoft.us (default: the global one)."`
	credentialFlags
}

// client makes the client that the flags and the environment describe. It
// connects to nothing: a credential that is not accepted shows with the first
// call.
func (f graphFlags) client(p *process) (*graph.Client, error) {
	config := p.graph
	config.BaseURL = string(f.Graph)
	if config.Credential == nil {
		credential, err := f.credential(p, f.Graph.host())
		if err != nil {
			return nil, err
		}
		config.Credential = credential
	}
	if f.Auth == authDeviceCode {
		// A try includes getting the token, and a code that a person types in
		// elsewhere is good for 15 minutes.
		config.Retry.TryTimeout = 20 * time.Minute
	}
	return graph.New(config)
}

// changeFlags are those of commands that change something in Microsoft Graph.
type changeFlags struct {
	DryRun bool `help:"Print the request instead of sending it, with its secret masked. Nothing is changed."`
	JSON   bool `name:"json" help:"Print JSON."`
}

// plannedRequest is a request to Microsoft Graph that --dry-run prints instead
// of sending it.
type plannedRequest struct {
	Method string          `json:"method"`
	URL    string          `json:"url"`
	Body   json.RawMessage `json:"body,omitempty"` // its secret masked
}

// planned describes a request to v1.0; the body's secret must be masked.
func (f graphFlags) planned(method string, body []byte, path ...string) plannedRequest {
	for i := range path {
		path[i] = url.PathEscape(path[i])
	}
	address := cmp.Or(strings.TrimRight(string(f.Graph), "/"), graph.DefaultBaseURL) + "/v1.0/" + strings.Join(path, "/")
	return plannedRequest{Method: method, URL: address, Body: body}
}

// print prints the request: as JSON, or for people with its body below it.
func (r plannedRequest) print(w io.Writer, asJSON bool) error {
	if asJSON {
		return printJSON(w, r)
	}
	var body bytes.Buffer
	if r.Body != nil {
		if err := json.Indent(&body, r.Body, "", "  "); err != nil {
			return err
		}
		body.WriteByte('\n')
	}
	_, err := fmt.Fprintf(w, "%s %s\n%s", r.Method, r.URL, &body)
	return err
}

// graphURL is the base URL of a Microsoft Graph; empty: the global one.
type graphURL string

// UnmarshalText refuses what no client can be made for.
func (u *graphURL) UnmarshalText(text []byte) error {
	var none struct{ azcore.TokenCredential }
	if _, err := graph.New(graph.Config{BaseURL: string(text), Credential: none}); err != nil {
		return err
	}
	*u = graphURL(text)
	return nil
}

func (u graphURL) host() string {
	parsed, err := url.Parse(string(u))
	if err != nil {
		return ""
	}
	return strings.ToLower(parsed.Hostname())
}

// standIn tells that this is no Microsoft Graph but something on this machine
// that plays its part, as in a rehearsal: whatever has no TLS.
func (f graphFlags) standIn() bool { return strings.HasPrefix(string(f.Graph), "http:") }

// oneLine makes a text from Microsoft Graph fit for a line on a terminal.
func oneLine(text string) string { return strings.Join(strings.Fields(printable(text)), " ") }
