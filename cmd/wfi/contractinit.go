package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"example.com/shiftswfi/batch/contract"
)

// contractInitCmd is wfi contract init.
type contractInitCmd struct {
	Force bool   `short:"f" help:"Write over the file if it is there."`
	File  string `arg:"" optional:"" default:"contract.yaml" help:"Where to write it, or - for standard output (default ${default})."`
}

// Help is shown by wfi contract init --help.
func (contractInitCmd) Help() string {
	return `Writes a profile in YAML in which every setting is explained and left out. It can be used as it is; with each setting that is filled in, more checks are made.

Example:

    wfi contract init contoso.yaml`
}

// Run writes the profile.
func (c *contractInitCmd) Run(p *process) error {
	if c.File == "-" {
		_, err := io.WriteString(p.stdout, contract.ProfileTemplate())
		return err
	}
	mode := os.O_WRONLY | os.O_CREATE | os.O_EXCL
	if c.Force {
		mode = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	}
	file, err := os.OpenFile(c.File, mode, 0o666)
	switch {
	case errors.Is(err, fs.ErrExist):
		return fmt.Errorf("%s is there already: choose another name, or write over it with --force", c.File)
	case err != nil:
		return fmt.Errorf("write %s: %w", c.File, withoutPath(err))
	}
	_, err = io.WriteString(file, contract.ProfileTemplate())
	if err = errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("write %s: %w", c.File, withoutPath(err))
	}
	_, err = fmt.Fprintf(p.stdout, "%s is written. Fill in what you know of the endpoint, then: wfi contract --url URL --secret REF --profile %[1]s\n", c.File)
	return err
}
