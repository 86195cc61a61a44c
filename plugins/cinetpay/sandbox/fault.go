package sandbox

import "github.com/paymux/paymux/sdk/sandboxkit"

// Fault changes the next answers of an operation; sandboxkit says how each kind does.
type Fault = sandboxkit.Fault

// FaultKind is a way in which an answer goes wrong.
type FaultKind = sandboxkit.FaultKind

// The kinds of fault.
const (
	FaultSlow       = sandboxkit.FaultSlow
	FaultDrop       = sandboxkit.FaultDrop
	FaultDropBefore = sandboxkit.FaultDropBefore
	FaultGarbage    = sandboxkit.FaultGarbage
	FaultStatus     = sandboxkit.FaultStatus
	FaultHuge       = sandboxkit.FaultHuge
	FaultTruncate   = sandboxkit.FaultTruncate
	FaultRedirect   = sandboxkit.FaultRedirect
)
