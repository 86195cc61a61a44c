// Command enovepay is the plugin for EnovePay, formerly WebPayment.
//
// It collects and pays out over mobile money: a collection is a prompt on the
// customer's phone, and only the status call tells what became of it. EnovePay
// documents its answers and webhooks but no path and no request: those are
// assumed here, and can be corrected in the settings. README.md says which.
package main

import "github.com/paymux/paymux/sdk/serve"

func main() { serve.Main(plugin{}) }
