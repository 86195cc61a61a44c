package host

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

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
	accounts atomic.Pointer[roster]
	record   *record       // Of all calls.
	suspect  chan struct{} // A call was lost: the process should be looked at now.
	gone     chan struct{} // Closed when it serves no more.
}

// roster is the accounts of a process by name. It never changes: other settings
// of one of them make another roster.
type roster map[string]*opened

// capabilities returns what an account can do, nothing if it is not open.
func (r roster) capabilities(account string) sdk.Capabilities {
	if one := r[account]; one != nil {
		return one.capabilities
	}
	return sdk.Capabilities{}
}

// after returns the roster that follows before: each change of settings counts.
func (r roster) after(before roster) roster {
	for name, one := range r {
		was := before[name]
		if was == nil || was == one {
			continue
		}
		one.revision = was.revision
		if one.hash != was.hash {
			one.revision++
		}
	}
	return r
}

// opened is an account in a process with its settings, or why it could not be
// opened there.
type opened struct {
	provider     sdk.FullProvider // Nil if it could not.
	capabilities sdk.Capabilities
	fault        error
	hash         string  // Of the settings; empty if there were none to have.
	revision     uint64  // Counts the changes of the settings.
	record       *record // Of the calls with these settings.
}

func newGeneration(c *child, number uint64, accounts roster) *generation {
	g := &generation{
		child: c, number: number, record: newRecord(),
		suspect: make(chan struct{}, 1), gone: make(chan struct{}),
	}
	g.accounts.Store(&accounts)
	return g
}

// roster returns the accounts as they are at the moment.
func (g *generation) roster() roster { return *g.accounts.Load() }

// enter notes a call with the settings of one. False means that the process, or
// the settings, take no calls any more.
func (g *generation) enter(one *opened) bool {
	if !g.record.enter() {
		return false
	}
	if !one.record.enter() {
		g.record.leave()
		return false
	}
	return true
}

func (g *generation) leave(one *opened) {
	one.record.leave()
	g.record.leave()
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
func (c *child) configure(ctx context.Context, accounts map[string]Account, validate bool) (roster, error) {
	type named struct {
		name string
		*opened
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
	all := make(roster, len(accounts))
	for one := range answers {
		all[one.name] = one.opened
	}
	return all, nil
}

// open asks for an account's settings and opens it with them.
func (c *child) open(ctx context.Context, name string, account Account, validate bool) (*opened, error) {
	settings, err := settingsOf(ctx, account, c.manifest.Settings, c.pace.call)
	if err != nil {
		return unset(err), nil
	}
	return c.install(ctx, name, settings, validate)
}

// install opens an account with settings, beside those that it may have already.
func (c *child) install(ctx context.Context, name string, settings sdk.Settings, validate bool) (*opened, error) {
	one := &opened{hash: wire.SettingsHash(settings), record: newRecord()}
	c.secrets.Learn(c.manifest.Settings, settings.Raw())
	if validate {
		var err error
		if one.fault, err = c.validate(ctx, name, settings); one.fault != nil || err != nil {
			return one, err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, c.pace.call)
	defer cancel()
	can, err := c.rpc.Configure(ctx, name, settings)
	if err = c.hiddenError(err); err != nil {
		one.fault, err = refused("configure", err)
		return one, err
	}
	one.provider, one.capabilities = c.rpc.Account(name, one.hash), can
	c.holds.take(name, one.hash)
	return one, nil
}

// validate returns what is wrong with the settings. The plugin may ask its
// provider here, so a fault is only a warning: a provider that is down must not
// keep an account from being opened.
func (c *child) validate(ctx context.Context, name string, settings sdk.Settings) (fault, err error) {
	ctx, cancel := context.WithTimeout(ctx, c.pace.call)
	defer cancel()
	found, err := c.rpc.ValidateSettings(ctx, settings)
	found, err = c.hiddenDiagnostics(found), c.hiddenError(err)
	var said *sdk.Error
	switch {
	case errors.As(err, &said) || errors.Is(err, context.DeadlineExceeded):
		c.log.Warn("settings could not be validated", "account", name, "error", err)
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("validate settings: %w", err)
	case found.Failed():
		return fmt.Errorf("settings: %w", found), nil
	case len(found) > 0:
		c.log.Warn("settings", "account", name, "warnings", found.Error())
	}
	return nil, nil
}

// refused tells a plugin's own no, which is about one account, from a lost
// call, which is about the process.
func refused(call string, err error) (fault, lost error) {
	var diagnostics sdk.Diagnostics
	if errors.As(err, &diagnostics) {
		return fmt.Errorf("settings: %w", diagnostics), nil
	}
	var said *sdk.Error
	if errors.As(err, &said) {
		return fmt.Errorf("%s: %w", call, said), nil
	}
	return nil, fmt.Errorf("%s: %w", call, err)
}

// settingsOf asks for an account's settings, which must come within bound.
func settingsOf(ctx context.Context, account Account, schema sdk.Schema, bound time.Duration) (sdk.Settings, error) {
	if account.Settings == nil {
		return sdk.Settings{}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, bound)
	defer cancel()
	return account.Settings(ctx, schema)
}
