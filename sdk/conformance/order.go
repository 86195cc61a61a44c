package conformance

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
	"github.com/paymux/paymux/sdk/sandboxkit"
)

const (
	// callTimeout bounds a call to the plugin where a clause sets no time of its own.
	callTimeout = 10 * time.Second
	// sendWithin is how long a creating call may wait to be sent.
	sendWithin = 30 * time.Second
	returnURL  = "https://shop.example.com/return?order=1&lang=fr"
)

// order is one transaction that a clause makes.
type order struct {
	kind    sdk.Kind
	sample  sandboxkit.Sample
	attempt sdk.Attempt
	// payment is the attempt that a refund gives back.
	payment sdk.Attempt
	notify  string
	sendBy  time.Time
}

// refLetters are those of an attempt's reference, and refLength how many it has.
const (
	refLetters = "abcdefghijklmnopqrstuvwxyz0123456789"
	refLength  = 25
)

func newRef() string {
	raw := make([]byte, refLength)
	_, _ = rand.Read(raw) // It never fails.
	for i := range raw {
		raw[i] = refLetters[int(raw[i])%len(refLetters)]
	}
	return string(raw)
}

// newOrder returns an order with a reference of its own. Nothing is called.
func newOrder(kind sdk.Kind, sample sandboxkit.Sample, notify string) (*order, error) {
	currency, err := money.ParseCurrency(sample.Currency)
	if err != nil {
		return nil, fmt.Errorf("the sandbox's script: %w", err)
	}
	amount, err := money.ParsePositive(sample.Amount, currency)
	if err != nil {
		return nil, fmt.Errorf("the sandbox's script: %w", err)
	}
	now, ref := time.Now().UTC(), newRef()
	return &order{
		kind: kind, sample: sample, notify: notify, sendBy: now.Add(sendWithin),
		attempt: sdk.Attempt{TransactionID: "pay_" + ref, Kind: kind, Ref: ref, Amount: amount, StartedAt: now},
	}, nil
}

// send makes the creating call, always with the same request.
func (o *order) send(ctx context.Context, account sdk.FullProvider) answer {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	switch o.kind {
	case sdk.KindPayment:
		return answerOf(account.CreatePayment(ctx, o.paymentRequest()))
	case sdk.KindPayout:
		return answerOf(account.CreatePayout(ctx, o.payoutRequest()))
	case sdk.KindRefund:
		return answerOf(account.CreateRefund(ctx, sdk.RefundRequest{
			Attempt: o.attempt, Payment: o.payment, NotifyURL: o.notify, SendBy: o.sendBy,
		}))
	default:
		return answer{err: fmt.Errorf("%q is no kind", o.kind)}
	}
}

func (o *order) paymentRequest() sdk.PaymentRequest {
	s := o.sample
	return sdk.PaymentRequest{
		Attempt: o.attempt, Country: s.Country, Method: s.Method, Network: s.Network, Description: "Basket 42",
		Customer: o.customer(), ReturnURL: returnURL, NotifyURL: o.notify, Language: "fr", SendBy: o.sendBy,
	}
}

func (o *order) payoutRequest() sdk.PayoutRequest {
	s := o.sample
	req := sdk.PayoutRequest{
		Attempt: o.attempt, Country: s.Country, Method: s.Method, Network: s.Network, Description: "Prize 42",
		Recipient: o.customer(), NotifyURL: o.notify, SendBy: o.sendBy,
	}
	if s.IBAN != "" || s.AccountNumber != "" {
		req.BankAccount = &sdk.BankAccount{
			IBAN: s.IBAN, BankCode: s.BankCode, AccountNumber: s.AccountNumber, Holder: s.Name + " " + s.Surname,
		}
	}
	return req
}

func (o *order) customer() sdk.Customer {
	s := o.sample
	return sdk.Customer{ID: s.CustomerID, Name: s.Name, Surname: s.Surname, Email: s.Email, Phone: s.Phone, Country: s.Country}
}

// learn keeps what an answer told of the attempt, as an engine does.
func (o *order) learn(a answer) {
	if a.ProviderRef != "" {
		o.attempt.ProviderRef = a.ProviderRef
	}
	if a.ProviderData != nil {
		o.attempt.ProviderData = a.ProviderData
	}
}

// answer is what a call about an order came to.
type answer struct {
	sdk.Result
	err error
}

func answerOf(result sdk.Result, err error) answer { return answer{result, err} }

// outcome is what the answer of a creating call means, a fault included.
func (a answer) outcome() sdk.Outcome {
	if a.err != nil {
		return sdk.CreateOutcome(a.err)
	}
	return a.Outcome
}

// asked is what the answer to a question means: a fault says nothing.
func (a answer) asked() sdk.Outcome {
	if a.err != nil {
		return sdk.OutcomeUnknown
	}
	return a.Outcome
}

// code is the provider's code, which a fault may carry too.
func (a answer) code() string {
	if fault, ok := errors.AsType[*sdk.Error](a.err); ok {
		return fault.ProviderCode
	}
	return a.ProviderCode
}

// String is the outcome with its reason or its fault.
func (a answer) String() string {
	text := a.outcome().String()
	if a.Reason != "" {
		text += " (" + string(a.Reason) + ")"
	}
	if a.err != nil {
		text += " (fault: " + a.err.Error() + ")"
	}
	return text
}
