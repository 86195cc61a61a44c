package routing

import (
	"slices"
	"strconv"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/yamlfile"
	"github.com/paymux/paymux/sdk"
)

const (
	// attemptsMax bounds the attempts of one request, as the configuration does.
	attemptsMax = 5
	// deadlineMin and deadlineMax bound the time of all attempts of one request.
	deadlineMin, deadlineMax = 100 * time.Millisecond, 5 * time.Minute
)

// failover is how a rule goes on after a definite no; the zero value leaves all
// of it to the configuration.
type failover struct {
	attempts int
	deadline time.Duration
	late     bool
	// lateNode is where late stands.
	lateNode yamlfile.Node
	on       []sdk.Reason
}

// reasons are all that a create call's no may carry, those that may cascade first.
var reasons = []sdk.Reason{
	sdk.ReasonAuthentication, sdk.ReasonProviderUnavailable, sdk.ReasonRateLimited, sdk.ReasonLimitExceeded,
	sdk.ReasonNotSupported, sdk.ReasonInsufficientFloat, sdk.ReasonCustomerUnknown, core.ReasonDuplicateOpenOrder,
	sdk.ReasonDeclined, sdk.ReasonInvalidRequest, sdk.ReasonInsufficientFunds, sdk.ReasonDuplicate,
	sdk.ReasonCanceledByCustomer, sdk.ReasonExpired,
}

// readFailover reads how a rule that matches m goes on.
func (u *use) readFailover(node yamlfile.Node, m *match) {
	if u.strategy == "deny" {
		node.Errorf("has no effect: the rule denies, so that nobody is asked")
		return
	}
	u.failover = readFailover(node, m)
}

func readFailover(node yamlfile.Node, m *match) failover {
	if node.Kind() != yamlfile.Map {
		node.Errorf("must be such as { max_attempts: 3, deadline: 25s }")
		return failover{}
	}
	values, f := read(node, failoverKeys), failover{}
	if attempts, ok := values["max_attempts"]; ok {
		number, err := strconv.Atoi(attempts.Raw())
		if err != nil || number < 1 || number > attemptsMax {
			attempts.Errorf("must be a whole number from 1 to %d", attemptsMax)
		}
		f.attempts = number
	}
	if deadline, ok := values["deadline"]; ok {
		f.deadline = readDuration(deadline, deadlineMin, deadlineMax)
	}
	if late, ok := values["late"]; ok {
		f.late, f.lateNode = readLate(late, m), late
	}
	if on, ok := values["on"]; ok {
		f.on = readReasons(on)
	}
	return f
}

func readLate(node yamlfile.Node, m *match) bool {
	if node.Kind() != yamlfile.Bool || node.Raw() != "true" && node.Raw() != "false" {
		node.Errorf("must be true or false")
		return false
	}
	if node.Raw() == "true" && m.kinds != kinds.bit(string(sdk.KindPayout)) {
		node.Errorf("is for payouts only: write kind: payout in the match of this rule")
		return false
	}
	return node.Raw() == "true"
}

func readReasons(node yamlfile.Node) []sdk.Reason {
	var list []sdk.Reason
	for _, item := range items(node) {
		word, ok := item.Text()
		if !ok {
			continue
		}
		switch reason := sdk.Reason(word); {
		case !slices.Contains(reasons, reason):
			item.Errorf("%s is not a reason%s", yamlfile.Quote(word), hintReason(word))
		case slices.Contains(list, reason):
			item.Errorf("%s is listed twice", word)
		case !reason.Cascades():
			item.Errorf("%s never goes on with another account: %s", word, stays(reason))
		default:
			list = append(list, reason)
		}
	}
	return list
}

func hintReason(word string) string {
	words := make([]string, len(reasons))
	for i, reason := range reasons {
		words[i] = string(reason)
	}
	if near := yamlfile.Nearest(word, words); near != "" {
		return " (did you mean " + near + "?)"
	}
	return ", such as declined or provider_unavailable"
}

// stays says why a reason is no reason to ask another account.
func stays(reason sdk.Reason) string {
	switch reason {
	case sdk.ReasonInvalidRequest:
		return "our mistake would be refused everywhere"
	case sdk.ReasonInsufficientFunds:
		return "the payer has no more money elsewhere"
	case sdk.ReasonDuplicate:
		return "the provider may hold the first one"
	default:
		return "the customer decided"
	}
}

// checkLate reports the accounts that do not document a late no as final.
func (a *accountCheck) checkLate(u *use) {
	for _, c := range u.accounts {
		standing, ok := a.accounts[c.account]
		if !u.failover.late || !ok || len(standing.Capabilities.Operations) == 0 {
			continue
		}
		if !finalNo(&standing) {
			a.report(u.failover.lateNode, false, "the provider of "+c.account+
				" does not document a late no as final, so that a payout that failed may still be paid: leave late out")
		}
	}
}

func finalNo(standing *core.Standing) bool { return standing.Facts[sdk.KindPayout].DeclinedIsFinal }
