package main

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// maxIntegrations bounds the list, also where the environment names an index.
const maxIntegrations = 1000

// readYAML takes over a configuration file. It walks the syntax tree instead of
// decoding into a struct, for that stops at the first unknown key and knows no
// lines afterwards. The problem returned is that the document is not YAML.
func (l *loader) readYAML(document []byte) *Problem {
	file, err := parser.ParseBytes(document, 0)
	if err != nil {
		return syntaxProblem(err)
	}
	if len(file.Docs) > 1 {
		return &Problem{Origin: line(file.Docs[1].Body), Found: "a second document", Expected: "one"}
	}
	if len(file.Docs) == 1 {
		l.readSection("", file.Docs[0].Body)
	}
	return nil
}

var quoted = regexp.MustCompile(`["'].*["']`)

// syntaxProblem reports where YAML broke. Of the parser's message only the part
// without quotations is used, because they may come from a secret.
func syntaxProblem(err error) *Problem {
	p := &Problem{Origin: "configuration file", Found: "a syntax error", Expected: "YAML (a text with special characters needs quotes)"}
	var detailed yaml.Error
	if errors.As(err, &detailed) {
		p.Found += ", " + quoted.ReplaceAllString(detailed.GetMessage(), "…")
		if token := detailed.GetToken(); token != nil && token.Position != nil {
			p.Origin = fmt.Sprintf("line %d", token.Position.Line)
		}
	}
	return p
}

// readSection reads a mapping whose settings have paths that begin with prefix.
func (l *loader) readSection(prefix string, node ast.Node) {
	if isNull(node) {
		return
	}
	mapping, ok := node.(ast.MapNode)
	if !ok {
		l.refuse(strings.TrimSuffix(prefix, "."), line(node), kind(node), "a mapping")
		return
	}
	for entry := mapping.MapRange(); entry.Next(); {
		l.readEntry(prefix, entry.Key(), entry.Value())
	}
}

func (l *loader) readEntry(prefix string, key ast.MapKeyNode, node ast.Node) {
	name := key.GetToken().Value
	path := prefix + name
	if path == "integrations" {
		l.readIntegrations(node)
		return
	}
	var known []string
	for _, s := range l.config.settings() {
		if s.path == path {
			l.readValue(s, node)
			return
		}
		if strings.HasPrefix(s.path, path+".") {
			l.readSection(path+".", node)
			return
		}
		if rest, ok := strings.CutPrefix(s.path, prefix); ok {
			rest, _, _ = strings.Cut(rest, ".")
			known = append(known, rest)
		}
	}
	if prefix == "" {
		known = append(known, "integrations")
	}
	l.refuse(strings.TrimSuffix(prefix, "."), line(key), "the unknown key "+quote(name),
		"one of "+strings.Join(slices.Compact(known), ", "))
}

func (l *loader) readIntegrations(node ast.Node) {
	if isNull(node) {
		return
	}
	sequence, ok := node.(*ast.SequenceNode)
	if !ok {
		l.refuse("integrations", line(node), kind(node), "a list")
		return
	}
	if len(sequence.Values) > maxIntegrations {
		l.refuse("integrations", line(node), fmt.Sprintf("%d integrations", len(sequence.Values)), fmt.Sprintf("at most %d", maxIntegrations))
		return
	}
	for i, element := range sequence.Values {
		l.config.Integrations = append(l.config.Integrations, defaultIntegration())
		l.config.origins[integrationPath(i)] = line(element)
		l.readSection(integrationPath(i)+".", element)
	}
}

// readValue reads a setting; null leaves it at its default.
func (l *loader) readValue(s setting, node ast.Node) {
	if isNull(node) {
		return
	}
	list, isList := s.value.(listValue)
	if !isList {
		l.readText(s.path, s.value, node)
		return
	}
	sequence, ok := node.(*ast.SequenceNode)
	if !ok {
		l.refuse(s.path, line(node), kind(node), "a list")
		return
	}
	for i, element := range sequence.Values {
		l.readText(fmt.Sprintf("%s[%d]", s.path, i), list, element)
	}
}

func (l *loader) readText(path string, v value, node ast.Node) {
	text, ok := scalarText(node)
	if !ok {
		l.refuse(path, line(node), kind(node), "a text (in quotes if it has special characters)")
		return
	}
	l.set(path, v, text, line(node))
}

// scalarText returns a scalar as it is written: a secret of digits, or an id
// that looks like a number, is a text all the same.
func scalarText(node ast.Node) (string, bool) {
	switch node := node.(type) {
	case *ast.StringNode:
		return node.Value, true
	case *ast.LiteralNode:
		return node.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return node.GetToken().Value, true
	default:
		return "", false
	}
}

func isNull(node ast.Node) bool {
	_, null := node.(*ast.NullNode)
	return node == nil || null
}

// kind names what stands where something else was expected, without its content.
func kind(node ast.Node) string {
	switch node.(type) {
	case ast.MapNode:
		return "a mapping"
	case *ast.SequenceNode:
		return "a list"
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode, *ast.MergeKeyNode:
		return "a YAML anchor, alias or tag"
	case *ast.NullNode:
		return "nothing"
	default:
		return "a text"
	}
}

// line names the place of a node, for messages.
func line(node ast.Node) string {
	if node == nil || node.GetToken() == nil || node.GetToken().Position == nil {
		return ""
	}
	return fmt.Sprintf("line %d", node.GetToken().Position.Line)
}
