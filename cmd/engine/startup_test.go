package main

import (
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/examples/demo/local"
)

// command runs the engine's command, and returns its exit code and what it printed.
func (s *shop) command(args ...string) (int, string) {
	s.t.Helper()
	cmd := exec.CommandContext(s.t.Context(), s.setup.Programs.Engine, args...)
	cmd.Env = append(append(os.Environ(), local.Secrets()...), "TMPDIR="+s.setup.Dir)
	if s.engine != nil {
		cmd.Env = append(cmd.Env, "PAYMUX_URL="+s.engine.URL, "PAYMUX_KEY="+s.setup.Key.Secret)
	}
	text, err := cmd.CombinedOutput()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		s.t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(text)
}

// ownPlugin gives the shop a copy of the plugin that a test may spoil.
func (s *shop) ownPlugin() string {
	s.t.Helper()
	binary, err := os.ReadFile(s.setup.Programs.CinetPay)
	if err != nil {
		s.t.Fatal(err)
	}
	path := filepath.Join(s.setup.Dir, "cinetpay")
	if err := os.WriteFile(path, binary, 0o755); err != nil {
		s.t.Fatal(err)
	}
	s.setup.Plugin = path
	return path
}

func TestAPluginThatCannotBeTrustedServesNobody(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		spoil func(path string) error
		said  string
	}{
		"changed after its checksum was taken": {func(path string) error {
			file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			_, err = file.WriteString("malice")
			return errors.Join(err, file.Close())
		}, "sha256"},
		"removed": {os.Remove, "there is no file"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			path := s.ownPlugin()
			s.write()
			if err := test.spoil(path); err != nil {
				t.Fatal(err)
			}
			code, text := s.command("validate", "-c", s.setup.Config())
			if code != exitUsage || !strings.Contains(text, "plugins.cinetpay") || !strings.Contains(text, test.said) {
				t.Errorf("validate: want exit code 2 and the plugin named, got %d:\n%s", code, text)
			}
			s.open()
			if _, err := s.engine.Await(t.Context(), `(?i)error.*account is not ready.*first`); err != nil {
				t.Errorf("serve does not say so: %v", err)
			}
			_, err := s.client.Pay(t.Context(), "key", order("order-1"))
			if !errors.Is(err, core.ErrProviderUnavailable) {
				t.Errorf("want provider_unavailable, got %v", err)
			}
		})
	}
}

func TestServeThatCannotStart(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Close() })
	tests := map[string]struct {
		spoil func(*shop) []string
		code  int
		said  []string
	}{
		"the port is in use": {func(s *shop) []string {
			return []string{"--listen", taken.Addr().String()}
		}, exitUsage, []string{"server.listen", "address already in use"}},
		"the store's folder is a file": {func(s *shop) []string {
			if err := os.WriteFile(filepath.Join(s.setup.Dir, "data"), nil, 0o600); err != nil {
				t.Fatal(err)
			}
			return nil
		}, exitUsage, []string{"store.path", "not a directory"}},
		"the store is no store": {func(s *shop) []string {
			if err := os.MkdirAll(filepath.Dir(s.setup.Store()), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(s.setup.Store(), []byte(strings.Repeat("no store ", 5000)), 0o600); err != nil {
				t.Fatal(err)
			}
			return nil
		}, exitUsage, []string{"paymux.db"}},
		"another engine has the store": {func(s *shop) []string { s.open(); return nil }, exitUsage, []string{"paymux.db", "another"}},
		"rules that name an account that is none": {func(s *shop) []string {
			text := strings.ReplaceAll(s.setup.Rules, "second", "secnd")
			if err := os.WriteFile(filepath.Join(s.setup.Dir, "routes.yaml"), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			return nil
		}, exitUsage, []string{"routes.yaml:5", "secnd", "did you mean second?"}},
		"a key that nobody knows": {func(s *shop) []string {
			file, err := os.OpenFile(s.setup.Config(), os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				t.Fatal(err)
			}
			_, err = file.WriteString("colour: red\n")
			if err := errors.Join(err, file.Close()); err != nil {
				t.Fatal(err)
			}
			return nil
		}, exitUsage, []string{"paymux.yaml:", "colour"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			s.write()
			code, text := s.command(append([]string{"serve", "-c", s.setup.Config()}, test.spoil(s)...)...)
			if code != test.code {
				t.Errorf("want exit code %d, got %d", test.code, code)
			}
			for _, word := range test.said {
				if !strings.Contains(text, word) {
					t.Errorf("%q is missing in\n%s", word, text)
				}
			}
		})
	}
}
