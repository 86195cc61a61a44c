package httpapi

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/api"
)

// Processes are the plugin processes behind the accounts. It is for operators. An
// account that nobody knows is core.ErrNotFound.
type Processes interface {
	// RestartAccount puts a new process in the place of the one that serves an account.
	RestartAccount(ctx context.Context, caller core.Caller, account, reason string) (core.Standing, error)
	// LogRequests logs an account's calls with their bodies for a time; zero ends it.
	LogRequests(ctx context.Context, caller core.Caller, account string, length time.Duration, reason string) (core.Standing, error)
	// Incident returns what last went wrong with the process, and false if nothing did.
	Incident(account string) (core.Incident, bool)
}

func (s *server) addProcesses() {
	restart := operation{
		id: "restartProvider", method: http.MethodPost, path: "/v1/providers/{account}/restart",
		summary: "Start the plugin process of an account anew",
		text: "The new process is started and made ready beside the old one, which ends when its calls have ended; one that is " +
			"not ready changes nothing. The process serves all accounts of its plugin that are not isolated. It ends the " +
			"quarantine of a plugin that crashed too often. The actor and the reason are kept in the audit.",
		scopes: []Scope{ScopeOperator}, body: reflect.TypeFor[api.Decide](), bodyOptional: true,
		refused: append(bodyRefused(), http.StatusNotFound, http.StatusConflict, http.StatusServiceUnavailable),
	}
	handle(s, restart, s.drained(s.Processes.RestartAccount))
	handle(s, operation{
		id: "logProviderRequests", method: http.MethodPost, path: "/v1/providers/{account}/log",
		summary: "Log the calls of an account with their bodies for a time",
		text: "Every call to the provider and every notification of it is logged with its bodies, without secrets, cards, phones " +
			"and names. It ends by itself, and with the engine. The actor and the reason are kept in the audit.",
		scopes: []Scope{ScopeOperator}, body: reflect.TypeFor[api.LogRequests](),
		refused: append(bodyRefused(), http.StatusNotFound, http.StatusServiceUnavailable),
	}, s.logRequests)
}

func (s *server) logRequests(ctx context.Context, in *drainInput) (*providerOutput, error) {
	body, err := api.ParseBody(in.RawBody)
	if err != nil {
		return nil, err
	}
	asked, length, err := body.LogRequests()
	if err != nil {
		return nil, err
	}
	standing, err := s.Processes.LogRequests(ctx, callerOf(ctx), in.Account, length, asked.Reason)
	if errors.Is(err, core.ErrNotFound) {
		err = errUnknownAccount()
	}
	if err != nil {
		return nil, err
	}
	return &providerOutput{Body: s.withIncident(standing)}, nil
}
