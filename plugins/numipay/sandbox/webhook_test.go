package sandbox_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/plugins/numipay/sandbox"
)

func TestTheDocumentedSignature(t *testing.T) {
	t.Parallel()
	const body = `{"transaction_id":"r21nmrtpcmrcava","user_id":"1111222","tracking_id":"b8f04416-116a-11ed-861d-0242ac120002","status":"rejected","currency":"GBP","amount":"200.00","transaction_type":"withdrawal"}`
	if got := sandbox.Sign(sandbox.SignaturePassword, []byte(body)); got != "5FDDA8F46411C132DCFBEE53C39BA06298CB48BC" || len(body) != 196 {
		t.Errorf("got %s", got)
	}
}

func TestAWebhookIsWrittenAsJSONStringifyWould(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	s.create("ref1", "1.00")
	s.Advance(time.Second)
	id := s.row("ref1").TransactionID
	want := `{"transaction_id":"` + id + `","user_id":"a&b<c>/é","tracking_id":"ref1","status":"pending","currency":"EUR","amount":"1.00","transaction_type":"deposit"}`
	got := s.webhooks()
	if diff := cmp.Diff([]heard{{want, sandbox.Sign(sandbox.SignaturePassword, []byte(want))}}, got, cmp.AllowUnexported(heard{})); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestTheTriggersOfWebhooks looks at what the plugin's own tests cannot see.
func TestTheTriggersOfWebhooks(t *testing.T) {
	t.Parallel()
	for amount, want := range map[string][]string{
		"7.00": {"pending", "successful"}, "7.01": {"pending", "rejected"}, "7.03": {"pending", "expired"}, "7.04": {"pending"},
		"7.05": {"pending"}, "7.09": {"pending", "successful", "successful", "pending"}, "7.13": {"pending", "rejected", "successful"},
		"7.16": {"pending", "successful"}, "7.17": {"pending", "processing"}, "7.20": {"pending", "successful"}, "7.21": {},
	} {
		t.Run(amount, func(t *testing.T) {
			t.Parallel()
			s := open(t, sandbox.Options{})
			s.create("ref1", amount)
			if early := len(s.webhooks()); (early > 0) != (amount == "7.16") {
				t.Errorf("%d webhooks came before the answer", early)
			}
			s.Advance(time.Minute)
			if diff := cmp.Diff(want, s.words()); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestAPrettyBodyHasTheSignatureOfTheCompactOne(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	s.create("ref1", "7.10")
	s.Advance(time.Minute)
	got := s.webhooks()[0]
	var compact bytes.Buffer
	if err := json.Compact(&compact, []byte(got.body)); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(got.body, "\n  ") || got.signature != sandbox.Sign(sandbox.SignaturePassword, compact.Bytes()) {
		t.Errorf("got %+v", got)
	}
}

func TestMoneyThatIsToldWrong(t *testing.T) {
	t.Parallel()
	for amount, want := range map[string]string{
		"7.12": `"currency":"EUR","amount":"8.12"`, "7.19": `"currency":"GBP","amount":"7.19"`, "7.22": `"created_at":"2026-01-01T23:59:30Z"`,
	} {
		s := open(t, sandbox.Options{})
		s.create("ref1", amount)
		s.Advance(time.Minute)
		listed := s.get("/transactions?from=01-01-2026&to=02-01-2026").Text
		if !strings.Contains(listed, want) {
			t.Errorf("%s: the list tells %s", amount, listed)
		}
		if row := s.row("ref1"); row.Amount != amount || row.Currency != "EUR" || !row.Paid {
			t.Errorf("%s: the ledger is %+v", amount, row)
		}
	}
}

func TestARepeatedWebhookIsGivenUpAfterFifteenTries(t *testing.T) {
	t.Parallel()
	s := open(t, sandbox.Options{})
	s.receiver.Answer(http.MethodPost, http.StatusInternalServerError)
	s.create("ref1", "7.04")
	s.Advance(100*time.Millisecond + 69*time.Minute)
	before := len(s.webhooks())
	s.Advance(time.Minute)
	after := len(s.webhooks())
	s.Advance(24 * time.Hour)
	if got := []int{before, after, len(s.webhooks())}; !cmp.Equal([]int{14, 15, 15}, got) {
		t.Errorf("want 14 in 69 minutes and 15 in all, got %v", got)
	}
	last := s.State().Notifications[14]
	if last.Attempt != 15 || last.Status != 500 || last.Word != "pending" || last.Signature != sandbox.SignatureGood {
		t.Errorf("got %+v", last)
	}
}
