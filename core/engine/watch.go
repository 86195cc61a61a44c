package engine

import (
	"context"

	"github.com/paymux/paymux/core/watch"
)

// byFile is who makes a generation live that was found in changed files.
const byFile = "file"

// Watch reloads whenever the content of the configuration or of the routing rules
// has changed, until ctx is done. What is refused is said once, and tried again at
// the next change. A configuration that was not read from a file is not watched, and
// neither are rules that were given as text.
func (e *Engine) Watch(ctx context.Context) {
	if len(e.files()) == 0 {
		<-ctx.Done()
		return
	}
	watch.Run(ctx, watch.Options{
		Files: e.files, Logger: e.logger.Named("watch"),
		Changed: func(ctx context.Context) {
			_, _ = e.reload(ctx, trigger{by: byFile}) // It says everything in the log.
		},
	})
}

// files are the files to watch.
func (e *Engine) files() []string {
	cfg := e.live.Load().config
	var names []string
	if cfg.FromFile() {
		names = append(names, cfg.File())
	}
	if e.options.Rules == nil {
		names = append(names, cfg.Routing.File)
	}
	return names
}
