// Package conformance is the contract that every plugin must pass, one clause a
// file. It asks a plugin what an engine will ask it, puts a proxy between the
// plugin and a sandbox of its provider, and lets everything go wrong there that
// goes wrong on a network: connections that are refused, answers that are lost,
// cut, late or nonsense, words that nobody documented.
//
// # In a test
//
// A plugin's own test needs the sandbox, which may be written in any language:
//
//	func TestMain(m *testing.M) {
//		plugintest.ServeIfStarted(acmepay{}) // The test binary is the plugin too.
//		os.Exit(m.Run())
//	}
//
//	func TestConformance(t *testing.T) {
//		sandbox := startSandbox(t)
//		binary, err := os.Executable()
//		...
//		conformance.Run(t, conformance.Config{
//			Plugin: acmepay{}, Path: binary,
//			Settings: map[string]any{"base_url": sandbox.URL(), "api_key": "sandbox"},
//		})
//	}
//
// With Plugin the clauses call it through gRPC in the test's own process, where
// its goroutines can be seen; those about a process start the binary at Path.
//
// # On a binary
//
//	engine plugin test ./acmepay --settings acmepay-sandbox.yaml
//
// prints the clauses as a table, for a plugin in any language. Nothing but Path
// is needed for it, so that every clause starts a process of its own.
//
// # The sandbox
//
// What a run needs of a sandbox is five endpoints under /_sandbox/, which
// sandboxkit serves and documents:
//
//	POST /_sandbox/reset    forgets everything
//	POST /_sandbox/clock    {"advance_ms":n} moves its clock on and delivers what is due
//	GET  /_sandbox/script   what to order, by kind
//	GET  /_sandbox/charges  what was really made
//	POST /_sandbox/pay      the customer sends a transfer; only where payments are found in a list
//
// A script is
//
//	{"settle_ms":5000,"plays":{"payment":{
//	  "orders":[{"amount":"1000","currency":"XOF","country":"CI","phone":"+2250707123456"}],
//	  "declined":{"amount":"1105","currency":"XOF","country":"CI","phone":"+2250707123456"}}}}
//
// and the charges are
//
//	{"charges":[{"ref":"3h9z...","kind":"payment","amount":"1000","currency":"XOF","paid":true}]}
//
// Nothing is ordered of an address that has no script, so that a run cannot move
// money at a real provider by mistake.
package conformance
