package contract

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"

	"example.com/shiftswfi/batch/shifts"
)

// What /connect is called with where the profile says nothing. Ids are GUIDs: an
// endpoint may refuse any other text before it looks at anything else.
const (
	madeUpTenant = "0b6f1c52-93d7-4f0e-8a41-c5e27d1f6a38"
	madeUpUser   = "d4a7e9b3-5c18-4e62-9f70-1b8a3c6d2e95"
)

var connectChecks = []Check{
	{
		ID: "connect.accepted", Level: Must, Section: "2.3",
		Title: "The call that registers the integration is answered with HTTP 200",
		Sends: "A sealed body with tenantId and userId to /connect.",
		Why:   "Graph creates the workforce integration only if this call succeeds.",
		Mend:  "Answer POST {url}/v{apiVersion}/connect with HTTP 200 when the body opens under the secret and the tenant is yours.",
		run: func(p *probe) {
			reply := p.firstConnect()
			if reply.HTTPStatus == http.StatusOK {
				return
			}
			found := cmp.Or(p.closed, fmt.Sprintf("The call was answered with HTTP %d.", reply.HTTPStatus))
			if reply.HTTPStatus >= 400 && reply.HTTPStatus <= 499 && p.profile.TenantID == "" {
				found += " The call named a tenant that is made up, since the profile names none (tenantId): if the endpoint looks at it, fill it in."
			}
			p.fail("%s", found)
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
			p.wantOrdinary(p.connectCall())
			address := fmt.Sprintf("%s//v%d/connect", strings.TrimRight(p.endpoint.URL, "/"), p.endpoint.APIVersion)
			if reply := p.send(address, nil, p.connectBody(p.profile.TenantID)); reply.HTTPStatus != http.StatusOK {
				p.fail("The call was answered with HTTP %d.", reply.HTTPStatus)
			}
		},
	},
	{
		ID: "connect.content-type", Level: Should, Section: "2.2",
		Title: "The content type of a call does not matter",
		Sends: "Calls to /connect and to an endpoint of the team, announced as application/octet-stream, as text/plain, and as nothing.",
		Why:   "The body is binary, Microsoft's examples announce JSON, and nobody documents what Shifts really sends.",
		Mend:  "Read the raw body, whatever its Content-Type is, and switch off what your framework does with JSON bodies.",
		run: func(p *probe) {
			for _, call := range p.calls() {
				p.wantOrdinary(call)
				for _, contentType := range [][]string{{"application/octet-stream"}, {"text/plain"}, nil} {
					header := http.Header{"Content-Type": contentType}
					if reply := p.send(call.address, header, call.plaintext); reply.HTTPStatus != http.StatusOK {
						p.fail("%s was called with the Content-Type %q and answered HTTP %d, and with application/json HTTP 200.",
							call.name, header.Get("Content-Type"), reply.HTTPStatus)
					}
				}
			}
		},
	},
	{
		ID: "connect.wrong-secret", Level: Must, Section: "2.3",
		Title: "An integration that is registered with another secret is refused",
		Sends: "The call of connect.accepted, sealed with another secret.",
		Why:   "A wrong secret is noticed only here, while the integration is registered. Later every call fails, in front of users.",
		Mend:  "Open the body of /connect as any other, and answer HTTP 401 if its tag does not match.",
		run: func(p *probe) {
			body := sealForeign(p.connectBody(p.profile.TenantID))
			if reply := p.post(p.endpoint.Connect(), nil, body, "sealed with another secret", nil); reply.HTTPStatus == http.StatusOK {
				p.fail("The call was answered with HTTP 200, although its body does not open under the secret.")
			}
		},
	},
	{
		ID: "connect.another-tenant", Level: Should, Section: "2.3",
		Title: "Another tenant is refused",
		Sends: "The call of connect.accepted, with another tenantId.",
		Why:   "Who registers your address in the wrong tenant, production for test, learns it only if this call fails.",
		Mend:  "Compare tenantId with that of your tenant, without regard to letter case, and answer HTTP 403 if it is another.",
		needs: []need{needsTenant},
		run: func(p *probe) {
			if reply := p.send(p.endpoint.Connect(), nil, p.connectBody(newID(""))); reply.HTTPStatus == http.StatusOK {
				p.fail("A tenant that is not the profile's was answered with HTTP 200.")
			}
		},
	},
	{
		ID: "connect.another-version", Level: Should, Section: "2.1",
		Title: "Another apiVersion is refused",
		Sends: "The call of connect.accepted, to the path of the next version.",
		Why:   "Who registers a version that your endpoint does not speak learns it only if this call fails.",
		Mend:  "Answer HTTP 404 or 400 where the version in the path is not yours.",
		run: func(p *probe) {
			address := p.anotherVersion().Connect()
			if reply := p.send(address, nil, p.connectBody(p.profile.TenantID)); reply.HTTPStatus == http.StatusOK {
				p.fail("Version %d was answered with HTTP 200.", p.anotherVersion().APIVersion)
			}
		},
	},
}

// needsTenant is for checks that tell a tenant from others.
func needsTenant(p Profile) string {
	if p.TenantID == "" {
		return "The profile names no tenant (tenantId)."
	}
	return ""
}

// anotherVersion is the endpoint as if it were registered with another version.
func (s *suite) anotherVersion() shifts.Endpoint {
	return shifts.Endpoint{URL: s.endpoint.URL, APIVersion: s.endpoint.APIVersion + 1}
}
