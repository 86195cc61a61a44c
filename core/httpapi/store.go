package httpapi

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/paymux/paymux/core/api"
)

const (
	// octetStream is the content type of a backup.
	octetStream = "application/octet-stream"
	// backupStep is how much of a backup is sent at a time, and backupStepTimeout how
	// long the client may take for it: a large store needs longer than any other answer.
	backupStep        = 1 << 20
	backupStepTimeout = 30 * time.Second
)

type storeStatsOutput struct{ Body api.StoreStats }

func (s *server) addStore() {
	handle(s, operation{
		id: "storeStats", method: http.MethodGet, path: "/v1/store/stats",
		summary: "Sizes and counts of the store",
		scopes:  []Scope{ScopeOperator}, refused: []int{http.StatusConflict, http.StatusServiceUnavailable},
	}, s.storeStats)
	backup := operation{
		id: "backupStore", method: http.MethodGet, path: "/v1/store/backup",
		summary: "A checked copy of the store, as it is at one instant",
		text: "It holds everything, names and phones too, and is made while work goes on: one at a time, with as much room on the " +
			"server's disk as the store takes. It is whole if as many bytes arrive as Content-Length says; check it with `engine store " +
			"check`. That it was made is kept in the audit.",
		scopes: []Scope{ScopeOperator}, refused: []int{http.StatusConflict, http.StatusServiceUnavailable},
	}
	handle(s, backup, s.backup)
	answer := s.api.OpenAPI().Paths[backup.path].Get.Responses["200"]
	answer.Description = "The store's file"
	answer.Content = map[string]*huma.MediaType{octetStream: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}
}

func (s *server) storeStats(ctx context.Context, _ *struct{}) (*storeStatsOutput, error) {
	stats, err := s.Store.StoreStats(ctx, callerOf(ctx))
	if err != nil {
		return nil, err
	}
	return &storeStatsOutput{Body: api.StoreStatsOf(stats)}, nil
}

func (s *server) backup(ctx context.Context, _ *struct{}) (*huma.StreamResponse, error) {
	made, size, err := s.Store.Backup(ctx, callerOf(ctx))
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(out huma.Context) {
		defer func() { _ = made.Close() }() // It was only read.
		_, w := humago.Unwrap(out)
		w.Header().Set("Content-Type", octetStream)
		w.Header().Set("Content-Disposition", `attachment; filename="paymux-backup.db"`)
		w.Header().Set("Content-Length", strconv.FormatInt(size, 10))
		if err := send(w, made, size); err != nil {
			// What was sent is no backup: the client must not take it for one.
			s.Logger.Warn("backup not sent to its end", "id", callOf(ctx).id, "error", err)
			panic(http.ErrAbortHandler)
		}
	}}, nil
}

// send copies a step at a time, each with its own time to arrive. It returns an
// error unless all of size was sent.
func send(w http.ResponseWriter, from io.Reader, size int64) error {
	controller := http.NewResponseController(w)
	for left := size; left > 0; {
		// A writer that is no connection, as in a test, has no deadlines: nothing to bound.
		_ = controller.SetWriteDeadline(time.Now().Add(backupStepTimeout))
		n, err := io.CopyN(w, from, min(left, backupStep))
		if err != nil {
			return fmt.Errorf("%d bytes are left: %w", left-n, err)
		}
		left -= n
	}
	return nil
}
