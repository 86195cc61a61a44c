package api

import (
	"fmt"
	"strings"
	"time"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

// Provider is one provider account: what runs, how it stands, what it can do.
type Provider struct {
	Provider     string       `json:"provider" doc:"The account's name, as routing rules use it"`
	Plugin       string       `json:"plugin"`
	Version      string       `json:"version"`
	Checksum     string       `json:"checksum" doc:"SHA-256 of the running binary"`
	Protocol     int          `json:"protocol"`
	Health       string       `json:"health" enum:"starting,ready,degraded,draining,backoff,failed,stopped"`
	Ready        bool         `json:"ready" doc:"A new attempt may be made now"`
	Detail       string       `json:"detail" doc:"Why it is not ready"`
	Enabled      bool         `json:"enabled"`
	Drained      bool         `json:"drained"`
	Required     bool         `json:"required"`
	Generation   uint64       `json:"generation" doc:"Counts the starts of its process and the changes of its settings"`
	Timeout      string       `json:"timeout" doc:"What bounds one call" example:"30s"`
	Breaker      Breaker      `json:"breaker" doc:"Whether faults of the account itself keep new attempts away"`
	Fees         []Fee        `json:"fees" nullable:"false" doc:"What an attempt costs, as it is configured"`
	Capabilities Capabilities `json:"capabilities"`
	Counters     Counters     `json:"counters"`
	LoggedUntil  *time.Time   `json:"logged_until" doc:"How long its requests are logged with their bodies, null where they are not"`
	Incident     *Incident    `json:"incident" doc:"What last went wrong with its process; null where nothing did, and in lists"`
}

// Breaker is how an account's breaker stands.
type Breaker struct {
	State  string     `json:"state" enum:"closed,open,half_open" doc:"open lets no new attempt through, half_open one at a time as a trial"`
	Reason string     `json:"reason" doc:"Which faults opened it, empty while it is closed"`
	Since  *time.Time `json:"since" doc:"When it came into its state, null where it was never open"`
	Until  *time.Time `json:"until" doc:"When an open one lets a trial through, else null"`
}

// Fee is what an attempt costs in one currency.
type Fee struct {
	Currency string `json:"currency" doc:"Empty for every currency without a fee of its own" example:"XOF"`
	Percent  string `json:"percent" example:"2.5"`
	Fixed    string `json:"fixed" doc:"In the currency" example:"50"`
}

// Capabilities is what an account can do.
type Capabilities struct {
	Operations []string            `json:"operations" nullable:"false"`
	Corridors  []Corridor          `json:"corridors" nullable:"false"`
	Needs      map[string][]string `json:"needs" doc:"Request fields that an operation needs"`
	CardS2S    bool                `json:"card_s2s"`
}

// Corridor is one set of transactions that an account serves. An empty list means
// any, an empty amount no bound.
type Corridor struct {
	Kind       string   `json:"kind"`
	Countries  []string `json:"countries" nullable:"false"`
	Currencies []string `json:"currencies" nullable:"false"`
	Methods    []string `json:"methods" nullable:"false"`
	Networks   []string `json:"networks" nullable:"false"`
	Min        string   `json:"min" doc:"With its currency" example:"100 XOF"`
	Max        string   `json:"max"`
	Step       string   `json:"step" doc:"What the amount must be a multiple of"`
}

// Counters count an account's calls since the engine started.
type Counters struct {
	Calls    uint64 `json:"calls"`
	Faults   uint64 `json:"faults"`
	InFlight uint64 `json:"in_flight"`
	Restarts uint64 `json:"restarts"`
}

// ProviderOf returns what operators may see of an account.
func ProviderOf(s core.Standing) Provider {
	ready, why := s.Ready()
	if ready {
		why = s.Detail
	}
	return Provider{
		Provider: s.Account, Plugin: s.Plugin, Version: s.Version, Checksum: s.Checksum, Protocol: s.Protocol,
		Health: string(s.Health), Ready: ready, Detail: masker{}.text(why), Enabled: s.Enabled, Drained: s.Drained,
		Required: s.Required, Generation: s.Generation, Timeout: s.Timeout.String(),
		Breaker: breakerOf(s.Breaker), Fees: feesOf(s.Fees),
		Capabilities: capabilitiesOf(s.Capabilities),
		Counters: Counters{
			Calls: s.Counters.Calls, Faults: s.Counters.Faults,
			InFlight: s.Counters.InFlight, Restarts: s.Counters.Restarts,
		},
		LoggedUntil: shownOrNull(s.LoggedUntil),
	}
}

func breakerOf(b core.Breaker) Breaker {
	state := b.State
	if state == "" {
		state = core.BreakerClosed
	}
	return Breaker{State: string(state), Reason: b.Reason, Since: shownOrNull(b.Since), Until: shownOrNull(b.Until)}
}

func feesOf(fees []core.Fee) []Fee {
	list := make([]Fee, 0, len(fees))
	for _, fee := range fees {
		one := Fee{Percent: percentOf(fee.Millionths), Fixed: "0"}
		if fee.Currency.Valid() {
			one.Currency, one.Fixed = fee.Currency.String(), money.Of(fee.Fixed.Minor(), fee.Currency).Decimal()
		}
		list = append(list, one)
	}
	return list
}

// percentOf writes millionths as a percentage, exactly and without zeros at its end.
func percentOf(millionths int64) string {
	const percent = 10_000
	text := fmt.Sprintf("%d.%04d", millionths/percent, millionths%percent)
	return strings.TrimRight(strings.TrimRight(text, "0"), ".")
}

func capabilitiesOf(c sdk.Capabilities) Capabilities {
	shownCapabilities := Capabilities{
		Operations: wordsOf(c.Operations), Corridors: make([]Corridor, 0, len(c.Corridors)),
		Needs: map[string][]string{}, CardS2S: c.CardS2S,
	}
	for _, corridor := range c.Corridors {
		shownCapabilities.Corridors = append(shownCapabilities.Corridors, corridorOf(corridor))
	}
	for operation, fields := range c.Needs {
		shownCapabilities.Needs[string(operation)] = wordsOf(fields)
	}
	return shownCapabilities
}

func corridorOf(c sdk.Corridor) Corridor {
	currencies := make([]string, 0, len(c.Currencies))
	for _, currency := range c.Currencies {
		currencies = append(currencies, currency.String())
	}
	return Corridor{
		Kind: string(c.Kind), Countries: wordsOf(c.Countries), Currencies: currencies,
		Methods: wordsOf(c.Methods), Networks: wordsOf(c.Networks),
		Min: bound(c.Min), Max: bound(c.Max), Step: bound(c.Step),
	}
}

func bound(a money.Amount) string {
	if a.IsZero() {
		return ""
	}
	return a.String()
}

// wordsOf copies words, so that an empty list goes out as [] and never as null.
func wordsOf[T ~string](list []T) []string {
	words := make([]string, 0, len(list))
	for _, word := range list {
		words = append(words, string(word))
	}
	return words
}
