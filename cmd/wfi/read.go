package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
)

// readBounded reads all of r, or fails when there is more than limit bytes.
func readBounded(r io.Reader, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("more than %d bytes", limit)
	}
	return data, nil
}

// readFile reads a file of at most limit bytes. Its errors do not repeat the
// path.
func readFile(path string, limit int64) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, withoutPath(err)
	}
	defer file.Close()
	data, err := readBounded(file, limit)
	return data, withoutPath(err)
}

// readInput reads standard input to its end, or until ctx is done: a person
// who started a command without input must be able to interrupt it.
func readInput(ctx context.Context, r io.Reader, limit int64) ([]byte, error) {
	type result struct {
		data []byte
		err  error
	}
	done := make(chan result, 1)
	go func() {
		data, err := readBounded(r, limit)
		done <- result{data, err}
	}()
	select {
	case <-ctx.Done():
		return nil, errors.New("interrupted while reading standard input")
	case read := <-done:
		if read.err != nil {
			return nil, fmt.Errorf("read standard input: %w", withoutPath(read.err))
		}
		return read.data, nil
	}
}

// withoutPath reduces an error about a file to what went wrong, for messages
// that name the file in their own way.
func withoutPath(err error) error {
	var pathErr *os.PathError
	if errors.As(err, &pathErr) {
		return pathErr.Err
	}
	return err
}
