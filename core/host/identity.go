package host

import (
	"errors"
	"maps"
	"sync"
)

// identities knows which account at the provider each account of ours is. Two of
// ours that are the same one would both be told of the same money, so that only
// the first by name is served, in whatever process the other is.
type identities struct {
	mu       sync.RWMutex
	accounts map[string]bool     // All that there are.
	of       map[string]identity // By account, as it was last configured.
	first    map[string]string   // By account that is not served: the one that is.
}

// identity is what a plugin says of an account. The same words of two plugins are
// two accounts.
type identity struct{ plugin, words string }

func newIdentities(accounts map[string]bool) *identities {
	return &identities{accounts: accounts, of: map[string]identity{}}
}

// learn takes what was configured in a process of plugin. It returns the accounts
// that are not served from now on, with the one that is. A process that is being
// replaced may still start with accounts that have left: they are nobody's twin.
func (i *identities) learn(plugin string, accounts roster) map[string]string {
	i.mu.Lock()
	defer i.mu.Unlock()
	before := i.first
	i.note(plugin, accounts)
	i.first = twins(i.of)
	return fresh(before, i.first)
}

// note takes what was configured in a process of plugin, without a judgement.
func (i *identities) note(plugin string, accounts roster) {
	for name, one := range accounts {
		if i.accounts[name] && one.provider != nil { // Of one that is not open the last answer stands.
			i.of[name] = identity{plugin, one.capabilities.Identity}
		}
	}
}

// said is what the accounts of a process of plugin were configured as.
type said struct {
	plugin   string
	accounts roster
}

// with returns the identities of other accounts: what was said of some of them
// now, of the others what was said before.
func (i *identities) with(accounts map[string]bool, now []said) *identities {
	i.mu.RLock()
	defer i.mu.RUnlock()
	return i.among(accounts, now)
}

func (i *identities) among(accounts map[string]bool, now []said) *identities {
	next := newIdentities(accounts)
	maps.Copy(next.of, i.of)
	maps.DeleteFunc(next.of, func(name string, _ identity) bool { return !accounts[name] })
	for _, one := range now {
		next.note(one.plugin, one.accounts)
	}
	next.first = twins(next.of)
	return next
}

// become changes to the identities that with returns.
func (i *identities) become(accounts map[string]bool, now []said) {
	i.mu.Lock()
	defer i.mu.Unlock()
	next := i.among(accounts, now)
	i.accounts, i.of, i.first = next.accounts, next.of, next.first
}

// fresh returns what is in after and was not in before.
func fresh(before, after map[string]string) map[string]string {
	found := map[string]string{}
	for name, first := range after {
		if before[name] != first {
			found[name] = first
		}
	}
	return found
}

// twins returns for each account that is another one too the first such by name.
func twins(of map[string]identity) map[string]string {
	least := map[identity]string{}
	for name, one := range of {
		if first, there := least[one]; one.words != "" && (!there || name < first) {
			least[one] = name
		}
	}
	twin := map[string]string{}
	for name, one := range of {
		if first := least[one]; first != "" && first != name {
			twin[name] = first
		}
	}
	return twin
}

// twin says that an account is not served because another one is the same, nil if it is.
func (i *identities) twin(account string) error {
	i.mu.RLock()
	defer i.mu.RUnlock()
	if first := i.first[account]; first != "" {
		return twinOf(first)
	}
	return nil
}

func twinOf(first string) error { return errors.New("is the same account at the provider as " + first) }

// notServed returns the accounts that are another one, with that.
func (i *identities) notServed() map[string]string {
	i.mu.RLock()
	defer i.mu.RUnlock()
	return i.first // It never changes: learn makes another one.
}
