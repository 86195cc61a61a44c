package conformance

import (
	"context"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/paymux/paymux/sdk"
)

const (
	// notificationMax bounds a notification's body, in bytes, as an engine does.
	notificationMax = 256 << 10
	// notificationTimeout bounds the plugin's answer to one.
	notificationTimeout = 2 * time.Second
	// peer is who sends the notifications of a sandbox on this machine.
	peer = "127.0.0.1"
)

// notice is a notification and what the plugin made of it.
type notice struct {
	req sdk.NotificationRequest
	got sdk.Notification
	err error
}

// receiver is the address that a sandbox notifies. It has the plugin read what
// comes, answers as it says, and remembers.
type receiver struct {
	account  sdk.FullProvider
	listens  bool // Whether the account reads notifications at all.
	listener net.Listener
	server   *http.Server
	serving  sync.WaitGroup

	mu      sync.Mutex
	notices []notice
}

func newReceiver(account sdk.FullProvider) (*receiver, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &receiver{account: account, listener: listener, listens: account.Capabilities().Can(sdk.OperationNotification)}
	r.server = &http.Server{Handler: r, ReadHeaderTimeout: passTimeout}
	// Serve returns when close ends it, so its error says nothing new.
	r.serving.Go(func() { _ = r.server.Serve(listener) })
	return r, nil
}

func (r *receiver) url() string { return "http://" + r.listener.Addr().String() + "/notify" }

func (r *receiver) close() {
	_ = r.server.Close()
	r.serving.Wait()
}

// ServeHTTP takes a notification.
func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, req.Body, notificationMax))
	if err != nil {
		http.Error(w, "too long", http.StatusRequestEntityTooLarge)
		return
	}
	n := notice{req: sdk.NotificationRequest{
		Method: req.Method, Query: req.URL.RawQuery, Header: req.Header.Clone(), Body: body,
		PeerIP: peer, ReceivedAt: time.Now().UTC(),
	}}
	if r.listens {
		n.got, n.err = r.read(req.Context(), n.req)
	}
	r.mu.Lock()
	r.notices = append(r.notices, n)
	r.mu.Unlock()
	if n.err != nil {
		http.Error(w, "fault", http.StatusInternalServerError)
		return
	}
	if n.got.ContentType != "" {
		w.Header().Set("Content-Type", n.got.ContentType)
	}
	w.WriteHeader(max(n.got.Status, http.StatusOK))
	_, _ = w.Write(n.got.Body)
}

// read has the plugin read a notification, in the time that an engine gives it.
func (r *receiver) read(ctx context.Context, req sdk.NotificationRequest) (sdk.Notification, error) {
	ctx, cancel := context.WithTimeout(ctx, notificationTimeout)
	defer cancel()
	return r.account.HandleNotification(ctx, req)
}

// all are the notifications so far, without pings.
func (r *receiver) all() []notice {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(r.notices), func(n notice) bool { return n.got.Authenticity == sdk.Ping })
}

// genuine are those that the plugin found well signed.
func (r *receiver) genuine() []notice {
	return slices.DeleteFunc(r.all(), func(n notice) bool { return n.got.Authenticity != sdk.Genuine })
}

// evidence is what the latest genuine notification about an attempt said, as an
// engine hands it over.
func (r *receiver) evidence(a sdk.Attempt) *sdk.Evidence {
	for _, n := range slices.Backward(r.genuine()) {
		if n.got.Ref == a.Ref || n.got.ProviderRef != "" && n.got.ProviderRef == a.ProviderRef {
			return &sdk.Evidence{Outcome: n.got.Result.Outcome, ProviderRef: n.got.ProviderRef, Told: n.got.Result.Told}
		}
	}
	return nil
}
