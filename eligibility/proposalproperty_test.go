package eligibility_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/shiftswfi/eligibility"
)

// proposals makes random batches over few ids and times, so that they meet.
type proposals struct {
	*rand.Rand
	serial int
}

func choose[T any](r *proposals, choices ...T) T { return choices[r.IntN(len(choices))] }

func (r *proposals) worker() string { return choose(r, "ada", "ben", "cyd", "dan", "ADA", "eve") }

func (r *proposals) owner() string { return choose(r, r.worker(), r.worker(), r.worker(), "-") }

func (r *proposals) when() string {
	return choose(r, "3+8", "4+8", "5+8", "7+8", "8+8", "9+8", "8T12+8", "1+1", "3+9")
}

func (r *proposals) shift() string {
	return choose(r, "A", "B", "B3", "C", "L", "N1", "N2", "N3", r.newID())
}

func (r *proposals) request() string { return choose(r, "R", "R", "R2", r.newID()) }

func (r *proposals) newID() string {
	r.serial++
	return fmt.Sprint("new", r.serial)
}

func (r *proposals) state() string {
	return choose(r, "Pending/Recipient", "Pending/Manager", "Approved/Manager", "approved /manager", "Declined/Manager", "Declined/System", "/", "other/Sender")
}

func (r *proposals) more() object {
	return choose(r, nil, nil, nil, object{"createdDateTime": "2026-12-01T12:00:00Z"}, object{"schedulingGroupId": "TAG_lift"},
		object{"isStagedForDeletion": true}, object{"senderUserId": nil}, object{"senderShiftId": nil}, object{"attributes": object{"x": 1}},
		object{"draftShift": inactive("3+8")}, object{"sharedShift": nil}, object{"sharedShift": inactive("3+8")}, object{"eTag": fmt.Sprint(r.IntN(9))})
}

func (r *proposals) swap(state string) eligibility.ProposedItem {
	pair := choose(r, object{}, object{"recipientUserId": "cyd", "recipientShiftId": "B3"}, object{"recipientUserId": "cyd", "recipientShiftId": "C"},
		object{"senderUserId": "ben", "recipientUserId": "ada"}, object{"senderShiftId": r.shift()})
	return putSwap(r.request(), state, pair, r.more())
}

func (r *proposals) offer(state string) eligibility.ProposedItem {
	return putOffer(r.request(), state, object{"recipientUserId": r.worker(), "senderShiftId": choose(r, "A", "A", r.shift())}, r.more())
}

func (r *proposals) claim(state string) eligibility.ProposedItem {
	return putClaim(r.request(), state, object{"senderUserId": r.worker(), "openShiftId": choose(r, "O", "O1", "Ox", "O0", "?")}, r.more())
}

func (r *proposals) absence(state string) eligibility.ProposedItem {
	return putAbsence(r.request(), state, r.when(), object{"senderUserId": r.worker(), "timeOffReasonId": choose(r, "TOR_sick", "TOR_vacation", "?")}, r.more())
}

func (r *proposals) item() eligibility.ProposedItem {
	switch r.IntN(12) {
	case 0:
		return r.swap(r.state())
	case 1:
		return r.offer(r.state())
	case 2:
		return r.claim(r.state())
	case 3:
		return r.absence(r.state())
	case 4:
		return choose(r, dropShift(r.shift()), dropShift(r.shift()), drop(eligibility.KindOpenShift, "O"), drop(eligibility.KindTimeOff, "T"),
			drop(eligibility.KindSwapRequest, r.request()), drop(eligibility.KindTimeOffRequest, r.request()))
	case 5:
		return putTimeOff(choose(r, "T", "T2", r.newID()), r.worker()+" "+r.when(), r.more())
	case 6:
		return putOpenShift(choose(r, "O", "O1", "Ox", r.newID()), r.when()+choose(r, "", " slots=0", " slots=1", " slots=2", " slots=-1"), r.more())
	}
	return putShift(r.shift(), r.owner()+" "+r.when(), r.more())
}

// batch is one of the shapes that Shifts sends, with parts of it altered, or
// anything. No entity is in it twice. A pure batch is about one thing: where no
// rule refuses shifts that do not belong to an approval, nothing tells on a
// repeat which of them were part of it.
func (r *proposals) batch(pure bool) items {
	a, b := choose(r, "N1", r.newID()), choose(r, "N2", r.newID())
	var batch items
	switch r.IntN(9) {
	case 0:
		batch = approval(putSwap(r.request(), "Approved/Manager"), dropShift("A"), dropShift("B"), putShift(a, choose(r, "ada", "-")+" 4+8"), putShift(b, choose(r, "ben", "-")+" 3+8"))
	case 1:
		batch = approval(putSwap(r.request(), "Approved/Manager", object{"recipientUserId": "cyd", "recipientShiftId": "B3"}),
			dropShift("A"), dropShift("B3"), putShift(a, choose(r, "ada", "-")+" 3+8"), putShift(b, choose(r, "cyd", "-")+" 3+8"))
	case 2:
		batch = items{putShift(a, choose(r, "ada", "-")+" 8+8"), putClaim(r.request(), "Approved/Manager"), putOpenShift("O", "8+8 slots="+choose(r, "0", "1"))}
	case 3:
		batch = items{putOpenShift("O", "8+8 slots="+choose(r, "0", "1")), putShift(a, r.worker()+" 8+8")}
	case 4:
		batch = approval(putOffer(r.request(), "Approved/Manager"), dropShift("A"), putShift(a, choose(r, "ben", "-")+" 3+8"))
	case 5:
		batch = items{putAbsence(r.request(), "Approved/Manager", "8+8"), putTimeOff(choose(r, "T", r.newID()), "ada 8+8")}
	case 6:
		batch = items{choose(r, r.swap, r.offer, r.claim, r.absence)("Pending/Manager")}
	default:
		batch = append(batch, r.item())
		for range r.IntN(4) {
			if !pure {
				batch = append(batch, r.item())
			}
		}
	}
	r.Shuffle(len(batch), func(i, j int) { batch[i], batch[j] = batch[j], batch[i] })
	if r.IntN(3) == 0 && len(batch) > 1 {
		batch = batch[1:]
	}
	if !pure && r.IntN(4) == 0 {
		batch = append(batch, r.item())
	}
	var once items
	for _, item := range batch {
		if !slices.ContainsFunc(once, func(o eligibility.ProposedItem) bool { return o.Kind == item.Kind && o.ID == item.ID }) {
			once = append(once, item)
		}
	}
	return once
}

// TestDecideProperties: a batch is approved as a whole or refused as a whole,
// what is approved can be stored, and deciding it again approves it and
// changes nothing.
func TestDecideProperties(t *testing.T) {
	seed := cmp.Or(*seedFlag, rand.Uint64N(1_000_000_000)+1)
	t.Logf("first seed %d", seed)
	approved, refused := 0, 0
	for i := range *teamsFlag {
		s := seed + uint64(i)
		r := &proposals{Rand: rand.New(rand.NewPCG(s, 7))}
		team := parse(t, shop(nil))
		for range 6 {
			p := eligibility.Proposal{Now: decidedAt, Settled: r.IntN(8) == 0}
			accept := r.IntN(6) == 0
			p.Items = r.batch(accept || p.Settled)
			if accept {
				p.Accept = map[eligibility.Kind]bool{eligibility.KindShift: true, eligibility.KindSwapRequest: true}
			}
			d := team.Decide(p)
			codesOf(t, len(p.Items), d)
			after, err := team.With(d.Changes...)
			require.NoError(t, err)
			if !d.Approved() {
				refused++
				continue
			}
			approved++
			again := after.Decide(p)
			later, err := after.With(again.Changes...)
			require.NoError(t, err)
			if !again.Approved() || !slices.Equal(picture(t, after), picture(t, later)) {
				var codes []string
				for _, item := range p.Items {
					codes = append(codes, fmt.Sprintf("%s %s delete=%v %s", item.Kind, item.ID, item.Delete, item.Body))
				}
				t.Fatalf("seed %d, settled %v, accept %v:\n%s\nbefore %s\nafter %s\nagain %v %s", s, p.Settled, p.Accept, join(codes), join(picture(t, team)),
					join(differences(picture(t, team), picture(t, after))), codesOf(t, len(p.Items), again), join(differences(picture(t, after), picture(t, later))))
			}
			team = after
		}
	}
	t.Logf("%d approved, %d refused", approved, refused)
	require.Greater(t, min(approved, refused), *teamsFlag/4, "batches must not all be of one sort")
}

func join(lines []string) string {
	text := ""
	for _, line := range lines {
		text += "\n\t" + line
	}
	return text
}
