package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/httpx"
)

// teller is a plugin as an author would write it, with serve and httpx, for a
// provider that a test plays (see house). A payment has a key at the provider, a
// payout may be asked for again. Started by an engine, this binary is it.
type teller struct{}

// tellerName is the plugin that this test's binary is when an engine starts it.
const tellerName = "teller"

func (teller) Describe() sdk.Manifest {
	facts := sdk.Facts{
		Idempotency: sdk.IdempotencyKey, KeyTTL: 24 * time.Hour, KeyScope: "account", QueryBy: sdk.QueryByOurRef,
		TellsCurrency: true, Reversals: true, LateSuccess: 48 * time.Hour,
	}
	harmless := facts
	harmless.Idempotency = sdk.IdempotencyHarmless
	return sdk.Manifest{
		Name: tellerName, Version: "1.0.0", Doc: "A provider that a test plays.",
		Settings: sdk.Schema{
			{Name: "base_url", Kind: sdk.FieldURL, Required: true},
			{Name: "lost", Kind: sdk.FieldString, Enum: []string{"not sent", "sent"}, Doc: "what a call without an answer is taken for, whatever is proved; for controls"},
			{Name: "clumsy", Kind: sdk.FieldBool, Doc: "does wrong what a description says"},
			{Name: "limits_first", Kind: sdk.FieldBool, Doc: "429 means that nothing was created"},
		},
		Facts:        map[sdk.Kind]sdk.Facts{sdk.KindPayment: facts, sdk.KindPayout: harmless},
		Capabilities: new(till).Capabilities(),
	}
}

func (teller) Open(settings sdk.Settings) (sdk.Provider, error) {
	client, err := httpx.New(httpx.Options{UserAgent: "Paymux-Teller/1.0"})
	return &till{client, settings.Text("base_url"), settings.Text("lost"), settings.Bool("clumsy"), settings.Bool("limits_first")}, err
}

// till is one account.
type till struct {
	http                *httpx.Client
	base, lost          string
	clumsy, limitsFirst bool
}

func (t *till) Capabilities() sdk.Capabilities {
	return sdk.Capabilities{
		Operations: sdk.OperationsOf(t),
		Corridors:  []sdk.Corridor{{Kind: sdk.KindPayment}, {Kind: sdk.KindPayout}},
	}
}

// slip is what the provider is told, and what it tells.
type slip struct {
	ID        string `json:"id,omitempty"`
	Reference string `json:"reference,omitempty"`
	Amount    string `json:"amount,omitempty"`
	Currency  string `json:"currency,omitempty"`
	Status    string `json:"status,omitempty"`
	Code      string `json:"code,omitempty"`
	URL       string `json:"url,omitempty"`
	Memo      string `json:"memo,omitempty"`
}

func (t *till) CreatePayment(ctx context.Context, req sdk.PaymentRequest) (sdk.Result, error) {
	return t.create(ctx, "/payments", req.Attempt, req.Description)
}

func (t *till) CreatePayout(ctx context.Context, req sdk.PayoutRequest) (sdk.Result, error) {
	return t.create(ctx, "/payouts", req.Attempt, req.Description)
}

func (t *till) create(ctx context.Context, path string, a sdk.Attempt, memo string) (sdk.Result, error) {
	wrong := ""
	if t.clumsy {
		wrong = memo
	}
	before(ctx, wrong)
	answer, err := t.http.Move(ctx, t.request(http.MethodPost, path, a.Ref, slip{
		Reference: a.Ref, Amount: a.Amount.Decimal(), Currency: a.Amount.Currency().String(), Memo: memo,
	}))
	if broken := after(ctx, wrong); broken != nil {
		return sdk.Result{}, broken
	}
	switch {
	case err != nil && t.lost == "not sent":
		return sdk.Result{}, &sdk.Error{Kind: sdk.KindUnavailable, Message: "no answer", Sent: sdk.NotSent}
	case err != nil && t.lost == "sent":
		return sdk.Result{}, &sdk.Error{Kind: sdk.KindUnavailable, Message: "no answer"}
	case err != nil:
		return sdk.Result{}, err
	}
	result := read(answer)
	t.refuse(answer.Status, &result)
	switch wrong {
	case "a message of 5 MiB":
		result.Message = strings.Repeat("x", 5<<20)
	case "an outcome of tomorrow":
		result.Outcome = 99
	}
	return result, nil
}

// before delays the call.
func before(ctx context.Context, wrong string) {
	switch wrong {
	case "late for send_by":
		at, _ := sdk.SendBy(ctx)
		<-time.After(time.Until(at) + 50*time.Millisecond)
	case "late for the deadline":
		<-ctx.Done()
	}
}

// after is what goes wrong in the plugin when the provider has answered.
func after(ctx context.Context, wrong string) error {
	switch wrong {
	case "the process ends":
		os.Exit(3)
	case "a panic":
		panic("a bug")
	case "nobody looks at the deadline":
		deadline, _ := ctx.Deadline()
		<-time.After(time.Until(deadline) + 3*time.Second)
	case "a plain error":
		return errors.New("a bug")
	case "a canceled call":
		return context.Canceled
	}
	return nil
}

// refuse reads the statuses that the provider documents as "nothing was created".
func (t *till) refuse(status int, result *sdk.Result) {
	no := map[int]sdk.Reason{
		http.StatusBadRequest: sdk.ReasonInvalidRequest, http.StatusUnauthorized: sdk.ReasonAuthentication,
		http.StatusForbidden: sdk.ReasonAuthentication, http.StatusNotFound: sdk.ReasonNotSupported,
		http.StatusMethodNotAllowed: sdk.ReasonNotSupported, http.StatusUnprocessableEntity: sdk.Reason(result.ProviderCode),
	}
	if t.limitsFirst {
		no[http.StatusTooManyRequests] = sdk.ReasonRateLimited
	}
	if reason, refused := no[status]; refused {
		result.Outcome, result.Reason = sdk.OutcomeRejected, reason
	}
}

// read tells what the provider said. What is not understood stays UNKNOWN.
func read(answer httpx.Response) sdk.Result {
	result := sdk.Result{Exchanges: answer.Exchanges, RetryAfter: answer.RetryAfter()}
	var said slip
	if json.Unmarshal(answer.Body, &said) != nil {
		return result
	}
	result.ProviderRef, result.ProviderStatus, result.ProviderCode = said.ID, said.Status, said.Code
	if !answer.OK() || said.ID == "" {
		return result
	}
	result.Told = sdk.Told{Amount: said.Amount, Currency: said.Currency, Reference: said.Reference}
	switch said.Status {
	case "open":
		result.Outcome = sdk.OutcomeRequiresAction
		result.NextAction = &sdk.NextAction{Type: sdk.ActionRedirect, URL: said.URL}
	case "working", "held":
		result.Outcome, result.Held = sdk.OutcomePending, said.Status == "held"
	case "declined":
		result.Outcome, result.Reason = sdk.OutcomeDeclined, sdk.ReasonDeclined
	case "stolen":
		result.Outcome, result.Reason = sdk.OutcomeDeclinedFinal, sdk.ReasonDeclined
	default:
		result.Outcome = map[string]sdk.Outcome{
			"paid": sdk.OutcomeSucceeded, "canceled": sdk.OutcomeCanceled, "expired": sdk.OutcomeExpired, "reversed": sdk.OutcomeReversed,
		}[said.Status]
	}
	return result
}

func (t *till) QueryStatus(ctx context.Context, a sdk.Attempt) (sdk.Result, error) {
	answer, err := t.http.Ask(ctx, t.request(http.MethodGet, "/status/"+a.Ref, "", slip{}))
	if err != nil {
		return sdk.Result{}, err
	}
	result := read(answer)
	t.refuse(answer.Status, &result) // A mistake on purpose: a question cannot know that.
	return result, nil
}

func (t *till) Cancel(ctx context.Context, a sdk.Attempt) (sdk.VerdictResult, error) {
	return t.tell(ctx, a, "cancel")
}

func (t *till) ApprovePayout(ctx context.Context, a sdk.Attempt) (sdk.VerdictResult, error) {
	return t.tell(ctx, a, "approve")
}

func (t *till) RejectPayout(ctx context.Context, a sdk.Attempt) (sdk.VerdictResult, error) {
	return t.tell(ctx, a, "reject")
}

func (t *till) tell(ctx context.Context, a sdk.Attempt, what string) (sdk.VerdictResult, error) {
	answer, err := t.http.Move(ctx, t.request(http.MethodPost, "/"+what, "", slip{Reference: a.Ref}))
	switch {
	case err != nil:
		return sdk.VerdictResult{}, err
	case answer.OK():
		return sdk.VerdictResult{Verdict: sdk.VerdictAccepted}, nil
	default:
		return sdk.VerdictResult{Message: http.StatusText(answer.Status)}, nil
	}
}

func (t *till) request(method, path, key string, said slip) httpx.Request {
	body, _ := json.Marshal(said) // Only texts are in it.
	header := http.Header{"Content-Type": {"application/json"}}
	if key != "" {
		header.Set("Idempotency-Key", key)
	}
	return httpx.Request{Method: method, URL: t.base + path, Header: header, Body: body}
}
