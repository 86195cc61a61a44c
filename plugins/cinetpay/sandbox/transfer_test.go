package sandbox_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/plugins/cinetpay/sandbox"
)

func TestPhoneTriggers(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		phone   string
		answer  string // treatment_status of the send answer
		later   string // and after 2 s
		end     string // and after a minute
		sending string
		amount  string
		paid    bool
		words   []string
	}{
		"101 is rejected":      {"0700000101", "REJ", "REJ", "REJ", "CONFIRM", "500", false, []string{"REJ"}},
		"102 stays new":        {"0700000102", "NEW", "NEW", "NEW", "CONFIRM", "500", false, []string{}},
		"103 is sent, paid":    {"0700000103", "NOS", "NOS", "VAL", "CONFIRM", "500", true, []string{"VAL"}},
		"104 is sent, refused": {"0700000104", "NOS", "NOS", "REJ", "CONFIRM", "500", false, []string{"REJ"}},
		"110 is out of order":  {"0700000110", "NEW", "VAL", "VAL", "CONFIRM", "500", true, []string{"VAL", "REC", "NEW"}},
		"111 differs":          {"0700000111", "NEW", "VAL", "VAL", "CONFIRM", "495", true, []string{"VAL"}},
		"112 needs an e-mail":  {"0700000112", "NEW", "NEW", "NEW", "PENDING", "500", false, []string{}},
		"any other is paid":    {"0700000001", "NEW", "VAL", "VAL", "CONFIRM", "500", true, []string{"VAL"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := openDesk(t, sandbox.Options{})
			got := d.pay("ref1", test.phone)
			statuses := []string{treatment(got.item())}
			d.Advance(2 * time.Second)
			statuses = append(statuses, treatment(d.moneyOf("ref1")))
			d.Advance(time.Minute)
			end := d.moneyOf("ref1")
			statuses = append(statuses, treatment(end), word(end["sending_status"]), word(end["amount"]))
			want := []string{test.answer, test.later, test.end, test.sending, test.amount}
			if diff := cmp.Diff(want, statuses); diff != "" {
				t.Errorf("send answer, 2 s, 1 min, sending_status, amount (-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(test.words, d.receiver.words()); diff != "" {
				t.Errorf("notifications (-want +got)\n%s", diff)
			}
			row, _ := d.Transfer("ref1")
			if row.Paid != test.paid || row.Amount != "500" {
				t.Errorf("ledger: paid %t, amount %s", row.Paid, row.Amount)
			}
		})
	}
}

func TestTransferPassesThroughREC(t *testing.T) {
	t.Parallel()
	d := openDesk(t, sandbox.Options{})
	d.pay("ref1", "0700000001")
	d.Advance(time.Second)
	if got := treatment(d.moneyOf("ref1")); got != "REC" {
		t.Errorf("want REC, got %q", got)
	}
}

func TestPhoneTriggersThatCreateNothing(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		phone  string
		status int
		code   string // of the call
		item   string // of the item
	}{
		"106 is limited":       {"0700000106", 429, "", ""},
		"107 breaks":           {"0700000107", 500, "", ""},
		"108 has no balance":   {"0700000108", 400, "602", ""},
		"109 has no operator":  {"0700000109", 200, "0", "721"},
		"113 is expelled once": {"0700000113", 400, "706", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := openDesk(t, sandbox.Options{})
			got := d.pay("ref1", test.phone)
			want := []any{test.status, test.code, test.item}
			if diff := cmp.Diff(want, []any{got.Status, got.code(), word(got.item()["code"])}); diff != "" {
				t.Errorf("%s\n(-want +got)\n%s", got.Text, diff)
			}
			if _, created := d.Transfer("ref1"); created {
				t.Error("a transfer was created")
			}
			if diff := cmp.Diff(map[string]int{"ref1": 1}, d.State().Uncreated); diff != "" {
				t.Errorf("uncreated (-want +got)\n%s", diff)
			}
		})
	}
}

func TestExpelledTransferPassesAfterANewLogin(t *testing.T) {
	t.Parallel()
	d := openDesk(t, sandbox.Options{})
	d.pay("ref1", "0700000113")
	d.login()
	if got := d.list(sendPath, d.remittance("ref1", "0700000113")); treatment(got.item()) != "NEW" {
		t.Errorf("got %s", got.Text)
	}
}

func TestLostSendAnswerIsProtectedByItsID(t *testing.T) {
	t.Parallel()
	d := openDesk(t, sandbox.Options{})
	if got := d.pay("ref1", "0700000105"); got.Err == nil {
		t.Fatalf("want no answer, got %s", got.Text)
	}
	got := d.list(sendPath, d.remittance("ref1", "0700000105"))
	if word(got.item()["code"]) != "805" {
		t.Errorf("want 805, got %s", got.Text)
	}
	row, _ := d.Transfer("ref1")
	if row.Created != 1 || row.CreateCalls != 2 {
		t.Errorf("want 1 transfer of 2 calls, got %d of %d", row.Created, row.CreateCalls)
	}
}

func TestSendRefuses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		changes map[string]any
		status  int
		code    string
	}{
		"no client_transaction_id":   {map[string]any{"client_transaction_id": nil}, 400, "716"},
		"no amount":                  {map[string]any{"amount": nil}, 400, "716"},
		"no phone":                   {map[string]any{"phone": nil}, 400, "716"},
		"a plus in the phone":        {map[string]any{"phone": "+2250700000001"}, 417, "417"},
		"the prefix in the phone":    {map[string]any{"phone": "2250700000001"}, 417, "417"},
		"two zeros before the phone": {map[string]any{"phone": "0022507000"}, 417, "417"},
		"no notify_url":              {map[string]any{"notify_url": nil}, 200, "725"},
		"a prefix not served":        {map[string]any{"prefix": "33"}, 200, "802"},
		"no contact":                 {map[string]any{"phone": "0700000002"}, 200, "724"},
		"a method of another land":   {map[string]any{"payment_method": "OMSN"}, 200, "811"},
		"an amount with decimals":    {map[string]any{"amount": 500.5}, 200, "801"},
		"no multiple of 5":           {map[string]any{"amount": 501}, 200, "801"},
		"less than nothing":          {map[string]any{"amount": -500}, 200, "801"},
		"too little":                 {map[string]any{"amount": 195}, 200, "719"},
		"too much":                   {map[string]any{"amount": 1_500_005}, 200, "720"},
		"more than there is":         {map[string]any{"amount": 1_000_000}, 400, "602"},
		"an amount as text":          {map[string]any{"amount": "500"}, 200, "0"},
		"a method of the land":       {map[string]any{"payment_method": "WAVECI"}, 200, "0"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := openDesk(t, sandbox.Options{Balance: 999_995})
			d.contact("0700000001")
			got := d.list(sendPath, with(d.remittance("ref1", "0700000001"), test.changes))
			code := got.code()
			if item := got.item(); item != nil {
				code = word(item["code"])
			}
			if diff := cmp.Diff(answered{test.status, test.code}, answered{got.Status, code}); diff != "" {
				t.Errorf("%s\n(-want +got)\n%s", got.Text, diff)
			}
		})
	}
}

func TestTransferCallsRefuseWhatTheyCannotRead(t *testing.T) {
	t.Parallel()
	d := openDesk(t, sandbox.Options{})
	path := sendPath + "?token=" + d.token
	tests := map[string]struct {
		got  reply
		want answered
	}{
		"data that is no JSON": {d.form(path, url.Values{"data": {"["}}), answered{400, "718"}},
		"an empty list":        {d.form(path, url.Values{"data": {"[]"}}), answered{400, "716"}},
		"null in the list":     {d.form(path, url.Values{"data": {"[null]"}}), answered{400, "716"}},
		"two transfers": {
			d.list(sendPath, d.remittance("a", "0700000001"), d.remittance("b", "0700000001")),
			answered{400, "716"},
		},
		"a JSON body":           {d.post(path, map[string]any{}), answered{400, "704"}},
		"an unknown lang":       {d.form(path+"&lang=FR", url.Values{"data": {"[]"}}), answered{400, "704"}},
		"the token in the body": {d.form(sendPath, url.Values{"token": {d.token}, "data": {"[]"}}), answered{400, "706"}},
	}
	for name, test := range tests {
		if diff := cmp.Diff(test.want, answered{test.got.Status, test.got.code()}); diff != "" {
			t.Errorf("%s: %s\n(-want +got)\n%s", name, test.got.Text, diff)
		}
	}
}

func TestLoginRefusesWithATextCode(t *testing.T) {
	t.Parallel()
	d := openDesk(t, sandbox.Options{})
	got := d.form("/v1/auth/login", url.Values{"apikey": {sandbox.APIKey}, "password": {"no"}})
	want := `{"code":"701","message":"INVALID_CREDENTIALS","data":[]}`
	if diff := cmp.Diff(want, got.Text); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestLoginTokenLivesFiveMinutes(t *testing.T) {
	t.Parallel()
	d := openDesk(t, sandbox.Options{})
	d.Advance(5*time.Minute - time.Millisecond)
	if got := d.money(url.Values{"lot": {"1"}}); got.code() != "723" {
		t.Errorf("just before the end: %s", got.Text)
	}
	d.Advance(time.Millisecond)
	if got := d.money(url.Values{"lot": {"1"}}); got.code() != "705" {
		t.Errorf("at the end: %s", got.Text)
	}
	d.login()
	if got := d.money(url.Values{"lot": {"1"}}); got.code() != "723" {
		t.Errorf("after a new login: %s", got.Text)
	}
}

func TestContactTwiceIsKnown(t *testing.T) {
	t.Parallel()
	d := openDesk(t, sandbox.Options{})
	first, second := d.contact("0700000001"), d.contact("0700000001")
	got := []string{first.code(), word(first.item()["code"]), second.code(), word(second.item()["code"]), word(second.item()["status"])}
	want := []string{"0", "0", "0", "726", "ERROR_PHONE_ALREADY_MY_CONTACT"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestCheckMoneyFindsByEachID(t *testing.T) {
	t.Parallel()
	d := openDesk(t, sandbox.Options{})
	d.pay("ref1", "0700000001")
	row, _ := d.Transfer("ref1")
	for _, query := range []url.Values{
		{"client_transaction_id": {"ref1"}}, {"transaction_id": {row.TransactionID}}, {"lot": {row.Lot}},
	} {
		if got := word(d.money(query).item()["client_transaction_id"]); got != "ref1" {
			t.Errorf("%v: got %q", query, got)
		}
	}
	for _, query := range []url.Values{{}, {"client_transaction_id": {"x"}}, {"lot": {""}}} {
		if got := d.money(query); got.code() != "723" {
			t.Errorf("%v: got %s", query, got.Text)
		}
	}
}

func TestTransferNotificationIsUnsigned(t *testing.T) {
	t.Parallel()
	d := openDesk(t, sandbox.Options{})
	d.pay("ref1", "0700000001")
	d.Advance(2 * time.Second)
	if diff := cmp.Diff([]string{"GET", "POST"}, d.receiver.methods()); diff != "" {
		t.Fatalf("(-want +got)\n%s", diff)
	}
	post := d.receiver.posts()[0]
	form, _ := url.ParseQuery(post.body)
	row, _ := d.Transfer("ref1")
	want := url.Values{
		"transaction_id": {row.TransactionID}, "client_transaction_id": {"ref1"}, "lot": {row.Lot}, "amount": {"500"},
		"receiver": {"0700000001"}, "sending_status": {"CONFIRM"}, "comment": {""}, "treatment_status": {"VAL"},
		"operator_transaction_id": {"CI" + row.Lot[12:]}, "validated_at": {"2026-01-02 03:04:07"},
	}
	if diff := cmp.Diff(want, form); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if post.token != "" {
		t.Error("a transfer's notification carries an x-token")
	}
}

func TestBalanceFollowsTheTransfers(t *testing.T) {
	t.Parallel()
	d := openDesk(t, sandbox.Options{Balance: 10_000})
	balance := func() string {
		data := d.call(http.MethodGet, "/v1/transfer/check/balance?token="+d.token, "", "").data()
		return mustJSON(d.t, data)
	}
	d.pay("paid", "0700000001")
	d.pay("rejected", "0700000104")
	if diff := cmp.Diff(`{"amount":10000,"available":9000,"inUsing":1000}`, balance()); diff != "" {
		t.Errorf("running (-want +got)\n%s", diff)
	}
	d.Advance(time.Minute)
	if diff := cmp.Diff(`{"amount":9500,"available":9500,"inUsing":0}`, balance()); diff != "" {
		t.Errorf("ended (-want +got)\n%s", diff)
	}
}

func TestLedgerShowsNoPhone(t *testing.T) {
	t.Parallel()
	d := openDesk(t, sandbox.Options{})
	d.pay("ref1", "0700000001")
	row, _ := d.Transfer("ref1")
	text, err := json.Marshal(row)
	if err != nil {
		t.Fatal(err)
	}
	if row.PhoneEnds != "001" || strings.Contains(string(text), "0700000001") {
		t.Errorf("got %s", text)
	}
}

func TestDecideTransfer(t *testing.T) {
	t.Parallel()
	d := openDesk(t, sandbox.Options{CompletionDelay: -1})
	d.pay("mailed", "0700000112")
	d.pay("refused", "0700000001")
	d.Advance(time.Minute)
	if got := treatment(d.moneyOf("refused")); got != "NEW" {
		t.Errorf("it waits for an action: got %q", got)
	}
	if err := d.Decide("mailed", sandbox.Decision{Action: sandbox.Pay}); err != nil {
		t.Fatal(err)
	}
	if err := d.Decide("refused", sandbox.Decision{Action: sandbox.Refuse, Silent: true}); err != nil {
		t.Fatal(err)
	}
	d.Advance(0)
	mailed := d.moneyOf("mailed")
	got := []string{
		treatment(mailed), word(mailed["sending_status"]), word(mailed["transfer_valid"]), treatment(d.moneyOf("refused")),
	}
	if diff := cmp.Diff([]string{"VAL", "CONFIRM", "Y", "REJ"}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if diff := cmp.Diff([]string{"VAL"}, d.receiver.words()); diff != "" {
		t.Errorf("notifications (-want +got)\n%s", diff)
	}
	wantErr(t, d.Decide("mailed", sandbox.Decision{Action: sandbox.Refuse}), sandbox.ErrDecided)
	wantErr(t, d.Decide("mailed", sandbox.Decision{Action: sandbox.Cancel}), sandbox.ErrUnknownAction)
}

func TestTransferLimitsByCountry(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		currency        string
		lowest, highest int64
	}{
		"225": {"XOF", 200, 1_500_000}, "221": {"XOF", 200, 2_000_000}, "228": {"XOF", 150, 1_500_000},
		"229": {"XOF", 500, 1_500_000}, "223": {"XOF", 500, 1_500_000}, "226": {"XOF", 500, 1_500_000},
		"227": {"XOF", 500, 1_500_000}, "237": {"XAF", 500, 1_500_000}, "224": {"GNF", 1_000, 15_000_000},
		"243": {"CDF", 1_000, 2_000_000},
	}
	for prefix, test := range tests {
		t.Run(prefix, func(t *testing.T) {
			t.Parallel()
			d := openDesk(t, sandbox.Options{})
			receiver := map[string]any{"prefix": prefix, "phone": "70000001", "name": "K", "surname": "A", "email": "a@example.com"}
			d.list("/v1/transfer/contact", receiver)
			var codes []string
			for _, amount := range []int64{test.lowest - 5, test.lowest, test.highest + 5} {
				body := with(d.remittance("ref1", "70000001"), map[string]any{"prefix": prefix, "amount": amount})
				codes = append(codes, word(d.list(sendPath, body).item()["code"]))
			}
			if diff := cmp.Diff([]string{"719", "0", "720"}, codes); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if row, _ := d.Transfer("ref1"); row.Currency != test.currency {
				t.Errorf("want %s, got %s", test.currency, row.Currency)
			}
		})
	}
}

func TestNotifyTransferByHand(t *testing.T) {
	t.Parallel()
	d := openDesk(t, sandbox.Options{CompletionDelay: -1})
	d.pay("ref1", "0700000001")
	for _, again := range []sandbox.Again{{}, {Status: "VAL", Times: 2}} {
		if _, err := d.Notify("ref1", again); err != nil {
			t.Error(err)
		}
	}
	for _, again := range []sandbox.Again{{Status: "00"}, {Token: sandbox.TokenGood}} {
		_, err := d.Notify("ref1", again)
		wantErr(t, err, sandbox.ErrUnknownAction)
	}
	if diff := cmp.Diff([]string{"NEW", "VAL", "VAL"}, d.receiver.words()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if row, _ := d.Transfer("ref1"); row.Paid {
		t.Error("a notification changed the ledger")
	}
	if got := d.control(http.MethodPost, "payments/ref1", `{"action":"pay"}`); !strings.Contains(got.Text, `"status":"VAL"`) {
		t.Errorf("got %s", got.Text)
	}
}
