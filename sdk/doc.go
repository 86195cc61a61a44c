// Package sdk is what the author of a payment provider implements.
//
// A Plugin describes itself and opens provider accounts. A Provider is one
// configured account: it says what it can do (Capabilities) and implements the
// interfaces for it, PaymentCreator, StatusQuerier, NotificationHandler and so
// on. The same Plugin value runs in its own process (sdk/serve), inside the
// engine, or inside a test (sdk/plugintest).
//
// Five rules of money hold for every plugin:
//
//  1. What is not certain is OutcomeUnknown, the zero value. A time-out is
//     never a failure.
//  2. The attempt's Ref goes to the provider unchanged, and the request body is
//     a pure function of the request: the same request is the same bytes.
//  3. Amounts are integers of minor units; nothing is rounded.
//  4. The provider's words, codes and amounts are reported verbatim. The engine
//     compares, the plugin never does.
//  5. No secret, card number or full phone number goes into a log or an error.
//
// The package imports the standard library and sdk/money only.
package sdk
