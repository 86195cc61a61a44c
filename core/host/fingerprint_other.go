//go:build !linux

package host

// fingerprint tells on Linux whether a file may have changed.
type fingerprint struct{}

// fingerprintOf returns the zero one: a file is hashed whenever it is looked at.
func fingerprintOf(string) fingerprint { return fingerprint{} }
