package graph

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
)

const (
	mask      = "********" // stands for a secret
	maxQuoted = 64 << 10   // bytes of a text that are searched for a secret
	secretRun = 16         // characters of a secret that are too many to show
)

// masked is a text from outside with the secret that was sent masked: as it is,
// and as JSON writes it, also where that stands in JSON again. A text in which
// some of it remains is dropped.
func (c call) masked(text string) string {
	if c.secret == "" {
		return text
	}
	text = text[:min(len(text), maxQuoted)] // a message shows less
	forms := []string{c.secret}
	for range 2 {
		for _, form := range forms {
			forms = append(forms, inJSON(form, true), inJSON(form, false))
		}
	}
	// The longest first: a shorter form may be a part of it.
	for i := len(forms) - 1; i >= 0; i-- {
		text = strings.ReplaceAll(text, forms[i], mask)
	}
	if sharesRun(text, c.secret) || sharesRun(unescaped(text), unescaped(c.secret)) {
		return ""
	}
	return text
}

// inJSON is the text as it stands between the quotes of a JSON string.
func inJSON(text string, escapeHTML bool) string {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(escapeHTML)
	_ = encoder.Encode(text) // a string always can be
	quoted := strings.TrimSuffix(buffer.String(), "\n")
	return quoted[1 : len(quoted)-1]
}

var escapes = regexp.MustCompile(`\\+(u[0-9A-Fa-f]{4})?`)

// unescaped undoes the escapes of JSON, however often they were applied, and
// whichever characters the writer chose to escape. No backslash is left.
func unescaped(text string) string {
	return escapes.ReplaceAllStringFunc(text, func(escape string) string {
		_, digits, _ := strings.Cut(escape, "u")
		code, err := strconv.ParseUint(digits, 16, 16)
		if err != nil {
			return ""
		}
		return strings.ReplaceAll(string(rune(code)), `\`, "")
	})
}

// sharesRun tells whether so much of the secret stands in the text that it
// tells something.
func sharesRun(text, secret string) bool {
	run := min(secretRun, len(secret))
	for i := 0; run > 0 && i+run <= len(secret); i++ {
		if strings.Contains(text, secret[i:i+run]) {
			return true
		}
	}
	return false
}
