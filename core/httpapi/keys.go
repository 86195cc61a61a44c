package httpapi

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/paymux/paymux/core"
)

// Key is an API key: not the key itself but its SHA-256 in hexadecimal, with
// whose it is and what it may do.
type Key struct {
	ID       string
	SHA256   string
	Merchant string
	Scopes   []Scope
	// Rate bounds the requests of the key.
	Rate Rate
}

// Scope is one right of a key.
type Scope string

// The scopes.
const (
	ScopePayments       Scope = "payments:write"  // Payments, their cancel, sync, look-ups.
	ScopePayouts        Scope = "payouts:write"   // Payouts, their cancel.
	ScopeRefunds        Scope = "refunds:write"   // Refunds.
	ScopeRead           Scope = "read"            // The merchant's own transactions.
	ScopeChooseProvider Scope = "provider:choose" // The field provider.
	ScopeCard           Scope = "payments:card"   // The field card.
	ScopeOperator       Scope = "operator"        // Everything an operator does, for all merchants.
)

// Scopes returns every scope.
func Scopes() []Scope {
	return []Scope{
		ScopePayments, ScopePayouts, ScopeRefunds, ScopeRead,
		ScopeChooseProvider, ScopeCard, ScopeOperator,
	}
}

// defaultMerchant is whose every request is where no keys are configured.
const defaultMerchant = "default"

// securityScheme is the document's name for the bearer key.
const securityScheme = "key"

// identity is who calls and what that one may do.
type identity struct {
	caller core.Caller
	scopes []Scope
	// meter bounds the requests of a key; nil for none.
	meter *meter
}

// may reports whether the identity has all scopes of one of the alternatives of op.
func (i identity) may(op *huma.Operation) bool {
	return slices.ContainsFunc(op.Security, func(alternative map[string][]string) bool {
		return !slices.ContainsFunc(alternative[securityScheme], func(scope string) bool {
			return !slices.Contains(i.scopes, Scope(scope))
		})
	})
}

// keyring finds the identity behind a bearer key.
type keyring struct{ entries []keyEntry }

type keyEntry struct {
	sum [sha256.Size]byte
	identity
}

// newKeyring checks keys. The error names every one that cannot be used.
func newKeyring(keys []Key) (keyring, error) {
	ring := keyring{}
	var faults []error
	for i, k := range keys {
		entry, err := newKeyEntry(k)
		if err != nil {
			faults = append(faults, fmt.Errorf("keys[%d] %q: %w", i, k.ID, err))
		}
		if slices.ContainsFunc(ring.entries, func(e keyEntry) bool { return e.sum == entry.sum || e.caller.Actor == k.ID }) {
			faults = append(faults, fmt.Errorf("keys[%d] %q: there is another with this id or sum", i, k.ID))
		}
		ring.entries = append(ring.entries, entry)
	}
	return ring, errors.Join(faults...)
}

func newKeyEntry(k Key) (keyEntry, error) {
	entry := keyEntry{identity: identity{scopes: k.Scopes, meter: newMeter(k.Rate), caller: core.Caller{
		Actor: k.ID, Merchant: k.Merchant,
		Operator:       slices.Contains(k.Scopes, ScopeOperator),
		ChooseProvider: slices.Contains(k.Scopes, ScopeChooseProvider),
		SendCards:      slices.Contains(k.Scopes, ScopeCard),
	}}}
	sum, err := hex.DecodeString(k.SHA256)
	if err != nil || len(sum) != sha256.Size {
		return entry, errors.New("sha256 must be 64 hexadecimal digits")
	}
	copy(entry.sum[:], sum)
	if k.ID == "" || k.Merchant == "" {
		return entry, errors.New("id and merchant are required")
	}
	for _, scope := range k.Scopes {
		if !slices.Contains(Scopes(), scope) {
			return entry, fmt.Errorf("%q is not a scope", scope)
		}
	}
	return entry, k.Rate.check()
}

// identify returns who sends r. It returns core.ErrUnauthorized where keys are
// configured and r carries none of them.
func (ring keyring) identify(r *http.Request) (identity, error) {
	if len(ring.entries) == 0 {
		return everybody(r)
	}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || token == "" || len(r.Header.Values("Authorization")) > 1 {
		return identity{}, &core.Problem{
			Code: core.ErrUnauthorized.Code, Detail: "send the key as Authorization: Bearer <key>",
		}
	}
	sum := sha256.Sum256([]byte(strings.TrimSpace(token)))
	found := -1
	// Every entry is compared, so that the time tells nothing about which one fits.
	for i := range ring.entries {
		if subtle.ConstantTimeCompare(sum[:], ring.entries[i].sum[:]) == 1 {
			found = i
		}
	}
	if found < 0 {
		return identity{}, &core.Problem{Code: core.ErrUnauthorized.Code, Detail: "the key is not known"}
	}
	return ring.entries[found].identity, nil
}

// everybody is the identity of all where no keys are configured. A web page in a
// browser on the same machine is not among them, and neither is one whose own name
// was made to lead to this machine: to the browser that one has the same origin.
func everybody(r *http.Request) (identity, error) {
	if !namesThisMachine(r.Host) {
		return identity{}, &core.Problem{
			Code: core.ErrForbidden.Code, Detail: "without API keys only requests to localhost or a loopback address are served: configure keys under auth.keys",
		}
	}
	if err := http.NewCrossOriginProtection().Check(r); err != nil {
		return identity{}, &core.Problem{Code: core.ErrForbidden.Code, Detail: "a web page of another origin may not call"}
	}
	return identity{scopes: Scopes(), caller: core.Caller{
		Actor: "local", Merchant: defaultMerchant, Operator: true, ChooseProvider: true, SendCards: true,
	}}, nil
}

// namesThisMachine reports whether a Host header, with or without a port, is
// localhost or a loopback address. No name server has a say in these.
func namesThisMachine(host string) bool {
	name := host
	if withoutPort, _, err := net.SplitHostPort(host); err == nil {
		name = withoutPort
	}
	if strings.EqualFold(name, "localhost") {
		return true
	}
	address, err := netip.ParseAddr(strings.Trim(name, "[]"))
	return err == nil && address.IsLoopback()
}

type callerKey struct{}

// callerOf returns who calls; guard has put it there.
func callerOf(ctx context.Context) core.Caller {
	caller, _ := ctx.Value(callerKey{}).(core.Caller)
	return caller
}
