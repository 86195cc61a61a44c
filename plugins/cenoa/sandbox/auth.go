package sandbox

import (
	"crypto/hmac"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/paymux/paymux/sdk/sandboxkit"
)

// ageMax is the oldest timestamp that is taken. That it is inclusive is assumed.
const ageMax = 5 * time.Minute

// Sign is the signature that Cenoa documents: lower-case hex of HMAC-SHA512 over
// the payload header as it is sent.
func Sign(secret, payload string) string {
	mac := hmac.New(sha512.New, []byte(secret))
	mac.Write([]byte(payload))
	return hex.EncodeToString(mac.Sum(nil))
}

// The reasons of a refused call, as State counts them.
const (
	refusedKey       = "unknown apikey"
	refusedSignature = "wrong signature"
	refusedPayload   = "unreadable payload"
	refusedOld       = "timestamp too old"
	refusedFuture    = "timestamp in the future"
)

// authorize checks a call in the documented order and returns why it is refused,
// or an empty text.
func authorize(header http.Header, now time.Time) string {
	if subtle.ConstantTimeCompare([]byte(header.Get("apikey")), []byte(APIKey)) != 1 {
		return refusedKey
	}
	payload := header.Get("payload")
	if !hmac.Equal([]byte(Sign(APISecret, payload)), []byte(header.Get("signature"))) {
		return refusedSignature
	}
	millis, ok := readTimestamp(payload)
	if !ok {
		return refusedPayload
	}
	switch age := now.UnixMilli() - millis; {
	case age < 0:
		return refusedFuture
	case age > ageMax.Milliseconds():
		return refusedOld
	}
	return ""
}

// readTimestamp reads Unix milliseconds, as text or as a number.
func readTimestamp(payload string) (int64, bool) {
	text, err := base64.StdEncoding.Strict().DecodeString(payload)
	if err != nil {
		return 0, false
	}
	var told struct {
		Timestamp json.RawMessage `json:"timestamp"`
	}
	if json.Unmarshal(text, &told) != nil {
		return 0, false
	}
	digits := string(told.Timestamp)
	if unquoted, err := strconv.Unquote(digits); err == nil {
		digits = unquoted
	}
	millis, err := strconv.ParseInt(digits, 10, 64)
	return millis, err == nil && millis > 0
}

// admit refuses a call that is not well signed, and counts why. The caller holds
// the lock.
func (s *Server) admit(header http.Header) (sandboxkit.Answer, bool) {
	why := authorize(header, s.stage.Shown(s.stage.Now()))
	if why == "" {
		return sandboxkit.Answer{}, true
	}
	s.refused[why]++
	return refusal(http.StatusUnauthorized, why), false
}
