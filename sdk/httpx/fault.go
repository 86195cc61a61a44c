package httpx

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/paymux/paymux/sdk"
)

// wordsMax bounds what a fault repeats of an error of another package.
const wordsMax = 200

// faultOf tells in words what went wrong. Its kind is KindUnavailable when the
// connection or the time failed, and KindUnknown when the answer was unreadable.
func faultOf(ctx context.Context, err error, exchange sdk.Exchange) *sdk.Error {
	fault := &sdk.Error{Kind: sdk.KindUnavailable, Err: err}
	if errors.Is(err, ErrUnreadable) {
		fault.Kind = sdk.KindUnknown
	}
	fault.Message = exchange.Method + " " + exchange.URL + ": " + when(exchange) + ": " + reason(ctx, err)
	return fault
}

// when says how far the try came.
func when(exchange sdk.Exchange) string {
	switch {
	case !exchange.GotConn:
		return "no connection"
	case exchange.HTTPStatus == 0:
		return "no answer"
	default:
		return fmt.Sprintf("status %d, answer not complete", exchange.HTTPStatus)
	}
}

// reason tells an error without what the peer sent.
func reason(ctx context.Context, err error) string {
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	var dial *net.OpError
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return "the time is over"
	case errors.Is(err, context.Canceled):
		return "the call was canceled"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the connection was closed"
	case errors.As(err, &dial):
		return harmless(dial.Error())
	default:
		return harmless(err.Error())
	}
}

// harmless cuts a text where it begins to quote: what net/http quotes is what
// the peer sent, or a proxy's address with its password.
func harmless(text string) string {
	text, _, _ = strings.Cut(text, `"`)
	text = strings.TrimSpace(text)
	if len(text) > wordsMax {
		text = text[:wordsMax]
	}
	return strings.ToValidUTF8(text, "?")
}
