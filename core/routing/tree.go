package routing

import (
	"strconv"
	"strings"

	"github.com/paymux/paymux/core"
)

// The marks of a tree: what holds, what does not, and what was not asked.
const (
	markYes  = "✓ "
	markNo   = "✗ "
	markSkip = "· "
)

// Tree writes what [Rules.Explain] chose as text: each rule with its clauses, the
// accounts in the order of trial with why they stand there, and those left out
// with why. The same choice always gives the same text.
func Tree(choice core.Choice) string {
	var b strings.Builder
	for _, rule := range choice.Rules {
		writeRule(&b, rule)
	}
	for _, told := range choice.Errors {
		b.WriteString("! " + told.Rule + " cannot be told: " + told.Why + "\n")
	}
	if choice.Denied != "" {
		b.WriteString(choice.Rule + " denies: " + choice.Denied + "\n")
		return b.String()
	}
	if len(choice.Candidates) == 0 {
		b.WriteString(choice.Rule + " finds nobody to ask\n")
	} else {
		b.WriteString(choice.Rule + " asks in this order\n")
	}
	for i, candidate := range choice.Candidates {
		b.WriteString("  " + strconv.Itoa(i+1) + ". " + candidate.Account + ": " + candidate.Reason + "\n")
	}
	for _, removed := range choice.Removed {
		b.WriteString("  " + markNo + removed.Account + ": " + removed.Reason + passing(removed) + "\n")
	}
	b.WriteString(onward(choice))
	return b.String()
}

// writeRule writes a rule on one line where it has one clause or none.
func writeRule(b *strings.Builder, rule core.RuleVerdict) {
	head := mark(rule.Matched) + rule.Name
	switch {
	case !rule.Matched && len(rule.Clauses) == 0:
		head = markSkip + rule.Name + ": " + rule.Why
	case !rule.Matched || len(rule.Clauses) < 2:
		head += ": " + rule.Why
	}
	b.WriteString(head + "\n")
	if len(rule.Clauses) < 2 {
		return
	}
	for _, clause := range rule.Clauses {
		b.WriteString("    " + mark(clause.Held) + clause.Why + "\n")
	}
}

func mark(held bool) string {
	if held {
		return markYes
	}
	return markNo
}

func passing(removed core.Removed) string {
	if removed.Passing {
		return " (for now)"
	}
	return ""
}

// onward says how the rule goes on after a no, "" where the configuration says so.
func onward(choice core.Choice) string {
	var parts []string
	if choice.MaxAttempts > 0 {
		parts = append(parts, "at most "+strconv.Itoa(choice.MaxAttempts)+" attempts")
	}
	if choice.Deadline > 0 {
		parts = append(parts, "all within "+brief(choice.Deadline))
	}
	if choice.Cascade != nil {
		words := make([]string, len(choice.Cascade))
		for i, reason := range choice.Cascade {
			words[i] = string(reason)
		}
		parts = append(parts, "the next one only after "+strings.Join(words, ", "))
	}
	if choice.Late {
		parts = append(parts, "also after a late no")
	}
	if len(parts) == 0 {
		return ""
	}
	return "  " + strings.Join(parts, "; ") + "\n"
}
