package batch

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const forgotten = `{"error":{"code":"InternalError","message":"Something went wrong. Please try again later."},"data":null}`

func TestEncode(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name   string
		result Result
		status int
		body   string
	}{
		{"an approval", Accepted("v1"), 200, `{"eTag":"v1","error":null,"data":null}`},
		{"an approval without an eTag is a refusal", Accepted(""), 500, forgotten},
		{"a list", Data([]string{"SHFT_b", "SHFT_c"}), 200, `{"data":["SHFT_b","SHFT_c"],"error":null}`},
		{"a list of one", Data([]string{"SHFT_b"}), 200, `{"data":["SHFT_b"],"error":null}`},
		{"an empty list", Data([]string{}), 200, `{"data":[],"error":null}`},
		{"nil is an empty list", Data(nil), 200, `{"data":[],"error":null}`},
		{"a refusal", Refused(403, "403", "Text for the user"), 403, `{"error":{"code":"403","message":"Text for the user"},"data":null}`},
		{"in progress is no success", Refused(102, "RequestInProgress", "m"), 102, `{"error":{"code":"RequestInProgress","message":"m"},"data":null}`},
		{"the forgotten result", Result{}, 500, forgotten},
		{"a refusal of nothing", Refused(0, "", ""), 500, forgotten},
		{"a refusal with a success", Refused(200, "c", "m"), 500, `{"error":{"code":"c","message":"m"},"data":null}`},
		{"a refusal with another success", Refused(204, "c", "m"), 500, `{"error":{"code":"c","message":"m"},"data":null}`},
		{"a refusal with no status of HTTP", Refused(600, "c", "m"), 500, `{"error":{"code":"c","message":"m"},"data":null}`},
		{"a refusal with two digits", Refused(99, "c", "m"), 500, `{"error":{"code":"c","message":"m"},"data":null}`},
		{"nothing is escaped for HTML", Refused(403, "<&>", "a < b & c > d"), 403, `{"error":{"code":"<&>","message":"a < b & c > d"},"data":null}`},
		{"nor are other letters", Refused(403, "c", "Schöne Grüße 日本 😀"), 403, `{"error":{"code":"c","message":"Schöne Grüße 日本 😀"},"data":null}`},
		{"quotes, backslashes and control characters are", Data([]string{"\"", "\\", "\n", "\x1f", "a\"b\\c"}), 200, `{"data":["\"","\\","\n","\u001f","a\"b\\c"],"error":null}`},
		{"nor for HTML beside them", Data([]string{"\"<&>"}), 200, `{"data":["\"<&>"],"error":null}`},
		{"bytes that are not UTF-8", Data([]string{"a\xffb"}), 200, `{"data":["a\ufffdb"],"error":null}`},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			b, err := Decode([]byte(`{"requests":[{"id":"SHFT_a"}]}`), 1)
			require.NoError(t, err)
			encoded := Encode(b.Answer(func(int, Request) Result { return row.result }))
			var wire struct {
				Responses []struct {
					ID     string
					Status int
					Body   json.RawMessage
				}
			}
			require.NoError(t, json.Unmarshal(encoded, &wire), "%s", encoded)
			require.Len(t, wire.Responses, 1)
			assert.Equal(t, "SHFT_a", wire.Responses[0].ID)
			assert.Equal(t, row.status, wire.Responses[0].Status)
			assert.Equal(t, row.status, row.result.Status())
			assert.Equal(t, row.body, string(wire.Responses[0].Body))
			assert.True(t, strings.HasPrefix(string(encoded), `{"responses":[{"id":"SHFT_a","status":`), "%s", encoded)
		})
	}
}

func TestEncodeOfNothing(t *testing.T) {
	t.Parallel()
	assert.Equal(t, `{"responses":[]}`, string(Encode(nil)))
	assert.Equal(t, `{"responses":[{"id":null,"status":500,"body":`+forgotten+`}]}`, string(Encode([]Response{{}})))
}

func TestResult(t *testing.T) {
	t.Parallel()
	type parts struct {
		status              int
		code, message, eTag string
		ids                 []string
	}
	rows := []struct {
		name   string
		result Result
		want   parts
	}{
		{"data", Data([]string{"a"}), parts{status: 200, ids: []string{"a"}}},
		{"no data", Data(nil), parts{status: 200, ids: []string{}}},
		{"accepted", Accepted("v1"), parts{status: 200, eTag: "v1"}},
		{"refused", Refused(404, "ShiftNotFound", "It is gone."), parts{status: 404, code: "ShiftNotFound", message: "It is gone."}},
		{"zero", Result{}, parts{status: 500, code: internalCode, message: internalMessage}},
	}
	for _, row := range rows {
		r := row.result
		assert.Equal(t, row.want, parts{r.Status(), r.Code(), r.Message(), r.ETag(), r.IDs()}, row.name)
	}
}

func TestDecodeResponses(t *testing.T) {
	t.Parallel()
	one := func(item string) string { return `{"responses":[` + item + `]}` }
	rows := []struct {
		name, text string
		want       []Result
		err        error
		reason     string
	}{
		{"none", `{"responses":[]}`, []Result{}, nil, ""},
		{"two", one(`{"id":"a","status":200,"body":{"eTag":"v1","error":null,"data":null}},{"id":"b","status":403,"body":{"error":{"code":"403","message":"m"},"data":null}}`),
			[]Result{Accepted("v1"), Refused(403, "403", "m")}, nil, ""},
		{"absent is null", one(`{"id":"a","status":200,"body":{"eTag":"v1"}}`), []Result{Accepted("v1")}, nil, ""},
		{"data without error", one(`{"id":"a","status":200,"body":{"data":["x"]}}`), []Result{Data([]string{"x"})}, nil, ""},
		{"data beside a null eTag", one(`{"id":"a","status":200,"body":{"data":[],"eTag":null}}`), []Result{Data(nil)}, nil, ""},
		{"members besides", one(`{"x":1,"id":null,"status":200,"headers":{},"body":{"y":[],"eTag":"v1"}}`), []Result{Accepted("v1")}, nil, ""},
		{"byte order mark", "\uFEFF" + `{"responses":[]}`, []Result{}, nil, ""},

		{"not JSON", `{"responses":[]`, nil, ErrNotJSON, ""},
		{"plain text", `OK`, nil, ErrNotJSON, ""},
		{"a list", `[]`, nil, ErrNotResponses, "responses is not a list"},
		{"requests", `{"requests":[]}`, nil, ErrNotResponses, "responses is not a list"},
		{"item a string", one(`"a"`), nil, ErrNotResponses, "responses[0] is not an object"},
		{"no id", one(`{"status":200,"body":{"eTag":"v1"}}`), nil, ErrNotResponses, "responses[0].id is missing"},
		{"no status", one(`{"id":"a","body":{"eTag":"v1"}}`), nil, ErrNotResponses, "responses[0].status"},
		{"status a string", one(`{"id":"a","status":"200","body":{"eTag":"v1"}}`), nil, ErrNotResponses, "responses[0].status"},
		{"status a fraction", one(`{"id":"a","status":200.0,"body":{"eTag":"v1"}}`), nil, ErrNotResponses, "responses[0].status"},
		{"status huge", one(`{"id":"a","status":99999999999999999999,"body":{"eTag":"v1"}}`), nil, ErrNotResponses, "responses[0].status"},
		{"status 0, as an item left undecided", one(`{"id":"a","status":0,"body":{"error":{"code":"c","message":"m"}}}`), nil, ErrNotResponses, "responses[0].status"},
		{"status 204", one(`{"id":"a","status":204,"body":{"eTag":"v1"}}`), nil, ErrNotResponses, "responses[0].status is a success other than 200"},
		{"no body", one(`{"id":"a","status":200}`), nil, ErrNotResponses, "responses[0].body is not an object"},
		{"body null", one(`{"id":"a","status":200,"body":null}`), nil, ErrNotResponses, "responses[0].body is not an object"},
		{"neither eTag nor data", one(`{"id":"a","status":200,"body":{"error":null,"data":null}}`), nil, ErrNotResponses, "responses[0].body.eTag"},
		{"eTag null", one(`{"id":"a","status":200,"body":{"eTag":null}}`), nil, ErrNotResponses, "responses[0].body.eTag"},
		{"eTag empty", one(`{"id":"a","status":200,"body":{"eTag":""}}`), nil, ErrNotResponses, "responses[0].body.eTag"},
		{"eTag a number", one(`{"id":"a","status":200,"body":{"eTag":1}}`), nil, ErrNotResponses, "responses[0].body.eTag"},
		{"both eTag and data", one(`{"id":"a","status":200,"body":{"eTag":"v1","data":[]}}`), nil, ErrNotResponses, "responses[0].body.data"},
		{"success with an error", one(`{"id":"a","status":200,"body":{"eTag":"v1","error":{"code":null,"message":null}}}`), nil, ErrNotResponses, "responses[0].body.error is not null"},
		{"data a string", one(`{"id":"a","status":200,"body":{"data":"x"}}`), nil, ErrNotResponses, "responses[0].body.data is not a list"},
		{"data with a number", one(`{"id":"a","status":200,"body":{"data":["x",1]}}`), nil, ErrNotResponses, "responses[0].body.data[1] is not a string"},
		{"refusal without error", one(`{"id":"a","status":403,"body":{"error":null,"data":null}}`), nil, ErrNotResponses, "responses[0].body.error"},
		{"refusal without code", one(`{"id":"a","status":403,"body":{"error":{"message":"m"}}}`), nil, ErrNotResponses, "responses[0].body.error"},
		{"refusal without message", one(`{"id":"a","status":403,"body":{"error":{"code":"c","message":""}}}`), nil, ErrNotResponses, "responses[0].body.error"},
		{"refusal with data", one(`{"id":"a","status":403,"body":{"error":{"code":"c","message":"m"},"data":[]}}`), nil, ErrNotResponses, "responses[0].body has data"},
		{"refusal with an eTag", one(`{"id":"a","status":403,"body":{"error":{"code":"c","message":"m"},"eTag":"v1"}}`), nil, ErrNotResponses, "responses[0].body has data or an eTag"},
		{"the second is wrong", one(`{"id":"a","status":200,"body":{"eTag":"v1"}},{}`), nil, ErrNotResponses, "responses[1].id is missing"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			responses, err := DecodeResponses([]byte(row.text))
			if row.err != nil {
				require.ErrorIs(t, err, row.err)
				assert.ErrorContains(t, err, row.reason)
				assert.Nil(t, responses)
				return
			}
			require.NoError(t, err)
			require.Len(t, responses, len(row.want))
			for i, r := range responses {
				assert.Equal(t, row.want[i], r.Result())
			}
		})
	}
}
