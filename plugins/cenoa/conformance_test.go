package main

import (
	"os"
	"testing"

	"github.com/paymux/paymux/plugins/cenoa/sandbox"
	"github.com/paymux/paymux/sdk/conformance"
)

func TestConformance(t *testing.T) {
	server := sandbox.New(sandbox.Options{})
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	conformance.Run(t, conformance.Config{
		Plugin: newPlugin(), Path: binary,
		Settings: map[string]any{
			"base_url": server.URL(), "api_key": sandbox.APIKey, "api_secret": sandbox.APISecret, "currency": "USD",
			"signup_url": signupURL, "call_gap": "1ns", // A hundred calls would take as many seconds.
		},
	})
}
