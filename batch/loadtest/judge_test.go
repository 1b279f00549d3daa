package loadtest

import (
	"context"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/batch/shifts"
)

func TestWrongAnswers(t *testing.T) {
	t.Parallel()
	answers := func(body string) string { return `{"responses":[` + body + `]}` }
	for name, test := range map[string]struct {
		status int
		body   string
		err    error
		judge  Judge
		want   Verdict
	}{
		"right":                    {200, right, nil, nil, Verdict{}},
		"order does not matter":    {200, answers(`{"id":"1","status":200,"body":{"data":["SHFT_a","SHFT_b","SHFT_a"]}}`), nil, nil, Verdict{}},
		"another id":               {200, answers(`{"id":"1","status":200,"body":{"data":["SHFT_a","SHFT_c"]}}`), nil, nil, Verdict{Differs, "2 ids where 2 were expected, 1 of them in common"}},
		"one more":                 {200, answers(`{"id":"1","status":200,"body":{"data":["SHFT_a","SHFT_b","SHFT_c"]}}`), nil, nil, Verdict{Differs, "3 ids where 2 were expected, 2 of them in common"}},
		"refused":                  {200, answers(`{"id":"1","status":403,"body":{"error":{"code":"MinimumRest","message":"Adele"}}}`), nil, nil, Verdict{"refused", "status 403, code MinimumRest"}},
		"a code with a name":       {200, answers(`{"id":"1","status":403,"body":{"error":{"code":"Not Adele","message":""}}}`), nil, nil, Verdict{"refused", "status 403"}},
		"a code with a secret":     {200, answers(`{"id":"1","status":403,"body":{"error":{"code":"` + secret[:32] + `"}}}`), nil, nil, Verdict{"refused", "status 403"}},
		"unanswered":               {200, answers(``), nil, nil, Verdict{"unanswered", "the item has no answer"}},
		"another item's":           {200, answers(`{"id":"2","status":200,"body":{"data":[]}}`), nil, nil, Verdict{"unanswered", "the item has no answer"}},
		"without status":           {200, answers(`{"id":"1","body":{"data":[]}}`), nil, nil, Verdict{"unanswered", "the answer has no status"}},
		"status as text":           {200, answers(`{"id":"1","status":"200","body":{"data":[]}}`), nil, nil, Verdict{"invalid", "the status is not an integer between 100 and 599"}},
		"data null":                {200, answers(`{"id":"1","status":200,"body":{"data":null}}`), nil, nil, Verdict{"invalid", "data is not a list of texts"}},
		"not JSON":                 {200, `oops`, nil, nil, Verdict{"invalid", "the body is not JSON"}},
		"HTTP 500":                 {500, right, nil, nil, Verdict{"invalid", "HTTP 500"}},
		"connection closed":        {0, "", io.ErrUnexpectedEOF, nil, Verdict{NoAnswer, "the connection failed or was closed"}},
		"too long":                 {200, strings.Repeat(" ", shifts.DefaultMaxAnswer+1), nil, nil, Verdict{TooLong, "more than 8388608 bytes"}},
		"saved":                    {200, answers(`{"id":"1","status":200,"body":{"eTag":"v1"}}`), nil, Saves("1"), Verdict{}},
		"saved without eTag":       {200, answers(`{"id":"1","status":200,"body":{"eTag":null}}`), nil, Saves("1"), Verdict{"unacknowledged", "no eTag"}},
		"refused, and to be saved": {200, answers(`{"id":"1","status":503,"body":{"error":{"code":"503"}}}`), nil, Saves("1"), Verdict{"refused", "status 503, code 503"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				e := &endpoint{serve: func(_ context.Context, call int) (int, string, error) { return test.status, test.body, test.err }}
				o := options(t, e)
				o.Requests = 2
				var told []Reason
				source := questions{func() Call {
					call := question()
					if test.judge != nil {
						call.Judge = test.judge
					}
					call.Done = func(reason Reason) { told = append(told, reason) } // the two are 10 ms apart
					return call
				}}
				report, err := Run(t.Context(), source, o)
				require.NoError(t, err)
				assert.Equal(t, 2, report.All.Calls)
				assert.Equal(t, []Reason{test.want.Reason, test.want.Reason}, told)
				if test.want == (Verdict{}) {
					assert.Zero(t, report.All.Wrong)
					assert.Empty(t, report.Examples)
					return
				}
				assert.Equal(t, 2, report.All.Wrong)
				assert.Equal(t, map[Reason]int{test.want.Reason: 2}, report.All.Reasons)
				assert.Equal(t, []Example{
					{"read", test.want.Reason, test.want.Detail, 0},
					{"read", test.want.Reason, test.want.Detail, 10 * time.Millisecond},
				}, report.Examples)
				text, err := json.Marshal(report)
				require.NoError(t, err)
				assert.NotContains(t, string(text), "Adele")
				assert.NotContains(t, string(text), secret[:32])
			})
		})
	}
}
