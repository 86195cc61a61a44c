package main

import (
	"crypto/hmac"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strconv"
	"time"

	"github.com/paymux/paymux/sdk"
)

// payloadAt is the payload header: base64 of a JSON object whose timestamp is
// text, in Unix milliseconds, as in Cenoa's sample.
func payloadAt(stamp time.Time) string {
	millis := strconv.FormatInt(stamp.UnixMilli(), 10)
	return base64.StdEncoding.EncodeToString([]byte(`{"timestamp":"` + millis + `"}`))
}

// sign is HMAC-SHA512 over the payload header as it is sent: over the base64
// text, not over the JSON in it.
func sign(secret sdk.Secret, payload string) string {
	mac := hmac.New(sha512.New, []byte(secret.Reveal()))
	mac.Write([]byte(payload))
	return hex.EncodeToString(mac.Sum(nil))
}

// headers signs one call. They cover nothing but the time: whoever has them can
// make any call for five minutes, so they are never logged and never kept.
func (p *provider) headers() http.Header {
	payload := payloadAt(p.clock.stamp())
	return http.Header{
		"apikey":    {p.settings.apiKey.Reveal()},
		"payload":   {payload},
		"signature": {sign(p.settings.apiSecret, payload)},
		"Accept":    {"application/json"},
	}
}
