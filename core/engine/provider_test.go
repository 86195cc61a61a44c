package engine_test

import (
	"context"
	"errors"
	"testing"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/coretest"
	"github.com/paymux/paymux/core/engine"
	"github.com/paymux/paymux/sdk"
)

// register is a provider that knows one customer, and has no balance.
type register struct{ silent }

func (r *register) Open(sdk.Settings) (sdk.Provider, error) { return r, nil }

func (r *register) LookupCustomer(_ context.Context, phone string) (sdk.Customer, error) {
	switch phone {
	case "+905321234567":
		return sdk.Customer{ProviderCustomer: "cus_7"}, nil
	case "+905321234568":
		return sdk.Customer{}, sdk.Errorf(sdk.KindNotFound, "no such customer")
	default:
		return sdk.Customer{}, sdk.Errorf(sdk.KindUnavailable, "closed")
	}
}

func TestALookupTellsWhatIsUnknown(t *testing.T) {
	t.Parallel()
	e, err := engine.New(t.Context(), engine.Options{
		Config: coretest.MustConfig(t, t.TempDir()), Rules: coretest.Rules("register"),
		Providers: map[string]engine.Provider{"register": {Plugin: &register{}}, "silent": {Plugin: &silent{}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := e.Close(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	}()
	for name, test := range map[string]struct {
		account, phone string
		want           error
	}{
		"nothing":              {"register", "+905321234567", nil},
		"the customer":         {"register", "+905321234568", core.ErrCustomerUnknown},
		"the account":          {"nobody", "+905321234567", core.ErrNotFound},
		"how to look up":       {"silent", "+905321234567", core.ErrNotSupported},
		"all, for the present": {"register", "+905321234569", core.ErrProviderUnavailable},
	} {
		found, err := e.Lookup(t.Context(), test.account, test.phone)
		if !errors.Is(err, test.want) || (err == nil) != (found.ProviderCustomer != "") {
			t.Errorf("%s: found %q and %v, want %v", name, found.ProviderCustomer, err, test.want)
		}
		if errors.Is(test.want, core.ErrCustomerUnknown) && errors.Is(err, core.ErrNotFound) {
			t.Errorf("%s: %v is an unknown account too", name, err)
		}
	}
}
