package core

import "time"

// Generation is one configuration with its routing rules, as they became live together.
type Generation struct {
	// Number counts from 1 and goes on over restarts. A restart with the same files
	// keeps it; every decision of routing carries it.
	Number uint64
	// At is when it became live first.
	At time.Time
	// By is who made it live: the id of an API key, "SIGHUP", "file" or "start".
	By string
	// Why is what whoever made it live said; it may be empty.
	Why string
	// ConfigSHA256 and RulesSHA256 are the checksums of the two files, in hexadecimal.
	ConfigSHA256, RulesSHA256 string
	// Diff is what both files changed against the generation before, as a unified
	// diff. It holds no setting's value; it is empty where the one before is forgotten.
	Diff string
}

// Reloaded is what a reload came to that was not refused.
type Reloaded struct {
	// Generation is the live one.
	Generation Generation
	// Changed is false where the files are what is live already: then nothing happened.
	Changed bool
	// Warnings are what was found and does not refuse the files.
	Warnings []Diagnostic
}

// ReloadStatus is how the last reload ended.
type ReloadStatus struct {
	// Live is the generation that is live.
	Live Generation
	// SucceededAt is when a reload last left the engine with what the files say; the
	// start counts as one.
	SucceededAt time.Time
	// Failed is the last reload if it was refused, else nil.
	Failed *FailedReload
}

// FailedReload is a reload that was refused. The generation before it stayed live.
type FailedReload struct {
	At      time.Time
	By, Why string
	// Faults are everything that is wrong, with file and line where they have one.
	Faults []Diagnostic
}
