package eligibility

import "time"

// A Request is a swap, offer, open shift or time-off request: one shape, since
// Shifts gives all four the same base and even the same id prefix.
type Request struct {
	record

	ID               string
	State            string // folded: pending, approved, declined or whatever came
	AssignedTo       string // folded: sender, recipient, manager, system or whatever came
	SenderUserID     string
	RecipientUserID  string
	SenderShiftID    string
	RecipientShiftID string
	OpenShiftID      string
	TimeOffReasonID  string
	StartDateTime    time.Time // zero if absent
	EndDateTime      time.Time
}

// Pending reports whether the request is still open.
func (r *Request) Pending() bool { return r.State == "pending" }

// ties are the shifts that an open swap or offer request keeps from being
// promised twice. Open shifts and absences are never tied up.
func (r *Request) ties() []string {
	if !r.Pending() || (r.entity.Kind != KindSwapRequest && r.entity.Kind != KindOfferShiftRequest) {
		return nil
	}
	var ids []string
	if r.SenderShiftID != "" {
		ids = append(ids, r.SenderShiftID)
	}
	if r.RecipientShiftID != "" && r.RecipientShiftID != r.SenderShiftID {
		ids = append(ids, r.RecipientShiftID)
	}
	return ids
}

func decodeRequest(o object) *Request {
	r := &Request{
		ID:               o.required("id"),
		State:            foldEnum(o.text("state")),
		AssignedTo:       foldEnum(o.text("assignedTo")),
		SenderUserID:     o.text("senderUserId"),
		RecipientUserID:  o.text("recipientUserId"),
		SenderShiftID:    o.text("senderShiftId"),
		RecipientShiftID: o.text("recipientShiftId"),
		OpenShiftID:      o.text("openShiftId"),
		TimeOffReasonID:  o.text("timeOffReasonId"),
	}
	r.entity.ID = r.ID
	r.StartDateTime, _ = o.instant("startDateTime")
	r.EndDateTime, _ = o.instant("endDateTime")
	return r
}
