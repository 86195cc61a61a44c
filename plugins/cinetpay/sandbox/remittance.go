package sandbox

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/paymux/paymux/sdk/sandboxkit"
)

// remittance is one item of a send call.
type remittance struct {
	ref, prefix, phone, notifyURL, method string
	amount                                int64
	whole                                 bool // amount is an integer
}

func remittanceOf(item fields) remittance {
	amount, whole := item.whole("amount")
	if text := item.text("amount"); !whole && text != "" {
		parsed, err := strconv.ParseInt(text, 10, 64)
		amount, whole = parsed, err == nil
	}
	return remittance{
		ref: item.text("client_transaction_id"), prefix: item.text("prefix"), phone: item.text("phone"),
		notifyURL: item.text("notify_url"), method: item.text("payment_method"), amount: amount, whole: whole,
	}
}

func (r remittance) methodOr(place country) string {
	if r.method == "" && len(place.methods) > 0 {
		return place.methods[0]
	}
	return r.method
}

// send is POST /v1/transfer/money/send/contact. It takes one transfer a call.
func (s *Server) send(c call) sandboxkit.Answer {
	s.stage.Lock()
	defer s.stage.Unlock()
	item, code := readOne(c)
	if ref := item.text("client_transaction_id"); ref != "" {
		s.transferCalls[ref]++
	}
	if refused := s.sessionObjection(c.request.URL.Query()); refused != "" {
		return transferRefusal(refused)
	}
	if code != "" {
		return transferRefusal(code)
	}
	if refused, ok := receiverForm(item); !ok {
		return refused
	}
	return s.remit(remittanceOf(item))
}

// readOne reads the only item of a send call. The code says why it cannot, also for an item that
// it could read.
func readOne(c call) (item fields, code string) {
	items, code := readItems(c)
	if code != "" {
		return nil, code
	}
	if len(items) != 1 {
		return nil, "716"
	}
	item = items[0]
	if item.text("client_transaction_id") == "" || len(item["amount"]) == 0 {
		return item, "716"
	}
	return item, ""
}

// remit applies the triggers of send and creates the transfer. The caller holds the lock.
func (s *Server) remit(asked remittance) sandboxkit.Answer {
	if code := s.remittanceObjection(asked); code != "" {
		return transferAnswer([]any{[]any{refusedItem(asked.echo(), code)}})
	}
	if refused, ok := s.sendTrigger(asked); !ok {
		return refused
	}
	if asked.amount > s.options.Balance-s.paid-s.held {
		return transferRefusal("602")
	}
	t := s.payOut(asked)
	told := asked.echo()
	told["code"], told["status"] = 0, "success"
	told["treatment_status"], told["transaction_id"], told["lot"] = t.Status, t.TransactionID, t.Lot
	if t.trigger.unconfirmed {
		told["sending_status"] = t.SendingStatus
	}
	sent := transferAnswer([]any{[]any{told}})
	sent.Dropped = t.trigger.dropped
	return sent
}

// sendTrigger is what a trigger answers instead of creating the transfer.
func (s *Server) sendTrigger(asked remittance) (sandboxkit.Answer, bool) {
	chosen := transferTriggerOf(asked.phone, s.options.CompletionDelay)
	switch {
	case chosen.refusal != 0:
		return sandboxkit.Text(chosen.refusal, http.StatusText(chosen.refusal)), false
	case chosen.callCode != "":
		return transferRefusal(chosen.callCode), false
	case chosen.itemCode != "":
		return transferAnswer([]any{[]any{refusedItem(asked.echo(), chosen.itemCode)}}), false
	case chosen.expels && !s.expelled[asked.ref]:
		s.expelled[asked.ref] = true
		return transferRefusal("706"), false
	}
	return sandboxkit.Answer{}, true
}

func (r remittance) echo() map[string]any {
	return map[string]any{
		"prefix": r.prefix, "phone": r.phone, "amount": r.amount, "notify_url": r.notifyURL,
		"client_transaction_id": r.ref,
	}
}

// remittanceObjection is the first reason against a transfer, or an empty code.
func (s *Server) remittanceObjection(r remittance) string {
	place, served := countryOf(r.prefix)
	_, used := s.transfers[r.ref]
	switch {
	case r.notifyURL == "":
		return "725"
	case !served:
		return "802"
	case !s.contacts[r.prefix+r.phone]:
		return "724"
	case r.method != "" && !slices.Contains(place.methods, r.method):
		return "811"
	case !r.whole || r.amount <= 0 || r.amount%5 != 0:
		return "801"
	case r.amount < place.minimum:
		return "719"
	case r.amount > place.maximum:
		return "720"
	case used:
		return "805"
	}
	return ""
}
