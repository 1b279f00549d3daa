package recording

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCompare(t *testing.T) {
	t.Parallel()
	saved := func(id, eTag string) string {
		return `{"id":"` + id + `","status":200,"body":{"eTag":` + eTag + `,"error":null,"data":null}}`
	}
	refused := func(message string) string {
		return `{"id":"1","status":403,"body":{"error":{"code":"Full","message":` + message + `},"data":null}}`
	}
	responses := func(list string) string { return `{"responses":[` + list + `]}` }
	for name, row := range map[string]struct {
		want, got   string
		differences []Difference
	}{
		"equal, in another layout":     {`{"a":[1,"x",null],"b":true}`, ` {"b": true, "a": [1, "x", null]}`, nil},
		"another number":               {`{"a":200}`, `{"a":"200"}`, []Difference{{"a", `200`, `"200"`}}},
		"null is not absent":           {`{"a":null}`, `{}`, []Difference{{"a", "null", Absent}}},
		"one more member":              {`{}`, `{"a":null}`, []Difference{{"a", Absent, "null"}}},
		"one element less":             {`[1,2]`, `[1]`, []Difference{{"[1]", "2", Absent}}},
		"another order":                {`[1,2]`, `[2,1]`, []Difference{{"[0]", "1", "2"}, {"[1]", "2", "1"}}},
		"any order":                    {`["<set>","a","b","b"]`, `["b","a","b"]`, nil},
		"a set counts":                 {`["<set>","a","b","b"]`, `["b","a","a"]`, []Difference{{"", `"b"`, Absent}, {"", Absent, `"a"`}}},
		"an empty set":                 {`["<set>"]`, `[]`, nil},
		"a set is a list":              {`["<set>"]`, `null`, []Difference{{"", `["<set>"]`, "null"}}},
		"ids":                          {`{"d":"<ids>"}`, `{"d":["a"]}`, nil},
		"no ids":                       {`{"d":"<ids>"}`, `{"d":[]}`, nil},
		"ids that are none":            {`{"d":"<ids>"}`, `{"d":[1]}`, []Difference{{"d", `"<ids>"`, `[1]`}}},
		"anything":                     {`{"a":"<any>"}`, `{"a":{"b":1}}`, nil},
		"anything, also nothing":       {`{"a":"<any>"}`, `{}`, nil},
		"some text":                    {`{"a":"<text>"}`, `{"a":"x"}`, nil},
		"no text":                      {`{"a":"<text>"}`, `{"a":""}`, []Difference{{"a", `"<text>"`, `""`}}},
		"null is no text":              {`{"a":"<text>"}`, `{"a":null}`, []Difference{{"a", `"<text>"`, `null`}}},
		"a matcher in the answer":      {`{"a":"x"}`, `{"a":"<any>"}`, []Difference{{"a", `"x"`, `"<any>"`}}},
		"another eTag":                 {responses(saved("1", `"a"`)), responses(saved("1", `"b"`)), nil},
		"no eTag":                      {responses(saved("1", `"a"`)), responses(saved("1", `null`)), []Difference{{"responses[1].body.eTag", `"a"`, "null"}}},
		"an empty eTag":                {responses(saved("1", `"a"`)), responses(saved("1", `""`)), []Difference{{"responses[1].body.eTag", `"a"`, `""`}}},
		"an eTag that nobody expected": {responses(saved("1", `null`)), responses(saved("1", `"b"`)), []Difference{{"responses[1].body.eTag", "null", `"b"`}}},
		"an eTag elsewhere counts":     {`{"eTag":"a"}`, `{"eTag":"b"}`, []Difference{{"eTag", `"a"`, `"b"`}}},
		"responses in another order":   {responses(saved("1", `"a"`) + "," + saved("2", `"a"`)), responses(saved("2", `"a"`) + "," + saved("1", `"a"`)), nil},
		"an item left out":             {responses(saved("1", `"a"`) + "," + saved("2", `"a"`)), responses(saved("2", `"a"`)), []Difference{{"responses[1]", saved("1", `"a"`), Absent}}},
		"an item answered twice":       {responses(saved("1", `"a"`)), responses(saved("1", `"a"`) + "," + saved("1", `"a"`)), []Difference{{"responses[1]", Absent, saved("1", `"a"`)}}},
		"an id that is a number":       {responses(`{"id":"1"}`), responses(`{"id":1}`), []Difference{{"responses[1].id", `"1"`, `1`}}},
		"another message":              {responses(refused(`"full"`)), responses(refused(`"voll"`)), nil},
		"no message":                   {responses(refused(`"full"`)), responses(refused(`null`)), []Difference{{"responses[1].body.error.message", `"full"`, "null"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			differences, err := Compare([]byte(row.want), []byte(row.got), false)
			require.NoError(t, err)
			assert.Equal(t, row.differences, differences)

			// What is accepted is expected from then on.
			want, got := must(parse([]byte(row.want))), must(parse([]byte(row.got)))
			updated := comparison{}.update("", want, got)
			assert.Empty(t, comparison{}.differences("", updated, got), string(updated.json()))
		})
	}
	differences, err := Compare([]byte(responses(refused(`"full"`))), []byte(responses(refused(`"voll"`))), true)
	require.NoError(t, err)
	assert.Equal(t, []Difference{{"responses[1].body.error.message", `"full"`, `"voll"`}}, differences, "unless messages count")
	_, err = Compare([]byte(`{`), []byte(`{}`), false)
	require.ErrorContains(t, err, "the expected answer is not JSON")
	_, err = Compare([]byte(`{}`), []byte(`<html>`), false)
	require.ErrorContains(t, err, "the answer is not JSON")
}

func TestUpdateKeepsMatchers(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ want, got, updated string }{
		"matchers that match":      {`{"a":"<any>","b":"<text>","c":1}`, `{"a":[1],"b":"x","c":2}`, `{"a":"<any>","b":"<text>","c":2}`},
		"one that does not":        {`{"a":"<text>","c":1}`, `{"a":null,"c":1}`, `{"a":null,"c":1}`},
		"a set of other elements":  {`{"d":["<set>","a"]}`, `{"d":["c","b"]}`, `{"d":["<set>","c","b"]}`},
		"a set that is no list":    {`{"d":["<set>","a"]}`, `{"d":null}`, `{"d":null}`},
		"the order of the members": {`{"a":1,"b":2}`, `{"b":2,"a":3}`, `{"b":2,"a":3}`},
		"texts that are chance": {`{"responses":[{"id":"1","body":{"eTag":null}}]}`, `{"responses":[{"id":"1","body":{"eTag":"x","error":{"code":"c","message":"m"}}}]}`,
			`{"responses":[{"id":"1","body":{"eTag":"<text>","error":{"code":"c","message":"<text>"}}}]}`},
		"responses by their ids": {`{"responses":[{"id":"1","x":"<text>","s":1},{"id":"2","s":1}]}`, `{"responses":[{"id":"2","s":1},{"id":"1","x":"y","s":2}]}`,
			`{"responses":[{"id":"2","s":1},{"id":"1","x":"<text>","s":2}]}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			updated := comparison{}.update("", must(parse([]byte(row.want))), must(parse([]byte(row.got))))
			assert.Equal(t, row.updated, string(updated.json()))
		})
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func FuzzValue(f *testing.F) {
	f.Add([]byte(`{"a":[1.50,"x\u0026\ud800<",null,true,{}],"a":{"":[]}}`))
	f.Add([]byte("\uFEFF -0e-1 "))
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := parse(data)
		if err != nil {
			return
		}
		again, err := parse(v.json())
		require.NoError(t, err)
		require.Equal(t, v, again)
		indented, err := parse(v.indented())
		require.NoError(t, err)
		require.Equal(t, v, indented)
	})
}
