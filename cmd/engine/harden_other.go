//go:build !linux

package main

import "github.com/hashicorp/go-hclog"

// harden has nothing to do where the system has no such switch.
func harden(hclog.Logger) {}
