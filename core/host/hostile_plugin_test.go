package host_test

import (
	"fmt"
	"os"
	"strings"
	"syscall"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"

	"github.com/paymux/paymux/sdk/serve"
	"github.com/paymux/paymux/sdk/wire"
)

// markVariable names the file in which a hostile plugin marks what the engine did.
const markVariable = "HOST_TEST_MARK"

// badLogLines are what a plugin can write on stderr that is no log line, or one
// that is meant to harm. None is to appear as a line of the engine's log. It is a function because
// what is made for a variable would cost every start of this binary 16 MB and 30 ms of
// processor, three times what a plugin costs, and starts are measured.
func badLogLines() map[string]string {
	return map[string]string{
		"message is a number":        `{"@message":1}`,
		"message is null":            `{"@message":null}`,
		"message is an object":       `{"@message":{"a":"b"}}`,
		"level is a number":          `{"@level":3,"@message":"x"}`,
		"level is a list":            `{"@level":["info"]}`,
		"time is a number":           `{"@timestamp":1700000000}`,
		"time is no time":            `{"@timestamp":"yesterday"}`,
		"name is escaped":            `{"\u0040message":1}`,
		"name is given twice":        `{"@message":"x","@message":2}`,
		"null":                       `null`,
		"a list":                     `[1]`,
		"nesting":                    strings.Repeat(`{"a":`, 11_000),
		"nesting within bounds":      strings.Repeat(`{"a":`, 9_000) + "1" + strings.Repeat("}", 9_000),
		"long":                       strings.Repeat("x", 3<<20),
		"long JSON":                  `{"@level":"warn","@message":"` + strings.Repeat("x", 3<<20) + `"}`,
		"JSON that grows":            `{"@level":"warn","@message":"` + strings.Repeat("\xff", 50<<10) + `"}`,
		"not UTF-8":                  strings.Repeat("\xff\xfe", 25<<10),
		"NUL":                        strings.Repeat("\x00", 1000),
		"a forged line as text":      "[ERROR] text\r2000-01-01T00:00:00.000Z [ERROR] engine: forged",
		"a forged line in a message": `{"@level":"error","@message":"text\n2000-01-01T00:00:00.000Z [ERROR] engine: forged"}`,
		"a forged line in a field":   `{"@level":"error","@message":"text","a":"b\n2000-01-01T00:00:00.000Z [ERROR] engine: forged"}`,
		"a forged line in a name":    `{"@level":"error","@message":"text","a\n2000-01-01T00:00:00.000Z [ERROR] engine: forged":"b"}`,
	}
}

// writeBadLog writes every bad line and then a good one.
func writeBadLog() {
	for _, line := range badLogLines() {
		fmt.Fprintln(os.Stderr, line)
	}
	fmt.Fprintln(os.Stderr, `{"@level":"warn","@message":"the last word","@timestamp":"2026-03-01T12:00:00.000000Z","n":7}`)
}

// badHandshakes are first lines on stdout and what the host says of them.
func badHandshakes() map[string]struct{ line, say string } {
	return map[string]struct{ line, say string }{
		"a name to resolve":      {"1|1|tcp|provider.invalid:443|grpc", "neither a socket in its directory"},
		"another machine":        {"1|1|tcp|192.0.2.1:443|grpc", "neither a socket in its directory"},
		"somebody else's socket": {"1|1|unix|/run/other.sock|grpc", "neither a socket in its directory"},
		"another network":        {"1|1|udp|127.0.0.1:53|grpc", "neither a socket in its directory"},
		"another protocol":       {"1|1|tcp|127.0.0.1:9|netrpc", `unsupported plugin protocol "netrpc"`},
		"a long number":          {strings.Repeat("1", 50<<10) + "|1|unix|x|grpc", "error parsing core protocol version"},
		"control characters":     {"\x00\x1b[2J|1|unix|x|grpc", "error parsing core protocol version"},
		"a certificate of junk":  {"1|1|tcp|127.0.0.1:9|grpc|" + strings.Repeat("A", 100), "error parsing server cert"},
		"a line without an end":  {strings.Repeat("x", 3<<20), "printed something to stdout"},
		"not UTF-8":              {strings.Repeat("\xff", 3<<20), "printed something to stdout"},
	}
}

// shakeHandsBadly writes a bad handshake and waits to be ended, if start names one.
func shakeHandsBadly(start string) {
	if start == "" {
		return
	}
	bad, ok := badHandshakes()[start]
	if !ok {
		return
	}
	stdout := os.NewFile(1, "stdout")
	_, _ = stdout.WriteString(bad.line + "\n")
	select {}
}

// floodStdout writes to the stdout that had the handshake line, past the one
// that go-plugin put in its place.
func floodStdout() {
	for range 64 {
		for text := []byte(strings.Repeat("x", 100<<10) + "\n"); len(text) > 0; {
			n, err := syscall.Write(1, text)
			if err != nil {
				return
			}
			text = text[n:]
		}
	}
}

// serveBroker serves and marks which streams the engine opens.
func serveBroker() {
	os.Stdout = os.NewFile(1, "stdout") // For the handshake.
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig: wire.Handshake, VersionedPlugins: serve.Sets(paper{}), Logger: hclog.NewNullLogger(),
		GRPCServer: func(opts []grpc.ServerOption) *grpc.Server {
			return grpc.NewServer(append(opts, grpc.StreamInterceptor(
				func(server any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
					mark(os.Getenv(markVariable) + strings.ReplaceAll(info.FullMethod, "/", "-"))
					return handler(server, stream)
				}))...)
		},
	})
	os.Exit(0)
}
