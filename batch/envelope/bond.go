package envelope

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
)

// This file reads and writes the part of Bond's Compact Binary encoding,
// version 1, that the envelope needs. The encoding is drawn at the top of
// compact_binary.h in Microsoft's Bond repository.

type bondType byte

const (
	bondStop     bondType = 0
	bondStopBase bondType = 1
	bondBool     bondType = 2
	bondUint8    bondType = 3
	bondUint16   bondType = 4
	bondUint32   bondType = 5
	bondUint64   bondType = 6
	bondFloat    bondType = 7
	bondDouble   bondType = 8
	bondString   bondType = 9
	bondStruct   bondType = 10
	bondList     bondType = 11
	bondSet      bondType = 12
	bondMap      bondType = 13
	bondInt8     bondType = 14
	bondInt16    bondType = 15
	bondInt32    bondType = 16
	bondInt64    bondType = 17
	bondWString  bondType = 18
)

// maxDepth bounds the recursion over unknown fields: a body is a megabyte of
// anybody's bytes until its tag has been checked.
const maxDepth = 32

var (
	errTruncated = errors.New("truncated")
	errBeyond    = fmt.Errorf("%w: length beyond the body", errTruncated)
	errLength    = errors.New("length does not fit in 32 bits")
	errVarint    = errors.New("integer does not fit in 64 bits")
	errDepth     = errors.New("nested too deeply")
	errTrailing  = errors.New("bytes after the end of the struct")
)

// bondField is a field that readStruct looks for: where its value goes says
// of which type it must be, an *int32 or a *[]byte (a blob).
type bondField struct {
	name string
	dst  any
}

// readStruct reads the one struct that data holds, whose field i is fields[i].
// All of them must be there, in any order, each once; Bond's writer sends no
// field twice, and a reader that took the first would disagree with one that
// took the last. Fields of other ids are skipped, and so is all that follows
// the end of a base struct: it belongs to types derived from the one expected.
// Blobs alias data.
func readStruct(data []byte, fields ...bondField) error {
	r := bondReader{data}
	seen := make([]bool, len(fields))
	derived := false
	for {
		id, t, err := r.field()
		if err != nil {
			return err
		}
		switch {
		case t == bondStop:
			if i := slices.Index(seen, false); i >= 0 {
				return fmt.Errorf("field %s missing", fields[i].name)
			}
			if len(r.rest) > 0 {
				return errTrailing
			}
			return nil
		case t == bondStopBase:
			derived = true
		case derived || id >= len(fields):
			if err := r.skip(t, 0); err != nil {
				return err
			}
		case seen[id]:
			return fmt.Errorf("field %s twice", fields[id].name)
		default:
			if err := r.value(t, fields[id].dst); err != nil {
				return fmt.Errorf("field %s: %w", fields[id].name, err)
			}
			seen[id] = true
		}
	}
}

// bondReader consumes rest from the front. Every length is compared with what
// is left of rest before it is used, and nothing is copied.
type bondReader struct {
	rest []byte
}

func (r *bondReader) take(n uint64) ([]byte, error) {
	if n > uint64(len(r.rest)) {
		return nil, errBeyond
	}
	b := r.rest[:n:n]
	r.rest = r.rest[n:]
	return b, nil
}

func (r *bondReader) byte() (byte, error) {
	if len(r.rest) == 0 {
		return 0, errTruncated
	}
	b := r.rest[0]
	r.rest = r.rest[1:]
	return b, nil
}

func (r *bondReader) uvarint() (uint64, error) {
	v, n := binary.Uvarint(r.rest)
	switch {
	case n == 0:
		return 0, errTruncated
	case n < 0:
		return 0, errVarint
	}
	r.rest = r.rest[n:]
	return v, nil
}

// count reads the number of elements of a container or string, which Bond
// keeps in 32 bits: the caller may multiply it by a width without overflow.
func (r *bondReader) count() (uint64, error) {
	n, err := r.uvarint()
	if errors.Is(err, errVarint) || n > math.MaxUint32 {
		return 0, errLength
	}
	return n, err
}

func (r *bondReader) field() (id int, t bondType, err error) {
	tag, err := r.byte()
	if err != nil {
		return 0, 0, err
	}
	id, t = int(tag>>5), bondType(tag&0x1f)
	if id < 6 {
		return id, t, nil
	}
	low, err := r.byte()
	if err != nil || id == 6 {
		return int(low), t, err
	}
	high, err := r.byte()
	return int(low) | int(high)<<8, t, err
}

func (r *bondReader) value(t bondType, dst any) (err error) {
	switch dst := dst.(type) {
	case *int32:
		if t != bondInt32 {
			return fmt.Errorf("type %d where an int32 belongs", t)
		}
		*dst, err = r.int32()
		return err
	case *[]byte:
		if t != bondList {
			return fmt.Errorf("type %d where a blob belongs", t)
		}
		*dst, err = r.blob()
		return err
	default:
		panic(fmt.Sprintf("envelope: no Bond type for %T", dst))
	}
}

func (r *bondReader) int32() (int32, error) {
	v, err := r.uvarint()
	if err != nil {
		return 0, err
	}
	if v > math.MaxUint32 {
		return 0, errors.New("integer does not fit in 32 bits")
	}
	return int32(v>>1) ^ -int32(v&1), nil // zig-zag
}

// blob reads a list of int8, which is how Bond sends bytes.
func (r *bondReader) blob() ([]byte, error) {
	element, err := r.byte()
	if err != nil {
		return nil, err
	}
	if bondType(element) != bondInt8 {
		return nil, fmt.Errorf("list of type %d where a blob belongs", element)
	}
	n, err := r.count()
	if err != nil {
		return nil, err
	}
	return r.take(n)
}

// skip consumes one value of type t. The work is proportional to the bytes
// consumed, whatever the lengths inside claim.
func (r *bondReader) skip(t bondType, depth int) error {
	if depth > maxDepth {
		return errDepth
	}
	if width := t.width(); width > 0 {
		_, err := r.take(width)
		return err
	}
	switch t {
	case bondUint16, bondUint32, bondUint64, bondInt16, bondInt32, bondInt64:
		_, err := r.uvarint()
		return err
	case bondString, bondWString:
		return r.skipString(t)
	case bondStruct:
		return r.skipStruct(depth)
	case bondList, bondSet:
		return r.skipElements(1, depth)
	case bondMap:
		return r.skipElements(2, depth)
	default:
		return fmt.Errorf("unknown type %d", t)
	}
}

// width is the number of bytes of every value of t, or 0 if they differ.
func (t bondType) width() uint64 {
	switch t {
	case bondBool, bondUint8, bondInt8:
		return 1
	case bondFloat:
		return 4
	case bondDouble:
		return 8
	default:
		return 0
	}
}

func (r *bondReader) skipString(t bondType) error {
	n, err := r.count()
	if err != nil {
		return err
	}
	if t == bondWString {
		n *= 2
	}
	_, err = r.take(n)
	return err
}

func (r *bondReader) skipStruct(depth int) error {
	for {
		_, t, err := r.field()
		if err != nil || t == bondStop {
			return err
		}
		if t == bondStopBase {
			continue
		}
		if err := r.skip(t, depth+1); err != nil {
			return err
		}
	}
}

// skipElements skips a list or set (arity 1) or a map (arity 2: its elements
// are pairs).
func (r *bondReader) skipElements(arity, depth int) error {
	types, err := r.take(uint64(arity))
	if err != nil {
		return errTruncated
	}
	n, err := r.count()
	if err != nil {
		return err
	}
	if n*uint64(arity) > uint64(len(r.rest)) { // no value takes less than a byte
		return errBeyond
	}
	if width := bondType(types[0]).width(); arity == 1 && width > 0 {
		_, err := r.take(n * width)
		return err
	}
	for range n {
		for _, t := range types {
			if err := r.skip(bondType(t), depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

// appendInt32 appends field id, which must be below 6, as Bond's writer does.
func appendInt32(dst []byte, id byte, v int32) []byte {
	dst = append(dst, id<<5|byte(bondInt32))
	return binary.AppendUvarint(dst, uint64(uint32(v)<<1^uint32(v>>31)))
}

// appendBlob appends the header of field id, which must be below 6, for a blob
// of n bytes; the bytes are the caller's to append.
func appendBlob(dst []byte, id byte, n int) []byte {
	dst = append(dst, id<<5|byte(bondList), byte(bondInt8))
	return binary.AppendUvarint(dst, uint64(n))
}

// blobSize is the number of bytes of a whole blob field of n bytes.
func blobSize(n int) int {
	var count [binary.MaxVarintLen64]byte
	return 2 + binary.PutUvarint(count[:], uint64(n)) + n
}
