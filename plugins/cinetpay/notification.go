package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/paymux/paymux/sdk"
)

const tokenHeader = "X-Token"

// signedFields returns the fields that x-token covers, in its order. The
// spelling of cpm_phone_prefixe is CinetPay's.
func signedFields() []string {
	return []string{
		"cpm_site_id", "cpm_trans_id", "cpm_trans_date", "cpm_amount", "cpm_currency", "signature",
		"payment_method", "cel_phone_num", "cpm_phone_prefixe", "cpm_language", "cpm_version",
		"cpm_payment_config", "cpm_page_action", "cpm_custom", "cpm_designation", "cpm_error_message",
	}
}

// form is a form in posted order, which url.Values would lose.
type form []pair

type pair struct{ name, value string }

// HandleNotification reads a notification. CinetPay first asks by GET whether
// the address answers, then posts a form that says on purpose nothing about the
// payment's state. Even a genuine one is only a hint, because x-token holds no
// time: it can be replayed. So Confirm is set on all that name a payment. Those
// of transfers are not signed at all.
func (p *provider) HandleNotification(_ context.Context, req sdk.NotificationRequest) (sdk.Notification, error) {
	switch req.Method {
	case http.MethodGet, http.MethodHead:
		return sdk.Notification{Authenticity: sdk.Ping, Status: http.StatusOK}, nil
	case http.MethodPost:
		return p.posted(req), nil
	default:
		return sdk.Notification{Authenticity: sdk.Forged, Status: http.StatusMethodNotAllowed}, nil
	}
}

func (p *provider) posted(req sdk.NotificationRequest) sdk.Notification {
	received, whole := readForm(req.Body)
	if p.settings.paysOut() && received.aboutTransfer() {
		return transferHint(received)
	}
	trust := sdk.Hint
	if !p.settings.secretKey.Empty() {
		if !whole || !p.genuine(received, tokenOf(req.Header)) {
			return sdk.Notification{
				Authenticity: sdk.Forged, Status: http.StatusUnauthorized,
				Alert: "a notification with a wrong or missing x-token was refused: check secret_key, which is not the apikey",
			}
		}
		trust = sdk.Genuine
	}
	return sdk.Notification{Authenticity: trust, Ref: received.value("cpm_trans_id"), Confirm: true, Status: http.StatusOK}
}

// aboutTransfer reports whether the form is a transfer's: it names one, and has
// no field of a payment's.
func (f form) aboutTransfer() bool {
	ofPayment := slices.ContainsFunc(f, func(one pair) bool { return strings.HasPrefix(one.name, "cpm_") })
	return f.value("client_transaction_id") != "" && !ofPayment
}

// transferHint is a notification of a transfer, which CinetPay does not sign:
// anybody can post one, so that only check/money is believed.
func transferHint(received form) sdk.Notification {
	return sdk.Notification{
		Authenticity: sdk.Hint, Ref: received.value("client_transaction_id"), ProviderRef: received.value("transaction_id"),
		Confirm: true, Status: http.StatusOK,
	}
}

// tokenOf returns the header in whatever case it came.
func tokenOf(header http.Header) string {
	for name, values := range header {
		if strings.EqualFold(name, tokenHeader) && len(values) > 0 {
			return strings.TrimSpace(values[0])
		}
	}
	return ""
}

// genuine reports whether the token was made with the secret key, by CinetPay's
// documented formula or, as its own kits do, from all values in posted order.
func (p *provider) genuine(received form, token string) bool {
	sum, err := hex.DecodeString(token)
	if err != nil {
		return false
	}
	key := []byte(p.settings.secretKey.Reveal())
	byFormula := hmac.Equal(sum, sign(key, received.inFormula()))
	return hmac.Equal(sum, sign(key, received.inPostedOrder())) || byFormula
}

func sign(key []byte, message string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(message))
	return mac.Sum(nil)
}

// inFormula joins the signed fields; an absent one counts as empty.
func (f form) inFormula() string {
	var message strings.Builder
	for _, name := range signedFields() {
		message.WriteString(f.value(name))
	}
	return message.String()
}

func (f form) inPostedOrder() string {
	var message strings.Builder
	for _, one := range f {
		message.WriteString(one.value)
	}
	return message.String()
}

// value returns the first value of the name, or an empty text.
func (f form) value(name string) string {
	for _, one := range f {
		if one.name == name {
			return one.value
		}
	}
	return ""
}

// readForm splits a form body and keeps its order. It reports false when a part
// is not encoded as a form is; such a part is left out.
func readForm(body []byte) (form, bool) {
	var read form
	whole := true
	for part := range strings.SplitSeq(string(body), "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		name, err := url.QueryUnescape(name)
		value, valueErr := url.QueryUnescape(value)
		if err != nil || valueErr != nil {
			whole = false
			continue
		}
		read = append(read, pair{name, value})
	}
	return read, whole
}
