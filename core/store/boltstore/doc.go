// Package boltstore is the store in one file, for one engine.
//
// # Writing
//
// Callers make their commits ready, and one goroutine writes them: it takes
// what is queued, checks and puts each commit in one bolt transaction, syncs,
// answers, and repeats. So N waiting callers share one sync, and a lone caller
// waits for nobody. A commit that is refused has written nothing; the others of
// its batch go on, and those after it see those before it.
//
// # Failures
//
// What a failed sync left behind nobody knows: on an I/O error, and on any that
// is not understood, the store is poisoned. Nothing is written or read from then
// on, Poisoned is closed, and the process must end; opening the file again shows
// what it holds.
//
// A full disk or quota, a file-size limit and a read-only file system are
// understood: the file is closed and opened for reading, it is found out whether
// the commits in flight are in it, and Apply returns core.ErrReadOnly until
// writing works again, which is tried every five seconds.
//
// # Indexes
//
// Throughput on a big file is decided by how many pages a commit touches. So
// there are few indexes, and keys begin with a time wherever that is possible
// (layout.go): new rows go to the end, and pages there are filled to 0.9.
// Merchants' references are kept as they are, because most count upwards.
// Idempotency rows are in one bucket a day, which is dropped whole.
package boltstore
