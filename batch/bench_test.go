package batch

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Each benchmark reports how many times as long encoding/json takes for the
// same work on structs (x-encoding/json: above 1 this package is faster).

func benchmarkBatch(items int) []byte {
	const item = `{"id":"SHFT_a0000001-0000-4000-8000-000000000001","method":"GET","url":"/shifts/SHFT_a0000001-0000-4000-8000-000000000001/requestableShifts?requestType=SwapRequest\u0026startTime=2026-12-01T05:00:00.0000000Z\u0026endTime=2027-01-01T04:59:59.9990000Z","headers":{"X-MS-Transaction-ID":"1","X-MS-Expires":"2026-12-01T12:00:30.0000000Z"},"body":{"state":"Pending","assignedTo":"Recipient"}}`
	return []byte(`{"requests":[` + strings.Repeat(item+",", items-1) + item + `]}`)
}

func benchmarkIDs(n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("SHFT_%08x-0000-4000-8000-000000000001", i)
	}
	return ids
}

type structResponses struct {
	Responses []structResponse `json:"responses"`
}

type structResponse struct {
	ID     string `json:"id"`
	Status int    `json:"status"`
	Body   struct {
		Data  []string  `json:"data"`
		Error *struct{} `json:"error"`
	} `json:"body"`
}

func BenchmarkDecode(b *testing.B) {
	for _, items := range []int{1, 5, 500} {
		b.Run(fmt.Sprintf("%d-items", items), func(b *testing.B) {
			text := benchmarkBatch(items)
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Decode(text, 500); err != nil {
					b.Fatal(err)
				}
			}
			reportStandard(b, func() {
				var batch struct {
					Requests []struct {
						ID, Method, URL string
						Headers         map[string]string
						Body            json.RawMessage
					}
				}
				require.NoError(b, json.Unmarshal(text, &batch))
			})
		})
	}
}

func BenchmarkEncode(b *testing.B) {
	for _, n := range []int{0, 10, 1000, 10_000} {
		b.Run(fmt.Sprintf("%d-ids", n), func(b *testing.B) {
			responses := []Response{{json.RawMessage(`"SHFT_a"`), Data(benchmarkIDs(n))}}
			b.SetBytes(int64(len(Encode(responses))))
			b.ReportAllocs()
			for b.Loop() {
				Encode(responses)
			}
			plain := structResponses{[]structResponse{{ID: "SHFT_a", Status: 200}}}
			plain.Responses[0].Body.Data = benchmarkIDs(n)
			reportStandard(b, func() {
				_, err := json.Marshal(plain)
				require.NoError(b, err)
			})
		})
	}
}

func BenchmarkDecodeResponses(b *testing.B) {
	for _, n := range []int{0, 10, 1000, 10_000} {
		b.Run(fmt.Sprintf("%d-ids", n), func(b *testing.B) {
			text := Encode([]Response{{json.RawMessage(`"SHFT_a"`), Data(benchmarkIDs(n))}})
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := DecodeResponses(text); err != nil {
					b.Fatal(err)
				}
			}
			reportStandard(b, func() {
				var plain structResponses
				require.NoError(b, json.Unmarshal(text, &plain))
			})
		})
	}
}

func reportStandard(b *testing.B, f func()) {
	b.StopTimer()
	spent := b.Elapsed()
	start := time.Now()
	for range b.N {
		f()
	}
	b.ReportMetric(float64(time.Since(start))/float64(spent), "x-encoding/json")
}
