package contract

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"example.com/shiftswfi/batch/shifts"
)

// windowChecks are about the time that a question covers.
var windowChecks = []Check{
	{
		ID: "read.window-around", Level: Must, Section: "4.3",
		Title: "A shift inside the window is listed",
		Sends: "The question of read.swap-listed with a window of about a day, which holds the whole of an eligible shift.",
		Why:   "Workers cannot ask for a shift that is not listed.",
		Mend:  "List a shift if it starts between startTime and endTime.",
		needs: []need{needsSwapFilter, needsEligible},
		run: func(p *probe) {
			item := p.swapQuestion(p.around())
			if !slices.Contains(p.listed(item), p.profile.Swap.Eligible[0].ID) {
				p.fail("%s was answered without %s, which is inside the window.", describe(item), p.profile.Swap.Eligible[0].ID)
			}
		},
	},
	{
		ID: "read.window-end", Level: Should, Section: "4.3",
		Title: "A shift after the window is not listed",
		Sends: "The question of read.swap-listed with a window that ends before an eligible shift starts.",
		Why:   "Shifts asks for what it shows, a month as a rule. The worker would be offered shifts of another time.",
		Mend:  "Leave out a shift that starts after endTime.",
		needs: []need{needsSwapFilter, needsEligible},
		run:   func(p *probe) { p.wantOutside(p.before()) },
	},
	{
		ID: "read.window-start", Level: Should, Section: "4.3",
		Title: "A shift before the window is not listed",
		Sends: "The question of read.swap-listed with a window that begins when an eligible shift is over.",
		Why:   "Shifts asks for what it shows, a month as a rule. The worker would be offered shifts of another time.",
		Mend:  "Leave out a shift that starts before startTime.",
		needs: []need{needsSwapFilter, needsEligible},
		run:   func(p *probe) { p.wantOutside(p.after()) },
	},
	{
		ID: "read.window-absent", Level: Should, Section: "4.3",
		Title: "A question without a window is answered with a list",
		Sends: "The question of read.swap-listed without startTime and endTime.",
		Why:   "Nobody documents that a window is always given. The worker would see an error instead of a list.",
		Mend:  "Choose a window yourself, such as the next four weeks.",
		needs: []need{needsSwapFilter},
		run: func(p *probe) {
			usual := p.swapQuestion(p.wide())
			p.listed(usual)
			path, _, _ := strings.Cut(usual.URL, "&")
			p.list(p.question(usual.ID, path))
		},
	},
	{
		ID: "read.window-reversed", Level: Should, Section: "4.3",
		Title: "A window that ends before it begins lists nothing",
		Sends: "The question of read.swap-listed with the ends of the window the wrong way round.",
		Why:   "There is no right answer to it; any shift in it is a guess.",
		Mend:  "Refuse the item.",
		needs: []need{needsSwapFilter, needsEligible},
		run: func(p *probe) {
			w := p.around()
			item := p.swapQuestion(window{w.end, w.start})
			p.wantNothing(p.read(item), item)
		},
	},
	{
		ID: "read.date-unreadable", Level: Should, Section: "4.3",
		Title: "A date that cannot be read is not ignored",
		Sends: "The question of read.swap-listed with startTime=next-monday and endTime=soon.",
		Why:   "An endpoint that ignores such a date lists shifts of another time, and nobody notices that it does not understand what Shifts sends.",
		Mend:  "Refuse the item, with a sentence for the worker; write down the date where you find it.",
		needs: []need{needsSwapFilter},
		run: func(p *probe) {
			words := []string{"next-monday", "soon"}
			f := form{"startTime", "endTime", func(time.Time) string {
				word := words[0]
				words = words[1:]
				return word
			}}
			item := p.question(p.profile.Swap.Shift.ID, f.url(p.profile.Swap.Shift.ID, p.wide()))
			p.wantRefusedQuestion(p.read(item), item)
		},
	},
}

// wantOutside ends the check if the first eligible shift is listed in a window
// that does not hold it.
func (p *probe) wantOutside(w window) {
	item := p.swapQuestion(w)
	if slices.Contains(p.listed(item), p.profile.Swap.Eligible[0].ID) {
		p.fail("%s was answered with %s, which is outside the window.", describe(item), p.profile.Swap.Eligible[0].ID)
	}
}

// american is how Shifts has been seen to write dates.
const american = "1/2/2006 3:04:05 PM -07:00"

// india is ahead of UTC and not by whole hours, so that no offset which is
// ignored, or turned round, goes unnoticed.
var india = time.FixedZone("", 5*3600+30*60)

// dateForms are the other forms in which the ends of a window have been seen or
// documented.
var dateForms = []struct {
	check Check
	form  form
}{
	{
		Check{
			ID: "read.date-without-fraction", Level: Should,
			Title: "Dates may come without fractions of a second",
			Sends: "The question of read.swap-listed with dates such as 2030-06-01T04:00:00Z.",
			Why:   "Microsoft's examples have seven digits after the second, Graph has three or none.",
			Mend:  "Read ISO dates with any number of digits after the second.",
		},
		form{"startTime", "endTime", func(t time.Time) string { return t.UTC().Format(time.RFC3339) }},
	},
	{
		Check{
			ID: "read.date-us", Level: Must,
			Title: "Dates may come in American form, with blanks, slashes and a plus sign",
			Sends: "The question of read.swap-listed with dates such as 5/31/2030 11:00:00 PM +00:00, not encoded.",
			Why:   "Shifts has been seen to send them so, in an item url that no ordinary parser of urls takes. The worker gets no list.",
			Mend:  "Split the query by hand at ?, & and the first =, leave + as it is, and read M/d/yyyy h:mm:ss AM or PM with an offset.",
		},
		form{"startTime", "endTime", func(t time.Time) string { return t.UTC().Format(american) }},
	},
	{
		Check{
			ID: "read.date-us-offset", Level: Should,
			Title: "Dates in American form may have an offset other than zero",
			Sends: "The question of read.swap-listed with dates such as 6/1/2030 4:30:00 AM +05:30, not encoded.",
			Why:   "The form has an offset, so that one day it may not be zero. An endpoint that ignores it is wrong by hours.",
			Mend:  "Read the offset of the date and convert the date to UTC.",
		},
		form{"startTime", "endTime", func(t time.Time) string { return t.In(india).Format(american) }},
	},
	{
		Check{
			ID: "read.date-encoded", Level: Should,
			Title: "Dates may be percent-encoded",
			Sends: "The question of read.swap-listed with dates such as 2030-06-01T04%3A00%3A00.0000000Z.",
			Why:   "A correct url has its colons and plus signs encoded. If Shifts mends its urls, workers would get no list.",
			Mend:  "Decode percent-escapes in the values of the query, after it is split.",
		},
		form{"startTime", "endTime", func(t time.Time) string { return url.QueryEscape(shifts.Expires(t)) }},
	},
	{
		Check{
			ID: "read.parameters-of-graph", Level: Must,
			Title: "The window may be given as startDateTime and endDateTime",
			Sends: "The question of read.swap-listed with these names instead of startTime and endTime.",
			Why:   "The Graph reference has the one pair of names, Microsoft's article the other. An endpoint that looks for one only ignores the window.",
			Mend:  "Accept both pairs of names.",
		},
		form{"startDateTime", "endDateTime", shifts.Expires},
	},
}

// dateChecks ask in these forms.
func dateChecks() []Check {
	var checks []Check
	for _, d := range dateForms {
		d.check.Section = "4.3"
		checks = append(checks, sameWay(d.check, func(p *probe, w window) shifts.Item {
			return p.question(p.profile.Swap.Shift.ID, d.form.url(p.profile.Swap.Shift.ID, w))
		}, (*probe).read))
	}
	return checks
}

// sameWay completes a check that a question has the same answer in another way
// as asked as usual: in a window that holds an eligible shift and in one that
// does not, so that ignoring the window does not help.
func sameWay(c Check, ask func(*probe, window) shifts.Item, send func(*probe, ...shifts.Item) *shifts.Reply) Check {
	c.needs = append([]need{needsSwapFilter, needsEligible}, c.needs...)
	c.run = func(p *probe) {
		for i, w := range []window{p.around(), p.before()} {
			usual := p.swapQuestion(w)
			want := p.listed(usual)
			if inside := i == 0; slices.Contains(want, p.profile.Swap.Eligible[0].ID) != inside {
				p.skip("%s has the wrong answer even when it is asked as usual.", describe(usual))
			}
			item := ask(p, w)
			p.wantSame(p.wantListed(send(p, item), item), want, item)
		}
	}
	return c
}
