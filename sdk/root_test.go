package sdk_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/sdk"
)

func TestReadRoot(t *testing.T) {
	for text, want := range map[string]sdk.Root{
		"https://api.example.com/":   {URL: "https://api.example.com", Host: "api.example.com"},
		"https://api.example.com/v2": {URL: "https://api.example.com/v2", Host: "api.example.com"},
		"http://api.example.com:80":  {URL: "http://api.example.com:80", Host: "api.example.com:80", Plain: true},
		"http://127.0.0.7:8080":      {URL: "http://127.0.0.7:8080", Host: "127.0.0.7:8080", Loopback: true},
		"http://[::1]:7/x//":         {URL: "http://[::1]:7/x", Host: "[::1]:7", Loopback: true},
		"https://LocalHost":          {URL: "https://LocalHost", Host: "LocalHost", Loopback: true},
	} {
		got, found := sdk.ReadRoot("base_url", text)
		if diff := cmp.Diff(want, got); diff != "" || len(found) > 0 {
			t.Errorf("%s: %v (-want +got):\n%s", text, found, diff)
		}
	}
}

func TestReadRootFindsFault(t *testing.T) {
	const absolute, bare = "must be an absolute http or https URL", "must hold neither credentials nor a query"
	for text, want := range map[string]string{
		"":                              absolute,
		"api.example.com":               absolute,
		"ftp://api.example.com":         absolute,
		"https:///v2":                   absolute,
		"https://api.example.com/%zz":   absolute,
		"https://user:p@example.com":    bare,
		"https://api.example.com/?a=b":  bare,
		"https://api.example.com/#part": bare,
	} {
		_, found := sdk.ReadRoot("base_url", text)
		if diff := cmp.Diff(sdk.WrongValue("base_url", want), found); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}

func TestIsLoopback(t *testing.T) {
	for host, want := range map[string]bool{
		"localhost": true, "127.0.0.1": true, "127.9.8.7": true, "::1": true, "::ffff:127.0.0.1": true,
		"localhost.example.com": false, "127.0.0.1.example.com": false, "10.0.0.1": false, "0.0.0.0": false, "": false,
	} {
		if got := sdk.IsLoopback(host); got != want {
			t.Errorf("%s: got %t", host, got)
		}
	}
}

func TestAWarningKeepsNoAccountFromWorking(t *testing.T) {
	found := sdk.Warning("base_url", "not encrypted", "use https")
	if found.Failed() || found.Error() != "base_url: not encrypted: use https" {
		t.Errorf("got %v", found)
	}
	if wrong := sdk.WrongValue("base_url", "use https"); !wrong.Failed() || wrong.Error() != "base_url: wrong value: use https" {
		t.Errorf("got %v", wrong)
	}
}
