package conformance

import (
	"context"

	"github.com/paymux/paymux/sdk"
)

func refusedIsNotSent() clause {
	return clause{
		name:    "a refused connection is NOT_SENT",
		demands: "A creating call whose connection is refused is NOT_SENT, so that another account may be tried at once.",
		mend:    "Make the creating call with httpx.Move and return its error as it is: it has proved that nothing left. Where a login or a look-up before it fails, it was never made: return an sdk.Error with Sent: sdk.NotSent. In another language, say NOT_SENT only where no connection was ever handed over.",
		check: func(ctx context.Context, b *bench) (string, error) {
			account, err := b.open(ctx, b.proxy.refusing())
			if err != nil {
				return "", err
			}
			return b.each(func(kind sdk.Kind) (string, error) {
				o, err := b.order(ctx, kind, b.usual(kind))
				if err != nil {
					return "", err
				}
				if a := o.send(ctx, account); a.outcome() != sdk.OutcomeNotSent {
					return "", broken("it is %s", a)
				}
				return "NOT_SENT", nil
			})
		},
	}
}
