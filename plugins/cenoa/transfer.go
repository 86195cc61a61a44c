package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/paymux/paymux/sdk"
)

// notes are sentences for the operator, each with how many transfers it is about.
type notes struct {
	sentences []string
	counts    map[string]int
}

func (n *notes) add(sentence string) {
	if n.counts[sentence] == 0 {
		n.sentences = append(n.sentences, sentence)
	}
	if n.counts == nil {
		n.counts = map[string]int{}
	}
	n.counts[sentence]++
}

// String is all sentences as one.
func (n *notes) String() string {
	lines := make([]string, len(n.sentences))
	for i, one := range n.sentences {
		lines[i] = one
		if count := n.counts[one]; count > 1 {
			lines[i] = fmt.Sprintf("%s (%d times)", one, count)
		}
	}
	return join(lines...)
}

// item reads one transfer, and returns false for one that cannot be told apart,
// or that nobody can be told to have sent, or of which amount or time are missing.
func (p *provider) item(raw []byte, notes *notes) (sdk.ListItem, bool) {
	f, ok := readObject(raw)
	id, idReadable := f.id("id")
	user, userReadable := f.id("userId")
	amount, amountReadable := f.text("amount")
	created, dated := readTime(f)
	switch {
	case !ok:
		notes.add("Cenoa listed something that is no transfer: skipped")
	case id == "" || !idReadable:
		notes.add("Cenoa listed a transfer without a usable id: skipped")
	case user == "" || !userReadable:
		notes.add("Cenoa listed a transfer without a usable userId: skipped")
	case amount == "" || !amountReadable:
		notes.add("Cenoa listed a transfer without a usable amount: skipped")
	case !dated:
		notes.add("Cenoa listed a transfer without a usable createdAt: skipped")
	default:
		item := sdk.ListItem{ID: id, Customer: user, Kind: sdk.KindPayment, CreatedAt: created}
		item.Told.Amount = sdk.Clean(amount, wordMax)
		p.tell(f, &item, notes)
		return item, true
	}
	return sdk.ListItem{}, false
}

// tell fills in currency, status and what they mean.
func (p *provider) tell(f fields, item *sdk.ListItem, notes *notes) {
	status, statusReadable := f.text("status")
	item.Status = sdk.Clean(status, wordMax)
	item.Outcome = outcomeOf(status)
	switch {
	case !statusReadable:
		item.Outcome = sdk.OutcomeUnknown
		notes.add("Cenoa listed a transfer with a status that is no word")
	case status == "":
		notes.add("Cenoa listed a transfer without status: counts as pending")
	case item.Outcome == sdk.OutcomeUnknown:
		notes.add("Cenoa listed a transfer with the status " + strconv.Quote(p.harmless(item.Status)) + ", which has no rule")
	}
	currency, currencyReadable := f.text("currency")
	item.Told.Currency = sdk.Clean(currency, wordMax)
	switch {
	case !currencyReadable:
		item.Outcome = sdk.OutcomeUnknown
		notes.add("Cenoa listed a transfer with a currency that is no word")
	case currency == "":
		item.Told.Currency = p.settings.currency.String()
		notes.add("Cenoa listed a transfer without currency: taken as " + item.Told.Currency)
	}
	if !isDecimal(item.Told.Amount) {
		item.Outcome = sdk.OutcomeUnknown
		notes.add("Cenoa listed a transfer with an amount that is no decimal number")
	}
}

// outcomeOf is what a status means. All words are assumed: Cenoa documents none.
// Without a word nothing is paid.
func outcomeOf(status string) sdk.Outcome {
	switch strings.ToLower(strings.TrimSpace(status)) {
	case "completed", "success", "successful", "settled":
		return sdk.OutcomeSucceeded
	case "", "pending", "processing":
		return sdk.OutcomePending
	case "failed", "rejected", "cancelled", "canceled":
		return sdk.OutcomeDeclined
	case "refunded", "reversed", "returned":
		return sdk.OutcomeReversed
	default:
		return sdk.OutcomeUnknown
	}
}

const (
	// secondsDigits are the most digits of Unix seconds (the year 5138); a longer
	// number is milliseconds, of which 11 digits would be in 1973.
	secondsDigits = 11
	millisDigits  = 14
)

// readTime reads createdAt: RFC 3339, or Unix seconds or milliseconds, as text
// or as a number.
func readTime(f fields) (time.Time, bool) {
	text, readable := f.text("createdAt")
	if !readable {
		return time.Time{}, false
	}
	at, err := time.Parse(time.RFC3339, strings.ToUpper(text))
	if allDigits(text) && len(text) <= millisDigits {
		var n int64
		n, err = strconv.ParseInt(text, 10, 64)
		at = time.Unix(n, 0)
		if len(text) > secondsDigits {
			at = time.UnixMilli(n)
		}
	}
	if err != nil || at.Unix() <= 0 {
		return time.Time{}, false
	}
	return at.UTC(), true
}
