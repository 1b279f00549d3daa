package eligibility

import (
	"encoding/json"
	"slices"
	"time"
)

// A Proposal is one batch of changes that somebody made in Shifts and that is
// to be decided as a whole: a swap that a manager approves comes as the request,
// two shifts that go and two that come.
type Proposal struct {
	Items []ProposedItem
	Now   time.Time
	// Accept says of a kind that no rule may refuse its items; what the rules
	// would have said is reported as Waived.
	Accept map[Kind]bool
	// Settled says that the batch is not a question: no rule is asked. It is
	// an echo of what was written into Shifts by the integration itself.
	Settled bool
}

// A ProposedItem is one item of a batch: an entity that is set, or deleted.
type ProposedItem struct {
	Kind   Kind
	ID     string          // of the entity
	Delete bool            // the body does not count then
	Body   json.RawMessage // the entity as Shifts has it now; an object
}

// A Refusal is why an item is refused.
type Refusal struct {
	Code    Code
	Message string // a plain English sentence for the worker
	// Field is the member of the item's body that does not fit, for which
	// Message then has a %s; "" if it is not about one.
	Field string
	// Rule is the rule that was not met, of which Code is the name; "" if none.
	Rule Rule
	// Failed are all the rules that were not met; Rule is the first.
	Failed []Failure
}

// An ItemDecision is what becomes of one item.
type ItemDecision struct {
	Refusal *Refusal // nil if approved
	Waived  *Refusal // what would have refused it if its kind were not accepted
	// ETag stands for the content that is stored now, and is the same for the
	// same content; never empty if approved.
	ETag string
	// Users are the ids of the workers that the item is about.
	Users []string
	// State is that of a request, in lower case; "" of anything else.
	State string
}

// A Decision is what becomes of a Proposal: all of it is approved, or nothing.
type Decision struct {
	Items []ItemDecision // one for each item, in their order
	// Changes make the team what it is after the proposal; empty if it was
	// refused, or if nothing is to be stored.
	Changes []Change
	Faults  []Fault
}

// Approved reports whether the proposal was approved.
func (d Decision) Approved() bool {
	return !slices.ContainsFunc(d.Items, func(i ItemDecision) bool { return i.Refusal != nil })
}

// Decide decides a proposal on the team as it would be after all of it.
//
// A batch is read before it is judged. Requests are told by their state, and
// the shifts that belong to an approval by ids, owners and times, never by
// their place in the batch, which is not documented. A request or a shift that
// comes again under another id, as Shifts has been seen to do when it repeats
// a call, takes the place of the first and is answered like it.
func (t *Team) Decide(p Proposal) Decision {
	d := &deciding{Proposal: p, team: t}
	d.read()
	if !d.refused() {
		d.claim()
		d.judge()
	}
	return d.decision()
}

// deciding is a proposal while it is decided.
type deciding struct {
	Proposal
	team     *Team
	items    []*proposed
	requests []*decidingRequest
	faults   []Fault
}

// proposed is an item while it is decided.
type proposed struct {
	ProposedItem
	entity  decoded          // nil if it is deleted
	old     decoded          // nil if the team has none of that id
	request *decidingRequest // whose approval the item is part of; nil if none's
	refusal *Refusal
	waived  *Refusal
	// repeated and assigned: the rules have nothing to say of it any more.
	repeated bool // a shift that came before under another id
	assigned bool // an open shift that lost the slots which were assigned
	// unreadable: its body does not fit, and nothing may refuse it for that. It
	// is approved, and not kept.
	unreadable bool
	// changes are what approving the item does; the first concerns the item's
	// own entity, if it has any.
	changes []Change
}

// read decodes the items. One whose body does not fit is refused; the others
// have nothing to be decided on then.
func (d *deciding) read() {
	for _, item := range d.Items {
		item.ID = entityKey(item.Kind, item.ID)
		p := &proposed{ProposedItem: item, old: d.team.entity(item.Kind, item.ID)}
		d.items = append(d.items, p)
		refusal := badField("id")
		switch {
		case len(item.ID) > maxEntityID:
		case item.Delete:
			continue
		default:
			refusal = p.decode(d.team)
		}
		if refusal == nil {
			continue
		}
		if p.refusal = refusal; d.Settled || d.Accept[p.Kind] {
			p.refusal, p.waived, p.entity, p.unreadable = nil, refusal, nil, true
		}
	}
}

// maxEntityID bounds the ids that are stored; those of Shifts have some forty
// characters.
const maxEntityID = 256

// entityKey is the id under which a team has an entity.
func entityKey(kind Kind, id string) string {
	if kind == KindWorker || kind == KindShiftPreferences {
		return foldUser(id)
	}
	return id
}

func (p *proposed) decode(team *Team) *Refusal {
	body, err := withID(p.Body, p.ID)
	if err != nil {
		return badField("")
	}
	dec := &decoder{}
	p.entity = dec.decode(p.Kind, body, &place{index: -1}, team.calendar)
	if len(dec.problems) > 0 {
		return badField(dec.problems[0].Path)
	}
	if p.entity.base().ID != p.ID {
		return badField("id")
	}
	if r, ok := p.entity.(*Request); ok && !r.EndDateTime.IsZero() && !r.EndDateTime.After(r.StartDateTime) {
		return badField("endDateTime")
	}
	if t, ok := p.entity.(*TimeOff); ok && t.counts && !t.span.end.After(t.span.start) {
		return badField("sharedTimeOff.endDateTime")
	}
	return nil
}

func (d *deciding) refused() bool {
	return slices.ContainsFunc(d.items, func(p *proposed) bool { return p.refusal != nil })
}

// refuse records the first refusal of an item, or what would have been one.
func (d *deciding) refuse(p *proposed, refusal *Refusal) {
	switch {
	case refusal == nil || d.Settled:
	case d.Accept[p.Kind]:
		if p.waived == nil {
			p.waived = refusal
		}
	case p.refusal == nil:
		p.refusal = refusal
	}
}

// claim works out what each item does: first those that belong to a request,
// then the rest.
func (d *deciding) claim() {
	for _, p := range d.items {
		if p.Kind.isRequest() && !p.unreadable {
			d.requests = append(d.requests, d.newRequest(p))
		}
	}
	for _, r := range d.requests {
		r.claim()
	}
	for _, r := range d.requests {
		r.claimAll()
	}
	d.claimAssignments()
	for _, p := range d.items {
		if p.request == nil && !p.Kind.isRequest() && !p.unreadable {
			p.settle(d)
		}
	}
}

// judge asks the rules: of a request, on the team as the rest of the batch
// leaves it; of a shift that a manager publishes, on the team after all of it.
func (d *deciding) judge() {
	if d.Settled {
		return
	}
	for _, r := range d.requests {
		r.judge()
	}
	if d.team.Policy.AcceptManagerChanges {
		return
	}
	after := d.after(func(*proposed) bool { return true })
	for _, p := range d.items {
		if p.request == nil {
			d.refuse(p, d.judgeShift(after, p))
		}
	}
}

// after is the team with the changes of the items that are kept.
func (d *deciding) after(keep func(*proposed) bool) *Team {
	var changes []Change
	for _, p := range d.items {
		if keep(p) {
			p.decodeChanges(d.team.calendar)
			changes = append(changes, p.changes...)
		}
	}
	after, err := d.team.With(changes...)
	if err != nil {
		panic(err) // every entity of it was decoded before
	}
	return after
}

// decodeChanges reads what the item stores, once: every request of a batch is
// judged on a team of its own.
func (p *proposed) decodeChanges(cal *calendar) {
	for i := range p.changes {
		c := &p.changes[i]
		if c.decoded == nil && !c.Delete {
			c.decoded = new(decoder).decode(c.Kind, c.JSON, &place{index: -1}, cal)
		}
	}
}

// decision gathers what was decided. Beside an item that is refused no other
// is approved: Shifts takes a batch that is refused in part for who knows what.
func (d *deciding) decision() Decision {
	decision := Decision{Items: make([]ItemDecision, len(d.items)), Faults: d.faults}
	refused := d.refused()
	for i, p := range d.items {
		item := &decision.Items[i]
		item.Refusal, item.Waived = p.refusal, p.waived
		item.Users, item.State = p.about()
		switch {
		case item.Refusal != nil:
		case refused:
			item.Refusal = &Refusal{Code: RefusedWithBatch, Message: Message(RefusedWithBatch)}
		default:
			item.ETag = p.eTag()
			decision.Changes = append(decision.Changes, p.changes...)
		}
	}
	return decision
}

// about names the workers of an item, and the state of a request.
func (p *proposed) about() (users []string, state string) {
	entity := p.entity
	if entity == nil {
		entity = p.old
	}
	if r := p.request; r != nil && r.item == p && r.body != nil {
		entity = r.body // completed from what was known of it
	}
	switch e := entity.(type) {
	case *Request:
		state = e.State
		users = []string{e.SenderUserID, e.RecipientUserID}
	case *Shift:
		users = []string{e.UserID}
	case *TimeOff:
		users = []string{e.owner.Value()}
	case *kept:
		if e.entity.Kind == KindShiftPreferences {
			users = []string{e.entity.ID}
		}
	}
	return slices.DeleteFunc(users, func(id string) bool { return id == "" }), state
}

// refuseBy makes a refusal of the rules that were not met, or nil of none.
func refuseBy(v Verdict) *Refusal {
	switch {
	case v.Code != OK:
		return &Refusal{Code: v.Code, Message: v.Message}
	case len(v.Failed) == 0:
		return nil
	}
	first := v.Failed[0]
	return &Refusal{Code: first.Rule.Code(), Message: first.Message, Rule: first.Rule, Failed: v.Failed}
}
