package main

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/hex"
	"strings"
)

// signatureFor makes a signature in another way than the plugin.
func signatureFor(body string) string { return sha1Of(body + testPassword) }

func sha1Of(text string) string {
	sum := sha1.Sum([]byte(text))
	return strings.ToUpper(hex.EncodeToString(sum[:]))
}

func hmacOf(text string) string {
	mac := hmac.New(sha1.New, []byte(testPassword))
	mac.Write([]byte(text))
	return strings.ToUpper(hex.EncodeToString(mac.Sum(nil)))
}
