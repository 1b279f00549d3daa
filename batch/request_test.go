package batch

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDecodeRefusesTheWholeBatch(t *testing.T) {
	t.Parallel()
	const item = `{"id":"1","method":"GET","url":"/x"}`
	rows := []struct {
		name, text string
		err        error // nil if it can be read
	}{
		{"one item", `{"requests":[` + item + `]}`, nil},
		{"as many as allowed", `{"requests":[` + item + `,1,2]}`, nil},
		{"byte order mark", "\uFEFF" + `{"requests":[1]}`, nil},
		{"blanks around", "\r\n\t {\"requests\" :\n[ 1 ] } \n", nil},
		{"members besides", `{"a":[{"requests":[]}],"requests":[1],"b":"]}"}`, nil},
		{"escaped name", `{"r\u0065quests":[1]}`, nil},
		{"the last of two lists", `{"requests":[],"requests":[1]}`, nil},
		{"10,000 levels", nested(10_000), nil},

		{"empty", ``, ErrNotJSON},
		{"blanks", " \n", ErrNotJSON},
		{"byte order mark alone", "\uFEFF", ErrNotJSON},
		{"two byte order marks", "\uFEFF\uFEFF" + `{"requests":[1]}`, ErrNotJSON},
		{"cut short", `{"requests":[1]`, ErrNotJSON},
		{"more behind", `{"requests":[1]}{}`, ErrNotJSON},
		{"a zero byte behind", "{\"requests\":[1]}\x00", ErrNotJSON},
		{"comma at the end", `{"requests":[1,]}`, ErrNotJSON},
		{"single quotes", `{'requests':[1]}`, ErrNotJSON},
		{"NaN", `{"requests":[NaN]}`, ErrNotJSON},
		{"not UTF-8", "{\"requests\":[\"\xff\"]}", ErrNotJSON},
		{"UTF-16", "{\x00}\x00", ErrNotJSON},
		{"10,001 levels", nested(10_001), ErrNotJSON},

		{"null", `null`, ErrNoRequests},
		{"a list", `[{"requests":[1]}]`, ErrNoRequests},
		{"a string", `"requests"`, ErrNoRequests},
		{"a number", `12`, ErrNoRequests},
		{"no member", `{}`, ErrNoRequests},
		{"other letter case", `{"Requests":[1]}`, ErrNoRequests},
		{"responses", `{"responses":[1]}`, ErrNoRequests},
		{"deeper", `{"a":{"requests":[1]}}`, ErrNoRequests},
		{"null list", `{"requests":null}`, ErrNoRequests},
		{"an object", `{"requests":{"0":` + item + `}}`, ErrNoRequests},
		{"a string instead of a list", `{"requests":"[1]"}`, ErrNoRequests},
		{"empty list", `{"requests":[ ]}`, ErrNoRequests},
		{"the last of two is null", `{"requests":[1],"requests":null}`, ErrNoRequests},

		{"one too many", `{"requests":[` + item + `,1,2,3]}`, ErrTooManyItems},
		{"far too many", `{"requests":[` + strings.Repeat(item+",", 9999) + item + `]}`, ErrTooManyItems},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			b, err := Decode([]byte(row.text), 3)
			if row.err == nil {
				require.NoError(t, err)
				assert.Positive(t, b.Len())
				return
			}
			assert.Equal(t, row.err, err)
			assert.Zero(t, b)
		})
	}
}

// nested is a batch whose text is nested so many levels deep, item 0 of it.
func nested(levels int) string {
	const outside = 2 // the object and its list
	return `{"requests":[` + strings.Repeat("[", levels-outside) + strings.Repeat("]", levels-outside) + `]}`
}

func TestRequest(t *testing.T) {
	t.Parallel()
	b, err := Decode([]byte(`{"requests":[
		{"id":"SHFT_1","method":"put","url":"/shifts/SHFT_1?x=1","body": {"a": [1, 2] } ,
		 "headers":{"x-ms-transaction-id":"7","X-MS-EXPIRES":"2030-01-01T00:00:30.0000000Z","Other":{}}},
		{"id":"a\u0000\ud800","method":"\u0047ET","url":"\/shifts\/\u00e9?q=\u0026","body":null,
		 "headers":{"X-MS-Expires":"of headers"},"header":{"X-MS-Expires":"of header","X-MS-Transaction-ID":"of header"}},
		{"id":"SHFT_3","method":"GET","url":"/x","headers":{"X-MS-Expires":"first","x-ms-expires":"last"},"body":false}
	]}`), 10)
	require.NoError(t, err)
	want := []Request{
		{
			ID: "SHFT_1", Method: "PUT", URL: ParseURL("/shifts/SHFT_1?x=1"),
			TransactionID: "7", Expires: "2030-01-01T00:00:30.0000000Z",
			Body: json.RawMessage(`{"a": [1, 2] }`), rawID: json.RawMessage(`"SHFT_1"`),
		},
		{
			ID: "a\x00\uFFFD", Method: "GET", URL: ParseURL("/shifts/é?q=&"),
			TransactionID: "of header", Expires: "of headers",
			rawID: json.RawMessage(`"a\u0000\ud800"`),
		},
		{
			ID: "SHFT_3", Method: "GET", URL: ParseURL("/x"),
			Expires: "last", Body: json.RawMessage("false"), rawID: json.RawMessage(`"SHFT_3"`),
		},
	}
	require.Equal(t, len(want), b.Len())
	for i, r := range b.All() {
		assert.Equal(t, want[i], r)
	}
}

// A malformed item says what could be read of it, for the log line.
func TestMalformedRequestKeepsWhatCouldBeRead(t *testing.T) {
	t.Parallel()
	b, err := Decode([]byte(`{"requests":[{"id":5,"method":"get","url":"/shifts/a","headers":{"X-MS-Transaction-ID":"1","X-MS-Expires":2},"body":{}}]}`), 1)
	require.NoError(t, err)
	for _, r := range b.All() {
		assert.Equal(t, Request{
			Method: "GET", URL: ParseURL("/shifts/a"), TransactionID: "1", Body: json.RawMessage("{}"),
			Malformed: FaultID, rawID: json.RawMessage("5"),
		}, r)
	}
}

func TestTooManyItemsCostNothing(t *testing.T) {
	text := []byte(`{"requests":[` + strings.Repeat(`{"id":"1"},`, 90_000) + `1]}`)
	allocations := testing.AllocsPerRun(5, func() {
		_, err := Decode(text, 500)
		assert.ErrorIs(t, err, ErrTooManyItems)
	})
	assert.Less(t, allocations, 20.0)
}

func TestAnswerCallsOncePerItemInOrder(t *testing.T) {
	t.Parallel()
	b, err := Decode([]byte(`{"requests":[{"id":"a","method":"GET","url":"/x"},null,{"id":"a","method":"GET","url":"/x"},{"id":2}]}`), 4)
	require.NoError(t, err)
	var calls []string
	responses := b.Answer(func(i int, r Request) Result {
		calls = append(calls, fmt.Sprintf("%d %s %t", i, r.ID, r.Malformed != ""))
		return Accepted(fmt.Sprintf("v%d", i))
	})
	assert.Equal(t, []string{"0 a false", "1  true", "2 a false", "3  true"}, calls)
	var ids, eTags []string
	for _, r := range responses {
		ids = append(ids, string(r.ID()))
		eTags = append(eTags, r.Result().ETag())
	}
	assert.Equal(t, []string{`"a"`, `null`, `"a"`, `2`}, ids)
	assert.Equal(t, []string{"v0", "v1", "v2", "v3"}, eTags)
	assert.Empty(t, Batch{}.Answer(nil))
}
