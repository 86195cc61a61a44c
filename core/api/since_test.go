package api_test

import (
	"testing"
	"time"

	"github.com/paymux/paymux/core/api"
)

func TestABacktestLooksBackUpToTenYears(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	tests := map[string]time.Duration{
		"1m": time.Minute, "720h": 30 * day, "30d": 30 * day, "365d": 365 * day, "3650d": 3650 * day, "87600h": 3650 * day,
		"3651d": 0, "87601h": 0, "59s": 0, "0d": 0, "-30d": 0, "-1h": 0, "1e3d": 0, "106752d": 0, "18446744073709551616d": 0, "d": 0, "": 0,
	}
	for text, want := range tests {
		got, err := api.ParseSince(text)
		if got != want || (err == nil) != (want > 0) {
			t.Errorf("%q is %v, %v, want %v", text, got, err, want)
		}
	}
}
