package eligibility

// A TimeOff is an absence of a worker.
type TimeOff struct {
	record

	owner  user
	counts bool // it has a shared part that is not deleted
	span   span // of the shared part; one that ends before it starts holds nothing
}

func decodeTimeOff(o object) *TimeOff {
	t := &TimeOff{owner: userOf(o.text("userId"))}
	t.entity.ID = o.required("id")
	o.flag("isStagedForDeletion")
	if shared, ok := o.child("sharedTimeOff"); ok {
		shared.text("timeOffReasonId")
		t.counts = !shared.isFalse("isActive")
		t.span, _ = decodeSpan(shared)
	}
	return t
}

// A TimeOffReason is a reason that a worker may give for an absence.
type TimeOffReason struct {
	record

	ID     string
	active bool
}

func decodeTimeOffReason(o object) *TimeOffReason {
	r := &TimeOffReason{ID: o.required("id"), active: !o.isFalse("isActive")}
	r.entity.ID = r.ID
	o.text("displayName")
	return r
}
