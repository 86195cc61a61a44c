package main

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/paymux/paymux/sdk"
)

// Each test here is a mistake that integrations of CinetPay's transfers are known for.

func TestTrapTheTransferFirewallWantsAUserAgentToo(t *testing.T) {
	g := newGate(t)
	agents := map[string]int{}
	seen := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		agents[r.UserAgent()]++
		g.ServeHTTP(w, r)
	}))
	defer seen.Close()
	if _, err := paying(t, seen.URL, nil).CreatePayout(t.Context(), payout(nil)); err != nil {
		t.Fatal(err)
	}
	if len(agents) != 1 || agents["Paymux/1.0"] != 3 {
		t.Errorf("got the agents %v", agents)
	}
}

func TestTrapOperationSuccesIsSpelledLikeThisAndDecidesNothing(t *testing.T) {
	for _, data := range []string{`[]`, `null`, `[[{"code":709}]]`, `[[{"treatment_status":"LATER","code":0}]]`} {
		r := readReply(answered(200, says0(data)), sdk.Secret{})
		if got := live(t).sent(r, testRef); got.Outcome != sdk.OutcomeUnknown {
			t.Errorf("send %s: want UNKNOWN, got %v", data, got.Outcome)
		}
		if got := live(t).traced(r, testRef); got.Outcome != sdk.OutcomeUnknown {
			t.Errorf("check %s: want UNKNOWN, got %v", data, got.Outcome)
		}
	}
}

func TestTrapATransferIsNeverSentUnderANewID(t *testing.T) {
	g := newGate(t)
	for _, answer := range []page{{}, {500, "oops"}, {400, refuses("805")}, {400, refuses("706")}, {200, refuses("715")}} {
		g.tell(sendPath, answer)
		_, _ = g.pay(t)
	}
	const own = `%22client_transaction_id%22%3A%22` + testRef + `%22`
	sends := 0
	for _, call := range g.calls {
		if strings.HasPrefix(call, sendPath+"?") {
			sends++
			if !strings.Contains(call, own) {
				t.Errorf("another id was sent: %s", call)
			}
		}
	}
	if sends != 6 { // Only 706 is followed by a second one.
		t.Errorf("want 6 sends, got %d", sends)
	}
}

func TestTrapAReusedIDIsAskedAboutAndNotFailed(t *testing.T) {
	for _, body := range []string{refuses("805"), oneItem("805")} {
		got := live(t).sent(readReply(answered(400, body), sdk.Secret{}), testRef)
		if got.Outcome != sdk.OutcomeUnknown || got.ProviderCode != "805" {
			t.Errorf("want UNKNOWN with 805, got %v with %q", got.Outcome, got.ProviderCode)
		}
	}
}

func TestTrapAKnownContactIsNoError(t *testing.T) {
	for name, answer := range map[string]page{
		"of the item":           {200, says0(`[[{"code":726,"status":"ERROR_PHONE_ALREADY_MY_CONTACT"}]]`)},
		"of the item, in text":  {200, says0(`[{"code":"726"}]`)},
		"of the call":           {400, refuses("726")},
		"of the call, and item": {200, `{"code":726,"data":[[{"code":726}]]}`},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGate(t)
			g.tell(contactPath, answer)
			if got, err := g.pay(t); err != nil || got.Outcome != sdk.OutcomePending {
				t.Errorf("want PENDING, got %v, %v", got.Outcome, err)
			}
		})
	}
}

func TestTrapTheOperatorIsNotNamed(t *testing.T) {
	g := newGate(t)
	if _, err := g.pay(t); err != nil {
		t.Fatal(err)
	}
	if calls := strings.Join(g.calls, " "); strings.Contains(calls, "payment_method") || strings.Contains(calls, "ORANGE") {
		t.Errorf("the operator is named in %s", calls)
	}
}

func TestTrapThePhoneGoesWithoutPlusAndPrefix(t *testing.T) {
	g := newGate(t)
	if _, err := g.pay(t); err != nil {
		t.Fatal(err)
	}
	for _, call := range g.plain(t)[1:] {
		if !strings.Contains(call, `"prefix":"225","phone":"0700000001"`) {
			t.Errorf("got %s", call)
		}
	}
}

func TestTrapTheTokenGoesIntoTheQueryOnly(t *testing.T) {
	g := newGate(t)
	if _, err := g.pay(t); err != nil {
		t.Fatal(err)
	}
	for _, call := range g.calls[1:] {
		query, body, _ := strings.Cut(call, " ")
		if !strings.Contains(query, "token=token-1") || strings.Contains(body, "token-1") {
			t.Errorf("got %s", call)
		}
	}
}

func TestTrapSentToTheOperatorIsNotPaid(t *testing.T) {
	r := readReply(answered(200, says0(`[`+item("NOS", "")+`]`)), sdk.Secret{})
	if got := live(t).traced(r, testRef); got.Outcome != sdk.OutcomePending || got.Told != (sdk.Told{}) {
		t.Errorf("want PENDING, got %v %+v", got.Outcome, got.Told)
	}
}

func TestTrapANotificationOfATransferNeverDecides(t *testing.T) {
	for _, word := range []string{"VAL", "REJ", "NEW"} {
		body := form{
			{"transaction_id", "EA1"},
			{"client_transaction_id", testRef},
			{"amount", "500"},
			{"sending_status", "CONFIRM"},
			{"treatment_status", word},
		}
		got := notify(t, paying(t, "", nil), posted(body.encode(), ""))
		want := sdk.Notification{Authenticity: sdk.Hint, Ref: testRef, ProviderRef: "EA1", Confirm: true, Status: http.StatusOK}
		if got.Authenticity != want.Authenticity || got.Ref != want.Ref || got.ProviderRef != want.ProviderRef || !got.Confirm ||
			got.Status != want.Status || got.Result.Outcome != sdk.OutcomeUnknown || got.Result.Told != (sdk.Told{}) {
			t.Errorf("%s: want %+v, got %+v", word, want, got)
		}
	}
}

func TestTrapAnUnsignedPaymentIsNoTransfer(t *testing.T) {
	for name, c := range map[string]struct {
		body form
		p    *provider
	}{
		"both ids":            {form{{"client_transaction_id", testRef}, {"cpm_trans_id", testRef}}, paying(t, "", nil)},
		"another cpm field":   {form{{"client_transaction_id", testRef}, {"cpm_amount", "1"}}, paying(t, "", nil)},
		"no id":               {form{{"transaction_id", "EA1"}}, paying(t, "", nil)},
		"payouts are off":     {form{{"client_transaction_id", testRef}}, live(t)},
		"a payment in a form": {form{{"cpm_trans_id", testRef}}, paying(t, "", nil)},
	} {
		if got := notify(t, c.p, posted(c.body.encode(), "")); got.Authenticity != sdk.Forged || got.Status != http.StatusUnauthorized {
			t.Errorf("%s: want forged, got %+v", name, got)
		}
	}
}

func TestTrapARejectedTransferIsNotProofAgainstLaterMoney(t *testing.T) {
	facts := plugin{}.Describe().Facts[sdk.KindPayout]
	if facts.DeclinedIsFinal || facts.LateSuccess != 48*time.Hour || facts.Reversals || facts.TellsCurrency || facts.PaidByLink {
		t.Errorf("got %+v", facts)
	}
}

func TestTrapAWrongPasswordIsNotAFailedTransfer(t *testing.T) {
	g := newGate(t)
	g.tell(loginPath, page{400, refuses("701")})
	got, err := g.account.QueryStatus(t.Context(), payout(nil).Attempt)
	if err != nil || got.Outcome != sdk.OutcomeUnknown || got.Reason != "" || got.Alert == "" {
		t.Errorf("want UNKNOWN with an alert, got %v (%s) %q, %v", got.Outcome, got.Reason, got.Alert, err)
	}
}

func TestTrapACheckWithoutJSONIsUnknownWhateverItsNumber(t *testing.T) {
	for status := 200; status <= 599; status++ {
		if got := live(t).traced(readReply(answered(status, "<html>"), sdk.Secret{}), testRef); got.Outcome != sdk.OutcomeUnknown {
			t.Errorf("HTTP %d: want UNKNOWN, got %v", status, got.Outcome)
		}
	}
}

func TestARefusedConnectionIsNotSentOnlyForAPayout(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := paying(t, "http://"+listener.Addr().String(), nil)
	listener.Close()
	if _, err := p.CreatePayout(t.Context(), payout(nil)); sdk.CreateOutcome(err) != sdk.OutcomeNotSent {
		t.Errorf("create: want NOT_SENT, got %v", err)
	}
	if _, err := p.QueryStatus(t.Context(), payout(nil).Attempt); err == nil || sdk.CreateOutcome(err) != sdk.OutcomeUnknown {
		t.Errorf("check: want a fault that is not NOT_SENT, got %v", err)
	}
}

func TestASendOnARefusedConnectionIsNotSent(t *testing.T) {
	g := newGate(t)
	if _, err := g.account.GetBalance(t.Context()); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g.account.settings.transferURL = "http://" + listener.Addr().String()
	listener.Close()
	_, err = g.account.send(t.Context(), transfer{ClientTransactionID: testRef}, nil)
	if sdk.CreateOutcome(err) != sdk.OutcomeNotSent {
		t.Errorf("want NOT_SENT, got %v", err)
	}
}
