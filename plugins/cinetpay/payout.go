package main

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/paymux/paymux/sdk"
)

// without is the error of an operation that the settings leave out.
func without(operation sdk.Operation, setting string) error {
	return &sdk.Error{
		Kind: sdk.KindNotSupported, Sent: sdk.NotSent,
		Message: string(operation) + " needs the setting " + setting,
	}
}

// CreatePayout pays out to a phone number: login, contact, send. It sends once,
// under the attempt's Ref, which CinetPay refuses to take twice; only where a
// login token had ended it sends the same again. What CinetPay would refuse is
// REJECTED before anything is sent, and what may have been created is UNKNOWN.
func (p *provider) CreatePayout(ctx context.Context, req sdk.PayoutRequest) (sdk.Result, error) {
	if !p.settings.paysOut() {
		return sdk.Result{}, without(sdk.OperationPayout, "transfer_password")
	}
	body, refused := p.remittanceOf(req)
	if refused != nil {
		return refused.result(), nil
	}
	before, err := p.introduce(ctx, body.contact)
	if err != nil {
		return unsent(err)
	}
	return p.send(ctx, body.transfer, before)
}

// introduce makes the receiver a contact, without whom send is refused. It may
// be repeated: a contact that is known already is no error.
func (p *provider) introduce(ctx context.Context, who contact) ([]sdk.Exchange, error) {
	// After send_by nothing is sent any more, so that waiting longer is in vain.
	if at, ok := sdk.SendBy(ctx); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, at)
		defer cancel()
	}
	body, err := listOf(who)
	if err != nil {
		return nil, err
	}
	r, err := p.authorized(ctx, p.http.Ask, transferCall{method: http.MethodPost, path: "/v1/transfer/contact", body: body})
	if err != nil {
		return nil, notSent(err)
	}
	if !r.knowsContact() {
		return nil, p.turnedAway("contact", r)
	}
	return r.Exchanges, nil
}

// notSent turns a fault of a question that comes before send into the proof
// that send was not called.
func notSent(err error) error {
	var fault *sdk.Error
	if !errors.As(err, &fault) || fault.Sent == sdk.NotSent {
		return err
	}
	return notMade("contact: no answer", err)
}

// knowsContact reports whether the receiver is a contact now, or was before.
func (r reply) knowsContact() bool {
	if r.unclear() || !r.done() && r.code() != codeKnownContact {
		return false
	}
	return !slices.ContainsFunc(r.items, func(item fields) bool {
		code := item.text("code")
		return code != "" && code != codeDone && code != codeKnownContact
	})
}

// send calls send, once.
func (p *provider) send(ctx context.Context, one transfer, before []sdk.Exchange) (sdk.Result, error) {
	body, err := listOf(one)
	if err != nil {
		return sdk.Result{}, err
	}
	r, err := p.authorized(ctx, p.http.Move, transferCall{
		method: http.MethodPost, path: "/v1/transfer/money/send/contact", body: body,
	})
	if err != nil {
		return unsent(preceded(err, before))
	}
	r.Exchanges = slices.Concat(before, r.Exchanges)
	return p.sent(r, one.ClientTransactionID), nil
}

// queryPayout asks check/money what became of the transfer with the attempt's
// Ref, which also finds what a lost answer created.
func (p *provider) queryPayout(ctx context.Context, attempt sdk.Attempt) (sdk.Result, error) {
	if !p.settings.paysOut() {
		return sdk.Result{Alert: "a payout cannot be asked about: set transfer_password"}, nil
	}
	r, err := p.authorized(ctx, p.http.Ask, transferCall{
		method: http.MethodGet, path: "/v1/transfer/check/money",
		query: url.Values{"client_transaction_id": {attempt.Ref}},
	})
	if err != nil {
		return unasked(err)
	}
	return p.traced(r, attempt.Ref), nil
}
