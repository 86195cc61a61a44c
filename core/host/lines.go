package host

import (
	"bytes"
	"slices"
	"strings"
	"sync"
)

const (
	// lastLinesMax is how much of a process's stderr is kept for the incident.
	lastLinesMax = 100
	// lineMax cuts a line; a stack trace's lines are far shorter.
	lineMax = 4 << 10
)

// lineWriter calls each for every line written to it, one at a time. It keeps
// at most lineMax bytes of a line and may be written to concurrently.
type lineWriter struct {
	each func(line string)

	mu   sync.Mutex
	part []byte
}

// Write never fails.
func (w *lineWriter) Write(text []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for rest := text; ; {
		before, after, found := bytes.Cut(rest, []byte{'\n'})
		w.part = append(w.part, before[:min(len(before), lineMax-len(w.part))]...)
		if !found {
			return len(text), nil
		}
		if line := strings.TrimRight(string(w.part), "\r"); line != "" {
			w.each(plain(line))
		}
		w.part, rest = w.part[:0], after
	}
}

// lastLines keeps the last lines of a process's stderr, and the one in which Go
// says why it ends: what follows that can be more lines than are kept.
type lastLines struct {
	mu    sync.Mutex
	lines []string
	cause string
}

func (l *lastLines) add(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if strings.HasPrefix(line, "panic: ") || strings.HasPrefix(line, "fatal error: ") {
		l.cause = brief(line)
	}
	if len(l.lines) == lastLinesMax {
		l.lines = append(l.lines[:0], l.lines[1:]...)
	}
	l.lines = append(l.lines, line)
}

// all returns the lines kept, oldest first.
func (l *lastLines) all() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.lines)
}

// ending returns why the process ended by its own words, nothing if it said none.
func (l *lastLines) ending() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.cause
}

// text returns the lines kept as one.
func (l *lastLines) text() string { return strings.Join(l.all(), "\n") }
