package eligibility

// A rule is one row of a table of rules: passes says whether a question meets
// it, and one that the policy leaves off is met by all.
type rule[Q any] struct {
	id      Rule
	message string
	passes  func(Q) bool
}

// builtin is a row with the sentence that goes with its id.
func builtin[Q any](id Rule, passes func(Q) bool) rule[Q] {
	return rule[Q]{id: id, message: Message(id), passes: passes}
}

// failures walks a table in its order and appends the rules that are not met:
// all of them, or only the first. Plain answers and explanations both come
// from here, so that they cannot disagree.
func failures[Q any](rules []rule[Q], question Q, failed []Failure, side Side, all bool) []Failure {
	for i := range rules {
		if rules[i].passes(question) {
			continue
		}
		failed = append(failed, Failure{Rule: rules[i].id, Side: side, Message: rules[i].message})
		if !all {
			break
		}
	}
	return failed
}
