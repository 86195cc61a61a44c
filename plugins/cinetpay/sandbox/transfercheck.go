package sandbox

import (
	"net/url"
	"strconv"

	"github.com/paymux/paymux/sdk/sandboxkit"
)

// checkMoney is GET /v1/transfer/check/money.
func (s *Server) checkMoney(c call) sandboxkit.Answer {
	s.stage.Lock()
	defer s.stage.Unlock()
	query := c.request.URL.Query()
	if code := s.sessionObjection(query); code != "" {
		return transferRefusal(code)
	}
	t, ok := s.findTransfer(query)
	if !ok {
		return transferRefusal("723")
	}
	t.Checks++
	return transferAnswer([]any{s.toldTransfer(t)})
}

func (s *Server) findTransfer(query url.Values) (*transfer, bool) {
	if ref := query.Get("client_transaction_id"); ref != "" {
		t, ok := s.transfers[ref]
		return t, ok
	}
	for _, t := range s.paidOut {
		if t.TransactionID == query.Get("transaction_id") || t.Lot == query.Get("lot") {
			return t, true
		}
	}
	return nil, false
}

// toldTransfer is what check/money says, which a trigger may make differ from the ledger.
func (s *Server) toldTransfer(t *transfer) map[string]any {
	valid := "Y"
	if t.SendingStatus != sendingConfirmed {
		valid = "N"
	}
	return map[string]any{
		"transaction_id": t.TransactionID, "client_transaction_id": t.Ref, "lot": t.Lot,
		"amount":   strconv.FormatInt(t.whole+t.trigger.amountOff, 10),
		"receiver": t.phone, "receiver_e164": "+" + t.Prefix + t.phone, "operator": t.method,
		"sending_status": t.SendingStatus, "transfer_valid": valid, "treatment_status": t.Status,
		"comment": "", "validated_at": optional(s.validatedAt(t, t.Status)),
	}
}

// checkBalance is GET /v1/transfer/check/balance.
func (s *Server) checkBalance(c call) sandboxkit.Answer {
	s.stage.Lock()
	defer s.stage.Unlock()
	if code := s.sessionObjection(c.request.URL.Query()); code != "" {
		return transferRefusal(code)
	}
	amount := s.options.Balance - s.paid
	return transferAnswer(map[string]int64{"amount": amount, "inUsing": s.held, "available": amount - s.held})
}
