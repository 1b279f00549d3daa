package batch

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestMatch(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name, url, pattern string
		id                 string
		ok                 bool
	}{
		{"as the article has it", "/shifts/SHFT_a/requestableShifts?requestType=SwapRequest", "shifts/{id}/requestableShifts", "SHFT_a", true},
		{"no leading slash", "shifts/SHFT_a/requestableShifts", "shifts/{id}/requestableShifts", "SHFT_a", true},
		{"doubled and trailing slashes", "//shifts///SHFT_a//requestableShifts//", "shifts/{id}/requestableShifts", "SHFT_a", true},
		{"slash before the query", "/shifts/SHFT_a/requestableShifts/?a=b", "shifts/{id}/requestableShifts", "SHFT_a", true},
		{"slashes in the pattern", "/shifts/SHFT_a", "/shifts/{id}/", "SHFT_a", true},
		{"letter case of the literals", "/SHIFTS/shft_A/RequestableShifts", "shifts/{id}/requestableShifts", "shft_A", true},
		{"lower-case kind", "/openshiftrequests/SREQ_1", "openShiftRequests/{id}", "SREQ_1", true},
		{"no id in the pattern", "/timecards", "timeCards", "", true},
		{"two literals", "/settings/shiftpreferences", "settings/shiftPreferences", "", true},
		{"escaped id", "/shifts/SHFT%5Fa%2Fb%20c", "shifts/{id}", "SHFT_a/b c", true},
		{"escaped literal", "/%73hifts/SHFT_a", "shifts/{id}", "SHFT_a", true},
		{"plus sign in the id", "/shifts/a+b", "shifts/{id}", "a+b", true},
		{"blank in the id", "/shifts/a b", "shifts/{id}", "a b", true},
		{"letters of any kind in the id", "/shifts/é😀", "shifts/{id}", "é😀", true},
		{"id that looks like a placeholder", "/shifts/{id}", "shifts/{id}", "{id}", true},
		{"question mark in the query", "/shifts/a?b?c/d", "shifts/{id}", "a", true},

		{"another kind", "/openshifts/SHFT_a", "shifts/{id}", "", false},
		{"kind as a part", "/xshifts/SHFT_a", "shifts/{id}", "", false},
		{"no id", "/shifts", "shifts/{id}", "", false},
		{"empty id", "/shifts//requestableShifts", "shifts/{id}/requestableShifts", "", false},
		{"one segment more", "/shifts/SHFT_a/x", "shifts/{id}", "", false},
		{"one segment less", "/shifts/SHFT_a", "shifts/{id}/requestableShifts", "", false},
		{"one literal more", "/timecards/1", "timecards", "", false},
		{"a prefix before it", "/teams/shifts/SHFT_a", "shifts/{id}", "", false},
		{"in the query", "/?/shifts/SHFT_a", "shifts/{id}", "", false},
		{"slash that is escaped parts nothing", "/shifts%2FSHFT_a", "shifts/{id}", "", false},
		{"empty", "", "shifts/{id}", "", false},
		{"a slash", "/", "timecards", "", false},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			id, ok := ParseURL(row.url).Match(row.pattern)
			assert.Equal(t, row.ok, ok)
			assert.Equal(t, row.id, id)
		})
	}
}

func TestQuery(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name, url string
		names     []string
		want      string
	}{
		{"ISO date", "/x?startTime=2030-05-01T04:00:00.0000000Z&b=c", []string{"startTime"}, "2030-05-01T04:00:00.0000000Z"},
		{"raw US date", "/x?a=b&startTime=5/31/2030 11:00:00 PM +00:00&b=c", []string{"startTime"}, "5/31/2030 11:00:00 PM +00:00"},
		{"escaped US date", "/x?startTime=5%2F31%2F2030%2011%3A00%3A00%20PM%20%2B00%3a00", []string{"startTime"}, "5/31/2030 11:00:00 PM +00:00"},
		{"plus signs for blanks stay", "/x?startTime=5/31/2030+11:00:00+PM++00:00", []string{"startTime"}, "5/31/2030+11:00:00+PM++00:00"},
		{"either name, the first", "/x?startTime=s", []string{"startTime", "startDateTime"}, "s"},
		{"either name, the second", "/x?startDateTime=s", []string{"startTime", "startDateTime"}, "s"},
		{"both: the order of the caller", "/x?startDateTime=d&startTime=t", []string{"startTime", "startDateTime"}, "t"},
		{"an empty value is none", "/x?startTime=&startDateTime=d", []string{"startTime", "startDateTime"}, "d"},
		{"an empty value, then another", "/x?a=&a=b", []string{"a"}, "b"},
		{"the first of two values", "/x?a=1&a=2", []string{"a"}, "1"},
		{"letter case of the name", "/x?REQUESTTYPE=SwapRequest", []string{"requestType"}, "SwapRequest"},
		{"letter case of the value", "/x?requestType=swapREQUEST", []string{"requestType"}, "swapREQUEST"},
		{"escaped name", "/x?request%54ype=a", []string{"requestType"}, "a"},
		{"equals signs in the value", "/x?a=b=c==", []string{"a"}, "b=c=="},
		{"question marks in the value", "/x?a=b?c?", []string{"a"}, "b?c?"},
		{"escaped ampersand", "/x?a=b%26c=d", []string{"a"}, "b&c=d"},
		{"broken escapes stay", "/x?a=100%&b=%zz%4", []string{"a"}, "100%"},
		{"broken escapes stay beside good ones", "/x?b=%zz%41%4", []string{"b"}, "%zzA%4"},
		{"escapes decode once", "/x?a=%2541", []string{"a"}, "%41"},
		{"signs are no digits", "/x?a=%+1%-1", []string{"a"}, "%+1%-1"},
		{"what decodes to no UTF-8 stays", "/x?a=%ff%41", []string{"a"}, "%ff%41"},
		{"several bytes of one letter", "/x?a=%C3%a9", []string{"a"}, "é"},
		{"no name", "/x?=b", []string{"a"}, ""},
		{"no value", "/x?a", []string{"a"}, ""},
		{"a longer name", "/x?aa=b", []string{"a"}, ""},
		{"no query", "/x", []string{"a"}, ""},
		{"in the path", "/x&a=b", []string{"a"}, ""},
		{"no names", "/x?a=b", nil, ""},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, row.want, ParseURL(row.url).Query(row.names...))
		})
	}
}
