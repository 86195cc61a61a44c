package wire

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// HandshakeFault says in one line, with what to do, what go-plugin says in six about
// a process that did not begin to serve. Bound is how long it had. Of what go-plugin
// says otherwise the first line is left, which the process may have written.
func HandshakeFault(err error, bound time.Duration) error {
	if err == nil {
		return nil
	}
	first, _, _ := strings.Cut(err.Error(), "\n")
	var spoken int
	switch {
	case strings.HasPrefix(first, strangeLine):
		return errors.New("it answered no handshake: it ended at once, is no Paymux plugin for this system, or printed something to stdout before it")
	case strings.HasPrefix(first, "timeout while waiting for plugin to start"):
		return fmt.Errorf("it answered no handshake within %v: a plugin serves at once and asks its provider later", bound)
	case strings.HasPrefix(first, "incompatible core API version"):
		return errors.New("it was built with another version of go-plugin's own protocol: build it with a current sdk")
	case scanned(first, "incompatible API version with plugin. Plugin version: %d", &spoken):
		return protocolFault(spoken)
	}
	return errors.New(first)
}

// strangeLine is how go-plugin begins to tell of a line that is no handshake.
const strangeLine = "Unrecognized remote plugin message:"

// StrangeLine returns the line that a process printed in place of the handshake, as
// an error of go-plugin tells it; empty where there was none.
func StrangeLine(err error) string {
	if err == nil {
		return ""
	}
	first, _, _ := strings.Cut(err.Error(), "\n")
	line, _ := strings.CutPrefix(first, strangeLine)
	if line == first {
		return ""
	}
	return strings.TrimSpace(line)
}

func scanned(text, format string, number *int) bool {
	n, err := fmt.Sscanf(text, format, number)
	return err == nil && n == 1
}

func protocolFault(spoken int) error {
	if spoken > ProtocolVersion {
		return fmt.Errorf("it is too new: it speaks protocol %d, this engine %d: update the engine, or use an older version of the plugin",
			spoken, ProtocolVersion)
	}
	return fmt.Errorf("it is too old: it speaks protocol %d, this engine %d: build it with a current sdk, or use a newer version of the plugin",
		spoken, ProtocolVersion)
}
