package main

import (
	"context"
	"errors"
	"fmt"

	"example.com/shiftswfi/batch/envelope"
)

// openCmd is wfi open.
type openCmd struct {
	Secret []SecretRef `sep:"none" placeholder:"REF" help:"A secret: the 64 characters themselves, env:NAME or file:PATH. Repeat it for several; any of them opens. Without it the variable WFI_SECRET counts, in the same forms."`
	Limit  Size        `default:"64MiB" placeholder:"SIZE" help:"Largest body that is read (default ${default})."`
}

// Help is shown by wfi open --help.
func (openCmd) Help() string {
	return `Writes what is inside the callback body on standard input. A body that must be refused gives exit code 1, one line on standard error, and nothing else.

Examples:

    wfi open --secret env:CONTOSO_SECRET < batch.sealed

    wfi open --secret file:/run/secrets/contoso < batch.sealed | jq .`
}

// Run opens standard input to standard output.
func (c *openCmd) Run(ctx context.Context, p *process) error {
	keys, err := p.keys(c.Secret)
	if err != nil {
		return err
	}
	sealed, err := readInput(ctx, p.stdin, int64(c.Limit))
	if err != nil {
		return err
	}
	plaintext, err := envelope.Open(sealed, keys...)
	switch {
	case errors.Is(err, envelope.ErrNotAuthentic):
		return fmt.Errorf("%w: check that the secret is the one the body was sealed with", err)
	case errors.Is(err, envelope.ErrNotEnvelope):
		return fmt.Errorf("%w: check that the input is a whole callback body, byte for byte", err)
	case err != nil:
		return err
	}
	_, err = p.stdout.Write(plaintext)
	return err
}
