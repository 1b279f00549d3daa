package envelope

import (
	"bytes"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Values of every type as Bond writes them, each a field of its own.
var unknownFields = []struct {
	name  string
	bytes []byte
}{
	{"bool", []byte{0x42, 1}},
	{"uint8", []byte{0x43, 0xff}},
	{"uint16", []byte{0x44, 0xff, 0xff, 0x03}},
	{"uint32", []byte{0x45, 0xff, 0xff, 0xff, 0xff, 0x0f}},
	{"uint64", []byte{0x46, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}},
	{"float", []byte{0x47, 0, 0, 0x80, 0x3f}},
	{"double", []byte{0x48, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f}},
	{"string", []byte{0x49, 3, 'a', 'b', 'c'}},
	{"empty string", []byte{0x49, 0}},
	{"empty struct", []byte{0x4a, 0}},
	{"struct", []byte{0x4a, 0x02, 1, 0x29, 1, 'x', 0}},
	{"struct with two bases", []byte{0x4a, 0x02, 1, 1, 1, 0x10, 2, 0}},
	{"struct in a struct", []byte{0x4a, 0x0a, 0x0a, 0, 0, 0}},
	{"blob", []byte{0x4b, 14, 3, 1, 2, 3}},
	{"list of int32", []byte{0x4b, 16, 2, 2, 0x80, 0x01}},
	{"list of float", []byte{0x4b, 7, 1, 0, 0, 0, 0}},
	{"list of string", []byte{0x4b, 9, 2, 1, 'a', 0}},
	{"list of lists", []byte{0x4b, 11, 2, 14, 1, 7, 8, 1, 0, 0, 0, 0, 0, 0, 0, 0}},
	{"list of structs", []byte{0x4b, 10, 2, 0x02, 1, 0, 0}},
	{"list of maps", []byte{0x4b, 13, 1, 9, 14, 1, 1, 'k', 5}},
	{"empty list", []byte{0x4b, 10, 0}},
	{"set", []byte{0x4c, 17, 2, 1, 2}},
	{"map", []byte{0x4d, 9, 16, 2, 1, 'a', 2, 1, 'b', 4}},
	{"map of structs", []byte{0x4d, 14, 10, 1, 5, 0x29, 1, 'x', 0}},
	{"empty map", []byte{0x4d, 9, 10, 0}},
	{"int8", []byte{0x4e, 0x80}},
	{"int16", []byte{0x4f, 0xff, 0x01}},
	{"int32", []byte{0x50, 0x01}},
	{"int64", []byte{0x51, 0x80, 0x80, 0x01}},
	{"wstring", []byte{0x52, 2, 'a', 0, 'b', 0}},
	{"id in one byte", []byte{0xc9, 200, 1, 'x'}},
	{"id in two bytes", []byte{0xe9, 0x01, 0x02, 1, 'x'}},
	{"end of a base struct, other fields with the ids of ours", []byte{1, 0x09, 1, 'x', 0x29, 1, 'y', 0x4b, 14, 1, 9}},
}

func TestUnknownFieldsAreSkipped(t *testing.T) {
	t.Parallel()
	known := append(append(appendInt32(nil, 0, -7), appendBlob(nil, 1, 2)...), 'o', 'k')
	for _, row := range unknownFields {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			read := func(data []byte) (number int32, blob []byte, err error) {
				err = readStruct(data, bondField{"number", &number}, bondField{"blob", &blob})
				return number, blob, err
			}
			data := append(append(bytes.Clone(known), row.bytes...), 0)
			number, blob, err := read(data)
			require.NoError(t, err)
			assert.Equal(t, int32(-7), number)
			assert.Equal(t, "ok", string(blob))

			for n := range data {
				_, _, err := read(data[:n])
				assert.Error(t, err, "the first %d bytes", n)
			}
			if row.bytes[0] != byte(bondStopBase) {
				number, blob, err = read(append(append(bytes.Clone(row.bytes), known...), 0))
				require.NoError(t, err, "in front")
				assert.Equal(t, int32(-7), number)
				assert.Equal(t, "ok", string(blob))
			}
		})
	}
}

func TestBrokenFields(t *testing.T) {
	t.Parallel()
	nested := func(levels int, open, close []byte) []byte {
		return append(bytes.Repeat(open, levels), bytes.Repeat(close, levels)...)
	}
	rows := []struct {
		name, reason string // no reason: it is skipped
		bytes        []byte
	}{
		{"type 19", "unknown type 19", []byte{0x53, 0}},
		{"type 31", "unknown type 31", []byte{0x5f, 0}},
		{"list of an unknown type", "unknown type 99", []byte{0x4b, 99, 1, 0}},
		{"list of stops", "unknown type 0", []byte{0x4b, 0, 1, 0}},
		{"map with an unknown key type", "unknown type 19", []byte{0x4d, 19, 2, 1, 0, 0}},
		{"map with an unknown value type", "unknown type 1", []byte{0x4d, 2, 1, 1, 0, 0}},
		{"varint of 65 bits", "does not fit in 64 bits", []byte{0x46, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02}},
		{"varint of 11 bytes", "does not fit in 64 bits", append([]byte{0x46}, bytes.Repeat([]byte{0x80}, 11)...)},
		{"string length of 33 bits", "length does not fit", []byte{0x49, 0x80, 0x80, 0x80, 0x80, 0x10}},
		{"string longer than the rest", "length beyond the body", []byte{0x49, 3, 'a'}},
		{"wstring of half the bytes", "length beyond the body", []byte{0x52, 2, 'a', 0}},
		{"list of doubles too long by one", "length beyond the body", append([]byte{0x4b, 8, 2}, make([]byte, 14)...)},
		{"list longer than the rest", "length beyond the body", []byte{0x4b, 10, 3, 0}},
		{"map longer than the rest", "length beyond the body", []byte{0x4d, 10, 10, 2, 0, 0}},
		{"structs up to the limit", "", nested(maxDepth+1, []byte{0x4a}, []byte{0})},
		{"structs past the limit", "nested too deeply", nested(maxDepth+2, []byte{0x4a}, []byte{0})},
		{"lists past the limit", "nested too deeply", append([]byte{0x4b}, bytes.Repeat([]byte{11, 1}, 1000)...)},
		{"maps past the limit", "nested too deeply", append([]byte{0x4d}, bytes.Repeat([]byte{2, 13, 1, 0}, 1000)...)},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			err := readStruct(append(row.bytes, 0))
			if row.reason == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, row.reason)
		})
	}
}

func TestInt32(t *testing.T) {
	t.Parallel()
	rows := []struct {
		value int32
		bytes []byte
	}{
		{0, []byte{0}},
		{-1, []byte{1}},
		{1, []byte{2}},
		{-2, []byte{3}},
		{64, []byte{0x80, 1}},
		{math.MaxInt32, []byte{0xfe, 0xff, 0xff, 0xff, 0x0f}},
		{math.MinInt32, []byte{0xff, 0xff, 0xff, 0xff, 0x0f}},
	}
	for _, row := range rows {
		written := appendInt32(nil, 0, row.value)
		assert.Equal(t, append([]byte{0x10}, row.bytes...), written, "%d", row.value)
		var read int32
		require.NoError(t, readStruct(append(written, 0), bondField{"value", &read}))
		assert.Equal(t, row.value, read)
	}
}

func TestBlobSize(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 127, 128, 16383, 16384, 1 << 20, 1 << 21} {
		assert.Equal(t, len(appendBlob(nil, 1, n))+n, blobSize(n), "%d", n)
	}
}
