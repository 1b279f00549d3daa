package main

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const variablePrefix = "WFI_"

var integrationVariable = regexp.MustCompile(`^WFI_INTEGRATIONS_([0-9]{1,6})_`)

// readEnviron takes over the variables that name a setting. One that is empty
// counts as not set. An integration whose index is the next free one is added.
func (l *loader) readEnviron(environ []string) {
	variables := make(map[string]string)
	for _, entry := range environ {
		name, text, _ := strings.Cut(entry, "=")
		if strings.HasPrefix(name, variablePrefix) {
			variables[name] = text
		}
	}
	maps.DeleteFunc(variables, func(name, text string) bool { return text == "" })
	l.addIntegrations(variables)

	for _, s := range l.config.settings() {
		name := variableName(s.path)
		text, ok := variables[name]
		if !ok {
			continue
		}
		delete(variables, name)
		if list, ok := s.value.(listValue); ok {
			list.clear()
			for i, item := range list.split(text) {
				l.set(fmt.Sprintf("%s[%d]", s.path, i), list, item, name)
			}
			continue
		}
		l.set(s.path, s.value, text, name)
	}

	delete(variables, "WFI_CONFIG")
	delete(variables, secretVariable)
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		if strings.HasPrefix(name, "WFI_INTEGRATIONS_") {
			l.refuse("integrations", name, "a variable for no setting", "one such as "+variableName("integrations[0].tenantId")+", and no gap between the indexes")
			continue
		}
		l.config.Ignored = append(l.config.Ignored, name)
	}
}

// addIntegrations makes room for the integrations that only the environment
// has.
func (l *loader) addIntegrations(variables map[string]string) {
	names := make(map[int]string) // one variable for each index
	for name := range variables {
		if match := integrationVariable.FindStringSubmatch(name); match != nil {
			index, _ := strconv.Atoi(match[1])
			names[index] = name
		}
	}
	for _, index := range slices.Sorted(maps.Keys(names)) {
		next := len(l.config.Integrations)
		if index == next && next < maxIntegrations {
			l.config.Integrations = append(l.config.Integrations, defaultIntegration())
			l.config.origins[integrationPath(index)] = names[index]
		}
	}
}

// variableName returns the variable that sets a setting: for
// integrations[0].tenantId that is WFI_INTEGRATIONS_0_TENANT_ID.
func variableName(path string) string {
	var name strings.Builder
	name.WriteString(variablePrefix)
	for _, r := range path {
		switch {
		case r == ']':
		case r == '[' || r == '.':
			name.WriteByte('_')
		case 'A' <= r && r <= 'Z':
			name.WriteByte('_')
			name.WriteRune(r)
		default:
			name.WriteString(strings.ToUpper(string(r)))
		}
	}
	return name.String()
}
