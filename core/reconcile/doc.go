// Package reconcile asks: it looks for what is due, asks the provider what became
// of it, and hands what it learns to the orchestrator as events. It is the only
// one that queries, and it decides nothing.
//
// It also compares statements, which are a provider's list or the rows of a file,
// with what is recorded. What differs changes nothing: the provider is asked.
//
// There is no special path for recovery: whatever was due before a crash is
// still due in the store.
package reconcile
