package routing

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/paymux/paymux/core/yamlfile"
)

const (
	// accountsMax bounds the accounts of one rule; a request has at most five attempts.
	accountsMax = 32
	// weightMax bounds a weight, so that weights can be compared without overflow.
	weightMax = 1_000_000
	// windowMin and windowMax bound the time over which success is measured,
	// windowDefault is that of a rule which names none.
	windowMin, windowMax, windowDefault = time.Minute, 24 * time.Hour, time.Hour
	// exploreDefault is the share of transactions that measure the accounts behind the best.
	exploreDefault = 5 * whole / 100
)

// strategies are the ways to put accounts in order.
var strategies = []string{"order", "split", "cheapest", "best"}

// use is what a rule does: deny in words, or ask accounts.
type use struct {
	node     yamlfile.Node
	deny     string
	strategy string
	accounts []choice
	// sticky is of a split; window and explore are of best.
	sticky   sticky
	window   time.Duration
	explore  share
	failover failover
}

// choice is one account of a rule and where it stands.
type choice struct {
	account string
	node    yamlfile.Node
	// weight is its part of a split.
	weight uint64
}

func readUse(node yamlfile.Node, known []string) use {
	u := use{node: node, sticky: byCustomer, window: windowDefault, explore: exploreDefault}
	if node.Kind() != yamlfile.Map {
		node.Errorf(`must be such as { order: [an-account] } or { deny: "not served" }`)
		return u
	}
	values := read(node, known)
	u.strategy = oneAction(node, values)
	switch u.strategy {
	case "deny":
		u.deny = readDeny(values["deny"])
	case "split":
		u.accounts = readSplit(values["split"])
	case "order", "cheapest", "best":
		u.accounts = readAccounts(values[u.strategy])
	}
	if len(u.accounts) > accountsMax {
		node.Errorf("%d accounts, at most %d are read", len(u.accounts), accountsMax)
	}
	u.readOptions(values)
	return u
}

// oneAction returns the one key that says what to do, "" after reporting none or several.
func oneAction(node yamlfile.Node, values map[string]yamlfile.Node) string {
	var found []string
	for _, name := range append(slices.Clip(strategies), "deny") {
		if _, ok := values[name]; ok {
			found = append(found, name)
		}
	}
	switch len(found) {
	case 0:
		node.Errorf("needs one of %s, deny", strings.Join(strategies, ", "))
		return ""
	case 1:
		return found[0]
	default:
		node.Errorf("%s exclude each other: keep one", strings.Join(found, " and "))
		return ""
	}
}

func (u *use) readOptions(values map[string]yamlfile.Node) {
	for name, strategy := range map[string]string{"sticky": "split", "window": "best", "explore": "best"} {
		if node, ok := values[name]; ok && u.strategy != strategy && u.strategy != "" {
			node.Errorf("belongs to %s, and this rule has %s", strategy, u.strategy)
		}
	}
	if node, ok := values["sticky"]; ok {
		u.sticky = readSticky(node)
	}
	if node, ok := values["window"]; ok {
		u.window = readDuration(node, windowMin, windowMax)
	}
	if node, ok := values["explore"]; ok {
		u.explore, _ = readShare(node)
	}
	if node, ok := values["failover"]; ok { // Of the default: a rule has it beside its use.
		u.readFailover(node, &match{})
	}
}

func readDeny(node yamlfile.Node) string {
	text, ok := node.Text()
	if ok && strings.TrimSpace(text) == "" {
		node.Errorf("is empty: say why, the merchant reads it")
	}
	return text
}

func readAccounts(node yamlfile.Node) []choice {
	var accounts []choice
	seen := map[string]bool{}
	for _, item := range items(node) {
		account, ok := item.Text()
		if !ok || !named(item, account) {
			continue
		}
		if seen[account] {
			item.Errorf("%s is listed twice", yamlfile.Quote(account))
			continue
		}
		seen[account] = true
		accounts = append(accounts, choice{account: account, node: item})
	}
	return accounts
}

// named reports an account without a name.
func named(node yamlfile.Node, account string) bool {
	if account == "" {
		node.Errorf("is empty: name an account")
	}
	return account != ""
}

func readSplit(node yamlfile.Node) []choice {
	if node.Kind() != yamlfile.Map || len(node.Entries()) == 0 {
		node.Errorf("must hold accounts and their weights, such as { an-account: 80, another: 20 }")
		return nil
	}
	sound, total := true, uint64(0)
	var accounts []choice
	for _, entry := range node.Entries() {
		weight, err := strconv.ParseUint(entry.Value.Raw(), 10, 64)
		if err != nil || weight > weightMax {
			entry.Value.Errorf("must be a weight, a whole number from 0 to %d", weightMax)
			sound = false
		}
		sound = named(entry.Key, entry.Name) && sound
		total += weight
		accounts = append(accounts, choice{account: entry.Name, node: entry.Key, weight: weight})
	}
	if sound && total == 0 {
		node.Errorf("the weights are all 0: give at least one account a weight")
	}
	return accounts
}

// destination is what a rule does in one text: equal for rules that lead to the same.
func (u *use) destination() string {
	if u.deny != "" {
		return "deny"
	}
	names := make([]string, len(u.accounts))
	for i, c := range u.accounts {
		names[i] = c.account + " " + strconv.FormatUint(c.weight, 10)
	}
	return u.strategy + " " + string(u.sticky) + " " + strings.Join(names, " ")
}
