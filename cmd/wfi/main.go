// Command wfi is a callback endpoint for workforce integrations of Microsoft
// Shifts, with the tools to run and to try it: serve answers callbacks, load
// and export move team files, explain says why something is offered or not;
// integration, teams and pull work on Microsoft Graph. The others play the part
// of Shifts: contract judges an endpoint, record and replay repeat what was
// exchanged, load-test measures, send posts a batch, seal and open encrypt and
// decrypt a callback body.
//
// It exits with 0 on success, 1 on a failure, and 2 when the command line
// itself is wrong. Standard output carries results only; whatever goes wrong
// is said on standard error.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	_ "time/tzdata" // the zones of teams must be known wherever the binary runs

	"github.com/alecthomas/kong"
	"github.com/mattn/go-isatty"

	"example.com/shiftswfi/store"
	"example.com/shiftswfi/store/graph"
)

// The exit codes.
const (
	exitSuccess = 0
	exitFailure = 1
	exitMisuse  = 2
)

// commandLine is what wfi understands: one field for each subcommand, each in
// the file of its name.
type commandLine struct {
	Serve   serveCmd   `cmd:"" help:"Answer the callbacks of Shifts."`
	Load    loadCmd    `cmd:"" help:"Put team files into the store."`
	Export  exportCmd  `cmd:"" help:"Print the team file of a team in the store."`
	Log     logCmd     `cmd:"" help:"Show what was decided of the changes to a team."`
	Explain explainCmd `cmd:"" help:"Say why something is offered or not."`

	Integration integrationCmd `cmd:"" help:"Register the endpoint in Microsoft Graph, and look after it there."`
	Teams       teamsCmd       `cmd:"" help:"Enable the endpoint for teams, and look at their schedules."`
	Pull        pullCmd        `cmd:"" help:"Bring teams in the store up to what Shifts has."`

	Contract contractCmd `cmd:"" help:"Hold an endpoint to the contract of Shifts."`
	Record   recordCmd   `cmd:"" help:"Pass callbacks on to an endpoint and write them down."`
	Replay   replayCmd   `cmd:"" help:"Send a recording again and compare the answers."`
	LoadTest loadTestCmd `cmd:"" help:"Send callbacks at a fixed rate, measure and judge the answers."`
	Send     sendCmd     `cmd:"" help:"Seal a batch file as Shifts does, post it, and print the answer."`
	Seal     sealCmd     `cmd:"" help:"Encrypt standard input into a callback body."`
	Open     openCmd     `cmd:"" help:"Decrypt a callback body on standard input."`

	Version versionCmd `cmd:"" help:"Print the version."`
}

// process is the world around one run of wfi, so that a test can run a command
// without being a process of its own. Every command's Run receives it.
type process struct {
	stdin   io.Reader
	stdout  io.Writer
	stderr  io.Writer
	environ []string // as os.Environ gives it

	// terminal tells that a person sits at stdin and stderr, who can be asked.
	terminal bool

	// graph is what the clients of Microsoft Graph start from: a test's
	// credential and retries.
	graph graph.Config
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The first signal asks for an orderly end; a second one ends the process.
	context.AfterFunc(ctx, stop)
	p := &process{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, environ: os.Environ()}
	p.terminal = isatty.IsTerminal(os.Stdin.Fd()) && isatty.IsTerminal(os.Stderr.Fd())
	os.Exit(run(ctx, p, os.Args[1:]))
}

// misuse marks an error of the command line that only shows once a command
// runs, such as a missing secret.
type misuse struct{ error }

// run runs one command line and returns the exit code.
func run(ctx context.Context, p *process, args []string) (code int) {
	// Kong goes on parsing after it has printed the help, unless its exit
	// function does not return.
	type helpPrinted struct{}
	defer func() {
		switch r := recover().(type) {
		case nil:
		case helpPrinted:
			code = exitSuccess
		default:
			panic(r)
		}
	}()
	parser, err := kong.New(&commandLine{},
		kong.Name("wfi"),
		kong.Description("A callback endpoint for workforce integrations of Microsoft Shifts."),
		kong.Writers(p.stdout, p.stderr),
		kong.Exit(func(int) { panic(helpPrinted{}) }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(p),
	)
	if err != nil {
		panic(err) // a command is declared wrongly
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintf(p.stderr, "wfi: %s; see %s --help\n", withoutSecrets(err.Error(), args), commandOf(err))
		return exitMisuse
	}
	command := parsed.Selected().FullPath()
	err = parsed.Run()
	switch {
	case err == nil:
		return exitSuccess
	case errors.As(err, new(misuse)):
		fmt.Fprintf(p.stderr, "%s: %v; see %s --help\n", command, err, command)
		return exitMisuse
	case errors.Is(err, store.ErrUnavailable):
		fmt.Fprintf(p.stderr, "%s: %v; check that Redis runs where --redis or the configuration says\n", command, err)
		return exitFailure
	case graph.Advice(err) != "":
		fmt.Fprintf(p.stderr, "%s: %v; %s\n", command, err, graph.Advice(err))
		return exitFailure
	default:
		fmt.Fprintf(p.stderr, "%s: %v\n", command, err)
		return exitFailure
	}
}

// commandOf is the command that the parser had come to before its error.
func commandOf(err error) string {
	command := "wfi"
	var failed *kong.ParseError
	if errors.As(err, &failed) && failed.Context != nil {
		for _, element := range failed.Context.Path {
			if element.Command != nil {
				command = element.Command.FullPath()
			}
		}
	}
	return command
}

// withoutSecrets takes out of a message about args whatever has the length of
// a secret: the parser repeats an argument that it did not expect, and it may
// be a secret in the wrong place.
func withoutSecrets(message string, args []string) string {
	for _, arg := range args {
		_, value, _ := strings.Cut(arg, "=")
		for _, text := range []string{arg, value, strings.TrimLeft(arg, "-")} {
			if len(text) == secretLength {
				message = strings.ReplaceAll(message, text, redacted)
			}
		}
	}
	return message
}
