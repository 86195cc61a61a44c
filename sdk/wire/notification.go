package wire

import (
	"maps"
	"net/http"
	"slices"

	"github.com/paymux/paymux/sdk"
	pb "github.com/paymux/paymux/sdk/proto/provider/v1"
)

func notificationRequestToProto(req sdk.NotificationRequest) *pb.HandleNotificationRequest {
	return &pb.HandleNotificationRequest{
		Method:     req.Method,
		Query:      []byte(req.Query),
		Headers:    headersToProto(req.Header),
		Body:       req.Body,
		PeerIp:     req.PeerIP,
		ReceivedAt: timeToProto(req.ReceivedAt),
	}
}

func notificationRequestFromProto(p *pb.HandleNotificationRequest) sdk.NotificationRequest {
	return sdk.NotificationRequest{
		Method:     p.GetMethod(),
		Query:      string(p.GetQuery()),
		Header:     headersFromProto(p.GetHeaders()),
		Body:       p.GetBody(),
		PeerIP:     p.GetPeerIp(),
		ReceivedAt: timeFromProto(p.GetReceivedAt()),
	}
}

func headersToProto(header http.Header) []*pb.Header {
	return each(slices.Sorted(maps.Keys(header)), func(name string) *pb.Header {
		return &pb.Header{
			Name:   name,
			Values: each(header[name], func(value string) []byte { return []byte(value) }),
		}
	})
}

// headersFromProto never returns nil, so that a plugin can read and write it.
func headersFromProto(list []*pb.Header) http.Header {
	header := make(http.Header, len(list))
	for _, h := range list {
		header[h.GetName()] = each(h.GetValues(), func(value []byte) string { return string(value) })
	}
	return header
}

func notificationToProto(n sdk.Notification) *pb.Notification {
	return &pb.Notification{
		Authenticity: authenticities.proto[n.Authenticity],
		Ref:          n.Ref,
		ProviderRef:  n.ProviderRef,
		DedupeKey:    n.DedupeKey,
		Confirm:      n.Confirm,
		Result:       resultToProto(n.Result),
		Status:       int32Of(n.Status),
		ContentType:  n.ContentType,
		Body:         n.Body,
		Alert:        n.Alert,
	}
}

func (r *reader) notification(p *pb.Notification) sdk.Notification {
	return sdk.Notification{
		Authenticity: authenticities.sdk[p.GetAuthenticity()],
		Ref:          p.GetRef(),
		ProviderRef:  p.GetProviderRef(),
		DedupeKey:    p.GetDedupeKey(),
		Confirm:      p.GetConfirm(),
		Result:       r.result(p.GetResult()),
		Status:       int(p.GetStatus()),
		ContentType:  p.GetContentType(),
		Body:         p.GetBody(),
		Alert:        p.GetAlert(),
	}
}
