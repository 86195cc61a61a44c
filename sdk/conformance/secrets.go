package conformance

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/paymux/paymux/sdk"
)

const (
	// secretMin is the shortest secret that is looked for: a shorter text is
	// found by chance.
	secretMin = 4
	// phoneEnd is how many digits of a phone number are looked for.
	phoneEnd = 8
)

func secretsStayIn() clause {
	return clause{
		name:    "no secret in any log line",
		demands: "No secret setting, in whatever form, and no phone number is in what the process writes, and no secret in what a call answers for people, also where the provider repeats the request.",
		mend:    "Mark the setting as Secret, log with slog, and put a provider's text through sdk.Clean or sdk.Sentence.",
		on:      processFirst,
		check:   checkSecrets,
	}
}

func checkSecrets(ctx context.Context, b *bench) (string, error) {
	secret := b.secrets()
	var told []string
	for _, kind := range b.kinds() {
		texts, err := b.babble(ctx, kind)
		if err != nil {
			return "", err
		}
		told = append(told, texts...)
	}
	if len(told) == 0 {
		return "", moot("the account creates nothing that the sandbox's script has orders for")
	}
	for _, text := range told {
		if name := holds(text, secret); name != "" {
			return "", broken("%s is in what a call answered", name)
		}
	}
	if b.process == nil {
		return plural(len(told), "answer") + "; there is no process whose log could be read", nil
	}
	b.process.Stop() // All that it wrote has arrived then.
	written := b.process.Written()
	for _, kind := range b.kinds() {
		secret["the customer's phone"] = phoneForms(b.usual(kind).Phone)
		if name := holds(written, secret); name != "" {
			return "", broken("%s is in what the process wrote", name)
		}
	}
	return fmt.Sprintf("%s and %s written", plural(len(told), "answer"), plural(len(written), "byte")), nil
}

// secrets are the forms of each secret setting, by its name.
func (b *bench) secrets() map[string][]string {
	forms := map[string][]string{}
	for _, name := range b.manifest.Settings.Secrets() {
		text, _ := b.Settings[name].(string)
		if len(text) >= secretMin {
			forms["the setting "+name] = formsOf(text)
		}
	}
	return forms
}

func formsOf(text string) []string {
	return []string{
		text, url.QueryEscape(text), url.PathEscape(text), base64.StdEncoding.EncodeToString([]byte(text)),
		hex.EncodeToString([]byte(text)),
	}
}

func phoneForms(phone string) []string {
	if len(phone) < phoneEnd {
		return nil
	}
	return []string{phone[len(phone)-phoneEnd:]}
}

// holds names what a text has a form of; it is empty for a clean text.
func holds(text string, secret map[string][]string) string {
	for name, forms := range secret {
		for _, form := range forms {
			if strings.Contains(text, form) {
				return name
			}
		}
	}
	return ""
}

// babble makes the plugin speak: of an order that goes well, of answers that
// repeat the request, of a refused connection and of what is forged. It returns
// what people would read.
func (b *bench) babble(ctx context.Context, kind sdk.Kind) ([]string, error) {
	o, a, err := b.settled(ctx, kind, b.usual(kind))
	if err != nil {
		return nil, err
	}
	told := a.forPeople()
	for _, spoil := range []spoiler{
		echoing(http.StatusBadRequest), echoing(http.StatusUnauthorized), echoing(http.StatusInternalServerError),
		garbage(http.StatusOK), lost,
	} {
		next, err := b.like(ctx, o)
		if err != nil {
			return nil, err
		}
		b.proxy.set(every, spoil)
		told = append(told, next.send(ctx, b.account).forPeople()...)
		told = append(told, b.askWith(ctx, b.account, o.attempt).forPeople()...)
		b.proxy.clear()
	}
	cut, err := b.open(ctx, b.proxy.refusing())
	if err != nil {
		return nil, err
	}
	told = append(told, o.send(ctx, cut).forPeople()...)
	for _, n := range b.post.all() {
		for _, t := range tamperings(n.req) {
			got, err := b.post.read(ctx, t.req)
			told = append(told, answer{Result: got.Result, err: err}.forPeople()...)
			told = append(told, got.Alert, string(got.Body))
		}
	}
	return told, nil
}

// forPeople is what of an answer is shown to people or logged.
func (a answer) forPeople() []string {
	texts := []string{a.Message, a.Alert}
	for _, e := range a.Exchanges {
		texts = append(texts, e.URL, e.Error)
	}
	if a.err == nil {
		return texts
	}
	if fault, ok := errors.AsType[*sdk.Error](a.err); ok {
		for _, e := range fault.Exchanges {
			texts = append(texts, e.URL, e.Error)
		}
	}
	return append(texts, a.err.Error())
}
