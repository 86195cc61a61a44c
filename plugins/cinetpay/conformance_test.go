package main

import (
	"os"
	"testing"

	"github.com/paymux/paymux/plugins/cinetpay/sandbox"
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
		Plugin: plugin{}, Path: binary,
		Settings: map[string]any{
			"base_url": server.URL(), "transfer_base_url": server.URL(), "api_key": sandbox.APIKey, "site_id": sandbox.SiteID,
			"secret_key": sandbox.SecretKey, "transfer_password": sandbox.TransferPassword,
		},
	})
}
