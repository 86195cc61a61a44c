package host

import "errors"

// supported returns why plugin processes cannot be kept safely on an operating
// system, as runtime.GOOS names it; nil where they can.
func supported(system string) error {
	if system != "windows" {
		return nil
	}
	return errors.New("plugin processes are not supported on windows, which has neither process groups nor the pipe that ends a plugin " +
		"with its engine: run the engine on Linux or in WSL, or embed it with plugins inside the process")
}
