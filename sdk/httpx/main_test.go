package httpx_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/httpx"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const agent = "Paymux-Test/1.0"

func newClient(t *testing.T, timeout time.Duration) *httpx.Client {
	t.Helper()
	client, err := httpx.New(httpx.Options{UserAgent: agent, Timeout: timeout})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

func newServer(t *testing.T, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server
}

// listen serves each connection with serve and closes it afterwards.
func listen(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var connections sync.WaitGroup
	accepting, over := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(accepting)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			connections.Go(func() {
				served := make(chan struct{})
				go func() { defer close(served); serve(conn) }()
				select {
				case <-served:
				case <-over: // net/http goes on with a handshake that nobody waits for
				}
				conn.Close()
				<-served
			})
		}
	}()
	t.Cleanup(func() {
		listener.Close()
		<-accepting
		close(over)
		connections.Wait()
	})
	return listener.Addr().String()
}

// readRequest reads one request with its body from conn.
func readRequest(conn net.Conn) error {
	var seen []byte
	buffer := make([]byte, 4096)
	for !bytes.Contains(seen, []byte("\r\n\r\n"+order)) {
		n, err := conn.Read(buffer)
		if err != nil {
			return err
		}
		seen = append(seen, buffer[:n]...)
	}
	return nil
}

// silence reads until the other side goes, and answers nothing.
func silence(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }

// order is the body of every Move.
const order = `{"amount":100}`

func post(url string) httpx.Request {
	return httpx.Request{
		Method: http.MethodPost, URL: url, Body: []byte(order),
		Header: http.Header{"Content-Type": {"application/json"}},
	}
}

func faultOf(t *testing.T, err error) *sdk.Error {
	t.Helper()
	var fault *sdk.Error
	if !errors.As(err, &fault) {
		t.Fatalf("want an *sdk.Error, got %T: %v", err, err)
	}
	return fault
}

func wantSent(t *testing.T, want sdk.Sent, err error) *sdk.Error {
	t.Helper()
	fault := faultOf(t, err)
	if fault.Sent != want {
		t.Errorf("want Sent %v, got %v: %v", want, fault.Sent, err)
	}
	return fault
}

func within(t *testing.T, limit time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	t.Cleanup(cancel)
	return ctx
}
