package contract

import _ "embed"

//go:embed profile.yaml
var profileTemplate string

// ProfileTemplate is a profile in YAML with an explanation of every setting and
// an example of it, as a comment. As it stands it says no more than an empty
// profile.
func ProfileTemplate() string { return profileTemplate }
