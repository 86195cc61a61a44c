package sdk_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/paymux/paymux/sdk"
)

// A number that a card network gives to testers, and values that no time or
// address in a line holds by chance.
const (
	cardNumber = "4111111111111111"
	cardCode   = "code-739"
	password   = "hunter2-9f8e7d"
)

func checkHidden(t *testing.T, where, output string, values ...string) {
	t.Helper()
	for _, value := range values {
		if strings.Contains(output, value) {
			t.Errorf("%s shows what must stay hidden", where)
		}
	}
}

// outputs returns value as everything that makes a log line or an answer would write it.
func outputs(t *testing.T, value any) map[string]string {
	t.Helper()
	got := map[string]string{"Sprint": fmt.Sprint(value), "error": fmt.Errorf("open %v", value).Error()}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%t"} {
		got[verb] = fmt.Sprintf(verb, value)
	}
	if text, ok := value.(fmt.Stringer); ok {
		got["String"] = text.String()
	}
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	got["json"] = string(text)
	for name, handler := range map[string]func(*bytes.Buffer) slog.Handler{
		"slog text": func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
		"slog json": func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
	} {
		var line bytes.Buffer
		slog.New(handler(&line)).Info("opened", "value", value)
		got[name] = line.String()
	}
	return got
}

// account is what plugins write: a struct that keeps what it was opened with.
type account struct {
	Name     string
	key      sdk.Secret
	settings sdk.Settings
}

// exported keeps the same in fields that encoders see.
type exported struct {
	Key      sdk.Secret
	Settings sdk.Settings
	Card     sdk.Card
	Pointer  *sdk.Card
	List     []sdk.Secret
	Map      map[string]sdk.Secret
}

func TestNoOutputShowsASecret(t *testing.T) {
	settings, faults := sdk.Schema{
		{Name: "password", Kind: sdk.FieldString, Secret: true},
		{Name: "keys", Kind: sdk.FieldList, Secret: true},
		{Name: "headers", Kind: sdk.FieldMap, Secret: true},
	}.Parse(map[string]any{
		"password": password, "keys": []any{password}, "headers": map[string]any{"X-Key": password},
	})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	key := settings.Secret("password")
	card := sdk.Card{Number: cardNumber, Holder: "A B", ExpMonth: 1, ExpYear: 2030, CVV: cardCode}
	values := map[string]any{
		"a secret":               key,
		"its pointer":            &key,
		"settings":               settings,
		"their pointer":          &settings,
		"a card":                 card,
		"its pointer ":           &card,
		"a payment with a card":  sdk.PaymentRequest{Card: &card},
		"exported fields":        exported{key, settings, card, &card, []sdk.Secret{key}, map[string]sdk.Secret{"k": key}},
		"unexported fields":      account{"ci", key, settings},
		"a pointer to the same":  &account{"ci", key, settings},
		"a list of the same":     []account{{"ci", key, settings}},
		"a map to the same":      map[string]account{"ci": {"ci", key, settings}},
		"an interface of a list": []any{key, settings, card},
	}
	for name, value := range values {
		t.Run(name, func(t *testing.T) {
			for writer, output := range outputs(t, value) {
				hexadecimal := fmt.Sprintf("%x", password)
				checkHidden(t, writer, output, cardNumber, cardCode, password, hexadecimal, fmt.Sprintf("%x", cardNumber))
			}
		})
	}
}

// The control: the same outputs do show what is not kept as a secret.
func TestTheOutputsShowWhatIsNoSecret(t *testing.T) {
	for writer, output := range outputs(t, struct{ Password string }{password}) {
		if !strings.Contains(output, password) && !strings.Contains(output, fmt.Sprintf("%x", password)) {
			t.Errorf("%s hides an ordinary text, so it proves nothing about secrets: %s", writer, output)
		}
	}
}

func TestASecretIsRevealedToWhoAsks(t *testing.T) {
	if got := sdk.NewSecret(password).Reveal(); got != password {
		t.Error("Reveal returns another value than was given")
	}
	for name, empty := range map[string]sdk.Secret{"zero": {}, "of no text": sdk.NewSecret("")} {
		if !empty.Empty() || empty.Reveal() != "" {
			t.Errorf("a secret %s is not empty", name)
		}
	}
	if sdk.NewSecret(password).Empty() {
		t.Error("a secret with a value is empty")
	}
}
