package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start runs the command and returns its output and how to interrupt it.
func start(t *testing.T, args ...string) (out *bufio.Reader, stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	read, write := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, args, write)
		ended <- err
		_ = write.Close()
	}()
	t.Cleanup(cancel)
	return bufio.NewReader(read), func() error {
		cancel()
		_, err := io.Copy(io.Discard, read) // a writer that nobody reads would wait for ever
		return errors.Join(err, <-ended)
	}
}

func TestJSONIsOneLineOfAddresses(t *testing.T) {
	out, stop := start(t, "-json")
	line, err := out.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	var urls map[string]string
	if err := json.Unmarshal([]byte(line), &urls); err != nil {
		t.Fatalf("%v: %s", err, line)
	}
	if len(urls) != len(providers(address{})) {
		t.Errorf("want every provider, got %s", line)
	}
	for name, url := range urls {
		if !strings.HasPrefix(url, "http://127.0.0.1:") {
			t.Errorf("%s: %q is not on loopback", name, url)
		}
		if status := fetch(t, url+"/_sandbox/state"); status != http.StatusOK {
			t.Errorf("%s: HTTP %d", name, status)
		}
	}
	if err := stop(); err != nil {
		t.Errorf("interrupted: %v", err)
	}
}

func fetch(t *testing.T, url string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{DisableKeepAlives: true}
	resp, err := (&http.Client{Transport: transport}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Error(err)
	}
	return resp.StatusCode
}

func TestTextNamesTheSettings(t *testing.T) {
	out, stop := start(t)
	var text strings.Builder
	for !strings.Contains(text.String(), "Interrupt to stop") {
		line, err := out.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		text.WriteString(line)
	}
	for _, want := range []string{"cinetpay", "base_url", "transfer_base_url", "api_key", "site_id", "/_sandbox/state"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%s is missing in\n%s", want, text.String())
		}
	}
	if err := stop(); err != nil {
		t.Errorf("interrupted: %v", err)
	}
}

func TestFlagsThatCannotBe(t *testing.T) {
	tests := map[string][]string{
		"no port":             {"-addr", "127.0.0.1"},
		"a port that is none": {"-addr", "127.0.0.1:http"},
		"a port too high":     {"-addr", "127.0.0.1:65536"},
		"a word too many":     {"start"},
		"a foreign address":   {"-addr", "192.0.2.1:7000"},
	}
	for name, args := range tests {
		t.Run(name, func(t *testing.T) {
			if err := run(t.Context(), args, io.Discard); err == nil {
				t.Error("it ran and ended without an error")
			}
		})
	}
}

func TestEachSandboxHasItsPort(t *testing.T) {
	tests := map[string]struct {
		addr string
		want []string
	}{
		"free ports":   {"127.0.0.1:0", []string{"127.0.0.1:0", "127.0.0.1:0"}},
		"a fixed port": {"127.0.0.1:7000", []string{"127.0.0.1:7000", "127.0.0.1:7001"}},
		"no host":      {":7000", []string{"127.0.0.1:7000", "127.0.0.1:7001"}},
		"IPv6":         {"[::1]:7000", []string{"[::1]:7000", "[::1]:7001"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			first, err := splitAddress(test.addr)
			if err != nil {
				t.Fatal(err)
			}
			for number, want := range test.want {
				if got := first.of(number); got != want {
					t.Errorf("%d: want %s, got %s", number, want, got)
				}
			}
		})
	}
}
