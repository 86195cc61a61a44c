package conformance

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/paymux/paymux/sdk"
)

func wrongSignatureIsForged() clause {
	return clause{
		name:    "a bad signature is refused",
		demands: "A notification whose signature was changed or taken away is forged and answered with 4xx.",
		mend:    "Check the signature over the raw body before anything is parsed, in constant time, and answer sdk.Forged with 401 where it is wrong or missing.",
		check:   checkSignature,
	}
}

// usualHeaders are those of any HTTP client, which prove nothing.
func usualHeaders() []string {
	return []string{"Accept", "Accept-Encoding", "Connection", "Content-Length", "Content-Type", "Date", "User-Agent"}
}

func checkSignature(ctx context.Context, b *bench) (string, error) {
	n, err := b.genuineNotice(ctx)
	if err != nil {
		return "", err
	}
	var found []string
	for _, t := range tamperings(n.req) {
		got, err := b.post.read(ctx, t.req)
		if err != nil {
			return "", broken("the notification with %s is a fault: %v", t.part, err)
		}
		if got.Authenticity != sdk.Forged {
			continue
		}
		if got.Status < http.StatusBadRequest {
			return "", broken("the notification with %s is forged and answered with %d", t.part, got.Status)
		}
		found = append(found, t.part)
	}
	if len(found) == 0 {
		return "", broken("whatever is changed in a notification, it is genuine")
	}
	// What is signed when it is wrong must be missed when it is not there.
	bare := n.req
	bare.Header, bare.Query = keepUsual(n.req.Header), ""
	if got, err := b.post.read(ctx, bare); err == nil && got.Authenticity == sdk.Genuine && found[0] != anotherBody {
		return "", broken("a notification without its signature is genuine")
	}
	return fmt.Sprintf("forged with %s", found[0]), nil
}

// genuineNotice is a notification that the plugin found well signed.
func (b *bench) genuineNotice(ctx context.Context) (notice, error) {
	if !b.can.Can(sdk.OperationNotification) {
		return notice{}, moot("the account reads no notifications")
	}
	for _, kind := range b.kinds() {
		if _, _, err := b.settled(ctx, kind, b.usual(kind)); err != nil {
			return notice{}, err
		}
		b.notices(ctx, b.facts(kind).PushWebhooks, 0)
	}
	if signed := b.post.genuine(); len(signed) > 0 {
		return signed[0], nil
	}
	return notice{}, moot("%s came, and the plugin says of none that it is signed", plural(len(b.post.all()), "notification"))
}

// tampering is a notification with one part changed.
type tampering struct {
	part string
	req  sdk.NotificationRequest
}

const anotherBody = "another body"

// tamperings change every header of the provider's own, the query, and the body.
func tamperings(req sdk.NotificationRequest) []tampering {
	var all []tampering
	for name := range req.Header {
		if slices.Contains(usualHeaders(), name) {
			continue
		}
		changed := req
		changed.Header = req.Header.Clone()
		changed.Header.Set(name, string(changedText([]byte(req.Header.Get(name)))))
		all = append(all, tampering{"another " + name, changed})
	}
	if req.Query != "" {
		changed := req
		changed.Query = string(changedText([]byte(req.Query)))
		all = append(all, tampering{"another query", changed})
	}
	changed := req
	changed.Body = changedText(req.Body)
	return append(all, tampering{anotherBody, changed})
}

// changedText has another letter or digit as the last one of the text.
func changedText(text []byte) []byte {
	changed := bytes.Clone(text)
	for i := len(changed) - 1; i >= 0; i-- {
		switch c := changed[i]; {
		case c == '0' || c == 'a' || c == 'A':
			changed[i]++
			return changed
		case c > '0' && c <= '9', c > 'a' && c <= 'z', c > 'A' && c <= 'Z':
			changed[i]--
			return changed
		}
	}
	return append(changed, '0')
}

func keepUsual(header http.Header) http.Header {
	kept := http.Header{}
	for name, values := range header {
		if slices.Contains(usualHeaders(), name) {
			kept[name] = values
		}
	}
	return kept
}
