package conformance

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// clauseTimeout bounds one clause, whatever the plugin does.
const clauseTimeout = 90 * time.Second

// Run holds a plugin against every clause, a subtest each. A clause that does not
// apply passes, and logs why. The test fails where the run cannot begin.
func Run(t *testing.T, config Config) {
	t.Helper()
	p, err := prepare(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range clauses() {
		t.Run(c.name, func(t *testing.T) {
			found := p.try(t.Context(), c)
			if found.Verdict == Fail {
				t.Errorf("demands: %s\nseen:    %s\nmend:    %s", found.Demands, found.Seen, found.Mend)
				return
			}
			t.Logf("%s: %s", found.Verdict, found.Seen)
		})
	}
}

// Check is Run without a test. The error says why the run could not begin: a
// plugin that does not start, a sandbox without a script, or an ErrConfig. It goes on
// after a clause that failed.
func Check(ctx context.Context, config Config) (Report, error) {
	p, err := prepare(ctx, config)
	if err != nil {
		return Report{}, err
	}
	report := Report{Plugin: p.manifest.Name, Version: p.manifest.Version}
	for _, c := range clauses() {
		if err := ctx.Err(); err != nil {
			return report, fmt.Errorf("conformance: %w", err)
		}
		report.Findings = append(report.Findings, p.try(ctx, c))
	}
	return report, nil
}

// try holds the plugin against one clause.
func (p *plan) try(ctx context.Context, c clause) Finding {
	ctx, cancel := context.WithTimeout(ctx, clauseTimeout)
	defer cancel()
	began := time.Now()
	seen, err := p.judge(ctx, c)
	found := Finding{Clause: c.name, Demands: c.demands, Verdict: Pass, Seen: seen}
	if err != nil {
		found.Verdict, found.Seen, found.Mend = Fail, err.Error(), c.mend
	}
	found.Seen = p.printable(found.Seen)
	if _, ok := errors.AsType[*mootError](err); ok {
		found.Verdict, found.Mend = DoesNotApply, ""
	}
	found.TookMS = time.Since(began).Milliseconds()
	return found
}

// seenMax bounds what a finding says, in bytes.
const seenMax = 400

// printable is a text on one line and without the settings' secrets, which a bad
// plugin may have put there.
func (p *plan) printable(text string) string {
	for _, name := range p.manifest.Settings.Secrets() {
		if secret, _ := p.Settings[name].(string); len(secret) >= secretMin {
			text = strings.ReplaceAll(text, secret, "[redacted]")
		}
	}
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > seenMax {
		text = strings.ToValidUTF8(text[:seenMax], "") + " ..."
	}
	return text
}

func (p *plan) judge(ctx context.Context, c clause) (seen string, err error) {
	if c.on == processOnly && p.Path == "" {
		return "", moot("it is about a process, and no Path is given")
	}
	b, err := p.newBench(ctx, c.on != anywhere && p.Path != "" || p.Plugin == nil, c.level)
	if err != nil {
		return "", err
	}
	seen, err = c.check(ctx, b)
	if closing := b.close(); err == nil && closing != nil {
		return "", fmt.Errorf("at the end of the clause: %w", closing)
	}
	return seen, err
}
