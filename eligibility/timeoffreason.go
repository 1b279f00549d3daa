package eligibility

import (
	"context"
	"time"
)

// A ReasonQuestion asks which time-off reasons a worker may choose today.
type ReasonQuestion struct {
	UserID string // in any letter case
	Now    time.Time
}

// TimeOffReasons answers a ReasonQuestion. The error is that of ctx, if it
// ended first.
func (t *Team) TimeOffReasons(ctx context.Context, q ReasonQuestion) (Answer, error) {
	return t.timeOffReasons(ctx, q, false)
}

// ExplainTimeOffReasons answers a ReasonQuestion and says for every reason of
// the team that is not inactive which rules keep it out of the answer.
func (t *Team) ExplainTimeOffReasons(ctx context.Context, q ReasonQuestion) (Answer, error) {
	return t.timeOffReasons(ctx, q, true)
}

func (t *Team) timeOffReasons(ctx context.Context, q ReasonQuestion, explain bool) (Answer, error) {
	if err := ctx.Err(); err != nil {
		return Answer{}, err
	}
	u := userOf(q.UserID)
	if !t.knows(u) {
		return refuse(UserNotFound), nil
	}
	c := &choice{worker: t.schedule(u).worker, today: t.calendar.date(q.Now)}
	answer := Answer{IDs: []string{}}
	t.lists[KindTimeOffReason].Scan(func(id string, e decoded) bool {
		if !e.(*TimeOffReason).active {
			return true
		}
		answer.Considered++
		c.reason, c.policy = id, t.Policy.TimeOffReasons[id]
		failed := failures(choiceRules, c, nil, NoSide, explain)
		if len(failed) == 0 {
			answer.IDs = append(answer.IDs, id)
		}
		if explain {
			answer.Candidates = append(answer.Candidates, Candidate{ID: id, Failed: failed})
		}
		return true
	})
	return answer, nil
}

// A choice is the question whether a worker may choose one time-off reason.
type choice struct {
	worker *Worker
	today  Date
	reason string
	policy ReasonPolicy
}

var choiceRules = []rule[*choice]{
	builtin(RuleEmployed, func(c *choice) bool { return c.worker.employed(c.today) }),
	builtin(RuleTenure, (*choice).tenure),
	builtin(RuleQualified, func(c *choice) bool { return c.today <= c.worker.qualifiedUntil(c.policy.Qualifications) }),
	builtin(RuleBalance, (*choice).balance),
}

func (c *choice) tenure() bool {
	if c.policy.MinTenureDays == 0 {
		return true
	}
	return c.worker.hired != nil && int64(c.today)-int64(*c.worker.hired) >= int64(c.policy.MinTenureDays)
}

func (c *choice) balance() bool {
	if c.policy.MinBalanceHours == 0 {
		return true
	}
	hours, ok := c.worker.Balances[c.reason]
	return ok && hours >= c.policy.MinBalanceHours
}
