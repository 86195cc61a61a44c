package wire

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/paymux/paymux/sdk"
)

const redacted = "[redacted]"

// Secrets knows the values of all settings that a schema calls secret, and
// replaces them in text for people. It goes by the schema's flag alone and
// guesses nothing. The zero value knows none. It is safe for concurrent use.
type Secrets struct {
	mu       sync.Mutex
	forms    map[string]bool
	replacer atomic.Pointer[strings.Replacer]
}

// Learn hides the secret values of raw from now on, also those that turn out wrong.
func (s *Secrets) Learn(schema sdk.Schema, raw map[string]any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.forms == nil {
		s.forms = make(map[string]bool)
	}
	known := len(s.forms)
	for _, name := range schema.Secrets() {
		for _, value := range texts(raw[name]) {
			s.add(value)
		}
	}
	if len(s.forms) > known {
		s.replacer.Store(replacerOf(s.forms))
	}
}

// Hide returns text without any secret.
func (s *Secrets) Hide(text string) string {
	if replacer := s.replacer.Load(); replacer != nil {
		return replacer.Replace(text)
	}
	return text
}

// add remembers value in the forms in which it goes through URLs, headers and JSON.
func (s *Secrets) add(value string) {
	if value == "" {
		return
	}
	quoted, err := json.Marshal(value)
	if err == nil {
		s.forms[string(quoted[1:len(quoted)-1])] = true
	}
	s.forms[value] = true
	s.forms[url.QueryEscape(value)] = true
	s.forms[url.PathEscape(value)] = true
	s.forms[base64.StdEncoding.EncodeToString([]byte(value))] = true
}

// texts returns the texts that a setting holds.
func texts(value any) []string {
	switch v := value.(type) {
	case nil, bool:
		return nil
	case []string:
		return v
	case map[string]string:
		var list []string
		for _, text := range v {
			list = append(list, text)
		}
		return list
	default:
		return []string{fmt.Sprint(v)}
	}
}

// replacerOf looks for the longest first, so that a secret that begins like
// another one is replaced whole.
func replacerOf(forms map[string]bool) *strings.Replacer {
	longestFirst := make([]string, 0, len(forms))
	for form := range forms {
		longestFirst = append(longestFirst, form)
	}
	slices.SortFunc(longestFirst, func(a, b string) int {
		return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b))
	})
	pairs := make([]string, 0, 2*len(longestFirst))
	for _, form := range longestFirst {
		pairs = append(pairs, form, redacted)
	}
	return strings.NewReplacer(pairs...)
}
