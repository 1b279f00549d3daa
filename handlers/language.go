package handlers

import (
	"embed"
	"encoding/json"
	"fmt"
	"strings"

	bcp47 "golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/message/catalog"
)

// languages are those that sentences can be read in. The first is what they are
// written in, and for whoever reads none of them; of each other one there is a
// file, {"English sentence": "translation"}, in the folder catalog.
var languages = []bcp47.Tag{
	bcp47.English,
	bcp47.German,
	bcp47.French,
	bcp47.Spanish,
	bcp47.Portuguese,
	bcp47.Dutch,
	bcp47.Japanese,
}

// maxAcceptLanguage bounds the bytes of a header that are worth parsing.
const maxAcceptLanguage = 256

//go:embed catalog/*.json
var catalogFiles embed.FS

var (
	matcher   = bcp47.NewMatcher(languages)
	sentences = newSentences()
	catalogue = newCatalogue()
)

// A language is that of the worker who reads a sentence. The zero language is
// English.
type language struct {
	tag bcp47.Tag // one of languages but the first, or zero
}

// languageOf chooses a language by an Accept-Language header. It is English if
// the header is absent, cannot be read or names no language that there is.
func languageOf(acceptLanguage string) language {
	if acceptLanguage == "" || len(acceptLanguage) > maxAcceptLanguage {
		return language{}
	}
	tags, _, err := bcp47.ParseAcceptLanguage(acceptLanguage)
	if err != nil {
		return language{}
	}
	_, chosen, _ := matcher.Match(tags...)
	if chosen == 0 {
		return language{}
	}
	return language{languages[chosen]}
}

// sentence translates one of [Messages]; field takes the place of its %s, if it
// has one. Any other sentence, such as that of a policy's own rule, is given
// back as it is, whatever it holds.
func (l language) sentence(english, field string) string {
	verb, known := sentences[english]
	switch {
	case !known || verb && field == "":
		return english
	case l == language{}:
		return strings.Replace(english, "%s", field, 1)
	case verb:
		return l.printer().Sprintf(english, field)
	}
	return l.printer().Sprintf(english)
}

// printer makes a new one each time: a Printer is cheap and does not promise to
// be safe for concurrent use.
func (l language) printer() *message.Printer {
	return message.NewPrinter(l.tag, message.Catalog(catalogue))
}

// newSentences says of every sentence whether it has a %s.
func newSentences() map[string]bool {
	sentences := map[string]bool{}
	for _, english := range Messages() {
		sentences[english] = strings.Contains(english, "%s")
	}
	return sentences
}

// newCatalogue reads the translations. They are part of the program, so trouble
// with them is a mistake of the programmer's.
func newCatalogue() catalog.Catalog {
	builder := catalog.NewBuilder(catalog.Fallback(languages[0]))
	for _, tag := range languages[1:] {
		translations, err := readTranslations(tag)
		if err != nil {
			panic(err)
		}
		for english, translation := range translations {
			if err := builder.SetString(tag, english, escapePercent.Replace(translation)); err != nil {
				panic(fmt.Errorf("catalogue %v, %q: %w", tag, english, err))
			}
		}
	}
	return builder
}

// escapePercent makes a format of a translation: only %s is a verb in it.
var escapePercent = strings.NewReplacer("%s", "%s", "%", "%%")

func readTranslations(tag bcp47.Tag) (map[string]string, error) {
	name := "catalog/" + tag.String() + ".json"
	file, err := catalogFiles.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var translations map[string]string
	if err := json.Unmarshal(file, &translations); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return translations, nil
}
