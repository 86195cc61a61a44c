package reconcile

// Compare is compare, for tests.
var Compare = compare
