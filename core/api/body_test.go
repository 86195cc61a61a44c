package api_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/api"
)

func TestABodyIsReadStrictly(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ body, says string }{
		"nothing":                 {"", "is empty"},
		"white space":             {" \n", "is empty"},
		"not JSON":                {`{"a":`, "not valid JSON"},
		"two objects":             {`{}{}`, "not valid JSON"},
		"a list":                  {`[]`, "must be a JSON object"},
		"text":                    {`"a"`, "must be a JSON object"},
		"null":                    {`null`, "must be a JSON object"},
		"a name twice":            {`{"amount":"5","amount":"6"}`, "body.amount is there twice"},
		"a nested name twice":     {`{"customer":{"id":"a","id":"b"}}`, "body.customer.id is there twice"},
		"a name twice, escaped":   {`{"amount":"5","\u0061mount":"6"}`, "body.amount is there twice"},
		"bad UTF-8":               {"{\"a\":\"\xff\"}", "UTF-8"},
		"half a surrogate pair":   {`{"a":"\ud800"}`, "surrogate"},
		"half a pair in a name":   {`{"\ud800":1}`, "surrogate"},
		"deeper than it may be":   {strings.Repeat(`{"a":`, 6) + "1" + strings.Repeat("}", 6), "nested deeper"},
		"very deep":               {strings.Repeat("[", 9000) + strings.Repeat("]", 9000), "nested deeper"},
		"a byte order mark":       {"\ufeff{}", "not valid JSON"},
		"a comment":               {`{/* */}`, "not valid JSON"},
		"a trailing comma":        {`{"a":1,}`, "not valid JSON"},
		"something after the end": {`{} x`, "not valid JSON"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := api.ParseBody([]byte(test.body))
			if !errors.Is(err, core.ErrInvalidRequest) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("error = %v, want invalid_request that says %q", err, test.says)
			}
		})
	}
}

func TestTheCanonicalFormIsOneForAllWaysToWriteIt(t *testing.T) {
	t.Parallel()
	const want = `{"a":"é","b":{"c":[1,"",2]}}`
	for name, body := range map[string]string{
		"as it is":      want,
		"other order":   `{"b":{"c":[1,"",2]},"a":"é"}`,
		"white space":   "{ \"a\" : \"\\u00e9\",\n\"b\":{\"c\":[1, \"\",2]}}",
		"empty members": `{"a":"é","b":{"c":[1,"",2],"d":null,"e":{"f":""}},"g":"","h":[]}`,
	} {
		if diff := cmp.Diff(want, canonical(t, body)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if canonical(t, `{"a":"1"}`) == canonical(t, `{"a":1}`) {
		t.Error("text and a number must differ")
	}
}

func TestAResolveIsRead(t *testing.T) {
	t.Parallel()
	tx := sample()
	for name, test := range map[string]struct{ body, wrong string }{
		"succeeded with an amount": {`{"state":"succeeded","amount":"4000","reason":"statement of today"}`, ""},
		"failed":                   {`{"state":"failed","attempt":"att_01","reason":"never arrived"}`, ""},
		"no state":                 {`{"reason":"x"}`, "body.state"},
		"no reason":                {`{"state":"failed"}`, "body.reason"},
		"another state":            {`{"state":"expired","reason":"x"}`, "body.state"},
		"an amount with a failure": {`{"state":"failed","amount":"5","reason":"x"}`, "body.amount"},
		"decimals of XOF":          {`{"state":"succeeded","amount":"5.5","reason":"x"}`, "body.amount"},
		"another's attempt":        {`{"state":"failed","attempt":"att_02","reason":"x"}`, "body.attempt"},
		"an unknown field":         {`{"state":"failed","reason":"x","why":"y"}`, "body.why"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body, err := api.ParseBody([]byte(test.body))
			if err != nil {
				t.Fatal(err)
			}
			resolve, err := body.Resolve()
			var got core.Resolution
			if err == nil {
				got, err = resolve.For(tx)
			}
			if test.wrong == "" {
				if err != nil || got.Reason == "" || name == "failed" && got.Attempt != 1 {
					t.Errorf("resolution %+v, error %v", got, err)
				}
				return
			}
			problem, _ := errors.AsType[*core.Problem](err)
			if problem == nil || len(problem.Fields) != 1 || problem.Fields[0].Location != test.wrong {
				t.Errorf("error = %v, want one at %s", err, test.wrong)
			}
		})
	}
}
