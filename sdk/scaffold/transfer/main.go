// Command acme is the plugin for Acme. The engine starts it.
package main

import "github.com/paymux/paymux/sdk/serve"

func main() { serve.Main(plugin{}) }
