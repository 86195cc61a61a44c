package httpx_test

import (
	"errors"
	"testing"
	"time"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/httpx"
)

func TestEncodeLeavesURLsAsTheyAre(t *testing.T) {
	got, err := httpx.Encode(struct {
		URL string `json:"url"`
		A   int    `json:"a"`
	}{"https://shop.example/?a=<1>&b=2", 1})
	if want := `{"url":"https://shop.example/?a=<1>&b=2","a":1}`; err != nil || string(got) != want {
		t.Errorf("want %s, got %s, %v", want, got, err)
	}
}

func TestWhatCannotBeEncodedIsNotSent(t *testing.T) {
	_, err := httpx.Encode(func() {})
	if !errors.Is(err, sdk.ErrInvalid) || sdk.CreateOutcome(err) != sdk.OutcomeNotSent {
		t.Errorf("got %v", err)
	}
}

func TestBackoffDoublesUpToTheMost(t *testing.T) {
	for refusals, want := range map[int]time.Duration{
		0: time.Second, 1: time.Second, 2: 2 * time.Second, 3: 4 * time.Second, 6: 32 * time.Second, 7: time.Minute, 1 << 30: time.Minute,
	} {
		if got := httpx.Backoff(refusals, time.Second, time.Minute); got != want {
			t.Errorf("%d: want %s, got %s", refusals, want, got)
		}
	}
}
