package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/paymux/paymux/plugins/numipay/sandbox"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/sandboxkit"
)

// decide is what the engine does: it records the decision, calls, and keeps the
// provider data of the answer.
func (s *shop) decide(t *testing.T, attempt sdk.Attempt, decision string) (sdk.Attempt, sdk.Verdict) {
	t.Helper()
	attempt.Decision = decision
	s.mu.Lock()
	attempt.Evidence = s.evidence
	s.mu.Unlock()
	call := s.account.ApprovePayout
	if decision == "reject" {
		call = s.account.RejectPayout
	}
	verdict, err := call(t.Context(), attempt)
	if verdict.ProviderData != nil {
		attempt.ProviderData = verdict.ProviderData
	}
	if err != nil && verdict.Verdict != sdk.VerdictUnknown {
		t.Errorf("a fault with the verdict %v", verdict.Verdict)
	}
	return attempt, verdict.Verdict
}

func TestAPayoutIsHeldAndThenDecided(t *testing.T) {
	for decision, want := range map[string]struct {
		outcome sdk.Outcome
		told    sdk.Told
		heard   []string
	}{
		"approve": {
			sdk.OutcomeSucceeded,
			sdk.Told{Amount: "100.00", Currency: "EUR", Reference: testRef, Type: "payout"},
			[]string{genuine("pending"), genuine("successful")},
		},
		"reject": {sdk.OutcomeDeclined, sdk.Told{}, []string{genuine("pending"), genuine("rejected")}},
	} {
		for way := range ways {
			t.Run(decision+" "+way, func(t *testing.T) {
				shop := newShop(t, way, sandbox.Options{RequireApproval: true}, nil)
				attempt, created := shop.payOut(t, 10_000)
				if created.Outcome != sdk.OutcomePending || !created.Held || created.NextAction == nil {
					t.Fatalf("create: got %+v", created)
				}
				shop.Advance(time.Hour)
				if got := shop.ask(t, attempt); got.Outcome != sdk.OutcomePending || !got.Held {
					t.Errorf("undecided: got %+v", got)
				}
				attempt, verdict := shop.decide(t, attempt, decision)
				if verdict != sdk.VerdictAccepted {
					t.Fatalf("want accepted, got %v", verdict)
				}
				shop.Advance(3 * time.Second)
				got := shop.ask(t, attempt)
				if got.Outcome != want.outcome || got.Held {
					t.Errorf("want %v, got %+v", want.outcome, got)
				}
				same(t, want.told, got.Told)
				same(t, want.heard, shop.webhooks())
				if row := shop.row(t); row.Decision != decision || row.Decisions != 1 {
					t.Errorf("got %+v", row)
				}
			})
		}
	}
}

func TestALostAnswerToADecisionIsUnknownAndStillHeldWhilePending(t *testing.T) {
	for decision, want := range map[string]sdk.Outcome{"approve": sdk.OutcomeSucceeded, "reject": sdk.OutcomeDeclined} {
		for way := range ways {
			t.Run(decision+" "+way, func(t *testing.T) {
				shop := newShop(t, way, sandbox.Options{RequireApproval: true}, nil)
				attempt, created := shop.payOut(t, 10_018)
				attempt.ProviderRef = created.ProviderRef
				attempt, verdict := shop.decide(t, attempt, decision)
				if verdict != sdk.VerdictUnknown {
					t.Fatalf("want unknown, got %v", verdict)
				}
				if got := shop.ask(t, attempt); decision == "approve" && !got.Held {
					t.Error("nobody knows whether the approval arrived, and it is not held any more: it would never be repeated")
				}
				if _, again := shop.decide(t, attempt, decision); again != sdk.VerdictUnknown {
					t.Errorf("again: want unknown, as it is not pending any more, got %v", again)
				}
				shop.Advance(3 * time.Second)
				if got := shop.ask(t, attempt); got.Outcome != want {
					t.Errorf("want %v, got %v", want, got.Outcome)
				}
				if row := shop.row(t); row.Paid != (decision == "approve") {
					t.Errorf("got %+v", row)
				}
			})
		}
	}
}

func TestAPayoutWithoutApprovalIsPaidByItself(t *testing.T) {
	shop := newShop(t, "over the wire", sandbox.Options{}, map[string]any{"payout_approval": false})
	attempt, created := shop.payOut(t, 10_000)
	if created.Outcome != sdk.OutcomeRequiresAction || created.Held {
		t.Errorf("got %+v", created)
	}
	shop.Advance(3 * time.Second)
	if got := shop.ask(t, attempt); got.Outcome != sdk.OutcomeSucceeded || got.Told.Type != "payout" {
		t.Errorf("got %+v", got)
	}
}

func TestRejectLooksForTheIDInTheList(t *testing.T) {
	shop := newShop(t, "over the wire", sandbox.Options{RequireApproval: true}, nil)
	attempt, _ := shop.payOut(t, 10_021) // no webhook tells the id
	if _, verdict := shop.decide(t, attempt, "reject"); verdict != sdk.VerdictAccepted {
		t.Errorf("want accepted, got %v", verdict)
	}
	if row := shop.row(t); row.Status != "rejected" {
		t.Errorf("got %+v", row)
	}
}

func TestRejectBeforeTheIDIsKnownIsRefused(t *testing.T) {
	shop := newShop(t, "over the wire", sandbox.Options{RequireApproval: true}, nil)
	attempt, _ := shop.payOut(t, 10_021)
	inject(t, shop, sandbox.Fault{Op: sandbox.OpList, Kind: sandboxkit.FaultStatus, Status: 503})
	attempt.Decision = "reject"
	got, err := shop.account.RejectPayout(t.Context(), attempt)
	if err != nil || got.Verdict != sdk.VerdictRefused || got.Message == "" || len(got.Exchanges) != 1 {
		t.Errorf("want refused after looking, got %+v, %v", got, err)
	}
	if row := shop.row(t); row.Status != "pending" || row.Decisions != 0 {
		t.Errorf("got %+v", row)
	}
}

// TestTheOtherIDIsTriedOnceAfter404 serves a gateway that takes the other id than
// the one its documentation asks for.
func TestTheOtherIDIsTriedOnceAfter404(t *testing.T) {
	for name, c := range map[string]struct {
		call  func(*provider, *testing.T, sdk.Attempt) (sdk.VerdictResult, error)
		takes string
		want  []string
	}{
		"approve": {approve, theirID, []string{testRef, theirID}},
		"reject":  {reject, testRef, []string{theirID, testRef}},
	} {
		t.Run(name, func(t *testing.T) {
			var asked []string
			p := local(t, func(w http.ResponseWriter, r *http.Request) {
				id := decidedID(t, r)
				asked = append(asked, id)
				if id != c.takes {
					w.WriteHeader(http.StatusNotFound)
				}
			}, nil)
			attempt := about(func(a *sdk.Attempt) { a.Kind, a.ProviderRef = sdk.KindPayout, theirID })
			got, err := c.call(p, t, attempt)
			if err != nil || got.Verdict != sdk.VerdictAccepted || len(got.Exchanges) != 2 {
				t.Errorf("got %+v, %v", got, err)
			}
			same(t, c.want, asked)
		})
	}
}

func approve(p *provider, t *testing.T, a sdk.Attempt) (sdk.VerdictResult, error) {
	return p.ApprovePayout(t.Context(), a)
}

func reject(p *provider, t *testing.T, a sdk.Attempt) (sdk.VerdictResult, error) {
	return p.RejectPayout(t.Context(), a)
}

// decidedID is the id of an approval or rejection.
func decidedID(t *testing.T, r *http.Request) string {
	body := bodyOf(t, r)
	return strings.TrimSuffix(strings.TrimPrefix(body, `{"transaction_id":"`), `"}`)
}

// verdictFor is what every HTTP status means to a decision.
func verdictFor(status int) sdk.Verdict {
	switch {
	case status >= 200 && status <= 299:
		return sdk.VerdictAccepted
	case status == 400, status == 401, status == 403, status == 404, status == 405, status == 422:
		return sdk.VerdictRefused
	default:
		return sdk.VerdictUnknown
	}
}

func TestEveryHTTPAnswerToADecision(t *testing.T) {
	status, calls := 0, 0
	p := local(t, func(w http.ResponseWriter, _ *http.Request) { calls++; w.WriteHeader(status) }, nil)
	attempt := about(func(a *sdk.Attempt) { a.Kind, a.ProviderRef = sdk.KindPayout, theirID })
	for status = 200; status <= 599; status++ {
		for name, call := range map[string]func(*provider, *testing.T, sdk.Attempt) (sdk.VerdictResult, error){
			"approve": approve, "reject": reject,
		} {
			calls = 0
			got, err := call(p, t, attempt)
			if err != nil || got.Verdict != verdictFor(status) {
				t.Errorf("%s, HTTP %d: want %v, got %v, %v", name, status, verdictFor(status), got.Verdict, err)
			}
			if want := 1 + btoi(status == 404); calls != want {
				t.Errorf("%s, HTTP %d: want %d calls, got %d", name, status, want, calls)
			}
		}
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestTheDocumentedAnswersToDecisionsAreTaken(t *testing.T) {
	for name, file := range map[string]string{"approve": "approve.json", "reject": "reject.json"} {
		got := live(t).verdict(answered(200, sample(t, file)))
		if got.Verdict != sdk.VerdictAccepted || string(got.ProviderData) != decided {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

func TestWhatIsNoAnswerOfNumipaysTakesNoDecision(t *testing.T) {
	for _, body := range []string{`<html>sign in</html>`, `[]`, `null`, `{"message":`, `{"message":"a","message":"b"}`} {
		if got := live(t).verdict(answered(200, body)); got.Verdict != sdk.VerdictUnknown || got.ProviderData != nil {
			t.Errorf("%s: want unknown, got %v", body, got.Verdict)
		}
	}
}

func TestALostAnswerToADecisionTellsOfTheCallsBefore(t *testing.T) {
	first := map[string]http.HandlerFunc{
		"approve": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) },
		"reject":  says200(lists("pending", listedMoney)),
	}
	for name, call := range map[string]func(*provider, *testing.T, sdk.Attempt) (sdk.VerdictResult, error){
		"approve": approve, "reject": reject,
	} {
		t.Run(name, func(t *testing.T) {
			calls := 0
			p := local(t, func(w http.ResponseWriter, r *http.Request) {
				if calls++; calls > 1 {
					panic(http.ErrAbortHandler)
				}
				first[name](w, r)
			}, nil)
			attempt := about(func(a *sdk.Attempt) { a.Kind = sdk.KindPayout })
			if name == "approve" {
				attempt.ProviderRef = theirID
			}
			if _, err := call(p, t, attempt); len(sdk.ExchangesOf(err)) != 2 {
				t.Errorf("want 2 exchanges, got %+v", sdk.ExchangesOf(err))
			}
		})
	}
}
