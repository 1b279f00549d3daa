package main

import (
	"strconv"
	"strings"

	"example.com/shiftswfi/eligibility"
)

func numberOf(label string) int {
	n, err := strconv.Atoi(strings.TrimPrefix(label, "shift-"))
	if err != nil {
		panic(err)
	}
	return n
}

// manage is what a manager does without being asked.
func (c *caller) manage() {
	if c.one(3) {
		c.deleteShift()
		return
	}
	n := c.label()
	s := heldShift{"", labelOf(n), modelWorker(c.random.IntN(modelWorkers))}
	approved, _ := c.do(&step{name: "shift created", once: true, batch: func() ([]batchItem, func(*model)) {
		s.id = newID(c.random, "SHFT")
		s := s
		return []batchItem{set(eligibility.KindShift, s.body(timesOf(n)))}, func(m *model) {
			if m.once(s.label) {
				m.shifts[s.id] = s
				return
			}
			m.rename(s)
		}
	}})
	if !approved {
		return
	}
	if c.one(2) {
		s.owner = modelWorker(c.random.IntN(modelWorkers))
		approved, _ := c.do(&step{name: "shift changed", once: true, batch: func() ([]batchItem, func(*model)) {
			s := s
			return []batchItem{set(eligibility.KindShift, s.body(timesOf(n)))}, func(m *model) { m.shifts[s.id] = s }
		}})
		if !approved {
			return
		}
	}
	if c.one(3) {
		c.deleteStaged(s)
		return
	}
	c.add(s)
}

// deleteStaged deletes a shift in the two steps of a shared deletion.
func (c *caller) deleteStaged(s heldShift) {
	staged := s.body(s.times())
	staged["draftShift"] = s.times().fill(object{"notes": s.label, "isActive": false})
	staged["isStagedForDeletion"] = true
	c.do(&step{name: "deletion staged", once: true, batch: func() ([]batchItem, func(*model)) {
		return []batchItem{set(eligibility.KindShift, staged)}, func(*model) {}
	}})
	last := s.body(s.times())
	last["sharedShift"].(object)["isActive"] = false
	c.do(&step{name: "deletion shared", once: true, batch: func() ([]batchItem, func(*model)) {
		return []batchItem{set(eligibility.KindShift, last)}, func(m *model) { delete(m.shifts, s.id) }
	}})
}

// deleteShift deletes one that others may be asking for at this moment.
func (c *caller) deleteShift() {
	s, _, ok := c.two()
	if !ok {
		return
	}
	approved, _ := c.do(&step{name: "shift deleted", once: true, batch: func() ([]batchItem, func(*model)) {
		return []batchItem{gone(eligibility.KindShift, s.id)}, func(m *model) { delete(m.shifts, s.id) }
	}})
	if approved {
		c.replace([]heldShift{s}, nil)
	}
}

// openShift opens another shift, or assigns one to somebody.
func (c *caller) openShift() {
	n := c.label()
	slots := 1 + c.random.IntN(4)
	o := &openShift{newID(c.random, "OPNSHFT"), timesOf(n), slots}
	opened, _ := c.do(&step{name: "open shift created", once: true, batch: func() ([]batchItem, func(*model)) {
		return []batchItem{set(eligibility.KindOpenShift, o.body(slots))}, func(m *model) { m.slots[o.id] = slots }
	}})
	if !opened {
		return
	}
	// It is assigned before anybody else can ask for it: what Shifts sends tells
	// an assignment from an edit by the number of slots alone.
	label, worker := labelOf(c.label()), modelWorker(c.random.IntN(modelWorkers))
	assigned, known := c.do(&step{name: "open shift assigned", once: true, batch: func() ([]batchItem, func(*model)) {
		come := heldShift{newID(c.random, "SHFT"), label, worker}
		items := []batchItem{set(eligibility.KindOpenShift, o.body(slots-1)), set(eligibility.KindShift, come.body(o.times))}
		return items, func(m *model) { m.take(label, o.id, come) }
	}})
	if !known {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if assigned {
		o.slots--
	}
	c.openShifts[c.random.IntN(len(c.openShifts))] = o
}
