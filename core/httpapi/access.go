package httpapi

import "errors"

// Access is who may call the API and through how many proxies of ours. It does not
// change: who changes it makes another one, from which a removed key is missing.
type Access struct {
	ring           keyring
	trustedProxies int
}

// NewAccess returns the access that keys give, to everybody on this machine where
// there are none; see Options.Keys and Options.TrustedProxies. The error names every
// key that cannot be used.
func NewAccess(keys []Key, trustedProxies int) (*Access, error) {
	var none *Access
	return none.Next(keys, trustedProxies)
}

// Next returns the access of other keys. A key that stays, with its sum and its rate,
// has used as much of the rate as before. The receiver may be nil, and does not
// change; the error is that of NewAccess.
func (a *Access) Next(keys []Key, trustedProxies int) (*Access, error) {
	ring, err := newKeyring(keys)
	if trustedProxies < 0 {
		err = errors.Join(err, errors.New("TrustedProxies must not be below zero"))
	}
	if err != nil {
		return nil, err
	}
	if a != nil {
		ring.follow(a.ring)
	}
	return &Access{ring: ring, trustedProxies: trustedProxies}, nil
}

// follow has the keys that stay share the meters of before.
func (ring keyring) follow(before keyring) {
	for i := range ring.entries {
		entry := &ring.entries[i]
		for _, was := range before.entries {
			same := was.caller.Actor == entry.caller.Actor && was.sum == entry.sum
			if same && was.meter != nil && entry.meter != nil && was.meter.rate == entry.meter.rate {
				entry.meter = was.meter
			}
		}
	}
}
