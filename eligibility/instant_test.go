package eligibility_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/eligibility"
)

// noTime is what a refused form comes to.
const noTime = ""

// instants are forms of RFC 3339 with what they mean in UTC.
var instants = []struct{ name, text, want string }{
	{"seconds", "2026-12-01T08:00:00Z", "2026-12-01T08:00:00Z"},
	{"milliseconds", "2026-12-01T08:00:00.123Z", "2026-12-01T08:00:00.123Z"},
	{"seven digits", "2026-12-01T08:00:00.1234567Z", "2026-12-01T08:00:00.1234567Z"},
	{"nine digits", "2026-12-01T08:00:00.123456789Z", "2026-12-01T08:00:00.123456789Z"},
	{"digits after the ninth are dropped, not rounded", "2026-12-01T08:00:00.1234567899Z", "2026-12-01T08:00:00.123456789Z"},
	{"twenty digits", "2026-12-01T08:00:00.00000000000000000009Z", "2026-12-01T08:00:00Z"},
	{"one digit", "2026-12-01T08:00:00.5Z", "2026-12-01T08:00:00.5Z"},
	{"ahead of UTC", "2026-12-01T08:00:00+05:45", "2026-12-01T02:15:00Z"},
	{"behind UTC", "2026-12-01T08:00:00.25-08:00", "2026-12-01T16:00:00.25Z"},
	{"offset of zero", "2026-12-01T08:00:00+00:00", "2026-12-01T08:00:00Z"},
	{"negative offset of zero", "2026-12-01T08:00:00-00:00", "2026-12-01T08:00:00Z"},
	{"largest offset", "2026-12-01T08:00:00+23:59", "2026-11-30T08:01:00Z"},
	{"smallest offset", "2026-12-01T08:00:00-23:59", "2026-12-02T07:59:00Z"},
	{"29 February", "2028-02-29T00:00:00Z", "2028-02-29T00:00:00Z"},
	{"first year", "0000-01-01T00:00:00Z", "0000-01-01T00:00:00Z"},
	{"last second", "9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59.999999999Z"},

	{"empty", "", noTime},
	{"blank before", " 2026-12-01T08:00:00Z", noTime},
	{"blank after", "2026-12-01T08:00:00Z ", noTime},
	{"lower-case t", "2026-12-01t08:00:00Z", noTime},
	{"lower-case z", "2026-12-01T08:00:00z", noTime},
	{"blank for T", "2026-12-01 08:00:00Z", noTime},
	{"one-digit hour", "2026-12-01T8:00:00Z", noTime},
	{"one-digit hour with a fraction", "2026-12-01T8:00:00.0Z", noTime},
	{"one-digit minute", "2026-12-01T08:0:00Z", noTime},
	{"one-digit second", "2026-12-01T08:00:0Z", noTime},
	{"one-digit month", "2026-2-01T08:00:00Z", noTime},
	{"one-digit day", "2026-12-1T08:00:00Z", noTime},
	{"comma before the fraction", "2026-12-01T08:00:00,123Z", noTime},
	{"point without a fraction", "2026-12-01T08:00:00.Z", noTime},
	{"two fractions", "2026-12-01T08:00:00.1.2Z", noTime},
	{"sign in the fraction", "2026-12-01T08:00:00.-1Z", noTime},
	{"no zone", "2026-12-01T08:00:00", noTime},
	{"no zone, with a fraction", "2026-12-01T08:00:00.123", noTime},
	{"no seconds", "2026-12-01T08:00Z", noTime},
	{"date alone", "2026-12-01", noTime},
	{"offset of 24 hours", "2026-12-01T08:00:00+24:00", noTime},
	{"offset of 60 minutes", "2026-12-01T08:00:00+05:60", noTime},
	{"offset without a colon", "2026-12-01T08:00:00+0545", noTime},
	{"offset of hours", "2026-12-01T08:00:00+05", noTime},
	{"one-digit offset", "2026-12-01T08:00:00+5:45", noTime},
	{"offset with seconds", "2026-12-01T08:00:00+05:45:00", noTime},
	{"offset without a sign", "2026-12-01T08:00:0005:45", noTime},
	{"typographic minus", "2026-12-01T08:00:00\u221205:45", noTime},
	{"zone twice", "2026-12-01T08:00:00Z+00:00", noTime},
	{"zone by name", "2026-12-01T08:00:00 UTC", noTime},
	{"hour 24", "2026-12-01T24:00:00Z", noTime},
	{"minute 60", "2026-12-01T08:60:00Z", noTime},
	{"leap second", "2026-12-31T23:59:60Z", noTime},
	{"month 0", "2026-00-01T08:00:00Z", noTime},
	{"month 13", "2026-13-01T08:00:00Z", noTime},
	{"day 0", "2026-12-00T08:00:00Z", noTime},
	{"31 November", "2026-11-31T08:00:00Z", noTime},
	{"29 February of another year", "2026-02-29T08:00:00Z", noTime},
	{"five-digit year", "12026-12-01T08:00:00Z", noTime},
	{"signed year", "+2026-12-01T08:00:00Z", noTime},
	{"two-digit year", "26-12-01T08:00:00Z", noTime},
	{"other digits", "２０２６-12-01T08:00:00Z", noTime},
	{"a word", "yesterday", noTime},
}

// usTimes are the other form in which Shifts has been seen to write a time.
var usTimes = []struct{ name, text, want string }{
	{"as seen", "5/31/2030 11:00:00 PM +00:00", "2030-05-31T23:00:00Z"},
	{"one digit each", "5/3/2030 1:00:00 AM +00:00", "2030-05-03T01:00:00Z"},
	{"two digits each", "05/03/2030 01:00:00 AM +00:00", "2030-05-03T01:00:00Z"},
	{"behind UTC", "12/31/2030 11:59:59 PM -08:00", "2031-01-01T07:59:59Z"},
	{"ahead of UTC", "1/1/2031 1:30:00 AM +05:45", "2030-12-31T19:45:00Z"},
	{"midnight", "5/31/2030 12:00:00 AM +00:00", "2030-05-31T00:00:00Z"},
	{"noon", "5/31/2030 12:00:00 PM +00:00", "2030-05-31T12:00:00Z"},
	{"29 February", "2/29/2028 12:00:00 PM +00:00", "2028-02-29T12:00:00Z"},

	{"hour 0", "5/31/2030 0:00:00 AM +00:00", noTime},
	{"hour 00", "5/31/2030 00:00:00 AM +00:00", noTime},
	{"hour 13", "5/31/2030 13:00:00 PM +00:00", noTime},
	{"three-digit hour", "5/31/2030 011:00:00 PM +00:00", noTime},
	{"three-digit month", "005/31/2030 11:00:00 PM +00:00", noTime},
	{"three-digit day", "5/031/2030 11:00:00 PM +00:00", noTime},
	{"one-digit minute", "5/31/2030 11:0:00 PM +00:00", noTime},
	{"one-digit second", "5/31/2030 11:00:0 PM +00:00", noTime},
	{"no seconds", "5/31/2030 11:00 PM +00:00", noTime},
	{"fraction", "5/31/2030 11:00:00.5 PM +00:00", noTime},
	{"fraction with a comma", "5/31/2030 11:00:00,5 PM +00:00", noTime},
	{"lower-case pm", "5/31/2030 11:00:00 pm +00:00", noTime},
	{"mixed-case pm", "5/31/2030 11:00:00 Pm +00:00", noTime},
	{"neither AM nor PM", "5/31/2030 11:00:00 +00:00", noTime},
	{"another word", "5/31/2030 11:00:00 XM +00:00", noTime},
	{"no offset", "5/31/2030 11:00:00 PM", noTime},
	{"Z", "5/31/2030 11:00:00 PM Z", noTime},
	{"offset of 24 hours", "5/31/2030 11:00:00 PM +24:00", noTime},
	{"offset without a colon", "5/31/2030 11:00:00 PM +0000", noTime},
	{"blank for plus", "5/31/2030 11:00:00 PM  00:00", noTime},
	{"two blanks after the date", "5/31/2030  1:00:00 PM +00:00", noTime},
	{"two blanks before the hour of two digits", "5/31/2030  11:00:00 PM +00:00", noTime},
	{"two blanks before PM", "5/31/2030 11:00:00  PM +00:00", noTime},
	{"two blanks before the offset", "5/31/2030 11:00:00 PM  +00:00", noTime},
	{"no blank before PM", "5/31/2030 11:00:00PM +00:00", noTime},
	{"no blank before the offset", "5/31/2030 11:00:00 PM+00:00", noTime},
	{"tab", "5/31/2030\t11:00:00 PM +00:00", noTime},
	{"blank before", " 5/31/2030 11:00:00 PM +00:00", noTime},
	{"blank after", "5/31/2030 11:00:00 PM +00:00 ", noTime},
	{"blank in the date", "5/ 1/2030 11:00:00 PM +00:00", noTime},
	{"month 13", "13/1/2030 11:00:00 PM +00:00", noTime},
	{"31 June", "6/31/2030 11:00:00 PM +00:00", noTime},
	{"day first", "31/5/2030 11:00:00 PM +00:00", noTime},
	{"two-digit year", "5/31/30 11:00:00 PM +00:00", noTime},
	{"five-digit year", "5/31/12030 11:00:00 PM +00:00", noTime},
	{"hyphens", "5-31-2030 11:00:00 PM +00:00", noTime},
	{"an offset alone", " +00:00", noTime},
}

func requireTime(t *testing.T, want string, got time.Time, err error) {
	t.Helper()
	if want == noTime {
		require.ErrorIs(t, err, eligibility.ErrUnreadableTime)
		require.True(t, got.IsZero())
		return
	}
	require.NoError(t, err)
	require.Equal(t, want, got.Format(time.RFC3339Nano))
	require.Equal(t, time.UTC, got.Location())
}

func TestParseInstant(t *testing.T) {
	t.Parallel()
	for _, row := range instants {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			got, err := eligibility.ParseInstant(row.text)
			requireTime(t, row.want, got, err)
		})
	}
	for _, row := range usTimes {
		_, err := eligibility.ParseInstant(row.text)
		assert.ErrorIs(t, err, eligibility.ErrUnreadableTime, "%s is not RFC 3339", row.name)
	}
}

func TestParseTime(t *testing.T) {
	t.Parallel()
	for _, row := range append(instants[:len(instants):len(instants)], usTimes...) {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			got, err := eligibility.ParseTime(row.text)
			requireTime(t, row.want, got, err)
		})
	}
}

// What cannot be read comes from outside and ends in messages.
func TestUnreadableTimeIsCutShort(t *testing.T) {
	t.Parallel()
	_, err := eligibility.ParseTime(strings.Repeat("long\n", 1000))
	require.Error(t, err)
	assert.Less(t, len(err.Error()), 120)
	assert.NotContains(t, err.Error(), "\n")
}

func TestParseDate(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"2026-12-01", "2028-02-29", "0000-01-01", "1970-01-01", "1969-12-31", "9999-12-31"} {
		date, err := eligibility.ParseDate(text)
		require.NoError(t, err)
		assert.Equal(t, text, date.String())
		assert.Equal(t, int(readDay(text)), int(date), text)
	}
	for _, text := range []string{
		"", "2026-1-01", "2026-01-1", "26-01-01", "2026-13-01", "2026-02-29", "2026-01-00", "2026/01/01", "20260101",
		"2026-01-01T00:00:00Z", " 2026-01-01", "2026-01-01 ", "12026-01-01", "+026-01-01", "tomorrow",
	} {
		_, err := eligibility.ParseDate(text)
		assert.Error(t, err, "%q", text)
	}
}

// FuzzParseTime holds the parser to the forms that the oracle's regular
// expressions allow, and to a meaning that survives being written again.
func FuzzParseTime(f *testing.F) {
	for _, row := range append(instants[:len(instants):len(instants)], usTimes...) {
		f.Add(row.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := eligibility.ParseTime(text)
		want, ok := readTime(text)
		require.Equal(t, ok, err == nil, "%q gave %v, %v", text, got, err)
		if !ok {
			require.ErrorIs(t, err, eligibility.ErrUnreadableTime)
			return
		}
		require.True(t, want.Equal(got), "%q gave %v, not %v", text, got, want)
		if year := got.Year(); year < 0 || year > 9999 {
			return // an offset has moved it to where RFC 3339 does not reach
		}
		again, err := eligibility.ParseInstant(got.Format(time.RFC3339Nano))
		require.NoError(t, err)
		require.True(t, got.Equal(again), "%q", text)
	})
}
