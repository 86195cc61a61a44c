package paymux_test

import (
	"context"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/hashicorp/go-hclog"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/config"
	"github.com/paymux/paymux/core/engine"
	"github.com/paymux/paymux/sdk/money"
)

func takePayment(ctx context.Context, mux *http.ServeMux) (core.Transaction, error) {
	cfg, found := config.Load(config.Options{Path: "paymux.yaml", Environ: os.Environ()})
	if cfg == nil {
		return core.Transaction{}, engine.DiagnosticsError(found)
	}
	eng, err := engine.New(ctx, engine.Options{Config: cfg, Logger: hclog.Default()})
	if err != nil {
		return core.Transaction{}, err
	}
	defer eng.Close(ctx)                                         // Waits for calls under way; what is due stays due.
	mux.Handle("/pay/", http.StripPrefix("/pay", eng.Handler())) // server.public_url: https://shop.example/pay

	answer, err := eng.Pay(ctx, core.PaymentRequest{
		IdempotencyKey: "order-42-first-try", Reference: "order-42",
		Amount: money.Of(5000, money.XOF), Country: "CI", Method: "mobile_money",
	})
	return answer.Transaction, err // core.ErrNoRoute and the like: nothing was stored. The same key again never pays twice.
}

// TestTheEmbeddedEngineOfTheReadmeTakesAPayment is the README's program, at its configuration.
func TestTheEmbeddedEngineOfTheReadmeTakesAPayment(t *testing.T) {
	s := openShop(t)
	t.Chdir(s.dir)
	for name, value := range s.variables {
		t.Setenv(name, value)
	}
	t.Setenv("PAYMUX_SERVER__PUBLIC_URL", "https://shop.example/pay")
	tx, err := takePayment(t.Context(), http.NewServeMux())
	if err != nil {
		t.Fatal(err)
	}
	next := tx.NextAction()
	if next == nil || !strings.HasPrefix(next.URL, s.sandbox.URL()+"/payment/") {
		t.Errorf("%s is %s, next %+v; want a page of %s", tx.ID, tx.State, next, s.sandbox.URL())
	}
}
