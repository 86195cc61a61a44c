package serve

import "os"

// processStdout is the stdout on which the engine awaits the handshake line.
// Anything else on it breaks the handshake, so from the initialisation of this
// package on, which is before main and what main builds, os.Stdout is stderr.
// Main gives it back for the handshake. A process that no engine started is
// left alone.
var processStdout = divertStdout()

func divertStdout() *os.File {
	stdout := os.Stdout
	if startedByEngine() {
		os.Stdout = os.Stderr
	}
	return stdout
}
