package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// Each test here is a mistake that an integration of EnovePay invites.

func TestTrapAWebhookAloneNeitherCreditsNorFails(t *testing.T) {
	for _, word := range []string{"Success", "Failed", "Refunded", "Credit In Progress"} {
		got := notify(t, live(t), posted(names(testID, `,"status_code":100,"transaction_amount":10,"transaction_status":"`+word+`"`), tokenOK))
		if got.Authenticity != sdk.Genuine || !got.Confirm {
			t.Errorf("%s: believed without a question: %+v", word, got)
		}
	}
}

func TestTrapHandledIsNotPaidAndNoSuccessIsNotFailed(t *testing.T) {
	for name, body := range map[string]string{
		"100 is accepted":          `{"success":true,"status_code":100,"transaction_amount":1000}`,
		"114 is false and waiting": `{"success":false,"status_code":114}`,
	} {
		if got := live(t).told(answered(200, body), asked()); got.Outcome != pending {
			t.Errorf("%s: status: got %v", name, got.Outcome)
		}
		if got := live(t).created(answered(200, body), opCollect, testRef); got.Outcome != action {
			t.Errorf("%s: collect: got %v", name, got.Outcome)
		}
		hook := `{"transaction_id":"` + testID + `",` + body[1:]
		if got := notify(t, live(t), posted(hook, tokenOK)); got.Result.Outcome != pending {
			t.Errorf("%s: webhook: got %v", name, got.Result.Outcome)
		}
	}
}

func TestTrapTheFailedWebhookHasNeitherStatusNorAmount(t *testing.T) {
	got := notify(t, live(t), posted(sample(t, "webhook-failed.json"), tokenFailed))
	if got.Result.Outcome != declined || got.Result.ProviderStatus != "" || got.Result.Told.Amount != "" || got.Alert != "" {
		t.Errorf("got %+v", got)
	}
}

func TestTrapTheIDComesFirstInTheTokenAndItsCaseDoesNotMatter(t *testing.T) {
	body := names(testID, "")
	for token, want := range map[string]sdk.Authenticity{
		tokenOK: sdk.Genuine, strings.ToUpper(tokenOK): sdk.Genuine, tokenSwapped: sdk.Forged,
	} {
		if got := notify(t, live(t), posted(body, token)); got.Authenticity != want {
			t.Errorf("%s: want %v, got %v", token, want, got.Authenticity)
		}
	}
}

func TestTrapHTTP200IsNoAgreement(t *testing.T) {
	for code := 101; code <= 116; code++ {
		got := live(t).created(answered(200, says(fmt.Sprint(code))), opPayout, testRef)
		if accepts := got.Outcome == pending; accepts != (code == 114) {
			t.Errorf("%d: got %v", code, got.Outcome)
		}
	}
}

func TestTrapARepeatedWebhookHasTheSameKey(t *testing.T) {
	const paid = `,"status_code":100,"transaction_status":"Success","transaction_amount":10`
	first := notify(t, live(t), posted(names(testID, paid), tokenOK))
	again := notify(t, live(t), posted(names(testID, paid+`,"message":"once more"`), tokenOK))
	if first.DedupeKey == "" || first.DedupeKey != again.DedupeKey {
		t.Errorf("want one key, got %q and %q", first.DedupeKey, again.DedupeKey)
	}
	taken := notify(t, live(t), posted(names(testID, strings.Replace(paid, "Success", "Refunded", 1)), tokenOK))
	other := notify(t, live(t), posted(names(thirdID, paid), tokenThird))
	if taken.DedupeKey == first.DedupeKey || other.DedupeKey == first.DedupeKey {
		t.Errorf("want keys of their own, got %q and %q", taken.DedupeKey, other.DedupeKey)
	}
}

func TestTrapALateCreditInProgressOnlyWaitsAndARefundFollowsSuccess(t *testing.T) {
	// PENDING never undoes an end: the engine refuses it. REVERSED does, and is asked for.
	if got := live(t).told(answered(200, tells("100", "Credit In Progress")), asked()); got.Outcome != pending {
		t.Errorf("late: got %v", got.Outcome)
	}
	if got := live(t).told(answered(200, tells("100", "Refunded")), asked()); got.Outcome != reversed {
		t.Errorf("refunded: got %v", got.Outcome)
	}
	for kind, facts := range (plugin{}).Describe().Facts {
		if !facts.Reversals || facts.DeclinedIsFinal || facts.LateSuccess != 48*time.Hour {
			t.Errorf("%s: got %+v", kind, facts)
		}
	}
}

func TestTrapALostCallIsFoundByItsReferenceAndNeverRepeated(t *testing.T) {
	var calls []string
	var turn sync.Mutex // Nothing else orders a call whose connection was cut before the next one.
	p := local(t, nil, func(w http.ResponseWriter, r *http.Request) {
		turn.Lock()
		defer turn.Unlock()
		calls = append(calls, r.Method+" "+r.URL.RequestURI())
		if r.Method == http.MethodPost {
			panic(http.ErrAbortHandler)
		}
		fmt.Fprint(w, tells("100", "Credit In Progress"))
	})
	_, err := p.CreatePayment(t.Context(), collection(nil))
	if err == nil || sdk.CreateOutcome(err) != unknown {
		t.Errorf("want a fault that is UNKNOWN, got %v", err)
	}
	found, err := p.QueryStatus(t.Context(), collection(nil).Attempt)
	if err != nil || found.Outcome != pending || found.ProviderRef != testID {
		t.Errorf("want the transaction adopted, got %+v, %v", found, err)
	}
	want := []string{"POST /v1/collections", "GET /v1/transactions?reference_number=" + testRef}
	if diff := cmp.Diff(want, calls); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTrapAmountsAreRefusedAndNeverRounded(t *testing.T) {
	for name, amount := range map[string]money.Amount{
		"XOF": money.Of(1003, money.XOF), "XAF": money.Of(1004, money.XAF), "KES": money.Of(10_050, money.KES),
	} {
		for _, m := range markets() {
			if m.currency != amount.Currency() {
				continue
			}
			if number, refusal := m.number(amount); refusal == nil || refusal.reason != badRequest {
				t.Errorf("%s in %s: sent as %s", name, m.country, number)
			}
		}
	}
}

func TestTrapOnlyHTTPSIsCalledBack(t *testing.T) {
	for text, takes := range map[string]bool{
		"https://pay.example.com/n": true, "http://pay.example.com/n": false, "http://127.0.0.1:8080/n": true,
		"http://[::1]/n": true, "http://localhost:8080/n": true, "http://localhost.example.com/n": false,
		"ftp://pay.example.com/n": false, "https://user:word@pay.example.com/n": false, "": true,
	} {
		got, refusal := live(t).collectionOf(collection(func(r *sdk.PaymentRequest) { r.NotifyURL = text }))
		if (refusal == nil) != takes || takes && got.CallbackURL != text {
			t.Errorf("%q: got %q, %v", text, got.CallbackURL, refusal)
		}
	}
}

func TestTrapDebitorAccountIsNotOurReference(t *testing.T) {
	body := `{"status_code":112,"debitor_account":"` + testRef + `","transaction_ref":"other"}`
	said := read(answered(200, body).Response, sdk.Secret{}).fields
	if got := said.reference(); got != "other" {
		t.Errorf("got the reference %q", got)
	}
	if got := notify(t, live(t), posted(names(testID, `,"debitor_account":"`+testRef+`"`), tokenOK)); got.Ref != "" {
		t.Errorf("got the reference %q", got.Ref)
	}
}

func TestADuplicateIsUnknownWhateverItSays(t *testing.T) {
	for _, body := range []string{says("104"), tells("104", "Success"), tells("104", "Failed"), tells("104", "Credit In Progress")} {
		for _, name := range []operation{opCollect, opPayout} {
			if got := live(t).created(answered(409, body), name, testRef); got.Outcome != unknown || got.ProviderRef != "" {
				t.Errorf("%s to %s: got %+v", body, name, got)
			}
		}
	}
}

func TestARefusedConnectionIsNotSentOnlyForACreate(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := open(t, with("http://"+listener.Addr().String(), nil))
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := p.CreatePayment(t.Context(), collection(nil)); sdk.CreateOutcome(err) != sdk.OutcomeNotSent {
		t.Errorf("collect: want NOT_SENT, got %v", err)
	}
	if _, err := p.CreatePayout(t.Context(), disbursement(nil)); sdk.CreateOutcome(err) != sdk.OutcomeNotSent {
		t.Errorf("payout: want NOT_SENT, got %v", err)
	}
	if _, err := p.QueryStatus(t.Context(), asked()); err == nil || sdk.CreateOutcome(err) != unknown {
		t.Errorf("status: want a fault that is not NOT_SENT, got %v", err)
	}
}

func TestACreateAfterSendByIsNotSent(t *testing.T) {
	p := local(t, nil, nothingIsSent(t))
	late := sdk.WithSendBy(t.Context(), time.Now().Add(-time.Second))
	if _, err := p.CreatePayment(late, collection(nil)); sdk.CreateOutcome(err) != sdk.OutcomeNotSent {
		t.Errorf("want NOT_SENT, got %v", err)
	}
}

func TestATimeoutAfterSendingIsUnknown(t *testing.T) {
	received := make(chan struct{})
	p := local(t, nil, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		close(received)
		<-r.Context().Done()
	})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() { <-received; cancel() }()
	if _, err := p.CreatePayout(ctx, disbursement(nil)); err == nil || sdk.CreateOutcome(err) != unknown {
		t.Errorf("want a fault that is UNKNOWN, got %v", err)
	}
}

func TestCallsCarryTheHeadersAndTellNoSecret(t *testing.T) {
	p := local(t, nil, func(w http.ResponseWriter, r *http.Request) {
		for name, want := range map[string]string{
			"Authorization": "Bearer " + testToken, "Content-Type": "application/json", "Accept": "application/json", "User-Agent": "Paymux/1.0",
		} {
			if got := r.Header.Get(name); got != want {
				t.Errorf("%s: want %q, got %q", name, want, got)
			}
		}
		fmt.Fprint(w, sample(t, "answer-accepted.json"))
	})
	created, err := p.CreatePayment(t.Context(), collection(nil))
	if err != nil {
		t.Fatal(err)
	}
	told, err := p.QueryStatus(t.Context(), asked())
	if err != nil {
		t.Fatal(err)
	}
	for path, result := range map[string]sdk.Result{"/v1/collections": created, "/v1/transactions/" + testID: told} {
		if len(result.Exchanges) != 1 || !strings.HasSuffix(result.Exchanges[0].URL, path) {
			t.Errorf("want one exchange with %s, got %+v", path, result.Exchanges)
		}
		shown := fmt.Sprintf("%+v %+v", result, p.settings)
		if strings.Contains(shown, testToken) || strings.Contains(shown, testSecret) || strings.Contains(shown, "0707123456") {
			t.Errorf("a secret or a phone shows in %s", shown)
		}
	}
}
