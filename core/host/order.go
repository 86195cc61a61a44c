package host

import (
	"maps"
	"slices"
	"time"

	goplugin "github.com/hashicorp/go-plugin"
)

// place names a process: its plugin, and the account that has it for itself.
type place struct {
	plugin string
	alone  string // Empty for the process that a plugin's accounts share.
}

// order is what a process is to be. It never changes.
type order struct {
	place
	source   Plugin
	attached *goplugin.ReattachConfig // Where it runs already; nil to start it.
	accounts map[string]Account
}

// drainMax is how long calls in flight may take to come back: the longest call of
// the accounts and a second.
func (o *order) drainMax() time.Duration {
	longest := time.Duration(0)
	for _, account := range o.accounts {
		longest = max(longest, account.Timeout)
	}
	return longest + time.Second
}

// names returns the accounts in order.
func (o *order) names() []string { return slices.Sorted(maps.Keys(o.accounts)) }

// ordersOf decides which processes there are: one a plugin, and one of its own
// for each isolated account.
func ordersOf(options Options, attached map[string]*goplugin.ReattachConfig) map[place]*order {
	orders := map[place]*order{}
	at := func(where place) *order {
		if orders[where] == nil {
			orders[where] = &order{
				place: where, source: options.Plugins[where.plugin], attached: attached[where.plugin],
				accounts: map[string]Account{},
			}
		}
		return orders[where]
	}
	used := map[string]bool{}
	for name, account := range options.Accounts {
		if account.Timeout == 0 {
			account.Timeout = DefaultTimeout
		}
		where := place{plugin: account.Plugin}
		if account.Isolated {
			where.alone = name
		}
		at(where).accounts[name] = account
		used[account.Plugin] = true
	}
	for name := range options.Plugins {
		if !used[name] {
			at(place{plugin: name}) // So that its manifest is known.
		}
	}
	return orders
}
