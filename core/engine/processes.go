package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/account"
	"github.com/paymux/paymux/core/host"
)

// RestartAccount puts a new process of the same binary in the place of the one
// that serves an account, and of all others that it serves; calls under way end
// well. It is for operators and audited before it begins. It returns
// core.ErrForbidden, ErrNotFound, ErrNotSupported for a plugin inside this process,
// ErrStoreUnavailable, or ErrProviderUnavailable with why the new process is not
// ready; the former one goes on then.
func (e *Engine) RestartAccount(ctx context.Context, caller core.Caller, account, reason string) (core.Standing, error) {
	if err := e.audited(ctx, caller, "restart", account, reason); err != nil {
		return core.Standing{}, err
	}
	if _, inProcess := e.host.Standing(account); !inProcess {
		return core.Standing{}, &core.Problem{
			Code: core.ErrNotSupported.Code, Detail: account + " has a plugin inside the engine: there is no process to restart",
		}
	}
	if err := e.host.Restart(account); err != nil {
		e.logger.Error("account is not restarted", "account", account, "error", err)
		return core.Standing{}, notRestarted(account, err)
	}
	standing, _ := e.live.Load().accounts.Standing(account)
	return standing, nil
}

// notRestarted says what is wrong with the new process, and that the old one stays.
func notRestarted(account string, err error) error {
	why := err.Error()
	if faults, ok := errors.AsType[host.Faults](err); ok && len(faults) > 0 {
		why = faults.Error()
	}
	return &core.Problem{
		Code: core.ErrProviderUnavailable.Code, Detail: account + " is not restarted, what ran before goes on: " + why,
	}
}

// LogRequests logs every call at an account with bodies that people may read, for
// a time; zero ends it. It is for operators and audited, ends by itself, and does
// not outlive the engine. It returns core.ErrForbidden, ErrNotFound,
// ErrInvalidRequest for a time that is too long, or ErrStoreUnavailable.
func (e *Engine) LogRequests(
	ctx context.Context, caller core.Caller, name string, length time.Duration, reason string,
) (core.Standing, error) {
	if length < 0 || length > account.RequestLogMax {
		return core.Standing{}, &core.Problem{
			Code: core.ErrInvalidRequest.Code, Detail: fmt.Sprintf("requests are logged for at most %v", account.RequestLogMax),
		}
	}
	said, until := "off", time.Time{}
	if length > 0 {
		said, until = "for "+length.String(), time.Now().Add(length)
	}
	if err := e.audited(ctx, caller, "log", name, detailOf(said, reason)); err != nil {
		return core.Standing{}, err
	}
	if err := e.live.Load().accounts.LogRequests(name, until); err != nil {
		return core.Standing{}, fmt.Errorf("engine: %w", err)
	}
	e.logger.Warn("request log", "account", name, "length", said, "actor", caller.Actor)
	standing, _ := e.live.Load().accounts.Standing(name)
	return standing, nil
}

// Incident returns what last went wrong with an account's process, and false if nothing did.
func (e *Engine) Incident(account string) (core.Incident, bool) { return e.host.Incident(account) }

// audited writes down what an operator is about to do with an account.
func (e *Engine) audited(ctx context.Context, caller core.Caller, action, account, reason string) error {
	if !caller.Operator {
		return fmt.Errorf("engine: %s: %w", action, core.ErrForbidden)
	}
	if _, ok := e.live.Load().accounts.Standing(account); !ok {
		return fmt.Errorf("engine: account %q: %w", account, core.ErrNotFound)
	}
	now := e.now()
	entry := core.AuditEntry{
		ID: e.ids.next(core.PrefixEvent, now), At: now, Actor: caller.Actor, Action: action, Detail: detailOf(account, reason),
	}
	if err := e.store.Apply(ctx, core.Commit{Audit: []core.AuditEntry{entry}}); err != nil {
		return e.storeUnavailable("written", err)
	}
	return nil
}

// detailOf puts the reason, if there is one, behind what it is about.
func detailOf(what, reason string) string {
	if reason == "" {
		return what
	}
	return what + ": " + reason
}
