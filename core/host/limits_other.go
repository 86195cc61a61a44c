//go:build !linux

package host

// confine does nothing: only Linux bounds another process.
func confine(int, string) error { return nil }

// keepDescriptors does nothing: what Go opens is kept from children anyway.
func keepDescriptors() error { return nil }
