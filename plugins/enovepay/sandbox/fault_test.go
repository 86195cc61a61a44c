package sandbox_test

import (
	"net/http"
	"testing"

	"github.com/paymux/paymux/plugins/enovepay/sandbox"
	"github.com/paymux/paymux/sdk/sandboxkit"
)

func (s *shop) inject(fault sandbox.Fault) {
	s.t.Helper()
	if err := s.Inject(fault); err != nil {
		s.t.Fatal(err)
	}
}

// TestALostAnswerActedOrNot has faults that the client cannot tell apart.
func TestALostAnswerActedOrNot(t *testing.T) {
	t.Parallel()
	for kind, acted := range map[sandboxkit.FaultKind]bool{sandboxkit.FaultDrop: true, sandboxkit.FaultDropBefore: false} {
		s := open(t, sandbox.Options{})
		s.inject(sandbox.Fault{Op: sandbox.OpCollect, Kind: kind})
		got := s.call(http.MethodPost, "/v1/collections", s.order("ref1", "000"))
		if _, created := s.Transaction("ref1"); got.Err == nil || created != acted {
			t.Errorf("%s: created %t, answered %+v", kind, created, got)
		}
	}
}

func TestFaultsReachEveryOperation(t *testing.T) {
	t.Parallel()
	calls := map[sandbox.Operation][2]string{
		sandbox.OpAuth:              {http.MethodPost, "/v1/auth/token"},
		sandbox.OpCollect:           {http.MethodPost, "/v1/collections"},
		sandbox.OpPayout:            {http.MethodPost, "/v1/payouts"},
		sandbox.OpStatus:            {http.MethodGet, "/v1/transactions/x"},
		sandbox.OpStatusByReference: {http.MethodGet, "/v1/transactions?reference_number=x"},
		sandbox.OpBalance:           {http.MethodGet, "/v1/balance?currency=XOF"},
	}
	s := open(t, sandbox.Options{})
	for op, call := range calls {
		s.inject(sandbox.Fault{Op: op, Kind: sandboxkit.FaultStatus, Status: 599})
		s.inject(sandbox.Fault{Op: sandbox.OpAny, Kind: sandboxkit.FaultStatus, Status: 598})
		var got []int
		for range 3 {
			got = append(got, s.call(call[0], call[1], nil).Status)
		}
		if got[0] != 599 || got[1] != 598 || got[2] >= 598 {
			t.Errorf("%s: want 599, 598 and well again, got %v", op, got)
		}
	}
}
