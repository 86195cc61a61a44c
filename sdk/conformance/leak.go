package conformance

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"runtime/pprof"
	"strconv"
	"strings"
	"time"
)

const (
	// leakRounds is how often everything is done between two counts.
	leakRounds = 20
	// settleTime is how long what ends by itself may take to do so.
	settleTime = 5 * time.Second
)

func nothingLeaks() clause {
	return clause{
		name:    "no goroutine leak",
		demands: "After many calls, lost and canceled ones among them, the plugin has no more goroutines (in a process: open files and connections) than before.",
		mend:    "End with its call what a call begins: give every goroutine the call's context, and close every body.",
		check:   checkLeaks,
	}
}

func checkLeaks(ctx context.Context, b *bench) (string, error) {
	what, count := "goroutine", func() (int, bool) { return goroutinesOf(b.mark) }
	if b.process != nil {
		what, count = "open file", b.process.Descriptors
	}
	// A connection is not kept open for the next call, so that none is counted.
	b.proxy.server.SetKeepAlivesEnabled(false)
	if err := b.busy(ctx, 1); err != nil {
		return "", err
	}
	before, ok := settledCount(ctx, count, 0)
	if !ok {
		return "", moot("this system does not tell the %ss of a process", what)
	}
	if err := b.busy(ctx, leakRounds); err != nil {
		return "", err
	}
	after, _ := settledCount(ctx, count, before)
	if after-before >= leakRounds/2 {
		return "", broken("%s before and %d after %d rounds", plural(before, what), after, leakRounds)
	}
	return fmt.Sprintf("%s before, %d after %d rounds", plural(before, what), after, leakRounds), nil
}

// settledCount waits until the count is no more than want, or until it is clear
// that it stays.
func settledCount(ctx context.Context, count func() (int, bool), want int) (int, bool) {
	last, ok := count()
	if want > 0 {
		await(ctx, settleTime, func() bool { last, ok = count(); return last <= want })
		return last, ok
	}
	steady := 0
	await(ctx, settleTime, func() bool {
		now, _ := count()
		if now != last {
			last, steady = now, 0
		}
		steady++
		return steady > int(200*time.Millisecond/pollEvery)
	})
	return last, ok
}

// busy does everything that an account can so many times, also badly.
func (b *bench) busy(ctx context.Context, rounds int) error {
	for range rounds {
		for _, kind := range b.kinds() {
			o, _, err := b.create(ctx, kind, b.usual(kind))
			if err != nil {
				return err
			}
			_ = b.ask(ctx, o)
			if err := b.badly(ctx, o); err != nil {
				return err
			}
		}
		for _, n := range b.post.all()[:min(1, len(b.post.all()))] {
			_, _ = b.post.read(ctx, n.req) // What it says is for another clause.
		}
	}
	return nil
}

// badly makes calls that are lost, spoiled and canceled.
func (b *bench) badly(ctx context.Context, known *order) error {
	defer b.proxy.clear()
	for _, spoil := range []spoiler{lost, cutAt(func(int) int { return 0 })} {
		b.proxy.clear()
		o, err := b.like(ctx, known)
		if err != nil {
			return err
		}
		b.proxy.set(every, spoil)
		_ = o.send(ctx, b.account)
		_ = b.askWith(ctx, b.account, known.attempt)
	}
	h := newHolder()
	defer h.let()
	b.proxy.set(every, h.spoil)
	short, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
	defer cancel()
	_ = b.askWith(short, b.account, known.attempt)
	return nil
}

// goroutinesOf counts the goroutines with a mark.
func goroutinesOf(mark string) (int, bool) {
	var text bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&text, 1); err != nil {
		return 0, false
	}
	return countLabelled(&text, strconv.Quote(goroutineLabel)+":"+strconv.Quote(mark)), true
}

// countLabelled adds up the groups of a goroutine profile that have a label. A
// group is a line "n @ addresses", with its labels in the line after it.
func countLabelled(profile *bytes.Buffer, label string) int {
	total, size := 0, 0
	for lines := bufio.NewScanner(profile); lines.Scan(); {
		if count, _, ok := strings.Cut(lines.Text(), " @ "); ok {
			size, _ = strconv.Atoi(count)
		}
		if strings.HasPrefix(lines.Text(), "# labels:") && strings.Contains(lines.Text(), label) {
			total += size
		}
	}
	return total
}
