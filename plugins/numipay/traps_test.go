package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/paymux/paymux/plugins/numipay/sandbox"
	"github.com/paymux/paymux/sdk"
)

// Each test here is a mistake that integrations of Numipay are prone to.

func TestTrapCardDataIsSentOnceAndKeptNowhere(t *testing.T) {
	var calls atomic.Int32
	p := local(t, func(http.ResponseWriter, *http.Request) { calls.Add(1); panic(http.ErrAbortHandler) }, cards)
	for range 2 { // the second on whatever connection the first left
		result, err := p.CreatePayment(t.Context(), request(withCard))
		if outcomeOf(result, err) != sdk.OutcomeUnknown || leaks(fmt.Sprintf("%v %+v", err, result)) != "" {
			t.Errorf("want UNKNOWN without the card, got %v", outcomeOf(result, err))
		}
	}
	if calls.Load() != 2 {
		t.Errorf("2 cards were sent %d times", calls.Load())
	}
}

func TestTrapTheRawBodyIsHashedAndNotARewrittenOne(t *testing.T) {
	var object map[string]any
	if err := json.Unmarshal([]byte(special), &object); err != nil {
		t.Fatal(err)
	}
	rewritten, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	if got := notify(t, live(t), posted(special, signatureFor(string(rewritten)))); got.Authenticity != sdk.Forged {
		t.Errorf("a signature of a rewritten body: got %v", got.Authenticity)
	}
	if got := notify(t, live(t), posted(string(rewritten), specialSignature)); got.Authenticity != sdk.Forged {
		t.Errorf("a rewritten body: got %v", got.Authenticity)
	}
	if got := notify(t, live(t), posted(special, specialSignature)); got.Authenticity != sdk.Genuine {
		t.Errorf("the raw body: got %v", got.Authenticity)
	}
}

func TestTrapTheSignatureMayComeInSmallLetters(t *testing.T) {
	if got := notify(t, live(t), posted(documented, strings.ToLower(documentedSignature))); got.Authenticity != sdk.Genuine {
		t.Errorf("got %v", got.Authenticity)
	}
}

func TestTrapApproveTakesOurIDAndRejectTheirs(t *testing.T) {
	attempt := about(func(a *sdk.Attempt) { a.Evidence = evidence(sdk.OutcomePending, sdk.Told{}) })
	approved := sentFor(t, nil, func(p *provider) error { _, err := approve(p, t, attempt); return err })
	rejected := sentFor(t, nil, func(p *provider) error { _, err := reject(p, t, attempt); return err })
	same(t, `{"transaction_id":"`+testRef+`"}`, approved[0].Body)
	same(t, `{"transaction_id":"`+theirID+`"}`, rejected[0].Body)
}

func TestTrapOnlyCreatingCallsAreWrapped(t *testing.T) {
	attempt := about(func(a *sdk.Attempt) { a.ProviderRef = theirID })
	for name, c := range map[string]struct {
		call    func(*provider) error
		wrapped bool
	}{
		"payment": {func(p *provider) error { _, err := p.CreatePayment(t.Context(), request(nil)); return err }, true},
		"card":    {func(p *provider) error { _, err := p.CreatePayment(t.Context(), request(withCard)); return err }, true},
		"payout":  {func(p *provider) error { _, err := p.CreatePayout(t.Context(), payout(nil)); return err }, true},
		"approve": {func(p *provider) error { _, err := approve(p, t, attempt); return err }, false},
		"reject":  {func(p *provider) error { _, err := reject(p, t, attempt); return err }, false},
	} {
		t.Run(name, func(t *testing.T) {
			calls := sentFor(t, cards, c.call)
			if got := strings.HasPrefix(calls[0].Body, `{"request":{`); got != c.wrapped {
				t.Errorf("wrapped: %t", got)
			}
		})
	}
}

func TestTrapTheListTakesDaysAndSixOfThem(t *testing.T) {
	for _, query := range windowsOf(t, "2026-01-01T00:00:00Z", "2026-12-31T00:00:00Z") {
		var from, to string
		if _, err := fmt.Sscanf(strings.ReplaceAll(query, "&", " "), "from=%s to=%s", &from, &to); err != nil {
			t.Fatal(err)
		}
		first, err := time.Parse("02-01-2006", from)
		if err != nil {
			t.Fatal(err)
		}
		last, err := time.Parse("02-01-2006", to)
		if err != nil || last.Sub(first) > 6*24*time.Hour || last.Before(first) {
			t.Errorf("got %s, %v", query, err)
		}
	}
}

func TestTrapTheAmountIsATextWithTwoDecimals(t *testing.T) {
	calls := sentFor(t, nil, func(p *provider) error { _, err := p.CreatePayment(t.Context(), request(nil)); return err })
	if !strings.Contains(calls[0].Body, `"amount":"200.00"`) {
		t.Error("the amount is not the text 200.00")
	}
	for _, amount := range []string{`"200.00"`, `200.00`} {
		g := &gateway{status: says("successful"), list: lists("successful", `"currency":"EUR","amount":`+amount)}
		if got := g.ask(t, about(nil)); got.Told.Amount != "200.00" {
			t.Errorf("%s: got %q", amount, got.Told.Amount)
		}
	}
}

func TestTrapPaidNeedsStatusAndTheMoney(t *testing.T) {
	heard := evidence(sdk.OutcomeSucceeded, sdk.Told{Amount: "200.00", Currency: "EUR"})
	for name, c := range map[string]struct {
		word     string
		evidence *sdk.Evidence
		want     sdk.Outcome
	}{
		"the webhook alone": {"pending", heard, sdk.OutcomePending},
		"status alone":      {"successful", nil, sdk.OutcomePending},
		"both":              {"successful", heard, sdk.OutcomeSucceeded},
	} {
		t.Run(name, func(t *testing.T) {
			g := &gateway{status: says(c.word), list: `[]`}
			if got := g.ask(t, about(func(a *sdk.Attempt) { a.Evidence = c.evidence })); got.Outcome != c.want {
				t.Errorf("want %v, got %v", c.want, got.Outcome)
			}
		})
	}
}

func TestTrapApprovedIsNotPaidAndNotHeldAgain(t *testing.T) {
	shop := newShop(t, "over the wire", sandbox.Options{RequireApproval: true}, nil)
	attempt, _ := shop.payOut(t, 10_004) // pending for ever, also when approved
	attempt, verdict := shop.decide(t, attempt, "approve")
	if got := shop.ask(t, attempt); verdict != sdk.VerdictAccepted || got.Outcome != sdk.OutcomePending || got.Held {
		t.Errorf("%v: got %+v", verdict, got)
	}
}

func TestTrapA5xxIsNeverARefusal(t *testing.T) {
	for status := 500; status <= 599; status++ {
		for _, body := range []string{"", `{"message":"internal error"}`, says("rejected")} {
			if got := live(t).created(answered(status, body), about(nil)); got.Outcome != sdk.OutcomeUnknown {
				t.Errorf("HTTP %d %s: want UNKNOWN, got %v", status, body, got.Outcome)
			}
		}
	}
}

func TestTrapALatePendingHidesNoMoneyAndTheIDComesLater(t *testing.T) {
	shop := newShop(t, "over the wire", sandbox.Options{}, nil)
	req, created, err := shop.pay(t.Context(), 10_009, nil)
	if err != nil {
		t.Fatal(err)
	}
	shop.Advance(3 * time.Second)
	heard := shop.webhooks()
	if got := shop.ask(t, req.Attempt); heard[len(heard)-1] != genuine("pending") || got.Outcome != sdk.OutcomeSucceeded {
		t.Errorf("after %v: got %v", heard, got.Outcome)
	}
	only := newShop(t, "over the wire", sandbox.Options{}, nil)
	req, created, err = only.pay(t.Context(), 10_015, nil)
	if err != nil || created.Outcome != sdk.OutcomeRequiresAction || created.ProviderRef != "" {
		t.Fatalf("only a url: got %+v, %v", created, err)
	}
	only.Advance(3 * time.Second)
	if got := only.ask(t, req.Attempt); got.ProviderRef != only.row(t).TransactionID {
		t.Errorf("their id was not learned: got %q", got.ProviderRef)
	}
}

func TestTrapTheKeyAndNotTheURLDecidesWhetherMoneyMoves(t *testing.T) {
	for key, live := range map[string]bool{sandbox.DevKey: false, sandbox.LiveKey: true} {
		t.Run(key, func(t *testing.T) {
			shop := newShop(t, "over the wire", sandbox.Options{}, map[string]any{"api_key": key})
			if _, _, err := shop.pay(t.Context(), 10_000, nil); err != nil {
				t.Fatal(err)
			}
			if row := shop.row(t); row.Live != live {
				t.Errorf("got %+v", row)
			}
		})
	}
	shop := newShop(t, "over the wire", sandbox.Options{}, map[string]any{"api_key": "another"})
	_, got, err := shop.pay(t.Context(), 10_000, nil)
	if err != nil || got.Outcome != sdk.OutcomeRejected || got.Reason != sdk.ReasonAuthentication || got.Alert == "" {
		t.Errorf("an unknown key: got %+v, %v", got, err)
	}
}

func TestARefusedConnectionIsNotSentOnlyForACreate(t *testing.T) {
	p := open(t, with(closedAddress(t), cards))
	for name, change := range map[string]func(*sdk.PaymentRequest){"hosted": nil, "card": withCard} {
		if _, err := p.CreatePayment(t.Context(), request(change)); sdk.CreateOutcome(err) != sdk.OutcomeNotSent {
			t.Errorf("%s: want NOT_SENT, got %v", name, err)
		}
	}
	if _, err := p.CreatePayout(t.Context(), payout(nil)); sdk.CreateOutcome(err) != sdk.OutcomeNotSent {
		t.Errorf("payout: want NOT_SENT, got %v", err)
	}
	if _, err := p.QueryStatus(t.Context(), about(nil)); err == nil || sdk.CreateOutcome(err) != sdk.OutcomeUnknown {
		t.Errorf("status: want a fault that is not NOT_SENT, got %v", err)
	}
	list := sdk.ListRequest{From: began(), To: began()}
	if _, err := p.ListTransactions(t.Context(), list); err == nil || sdk.CreateOutcome(err) != sdk.OutcomeUnknown {
		t.Errorf("list: want a fault that is not NOT_SENT, got %v", err)
	}
	if got, err := approve(p, t, about(nil)); err == nil || got.Verdict != sdk.VerdictUnknown {
		t.Errorf("approve: want a fault, got %+v", got)
	}
}

func TestACreateAfterSendByIsNotSent(t *testing.T) {
	p := local(t, func(http.ResponseWriter, *http.Request) { t.Error("it was sent") }, nil)
	late := sdk.WithSendBy(t.Context(), time.Now().Add(-time.Second))
	if _, err := p.CreatePayment(late, request(nil)); sdk.CreateOutcome(err) != sdk.OutcomeNotSent {
		t.Errorf("want NOT_SENT, got %v", err)
	}
}

func TestATimeoutAfterSendingIsUnknown(t *testing.T) {
	received := make(chan struct{})
	p := local(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		close(received)
		<-r.Context().Done()
	}, nil)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() { <-received; cancel() }()
	_, err := p.CreatePayment(ctx, request(nil))
	if err == nil || sdk.CreateOutcome(err) != sdk.OutcomeUnknown {
		t.Errorf("want a fault that is UNKNOWN, got %v", err)
	}
}

func TestOutputsTellNoSecret(t *testing.T) {
	p := local(t, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `{"transaction_status":"rejected","rejected_reason":"%s %s"}`, r.Header.Get("X-Api-Key"), testPassword)
	}, nil)
	got, err := p.QueryStatus(t.Context(), about(nil))
	if err != nil {
		t.Fatal(err)
	}
	if shown := fmt.Sprintf("%+v %+v %#v", got, p.settings, p.settings); strings.Contains(shown, testKey) || strings.Contains(shown, testPassword) {
		t.Errorf("a secret shows in %s", shown)
	}
	exchange := got.Exchanges[0]
	if exchange.Method != http.MethodGet || exchange.HTTPStatus != 200 || !exchange.GotConn || !strings.HasSuffix(exchange.URL, "/transactions/"+testRef) {
		t.Errorf("got %+v", exchange)
	}
}
