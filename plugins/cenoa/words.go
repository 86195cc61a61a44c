package main

import (
	"fmt"
	"strings"

	"github.com/paymux/paymux/sdk"
)

const (
	// sentenceMax and wordMax bound what is repeated of an answer, in characters.
	sentenceMax = 200
	wordMax     = 100
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

// harmless makes a text of Cenoa's fit to be shown: without the keys, e-mail
// addresses and numbers that could be a phone.
func (p *provider) harmless(text string) string {
	return sdk.Sentence(text, sentenceMax, p.settings.apiKey, p.settings.apiSecret)
}

// masked is an e-mail address that may be shown to whoever typed the phone: as
// Cenoa masked it, or by us where Cenoa did not.
func masked(address string) string {
	address = sdk.Clean(address, wordMax)
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
