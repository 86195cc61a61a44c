package sandboxkit

import "net/http"

// Script says what to order of a sandbox so that it behaves as a conformance run
// wants to see it.
type Script struct {
	// SettleMS is how long after it was made a transaction has come to its end, in
	// milliseconds of the sandbox clock.
	SettleMS int64 `json:"settle_ms"`
	// Plays are by kind: "payment", "payout" and "refund", as far as the provider
	// has them.
	Plays map[string]Play `json:"plays"`
}

// Play is what to order of one kind.
type Play struct {
	// Orders are paid without surprises. The first is used everywhere, the others
	// for other currencies and amounts.
	Orders []Sample `json:"orders"`
	// Declined is refused by the customer's side, in the answer of the creating
	// call or afterwards. It is absent where the provider declines nothing.
	Declined *Sample `json:"declined,omitempty"`
}

// Sample is what an order says beside its reference and its addresses. A refund
// has the amount alone.
type Sample struct {
	// Amount is in major units, with exactly the decimals of the currency.
	Amount        string `json:"amount"`
	Currency      string `json:"currency"`
	Country       string `json:"country,omitempty"`
	Method        string `json:"method,omitempty"`
	Network       string `json:"network,omitempty"`
	Phone         string `json:"phone,omitempty"`
	Name          string `json:"name,omitempty"`
	Surname       string `json:"surname,omitempty"`
	Email         string `json:"email,omitempty"`
	CustomerID    string `json:"customer_id,omitempty"`
	IBAN          string `json:"iban,omitempty"`
	BankCode      string `json:"bank_code,omitempty"`
	AccountNumber string `json:"account_number,omitempty"`
}

// Charge is a transaction that was really made, whatever the API told. One that
// was made twice is there twice.
type Charge struct {
	// Ref is our reference, as it came.
	Ref  string `json:"ref"`
	Kind string `json:"kind"`
	// Amount is in major units, with exactly the decimals of the currency.
	Amount   string `json:"amount"`
	Currency string `json:"currency"`
	// Paid says that the money moved and is there still.
	Paid bool `json:"paid"`
}

func (s *Stage) routeScript() {
	if s.setup.Charges == nil {
		return
	}
	s.HandleFunc("GET "+ControlPrefix+"script", func(w http.ResponseWriter, _ *http.Request) {
		s.Write(w, JSON(http.StatusOK, s.setup.Script))
	})
	s.HandleFunc("GET "+ControlPrefix+"charges", func(w http.ResponseWriter, _ *http.Request) {
		s.Lock()
		charges := append([]Charge{}, s.setup.Charges()...)
		s.Unlock()
		s.Write(w, JSON(http.StatusOK, map[string][]Charge{"charges": charges}))
	})
}
