package contract_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"example.com/shiftswfi/batch/contract"
)

// A test of an endpoint needs its address, its secret, and a profile that says
// what its data are. Each check is a subtest of its own.
func ExampleRun() {
	_ = func(t *testing.T) { // TestContract
		profile, err := contract.ReadProfile("testdata/contract.yaml")
		if err != nil {
			t.Fatal(err)
		}
		contract.Run(t, "http://127.0.0.1:8080/contoso", os.Getenv("CONTOSO_SECRET"), profile)
	}
}

// Without a test, the outcome is a report.
func ExampleCertify() {
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/connect" {
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	defer endpoint.Close()
	secret := "this-half-authenticates-the-bodythis-half-wraps-the-message-key!"
	report, err := contract.Certify(context.Background(), endpoint.URL, secret, contract.Profile{}, contract.Options{
		Only: []string{"connect.accepted", "connect.slashes"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, result := range report.Results {
		fmt.Println(result.Level, result.ID, result.Status)
	}
	fmt.Println(report.Verdict())
	// Output:
	// MUST connect.accepted passed
	// SHOULD connect.slashes failed
	// conforms, with remarks
}
