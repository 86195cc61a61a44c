package sandbox

import (
	"encoding/json"
	"net/http"

	"github.com/paymux/paymux/sdk/sandboxkit"
)

// approve answers payout_approve, which takes the merchant's id.
func (s *Server) approve(c call) sandboxkit.Answer {
	return s.decideByCall(c, decisionApprove, func(t *transaction) sandboxkit.Answer {
		if s.options.RequireApproval && s.options.CompletionDelay > 0 {
			s.endAfter(t, s.options.CompletionDelay)
		}
		return jsonAnswer(http.StatusOK, map[string]string{
			"message": "Transaction Withdrawal has been approved successfully", "transaction_status": wordPending,
		})
	})
}

// reject answers payout_reject, which takes Numipay's own id.
func (s *Server) reject(c call) sandboxkit.Answer {
	return s.decideByCall(c, decisionReject, func(t *transaction) sandboxkit.Answer {
		s.conclude(t, rejected("Rejected by merchant"))
		s.announce(t, 0)
		return jsonAnswer(http.StatusOK, struct{}{})
	})
}

func (s *Server) decideByCall(c call, decision string, act func(*transaction) sandboxkit.Answer) sandboxkit.Answer {
	var asked map[string]json.RawMessage
	var id string
	if json.Unmarshal(c.body, &asked) != nil || len(asked) != 1 || json.Unmarshal(asked["transaction_id"], &id) != nil || id == "" {
		return refusal(http.StatusBadRequest, "the body must be {\"transaction_id\":\"...\"}", fieldFault{"transaction_id", "required"})
	}
	s.stage.Lock()
	defer s.stage.Unlock()
	t, ok := s.payoutBy(id, decision)
	if !ok || t.Kind != KindPayout || t.Live != c.live {
		return refusal(http.StatusNotFound, "transaction not found")
	}
	t.Decisions++
	if t.Status != wordPending || t.Decision != "" {
		return refusal(http.StatusConflict, "the payout is not pending")
	}
	t.Decision = decision
	done := act(t)
	done.Dropped = t.trigger.dropsAnswer
	return done
}

// payoutBy finds a payout by the kind of id that the decision takes.
func (s *Server) payoutBy(id, decision string) (*transaction, bool) {
	byRef, ours := s.transactions[id]
	byID, theirs := s.byID[id]
	either := s.options.AnyPayoutID
	switch {
	case ours && (decision == decisionApprove || either):
		return byRef, true
	case theirs && (decision == decisionReject || either):
		return byID, true
	default:
		return nil, false
	}
}
