package sandbox_test

import (
	"testing"

	"github.com/paymux/paymux/plugins/cenoa/sandbox"
	"github.com/paymux/paymux/sdk/sandboxkit"
)

// TestALostAnswerActedOrNot has faults that the client cannot tell apart.
func TestALostAnswerActedOrNot(t *testing.T) {
	t.Parallel()
	for kind, acted := range map[sandboxkit.FaultKind]bool{sandboxkit.FaultDrop: true, sandboxkit.FaultDropBefore: false} {
		s := open(t, sandbox.Options{})
		s.inject(sandbox.Fault{Op: sandbox.OpTransactions, Kind: kind})
		got := s.list("page=1")
		if counted := s.State().Calls[sandbox.OpTransactions] > 0; got.Err == nil || counted != acted {
			t.Errorf("%s: counted %t, answered %+v", kind, counted, got)
		}
	}
}

func TestFaultsReachEveryOperation(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	for op, call := range map[sandbox.Operation]func() reply{
		sandbox.OpUserAccount:  func() reply { return s.lookUp(phone) },
		sandbox.OpTransactions: func() reply { return s.list("page=1") },
	} {
		s.inject(sandbox.Fault{Op: op, Kind: sandboxkit.FaultStatus, Status: 599})
		if faulty, well := call(), call(); faulty.Status != 599 || well.Status != 200 {
			t.Errorf("%s: want 599 and 200, got %d and %d", op, faulty.Status, well.Status)
		}
	}
}
