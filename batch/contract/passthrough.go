package contract

import (
	"net/http"

	"example.com/shiftswfi/batch/shifts"
)

var passthroughChecks = []Check{
	{
		ID: "update.passthrough", Level: Must, Section: "5.12",
		Title: "The integration's own writes are approved",
		Sends: "A swap request that the rules forbid, with the profile's value in X-MS-WFMPassthrough.",
		Why:   "Shifts calls about every write to Graph, the integration's own among them: refused, they fail, and the two systems drift apart.",
		Mend:  "Approve a batch whose X-MS-WFMPassthrough is the value that you put on your writes to Graph.",
		needs: []need{needsTeam, needsIneligible, needsPassthrough, needsDecisions("swapRequest")},
		run: func(p *probe) {
			items := []shifts.Item{p.forbiddenSwap().asked()}
			p.wantWritten(p.updateWith(http.Header{shifts.HeaderPassthrough: {p.profile.Passthrough}}, items...), items...)
		},
	},
	{
		ID: "update.passthrough-foreign", Level: Should, Section: "5.12",
		Title: "Another value of X-MS-WFMPassthrough opens no door",
		Sends: "A swap request that the rules forbid, with a value in X-MS-WFMPassthrough that was never used.",
		Why:   "Any program that writes to Graph may set the header: with it, every rule is off.",
		Mend:  "Compare the header with your own value; decide everything else by the rules.",
		needs: []need{needsTeam, needsIneligible, needsDecisions("swapRequest")},
		run: func(p *probe) {
			item := p.forbiddenSwap().asked()
			p.wantUnwritten(p.updateWith(http.Header{shifts.HeaderPassthrough: {newID("WFI_")}}, item), item)
		},
	},
}
