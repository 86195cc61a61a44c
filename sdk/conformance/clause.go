package conformance

import (
	"context"
	"fmt"
)

// clause is one demand of the contract.
type clause struct {
	name    string
	demands string // In one sentence.
	mend    string // What an author does about it.
	on      ground
	level   string // What a process is told to log; empty for the usual.
	// check says what was seen. Its error is of broken where the demand is not met
	// and of moot where it cannot be put; any other is a fault of the run itself.
	check func(context.Context, *bench) (seen string, err error)
}

// ground is where a clause is tried.
type ground uint8

const (
	// anywhere is in this process, where Config.Plugin is given.
	anywhere ground = iota
	// processFirst is on a process, where there can be one.
	processFirst
	// processOnly is on a process or not at all.
	processOnly
)

// clauses returns the whole contract, in the order in which it is read.
func clauses() []clause {
	return []clause{
		describeIsStable(), schemaRoundTrips(), missingSettingIsNamed(), manifestIsTrue(),
		oneChargeAReference(), sameBytes(), amountsAreExact(), differencesAreTold(), wordsAreVerbatim(),
		refusedIsNotSent(), refusedQueryIsNoAnswer(), lostAnswerIsUnknown(), deadlineIsHonoured(),
		declinedIsNoFault(), unheardWordIsUnknown(), unreadableIsUnknown(),
		wrongSignatureIsForged(), repetitionIsHarmless(),
		panicIsFault(), signalLosesNothing(), lifelineEndsProcess(), stdoutIsFree(), secretsStayIn(),
		manyAtOnce(), nothingLeaks(),
	}
}

// brokenError says that the plugin does not meet a demand.
type brokenError struct{ seen string }

func (e *brokenError) Error() string { return e.seen }

func broken(format string, args ...any) error { return &brokenError{fmt.Sprintf(format, args...)} }

// mootError says why a clause does not apply.
type mootError struct{ why string }

func (e *mootError) Error() string { return e.why }

func moot(format string, args ...any) error { return &mootError{fmt.Sprintf(format, args...)} }
