// Package handlers answers the callbacks of Microsoft Shifts over HTTP: it
// opens the sealed body, has every item of the batch decided, and encodes the
// answers. New makes the public endpoint, NewAdmin the one for the people who
// run it.
//
// Two tables say what is served: the routes below, and the kinds of items in
// read.go and update.go. Two more say how it is answered: errors to HTTP status in error.go,
// codes to item status in outcome.go.
package handlers

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/rs/zerolog"

	"example.com/shiftswfi/batch/envelope"
	"example.com/shiftswfi/eligibility"
)

// Teams keeps the teams. An error that is eligibility.ErrTeamNotFound means
// that there is no such team; every other, that the store could not do it now.
// All methods return soon after ctx ends.
type Teams interface {
	// Team returns one consistent state.
	Team(ctx context.Context, id string) (*eligibility.Team, error)

	// Update shows decide the latest state of a team and stores the changes and
	// the record that it returns, all of it in one step or nothing. If the team
	// has changed in between, decide is asked again on the new state. An error
	// of decide is returned as it is, and nothing is stored then.
	Update(ctx context.Context, id string, decide Decide) error

	// TeamIDs lists the teams there are, in no order.
	TeamIDs(ctx context.Context) ([]string, error)
}

// Decide gives the changes to a team and a record of the decision, either of
// which may be empty. It does nothing else, since it may be called again.
type Decide = func(*eligibility.Team) (changes []eligibility.Change, record []byte, err error)

// An Integration is one workforce integration as it was registered in
// Microsoft Graph. Several are told apart by their Path.
type Integration struct {
	Name                   string // for logs and metrics
	Path                   string // of the registered url, without a slash at its end; "" or "/" is the root
	APIVersion             int    // as registered; it stands in every callback's path
	TenantID               string // "" lets /connect take every tenant
	WorkforceIntegrationID string
	Keys                   func() []*envelope.Key // those that open a body now; safe for concurrent use
	Teams                  []string               // ids of the teams it serves; empty: all
	Mode                   Mode                   // how changes are treated
	Modes                  map[string]Mode        // of single Entities; the others have Mode
	Passthrough            []string               // values of X-MS-WFMPassthrough beside WorkforceIntegrationID
}

func (i *Integration) serves(team string) bool {
	if len(i.Teams) == 0 {
		return true
	}
	for _, id := range i.Teams {
		if id == team {
			return true
		}
	}
	return false
}

// Config is what New needs beside the teams. Zero values of the limits stand
// for their defaults.
type Config struct {
	Integrations []*Integration
	Log          zerolog.Logger
	Metrics      *Metrics         // nil: none are kept
	Now          func() time.Time // nil: time.Now
	Deadline     time.Duration    // for deciding an item, counted from its callback; default 10 s
	MaxBody      int64            // bytes of a sealed body; default 1 MiB
	MaxItems     int              // of one batch; default 500
	// Plain lets callers on the same machine send JSON that is not sealed, to
	// try the endpoint with curl. Never for one that Shifts calls.
	Plain bool
}

func (c Config) withDefaults() Config {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Deadline == 0 {
		c.Deadline = 10 * time.Second
	}
	if c.MaxBody == 0 {
		c.MaxBody = 1 << 20
	}
	if c.MaxItems == 0 {
		c.MaxItems = 500
	}
	return c
}

type server struct {
	Config
	teams Teams
}

// routes lists what is served below the path of an integration. Beside the
// documented paths there are the variants that the Graph reference prints: the
// version without its v, and "team" for "teams".
func (s *server) routes() []route {
	return []route{
		{"/:version/connect", "connect", s.connect},
		{"/:version/teams/:team/read", "read", s.read},
		{"/:version/team/:team/read", "read", s.read},
		{"/:version/teams/:team/update", "update", s.updateTeam},
		{"/:version/team/:team/update", "update", s.updateTeam},
		{"/:version/users/:user/update", "update", s.updateUser},
		{"/:version/user/:user/update", "update", s.updateUser},
	}
}

type route struct {
	path     string
	endpoint string                          // its name in logs and metrics
	handle   func(*callback) ([]byte, error) // nil: an empty answer
}

// New makes the endpoint that Shifts calls.
func New(teams Teams, config Config) http.Handler {
	s := &server{Config: config.withDefaults(), teams: teams}
	s.Metrics.follow(s.Integrations)
	e := echo.New()
	e.HTTPErrorHandler = respondError
	e.Pre(singleSlashes)
	for _, integration := range s.Integrations {
		group := e.Group(strings.TrimSuffix(integration.Path, "/"))
		for _, route := range s.routes() {
			group.POST(route.path, s.callback(integration, route))
		}
	}
	return e
}

// singleSlashes takes out doubled and trailing slashes: whether Shifts joins
// the registered url, which may end with a slash, by one slash or two is not
// documented.
func singleSlashes(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		u := c.Request().URL
		u.Path, u.RawPath = withSingleSlashes(u.Path), withSingleSlashes(u.RawPath)
		return next(c)
	}
}

func withSingleSlashes(path string) string {
	for strings.Contains(path, "//") {
		path = strings.ReplaceAll(path, "//", "/")
	}
	if len(path) > 1 {
		path = strings.TrimSuffix(path, "/")
	}
	return path
}
