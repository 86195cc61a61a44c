package wire_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"pgregory.net/rapid"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/wire"
)

func TestACallCarriesItsIDsAndItsSendBy(t *testing.T) {
	s := &script{}
	account := dial(t, s).Account("cinetpay-ci", "hash")
	attempt := sdk.Attempt{TransactionID: "pay_01J0000000000000000000000A", Ref: "0abcdefghijklmnopqrstuvw1"}
	sendBy := time.Date(2026, 3, 1, 12, 0, 5, 0, time.UTC)
	if _, err := account.CreatePayment(t.Context(), sdk.PaymentRequest{Attempt: attempt, SendBy: sendBy}); err != nil {
		t.Fatalf("call: %v", err)
	}
	want := wire.Call{Transaction: attempt.TransactionID, Attempt: attempt.Ref}
	if got := wire.CallOf(s.ctx); got != want {
		t.Errorf("ids = %v, want %v", got, want)
	}
	if got, ok := sdk.SendBy(s.ctx); !ok || !got.Equal(sendBy) {
		t.Errorf("SendBy = %v, %v, want %v", got, ok, sendBy)
	}
	if _, err := account.QueryStatus(t.Context(), attempt); err != nil {
		t.Fatalf("call: %v", err)
	}
	if got, ok := sdk.SendBy(s.ctx); ok {
		t.Errorf("a query has SendBy %v, want none", got)
	}
}

func TestOnlyACallThatWantsBodiesAsksForThem(t *testing.T) {
	s := &script{}
	account := dial(t, s).Account("cinetpay-ci", "hash")
	calls := map[string]func(context.Context) error{
		"payment": func(ctx context.Context) error {
			_, err := account.CreatePayment(ctx, sdk.PaymentRequest{})
			return err
		},
		"list": func(ctx context.Context) error {
			_, err := account.ListTransactions(ctx, sdk.ListRequest{})
			return err
		},
		"balance": func(ctx context.Context) error { _, err := account.GetBalance(ctx); return err },
	}
	for words, call := range calls {
		for _, want := range []bool{false, true, false} {
			ctx := t.Context()
			if want {
				ctx = sdk.WithBodies(ctx, strings.Clone)
			}
			if err := call(ctx); err != nil {
				t.Fatalf("%s: %v", words, err)
			}
			if got := wire.BodiesWanted(s.ctx); got != want {
				t.Errorf("%s: bodies wanted is %t there, want %t", words, got, want)
			}
		}
	}
}

func TestAnIDThatIsNoMetadataDoesNotStopTheCall(t *testing.T) {
	account := dial(t, &script{}).Account("cinetpay-ci", "hash")
	attempt := sdk.Attempt{TransactionID: "pay_é\n", Ref: "ref"}
	if _, err := account.QueryStatus(t.Context(), attempt); err != nil {
		t.Errorf("call: %v", err)
	}
}

func TestTextThatIsNotUTF8DoesNotLoseTheAnswer(t *testing.T) {
	const latin1 = "Op\xe9ration r\xe9ussie"
	s := &script{result: sdk.Result{
		Outcome:        sdk.OutcomeSucceeded,
		ProviderStatus: latin1,
		Told:           sdk.Told{Amount: "5000", Type: latin1},
		Exchanges:      []sdk.Exchange{{Error: latin1}},
	}}
	client := dial(t, s)
	const repaired = "Op\uFFFDration r\uFFFDussie"
	got, err := client.Account("a", "h").QueryStatus(t.Context(), sdk.Attempt{})
	if err != nil {
		t.Fatalf("call: %v", err)
	}
	want := sdk.Result{
		Outcome:        sdk.OutcomeSucceeded,
		ProviderStatus: repaired,
		Told:           sdk.Told{Amount: "5000", Type: repaired},
		Exchanges:      []sdk.Exchange{{Error: repaired}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
	s.manifest = sdk.Manifest{
		Settings:     sdk.Schema{{Enum: []string{latin1}}},
		Capabilities: sdk.Capabilities{Needs: map[sdk.Operation][]string{"payment": {latin1}}},
	}
	manifest, err := client.Describe(t.Context())
	if err != nil {
		t.Fatalf("describe: %v", err)
	}
	if got := manifest.Settings[0].Enum[0] + manifest.Capabilities.Needs["payment"][0]; got != repaired+repaired {
		t.Errorf("manifest has %q", got)
	}
}

func TestProviderDataIsReplacedOnlyWhereThereIsSome(t *testing.T) {
	s := &script{}
	account := dial(t, s).Account("a", "h")
	for name, data := range map[string][]byte{"absent": nil, "empty": {}, "some": {1}} {
		s.result.ProviderData = data
		got, err := account.QueryStatus(t.Context(), sdk.Attempt{})
		if err != nil {
			t.Fatalf("call: %v", err)
		}
		if diff := cmp.Diff(data, got.ProviderData); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestAMessageThatIsTooLargeIsUnknown(t *testing.T) {
	// 4 MiB with their frame do not fit, a little less does.
	for size, fits := range map[int]bool{wire.MessageBytesMax - 64: true, wire.MessageBytesMax: false} {
		s := &script{}
		conn, _ := connect(t, func(server *grpc.Server) { register(t, server, s) })
		account := wire.NewClient(t.Context(), conn).Account("a", "h")
		s.result.ProviderData = make([]byte, size)
		_, answerErr := account.QueryStatus(t.Context(), sdk.Attempt{})
		s.result.ProviderData = nil
		_, requestErr := account.QueryStatus(t.Context(), sdk.Attempt{ProviderData: make([]byte, size)})
		for what, err := range map[string]error{"answer": answerErr, "request": requestErr} {
			if (err == nil) != fits {
				t.Errorf("%s of %d bytes: %v", what, size, err)
			}
			if err != nil && sdk.CreateOutcome(err) != sdk.OutcomeUnknown {
				t.Errorf("%s of %d bytes counts as %s, want UNKNOWN", what, size, sdk.CreateOutcome(err))
			}
		}
	}
}

func TestAnAccountThatWasNotConfiguredCanDoNothing(t *testing.T) {
	s := &script{capabilities: sdk.Capabilities{Operations: []sdk.Operation{sdk.OperationPayment}}}
	client := dial(t, s)
	settings := parsed(t, map[string]any{"site_id": "1"})
	hash := wire.SettingsHash(settings)
	account := client.Account("a", hash)
	can := func() bool { return sdk.CapabilitiesOf(account).Can(sdk.OperationPayment) }
	if can() {
		t.Error("before Configure: it can take payments")
	}
	if _, err := client.Configure(t.Context(), "a", settings); err != nil || !can() {
		t.Errorf("after Configure (%v): it can take no payments", err)
	}
	if err := client.Remove(t.Context(), "a", hash); err != nil || can() {
		t.Errorf("after Remove (%v): it can take payments", err)
	}
}

func TestSettingsHash(t *testing.T) {
	hash := func(raw map[string]any) string { return wire.SettingsHash(parsed(t, raw)) }
	t.Run("is the same in every version", func(t *testing.T) {
		got := hash(map[string]any{"site_id": "123456", "live": true, "retries": 3, "countries": []string{"CI", "SN"}})
		// sha256sum of {"countries":["CI","SN"],"live":true,"retries":3,"site_id":"123456"}
		const want = "d8ac9e693a0e223bdb68ddf1f38d24c48d656badd60780f49b17de3f8a8834d0"
		if got != want {
			t.Errorf("hash = %s, want %s", got, want)
		}
	})
	t.Run("does not show a secret", func(t *testing.T) {
		if got := hash(map[string]any{"api_key": "abcdef"}); strings.Contains(got, "abcdef") || len(got) != 64 {
			t.Errorf("hash = %s", got)
		}
	})
	different := map[string]map[string]any{
		"nothing":           {},
		"text":              {"site_id": "1"},
		"other text":        {"site_id": "2"},
		"other name":        {"api_key": "1"},
		"number":            {"retries": 1},
		"truth":             {"live": true},
		"list":              {"countries": []string{"CI", "SN"}},
		"list of one":       {"countries": []string{"CI SN"}},
		"map":               {"operators": map[string]string{"CI": "OM"}},
		"map the other way": {"operators": map[string]string{"OM": "CI"}},
	}
	seen := map[string]string{}
	for name, raw := range different {
		if other, taken := seen[hash(raw)]; taken {
			t.Errorf("%s and %s have one hash", name, other)
		}
		seen[hash(raw)] = name
	}
	t.Run("survives the wire", func(t *testing.T) {
		s := &script{}
		client := dial(t, s)
		rapid.Check(t, func(t *rapid.T) {
			settings := parsed(t, rawSettings().Draw(t, "settings"))
			if _, err := client.ValidateSettings(t.Context(), settings); err != nil {
				t.Fatalf("validate: %v", err)
			}
			if got, want := wire.SettingsHash(parsed(t, s.raw)), wire.SettingsHash(settings); got != want {
				t.Fatalf("hash on the other side = %s, want %s", got, want)
			}
		})
	})
}

func TestDoneIsClosedWithTheProcess(t *testing.T) {
	conn, _ := connect(t, func(*grpc.Server) {})
	ctx, end := context.WithCancel(t.Context())
	client := wire.NewClient(ctx, conn)
	select {
	case <-client.Done():
		t.Fatal("done before the process ended")
	default:
	}
	end()
	<-client.Done()
}

func TestReattach(t *testing.T) {
	t.Run("reads what it writes", func(t *testing.T) {
		written := `{"cenoa":{"Protocol":"grpc","ProtocolVersion":1,"Pid":42,"Test":true,"Addr":{"Network":"unix","String":"/tmp/plugin1"}}}`
		parsed, err := wire.ParseReattach(written)
		if err != nil {
			t.Fatalf("parse: %v", err)
		}
		config := parsed["cenoa"]
		if config.ProtocolVersion != 1 || config.Protocol != plugin.ProtocolGRPC || !config.Test {
			t.Errorf("config = %+v", config)
		}
		again, err := wire.FormatReattach("cenoa", config)
		if err != nil || again != written {
			t.Errorf("written again as %s, %v", again, err)
		}
	})
	for name, text := range map[string]string{
		"no JSON":                 "cenoa",
		"an unknown network":      `{"cenoa":{"Addr":{"Network":"carrier pigeon"}}}`,
		"an address that is none": `{"cenoa":{"Addr":{"Network":"tcp","String":"here"}}}`,
	} {
		t.Run("refuses "+name, func(t *testing.T) {
			if _, err := wire.ParseReattach(text); err == nil {
				t.Error("no error")
			}
		})
	}
}

func TestTheEnginesSetsCannotBeServed(t *testing.T) {
	set := wire.ClientSets()[wire.ProtocolVersion]
	if err := set[wire.PluginName].(plugin.GRPCPlugin).GRPCServer(nil, grpc.NewServer()); err == nil {
		t.Error("no error")
	}
}

func BenchmarkCall(b *testing.B) {
	s := &script{result: sdk.Result{Outcome: sdk.OutcomePending, ProviderRef: "MP240301.1200.A00001", ProviderStatus: "WAITING"}}
	attempt := sdk.Attempt{TransactionID: "pay_01J0000000000000000000000A", Ref: "0abcdefghijklmnopqrstuvw1"}
	query := func(b *testing.B, account sdk.FullProvider) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := account.QueryStatus(b.Context(), attempt); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.Run("in memory", func(b *testing.B) {
		conn, _ := connect(b, func(server *grpc.Server) { register(b, server, s) })
		query(b, wire.NewClient(b.Context(), conn).Account("a", "h"))
	})
	b.Run("over a unix socket", func(b *testing.B) { query(b, dial(b, s).Account("a", "h")) })
}
