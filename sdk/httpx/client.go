package httpx

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/paymux/paymux/sdk"
)

// AnswerMax is the most bytes of an answer's body. What is longer is unreadable.
const AnswerMax = 1 << 20

const (
	timeoutDefault     = 20 * time.Second
	dialTimeoutMax     = 10 * time.Second
	handshakeMax       = 10 * time.Second
	keepAliveProbe     = 30 * time.Second
	answerHeaderMax    = 64 << 10 // bytes
	idleConnsMax       = 256
	idleConnsPerHost   = 64
	idleConnTimeoutMax = 4 * time.Second
)

// ErrUnreadable is the cause of an error that says that an answer came and
// cannot be read: it is longer than AnswerMax, compressed, or no HTTP answer to
// a request of ours.
var ErrUnreadable = errors.New("unreadable answer")

// errTooLate is why a Move is refused or given up before it has a connection.
var errTooLate = errors.New("send_by has passed")

// Options of a Client.
type Options struct {
	// UserAgent names the product, such as "Paymux/1.0". It is required: some
	// providers' firewalls refuse clients without a name of their own.
	UserAgent string
	// Timeout bounds one call, from the name's resolution to the last byte of
	// the answer, the repetition of an Ask included. Default: 20 s.
	Timeout time.Duration
}

// Client calls one provider's API. Its methods may be called from any goroutine.
type Client struct {
	userAgent string
	timeout   time.Duration
	transport *http.Transport
}

// New returns a Client. It returns an error when Options.UserAgent is missing or
// is that of a library.
func New(options Options) (*Client, error) {
	agent := strings.TrimSpace(options.UserAgent)
	if agent == "" || strings.HasPrefix(agent, "Go-http-client") {
		return nil, errors.New("httpx: no user agent: name the product, such as Paymux/1.0")
	}
	timeout := options.Timeout
	if timeout <= 0 {
		timeout = timeoutDefault
	}
	return &Client{userAgent: agent, timeout: timeout, transport: newTransport()}, nil
}

func newTransport() *http.Transport {
	dialer := &net.Dialer{Timeout: dialTimeoutMax, KeepAlive: keepAliveProbe}
	// HTTP/2 is off: it repeats requests by rules of its own, a call that has a
	// connection may still wait for a free stream and be sent long after its
	// send_by, and one dead connection takes all calls under way with it.
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            dialer.DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    handshakeMax,
		Protocols:              protocols,
		MaxIdleConns:           idleConnsMax,
		MaxIdleConnsPerHost:    idleConnsPerHost,
		MaxResponseHeaderBytes: answerHeaderMax,
		// Shorter than the 5 s after which common servers close an idle
		// connection: a Move on a connection that is just being closed ends
		// unknown, and a new connection costs far less than that.
		IdleConnTimeout: idleConnTimeoutMax,
		// Without it a small answer could become a huge one.
		DisableCompression: true,
	}
}

// Close closes the connections that are not in use. Calls under way go on.
func (c *Client) Close() { c.transport.CloseIdleConnections() }

// Ask makes a call that only reads. When the connection fails before the answer
// is complete, it asks once more. The answer may have any status, 3xx included.
//
// The error is an *sdk.Error, which carries the exchanges. It never says NotSent:
// that a question could not be asked tells nothing about the attempt.
func (c *Client) Ask(ctx context.Context, r Request) (Response, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	first := c.try(ctx, r, new(connection))
	if !first.repeatable(ctx) {
		return first.outcome(sdk.MaybeSent)
	}
	second := c.try(ctx, r, new(connection))
	second.before = []sdk.Exchange{first.exchange}
	return second.outcome(sdk.MaybeSent)
}

// Move makes a call that moves money or creates something, once. It needs a
// body. The answer may have any status, 3xx included.
//
// The error is an *sdk.Error, which carries the exchange. Its Sent is NotSent if
// no connection was handed over to the call, and MaybeSent otherwise. After the
// instant of sdk.SendBy the call is refused, and given up while it has no
// connection yet.
func (c *Client) Move(ctx context.Context, r Request) (Response, error) {
	if len(r.Body) == 0 {
		return Response{}, refused("a call that moves money needs a body: net/http may repeat one without")
	}
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	conn := new(connection)
	ctx, release, err := within(ctx, conn)
	if err != nil {
		return Response{}, err
	}
	defer release()
	only := c.try(ctx, r, conn)
	return only.outcome(conn.proof())
}

// within gives the call up at the instant of sdk.SendBy, unless it has a
// connection by then. It returns an error when that instant has passed.
func within(ctx context.Context, conn *connection) (context.Context, func(), error) {
	at, ok := sdk.SendBy(ctx)
	if !ok {
		return ctx, func() {}, nil
	}
	left := time.Until(at)
	if left <= 0 {
		return ctx, nil, &sdk.Error{
			Kind: sdk.KindUnavailable, Message: errTooLate.Error() + ", the call was not made",
			Sent: sdk.NotSent, Err: errTooLate,
		}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	timer := time.AfterFunc(left, func() {
		if !conn.got() {
			cancel(errTooLate)
		}
	})
	return ctx, func() { timer.Stop(); cancel(nil) }, nil
}

func refused(why string) *sdk.Error {
	return &sdk.Error{Kind: sdk.KindInvalid, Message: why, Sent: sdk.NotSent}
}
