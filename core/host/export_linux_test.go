package host

// KillStrays ends what a plugin left behind.
var KillStrays = killStrays
