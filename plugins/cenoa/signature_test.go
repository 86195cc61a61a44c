package main

import (
	"crypto/hmac"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/sdk"
)

const (
	vectorPayload   = "eyJ0aW1lc3RhbXAiOiIxNzY3MjI1NjAwMDAwIn0="
	vectorSignature = "18b9f3e8efbc7d15f95e2a9e508efc43c508ae47b9836682953c978746abb229" +
		"b77da23b8235f059b4910eeadeb412d76c314f85a4ba30add36f8c8fc02ecb07"
	numberPayload   = "eyJ0aW1lc3RhbXAiOjE3NjcyMjU2MDAwMDB9"
	numberSignature = "01eee84665f67d7893499a0e4aae6ade23473b1d21a85dbe3e2a3dd3b0518786" +
		"362115a04066dbcf8d81c58e2463912eec362e57f41102ed090ab7f9981aa198"
	wrongSignature = "b5b3c1722e1089cb02d4679b21434d3311ce6b4b7cc06a5ebfda6beef95524a9" +
		"b355b01dd3931bbfd50ddde13a497464785432cedcb8f989db694ae17a5b80e2"
)

func TestTheDocumentedVectorsAreSigned(t *testing.T) {
	secret := sdk.NewSecret(testSecret)
	if diff := cmp.Diff(vectorPayload, payloadAt(dawn())); diff != "" {
		t.Errorf("payload (-want +got):\n%s", diff)
	}
	for name, c := range map[string]struct{ payload, want string }{
		"the text form, which we send": {vectorPayload, vectorSignature},
		"the number form":              {numberPayload, numberSignature},
	} {
		if diff := cmp.Diff(c.want, sign(secret, c.payload)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestTheSignatureIsNeverOverTheJSON(t *testing.T) {
	mac := hmac.New(sha512.New, []byte(testSecret))
	mac.Write([]byte(strings.TrimSpace(sample(t, "payload.json"))))
	if got := hex.EncodeToString(mac.Sum(nil)); got != wrongSignature {
		t.Fatalf("the refused vector is %s", got)
	}
	if got := sign(sdk.NewSecret(testSecret), vectorPayload); got == wrongSignature {
		t.Error("the JSON is signed instead of the base64 text")
	}
}

func TestEveryCallCarriesTheThreeHeaders(t *testing.T) {
	var got http.Header
	p := local(t, func(w http.ResponseWriter, r *http.Request) {
		got = r.Header
		_, _ = w.Write([]byte(sample(t, "account-found.json")))
	})
	if _, err := p.LookupCustomer(t.Context(), testPhone); err != nil {
		t.Fatal(err)
	}
	payload := payloadAt(dawn().Add(-2 * time.Second))
	for name, want := range map[string]string{
		"Apikey": testKey, "Payload": payload, "Signature": sign(sdk.NewSecret(testSecret), payload),
		"User-Agent": "Paymux/1.0", "Accept": "application/json",
	} {
		if diff := cmp.Diff(want, got.Get(name)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestThePayloadIsPaddedStandardBase64OfOneField(t *testing.T) {
	text, err := base64.StdEncoding.Strict().DecodeString(payloadAt(dawn()))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.TrimSpace(sample(t, "payload.json")), string(text)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
