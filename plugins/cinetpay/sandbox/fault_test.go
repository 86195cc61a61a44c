package sandbox_test

import (
	"net/http"
	"testing"

	"github.com/paymux/paymux/plugins/cinetpay/sandbox"
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
	for kind, acted := range map[sandbox.FaultKind]bool{sandbox.FaultDrop: true, sandbox.FaultDropBefore: false} {
		s := open(t, sandbox.Options{})
		s.inject(sandbox.Fault{Op: sandbox.OpPayment, Kind: kind})
		got := s.post("/v2/payment", s.order("ref1", 100))
		if _, created := s.Payment("ref1"); got.Err == nil || created != acted {
			t.Errorf("%s: created %t, answered %+v", kind, created, got)
		}
	}
}

func TestFaultsReachEveryOperation(t *testing.T) {
	t.Parallel()
	calls := map[sandbox.Operation][2]string{
		sandbox.OpPayment:    {http.MethodPost, "/v2/payment"},
		sandbox.OpCheck:      {http.MethodPost, "/v2/payment/check"},
		sandbox.OpLogin:      {http.MethodPost, "/v1/auth/login"},
		sandbox.OpContact:    {http.MethodPost, "/v1/transfer/contact"},
		sandbox.OpSend:       {http.MethodPost, "/v1/transfer/money/send/contact"},
		sandbox.OpCheckMoney: {http.MethodGet, "/v1/transfer/check/money"},
		sandbox.OpBalance:    {http.MethodGet, "/v1/transfer/check/balance"},
	}
	s := open(t, sandbox.Options{})
	for op, call := range calls {
		s.inject(sandbox.Fault{Op: op, Kind: sandbox.FaultStatus, Status: 599})
		if got := s.call(call[0], call[1], "", ""); got.Status != 599 {
			t.Errorf("%s: want 599, got %d", op, got.Status)
		}
		if got := s.call(call[0], call[1], "", ""); got.Status == 599 {
			t.Errorf("%s: the fault came twice", op)
		}
	}
}
