package host_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/host"
	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/money"
)

const (
	frozenFolder = "testdata/v1plugin"
	// frozenSum is of every file of the folder. It never changes: a plugin that
	// somebody built once is not built again because the engine was.
	frozenSum = "b394f18b4daee25e93a0a0b1334a76385420b8837b54974939d05cad3c063dbb"

	frozenKey = "frozen-secret-key"
	frozenRef = "0abcdefghijklmnopqrstuvw1"
)

var frozenInstant = time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)

func TestThePluginOfVersionOneIsAsItWas(t *testing.T) {
	t.Parallel()
	sum := sha256.New()
	err := filepath.WalkDir(frozenFolder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		fmt.Fprintf(sum, "%s %d\n%s", filepath.ToSlash(path), len(text), text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != frozenSum {
		t.Errorf("%s has the sum %s, want %s: nothing in it may change; what is new comes beside it", frozenFolder, got, frozenSum)
	}
}

// buildFrozen returns the plugin of version 1 under a name.
func buildFrozen(t *testing.T, name string) host.Plugin {
	t.Helper()
	path := filepath.Join(socketDir(t), name)
	build := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-buildvcs=false", "-o", path, "./"+frozenFolder)
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", build.Args, err, output)
	}
	sum, err := host.Checksum(path)
	check(t, err)
	return host.Plugin{Path: path, SHA256: sum}
}

// frozenAccount is an account of the plugin with a site.
func frozenAccount(site string) host.Account {
	return host.Account{Plugin: "v1plugin", Settings: func(_ context.Context, schema sdk.Schema) (sdk.Settings, error) {
		settings, faults := schema.Parse(map[string]any{"site": site, "key": frozenKey})
		if faults.Failed() {
			return sdk.Settings{}, faults
		}
		return settings, nil
	}}
}

func frozenOptions(t *testing.T) host.Options {
	t.Helper()
	o := options(t)
	o.Plugins = map[string]host.Plugin{"v1plugin": buildFrozen(t, "v1plugin")}
	o.Accounts = map[string]host.Account{"a": frozenAccount("445160"), "wrong": frozenAccount("unknown")}
	return o
}

func xof(minor int64) money.Amount { return money.Of(minor, money.XOF) }

// A plugin that was built against the first version of the protocol works for ever.
func TestAFrozenPluginOfVersionOneWorks(t *testing.T) {
	t.Parallel()
	h := mustStart(t, frozenOptions(t))
	parts := map[string]func(*testing.T, house){
		"it describes itself":            frozenDescribes,
		"its settings are validated":     frozenValidates,
		"a payment":                      frozenPays,
		"a decline":                      frozenDeclines,
		"a fault":                        frozenFaults,
		"an error of nobody's":           frozenTrouble,
		"a notification and a question":  frozenNotifies,
		"a cancel":                       frozenCancels,
		"a list":                         frozenLists,
		"a balance":                      frozenTellsBalance,
		"an operation that it never had": frozenLacks,
		"a restart by an operator":       frozenRestarts,
	}
	done := 0
	for _, words := range slices.Sorted(maps.Keys(parts)) {
		if t.Run(words, func(t *testing.T) { parts[words](t, h) }) {
			done++
		}
	}
	check(t, h.Close(t.Context()))
	if said := h.log.String(); !strings.Contains(said, "shut down") || !strings.Contains(said, "transaction=[pay_1]") || strings.Contains(said, frozenKey) {
		t.Errorf("its log lacks its words or the ids, or tells its key:\n%s", said)
	}
	refused := 0
	for name, say := range map[string]string{
		"toonew": "it is too new: it speaks protocol 2, this engine 1: update the engine, or use an older version of the plugin",
		"tooold": "it is too old: it speaks protocol 0, this engine 1: build it with a current sdk, or use a newer version of the plugin",
	} {
		if frozenRefused(t, name, say) {
			refused++
		}
	}
	t.Logf("chaos 38: a plugin frozen at protocol 1 under the host of today: %d of %d parts of the contract hold; control, the same binary speaking protocol 2 or 0: %d of 2 refused in words",
		done, len(parts), refused)
}

func frozenDescribes(t *testing.T, h house) {
	got, ok := h.Manifest("v1plugin")
	if !ok {
		t.Fatal("there is no manifest")
	}
	want := sdk.Manifest{
		Name: "v1plugin", Version: "1.0.0", Doc: "A provider that keeps its books in memory.",
		Settings: sdk.Schema{
			{Name: "site", Kind: sdk.FieldString, Required: true, Doc: "The site's number."},
			{Name: "key", Kind: sdk.FieldString, Required: true, Secret: true, Doc: "The key."},
			{Name: "wait", Kind: sdk.FieldDuration, Default: "20s", Doc: "How long a call may take."},
		},
		Facts: map[sdk.Kind]sdk.Facts{sdk.KindPayment: {
			Idempotency: sdk.IdempotencyKey, KeyTTL: 24 * time.Hour, KeyScope: "site", QueryBy: sdk.QueryByOurRef,
			DeclinedIsFinal: true, LateSuccess: 72 * time.Hour, TellsCurrency: true, PushWebhooks: true,
			Poll: []time.Duration{5 * time.Second, time.Minute},
		}},
		Capabilities: frozenCapabilities(""),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("manifest (-want +got):\n%s", diff)
	}
	standing := h.standing(t, "a")
	if standing.Health != core.HealthReady || standing.Protocol != 1 {
		t.Errorf("it is %s with protocol %d: %s", standing.Health, standing.Protocol, standing.Detail)
	}
	if diff := cmp.Diff(frozenCapabilities("445160"), standing.Capabilities); diff != "" {
		t.Errorf("capabilities (-want +got):\n%s", diff)
	}
}

func frozenCapabilities(identity string) sdk.Capabilities {
	return sdk.Capabilities{
		Operations: []sdk.Operation{
			sdk.OperationPayment, sdk.OperationCancel, sdk.OperationQuery, sdk.OperationList, sdk.OperationNotification, sdk.OperationBalance,
		},
		Corridors: []sdk.Corridor{{
			Kind: sdk.KindPayment, Countries: []string{"CI"}, Currencies: []money.Currency{money.XOF},
			Methods: []string{"mobile_money"}, Networks: []string{"ORANGE"}, Min: xof(100), Max: xof(1_500_000), Step: xof(5),
		}},
		Needs: map[sdk.Operation][]string{sdk.OperationPayment: {"customer.phone"}}, Identity: identity,
	}
}

func frozenValidates(t *testing.T, h house) {
	detail := h.standing(t, "wrong").Detail
	if !strings.Contains(detail, "no such site") || !strings.Contains(detail, "look it up in the portal") {
		t.Errorf("the standing says %q", detail)
	}
}

// frozenPayment is a payment with a description.
func frozenPayment(description string) sdk.PaymentRequest {
	return sdk.PaymentRequest{
		Attempt:     sdk.Attempt{TransactionID: "pay_1", Kind: sdk.KindPayment, Ref: frozenRef, Amount: xof(5000)},
		Description: description, Country: "CI", Customer: sdk.Customer{Phone: "+2250707123456"},
	}
}

func frozenExchanges() []sdk.Exchange {
	return []sdk.Exchange{{
		Method: "POST", URL: "https://v1.example/pay", StartedAt: frozenInstant, Duration: 120 * time.Millisecond, HTTPStatus: 201, GotConn: true,
	}}
}

func frozenPays(t *testing.T, h house) {
	got, err := h.provider(t, "a").CreatePayment(t.Context(), frozenPayment("shoes"))
	check(t, err)
	want := sdk.Result{
		Outcome: sdk.OutcomeRequiresAction, ProviderRef: "v1-" + frozenRef, ProviderStatus: "CREATED", ProviderCode: "201",
		Told: sdk.Told{Amount: "5000", Currency: "XOF", Reference: frozenRef, Type: "payment"}, PaidWith: "OM",
		NextAction:   &sdk.NextAction{Type: sdk.ActionRedirect, URL: "https://v1.example/" + frozenRef, Until: frozenInstant},
		ProviderData: []byte("kept"), Alert: "look at this", Exchanges: frozenExchanges(),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("payment (-want +got):\n%s", diff)
	}
}

func frozenDeclines(t *testing.T, h house) {
	got, err := h.provider(t, "a").CreatePayment(t.Context(), frozenPayment("decline"))
	check(t, err)
	want := sdk.Result{
		Outcome: sdk.OutcomeDeclined, Reason: sdk.ReasonInsufficientFunds, ProviderStatus: "REFUSED", ProviderCode: "51",
		Message: "the key is [redacted]", Exchanges: frozenExchanges(),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("decline (-want +got):\n%s", diff)
	}
}

func frozenFaults(t *testing.T, h house) {
	_, err := h.provider(t, "a").CreatePayment(t.Context(), frozenPayment("fault"))
	var got *sdk.Error
	if !errors.As(err, &got) || !errors.Is(err, sdk.ErrRateLimited) {
		t.Fatalf("error is %v", err)
	}
	want := sdk.Error{
		Kind: sdk.KindRateLimited, ProviderCode: "429-A", Message: "slow down", RetryAfter: 7 * time.Second,
		Sent: sdk.NotSent, Exchanges: frozenExchanges(),
	}
	said := *got
	said.Err = nil
	if diff := cmp.Diff(want, said); diff != "" {
		t.Errorf("fault (-want +got):\n%s", diff)
	}
}

// A status without a Fault proves nothing.
func frozenTrouble(t *testing.T, h house) {
	_, err := h.provider(t, "a").CreatePayment(t.Context(), frozenPayment("trouble"))
	wantOutcome(t, err, sdk.OutcomeUnknown)
}

func frozenNotifies(t *testing.T, h house) {
	provider := h.provider(t, "a")
	attempt := sdk.Attempt{Ref: frozenRef, ProviderRef: "v1-" + frozenRef, ProviderData: []byte("kept"), Amount: xof(5000)}
	ask := func(want sdk.Outcome, word string) {
		t.Helper()
		got, err := provider.QueryStatus(t.Context(), attempt)
		check(t, err)
		whole := sdk.Result{
			Outcome: want, ProviderRef: attempt.ProviderRef, ProviderStatus: word,
			Told: sdk.Told{Amount: "5000", Currency: "XOF"}, ProviderData: []byte("kept"),
		}
		if diff := cmp.Diff(whole, got); diff != "" {
			t.Errorf("question (-want +got):\n%s", diff)
		}
	}
	told := sdk.NotificationRequest{
		Method: "POST", Header: http.Header{"X-Key": {"forged"}}, Body: []byte("id=n-1&ref=" + frozenRef), PeerIP: "192.0.2.1", ReceivedAt: frozenInstant,
	}
	forged, err := provider.HandleNotification(t.Context(), told)
	check(t, err)
	if diff := cmp.Diff(sdk.Notification{Authenticity: sdk.Forged, Status: 401, Body: []byte("no")}, forged); diff != "" {
		t.Errorf("forged (-want +got):\n%s", diff)
	}
	ask(sdk.OutcomePending, "CREATED")
	told.Header.Set("X-Key", frozenKey)
	genuine, err := provider.HandleNotification(t.Context(), told)
	check(t, err)
	want := sdk.Notification{
		Authenticity: sdk.Genuine, Ref: frozenRef, DedupeKey: "n-1", Confirm: true,
		Result: sdk.Result{Outcome: sdk.OutcomeSucceeded, ProviderStatus: "PAID"},
		Status: 202, ContentType: "text/plain", Body: []byte("thanks"),
	}
	if diff := cmp.Diff(want, genuine); diff != "" {
		t.Errorf("genuine (-want +got):\n%s", diff)
	}
	ask(sdk.OutcomeSucceeded, "PAID")
}

func frozenCancels(t *testing.T, h house) {
	got, err := h.provider(t, "a").Cancel(t.Context(), sdk.Attempt{Ref: frozenRef})
	check(t, err)
	want := sdk.VerdictResult{Verdict: sdk.VerdictRefused, Reason: sdk.ReasonDeclined, ProviderCode: "TOO_LATE", Message: "it is paid already"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("cancel (-want +got):\n%s", diff)
	}
}

func frozenLists(t *testing.T, h house) {
	got, err := h.provider(t, "a").ListTransactions(t.Context(), sdk.ListRequest{From: frozenInstant, To: frozenInstant, Cursor: "c-1"})
	check(t, err)
	want := sdk.ListPage{
		Items: []sdk.ListItem{{
			ID: "item-1", Ref: frozenRef, Customer: "c-7", Kind: sdk.KindPayment, Outcome: sdk.OutcomeSucceeded,
			Told: sdk.Told{Amount: "5000", Currency: "XOF"}, Status: "PAID", CreatedAt: frozenInstant, Claimed: sdk.OutcomeSucceeded,
		}},
		Next: "after c-1", Cut: true,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("list (-want +got):\n%s", diff)
	}
}

func frozenTellsBalance(t *testing.T, h house) {
	got, err := h.provider(t, "a").GetBalance(t.Context())
	check(t, err)
	if diff := cmp.Diff([]sdk.Balance{{Available: xof(12_345), Pending: xof(55)}}, got); diff != "" {
		t.Errorf("balance (-want +got):\n%s", diff)
	}
}

func frozenLacks(t *testing.T, h house) {
	_, err := h.provider(t, "a").CreatePayout(t.Context(), sdk.PayoutRequest{Attempt: sdk.Attempt{Ref: frozenRef, Amount: xof(5000)}})
	if !errors.Is(err, sdk.ErrNotSupported) {
		t.Errorf("a payout: %v, want not supported", err)
	}
}

func frozenRestarts(t *testing.T, h house) {
	before := h.standing(t, "a").Generation
	check(t, h.Restart("a"))
	if got := h.standing(t, "a"); got.Generation <= before || got.Health != core.HealthReady {
		t.Errorf("generation %d became %d, %s", before, got.Generation, got.Health)
	}
}

// frozenRefused reports whether the plugin under a name is refused with what to do.
func frozenRefused(t *testing.T, name, say string) bool {
	t.Helper()
	o := host.Resting(options(t))
	o.Plugins = map[string]host.Plugin{name: buildFrozen(t, name)}
	o.Accounts = map[string]host.Account{"a": {Plugin: name}}
	h := mustStart(t, o)
	detail := h.standing(t, "a").Detail
	if !strings.Contains(detail, say) {
		t.Errorf("%s: the standing says %q, want %q", name, detail, say)
	}
	return strings.Contains(detail, say)
}
