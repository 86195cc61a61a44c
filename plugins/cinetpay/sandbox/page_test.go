package sandbox_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/plugins/cinetpay/sandbox"
)

func (s *shop) visit(page string) reply {
	s.t.Helper()
	return s.call(http.MethodGet, page, "", "")
}

// press sends the page's form.
func (s *shop) press(page, action, method string) reply {
	s.t.Helper()
	form := url.Values{"action": {action}}
	if method != "" {
		form.Set("method", method)
	}
	return s.call(http.MethodPost, page, formKind, form.Encode())
}

func showsState(text, state string) bool {
	return strings.Contains(text, `data-state="`+state+`"`)
}

func TestPagePays(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	page := s.create("ref1", 1500)

	if got := s.visit(page); got.Status != 200 || !strings.Contains(got.Text, "1500 XOF") ||
		!strings.Contains(got.Text, "Réabonnement café") || !strings.Contains(got.Text, "<option>WAVECI</option>") {
		t.Fatalf("HTTP %d\n%s", got.Status, got.Text)
	}
	s.Advance(time.Hour)
	if got := s.told("ref1"); got.Code != "662" {
		t.Errorf("a visited page waits for its customer: %+v", got)
	}
	if got := s.press(page, "pay", "WAVECI"); got.Status != http.StatusSeeOther || got.Header.Get("Location") != page {
		t.Errorf("pay: HTTP %d to %q", got.Status, got.Header.Get("Location"))
	}
	if got := s.told("ref1"); got.Code != "623" || got.Status != "WAITING_FOR_CUSTOMER" {
		t.Errorf("after the push: %+v", got)
	}
	if got := s.visit(page); !showsState(got.Text, "confirming") || !strings.Contains(got.Text, `http-equiv="refresh"`) {
		t.Errorf("after the push:\n%s", got.Text)
	}
	s.Advance(2 * time.Second)
	if got := s.told("ref1"); got.Status != "ACCEPTED" {
		t.Errorf("after the confirmation: %+v", got)
	}
	if row := s.payment("ref1"); row.PaymentMethod != "WAVECI" || !row.Visited {
		t.Errorf("got %+v", row)
	}
	paid := s.visit(page)
	if !showsState(paid.Text, "paid") || !strings.Contains(paid.Text, `action="`+s.receiver.URL+`/back"`) ||
		!strings.Contains(paid.Text, `name="transaction_id" value="ref1"`) {
		t.Errorf("paid:\n%s", paid.Text)
	}
}

func TestPageEndsWithoutMoney(t *testing.T) {
	t.Parallel()
	for action, code := range map[string]string{"refuse": "600", "cancel": "627"} {
		t.Run(action, func(t *testing.T) {
			t.Parallel()
			s := open(t, sandbox.Options{})
			page := s.create("ref1", 1500)
			s.visit(page)
			s.press(page, action, "")
			if got := s.told("ref1"); got.Code != code || got.Status != "REFUSED" {
				t.Errorf("got %+v", got)
			}
			if got := s.visit(page); !showsState(got.Text, "refused") {
				t.Errorf("got\n%s", got.Text)
			}
			if got := s.press(page, action, ""); got.Status != http.StatusConflict {
				t.Errorf("again: HTTP %d", got.Status)
			}
		})
	}
}

func TestRefusedPaymentMayBeTriedAgainOnItsPage(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	page := s.create("ref1", 1500)
	s.visit(page)
	s.press(page, "refuse", "")
	s.press(page, "pay", "")
	s.Advance(2 * time.Second)
	if got := s.told("ref1"); !got.Paid {
		t.Errorf("got %+v", got)
	}
	if diff := cmp.Diff([]string{"PAYMENT_FAILED", "SUCCES"}, s.receiver.words()); diff != "" {
		t.Errorf("notifications (-want +got)\n%s", diff)
	}
}

func TestTriggerAlsoHoldsForACustomerWhoPays(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	page := s.create("ref1", 1115)
	s.visit(page)
	s.press(page, "pay", "OM")
	s.Advance(2 * time.Second)
	if got := s.told("ref1"); got.Code != "602" {
		t.Errorf("got %+v", got)
	}
}

func TestPageRefuses(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	page := s.create("ref1", 1500)
	s.visit(page)
	paid := s.create("ref2", 1500)
	s.press(paid, "pay", "")
	s.Advance(2 * time.Second)
	tests := map[string]struct {
		got  reply
		want int
	}{
		"an unknown token, read":   {s.visit("/payment/nobody"), 404},
		"an unknown token, posted": {s.press("/payment/nobody", "pay", ""), 404},
		"an unknown action":        {s.press(page, "steal", ""), 400},
		"an unknown method":        {s.press(page, "pay", "MTNCM"), 400},
		"paying twice":             {s.press(paid, "pay", ""), 409},
		"refusing what is paid":    {s.press(paid, "refuse", ""), 409},
	}
	for name, test := range tests {
		if test.got.Status != test.want {
			t.Errorf("%s: want HTTP %d, got %d: %s", name, test.want, test.got.Status, test.got.Text)
		}
	}
}

func TestPageOffersTheMethodsOfTheChannel(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	s.post("/v2/payment", with(s.order("card", 1500), map[string]any{"channels": "CREDIT_CARD"}))
	s.post("/v2/payment", with(s.order("wallet", 1500), map[string]any{"channels": "WALLET"}))
	s.Advance(2 * time.Second)
	got := []string{s.payment("card").PaymentMethod, s.payment("wallet").PaymentMethod}
	if diff := cmp.Diff([]string{"VISAM", "WAVECI"}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestPageEscapesWhatTheMerchantWrote(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	s.post("/v2/payment", with(s.order("ref1", 1500), map[string]any{"description": "<script>alert(1)"}))
	got := s.visit("/payment/" + s.payment("ref1").PaymentToken)
	if strings.Contains(got.Text, "<script>") || !strings.Contains(got.Text, "&lt;script&gt;") {
		t.Errorf("got\n%s", got.Text)
	}
}
