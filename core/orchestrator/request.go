package orchestrator

import (
	"errors"
	"maps"
	"net/url"
	"strings"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

const (
	keyMax       = 255
	referenceMax = 255
	expiresMin   = time.Minute
	expiresMax   = 30 * 24 * time.Hour
	// retryAfter is what a caller is told where nothing better is known.
	retryAfter = 5 * time.Second
)

// checkPayment refuses what can never be paid, whichever way the request came in.
func checkPayment(req core.PaymentRequest) error {
	c := checker{}
	c.key(req.IdempotencyKey)
	c.amount(req.Amount)
	c.reference(req.Reference)
	if req.ExpiresIn != 0 && (req.ExpiresIn < expiresMin || req.ExpiresIn > expiresMax) {
		c.wrong("expires_in", "must be between 1m and 720h")
	}
	return c.problem()
}

// checkPayout refuses what can never be paid out.
func checkPayout(req core.PayoutRequest) error {
	c := checker{}
	c.key(req.IdempotencyKey)
	c.amount(req.Amount)
	c.reference(req.Reference)
	if req.Recipient.Phone == "" && req.BankAccount == nil && req.Recipient.ProviderCustomer == "" {
		c.wrong("recipient", "must have a phone or a bank_account")
	}
	return c.problem()
}

// checkRefund refuses what can never be refunded.
func checkRefund(req core.RefundRequest) error {
	c := checker{}
	c.key(req.IdempotencyKey)
	if !req.Amount.IsZero() {
		c.amount(req.Amount)
	}
	c.reference(req.Reference)
	return c.problem()
}

// checker collects everything that is wrong with a request.
type checker struct {
	missingKey bool
	fields     []core.FieldError
}

func (c *checker) wrong(location, message string) {
	c.fields = append(c.fields, core.FieldError{Location: location, Message: message})
}

func (c *checker) key(key string) {
	c.missingKey = key == ""
	if len(key) > keyMax || strings.ContainsFunc(key, notPrintable) {
		c.wrong("Idempotency-Key", "must be 1 to 255 printable ASCII characters")
	}
}

func (c *checker) amount(amount money.Amount) {
	if !amount.IsPositive() || !amount.Currency().Valid() {
		c.wrong("amount", "must be above zero and have a currency")
	}
}

func (c *checker) reference(reference string) {
	if len(reference) > referenceMax {
		c.wrong("reference", "must have at most 255 characters")
	}
}

func (c *checker) problem() error {
	switch {
	case c.missingKey:
		return &core.Problem{
			Code:   core.ErrIdempotencyKeyMissing.Code,
			Detail: "an idempotency key is required, so that a repeated request is not paid twice",
		}
	case len(c.fields) > 0:
		return &core.Problem{Code: core.ErrInvalidRequest.Code, Detail: "the request has fields that are wrong", Fields: c.fields}
	default:
		return nil
	}
}

func notPrintable(r rune) bool { return r < ' ' || r > '~' }

// payment is the transaction as it was asked for, before anything happened.
func (o *Orchestrator) payment(req core.PaymentRequest, now time.Time) core.Transaction {
	tx := o.blank(sdk.KindPayment, req.Caller, req.Amount, now)
	tx.Reference, tx.Country, tx.Method, tx.Network = req.Reference, req.Country, anyMethod(req.Method), req.Network
	tx.Description, tx.Customer, tx.ReturnURL, tx.Language = req.Description, req.Customer, req.ReturnURL, req.Language
	tx.Metadata, tx.ExpiresIn, tx.Provider = maps.Clone(req.Metadata), req.ExpiresIn, req.Provider
	if req.ExpiresIn > 0 {
		tx.ExpiresAt = now.Add(req.ExpiresIn)
	}
	return tx
}

// payout is the transaction as it was asked for, before anything happened.
func (o *Orchestrator) payout(req core.PayoutRequest, now time.Time) core.Transaction {
	tx := o.blank(sdk.KindPayout, req.Caller, req.Amount, now)
	tx.Reference, tx.Country, tx.Method, tx.Network = req.Reference, req.Country, anyMethod(req.Method), req.Network
	tx.Description, tx.Customer, tx.BankAccount = req.Description, req.Recipient, req.BankAccount
	tx.Metadata, tx.Provider = maps.Clone(req.Metadata), req.Provider
	tx.PolicyHeld = o.HoldPayout(req.Amount)
	return tx
}

func (o *Orchestrator) blank(kind sdk.Kind, caller core.Caller, amount money.Amount, now time.Time) core.Transaction {
	nothing := money.Zero(amount.Currency())
	return core.Transaction{
		ID: o.NewID(core.PrefixOf(kind), now), Kind: kind, Merchant: caller.Merchant,
		Amount: amount, Received: nothing, Refunded: nothing,
		CreatedBy: caller.Actor, CreatedAt: now, UpdatedAt: now,
	}
}

func anyMethod(method string) string {
	if method == "" {
		return "any"
	}
	return method
}

// paymentRequest is what the plugin gets. It is a function of the record alone,
// so that the same attempt always asks for the same.
func (o *Orchestrator) paymentRequest(tx core.Transaction, a core.Attempt) sdk.PaymentRequest {
	return sdk.PaymentRequest{
		Attempt: core.About(tx, a), Country: tx.Country, Method: tx.Method, Network: tx.Network,
		Description: tx.Description, Customer: tx.Customer, Language: tx.Language,
		ReturnURL: o.PublicURL + "/v1/return/" + a.Ref, NotifyURL: o.notifyURL(a),
		ExpiresAt: tx.ExpiresAt, SendBy: a.SendBy,
	}
}

func (o *Orchestrator) notifyURL(a core.Attempt) string {
	return o.PublicURL + "/v1/webhooks/" + url.PathEscape(a.Account)
}

// payoutRequest is what the plugin gets to pay out, a function of the record alone.
func (o *Orchestrator) payoutRequest(tx core.Transaction, a core.Attempt) sdk.PayoutRequest {
	return sdk.PayoutRequest{
		Attempt: core.About(tx, a), Country: tx.Country, Method: tx.Method, Network: tx.Network,
		Description: tx.Description, Recipient: tx.Customer, BankAccount: tx.BankAccount,
		NotifyURL: o.notifyURL(a), SendBy: a.SendBy,
	}
}

// refundRequest is what the plugin gets to give money back, a function of the records alone.
func (o *Orchestrator) refundRequest(tx core.Transaction, a core.Attempt, payment core.Transaction) sdk.RefundRequest {
	req := sdk.RefundRequest{Attempt: core.About(tx, a), NotifyURL: o.notifyURL(a), SendBy: a.SendBy}
	for _, paid := range payment.Attempts {
		if paid.ID == tx.ParentAttempt {
			req.Payment = core.About(payment, paid)
		}
	}
	return req
}

// noRoute says why nobody can be asked: for ever (422) or at this moment (503).
func noRoute(choice core.Choice) error {
	problem := &core.Problem{Code: core.ErrNoRoute.Code, Removed: choice.Removed}
	switch {
	case choice.Denied != "":
		problem.Code, problem.Detail = core.ErrDenied.Code, choice.Denied
	case anyPassing(choice.Removed):
		problem.Code, problem.RetryAfter = core.ErrProviderUnavailable.Code, retryAfter
		problem.Detail = "no account can take it at this moment"
	case len(choice.Removed) == 0:
		problem.Detail = "the routing rules name no account for it"
	default:
		problem.Detail = "no account of rule " + choice.Rule + " can take it"
	}
	return problem
}

func anyPassing(removed []core.Removed) bool {
	for _, one := range removed {
		if one.Passing {
			return true
		}
	}
	return false
}

// refusal turns an error of the store into what a caller should see.
func refusal(err error) error {
	var duplicate *core.DuplicateReferenceError
	switch {
	case errors.As(err, &duplicate):
		return &core.Problem{
			Code: core.ErrDuplicateReference.Code, Detail: duplicate.Error(), Transaction: duplicate.Transaction,
		}
	case errors.Is(err, core.ErrReadOnly):
		return &core.Problem{
			Code: core.ErrStoreUnavailable.Code, RetryAfter: retryAfter,
			Detail: "the store cannot be written at this moment; nothing was stored and nobody was asked",
		}
	case errors.Is(err, core.ErrPoisoned):
		return &core.Problem{
			Code: core.ErrStoreUnavailable.Code, RetryAfter: retryAfter,
			Detail: "the store failed while it was written and the engine must start again; nobody was asked. Repeat with the same key",
		}
	default:
		return err
	}
}

func shuttingDown() error {
	return &core.Problem{
		Code: core.ErrProviderUnavailable.Code, Detail: "the engine is stopping; nothing was stored", RetryAfter: retryAfter,
	}
}
