package webhook_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/go-hclog"
	"github.com/oklog/ulid/v2"
	"go.uber.org/goleak"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/webhook"
	"github.com/paymux/paymux/sdk"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const payment = "pay_01JZZZZZZZZZZZZZZZZZZZZZZZ"

// desk is a store and the accounts in memory: the account bank, and another one.
type desk struct {
	down    bool // The plugin is not there.
	size    int  // Of the inbox.
	mine    int  // Of bank in it.
	failing error
	kept    []core.InboxRow
	applied map[string]bool
	woken   int
	read    func(context.Context, sdk.NotificationRequest) (sdk.Notification, error)
}

func (d *desk) Standing(account string) (core.Standing, bool) {
	return core.Standing{Account: account}, account == "bank" || account == "other"
}

func (d *desk) Provider(string) (sdk.FullProvider, bool) { return sdk.Complete(plugin{d}), !d.down }

func (d *desk) TransactionByULID(_ context.Context, u ulid.ULID) (core.Transaction, error) {
	if core.PrefixPayment+u.String() != payment {
		return core.Transaction{}, core.ErrNotFound
	}
	return core.Transaction{ID: payment, Attempts: []core.Attempt{{Number: 1, Account: "bank"}}}, nil
}

func (d *desk) ByProviderRef(ctx context.Context, account, ref string) (core.Transaction, int, error) {
	if account != "bank" || ref != "b-1" {
		return core.Transaction{}, 0, core.ErrNotFound
	}
	u, err := core.ULIDOf(payment)
	if err != nil {
		return core.Transaction{}, 0, err
	}
	tx, err := d.TransactionByULID(ctx, u)
	return tx, 1, err
}

func (d *desk) Apply(_ context.Context, c core.Commit) error {
	if d.failing != nil {
		return d.failing
	}
	d.kept = append(d.kept, c.Inbox...)
	return nil
}

func (d *desk) InboxSize(_ context.Context, account string) (int, error) {
	switch account {
	case "":
		return d.size, d.failing
	case "bank":
		return d.mine, d.failing
	default:
		return 0, d.failing
	}
}

func (d *desk) Deduped(_ context.Context, account, key string) (bool, error) {
	return d.applied[account+"/"+key], nil
}

type plugin struct{ desk *desk }

func (plugin) Capabilities() sdk.Capabilities { return sdk.Capabilities{} }

func (p plugin) HandleNotification(ctx context.Context, req sdk.NotificationRequest) (sdk.Notification, error) {
	return p.desk.read(ctx, req)
}

// newDesk returns a desk whose plugin reads every notification as said.
func newDesk(said sdk.Notification) *desk {
	return &desk{applied: map[string]bool{}, read: func(context.Context, sdk.NotificationRequest) (sdk.Notification, error) {
		return said, nil
	}}
}

func (d *desk) receiver() *webhook.Receiver {
	return webhook.New(webhook.Options{
		Accounts: d, Finder: d, Inbox: d, Logger: hclog.NewNullLogger(), Now: time.Now,
		NewID:     func(prefix string, _ time.Time) string { return prefix + ulid.Make().String() },
		Committed: func() { d.woken++ },
	})
}

func mustRef(t *testing.T, number int) string {
	t.Helper()
	ref, err := core.Ref(payment, number)
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

var body = sdk.NotificationRequest{Method: "POST", Body: []byte(`{"paid":true}`), PeerIP: "192.0.2.1"}

func TestWhatANotificationIsAbout(t *testing.T) {
	type about struct {
		Transaction string
		Attempt     int
	}
	tests := map[string]struct {
		account string
		said    sdk.Notification
		want    about
	}{
		"our reference":                {"bank", sdk.Notification{Ref: mustRef(t, 1)}, about{payment, 1}},
		"the provider's reference":     {"bank", sdk.Notification{ProviderRef: "b-1"}, about{payment, 1}},
		"our reference counts first":   {"bank", sdk.Notification{Ref: mustRef(t, 1), ProviderRef: "b-2"}, about{payment, 1}},
		"an attempt that is not there": {"bank", sdk.Notification{Ref: mustRef(t, 2)}, about{}},
		"an attempt of another one":    {"other", sdk.Notification{Ref: mustRef(t, 1)}, about{}},
		"a reference of nobody":        {"bank", sdk.Notification{Ref: "0" + mustRef(t, 1)[1:]}, about{}},
		"a reference that is none":     {"bank", sdk.Notification{Ref: "order 7"}, about{}},
		"a provider's of nobody":       {"bank", sdk.Notification{ProviderRef: "b-2"}, about{}},
		"another account's own":        {"other", sdk.Notification{ProviderRef: "b-1"}, about{}},
		"nothing at all":               {"bank", sdk.Notification{}, about{}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			test.said.Authenticity = sdk.Genuine
			d := newDesk(test.said)
			if _, err := d.receiver().Receive(t.Context(), test.account, body); err != nil {
				t.Fatal(err)
			}
			if len(d.kept) != 1 || d.woken != 1 {
				t.Fatalf("%d are kept, the engine was woken %d times", len(d.kept), d.woken)
			}
			if diff := cmp.Diff(test.want, about{d.kept[0].Transaction, d.kept[0].Attempt}); diff != "" {
				t.Errorf("about (-want +got):\n%s", diff)
			}
		})
	}
}

func TestHowFarANotificationIsTrusted(t *testing.T) {
	tests := map[string]struct {
		said   sdk.Notification
		status int
		kept   int
		forged uint64
	}{
		"genuine":                           {sdk.Notification{Authenticity: sdk.Genuine}, 0, 1, 0},
		"genuine, with an answer":           {sdk.Notification{Authenticity: sdk.Genuine, Status: 202}, 202, 1, 0},
		"a hint":                            {sdk.Notification{Authenticity: sdk.Hint}, 0, 1, 0},
		"unverified":                        {sdk.Notification{}, 0, 1, 0},
		"of a later version":                {sdk.Notification{Authenticity: sdk.Authenticity(99)}, 0, 1, 0},
		"a ping":                            {sdk.Notification{Authenticity: sdk.Ping}, 0, 0, 0},
		"forged":                            {sdk.Notification{Authenticity: sdk.Forged, Status: 403}, 403, 0, 1},
		"forged, and the plugin says fine":  {sdk.Notification{Authenticity: sdk.Forged, Status: 200}, 401, 0, 1},
		"forged, and the plugin is silent":  {sdk.Notification{Authenticity: sdk.Forged}, 401, 0, 1},
		"forged, and the plugin says moved": {sdk.Notification{Authenticity: sdk.Forged, Status: 302}, 401, 0, 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			d := newDesk(test.said)
			r := d.receiver()
			reply, err := r.Receive(t.Context(), "bank", body)
			if err != nil || reply.Status != test.status {
				t.Errorf("answered %d, %v, want %d", reply.Status, err, test.status)
			}
			if len(d.kept) != test.kept || r.Forged() != test.forged {
				t.Errorf("%d kept, %d counted as forged, want %d and %d", len(d.kept), r.Forged(), test.kept, test.forged)
			}
		})
	}
}

func TestWhatWasAppliedIsNotKeptAgain(t *testing.T) {
	d := newDesk(sdk.Notification{Authenticity: sdk.Genuine, DedupeKey: "n-1"})
	d.applied["bank/n-1"] = true
	for account, want := range map[string]int{"bank": 0, "other": 1} {
		d.kept = nil
		if _, err := d.receiver().Receive(t.Context(), account, body); err != nil || len(d.kept) != want {
			t.Errorf("%s: %d are kept, %v, want %d", account, len(d.kept), err, want)
		}
	}
}

func TestWithoutANameANotificationIsKnownByWhatItSays(t *testing.T) {
	other := body
	other.Body = []byte(`{"paid":false}`)
	asked := body
	asked.Query = "try=2"
	keys := map[string]bool{}
	for _, req := range []sdk.NotificationRequest{body, body, other, asked} {
		d := newDesk(sdk.Notification{Authenticity: sdk.Genuine})
		if _, err := d.receiver().Receive(t.Context(), "bank", req); err != nil {
			t.Fatal(err)
		}
		keys[d.kept[0].DedupeKey] = true
	}
	if len(keys) != 3 {
		t.Errorf("3 different notifications and a repeat have %d keys", len(keys))
	}
}

func TestWhatCannotBeReadIsKeptUnread(t *testing.T) {
	genuine := sdk.Notification{Authenticity: sdk.Genuine, Ref: mustRef(t, 1)}
	tests := map[string]func(*desk){
		"the plugin is down": func(d *desk) { d.down = true },
		"the plugin fails": func(d *desk) {
			d.read = func(context.Context, sdk.NotificationRequest) (sdk.Notification, error) {
				return sdk.Notification{}, errors.New("broken")
			}
		},
		"the plugin is late": func(d *desk) {
			d.read = func(ctx context.Context, _ sdk.NotificationRequest) (sdk.Notification, error) {
				<-ctx.Done()
				return sdk.Notification{}, ctx.Err()
			}
		},
	}
	for name, breakIt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDesk(genuine)
				whole := d.read
				breakIt(d)
				began := time.Now()
				reply, err := d.receiver().Receive(t.Context(), "bank", body)
				if err != nil || reply.Status != 0 || time.Since(began) > 2*time.Second {
					t.Fatalf("answered %d, %v after %v, want 200 within 2 s", reply.Status, err, time.Since(began))
				}
				row := d.kept[0]
				if row.Read != nil || row.Request == nil {
					t.Fatalf("kept %+v, want it unread and whole", row)
				}
				d.down, d.read = false, whole
				read, err := d.receiver().Read(t.Context(), row)
				if err != nil || read.Transaction != payment || read.Request != nil {
					t.Errorf("read later it is about %q, its body kept %v, %v", read.Transaction, read.Request != nil, err)
				}
			})
		})
	}
}

func TestWhatCannotBeKeptIsNotAccepted(t *testing.T) {
	tests := map[string]func(*desk){
		"the inbox is full":         func(d *desk) { d.size = 100_000 },
		"full, and the plugin down": func(d *desk) { d.size, d.down = 100_000, true },
		"the disk is full":          func(d *desk) { d.failing = core.ErrReadOnly },
	}
	for name, breakIt := range tests {
		t.Run(name, func(t *testing.T) {
			d := newDesk(sdk.Notification{Authenticity: sdk.Genuine})
			breakIt(d)
			_, err := d.receiver().Receive(t.Context(), "bank", body)
			var problem *core.Problem
			if !errors.As(err, &problem) || !errors.Is(err, core.ErrStoreUnavailable) || problem.RetryAfter == 0 {
				t.Errorf("answered with %v, want store_unavailable and when to try again", err)
			}
		})
	}
	t.Run("one below the limit there is room", func(t *testing.T) {
		d := newDesk(sdk.Notification{Authenticity: sdk.Genuine})
		d.size = 99_999
		if _, err := d.receiver().Receive(t.Context(), "bank", body); err != nil {
			t.Error(err)
		}
	})
}

func TestAFloodAtOneAddressClosesNoOther(t *testing.T) {
	d := newDesk(sdk.Notification{Authenticity: sdk.Genuine})
	r := d.receiver()
	for d.size, d.mine = 19_999, 19_999; d.mine < 20_001; d.size, d.mine = d.size+1, d.mine+1 {
		_, err := r.Receive(t.Context(), "bank", body)
		if full := d.mine >= 20_000; full != errors.Is(err, core.ErrStoreUnavailable) {
			t.Errorf("with %d of its own it is answered with %v", d.mine, err)
		}
	}
	if _, err := r.Receive(t.Context(), "other", body); err != nil {
		t.Errorf("the other account: %v", err)
	}
}

func TestAnAccountWithoutNotificationsKeepsNone(t *testing.T) {
	d := newDesk(sdk.Notification{})
	d.read = func(context.Context, sdk.NotificationRequest) (sdk.Notification, error) {
		return sdk.Notification{}, sdk.Errorf(sdk.KindNotSupported, "no such operation")
	}
	reply, err := d.receiver().Receive(t.Context(), "bank", body)
	if err != nil || reply.Status != 404 || len(d.kept) != 0 {
		t.Errorf("answered %d, %v, and %d are kept, want 404 and none", reply.Status, err, len(d.kept))
	}
}

func TestAnAccountThatDoesNotExistHearsNothing(t *testing.T) {
	d := newDesk(sdk.Notification{Authenticity: sdk.Genuine})
	if _, err := d.receiver().Receive(t.Context(), "nobody", body); !errors.Is(err, core.ErrNotFound) || len(d.kept) > 0 {
		t.Errorf("answered with %v, %d are kept", err, len(d.kept))
	}
}
