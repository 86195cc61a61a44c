package httpx_test

import (
	"context"
	"fmt"
	"net/http"

	"github.com/paymux/paymux/sdk"
	"github.com/paymux/paymux/sdk/httpx"
)

// A call that needs a token was not made where the login before it fails.
func ExampleClient_Ask_login() {
	client, err := httpx.New(httpx.Options{UserAgent: "Paymux-Acme/0.1.0"})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	logIn := func(ctx context.Context) (string, error) {
		said, err := httpx.Read[struct{ Token string }](client.Ask(ctx, httpx.Request{
			Method: http.MethodPost, URL: "http://127.0.0.1:1/login", Body: []byte(`{}`),
		}))
		return said.Token, err
	}
	createPayment := func(ctx context.Context) (sdk.Result, error) {
		token, err := logIn(ctx)
		if err != nil { // An Ask, which never says NotSent by itself.
			return sdk.Result{}, &sdk.Error{
				Kind: sdk.KindUnavailable, Message: "the login failed", Sent: sdk.NotSent, Err: err, Exchanges: sdk.ExchangesOf(err),
			}
		}
		return move(ctx, token)
	}
	_, err = logIn(context.Background())
	fmt.Println("the login:", sdk.CreateOutcome(err))
	_, err = createPayment(context.Background())
	fmt.Println("the payment:", sdk.CreateOutcome(err))
	// Output:
	// the login: UNKNOWN
	// the payment: NOT_SENT
}

// move is the creating call, which this example does not come to.
func move(context.Context, string) (sdk.Result, error) { return sdk.Result{}, nil }
