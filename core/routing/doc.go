// Package routing decides who is asked. It owns routes.yaml: [Parse] reads it,
// [Compile] checks it against the configured accounts, [Rules.Decide] chooses
// accounts for a transaction, [Rules.Explain] is the same walk with the reason
// of every rule, [Tree] writes that for people, and [Rules.Test] runs the tests
// kept in the file. [Schema] is for editors.
//
// The package is pure: the time, the accounts and the sample are arguments, and
// what looks like chance is a hash of the customer's or the transaction's id.
//
// # How a choice is made
//
// The first rule whose clauses all hold is used, else the default. A key that is
// left out holds always; one that is there never holds for a value the request
// leaves open ("country absent"). A request without a method has the method any,
// which is a value like the others: a rule for mobile_money does not hold for it
// unless it lists any too. An amount range is inclusive, in major units of each
// currency that the rule lists. Hours go by the clocks of their zone. A percent
// takes the same customers each time, and other ones than that of another rule.
//
// A condition (when) comes last. It compares texts and amounts and joins the
// results; it calculates nothing. In it an absent value reads as the empty text,
// and explain says so. A comparison of two currencies cannot be told: the rule does
// not match, and Choice.Errors names it.
//
// The rule denies, or puts accounts in the order of trial: as written, by weight
// (split), by fee (cheapest) or by measured success (best). An account is then left
// out, with its reason, if it was tried already, is disabled, cannot do what is
// asked (kind, currency, country, method, network, amount, step, card data), lacks a
// request field that it needs, or, for a reason that may be gone soon, is drained,
// not ready, or kept away by its breaker. What the request leaves open fits every
// account; one that must know it names it in its needs. A request for one account
// gets that account or none: denying and leaving out still hold.
//
// # Which faults refuse a file
//
// Errors are: anything that cannot be read, a rule that can never match, an
// account that is not configured, and a rule none of whose accounts can ever
// serve it. A rule can never match where its clauses contradict each other, or where
// earlier rules, one or several together, match all that it does. That is decided
// exactly, up to a bound on the work; a condition and a percentage count as
// leaving something over, unless two rules have the same condition.
//
// Warnings are: an account that can never serve a rule beside others that can, one
// without a fee in a cheapest list, a share of nothing, a rule that denies behind
// one that takes part of what it denies, and two rules that share some values of
// one key and lead to different accounts. An exception before its rule is no fault.
//
// # What a decision costs
//
// Measured on 2 virtual cores (AMD EPYC, Go 1.26) where the last rule of n
// matches and one account is chosen. The one allocation is the list of
// candidates; the matchers make none. A condition is evaluated only where all
// other clauses of its rule hold; each one costs 0.18 us and 3 small allocations.
// An order by weight, fee or success costs about 1 us for two accounts.
// BenchmarkDecide and BenchmarkRank measure it again.
//
//	n = 10      0.15 us
//	n = 100     0.5 us
//	n = 1000    4 us
package routing
