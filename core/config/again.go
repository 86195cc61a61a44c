package config

import (
	"crypto/sha256"
	"encoding/hex"
	"os"

	"github.com/paymux/paymux/core"
)

// Again reads the file once more, with the environment and the flags of the first
// time. Its results are those of Load. A Config of Parse has no file: the same text
// is read.
func (c *Config) Again() (*Config, []core.Diagnostic) {
	if c.source.kept {
		return read(c.source.options, c.source.text, true)
	}
	// A pipe can be read once, and opening another one would wait for its writer.
	if info, err := os.Stat(c.File()); err == nil && !info.Mode().IsRegular() {
		return nil, []core.Diagnostic{{File: c.File(), Message: "cannot be read again: it is no regular file"}}
	}
	return Load(c.source.options)
}

// FromFile reports whether the configuration was read from a file, which may change.
func (c *Config) FromFile() bool { return !c.source.kept }

// SHA256 is the checksum of the text that was read, in hexadecimal.
func (c *Config) SHA256() string {
	sum := sha256.Sum256(c.source.text)
	return hex.EncodeToString(sum[:])
}

// fixedKeys are all keys that a running engine cannot change, and why.
func fixedKeys() []fixedKey {
	return []fixedKey{
		{"mode", func(c *Config) string { return string(c.Mode) }, "transactions of tests and of real money would meet in one store"},
		{"server.listen", func(c *Config) string { return c.Server.Listen }, "the socket is open"},
		{"store.driver", func(c *Config) string { return c.Store.Driver }, "the store is open"},
		{"store.path", func(c *Config) string { return c.Store.Path }, "the store is open"},
		{"log.format", func(c *Config) string { return c.Log.Format }, "the log is open"},
	}
}

type fixedKey struct {
	path  string
	value func(*Config) string
	why   string
}

// NeedsRestart returns an error for each key that next changes and that a running
// engine cannot change, at its line in next. The last API key is such a one: what is
// left of a file that was cut off must not open the API to everybody on the machine.
func (c *Config) NeedsRestart(next *Config) []core.Diagnostic {
	var found []core.Diagnostic
	for _, key := range fixedKeys() {
		if key.value(c) != key.value(next) {
			found = append(found, next.At(key.path, "needs a restart: it was "+key.value(c)+" when the engine started, and "+key.why))
		}
	}
	if len(c.Auth.Keys) > 0 && len(next.Auth.Keys) == 0 {
		found = append(found, next.At("auth.keys", "needs a restart: without any key everybody on this machine may do everything"))
	}
	return byLine(found)
}
