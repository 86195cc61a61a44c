package coretest

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/paymux/paymux/sdk"
)

// signatureHeader carries the HMAC of a notification's body.
const signatureHeader = "X-Signature"

// resendAfter are the pauses after which a notification is sent again that was
// not answered with 2xx.
var resendAfter = []time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute, time.Hour, 6 * time.Hour}

// notice is the body of a notification.
type notice struct {
	ID string `json:"id"`
	// Ref is missing where the provider names only its own reference.
	Ref         string `json:"ref,omitempty"`
	ProviderRef string `json:"provider_ref"`
	Status      Status `json:"status"`
}

// take carries out a turn and announces it.
func (p *Provider) take(ref string, turn Turn) {
	entry, done := p.turn(ref, turn.Becomes, turn.Amount)
	if !done || p.Deliver == nil {
		return
	}
	req := p.notification(entry)
	for _, delay := range turn.Notify {
		time.AfterFunc(delay, func() { p.send(req) })
	}
}

// send delivers a notification until it is accepted, as providers do.
func (p *Provider) send(req sdk.NotificationRequest) {
	for try := 0; ; try++ {
		req.ReceivedAt = time.Now()
		reply, err := p.Deliver(context.Background(), p.Name, req)
		if err == nil && (reply.Status == 0 || reply.Status/100 == 2) || try == len(resendAfter) {
			return
		}
		time.Sleep(resendAfter[try])
	}
}

// Notification returns a genuine notification of how the reference stands now.
// Each one is another announcement, with an id of its own.
func (p *Provider) Notification(ref string) sdk.NotificationRequest {
	entry, ok := p.Entry(ref)
	if !ok {
		entry = Entry{Ref: ref, Status: Waiting}
	}
	return p.notification(entry)
}

// Forgery returns a notification that claims the reference is paid and whose
// signature is not the provider's.
func (p *Provider) Forgery(ref string) sdk.NotificationRequest {
	entry, _ := p.Entry(ref)
	entry.Ref, entry.Status = ref, Paid
	req := p.notification(entry)
	req.Header.Set(signatureHeader, hex.EncodeToString(make([]byte, sha256.Size)))
	return req
}

func (p *Provider) notification(entry Entry) sdk.NotificationRequest {
	p.mu.Lock()
	p.serial++
	id := p.Name + "-" + strconv.Itoa(p.serial)
	p.mu.Unlock()
	said := notice{ID: id, Ref: entry.Ref, ProviderRef: entry.ProviderRef, Status: entry.Status}
	if p.Facts.NotifiesByProviderRef {
		said.Ref = ""
	}
	body, _ := json.Marshal(said) // Only texts are in it.
	return sdk.NotificationRequest{
		Method: http.MethodPost, Body: body, PeerIP: "192.0.2.1", ReceivedAt: time.Now(),
		Header: http.Header{signatureHeader: {p.sign(body)}},
	}
}

func (p *Provider) sign(body []byte) string {
	mac := hmac.New(sha256.New, []byte("shared with "+p.Name))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

// HandleNotification implements sdk.NotificationHandler. What a notification
// says must be confirmed by a question.
func (a *account) HandleNotification(_ context.Context, req sdk.NotificationRequest) (sdk.Notification, error) {
	var said notice
	genuine := hmac.Equal([]byte(req.Header.Get(signatureHeader)), []byte(a.sign(req.Body)))
	if err := json.Unmarshal(req.Body, &said); err != nil || !genuine {
		return sdk.Notification{Authenticity: sdk.Forged, Status: http.StatusUnauthorized}, nil
	}
	return sdk.Notification{
		Authenticity: sdk.Genuine, Ref: said.Ref, ProviderRef: said.ProviderRef, DedupeKey: said.ID, Confirm: true,
		Result: sdk.Result{Outcome: said.Status.outcome(), ProviderRef: said.ProviderRef, ProviderStatus: string(said.Status)},
	}, nil
}
