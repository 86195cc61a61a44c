// Package httpx is the HTTP client of plugins for the APIs of payment providers.
//
// It has two calls. [Client.Ask] is for what only reads: it may be repeated once
// when the connection fails. [Client.Move] is for what moves money: neither this
// package nor net/http ever sends it twice, and it alone proves that a request
// was not sent.
//
// # The proof
//
// A Move was not sent if and only if no connection was ever handed over to it,
// which net/http/httptrace tells by GotConn: name resolution failed, the
// connection or the proxy's tunnel was refused, the TLS handshake failed, or the
// time was over before. Anything later counts as maybe sent, whatever the
// error's text says. That is why no other transport can be given to a Client:
// one that forgets to call GotConn would turn lost answers into "not sent".
//
// # What net/http would do by itself
//
// On a connection that was used before, http.Transport sends a request again
// when the server closes it without an answer, if the method is GET-like or the
// header has an Idempotency-Key, and the body is absent or can be rewound. Over
// HTTP/2 it also does so after GOAWAY and some resets. http.Client sends a POST
// again to wherever a 307 or 308 points. So a Move has a body, which cannot be
// rewound (GetBody is nil), HTTP/2 is off, and every call goes through
// RoundTrip, which follows no redirect: a 3xx is an answer like any other.
//
// After 101 Switching Protocols no deadline ends the reading of a body, and a
// User-Agent of "" in a header sends none at all. A 101 is unreadable here, and
// the User-Agent is always the Client's.
//
// The package imports the standard library and sdk only.
package httpx
