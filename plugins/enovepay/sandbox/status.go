package sandbox

import (
	"encoding/json"

	"github.com/paymux/paymux/sdk/money"
	"github.com/paymux/paymux/sdk/sandboxkit"
)

// status is the operations status and status_by_reference.
func (s *Server) status(c call) sandboxkit.Answer {
	s.stage.Lock()
	defer s.stage.Unlock()
	if !s.admitted(c) {
		return s.enveloped(codeBadToken, nil)
	}
	t, ok := s.find(c.values)
	if !ok {
		return s.enveloped(codeBadInput, nil)
	}
	t.Checks++
	return s.told(t)
}

func (s *Server) find(values map[string]string) (*transaction, bool) {
	if id, ok := values["transaction_id"]; ok {
		t, known := s.byID[id]
		return t, known
	}
	return s.byReference(values["reference_number"])
}

// byReference finds a payment before a payout of the same reference.
func (s *Server) byReference(ref string) (*transaction, bool) {
	for _, op := range []Operation{OpCollect, OpPayout} {
		if t, ok := s.byRef[key{op, ref}]; ok {
			return t, true
		}
	}
	return nil, false
}

// told is what status says, which a trigger may make differ from the ledger.
func (s *Server) told(t *transaction) sandboxkit.Answer {
	fields := map[string]any{
		"transaction_id": t.TransactionID, "reference_number": t.Ref, "transaction_amount": t.toldAmount(), "currency": t.Currency,
	}
	if s.options.StatusCodes && t.shown == wordProgress {
		return s.enveloped(codePending, fields)
	}
	if s.options.StatusCodes && t.shown == wordFailed {
		return s.enveloped(codeFailed, fields)
	}
	fields["transaction_status"] = t.shown
	return s.enveloped(codeHandled, fields)
}

func (t *transaction) toldAmount() json.Number {
	currency := t.amount.Currency()
	return json.Number(money.Of(t.amount.Minor()+t.trigger.amountOff*minorPerUnit(currency), currency).Decimal())
}

// balance is the operation of the same name. Without a currency in its path it
// tells those of all countries.
func (s *Server) balance(c call) sandboxkit.Answer {
	s.stage.Lock()
	defer s.stage.Unlock()
	if !s.admitted(c) {
		return s.enveloped(codeBadToken, nil)
	}
	codes := []string{"GHS", "KES", "NGN", "XAF", "XOF"}
	if code, asked := c.values["currency"]; asked {
		codes = []string{code}
	}
	balances := []map[string]any{}
	for _, code := range codes {
		currency, err := money.ParseCurrency(code)
		if err != nil {
			return s.enveloped(codeBadInput, nil)
		}
		available := money.Of(max(s.float(currency), 0), currency)
		balances = append(balances, map[string]any{"currency": code, "available": json.Number(available.Decimal())})
	}
	return s.enveloped(codeHandled, map[string]any{"balances": balances})
}
