// Command numipay is the plugin for the Numipay Gateway, API version 1.0.1.
//
// It takes payments by redirect to Numipay's cashier or straight to one of its
// providers, for PCI-certified merchants also by card, and pays out with an
// approval. README.md has the settings, the mapping, what is documented and what
// is only assumed, and the traps.
package main

import "github.com/paymux/paymux/sdk/serve"

func main() { serve.Main(plugin{}) }
