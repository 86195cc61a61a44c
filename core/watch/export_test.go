package watch

// Hinted takes hints in place of the file system's.
func Hinted(options Options, hints <-chan struct{}) Options {
	options.hints = hints
	return options
}
