package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"example.com/shiftswfi/batch/envelope"
	"example.com/shiftswfi/handlers"
	"example.com/shiftswfi/store/graph"
)

// A rotation gives a workforce integration a new secret. What it has done so
// far is in the secret file: with two secrets there it is under way, from the
// first to the last, and every callback is accepted, whichever of the two
// Microsoft Graph has.
type rotation struct {
	command     *integrationRotateCmd
	p           *process
	client      *graph.Client
	id          string
	stored      *graph.WorkforceIntegration
	integration string // its name in the endpoint's metrics; empty until an endpoint tells
	endpoints   []adminURL
	file        *secretFile
	old, new    sharedSecret
	made        bool   // this run has made the new secret, so nobody else knows it yet
	said        string // the last line of progress
}

// A sharedSecret is a secret and its fingerprint. It prints as the latter.
type sharedSecret struct {
	reveal      func() string // a function because no printer can look into one
	fingerprint string
}

func newSharedSecret(text string) (sharedSecret, error) {
	key, err := envelope.NewKey(text)
	if err != nil {
		return sharedSecret{}, err
	}
	return sharedSecret{func() string { return text }, key.Fingerprint()}, nil
}

func (s sharedSecret) String() string { return s.fingerprint }

// randomSecret makes a secret of letters, digits, hyphens and underscores,
// which mean nothing to any shell or file format: 6 random bits in each of the
// 64 characters.
func randomSecret() string {
	random := make([]byte, secretLength*6/8)
	rand.Read(random) // never fails
	return base64.RawURLEncoding.EncodeToString(random)
}

// readSecrets takes the secrets from the file; the new one may not be there
// yet.
func (r *rotation) readSecrets() (err error) {
	secrets := r.file.secrets
	if len(secrets) > 2 {
		return fmt.Errorf("the secret file %s has %d secrets, and only two can be told apart into an old and a new one: leave the one that Shifts uses, which is the one whose %s grows in the endpoint's metrics, and run this again", r.file.path, len(secrets), handlers.BodiesOpened)
	}
	if r.old, err = newSharedSecret(secrets[0]); err != nil || len(secrets) == 1 {
		return err
	}
	if r.new, err = newSharedSecret(secrets[1]); err == nil && r.new.fingerprint == r.old.fingerprint {
		return fmt.Errorf("the secret file %s has the same secret twice: take one out, and run this again", r.file.path)
	}
	return err
}

// lookAtEndpoints makes sure that all endpoints read the file: they have its
// first secret in force.
func (r *rotation) lookAtEndpoints(ctx context.Context) error {
	for _, endpoint := range r.endpoints {
		use, err := endpoint.secretUse(ctx)
		if err != nil {
			return fmt.Errorf("the endpoint at %s does not tell which secrets it has: %w; start it, or name its listener of health and metrics with --admin", endpoint, err)
		}
		var names []string
		for name, secrets := range use {
			if _, inForce := secrets[r.old.fingerprint]; inForce && (r.integration == "" || name == r.integration) {
				names = append(names, name)
			}
		}
		switch {
		case len(names) == 0:
			return fmt.Errorf("the endpoint at %s has not the secret in force that %s begins with, %s: check that it reads this file (or a copy of it), and its log", endpoint, r.file.path, r.old)
		case len(names) > 1:
			return fmt.Errorf("the endpoint at %s has %d integrations with this secret, and a new one would be sent for one only: give each a secret file of its own", endpoint, len(names))
		}
		r.integration = names[0]
	}
	return nil
}

// A rotationStep can be repeated as often as need be.
type rotationStep struct {
	run   func(context.Context) error
	doing string // completes "interrupted while"
	left  string // what there is after a failure, and how to go on
}

const bothActive = "both secrets stay active and no callback is refused"

// run takes the steps that are left.
func (r *rotation) run(ctx context.Context) error {
	steps := []rotationStep{
		{r.add, "making the new secret", "run it again to go on"},
		{r.awaitNew, "waiting for the endpoint to read the new secret", bothActive + "; Microsoft Graph has the old one still: run it again to go on"},
		{r.send, "sending the new secret to Microsoft Graph", bothActive + ", whichever of them Microsoft Graph has: run it again to go on"},
		{r.awaitChangeover, "waiting for Shifts to use the new secret", bothActive + "; Microsoft Graph has the new one: run it again later to go on, or with --drop-now to drop the old one at once"},
		{r.drop, "dropping the old secret", bothActive + "; Microsoft Graph has the new one: run it again to go on"},
		{r.awaitDrop, "waiting for the endpoint to drop the old secret", "the new secret is in force and Microsoft Graph has it, so there is nothing left to run; but look whether the old one is dropped when the endpoint reads its file or starts the next time"},
	}
	for _, step := range steps {
		err := step.run(ctx)
		switch {
		case err == nil:
		case errors.As(err, new(takenBack)):
			return err
		case ctx.Err() != nil:
			return fmt.Errorf("interrupted while %s; %s", step.doing, step.left)
		default:
			return fmt.Errorf("%w; %s", err, step.left)
		}
	}
	return nil
}

// add puts a new secret into the file, unless an earlier run has.
func (r *rotation) add(context.Context) (err error) {
	if r.new.reveal != nil {
		r.say("The new secret %s is in %s already: going on with it.", r.new, r.file.path)
		return nil
	}
	if r.new, err = newSharedSecret(randomSecret()); err != nil {
		return err
	}
	if err := r.file.add(r.new.reveal()); err != nil {
		return err
	}
	r.made = true
	r.say("The new secret %s is beside the old one, %s, in %s.", r.new, r.old, r.file.path)
	return nil
}

// awaitNew returns when no endpoint would refuse the new secret.
func (r *rotation) awaitNew(ctx context.Context) error {
	return r.awaitInForce(ctx, "has not read the new secret yet: look at its log, and at its copy of the file if it has one",
		func(secrets map[string]float64) bool { _, inForce := secrets[r.new.fingerprint]; return inForce })
}

// awaitDrop returns when every endpoint refuses the old secret.
func (r *rotation) awaitDrop(ctx context.Context) error {
	return r.awaitInForce(ctx, "accepts the old secret still: look at its log, and at its copy of the file if it has one",
		func(secrets map[string]float64) bool { _, inForce := secrets[r.old.fingerprint]; return !inForce })
}

// awaitInForce waits until the secrets of all endpoints are as they should be.
func (r *rotation) awaitInForce(ctx context.Context, otherwise string, right func(map[string]float64) bool) error {
	var last error
	err := r.poll(ctx, func(ctx context.Context, _ time.Time) bool {
		for _, endpoint := range r.endpoints {
			use, err := endpoint.secretUse(ctx)
			if err == nil && !right(use[r.integration]) {
				err = errors.New(otherwise)
			}
			if err != nil && ctx.Err() == nil {
				last = fmt.Errorf("the endpoint at %s: %w", endpoint, err)
				r.say("Waiting up to %v. So far: %v.", r.command.Wait, last)
			}
			if err != nil {
				return false
			}
		}
		return true
	})
	if err != nil && last != nil {
		return last
	}
	return err
}

// takenBack is a failure after which all is as it was before.
type takenBack struct{ error }

func (t takenBack) Unwrap() error { return t.error }

// send gives Microsoft Graph the new secret. It may have it already: its answer
// may have been lost.
func (r *rotation) send(ctx context.Context) error {
	if err := r.file.unchanged(); err != nil {
		return err
	}
	secret := r.new.reveal()
	change := graph.IntegrationChange{Secret: &secret}
	// A first try by itself, for after several the last refusal says nothing of
	// those before it.
	once := policy.WithRetryOptions(ctx, policy.RetryOptions{MaxRetries: -1, TryTimeout: time.Minute})
	err := r.client.UpdateIntegration(once, r.id, change)
	if err != nil && ctx.Err() == nil {
		if isRefusedPatch(err) && r.made {
			return r.takeBack(err)
		}
		err = r.client.UpdateIntegration(ctx, r.id, change)
	}
	if err == nil {
		r.say("Microsoft Graph has the new secret.")
	}
	return err
}

// isRefusedPatch tells that Microsoft Graph has done nothing, and will not.
func isRefusedPatch(err error) bool {
	var refused *graph.Error
	return errors.As(err, &refused) && refused.Status >= http.StatusBadRequest && refused.Status < http.StatusInternalServerError &&
		refused.Status != http.StatusRequestTimeout && refused.Status != http.StatusTooManyRequests
}

// takeBack takes out the new secret, which nobody has been told.
func (r *rotation) takeBack(cause error) error {
	if err := r.file.remove(r.new.reveal()); err != nil {
		return fmt.Errorf("%w; the new secret should be taken out again, but: %w", cause, err)
	}
	return takenBack{fmt.Errorf("%w; nothing has changed: the old secret is in force, and the new one is taken out again", cause)}
}

// awaitChangeover returns when Shifts uses the new secret and has not used the
// old one for a while.
func (r *rotation) awaitChangeover(ctx context.Context) error {
	if r.command.DropNow {
		return nil
	}
	c := &changeover{quiet: r.command.Quiet, underOld: map[adminURL]float64{}}
	r.say("Waiting up to %v for Shifts to call under the new secret: make any change in Shifts, in a team that has the integration.", r.command.Wait)
	err := r.poll(ctx, func(ctx context.Context, now time.Time) bool {
		for _, endpoint := range r.endpoints {
			use, err := endpoint.secretUse(ctx)
			secrets := use[r.integration]
			if _, inForce := secrets[r.new.fingerprint]; err != nil || !inForce {
				c.lose(endpoint, now)
				continue
			}
			c.observe(endpoint, now, secrets[r.old.fingerprint], secrets[r.new.fingerprint])
		}
		if c.arrived {
			r.say("Shifts calls under the new secret. Waiting until it has not called under the old one for %v.", r.command.Quiet)
		}
		return c.over(now)
	})
	switch {
	case err == nil:
		return nil
	case c.arrived:
		return fmt.Errorf("although Shifts calls under the new secret, within %v there were no %v without a call under the old one or an endpoint that could not be asked", r.command.Wait, r.command.Quiet)
	default:
		return fmt.Errorf("no callback has come under the new secret within %v: perhaps nobody has changed anything in Shifts", r.command.Wait)
	}
}

// drop takes the old secret out of the file.
func (r *rotation) drop(context.Context) error {
	if err := r.file.remove(r.old.reveal()); err != nil {
		return err
	}
	r.say("The old secret is out of %s.", r.file.path)
	return nil
}

// errWaited says that something has not come to pass.
var errWaited = errors.New("it takes too long")

// poll asks at once and then every so often whether something has come to pass.
func (r *rotation) poll(ctx context.Context, passed func(ctx context.Context, now time.Time) bool) error {
	ctx, cancel := context.WithTimeoutCause(ctx, r.command.Wait, errWaited)
	defer cancel()
	ticker := time.NewTicker(r.command.Every)
	defer ticker.Stop()
	for now := time.Now(); ; {
		if passed(ctx, now) {
			return nil
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case now = <-ticker.C:
		}
	}
}

// say prints a line of progress, once.
func (r *rotation) say(format string, arguments ...any) {
	if line := fmt.Sprintf(format, arguments...); line != r.said {
		fmt.Fprintln(r.p.stderr, line)
		r.said = line
	}
}
