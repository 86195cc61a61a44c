//go:build !race

package coretest_test

// raced says that the race detector looks on.
const raced = false
