package handlers

import (
	"context"
	"encoding/json"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	bcp47 "golang.org/x/text/language"

	"example.com/shiftswfi/batch/envelope"
	"example.com/shiftswfi/eligibility"
)

// fullStops end a sentence in the languages that do not end it with ".".
var fullStops = map[bcp47.Tag]string{bcp47.Japanese: "。"}

func TestCatalogHasEverySentenceInEveryLanguage(t *testing.T) {
	t.Parallel()
	files, err := fs.Glob(catalogFiles, "catalog/*")
	require.NoError(t, err)
	require.Len(t, files, len(languages)-1, "a file of each language but English")

	for _, tag := range languages[1:] {
		t.Run(tag.String(), func(t *testing.T) {
			t.Parallel()
			translations, err := readTranslations(tag)
			require.NoError(t, err)
			fullStop := "."
			if other, ok := fullStops[tag]; ok {
				fullStop = other
			}
			for _, english := range Messages() {
				translation := translations[english]
				if !assert.NotEmpty(t, strings.TrimSpace(translation), english) {
					continue
				}
				assert.NotEqual(t, english, translation)
				assert.True(t, strings.HasSuffix(translation, fullStop), translation)
				assert.Equal(t, strings.Count(english, "%s"), strings.Count(translation, "%s"), translation)

				field := ""
				if strings.Contains(english, "%s") {
					field = "100 %d ${x}"
				}
				assert.Equal(t, strings.ReplaceAll(translation, "%s", field), language{tag}.sentence(english, field))
			}
			for english := range translations {
				assert.Contains(t, sentences, english, "a translation of nothing")
			}
		})
	}
}

func TestCatalogHasTheSentenceOfEveryCode(t *testing.T) {
	t.Parallel()
	for code := range outcomes {
		if code != eligibility.OK {
			assert.Contains(t, sentences, Message(code), code)
		}
	}
}

func TestCatalogEscapesPercentSigns(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "100 %% %s 5%%", escapePercent.Replace("100 % %s 5%"))
}

func TestLanguageOf(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		header string
		want   string // "und" is English
	}{
		{"absent", "", "und"},
		{"English", "en", "und"},
		{"English as Shifts writes it", "en-us", "und"},
		{"German", "de", "de"},
		{"German in Austria", "de-AT", "de"},
		{"German in Switzerland", "de-CH", "de"},
		{"upper case", "DE-DE", "de"},
		{"underscore", "de_DE", "de"},
		{"French", "fr-FR", "fr"},
		{"French in Canada", "fr-CA", "fr"},
		{"Spanish", "es-ES", "es"},
		{"Spanish in Latin America", "es-419", "es"},
		{"Spanish in Mexico", "es-MX", "es"},
		{"Portuguese in Brazil", "pt-BR", "pt"},
		{"Portuguese in Portugal", "pt-PT", "pt"},
		{"Dutch", "nl-NL", "nl"},
		{"Dutch in Belgium", "nl-BE", "nl"},
		{"Japanese", "ja-JP", "ja"},
		{"a language that is not there", "zh-CN", "und"},
		{"another", "ko", "und"},
		{"the second choice is there", "zh-CN, fr;q=0.5", "fr"},
		{"a choice of several", "de-DE,de;q=0.9,en;q=0.8", "de"},
		{"by weight, not by place", "fr;q=0.3, ja;q=0.9", "ja"},
		{"English first", "en-GB, de;q=0.9", "und"},
		{"not at any price", "de;q=0, nl;q=0.1", "nl"},
		{"blanks", "  de ; q=0.5 ", "de"},
		{"any", "*", "und"},
		{"any after German", "de, *;q=0.1", "de"},
		{"private use", "x-klingon", "und"},
		{"garbage", "\x00\xff;;;=,,q", "und"},
		{"only commas", ",,,", "und"},
		{"garbage weight", "de;q=much", "und"},
		{"as long as is read", "de" + strings.Repeat(" ", maxAcceptLanguage-2), "de"},
		{"too long", "de" + strings.Repeat(" ", maxAcceptLanguage-1), "und"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.want, languageOf(test.header).tag.String())
		})
	}
}

func FuzzLanguageOf(f *testing.F) {
	for _, seed := range []string{"", "en-us", "de-DE,de;q=0.9", "*", "zh-Hant-TW-x-y, ja;q=1e9", "de-u-co-phonebk", "i-klingon"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		l := languageOf(header)
		if l != (language{}) {
			require.Contains(t, languages[1:], l.tag)
		}
		require.NotEmpty(t, l.sentence(Message(TimedOut), ""))
	})
}

func TestLanguageSentence(t *testing.T) {
	t.Parallel()
	const field = "This change could not be understood: %s does not fit."
	tests := []struct {
		name           string
		accept         string
		message, field string
		want           string
	}{
		{"English", "en", "This shift has already started.", "", "This shift has already started."},
		{"German", "de", "This shift has already started.", "", "Diese Schicht hat bereits begonnen."},
		{"Japanese", "ja", "This shift has already started.", "", "このシフトはすでに始まっています。"},
		{"English with a field", "", field, "endDateTime", "This change could not be understood: endDateTime does not fit."},
		{"German with a field", "de", field, "endDateTime", "Diese Änderung wurde nicht verstanden: endDateTime passt nicht."},
		{"a field that looks like a format", "de", field, "a%s%d", "Diese Änderung wurde nicht verstanden: a%s%d passt nicht."},
		{"the field is missing", "de", field, "", field},
		{"a field that there is no place for", "de", "This shift has already started.", "x", "Diese Schicht hat bereits begonnen."},
		{"a policy's own", "de", "Ask Pat first.", "", "Ask Pat first."},
		{"a policy's own with percent signs", "de", "100 % sure %s", "", "100 % sure %s"},
		{"a policy's own with percent signs, in English", "en", "100 % sure %s", "", "100 % sure %s"},
		{"a policy's own and a field", "fr", "100 % sure %s", "x", "100 % sure %s"},
		{"none", "fr", "", "", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.want, languageOf(test.accept).sentence(test.message, test.field))
		})
	}
}

func TestLanguageInManyGoroutines(t *testing.T) {
	t.Parallel()
	var wg sync.WaitGroup
	for range 8 {
		for _, tag := range languages {
			wg.Go(func() {
				l := languageOf(tag.String())
				for _, english := range Messages() {
					assert.NotEmpty(t, l.sentence(english, "id"))
				}
			})
		}
	}
	wg.Wait()
}

func TestLanguageOfAnswers(t *testing.T) {
	t.Parallel()
	requests := map[string]string{
		"/v1/teams/t/read":   `{"requests":[{"id":"a","method":"GET","url":"/users/u/timeOffReasons"}]}`,
		"/v1/teams/t/update": `{"requests":[{"id":"a","method":"POST","url":"/shifts/a","body":{"id":"a"}}]}`,
		"/v1/users/u/update": `{"requests":[{"id":"a","method":"POST","url":"/unheard-of/a","body":{"id":"a"}}]}`,
	}
	handler := New(noTeams{}, Config{Integrations: []*Integration{{APIVersion: 1, Keys: func() []*envelope.Key { return nil }}}, Log: zerolog.Nop(), Plain: true})
	for path, body := range requests {
		ask := func(accept string) (code, message string) {
			request := httptest.NewRequest(http.MethodPost, "http://localhost"+path, strings.NewReader(body))
			request.RemoteAddr = "127.0.0.1:50000"
			request.Header.Set("Accept-Language", accept)
			response := httptest.NewRecorder()
			handler.ServeHTTP(response, request)
			var answer struct {
				Responses []struct {
					Body struct {
						Error struct{ Code, Message string }
					}
				}
			}
			require.NoError(t, json.Unmarshal(response.Body.Bytes(), &answer), response.Body)
			require.Len(t, answer.Responses, 1)
			e := answer.Responses[0].Body.Error
			return e.Code, e.Message
		}
		code, english := ask("")
		require.Contains(t, sentences, english, path)
		for _, tag := range languages {
			translated, message := ask(tag.String())
			assert.Equal(t, code, translated, "codes are the same in every language")
			assert.Equal(t, languageOf(tag.String()).sentence(english, ""), message, path)
		}
	}
}

// noTeams is a store without teams.
type noTeams struct{ Teams }

func (noTeams) Team(context.Context, string) (*eligibility.Team, error) {
	return nil, eligibility.ErrTeamNotFound
}

func (noTeams) Update(context.Context, string, Decide) error { return eligibility.ErrTeamNotFound }

func (noTeams) TeamIDs(context.Context) ([]string, error) { return nil, nil }

func BenchmarkLanguage(b *testing.B) {
	for _, accept := range []string{"en-us", "de-DE,de;q=0.9,en;q=0.8"} {
		b.Run("choose/"+accept, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				languageOf(accept)
			}
		})
		b.Run("sentence/"+accept, func(b *testing.B) {
			l := languageOf(accept)
			b.ReportAllocs()
			for b.Loop() {
				l.sentence("This shift has already started.", "")
			}
		})
	}
}

func TestLanguageEnglishIsFree(t *testing.T) {
	assert.Zero(t, testing.AllocsPerRun(10, func() { language{}.sentence("This shift has already started.", "") }))
}
