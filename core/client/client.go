package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	// callTimeout is above the longest answer: the attempts of one payment, to which
	// configuration and rules give up to 5 minutes.
	callTimeout = 6 * time.Minute
	// answerMax is above the largest answer: a page of 100 transactions.
	answerMax = 16 << 20
)

// Client calls one engine. It may be used by many goroutines.
type Client struct {
	base string
	key  string
	http *http.Client
	// patient is http for answers that take as long as they take.
	patient *http.Client
}

// New returns a client of the engine at base, such as http://127.0.0.1:8080. The
// key may be empty where the engine has none. It returns an error where base is
// not a URL or key could not be sent.
func New(base, key string) (*Client, error) {
	u, err := url.Parse(base)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" {
		return nil, errors.New("client: the URL must look like http://127.0.0.1:8080")
	}
	if strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return nil, errors.New("client: the key holds a character that no key has")
	}
	quick := newHTTPClient()
	patient := *quick
	patient.Timeout = 0
	return &Client{base: strings.TrimRight(u.String(), "/"), key: key, http: quick, patient: &patient}, nil
}

// newHTTPClient follows no redirect: a 307 would send a payment again to wherever it points.
func newHTTPClient() *http.Client {
	transport := &http.Transport{
		Proxy: http.ProxyFromEnvironment, MaxIdleConnsPerHost: 16, IdleConnTimeout: 30 * time.Second,
		TLSHandshakeTimeout: 10 * time.Second, ForceAttemptHTTP2: true,
	}
	return &http.Client{
		Transport: transport, Timeout: callTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Close closes idle connections. The client may be used again.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// call is one request.
type call struct {
	method, path string
	query        url.Values
	body         any
	// key is the Idempotency-Key, empty for none.
	key string
}

// do makes the call, reads the answer into out and returns its headers.
func (c *Client) do(ctx context.Context, call call, out any) (http.Header, error) {
	req, err := c.request(ctx, call)
	if err != nil {
		return nil, fmt.Errorf("client: %s %s: %w", call.method, call.path, err)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("client: %s %s: %w", call.method, call.path, withoutURL(err))
	}
	defer resp.Body.Close()
	if err := read(resp, out); err != nil {
		return nil, fmt.Errorf("client: %s %s: %w", call.method, call.path, err)
	}
	return resp.Header, nil
}

// withoutURL drops the URL that the transport puts before its errors: its query
// may hold what somebody looked for, such as a phone.
func withoutURL(err error) error {
	if sent, ok := errors.AsType[*url.Error](err); ok {
		return sent.Err
	}
	return err
}

func (c *Client) request(ctx context.Context, call call) (*http.Request, error) {
	target := c.base + call.path
	if len(call.query) > 0 {
		target += "?" + call.query.Encode()
	}
	var body io.Reader
	if call.body != nil {
		text, err := json.Marshal(call.body)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, call.method, target, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	if call.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.key != "" {
		req.Header.Set("Authorization", "Bearer "+c.key)
	}
	if call.key != "" {
		req.Header.Set("Idempotency-Key", call.key)
		return req, nil
	}
	// Without a body to rewind the transport cannot send the request twice by itself.
	req.GetBody = nil
	return req, nil
}

// read decodes a good answer into out, and any other into the error.
func read(resp *http.Response, out any) error {
	text, err := io.ReadAll(io.LimitReader(resp.Body, answerMax+1))
	if err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	if len(text) > answerMax {
		return fmt.Errorf("the answer is larger than %d bytes", answerMax)
	}
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	switch {
	case kind == "application/problem+json":
		return problemOf(resp, text)
	case resp.StatusCode/100 != 2 || kind != "application/json":
		return fmt.Errorf("%s (%s): this is no answer of an engine, check the URL", resp.Status, kind)
	}
	if err := json.Unmarshal(text, out); err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	return nil
}
