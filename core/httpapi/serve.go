package httpapi

import (
	"net/http"
	"time"

	"github.com/hashicorp/go-hclog"
)

const (
	headerTimeout = 5 * time.Second
	idleTimeout   = 2 * time.Minute
	// writeTimeout is for an answer that is there at once; it counts from the end of the headers.
	writeTimeout = 60 * time.Second
	// answerTimeout is for one of the API, from its body on. It is above the longest: the
	// attempts of one payment, to which configuration and rules give up to 5 minutes.
	answerTimeout = 6 * time.Minute
	headerMax     = 32 << 10
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
