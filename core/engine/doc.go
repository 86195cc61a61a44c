// Package engine is the whole of Paymux as a library: New wires the parts
// together and starts them, Close ends them. It is the only place that knows all
// parts; there are no globals, so that a process may hold several engines.
//
//	eng, err := engine.New(ctx, engine.Options{Config: cfg, Logger: log})
//	defer eng.Close(ctx)
//	answer, err := eng.Pay(ctx, core.PaymentRequest{...})
//	http.Handle("/pay/", http.StripPrefix("/pay", eng.Handler()))
package engine
