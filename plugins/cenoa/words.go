package main

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/paymux/paymux/sdk"
)

const (
	// sentenceMax and wordMax bound what is repeated of an answer, in characters.
	sentenceMax = 200
	wordMax     = 100
	// digitsShown is the longest number that a message repeats: phone numbers
	// are longer.
	digitsShown = 6
)

// sentence is what an answer that is no good says, for people.
func (p *provider) sentence(a answer) string {
	text := fmt.Sprintf("Cenoa answered HTTP %d", a.Status)
	f, ok := readObject(a.Body)
	if !ok {
		return text
	}
	if said, _ := f.text("message"); said != "" {
		text += ": " + p.harmless(said)
	}
	return text
}

// harmless shortens a text of Cenoa's and takes out what is secret or personal:
// the keys, e-mail addresses and numbers that could be a phone.
func (p *provider) harmless(text string) string {
	for _, secret := range []sdk.Secret{p.settings.apiKey, p.settings.apiSecret} {
		if value := secret.Reveal(); value != "" {
			text = strings.ReplaceAll(text, value, "[redacted]")
		}
	}
	words := strings.Fields(printable(text, sentenceMax))
	for i, word := range words {
		switch {
		case strings.Contains(word, "@"):
			words[i] = "[address]"
		case strings.Count(strings.Map(digitOnly, word), "") > digitsShown+1:
			words[i] = "[number]"
		}
	}
	return strings.Join(words, " ")
}

func digitOnly(r rune) rune {
	if r >= '0' && r <= '9' {
		return r
	}
	return -1
}

// printable replaces what cannot be printed and cuts the text at limit.
func printable(text string, limit int) string {
	clean := []rune(strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, text))
	return string(clean[:min(len(clean), limit)])
}

// masked is an e-mail address that may be shown to whoever typed the phone: as
// Cenoa masked it, or by us where Cenoa did not.
func masked(address string) string {
	address = printable(address, wordMax)
	name, domain, ok := strings.Cut(address, "@")
	switch {
	case strings.Contains(name, "*"):
		return address
	case !ok || name == "":
		return ""
	default:
		return string([]rune(name)[:1]) + "***@" + domain
	}
}

// join makes one alert of the sentences that are not empty.
func join(sentences ...string) string {
	var told []string
	for _, one := range sentences {
		if one != "" {
			told = append(told, one)
		}
	}
	return strings.Join(told, "; ")
}
