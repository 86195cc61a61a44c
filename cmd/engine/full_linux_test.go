package main

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/paymux/paymux/core"
	"github.com/paymux/paymux/core/api"
	"github.com/paymux/paymux/core/client"
)

// ballast is as much as the disk holds besides the store.
const ballast = "ballast"

// smallDisk gives the shop's store a file system of its own.
func (s *shop) smallDisk() (folder string) {
	s.t.Helper()
	folder = filepath.Dir(s.setup.Store())
	if err := os.MkdirAll(folder, 0o700); err != nil {
		s.t.Fatal(err)
	}
	if err := unix.Mount("tmpfs", folder, "tmpfs", 0, "size=256m"); err != nil {
		if os.Getenv("PAYMUX_REQUIRE_ALL") == "1" {
			s.t.Fatal("mount a tmpfs:", err)
		}
		s.t.Skip("mount a tmpfs:", err)
	}
	s.t.Cleanup(func() {
		// The engine was ended before: its cleanup is the younger one.
		if err := unix.Unmount(folder, unix.MNT_DETACH); err != nil {
			s.t.Error(err)
		}
	})
	return folder
}

// fill takes all room on the disk that is left.
func fill(t *testing.T, folder string) {
	t.Helper()
	file, err := os.Create(filepath.Join(folder, ballast))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	for some := make([]byte, 1<<20); ; {
		n, err := file.Write(some)
		if errors.Is(err, unix.ENOSPC) && n < 4096 {
			return
		}
		if err != nil && !errors.Is(err, unix.ENOSPC) {
			t.Fatal(err)
		}
	}
}

// A full disk refuses payments before they are accepted, reads go on, and the same
// keys work when there is room again.
func TestAFullDiskRefusesBeforeItAccepts(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.write()
	folder := s.smallDisk()
	s.open()
	accepted := map[string]api.Transaction{}
	for n := range 20 {
		name := "before-" + strconv.Itoa(n)
		accepted[name] = s.pay(name)
	}
	fill(t, folder)
	refused := s.payUntilRefused(accepted)
	for name, tx := range accepted {
		if _, err := s.client.Transaction(t.Context(), tx.ID); err != nil {
			t.Errorf("%s cannot be read while the disk is full: %v", name, err)
		}
	}
	asked := len(s.first.State().Payments)
	if asked != len(accepted) {
		t.Errorf("%d payments at the provider, %d were accepted", asked, len(accepted))
	}
	if err := os.Remove(filepath.Join(folder, ballast)); err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	s.until("the same key is accepted", func(ctx context.Context) (bool, error) {
		answer, err := s.client.Pay(ctx, "key-"+refused, order(refused))
		if errors.Is(err, core.ErrStoreUnavailable) {
			return false, nil
		}
		accepted[refused] = answer.Transaction
		return err == nil, err
	})
	back := time.Since(begun).Round(100 * time.Millisecond)
	lost := 0
	for name, tx := range accepted {
		if again, err := s.client.Pay(t.Context(), "key-"+name, order(name)); err != nil || again.Transaction.ID != tx.ID || !again.Replayed {
			t.Errorf("%s: %s, %v, want %s again", name, again.Transaction.ID, err, tx.ID)
			lost++
		}
	}
	control := acceptedByAnObligingEngine(t)
	if control == 0 {
		t.Error("an engine that acknowledges what there was no room to write is not noticed")
	}
	t.Logf("chaos 5: full disk under a running engine: 503 store_unavailable with Retry-After before acceptance, reads went on, "+
		"the refused key was accepted %s after there was room, %d accepted, %d lost; control that acknowledges what there is no room to write: %d of %d lost",
		back, len(accepted), lost, control, obligedMost)
}

// obligedMost payments are accepted by the control while it has no room.
const obligedMost = 5

// acceptedByAnObligingEngine returns how many of obligedMost payments that were
// accepted on a full disk are not there, or not at the provider.
func acceptedByAnObligingEngine(t *testing.T) int {
	t.Helper()
	s := newShop(t)
	s.write()
	folder := s.smallDisk()
	s.openBroken(obliging)
	s.pay("before")
	fill(t, folder)
	s.until("there is no room", func(ctx context.Context) (bool, error) {
		stats, err := s.client.StoreStats(ctx)
		if err == nil && stats.ReadOnly == "" {
			_, _ = s.client.Pay(ctx, rand.Text(), order(rand.Text())) // Until one does not fit.
		}
		return stats.ReadOnly != "", err
	})
	lost := 0
	for n := range obligedMost {
		name := "obliged-" + strconv.Itoa(n)
		answer, err := s.client.Pay(t.Context(), "key-"+name, order(name))
		if err == nil {
			_, err = s.client.Transaction(t.Context(), answer.Transaction.ID)
		}
		if err != nil && !errors.Is(err, core.ErrStoreUnavailable) {
			lost++
		}
	}
	return lost
}

// payUntilRefused pays until a payment is refused, whose name it returns.
func (s *shop) payUntilRefused(accepted map[string]api.Transaction) string {
	s.t.Helper()
	const most = 2000
	for n := range most {
		name := "order-" + strconv.Itoa(n)
		answer, err := s.client.Pay(s.t.Context(), "key-"+name, order(name))
		if err == nil {
			accepted[name] = answer.Transaction
			continue
		}
		var problem *client.Problem
		if !errors.As(err, &problem) || !errors.Is(err, core.ErrStoreUnavailable) || problem.Status != http.StatusServiceUnavailable || problem.RetryAfter < time.Second {
			s.t.Fatalf("%s: %v (%+v), want 503 store_unavailable with Retry-After", name, err, problem)
		}
		return name
	}
	s.t.Fatalf("%d payments were accepted on a full disk", most)
	return ""
}
