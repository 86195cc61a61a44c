package sandbox

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/paymux/paymux/sdk/sandboxkit"
)

// UnknownID is an answer of check for an id that CinetPay does not know; the
// real one is documented nowhere.
type UnknownID int

// The answers for an unknown id. All of them carry code 608 and no data.
const (
	// UnknownBadRequest answers HTTP 400.
	UnknownBadRequest UnknownID = iota
	// UnknownNotFound answers HTTP 404.
	UnknownNotFound
	// UnknownOK answers HTTP 200.
	UnknownOK
)

func (u UnknownID) status() int {
	switch u {
	case UnknownNotFound:
		return http.StatusNotFound
	case UnknownOK:
		return http.StatusOK
	case UnknownBadRequest:
		return http.StatusBadRequest
	default:
		return http.StatusBadRequest
	}
}

const (
	timeLayout = "2006-01-02 15:04:05"
	// settlementDelay is the age at which the merchant may use the money.
	settlementDelay = 48 * time.Hour
)

// checkData is the data of a check answer. Nil fields are null.
type checkData struct {
	Amount        string  `json:"amount"`
	Currency      string  `json:"currency"`
	Status        string  `json:"status"`
	PaymentMethod *string `json:"payment_method"`
	Description   string  `json:"description"`
	Metadata      *string `json:"metadata"`
	OperatorID    *string `json:"operator_id"`
	PaymentDate   string  `json:"payment_date"`
	Available     string  `json:"fund_availability_date"`
}

// check is POST /v2/payment/check.
func (s *Server) check(c call) sandboxkit.Answer {
	asked, ok := readFields(c)
	if !ok {
		return forbidden()
	}
	s.stage.Lock()
	defer s.stage.Unlock()
	if code, why := checkObjection(asked); code != "" {
		return s.checkoutAnswer(http.StatusBadRequest, code, why, nil)
	}
	p, ok := s.payments[asked.text("transaction_id")]
	if asked.text("transaction_id") == "" {
		p, ok = s.byToken[asked.text("token")]
	}
	if !ok {
		return s.unknownPayment()
	}
	p.Checks++
	if p.Checks <= p.trigger.failedChecks {
		return sandboxkit.Text(http.StatusInternalServerError, "Internal Server Error")
	}
	return s.checkoutAnswer(http.StatusOK, p.Code, "", s.told(p))
}

func checkObjection(asked fields) (code, why string) {
	if asked.text("apikey") == "" || asked.site() == "" {
		return codeFields, "apikey or site_id is missing"
	}
	if asked.text("transaction_id") == "" && asked.text("token") == "" {
		return codeFields, "transaction_id or token is missing"
	}
	return checkCredentials(asked)
}

func (s *Server) unknownPayment() sandboxkit.Answer {
	return s.checkoutAnswer(s.options.UnknownID.status(), codeFields, "no such transaction", nil)
}

// told is what check says of a payment, which a trigger may make differ from
// the ledger. The caller holds the lock.
func (s *Server) told(p *payment) checkData {
	data := checkData{
		Amount: strconv.FormatInt(p.whole, 10), Currency: p.Currency, Status: p.Status,
		PaymentMethod: optional(p.PaymentMethod), Description: p.Description, Metadata: optional(p.Metadata),
		PaymentDate: " ", Available: s.dated(p, p.CreatedAt).Format("2006-01-02") + " 00:00:00",
	}
	if p.DecidedAt == nil {
		return data
	}
	data.Amount = strconv.FormatInt(p.whole+p.trigger.amountOff, 10)
	if p.trigger.otherCurrency {
		data.Currency = anotherCurrency(p.Currency)
	}
	if p.Code == codePaid {
		at := s.dated(p, *p.DecidedAt)
		data.OperatorID = optional(fmt.Sprintf("MP%s.A%05d", at.Format("060102.1504"), p.whole%100_000))
		data.PaymentDate = at.Format(timeLayout)
		data.Available = at.Add(settlementDelay).Format("2006-01-02") + " 00:00:00"
	}
	return data
}

// dated is a time as the payment's texts show it.
func (s *Server) dated(p *payment, at time.Time) time.Time {
	return s.stage.Shown(at.Add(p.trigger.ahead))
}

func anotherCurrency(currency string) string {
	if currency == "XOF" {
		return "XAF"
	}
	return "XOF"
}

func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
