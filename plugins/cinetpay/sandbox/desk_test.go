package sandbox_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/paymux/paymux/plugins/cinetpay/sandbox"
)

const formKind = "application/x-www-form-urlencoded"

// desk is a shop that is logged in to the transfer API.
type desk struct {
	*shop
	token string
}

func openDesk(t *testing.T, options sandbox.Options) *desk {
	t.Helper()
	d := &desk{shop: open(t, options)}
	d.login()
	return d
}

func (d *desk) login() {
	d.t.Helper()
	form := url.Values{"apikey": {sandbox.APIKey}, "password": {sandbox.TransferPassword}}
	got := d.form("/v1/auth/login", form)
	token, _ := got.data()["token"].(string)
	if got.Status != http.StatusOK || got.code() != "0" || token == "" {
		d.t.Fatalf("login: HTTP %d %s", got.Status, got.Text)
	}
	d.token = token
}

func (d *desk) form(path string, form url.Values) reply {
	d.t.Helper()
	return d.call(http.MethodPost, path, formKind, form.Encode())
}

// list posts items in the form field data.
func (d *desk) list(path string, items ...map[string]any) reply {
	d.t.Helper()
	query := url.Values{"token": {d.token}, "lang": {"fr"}}
	return d.form(path+"?"+query.Encode(), url.Values{"data": {mustJSON(d.t, items)}})
}

func (d *desk) contact(phone string) reply {
	d.t.Helper()
	return d.list("/v1/transfer/contact", map[string]any{
		"prefix": "225", "phone": phone, "name": "Koffi", "surname": "Ama", "email": "ama@example.com",
	})
}

func (d *desk) remittance(ref, phone string) map[string]any {
	return map[string]any{
		"prefix": "225", "phone": phone, "amount": 500, "client_transaction_id": ref,
		"notify_url": d.receiver.URL + "/hook",
	}
}

const sendPath = "/v1/transfer/money/send/contact"

// pay adds the receiver and sends.
func (d *desk) pay(ref, phone string) reply {
	d.t.Helper()
	d.contact(phone)
	return d.list(sendPath, d.remittance(ref, phone))
}

func (d *desk) money(query url.Values) reply {
	d.t.Helper()
	query.Set("token", d.token)
	return d.call(http.MethodGet, "/v1/transfer/check/money?"+query.Encode(), "", "")
}

func (d *desk) moneyOf(ref string) map[string]any {
	d.t.Helper()
	return d.money(url.Values{"client_transaction_id": {ref}}).item()
}

// item is the first item of data, which is nested once or twice.
func (r reply) item() map[string]any {
	list, _ := r.object()["data"].([]any)
	if len(list) == 0 {
		return nil
	}
	if inner, nested := list[0].([]any); nested && len(inner) > 0 {
		list = inner
	}
	item, _ := list[0].(map[string]any)
	return item
}

func treatment(item map[string]any) string { return word(item["treatment_status"]) }
