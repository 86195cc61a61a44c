// Package coretest is for tests of services that embed the engine, and for ours.
//
// A Provider is a payment provider in memory. It is an sdk.Plugin that runs
// inside the process, does with each create call what a Plan says, and keeps a
// Ledger of its own: what was asked of it, what it created and what was paid.
// The ledger is the only truth about money; an Audit compares an engine's store with it.
//
//	bank := coretest.NewProvider("bank")
//	bank.Script = func(coretest.Creation) coretest.Plan {
//		return coretest.Plan{Answer: coretest.AnswerLostResponse, Then: []coretest.Turn{{After: time.Minute, Becomes: coretest.Paid}}}
//	}
//	eng, err := engine.New(ctx, engine.Options{
//		Config: cfg, Store: coretest.MustOpenStore(t), Rules: coretest.Rules("bank"),
//		Providers: map[string]engine.Provider{"bank": {Plugin: bank}},
//	})
//
// It takes payments and payouts, which it may hold for a decision, and gives
// refunds. A Bank is a provider that only lists the transfers it received.
//
// A Mortal store dies at a chosen commit, as the process does that is killed
// there. A Simulation puts it all together: merchants, providers, faults and
// crashes from one seed, in one bubble of testing/synctest where days take
// moments, and an Audit at the end. The seed fixes the workload and the faults and
// not the scheduling of goroutines: a seed that failed may pass when run again,
// so that a report holds everything that is needed to understand it.
package coretest
