// Package failpoint names the places between two steps of the engine at which a
// test ends the process, to see what the next start makes of it.
//
// At does nothing, and costs nothing, unless the build has the tag failpoints.
// With it every place that is passed is printed on stderr, and PAYMUX_FAILPOINT
// names the one that ends the process with exit code 137, as kill -9 does:
// NAME, or NAME#3 for the third time. Such a build is for tests alone.
package failpoint
