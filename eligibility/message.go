package eligibility

// messages are the sentences a worker reads on a phone when a request is
// refused: plain, without ids or jargon, true for whoever asks.
var messages = map[string]string{
	string(BadRequest):           "This request could not be understood.",
	string(UnsupportedOperation): "This kind of request is not supported here.",
	string(ShiftNotFound):        "This shift is not part of the schedule.",
	string(ShiftAlreadyStarted):  "This shift has already started.",
	string(ShiftNotAvailable):    "This shift is about to be removed from the schedule.",
	string(NoticeTooShort):       "This shift starts too soon to be changed.",
	string(ShiftInOpenRequest):   "This shift is already part of another open request.",
	string(UserNotFound):         "This person is not part of the team.",

	string(NoSlotLeft):            "All places of this open shift are taken.",
	string(TimeOffReasonNotFound): "This reason for time off is not available.",
	string(RefusedWithBatch):      "Another part of this change was refused.",

	string(RuleDifferentWorker):    "This shift belongs to the same person.",
	string(RuleWindow):             "This shift is outside the time that was asked for.",
	string(RuleNotStarted):         "This shift has already started.",
	string(RuleNotStaged):          "This shift is about to be removed from the schedule.",
	string(RuleSlotsLeft):          "All places of this open shift are taken.",
	string(RuleNotice):             "This shift starts too soon to be changed.",
	string(RuleNotTiedUp):          "This shift is already part of another open request.",
	string(RuleSameGroup):          "The two shifts belong to different groups.",
	string(RuleEmployed):           "The date is outside the time of employment.",
	string(RuleMember):             "The worker does not belong to the group of this shift.",
	string(RuleQualified):          "A required qualification is missing or has expired.",
	string(RuleNoOverlap):          "The shift overlaps another shift.",
	string(RuleNoTimeOff):          "The shift falls into time off.",
	string(RuleMinimumRest):        "There would be too little rest between two shifts.",
	string(RuleMaxDailyHours):      "There would be too many working hours on one day.",
	string(RuleMaxWeeklyHours):     "There would be too many working hours in one week.",
	string(RuleMaxConsecutiveDays): "There would be too many working days in a row.",
	string(RuleMinorHours):         "The shift is outside the working hours for workers under 18.",
	string(RuleTenure):             "This reason is open only after a longer time with the company.",
	string(RuleBalance):            "There are not enough hours left for this reason.",
}

// What is wrong with the window of a question, for a BadRequest.
const (
	messageWindowStart    = "The start of the time window could not be read."
	messageWindowEnd      = "The end of the time window could not be read."
	messageWindowReversed = "The time window ends before it starts."
)

// What is wrong with an item of a proposal, for a BadRequest.
const (
	messageBody      = "This change could not be understood."
	messageField     = "This change could not be understood: %s does not fit."
	messageMismatch  = "The shifts of this approval are not those of the request."
	messageNotTheirs = "This shift has another owner by now."
)

// badField refuses an item for a member of its body that does not fit.
func badField(path string) *Refusal {
	if path == "" {
		return &Refusal{Code: BadRequest, Message: messageBody}
	}
	return &Refusal{Code: BadRequest, Message: messageField, Field: path}
}

// Messages are all the sentences of this package, in no order: what a catalogue
// of another language has to translate. One has a %s for a Refusal's Field.
func Messages() []string {
	all := []string{
		messageWindowStart, messageWindowEnd, messageWindowReversed,
		messageBody, messageField, messageMismatch, messageNotTheirs,
	}
	for _, message := range messages {
		all = append(all, message)
	}
	return all
}

// Message is the English sentence for a worker that goes with a code or a
// built-in rule; "" for one that is not known.
func Message[T Code | Rule](of T) string { return messages[string(of)] }
