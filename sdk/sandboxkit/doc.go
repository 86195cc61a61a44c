// Package sandboxkit is what sandboxes of payment providers have in common: a
// server that behaves like the provider's API, on a clock that tests move, with
// faults on demand, notifications that are delivered as the provider delivers
// them, and a ledger that tells what really happened.
//
// # Two faces
//
// A sandbox is a type that embeds Server, its face to tests: Start, Close, URL,
// Advance, Inject and so on. It keeps the Stage, which is the inside: the lock,
// the clock and what becomes due on it, and the answers. What the provider
// creates stands in fields of the sandbox, which the Stage's lock guards.
//
//	type Server struct {
//		*sandboxkit.Server
//		stage    *sandboxkit.Stage
//		payments map[string]*payment
//	}
//
//	func New() *Server {
//		s := &Server{}
//		s.forget()
//		s.stage = sandboxkit.New(sandboxkit.Setup{
//			Operations: []sandboxkit.Operation{OpPay}, State: func() any { return s.State() }, Forget: s.forget,
//			UserAgent: "AcmePay/1.0", Pauses: []time.Duration{time.Minute, time.Hour},
//		})
//		s.Server = s.stage.Server()
//		s.stage.HandleFunc("POST /pay", s.servePay)
//		return s
//	}
//
// # An operation
//
// Read the request without the lock, and act on it with the lock held. Lock first
// fires what is due, so that an operation sees the world as it is now. Serve acts
// and answers as the fault wants it that waits for the operation; without one it
// only acts.
//
//	func (s *Server) servePay(w http.ResponseWriter, r *http.Request) {
//		body, err := sandboxkit.ReadBody(w, r)
//		...
//		s.stage.Serve(w, r, OpPay, func() sandboxkit.Answer { return s.pay(body) })
//	}
//
//	func (s *Server) pay(body []byte) sandboxkit.Answer {
//		s.stage.Lock()
//		defer s.stage.Unlock()
//		p := &payment{...}
//		s.payments[p.ref] = p
//		s.stage.After(2*time.Second, func() { s.conclude(p) })
//		return sandboxkit.JSON(http.StatusOK, p.told())
//	}
//
// What happens later is a function for After, and a notification is a Delivery
// for Post, which is repeated after each of Setup.Pauses until a receiver takes
// it. Both wait on the sandbox's clock, which is Setup.Now moved on by Advance.
// Advance makes them happen in order and returns when they are done; a test gives
// a Now that stands still, so that nothing else happens.
//
// # Behaviour on demand
//
// Let something that a client sends anyway, such as the last digits of the
// amount, choose a failure, a late success, a lost answer, notifications twice or
// in the wrong order, or one that is badly signed. Answer.Dropped loses an answer
// after the call acted, which is the fault that an engine must survive.
//
// # The ledger
//
// Keep the truth apart from what the API tells: how often something was asked
// for, how often it was made, and whether the money moved. Stage.Ledger adds the
// clock, the faults that wait, and the notifications that were tried.
//
// # Its tests
//
// The kit's own tests cover what is here, so those of a sandbox need only show
// that every operation is under Serve, that the provider's triggers, schedules
// and signatures are as documented, and that the ledger tells the truth. Package
// sandboxtest has the client and the receiver of notifications for that.
//
// # Control over HTTP
//
// Every sandbox has these; Order adds those of a provider, and Page adds the page
// on which a customer decides:
//
//	GET    /_sandbox/state    the ledger
//	POST   /_sandbox/reset    forgets everything, answers 204
//	POST   /_sandbox/clock    {"advance_ms":n,"skew_ms":n}, one or both, answers {"now":"..."}
//	POST   /_sandbox/faults   a Fault: {"op":"pay","fault":"status","status":503,"times":2}
//	DELETE /_sandbox/faults   forgets the unused faults, answers 204
//
// # What a conformance run needs
//
// Package conformance tests a plugin against a sandbox in any language. Of the
// sandbox it needs reset and clock, as above, and
//
//	GET    /_sandbox/script   a Script: what to order, by kind
//	GET    /_sandbox/charges  {"charges":[...]}: each Charge that was made, in the order of making
//	POST   /_sandbox/pay      a Sample: the customer sends it; only where payments are found in a list
//
// and that notifications go to the address that the order names. It brings all
// faults itself, in a proxy between plugin and sandbox. Setup.Script and
// Setup.Charges serve the first two.
//
// A request that cannot be read, or asks for what cannot be, is answered with 400
// and a sentence.
package sandboxkit
