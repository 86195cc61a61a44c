package record

import (
	"net/http"
	"slices"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
)

// EncodeInboxRow returns the record of r, or core.ErrInvalidRecord.
func EncodeInboxRow(r core.InboxRow) ([]byte, error) {
	if err := checkInboxRow(r); err != nil {
		return nil, err
	}
	return seal(&InboxRow{
		Id: r.ID, Account: r.Account, Request: requestOut(r.Request), Read: notificationOut(r.Read),
		Transaction: r.Transaction, Attempt: int64(r.Attempt), DedupeKey: r.DedupeKey,
		ReceivedAt: nanos(r.ReceivedAt), DueAt: nanos(r.DueAt), Tries: int64(r.Tries),
	})
}

// DecodeInboxRow reads what EncodeInboxRow wrote, or returns core.ErrInvalidRecord.
func DecodeInboxRow(data []byte) (core.InboxRow, error) {
	var m InboxRow
	if err := open(data, &m); err != nil {
		return core.InboxRow{}, err
	}
	r := core.InboxRow{
		ID: m.GetId(), Account: m.GetAccount(), Request: requestIn(m.GetRequest()), Read: notificationIn(m.GetRead()),
		Transaction: m.GetTransaction(), Attempt: int(m.GetAttempt()), DedupeKey: m.GetDedupeKey(),
		ReceivedAt: instant(m.GetReceivedAt()), DueAt: instant(m.GetDueAt()), Tries: int(m.GetTries()),
	}
	return r, checkInboxRow(r)
}

func requestOut(r *sdk.NotificationRequest) *NotificationRequest {
	if r == nil {
		return nil
	}
	m := &NotificationRequest{
		Method: r.Method, Query: r.Query, Body: r.Body, PeerIp: r.PeerIP, ReceivedAt: nanos(r.ReceivedAt),
	}
	if len(r.Header) > 0 {
		m.Header = make(map[string]*Values, len(r.Header))
	}
	for name, values := range r.Header {
		m.Header[name] = &Values{Values: values}
	}
	return m
}

func requestIn(m *NotificationRequest) *sdk.NotificationRequest {
	if m == nil {
		return nil
	}
	r := &sdk.NotificationRequest{
		Method: m.GetMethod(), Query: m.GetQuery(), Body: copied(m.GetBody()),
		PeerIP: m.GetPeerIp(), ReceivedAt: instant(m.GetReceivedAt()),
	}
	if len(m.GetHeader()) > 0 {
		r.Header = make(http.Header, len(m.GetHeader()))
	}
	for name, values := range m.GetHeader() {
		r.Header[name] = slices.Clone(values.GetValues())
	}
	return r
}

func notificationOut(n *sdk.Notification) *Notification {
	if n == nil {
		return nil
	}
	return &Notification{
		Authenticity: number[Authenticity](authenticities(), n.Authenticity),
		Ref:          n.Ref, ProviderRef: n.ProviderRef, DedupeKey: n.DedupeKey, Confirm: n.Confirm,
		Result: resultOut(n.Result), Status: int64(n.Status), ContentType: n.ContentType, Body: n.Body, Alert: n.Alert,
	}
}

func notificationIn(m *Notification) *sdk.Notification {
	if m == nil {
		return nil
	}
	return &sdk.Notification{
		Authenticity: word(authenticities(), m.GetAuthenticity(), sdk.Unverified),
		Ref:          m.GetRef(), ProviderRef: m.GetProviderRef(), DedupeKey: m.GetDedupeKey(), Confirm: m.GetConfirm(),
		Result: resultIn(m.GetResult()), Status: int(m.GetStatus()), ContentType: m.GetContentType(),
		Body: copied(m.GetBody()), Alert: m.GetAlert(),
	}
}

func resultOut(r sdk.Result) *Result {
	return &Result{
		Outcome: outcomeNumber(r.Outcome), Reason: string(r.Reason), ProviderRef: r.ProviderRef,
		ProviderStatus: r.ProviderStatus, ProviderCode: r.ProviderCode, Message: r.Message, Told: toldOut(r.Told),
		PaidWith: r.PaidWith, NextAction: nextActionOut(r.NextAction), Held: r.Held, Match: matchOut(r.Match),
		ProviderData: r.ProviderData, RetryAfter: int64(r.RetryAfter), Alert: r.Alert,
		Exchanges: each(r.Exchanges, exchangeOut),
	}
}

func resultIn(m *Result) sdk.Result {
	return sdk.Result{
		Outcome: outcomeWord(m.GetOutcome()), Reason: sdk.Reason(m.GetReason()), ProviderRef: m.GetProviderRef(),
		ProviderStatus: m.GetProviderStatus(), ProviderCode: m.GetProviderCode(), Message: m.GetMessage(),
		Told: toldIn(m.GetTold()), PaidWith: m.GetPaidWith(), NextAction: nextActionIn(m.GetNextAction()),
		Held: m.GetHeld(), Match: matchIn(m.GetMatch()), ProviderData: copied(m.GetProviderData()),
		RetryAfter: time.Duration(m.GetRetryAfter()), Alert: m.GetAlert(), Exchanges: each(m.GetExchanges(), exchangeIn),
	}
}

func exchangeOut(e sdk.Exchange) *Exchange {
	return &Exchange{
		Method: e.Method, Url: e.URL, StartedAt: nanos(e.StartedAt), Duration: int64(e.Duration),
		HttpStatus: int64(e.HTTPStatus), GotConn: e.GotConn, Error: e.Error,
	}
}

func exchangeIn(m *Exchange) sdk.Exchange {
	return sdk.Exchange{
		Method: m.GetMethod(), URL: m.GetUrl(), StartedAt: instant(m.GetStartedAt()), Duration: time.Duration(m.GetDuration()),
		HTTPStatus: int(m.GetHttpStatus()), GotConn: m.GetGotConn(), Error: m.GetError(),
	}
}
