package sandboxkit

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// FaultKind is a way in which an answer goes wrong.
type FaultKind string

// The kinds of fault. "Acted" means that the call had its whole effect, whatever
// the client hears.
const (
	// FaultSlow acts, then answers after DelayMS on the sandbox clock.
	FaultSlow FaultKind = "slow"
	// FaultDrop acts, then cuts the connection without an answer.
	FaultDrop FaultKind = "drop"
	// FaultDropBefore cuts the connection before it acts: nothing happened.
	FaultDropBefore FaultKind = "drop_before"
	// FaultGarbage acts, then answers text that is no JSON, with Status or 200.
	FaultGarbage FaultKind = "garbage"
	// FaultStatus answers Status and plain text, and nothing happened.
	FaultStatus FaultKind = "status"
	// FaultHuge acts, then answers well but with more than 2 MiB of white space
	// behind it.
	FaultHuge FaultKind = "huge"
	// FaultTruncate acts, then sends AfterBytes bytes of the answer's body and cuts
	// the connection.
	FaultTruncate FaultKind = "truncate"
	// FaultRedirect sends the client to another address of the sandbox with Status
	// or 307, and nothing happened. The ledger counts the clients that went there.
	FaultRedirect FaultKind = "redirect"
)

const (
	hugePadding   = 2 << 20 // bytes
	faultTimesMax = 1_000_000
	faultDelayMax = time.Hour
)

// ErrBadFault says that a Fault cannot be: an unknown word, or a field that its
// kind lacks or does not use.
var ErrBadFault = errors.New("not a fault")

// Fault changes the next answers of an operation.
type Fault struct {
	Op   Operation `json:"op"`
	Kind FaultKind `json:"fault"`
	// Status is the HTTP status of status, and optionally of garbage and redirect.
	Status int `json:"status,omitempty"`
	// DelayMS is how long slow waits, in milliseconds of the sandbox clock, at most
	// an hour.
	DelayMS int64 `json:"delay_ms,omitempty"`
	// AfterBytes is how much of its body truncate sends. Zero sends the header alone.
	AfterBytes int `json:"after_bytes,omitempty"`
	// Times is how many answers it changes; zero means one.
	Times int `json:"times,omitempty"`
}

func (f Fault) check(operations []Operation) error {
	ops := append(slices.Clone(operations), OpAny)
	kinds := []FaultKind{
		FaultSlow, FaultDrop, FaultDropBefore, FaultGarbage, FaultStatus, FaultHuge, FaultTruncate, FaultRedirect,
	}
	delayMax := faultDelayMax.Milliseconds()
	switch {
	case !slices.Contains(ops, f.Op):
		return fmt.Errorf("%w: op %q: give one of %v", ErrBadFault, f.Op, ops)
	case !slices.Contains(kinds, f.Kind):
		return fmt.Errorf("%w: fault %q: give one of %v", ErrBadFault, f.Kind, kinds)
	case f.Times < 0 || f.Times > faultTimesMax:
		return fmt.Errorf("%w: times %d: give 1 to %d", ErrBadFault, f.Times, faultTimesMax)
	case f.Kind == FaultSlow && (f.DelayMS < 1 || f.DelayMS > delayMax):
		return fmt.Errorf("%w: delay_ms %d: slow takes 1 to %d", ErrBadFault, f.DelayMS, delayMax)
	case f.Kind != FaultSlow && f.DelayMS != 0:
		return fmt.Errorf("%w: only slow takes delay_ms", ErrBadFault)
	case f.Kind != FaultTruncate && f.AfterBytes != 0 || f.AfterBytes < 0:
		return fmt.Errorf("%w: only truncate takes after_bytes, 0 or more", ErrBadFault)
	}
	return f.checkStatus()
}

func (f Fault) checkStatus() error {
	switch f.Kind {
	case FaultStatus:
		return f.statusWithin(http.StatusOK, 599)
	case FaultGarbage:
		if f.Status == 0 {
			return nil
		}
		return f.statusWithin(http.StatusOK, 599)
	case FaultRedirect:
		if f.Status == 0 {
			return nil
		}
		return f.statusWithin(http.StatusMultipleChoices, 399)
	case FaultSlow, FaultDrop, FaultDropBefore, FaultHuge, FaultTruncate:
	}
	if f.Status != 0 {
		return fmt.Errorf("%w: %s takes no status", ErrBadFault, f.Kind)
	}
	return nil
}

func (f Fault) statusWithin(lowest, highest int) error {
	if f.Status < lowest || f.Status > highest {
		return fmt.Errorf("%w: status %d: %s takes %d to %d", ErrBadFault, f.Status, f.Kind, lowest, highest)
	}
	return nil
}

func (f Fault) statusOr(usual int) int {
	if f.Status == 0 {
		return usual
	}
	return f.Status
}

// takeFault uses up the first fault that is queued for op.
func (s *Stage) takeFault(op Operation) (Fault, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, fault := range s.faults {
		if fault.Op != op && fault.Op != OpAny {
			continue
		}
		fault.Times--
		if fault.Times == 0 {
			s.faults = slices.Delete(s.faults, i, i+1)
		}
		return *fault, true
	}
	return Fault{}, false
}

// underFault acts and answers as the fault that is queued for op wants it.
func (s *Stage) underFault(op Operation, r *http.Request, act func() Answer) Answer {
	fault, ok := s.takeFault(op)
	if !ok {
		return act()
	}
	switch fault.Kind {
	case FaultDropBefore:
		return Answer{Dropped: true}
	case FaultStatus:
		return fault.refusal()
	case FaultRedirect:
		moved := Text(fault.statusOr(http.StatusTemporaryRedirect), "moved")
		moved.Header = http.Header{"Location": {"http://" + r.Host + redirectPath}}
		return moved
	case FaultSlow:
		acted := act()
		s.sleep(time.Duration(fault.DelayMS)*time.Millisecond, r.Context().Done())
		return acted
	case FaultDrop, FaultGarbage, FaultHuge, FaultTruncate:
	}
	return fault.spoil(act())
}

func (f Fault) refusal() Answer {
	if f.Status == http.StatusNoContent || f.Status == http.StatusNotModified {
		return Answer{Status: f.Status}
	}
	return Text(f.Status, http.StatusText(f.Status))
}

// spoil changes the answer of a call that acted.
func (f Fault) spoil(acted Answer) Answer {
	switch f.Kind {
	case FaultDrop:
		acted.Dropped = true
	case FaultGarbage:
		acted.Status, acted.Type = f.statusOr(http.StatusOK), "text/html; charset=utf-8"
		acted.Body = []byte("<html><body>\x00\xff<b>Service temporarily unavailable")
	case FaultHuge:
		acted.Body = append(acted.Body, bytes.Repeat([]byte(" "), hugePadding)...)
	case FaultTruncate:
		sent := min(f.AfterBytes, len(acted.Body))
		acted.cut, acted.length = true, max(len(acted.Body), sent+1)
		acted.Body = acted.Body[:sent]
	case FaultSlow, FaultDropBefore, FaultStatus, FaultRedirect:
	}
	return acted
}
