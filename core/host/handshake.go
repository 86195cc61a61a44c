package host

import (
	"errors"
	"time"

	"github.com/paymux/paymux/sdk/wire"
)

// handshakeFault is wire's, of which the process may have written any.
func handshakeFault(err error, bound time.Duration) error {
	if err == nil || starved(err) {
		return err
	}
	return errors.New(brief(plain(wire.HandshakeFault(err, bound).Error())))
}
