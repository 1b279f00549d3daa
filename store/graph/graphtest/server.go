// Package graphtest stands in for Microsoft Graph in tests: a [Server] keeps
// workforce integrations, teams and their schedules in memory and behaves as
// Graph is documented to, and has been seen to, with its quirks.
//
// It shares no code with the client, so that a mistake cannot cancel itself
// out.
package graphtest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// Token is the access token that a Server accepts.
const Token = "graphtest-access-token"

// Config says how a Server behaves. The zero value is a Graph at its best.
type Config struct {
	// Scopes are the permissions that the token carries; nil: all.
	Scopes []string

	// PageSize is how many items a page of a list has; 0: 100.
	PageSize int

	// DropEligibilityInV1 makes v1.0 neither store nor show
	// eligibilityFilteringEnabledEntities; beta does both.
	DropEligibilityInV1 bool

	// Connect plays the call to /connect of an endpoint, when an integration
	// is created; its error makes Graph refuse. Nil: every endpoint is fine.
	Connect func(ctx context.Context, url string, apiVersion int, secret string) error

	// ConnectOnUpdate calls Connect, too, when the url, the version or the
	// secret changes. Whether Graph does is documented nowhere.
	ConnectOnUpdate bool

	// CreateStatus answers a successful creation; 0: 201. One of Microsoft's
	// examples prints 200.
	CreateStatus int

	// PutStatus answers a successful PUT of a schedule: 200 with the schedule
	// (0 stands for it), or 204 without.
	PutStatus int

	// Provision is asked at every PUT of a schedule: how many reads will find
	// it running, and the code that it fails with after those, "" if it does
	// not. Nil: it is completed at once.
	Provision func(team string) (reads int, code string)
}

// Fault is an answer that a call gets instead of its own.
type Fault struct {
	Method string // "": any
	Path   string // a part of the path; "": any
	Times  int    // how many calls; 0: one

	Status     int    // 0: the connection is closed without an answer
	RetryAfter string // the header of that name; "": none
	Code       string // "": as usual for the status
	Message    string

	// Done lets the call have its effect first: only the answer is lost.
	Done bool
}

// Request is a call that was received.
type Request struct {
	Method string
	Path   string
	Query  url.Values
	Prefer string // the header
	Body   string // with secrets masked
}

// Server is a Graph of one tenant. Its methods may be called at any time, also
// while it serves.
type Server struct {
	// URL is its base URL, without a version.
	URL string

	t          testing.TB
	config     Config
	operations *http.ServeMux

	mu           sync.Mutex
	scopes       []string
	secrets      []string // all that were ever sent
	integrations []*Integration
	created      int
	teams        []*team
	faults       []Fault
	requests     []Request
}

// New starts a Server that ends with the test. A request with a secret in its
// URL fails the test.
func New(t testing.TB, config Config) *Server {
	s := &Server{t: t, config: config, scopes: config.Scopes}
	s.operations = s.newOperations()
	server := httptest.NewServer(s)
	// net/http repeats a call by itself if it breaks off on a used connection.
	server.Config.SetKeepAlivesEnabled(false)
	t.Cleanup(server.Close)
	s.URL = server.URL
	return s
}

// Credential gives the Server's token, or fails with Err. The zero value
// works.
type Credential struct {
	Token string // "": Token
	Err   error
}

// GetToken implements [azcore.TokenCredential].
func (c Credential) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	if c.Err != nil {
		return azcore.AccessToken{}, c.Err
	}
	token := c.Token
	if token == "" {
		token = Token
	}
	return azcore.AccessToken{Token: token, ExpiresOn: time.Now().Add(time.Hour)}, nil
}

// Inject adds a fault. Of several that fit a call the first counts.
func (s *Server) Inject(fault Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fault.Times = max(fault.Times, 1)
	s.faults = append(s.faults, fault)
}

// SetScopes changes what the token permits; nil: everything.
func (s *Server) SetScopes(scopes ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.scopes = scopes
}

// Requests are the calls received so far, those that met a fault included.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// ServeHTTP implements [http.Handler].
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err != nil {
		s.t.Errorf("graphtest: reading a request: %v", err)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	fault := s.received(r, body)
	if fault == nil {
		s.operations.ServeHTTP(w, r)
		return
	}
	if fault.Done {
		s.operations.ServeHTTP(httptest.NewRecorder(), r)
	}
	if fault.Status == 0 {
		panic(http.ErrAbortHandler)
	}
	if fault.RetryAfter != "" {
		w.Header().Set("Retry-After", fault.RetryAfter)
	}
	code := fault.Code
	if code == "" {
		code = strings.ReplaceAll(http.StatusText(fault.Status), " ", "")
	}
	s.write(w, r, refuse(fault.Status, code, fault.Message))
}

// received notes a request and finds its fault.
func (s *Server) received(r *http.Request, body []byte) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	var sent struct{ Encryption struct{ Secret string } }
	_ = json.Unmarshal(body, &sent) // the operation reports it
	if secret := sent.Encryption.Secret; secret != "" {
		s.secrets = append(s.secrets, secret)
		body = bytes.ReplaceAll(body, []byte(secret), []byte("********"))
	}
	for _, secret := range append([]string{Token}, s.secrets...) {
		if strings.Contains(r.RequestURI, secret) || strings.Contains(r.RequestURI, url.QueryEscape(secret)) {
			s.t.Error("graphtest: a secret stands in the URL of a request")
		}
	}
	s.requests = append(s.requests, Request{
		Method: r.Method, Path: r.URL.Path, Query: r.URL.Query(), Prefer: r.Header.Get("Prefer"), Body: string(body),
	})
	for i := range s.faults {
		fault := &s.faults[i]
		if fault.Times > 0 && (fault.Method == "" || fault.Method == r.Method) && strings.Contains(r.URL.Path, fault.Path) {
			fault.Times--
			return new(*fault)
		}
	}
	return nil
}

// An answer is what goes back to the caller; body nil: none.
type answer struct {
	status int
	body   map[string]any
}

const requestID = "7f0c4e2a-0000-4000-8000-00000000c0de"

// refuse is an answer in the shape of Graph's errors.
func refuse(status int, code, message string) answer {
	inner := map[string]any{"date": "2026-12-01T09:00:00", "request-id": requestID, "client-request-id": requestID}
	return answer{status, map[string]any{"error": map[string]any{"code": code, "message": message, "innerError": inner}}}
}

// refuseNested is an answer as Shifts gives it through Graph: its own error
// stands in the message, as JSON.
func refuseNested(status int, code, message string) answer {
	inner, _ := json.Marshal(refuse(status, code, message).body) // texts only
	return refuse(status, code, string(inner))
}

func (s *Server) write(w http.ResponseWriter, r *http.Request, answer answer) {
	w.Header().Set("request-id", requestID)
	if answer.body == nil {
		w.WriteHeader(answer.status)
		return
	}
	if answer.status < 300 {
		answer.body["@odata.context"] = s.URL + "/" + r.PathValue("version") + "/$metadata"
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(answer.status)
	if err := json.NewEncoder(w).Encode(answer.body); err != nil {
		s.t.Errorf("graphtest: writing an answer: %v", err)
	}
}

// call is a request as the operations see it.
type call struct {
	*http.Request
	body map[string]json.RawMessage
}

func (c call) beta() bool { return c.PathValue("version") == "beta" }

// newOperations are what a Server can do, with the permissions of which the
// token needs one.
func (s *Server) newOperations() *http.ServeMux {
	const (
		integrations = " /{version}/teamwork/workforceIntegrations"
		schedule     = " /{version}/teams/{team}/schedule"
	)
	var (
		readIntegrations  = []string{"WorkforceIntegration.Read.All", "WorkforceIntegration.ReadWrite.All"}
		writeIntegrations = []string{"WorkforceIntegration.ReadWrite.All"}
		readSchedules     = []string{"Schedule.Read.All", "Schedule.ReadWrite.All"}
		writeSchedules    = []string{"Schedule.ReadWrite.All"}
		readTeams         = []string{"Team.ReadBasic.All", "TeamSettings.Read.All", "TeamSettings.ReadWrite.All"}
	)
	mux := http.NewServeMux()
	handle := func(pattern string, permissions []string, operation func(call) answer) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			s.write(w, r, s.answer(r, permissions, operation))
		})
	}
	handle("GET"+integrations, readIntegrations, s.listIntegrations)
	handle("POST"+integrations, writeIntegrations, s.createIntegration)
	handle("GET"+integrations+"/{id}", readIntegrations, s.getIntegration)
	handle("PATCH"+integrations+"/{id}", writeIntegrations, s.updateIntegration)
	handle("DELETE"+integrations+"/{id}", writeIntegrations, s.deleteIntegration)
	handle("GET /{version}/teams", readTeams, s.listTeams)
	handle("GET"+schedule, readSchedules, s.getSchedule)
	handle("PUT"+schedule, writeSchedules, s.putSchedule)
	handle("GET"+schedule+"/{list}", readSchedules, s.listEntities)
	handle("GET"+schedule+"/{list}/{id}", readSchedules, s.getEntity)
	handle("/", nil, func(call) answer {
		return refuse(http.StatusBadRequest, "BadRequest", "Resource not found for the segment.")
	})
	return mux
}

// answer checks the token and what was sent, and does what was asked for.
func (s *Server) answer(r *http.Request, permissions []string, operation func(call) answer) answer {
	if r.Header.Get("Authorization") != "Bearer "+Token {
		return refuse(http.StatusUnauthorized, "InvalidAuthenticationToken", "Access token validation failure. Invalid audience.")
	}
	if version := r.PathValue("version"); version != "" && version != "v1.0" && version != "beta" {
		return refuse(http.StatusBadRequest, "BadRequest", "Invalid version: "+version)
	}
	s.mu.Lock()
	scopes := s.scopes
	s.mu.Unlock()
	granted := func(permission string) bool { return slices.Contains(scopes, permission) }
	if scopes != nil && permissions != nil && !slices.ContainsFunc(permissions, granted) {
		return refuse(http.StatusForbidden, "Forbidden", fmt.Sprintf(
			"Missing role permissions on the request. API requires one of '%s'. Roles on the request '%s'.",
			strings.Join(permissions, ", "), strings.Join(scopes, ", ")))
	}
	call := call{Request: r}
	body, err := io.ReadAll(r.Body)
	if err == nil && len(body) > 0 {
		err = json.Unmarshal(body, &call.body)
	}
	if err != nil || len(body) > 0 && r.Header.Get("Content-Type") != "application/json" {
		return refuse(http.StatusBadRequest, "BadRequest", "Unable to read JSON request payload.")
	}
	return operation(call)
}
