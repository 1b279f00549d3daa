package contract

import (
	"fmt"
	"net/http"
	"strings"

	"example.com/shiftswfi/batch/shifts"
)

var connectChecks = []Check{
	{
		ID: "connect.accepted", Level: Must, Section: "2.3",
		Title: "The call that registers the integration is answered with HTTP 200",
		Sends: "A sealed body with tenantId and userId to /connect.",
		Why:   "Graph creates the workforce integration only if this call succeeds.",
		Mend:  "Answer POST {url}/v{apiVersion}/connect with HTTP 200 when the body opens under the secret and the tenant is yours.",
		run: func(p *probe) {
			if reply := p.connect(); reply.HTTPStatus != http.StatusOK {
				p.fail("The call was answered with HTTP %d.", reply.HTTPStatus)
			}
		},
	},
	{
		ID: "connect.repeated", Level: Should, Section: "2.3",
		Title: "The same call succeeds again",
		Sends: "The call of connect.accepted, twice.",
		Why:   "Whoever changes the integration in Graph may cause the call again, and cannot save the change if it fails.",
		Mend:  "Let /connect change nothing that makes a second call fail.",
		run: func(p *probe) {
			for range 2 {
				if reply := p.connect(); reply.HTTPStatus != http.StatusOK {
					p.fail("The call was answered with HTTP %d.", reply.HTTPStatus)
				}
			}
		},
	},
	{
		ID: "connect.slashes", Level: Should, Section: "2.1",
		Title: "A doubled slash before the version does not matter",
		Sends: "The call of connect.accepted, to {url}//v{apiVersion}/connect.",
		Why:   "Registered urls often end with a slash, and nobody documents whether Shifts adds one more.",
		Mend:  "Treat several slashes in the path as one.",
		run: func(p *probe) {
			address := fmt.Sprintf("%s//v%d/connect", strings.TrimRight(p.endpoint.URL, "/"), p.endpoint.APIVersion)
			if reply := p.send(address, nil, p.connectBody(p.profile.TenantID)); reply.HTTPStatus != http.StatusOK {
				p.fail("The call was answered with HTTP %d.", reply.HTTPStatus)
			}
		},
	},
}

// anotherVersion is the endpoint as if it were registered with another version.
func (s *suite) anotherVersion() shifts.Endpoint {
	return shifts.Endpoint{URL: s.endpoint.URL, APIVersion: s.endpoint.APIVersion + 1}
}
