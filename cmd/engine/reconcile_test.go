package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/api"
	cenoa "github.com/paymux/paymux/plugins/cenoa/sandbox"
	cinetpay "github.com/paymux/paymux/plugins/cinetpay/sandbox"
	enovepay "github.com/paymux/paymux/plugins/enovepay/sandbox"
	numipay "github.com/paymux/paymux/plugins/numipay/sandbox"
)

// reconciles runs engine reconcile over yesterday, today and tomorrow, and
// returns the exit code and what was found.
func (s *shop) reconciles(account string, args ...string) (int, reconciled) {
	s.t.Helper()
	now := time.Now().UTC()
	code, text := s.command(append([]string{
		"reconcile", "--json", "--account", account,
		"--from", now.AddDate(0, 0, -1).Format(time.DateOnly), "--to", now.AddDate(0, 0, 1).Format(time.DateOnly),
	}, args...)...)
	var found reconciled
	if err := json.NewDecoder(strings.NewReader(text)).Decode(&found); err != nil {
		s.t.Fatalf("exit code %d: %v\n%s", code, err, text)
	}
	return code, found
}

// foundOf reads as "different_state order-1: failed 5000 XOF there, succeeded here".
func foundOf(s *shop, found reconciled) []string {
	s.t.Helper()
	told := []string{}
	for _, f := range found.Data {
		sentence := f.Class
		if f.Record != nil && f.Record.Transaction != "" {
			tx, err := s.client.Transaction(s.t.Context(), f.Record.Transaction)
			if err != nil {
				s.t.Fatal(err)
			}
			sentence += " " + tx.Reference
		}
		sentence += ":"
		if f.Row != nil {
			sentence += fmt.Sprintf(" %s %s there", f.Row.State, f.Row.Amount)
		}
		if f.Record != nil {
			sentence += fmt.Sprintf(" %s %s here", f.Record.State, f.Record.Amount)
		}
		told = append(told, sentence)
	}
	slices.Sort(told)
	return told
}

func (s *shop) wantsFound(code int, found reconciled, wantCode int, want ...string) {
	s.t.Helper()
	want = append([]string{}, want...)
	slices.Sort(want)
	if diff := cmp.Diff(want, foundOf(s, found)); diff != "" || code != wantCode {
		s.t.Errorf("exit code %d, want %d (-want +got):\n%s", code, wantCode, diff)
	}
}

// forger stands before a sandbox and changes words of what its list tells.
type forger struct {
	words atomic.Pointer[strings.Replacer]
}

func forge(t *testing.T, target string) (*forger, string) {
	t.Helper()
	at, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	f := &forger{}
	proxy := &httputil.ReverseProxy{Transport: &http.Transport{}, Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(at) }, ModifyResponse: f.change}
	server := httptest.NewServer(proxy)
	t.Cleanup(func() {
		server.Close()
		proxy.Transport.(*http.Transport).CloseIdleConnections()
	})
	return f, server.URL
}

func (f *forger) change(resp *http.Response) error {
	words := f.words.Load()
	if words == nil || resp.Request.URL.Path != "/transactions" {
		return nil
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	text := words.Replace(string(body))
	resp.Body, resp.ContentLength = io.NopCloser(strings.NewReader(text)), int64(len(text))
	resp.Header.Set("Content-Length", fmt.Sprint(len(text)))
	return nil
}

// hostedThere makes a payment at Numipay, past the engine.
func hostedThere(t *testing.T, at *numipay.Server, ref string) {
	t.Helper()
	body := `{"request":{"tracking_id":"` + ref + `","user_id":"u-1","currency":"NGN","amount":"70.21","description":"by hand",` +
		`"redirect_url":"https://shop.example/","webhook_url":"https://shop.example/hook"}}`
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, at.URL()+"/payments/hosted", bytes.NewBufferString(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Api-Key", numipay.DevKey)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer http.DefaultClient.CloseIdleConnections()
	defer resp.Body.Close()
	if text, _ := io.ReadAll(resp.Body); resp.StatusCode != http.StatusOK {
		t.Fatalf("%s %s", resp.Status, text)
	}
}

func TestTheListOfNumipayIsReconciled(t *testing.T) {
	t.Parallel()
	first := started(t, numipay.New(numipay.Options{}))
	second := started(t, enovepay.New(enovepay.Options{}))
	forger, at := forge(t, first.URL())
	s := openMarket(t, nairaRules, atNumipay("first", first).with(map[string]any{"base_url": at}), atEnovePay("second", second))
	plays := map[string]play{}
	for decimals, row := range numipayPaymentRows() {
		if decimals != "14" { // Nothing was created, and nobody knows.
			row.order = nairaPayment("50."+decimals, "000")
			plays["payment "+decimals] = row
		}
	}
	plays["payout"] = play{order: nairaPayout("50.00", "000"), soon: firstPays}
	plays["no payout"] = play{order: nairaPayout("50.01", "000"), soon: "failed insufficient_funds: first declined"}
	all := s.perform(plays, func() { first.Advance(45 * time.Second) })
	known := []string{"known payment 12: succeeded 51.12 there mismatch 50.12 here", "known payment 19: succeeded 50.19 there mismatch 50.19 here"}
	code, found := s.reconciles("first")
	s.wantsFound(code, found, 0, known...)
	if equal := found.Summary[0]; equal.Class != "equal" || equal.Count != len(all)-3 {
		t.Errorf("%+v are equal of %d: all but two mismatches and what was never created are", equal, len(all))
	}

	// The control: whatever goes wrong is found.
	byName := map[string]api.Transaction{}
	for _, tx := range all {
		byName[tx.Reference] = tx
	}
	if err := first.Decide(byName["payment 02"].Attempts[0].Ref, numipay.Decision{Action: numipay.Pay, Silent: true}); err != nil {
		t.Fatal(err)
	}
	hostedThere(t, first, "by-hand-1")
	ours, err := core.Ref("pay_01JD4K8Z5Q3V7W9X2Y6ABCDEFG", 1)
	if err != nil {
		t.Fatal(err)
	}
	hostedThere(t, first, ours)
	forger.words.Store(strings.NewReplacer(`"50.00"`, `"49.00"`))
	s.perform(map[string]play{"lost": {order: nairaPayment("50.14", "000"), soon: "unknown: first unknown"}}, func() {})
	wrong := append([]string{
		"different_state payment 02: succeeded 50.02 there declined 50.02 here",
		"different_amount payment 00: succeeded 49.00 there succeeded 50.00 here",
		"different_amount payout: succeeded 49.00 there succeeded 50.00 here",
		"missing_here: pending 70.21 there", "missing_here: pending 70.21 there",
		"missing_there lost: unknown 50.14 here",
	}, known...)
	first.Advance(45 * time.Second)
	for i := range wrong {
		wrong[i] = strings.Replace(wrong[i], "pending 70.21", "succeeded 70.21", 1)
	}
	code, found = s.reconciles("first")
	s.wantsFound(code, found, 1, wrong...)
	forger.words.Store(nil)

	code, found = s.reconciles("first", "--adopt", "--yes")
	if code != 1 || len(found.Adopted) != 2 {
		t.Errorf("adopt: exit code %d, adopted %+v", code, found.Adopted)
	}
	s.await(byName["payment 02"].ID, "succeeded")
	code, found = s.reconciles("first")
	s.wantsFound(code, found, 1, append([]string{
		"missing_here: succeeded 70.21 there", "missing_here: succeeded 70.21 there", "missing_there lost: unknown 50.14 here",
	}, known...)...)
	if code, text := s.command("reconcile", "--account", "second", "--from", "2026-11-01", "--to", "2026-11-01"); code != 2 || !strings.Contains(text, "--csv") {
		t.Errorf("a provider without a list: %d %s", code, text)
	}
}

func TestTheListOfCenoaIsReconciled(t *testing.T) {
	t.Parallel()
	first := started(t, cenoa.New(cenoa.Options{}))
	second := started(t, numipay.New(numipay.Options{}))
	s := openMarket(t, dollarRules, atCenoa("first", first), atNumipay("second", second))
	from := senders{t, first}
	all := s.perform(map[string]play{
		"paid":  withSoon(from.order("+905321236001", "10.00", "10.00"), firstPays),
		"again": withSoon(from.order("+905321236002", "20.00", "20.00", "20.00"), firstPays),
		"other": withSoon(from.order("+905321236003", "30.00", "30.00", "31.00"), firstPays),
	}, s.readListNow)
	code, found := s.reconciles("first")
	s.wantsFound(code, found, 0)
	if n := found.Summary[0].Count; n != 5 {
		t.Errorf("%d transfers are equal, want 5", n)
	}
	user, err := first.AddUser("+905321236004", "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := first.Send(cenoa.Order{UserID: user.ID, Amount: "70.00", Currency: "USD"}); err != nil {
		t.Fatal(err)
	}
	paid := all[slices.IndexFunc(all, func(tx api.Transaction) bool { return tx.Reference == "paid" })]
	i := slices.IndexFunc(first.State().Transfers, func(sent cenoa.Transfer) bool { return sent.Amount == "10.00" })
	if _, err := first.SetStatus(first.State().Transfers[i].ID, "reversed"); err != nil {
		t.Fatal(err)
	}
	wrong := []string{"missing_here: succeeded 70.00 there", "different_state paid: reversed 10.00 there SUCCEEDED 10.00 here"}
	code, found = s.reconciles("first")
	s.wantsFound(code, found, 1, wrong...)
	code, found = s.reconciles("first", "--adopt", "--yes")
	s.wantsFound(code, found, 1, wrong...)
	if len(found.Adopted) != 2 {
		t.Errorf("adopted %+v", found.Adopted)
	}
	s.await(paid.ID, "reversed")
	code, found = s.reconciles("first")
	s.wantsFound(code, found, 0)
	sums := classSummary{Class: "equal", Count: 6, Sums: []currencySum{{"USD", "181.00", "181.00"}}}
	if diff := cmp.Diff([]classSummary{sums}, found.Summary); diff != "" {
		t.Errorf("summary (-want +got):\n%s", diff)
	}
}

func withSoon(one play, soon string) play {
	one.soon = soon
	return one
}

// fileOf is a statement of CinetPay as its portal might give it out.
func fileOf(state cinetpay.State, extra ...string) string {
	lines := []string{"\ufeffWhen;Merchant ref;Total;Money;State"}
	for _, p := range state.Payments {
		word := "WAITING"
		if p.DecidedAt != nil {
			word = "REFUSED"
		}
		if p.Paid {
			word = "ACCEPTED"
		}
		lines = append(lines, strings.Join([]string{p.CreatedAt.Format(time.DateTime), p.Ref, `"` + p.Amount + `,00"`, p.Currency, word}, ";"))
	}
	return strings.Join(append(lines, extra...), "\r\n") + "\r\n"
}

func TestAFileIsReconciled(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	byName := map[string]api.Transaction{}
	for _, name := range []string{"paid", "refused", "waits", "late"} {
		byName[name] = s.pay(name)
	}
	decide(t, s.first, byName["paid"], cinetpay.Pay)
	s.await(byName["paid"].ID, "succeeded")
	for _, name := range []string{"refused", "late"} {
		decide(t, s.first, byName[name], cinetpay.Refuse)
		s.await(byName[name].ID, "failed")
	}
	path := s.setup.Dir + "/november.csv"
	args := []string{
		"--csv", path, "--column", "reference=Merchant ref,amount=Total", "--column", "currency=Money,status=State,created_at=When",
		"--status", "ACCEPTED=succeeded,REFUSED=failed,WAITING=pending", "--decimal-comma",
	}
	right := fileOf(s.first.State())
	s.keep(path, right)
	code, found := s.reconciles("first", args...)
	s.wantsFound(code, found, 0)

	refs := map[string]string{}
	for name, tx := range byName {
		refs[name] = tx.Attempts[0].Ref
	}
	line := func(name string) string {
		at := strings.Index(right, refs[name])
		begin, end := strings.LastIndex(right[:at], "\n")+1, at+strings.Index(right[at:], "\n")+1
		return right[begin:end]
	}
	for name, test := range map[string]struct{ was, is, want string }{
		"a row too few":  {line("paid"), "", "missing_there paid: succeeded 5000 here"},
		"a row too many": {line("waits"), line("waits") + strings.Replace(line("waits"), refs["waits"], "by-hand", 1), "missing_here: pending 5000.00 there"},
		"a row twice":    {line("paid"), line("paid") + line("paid"), "duplicate paid: succeeded 5000.00 there succeeded 5000 here"},
		"an amount":      {line("paid"), strings.Replace(line("paid"), "5000,00", "4900,00", 1), "different_amount paid: succeeded 4900.00 there succeeded 5000 here"},
		"a currency":     {line("paid"), strings.Replace(line("paid"), "XOF", "XAF", 1), "different_amount paid: succeeded 5000.00 there succeeded 5000 here"},
		"a state":        {line("paid"), strings.Replace(line("paid"), "ACCEPTED", "REFUSED", 1), "different_state paid: failed 5000.00 there succeeded 5000 here"},
	} {
		s.keep(path, strings.Replace(right, test.was, test.is, 1))
		if code, found := s.reconciles("first", args...); code != 1 || len(found.Data) != 1 || foundOf(s, found)[0] != test.want {
			t.Errorf("%s: exit code %d, found %q, want %q", name, code, foundOf(s, found), test.want)
		}
	}

	if err := s.first.Decide(refs["late"], cinetpay.Decision{Action: cinetpay.Pay, Silent: true}); err != nil {
		t.Fatal(err)
	}
	s.keep(path, fileOf(s.first.State()))
	code, found = s.reconciles("first", append(args, "--adopt", "--yes")...)
	s.wantsFound(code, found, 1, "different_state late: succeeded 5000.00 there declined 5000 here")
	s.await(byName["late"].ID, "succeeded")
	code, found = s.reconciles("first", args...)
	s.wantsFound(code, found, 0)
	s.keep(path, strings.Replace(right, "REFUSED", "STRANGE", 1))
	if code, text := s.command(append([]string{"reconcile", "--account", "first", "--from", "2026-11-01", "--to", "2026-11-01"}, args...)...); code != 2 || !strings.Contains(text, "column") {
		t.Errorf("a strange word: %d %s", code, text)
	}
}
