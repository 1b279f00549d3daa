package batch

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// Whatever the text: Decode finds in it what encoding/json finds, and every
// item gets one answer with its id, in valid JSON that decodes to the same.
func FuzzDecode(f *testing.F) {
	for _, text := range goldenFiles(f, "request.json") {
		f.Add([]byte(text))
	}
	for _, text := range []string{
		``, `{}`, `{"requests":[]}`, `{"requests":[1],"requests":[{"id":"\ud800\u0000"}]}`, nested(50),
		"\uFEFF{\"requests\":[\"\xff\"]}", `{"requests":[{"id":1e999,"id":"","header":{"X-MS-Expires":1}}]}`,
		"{ \"requests\"\t:\r\n[ 1 ,{ \"id\" : 2\t, \"body\":true\r}\n,{\"id\":3\n} , null ] } ",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		const maxItems = 20
		before := bytes.Clone(text)
		b, err := Decode(text, maxItems)
		require.Equal(t, before, text, "the text was changed")

		items, wantErr := reference(text, maxItems)
		require.Equal(t, wantErr, err)
		if err != nil {
			require.Zero(t, b)
			return
		}
		require.Equal(t, len(items), b.Len())
		for i, r := range b.All() {
			require.Equal(t, string(items[i].id), string(r.rawID))
			require.Equal(t, string(items[i].body), string(r.Body))
		}

		results := make([]Result, b.Len())
		responses := b.Answer(func(i int, r Request) Result {
			results[i] = anyResult(i, r)
			return results[i]
		})
		encoded := Encode(responses)
		var wire struct {
			Responses []struct{ ID json.RawMessage }
		}
		require.NoError(t, json.Unmarshal(encoded, &wire), "%s", encoded)
		require.Equal(t, len(items), len(wire.Responses))
		for i, r := range wire.Responses {
			require.Equal(t, string(items[i].id), string(r.ID))
		}
		decoded, err := DecodeResponses(encoded)
		require.NoError(t, err)
		require.Equal(t, len(items), len(decoded))
		for i, r := range decoded {
			require.Equal(t, string(items[i].id), string(r.ID()))
			require.Equal(t, results[i].decided(), r.Result())
		}
	})
}

type referenceItem struct{ id, body json.RawMessage }

// reference does with encoding/json what Decode does.
func reference(text []byte, maxItems int) ([]referenceItem, error) {
	text = bytes.TrimPrefix(text, []byte("\uFEFF"))
	if !utf8.Valid(text) || !json.Valid(text) {
		return nil, ErrNotJSON
	}
	var top map[string]json.RawMessage
	var list []json.RawMessage
	if json.Unmarshal(text, &top) != nil || json.Unmarshal(top["requests"], &list) != nil || len(list) == 0 {
		return nil, ErrNoRequests
	}
	if len(list) > maxItems {
		return nil, ErrTooManyItems
	}
	items := make([]referenceItem, len(list))
	for i, item := range list {
		var members map[string]json.RawMessage
		_ = json.Unmarshal(item, &members) // an item that is no object has no members
		items[i] = referenceItem{id: json.RawMessage("null")}
		if id, ok := members["id"]; ok {
			items[i].id = id
		}
		if body := members["body"]; string(body) != "null" {
			items[i].body = body
		}
	}
	return items, nil
}

// anyResult has the strings of the request in places where they may need
// escapes.
func anyResult(i int, r Request) Result {
	switch (i + len(r.Method)) % 4 {
	case 0:
		return Data([]string{r.ID, r.Method, r.Expires, r.TransactionID, r.URL.path, r.URL.query})
	case 1:
		return Accepted(r.ID)
	case 2:
		return Refused(len(r.ID)*100, r.Method, r.URL.path)
	default:
		return Result{}
	}
}

// What can be read as responses is written so that it reads the same.
func FuzzDecodeResponses(f *testing.F) {
	for _, text := range goldenFiles(f, "response.json") {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		responses, err := DecodeResponses(text)
		if err != nil {
			require.Nil(t, responses)
			return
		}
		again, err := DecodeResponses(Encode(responses))
		require.NoError(t, err)
		require.Equal(t, responses, again)
	})
}

// What is put into a URL comes out again: an id or a value that is escaped, and
// a value that is not, as long as it holds none of the characters & and %.
// Of a URL of any form, path and query are read as the plainest code reads them.
func FuzzURL(f *testing.F) {
	f.Add("SHFT_a", "5/31/2030 11:00:00 PM +00:00", "shifts//SHFT_a/requestableShifts/?startTime=5/31/2030 11:00:00 PM +00:00&endTime=%zz")
	f.Add("a/b?c&d=e%41+ é\x00", "%2B&=?", "?=&%&%4&%41=%ff")
	f.Add("", "", "/%73hifts/%2f")
	f.Fuzz(func(t *testing.T, id, value, raw string) {
		if utf8.ValidString(id) && utf8.ValidString(value) && id != "" {
			u := ParseURL("/shifts/" + url.PathEscape(id) + "?x=y&V=" + strings.ReplaceAll(url.QueryEscape(value), "+", "%20"))
			got, ok := u.Match("Shifts/{id}")
			require.True(t, ok)
			require.Equal(t, id, got)
			require.Equal(t, value, u.Query("v"))
		}
		if !strings.ContainsAny(value, "&%") {
			require.Equal(t, value, ParseURL("shifts?x=y&V="+value+"&z").Query("v"))
		}

		path, query, _ := strings.Cut(raw, "?")
		segments := strings.FieldsFunc(path, func(c rune) bool { return c == '/' })
		got, ok := ParseURL(raw).Match("shifts/{id}")
		require.Equal(t, len(segments) == 2 && strings.EqualFold(unescape(segments[0]), "shifts"), ok)
		if ok {
			require.Equal(t, unescape(segments[1]), got)
		} else {
			require.Empty(t, got)
		}
		value = ""
		for _, parameter := range strings.Split(query, "&") {
			name, v, _ := strings.Cut(parameter, "=")
			if value == "" && strings.EqualFold(unescape(name), "startTime") {
				value = unescape(v)
			}
		}
		require.Equal(t, value, ParseURL(raw).Query("startTime"))
	})
}
