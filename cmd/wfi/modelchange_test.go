package main

import (
	"slices"
	"time"

	"example.com/shiftswfi/eligibility"
)

func set(kind eligibility.Kind, body object) batchItem { return batchItem{kind: kind, body: body} }

func gone(kind eligibility.Kind, id string) batchItem {
	return batchItem{kind: kind, body: object{"id": id}}
}

func (s heldShift) times() times { return timesOf(numberOf(s.label)) }

// two are shifts of two workers, as Shifts knows them now.
func (c *caller) two() (a, b heldShift, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.shifts) < 2 {
		return a, b, false
	}
	a, b = c.shifts[c.random.IntN(len(c.shifts))], c.shifts[c.random.IntN(len(c.shifts))]
	return a, b, a.owner != b.owner
}

// request is the body of a request in a state.
func request(id, state, assignedTo string, members object) object {
	body := object{"id": id, "state": state, "assignedTo": assignedTo}
	for name, value := range members {
		body[name] = value
	}
	return body
}

// ask makes a request, which has a new id with every attempt; the newest is the
// one that counts.
func (c *caller) ask(kind eligibility.Kind, name, assignedTo string, members object) (id string, ok bool) {
	// Of a shift others may ask too, and end what was asked before.
	once := kind == eligibility.KindOpenShiftRequest || kind == eligibility.KindTimeOffRequest
	ok, _ = c.do(&step{name: name, once: once, batch: func() ([]batchItem, func(*model)) {
		id = newID(c.random, "SREQ")
		return []batchItem{set(kind, request(id, "Pending", assignedTo, members))}, func(*model) {}
	}})
	return id, ok
}

// say is a further step of a request that changes nothing else.
func (c *caller) say(kind eligibility.Kind, name, id, state, assignedTo string, members object) bool {
	body := object{"id": id}
	if state != "" {
		body = request(id, state, assignedTo, members)
	}
	ok, _ := c.do(&step{name: name, batch: func() ([]batchItem, func(*model)) {
		return []batchItem{set(kind, body)}, func(m *model) {
			if kind == eligibility.KindTimeOffRequest && (state == "" || state == "Declined") {
				m.withdraw(id)
			}
		}
	}})
	return ok
}

// swap is a swap from its beginning to its end, or to where it is refused.
func (c *caller) swap() {
	a, b, ok := c.two()
	if !ok {
		return
	}
	members := object{
		"senderUserId": a.owner, "senderShiftId": a.id, "recipientUserId": b.owner, "recipientShiftId": b.id,
		"senderMessage": "",
	}
	id, ok := c.ask(eligibility.KindSwapRequest, "swap asked", "Recipient", members)
	if !ok {
		return
	}
	if c.one(8) {
		c.say(eligibility.KindSwapRequest, "swap declined", id, "Declined", "Recipient", members)
		return
	}
	if !c.one(6) && !c.say(eligibility.KindSwapRequest, "swap accepted", id, "Pending", "Manager", members) {
		return
	}
	c.approveSwap(id, a, b, members)
}

// approveSwap has the two shifts replaced, changed, or left to the endpoint.
func (c *caller) approveSwap(id string, a, b heldShift, members object) {
	form := c.random.IntN(4)
	var come []heldShift
	approve := &step{name: "swap approved", once: true, batch: func() ([]batchItem, func(*model)) {
		items := []batchItem{set(eligibility.KindSwapRequest, request(id, "Approved", "Manager", members))}
		toA, toB := heldShift{b.id, b.label, a.owner}, heldShift{a.id, a.label, b.owner}
		if form < 2 {
			toA.id, toB.id = newID(c.random, "SHFT"), newID(c.random, "SHFT")
		}
		bodyA, bodyB := toA.body(toA.times()), toB.body(toB.times())
		if form == 0 {
			delete(bodyA, "userId") // as Shifts was once seen to do
			delete(bodyB, "userId")
		}
		switch form {
		case 0, 1:
			items = append(items, gone(eligibility.KindShift, a.id), gone(eligibility.KindShift, b.id),
				set(eligibility.KindShift, bodyA), set(eligibility.KindShift, bodyB))
		case 2:
			items = append(items, set(eligibility.KindShift, bodyA), set(eligibility.KindShift, bodyB))
		}
		come = []heldShift{toA, toB}
		come := come
		return items, func(m *model) { m.exchange(id, []string{a.id, b.id}, come) }
	}}
	approved, known := c.do(approve)
	c.settle(approved, known, []heldShift{a, b}, come)
	if approved && c.one(4) { // late, when others may have gone on with the shifts
		before := []heldShift{come[0], come[1]}
		approved, known = c.do(approve)
		c.settle(approved, known, before, come)
	}
}

// settle notes how a change of shifts has ended. Of what nobody knows, and of
// what was refused since it is not there any more, Shifts hears no more.
func (c *caller) settle(approved, known bool, before, after []heldShift) {
	after = slices.Clone(after)
	slices.SortFunc(after, func(x, y heldShift) int { return indexOf(before, x.label) - indexOf(before, y.label) })
	switch {
	case approved:
		c.replace(before, after)
	case !known || c.one(4):
		c.replace(before, nil)
	}
}

func indexOf(shifts []heldShift, label string) int {
	return slices.IndexFunc(shifts, func(s heldShift) bool { return s.label == label })
}

// cancelSwap asks for a swap and takes that back.
func (c *caller) cancelSwap() {
	a, b, ok := c.two()
	if !ok {
		return
	}
	members := object{"senderUserId": a.owner, "senderShiftId": a.id, "recipientUserId": b.owner, "recipientShiftId": b.id}
	id, _ := c.ask(eligibility.KindSwapRequest, "swap asked", "Recipient", members)
	c.say(eligibility.KindSwapRequest, "swap cancelled", id, "", "", nil)
}

// offer hands a shift to somebody, in one of the forms that it may take.
func (c *caller) offer() {
	s, other, ok := c.two()
	if !ok {
		return
	}
	members := object{"senderUserId": s.owner, "senderShiftId": s.id, "recipientUserId": other.owner}
	id, ok := c.ask(eligibility.KindOfferShiftRequest, "offer made", "Recipient", members)
	if !ok || !c.say(eligibility.KindOfferShiftRequest, "offer accepted", id, "Pending", "Manager", members) {
		return
	}
	form := c.random.IntN(4)
	var come heldShift
	approved, known := c.do(&step{name: "offer approved", once: true, batch: func() ([]batchItem, func(*model)) {
		items := []batchItem{set(eligibility.KindOfferShiftRequest, request(id, "Approved", "Manager", members))}
		come = heldShift{s.id, s.label, other.owner}
		if form < 2 {
			come.id = newID(c.random, "SHFT")
			items = append(items, gone(eligibility.KindShift, s.id))
		}
		body := come.body(s.times())
		if form == 0 {
			delete(body, "userId")
		}
		if form < 3 {
			items = append(items, set(eligibility.KindShift, body))
		}
		come := come
		return items, func(m *model) { m.exchange(id, []string{s.id}, []heldShift{come}) }
	}})
	c.settle(approved, known, []heldShift{s}, []heldShift{come})
}

// claim takes a slot of an open shift.
func (c *caller) claim() {
	c.mu.Lock()
	o := c.openShifts[c.random.IntN(len(c.openShifts))]
	c.mu.Unlock()
	worker := modelWorker(c.random.IntN(modelWorkers))
	// The same again, while the first is under way, could only be a repeat.
	if _, asked := c.claims.LoadOrStore(o.id+worker, true); asked {
		return
	}
	defer c.claims.Delete(o.id + worker)
	members := object{"senderUserId": worker, "openShiftId": o.id}
	id, ok := c.ask(eligibility.KindOpenShiftRequest, "claim made", "Manager", members)
	if !ok {
		return
	}
	if c.one(8) {
		c.say(eligibility.KindOpenShiftRequest, "claim declined", id, "Declined", "Manager", members)
		return
	}
	label, counted := labelOf(c.label()), !c.one(4)
	approved, _ := c.do(&step{name: "claim approved", once: true, batch: func() ([]batchItem, func(*model)) {
		come := heldShift{newID(c.random, "SHFT"), label, worker}
		items := []batchItem{
			set(eligibility.KindShift, come.body(o.times)),
			set(eligibility.KindOpenShiftRequest, request(id, "Approved", "Manager", members)),
		}
		if counted {
			c.mu.Lock()
			items = append(items, set(eligibility.KindOpenShift, o.body(max(0, o.slots-1))))
			c.mu.Unlock()
		}
		return items, func(m *model) { m.take(id, o.id, come) }
	}})
	if approved {
		c.mu.Lock()
		defer c.mu.Unlock()
		o.slots--
	}
}

// timeOff is a request for an absence, which may come with it or not.
func (c *caller) timeOff() {
	worker, start := modelWorker(c.random.IntN(modelWorkers)), timesOf(c.label()).start
	span := func() object {
		return object{"timeOffReasonId": modelReason, "startDateTime": start, "endDateTime": start.Add(10 * time.Minute)}
	}
	members := span()
	members["senderUserId"] = worker
	id, ok := c.ask(eligibility.KindTimeOffRequest, "time off asked", "Manager", members)
	if !ok {
		return
	}
	if c.one(6) {
		c.say(eligibility.KindTimeOffRequest, "time off declined", id, "Declined", "Manager", members)
		return
	}
	absent, key := c.one(2), absenceKey(worker, start)
	c.do(&step{name: "time off approved", once: true, batch: func() ([]batchItem, func(*model)) {
		items := []batchItem{set(eligibility.KindTimeOffRequest, request(id, "Approved", "Manager", members))}
		stored := id
		if absent {
			stored = newID(c.random, "SHFT")
			items = append(items, set(eligibility.KindTimeOff, object{"id": stored, "userId": worker, "sharedTimeOff": span()}))
		}
		return items, func(m *model) { m.absences[key] = stored }
	}})
	if c.one(2) {
		c.say(eligibility.KindTimeOffRequest, "time off cancelled", id, "", "", nil)
	}
}

// withdraw ends an absence that stands in for a request.
func (m *model) withdraw(request string) {
	for key, id := range m.absences {
		if id == request {
			delete(m.absences, key)
		}
	}
}
