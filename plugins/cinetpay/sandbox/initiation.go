package sandbox

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/paymux/paymux/sdk/sandboxkit"
)

const (
	transactionIDMax = 100
	customerPrefix   = "customer_"
)

// initiation is an init request that passed.
type initiation struct {
	transactionID, currency, description string
	notifyURL, returnURL                 string
	channels, lang, metadata             string
	amount                               int64
}

// initiate is POST /v2/payment.
func (s *Server) initiate(c call) sandboxkit.Answer {
	asked, ok := readFields(c)
	if !ok || asked.jsonMetadata() {
		return forbidden()
	}
	s.stage.Lock()
	defer s.stage.Unlock()
	transactionID := asked.text("transaction_id")
	if transactionID != "" {
		s.paymentCalls[transactionID]++
	}
	if code, why := s.objection(asked); code != "" {
		return s.checkoutAnswer(http.StatusBadRequest, code, why, nil)
	}
	return s.begin(asked.initiation(), "http://"+c.request.Host)
}

// forbidden is the firewall's page.
func forbidden() sandboxkit.Answer {
	return sandboxkit.Answer{
		Status: http.StatusForbidden, Type: "text/html; charset=utf-8",
		Body: []byte("<html><head><title>403 Forbidden</title></head><body>403 Forbidden</body></html>"),
	}
}

func (f fields) initiation() initiation {
	amount, _ := f.whole("amount")
	lang := f.text("lang")
	if lang == "" {
		lang = "fr"
	}
	return initiation{
		transactionID: f.text("transaction_id"), currency: f.text("currency"), description: f.text("description"),
		notifyURL: f.text("notify_url"), returnURL: f.text("return_url"),
		channels: f.text("channels"), lang: lang, metadata: f.text("metadata"), amount: amount,
	}
}

// begin applies the triggers of init and creates the payment. The caller holds
// the lock.
func (s *Server) begin(asked initiation, root string) sandboxkit.Answer {
	chosen := triggerOf(asked.amount)
	switch chosen.refusal {
	case http.StatusTooManyRequests:
		return s.checkoutAnswer(chosen.refusal, codeTooMany, "too many requests, nothing was created", nil)
	case http.StatusInternalServerError:
		return sandboxkit.Text(chosen.refusal, "Internal Server Error")
	}
	p := s.create(asked)
	created := s.checkoutAnswer(http.StatusOK, codeCreated, "Transaction created with success", map[string]string{
		"payment_token": p.PaymentToken,
		"payment_url":   root + "/payment/" + p.PaymentToken,
	})
	created.Dropped = chosen.dropped
	return created
}

// objection is the first check that the request fails, in CinetPay's order, or
// an empty code.
func (s *Server) objection(f fields) (code, why string) {
	for _, check := range []func(fields) (string, string){
		s.checkPresence, checkWords, s.checkURLs, checkCredentials, s.checkCurrency, checkAmount, checkCustomer, s.checkReuse,
	} {
		if code, why := check(f); code != "" {
			return code, why
		}
	}
	return "", ""
}

func (s *Server) checkPresence(f fields) (string, string) {
	for _, name := range []string{
		"apikey", "transaction_id", "currency", "description", "notify_url", "return_url", "channels",
	} {
		if f.text(name) == "" {
			return codeFields, name + " is missing"
		}
	}
	for _, name := range []string{"site_id", "amount"} {
		if value := string(bytes.TrimSpace(f[name])); value == "" || value == "null" || value == `""` {
			return codeFields, name + " is missing"
		}
	}
	return "", ""
}

func checkWords(f fields) (string, string) {
	id := f.text("transaction_id")
	if strings.ContainsAny(id, "#/$&") || len(id) > transactionIDMax {
		return codeFields, "transaction_id holds a forbidden character or is too long"
	}
	if strings.ContainsAny(f.text("description"), "#/$_&") {
		return codeFields, "description holds a forbidden character"
	}
	if !slices.Contains([]string{"ALL", "MOBILE_MONEY", "CREDIT_CARD", "WALLET"}, f.text("channels")) {
		return codeFields, "channels is not a known word"
	}
	if lang, ok := f["lang"]; ok && string(lang) != `"fr"` && string(lang) != `"en"` {
		return codeFields, "lang is neither fr nor en"
	}
	if metadata, ok := f["metadata"]; ok && string(metadata) != "null" && !bytes.HasPrefix(metadata, []byte(`"`)) {
		return codeFields, "metadata is not a string"
	}
	return "", ""
}

func (s *Server) checkURLs(f fields) (string, string) {
	for _, name := range []string{"notify_url", "return_url"} {
		address, err := url.Parse(f.text(name))
		if err != nil || address.Host == "" || address.Scheme != "http" && address.Scheme != "https" {
			return codeFields, name + " is not an absolute URL"
		}
		if s.options.StrictURLs && strings.EqualFold(address.Hostname(), "localhost") {
			return codeFields, name + " is localhost, which is not reachable"
		}
	}
	return "", ""
}

func checkCredentials(f fields) (string, string) {
	if f.text("apikey") != APIKey {
		return "609", "apikey does not belong to any merchant"
	}
	if f.site() != SiteID {
		return "613", "site_id does not belong to this merchant"
	}
	return "", ""
}

func (s *Server) checkCurrency(f fields) (string, string) {
	currency := f.text("currency")
	if _, known := marketOf(currency); !known || !slices.Contains(s.options.Currencies, currency) {
		return "612", "the site does not take this currency"
	}
	return "", ""
}

func checkAmount(f fields) (string, string) {
	amount, ok := f.whole("amount")
	currency := f.text("currency")
	if !ok || !multipleOfFive(amount, currency) {
		return codeFields, "amount is not an integer or not a multiple of 5"
	}
	place, _ := marketOf(currency)
	if amount < place.minimum {
		return "641", "amount is below the minimum"
	}
	if amount > place.maximum {
		return "642", "amount is above the maximum"
	}
	return "", ""
}

// checkCustomer refuses a customer that is neither whole nor only a name.
func checkCustomer(f fields) (string, string) {
	var lock bool
	if raw, ok := f["lock_phone_number"]; ok && json.Unmarshal(raw, &lock) != nil {
		return "624", "lock_phone_number is not a boolean"
	}
	if lock && !strings.HasPrefix(f.text("customer_phone_number"), "+") {
		return "624", "lock_phone_number needs customer_phone_number in international form"
	}
	sent := 0
	rest := []string{"email", "phone_number", "address", "city", "country", "state", "zip_code"}
	for _, name := range rest {
		if f.text(customerPrefix+name) != "" {
			sent++
		}
	}
	named := f.text("customer_name") != "" && f.text("customer_surname") != ""
	if sent > 0 && !lock && (sent < len(rest) || !named) {
		return "624", "the customer's fields are incomplete"
	}
	return "", ""
}

func (s *Server) checkReuse(f fields) (string, string) {
	if _, used := s.payments[f.text("transaction_id")]; used {
		return "620", "transaction_id was already used"
	}
	return "", ""
}
