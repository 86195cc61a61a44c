package sdk_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/sdk"
)

func conventions() []sdk.Convention {
	return []sdk.Convention{
		{Operation: "pay", Route: "POST /v1/payments", Writes: true},
		{Operation: "status", Route: "GET /v1/payments/{id}", Needed: []string{"id"}},
		{Operation: "list", Route: "GET /v1/list?page=&from=", Needed: []string{"page"}, Optional: []string{"from"}},
	}
}

func TestACallGoesWhereTheContractSays(t *testing.T) {
	for name, c := range map[string]struct {
		paths     map[string]string
		operation string
		values    map[string]string
		want      string
	}{
		"assumed":                        {nil, "pay", nil, "POST /v1/payments"},
		"assumed, with a value":          {nil, "status", map[string]string{"id": "a/b c"}, "GET /v1/payments/a%2Fb%20c"},
		"assumed, in the query":          {nil, "list", map[string]string{"page": "2", "from": "1+1"}, "GET /v1/list?page=2&from=1%2B1"},
		"a value that is empty":          {nil, "list", map[string]string{"page": "2", "from": ""}, "GET /v1/list?page=2"},
		"a value that looks like a name": {nil, "list", map[string]string{"page": "{from}", "from": "x"}, "GET /v1/list?page=%7Bfrom%7D&from=x"},
		"corrected":                      {map[string]string{"pay": "/pay"}, "pay", nil, "POST /pay"},
		"a corrected method":             {map[string]string{"pay": " put  /pay "}, "pay", nil, "PUT /pay"},
		"moved into the query":           {map[string]string{"status": "/s?ref={id}"}, "status", map[string]string{"id": "a&b"}, "GET /s?ref=a%26b"},
		"moved into the path":            {map[string]string{"list": "/l/{page}"}, "list", map[string]string{"page": "2", "from": "x"}, "GET /l/2"},
		"what is fixed stays":            {map[string]string{"list": "/l?all&v=1&none=&page="}, "list", map[string]string{"page": "2"}, "GET /l?all&v=1&page=2"},
	} {
		t.Run(name, func(t *testing.T) {
			contract, found := sdk.ReadContract(conventions(), c.paths)
			if len(found) > 0 {
				t.Fatal(found)
			}
			method, path := contract.Call(c.operation, c.values)
			if diff := cmp.Diff(c.want, method+" "+path); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestAContractRefusesPathsThatCannotBe(t *testing.T) {
	const whole, foreign = "must be /path or METHOD /path, without the host", "holds a placeholder that this operation does not have"
	for name, c := range map[string]struct{ operation, path, want string }{
		"no operation":             {"refund", "/r", "is no operation: known are pay, status, list"},
		"no slash":                 {"pay", "pay", whole},
		"two slashes":              {"pay", "//example.com", whole},
		"a whole URL":              {"pay", "https://example.com/pay", whole},
		"a fragment":               {"pay", "/pay#1", whole},
		"a blank":                  {"pay", "POST /pay now", whole},
		"three words":              {"pay", "POST to /pay", whole},
		"a method without a body":  {"pay", "GET /pay", "needs a method with a body: POST, PUT or PATCH"},
		"a method that changes":    {"status", "DELETE /s/{id}", "must be read by GET or POST"},
		"nothing to ask for":       {"status", "/s", "must hold {id}"},
		"the place of another one": {"pay", "/pay/{id}", foreign},
		"a place beside its own":   {"status", "/s/{id}/{page}", foreign},
		"half a place":             {"status", "/s/{id}/{", foreign},
		"a broken escape":          {"pay", "/pay%zz", "is not the path of a URL"},
	} {
		t.Run(name, func(t *testing.T) {
			contract, found := sdk.ReadContract(conventions(), map[string]string{c.operation: c.path})
			if diff := cmp.Diff(sdk.WrongValue("paths."+c.operation, c.want), found); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if got := contract.Assumed("pay", "status", "list"); len(got) != 3 {
				t.Errorf("it counts as told: %v", got)
			}
		})
	}
}

func TestAnAssumedContractNeedsConsent(t *testing.T) {
	public := sdk.Root{URL: "https://api.example.com", Host: "api.example.com"}
	both := map[string]string{"pay": "/pay", "status": "/s/{id}"}
	for name, c := range map[string]struct {
		paths    map[string]string
		at       sdk.Root
		accepted bool
		want     string
	}{
		"nothing is told": {nil, public, false, "give those of pay, status in paths"},
		"one is missing":  {map[string]string{"pay": "/pay"}, public, false, "give those of status in paths"},
		"it names a host": {nil, public, false, "to call api.example.com on assumed ones"},
		"all is told":     {both, public, false, ""},
		"accepted":        {nil, public, true, ""},
		"on this machine": {nil, sdk.Root{Loopback: true}, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			contract, _ := sdk.ReadContract(conventions(), c.paths)
			found := contract.Accept("AcmePay", c.at, c.accepted, "pay", "status")
			if c.want == "" {
				if len(found) > 0 {
					t.Errorf("got %v", found)
				}
				return
			}
			if len(found) != 1 || !found.Failed() || found[0].Path != "accept_assumed_contract" || !strings.Contains(found[0].Detail, c.want) {
				t.Errorf("want %q, got %v", c.want, found)
			}
		})
	}
}

func TestAContractKnowsWhatItsPathsTake(t *testing.T) {
	contract, _ := sdk.ReadContract(conventions(), map[string]string{"list": "/l?page={page}"})
	for place, want := range map[[2]string]bool{
		{"status", "id"}: true, {"list", "page"}: true, {"list", "from"}: false, {"pay", "id"}: false, {"refund", "id"}: false,
	} {
		if got := contract.Takes(place[0], place[1]); got != want {
			t.Errorf("%v: got %t", place, got)
		}
	}
}
