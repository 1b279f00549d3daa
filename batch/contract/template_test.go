package contract

import (
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// As it stands, the template says no more than an empty profile.
func TestProfileTemplate(t *testing.T) {
	t.Parallel()
	got, err := ParseProfile([]byte(ProfileTemplate()))
	require.NoError(t, err)
	empty, err := Profile{}.checked()
	require.NoError(t, err)
	empty.TimeZone = "UTC" // what an empty one stands for
	assert.Equal(t, empty, got)
}

// With its examples, it sets everything that there is.
func TestProfileTemplateExamples(t *testing.T) {
	t.Parallel()
	text := regexp.MustCompile(`(?m)^#([a-zA-Z]|  )`).ReplaceAllString(ProfileTemplate(), "$1")
	text = strings.Replace(text, "plainFromLoopback: false", "plainFromLoopback: true", 1)
	got, err := ParseProfile([]byte(text))
	require.NoError(t, err, text)
	assertSet(t, "profile", reflect.ValueOf(got))
	for _, need := range []need{
		needsTeam, needsSwapFilter, needsEligible, needsIneligible, needsReasonFilter, needsRoster(3),
		needsChanges("shift"), needsDecisions("swapRequest"),
	} {
		assert.Empty(t, need(got))
	}
}

// assertSet fails for every setting that has its zero value.
func assertSet(t *testing.T, path string, v reflect.Value) {
	t.Helper()
	if v.Kind() != reflect.Struct || v.Type().String() == "time.Time" {
		assert.False(t, v.IsZero(), path)
		return
	}
	for i := range v.NumField() {
		if field := v.Type().Field(i); field.IsExported() {
			assertSet(t, path+"."+field.Tag.Get("yaml"), v.Field(i))
		}
	}
}
