//go:build unix

package watch_test

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/paymux/paymux/core/watch"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// watched runs a test in virtual time, where nobody hints at changes but hint.
func watched(t *testing.T, test func(file string, hint chan<- struct{}, calls *atomic.Int64)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "routes.yaml")
		write(t, file, "one")
		hints := make(chan struct{})
		var calls atomic.Int64
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() {
			watch.Run(ctx, watch.Hinted(watch.Options{
				Files: func() []string { return []string{file} }, Changed: func(context.Context) { calls.Add(1) },
			}, hints))
		})
		time.Sleep(watch.Every)
		test(file, hints, &calls)
		stop()
		running.Wait()
	})
}

func TestTheFirstContentIsToldAndThenOnlyOthers(t *testing.T) {
	watched(t, func(file string, _ chan<- struct{}, calls *atomic.Int64) {
		time.Sleep(time.Hour)
		if n := calls.Load(); n != 1 {
			t.Errorf("nothing changed, and it was told %d times", n)
		}
		write(t, file, "one")
		time.Sleep(time.Minute)
		if n := calls.Load(); n != 1 {
			t.Errorf("the same was written again, and it was told %d times", n)
		}
		write(t, file, "two")
		time.Sleep(watch.Every + 2*watch.Settled)
		if n := calls.Load(); n != 2 {
			t.Errorf("it changed, and was told %d times without a hint", n)
		}
	})
}

func TestAHintMakesItEarlier(t *testing.T) {
	watched(t, func(file string, hint chan<- struct{}, calls *atomic.Int64) {
		time.Sleep(watch.Every / 4)
		write(t, file, "two")
		hint <- struct{}{}
		time.Sleep(watch.Settled + time.Millisecond)
		if n := calls.Load(); n != 2 {
			t.Errorf("it was told %d times", n)
		}
	})
}

func TestHalfAFileIsNotToldWhileItIsWritten(t *testing.T) {
	watched(t, func(file string, hint chan<- struct{}, calls *atomic.Int64) {
		time.Sleep(watch.Every / 4)
		text := ""
		for range 20 {
			text += "more\n"
			write(t, file, text)
			if text == "more\n" {
				hint <- struct{}{}
			}
			time.Sleep(watch.Settled/2 + time.Millisecond/2) // Never at the instant of a look.
			if n := calls.Load(); n != 1 {
				t.Fatalf("a part of %d bytes was told, %d times in all", len(text), n)
			}
		}
		time.Sleep(watch.Every)
		if n := calls.Load(); n != 2 {
			t.Errorf("the whole was told %d times", n-1)
		}
	})
}

func TestWhatCannotBeReadIsAContentToo(t *testing.T) {
	watched(t, func(file string, _ chan<- struct{}, calls *atomic.Int64) {
		for i, change := range []func() error{
			func() error { return os.Remove(file) },
			func() error { return os.WriteFile(file, nil, 0o600) },
			func() error { return os.Remove(file) },
		} {
			if err := change(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(2 * watch.Every)
			if n := calls.Load(); n != int64(i+2) {
				t.Errorf("after change %d it was told %d times", i+1, n)
			}
		}
		if err := syscall.Mkfifo(file, 0o600); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * watch.Every) // A pipe that was opened would wait for ever.
		if n := calls.Load(); n != 4 {
			t.Errorf("a pipe is another content than no file: %d", n)
		}
	})
}

// The file system's own word, in real time: much earlier than the next look.
func TestTheFileSystemHints(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "config")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "routes.yaml")
	write(t, file, "one")
	told := make(chan struct{}, 16)
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() {
		watch.Run(ctx, watch.Options{
			Files: func() []string { return []string{file} }, Changed: func(context.Context) { told <- struct{}{} },
		})
	})
	defer running.Wait()
	defer stop()
	<-told
	began := time.Now()
	write(t, file+".new", "two")
	if err := os.Rename(file+".new", file); err != nil {
		t.Fatal(err)
	}
	wait(t, told)
	if took := time.Since(began); took > watch.Every {
		t.Errorf("it took %v", took)
	}
	// A folder that is made anew is found by looking, and heard from then on.
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	wait(t, told)
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, file, "three")
	wait(t, told)
	began = time.Now()
	write(t, file, "four")
	wait(t, told)
	t.Logf("in a folder that was made anew it took %v", time.Since(began).Round(time.Millisecond))
}

func wait(t *testing.T, told <-chan struct{}) {
	t.Helper()
	select {
	case <-told:
	case <-time.After(20 * time.Second):
		t.Fatal("it was not told")
	}
}
