package contract

import "slices"

// reasonChecks ask which time-off reasons a worker may choose.
var reasonChecks = []Check{
	{
		ID: "read.reasons-listed", Level: Must, Section: "4.2",
		Title: "The question which time-off reasons a worker may choose is answered with a list of ids",
		Sends: "The url /users/{id}/timeOffReasons?requestType=TimeOffReason, about the worker of the profile.",
		Why:   "Shifts offers the reasons in body.data. Where that is not a list of texts, it calls again, several times, and the worker cannot ask for time off.",
		Mend:  "Answer status 200, with a JSON list of the ids of reasons in body.data. Mind that the query has only one parameter.",
		needs: []need{needsReasonFilter},
		run:   func(p *probe) { p.list(p.reasonsQuestion()) },
	},
	{
		ID: "read.reasons-eligible", Level: Must, Section: "4.2",
		Title: "Time-off reasons that a worker may choose are listed",
		Sends: "The question of read.reasons-listed.",
		Why:   "Workers cannot choose a reason that is not listed.",
		Mend:  "List every reason with which the worker's request would be approved.",
		needs: []need{needsReasonFilter, needsEligibleReasons},
		run: func(p *probe) {
			item := p.reasonsQuestion()
			ids := p.listed(item)
			for _, reason := range p.profile.Reasons.Eligible {
				if !slices.Contains(ids, reason) {
					p.fail("%s was answered without %s.", describe(item), reason)
				}
			}
		},
	},
	{
		ID: "read.reasons-ineligible", Level: Must, Section: "4.2",
		Title: "Time-off reasons that a worker may not choose are not listed",
		Sends: "The question of read.reasons-listed.",
		Why:   "Workers choose what is listed, and find out only then that it is not possible.",
		Mend:  "Leave out every reason with which the worker's request would be refused.",
		needs: []need{needsReasonFilter, needsIneligibleReasons},
		run: func(p *probe) {
			item := p.reasonsQuestion()
			ids := p.listed(item)
			for _, reason := range p.profile.Reasons.Ineligible {
				if slices.Contains(ids, reason) {
					p.fail("%s was answered with %s, which the worker may not choose.", describe(item), reason)
				}
			}
		},
	},
	{
		ID: "read.reasons-slash-missing", Level: Must, Section: "3.6",
		Title: "The slash at the beginning of the url may be missing here, too",
		Sends: "The question of read.reasons-listed with the url users/{id}/timeOffReasons.",
		Why:   "One of Microsoft's examples of questions has it so. The worker gets no list.",
		Mend:  "Skip leading slashes before you look at the path, however many there are.",
		needs: []need{needsReasonFilter},
		run: func(p *probe) {
			want := p.listed(p.reasonsQuestion())
			item := p.replaced(p.reasonsQuestion(), "/", "")
			p.wantSame(p.list(item), want, item)
		},
	},
	{
		ID: "read.reasons-unknown-user", Level: Should, Section: "4.2",
		Title: "A question about a person who is not known is refused",
		Sends: "The question of read.reasons-listed, about a person whom nobody knows.",
		Why:   "A worker who is missing in the other system would be offered what cannot be approved, or be told that there is nothing to choose from.",
		Mend:  "Refuse the item with a sentence that says so, in an answer with HTTP 200.",
		needs: []need{needsReasonFilter},
		run: func(p *probe) {
			user := newID("")
			item := p.question(user, reasonsURL(user))
			p.wantRefusedQuestion(p.read(item), item)
		},
	},
}

func needsEligibleReasons(p Profile) string {
	if len(p.Reasons.Eligible) == 0 {
		return "The profile names no reason that the worker may choose (timeOffReasons.eligible)."
	}
	return ""
}

func needsIneligibleReasons(p Profile) string {
	if len(p.Reasons.Ineligible) == 0 {
		return "The profile names no reason that the worker may not choose (timeOffReasons.ineligible)."
	}
	return ""
}
