package contract

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/batch"
	"example.com/shiftswfi/batch/envelope"
)

func TestSectionTitle(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "Batches", SectionTitle("3"))
	assert.Equal(t, "Responses", SectionTitle("3.2"))
	assert.Empty(t, SectionTitle("3.99"))
	assert.Empty(t, SectionTitle(""))
}

// Numbers are referred to from outside: none may be missing, or come twice.
func TestSectionsAreNumberedInOrder(t *testing.T) {
	t.Parallel()
	var want []string
	for i, count := range []int{4, 5, 6, 3, 12, 4, 1} {
		want = append(want, fmt.Sprint(i+1))
		for j := range count {
			want = append(want, fmt.Sprintf("%d.%d", i+1, j+1))
		}
	}
	var got []string
	for _, match := range heading.FindAllStringSubmatch(contractText, -1) {
		got = append(got, match[1])
	}
	assert.Equal(t, want, got)
}

func TestChecksReferToSections(t *testing.T) {
	t.Parallel()
	for _, check := range Checks() {
		if assert.NotEmpty(t, SectionTitle(check.Section), "%s refers to section %q", check.ID, check.Section) {
			assert.Contains(t, demands(check.Section), string(check.Level), "section %s has no %s for %s", check.Section, check.Level, check.ID)
		}
	}
}

// unchecked are the sub-sections whose demands no check of their own looks at,
// and why.
var unchecked = map[string]string{
	"1.1": "every check needs the secret; that another one is refused belongs to 1.3 and 2.3",
}

// What is said of a whole section is checked in its sub-sections.
func TestDemandsAreChecked(t *testing.T) {
	t.Parallel()
	checked := map[string]bool{}
	for _, check := range Checks() {
		checked[check.Section] = true
	}
	for _, number := range slices.Sorted(maps.Keys(sections)) {
		switch _, excused := unchecked[number]; {
		case !strings.Contains(number, "."):
		case len(demands(number)) == 0:
			assert.False(t, excused, "section %s demands nothing", number)
		case excused:
			assert.False(t, checked[number], "section %s is checked by now", number)
		default:
			assert.True(t, checked[number], "no check for section %s, %s", number, SectionTitle(number))
		}
	}
}

// demands are the levels that the text of a section speaks of.
func demands(number string) []string {
	return regexp.MustCompile(`\b(?:MUST|SHOULD|MAY)\b`).FindAllString(sectionText(number), -1)
}

// sectionText ends at the next heading.
func sectionText(number string) string {
	_, text, _ := strings.Cut(contractText, " "+number+" "+SectionTitle(number)+"\n")
	text, _, _ = strings.Cut(text, "\n#")
	return text
}

// fenced are the blocks of a language in CONTRACT.md.
func fenced(language string) (blocks []string) {
	for _, match := range regexp.MustCompile("(?ms)^```"+language+"\n(.*?)^```$").FindAllStringSubmatch(contractText, -1) {
		blocks = append(blocks, match[1])
	}
	return blocks
}

// The worked example is what Bond's own writer makes, as envelope.Seal does.
func TestEnvelopeExample(t *testing.T) {
	t.Parallel()
	blocks := fenced("hex")
	require.Len(t, blocks, 1)
	digits := regexp.MustCompile(`#.*|\s`).ReplaceAllString(blocks[0], "")
	want, err := hex.DecodeString(digits)
	require.NoError(t, err)

	example := regexp.MustCompile("This is `(.+?)` under the secret `(.+?)`, with the bytes 00 to 1f as the message's key and 20 to 2f as its IV:\n\n```hex").
		FindStringSubmatch(contractText)
	require.NotNil(t, example)
	plaintext, secret := example[1], example[2]
	key, err := envelope.NewKey(secret)
	require.NoError(t, err)
	random := make([]byte, 0x30)
	for i := range random {
		random[i] = byte(i)
	}
	body, err := envelope.Seal([]byte(plaintext), key, bytes.NewReader(random))
	require.NoError(t, err)
	assert.Equal(t, hex.EncodeToString(want), hex.EncodeToString(body))
}

// What the text shows of batches is what package batch reads.
func TestExamplesAreBatches(t *testing.T) {
	t.Parallel()
	requests, responses := 0, 0
	for _, block := range fenced("json") {
		decoder := json.NewDecoder(strings.NewReader(block))
		for {
			var document json.RawMessage
			err := decoder.Decode(&document)
			if err == io.EOF {
				break
			}
			require.NoError(t, err, "%s", block)
			switch {
			case bytes.HasPrefix(document, []byte(`{"requests"`)):
				requests++
				decoded, err := batch.Decode(document, 100)
				require.NoError(t, err, "%s", document)
				for _, request := range decoded.All() {
					assert.Empty(t, request.Malformed, "%s", document)
				}
			case bytes.HasPrefix(document, []byte(`{"responses"`)):
				responses++
				_, err := batch.DecodeResponses(document)
				assert.NoError(t, err, "%s", document)
			}
		}
	}
	assert.GreaterOrEqual(t, requests, 6)
	assert.GreaterOrEqual(t, responses, 4)
}
