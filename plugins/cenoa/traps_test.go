package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/plugins/cenoa/sandbox"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// Each test here is a mistake that an integration of Cenoa invites, in the
// order of the README.

func TestTrapAStampIsBehindAndNeverUsedTwice(t *testing.T) {
	var payloads []string
	p := local(t, func(w http.ResponseWriter, r *http.Request) {
		payloads = append(payloads, r.Header.Get("payload"))
		fmt.Fprint(w, `[]`)
	})
	now := dawn()
	p.clock.now = func() time.Time { return now }
	for range 2 {
		listed(t, p, sdk.ListRequest{})
		now = now.Add(5 * time.Minute)
	}
	want := []string{payloadAt(dawn().Add(-2 * time.Second)), payloadAt(dawn().Add(5*time.Minute - 2*time.Second))}
	if diff := cmp.Diff(want, payloads); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTrapTheBase64TextIsSignedBySHA512(t *testing.T) {
	signature := sign(sdk.NewSecret(testSecret), vectorPayload)
	if signature == wrongSignature || len(signature) != 128 || signature != strings.ToLower(signature) {
		t.Errorf("got the signature %s", signature)
	}
	if got := base64.StdEncoding.EncodeToString([]byte(sample(t, "payload.json")[:29])); got != payloadAt(dawn()) {
		t.Errorf("the payload is not padded standard base64: %s", payloadAt(dawn()))
	}
}

func TestTrapMillisecondsAreSentAsText(t *testing.T) {
	at := dawn().Add(7 * time.Millisecond)
	text, err := base64.StdEncoding.DecodeString(payloadAt(at))
	if diff := cmp.Diff(`{"timestamp":"1767225600007"}`, string(text)); err != nil || diff != "" {
		t.Errorf("(-want +got): %v\n%s", err, diff)
	}
}

func TestTrapA401IsTheClockBeforeItIsTheKey(t *testing.T) {
	for _, skew := range []time.Duration{-5 * time.Second, 301 * time.Second} {
		shop := newShop(t, wire, sandbox.Options{})
		shop.Skew(skew)
		if got := shop.order(testPhone); got.Outcome != sdk.OutcomeRequiresAction {
			t.Errorf("skew %s: want REQUIRES_ACTION, got %v %q", skew, got.Outcome, got.Message)
		}
	}
}

func TestTrapATransferIsMatchedByMoreThanItsAmount(t *testing.T) {
	shop := newShop(t, wire, sandbox.Options{})
	m := shop.order(testPhone).Match
	want := &sdk.Match{Customer: m.Customer, Amount: money.Of(1050, money.USD), From: dawn(), Until: dawn().Add(time.Hour)}
	if diff := cmp.Diff(want, m); diff != "" || m.Customer == "" {
		t.Errorf("match (-want +got):\n%s", diff)
	}
	other := shop.send("+905557654321", "10.50")
	items, _, _ := shop.read()
	if len(items) != 1 || items[0].Customer != other.UserID || items[0].Customer == m.Customer {
		t.Errorf("somebody else's transfer is told as %+v", items)
	}
}

func TestTrapAmountsStayAsTheyAreWritten(t *testing.T) {
	for _, literal := range []string{"0.1", "0.30000000000000004", "10.10", "123456789012345678901234567890.01", "1.000"} {
		body := "[" + row(map[string]any{"amount": json.RawMessage(literal)}) + "]"
		page := listed(t, listing(t, body), sdk.ListRequest{})
		if len(page.Items) != 1 || page.Items[0].Told.Amount != literal {
			t.Errorf("want %s, got %+v", literal, page.Items)
		}
	}
	req := request(func(r *sdk.PaymentRequest) { r.Amount = money.Of(1000, money.USD) })
	shown := live(t).ordered(req, found{userID: "u", at: dawn()}).NextAction.Instructions
	if !strings.Contains(shown, "exactly 10.00 USD") {
		t.Errorf("got %q", shown)
	}
}

// The engine refuses the second order: it needs the same match from both, and a
// plugin that remembers neither.
func TestTrapTwoOrdersOfOneAmountAreNotToldApartHere(t *testing.T) {
	shop := newShop(t, wire, sandbox.Options{})
	first, second := shop.order(testPhone), shop.order(testPhone)
	if diff := cmp.Diff(first.Match, second.Match); diff != "" || second.Outcome != sdk.OutcomeRequiresAction {
		t.Errorf("the second is %v (-first +second):\n%s", second.Outcome, diff)
	}
}

// Nothing that comes after the instructions may send the payment elsewhere: the
// list tells transfers and faults, and no fault is a no.
func TestTrapNothingFailsOverAfterTheInstructions(t *testing.T) {
	for _, status := range []int{400, 401, 403, 404, 422, 429, 500} {
		p := local(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
		if _, err := p.ListTransactions(t.Context(), sdk.ListRequest{}); sdk.CreateOutcome(err) != sdk.OutcomeUnknown {
			t.Errorf("HTTP %d: want UNKNOWN, got %v", status, err)
		}
	}
	facts := newPlugin().Describe().Facts[sdk.KindPayment]
	if facts.DeclinedIsFinal || facts.LateSuccess != 48*time.Hour {
		t.Errorf("got %+v", facts)
	}
}

func TestTrapThereIsNoWebhookToWaitFor(t *testing.T) {
	manifest := newPlugin().Describe()
	if manifest.Facts[sdk.KindPayment].PushWebhooks || manifest.Capabilities.Can(sdk.OperationNotification) {
		t.Error("it declares webhooks")
	}
	if manifest.Capabilities.Can(sdk.OperationQuery) || !manifest.Capabilities.Can(sdk.OperationList) {
		t.Error("one list read must serve all orders of an account")
	}
}

func TestTrapTotalNeverEndsARead(t *testing.T) {
	full := make([]string, pageSize)
	for i := range full {
		full[i] = row(map[string]any{"id": fmt.Sprint("tr_", i)})
	}
	for _, total := range []string{"0", "1", "50", "-1", `"none"`, "null"} {
		body := `{"data":[` + strings.Join(full, ",") + `],"page":1,"limit":50,"total":` + total + `}`
		page := listed(t, listing(t, body), sdk.ListRequest{From: dawn()})
		if page.Next != "2" || page.Cut {
			t.Errorf("total %s: got next %q, cut %t", total, page.Next, page.Cut)
		}
	}
}

func TestTrapATransferThatFitsNothingIsListed(t *testing.T) {
	shop := newShop(t, wire, sandbox.Options{IgnoreRange: true})
	shop.send("+905557654321", "0.99")
	user, err := shop.AddUser(testPhone, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, order := range []sandbox.Order{
		{Amount: "3.00", Currency: "EUR"},
		{Amount: "3.00", Currency: "USD", CreatedAt: dawn().Add(-24 * time.Hour)},
		{Amount: "3.00", Currency: "USD", CreatedAt: dawn().Add(24 * time.Hour)},
		{Amount: "3.00", Currency: "USD", Status: "frozen"},
	} {
		order.UserID = user.ID
		if _, err := shop.Send(order); err != nil {
			t.Fatal(err)
		}
	}
	if items, _, _ := shop.read(); len(items) != 5 {
		t.Errorf("want all 5, got %v", ids(items))
	}
}

func TestTrapAPhoneIsRecognisedByItsMaskedAddress(t *testing.T) {
	shop := newShop(t, wire, sandbox.Options{})
	if _, err := shop.AddUser(testPhone, "maria@example.org"); err != nil {
		t.Fatal(err)
	}
	got := shop.order(testPhone)
	if !strings.Contains(got.NextAction.Instructions, "m***@example.org") || strings.Contains(got.NextAction.Instructions, "maria") {
		t.Errorf("got %q", got.NextAction.Instructions)
	}
	if strings.Contains(fmt.Sprintf("%+v", got.Match), "@") {
		t.Errorf("the address is part of the match: %+v", got.Match)
	}
}
