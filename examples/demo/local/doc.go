// Package local runs Paymux on this machine as an operator would: it builds the
// programs, writes a configuration, and starts engine and sandbox as processes on
// free loopback ports. The demo tells a story with it, and the end-to-end tests of
// the engine's command break things with it.
//
//	programs, err := local.Build(ctx, dir)
//	sandboxes, err := local.StartSandboxes(ctx, programs)
//	setup := local.Setup{Programs: programs, Dir: dir, Key: key, Accounts: ...}
//	err = setup.Write(ctx)
//	engine, err := setup.Start(ctx)
package local
