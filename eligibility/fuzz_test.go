package eligibility_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/eligibility"
)

// FuzzParseTeam: what is refused is refused with a path and what would have
// been right; what is read is given back so that it reads as the same.
func FuzzParseTeam(f *testing.F) {
	for _, name := range []string{"testdata/full.json", "testdata/team.json"} {
		seed, err := os.ReadFile(name)
		require.NoError(f, err)
		f.Add(seed)
	}
	for seed := range uint64(5) {
		document, err := json.Marshal(newRandomTeam(seed).document())
		require.NoError(f, err)
		f.Add(document)
	}
	for _, seed := range []string{
		"", "null", `""`, "[]", `{"team":{"id":"1","timeZone":"UTC"}}`, `{"team":{"id":"1","timeZone":"UTC"},"shifts":[{"id":"a"},{"id":"a"}]}`,
		`{"team":{"id":"1","timeZone":"UTC"},"shifts":null,"x\u0000\ud800":[1e5],"workers":[{"userId":"\u212a"}]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, document []byte) {
		team, err := eligibility.ParseTeam(document)
		if err != nil {
			var problems eligibility.FieldErrors
			require.ErrorAs(t, err, &problems)
			require.NotEmpty(t, problems)
			for _, problem := range problems {
				require.NotEmpty(t, problem.Path, "%v", err)
				require.NotEmpty(t, problem.Found, "%v", err)
				require.NotEmpty(t, problem.Expected, "%v", err)
			}
			return
		}
		first := encode(t, team.File())
		again, err := eligibility.ParseTeam(first)
		require.NoError(t, err, "%s", first)
		require.Equal(t, string(first), string(encode(t, again.File())))
		require.Equal(t, team.Warnings(), again.Warnings())
		rebuilt, err := eligibility.NewTeam(team.File())
		require.NoError(t, err)
		require.Equal(t, string(first), string(encode(t, rebuilt.File())))
	})
}
