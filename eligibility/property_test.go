package eligibility_test

import (
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/eligibility"
)

var (
	seedFlag  = flag.Uint64("seed", 0, "seed of the first random team; 0: a new one every time")
	teamsFlag = flag.Int("teams", 300, "how many random teams to try")
)

// question asks the package under test, plainly and for an explanation, and
// the oracle. Its name says what is asked.
type question struct {
	name    string
	plain   func(*eligibility.Team) oracleAnswer
	explain func(*eligibility.Team) oracleAnswer
	oracle  func(*oracle) oracleAnswer
}

// listed gives an answer in the oracle's form.
func listed(t *testing.T, ask func() (eligibility.Answer, error)) oracleAnswer {
	t.Helper()
	answer, err := ask()
	require.NoError(t, err)
	got := oracleAnswer{Code: string(answer.Code), IDs: answer.IDs}
	assert.Equal(t, answer.Code == eligibility.OK, answer.Message == "", "a message goes with a code")
	for _, c := range answer.Candidates {
		got.Candidates = append(got.Candidates, oracleCandidate{c.ID, failures(t, c.Failed)})
	}
	return got
}

func failures(t *testing.T, failed []eligibility.Failure) []string {
	t.Helper()
	var ids []string
	for _, f := range failed {
		assert.NotEmpty(t, f.Message, "message of %s", f.Rule)
		ids = append(ids, strings.TrimSuffix(fmt.Sprintf("%s@%s", f.Rule, f.Side), "@"))
	}
	return ids
}

// decided gives a verdict as a list of the one candidate.
func decided(t *testing.T, candidate string, v eligibility.Verdict) oracleAnswer {
	t.Helper()
	assert.Equal(t, v.Code == eligibility.OK, v.Message == "", "a message goes with a code")
	if v.Code != eligibility.OK {
		assert.False(t, v.Eligible())
		return oracleAnswer{Code: string(v.Code)}
	}
	a := oracleAnswer{IDs: []string{}, Candidates: []oracleCandidate{{candidate, failures(t, v.Failed)}}}
	if v.Eligible() {
		a.IDs = append(a.IDs, candidate)
	}
	return a
}

func askSwaps(t *testing.T, q eligibility.SwapQuestion) question {
	return question{
		fmt.Sprintf("swaps %+v", q),
		func(team *eligibility.Team) oracleAnswer {
			return listed(t, func() (eligibility.Answer, error) { return team.Swaps(t.Context(), q) })
		},
		func(team *eligibility.Team) oracleAnswer {
			return listed(t, func() (eligibility.Answer, error) { return team.ExplainSwaps(t.Context(), q) })
		},
		func(o *oracle) oracleAnswer {
			return o.swaps(q.ShiftID, q.RequestType, q.WindowStart, q.WindowEnd, q.Now)
		},
	}
}

func askReasons(t *testing.T, q eligibility.ReasonQuestion) question {
	return question{
		fmt.Sprintf("reasons %+v", q),
		func(team *eligibility.Team) oracleAnswer {
			return listed(t, func() (eligibility.Answer, error) { return team.TimeOffReasons(t.Context(), q) })
		},
		func(team *eligibility.Team) oracleAnswer {
			return listed(t, func() (eligibility.Answer, error) { return team.ExplainTimeOffReasons(t.Context(), q) })
		},
		func(o *oracle) oracleAnswer { return o.reasons(q.UserID, q.Now) },
	}
}

func askPair(t *testing.T, q eligibility.PairQuestion) question {
	ask := func(team *eligibility.Team) oracleAnswer { return decided(t, q.RecipientShiftID, team.Swap(q)) }
	return question{fmt.Sprintf("pair %+v", q), ask, ask,
		func(o *oracle) oracleAnswer { return o.pair(q.SenderShiftID, q.RecipientShiftID, q.RequestID, q.Now) }}
}

func askTake(t *testing.T, q eligibility.TakeQuestion) question {
	ask := func(team *eligibility.Team) oracleAnswer { return decided(t, q.ShiftID, team.Take(q)) }
	return question{fmt.Sprintf("take %+v", q), ask, ask,
		func(o *oracle) oracleAnswer { return o.take(q.ShiftID, q.UserID, q.RequestID, q.Now) }}
}

// questions are some about every shift and worker of the team.
func (r *randomTeam) questions(t *testing.T) []question {
	var questions []question
	anyShift := func() string { return pick(r, append(r.shifts, "SHFT_unknown")...) }
	swap := func() string { return pick(r, "", "SREQ_00", "SREQ_01", "SREQ_02", "unknown") }
	offer := func() string { return pick(r, "", "OREQ_00", "OREQ_01", "unknown") }
	for _, id := range append([]string{"", "SHFT_unknown"}, r.shifts...) {
		questions = append(questions,
			askSwaps(t, eligibility.SwapQuestion{ShiftID: id, RequestType: pick(r, "SwapRequest", "SwapRequest", " swapREQUEST "),
				WindowStart: r.window(), WindowEnd: r.window(), Now: r.now}),
			askSwaps(t, eligibility.SwapQuestion{ShiftID: id, RequestType: pick(r, "SwapRequest", "SwapRequest", "SwapRequest", "", "OfferShiftRequest"), Now: r.now}),
			askPair(t, eligibility.PairQuestion{SenderShiftID: id, RecipientShiftID: anyShift(), RequestID: swap(), Now: r.now}),
			askPair(t, eligibility.PairQuestion{SenderShiftID: id, RecipientShiftID: id, RequestID: swap(), Now: r.now}),
			askTake(t, eligibility.TakeQuestion{ShiftID: id, UserID: pick(r, r.user(), r.user(), r.user(), "u-unknown"), RequestID: offer(), Now: r.now}))
	}
	for _, user := range append([]string{"", "u-unknown"}, r.users...) {
		questions = append(questions, askReasons(t, eligibility.ReasonQuestion{UserID: r.anyCase(user), Now: r.now}))
		for _, id := range r.opens {
			if user != "" {
				questions = append(questions, askTake(t, eligibility.TakeQuestion{ShiftID: id, UserID: r.anyCase(user), RequestID: offer(), Now: r.now}))
			}
		}
	}
	return questions
}

// window gives a bound of a swap question's window.
func (r *randomTeam) window() string {
	t := r.clock(r.near(8)+2, 24)
	if t.UTC().Year() < 2 || r.chance(4) {
		return ""
	}
	if r.chance(4) {
		return t.UTC().Format("1/2/2006 3:04:05 PM -07:00")
	}
	return r.instant(t)
}

// tally counts how often each rule or code was the outcome.
type tally map[string]int

func (c tally) add(a oracleAnswer) {
	c["code "+a.Code]++
	for _, candidate := range a.Candidates {
		if len(candidate.Failed) == 0 {
			c["eligible"]++
		}
		for _, rule := range candidate.Failed {
			c[rule]++
		}
		if len(candidate.Failed) == 1 {
			c["only "+candidate.Failed[0]]++
		}
	}
}

func TestRandomTeamsAgreeWithOracle(t *testing.T) {
	seed := cmp.Or(*seedFlag, rand.Uint64N(1_000_000_000)+1)
	counts := tally{}
	for i := range *teamsFlag {
		s := seed + uint64(i)
		if !t.Run(fmt.Sprint("seed=", s), func(t *testing.T) { checkRandomTeam(t, s, counts) }) {
			t.Fatalf("repeat with: go test ./eligibility -run %s -seed %d -teams 1", t.Name(), s)
		}
	}
	t.Logf("first seed %d, %d teams: %v", seed, *teamsFlag, counts)
	if *teamsFlag >= 300 {
		checkCoverage(t, counts)
	}
}

func checkRandomTeam(t *testing.T, seed uint64, counts tally) {
	r := newRandomTeam(seed)
	document, err := json.Marshal(r.document())
	require.NoError(t, err)
	team, err := eligibility.ParseTeam(document)
	require.NoError(t, err, "%s", document)
	o := newOracle(document)
	for _, q := range r.questions(t) {
		want := q.oracle(o)
		counts.add(want)
		explained := q.explain(team)
		if !assert.Equal(t, want, explained, "%s", q.name) {
			t.Logf("%s", document)
			return
		}
		plain := q.plain(team)
		if !assert.Equal(t, want.Code, plain.Code, q.name) || !assert.Equal(t, want.IDs, plain.IDs, q.name) {
			t.Logf("%s", document)
			return
		}
	}
	again, err := json.Marshal(team.File())
	require.NoError(t, err)
	requireSameDocument(t, document, again)
}

// checkCoverage makes sure that the random teams are worth trying: every rule
// fails often, on both sides, also as the only one, and often nothing fails.
func checkCoverage(t *testing.T, counts tally) {
	for _, rule := range eligibility.Rules {
		switch rule {
		case eligibility.RuleTenure, eligibility.RuleBalance, eligibility.RuleDifferentWorker, eligibility.RuleWindow,
			eligibility.RuleNotStarted, eligibility.RuleNotStaged, eligibility.RuleSlotsLeft, eligibility.RuleNotice,
			eligibility.RuleNotTiedUp, eligibility.RuleSameGroup:
			assert.Greater(t, counts[string(rule)], 20, "%s failed", rule)
		default:
			for _, side := range []string{"", "@requester", "@owner"} {
				assert.Greater(t, counts[string(rule)+side], 20, "%s failed", string(rule)+side)
			}
		}
	}
	for _, rule := range eligibility.Rules {
		alone := counts["only "+string(rule)] + counts["only "+string(rule)+"@requester"] + counts["only "+string(rule)+"@owner"]
		assert.Greater(t, alone, 5, "%s failed alone", rule)
	}
	for _, code := range append(eligibility.Codes[:8:8], eligibility.OK) { // the rest only refuses proposals
		assert.Greater(t, counts["code "+string(code)], 20, "answers with code %q", code)
	}
	assert.Greater(t, counts["eligible"], 1000)
}
