package sandbox

import (
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/paymux/paymux/sdk/money"
)

// Words of a payment's status.
const (
	statusWaiting   = "WAITING_FOR_CUSTOMER"
	statusAccepted  = "ACCEPTED"
	statusRefused   = "REFUSED"
	statusValidated = "VALIDATED"
)

// Codes that check answers.
const (
	codePaid      = "00"
	codeCreated   = "201"
	codeFailed    = "600"
	codeFields    = "608"
	codePushed    = "623"
	codeCanceled  = "627"
	codeUnvisited = "662"
	codeTooMany   = "429"
)

// Payment is a row of the ledger.
type Payment struct {
	// Ref is the transaction_id that the merchant chose.
	Ref string `json:"ref"`
	// Amount is in major units, with exactly the decimals of the currency, as
	// money.Amount.Decimal writes it. It is the truth, whatever check tells.
	Amount   string `json:"amount"`
	Currency string `json:"currency"`
	// Status and Code are what check answers now.
	Status string `json:"status"`
	Code   string `json:"code"`
	// Paid is the truth about the money, whatever check and notifications say.
	Paid bool `json:"paid"`
	// Created counts the payments that were made under Ref, and CreateCalls the init calls that
	// named it, the refused repetitions included.
	Created     int `json:"created"`
	CreateCalls int `json:"create_calls"`
	// Checks counts the check calls that named this payment.
	Checks    int       `json:"checks"`
	CreatedAt time.Time `json:"created_at"`
	// DecidedAt is the time of the last decision, absent while waiting.
	DecidedAt *time.Time `json:"decided_at,omitempty"`
	// Visited says that the payment page was opened.
	Visited       bool   `json:"visited"`
	PaymentToken  string `json:"payment_token"`
	PaymentMethod string `json:"payment_method,omitempty"`
	Metadata      string `json:"metadata"`
	Description   string `json:"description"`
	NotifyURL     string `json:"notify_url"`
	ReturnURL     string `json:"return_url"`
	Channels      string `json:"channels"`
	Lang          string `json:"lang"`
}

// payment is a Payment and what the API never shows.
type payment struct {
	Payment
	whole   int64 // the amount in whole units
	trigger trigger
	// plan numbers the payment's intentions: a scheduled completion of an
	// earlier plan is void.
	plan int
}

// verdict is an end of a payment.
type verdict struct {
	status, code string
	paid         bool
}

func accepted() verdict { return verdict{statusAccepted, codePaid, true} }

func refused(code string) verdict { return verdict{statusRefused, code, false} }

// create writes the payment down; the caller holds the lock.
func (s *Server) create(asked initiation) *payment {
	p := &payment{whole: asked.amount, trigger: triggerOf(asked.amount), Payment: Payment{
		Ref:          asked.transactionID,
		PaymentToken: s.paymentToken(asked.transactionID),
		Amount:       decimal(asked.amount, asked.currency),
		Currency:     asked.currency,
		Status:       statusWaiting,
		Code:         codeUnvisited,
		Created:      1,
		CreatedAt:    s.stage.Now(),
		Metadata:     cut(asked.metadata),
		Description:  cut(asked.description),
		NotifyURL:    asked.notifyURL,
		ReturnURL:    asked.returnURL,
		Channels:     asked.channels,
		Lang:         asked.lang,
	}}
	s.payments[p.Ref] = p
	s.byToken[p.PaymentToken] = p
	s.order = append(s.order, p)
	if s.options.CompletionDelay > 0 {
		s.completeAfter(p, s.options.CompletionDelay)
	}
	return p
}

// paymentToken is 110 lower-case hex digits, the same in each run of a test.
func (s *Server) paymentToken(transactionID string) string {
	sum := sha512.Sum512([]byte(strconv.FormatInt(s.stage.Next(), 10) + ":" + transactionID))
	return hex.EncodeToString(sum[:])[:110]
}

// decimal writes whole units as the ledger shows them. The currency is one of the markets', and
// the amount is inside their limits, so neither can be refused.
func decimal(whole int64, code string) string {
	currency, _ := money.ParseCurrency(code)
	amount, _ := money.Parse(strconv.FormatInt(whole, 10), currency)
	return amount.Decimal()
}

// textMax is the length at which CinetPay cuts texts without a word.
const textMax = 255

func cut(text string) string {
	if runes := []rune(text); len(runes) > textMax {
		return string(runes[:textMax])
	}
	return text
}

// completeAfter lets the trigger decide after a delay, in place of any earlier plan.
func (s *Server) completeAfter(p *payment, delay time.Duration) {
	p.plan++
	if p.trigger.waits {
		return
	}
	s.planned(p, delay, p.trigger.verdict)
}

// planned decides after a delay, unless another plan was made by then.
func (s *Server) planned(p *payment, delay time.Duration, v verdict) {
	plan := p.plan
	s.stage.After(delay, func() {
		if p.plan == plan {
			s.conclude(p, v)
			s.announce(p)
		}
	})
}

// conclude is the one place that ends a payment. Money never comes back, so
// the callers leave a paid payment alone.
func (s *Server) conclude(p *payment, v verdict) {
	p.plan++
	now := s.stage.Now()
	p.Status, p.Code, p.Paid, p.DecidedAt = v.status, v.code, v.paid, &now
	if p.PaymentMethod == "" {
		p.PaymentMethod = p.methods()[0]
	}
	if late := p.trigger.acceptedAfter; late > 0 && v == p.trigger.verdict {
		s.planned(p, late, accepted())
	}
}

// methods are what the page offers.
func (p *payment) methods() []string {
	place, _ := marketOf(p.Currency)
	return place.methodsOf(p.Channels)
}

// push is what the page does when the customer agrees: the operator asks them
// to confirm on the phone. A refused payment may be tried again on its page.
func (s *Server) push(p *payment, method string) error {
	if p.Paid || p.Code == codePushed {
		return fmt.Errorf("%w: %s", ErrDecided, messageOf(p.Code))
	}
	if !slices.Contains(p.methods(), method) {
		return fmt.Errorf("%w: method %q: give one of %v", ErrUnknownAction, method, p.methods())
	}
	p.Status, p.Code, p.PaymentMethod, p.DecidedAt = statusWaiting, codePushed, method, nil
	s.completeAfter(p, s.options.confirmationDelay())
	return nil
}
