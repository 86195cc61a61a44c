package httpapi_test

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/paymux/paymux/core/httpapi"
)

// pipeListener is a listener in memory, so that time can be virtual.
type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
}

func newPipeListener() *pipeListener {
	return &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	close(l.closed)
	return nil
}

func (l *pipeListener) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

// dial returns a connection to a server of b, in the test's bubble.
func dial(t *testing.T, b *bench) net.Conn {
	t.Helper()
	listener := newPipeListener()
	server := httpapi.NewServer(b.handler, hclog.NewNullLogger())
	go func() { _ = server.Serve(listener) }()
	client, conn := net.Pipe()
	listener.conns <- conn
	t.Cleanup(func() {
		_ = client.Close()
		_ = server.Close()
		time.Sleep(time.Second) // In virtual time: the server lingers half a second on a refused connection.
	})
	return client
}

func answerOn(t *testing.T, conn net.Conn) *http.Response {
	t.Helper()
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = resp.Body.Close() })
	return resp
}

func TestASlowBodyIsGivenUp(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/v1/payments", "/v1/webhooks/cinetpay-ci"} {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t)
			conn := dial(t, b)
			started := time.Now()
			_, _ = conn.Write([]byte("POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"))
			resp := answerOn(t, conn)
			if took := time.Since(started); resp.StatusCode != http.StatusRequestTimeout || took != 5*time.Second {
				t.Errorf("%s: %d after %v, want 408 after 5s", path, resp.StatusCode, took)
			}
			if len(b.engine.Notifications())+b.engine.Executed() != 0 {
				t.Errorf("%s: half a body was taken", path)
			}
		})
	}
}

func TestSlowHeadersAreGivenUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		conn := dial(t, newBench(t))
		started := time.Now()
		_, _ = conn.Write([]byte("GET / HTTP/1.1\r\nHost: "))
		_, err := conn.Read(make([]byte, 1))
		if took := time.Since(started); err == nil || took != 5*time.Second {
			t.Errorf("the connection is open after %v: %v", took, err)
		}
	})
}

// TestASlowProviderDoesNotEndTheRequest: the deadline of the body must be gone when
// the engine works, or the request's context would end in the middle. Without a body
// the server reads ahead before the handler begins, so that both are tried.
func TestASlowProviderDoesNotEndTheRequest(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		head, body string
		want       int
	}{
		"with a body": {
			"POST /v1/payments HTTP/1.1\r\nHost: localhost\r\nIdempotency-Key: k\r\nContent-Type: application/json\r\nContent-Length: " +
				strconv.Itoa(len(payment)) + "\r\n\r\n", payment, http.StatusCreated,
		},
		"without a body":     {"GET /v1/transactions HTTP/1.1\r\nHost: localhost\r\n\r\n", "", http.StatusOK},
		"of a customer":      {"GET /v1/return/0000000000000000000000001 HTTP/1.1\r\nHost: localhost\r\n\r\n", "", http.StatusNotFound},
		"of an empty notice": {"GET /v1/webhooks/cinetpay-ci HTTP/1.1\r\nHost: localhost\r\n\r\n", "", http.StatusOK},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				b.engine.Before = func(ctx context.Context) error {
					select {
					case <-time.After(25 * time.Second):
						return nil
					case <-ctx.Done():
						return ctx.Err()
					}
				}
				conn, started := dial(t, b), time.Now()
				go func() { _, _ = conn.Write([]byte(test.head + test.body)) }()
				if resp := answerOn(t, conn); resp.StatusCode != test.want || time.Since(started) != 25*time.Second {
					t.Errorf("%d after %v, want %d after 25s", resp.StatusCode, time.Since(started), test.want)
				}
			})
		})
	}
}

// A rule may give all attempts of a request five minutes.
func TestAnAnswerMayTakeAsLongAsARuleAllows(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.engine.Before = func(context.Context) error {
			time.Sleep(5 * time.Minute)
			return nil
		}
		conn := dial(t, b)
		go func() {
			_, _ = conn.Write([]byte("POST /v1/payments HTTP/1.1\r\nHost: localhost\r\nIdempotency-Key: k\r\n" +
				"Content-Type: application/json\r\nContent-Length: " + strconv.Itoa(len(payment)) + "\r\n\r\n" + payment))
		}()
		if resp := answerOn(t, conn); resp.StatusCode != http.StatusCreated {
			t.Errorf("status = %d, want 201", resp.StatusCode)
		}
	})
}

func TestLargeHeadersAreRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		conn := dial(t, newBench(t))
		go func() {
			_, _ = conn.Write([]byte("GET / HTTP/1.1\r\nHost: localhost\r\nX: " + strings.Repeat("x", 64<<10) + "\r\n\r\n"))
		}()
		if resp := answerOn(t, conn); resp.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
			t.Errorf("status = %d, want 431", resp.StatusCode)
		}
	})
}
