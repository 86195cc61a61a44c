package sandboxkit_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/sdk/sandboxkit"
	"github.com/paymux/paymux/sdk/sandboxkit/sandboxtest"
)

func TestADeliveryIsToldAndWrittenDown(t *testing.T) {
	t.Parallel()
	s := open(t, sandboxkit.Setup{})
	s.create("id1")
	s.Advance(2 * time.Second)
	if diff := cmp.Diff([]string{"GET /id1", "POST /id1 paid"}, s.heard()); diff != "" {
		t.Errorf("heard (-want +got)\n%s", diff)
	}
	try := sandboxkit.Try{
		Ref: "id1", Word: "paid", Proof: "good", Method: http.MethodGet, URL: s.hook + "/id1",
		At: sandboxtest.Dawn().Add(2 * time.Second), Attempt: 1, Status: 200,
	}
	told := try
	told.Method = http.MethodPost
	if diff := cmp.Diff([]sandboxkit.Try{try, told}, s.ledger().Tries); diff != "" {
		t.Errorf("ledger (-want +got)\n%s", diff)
	}
}

func TestARequestCarriesItsHeaders(t *testing.T) {
	t.Parallel()
	headers := make(chan http.Header, 2)
	s := open(t, sandboxkit.Setup{Transport: transport(func(r *http.Request) (*http.Response, error) {
		headers <- r.Header
		return nil, errors.New("nobody listens")
	})})
	tries := s.stage.Deliver(s.notice("id1", "paid"))
	if len(tries) != 1 || tries[0].Status != 0 {
		t.Errorf("an answer that never came: %+v", tries)
	}
	if diff := cmp.Diff(http.Header{"User-Agent": {"Till/1.0"}}, <-headers); diff != "" {
		t.Errorf("GET (-want +got)\n%s", diff)
	}
	s.stage.Deliver(sandboxkit.Delivery{Requests: s.notice("id1", "paid").Requests[1:]})
	if diff := cmp.Diff(http.Header{"User-Agent": {"Till/1.0"}, "X-Token": {"t"}}, <-headers); diff != "" {
		t.Errorf("POST (-want +got)\n%s", diff)
	}
}

type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestARequestThatIsNotTakenIsTheLast(t *testing.T) {
	t.Parallel()
	for _, status := range []int{302, 404, 500} {
		s := open(t, sandboxkit.Setup{})
		s.receiver.Answer(http.MethodGet, status)
		s.post(s.notice("id1", "paid"))
		s.Advance(0)
		if diff := cmp.Diff([]string{"GET /id1"}, s.heard()); diff != "" {
			t.Errorf("%d (-want +got)\n%s", status, diff)
		}
	}
}

// TestADeliveryIsRepeated looks at the ledger just before and at each time of the schedule.
func TestADeliveryIsRepeated(t *testing.T) {
	t.Parallel()
	for status, repeats := range map[int]bool{500: true, 302: true, 204: false} {
		s := open(t, sandboxkit.Setup{})
		s.receiver.Answer(http.MethodPost, status)
		s.post(s.notice("id1", "paid"))
		s.Advance(0)
		want := 1
		for _, pause := range []time.Duration{30 * time.Second, 2 * time.Minute, 48 * time.Hour} {
			s.Advance(pause - 1)
			if got := len(s.ledger().Tries) / 2; got != want {
				t.Errorf("%d: before %s: want %d attempts, got %d", status, pause, want, got)
			}
			s.Advance(1)
			if repeats && pause < 48*time.Hour {
				want++
			}
		}
		tries := s.ledger().Tries
		if last := tries[len(tries)-1]; last.Attempt != want || last.Status != status {
			t.Errorf("%d: want %d attempts, got %+v", status, want, last)
		}
	}
}

func TestADeliveryIsRepeatedUntilItIsTaken(t *testing.T) {
	t.Parallel()
	s := open(t, sandboxkit.Setup{})
	s.receiver.Answer(http.MethodPost, 503)
	s.post(s.notice("id1", "paid"))
	s.Advance(time.Second)
	s.receiver.Answer(http.MethodPost, 200)
	s.Advance(time.Hour)
	if got := len(s.ledger().Tries) / 2; got != 2 {
		t.Errorf("want 2 attempts, got %d", got)
	}
}

func TestADeliveryOfOnceIsNotRepeated(t *testing.T) {
	t.Parallel()
	s := open(t, sandboxkit.Setup{})
	s.receiver.Answer(http.MethodPost, 500)
	once := s.notice("id1", "paid")
	once.Once = true
	s.post(once)
	s.Advance(time.Hour)
	if got := len(s.ledger().Tries); got != 2 {
		t.Errorf("want 2 requests, got %d", got)
	}
}

func TestDeliveriesOfAReferenceKeepTheirOrder(t *testing.T) {
	t.Parallel()
	s := open(t, sandboxkit.Setup{})
	release := s.receiver.Hold("/slow")
	defer release()
	s.post(s.notice("slow", "1"), s.notice("slow", "1"), s.notice("slow", "2"), s.notice("other", "3"))
	sandboxtest.Within(t, "a slow receiver does not stop the others", func() bool {
		return len(s.heard()) == 3
	})
	release()
	s.Advance(0)
	words := map[string][]string{}
	for _, try := range s.ledger().Tries {
		if try.Method == http.MethodPost {
			words[try.Ref] = append(words[try.Ref], try.Word)
		}
	}
	want := map[string][]string{"slow": {"1", "1", "2"}, "other": {"3"}}
	if diff := cmp.Diff(want, words); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestResetForgetsWhatWaitsBehindASlowReceiver(t *testing.T) {
	t.Parallel()
	s := open(t, sandboxkit.Setup{})
	release := s.receiver.Hold("/slow")
	defer release()
	s.post(s.notice("slow", "1"), s.notice("slow", "2"))
	sandboxtest.Within(t, "the first one is under way", func() bool { return len(s.heard()) == 1 })
	s.Reset()
	release()
	s.Advance(time.Hour)
	if tries := s.ledger().Tries; len(tries) != 0 {
		t.Errorf("of the world before: %+v", tries)
	}
	for _, heard := range s.heard() {
		if heard == "POST /slow 2" {
			t.Errorf("heard %s", heard)
		}
	}
}

func TestNotifyDeliversAtOnceAndOnce(t *testing.T) {
	t.Parallel()
	s := open(t, sandboxkit.Setup{})
	s.receiver.Answer(http.MethodPost, 500)
	claim := func() (sandboxkit.Delivery, error) { return s.notice("id1", "paid"), nil }
	for times, want := range map[int]int{0: 2, 1: 2, 3: 6} {
		tries, err := s.stage.Notify(times, claim)
		if err != nil || len(tries) != want {
			t.Errorf("%d times: want %d requests, got %+v, %v", times, want, tries, err)
		}
	}
	before := len(s.ledger().Tries)
	s.Advance(time.Hour)
	if after := len(s.ledger().Tries); before != 10 || after != before {
		t.Errorf("the ledger had %d tries and has %d", before, after)
	}
}

func TestNotifyRefusesWhatCannotBe(t *testing.T) {
	t.Parallel()
	s := open(t, sandboxkit.Setup{})
	claim := func() (sandboxkit.Delivery, error) { return s.notice("id1", "paid"), nil }
	for _, times := range []int{-1, 1001} {
		if _, err := s.stage.Notify(times, claim); !errors.Is(err, sandboxkit.ErrUnknownAction) {
			t.Errorf("%d times: got %v", times, err)
		}
	}
	_, err := s.stage.Notify(1, func() (sandboxkit.Delivery, error) { return sandboxkit.Delivery{}, errNobody })
	if !errors.Is(err, errNobody) {
		t.Errorf("an error of claim: got %v", err)
	}
	if heard := s.heard(); len(heard) != 0 {
		t.Errorf("heard %v", heard)
	}
}

func TestAReceiverThatIsTooSlowHasNotAnswered(t *testing.T) {
	t.Parallel()
	s := open(t, sandboxkit.Setup{Patience: time.Millisecond})
	defer s.receiver.Hold("/id1")()
	if tries := s.stage.Deliver(s.notice("id1", "paid")); len(tries) != 1 || tries[0].Status != 0 {
		t.Errorf("got %+v", tries)
	}
}
