package host

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/wire"
)

// configureAtOnce bounds how many accounts of a process are configured at a time.
const configureAtOnce = 8

// generation is one start of a process with its accounts configured.
type generation struct {
	*child

	number   uint64
	accounts map[string]opened
	record   *record
	suspect  chan struct{} // A call was lost: the process should be looked at now.
	gone     chan struct{} // Closed when it serves no more.
}

// opened is an account in a process, or why it could not be opened there.
type opened struct {
	provider     sdk.FullProvider // Nil if it could not.
	capabilities sdk.Capabilities
	fault        string
}

func newGeneration(c *child, number uint64, accounts map[string]opened) *generation {
	return &generation{
		child: c, number: number, accounts: accounts, record: newRecord(),
		suspect: make(chan struct{}, 1), gone: make(chan struct{}),
	}
}

// doubt asks for a look at the process now.
func (g *generation) doubt() {
	select {
	case g.suspect <- struct{}{}:
	default: // Asked already.
	}
}

// configure opens all accounts in a process. Settings that the plugin refuses
// are a fault of their account; an error means that the process gave no answer.
func (c *child) configure(ctx context.Context, accounts map[string]Account, validate bool) (map[string]opened, error) {
	type named struct {
		name string
		opened
	}
	answers := make(chan named, len(accounts))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(configureAtOnce)
	for name, account := range accounts {
		group.Go(func() error {
			one, err := c.open(ctx, name, account, validate)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			answers <- named{name, one}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	close(answers)
	all := make(map[string]opened, len(accounts))
	for one := range answers {
		all[one.name] = one.opened
	}
	return all, nil
}

func (c *child) open(ctx context.Context, name string, account Account, validate bool) (opened, error) {
	settings, err := c.settings(ctx, account)
	if err != nil {
		return opened{fault: "settings: " + err.Error()}, nil
	}
	if validate {
		fault, err := c.validate(ctx, name, settings)
		if fault != "" || err != nil {
			return opened{fault: fault}, err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, c.pace.call)
	defer cancel()
	can, err := c.rpc.Configure(ctx, name, settings)
	if err != nil {
		return refused("configure", err)
	}
	return opened{provider: c.rpc.Account(name, wire.SettingsHash(settings)), capabilities: can}, nil
}

// settings asks for the account's settings, which must come in the time of a call.
func (c *child) settings(ctx context.Context, account Account) (sdk.Settings, error) {
	if account.Settings == nil {
		return sdk.Settings{}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, c.pace.call)
	defer cancel()
	return account.Settings(ctx, c.manifest.Settings)
}

// validate returns what is wrong with the settings. The plugin may ask its
// provider here, so a fault is only a warning: a provider that is down must not
// keep an account from being opened.
func (c *child) validate(ctx context.Context, name string, settings sdk.Settings) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, c.pace.call)
	defer cancel()
	found, err := c.rpc.ValidateSettings(ctx, settings)
	var fault *sdk.Error
	switch {
	case errors.As(err, &fault) || errors.Is(err, context.DeadlineExceeded):
		c.log.Warn("settings could not be validated", "account", name, "error", err)
		return "", nil
	case err != nil:
		return "", fmt.Errorf("validate settings: %w", err)
	case found.Failed():
		return "settings: " + found.Error(), nil
	case len(found) > 0:
		c.log.Warn("settings", "account", name, "warnings", found.Error())
	}
	return "", nil
}

// refused tells a plugin's own no, which is about one account, from a lost
// call, which is about the process.
func refused(call string, err error) (opened, error) {
	var diagnostics sdk.Diagnostics
	if errors.As(err, &diagnostics) {
		return opened{fault: "settings: " + diagnostics.Error()}, nil
	}
	var fault *sdk.Error
	if errors.As(err, &fault) {
		return opened{fault: call + ": " + fault.Error()}, nil
	}
	return opened{}, fmt.Errorf("%s: %w", call, err)
}
