package paymux_test

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	cenoa "github.com/paymux/paymux/plugins/cenoa/sandbox"
	cinetpay "github.com/paymux/paymux/plugins/cinetpay/sandbox"
	enovepay "github.com/paymux/paymux/plugins/enovepay/sandbox"
	numipay "github.com/paymux/paymux/plugins/numipay/sandbox"
)

// sandboxServer is a sandbox, of whichever provider.
type sandboxServer interface {
	Start() error
	URL() string
	Close() error
}

// plugin is one of our plugins with the settings of its sandbox. Those named urls
// take the sandbox's address.
type plugin struct {
	server   sandboxServer
	urls     []string
	settings map[string]string
}

// plugins are all of ours, by name, each with what lets its account do the most.
func plugins() map[string]plugin {
	return map[string]plugin{
		"cinetpay": {cinetpay.New(cinetpay.Options{}), []string{"base_url", "transfer_base_url"}, map[string]string{
			"api_key": cinetpay.APIKey, "site_id": cinetpay.SiteID, "secret_key": cinetpay.SecretKey,
			"transfer_password": cinetpay.TransferPassword,
		}},
		"enovepay": {enovepay.New(enovepay.Options{}), []string{"base_url"}, map[string]string{
			"api_token": enovepay.APIToken, "client_secret_key": enovepay.ClientSecretKey,
		}},
		"numipay": {numipay.New(numipay.Options{}), []string{"base_url"}, map[string]string{
			"api_key": numipay.DevKey, "signature_password": numipay.SignaturePassword,
		}},
		"cenoa": {cenoa.New(cenoa.Options{}), []string{"base_url"}, map[string]string{
			"api_key": cenoa.APIKey, "api_secret": cenoa.APISecret, "currency": "USD",
		}},
	}
}

// fleet is the built engine, running with an account of each plugin at its sandbox.
type fleet struct{ dir, address string }

// openFleet starts a fleet. stop must be called before the test returns.
func openFleet(t *testing.T) (f fleet, stop func()) {
	t.Helper()
	readFolders(t)
	f.dir = t.TempDir()
	all := plugins()
	processes, accounts := map[string]any{}, map[string]any{}
	for name, p := range all {
		if err := p.server.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := p.server.Close(); err != nil {
				t.Error(err)
			}
		})
		settings := maps.Clone(p.settings)
		for _, url := range p.urls {
			settings[url] = p.server.URL()
		}
		processes[name] = map[string]any{"path": filepath.Join("bin", name), "dev": true}
		accounts[name] = map[string]any{"plugin": name, "settings": settings}
	}
	buildAll(t, filepath.Join(f.dir, "bin"), len(all))
	writeFleet(t, f.dir, processes, accounts)
	address, ended := shop{dir: f.dir}.serve(t, filepath.Join(f.dir, "bin", "engine"))
	f.address = address
	return f, func() {
		if err := ended(); err != nil {
			t.Errorf("after SIGTERM: %v", err)
		}
	}
}

// buildAll builds the engine and every plugin into dir. There must be so many.
func buildAll(t *testing.T, dir string, number int) {
	t.Helper()
	found, err := filepath.Glob("plugins/*/main.go")
	if err != nil || len(found) != number {
		t.Fatalf("plugins has %d commands (%v), this test %d", len(found), err, number)
	}
	args := []string{"build", "-o", dir + "/", "./cmd/engine"}
	for _, file := range found {
		args = append(args, "./"+filepath.Dir(file))
	}
	if output, err := exec.CommandContext(t.Context(), "go", args...).CombinedOutput(); err != nil {
		t.Fatalf("go %v: %v\n%s", args, err, output)
	}
}

// writeFleet writes the configuration: JSON is YAML too.
func writeFleet(t *testing.T, dir string, processes, accounts map[string]any) {
	t.Helper()
	config, err := json.Marshal(map[string]any{
		"mode": "test", "server": map[string]any{"listen": "127.0.0.1:0"}, "store": map[string]any{"path": "paymux.db"},
		"plugins": processes, "providers": accounts, "routing": map[string]any{"file": "routes.yaml"},
	})
	if err != nil {
		t.Fatal(err)
	}
	rules, err := json.Marshal(map[string]any{
		"version": 1, "default": map[string]any{"order": slices.Sorted(maps.Keys(accounts))},
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{"paymux.yaml": config, "routes.yaml": rules} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
