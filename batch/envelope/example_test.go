package envelope_test

import (
	"errors"
	"fmt"

	"example.com/shiftswfi/batch/envelope"
)

func Example() {
	// The secret that the workforce integration was registered with.
	key, err := envelope.NewKey("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")
	if err != nil {
		panic(err)
	}

	body, err := envelope.Seal([]byte(`{"requests":[]}`), key, nil)
	if err != nil {
		panic(err)
	}
	plaintext, err := envelope.Open(body, key)
	fmt.Println(string(plaintext), err)

	body[len(body)-10] ^= 1
	_, err = envelope.Open(body, key)
	fmt.Println(errors.Is(err, envelope.ErrNotAuthentic), err)

	// Output:
	// {"requests":[]} <nil>
	// true not authentic: authentication tag does not match
}

// While a secret is being replaced, both are given: either opens.
func ExampleOpen_rotation() {
	old, err := envelope.NewKey("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")
	if err != nil {
		panic(err)
	}
	next, err := envelope.NewKey("fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210")
	if err != nil {
		panic(err)
	}
	body, err := envelope.Seal([]byte(`{"requests":[]}`), old, nil)
	if err != nil {
		panic(err)
	}
	plaintext, err := envelope.Open(body, next, old)
	fmt.Println(string(plaintext), err)

	// Output:
	// {"requests":[]} <nil>
}
