// Command acmepay is the plugin for AcmePay. The engine starts it.
package main

import "github.com/paymux/paymux/sdk/serve"

func main() { serve.Main(plugin{}) }
