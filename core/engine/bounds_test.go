package engine_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/core/coretest"
	"github.com/paymux/paymux/core/engine"
	"github.com/paymux/paymux/core/store/boltstore"
)

// door is an engine on a file, spoken to over HTTP.
type door struct {
	*testing.T
	path    string
	openMax int
	store   *boltstore.Store
	engine  *engine.Engine
}

func (d *door) open() {
	d.Helper()
	var err error
	if d.store, err = boltstore.Open(d.path); err != nil {
		d.Fatal(err)
	}
	cfg := coretest.MustConfig(d, d.TempDir())
	cfg.Payments.OpenMax = d.openMax
	d.engine, err = engine.New(d.Context(), engine.Options{
		Config: cfg, Store: d.store, Rules: coretest.Rules("bank"),
		Providers: map[string]engine.Provider{"bank": {Plugin: coretest.NewProvider("bank")}},
	})
	if err != nil {
		d.Fatal(err)
	}
}

func (d *door) shut() {
	d.Helper()
	if err := d.engine.Close(context.WithoutCancel(d.Context())); err != nil {
		d.Error(err)
	}
	if err := d.store.Close(); err != nil {
		d.Error(err)
	}
}

func (d *door) pay(key int) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/v1/payments", strings.NewReader(`{"amount":"5000","currency":"XOF","country":"CI"}`))
	r.Host = "localhost"
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", "key-"+strconv.Itoa(key))
	w := httptest.NewRecorder()
	d.engine.Handler().ServeHTTP(w, r)
	return w
}

// A merchant with as many open transactions as it may have is told so, with when to
// come again, before and after a restart; a repeat of what was taken is answered.
func TestTheOpenTransactionsOfAMerchantAreBounded(t *testing.T) {
	d := &door{T: t, path: filepath.Join(t.TempDir(), "paymux.db"), openMax: 3}
	d.open()
	for n := range 3 {
		if w := d.pay(n); w.Code != http.StatusCreated {
			t.Fatalf("payment %d: %d %s", n+1, w.Code, w.Body)
		}
	}
	for _, life := range []string{"before", "after"} {
		w := d.pay(3)
		var problem api.Problem
		if err := json.Unmarshal(w.Body.Bytes(), &problem); err != nil || w.Code != http.StatusTooManyRequests || problem.Code != "too_many_open" {
			t.Errorf("%s the restart: %d %s", life, w.Code, w.Body)
		}
		if w.Header().Get("Retry-After") != "30" {
			t.Errorf("%s the restart: Retry-After is %q", life, w.Header().Get("Retry-After"))
		}
		if w := d.pay(0); w.Code != http.StatusCreated || w.Header().Get("Idempotent-Replayed") != "true" {
			t.Errorf("%s the restart, the repeat: %d %s", life, w.Code, w.Body)
		}
		d.shut()
		d.open()
	}
	d.shut()
	d.openMax = 4 // The control: with room for one more it is taken.
	d.open()
	if w := d.pay(3); w.Code != http.StatusCreated {
		t.Errorf("with room for one more: %d %s", w.Code, w.Body)
	}
	d.shut()
}
