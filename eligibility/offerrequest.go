package eligibility

// claimOffer finds the items that carry out an approved offer. What they are
// is not documented: the shift may change its owner, or go while one of the
// same times comes, with the owner named or not. If it only comes, the old one
// goes here; if it only goes, the new one has no id yet and comes later; if
// neither, it is handed over here.
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
	case left == nil && (came == nil || came.ID != s.ID) && r.proposes(KindShift, s.ID):
		r.refuse(r.item, &Refusal{Code: BadRequest, Message: messageMismatch})
		return
	case left == nil && came == nil:
		r.hand(s, r.body.RecipientUserID)
		return
	case left == nil && came.ID != s.ID:
		r.item.changes = append(r.item.changes, deletion(&s.entity))
	case left == nil || left == came:
	case left.gone():
		left.request = r
		left.remove()
	default:
		r.refuse(r.item, &Refusal{Code: BadRequest, Message: messageMismatch})
		return
	}
	r.place(came, s, r.body.RecipientUserID)
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
