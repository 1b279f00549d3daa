package eligibility_test

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"

	"example.com/shiftswfi/eligibility"
)

// Whoever reads a message is a worker with a phone: one sentence, no ids.
func TestMessages(t *testing.T) {
	t.Parallel()
	sentence := regexp.MustCompile(`^[A-Z][a-zA-Z0-9 ,]+\.$`)
	for _, code := range eligibility.Codes {
		assert.Regexp(t, sentence, eligibility.Message(code), "%s", code)
		assert.NotContains(t, eligibility.Message(code), string(code))
	}
	for _, rule := range eligibility.Rules {
		assert.Regexp(t, sentence, eligibility.Message(rule), "%s", rule)
		assert.NotContains(t, eligibility.Message(rule), string(rule))
	}
	assert.Empty(t, eligibility.Message(eligibility.OK))
	assert.Empty(t, eligibility.Message(eligibility.Rule("own-rule")))
}

// The ids are the protocol between this package and programs: they must not
// change, and each stands once.
func TestRuleIDs(t *testing.T) {
	t.Parallel()
	assert.Equal(t, []eligibility.Rule{
		"different-worker", "window", "not-started", "not-staged", "slots-left", "notice", "not-tied-up", "same-group",
		"employed", "member", "qualified", "no-overlap", "no-time-off", "minimum-rest", "max-daily-hours", "max-weekly-hours",
		"max-consecutive-days", "minor-hours", "tenure", "balance",
	}, eligibility.Rules)
	assert.Equal(t, []eligibility.Code{
		"BadRequest", "UnsupportedOperation", "ShiftNotFound", "ShiftAlreadyStarted", "ShiftNotAvailable", "NoticeTooShort",
		"ShiftInOpenRequest", "UserNotFound", "NoSlotLeft", "TimeOffReasonNotFound", "RefusedWithBatch",
	}, eligibility.Codes)
}

func TestVerdictIsEligible(t *testing.T) {
	t.Parallel()
	assert.True(t, eligibility.Verdict{}.Eligible())
	assert.False(t, eligibility.Verdict{Code: eligibility.ShiftNotFound}.Eligible())
	assert.False(t, eligibility.Verdict{Failed: []eligibility.Failure{{Rule: eligibility.RuleMember}}}.Eligible())
}
