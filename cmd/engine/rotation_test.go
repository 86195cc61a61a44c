package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/paymux/paymux/core/api"
	cinetpay "github.com/paymux/paymux/plugins/cinetpay/sandbox"
	enovepay "github.com/paymux/paymux/plugins/enovepay/sandbox"
	numipay "github.com/paymux/paymux/plugins/numipay/sandbox"
)

// retired is the secret of before a rotation, at every provider.
const retired = "the-secret-of-before"

// questionAt are the ages at which a provider is asked: once soon, and then only
// because of a notification.
const questionAt = "2s, 1h"

// signer is a provider that signs its notifications with the secret in a setting.
type signer struct {
	account
	setting, secret string
	order           api.Payment
	// pays lets the customer pay, of which the provider tells, and returns how that
	// was answered.
	pays func(ref string) (int, error)
	// asked counts the questions about a payment.
	asked func(ref string) int
	// claim says that a payment is paid, dated as told.
	claim func(secret string, tx api.Transaction, at time.Time) (body string, header http.Header)
}

// signers are the providers that send notifications.
func signers(t *testing.T) []signer {
	t.Helper()
	atCinet := started(t, cinetpay.New(cinetpay.Options{CompletionDelay: -1}))
	atEnove := started(t, enovepay.New(enovepay.Options{}))
	atNumi := started(t, numipay.New(numipay.Options{}))
	return []signer{
		{
			account: atCinetPay("cinetpay", atCinet), setting: "secret_key", secret: cinetpay.SecretKey, order: order(""),
			pays: func(ref string) (int, error) {
				if err := atCinet.Decide(ref, cinetpay.Decision{Action: cinetpay.Pay, Silent: true}); err != nil {
					return 0, err
				}
				told, err := atCinet.Notify(ref, cinetpay.Again{})
				if err != nil {
					return 0, err
				}
				return told[len(told)-1].Status, nil
			},
			asked: func(ref string) int { p, _ := atCinet.Payment(ref); return p.Checks },
			claim: claimOfCinetPay,
		},
		{
			account: atEnovePay("enovepay", atEnove), setting: "client_secret_key", secret: enovepay.ClientSecretKey,
			order: nairaPayment("5000.00", "114"), // It waits for ever.
			pays: func(ref string) (int, error) {
				if err := atEnove.Decide(ref, enovepay.Decision{Action: enovepay.Pay, Silent: true}); err != nil {
					return 0, err
				}
				told, err := atEnove.Notify(ref, enovepay.Again{})
				if err != nil {
					return 0, err
				}
				return told[len(told)-1].Status, nil
			},
			asked: func(ref string) int { p, _ := atEnove.Transaction(ref); return p.Checks },
			claim: claimOfEnovePay,
		},
		{
			account: atNumipay("numipay", atNumi), setting: "signature_password", secret: numipay.SignaturePassword,
			order: nairaPayment("50.04", "000"), // It waits for ever.
			pays: func(ref string) (int, error) {
				if err := atNumi.Decide(ref, numipay.Decision{Action: numipay.Pay, Silent: true}); err != nil {
					return 0, err
				}
				told, err := atNumi.Notify(ref, numipay.Again{})
				if err != nil {
					return 0, err
				}
				return told[len(told)-1].Status, nil
			},
			asked: func(ref string) int { p, _ := atNumi.Transaction(ref); return p.Checks },
			claim: claimOfNumipay,
		},
	}
}

func claimOfCinetPay(secret string, tx api.Transaction, at time.Time) (string, http.Header) {
	form := url.Values{
		"cpm_site_id": {cinetpay.SiteID}, "cpm_trans_id": {tx.Attempts[0].Ref}, "cpm_trans_date": {at.Format(time.DateTime)},
		"cpm_amount": {tx.Amount}, "cpm_currency": {tx.Currency}, "cpm_error_message": {"SUCCES"},
	}
	seal := hmac.New(sha256.New, []byte(secret))
	for _, name := range []string{"cpm_site_id", "cpm_trans_id", "cpm_trans_date", "cpm_amount", "cpm_currency", "cpm_error_message"} {
		seal.Write([]byte(form.Get(name)))
	}
	return form.Encode(), http.Header{
		"Content-Type": {"application/x-www-form-urlencoded"}, "X-Token": {hex.EncodeToString(seal.Sum(nil))},
	}
}

func claimOfEnovePay(secret string, tx api.Transaction, at time.Time) (string, http.Header) {
	a := tx.Attempts[0]
	body, _ := json.Marshal(map[string]any{ // Only texts and numbers are in it.
		"success": true, "status_code": 100, "transaction_id": a.ProviderRef, "transaction_amount": 5000, "transaction_status": "Success",
		"reference_number": a.Ref, "created_at": at,
	})
	seal := md5.Sum([]byte(a.ProviderRef + secret))
	return string(body), http.Header{"Content-Type": {"application/json"}, "Authorization": {"Bearer " + hex.EncodeToString(seal[:])}}
}

func claimOfNumipay(secret string, tx api.Transaction, at time.Time) (string, http.Header) {
	a := tx.Attempts[0]
	body, _ := json.Marshal(map[string]any{ // Only texts are in it.
		"transaction_id": a.ProviderRef, "user_id": "c-7", "tracking_id": a.Ref, "status": "successful", "currency": tx.Currency,
		"amount": tx.Amount, "transaction_type": "deposit", "created_at": at,
	})
	seal := sha1.Sum([]byte(string(body) + secret))
	return string(body), http.Header{"Content-Type": {"application/json"}, "X-Signature": {strings.ToUpper(hex.EncodeToString(seal[:]))}}
}

// A provider's secret is changed there first and here later. What it signs
// meanwhile is refused, and found out by a question; after, what the old secret
// signs is refused. The control is the old secret before: it is believed.
func TestARotatedSecretLosesNothing(t *testing.T) {
	t.Parallel()
	r := &rotation{all: signers(t)}
	r.openWith(t, retired)
	before, across := r.order("before"), r.order("across")
	r.told("with the old secret, before the change", before, retired, time.Now(), http.StatusOK)
	r.paid("while only the provider has the new secret", before, http.StatusUnauthorized)

	if _, code := r.terminate(); code != 0 {
		t.Errorf("it ended with code %d", code)
	}
	r.openWith(t, "")
	r.questioned(across, 1)
	asked := r.askedOf(across)
	r.told("with the old secret, after the change", across, retired, time.Now(), http.StatusUnauthorized)
	r.stand(across, "requires_action", "processing")
	if now := r.askedOf(across); now != asked {
		t.Errorf("%d questions because of what the old secret signed", now-asked)
	}
	for _, years := range []int{-30, 200} {
		r.told("dated wrong", across, "", time.Now().AddDate(years, 0, 0), http.StatusOK)
	}
	r.questioned(across, 2)
	r.stand(across, "requires_action", "processing")
	r.paid("with the new secret", across, http.StatusOK)
	r.told("dated wrong, and old news", across, "", time.Now().AddDate(-30, 0, 0), http.StatusOK)
	r.stand(across, "succeeded")
	t.Logf("chaos 20: a secret rotated at %d providers: what it signed before it was changed here was refused, and %d of %d payments were found by a question; "+
		"after, the old one was refused %d times without effect; %d notifications dated 200 years ahead or 30 years back believed no more than others, none of the providers signs a time; "+
		"control, the old secret before: believed %d times", len(r.all), len(before), len(before), len(across), 3*len(across), len(before))
}

// rotation is an engine with the providers that sign.
type rotation struct {
	*shop
	all []signer
}

// openWith opens the engine with the secret at every provider, the sandboxes' own
// where it is empty. The store stays.
func (r *rotation) openWith(t *testing.T, secret string) {
	t.Helper()
	var accounts []account
	for _, one := range r.all {
		if secret != "" {
			one.secret = secret
		}
		accounts = append(accounts, one.with(map[string]any{one.setting: one.secret}))
	}
	if r.shop == nil {
		r.shop = writeMarket(t, "version: 1\ndefault: { order: [cinetpay, enovepay, numipay] }\n", accounts...)
	}
	r.keep(r.setup.Config(), r.marketConfig(accounts))
	r.askOnlyAt(questionAt)
	r.open()
}

// order asks for a payment at every provider.
func (r *rotation) order(reference string) map[string]api.Transaction {
	r.t.Helper()
	placed := map[string]api.Transaction{}
	for _, one := range r.all {
		payment := one.order
		payment.Reference, payment.Provider = reference+" "+one.name, one.name
		answer, err := r.client.Pay(r.t.Context(), reference+one.name, payment)
		if err != nil {
			r.t.Fatalf("%s: %v", one.name, err)
		}
		placed[one.name] = answer.Transaction
	}
	return placed
}

// told brings a notification that says paid, signed with the secret, or with the
// provider's own where it is empty.
func (r *rotation) told(how string, placed map[string]api.Transaction, secret string, at time.Time, want int) {
	r.t.Helper()
	for _, one := range r.all {
		key := secret
		if key == "" {
			key = one.secret
		}
		tx, err := r.client.Transaction(r.t.Context(), placed[one.name].ID) // It may know the provider's id by now.
		if err != nil {
			r.t.Fatal(err)
		}
		body, header := one.claim(key, tx, at)
		req, err := http.NewRequestWithContext(r.t.Context(), http.MethodPost, r.engine.URL+"/v1/webhooks/"+one.name, bytes.NewReader([]byte(body)))
		if err != nil {
			r.t.Fatal(err)
		}
		req.Header = header
		if status, text := send(r.t, req); status != want {
			r.t.Errorf("%s, %s: %d %s, want %d", one.name, how, status, text, want)
		}
	}
}

// paid lets all customers pay and waits until the engine knows. Nothing may be
// dated otherwise than by our own clock.
func (r *rotation) paid(how string, placed map[string]api.Transaction, want int) {
	r.t.Helper()
	for _, one := range r.all {
		status, err := one.pays(placed[one.name].Attempts[0].Ref)
		if err != nil || status != want {
			r.t.Errorf("%s, %s: its notification was answered %d, %v, want %d", one.name, how, status, err, want)
		}
	}
	for name, tx := range placed {
		known := r.await(tx.ID, "succeeded")
		if ended := known.Attempts[0].EndedAt; ended == nil || time.Since(*ended).Abs() > waitMax {
			r.t.Errorf("%s, %s: paid at %v", name, how, ended)
		}
	}
}

// questioned waits until every provider was asked so often.
func (r *rotation) questioned(placed map[string]api.Transaction, times int) {
	r.t.Helper()
	for _, one := range r.all {
		r.until(one.name+" is asked", func(context.Context) (bool, error) {
			return one.asked(placed[one.name].Attempts[0].Ref) >= times, nil
		})
	}
}

func (r *rotation) askedOf(placed map[string]api.Transaction) int {
	sum := 0
	for _, one := range r.all {
		sum += one.asked(placed[one.name].Attempts[0].Ref)
	}
	return sum
}

// stand checks the states of all.
func (r *rotation) stand(placed map[string]api.Transaction, states ...string) {
	r.t.Helper()
	for name, tx := range placed {
		if now, err := r.client.Transaction(r.t.Context(), tx.ID); err != nil || !strings.Contains(strings.Join(states, " "), now.State) {
			r.t.Errorf("%s: %s, %v, want %v", name, now.State, err, states)
		}
	}
}
