package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/rs/zerolog"

	"example.com/shiftswfi/eligibility"
	"example.com/shiftswfi/handlers"
	"example.com/shiftswfi/store"
)

// serveCmd is wfi serve.
type serveCmd struct {
	ConfigFlags
	Load []string `sep:"none" placeholder:"FILE" help:"A team file to load before serving. Repeat it for several."`
	Now  string   `placeholder:"TIME" help:"Freeze the clock, to replay recorded batches."`
	Demo bool     `help:"Serve a made-up team on loopback, without any configuration, and take plain JSON too."`
}

// Help is shown by wfi serve --help.
func (serveCmd) Help() string {
	return `Serves the callbacks of Shifts until it is interrupted; what has begun then is still answered. Every setting of the configuration file can also come from the environment: WFI_LISTEN, WFI_INTEGRATIONS_0_PATH and so on.

Examples:

    wfi serve --demo

    wfi serve --config wfi.yaml

    wfi serve --config wfi.yaml --load team.json --now 2026-12-01T12:00:00Z`
}

// Run serves until ctx is done.
func (c *serveCmd) Run(ctx context.Context, p *process) error {
	s, err := c.prepare(ctx, p)
	if err != nil {
		return err
	}
	defer s.store.Close()
	return s.run(ctx)
}

// A service is everything that serve has built, ready to run.
type service struct {
	config  Config
	log     zerolog.Logger
	store   *store.Redis
	watch   *Watch
	pull    *pullService // nil: nothing is pulled
	public  *http.Server
	admin   *http.Server
	tls     *Certificate // nil: plain HTTP
	started func()       // called when both listeners are open
}

// prepare reads and checks everything before anything is served.
func (c *serveCmd) prepare(ctx context.Context, p *process) (*service, error) {
	config, err := c.config(p)
	if err != nil {
		return nil, err
	}
	clock := time.Now
	if c.Now != "" {
		frozen, err := timeFlag("--now", c.Now)
		if err != nil {
			return nil, err
		}
		clock = func() time.Time { return frozen }
	}
	teams, err := readTeamFiles(c.Load)
	if err != nil {
		return nil, err
	}
	s := &service{config: config, log: newLogger(p.stderr, config), started: func() {}}
	for _, name := range config.Ignored {
		s.log.Warn().Str("variable", name).Msg("this variable sets nothing")
	}
	if c.Demo {
		team, err := demoTeam(clock())
		if err != nil {
			return nil, err
		}
		teams = append(teams, team)
		s.started = func() { printDemo(p.stdout, s, team) }
	}
	integrations, sources, err := c.integrations(p, config)
	if err != nil {
		return nil, err
	}
	if config.TLS.Cert != "" {
		if s.tls, err = NewCertificate(config.TLS.Cert, config.TLS.Key); err != nil {
			return nil, err
		}
		sources = append(sources, s.tls)
	}
	if s.watch, err = NewWatch(s.reloaded, sources...); err != nil {
		return nil, err
	}
	if err := s.openStore(ctx, teams, c.Demo); err != nil {
		return nil, err
	}
	if s.pull, err = newPullService(config, p, s.store, s.log, clock); err != nil {
		s.store.Close()
		return nil, err
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	registerStore(registry, s.store)
	s.public = newServer(handlers.New(s.store, handlers.Config{
		Integrations: integrations, Log: s.log, Metrics: handlers.NewMetrics(registry), Now: clock,
		Deadline: config.Deadline, MaxBody: int64(config.MaxBody), MaxItems: config.MaxItems, Plain: c.Demo,
	}))
	s.admin = newServer(handlers.NewAdmin(s.store.Ping, registry))
	return s, nil
}

// config is the configuration of the flags, or that of the demo.
func (c *serveCmd) config(p *process) (Config, error) {
	if !c.Demo {
		return LoadConfig(c.ConfigFlags, p.environ)
	}
	if c.Config != "" || c.Redis != "" {
		return Config{}, misuse{errors.New("--demo needs no configuration and has a store of its own")}
	}
	config := defaultConfig()
	config.Listen = cmp.Or(c.Listen, config.Listen)
	config.Admin = cmp.Or(c.Admin, config.Admin)
	config.Log.Format = "console"
	secret, err := ParseSecretRef(demoSecret)
	if err != nil {
		return Config{}, err
	}
	config.Integrations = []Integration{{Name: "demo", Path: demoPath, APIVersion: 1, Secrets: []SecretRef{secret}}}
	for _, address := range []string{config.Listen, config.Admin} {
		if host, _, err := net.SplitHostPort(address); err != nil || !isLoopback(host) {
			return Config{}, misuse{fmt.Errorf("--demo has a public secret and listens on loopback only, not on %s", address)}
		}
	}
	return config, nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// integrations resolves the secrets, and gives what has to be watched for
// changes.
func (c *serveCmd) integrations(p *process, config Config) ([]*handlers.Integration, []Source, error) {
	var (
		served  []*handlers.Integration
		sources []Source
	)
	for _, i := range config.Integrations {
		keys, err := NewKeySet(i.Name, i.Secrets, p.environ)
		if err != nil {
			return nil, nil, err
		}
		sources = append(sources, keys)
		served = append(served, &handlers.Integration{
			Name: i.Name, Path: i.Path, APIVersion: i.APIVersion, TenantID: i.TenantID,
			WorkforceIntegrationID: i.WorkforceIntegrationID, Keys: keys.Keys, Teams: i.Teams,
			Mode: i.Mode, Modes: i.Modes, Passthrough: i.Passthrough,
		})
	}
	return served, sources, nil
}

func (s *service) openStore(ctx context.Context, teams []*eligibility.Team, demo bool) error {
	config := store.Config{URL: string(s.config.Redis), CacheBytes: int64(s.config.CacheSize)}
	var err error
	switch {
	case demo:
		// Other commands should see the demo's store, too.
		if s.store, err = store.OpenEmbeddedAt(demoRedis, config); err != nil {
			s.store, err = store.OpenEmbeddedAt("127.0.0.1:0", config)
		}
	case config.URL == "":
		s.store = store.OpenEmbedded(config)
	default:
		s.store, err = store.Open(config)
	}
	if err != nil {
		return err
	}
	if config.URL == "" {
		s.log.Warn().Msg("no Redis is configured: the teams are kept in this process and are gone when it ends")
	}
	for _, team := range teams {
		if err := s.store.Import(ctx, team); err != nil {
			s.store.Close()
			return fmt.Errorf("load team %s: %w", team.ID, err)
		}
		s.log.Info().Str("team", team.ID).Int("entities", len(team.File().Entities)).Msg("team loaded")
		for _, warning := range team.Warnings() {
			s.log.Warn().Str("team", team.ID).Str("path", warning.Path).Msg(warning.Message)
		}
	}
	return nil
}

func (s *service) reloaded(source string, err error) {
	if err != nil {
		s.log.Error().Str("source", source).AnErr("error", err).Msg("changed files cannot be used, the old ones stay in force")
		return
	}
	s.log.Info().Str("source", source).Msg("changed files are in force")
}

// newServer bounds how long a client may take over each part of a call.
func newServer(handler http.Handler) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          log.New(io.Discard, "", 0), // of port scanners, and it would name their addresses
	}
}

// run serves until ctx is done or a server fails, then lets what has begun
// finish.
func (s *service) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	public, err := net.Listen("tcp", s.config.Listen)
	if err != nil {
		return fmt.Errorf("listen for Shifts: %w; another process may have the port: choose another with --listen", err)
	}
	admin, err := net.Listen("tcp", s.config.Admin)
	if err != nil {
		public.Close()
		return fmt.Errorf("listen for health and metrics: %w; another process may have the port: choose another with --admin", err)
	}
	go s.watch.Run(ctx)
	failed := make(chan error, 2)
	go func() { failed <- s.admin.Serve(admin) }()
	go func() {
		if s.tls != nil {
			s.public.TLSConfig = s.tls.TLSConfig()
			failed <- s.public.ServeTLS(public, "", "")
			return
		}
		failed <- s.public.Serve(public)
	}()
	s.config.Listen, s.config.Admin = public.Addr().String(), admin.Addr().String()
	s.log.Info().Str("listen", s.config.Listen).Str("admin", s.config.Admin).Bool("tls", s.tls != nil).Msg("serving")
	s.started()
	pulled := s.pull.start(ctx)
	defer pulled()
	defer cancel() // which ends the pulls

	var cause error
	select {
	case <-ctx.Done():
		s.log.Info().Msg("stopping: what has begun is still answered")
	case cause = <-failed:
	}
	return errors.Join(cause, s.shutdown())
}

func (s *service) shutdown() error {
	ctx, cancel := context.WithTimeout(context.Background(), s.config.ShutdownGrace)
	defer cancel()
	if err := s.public.Shutdown(ctx); err != nil {
		return fmt.Errorf("some callbacks were not answered within the shutdown grace: %w", err)
	}
	return s.admin.Shutdown(ctx)
}

func newLogger(w io.Writer, config Config) zerolog.Logger {
	if config.Log.Format == "console" {
		_, plain := os.LookupEnv("NO_COLOR")
		w = zerolog.ConsoleWriter{Out: w, TimeFormat: time.TimeOnly, NoColor: plain || !isTerminal(w)}
	}
	level, err := zerolog.ParseLevel(config.Log.Level)
	if err != nil {
		level = zerolog.InfoLevel // checked with the configuration
	}
	return zerolog.New(w).Level(level).With().Timestamp().Logger()
}

// isTerminal reports whether a person reads what is written to w.
func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// registerStore publishes the counters of the store.
func registerStore(registry prometheus.Registerer, teams *store.Redis) {
	counter := func(name, help string, value func(store.Stats) int64) {
		registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help},
			func() float64 { return float64(value(teams.Stats())) }))
	}
	counter("wfi_team_cache_hits_total", "Reads of a team that had not changed.", func(s store.Stats) int64 { return s.Hits })
	counter("wfi_team_cache_catchups_total", "Reads that followed the changes of a team.", func(s store.Stats) int64 { return s.CatchUps })
	counter("wfi_team_cache_loads_total", "Reads that loaded a whole team.", func(s store.Stats) int64 { return s.Loads })
	counter("wfi_team_cache_evictions_total", "Teams dropped from the cache for lack of room.", func(s store.Stats) int64 { return s.Evictions })
	counter("wfi_redis_errors_total", "Operations that Redis could not carry out.", func(s store.Stats) int64 { return s.Errors })
}
