package batch_test

import (
	"fmt"

	"example.com/shiftswfi/batch"
)

func Example() {
	requests, err := batch.Decode([]byte(`{"requests":[
		{"id":"SHFT_a","method":"GET","url":"/shifts/SHFT_a/requestableShifts?requestType=SwapRequest"},
		{"id":"SHFT_b","method":"GET","url":"/shifts/SHFT_b/somethingElse"},
		{"id":7}
	]}`), 500)
	if err != nil {
		panic(err)
	}
	responses := requests.Answer(func(_ int, r batch.Request) batch.Result {
		if r.Malformed != "" {
			return batch.Refused(400, "BadRequest", string(r.Malformed))
		}
		if id, ok := r.URL.Match("shifts/{id}/requestableShifts"); ok && id == "SHFT_a" {
			return batch.Data([]string{"SHFT_c", "SHFT_d"})
		}
		return batch.Refused(403, "UnsupportedOperation", "This cannot be done here.")
	})
	for _, r := range responses {
		fmt.Printf("%s %d %q\n", r.ID(), r.Result().Status(), r.Result().Code())
	}
	fmt.Printf("%.90s…\n", batch.Encode(responses))

	// Output:
	// "SHFT_a" 200 ""
	// "SHFT_b" 403 "UnsupportedOperation"
	// 7 400 "BadRequest"
	// {"responses":[{"id":"SHFT_a","status":200,"body":{"data":["SHFT_c","SHFT_d"],"error":null}…
}
