package wire

import (
	"context"

	"google.golang.org/grpc"
)

// registrar registers services so that each of their calls goes through guard
// and each error leaves as a status with a Fault. The server itself may come
// from anywhere, go-plugin's test server included, and the guard still holds.
type registrar struct {
	grpc.ServiceRegistrar
	guard grpc.UnaryServerInterceptor
}

// RegisterService registers a copy of desc whose handlers are guarded.
func (r registrar) RegisterService(desc *grpc.ServiceDesc, server any) {
	guarded := *desc
	guarded.Methods = make([]grpc.MethodDesc, len(desc.Methods))
	for i, method := range desc.Methods {
		guarded.Methods[i] = grpc.MethodDesc{MethodName: method.MethodName, Handler: r.wrap(method.Handler)}
	}
	r.ServiceRegistrar.RegisterService(&guarded, server)
}

func (r registrar) wrap(handler grpc.MethodHandler) grpc.MethodHandler {
	return func(server any, ctx context.Context, decode func(any) error, outer grpc.UnaryServerInterceptor) (any, error) {
		return handler(server, ctx, decode, r.inside(outer))
	}
}

// inside returns outer with the guard inside it; outer is nil on a server without interceptors.
func (r registrar) inside(outer grpc.UnaryServerInterceptor) grpc.UnaryServerInterceptor {
	if outer == nil {
		return r.guarded
	}
	return func(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
		return outer(ctx, req, info, func(ctx context.Context, req any) (any, error) {
			return r.guarded(ctx, req, info, handler)
		})
	}
}

func (r registrar) guarded(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	resp, err := r.guard(ctx, req, info, handler)
	if err != nil {
		return nil, statusOf(err)
	}
	return resp, nil
}
