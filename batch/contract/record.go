package contract

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"

	"example.com/shiftswfi/batch/shifts"
)

// A leak is an answer that held the secret.
type leak struct {
	check string
	what  string // of the secret
}

// A rawExchange is an exchange as it was, before it is shown to anybody.
type rawExchange struct {
	address, about string
	header         http.Header
	plaintext      []byte
	reply          *shifts.Reply // nil if there was none
	err            error
}

// maxLooked bounds what is looked at of a text in order to show it.
const maxLooked = 4 * maxShown

// record keeps an exchange for the report, and looks for the secret in every answer
// that passes by.
func (p *probe) record(e rawExchange) {
	if e.reply != nil {
		if what := p.secretIn(e.reply); what != "" {
			p.leaks = append(p.leaks, leak{p.check.ID, what})
		}
	}
	if p.cleaning {
		return
	}
	if e.reply != nil && len(e.reply.Body) > maxLooked {
		short := *e.reply // the check still looks at the whole
		short.Body = bytes.Clone(short.Body[:maxLooked])
		short.Responses = nil
		e.reply = &short
	}
	p.raw = append(p.raw, e)
}

// exchanges are those so far, as they may be shown.
func (p *probe) exchanges() []Exchange {
	exchanges := make([]Exchange, len(p.raw))
	for i, raw := range p.raw {
		e := Exchange{URL: raw.address, Headers: flat(raw.header), About: raw.about, Request: p.shown(raw.plaintext)}
		if raw.reply != nil {
			e.Status, e.Took, e.Answer = raw.reply.HTTPStatus, raw.reply.Took, p.shown(raw.reply.Body)
		}
		if raw.err != nil {
			e.Answer = strings.TrimSpace(e.Answer + "\n" + reason(raw.err))
		}
		exchanges[i] = e
	}
	return exchanges
}

// shown is a text masked, and then cut: a secret across the cut would be half
// a secret.
func (s *suite) shown(text []byte) string {
	masked := s.masked(text[:min(len(text), maxLooked)])
	if len(masked) <= maxShown {
		return masked
	}
	return strings.ToValidUTF8(masked[:maxShown], "") + "\n..."
}

// secretIn names the part of the secret that an answer holds, "" if none.
func (s *suite) secretIn(reply *shifts.Reply) string {
	var head bytes.Buffer
	_ = reply.Header.Write(&head) // a buffer takes everything
	for _, form := range s.secretForms() {
		if bytes.Contains(reply.Body, []byte(form.text)) || bytes.Contains(head.Bytes(), []byte(form.text)) {
			return form.name
		}
	}
	return ""
}

type secretForm struct{ name, text string }

// secretForms are the texts by which a secret could be given away, the longest
// first.
func (s *suite) secretForms() []secretForm {
	half := len(s.secret) / 2
	var forms []secretForm
	for _, part := range []secretForm{
		{"the secret", s.secret}, {"the authentication key", s.secret[:half]}, {"the key-encryption key", s.secret[half:]},
	} {
		forms = append(forms, part,
			secretForm{part.name + " in hexadecimal", hex.EncodeToString([]byte(part.text))},
			secretForm{part.name + " in base64", base64.RawStdEncoding.EncodeToString([]byte(part.text))})
	}
	return forms
}

// personal are the members whose values people wrote or go by.
var personal = regexp.MustCompile(`("(?i:displayName|senderMessage|recipientActionMessage|managerActionMessage|notes)"\s*:\s*)"(?:[^"\\]|\\.)*"`)

// masked is a text without the secret, names and notes, for people to read. It
// is indented if it is JSON.
func (s *suite) masked(text []byte) string {
	var indented bytes.Buffer
	if isShallow(text) && json.Indent(&indented, text, "", "  ") == nil {
		text = indented.Bytes()
	}
	masked := personal.ReplaceAllString(strings.ToValidUTF8(string(text), "�"), `$1"***"`)
	for _, form := range s.secretForms() {
		masked = strings.ReplaceAll(masked, form.text, "[secret]")
	}
	return masked
}

// isShallow reports whether a text opens few brackets within one another:
// indenting writes as many blanks as there are open at each line.
func isShallow(text []byte) bool {
	const deepest = 64
	depth := 0
	for _, c := range text { // brackets in strings count, too, which does no harm
		switch c {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		if depth > deepest {
			return false
		}
	}
	return true
}
