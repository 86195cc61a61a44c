package sandbox

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"

	"github.com/paymux/paymux/sdk/money"
	"github.com/paymux/paymux/sdk/sandboxkit"
)

// creation is what stands inside request, read.
type creation struct {
	TrackingID  string          `json:"tracking_id"`
	UserID      string          `json:"user_id"`
	Currency    string          `json:"currency"`
	Amount      json.RawMessage `json:"amount"`
	Description string          `json:"description"`
	RedirectURL string          `json:"redirect_url"`
	WebhookURL  string          `json:"webhook_url"`
	ProviderID  string          `json:"provider_id"`
	Card        *card           `json:"card"`

	amount money.Amount
}

// card is checked and forgotten.
type card struct {
	Number   string `json:"number"`
	Holder   string `json:"holder"`
	ExpMonth int    `json:"exp_month"`
	ExpYear  int    `json:"exp_year"`
	CVV      string `json:"cvv"`
}

// created is the answer of a creating call.
type created struct {
	URL           string `json:"url"`
	TransactionID string `json:"transaction_id,omitempty"`
	TrackingID    string `json:"tracking_id,omitempty"`
	Status        string `json:"transaction_status,omitempty"`
	Error         string `json:"error,omitempty"`
}

// create answers hosted, direct, s2s and payout.
func (s *Server) create(op Operation, c call) sandboxkit.Answer {
	asked, faults := readCreation(op, c.body)
	s.stage.Lock()
	defer s.stage.Unlock()
	if asked.TrackingID != "" {
		s.calls[asked.TrackingID]++
	}
	if len(faults) > 0 {
		return refusal(http.StatusBadRequest, "the request is not valid", faults...)
	}
	if _, reused := s.transactions[asked.TrackingID]; reused {
		return refusal(http.StatusConflict, "tracking_id was used before")
	}
	if status := triggerOf(asked.amount).refusal; status != 0 {
		return turnedAway(status)
	}
	t := s.record(op, asked, c.live)
	if t.trigger.early {
		s.tellEarly(t)
	}
	s.begin(t)
	return s.answerOf(t, "http://"+c.request.Host)
}

// tellEarly delivers the first webhook before the creating call is answered. The
// caller holds the lock, which is given back meanwhile.
func (s *Server) tellEarly(t *transaction) {
	sent := t.webhook(wordPending, t.trigger.signature())
	s.stage.Unlock()
	s.stage.Deliver(sent)
	s.stage.Lock()
}

func turnedAway(status int) sandboxkit.Answer {
	refused := refusal(status, http.StatusText(status))
	if status == http.StatusTooManyRequests {
		refused.Header = http.Header{"Retry-After": {"2"}}
	}
	return refused
}

// answerOf is what the creating call hears of a transaction that exists. The
// caller holds the lock.
func (s *Server) answerOf(t *transaction, root string) sandboxkit.Answer {
	told := created{
		URL: root + "/cashier/" + t.TransactionID, TransactionID: t.TransactionID, TrackingID: t.Ref, Status: t.Status,
	}
	if t.Op == OpS2S {
		told.Error = t.Reason
		if !t.trigger.needsPage && !t.trigger.onlyURL {
			told.URL = "" // a card without 3-D Secure
		}
	}
	switch {
	case t.trigger.failure:
		return refusal(http.StatusInternalServerError, "internal error")
	case t.trigger.dropped:
		return sandboxkit.Answer{Dropped: true}
	case t.trigger.onlyURL:
		return jsonAnswer(http.StatusOK, created{URL: told.URL})
	default:
		return jsonAnswer(http.StatusOK, told)
	}
}

// readCreation reads {"request": {...}} and nothing else.
func readCreation(op Operation, body []byte) (creation, []fieldFault) {
	var wrapper map[string]json.RawMessage
	if json.Unmarshal(body, &wrapper) != nil || len(wrapper) != 1 || wrapper["request"] == nil {
		return creation{}, []fieldFault{{"request", "the body must be {\"request\":{...}}"}}
	}
	var asked creation
	if err := json.Unmarshal(wrapper["request"], &asked); err != nil {
		return asked, []fieldFault{{"request", "a field has the wrong type"}}
	}
	return asked, asked.check(op)
}

var amountForm = regexp.MustCompile(`^"(0|[1-9][0-9]{0,11})\.[0-9]{2}"$`)

func (c *creation) check(op Operation) []fieldFault {
	var faults []fieldFault
	need := func(ok bool, field, message string) {
		if !ok {
			faults = append(faults, fieldFault{field, message})
		}
	}
	need(c.TrackingID != "", "tracking_id", "required")
	need(c.UserID != "", "user_id", "required")
	need(absolute(c.WebhookURL), "webhook_url", "must be an absolute URL")
	need(op == OpPayout || absolute(c.RedirectURL), "redirect_url", "must be an absolute URL")
	need(op != OpDirect || c.ProviderID != "", "provider_id", "required")
	need(op != OpS2S || c.Card.whole(), "card", "number, holder, exp_month, exp_year and cvv are required")
	need(op == OpS2S || c.Card == nil, "card", "only server to server")
	currency, err := money.ParseCurrency(c.Currency)
	need(err == nil && currency.Exponent() == 2, "currency", "must be a known code in capitals")
	need(amountForm.Match(bytes.TrimSpace(c.Amount)), "amount", "must be a text with two decimals")
	if len(faults) > 0 {
		return faults
	}
	c.amount, err = money.ParsePositive(string(bytes.Trim(c.Amount, ` "`)), currency)
	need(err == nil, "amount", "must be above zero")
	return faults
}

func (c *card) whole() bool {
	return c != nil && !slices.Contains([]string{c.Number, c.Holder, c.CVV}, "") && c.ExpMonth > 0 && c.ExpYear > 0
}

func absolute(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http")
}
