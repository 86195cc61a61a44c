package conformance_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
	"github.com/paymux/paymux/sdk/sandboxkit"
)

// The credentials of the sandbox's only merchant.
const (
	apiKey    = "tally-key-4711"
	apiSecret = "tally-secret-0815"
)

// settleAfter is how long the provider takes.
const settleAfter = 2 * time.Second

// tallySandbox is the sandbox of an invented provider, which takes payments, pays
// out and gives back by one call. It declines phones that end with 000.
type tallySandbox struct {
	*sandboxkit.Server
	stage  *sandboxkit.Stage
	orders []*tallyOrder
}

// tallyOrder is an order as the API takes it and tells it.
type tallyOrder struct {
	ID        string `json:"id"`
	Kind      string `json:"kind"`
	Reference string `json:"reference"`
	Amount    string `json:"amount"`
	Currency  string `json:"currency"`
	Phone     string `json:"phone,omitempty"`
	Of        string `json:"of,omitempty"`
	Notify    string `json:"notify,omitempty"`
	SentAt    int64  `json:"sent_at,omitempty"`
	Status    string `json:"status"`
	Code      string `json:"code"`
	URL       string `json:"url,omitempty"`
}

// newTallySandbox has orders of the kinds in its script.
func newTallySandbox(kinds ...sdk.Kind) *tallySandbox {
	s := &tallySandbox{}
	s.stage = sandboxkit.New(sandboxkit.Setup{
		Operations: []sandboxkit.Operation{"order", "tell"}, State: func() any { return nil },
		Forget: func() { s.orders = nil }, UserAgent: "Tally/1.0", Script: tallyScript(kinds), Charges: s.charges,
	})
	s.Server = s.stage.Server()
	s.stage.HandleFunc("POST /orders", func(w http.ResponseWriter, r *http.Request) {
		body, err := sandboxkit.ReadBody(w, r)
		if err != nil {
			return
		}
		s.stage.Serve(w, r, "order", func() sandboxkit.Answer { return s.order(body) })
	})
	s.stage.HandleFunc("GET /orders", func(w http.ResponseWriter, r *http.Request) {
		s.stage.Serve(w, r, "tell", func() sandboxkit.Answer { return s.tell(r.URL.Query().Get("ref")) })
	})
	return s
}

func tallyScript(kinds []sdk.Kind) sandboxkit.Script {
	of := func(amount, currency string) sandboxkit.Sample {
		return sandboxkit.Sample{Amount: amount, Currency: currency, Country: "CI", Phone: "+2250707123456"}
	}
	declined := of("1000", "XOF")
	declined.Phone = "+2250707123000"
	plays := map[string]sandboxkit.Play{
		"payment": {Orders: []sandboxkit.Sample{of("1000", "XOF"), of("4.35", "EUR"), of("1.234", "KWD")}, Declined: &declined},
		"payout":  {Orders: []sandboxkit.Sample{of("10.50", "EUR")}},
		"refund":  {Orders: []sandboxkit.Sample{of("500", "XOF"), of("4.35", "EUR")}},
	}
	maps.DeleteFunc(plays, func(kind string, _ sandboxkit.Play) bool { return !slices.Contains(kinds, sdk.Kind(kind)) })
	return sandboxkit.Script{SettleMS: 3000, Plays: plays}
}

func (s *tallySandbox) order(body []byte) sandboxkit.Answer {
	var asked tallyOrder
	currency, amount := money.Currency(0), money.Amount{}
	err := json.Unmarshal(body, &asked)
	if err == nil {
		currency, err = money.ParseCurrency(asked.Currency)
	}
	if err == nil {
		amount, err = money.ParsePositive(asked.Amount, currency)
	}
	if err != nil || asked.Reference == "" {
		return sandboxkit.JSON(http.StatusUnprocessableEntity, map[string]string{"code": "E422"})
	}
	s.stage.Lock()
	defer s.stage.Unlock()
	if paid := s.find(asked.Of); asked.Of != "" && (paid == nil || paid.Currency != asked.Currency) {
		return sandboxkit.JSON(http.StatusUnprocessableEntity, map[string]string{"code": "E423"})
	}
	if s.find(asked.Reference) != nil {
		return sandboxkit.JSON(http.StatusConflict, map[string]string{"code": "E409"})
	}
	asked.ID, asked.Status, asked.Code = fmt.Sprintf("t_%d", s.stage.Next()), "open", "100"
	asked.Amount, asked.URL = amount.Decimal(), "https://tally.example.com/pay"
	made := &asked
	s.orders = append(s.orders, made)
	s.stage.After(settleAfter, func() { s.end(made) })
	return sandboxkit.JSON(http.StatusOK, made)
}

// end decides an order and tells the merchant. The lock is held.
func (s *tallySandbox) end(o *tallyOrder) {
	o.Status, o.Code = "paid", "200"
	if strings.HasSuffix(o.Phone, "000") {
		o.Status, o.Code = "declined", "51"
	}
	body, err := json.Marshal(map[string]string{"id": o.ID, "reference": o.Reference, "status": o.Status})
	if err != nil {
		return
	}
	s.stage.Post(0, sandboxkit.Delivery{Ref: o.Reference, Word: o.Status, Requests: []sandboxkit.Request{{
		Method: http.MethodPost, URL: o.Notify, Body: body, Header: http.Header{"X-Tally-Signature": {signed(body)}},
	}}})
}

func signed(body []byte) string {
	mac := hmac.New(sha256.New, []byte(apiSecret))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

func (s *tallySandbox) tell(ref string) sandboxkit.Answer {
	s.stage.Lock()
	defer s.stage.Unlock()
	if o := s.find(ref); o != nil {
		return sandboxkit.JSON(http.StatusOK, o)
	}
	return sandboxkit.JSON(http.StatusNotFound, map[string]string{"code": "E404"})
}

func (s *tallySandbox) find(ref string) *tallyOrder {
	for _, o := range s.orders {
		if ref != "" && (o.Reference == ref || o.ID == ref) {
			return o
		}
	}
	return nil
}

func (s *tallySandbox) charges() []sandboxkit.Charge {
	var all []sandboxkit.Charge
	for _, o := range s.orders {
		all = append(all, sandboxkit.Charge{
			Ref: o.Reference, Kind: o.Kind, Amount: o.Amount, Currency: o.Currency, Paid: o.Status == "paid",
		})
	}
	return all
}
