package conformance_test

import (
	"context"
	"crypto/hmac"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/httpx"
	"github.com/paymux/paymux/sdk/money"
)

// tally is the plugin of the invented provider. It is honest, but for the clause
// that flaw names: that one it breaks, and no other.
type tally struct {
	flaw string
	// offers are the kinds that it creates.
	offers []sdk.Kind
	// asProcess says that it is served in a process of its own.
	asProcess bool
	// over ends what a leak keeps alive.
	over  chan struct{}
	calls *counter
}

func newTally(flaw string, offers ...sdk.Kind) tally {
	return tally{flaw: flaw, offers: offers, over: make(chan struct{}), calls: &counter{}}
}

// counter counts.
type counter struct {
	mu sync.Mutex
	n  int
}

func (c *counter) next() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n++
	return c.n
}

func (t tally) breaks(clause string) bool { return t.flaw == clause }

func (t tally) Describe() sdk.Manifest {
	facts := sdk.Facts{
		Idempotency: sdk.IdempotencyUniqueReference, QueryBy: sdk.QueryByOurRef, TellsCurrency: true,
		PushWebhooks: !t.breaks("the manifest agrees with the sandbox"),
	}
	m := sdk.Manifest{
		Name: "tally", Version: "1.0.0", Doc: "Tally: an invented provider",
		Settings: sdk.Schema{
			{Name: "base_url", Kind: sdk.FieldURL, Default: "https://api.tally.example.com", Doc: "the API's root"},
			{Name: "api_key", Kind: sdk.FieldString, Required: true, Secret: true, Doc: "from the dashboard"},
			{Name: "api_secret", Kind: sdk.FieldString, Required: true, Secret: true, Doc: "signs notifications"},
			{Name: "timeout", Kind: sdk.FieldDuration, Default: "5s", Doc: "per call"},
		},
		Facts:        map[sdk.Kind]sdk.Facts{sdk.KindPayment: facts, sdk.KindPayout: facts, sdk.KindRefund: facts},
		Capabilities: (&till{tally: t}).Capabilities(),
	}
	if t.breaks("describe is stable") {
		m.Doc = fmt.Sprintf("asked %d times", t.calls.next())
	}
	if t.breaks("the schema round-trips") {
		m.Settings[3].Default = "5"
	}
	if t.breaks("a missing setting is named") {
		m.Settings[2].Required = false
	}
	return m
}

func (t tally) Open(settings sdk.Settings) (sdk.Provider, error) {
	if settings.Text("api_secret") == "" {
		return nil, errors.New("cannot sign")
	}
	client, err := httpx.New(httpx.Options{UserAgent: "Paymux-Tally/1.0", Timeout: settings.Duration("timeout")})
	if err != nil {
		return nil, err
	}
	return &till{tally: t, http: client, base: settings.Text("base_url"), key: settings.Secret("api_key")}, nil
}

// till is an account at the invented provider.
type till struct {
	tally
	http *httpx.Client
	base string
	key  sdk.Secret

	mu   sync.Mutex
	last tallyOrder // What no account should keep.
}

// created are the kinds by the operation that creates them.
var created = map[sdk.Operation]sdk.Kind{
	sdk.OperationPayment: sdk.KindPayment, sdk.OperationPayout: sdk.KindPayout, sdk.OperationRefund: sdk.KindRefund,
}

func (a *till) Capabilities() sdk.Capabilities {
	return sdk.Capabilities{
		Operations: slices.DeleteFunc(sdk.OperationsOf(a), func(op sdk.Operation) bool {
			kind, creates := created[op]
			return creates && !slices.Contains(a.offers, kind)
		}),
		Corridors: []sdk.Corridor{
			{Kind: sdk.KindPayment, Currencies: []money.Currency{money.XOF, money.EUR, money.KWD}},
			{Kind: sdk.KindPayout, Currencies: []money.Currency{money.EUR}},
			{Kind: sdk.KindRefund, Currencies: []money.Currency{money.XOF, money.EUR}},
		},
	}
}

func (a *till) CreatePayment(ctx context.Context, req sdk.PaymentRequest) (sdk.Result, error) {
	return a.order(ctx, req.Attempt, tallyOrder{Phone: req.Customer.Phone, Notify: req.NotifyURL})
}

func (a *till) CreatePayout(ctx context.Context, req sdk.PayoutRequest) (sdk.Result, error) {
	return a.order(ctx, req.Attempt, tallyOrder{Phone: req.Recipient.Phone, Notify: req.NotifyURL})
}

func (a *till) CreateRefund(ctx context.Context, req sdk.RefundRequest) (sdk.Result, error) {
	return a.order(ctx, req.Attempt, tallyOrder{Of: req.Payment.ProviderRef, Notify: req.NotifyURL})
}

func (a *till) order(ctx context.Context, attempt sdk.Attempt, asked tallyOrder) (sdk.Result, error) {
	asked.Kind, asked.Reference = string(attempt.Kind), attempt.Ref
	asked.Amount, asked.Currency = attempt.Amount.Decimal(), attempt.Amount.Currency().String()
	a.misorder(attempt, &asked)
	body, err := httpx.Encode(asked)
	if err != nil {
		return sdk.Result{}, err
	}
	answer, err := a.http.Move(a.contextOf(ctx), a.request(http.MethodPost, "/orders", body))
	if err != nil {
		return sdk.Result{}, a.worded(err, false)
	}
	switch {
	case answer.Status == http.StatusConflict && a.breaks("one charge a reference"):
		return sdk.Result{Outcome: sdk.OutcomeRejected, Reason: sdk.ReasonDuplicate, Exchanges: answer.Exchanges}, nil
	case answer.Status == http.StatusUnprocessableEntity:
		return sdk.Result{Outcome: sdk.OutcomeRejected, Reason: sdk.ReasonInvalidRequest, Exchanges: answer.Exchanges}, nil
	}
	return a.read(answer, attempt)
}

// misorder is what a flaw changes in what is asked for.
func (a *till) misorder(attempt sdk.Attempt, asked *tallyOrder) {
	switch a.flaw {
	case "the same request is the same bytes":
		asked.SentAt = time.Now().Unix()
	case "amounts are exact":
		if whole, decimals, _ := strings.Cut(asked.Amount, "."); len(decimals) > 2 {
			asked.Amount = whole + "." + decimals[:2]
		}
	case "100 calls at once":
		a.mu.Lock()
		a.last = *asked
		a.mu.Unlock()
		<-time.After(time.Millisecond)
		a.mu.Lock()
		*asked = a.last
		a.mu.Unlock()
	case "SIGTERM during a call does not lose it":
		if a.asProcess {
			dieOnSignal()
		}
	case "no goroutine leak":
		go func() { <-a.over }()
	case "no secret in any log line":
		if a.asProcess {
			fmt.Fprintln(os.Stderr, "ordering with key", a.key.Reveal())
		}
	case "a panic is a fault and the process lives":
		if attempt.Ref == "" {
			go func() { panic("no reference") }()
		}
	}
}

func (a *till) contextOf(ctx context.Context) context.Context {
	if a.breaks("the deadline is honoured") {
		return context.WithoutCancel(ctx)
	}
	return ctx
}

// worded is the fault of a call as it leaves, wrongly where a flaw wants it.
func (a *till) worded(err error, query bool) error {
	fault, ok := errors.AsType[*sdk.Error](err)
	if !ok {
		return err
	}
	wrong := *fault
	if !query && a.breaks("a refused connection is NOT_SENT") {
		wrong.Sent = sdk.MaybeSent
	}
	if query && a.breaks("a refused query is not NOT_SENT") {
		wrong.Sent = sdk.NotSent
	}
	return &wrong
}

// read tells what the provider said.
func (a *till) read(answer httpx.Response, attempt sdk.Attempt) (sdk.Result, error) {
	result := sdk.Result{Exchanges: answer.Exchanges}
	var said tallyOrder
	if !answer.OK() || json.Unmarshal(answer.Body, &said) != nil {
		if answer.OK() && a.breaks("an unreadable answer is UNKNOWN") {
			result.Outcome = sdk.OutcomePending
		}
		return result, nil
	}
	result.ProviderRef, result.ProviderStatus, result.ProviderCode = said.ID, said.Status, said.Code
	result.Told = sdk.Told{Amount: said.Amount, Currency: said.Currency, Reference: said.Reference}
	switch said.Status {
	case "open":
		result.Outcome = sdk.OutcomeRequiresAction
		result.NextAction = &sdk.NextAction{Type: sdk.ActionRedirect, URL: said.URL}
	case "paid":
		result.Outcome = sdk.OutcomeSucceeded
	case "declined":
		result.Outcome, result.Reason = sdk.OutcomeDeclined, sdk.ReasonDeclined
	}
	return a.misread(result, attempt)
}

// misread is what a flaw changes in what is told.
func (a *till) misread(result sdk.Result, attempt sdk.Attempt) (sdk.Result, error) {
	switch a.flaw {
	case "a difference is told as the provider said it":
		result.Told.Amount, result.Told.Currency = attempt.Amount.Decimal(), attempt.Amount.Currency().String()
	case "the provider's words are verbatim":
		result.ProviderStatus = strings.ToUpper(result.ProviderStatus)
	case "declined is not a fault":
		if result.Outcome == sdk.OutcomeDeclined {
			return sdk.Result{}, &sdk.Error{Kind: sdk.KindInvalid, ProviderCode: result.ProviderCode, Message: "declined"}
		}
	case "an unknown status word is UNKNOWN":
		if result.Outcome == sdk.OutcomeUnknown {
			result.Outcome = sdk.OutcomeSucceeded
		}
	}
	return result, nil
}

func (a *till) QueryStatus(ctx context.Context, attempt sdk.Attempt) (sdk.Result, error) {
	ref := attempt.Ref
	if a.breaks("a lost answer is UNKNOWN and can be resolved") {
		ref = attempt.ProviderRef
	}
	answer, err := a.http.Ask(a.contextOf(ctx), a.request(http.MethodGet, "/orders?ref="+url.QueryEscape(ref), nil))
	if err != nil {
		return sdk.Result{}, a.worded(err, true)
	}
	return a.read(answer, attempt)
}

func (a *till) HandleNotification(_ context.Context, req sdk.NotificationRequest) (sdk.Notification, error) {
	genuine := hmac.Equal([]byte(signed(req.Body)), []byte(req.Header.Get("X-Tally-Signature")))
	if !genuine && !a.breaks("a bad signature is refused") {
		return sdk.Notification{Authenticity: sdk.Forged, Status: http.StatusUnauthorized}, nil
	}
	var said tallyOrder
	if json.Unmarshal(req.Body, &said) != nil {
		return sdk.Notification{Authenticity: sdk.Hint}, nil
	}
	key := said.ID + " " + said.Status
	if a.breaks("repeated notifications are harmless") {
		key += fmt.Sprint(a.calls.next())
	}
	return sdk.Notification{
		Authenticity: sdk.Genuine, Ref: said.Reference, ProviderRef: said.ID, DedupeKey: key, Confirm: true,
		Result: sdk.Result{ProviderStatus: said.Status},
	}, nil
}

func (a *till) request(method, path string, body []byte) httpx.Request {
	header := http.Header{"Authorization": {"Bearer " + a.key.Reveal()}, "Content-Type": {"application/json"}}
	return httpx.Request{Method: method, URL: a.base + path, Header: header, Body: body}
}
