package contract

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"io"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWriteHTML(t *testing.T) {
	t.Parallel()
	p := parsedPage(t, madeUpReport("found"))

	assert.Equal(t, "shifts.contoso.example: does not conform (callback contract of Microsoft Shifts)", p.text["title"])
	assert.Equal(t, "shifts.contoso.example", p.text["h1"])
	for _, part := range []string{
		"1 MUST check failed", "1 check was not run (1 MUST)", "1 check was skipped for want",
		"https://shifts.contoso.example/wfi", "1 December 2026, 12:00 UTC", "in 12.3 s", "store-12",
		"found 1", "sends 1", "why 1", "mend 1", "Contract, section 3.2, Responses",
		"Call 1 of 2: POST /wfi/v1/teams/store-12/update", "HTTP 200 OK, 7 ms", "Call 2 of 2", "no answer, < 1 ms",
		"request 1", "answer 1", "about 1", "X-Ms-Wfmpassthrough: header 1",
		"found 3 update.three", // in the list of what was not checked
		"2 passed, 1 failed",   // of a group
		"the endpoint keeps the secret",
	} {
		assert.Contains(t, p.allText, part)
	}
	assert.NotContains(t, p.allText, "password", "what the url holds beside host and path")
	assert.NotContains(t, p.allText, "without TLS")
	must, should := strings.Index(p.allText, "found 1"), strings.Index(p.allText, "found 2")
	assert.Less(t, must, should, "the gravest first")
}

// The counts of the table are those of the report.
func TestBars(t *testing.T) {
	t.Parallel()
	bars := madeUpReport("").bars()
	require.Len(t, bars, 3)
	assert.Equal(t, bar{Must, 4, []barPart{{Passed, 2, 0, 50}, {Failed, 1, 50, 25}, {Skipped, 0, 75, 0}, {NotRun, 1, 75, 25}}}, bars[0])
	assert.Equal(t, bar{Should, 2, []barPart{{Passed, 0, 0, 0}, {Failed, 1, 0, 50}, {Skipped, 1, 50, 50}, {NotRun, 0, 100, 0}}}, bars[1])
	assert.Equal(t, 0, bars[2].Total)
}

func TestPageVerdicts(t *testing.T) {
	t.Parallel()
	result := func(level Level, status Status) Result {
		return Result{Check: Check{ID: "batch.x", Level: level}, Status: status}
	}
	for _, row := range []struct {
		name    string
		results []Result
		kind    string
		says    string
	}{
		{"all passed", []Result{result(Must, Passed), result(May, Passed)}, "good", "All 2 checks that could be made have passed."},
		{"a remark", []Result{result(Must, Passed), result(Should, Failed)}, "fair", "1 finding should be put right"},
		{"a MUST", []Result{result(Must, Failed), result(Must, Failed)}, "bad", "2 MUST checks failed"},
		{"cut short", []Result{result(Must, Passed), result(Must, NotRun)}, "", "1 check passed, and 1 could not be made."},
		{"nothing", nil, "", "0 checks passed"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			r := &Report{Endpoint: "https://a.example", Results: row.results}
			p := parsedPage(t, r)
			assert.Equal(t, string(r.Verdict()), p.text["h2"])
			assert.Contains(t, p.allText, row.says)
			assert.Equal(t, row.kind, newPage(r).Kind)
			assert.Contains(t, p.allText, "This is a part of the suite only")
		})
	}
}

func TestPageOfTheWholeSuite(t *testing.T) {
	t.Parallel()
	r := &Report{Endpoint: "http://127.0.0.1:8080/demo"}
	for _, check := range Checks() {
		if check.Group() != "tls" {
			r.Results = append(r.Results, Result{Check: check, Status: Passed})
		}
	}
	p := parsedPage(t, r)
	assert.NotContains(t, p.allText, "a part of the suite")
	assert.Contains(t, p.allText, "without TLS")
	for _, group := range r.groups() {
		assert.Contains(t, groupTitles, group.name)
	}
	r.Results = r.Results[1:]
	assert.Equal(t, 1, newPage(r).LeftOut)
}

// A page is one file: it may be mailed, and opened without telling anybody.
func TestPageIsSelfContained(t *testing.T) {
	t.Parallel()
	p := parsedPage(t, madeUpReport("found"))
	for _, element := range p.elements {
		assert.Contains(t, allowedElements, element.Name.Local)
		for _, attr := range element.Attr {
			name := strings.ToLower(attr.Name.Local)
			assert.False(t, strings.HasPrefix(name, "on") || name == "style" || name == "src", "%s of %s", name, element.Name.Local)
			if name == "href" {
				require.True(t, strings.HasPrefix(attr.Value, "#"), attr.Value)
				assert.Equal(t, 1, p.ids[attr.Value[1:]], attr.Value)
			}
			if name == "aria-labelledby" {
				assert.Equal(t, 1, p.ids[attr.Value], attr.Value)
			}
		}
	}
	for id, count := range p.ids {
		assert.Equal(t, 1, count, id)
	}
	assert.NotRegexp(t, `(?i)url\(|@import|expression|image-set`, pageStyle)
	hash := sha256.Sum256([]byte(p.text["style"]))
	assert.Equal(t, "default-src 'none'; style-src 'sha256-"+base64.StdEncoding.EncodeToString(hash[:])+"'; base-uri 'none'; form-action 'none'", p.policy)
}

var allowedElements = strings.Fields(`html head meta title style body main header footer section article div h1 h2 h3 h4 p span a
	dl dt dd ul li table thead tbody tr th td code pre time details summary fieldset legend label input svg circle path rect`)

func TestPageIsAccessible(t *testing.T) {
	t.Parallel()
	p := parsedPage(t, madeUpReport("found"))
	assert.Equal(t, "html", p.elements[0].Name.Local)
	assert.Equal(t, "en", attribute(p.elements[0], "lang"))
	level, headings := 0, 0
	for _, element := range p.elements {
		switch name := element.Name.Local; {
		case name == "th":
			assert.NotEmpty(t, attribute(element, "scope"))
		case name == "svg":
			assert.Equal(t, "true", attribute(element, "aria-hidden"))
		case name == "table":
			assert.NotEmpty(t, attribute(element, "aria-label"))
		case regexp.MustCompile(`^h[1-6]$`).MatchString(name):
			next := int(name[1] - '0')
			assert.LessOrEqual(t, next, level+1, "a level of headings is left out before %s", name)
			level = next
			headings++
		}
	}
	assert.Greater(t, headings, 10)
}

// Whatever an endpoint sends, the page has the elements that it has anyway,
// and shows the text as it is.
func TestPageOfHostileTexts(t *testing.T) {
	t.Parallel()
	tame := parsedPage(t, filled(madeUpReport("found"), "tame"))
	for name, text := range map[string]string{
		"script":          `<script>alert(1)</script><img src=x onerror=alert(1)>`,
		"end of elements": `</pre></details></td></table></style></title><base href="https://evil.example/">`,
		"quotes":          `" onmouseover="alert(1)' autofocus='`,
		"template":        `{{.Secret}} {{template "x"}} ${1} <%= 1 %>`,
		"comment":         `<!-- --> <![CDATA[ ]]> <?xml ?> &lt; &#x3c; &copy`,
		"url":             `javascript:alert(1)//https://evil.example/`,
		"long":            strings.Repeat("W", 5000),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := parsedPage(t, filled(madeUpReport("found"), text))
			require.Equal(t, len(tame.elements), len(p.elements))
			for i, element := range p.elements {
				assert.Equal(t, tame.elements[i].Name, element.Name)
				assert.Equal(t, len(tame.elements[i].Attr), len(element.Attr))
			}
			assert.Equal(t, strings.Count(tame.allText, "tame"), strings.Count(p.allText, text))
		})
	}
}

func TestPageOfUnprintableTexts(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	require.NoError(t, filled(madeUpReport("found"), "a\x00b\x1b[31mc\u202ed\xffe\r\nf").WriteHTML(&b))
	assert.NotRegexp(t, "[\x00\x1b\r\u202e]", b.String())
	assert.Contains(t, b.String(), "a\ufffdb\ufffd[31mc\ufffdd\ufffde\nf")
}

func TestWriteHTMLReportsTheWritersError(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk full")
	reader, writer := io.Pipe()
	reader.CloseWithError(broken)
	assert.ErrorIs(t, madeUpReport("found").WriteHTML(writer), broken)
}

func TestTook(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0:                                       "< 1 ms",
		999 * time.Microsecond:                  "< 1 ms",
		time.Millisecond:                        "1 ms",
		1234 * time.Millisecond:                 "1.2 s",
		2*time.Minute + 1500*time.Millisecond:   "2m2s",
		999*time.Millisecond + time.Microsecond: "999 ms",
	} {
		assert.Equal(t, want, took(d))
	}
}

func TestBeginning(t *testing.T) {
	t.Parallel()
	lines := func(n int) string { return strings.TrimSuffix(strings.Repeat("x\n", n), "\n") }
	assert.Equal(t, "", beginning(""))
	assert.Equal(t, lines(pageLines), beginning(lines(pageLines)))
	assert.Equal(t, lines(pageLines)+"\n... and 1 line more", beginning(lines(pageLines+1)))
	assert.Equal(t, lines(pageLines)+"\n... and 80 lines more", beginning(lines(pageLines+80)))
}

// madeUpReport has results of every status and most levels. Their messages
// begin with found.
func madeUpReport(found string) *Report {
	check := func(id string, level Level, n string) Check {
		return Check{ID: id, Level: level, Title: "title " + n, Sends: "sends " + n, Why: "why " + n, Mend: "mend " + n, Section: "3.2"}
	}
	const called = "https://shifts.contoso.example/wfi/v1/teams/store-12/update"
	return &Report{
		Endpoint: "https://user:password@shifts.contoso.example/wfi", Team: "store-12",
		Began: time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC), Took: 12345 * time.Millisecond,
		Results: []Result{
			{Check: check("connect.two", Should, "2"), Status: Failed, Message: found + " 2"},
			{Check: check("batch.one", Must, "1"), Status: Failed, Message: found + " 1", Exchanges: []Exchange{
				{URL: called, Headers: map[string]string{"X-Ms-Wfmpassthrough": "header 1"}, About: "about 1",
					Request: "request 1", Status: 200, Answer: "answer 1", Took: 7 * time.Millisecond},
				{URL: called},
			}},
			{Check: check("batch.four", Must, "4"), Status: Passed},
			{Check: check("batch.five", Must, "5"), Status: Passed},
			{Check: check("update.three", Should, "3"), Status: Skipped, Message: found + " 3"},
			{Check: check("hygiene.six", Must, "6"), Status: NotRun, Message: found + " 6"},
		},
	}
}

// filled has text in every field that can hold any.
func filled(r *Report, text string) *Report {
	r.Endpoint, r.Team = text, text
	for i := range r.Results {
		result := &r.Results[i]
		setTexts(reflect.ValueOf(&result.Check).Elem(), text)
		result.ID = "batch." + text // as no group is made of an endpoint's words
		if result.Message != "" {
			result.Message = text
		}
		for j := range result.Exchanges {
			e := &result.Exchanges[j]
			setTexts(reflect.ValueOf(e).Elem(), text)
			e.Headers = map[string]string{text: text}
		}
	}
	return r
}

// setTexts sets the exported strings of a struct. Those of other types are
// constants of this package.
func setTexts(value reflect.Value, text string) {
	for i := range value.NumField() {
		if field := value.Field(i); field.CanSet() && field.Type() == reflect.TypeFor[string]() {
			field.SetString(text)
		}
	}
}

// pageContent is what a browser would make of a page.
type pageContent struct {
	elements []xml.StartElement
	text     map[string]string // of the first element of a name
	allText  string            // of the body, with single blanks
	ids      map[string]int
	policy   string
}

// parsedPage writes the page and reads it as XML, which it is well-formed
// enough for: what is not closed or escaped is an error.
func parsedPage(t *testing.T, r *Report) *pageContent {
	t.Helper()
	var b strings.Builder
	require.NoError(t, r.WriteHTML(&b))
	p := &pageContent{text: map[string]string{}, ids: map[string]int{}}
	var open []string
	var body strings.Builder
	decoder := xml.NewDecoder(strings.NewReader(b.String()))
	for {
		token, err := decoder.Token()
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		switch token := token.(type) {
		case xml.StartElement:
			p.elements = append(p.elements, token.Copy())
			open = append(open, token.Name.Local)
			if id := attribute(token, "id"); id != "" {
				p.ids[id]++
			}
			if attribute(token, "http-equiv") == "Content-Security-Policy" {
				p.policy = attribute(token, "content")
			}
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			if len(open) == 0 {
				continue
			}
			name := open[len(open)-1]
			if _, ok := p.text[name]; !ok {
				p.text[name] = string(token)
			}
			if len(open) > 1 && open[1] == "body" {
				body.Write(token)
			}
		}
	}
	p.allText = strings.Join(strings.Fields(body.String()), " ")
	return p
}

func attribute(element xml.StartElement, name string) string {
	for _, attr := range element.Attr {
		if attr.Name.Local == name {
			return attr.Value
		}
	}
	return ""
}
