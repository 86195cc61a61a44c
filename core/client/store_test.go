package client_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/core/httpapi/httpapitest"
)

func TestTheStoreIsMeasuredAndCopied(t *testing.T) {
	t.Parallel()
	c, ctx := newClient(t, &httpapitest.Engine{}), t.Context()
	stats, err := c.StoreStats(ctx)
	want := api.StoreStats{
		Bytes: 40960, FreeBytes: 8192, NotificationsWaiting: 2, EventsWaiting: 1, Commits: 9, Syncs: 5, Refused: 3,
	}
	if diff := cmp.Diff(want, stats); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	var copied bytes.Buffer
	if n, err := c.Backup(ctx, &copied); err != nil || n != int64(len(httpapitest.Backup)) || copied.String() != httpapitest.Backup {
		t.Errorf("backup: %d bytes %q, %v", n, copied.String(), err)
	}
}

func TestABackupThatIsCutIsAnError(t *testing.T) {
	t.Parallel()
	c := newClient(t, &httpapitest.Engine{BackupCut: true})
	if n, err := c.Backup(t.Context(), io.Discard); err == nil {
		t.Errorf("%d bytes were taken for a backup", n)
	}
}

func TestABackupThatIsRefusedWritesNothing(t *testing.T) {
	t.Parallel()
	html := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, "<html>a portal</html>")
	}
	endless := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/octet-stream")
		_, _ = io.WriteString(w, strings.Repeat("x", 1<<16))
	}
	var copied bytes.Buffer
	for words, handler := range map[string]http.HandlerFunc{"no answer of an engine": html, "does not tell its size": endless} {
		if _, err := clientOf(t, handler).Backup(t.Context(), &copied); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("got %v, want %q", err, words)
		}
	}
	engine := &httpapitest.Engine{Before: func(context.Context) error { return core.ErrStoreUnavailable }}
	if _, err := newClient(t, engine).Backup(t.Context(), &copied); !errors.Is(err, core.ErrStoreUnavailable) {
		t.Errorf("got %v, want store_unavailable", err)
	}
	if copied.Len() > 0 {
		t.Errorf("%d bytes were written", copied.Len())
	}
}
