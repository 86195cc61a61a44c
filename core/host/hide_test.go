package host

import (
	"fmt"
	"strings"
	"testing"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/wire"
)

// told holds a secret, which ends as JSON would quote it, and a card's number.
const (
	secretOfTold = `key"of"`
	told         = `no: ` + secretOfTold + ` {"name":"key\"of\""} 4111-1111 1111 1111 4111 1111 1111 1111`
)

func TestEveryWordOfAPluginIsHidden(t *testing.T) {
	t.Parallel()
	c := &child{secrets: &wire.Secrets{}}
	schema := sdk.Schema{{Name: "api_key", Kind: sdk.FieldString, Secret: true}}
	c.secrets.Learn(schema, map[string]any{"api_key": secretOfTold})
	exchanges := []sdk.Exchange{{URL: told, Error: told, RequestBody: told, AnswerBody: told}}
	result := sdk.Result{
		ProviderStatus: told, ProviderCode: told, Message: told, PaidWith: told, Alert: told, Exchanges: exchanges,
		NextAction: &sdk.NextAction{Message: told, Instructions: told, URL: "https://provider.example/?" + secretOfTold},
	}
	answers := map[string]any{
		"result":       hidden(c, result),
		"verdict":      hidden(c, sdk.VerdictResult{ProviderCode: told, Message: told, Alert: told, Exchanges: exchanges}),
		"list":         hidden(c, sdk.ListPage{Alert: told, Exchanges: exchanges}),
		"notification": hidden(c, sdk.Notification{Alert: told, Result: result}),
		"action":       *hidden(c, result).NextAction,
		"fault":        c.hiddenError(&sdk.Error{Kind: sdk.KindInvalid, ProviderCode: told, Message: told, Exchanges: exchanges}),
		"error":        c.hiddenError(fmt.Errorf("call: %s", told)),
		"diagnostics":  c.hiddenError(sdk.Diagnostics{{Summary: told, Detail: told}}),
		"line":         c.hide(told),
	}
	for name, answer := range answers {
		text := fmt.Sprintf("%+v", answer)
		if strings.Contains(text, `key"`) || strings.Contains(text, `key\`) || strings.Contains(text, "4111 1111 1111 1111") {
			t.Errorf("%s: %s", name, text)
		}
		if !strings.Contains(text, "[redacted]") {
			t.Errorf("%s: %s hides nothing", name, text)
		}
	}
	if result.NextAction.Message != told || exchanges[0].URL != told {
		t.Error("what the caller holds was changed")
	}
}
