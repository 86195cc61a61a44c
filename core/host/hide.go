package host

import (
	"errors"
	"slices"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/sdk"
)

// hide returns words of the process without what nobody may read or keep: the
// secrets of its settings, which a plugin may tell past the server that hides
// them, and the numbers of cards, which any provider may repeat.
func (c *child) hide(words string) string { return core.WithoutCards(c.secrets.Hide(words)) }

// hidden returns an answer of the plugin with its words hidden. Ids, links and
// what was told of money stay as they are, but for secrets in a link.
func hidden[T any](c *child, answer T) T {
	switch one := any(&answer).(type) {
	case *sdk.Result:
		c.hideResult(one)
	case *sdk.VerdictResult:
		c.hideAll(&one.ProviderCode, &one.Message, &one.Alert)
		one.Exchanges = c.exchanges(one.Exchanges)
	case *sdk.ListPage:
		c.hideAll(&one.Alert)
		one.Exchanges = c.exchanges(one.Exchanges)
	case *sdk.Notification:
		c.hideAll(&one.Alert)
		c.hideResult(&one.Result)
	}
	return answer
}

func (c *child) hideAll(words ...*string) {
	for _, one := range words {
		*one = c.hide(*one)
	}
}

func (c *child) hideResult(r *sdk.Result) {
	c.hideAll(&r.ProviderStatus, &r.ProviderCode, &r.Message, &r.PaidWith, &r.Alert)
	r.Exchanges = c.exchanges(r.Exchanges)
	if r.NextAction == nil {
		return
	}
	action := *r.NextAction
	c.hideAll(&action.Message, &action.Instructions)
	action.URL = c.secrets.Hide(action.URL)
	r.NextAction = &action
}

func (c *child) exchanges(list []sdk.Exchange) []sdk.Exchange {
	list = slices.Clone(list)
	for i := range list {
		c.hideAll(&list[i].URL, &list[i].Error, &list[i].RequestBody, &list[i].AnswerBody)
	}
	return list
}

// hiddenError returns what the plugin, or the connection to it, says is wrong.
func (c *child) hiddenError(err error) error {
	if err == nil {
		return nil
	}
	var diagnostics sdk.Diagnostics
	if errors.As(err, &diagnostics) {
		return c.hiddenDiagnostics(diagnostics)
	}
	var fault *sdk.Error
	if errors.As(err, &fault) {
		said := *fault
		c.hideAll(&said.ProviderCode, &said.Message)
		said.Exchanges = c.exchanges(said.Exchanges)
		return &said
	}
	if words := err.Error(); c.hide(words) != words {
		return errors.New(c.hide(words))
	}
	return err
}

func (c *child) hiddenDiagnostics(list sdk.Diagnostics) sdk.Diagnostics {
	list = slices.Clone(list)
	for i := range list {
		c.hideAll(&list[i].Summary, &list[i].Detail)
	}
	return list
}
