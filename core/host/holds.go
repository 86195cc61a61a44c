package host

import "sync"

// holds counts who may call an account with which settings: the roster that serves,
// and former ones whose calls are under way. The process may forget settings once
// nobody holds them. Settings that leave, come back and leave again are held twice.
type holds struct {
	mu sync.Mutex
	of map[hold]int
}

// hold names settings of an account by their hash.
type hold struct{ account, settings string }

func (h *holds) take(account, settings string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.of == nil {
		h.of = map[hold]int{}
	}
	h.of[hold{account, settings}]++
}

// drop reports whether nobody holds the settings any more.
func (h *holds) drop(account, settings string) (last bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	one := hold{account, settings}
	if h.of[one]--; h.of[one] > 0 {
		return false
	}
	delete(h.of, one)
	return true
}
