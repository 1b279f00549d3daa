package envelope

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var benchmarkSizes = []int{1 << 10, 16 << 10, 256 << 10, 1 << 20}

func BenchmarkOpen(b *testing.B) {
	for _, size := range benchmarkSizes {
		b.Run(sizeName(size), func(b *testing.B) {
			key := testKey(b)
			body, err := Seal(make([]byte, size), key, nil)
			require.NoError(b, err)
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Open(body, key); err != nil {
					b.Fatal(err)
				}
			}
			reportFloor(b, size, cipher.NewCBCDecrypter)
		})
	}
}

func BenchmarkSeal(b *testing.B) {
	for _, size := range benchmarkSizes {
		b.Run(sizeName(size), func(b *testing.B) {
			key := testKey(b)
			plaintext := make([]byte, size)
			random := bytes.NewReader(make([]byte, 48))
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				random.Reset(plaintext[:48])
				if _, err := Seal(plaintext, key, random); err != nil {
					b.Fatal(err)
				}
			}
			reportFloor(b, size, cipher.NewCBCEncrypter)
		})
	}
}

// BenchmarkRefuse is what a sender without the secret can make us do.
func BenchmarkRefuse(b *testing.B) {
	key := testKey(b)
	body, err := Seal(make([]byte, 1<<20), key, nil)
	require.NoError(b, err)
	nested := outer(append([]byte{0x10, 2, 0x4b, byte(bondStruct)}, append([]byte{0x80, 0x80, 0x40}, make([]byte, 1<<20)...)...), nil)
	for name, body := range map[string][]byte{
		"truncated":         body[:len(body)-1],
		"tag":               append(body[:len(body)-3:len(body)-3], body[len(body)-3]^1, 0, 0),
		"a million structs": nested,
		"zeros":             make([]byte, 1<<20),
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Open(body, key); err == nil {
					b.Fatal("it opened")
				}
			}
		})
	}
}

// reportFloor repeats what the benchmark has just done with nothing but the
// ciphers, AES-CBC and HMAC over size bytes in place, and reports how many
// times as long the whole took.
func reportFloor(b *testing.B, size int, mode func(cipher.Block, []byte) cipher.BlockMode) {
	b.StopTimer()
	spent := b.Elapsed()
	block, err := aes.NewCipher(make([]byte, 32))
	require.NoError(b, err)
	iv := make([]byte, aes.BlockSize)
	data := make([]byte, size)
	mac := hmac.New(sha256.New, make([]byte, 32))
	start := time.Now()
	for range b.N {
		mac.Reset()
		mac.Write(data)
		mac.Sum(nil)
		mode(block, iv).CryptBlocks(data, data)
	}
	floor := time.Since(start)
	b.ReportMetric(float64(spent)/float64(floor), "x-floor")
}

func sizeName(size int) string {
	return fmt.Sprintf("%dKiB", size>>10)
}
