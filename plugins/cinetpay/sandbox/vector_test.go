package sandbox

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// vector reads the values of a form, written in formula order.
func vector(values string) []field {
	var form []field
	for i, value := range strings.Split(values, ";") {
		form = append(form, field{FieldOrder()[i], value})
	}
	return form
}

const (
	vectorA = "445160;D01u35;2022-09-29 14:13:16;100;XOF;abc123;OMBF;57474578;226;fr;V4;SINGLE;PAYMENT;;" +
		"Paiement mobile vers MONBUSINESS;SUCCES"
	vectorB = "123456;ORD-42;2026-01-02 03:04:05;5000;XAF;deadbeef;MTNCM;670000001;237;fr;V4;SINGLE;PAYMENT;" +
		"cmVmPTQy;Réabonnement café;TRANSACTION_CANCEL"
	tokenA = "9a94a5699c5554619b2a58be2621964ff0a15f3c1a8378a31104206d36e5c8fb"
	tokenB = "47af8bcc4e069428c167e90f5cb1be59f908d4d89235f135b0764684d8a70ad7"
	tokenC = "6bbe849390d4313f628039ef7d0ac9e70d90982a61e6e1965cfa5ae0503edcbf"
)

func TestTokenVectors(t *testing.T) {
	t.Parallel()
	withoutCustom := vector(vectorA)
	withoutCustom = append(withoutCustom[:13:13], withoutCustom[14:]...)
	tests := map[string]struct {
		form []field
		kind TokenKind
		want string
	}{
		"A, formula order":           {vector(vectorA), TokenGood, tokenA},
		"A without cpm_custom":       {withoutCustom, TokenGood, tokenA},
		"B, in UTF-8":                {vector(vectorB), TokenGood, tokenB},
		"C, message first as posted": {vector(vectorA), TokenPosted, tokenC},
		"none":                       {vector(vectorA), TokenNone, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sent := notice{form: test.form}.signed(test.kind)
			if diff := cmp.Diff(test.want, sent.token); diff != "" {
				t.Errorf("x-token (-want +got)\n%s", diff)
			}
		})
	}
	bad := notice{form: vector(vectorA)}.signed(TokenBad).token
	if bad == tokenA || len(bad) != len(tokenA) {
		t.Errorf("a bad x-token must only look like one: %q", bad)
	}
}

func TestSignIsTheFormula(t *testing.T) {
	t.Parallel()
	values := url.Values{}
	for _, f := range vector(vectorB) {
		values.Set(f.name, f.value)
	}
	if diff := cmp.Diff(tokenB, Sign(SecretKey, values)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
