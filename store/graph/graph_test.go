package graph_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"example.com/shiftswfi/store/graph"
	"example.com/shiftswfi/store/graph/graphtest"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// secret looks like what must not be seen anywhere.
var secret = strings.Repeat("s3cr3t!", 9) + "x"

func contoso() graph.NewIntegration {
	return graph.NewIntegration{
		DisplayName: "Contoso", APIVersion: 1, IsActive: true, URL: "https://wfi.example.com/contoso", Secret: secret,
		SupportedEntities:    graph.Entities{"shift", "swapRequest", "timeOff"},
		EligibilityFiltering: graph.Entities{"swapRequest", "timeOffReason"},
	}
}

func redirectTo(t *testing.T, address string) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, address+r.URL.RequestURI(), http.StatusTemporaryRedirect)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// asked notes the scopes that a token is for.
type asked struct{ scopes *[]string }

func (a asked) GetToken(ctx context.Context, options policy.TokenRequestOptions) (azcore.AccessToken, error) {
	*a.scopes = options.Scopes
	return graphtest.Credential{}.GetToken(ctx, options)
}
