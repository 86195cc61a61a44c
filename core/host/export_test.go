package host

import "time"

// Hurried returns options under which everything goes faster than usual, so
// that tests of freezes and restarts do not take minutes.
func Hurried(o Options) Options {
	p := usualPace()
	p.healthEvery, p.healthWait = 100*time.Millisecond, 200*time.Millisecond
	p.connect, p.kill, p.shutdown = time.Second, time.Second, 100*time.Millisecond
	p.backoffMin, p.backoffMax = 10*time.Millisecond, 50*time.Millisecond
	p.repeat = 5 * time.Second
	p.crashes = 1000
	o.pace = &p
	return o
}

// Impatient returns options under which a plugin has only so long to start.
func Impatient(o Options, start time.Duration) Options {
	o = Hurried(o)
	o.pace.start = start
	return o
}

// Resting returns options under which a plugin that ended is not started again for long.
func Resting(o Options) Options {
	o = Hurried(o)
	o.pace.backoffMin, o.pace.backoffMax = time.Hour, time.Hour
	return o
}
