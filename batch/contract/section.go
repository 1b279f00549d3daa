package contract

import (
	_ "embed"
	"regexp"
)

//go:embed CONTRACT.md
var contractText string

var (
	heading  = regexp.MustCompile(`(?m)^###? ([0-9]+(?:\.[0-9]+)?) (.+)$`)
	sections = sectionsOf(contractText)
)

func sectionsOf(text string) map[string]string {
	titles := map[string]string{}
	for _, match := range heading.FindAllStringSubmatch(text, -1) {
		titles[match[1]] = match[2]
	}
	return titles
}

// SectionTitle is the title of a section of CONTRACT.md, such as "Responses"
// for "3.2", "" if there is none of that number.
func SectionTitle(number string) string { return sections[number] }
