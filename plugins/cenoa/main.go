// Command cenoa is the plugin for "Checkout with Cenoa".
//
// The customer sends money to the merchant's Cenoa account inside the Cenoa app.
// The plugin looks the customer up, says what to send, and lists the transfers
// that came in; the engine matches one of them to the payment. README.md has the
// settings, the mapping in short, what is assumed, and the traps.
package main

import "github.com/paymux/paymux/sdk/serve"

func main() { serve.Main(newPlugin()) }
