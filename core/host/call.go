package host

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/hashicorp/go-hclog"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/wire"
)

// calledAccount is the account that Call opens.
const calledAccount = "call"

// Call is one call of one method of the protocol, by hand.
type Call struct {
	// Method is its name in the protocol, such as "QueryStatus".
	Method string
	// Settings are those of the one account that is opened for the call.
	Settings sdk.Settings
	// Request is JSON as the protocol's message has it, without account and settings;
	// empty for an empty one.
	Request []byte
}

// Do starts the plugin at path, opens an account in it where the method is about
// one, makes the call, and ends the plugin. What it returns is the answer as JSON
// without secrets and personal data, with what was sent and answered; with an error that the plugin itself told, the
// fault as JSON. It may move money, and nobody writes it down.
func (c Call) Do(ctx context.Context, path string, log hclog.Logger) (answer []byte, err error) {
	err = ask(ctx, Plugin{Path: path}, log, func(child *child) error {
		answer, err = c.through(ctx, child)
		return err
	})
	if err != nil {
		return answer, fmt.Errorf("host: call %s of %s: %w", c.Method, path, err)
	}
	return answer, nil
}

func (c Call) through(ctx context.Context, to *child) ([]byte, error) {
	to.secrets.Learn(to.manifest.Settings, c.Settings.Raw())
	ctx, cancel := context.WithTimeout(sdk.WithBodies(ctx, to.hide), DefaultTimeout)
	defer cancel()
	if c.needsAccount() {
		if _, err := to.rpc.Configure(ctx, calledAccount, c.Settings); err != nil {
			return nil, fmt.Errorf("configure: %w", to.hiddenError(err))
		}
	}
	answer, err := to.rpc.Call(ctx, c.Method, calledAccount, c.Settings, c.Request, to.hide)
	var fault *sdk.Error
	if !errors.As(err, &fault) {
		return answer, to.hiddenError(err)
	}
	answer, err = wire.FaultJSON(fault, to.hide)
	return answer, errors.Join(to.hiddenError(fault), err)
}

// needsAccount reports whether the method is about an account that is open.
func (c Call) needsAccount() bool {
	return !slices.Contains([]string{"Describe", "ValidateSettings", "Configure", "CheckHealth", "Shutdown"}, c.Method)
}
