package httpapi

import (
	"errors"
)

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
	ring, err := newKeyring(keys)
	if trustedProxies < 0 {
		err = errors.Join(err, errors.New("TrustedProxies must not be below zero"))
	}
	if err != nil {
		return nil, err
	}
	return &Access{ring: ring, trustedProxies: trustedProxies}, nil
}
