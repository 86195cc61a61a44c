package httpx_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/httpx"
)

// charger executes every charge. It answers the first one, and closes the
// connection of the second without an answer.
func charger(t *testing.T) (server *httptest.Server, charges *atomic.Int32) {
	t.Helper()
	charges = new(atomic.Int32)
	server = newServer(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if charges.Add(1) != 2 {
			fmt.Fprint(w, "charged")
			return
		}
		conn, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			conn.Close()
		}
	})
	return server, charges
}

func keyed(url string) httpx.Request {
	request := post(url)
	request.Header.Set("Idempotency-Key", "one")
	return request
}

func TestMoveIsSentOnceOnAReusedConnection(t *testing.T) {
	server, charges := charger(t)
	client := newClient(t, 10*time.Second)
	if _, err := client.Move(t.Context(), keyed(server.URL)); err != nil {
		t.Fatal(err)
	}
	_, err := client.Move(t.Context(), keyed(server.URL))
	fault := wantSent(t, sdk.MaybeSent, err)
	if charges.Load() != 2 {
		t.Errorf("want the second charge once, the provider saw %d in all", charges.Load())
	}
	if len(fault.Exchanges) != 1 || !fault.Exchanges[0].GotConn {
		t.Errorf("want one exchange with a connection, got %+v", fault.Exchanges)
	}
}

// The control of the test above: net/http alone does send the charge twice.
func TestAPlainClientSendsTheSameChargeTwice(t *testing.T) {
	server, charges := charger(t)
	client := server.Client()
	for range 2 {
		req, err := http.NewRequest(http.MethodPost, server.URL, bytes.NewReader([]byte(order)))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Idempotency-Key", "one")
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}
	if charges.Load() != 3 {
		t.Errorf("want 3 charges for 2 calls, got %d: the trap is gone, or the server does not set it", charges.Load())
	}
}

func TestAskIsRepeatedOnceAfterAFailedConnection(t *testing.T) {
	var seen atomic.Int32
	server := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if seen.Add(1) == 1 {
			panic(http.ErrAbortHandler)
		}
		fmt.Fprint(w, "read")
	})
	answer, err := newClient(t, 10*time.Second).Ask(t.Context(), post(server.URL))
	if err != nil {
		t.Fatal(err)
	}
	if string(answer.Body) != "read" || seen.Load() != 2 || len(answer.Exchanges) != 2 {
		t.Errorf("want read at the second of 2 tries, got %q at %d, %d exchanges", answer.Body, seen.Load(), len(answer.Exchanges))
	}
}

func TestAskIsNotRepeatedTwice(t *testing.T) {
	var seen atomic.Int32
	server := newServer(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		seen.Add(1)
		panic(http.ErrAbortHandler)
	})
	_, err := newClient(t, 10*time.Second).Ask(t.Context(), post(server.URL))
	fault := wantSent(t, sdk.MaybeSent, err)
	if seen.Load() != 2 || len(fault.Exchanges) != 2 {
		t.Errorf("want 2 tries and 2 exchanges, got %d and %d", seen.Load(), len(fault.Exchanges))
	}
}

func TestMoveIsNotRepeatedAfterAFailedConnection(t *testing.T) {
	var seen atomic.Int32
	server := newServer(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		seen.Add(1)
		panic(http.ErrAbortHandler)
	})
	_, err := newClient(t, 10*time.Second).Move(t.Context(), keyed(server.URL))
	wantSent(t, sdk.MaybeSent, err)
	if seen.Load() != 1 {
		t.Errorf("want 1 request, got %d", seen.Load())
	}
}

func TestRedirectsAreAnswers(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		for name, location := range map[string]string{"to the same server": "/elsewhere", "to nonsense": "http://[", "to nowhere": ""} {
			t.Run(fmt.Sprintf("%d %s", status, name), func(t *testing.T) {
				var seen atomic.Int32
				server := newServer(t, func(w http.ResponseWriter, _ *http.Request) {
					seen.Add(1)
					w.Header()["Location"] = []string{location}
					w.WriteHeader(status)
				})
				client := newClient(t, 10*time.Second)
				moved, err := client.Move(t.Context(), post(server.URL))
				if err != nil || moved.Status != status {
					t.Errorf("Move: want status %d, got %d, %v", status, moved.Status, err)
				}
				asked, err := client.Ask(t.Context(), post(server.URL))
				if err != nil || asked.Status != status {
					t.Errorf("Ask: want status %d, got %d, %v", status, asked.Status, err)
				}
				if seen.Load() != 2 {
					t.Errorf("want 2 requests, got %d", seen.Load())
				}
			})
		}
	}
}

func TestAnswersUpToTheLimitAreRead(t *testing.T) {
	for name, size := range map[string]int{"empty": 0, "at the limit": httpx.AnswerMax, "one beyond": httpx.AnswerMax + 1, "without end": -1} {
		t.Run(name, func(t *testing.T) {
			server := newServer(t, func(w http.ResponseWriter, _ *http.Request) { fill(w, size) })
			answer, err := newClient(t, 10*time.Second).Move(t.Context(), post(server.URL))
			if size >= 0 && size <= httpx.AnswerMax {
				if err != nil || len(answer.Body) != size {
					t.Errorf("want %d bytes, got %d, %v", size, len(answer.Body), err)
				}
				return
			}
			wantSent(t, sdk.MaybeSent, err)
			if !errors.Is(err, httpx.ErrUnreadable) {
				t.Errorf("want ErrUnreadable, got %v", err)
			}
		})
	}
}

// fill writes size bytes, or bytes until the other side goes.
func fill(w io.Writer, size int) {
	block := bytes.Repeat([]byte("x"), 64<<10)
	for size != 0 {
		n := len(block)
		if size > 0 {
			n = min(n, size)
			size -= n
		}
		if _, err := w.Write(block[:n]); err != nil {
			return
		}
	}
}

func TestACompressedAnswerIsUnreadableWhateverItsStatus(t *testing.T) {
	for encoding, readable := range map[string]bool{"gzip": false, "br": false, "X-Gzip": false, "identity": true, "": true} {
		for _, status := range []int{200, 403, 429} {
			server := newServer(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Encoding", encoding)
				w.WriteHeader(status)
				fmt.Fprint(w, "\x1f\x8b\x08")
			})
			_, err := newClient(t, 10*time.Second).Move(t.Context(), post(server.URL))
			if readable && err != nil {
				t.Errorf("%q with status %d: %v", encoding, status, err)
			}
			if !readable {
				wantSent(t, sdk.MaybeSent, err)
			}
			if !readable && !errors.Is(err, httpx.ErrUnreadable) {
				t.Errorf("%q with status %d: want ErrUnreadable, got %v", encoding, status, err)
			}
		}
	}
	server := newServer(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	if answer, err := newClient(t, 10*time.Second).Move(t.Context(), post(server.URL)); err != nil || answer.Status != http.StatusTooManyRequests {
		t.Errorf("nothing, compressed: want status 429, got %d, %v", answer.Status, err)
	}
}

func TestAnUnreadableAnswerIsNotAskedForAgain(t *testing.T) {
	var seen atomic.Int32
	server := newServer(t, func(w http.ResponseWriter, _ *http.Request) {
		seen.Add(1)
		fill(w, httpx.AnswerMax+1)
	})
	_, err := newClient(t, 10*time.Second).Ask(t.Context(), post(server.URL))
	if !errors.Is(err, httpx.ErrUnreadable) || seen.Load() != 1 {
		t.Errorf("want ErrUnreadable after 1 request, got %v after %d", err, seen.Load())
	}
}

func TestAnAnswerCutAnywhereMayHaveBeenSent(t *testing.T) {
	const whole = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n{\"code\": \"201\"}"
	var cut atomic.Int32
	address := listen(t, func(conn net.Conn) {
		if readRequest(conn) == nil {
			_, _ = io.WriteString(conn, whole[:cut.Load()])
		}
	})
	client := newClient(t, 10*time.Second)
	for k := range len(whole) {
		cut.Store(int32(k))
		answer, err := client.Move(t.Context(), post("http://"+address))
		if err == nil {
			t.Fatalf("cut after %d bytes: want an error, got status %d, %q", k, answer.Status, answer.Body)
		}
		wantSent(t, sdk.MaybeSent, err)
	}
	cut.Store(int32(len(whole)))
	answer, err := client.Move(t.Context(), post("http://"+address))
	if err != nil || string(answer.Body) != `{"code": "201"}` {
		t.Errorf("whole: got %q, %v", answer.Body, err)
	}
}

// slow are answers that never end.
var slow = map[string]string{
	"no answer":        "",
	"half a header":    "HTTP/1.1 200 OK\r\nContent-Ty",
	"no body":          "HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n",
	"an endless chunk": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n{",
	"only hints":       "HTTP/1.1 103 Early Hints\r\n\r\n",
}

func TestADeadlineEndsEveryWait(t *testing.T) {
	for name, start := range slow {
		t.Run(name, func(t *testing.T) {
			address := listen(t, func(conn net.Conn) {
				if readRequest(conn) == nil { // What comes before the request is no answer to it.
					_, _ = io.WriteString(conn, start)
				}
				silence(conn)
			})
			client := newClient(t, 100*time.Millisecond)
			began := time.Now()
			_, err := client.Move(t.Context(), post("http://"+address))
			fault := wantSent(t, sdk.MaybeSent, err)
			if !strings.Contains(fault.Message, "the time is over") {
				t.Errorf("want the reason time, got %q", fault.Message)
			}
			_, err = client.Ask(t.Context(), post("http://"+address))
			if fault := faultOf(t, err); len(fault.Exchanges) != 1 {
				t.Errorf("a question must not be repeated when its time is over: %d exchanges", len(fault.Exchanges))
			}
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

func TestStrangeAnswersAreNoAnswers(t *testing.T) {
	for name, text := range map[string]string{
		"another protocol":     "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n",
		"garbage":              "\x16\x03\x01 peer-secret\r\n\r\n",
		"headers without end":  "HTTP/1.1 200 OK\r\n" + strings.Repeat("X-Long: "+strings.Repeat("x", 1000)+"\r\n", 200),
		"two lengths":          "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
		"a chunk of nonsense":  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n",
		"hints without number": strings.Repeat("HTTP/1.1 103 Early Hints\r\nX: "+strings.Repeat("y", 500)+"\r\n\r\n", 1000),
	} {
		t.Run(name, func(t *testing.T) {
			address := listen(t, func(conn net.Conn) {
				if readRequest(conn) == nil {
					_, _ = io.WriteString(conn, text)
					silence(conn)
				}
			})
			began := time.Now()
			_, err := newClient(t, 5*time.Second).Move(t.Context(), post("http://"+address))
			wantSent(t, sdk.MaybeSent, err)
			if time.Since(began) > 4*time.Second {
				t.Error("it waited for the deadline")
			}
			if strings.Contains(err.Error(), "peer-secret") {
				t.Errorf("the error repeats what the peer sent: %v", err)
			}
		})
	}
}

func TestWhatIsSent(t *testing.T) {
	var got http.Header
	var method, body, query string
	server := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		sent, _ := io.ReadAll(r.Body)
		got, method, body, query = r.Header.Clone(), r.Method, string(sent), r.URL.RawQuery
		w.Header().Set("X-Answer", "yes")
		w.WriteHeader(http.StatusTeapot)
		fmt.Fprint(w, "text")
	})
	request := post(server.URL + "/pay?token=secret")
	request.Header["User-Agent"] = []string{""}
	answer, err := newClient(t, 10*time.Second).Move(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	want := http.Header{"Content-Type": {"application/json"}, "User-Agent": {agent}, "Content-Length": {"14"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("header (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(http.Header{"Content-Type": {"application/json"}, "User-Agent": {""}}, request.Header); diff != "" {
		t.Errorf("the caller's header was changed (-want +got):\n%s", diff)
	}
	if method != http.MethodPost || body != order || query != "token=secret" {
		t.Errorf("got %s %q ?%s", method, body, query)
	}
	if answer.Status != http.StatusTeapot || string(answer.Body) != "text" || answer.Header.Get("X-Answer") != "yes" || answer.OK() {
		t.Errorf("got %+v", answer)
	}
	exchange := answer.Exchanges[0]
	if exchange.URL != server.URL+"/pay?[redacted]" || exchange.HTTPStatus != http.StatusTeapot || !exchange.GotConn ||
		exchange.Duration <= 0 || exchange.StartedAt.IsZero() || exchange.Method != http.MethodPost || exchange.Error != "" {
		t.Errorf("got exchange %+v", exchange)
	}
}

func TestNewWantsAUserAgent(t *testing.T) {
	for _, agent := range []string{"", "  ", "Go-http-client/1.1"} {
		if _, err := httpx.New(httpx.Options{UserAgent: agent}); err == nil {
			t.Errorf("user agent %q: want an error", agent)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	for name, c := range map[string]struct {
		header http.Header
		want   time.Duration
	}{
		"absent":              {http.Header{}, 0},
		"seconds":             {http.Header{"Retry-After": {"30"}}, 30 * time.Second},
		"too long":            {http.Header{"Retry-After": {"999999"}}, time.Hour},
		"nonsense":            {http.Header{"Retry-After": {"-1"}}, 0},
		"a date":              {http.Header{"Retry-After": {"Fri, 02 Jan 2026 03:05:00 GMT"}, "Date": {"Fri, 02 Jan 2026 03:04:00 GMT"}}, time.Minute},
		"a date that is gone": {http.Header{"Retry-After": {"Fri, 02 Jan 2026 03:05:00 GMT"}, "Date": {"Fri, 02 Jan 2026 03:06:00 GMT"}}, 0},
		"a date without Date": {http.Header{"Retry-After": {"Fri, 02 Jan 2026 03:05:00 GMT"}}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			if got := (httpx.Response{Header: c.header}).RetryAfter(); got != c.want {
				t.Errorf("want %v, got %v", c.want, got)
			}
		})
	}
}
