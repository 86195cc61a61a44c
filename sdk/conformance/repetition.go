package conformance

import (
	"context"
	"fmt"
	"reflect"
	"slices"

	"github.com/paymux/paymux/sdk"
)

func repetitionIsHarmless() clause {
	return clause{
		name:    "repeated notifications are harmless",
		demands: "A notification that comes again, later or in another order is read as before, to the dedupe key, without a call to the provider; what says something else has another key; the attempt stays as it was.",
		mend:    "Read a notification as a pure function of its bytes, name what it announces in DedupeKey (such as id and status), and leave every question to the engine.",
		check:   checkRepetition,
	}
}

func checkRepetition(ctx context.Context, b *bench) (string, error) {
	if !b.can.Can(sdk.OperationNotification) {
		return "", moot("the account reads no notifications")
	}
	return b.each(func(kind sdk.Kind) (string, error) {
		o, before, err := b.settled(ctx, kind, b.usual(kind))
		if err != nil {
			return "", err
		}
		if b.notices(ctx, b.facts(kind).PushWebhooks, 0) == 0 {
			return "", moot("no notification comes")
		}
		notices := b.post.all()
		if err := b.replayed(ctx, notices); err != nil {
			return "", err
		}
		if after := b.ask(ctx, o); after.asked() != before.asked() {
			return "", broken("before it was %s, after the repetitions it is %s", before, after)
		}
		return fmt.Sprintf("%s read three times, backwards too", plural(len(notices), "notification")), nil
	})
}

// replayed reads what came again, backwards and forwards.
func (b *bench) replayed(ctx context.Context, notices []notice) error {
	mark := b.proxy.mark()
	backwards := slices.Clone(notices)
	slices.Reverse(backwards)
	for _, n := range slices.Concat(backwards, notices) {
		got, err := b.post.read(ctx, n.req)
		if err != nil {
			return broken("the repetition is a fault: %v", err)
		}
		if got.DedupeKey != n.got.DedupeKey {
			return broken("the dedupe key was %q, and of the same bytes it is %q", n.got.DedupeKey, got.DedupeKey)
		}
		if !reflect.DeepEqual(got, n.got) {
			return broken("the same bytes are read as %s %s, and before as %s %s",
				got.Authenticity, got.Result.Outcome, n.got.Authenticity, n.got.Result.Outcome)
		}
	}
	if asked := b.proxy.since(mark); len(asked) > 0 {
		return broken("to read a notification the plugin calls the provider: %s %s", asked[0].method, asked[0].path)
	}
	return keysDiffer(notices)
}

// keysDiffer is broken where two announcements of one attempt have one key and do
// not say the same: the engine would take the second for a repetition.
func keysDiffer(notices []notice) error {
	type said struct {
		outcome sdk.Outcome
		status  string
	}
	known := map[string]said{}
	for _, n := range notices {
		key := n.got.DedupeKey
		if key == "" || n.got.Authenticity == sdk.Forged {
			continue
		}
		says := said{n.got.Result.Outcome, n.got.Result.ProviderStatus}
		if before, ok := known[key]; ok && before != says {
			return broken("%q and %q have the same dedupe key", before.status, says.status)
		}
		known[key] = says
	}
	return nil
}
