package eligibility_test

import (
	"testing"
	"time"

	"example.com/shiftswfi/eligibility"
)

// Today is 1 June 2026 in New York, and 2 June in UTC.
var evening = time.Date(2026, time.June, 2, 2, 0, 0, 0, time.UTC)

func TestTimeOffReasons(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name   string
		entry  string // of the policy, for the reason TOR_1
		worker string // members of u-1's record; "none": no record
		fails  []string
	}{
		{"no entry", `null`, ``, nil},
		{"an empty entry", `{}`, ``, nil},
		{"an entry of nulls", `{"minTenureDays": null, "qualifications": null, "minBalanceHours": null}`, ``, nil},

		{"hired today", `{}`, `"hireDate": "2026-06-01"`, nil},
		{"hired tomorrow", `{}`, `"hireDate": "2026-06-02"`, rules("employed")},
		{"leaves today", `{}`, `"terminationDate": "2026-06-01"`, nil},
		{"left yesterday", `{}`, `"terminationDate": "2026-05-31"`, rules("employed")},
		{"left yesterday, no entry", `null`, `"terminationDate": "2026-05-31"`, rules("employed")},

		{"tenure, to the day", `{"minTenureDays": 90}`, `"hireDate": "2026-03-03"`, nil},
		{"tenure, a day short", `{"minTenureDays": 90}`, `"hireDate": "2026-03-04"`, rules("tenure")},
		{"tenure, years", `{"minTenureDays": 366}`, `"hireDate": "2025-06-01"`, rules("tenure")},
		{"tenure, a day of it", `{"minTenureDays": 1}`, `"hireDate": "2026-05-31"`, nil},
		{"tenure, hired today", `{"minTenureDays": 1}`, `"hireDate": "2026-06-01"`, rules("tenure")},
		{"tenure, zero", `{"minTenureDays": 0}`, `"hireDate": "2026-06-02"`, rules("employed")},
		{"tenure, zero without a date", `{"minTenureDays": 0}`, ``, nil},
		{"tenure without a date", `{"minTenureDays": 1}`, ``, rules("tenure")},
		{"tenure without a record", `{"minTenureDays": 1}`, `none`, rules("tenure")},
		{"tenure, hired in the future", `{"minTenureDays": 1}`, `"hireDate": "2027-01-01"`, rules("employed", "tenure")},
		{"tenure, the longest", `{"minTenureDays": 2147483647}`, `"hireDate": "0000-01-01"`, rules("tenure")},

		{"qualified", `{"qualifications": ["office"]}`, `"qualifications": [{"name": "office"}]`, nil},
		{"qualified, last day", `{"qualifications": ["office"]}`, `"qualifications": [{"name": "office", "expires": "2026-06-01"}]`, nil},
		{"qualified, until yesterday", `{"qualifications": ["office"]}`, `"qualifications": [{"name": "office", "expires": "2026-05-31"}]`, rules("qualified")},
		{"qualified for one of two", `{"qualifications": ["office", "night"]}`, `"qualifications": [{"name": "office"}]`, rules("qualified")},
		{"nothing to be qualified for", `{"qualifications": []}`, `none`, nil},
		{"qualified without a record", `{"qualifications": ["office"]}`, `none`, rules("qualified")},

		{"balance, to the hour", `{"minBalanceHours": 8}`, `"balances": {"TOR_1": 8}`, nil},
		{"balance, a bit short", `{"minBalanceHours": 8}`, `"balances": {"TOR_1": 7.999}`, rules("balance")},
		{"balance, a fraction", `{"minBalanceHours": 7.5}`, `"balances": {"TOR_1": 7.5}`, nil},
		{"balance, negative", `{"minBalanceHours": 0.5}`, `"balances": {"TOR_1": -8}`, rules("balance")},
		{"balance, negative, nothing asked", `{"minBalanceHours": 0}`, `"balances": {"TOR_1": -8}`, nil},
		{"balance, negative, absent", `{}`, `"balances": {"TOR_1": -8}`, nil},
		{"balance, of another reason", `{"minBalanceHours": 8}`, `"balances": {"TOR_2": 80, "tor_1": 80}`, rules("balance")},
		{"balance, null", `{"minBalanceHours": 8}`, `"balances": {"TOR_1": null}`, rules("balance")},
		{"balance, none", `{"minBalanceHours": 8}`, `"balances": null`, rules("balance")},
		{"balance, none and nothing asked", `{"minBalanceHours": 0}`, `none`, nil},
		{"balance without a record", `{"minBalanceHours": 0.1}`, `none`, rules("balance")},

		{"everything at once", `{"minTenureDays": 90, "qualifications": ["office"], "minBalanceHours": 8}`, `"terminationDate": "2020-01-01"`,
			rules("employed", "tenure", "qualified", "balance")},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			document := scene{policy: `{"timeOffReasons": {"TOR_1": ` + row.entry + `}}`, worker: row.worker}.document(t, "")
			document["schedulingGroups"] = []any{rawJSON(`{"id": "TAG_1", "userIds": ["u-1"]}`)}
			document["timeOffReasons"] = []any{rawJSON(`{"id": "TOR_1"}`)}
			want := oracleAnswer{IDs: []string{}, Candidates: []oracleCandidate{{"TOR_1", row.fails}}}
			if row.fails == nil {
				want.IDs = []string{"TOR_1"}
			}
			requireAnswer(t, document, askReasons(t, eligibility.ReasonQuestion{UserID: "U-1", Now: evening}), want)
		})
	}
}

func TestTimeOffReasonsActiveInOrder(t *testing.T) {
	t.Parallel()
	document := scene{}.document(t, "")
	document["timeOffReasons"] = []any{
		rawJSON(`{"id": "b", "isActive": true}`), rawJSON(`{"id": "a"}`), rawJSON(`{"id": "c", "isActive": false}`),
		rawJSON(`{"id": "B", "isActive": null}`), rawJSON(`{"id": "a10"}`), rawJSON(`{"id": "a9"}`),
	}
	q := askReasons(t, eligibility.ReasonQuestion{UserID: "u-1", Now: evening})
	requireAnswer(t, document, q, oracleAnswer{IDs: []string{"B", "a", "a10", "a9", "b"},
		Candidates: []oracleCandidate{{"B", nil}, {"a", nil}, {"a10", nil}, {"a9", nil}, {"b", nil}}})
	delete(document, "timeOffReasons")
	requireAnswer(t, document, q, oracleAnswer{IDs: []string{}})
}

func TestTimeOffReasonsKnowsUser(t *testing.T) {
	t.Parallel()
	const times = `"startDateTime": "2026-06-02T12:00:00Z", "endDateTime": "2026-06-02T20:00:00Z"`
	rows := []struct {
		name, list, entity, user string
		known                    bool
	}{
		{"a worker record", "workers", `{"userId": "u-1"}`, "u-1", true},
		{"a worker record in another letter case", "workers", `{"userId": "U-1"}`, "u-1", true},
		{"a member of a group", "schedulingGroups", `{"id": "TAG_1", "userIds": ["U-1"]}`, "u-1", true},
		{"a member of an inactive group", "schedulingGroups", `{"id": "TAG_1", "isActive": false, "userIds": ["u-1"]}`, "U-1", true},
		{"on a shift", "shifts", `{"id": "A", "userId": "u-1", "sharedShift": {` + times + `}}`, "U-1", true},
		{"on a draft", "shifts", `{"id": "A", "userId": "U-1", "draftShift": {}}`, "u-1", true},
		{"on a deleted shift", "shifts", `{"id": "A", "userId": "u-1", "sharedShift": {"isActive": false, ` + times + `}}`, "u-1", true},
		{"absent only", "timesOff", `{"id": "A", "userId": "u-1", "sharedTimeOff": {` + times + `}}`, "u-1", false},
		{"in a request only", "swapRequests", `{"id": "A", "senderUserId": "u-1", "recipientUserId": "u-1"}`, "u-1", false},
		{"somebody else", "workers", `{"userId": "u-2"}`, "u-1", false},
		{"blanks belong to the id", "workers", `{"userId": "u-1"}`, " u-1", false},
		{"a sign that only Unicode folds", "workers", `{"userId": "\u212a"}`, "k", false},
		{"nobody", "workers", `{"userId": "u-1"}`, "", false},
		{"nobody, on an unassigned shift", "shifts", `{"id": "A", "userId": "", "sharedShift": {` + times + `}}`, "", false},
		{"nobody, in a group with an empty id", "schedulingGroups", `{"id": "TAG_1", "userIds": [""]}`, "", false},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			document := object{"team": object{"id": "team-1", "timeZone": "America/New_York"}, row.list: []any{rawJSON(row.entity)}}
			want := oracleAnswer{Code: "UserNotFound"}
			if row.known {
				want = oracleAnswer{IDs: []string{}}
			}
			requireAnswer(t, document, askReasons(t, eligibility.ReasonQuestion{UserID: row.user, Now: evening}), want)
		})
	}
}
