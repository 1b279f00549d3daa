package main

import (
	"context"
	"errors"
	"fmt"

	"example.com/shiftswfi/batch/envelope"
)

const secretVariable = "WFI_SECRET"

// keys reads the secrets that a command was given, on its command line or else
// in the environment: at least one.
func (p *process) keys(refs []SecretRef) ([]*envelope.Key, error) {
	refs, err := p.secretRefs(refs)
	if err != nil {
		return nil, err
	}
	keys, err := NewKeySet("command line", refs, p.environ)
	if err != nil {
		return nil, err
	}
	return keys.Keys(), nil
}

// secret reads the first secret that keys would.
func (p *process) secret(refs []SecretRef) (*secret, error) {
	refs, err := p.secretRefs(refs)
	if err != nil {
		return nil, err
	}
	secrets, err := refs[0].secrets(p.environ)
	if err != nil {
		return nil, err
	}
	return secrets[0], nil
}

// secretRefs are those of the command line, or else the one of the
// environment.
func (p *process) secretRefs(refs []SecretRef) ([]SecretRef, error) {
	if len(refs) > 0 {
		return refs, nil
	}
	ref, err := p.secretVariable()
	if err != nil {
		return nil, misuse{err}
	}
	if ref == (SecretRef{}) {
		return nil, misuse{errors.New("no secret: give --secret or set " + secretVariable)}
	}
	return []SecretRef{ref}, nil
}

// secretVariable is the reference in the environment, zero if there is none.
func (p *process) secretVariable() (SecretRef, error) {
	text := p.variable(secretVariable)
	if text == "" {
		return SecretRef{}, nil
	}
	ref, err := ParseSecretRef(text)
	if err != nil {
		err = fmt.Errorf("%s: %w", secretVariable, err)
	}
	return ref, err
}

// sealCmd is wfi seal.
type sealCmd struct {
	Secret []SecretRef `sep:"none" placeholder:"REF" help:"The secret: the 64 characters themselves, env:NAME or file:PATH. Of several the first is used. Without it the variable WFI_SECRET counts, in the same forms."`
	Limit  Size        `default:"64MiB" placeholder:"SIZE" help:"Largest input that is read (default ${default})."`
}

// Help is shown by wfi seal --help.
func (sealCmd) Help() string {
	return `Writes the body that Shifts would post with the text on standard input as its content. The body is binary; no two are alike.

Examples:

    wfi seal --secret env:CONTOSO_SECRET < batch.json > batch.sealed

    wfi seal < batch.json | curl --data-binary @- http://127.0.0.1:8080/contoso/v1/teams/$TEAM/read`
}

// Run seals standard input to standard output.
func (c *sealCmd) Run(ctx context.Context, p *process) error {
	keys, err := p.keys(c.Secret)
	if err != nil {
		return err
	}
	plaintext, err := readInput(ctx, p.stdin, int64(c.Limit))
	if err != nil {
		return err
	}
	sealed, err := envelope.Seal(plaintext, keys[0], nil)
	if err != nil {
		return err
	}
	_, err = p.stdout.Write(sealed)
	return err
}
