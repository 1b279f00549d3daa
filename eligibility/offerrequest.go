package eligibility

// claimOffer finds the items that carry out an approved offer. What they are
// is not documented: the shift may change its owner, or go while one of the
// same times comes, with the owner named or not. Whatever is missing of that is
// done here, so that the shift ends with its new owner.
func (r *decidingRequest) claimOffer() {
	s := r.team.Shift(r.body.SenderShiftID)
	recipient := userOf(r.body.RecipientUserID)
	if s == nil || r.repeated {
		r.claimRepeated(recipient)
		return
	}
	left := r.leaving(s)
	came := r.coming(s, recipient, nil, nil)
	switch {
	case came == nil && left == nil:
		r.hand(s, r.body.RecipientUserID)
	case came == nil:
		left.request = r
		left.remove()
	case came.ID == s.ID:
		r.place(came, s, r.body.RecipientUserID)
	default:
		if left != nil {
			left.request = r
			left.remove()
		} else {
			r.item.changes = append(r.item.changes, deletion(&s.entity))
		}
		r.place(came, s, r.body.RecipientUserID)
	}
}

// judgeOffer asks whether the recipient may take the shift.
func (r *decidingRequest) judgeOffer(team *Team) Verdict {
	s := team.Shift(r.body.SenderShiftID)
	if s != nil && r.body.SenderUserID != "" && s.owner != userOf(r.body.SenderUserID) {
		return Verdict{Code: BadRequest, Message: messageNotTheirs}
	}
	return team.Take(TakeQuestion{
		ShiftID: r.body.SenderShiftID, UserID: r.body.RecipientUserID, RequestID: r.body.ID, Now: r.Now,
	})
}
