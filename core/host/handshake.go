package host

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/paymux/paymux/sdk/wire"
)

// handshakeFault says in one line, with what to do, what go-plugin says in six, of
// which the process may have written any.
func handshakeFault(err error, bound time.Duration) error {
	if err == nil {
		return nil
	}
	first, _, _ := strings.Cut(err.Error(), "\n")
	var spoken int
	switch {
	case strings.HasPrefix(first, "Unrecognized remote plugin message"):
		return errors.New("it answered no handshake: it ended at once, is no Paymux plugin for this system, or printed something to stdout before it")
	case strings.HasPrefix(first, "timeout while waiting for plugin to start"):
		return fmt.Errorf("it answered no handshake within %v: a plugin serves at once and asks its provider later", bound)
	case strings.HasPrefix(first, "incompatible core API version"):
		return errors.New("it was built with another version of go-plugin's own protocol: build it with a current sdk")
	case scanned(first, "incompatible API version with plugin. Plugin version: %d", &spoken):
		return protocolFault(spoken)
	}
	return errors.New(brief(plain(first)))
}

func scanned(text, format string, number *int) bool {
	n, err := fmt.Sscanf(text, format, number)
	return err == nil && n == 1
}

func protocolFault(spoken int) error {
	if spoken > wire.ProtocolVersion {
		return fmt.Errorf("it is too new: it speaks protocol %d, this engine %d: update the engine, or use an older version of the plugin",
			spoken, wire.ProtocolVersion)
	}
	return fmt.Errorf("it is too old: it speaks protocol %d, this engine %d: build it with a current sdk, or use a newer version of the plugin",
		spoken, wire.ProtocolVersion)
}
