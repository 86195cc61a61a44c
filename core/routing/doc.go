// Package routing decides who is asked. It owns routes.yaml: [Parse] reads it,
// [Compile] checks it against the configured accounts, [Rules.Decide] chooses
// accounts for a transaction, [Rules.Explain] is the same walk with the reason
// of every rule, and [Rules.Test] runs the tests kept in the file.
//
// The package is pure: time, standings and the sample are arguments.
//
// # How a choice is made
//
// The first rule whose matchers all hold is used, else the default. A matcher
// that is left out holds always; one that is there never holds for a value the
// request leaves open ("country absent"). A request without a method has the
// method any, which is a value like the others: a rule for mobile_money does not
// hold for it unless it lists any too. An amount range is inclusive, in major
// units of each currency that the rule lists.
//
// The rule denies, or names accounts in the order of trial. An account is then
// left out, with its reason, if it is disabled, cannot do what is asked (kind,
// currency, country, method, network, amount, step, card data), lacks a request
// field that it needs, or, for a reason that may be gone soon, is drained or not
// ready. What the request leaves open fits every account; one that must know it
// names it in its needs. A request for one account gets that account or none:
// denying and leaving out still hold.
//
// # Which faults refuse a file
//
// Errors are: anything that cannot be read, a rule that can never match, an
// account that is not configured, and a rule none of whose accounts can ever
// serve it. An account that can never serve a rule beside others that can is a
// warning. Shadowing is found where one earlier rule covers a later one whole;
// several that cover it only together are not looked for.
//
// # What a decision costs
//
// Measured on 2 virtual cores (AMD EPYC, Go 1.26) where the last rule of n
// matches and one account is chosen. The one allocation is the list of
// candidates; the matchers make none. BenchmarkDecide measures it again.
//
//	n = 10      0.14 us
//	n = 100     0.53 us
//	n = 1000    6.5 us
package routing
