package sandbox_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/plugins/cenoa/sandbox"
)

func TestTransfersByDecimals(t *testing.T) {
	t.Parallel()
	// What the list tells, and whether the merchant has the money: at once, 10 s
	// and 30 s after the transfer, and after the window.
	always := func(word string) [4]string { return [4]string{word, word, word, word} }
	tests := map[string]struct {
		told [4]string
		paid [4]bool
	}{
		"20.00": {always("20.00 USD completed"), [4]bool{true, true, true, true}},
		"20":    {always("20.00 USD completed"), [4]bool{true, true, true, true}},
		"20.5":  {always("20.50 USD completed"), [4]bool{true, true, true, true}},
		"20.01": {always("20.01 USD failed"), [4]bool{}},
		"20.02": {always("20.02 USD pending"), [4]bool{}},
		"20.03": {[4]string{"20.03 USD pending", "20.03 USD pending", "20.03 USD completed", "20.03 USD completed"}, [4]bool{false, false, true, true}},
		"20.04": {[4]string{"20.04 USD completed", "20.04 USD reversed", "20.04 USD reversed", "20.04 USD reversed"}, [4]bool{true}},
		"20.07": {always("21.07 USD completed"), [4]bool{true, true, true, true}},
		"20.08": {always("20.08 EUR completed"), [4]bool{true, true, true, true}},
		"20.09": {always("20.09 USD missing"), [4]bool{true, true, true, true}},
		"20.10": {always("20.10 USD under_review"), [4]bool{true, true, true, true}},
		"20.11": {always("20.11 USD completed"), [4]bool{true, true, true, true}},
		"20.12": {[4]string{"", "", "", "20.12 USD completed"}, [4]bool{true, true, true, true}},
	}
	for amount, test := range tests {
		t.Run(amount, func(t *testing.T) {
			t.Parallel()
			s := open(t, sandbox.Options{})
			s.send(amount)
			var told [4]string
			var paid [4]bool
			for i, wait := range []time.Duration{0, 10 * time.Second, 20 * time.Second, 70*time.Minute - 30*time.Second} {
				s.Advance(wait)
				for _, one := range s.rows("page=1") {
					told[i] = fmt.Sprintf("%s %s %s", one.Amount, one.Currency, one.status())
				}
				paid[i] = s.State().Transfers[0].Paid
			}
			if diff := cmp.Diff(test.told, told); diff != "" {
				t.Errorf("told (-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(test.paid, paid); diff != "" {
				t.Errorf("paid (-want +got)\n%s", diff)
			}
		})
	}
}

func TestElevenIsTwoMinutesAhead(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	s.send("20.11")
	if got := s.rows("page=1")[0].CreatedAt; !got.Equal(dawn().Add(2 * time.Minute)) {
		t.Errorf("got %s", got)
	}
	if got := s.State().Transfers[0].CreatedAt; !got.Equal(dawn()) {
		t.Errorf("the ledger says %s", got)
	}
}

func TestAGivenStatusStays(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	user, err := s.AddUser(phone, "")
	if err != nil {
		t.Fatal(err)
	}
	sent, err := s.Send(sandbox.Order{
		UserID: user.ID, Amount: "20.03", Currency: "USD", Status: "Settled", CreatedAt: dawn().Add(-time.Hour),
	})
	if err != nil || sent.Status != "Settled" || !sent.Paid || !sent.CreatedAt.Equal(dawn().Add(-time.Hour)) {
		t.Errorf("got %+v, %v", sent, err)
	}
	changed, err := s.SetStatus(sent.ID, "refunded")
	if err != nil || changed.Status != "refunded" || changed.Paid {
		t.Errorf("got %+v, %v", changed, err)
	}
	if got := s.rows("page=1")[0].status(); got != "refunded" {
		t.Errorf("the list tells %s", got)
	}
}

func TestSendRefuses(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	user, err := s.AddUser(phone, "")
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		order sandbox.Order
		want  error
	}{
		"nobody":            {sandbox.Order{UserID: "usr_x", Amount: "1", Currency: "USD"}, sandbox.ErrUnknownUser},
		"no currency":       {sandbox.Order{UserID: user.ID, Amount: "1"}, sandbox.ErrBadTransfer},
		"no amount":         {sandbox.Order{UserID: user.ID, Currency: "USD"}, sandbox.ErrBadTransfer},
		"nothing":           {sandbox.Order{UserID: user.ID, Amount: "0.00", Currency: "USD"}, sandbox.ErrBadTransfer},
		"below zero":        {sandbox.Order{UserID: user.ID, Amount: "-1", Currency: "USD"}, sandbox.ErrBadTransfer},
		"too many decimals": {sandbox.Order{UserID: user.ID, Amount: "1.001", Currency: "USD"}, sandbox.ErrBadTransfer},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := s.Send(test.order)
			wantErr(t, err, test.want)
		})
	}
	_, err = s.SetStatus("tr_9", "completed")
	wantErr(t, err, sandbox.ErrUnknownTransfer)
	_, err = s.SetStatus("tr_9", " ")
	wantErr(t, err, sandbox.ErrBadTransfer)
}

func TestTheListIsPagedAndFiltered(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	s.send("1.00", "2.00", "3.00", "4.00")
	other, err := s.AddUser("+905557654321", "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Send(sandbox.Order{UserID: other.ID, Amount: "5", Currency: "USD"}); err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]string{
		"":               "4 5 3 2 1",
		"page=1&limit=2": "4 5",
		"page=3&limit=2": "1",
		"page=4&limit=2": "",
		"page=1&limit=2&from=2026-01-01T00:02:00Z":                       "4 5",
		"page=2&limit=2&from=2026-01-01T00:02:00Z":                       "3",
		"to=2026-01-01T00:01:00Z":                                        "2 1",
		"from=2026-01-01T00:01:00Z&to=2026-01-01T03:01:00%2B03:00":       "2",
		"userId=" + other.ID:                                             "5",
		"userId=" + other.ID + "&page=2":                                 "",
		"userId=nobody":                                                  "",
		"from=2027-01-01T00:00:00Z":                                      "",
		"limit=1000":                                                     "4 5 3 2 1",
		"page=99999999999&limit=1&from=2026-01-01T00:00:00Z&userId=none": "",
	} {
		if diff := cmp.Diff(want, strings.Join(s.ids(query), " ")); diff != "" {
			t.Errorf("%s (-want +got)\n%s", query, diff)
		}
	}
	if got := s.list("page=2&limit=2").object(); got["page"] != 2.0 || got["limit"] != 2.0 || got["total"] != 5.0 {
		t.Errorf("got %v", got)
	}
	for _, query := range []string{"page=0", "page=x", "limit=-1", "from=yesterday", "to=1767225600"} {
		if got := s.list(query); got.Status != 400 {
			t.Errorf("%s: want HTTP 400, got %d", query, got.Status)
		}
	}
}

func TestListsThatAreNotInOrder(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		options sandbox.Options
		amounts []string
		pages   []string
	}{
		"the control":         {sandbox.Options{}, []string{"1.00", "2.00", "3.00"}, []string{"3 2", "1", ""}},
		"twice, a page later": {sandbox.Options{}, []string{"1.00", "2.00", "3.05"}, []string{"3 2", "3 1", ""}},
		"twice, at the end":   {sandbox.Options{}, []string{"1.05", "2.00"}, []string{"2 1", "1", ""}},
		"oldest first":        {sandbox.Options{}, []string{"1.00", "2.06", "3.00"}, []string{"1 2", "3", ""}},
		"shifting":            {sandbox.Options{PageShift: true}, []string{"1.00", "2.00", "3.00"}, []string{"3 2", "2 1", "1"}},
		"small pages":         {sandbox.Options{PageMax: 1}, []string{"1.00", "2.00"}, []string{"2", "1", ""}},
		"whatever the range":  {sandbox.Options{IgnoreRange: true}, []string{"1.00", "2.00"}, []string{"2 1", "", ""}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, test.options)
			s.send(test.amounts...)
			from := ""
			if test.options.IgnoreRange {
				from = "&from=2027-01-01T00:00:00Z"
			}
			var pages []string
			for page := 1; page <= 3; page++ {
				pages = append(pages, strings.Join(s.ids(fmt.Sprintf("limit=2&page=%d%s", page, from)), " "))
			}
			if diff := cmp.Diff(test.pages, pages); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}
