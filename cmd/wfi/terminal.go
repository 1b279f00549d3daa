package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// confirm asks the person at the terminal, and takes no other answer than y or
// yes for one.
func (p *process) confirm(ctx context.Context, question string) (bool, error) {
	fmt.Fprintf(p.stderr, "%s [y/N] ", question)
	answer := make(chan string, 1)
	go func() {
		// Without an answer there is no consent, whatever the error was.
		line, _ := bufio.NewReader(io.LimitReader(p.stdin, 1<<10)).ReadString('\n')
		answer <- strings.ToLower(strings.TrimSpace(line))
	}()
	select {
	case <-ctx.Done():
		return false, errors.New("interrupted while asking")
	case line := <-answer:
		return line == "y" || line == "yes", nil
	}
}

// progress is a function that tells a person at the terminal how far a command
// has come, in one line that changes and goes away when all is done. It is not
// for several goroutines at once.
func (p *process) progress(what string) func(done, total int) {
	return func(done, total int) {
		switch {
		case !p.terminal:
		case done < total:
			fmt.Fprintf(p.stderr, "\r%s: %d of %d", what, done, total)
		default:
			fmt.Fprint(p.stderr, "\r\x1b[K") // clears the line
		}
	}
}

// A statusLine is one line on a terminal that is written again and again, each
// time over what stood there.
type statusLine struct {
	w     io.Writer
	width int // of the longest so far
}

func (l *statusLine) show(text string) {
	fmt.Fprintf(l.w, "\r%-*s", l.width, text)
	l.width = max(l.width, len(text))
}

// erase takes the line away.
func (l *statusLine) erase() { fmt.Fprintf(l.w, "\r%*s\r", l.width, "") }
