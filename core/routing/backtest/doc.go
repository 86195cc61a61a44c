// Package backtest answers one question: what would other rules have done with what
// was stored? It replays transactions through the rules before and after, the very
// [routing.Rules] that decide live, and counts what would change.
//
// The market is the same for both: accounts at their best (see [routing.AtRest])
// and, for rules that go by success, what the attempts that are stored had shown ten
// seconds before each transaction was created. What was live at that time, such as
// an open breaker, is not: [core.Backtest] tells how many transactions are replayed
// to the account that is recorded.
//
// Memory is bounded by the kinds of transactions, not by their number: what is
// counted is a number and a sum for each kind, country, method, network, currency
// and pair of accounts.
package backtest
