package api_test

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/sdk"
)

const withCard = `{"amount":"5000","currency":"XOF","card":{"number":"4111111111111111","holder":"A B","exp_month":"01","exp_year":2030,"cvv":"123"},
	"browser":{"user_agent":"Firefox","screen_width":1280,"timezone":"UTC"}}`

func TestACardIsReadAndIsNoPartOfTheFingerprint(t *testing.T) {
	body, err := api.ParseBody([]byte(withCard))
	if err != nil {
		t.Fatal(err)
	}
	req, err := body.Payment()
	if err != nil {
		t.Fatal(err)
	}
	want := sdk.Card{Number: "4111111111111111", Holder: "A B", ExpMonth: 1, ExpYear: 2030, CVV: "123"}
	if req.Card == nil || *req.Card != want {
		t.Error("the card was read as another one")
	}
	if diff := cmp.Diff(&sdk.Browser{UserAgent: "Firefox", ScreenWidth: 1280, Timezone: "UTC"}, req.Browser); diff != "" {
		t.Errorf("browser (-want +got):\n%s", diff)
	}
	plain, err := api.ParseBody([]byte(`{"amount":"5000","currency":"XOF"}`))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(body.Canonical(), plain.Canonical()) {
		t.Error("the fingerprint is made of card data")
	}
	if _, err := plain.Payment(); err != nil || body.Empty() {
		t.Error("reading one body changed another")
	}
}
