package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"example.com/shiftswfi/batch/recording"
	"example.com/shiftswfi/batch/shifts"
)

// replayCmd is wfi replay.
type replayCmd struct {
	URL         string        `name:"url" required:"" placeholder:"URL" help:"The endpoint, as it is registered: without the version."`
	APIVersion  int           `name:"api-version" default:"1" placeholder:"N" help:"The version in the path (default ${default})."`
	Secret      []SecretRef   `sep:"none" placeholder:"REF" help:"The secret of the integration: the 64 characters themselves, env:NAME or file:PATH. Of several the first is used. Without it the variable WFI_SECRET counts, in the same forms."`
	Team        string        `placeholder:"ID" help:"Call for this team in the place of the recorded one."`
	Passthrough string        `placeholder:"VALUE" help:"Send this as X-MS-WFMPassthrough where it was recorded."`
	KeepTimes   bool          `help:"Leave X-MS-Expires as recorded, for an endpoint whose clock stands still (serve --now). Otherwise items have as much time left as they had."`
	Messages    bool          `help:"Compare the messages of errors, too."`
	Update      bool          `help:"Write the new answers to the files. Matchers that match stay."`
	JSON        bool          `name:"json" help:"Print JSON."`
	Timeout     time.Duration `default:"30s" placeholder:"TIME" help:"How long to wait for an answer (default ${default})."`
	Paths       []string      `arg:"" name:"path" help:"Recordings: folders, or single files."`
}

// Help is shown by wfi replay --help.
func (replayCmd) Help() string {
	return `Sends a recording again in its order, and compares the answers with the recorded ones, item by item. An eTag only has to be there. The exit code is 0 only if all answers are equal, or were accepted with --update.

In a recorded answer "<any>" stands for everything, "<text>" for every text but the empty one, "<ids>" for every list of ids, and a list that begins with "<set>" for its other elements in any order.

The ids of a recording are pseudonyms unless it was made with --no-pseudonyms: an endpoint that was not loaded with the recorded team file does not know them.

Examples:

    wfi replay recording --url http://127.0.0.1:8080/contoso --secret env:CONTOSO_SECRET

    wfi replay story.json --url http://127.0.0.1:8080/contoso --keep-times --update`
}

// Validate checks what the parser cannot.
func (c *replayCmd) Validate() error {
	if c.Timeout <= 0 {
		return errors.New("--timeout: expected more than 0s")
	}
	if c.URL == "" {
		return nil // the parser reports it
	}
	if err := checkURL(c.URL); err != nil {
		return fmt.Errorf("--url: %w", err)
	}
	return nil
}

// replayed is what is said of an exchange.
type replayed struct {
	File        string                 `json:"file"`
	Exchange    int                    `json:"exchange"` // in the file, from 1
	About       string                 `json:"about"`
	Result      string                 `json:"result"` // ok, differs, updated or skipped
	Skipped     string                 `json:"skipped,omitempty"`
	Differences []recording.Difference `json:"differences,omitempty"`
}

// Run replays, printing as it goes.
func (c *replayCmd) Run(ctx context.Context, p *process) error {
	keys, err := p.keys(c.Secret)
	if err != nil {
		return err
	}
	files, err := recording.Load(c.Paths...)
	if err != nil {
		return fmt.Errorf("nothing was sent:\n%w", err)
	}
	player := &recording.Player{
		Caller:   shifts.Caller{Patience: c.Timeout},
		Endpoint: shifts.Endpoint{URL: c.URL, APIVersion: c.APIVersion}, Key: keys[0],
		Team: c.Team, Passthrough: c.Passthrough, KeepTimes: c.KeepTimes, Messages: c.Messages,
	}
	all := []replayed{}
	for _, file := range files {
		some, err := c.replay(ctx, p, player, file)
		all = append(all, some...)
		if err != nil {
			return err
		}
	}
	if c.JSON {
		if err := json.NewEncoder(p.stdout).Encode(all); err != nil {
			return err
		}
	}
	return c.conclude(p.stdout, all)
}

// replay sends the exchanges of one file.
func (c *replayCmd) replay(ctx context.Context, p *process, player *recording.Player, file *recording.File) ([]replayed, error) {
	var all []replayed
	updated := false
	for i, exchange := range file.Exchanges {
		result, err := player.Play(ctx, exchange)
		if err != nil {
			return all, fmt.Errorf("%s, exchange %d: %w; check --url and that the endpoint is running", file.Name, i+1, c.reason(err))
		}
		r := replayed{File: file.Name, Exchange: i + 1, About: exchange.About, Skipped: result.Skipped, Differences: result.Differences}
		switch {
		case r.Skipped != "":
			r.Result = "skipped"
		case len(r.Differences) == 0:
			r.Result = "ok"
		case c.Update:
			r.Result, updated = "updated", true
			player.Accept(exchange, result)
		default:
			r.Result = "differs"
		}
		all = append(all, r)
		if !c.JSON {
			if err := r.print(p.stdout, len(file.Exchanges) > 1); err != nil {
				return all, err
			}
		}
	}
	if !updated {
		return all, nil
	}
	return all, file.Save()
}

func (c *replayCmd) reason(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("no answer within %v", c.Timeout)
	}
	return err
}

func (r replayed) print(w io.Writer, numbered bool) error {
	var text strings.Builder
	name := r.File
	if numbered {
		name = fmt.Sprintf("%s[%d]", name, r.Exchange)
	}
	fmt.Fprintf(&text, "%-8s %s  %s\n", r.Result, name, r.About)
	if r.Skipped != "" {
		fmt.Fprintf(&text, "         not sent: %s\n", r.Skipped)
	}
	for _, d := range r.Differences {
		fmt.Fprintf(&text, "         %s\n           want %s\n           got  %s\n", d.Path, d.Want, d.Got)
	}
	_, err := io.WriteString(w, printable(text.String()))
	return err
}

// conclude prints the sum.
func (c *replayCmd) conclude(w io.Writer, all []replayed) error {
	count := map[string]int{}
	for _, r := range all {
		count[r.Result]++
	}
	if !c.JSON {
		text := fmt.Sprintf("%d exchanges: %d ok", len(all), count["ok"])
		for _, result := range []string{"differs", "updated", "skipped"} {
			if count[result] > 0 {
				text += fmt.Sprintf(", %d %s", count[result], strings.Replace(result, "differs", "differ", 1))
			}
		}
		if _, err := fmt.Fprintln(w, text); err != nil {
			return err
		}
	}
	switch {
	case count["differs"] > 0:
		differ := fmt.Sprintf("%d of %d answers differ", count["differs"], len(all))
		if status, n := commonRefusal(all); n > 1 && 2*n > len(all)-count["skipped"] {
			return fmt.Errorf("%s, %d of them by the status %s: %s (--update would write these answers over the recorded ones)", differ, n, status, refusalAdvice[status])
		}
		return fmt.Errorf("%s; if the new ones are right, accept them with --update", differ)
	case count["skipped"] == len(all):
		return errors.New("nothing of the recording could be sent")
	}
	return nil
}

// refusalAdvice says what to look at where an endpoint answers most of a
// recording with one of these statuses: it is not what the recording was made
// of.
var refusalAdvice = map[string]string{
	"401": "see whether --secret is the secret of this endpoint",
	"403": "see whether --secret and --url are those of one integration, and whether it serves the recorded tenant; a recording without pseudonyms (record --no-pseudonyms) has its real id",
	"404": "the endpoint does not know the ids of the recording, which are pseudonyms: load it with the team file that record --team-file kept, or record with --no-pseudonyms; or name a team that it has with --team",
}

// commonRefusal is the status of refusalAdvice that the most answers have in
// the place of another, of HTTP or of an item, and how many they are.
func commonRefusal(all []replayed) (status string, answers int) {
	count := map[string]int{}
	for _, r := range all {
		got := map[string]bool{}
		for _, d := range r.Differences {
			if _, ok := refusalAdvice[d.Got]; ok && (d.Path == "status" || strings.HasPrefix(d.Path, "responses[") && strings.HasSuffix(d.Path, "].status")) {
				got[d.Got] = true
			}
		}
		for status := range got {
			count[status]++
		}
	}
	for _, candidate := range slices.Sorted(maps.Keys(count)) {
		if count[candidate] > answers {
			status, answers = candidate, count[candidate]
		}
	}
	return status, answers
}
