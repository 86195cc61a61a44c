package httpx

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/paymux/paymux/sdk"
)

// Request is one call. The User-Agent is the Client's, whatever Header says.
type Request struct {
	Method string
	// URL is absolute, http or https, without credentials.
	URL    string
	Header http.Header
	// Body must not be changed until the call's context has ended.
	Body []byte
}

// connection tells whether one was ever handed over to a call. net/http may
// tell so from another goroutine.
type connection struct{ handed atomic.Bool }

func (c *connection) got() bool { return c.handed.Load() }

// proof is what can be said of the request when its call failed.
func (c *connection) proof() sdk.Sent {
	if c.got() {
		return sdk.MaybeSent
	}
	return sdk.NotSent
}

func (c *connection) traced(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { c.handed.Store(true) },
	})
}

// tried is what became of one try.
type tried struct {
	answer   Response
	fault    *sdk.Error
	exchange sdk.Exchange
	before   []sdk.Exchange
}

// repeatable reports whether a read may be asked again: the connection failed
// and there is time left.
func (t tried) repeatable(ctx context.Context) bool {
	return t.fault != nil && t.fault.Kind == sdk.KindUnavailable && ctx.Err() == nil
}

// outcome returns the answer or the fault, with all exchanges.
func (t tried) outcome(sent sdk.Sent) (Response, error) {
	exchanges := t.before
	if t.exchange.Method != "" {
		exchanges = append(exchanges, t.exchange)
	}
	if t.fault == nil {
		t.answer.Exchanges = exchanges
		return t.answer, nil
	}
	t.fault.Sent = sent
	t.fault.Exchanges = exchanges
	return Response{}, t.fault
}

// try sends the request once and reads the answer whole.
func (c *Client) try(ctx context.Context, r Request, conn *connection) tried {
	req, err := c.build(conn.traced(ctx), r)
	if err != nil {
		return tried{fault: refused(err.Error())}
	}
	start := time.Now()
	exchange := sdk.Exchange{Method: req.Method, URL: shown(req.URL), StartedAt: start}
	exchange.RequestBody = sdk.KeptBody(ctx, req.Header.Get("Content-Type"), r.Body)
	answer, err := c.roundTrip(req, &exchange)
	exchange.Duration = time.Since(start)
	exchange.GotConn = conn.got()
	if err == nil {
		exchange.AnswerBody = sdk.KeptBody(ctx, answer.Header.Get("Content-Type"), answer.Body)
		return tried{answer: answer, exchange: exchange}
	}
	fault := faultOf(ctx, err, exchange)
	exchange.Error = fault.Message
	return tried{fault: fault, exchange: exchange}
}

func (c *Client) build(ctx context.Context, r Request) (*http.Request, error) {
	target, err := url.Parse(r.URL)
	if err != nil || target.Host == "" || target.Scheme != "https" && target.Scheme != "http" {
		// The parser's error would repeat the URL, which may hold a token.
		return nil, errors.New("the URL is not an absolute http or https URL")
	}
	if target.User != nil {
		return nil, errors.New("the URL holds credentials: put them into a header")
	}
	req, err := http.NewRequestWithContext(ctx, r.Method, target.String(), bytes.NewReader(r.Body))
	if err != nil {
		return nil, errors.New("the method is not an HTTP method")
	}
	// A body that cannot be rewound keeps net/http from sending it again.
	req.GetBody = nil
	if r.Header != nil {
		req.Header = r.Header.Clone()
	}
	// Last, because an empty value in the header would leave it out altogether.
	req.Header.Set("User-Agent", c.userAgent)
	return req, nil
}

func (c *Client) roundTrip(req *http.Request, exchange *sdk.Exchange) (Response, error) {
	resp, err := c.transport.RoundTrip(req)
	if err != nil {
		return Response{}, err
	}
	// An error of Close would only say that the connection is not used again.
	defer func() { _ = resp.Body.Close() }()
	exchange.HTTPStatus = resp.StatusCode
	if resp.StatusCode == http.StatusSwitchingProtocols {
		// What follows is no body, and no deadline would end reading it.
		return Response{}, fmt.Errorf("%w: status 101 to a request that asked for no other protocol", ErrUnreadable)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, AnswerMax+1))
	if err != nil {
		return Response{}, err
	}
	if len(body) > AnswerMax {
		return Response{}, fmt.Errorf("%w: longer than %d bytes", ErrUnreadable, AnswerMax)
	}
	if encoding := resp.Header.Get("Content-Encoding"); len(body) > 0 && encoding != "" && !strings.EqualFold(encoding, "identity") {
		// None was asked for, and what it says may be another thing than its status.
		return Response{}, fmt.Errorf("%w: it is compressed", ErrUnreadable)
	}
	return Response{Status: resp.StatusCode, Header: resp.Header, Body: body}, nil
}

// shown is the URL for traces: without credentials, and without the query,
// because some providers put tokens there.
func shown(u *url.URL) string {
	bare := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}
	if u.RawQuery == "" {
		return bare.String()
	}
	return bare.String() + "?[redacted]"
}
