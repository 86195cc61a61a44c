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
//
// # What a replay costs
//
// Measured over a file of 1,000,000 stored payments on 2 virtual cores (AMD EPYC,
// Go 1.26), of which reading the records is the half: 968,000 a second with seven
// rules that name accounts in their order, some 1.8 us of processor time each; rules
// that go by success, fees and shares take 3.7 us. BenchmarkBacktest with
// PAYMUX_BENCH_PRELOAD=1000000 measures it again.
package backtest
