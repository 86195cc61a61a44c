package serve

import (
	"slices"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/wire"
)

// secrets hides the values of secret settings in what leaves the process for
// people: logs, faults, messages, alerts, diagnostics and exchanges. The zero
// value knows none.
type secrets struct{ known wire.Secrets }

// learn hides the secret values of raw from now on, also those that turn out wrong.
func (s *secrets) learn(schema sdk.Schema, raw map[string]any) { s.known.Learn(schema, raw) }

// hide returns text without any secret.
func (s *secrets) hide(text string) string { return s.known.Hide(text) }

func (s *secrets) exchanges(list []sdk.Exchange) []sdk.Exchange {
	hidden := slices.Clone(list)
	for i := range hidden {
		hidden[i].URL = s.hide(hidden[i].URL)
		hidden[i].Error = s.hide(hidden[i].Error)
		hidden[i].RequestBody = s.hide(hidden[i].RequestBody)
		hidden[i].AnswerBody = s.hide(hidden[i].AnswerBody)
	}
	return hidden
}

func (s *secrets) diagnostics(list sdk.Diagnostics) sdk.Diagnostics {
	hidden := slices.Clone(list)
	for i := range hidden {
		hidden[i].Summary = s.hide(hidden[i].Summary)
		hidden[i].Detail = s.hide(hidden[i].Detail)
	}
	return hidden
}
