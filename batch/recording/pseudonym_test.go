package recording

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	adele = "4fbc12d7-1234-46ef-8a90-bc123d45678f"
	thing = "SHFT_a0000001-0000-4000-8000-000000000001"
)

func TestPseudonymOfID(t *testing.T) {
	t.Parallel()
	p := NewPseudonyms()
	assert.Regexp(t, `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, p.ID(adele))
	assert.Regexp(t, `^SHFT_[0-9a-f]{8}-[0-9a-f-]{27}$`, p.ID(thing))
	assert.Regexp(t, `^OPNSHFT_[0-9a-f]{20}$`, p.ID("OPNSHFT_late"))
	assert.Regexp(t, `^[0-9a-f]{20}$`, p.ID("adele"))
	assert.Regexp(t, `^[0-9A-F]{20}$`, p.ID("ADELES_shift"), "only known prefixes stay")
	assert.Empty(t, p.ID(""))
	assert.Equal(t, p.ID(adele), p.ID(adele))
	assert.Equal(t, strings.ToUpper(p.ID(adele)), p.ID(strings.ToUpper(adele)))
	assert.NotEqual(t, p.ID("adele"), p.ID("bianca"))
	assert.NotEqual(t, p.ID(adele), NewPseudonyms().ID(adele), "another recording, another key")
}

func TestPseudonymsOfADocument(t *testing.T) {
	t.Parallel()
	p := NewPseudonyms()
	text, name := func(s string) string { return p.called("Text", s) }, func(s string) string { return p.called("Name", s) }
	for about, row := range map[string]struct{ plain, want string }{
		"words of the protocol":  {`{"method":"PUT","state":"Declined ","assignedTo":"System","theme":"Turquoise","timeZone":"America/New_York"}`, ``},
		"times":                  {`{"startDateTime":"2026-12-03T14:00:00.000Z","a":"12/1/2026 5:00:00 AM +00:00","b":"06:00","c":"11h","d":"2026-12-01"}`, ``},
		"numbers and such":       {`{"openSlotCount":2,"isActive":false,"x":null,"empty":""}`, ``},
		"ids":                    {`{"userId":"u","userIds":["u"],"data":["` + thing + `"],"id":null}`, `{"userId":"` + p.ID("u") + `","userIds":["` + p.ID("u") + `"],"data":["` + p.ID(thing) + `"],"id":null}`},
		"an id in another place": {`{"whatever":"` + adele + `"}`, `{"whatever":"` + p.ID(adele) + `"}`},
		"names and texts":        {`{"displayName":"Adele","senderMessage":"A dentist","state":"with Adele, at home"}`, `{"displayName":"` + name("Adele") + `","senderMessage":"` + text("A dentist") + `","state":"` + text("with Adele, at home") + `"}`},
		"words of attributes":    {`{"attributes":{"type":"Adele"}}`, `{"attributes":{"type":"` + text("Adele") + `"}}`},
		"an eTag":                {`{"eTag":"\"1\""}`, `{"eTag":"` + p.called("eTag", `"1"`) + `"}`},
		"a refusal":              {`{"error":{"code":"MinimumRest","message":"Adele must rest"}}`, `{"error":{"code":"MinimumRest","message":"<text>"}}`},
		"a code with an id":      {`{"error":{"code":"` + thing + `","message":""}}`, `{"error":{"code":"<text>","message":""}}`},
		"a code that is a text":  {`{"error":{"code":"Adele is ill","message":null}}`, `{"error":{"code":"<text>","message":null}}`},
		"another code":           {`{"code":"Adele"}`, `{"code":"` + text("Adele") + `"}`},
		"a counter":              {`{"X-MS-Transaction-ID":"12"}`, ``},
		"ids as names":           {`{"policy":{"timeOffReasons":{"TOR_1":{"minTenureDays":1}}},"balances":{"sick":1},"adele@contoso.example":1}`, `{"policy":{"timeOffReasons":{"` + p.ID("TOR_1") + `":{"minTenureDays":1}}},"balances":{"` + p.ID("sick") + `":1},"` + p.ID("adele@contoso.example") + `":1}`},
		"entities with ids":      {`{"timeOffReasons":[{"id":"TOR_1","isActive":true}]}`, `{"timeOffReasons":[{"id":"` + p.ID("TOR_1") + `","isActive":true}]}`},
		"a custom rule":          {`{"custom":[{"id":"own-site","expr":"worker.attributes.site == 'north' || requestType == \"SwapRequest\""}]}`, `{"custom":[{"id":"own-site","expr":"worker.attributes.site == '` + text("north") + `' || requestType == \"SwapRequest\""}]}`},
		"the URL of a question":  {`{"url":"/shifts/` + thing + `/requestableShifts?requestType=SwapRequest&startTime=5/31/2030 11:00:00 PM +00:00"}`, `{"url":"/shifts/` + p.ID(thing) + `/requestableShifts?requestType=SwapRequest&startTime=5/31/2030 11:00:00 PM +00:00"}`},
		"the URL of a change":    {`{"url":"swapRequests/SREQ%5F1"}`, `{"url":"swapRequests/` + p.ID("SREQ_1") + `"}`},
		"an id like a word":      {`{"id":"shifts","url":"/shifts/shifts"}`, `{"id":"` + p.ID("shifts") + `","url":"/shifts/` + p.ID("shifts") + `"}`},
		"settings":               {`{"url":"/settings/shiftpreferences"}`, ``},
		"an unknown URL":         {`{"url":"/people/adele?name=Adele"}`, `{"url":"/` + p.ID("people") + `/` + p.ID("adele") + `?` + p.ID("name") + `=` + p.ID("Adele") + `"}`},
	} {
		t.Run(about, func(t *testing.T) {
			t.Parallel()
			want := row.want
			if want == "" {
				want = row.plain // is kept
			}
			got, err := p.Document([]byte(row.plain))
			require.NoError(t, err)
			assert.JSONEq(t, want, string(got))
		})
	}
	got, err := p.Document([]byte(`{"id":4711,"timeOffReasonId":4711}`))
	require.NoError(t, err)
	var numbers struct{ ID, TimeOffReasonID uint32 }
	require.NoError(t, json.Unmarshal(got, &numbers))
	assert.NotEqual(t, uint32(4711), numbers.ID)
	assert.Equal(t, numbers.ID, numbers.TimeOffReasonID)
}

// Whatever stands wherever ids, names and texts stand, none of it is left.
func TestNothingPersonalIsLeft(t *testing.T) {
	t.Parallel()
	members := []string{"id", "userId", "displayName", "notes", "senderMessage", "data", "url", "eTag", "whatever", "content", "message", "code"}
	for seed := range uint64(100) {
		r := rand.New(rand.NewPCG(seed, 1))
		var originals []string
		original := func() string {
			text := fmt.Sprintf("%c%06x person %d", 'g'+r.IntN(10), r.Uint32(), seed)
			switch r.IntN(3) {
			case 0:
				text = fmt.Sprintf("%08x-%04x-4000-8000-%012x", r.Uint32(), r.IntN(1<<16), r.Uint64()&0xffffffffffff)
			case 1:
				text = fmt.Sprintf("SHFT_%c%08x", 'g'+r.IntN(10), r.Uint32())
			}
			originals = append(originals, text)
			return text
		}
		var random func(depth int) any
		random = func(depth int) any {
			switch {
			case depth == 0 || r.IntN(3) == 0:
				return original()
			case r.IntN(3) == 0:
				return []any{random(depth - 1), random(depth - 1)}
			}
			object := map[string]any{members[r.IntN(len(members))]: random(depth - 1), members[r.IntN(len(members))]: random(depth - 1)}
			if r.IntN(4) == 0 {
				object[original()] = random(depth - 1)
			}
			object["url"] = "/shifts/" + original() + "/requestableShifts?startTime=" + original()
			return object
		}
		plain, err := json.Marshal(random(4))
		require.NoError(t, err)
		p := NewPseudonyms()
		hidden, err := p.Document(plain)
		require.NoError(t, err)
		for _, o := range originals {
			require.NotContains(t, string(hidden), strings.TrimPrefix(o, "SHFT_"), "seed %d: %s", seed, plain)
		}
		again, err := p.Document(plain)
		require.NoError(t, err)
		require.Equal(t, hidden, again)
	}
}

func TestOpenPseudonyms(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "key")
	made, err := OpenPseudonyms(file)
	require.NoError(t, err)
	again, err := OpenPseudonyms(file)
	require.NoError(t, err)
	assert.Equal(t, made.ID(adele), again.ID(adele))
	require.NoError(t, os.WriteFile(file, []byte("abc"), 0o600))
	_, err = OpenPseudonyms(file)
	require.ErrorContains(t, err, "expected a key")
	_, err = OpenPseudonyms(filepath.Join(file, "below"))
	require.Error(t, err)
}
