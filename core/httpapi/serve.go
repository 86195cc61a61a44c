package httpapi

import (
	"net/http"
	"time"

	"github.com/hashicorp/go-hclog"
)

const (
	headerTimeout = 5 * time.Second
	idleTimeout   = 2 * time.Minute
	// writeTimeout is above the longest answer: the attempts of one payment (25 s)
	// and a commit. It counts from the end of the headers.
	writeTimeout = 60 * time.Second
	headerMax    = 32 << 10
)

// NewServer returns a server for handler whose headers are bounded in size and
// time and whose connections do not stay for ever. Bodies are bounded by the
// handler itself.
func NewServer(handler http.Handler, logger hclog.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headerTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    headerMax,
		ErrorLog:          logger.StandardLogger(&hclog.StandardLoggerOptions{ForceLevel: hclog.Debug}),
	}
}
