package sandboxkit_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/sdk/sandboxkit"
	"github.com/paymux/paymux/sdk/sandboxkit/sandboxtest"
)

func TestScriptAndChargesAreServed(t *testing.T) {
	sample := sandboxkit.Sample{Amount: "1000", Currency: "XOF"}
	stage := sandboxkit.New(sandboxkit.Setup{
		State: func() any { return nil }, Forget: func() {},
		Script: sandboxkit.Script{SettleMS: 5, Plays: map[string]sandboxkit.Play{
			"payment": {Orders: []sandboxkit.Sample{sample}, Declined: &sample},
		}},
		Charges: func() []sandboxkit.Charge {
			return []sandboxkit.Charge{{Ref: "r1", Kind: "payment", Amount: "1000", Currency: "XOF", Paid: true}}
		},
	})
	client := sandboxtest.Open(t, stage.Server())
	for path, want := range map[string]string{
		"/_sandbox/script": `{"settle_ms":5,"plays":{"payment":{"orders":[{"amount":"1000","currency":"XOF"}],` +
			`"declined":{"amount":"1000","currency":"XOF"}}}}`,
		"/_sandbox/charges": `{"charges":[{"ref":"r1","kind":"payment","amount":"1000","currency":"XOF","paid":true}]}`,
	} {
		if diff := cmp.Diff(want, client.Do(http.MethodGet, path, "", nil).Text); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
}

func TestASandboxWithoutALedgerOfChargesHasNoScript(t *testing.T) {
	stage := sandboxkit.New(sandboxkit.Setup{State: func() any { return nil }, Forget: func() {}})
	client := sandboxtest.Open(t, stage.Server())
	for _, path := range []string{"/_sandbox/script", "/_sandbox/charges"} {
		if got := client.Do(http.MethodGet, path, "", nil).Status; got != http.StatusNotFound {
			t.Errorf("%s: status %d", path, got)
		}
	}
}
