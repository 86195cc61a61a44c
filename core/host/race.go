package host

import "debug/buildinfo"

// raceDetector reports whether a Go binary was built with the race detector, as
// its author's tests may be.
func raceDetector(path string) bool {
	info, err := buildinfo.ReadFile(path)
	if err != nil {
		return false // No Go.
	}
	for _, setting := range info.Settings {
		if setting.Key == "-race" {
			return setting.Value == "true"
		}
	}
	return false
}
