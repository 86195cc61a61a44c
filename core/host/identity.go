package host

import "sync"

// identities knows which account at the provider each account of ours is. Two of
// ours that are the same one would both be told of the same money, so that only
// the first by name is served, in whatever process the other is.
type identities struct {
	mu    sync.RWMutex
	of    map[string]identity // By account, as it was last configured.
	first map[string]string   // By account that is not served: the one that is.
}

// identity is what a plugin says of an account. The same words of two plugins are
// two accounts.
type identity struct{ plugin, words string }

// learn takes what was configured in a process of plugin. It returns the accounts
// that are not served from now on, with the one that is.
func (i *identities) learn(plugin string, accounts map[string]opened) map[string]string {
	i.mu.Lock()
	defer i.mu.Unlock()
	for name, one := range accounts {
		if one.provider != nil { // Of one that is not open the last answer stands.
			i.of[name] = identity{plugin, one.capabilities.Identity}
		}
	}
	before := i.first
	i.first = twins(i.of)
	fresh := map[string]string{}
	for name, first := range i.first {
		if before[name] != first {
			fresh[name] = first
		}
	}
	return fresh
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

// permit returns an opened account as it may be used: without its provider, and
// with the reason, where another account is the same one.
func (i *identities) permit(account string, one opened) opened {
	i.mu.RLock()
	first := i.first[account]
	i.mu.RUnlock()
	if first != "" && one.provider != nil {
		one.provider, one.fault = nil, twinOf(first)
	}
	return one
}

func twinOf(first string) string { return "is the same account at the provider as " + first }
