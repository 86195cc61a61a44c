package main

import (
	"context"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core/api"
	enovepay "github.com/paymux/paymux/plugins/enovepay/sandbox"
	numipay "github.com/paymux/paymux/plugins/numipay/sandbox"
	"github.com/paymux/paymux/sdk/sandboxkit"
)

// The card of these tests, which may come out nowhere.
const (
	cardNumber = "4539578763621486"
	cardCode   = "8642"
	cardHolder = "Canary Holderine"
)

// cardCanaries are the card as it might come out. Four digits alone stand in many
// a time of day, so that the security code is looked for as it would be printed.
func cardCanaries() map[string]string {
	return map[string]string{
		"card number": cardNumber, "card number in groups": "4539 5787 6362 1486", "card number with hyphens": "4539-5787-6362-1486",
		"most of the card number": cardNumber[2:14], "holder": cardHolder,
		"security code as text": strconv.Quote(cardCode), "security code in a struct": " " + cardCode + "}",
		"security code by name": "CVV:" + cardCode, "security code in a query": "=" + cardCode,
	}
}

// cardRules try an account that takes no cards first.
const cardRules = `version: 1
rules:
  - name: naira
    match: { country: NG, currency: NGN }
    use:   { order: [second, cardless, first] }
default: { deny: "only Nigeria is served" }
`

func cardPayment(amount string) api.Payment {
	payment := nairaPayment(amount, "000")
	payment.Method = "card"
	payment.Card = &api.PaymentCard{Number: cardNumber, Holder: cardHolder, ExpMonth: 11, ExpYear: 2031, CVV: cardCode}
	payment.Browser = &api.PaymentBrowser{UserAgent: "Mozilla/5.0", Accept: "*/*", Language: "en", ScreenWidth: 800, ScreenHeight: 600, Timezone: "UTC"}
	return payment
}

// openTill opens a market in which one account of Numipay takes cards, and the engine logs all it can.
func openTill(t *testing.T) (*shop, *numipay.Server) {
	t.Helper()
	cards := started(t, numipay.New(numipay.Options{}))
	s := writeMarket(t, cardRules,
		atNumipay("first", cards).with(map[string]any{"allow_s2s": "true"}),
		atNumipay("cardless", started(t, numipay.New(numipay.Options{}))),
		atEnovePay("second", started(t, enovepay.New(enovepay.Options{}))))
	s.environ = []string{"PAYMUX_LOG__LEVEL=trace"}
	s.open()
	return s, cards
}

func TestEveryTriggerOfNumipayForCardsAndTheCardIsNowhere(t *testing.T) {
	t.Parallel()
	s, cards := openTill(t)
	plays := map[string]play{}
	for decimals, row := range numipayPaymentRows() {
		row.order = cardPayment("50." + decimals)
		switch decimals {
		case "07":
			row.soon = "failed rate_limited: first rejected" // Nobody else takes cards.
		case "04", "17", "20":
			row.soon = "processing: first pending" // Without 3-D Secure nobody is sent anywhere.
		}
		plays["card "+decimals] = row
	}
	all := s.perform(plays, func() { cards.Advance(45 * time.Second) })
	books := ledgerOfNumipay(cards.State())
	books.transactions = all
	books.check(t, "card 12 is paid true there and review here", "card 19 is paid true there and review here")
	ids := make([]string, 0, len(all))
	for _, tx := range all {
		ids = append(ids, tx.ID)
	}
	s.checkNoCard(ids)
}

// The call is slow, the engine dies, and who comes after it has no card to send again.
func TestACardPaymentIsOnlyAskedAboutAfterACrash(t *testing.T) {
	t.Parallel()
	s, cards := openTill(t)
	if err := cards.Inject(numipay.Fault{Op: numipay.OpS2S, Kind: sandboxkit.FaultSlow, DelayMS: 5000}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	accepted := make(chan error, 1)
	go func() {
		_, err := s.client.Pay(ctx, "key", cardPayment("50.00"))
		accepted <- err
	}()
	s.until("the card is with the provider", func(context.Context) (bool, error) { return len(cards.State().Transactions) == 1, nil })
	if err := s.engine.Kill(); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-accepted; err == nil {
		t.Error("an engine that died has answered")
	}
	before := s.engine.Output()
	s.open()
	again, err := s.client.Pay(t.Context(), "key", cardPayment("50.00"))
	if err != nil {
		t.Fatal(err)
	}
	tx := s.await(again.Transaction.ID, "succeeded")
	if diff := cmp.Diff("first succeeded", attempts(tx)); diff != "" {
		t.Errorf("attempts (-want +got):\n%s", diff)
	}
	if there := cards.State().Transactions; len(there) != 1 || there[0].CreateCalls != 1 {
		t.Errorf("the provider has %+v, want one, asked for once", there)
	}
	for _, leak := range (sinks{"output of the engine that died": before}).leaks(cardCanaries()) {
		t.Error(leak)
	}
	s.checkNoCard([]string{tx.ID})
}

// What is wrong with a card, or with who sends it, is said without the card.
func TestARefusedCardIsNotRepeated(t *testing.T) {
	t.Parallel()
	s, cards := openTill(t)
	out := sinks{}
	for name, change := range map[string]func(*api.Payment){
		"a month that is none":    func(p *api.Payment) { p.Card.ExpMonth = 13 },
		"a number with a hyphen":  func(p *api.Payment) { p.Card.Number = "4539-5787-6362-1486" },
		"a number in the note":    func(p *api.Payment) { p.Metadata = map[string]string{"note": cardNumber} },
		"a number in the text":    func(p *api.Payment) { p.Description = "card 4539 5787 6362 1486" },
		"a number as the phone":   func(p *api.Payment) { p.Customer.Phone = cardNumber },
		"an account without them": func(p *api.Payment) { p.Provider = "cardless" },
	} {
		payment := cardPayment("50.00")
		change(&payment)
		answer, err := s.client.Pay(t.Context(), "key "+name, payment)
		if err == nil {
			t.Errorf("%s: it was accepted as %s", name, answer.Transaction.State)
			continue
		}
		out[name] = err.Error()
	}
	for _, leak := range out.leaks(cardCanaries()) {
		t.Error(leak)
	}
	if there := cards.State().Transactions; len(there) != 0 {
		t.Errorf("the provider was asked for %+v", there)
	}
	s.checkNoCard(nil)
}

// checkNoCard ends the engine and looks for the card in all that it ever wrote or said.
func (s *shop) checkNoCard(ids []string) {
	s.t.Helper()
	out := sinks{}
	s.askEverything(out, ids)
	for _, id := range ids {
		_, out["tx show "+id] = s.command("tx", "show", id)
	}
	if _, code := s.terminate(); code != 0 {
		s.t.Errorf("it ended with code %d", code)
	}
	out["engine's output"] = s.engine.Output()
	store, err := os.ReadFile(s.setup.Store())
	if err != nil {
		s.t.Fatal(err)
	}
	out["store"] = string(store)
	leaks := out.leaks(cardCanaries())
	for _, leak := range leaks {
		s.t.Error(leak)
	}
	if len(ids) > 0 && !strings.Contains(out["store"], ids[0]) || !strings.Contains(out["engine's output"], "numipay") {
		s.t.Error("not even what is there was found: the search is blind")
	}
	s.t.Logf("chaos 34: %d canaries of a card, %d leaks in %d sinks, %d bytes of store and %d of output at level trace; control: what is there is found",
		len(cardCanaries()), len(leaks), len(out), len(out["store"]), len(out["engine's output"]))
}
