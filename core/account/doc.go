// Package account answers one question: may this provider account be asked
// right now?
//
// It knows which accounts are enabled or drained, how many calls they take at
// once and in which rate, whether they answer (the breaker), what they cost, how
// well their attempts end, and how their processes stand. Acquire gives the
// right to make an attempt and AcquireQuestion the right to ask about one;
// neither ever waits, and a refusal says why. Provider gives the account
// itself: every call through it has a deadline, is counted and names the
// account in its error.
//
// What was learned of an account outlives a change of the configuration: Next
// returns the accounts of another one, which share it with those of before.
//
// An account is served by a plugin process, through the Processes given to New,
// or by a plugin inside this process. The second kind is opened here, and a
// panic in it is a fault of one call.
package account
