package httpapi

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
)

// addInbound adds the paths that providers and customers call. They take every
// method, every content type and no key.
func (s *server) addInbound() {
	s.mux.HandleFunc("/v1/webhooks/{account}", s.notify)
	s.mux.HandleFunc("/v1/return/{ref}", s.comeBack)
}

// notify hands a notification on as it came: bytes are neither inflated nor
// parsed here, because a signature is over them.
func (s *server) notify(w http.ResponseWriter, r *http.Request) {
	body, err := readBody(w, r, NotificationMax)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	reply, err := s.Inbound.Notify(r.Context(), r.PathValue("account"), sdk.NotificationRequest{
		Method: r.Method, Query: r.URL.RawQuery, Header: r.Header.Clone(), Body: body,
		PeerIP: s.peer(r), ReceivedAt: s.Now(),
	})
	if errors.Is(err, core.ErrNotFound) {
		err = errUnknownAccount()
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	answer(w, reply)
}

// answer writes what a plugin said. A status that HTTP does not have would end
// the server's handler in a panic.
func answer(w http.ResponseWriter, reply core.Reply) {
	status := reply.Status
	if status < 200 || status > 599 {
		status = http.StatusOK
	}
	contentType := reply.ContentType
	if contentType == "" {
		contentType = "text/plain; charset=utf-8"
	}
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	// A provider that hung up will send again.
	_, _ = w.Write(reply.Body)
}

// comeBack sends a customer on to the merchant. It tells nothing about the
// payment: whoever has the reference may come.
func (s *server) comeBack(w http.ResponseWriter, r *http.Request) {
	redirect, err := s.redirect(r.Context(), r.PathValue("ref"))
	switch {
	case errors.Is(err, core.ErrNotFound) || errors.Is(err, core.ErrUnknownTransaction):
		page(w, http.StatusNotFound, "This link is not known. Please go back to the shop.")
	case err != nil:
		s.Logger.Error("return failed", "id", callOf(r.Context()).id, "error", err)
		page(w, http.StatusInternalServerError, "Something went wrong. Please go back to the shop: your payment is not lost.")
	case redirect == "":
		page(w, http.StatusOK, "Thank you. You can close this page and go back to the shop.")
	default:
		w.Header().Set("Location", redirect)
		w.WriteHeader(http.StatusSeeOther)
	}
}

// redirect returns the merchant's return URL with the transaction's id, or "".
func (s *server) redirect(ctx context.Context, ref string) (string, error) {
	id, _, err := core.ParseRef(ref)
	if err != nil {
		return "", core.ErrNotFound
	}
	target, err := s.Inbound.Return(ctx, ref)
	if err != nil || target == "" {
		return "", err
	}
	return withTransaction(target, core.PrefixPayment+id.String())
}

// withTransaction appends transaction=id to the query, which stays as it is.
func withTransaction(target, id string) (string, error) {
	u, err := url.Parse(target)
	if err != nil {
		return "", errors.New("return URL cannot be read")
	}
	if u.Query().Get("transaction") == id {
		return target, nil
	}
	if u.RawQuery != "" {
		u.RawQuery += "&"
	}
	u.RawQuery += "transaction=" + id
	return u.String(), nil
}

// page answers a person with one sentence.
func page(w http.ResponseWriter, status int, sentence string) {
	const head = `<!doctype html><html lang="en"><head><meta charset="utf-8">` +
		`<meta name="viewport" content="width=device-width, initial-scale=1"><title>Payment</title></head><body><p>`
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(head + sentence + "</p></body></html>\n"))
}
