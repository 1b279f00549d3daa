package eligibility

import (
	"slices"
	"strings"
	"time"
)

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

// Approved reports whether a manager, or whoever decides, has agreed.
func (r *Request) Approved() bool { return r.State == "approved" }

// promise names what the request asks for: two requests with the same promise
// are the same request, also under two ids. It is empty if something is
// missing that says what is asked for.
func (r *Request) promise() string {
	var parts []string
	switch r.entity.Kind {
	case KindSwapRequest:
		parts = []string{r.SenderShiftID, r.RecipientShiftID}
	case KindOfferShiftRequest:
		parts = []string{r.SenderShiftID, foldUser(r.RecipientUserID)}
	case KindOpenShiftRequest:
		parts = []string{r.OpenShiftID, foldUser(r.SenderUserID)}
	case KindTimeOffRequest:
		parts = []string{foldUser(r.SenderUserID), r.TimeOffReasonID}
		for _, t := range []time.Time{r.StartDateTime, r.EndDateTime} {
			if t.IsZero() {
				return ""
			}
			parts = append(parts, t.Format(time.RFC3339Nano))
		}
	}
	if len(parts) == 0 || slices.Contains(parts, "") {
		return ""
	}
	return strings.Join(append(parts, string(r.entity.Kind)), "\x00")
}

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

func decodeRequest(o object, kind Kind) *Request {
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
	r.entity.ID, r.entity.Kind = r.ID, kind
	r.StartDateTime, _ = o.instant("startDateTime")
	r.EndDateTime, _ = o.instant("endDateTime")
	return r
}
