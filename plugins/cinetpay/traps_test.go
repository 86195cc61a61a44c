package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/sdk"
)

// Each test here is a mistake that integrations of CinetPay are known for.

func TestTrapTheFirewallWantsAUserAgent(t *testing.T) {
	var agents []string
	p := local(t, func(w http.ResponseWriter, r *http.Request) {
		agents = append(agents, r.UserAgent())
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, "error code: 1010")
	})
	got, err := p.CreatePayment(t.Context(), request(nil))
	if err != nil || got.Outcome != sdk.OutcomeRejected || got.Reason != sdk.ReasonAuthentication || got.ProviderCode != "1010" {
		t.Errorf("want REJECTED (authentication) with 1010, got %v (%s) with %q, %v", got.Outcome, got.Reason, got.ProviderCode, err)
	}
	if got, err := p.QueryStatus(t.Context(), request(nil).Attempt); err != nil || got.Outcome != sdk.OutcomeUnknown {
		t.Errorf("a check: want UNKNOWN, got %v, %v", got.Outcome, err)
	}
	if diff := cmp.Diff([]string{"Paymux/1.0", "Paymux/1.0"}, agents); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTrapMetadataIsNeverJSON(t *testing.T) {
	body := bodyOf(t, func(r *sdk.PaymentRequest) { r.TransactionID = `{"a":1}` })
	if got := body["metadata"]; got != "eyJhIjoxfQ==" {
		t.Errorf("got the metadata %v", got)
	}
}

func TestTrapLocalhostIsSaidBeforeSending(t *testing.T) {
	got, err := live(t).CreatePayment(t.Context(), request(func(r *sdk.PaymentRequest) { r.NotifyURL = "http://localhost/n" }))
	if err != nil || got.Outcome != sdk.OutcomeRejected || !strings.Contains(got.Message, "127.0.0.1") {
		t.Errorf("want REJECTED with the cure, got %v %q, %v", got.Outcome, got.Message, err)
	}
}

func TestTrapWaitingIsNotFailed(t *testing.T) {
	for _, body := range []string{says("201"), says("623"), says("662"), told("627", "WAITING_FOR_CUSTOMER")} {
		if got := live(t).checked(answered(200, body)); got.Outcome != sdk.OutcomePending {
			t.Errorf("%s: want PENDING, got %v", body, got.Outcome)
		}
	}
}

func TestTrapPaidNeedsMoreThanItsCode(t *testing.T) {
	for _, body := range []string{
		`{"code":"00","message":"SUCCES"}`,
		`{"code":"00","message":"SUCCES","data":{}}`,
		`{"code":"00","message":"SUCCES","data":{"amount":"100","currency":"XOF"}}`,
		`{"code":"00","message":"SUCCES","data":{"status":"ACCEPTED"}}`,
		`{"message":"SUCCES","data":{"amount":"100","currency":"XOF","status":"ACCEPTED"}}`,
	} {
		if got := live(t).checked(answered(200, body)); got.Outcome == sdk.OutcomeSucceeded {
			t.Errorf("%s: SUCCEEDED", body)
		}
	}
	if got := live(t).initiated(answered(200, `{"code":"00","message":"SUCCES"}`)); got.Outcome != sdk.OutcomeUnknown {
		t.Errorf("00 at init: want UNKNOWN, got %v", got.Outcome)
	}
}

func TestTrapTheStrangeSpellingsAreReal(t *testing.T) {
	got := live(t).initiated(answered(400, `{"code":"620","message":"ERROR_DOUBLE_PAYEMNT"}`))
	if got.ProviderStatus != "ERROR_DOUBLE_PAYEMNT" {
		t.Errorf("got the status %q", got.ProviderStatus)
	}
	if signedFields()[8] != "cpm_phone_prefixe" {
		t.Errorf("the ninth signed field is %q", signedFields()[8])
	}
}

func TestTrapXTokenIsTheSecretKeysOverTheValuesAsTheyAre(t *testing.T) {
	blank := formOf(strings.Replace(vectorA, "Paiement mobile", " Paiement mobile", 1))
	message := blank.inFormula()
	sha512Of := hmac.New(sha512.New, []byte(testSecret))
	sha512Of.Write([]byte(message))
	object, err := json.Marshal(map[string]string{"cpm_trans_id": "D01u35"})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		token []byte
		want  sdk.Authenticity
	}{
		"as it is":             {sign([]byte(testSecret), message), sdk.Genuine},
		"with the apikey":      {sign([]byte(testKey), message), sdk.Forged},
		"trimmed":              {sign([]byte(testSecret), strings.ReplaceAll(message, " Paiement", "Paiement")), sdk.Forged},
		"null for empty":       {sign([]byte(testSecret), strings.ReplaceAll(message, "PAYMENT", "PAYMENTnull")), sdk.Forged},
		"None for empty":       {sign([]byte(testSecret), strings.ReplaceAll(message, "PAYMENT", "PAYMENTNone")), sdk.Forged},
		"of the raw body":      {sign([]byte(testSecret), string(blank.encode())), sdk.Forged},
		"of JSON":              {sign([]byte(testSecret), string(object)), sdk.Forged},
		"SHA-512":              {sha512Of.Sum(nil), sdk.Forged},
		"SHA-512, cut to size": {sha512Of.Sum(nil)[:32], sdk.Forged},
	} {
		t.Run(name, func(t *testing.T) {
			if got := notify(t, live(t), posted(blank.encode(), hex.EncodeToString(c.token))); got.Authenticity != c.want {
				t.Errorf("want %v, got %v", c.want, got.Authenticity)
			}
		})
	}
}

func TestTrapANotificationNeverDecides(t *testing.T) {
	for _, word := range []string{"SUCCES", "TRANSACTION_CANCEL", "PAYMENT_FAILED"} {
		body := form{{"cpm_trans_id", testRef}, {"cpm_amount", "100"}, {"cpm_currency", "XOF"}, {"cpm_error_message", word}}
		token := sign([]byte(testSecret), body.inFormula())
		got := notify(t, live(t), posted(body.encode(), fmt.Sprintf("%x", token)))
		if diff := cmp.Diff(sdk.Result{}, got.Result); diff != "" || !got.Confirm || got.Authenticity != sdk.Genuine {
			t.Errorf("%s: got %+v", word, got)
		}
	}
}

func TestTrapARefusalIsNeverProofAgainstALaterPayment(t *testing.T) {
	facts := plugin{}.Describe().Facts[sdk.KindPayment]
	if facts.DeclinedIsFinal || facts.LateSuccess != 48*time.Hour || facts.Reversals {
		t.Errorf("got %+v", facts)
	}
}

func TestTrapAWrongKeyIsNotAFailedPayment(t *testing.T) {
	for _, code := range []string{"609", "613"} {
		got := live(t).checked(answered(400, says(code)))
		if got.Outcome != sdk.OutcomeUnknown || got.Alert == "" {
			t.Errorf("%s: want UNKNOWN with an alert, got %v %q", code, got.Outcome, got.Alert)
		}
	}
}

func TestTrapAnAnswerWithoutJSONIsUnknownWhateverItsNumber(t *testing.T) {
	for status := 200; status <= 599; status++ {
		if got := live(t).checked(answered(status, "<html>")); got.Outcome != sdk.OutcomeUnknown {
			t.Errorf("HTTP %d: want UNKNOWN, got %v", status, got.Outcome)
		}
	}
}

func TestARefusedConnectionIsNotSentOnlyForACreate(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := open(t, with("http://"+listener.Addr().String(), nil))
	listener.Close()
	if _, err := p.CreatePayment(t.Context(), request(nil)); sdk.CreateOutcome(err) != sdk.OutcomeNotSent {
		t.Errorf("create: want NOT_SENT, got %v", err)
	}
	if _, err := p.QueryStatus(t.Context(), request(nil).Attempt); err == nil || sdk.CreateOutcome(err) != sdk.OutcomeUnknown {
		t.Errorf("check: want a fault that is not NOT_SENT, got %v", err)
	}
}

func TestACreateAfterSendByIsNotSent(t *testing.T) {
	p := local(t, func(http.ResponseWriter, *http.Request) { t.Error("it was sent") })
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
	})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() { <-received; cancel() }()
	_, err := p.CreatePayment(ctx, request(nil))
	if err == nil || sdk.CreateOutcome(err) != sdk.OutcomeUnknown {
		t.Errorf("want a fault that is UNKNOWN, got %v", err)
	}
}

func TestExchangesAndFaultsTellNoSecret(t *testing.T) {
	p := local(t, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, sampleFor(t, r)) })
	created, err := p.CreatePayment(t.Context(), request(nil))
	if err != nil {
		t.Fatal(err)
	}
	checked, err := p.QueryStatus(t.Context(), request(nil).Attempt)
	if err != nil {
		t.Fatal(err)
	}
	for name, result := range map[string]sdk.Result{"/v2/payment": created, "/v2/payment/check": checked} {
		if len(result.Exchanges) != 1 {
			t.Fatalf("%s: want one exchange, got %d", name, len(result.Exchanges))
		}
		got := result.Exchanges[0]
		if got.Method != http.MethodPost || !strings.HasSuffix(got.URL, name) || got.HTTPStatus != 200 || !got.GotConn {
			t.Errorf("%s: got %+v", name, got)
		}
		if shown := fmt.Sprintf("%+v %+v", result, p.settings); strings.Contains(shown, testKey) || strings.Contains(shown, testSecret) {
			t.Errorf("%s: a secret shows in %s", name, shown)
		}
	}
}

func sampleFor(t *testing.T, r *http.Request) string {
	if strings.HasSuffix(r.URL.Path, "/check") {
		return sample(t, "check-paid.json")
	}
	return sample(t, "init-created.json")
}
