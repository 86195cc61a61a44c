// Command cinetpay is the plugin for CinetPay's checkout v2 and transfer v1 APIs.
//
// It takes payments by redirect: init returns the address of CinetPay's page,
// the customer pays there, and only the check call tells what became of it.
// With the transfer password it also pays out to phone numbers: login, contact,
// send, and only check/money tells what became of it.
// README.md has the settings, the mapping in short, and the traps.
package main

import "github.com/paymux/paymux/sdk/serve"

func main() { serve.Main(plugin{}) }
