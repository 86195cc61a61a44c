package sandbox_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/plugins/cinetpay/sandbox"
)

// told is what check says, and what is true.
type told struct {
	HTTP                           int
	Code, Status, Amount, Currency string
	Paid                           bool
}

func (s *shop) told(ref string) told {
	s.t.Helper()
	got := s.check(ref)
	return told{
		got.Status, got.code(), word(got.data()["status"]), word(got.data()["amount"]), word(got.data()["currency"]),
		s.payment(ref).Paid,
	}
}

func TestAmountTriggers(t *testing.T) {
	t.Parallel()
	const waiting = "WAITING_FOR_CUSTOMER"
	tests := map[string]struct {
		amount int64
		want   told     // by the first check after 2 s
		words  []string // of the notifications until then
	}{
		"105 fails":               {1105, told{200, "600", "REFUSED", "1105", "XOF", false}, []string{"PAYMENT_FAILED"}},
		"115 has no balance":      {1115, told{200, "602", "REFUSED", "1115", "XOF", false}, []string{"INSUFFICIENT_BALANCE"}},
		"125 has a bad code":      {1125, told{200, "604", "REFUSED", "1125", "XOF", false}, []string{"OTP_CODE_ERROR"}},
		"135 is cancelled":        {1135, told{200, "627", "REFUSED", "1135", "XOF", false}, []string{"TRANSACTION_CANCEL"}},
		"145 waits":               {1145, told{200, "662", waiting, "1145", "XOF", false}, []string{}},
		"155 is cancelled first":  {1155, told{200, "627", "REFUSED", "1155", "XOF", false}, []string{"TRANSACTION_CANCEL"}},
		"165 notifies thrice":     {1165, told{200, "00", "ACCEPTED", "1165", "XOF", true}, []string{"SUCCES", "SUCCES", "SUCCES"}},
		"175 says waiting last":   {1175, told{200, "00", "ACCEPTED", "1175", "XOF", true}, []string{"SUCCES", "WAITING_CUSTOMER_TO_VALIDATE"}},
		"185 signs wrongly":       {1185, told{200, "00", "ACCEPTED", "1185", "XOF", true}, []string{"SUCCES"}},
		"195 signs not":           {1195, told{200, "00", "ACCEPTED", "1195", "XOF", true}, []string{"SUCCES"}},
		"205 is validated":        {1205, told{200, "00", "VALIDATED", "1205", "XOF", true}, []string{"SUCCES"}},
		"215 is refused with 00":  {1215, told{200, "00", "REFUSED", "1215", "XOF", false}, []string{"SUCCES"}},
		"225 differs in amount":   {1225, told{200, "00", "ACCEPTED", "1220", "XOF", true}, []string{"SUCCES"}},
		"235 differs in currency": {1235, told{200, "00", "ACCEPTED", "1235", "XAF", true}, []string{"SUCCES"}},
		"245 notifies nobody":     {1245, told{200, "00", "ACCEPTED", "1245", "XOF", true}, []string{}},
		"255 fails to answer":     {1255, told{500, "", "", "", "", true}, []string{"SUCCES"}},
		"295 is ahead":            {1295, told{200, "00", "ACCEPTED", "1295", "XOF", true}, []string{"SUCCES"}},
		"305 lacks cpm_custom":    {1305, told{200, "00", "ACCEPTED", "1305", "XOF", true}, []string{"SUCCES"}},
		"any other pays":          {1500, told{200, "00", "ACCEPTED", "1500", "XOF", true}, []string{"SUCCES"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, sandbox.Options{})
			s.create("ref1", test.amount)
			if row := s.payment("ref1"); row.Code != "662" || row.Paid {
				t.Errorf("before the end: code %s, paid %t", row.Code, row.Paid)
			}
			s.Advance(2 * time.Second)
			if diff := cmp.Diff(test.want, s.told("ref1")); diff != "" {
				t.Errorf("check (-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(test.words, s.receiver.words()); diff != "" {
				t.Errorf("notifications (-want +got)\n%s", diff)
			}
		})
	}
}

func TestTriggersOfInit(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})

	if got := s.post("/v2/payment", s.order("limited", 1275)); got.Status != 429 || got.message() != "TOO_MANY_REQUEST" {
		t.Errorf("275: %+v", got)
	}
	if got := s.post("/v2/payment", s.order("broken", 1285)); got.Status != 500 || got.object() != nil {
		t.Errorf("285: %+v", got)
	}
	if got := s.post("/v2/payment", s.order("lost", 1265)); got.Err == nil {
		t.Errorf("265: want no answer, got %+v", got)
	}
	var created []string
	for _, row := range s.State().Payments {
		created = append(created, row.Ref)
	}
	if diff := cmp.Diff([]string{"lost"}, created); diff != "" {
		t.Errorf("created (-want +got)\n%s", diff)
	}
	s.Advance(2 * time.Second)
	if got := s.told("lost"); got.Status != "ACCEPTED" {
		t.Errorf("265: the lost payment goes on, got %+v", got)
	}
}

func TestLateSuccessComesThirtySecondsAfterTheRefusal(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	s.create("ref1", 1155)
	s.Advance(2*time.Second + 30*time.Second - time.Millisecond)
	if got := s.told("ref1"); got.Code != "627" {
		t.Errorf("just before: got %+v", got)
	}
	s.Advance(time.Millisecond)
	if got := s.told("ref1"); got.Status != "ACCEPTED" || !got.Paid {
		t.Errorf("then: got %+v", got)
	}
	if diff := cmp.Diff([]string{"TRANSACTION_CANCEL", "SUCCES"}, s.receiver.words()); diff != "" {
		t.Errorf("notifications (-want +got)\n%s", diff)
	}
}

func TestWaitingForEverWaitsForEver(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	s.create("ref1", 1145)
	s.Advance(365 * 24 * time.Hour)
	if got := s.told("ref1"); got.Code != "662" {
		t.Errorf("got %+v", got)
	}
}

func TestCheckFailsThreeTimesThenAnswers(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	s.create("ref1", 1255)
	s.Advance(2 * time.Second)
	var statuses []int
	for range 5 {
		statuses = append(statuses, s.check("ref1").Status)
	}
	if diff := cmp.Diff([]int{500, 500, 500, 200, 200}, statuses); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if row := s.payment("ref1"); row.Checks != 5 {
		t.Errorf("want 5 checks in the ledger, got %d", row.Checks)
	}
}

func TestTokensOfNotifications(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		amount int64
		valid  bool
		sent   bool
	}{
		"other":        {1500, true, true},
		"185":          {1185, false, true},
		"195":          {1195, false, false},
		"305 (absent)": {1305, true, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, sandbox.Options{})
			s.create("ref1", test.amount)
			s.Advance(2 * time.Second)
			post := s.receiver.posts()[0]
			if valid := post.token == formulaToken(t, post.body); valid != test.valid {
				t.Errorf("x-token valid: want %t, got %t", test.valid, valid)
			}
			if sent := post.token != ""; sent != test.sent {
				t.Errorf("x-token sent: want %t, got %t", test.sent, sent)
			}
			if absent := !strings.Contains(post.body, "cpm_custom="); absent != (test.amount == 1305) {
				t.Errorf("cpm_custom absent: %t", absent)
			}
		})
	}
}

// formulaToken calculates x-token from a raw form, apart from the sandbox's own code.
func formulaToken(t *testing.T, body string) string {
	t.Helper()
	form, err := url.ParseQuery(body)
	if err != nil {
		t.Fatal(err)
	}
	names := "cpm_site_id cpm_trans_id cpm_trans_date cpm_amount cpm_currency signature payment_method cel_phone_num " +
		"cpm_phone_prefixe cpm_language cpm_version cpm_payment_config cpm_page_action cpm_custom cpm_designation " +
		"cpm_error_message"
	mac := hmac.New(sha256.New, []byte("test-secret-key"))
	for name := range strings.FieldsSeq(names) {
		mac.Write([]byte(form.Get(name)))
	}
	return hex.EncodeToString(mac.Sum(nil))
}

func TestDatesAheadByTwoHours(t *testing.T) {
	t.Parallel()
	dates := map[int64]string{}
	for _, amount := range []int64{1500, 1295} {
		s := open(t, sandbox.Options{})
		s.create("ref1", amount)
		s.Advance(2 * time.Second)
		dates[amount] = word(s.check("ref1").data()["payment_date"])
	}
	want := map[int64]string{1500: "2026-01-02 03:04:07", 1295: "2026-01-02 05:04:07"}
	if diff := cmp.Diff(want, dates); diff != "" {
		t.Errorf("payment_date (-want +got)\n%s", diff)
	}
}

func TestCheckTellsAllFields(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	s.create("ref1", 1500)
	waiting := map[string]any{
		"amount": "1500", "currency": "XOF", "status": "WAITING_FOR_CUSTOMER", "payment_method": nil,
		"description": "Réabonnement café", "metadata": "cmVmPTQy", "operator_id": nil, "payment_date": " ",
		"fund_availability_date": "2026-01-02 00:00:00",
	}
	if diff := cmp.Diff(waiting, s.check("ref1").data()); diff != "" {
		t.Errorf("waiting (-want +got)\n%s", diff)
	}
	s.Advance(2 * time.Second)
	paid := with(waiting, map[string]any{
		"status": "ACCEPTED", "payment_method": "OM", "operator_id": "MP260102.0304.A01500",
		"payment_date": "2026-01-02 03:04:07", "fund_availability_date": "2026-01-04 00:00:00",
	})
	if diff := cmp.Diff(paid, s.check("ref1").data()); diff != "" {
		t.Errorf("paid (-want +got)\n%s", diff)
	}
}

func TestCheckRefuses(t *testing.T) {
	t.Parallel()
	known := map[string]any{"apikey": sandbox.APIKey, "site_id": sandbox.SiteID, "transaction_id": "ref1"}
	tests := map[string]struct {
		options sandbox.Options
		changes map[string]any
		want    answered
	}{
		"nothing":             {want: answered{200, "662"}},
		"no key":              {changes: map[string]any{"apikey": nil}, want: answered{400, "608"}},
		"no id":               {changes: map[string]any{"transaction_id": nil}, want: answered{400, "608"}},
		"another key":         {changes: map[string]any{"apikey": "x"}, want: answered{400, "609"}},
		"another site":        {changes: map[string]any{"site_id": "1"}, want: answered{400, "613"}},
		"an unknown id":       {changes: map[string]any{"transaction_id": "x"}, want: answered{400, "608"}},
		"unknown, as 404":     {sandbox.Options{UnknownID: sandbox.UnknownNotFound}, map[string]any{"transaction_id": "x"}, answered{404, "608"}},
		"unknown, as 200":     {sandbox.Options{UnknownID: sandbox.UnknownOK}, map[string]any{"transaction_id": "x"}, answered{200, "608"}},
		"an unknown token":    {changes: map[string]any{"transaction_id": nil, "token": "x"}, want: answered{400, "608"}},
		"a site as a number":  {changes: map[string]any{"site_id": 123456}, want: answered{200, "662"}},
		"another site number": {changes: map[string]any{"site_id": 1}, want: answered{400, "613"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, test.options)
			s.create("ref1", 100)
			got := s.post("/v2/payment/check", with(known, test.changes))
			if diff := cmp.Diff(test.want, answered{got.Status, got.code()}); diff != "" {
				t.Errorf("%s\n(-want +got)\n%s", got.Text, diff)
			}
		})
	}
}

func TestCheckByPaymentToken(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	s.create("ref1", 100)
	got := s.post("/v2/payment/check", map[string]any{
		"apikey": sandbox.APIKey, "site_id": sandbox.SiteID, "token": s.payment("ref1").PaymentToken,
	})
	if got.Status != http.StatusOK || got.code() != "662" {
		t.Errorf("got %+v", got)
	}
}
