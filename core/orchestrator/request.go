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

// check refuses what can never be paid, whichever way the request came in.
func check(req core.PaymentRequest) error {
	if req.IdempotencyKey == "" {
		return &core.Problem{
			Code:   core.ErrIdempotencyKeyMissing.Code,
			Detail: "an idempotency key is required, so that a repeated request is not paid twice",
		}
	}
	var fields []core.FieldError
	wrong := func(location, message string) {
		fields = append(fields, core.FieldError{Location: location, Message: message})
	}
	if len(req.IdempotencyKey) > keyMax || strings.ContainsFunc(req.IdempotencyKey, notPrintable) {
		wrong("Idempotency-Key", "must be 1 to 255 printable ASCII characters")
	}
	if !req.Amount.IsPositive() || !req.Amount.Currency().Valid() {
		wrong("amount", "must be above zero and have a currency")
	}
	if len(req.Reference) > referenceMax {
		wrong("reference", "must have at most 255 characters")
	}
	if req.ExpiresIn != 0 && (req.ExpiresIn < expiresMin || req.ExpiresIn > expiresMax) {
		wrong("expires_in", "must be between 1m and 720h")
	}
	if len(fields) == 0 {
		return nil
	}
	return &core.Problem{Code: core.ErrInvalidRequest.Code, Detail: "the request has fields that are wrong", Fields: fields}
}

func notPrintable(r rune) bool { return r < ' ' || r > '~' }

// transaction is the payment as it was asked for, before anything happened.
func (o *Orchestrator) transaction(req core.PaymentRequest, now time.Time) core.Transaction {
	method := req.Method
	if method == "" {
		method = "any"
	}
	nothing := money.Zero(req.Amount.Currency())
	tx := core.Transaction{
		ID: o.NewID(core.PrefixPayment, now), Kind: sdk.KindPayment, Merchant: req.Caller.Merchant,
		Reference: req.Reference, Amount: req.Amount, Received: nothing, Refunded: nothing,
		Country: req.Country, Method: method, Network: req.Network, Description: req.Description,
		Customer: req.Customer, ReturnURL: req.ReturnURL, Language: req.Language,
		Metadata: maps.Clone(req.Metadata), ExpiresIn: req.ExpiresIn, Provider: req.Provider,
		CreatedBy: req.Caller.Actor, CreatedAt: now, UpdatedAt: now,
	}
	if req.ExpiresIn > 0 {
		tx.ExpiresAt = now.Add(req.ExpiresIn)
	}
	return tx
}

// sample is what routing sees of it.
func sample(tx core.Transaction, now time.Time) core.Sample {
	return core.Sample{
		ID: tx.ID, Merchant: tx.Merchant, Kind: tx.Kind, Amount: tx.Amount, Country: tx.Country,
		Method: tx.Method, Network: tx.Network, Customer: tx.Customer.ID, Metadata: tx.Metadata,
		Provider: tx.Provider, Present: present(tx), At: now,
	}
}

// present names the request fields that are there, for what an account needs.
func present(tx core.Transaction) map[string]bool {
	c := tx.Customer
	fields := map[string]string{
		"reference": tx.Reference, "country": tx.Country, "network": tx.Network,
		"description": tx.Description, "return_url": tx.ReturnURL, "language": tx.Language,
		"customer.id": c.ID, "customer.name": c.Name, "customer.surname": c.Surname,
		"customer.email": c.Email, "customer.phone": c.Phone, "customer.address": c.Address,
		"customer.city": c.City, "customer.state": c.State, "customer.zip_code": c.ZIPCode,
		"customer.country": c.Country, "customer.provider_customer": c.ProviderCustomer,
	}
	there := make(map[string]bool, len(fields))
	for name, value := range fields {
		if value != "" {
			there[name] = true
		}
	}
	return there
}

// paymentRequest is what the plugin gets. It is a function of the record alone,
// so that the same attempt always asks for the same.
func (o *Orchestrator) paymentRequest(tx core.Transaction, a core.Attempt) sdk.PaymentRequest {
	return sdk.PaymentRequest{
		Attempt: core.About(tx, a), Country: tx.Country, Method: tx.Method, Network: tx.Network,
		Description: tx.Description, Customer: tx.Customer, Language: tx.Language,
		ReturnURL: o.PublicURL + "/v1/return/" + a.Ref,
		NotifyURL: o.PublicURL + "/v1/webhooks/" + url.PathEscape(a.Account),
		ExpiresAt: tx.ExpiresAt, SendBy: a.SendBy,
	}
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
