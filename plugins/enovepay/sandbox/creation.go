package sandbox

import (
	"encoding/json"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/paymux/paymux/sdk/money"
	"github.com/paymux/paymux/sdk/sandboxkit"
)

const (
	referenceMax = 36
	textMax      = 100
)

// creation is the body of collect and payout.
type creation struct {
	ReferenceNumber string `json:"reference_number"`
	Amount          number `json:"amount"`
	Currency        string `json:"currency"`
	Country         string `json:"country"`
	Network         string `json:"network"`
	MSISDN          string `json:"msisdn"`
	CallbackURL     string `json:"callback_url"`
	Description     string `json:"description"`
	CustomerName    string `json:"customer_name"`
	RecipientName   string `json:"recipient_name"`
	BankCode        string `json:"bank_code"`
	AccountNumber   string `json:"account_number"`
}

// number is a JSON number as it was written. A text is none, which json.Number
// would take for one.
type number string

// UnmarshalJSON keeps the digits. What is no number breaks the rule of amounts.
func (n *number) UnmarshalJSON(text []byte) error {
	*n = number(text)
	return nil
}

// collect is the operation of the same name.
func (s *Server) collect(c call) sandboxkit.Answer { return s.create(c, OpCollect) }

// payOut is the operation payout.
func (s *Server) payOut(c call) sandboxkit.Answer { return s.create(c, OpPayout) }

// create checks a request and writes its transaction down. The webhook that
// comes before the answer is delivered without the lock.
func (s *Server) create(c call, op Operation) sandboxkit.Answer {
	replied, early := s.createLocked(c, op)
	if early != nil {
		s.stage.Deliver(*early)
	}
	return replied
}

func (s *Server) createLocked(c call, op Operation) (sandboxkit.Answer, *sandboxkit.Delivery) {
	s.stage.Lock()
	defer s.stage.Unlock()
	var asked creation
	readable := json.Unmarshal(c.body, &asked) == nil
	if readable && asked.ReferenceNumber != "" {
		s.calls[key{op, asked.ReferenceNumber}]++
	}
	if !s.admitted(c) {
		return s.enveloped(codeBadToken, nil), nil
	}
	if !readable || !asked.complete(op) {
		return s.enveloped(codeBadInput, nil), nil
	}
	place, served := marketOf(asked.Country)
	if !served || !place.takes(asked.Network, op) {
		return s.enveloped(codeBadNetwork, nil), nil
	}
	amount, ok := asked.amount(place)
	if !ok || !asked.reachable(place) {
		return s.enveloped(codeBadInput, nil), nil
	}
	if earlier, used := s.byRef[key{op, asked.ReferenceNumber}]; used {
		return s.enveloped(codeDuplicate, map[string]any{"transaction_id": earlier.TransactionID}), nil
	}
	return s.begin(asked, op, amount)
}

// complete reports whether the fields are there and well formed. Which country
// has which network comes later.
func (asked creation) complete(op Operation) bool {
	const allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-"
	ref := asked.ReferenceNumber
	switch {
	case ref == "" || len(ref) > referenceMax || strings.Trim(ref, allowed) != "":
		return false
	case asked.Amount == "" || asked.Currency == "" || asked.Country == "" || asked.Network == "":
		return false
	case len([]rune(asked.Description)) > textMax || len([]rune(asked.CustomerName)) > textMax:
		return false
	case op == OpPayout && asked.RecipientName == "":
		return false
	case asked.Network == networkBank && (asked.BankCode == "" || asked.AccountNumber == ""):
		return false
	case asked.Network != networkBank && asked.MSISDN == "":
		return false
	}
	return asked.CallbackURL == "" || callable(asked.CallbackURL)
}

// callable reports whether webhooks go to the address: https, or this machine.
func callable(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" {
		return false
	}
	ip, err := netip.ParseAddr(u.Hostname())
	local := u.Hostname() == "localhost" || err == nil && ip.IsLoopback()
	return u.Scheme == "https" || u.Scheme == "http" && local
}

// amount reads the amount by the country's rule.
func (asked creation) amount(place market) (money.Amount, bool) {
	currency, err := money.ParseCurrency(place.currency)
	if err != nil || asked.Currency != place.currency {
		return money.Amount{}, false
	}
	_, decimals, _ := strings.Cut(string(asked.Amount), ".")
	if len(decimals) > place.decimals {
		return money.Amount{}, false
	}
	amount, err := money.ParsePositive(string(asked.Amount), currency)
	if err != nil {
		return money.Amount{}, false
	}
	return amount, place.step == 0 || amount.Minor()%(place.step*minorPerUnit(currency)) == 0
}

func minorPerUnit(c money.Currency) int64 {
	minor := int64(1)
	for range c.Exponent() {
		minor *= 10
	}
	return minor
}

func (asked creation) reachable(place market) bool {
	return asked.Network == networkBank || place.validPhone(asked.MSISDN)
}

// begin applies the triggers of a creating call. The caller holds the lock.
func (s *Server) begin(asked creation, op Operation, amount money.Amount) (sandboxkit.Answer, *sandboxkit.Delivery) {
	chosen := triggerOf(asked.target(), s.options.CompletionDelay)
	switch {
	case chosen.failure && !chosen.creates:
		return sandboxkit.Text(http.StatusInternalServerError, "Internal Server Error"), nil
	case chosen.code != 0 && !chosen.creates:
		return s.enveloped(chosen.code, nil), nil
	case op == OpPayout && s.float(amount.Currency()) < amount.Minor():
		return s.enveloped(codeShort, nil), nil
	}
	t := s.writeDown(asked, op, amount, chosen)
	replied := s.enveloped(codeHandled, map[string]any{
		"transaction_id": t.TransactionID, "reference_number": t.Ref, "transaction_status": wordProgress,
	})
	if chosen.code != 0 {
		replied = s.enveloped(chosen.code, map[string]any{"transaction_id": t.TransactionID})
	}
	if chosen.failure {
		replied = sandboxkit.Text(http.StatusInternalServerError, "Internal Server Error")
	}
	replied.Dropped = chosen.dropped
	if !chosen.early {
		return replied, nil
	}
	s.move(t, wordSuccess)
	return replied, s.earlyWebhook(t)
}

// earlyWebhook is the one that comes before the answer, nil where nobody takes it.
func (s *Server) earlyWebhook(t *transaction) *sandboxkit.Delivery {
	if t.CallbackURL == "" {
		return nil
	}
	sent := s.webhook(t, t.Status)
	return &sent
}

// target is what the triggers look at.
func (asked creation) target() string {
	if asked.Network == networkBank {
		return asked.AccountNumber
	}
	return asked.MSISDN
}
